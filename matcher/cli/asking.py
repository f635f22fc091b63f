"""One consultation: what fits, and why a service does or does not."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from matcher.cli.common import (
    AsOfOption,
    CatalogueOption,
    DecisionsOption,
    EncoderOption,
    SettingsOption,
    TopOption,
    consultation_of,
    day_of,
    engine_of,
    one_line_errors,
)


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
    decisions: DecisionsOption = None,
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
    day = day_of(as_of, catalogue)
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
    with one_line_errors():
        record = consultation_of(consultation, options)
        engine = engine_of(catalogue, settings, semantic, decisions)
        recommendation = engine.suggest(record, as_of=day, top=top)
        if format == "json":
            typer.echo(json.dumps(presentation.as_json(recommendation), ensure_ascii=False, indent=2))
        else:
            presentation.print_table(recommendation)


def why(
    consultation: Annotated[str, typer.Argument(help="A file with a consultation; - for standard input.")],
    service_id: Annotated[str, typer.Argument(help="The service's id in the catalogue.")],
    catalogue: CatalogueOption = None,
    settings: SettingsOption = None,
    decisions: DecisionsOption = None,
    as_of: AsOfOption = None,
    semantic: EncoderOption = True,
) -> None:
    """Say why a service is, or is not, suggested for a consultation."""
    from matcher import presentation

    day = day_of(as_of, catalogue)
    with one_line_errors():
        record = consultation_of(consultation, {})
        suggestion, ruled_out = engine_of(catalogue, settings, semantic, decisions).why(record, service_id, as_of=day)
        presentation.print_why(suggestion, ruled_out)


def _need(text: str) -> dict[str, Any]:
    label, _, importance = text.rpartition(":")
    if label and importance in ("1", "2", "3"):
        return {"label": label, "importance": int(importance)}
    return {"label": text}
