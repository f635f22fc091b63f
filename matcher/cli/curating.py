"""Better tags: what fired in a text and why, and what a service is, confirmed by somebody who knows it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from matcher.cli.common import DecisionsOption, SettingsOption, consultation_of, one_line_errors

if TYPE_CHECKING:
    from matcher.settings import Settings
    from matcher.taxonomy import Taxonomy


def concepts(
    text: Annotated[
        str | None,
        typer.Argument(help="A file with a note, a description or a consultation (JSON); - for standard input."),
    ] = None,
    catalogue: Annotated[
        list[Path] | None,
        typer.Option("--catalogue", help="Instead: list this directory's services with no or doubtful concepts."),
    ] = None,
    settings: SettingsOption = None,
    decisions: DecisionsOption = None,
    top: Annotated[int, typer.Option(min=1, help="How many services of a directory to list.")] = 30,
) -> None:
    """List which phrases of the taxonomy fire in a text and why, or which services have doubtful concepts.

    The text comes from a file, a pipe or a prompt, never from an option, so that it does not land in a shell's history.
    """
    from matcher.catalogue import read_catalogue
    from matcher.curation import decided_rows, doubtful_services, print_doubtful, print_review, review

    if catalogue and text:
        raise typer.BadParameter("takes the place of a text; give one of the two", param_hint="--catalogue")
    with one_line_errors():
        chosen, taxonomy = _known(settings)
        if not catalogue:
            record = consultation_of(text, {})
            print_review(review(record, taxonomy, chosen.understanding, chosen.offers), taxonomy)
            return
        directory = read_catalogue(*catalogue)
        decided = decided_rows(decisions, directory, taxonomy) if decisions else None
        print_doubtful(doubtful_services(directory, taxonomy, chosen.offers, decided), taxonomy, top)


def curate(
    catalogue: Annotated[list[Path] | None, typer.Argument(help="A directory of services.")] = None,
    output: Annotated[Path | None, typer.Option("--output", help="The worksheet to write (.csv).")] = None,
    merge: Annotated[
        Path | None, typer.Option("--merge", help="Instead: a worksheet whose confirmed rows to keep in --decisions.")
    ] = None,
    decisions: DecisionsOption = None,
    consultations: Annotated[
        Path | None, typer.Option(help="A caseload, to put first what is asked for. Default: every need alike.")
    ] = None,
    top: Annotated[int | None, typer.Option(min=1, help="Only the most useful rows.")] = None,
    settings: SettingsOption = None,
) -> None:
    """Write a worksheet of what each service is taken for, most useful to confirm first; keep what was confirmed."""
    if bool(merge) == bool(catalogue):
        raise typer.BadParameter("name a directory (with --output), or --merge a worksheet (with --decisions)")
    if merge:
        _merge(merge, decisions, settings)
    else:
        _propose(catalogue or [], output, decisions, consultations, top, settings)


def _merge(worksheet: Path, decisions: Path | None, settings: Path | None) -> None:
    from matcher.curation import merge_worksheet

    if not decisions:
        raise typer.BadParameter("name the file to keep decisions in", param_hint="--decisions")
    with one_line_errors():
        came, held = merge_worksheet(worksheet, decisions, _known(settings)[1])
        typer.echo(f"{came} services confirmed; {decisions.name} holds {held} decisions")


def _propose(
    catalogue: list[Path],
    output: Path | None,
    decisions: Path | None,
    consultations: Path | None,
    top: int | None,
    settings: Path | None,
) -> None:
    from matcher.catalogue import read_catalogue
    from matcher.curation import demand_of, match_decisions, proposals, read_decisions, write_worksheet
    from matcher.experiments import read_consultations

    if not output or output.suffix.casefold() != ".csv":
        raise typer.BadParameter("name the worksheet to write, ending in .csv", param_hint="--output")
    with one_line_errors():
        chosen, taxonomy = _known(settings)
        directory = read_catalogue(*catalogue)
        kept = read_decisions(decisions, taxonomy) if decisions else []
        matched = match_decisions(kept, directory)
        demand = demand_of(taxonomy, read_consultations(consultations) if consultations else None)
        found = proposals(directory, taxonomy, chosen.offers, demand, matched)[:top]
        rows = write_worksheet(found, directory, taxonomy, output)
        typer.echo(f"{rows} services to confirm, most useful first: {output.name}")
        if kept:
            typer.echo(
                f"of {len(kept)} decisions {len(matched.by_row)} hold, {len(matched.outdated)} were made on an older "
                f"text, {len(matched.elsewhere)} are about services that are not in this directory"
            )


def _known(settings: Path | None) -> tuple[Settings, Taxonomy]:
    from matcher.settings import Settings, read_settings
    from matcher.taxonomy import packaged_taxonomy

    chosen = read_settings(settings) if settings else Settings()
    return chosen, chosen.applied_to(packaged_taxonomy())
