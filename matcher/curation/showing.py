"""How a review of concepts looks on a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.box import HORIZONTALS
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from matcher.curation.cells import MAIN_FROM
from matcher.curation.review import Doubtful, Fired, Review
from matcher.taxonomy import Taxonomy

READ_AS = {"person": "Read as a person's words", "provider": "Read as a service's description"}
MOST_CONCEPTS = 5
LONGEST_ID = 36
"""A UUID in one line, so that it can be copied."""


def print_review(found: Review, taxonomy: Taxonomy, console: Console | None = None) -> None:
    """What fired in a text, a table a voice, and what was mended."""
    console = console or Console()
    for before, after in found.mended:
        console.print(f"Read as written otherwise: {escape(before)} → {escape(after)}", highlight=False)
    for voice, title in READ_AS.items():
        fired = [item for item in found.fired if item.voice == voice]
        if fired:
            console.print(_fired_table(title, fired, taxonomy))
        else:
            console.print(f"{title}: no phrase of the taxonomy fires")


def _fired_table(title: str, fired: Sequence[Fired], taxonomy: Taxonomy) -> Table:
    table = Table(title=title, title_justify="left", box=HORIZONTALS)
    for heading in ("Words", "Phrase", "Concept", "Strength", "Meant", "Counts"):
        table.add_column(heading, justify="right" if heading in ("Strength", "Counts") else "left", overflow="fold")
    for item in fired:
        concept = f"{taxonomy.by_id[item.concept].pref_label} ({item.concept})"
        counts = f"{item.weight:.2f}" if item.weight else "too weak" if item.meant == "wanted" else "no"
        cells = (item.words, item.label, concept, f"{item.strength:.2f}", item.meant, counts)
        table.add_row(*map(escape, cells))
    return table


def print_doubtful(services: Sequence[Doubtful], taxonomy: Taxonomy, top: int, console: Console | None = None) -> None:
    """How many services are known poorly, and the most doubtful ones with what we take them for."""
    console = console or Console()
    nothing = sum(not service.concepts for service in services)
    weak = sum(service.main == 0 for service in services)
    console.print(
        f"{len(services)} open services: {nothing} without any concept, {weak} without a main one "
        f"(strength {MAIN_FROM:g} or more)",
        highlight=False,
    )
    table = Table(box=HORIZONTALS)
    table.add_column("Doubt")
    table.add_column("Service", min_width=LONGEST_ID, overflow="fold")
    table.add_column("Taken for")
    for service in services[:top]:
        concepts = list(service.concepts.items())[:MOST_CONCEPTS]
        taken = "; ".join(f"{taxonomy.by_id[concept].pref_label} {value:.2f}" for concept, value in concepts)
        name = f"{escape(service.name)}\n[dim]{escape(service.service_id)}[/dim]"
        table.add_row(f"{service.doubt:.2f}", name, escape(taken or "nothing"))
    console.print(table)
