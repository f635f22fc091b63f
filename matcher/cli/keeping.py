"""What was shown and what came of it: export, erase, expire, back up, replay."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from matcher.cli.common import (
    CatalogueOption,
    EncoderOption,
    SettingsOption,
    consultation_of,
    date_of,
    engine_of,
    one_line_errors,
)

StoreOption = Annotated[
    str | None,
    typer.Option("--store", envvar="MATCHER_STORE", help="Address of the store. Default: a file in your state folder."),
]
outcomes = typer.Typer(
    help="What was shown and what came of it: export, erase, expire, back up.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@outcomes.command("export")
def outcomes_export(
    output: Annotated[Path, typer.Option("--output", help="The file to write: .jsonl, .csv or .parquet.")],
    form: Annotated[
        str, typer.Option("--as", help="outcomes (all), run (the lists) or judgements (outcomes as grades).")
    ] = "outcomes",
    since: Annotated[str | None, typer.Option(help="Only answers from this day on, YYYY-MM-DD.")] = None,
    store: StoreOption = None,
) -> None:
    """Write lists and outcomes as a table; `matcher evaluate` and `matcher tune` read its run and judgements."""
    from matcher import feedback
    from matcher.batch import write_table
    from matcher.caseload import check_ending

    if form not in ("outcomes", "run", "judgements"):
        raise typer.BadParameter("must be outcomes, run or judgements", param_hint="--as")
    with one_line_errors():
        check_ending(output)
        frame = feedback.export_frame(feedback.open_store(store), since=date_of(since))
        if form != "outcomes":
            frame = feedback.as_run(frame) if form == "run" else feedback.as_judgements(frame)
        schema = feedback.JUDGEMENT_SCHEMA if form == "judgements" else feedback.EXPORT_SCHEMA
        write_table(feedback.plain_rows(frame), schema, output)
        typer.echo(f"{len(frame)} rows written to {output.name}")


@outcomes.command("erase")
def outcomes_erase(store: StoreOption = None) -> None:
    """Remove everything about people; their pseudonyms come from a pipe (one a line) or a prompt."""
    from matcher import feedback

    with one_line_errors():
        typed = typer.prompt("Pseudonym (person_ref)") if sys.stdin.isatty() else sys.stdin.read()
        opened = feedback.open_store(store)
        for person_ref in filter(None, map(str.strip, typed.splitlines())):
            gone = feedback.erase_person(opened, person_ref)
            typer.echo(f"{gone.answers} answers and {gone.outcomes} outcomes erased")


@outcomes.command("expire")
def outcomes_expire(
    days: Annotated[int, typer.Option("--days", min=1, help="How long answers and outcomes are kept.")],
    store: StoreOption = None,
) -> None:
    """Remove answers to which nothing has happened for so many days."""
    from datetime import UTC, datetime, timedelta

    from matcher import feedback

    with one_line_errors():
        day = (datetime.now(UTC) - timedelta(days=days)).date()
        gone = feedback.expire_before(feedback.open_store(store), day)
        typer.echo(f"{gone.answers} answers and {gone.outcomes} outcomes from before {day} removed")


@outcomes.command("backup")
def outcomes_backup(
    output: Annotated[Path, typer.Option("--output", help="The file to write; it must not exist yet.")],
    store: StoreOption = None,
) -> None:
    """Copy the store while it is in use."""
    from matcher import feedback

    with one_line_errors():
        typer.echo(f"written to {feedback.backup(feedback.open_store(store), output).name}")


def replay(
    response_id: Annotated[str, typer.Argument(help="The answer's response_id.")],
    consultation: Annotated[
        str | None, typer.Option(help="The consultation as it was sent, to recompute the answer; - for standard input.")
    ] = None,
    catalogue: CatalogueOption = None,
    settings: SettingsOption = None,
    semantic: EncoderOption = True,
    store: StoreOption = None,
) -> None:
    """Show what was shown and what came of it; with the consultation, whether it still comes out the same."""
    from matcher.feedback import open_store
    from matcher.feedback.table import print_answer

    with one_line_errors():
        opened = open_store(store)
        answer = opened.answer(response_id)
        print_answer(answer, opened.outcomes_of(response_id))
        if consultation is None:
            return
        from matcher.replay import recompute

        found = recompute(opened, answer, consultation_of(consultation, {}), engine_of(catalogue, settings, semantic))
        typer.echo("\n".join(found) or "recomputed: the same")
        if found:
            raise typer.Exit(1)
