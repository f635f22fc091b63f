"""The commands. No logic: each reads its arguments, calls the library and prints."""

from __future__ import annotations

import typer

from matcher.cli import asking, caseloads, curating, directories, keeping, measuring, serving

app = typer.Typer(
    help="Maps what matters to a person to ranked, explained community services.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
for command in (
    asking.suggest,
    asking.why,
    caseloads.rescore,
    directories.check,
    directories.index,
    directories.harvest,
    curating.concepts,
    curating.curate,
    measuring.evaluate,
    measuring.quality,
    measuring.tune,
    serving.serve,
    keeping.replay,
):
    app.command()(command)
app.add_typer(measuring.judge, name="judge")
app.add_typer(serving.keys, name="keys")
app.add_typer(keeping.outcomes, name="outcomes")
