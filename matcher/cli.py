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
    from matcher.batch import Totals
    from matcher.domain import Consultation
    from matcher.engine import Engine
    from service.keys import KeyFile

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
    day = _day(as_of, catalogue)
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
        record = _read_consultation(consultation, options)
        engine = _engine(catalogue, settings, semantic)
        recommendation = engine.suggest(record, as_of=day, top=top)
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

    day = _day(as_of, catalogue)
    with _one_line_errors():
        record = _read_consultation(consultation, {})
        suggestion, ruled_out = _engine(catalogue, settings, semantic).why(record, service_id, as_of=day)
        presentation.print_why(suggestion, ruled_out)


@app.command()
def rescore(
    caseload: Annotated[Path, typer.Argument(help="Consultations: .jsonl, .csv or .parquet.")],
    output: Annotated[Path, typer.Option("--output", help="Where to write: .jsonl, .csv or .parquet.")],
    catalogue: CatalogueOption = None,
    settings: SettingsOption = None,
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
    with _one_line_errors():
        engine = _engine(catalogue, settings, semantic)
        if on == "spark":
            _print_totals(_rescore_on_spark(engine, caseload, output, _day(as_of, catalogue), top, master))
            return
        columns = (MofNCompleteColumn(), BarColumn(), TimeRemainingColumn())
        # No thread of its own: the worker processes are forked while the bar is shown.
        with Progress(*columns, auto_refresh=False, transient=True, disable=not sys.stderr.isatty()) as bar:
            task = bar.add_task("rescore", total=None)
            totals = run(
                engine,
                caseload,
                output,
                as_of=_day(as_of, catalogue),
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


@app.command()
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
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from matcher.experiments import Inputs
    from matcher.settings import Settings, read_settings
    from matcher.tuning import summary, tune_files, write_tuning

    with _one_line_errors():
        columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        with Progress(*columns, transient=True, disable=not sys.stderr.isatty()) as bar:
            task = bar.add_task("reading", total=None)
            tuning, taxonomy = tune_files(
                Inputs(tuple(catalogue or ()), consultations, judgements),
                as_of=_day(as_of, catalogue),
                start=read_settings(settings) if settings else Settings(),
                hold_out=hold_out,
                seed=seed,
                semantic=semantic,
                progress=lambda name, done, total: bar.update(task, description=name, completed=done, total=total),
            )
        path = write_tuning(tuning, output, taxonomy)
        typer.echo("\n".join([*summary(tuning), f"settings: {path}"]))


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


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; others than loopback need a key.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65_535, help="Port to listen on; 0 takes a free one.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, max=64, help="Processes that answer.")] = None,
    catalogue: CatalogueOption = None,
    settings: SettingsOption = None,
    as_of: AsOfOption = None,
    accept_shrink: Annotated[
        bool, typer.Option("--accept-shrink", help="Take a catalogue that has lost half its services or a need.")
    ] = False,
    semantic: EncoderOption = True,
) -> None:
    """Serve the page and the HTTP API. All settings can also come from MATCHER_* variables or a TOML file."""
    from service.config import read_config
    from service.run import serve as run

    with _one_line_errors():
        config = read_config(
            host=host,
            port=port,
            workers=workers,
            catalogue=catalogue or None,
            settings=settings,
            as_of=_date(as_of),
            accept_shrink=accept_shrink or None,
            semantic=semantic and None,
        )
        run(config, lambda address: typer.echo(f"matcher serves on {address}"))


keys = typer.Typer(help="Make, list and revoke keys for the service.", no_args_is_help=True)
app.add_typer(keys, name="keys")


@keys.command("make")
def keys_make(
    name: Annotated[str, typer.Argument(help="Whom or what the key is for.")],
    scope: Annotated[list[str] | None, typer.Option(help="suggest, outcome or admin; may be repeated.")] = None,
    days: Annotated[float | None, typer.Option(min=0, help="When it expires. Default: never.")] = None,
) -> None:
    """Make a key and show it, once."""
    with _one_line_errors():
        key, text = _key_file().make(name, scope or ["suggest"], days)
        typer.echo(text)
        typer.echo(f"id {key.id}, scope {', '.join(key.scopes)}. This is shown once; keep it safe.", err=True)


@keys.command("list")
def keys_list() -> None:
    """List keys by id, never their secrets."""
    with _one_line_errors():
        for key in _key_file().read():
            until = f"revoked {key.revoked}" if key.revoked else f"until {key.expires}" if key.expires else "no end"
            typer.echo(f"{key.id}  {','.join(key.scopes)}  made {key.made}  {until}  {key.name}")


@keys.command("revoke")
def keys_revoke(key_id: Annotated[str, typer.Argument(help="The id that `matcher keys list` shows.")]) -> None:
    """Make a key worthless within seconds, with all sessions opened with it."""
    with _one_line_errors():
        typer.echo(f"revoked {_key_file().revoke(key_id).id}")


def _key_file() -> KeyFile:
    from service.config import read_config
    from service.run import keys_of

    return keys_of(read_config())


StoreOption = Annotated[
    str | None,
    typer.Option("--store", envvar="MATCHER_STORE", help="Address of the store. Default: a file in your state folder."),
]
outcomes = typer.Typer(help="What was shown and what came of it: export, erase, expire, back up.", no_args_is_help=True)
app.add_typer(outcomes, name="outcomes")


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
    with _one_line_errors():
        check_ending(output)
        frame = feedback.export_frame(feedback.open_store(store), since=_date(since))
        if form != "outcomes":
            frame = feedback.as_run(frame) if form == "run" else feedback.as_judgements(frame)
        schema = feedback.JUDGEMENT_SCHEMA if form == "judgements" else feedback.EXPORT_SCHEMA
        write_table(feedback.plain_rows(frame), schema, output)
        typer.echo(f"{len(frame)} rows written to {output.name}")


@outcomes.command("erase")
def outcomes_erase(store: StoreOption = None) -> None:
    """Remove everything about people; their pseudonyms come from a pipe (one a line) or a prompt."""
    from matcher import feedback

    with _one_line_errors():
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

    with _one_line_errors():
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

    with _one_line_errors():
        typer.echo(f"written to {feedback.backup(feedback.open_store(store), output).name}")


@app.command()
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

    with _one_line_errors():
        opened = open_store(store)
        answer = opened.answer(response_id)
        print_answer(answer, opened.outcomes_of(response_id))
        if consultation is None:
            return
        from matcher.replay import recompute

        found = recompute(opened, answer, _read_consultation(consultation, {}), _engine(catalogue, settings, semantic))
        typer.echo("\n".join(found) or "recomputed: the same")
        if found:
            raise typer.Exit(1)


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
    text: str | bytes
    if source is None:
        text = typer.prompt("What matters to the person? (one line; nothing is kept)", default="", show_default=False)
    else:
        text = _content(source)
    given = {key: value for key, value in options.items() if value is not None and value != []}
    return read_consultation({**parse_text(text), **given})


def _content(source: str) -> bytes:
    """What a file or standard input holds, never much more than a consultation can be."""
    from matcher.consultations import MOST_BYTES

    if source == "-":
        return sys.stdin.buffer.read(MOST_BYTES + 1)
    with Path(source).open("rb") as file:
        return file.read(MOST_BYTES + 1)


if __name__ == "__main__":
    app()
