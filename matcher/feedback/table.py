"""How a kept answer looks on a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from matcher.feedback.records import Answer, KeptOutcome, ShownService


def print_answer(answer: Answer, outcomes: Sequence[KeptOutcome], console: Console | None = None) -> None:
    """What was shown, with the parts of each score, and what came of it."""
    console = console or Console()
    console.print(f"{escape(answer.response_id)} as of {answer.as_of}")
    console.print(f"[dim]{escape(str(answer.stamp))}[/dim]")
    wants = ", ".join(f"{want.concept} {want.weight:.2f}" for want in answer.wants)
    console.print(f"Asked for: {escape(wants or 'nothing that was understood')}")
    table = Table(show_lines=True, pad_edge=False)
    table.add_column("", justify="right", no_wrap=True)
    for name in ("Service", "Score", "Why", "Came of it"):
        table.add_column(name)
    for service in answer.shown:
        table.add_row(str(service.rank), *_cells(service, outcomes))
    if answer.shown:
        console.print(table)
    else:
        console.print("Nothing was shown.")
    for outcome in (o for o in outcomes if o.rank is None):
        console.print(f"From outside the list: {escape(outcome.service_id)} {_came_of_it(outcome)}")


def _cells(service: ShownService, outcomes: Sequence[KeptOutcome]) -> tuple[str, str, str, str]:
    parts = [f"{escape(part.text)} [dim]({part.weight:+.2f})[/dim]" for part in service.parts]
    found = [_came_of_it(outcome) for outcome in outcomes if outcome.service_id == service.service_id]
    return escape(service.service_id), f"{service.score:.3f}", "\n".join(parts), "\n".join(found)


def _came_of_it(outcome: KeptOutcome) -> str:
    reason = f" ({outcome.reason.value.replace('_', ' ')})" if outcome.reason else ""
    return f"{outcome.recorded_at:%Y-%m-%d} {outcome.status.value.replace('_', ' ')}{reason}"
