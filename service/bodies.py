"""Reads bodies strictly: UTF-8 JSON, no NaN, no field twice, no unknown field; faults name field and rule only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from matcher.consultations import ConsultationInput, Label, Whole, faults_of, parse_json, tolerant
from matcher.domain import Consultation, InputError
from matcher.taxonomy import KINDS
from service.problems import Fault, Problem

MOST_CONSULTATIONS = 500
MOST_FAULTS = 20
LONGEST_TEXT = 80
M = TypeVar("M", bound=BaseModel)


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class ConceptQuery(_Body):
    """What somebody has typed so far."""

    text: str = Field(max_length=LONGEST_TEXT)
    kinds: list[str] = Field(default_factory=lambda: ["need", "interest"], max_length=len(KINDS))
    limit: Whole = Field(8, ge=1, le=50)

    @field_validator("kinds")
    @classmethod
    def _known(cls, value: list[str]) -> list[str]:
        if not set(value) <= set(KINDS):
            raise ValueError(f"must be among {', '.join(KINDS)}")
        return value


class ReloadOrder(_Body):
    """How a catalogue is to be taken."""

    accept_shrink: bool = False


class ExplanationQuery(_Body):
    """Which service to account for; the consultation comes beside it."""

    service_id: Label
    consultation: dict[str, Any]


async def read_json(request: Request) -> Any:
    """The body as JSON. Raises Problem 415 or 400."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().casefold()
    if kind != "application/json" or request.headers.get("content-encoding", "identity") != "identity":
        raise Problem(415)
    try:
        return parse_json((await request.body()).decode())
    except UnicodeDecodeError:
        raise Problem(400, "the body must be UTF-8 text") from None
    except InputError as error:
        raise Problem(400, str(error).removeprefix("consultation: ")) from None


async def read_model(request: Request, model: type[M]) -> M:
    """The body as one of the small models. Raises Problem 400, 415 or 422."""
    return validated(model, await read_json(request))


def validated(model: type[M], document: Any) -> M:
    """A document as a model. Raises Problem 422 naming fields of the model only."""
    try:
        return model.model_validate(document)
    except ValidationError as error:
        raise Problem(422, faults=_faults(error, model.model_fields)) from None


def _faults(error: ValidationError, known: Iterable[str]) -> list[Fault]:
    return [Fault(field, rule) for field, rule in faults_of(error, known)[:MOST_FAULTS]]


async def read_consultation_body(request: Request) -> Consultation:
    """The consultation in a body. Raises Problem 400, 415 or 422."""
    return consultation_of(await read_json(request))


def consultation_of(document: Any, path: str = "") -> Consultation:
    """One consultation, where ``path`` says where it stands. Raises Problem 422."""
    try:
        return ConsultationInput.model_validate(tolerant(document)).record()
    except ValidationError as error:
        faults = _faults(error, ())
    except InputError as error:
        field, _, rule = str(error).partition(": ")
        faults = [Fault(field, rule)]
    raise Problem(422, faults=[Fault(f"{path}.{f.field}" if path else f.field, f.rule) for f in faults])


async def read_batch(request: Request) -> list[Consultation]:
    """All consultations of a batch, or Problem 422 with the faults of all of them."""
    document = await read_json(request)
    if not isinstance(document, Mapping) or set(document) != {"consultations"}:
        raise Problem(422, faults=[Fault("consultations", "must be the one field of the body")])
    items = document["consultations"]
    if not isinstance(items, list) or not 1 <= len(items) <= MOST_CONSULTATIONS:
        raise Problem(422, faults=[Fault("consultations", f"must be a list of 1 to {MOST_CONSULTATIONS}")])
    read, faults = [], list[Fault]()
    for place, item in enumerate(items):
        try:
            read.append(consultation_of(item, f"consultations.{place}"))
        except Problem as problem:
            faults += problem.faults
    if faults:
        raise Problem(422, faults=faults[:MOST_FAULTS])
    return read


async def read_explanation(request: Request) -> tuple[Consultation, str]:
    """A consultation and the id of the service to account for. Raises Problem 400, 415 or 422."""
    query = validated(ExplanationQuery, await read_json(request))
    return consultation_of(query.consultation, "consultation"), query.service_id
