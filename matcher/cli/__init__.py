"""The commands. No logic: each reads its arguments, calls the library and prints."""

from __future__ import annotations

from inspect import getdoc

import typer

from matcher.cli import asking, caseloads, curating, directories, keeping, measuring, serving

app = typer.Typer(
    help="Maps what matters to a person to ranked, explained community services.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,  # plain help is there at once; what draws the boxes takes longer to import than all else
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
    app.command(short_help=" ".join((getdoc(command) or "").split("\n\n")[0].split()))(command)
for name, group in (("judge", measuring.judge), ("keys", serving.keys), ("outcomes", keeping.outcomes)):
    app.add_typer(group, name=name, short_help=str(group.info.help))
