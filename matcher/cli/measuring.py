"""Match quality: measuring it, fitting the weights to judgements, and making judgements."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from matcher.cli.common import AsOfOption, CatalogueOption, EncoderOption, day_of, one_line_errors


@contextmanager
def shown_progress() -> Iterator[Callable[[str, int, int], None]]:
    """A bar on a terminal, and what to tell: the run's name, how many are done, how many there are."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("reading", total=None)
        yield lambda name, done, total: bar.update(task, description=name, completed=done, total=total)


def evaluate(
    catalogue: CatalogueOption = None,
    consultations: Annotated[
        Path | None, typer.Option(help="The caseload to answer. Default: consultations.jsonl beside the catalogue.")
    ] = None,
    judgements: Annotated[
        Path | None, typer.Option(help="Judgements (CSV), facets.csv beside them. Default: beside the consultations.")
    ] = None,
    settings: Annotated[
        list[Path] | None, typer.Option("--settings", help="A settings file to compare; may be repeated.")
    ] = None,
    baselines: Annotated[bool, typer.Option("--baselines", help="Also run what a matcher has to beat.")] = False,
    without: Annotated[
        list[str] | None,
        typer.Option(
            help="Leave out a scorer, a rule or a part of the ranking; may be repeated; 'each': one after another."
        ),
    ] = None,
    decisions: Annotated[
        Path | None, typer.Option("--decisions", help="Also run with what curators confirmed (.csv).")
    ] = None,
    report: Annotated[Path | None, typer.Option(help="A folder for report.html, report.json and TREC files.")] = None,
    as_of: AsOfOption = None,
    semantic: EncoderOption = True,
) -> None:
    """Measure match quality against judgements, with intervals, for whom it is worse, and whether a change is real."""
    from matcher.evaluation.report import write_report
    from matcher.evaluation.table import print_scorecard
    from matcher.experiments import Inputs
    from matcher.experiments import evaluate as run

    with one_line_errors():
        with shown_progress() as progress:
            scorecard = run(
                Inputs(tuple(catalogue or ()), consultations, judgements),
                as_of=day_of(as_of, catalogue),
                settings=settings or (),
                with_baselines=baselines,
                without=without or (),
                decisions=decisions,
                semantic=semantic,
                progress=progress,
            )
        print_scorecard(scorecard)
        if report:
            typer.echo(f"report: {write_report(scorecard, report)}")


def quality(
    folder: Annotated[Path, typer.Argument(help="A folder for quality.html and report.json.")],
    semantic: EncoderOption = True,
) -> None:
    """Both towns side by side against the targets, what each part of the engine is worth, and the worst answers."""
    from matcher.evaluation.quality import write_quality
    from matcher.experiments import MEANINGS, both_towns, measure_places

    with one_line_errors():
        with shown_progress() as progress:
            measured = measure_places(both_towns(), semantic=semantic, progress=progress)
        typer.echo(f"quality: {write_quality(measured, MEANINGS, folder)}")


def tune(
    output: Annotated[
        Path, typer.Option("--output", help="A folder for settings.toml, weights.csv, trials.ndjson and tuning.json.")
    ],
    catalogue: CatalogueOption = None,
    consultations: Annotated[
        Path | None, typer.Option(help="The caseload to learn from. Default: consultations.jsonl beside the catalogue.")
    ] = None,
    judgements: Annotated[
        Path | None, typer.Option(help="Judgements (CSV). Default: beside the consultations.")
    ] = None,
    settings: Annotated[
        Path | None, typer.Option("--settings", help="Settings to start from. Default: the shipped ones.")
    ] = None,
    hold_out: Annotated[int, typer.Option(min=0, help="Set so many consultations aside for a last comparison.")] = 0,
    seed: Annotated[int, typer.Option(min=0, help="Of the folds and of who is set aside.")] = 20261101,
    as_of: AsOfOption = None,
    semantic: EncoderOption = True,
) -> None:
    """Fit fusion and tag weights to judgements; keeps the defaults unless the gain is shown on unseen consultations."""
    from matcher.experiments import Inputs
    from matcher.settings import Settings, read_settings
    from matcher.tuning import summary, tune_files, write_tuning

    with one_line_errors():
        with shown_progress() as progress:
            tuning, taxonomy = tune_files(
                Inputs(tuple(catalogue or ()), consultations, judgements),
                as_of=day_of(as_of, catalogue),
                start=read_settings(settings) if settings else Settings(),
                hold_out=hold_out,
                seed=seed,
                semantic=semantic,
                progress=progress,
            )
        path = write_tuning(tuning, output, taxonomy)
        typer.echo("\n".join([*summary(tuning), f"settings: {path}"]))


judge = typer.Typer(
    help="Make blind worksheets for judges, and merge what they graded.", no_args_is_help=True, rich_markup_mode=None
)


@judge.command("make")
def judge_make(
    runs: Annotated[list[Path], typer.Argument(help="Runs to pool: outputs of rescore, or .run files of a report.")],
    output: Annotated[Path, typer.Option("--output", help="The worksheet to write (.csv).")],
    catalogue: CatalogueOption = None,
    consultations: Annotated[
        Path | None, typer.Option(help="The consultations to judge. Default: consultations.jsonl beside the catalogue.")
    ] = None,
    depth: Annotated[int, typer.Option(min=1, max=100, help="How much of each list to pool.")] = 10,
    seed: Annotated[int, typer.Option(min=0, help="Of the shuffle.")] = 1,
    with_words: Annotated[
        bool, typer.Option("--with-words", help="Put the consultations' own words into the worksheet.")
    ] = False,
) -> None:
    """Make a pooled, shuffled, blind worksheet from several runs."""
    from matcher.experiments import Inputs, make_worksheet

    with one_line_errors():
        inputs = Inputs(tuple(catalogue or ()), consultations)
        rows = make_worksheet(runs, inputs, output, depth=depth, seed=seed, with_words=with_words)
        typer.echo(
            f"{rows} services to grade (0 to 3; a reason under barred if it must not be suggested): {output.name}"
        )


@judge.command("merge")
def judge_merge(
    worksheets: Annotated[list[Path], typer.Argument(help="One filled-in worksheet a judge (.csv).")],
    output: Annotated[Path, typer.Option("--output", help="The judgements to write (.csv).")],
) -> None:
    """Merge judges' worksheets into one judgements file, with their agreement (weighted kappa)."""
    from matcher.evaluation.table import print_agreement
    from matcher.experiments import merge_judges

    with one_line_errors():
        print_agreement(merge_judges(worksheets, output))
