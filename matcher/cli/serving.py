"""The service for others: running it, and the keys to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from matcher.cli.common import (
    AsOfOption,
    CatalogueOption,
    DecisionsOption,
    EncoderOption,
    SettingsOption,
    date_of,
    one_line_errors,
)

if TYPE_CHECKING:
    from service.keys import KeyFile


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; others than loopback need a key.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65_535, help="Port to listen on; 0 takes a free one.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, max=64, help="Processes that answer.")] = None,
    catalogue: CatalogueOption = None,
    settings: SettingsOption = None,
    decisions: DecisionsOption = None,
    as_of: AsOfOption = None,
    accept_shrink: Annotated[
        bool, typer.Option("--accept-shrink", help="Take a catalogue that has lost half its services or a need.")
    ] = False,
    semantic: EncoderOption = True,
) -> None:
    """Serve the page and the HTTP API. All settings can also come from MATCHER_* variables or a TOML file."""
    from service.config import read_config
    from service.run import serve as run

    with one_line_errors():
        config = read_config(
            host=host,
            port=port,
            workers=workers,
            catalogue=catalogue or None,
            settings=settings,
            decisions=decisions,
            as_of=date_of(as_of),
            accept_shrink=accept_shrink or None,
            semantic=semantic and None,
        )
        run(config, lambda address: typer.echo(f"matcher serves on {address}"))


keys = typer.Typer(help="Make, list and revoke keys for the service.", no_args_is_help=True, rich_markup_mode=None)


@keys.command("make")
def keys_make(
    name: Annotated[str, typer.Argument(help="Whom or what the key is for.")],
    scope: Annotated[list[str] | None, typer.Option(help="suggest, outcome or admin; may be repeated.")] = None,
    days: Annotated[float | None, typer.Option(min=0, help="When it expires. Default: never.")] = None,
) -> None:
    """Make a key and show it, once."""
    with one_line_errors():
        key, text = _key_file().make(name, scope or ["suggest"], days)
        typer.echo(text)
        typer.echo(f"id {key.id}, scope {', '.join(key.scopes)}. This is shown once; keep it safe.", err=True)


@keys.command("list")
def keys_list() -> None:
    """List keys by id, never their secrets."""
    with one_line_errors():
        for key in _key_file().read():
            until = f"revoked {key.revoked}" if key.revoked else f"until {key.expires}" if key.expires else "no end"
            typer.echo(f"{key.id}  {','.join(key.scopes)}  made {key.made}  {until}  {key.name}")


@keys.command("revoke")
def keys_revoke(key_id: Annotated[str, typer.Argument(help="The id that `matcher keys list` shows.")]) -> None:
    """Make a key worthless within seconds, with all sessions opened with it."""
    with one_line_errors():
        typer.echo(f"revoked {_key_file().revoke(key_id).id}")


def _key_file() -> KeyFile:
    from service.config import read_config
    from service.run import keys_of

    return keys_of(read_config())
