"""The commands. No logic: each reads its arguments, calls the library and prints."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from matcher.domain import MatcherError

if TYPE_CHECKING:
    from matcher.domain import Consultation
    from matcher.engine import Engine

app = typer.Typer(
    help="Maps what matters to a person to ranked, explained community services.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

CatalogueOption = Annotated[
    list[Path] | None,
    typer.Option("--catalogue", help="A directory of services; may be repeated. Default: the sample town."),
]
SettingsOption = Annotated[Path | None, typer.Option("--settings", help="A TOML settings file.")]
TopOption = Annotated[int, typer.Option("--top", min=1, max=200, help="How many suggestions at most.")]
AsOfOption = Annotated[str | None, typer.Option("--as-of", help="The day to answer for, YYYY-MM-DD. Default: today.")]
EncoderOption = Annotated[bool, typer.Option("--semantic/--no-semantic", help="Use the sentence encoder if installed.")]


@contextmanager
def _one_line_errors() -> Iterator[None]:
    """Turns a fault that the user can mend into one line and exit code 1."""
    try:
        yield
    except MatcherError as error:
        typer.echo(f"matcher: {error}", err=True)
        raise typer.Exit(1) from None
    except BrokenPipeError:
        raise typer.Exit(0) from None
    except OSError as error:
        typer.echo(f"matcher: {Path(error.filename or '').name}: {error.strerror or type(error).__name__}", err=True)
        raise typer.Exit(1) from None


@app.command()
def suggest(
    consultation: Annotated[
        str | None, typer.Argument(help="A file with a consultation (JSON) or a note (text); - for standard input.")
    ] = None,
    need: Annotated[
        list[str] | None, typer.Option(help="A need in your words; may be repeated. 'debts:3' = first of all.")
    ] = None,
    interest: Annotated[list[str] | None, typer.Option(help="An interest; may be repeated.")] = None,
    avoid: Annotated[list[str] | None, typer.Option(help="Something to avoid; may be repeated.")] = None,
    age: Annotated[float | None, typer.Option(min=0, max=130)] = None,
    gender: Annotated[str | None, typer.Option()] = None,
    postcode: Annotated[str | None, typer.Option()] = None,
    max_distance_km: Annotated[float | None, typer.Option(min=0)] = None,
    max_cost: Annotated[float | None, typer.Option(min=0, help="GBP a session; 0 = must be free.")] = None,
    language: Annotated[list[str] | None, typer.Option(help="A language the person speaks; may be repeated.")] = None,
    mode: Annotated[
        list[str] | None, typer.Option(help="in_person, online, phone or home_visit; may be repeated.")
    ] = None,
    catalogue: CatalogueOption = None,
    settings: SettingsOption = None,
    top: TopOption = 10,
    as_of: AsOfOption = None,
    format: Annotated[str, typer.Option("--format", help="table or json")] = "table",
    semantic: EncoderOption = True,
) -> None:
    """Suggest services for one consultation.

    The note comes from a file, a pipe or a prompt, never from an option, so that it does not land in a shell's history.
    """
    from matcher import presentation

    if format not in ("table", "json"):
        raise typer.BadParameter("must be table or json", param_hint="--format")
    options = {
        "needs": [_need(text) for text in need or ()],
        "interests": interest,
        "avoid": avoid,
        "age": age,
        "gender": gender,
        "postcode": postcode,
        "max_distance_km": max_distance_km,
        "max_cost": max_cost,
        "languages": language,
        "modes": mode,
    }
    with _one_line_errors():
        record = _read_consultation(consultation, {key: value for key, value in options.items() if value})
        engine = _engine(catalogue, settings, semantic)
        recommendation = engine.suggest(record, as_of=_day(as_of, catalogue), top=top)
        if format == "json":
            typer.echo(json.dumps(presentation.as_json(recommendation), ensure_ascii=False, indent=2))
        else:
            presentation.print_table(recommendation)


@app.command()
def why(
    consultation: Annotated[str, typer.Argument(help="A file with a consultation; - for standard input.")],
    service_id: Annotated[str, typer.Argument(help="The service's id in the catalogue.")],
    catalogue: CatalogueOption = None,
    settings: SettingsOption = None,
    as_of: AsOfOption = None,
    semantic: EncoderOption = True,
) -> None:
    """Say why a service is, or is not, suggested for a consultation."""
    from matcher import presentation

    with _one_line_errors():
        record = _read_consultation(consultation, {})
        suggestion, ruled_out = _engine(catalogue, settings, semantic).why(
            record, service_id, as_of=_day(as_of, catalogue)
        )
        presentation.print_why(suggestion, ruled_out)


@app.command()
def rescore(
    caseload: Annotated[Path, typer.Argument(help="Consultations: .jsonl, .csv or .parquet.")],
    output: Annotated[Path, typer.Option("--output", help="Where to write: .jsonl, .csv or .parquet.")],
    catalogue: CatalogueOption = None,
    settings: SettingsOption = None,
    top: TopOption = 10,
    as_of: AsOfOption = None,
    semantic: EncoderOption = True,
) -> None:
    """Suggest services for a whole caseload; one row a suggestion, one a consultation, and the rejects."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from matcher.batch import rescore as run

    with _one_line_errors():
        engine = _engine(catalogue, settings, semantic)
        columns = (TextColumn("{task.completed} consultations"), BarColumn(), TimeElapsedColumn())
        with Progress(*columns, transient=True, disable=not sys.stderr.isatty()) as bar:
            task = bar.add_task("rescore", total=None)
            tables = run(
                engine,
                caseload,
                output,
                as_of=_day(as_of, catalogue),
                top=top,
                progress=lambda done: bar.update(task, completed=done),
            )
        read, rejected = len(tables.consultations), len(tables.rejects)
        typer.echo(f"{read} consultations answered, {len(tables.suggestions)} suggestions, {rejected} rejected")
        if rejected:
            raise typer.Exit(1)


@app.command()
def check(
    catalogue: Annotated[list[Path], typer.Argument(help="A directory of services; several are read together.")],
    as_of: AsOfOption = None,
    format: Annotated[str, typer.Option("--format", help="table or json")] = "table",
    examples: Annotated[int, typer.Option(min=0, help="How many examples to show of each finding.")] = 3,
) -> None:
    """List what is wrong or missing in a directory, with counts and a completeness score a service."""
    from matcher import presentation
    from matcher.catalogue import check_catalogue, completeness_scores, read_with_findings

    with _one_line_errors():
        read = read_with_findings(*catalogue)
        findings = [*read.findings, *check_catalogue(read.catalogue, _date(as_of) or date.today())]  # noqa: DTZ011
        scores = completeness_scores(read.catalogue)
        if format == "json":
            typer.echo(json.dumps(presentation.findings_json(findings, scores), ensure_ascii=False, indent=2))
        else:
            presentation.print_findings(findings, scores, examples)


@app.command()
def harvest(
    url: Annotated[str, typer.Argument(help="The base address of an Open Referral API.")],
    output: Annotated[Path, typer.Option("--output", help="The snapshot file to write (.json).")],
) -> None:
    """Fetch every service of a live Open Referral API into one snapshot; run again to go on after a stop."""
    from rich.progress import Progress

    from matcher.harvest import harvest as run

    with _one_line_errors(), Progress(transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("services", total=None)
        result = run(url, output, progress=lambda done, total: bar.update(task, completed=done, total=total))
        typer.echo(f"{result.services} services written to {output.name}, {len(result.failed)} only from the list")
        for service_id, reason in list(result.failed.items())[:5]:
            typer.echo(f"  {service_id}: {reason}", err=True)


@app.command()
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
    report: Annotated[Path | None, typer.Option(help="A folder for report.html, report.json and TREC files.")] = None,
    as_of: AsOfOption = None,
    semantic: EncoderOption = True,
) -> None:
    """Measure match quality against judgements, with intervals, for whom it is worse, and whether a change is real."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from matcher.evaluation.report import write_report
    from matcher.evaluation.table import print_scorecard
    from matcher.experiments import Inputs
    from matcher.experiments import evaluate as run

    with _one_line_errors():
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed}/{task.total}"),
            TimeElapsedColumn(),
        )
        with Progress(*columns, transient=True, disable=not sys.stderr.isatty()) as bar:
            task = bar.add_task("reading", total=None)
            scorecard = run(
                Inputs(tuple(catalogue or ()), consultations, judgements),
                as_of=_day(as_of, catalogue),
                settings=settings or (),
                with_baselines=baselines,
                without=without or (),
                semantic=semantic,
                progress=lambda name, done, total: bar.update(task, description=name, completed=done, total=total),
            )
        print_scorecard(scorecard)
        if report:
            typer.echo(f"report: {write_report(scorecard, report)}")


judge = typer.Typer(help="Make blind worksheets for judges, and merge what they graded.", no_args_is_help=True)
app.add_typer(judge, name="judge")


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

    with _one_line_errors():
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

    with _one_line_errors():
        print_agreement(merge_judges(worksheets, output))


def _engine(catalogue: list[Path] | None, settings: Path | None, semantic: bool) -> Engine:
    from matcher import load_engine

    return load_engine(*(catalogue or ()), settings=settings, semantic=semantic)


def _day(as_of: str | None, catalogue: list[Path] | None) -> date:
    """The day asked for; else the sample town's own date when it is used, else today."""
    from matcher.data_files import SAMPLE_DATE

    return _date(as_of) or (date.today() if catalogue else SAMPLE_DATE)  # noqa: DTZ011  the user's own calendar day


def _date(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise typer.BadParameter("must be a date such as 2026-11-01", param_hint="--as-of") from None


def _need(text: str) -> dict[str, Any]:
    label, _, importance = text.rpartition(":")
    if label and importance in ("1", "2", "3"):
        return {"label": label, "importance": int(importance)}
    return {"label": text}


def _read_consultation(source: str | None, options: dict[str, Any]) -> Consultation:
    """A consultation from a file, standard input or a prompt, with the options on top."""
    from matcher.consultations import parse_text, read_consultation

    if source is None and not sys.stdin.isatty():
        source = "-"
    if source is None:
        text = typer.prompt("What matters to the person? (one line; nothing is kept)", default="", show_default=False)
    else:
        text = sys.stdin.read() if source == "-" else Path(source).read_text(encoding="utf-8", errors="replace")
    return read_consultation({**parse_text(text), **options})


if __name__ == "__main__":
    app()
