"""What several commands share: options, one-line errors, and reading what was asked for."""

from __future__ import annotations

import gc
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


CatalogueOption = Annotated[
    list[Path] | None,
    typer.Option("--catalogue", help="A directory of services; may be repeated. Default: the sample town."),
]
SettingsOption = Annotated[Path | None, typer.Option("--settings", help="A TOML settings file.")]
TopOption = Annotated[int, typer.Option("--top", min=1, max=200, help="How many suggestions at most.")]
AsOfOption = Annotated[str | None, typer.Option("--as-of", help="The day to answer for, YYYY-MM-DD. Default: today.")]
DecisionsOption = Annotated[
    Path | None, typer.Option("--decisions", help="What curators confirmed about the services (.csv).")
]
EncoderOption = Annotated[bool, typer.Option("--semantic/--no-semantic", help="Use the sentence encoder if installed.")]


@contextmanager
def one_line_errors() -> Iterator[None]:
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


def engine_of(
    catalogue: list[Path] | None, settings: Path | None, semantic: bool, decisions: Path | None = None
) -> Engine:
    """The engine over the directories asked for; the sample town when none is.

    What loading makes is kept until the command ends: the garbage collector would look through it in vain, again and
    again, and in a worker process would take copies of memory that is shared.
    """
    from matcher import load_engine

    gc.disable()
    try:
        return load_engine(*(catalogue or ()), settings=settings, semantic=semantic, decisions=decisions)
    finally:
        gc.freeze()
        gc.enable()


def day_of(as_of: str | None, catalogue: list[Path] | None) -> date:
    """The day asked for; else the sample town's own date when it is used, else today."""
    from matcher.data_files import SAMPLE_DATE

    return date_of(as_of) or (date.today() if catalogue else SAMPLE_DATE)  # noqa: DTZ011  the user's own calendar day


def date_of(text: str | None) -> date | None:
    """The day that an option names; anything but YYYY-MM-DD is wrong usage."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise typer.BadParameter("must be a date such as 2026-11-01", param_hint="--as-of") from None


def consultation_of(source: str | None, options: dict[str, Any]) -> Consultation:
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
