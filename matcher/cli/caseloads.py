"""A whole caseload at once."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from matcher.cli.common import (
    AsOfOption,
    CatalogueOption,
    DecisionsOption,
    EncoderOption,
    SettingsOption,
    TopOption,
    day_of,
    engine_of,
    one_line_errors,
)

if TYPE_CHECKING:
    from matcher.batch import Totals
    from matcher.engine import Engine


def rescore(
    caseload: Annotated[Path, typer.Argument(help="Consultations: .jsonl, .csv or .parquet.")],
    output: Annotated[Path, typer.Option("--output", help="Where to write: .jsonl, .csv or .parquet.")],
    catalogue: CatalogueOption = None,
    settings: SettingsOption = None,
    decisions: DecisionsOption = None,
    top: TopOption = 10,
    as_of: AsOfOption = None,
    previous: Annotated[
        Path | None, typer.Option(help="The OUTPUT of an earlier run: also report what changed since.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a run that was stopped.")] = False,
    reports: Annotated[bool, typer.Option("--reports/--no-reports", help="Unmet needs and exposure.")] = True,
    spread: Annotated[
        int | None,
        typer.Option(min=1, help="Put no service first for more people than this, where another fits about as well."),
    ] = None,
    workers: Annotated[int | None, typer.Option(min=1, max=256, help="Processes. Default: one a core.")] = None,
    on: Annotated[str, typer.Option("--on", help="local or spark.")] = "local",
    master: Annotated[str | None, typer.Option(help="Spark's address. Default: this computer.")] = None,
    semantic: EncoderOption = True,
) -> None:
    """Suggest services for a whole caseload; one row a suggestion, one a consultation, and the rejects."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    from matcher.batch import rescore as run

    if on not in ("local", "spark"):
        raise typer.BadParameter("must be local or spark", param_hint="--on")
    if on == "spark" and (previous or resume or spread or workers):
        raise typer.BadParameter("goes without --previous, --resume, --spread and --workers", param_hint="--on spark")
    with one_line_errors():
        engine = engine_of(catalogue, settings, semantic, decisions)
        if on == "spark":
            _print_totals(_rescore_on_spark(engine, caseload, output, day_of(as_of, catalogue), top, master))
            return
        columns = (MofNCompleteColumn(), BarColumn(), TimeRemainingColumn())
        # No thread of its own: the worker processes are forked while the bar is shown.
        with Progress(*columns, auto_refresh=False, transient=True, disable=not sys.stderr.isatty()) as bar:
            task = bar.add_task("rescore", total=None)
            totals = run(
                engine,
                caseload,
                output,
                as_of=day_of(as_of, catalogue),
                top=top,
                previous=previous,
                resume=resume,
                reports=reports,
                spread=spread,
                workers=workers,
                progress=lambda done, total: bar.update(task, completed=done, total=max(done, total), refresh=True),
            )
        _print_totals(totals)


def _rescore_on_spark(
    engine: Engine, caseload: Path, output: Path, as_of: date, top: int, master: str | None
) -> Totals:
    from matcher.batch.spark import rescore_on_spark, start_session

    spark = start_session(master)
    try:
        return rescore_on_spark(spark, engine, caseload, output, as_of=as_of, top=top)
    finally:
        spark.stop()


def _print_totals(totals: Totals) -> None:
    """What was written, and the counts in the last line; exit code 1 where a record could not be read."""
    typer.echo(f"written: {', '.join(path.name for path in totals.files)}")
    typer.echo(
        f"{totals.answered} consultations answered, {totals.suggestions} suggestions, "
        f"{totals.nothing_fits} with nothing that fits, {totals.rejected} rejected"
    )
    if totals.rejected:
        raise typer.Exit(1)
