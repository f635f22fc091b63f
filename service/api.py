"""Suggestions, one or many, and why a service is or is not among them. POST whatever a person may have said."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import BeforeValidator

from matcher.domain import CatalogueError, Consultation, Recommendation
from matcher.presentation import as_json, json_bytes, service_json, suggestion_json
from service.access import requires
from service.bodies import read_batch, read_consultation_body, read_explanation
from service.current import Served
from service.problems import Fault, Problem

router = APIRouter(tags=["suggestions"])

MOST_SUGGESTIONS = 50
ISO_DAY = r"^20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"


def _digits(value: object) -> object:
    """ASCII digits only: ``1_0`` and other scripts' digits are not numbers here."""
    if isinstance(value, str) and not (value.isascii() and value.isdigit()):
        raise ValueError("must be a whole number")
    return value


Top = Annotated[
    int | None,
    Query(ge=1, le=MOST_SUGGESTIONS, description="How many suggestions at most; default 10."),
    BeforeValidator(_digits),
]


async def _asked_day(
    as_of: Annotated[
        str | None,
        Query(
            pattern=ISO_DAY, description="The day to answer for; default today.", json_schema_extra={"format": "date"}
        ),
    ] = None,
) -> date | None:
    try:
        return date.fromisoformat(as_of) if as_of is not None else None
    except ValueError:
        raise Problem(422, faults=[Fault("as_of", "must be a day of the calendar")]) from None


AsOf = Annotated[date | None, Depends(_asked_day)]


Consent = Annotated[
    Literal["true", "false"],
    Query(description="Whether the person agrees that what was shown is kept, without their words, for outcomes."),
]


def json_response(document: Mapping[str, Any]) -> Response:
    """JSON as compact UTF-8 bytes; a number that JSON cannot say is a fault of ours."""
    return Response(json_bytes(document), media_type="application/json")


def new_response_id() -> str:
    """An id that nobody can guess, by which outcomes refer to an answer."""
    return secrets.token_hex(16)


@router.post("/v1/suggestions", dependencies=[requires("suggest")])
async def suggestions(request: Request, top: Top = None, as_of: AsOf = None, consent: Consent = "false") -> Response:
    """Ranked, explained services for one consultation."""
    consultation = await read_consultation_body(request)
    state = request.app.state
    served: Served = state.matcher()
    recommendation = await state.admission.run(
        state.config.deadline_s, served.engine.suggest, consultation, as_of=as_of or served.as_of, top=top
    )
    response_id = new_response_id()
    if consent == "true":
        state.feedback.keep_answer(served, consultation, recommendation, response_id=response_id, top=top)
    _audit(request, recommendation, response_id)
    return json_response({"response_id": response_id, **as_json(recommendation)})


@router.post("/v1/suggestions/batch", dependencies=[requires("suggest")])
async def batch(request: Request, top: Top = None, as_of: AsOf = None) -> Response:
    """The answers to up to 500 consultations, in their order, all from one catalogue."""
    consultations = await read_batch(request)
    state = request.app.state
    state.gate.count(request.state.caller, len(consultations) // 10)
    served: Served = state.matcher()
    day = as_of or served.as_of
    answers = await state.batches.run(state.config.batch_deadline_s, _answer_all, served, consultations, day, top)
    for answer in answers:
        state.metrics.suggestions.inc(len(answer["suggestions"]))
        state.metrics.empty.inc(not answer["suggestions"])
    request.state.audit = {"count": len(answers), **_versions(served), "as_of": day.isoformat()}
    return json_response({"answers": answers})


@router.post("/v1/explanations", dependencies=[requires("suggest")])
async def explanations(request: Request, as_of: AsOf = None) -> Response:
    """Why one service is, or is not, suggested for a consultation."""
    consultation, service_id = await read_explanation(request)
    state = request.app.state
    served: Served = state.matcher()
    day = as_of or served.as_of
    answer = await state.admission.run(state.config.deadline_s, _explain, served, consultation, service_id, day)
    request.state.audit = {**_versions(served), "as_of": day.isoformat()}
    return json_response(answer)


@router.get("/v1/services/{service_id:path}", dependencies=[requires("suggest")])
async def service(request: Request, service_id: str) -> Response:
    """One entry of the catalogue, as suggestions show it."""
    engine = request.app.state.matcher().engine
    try:
        row = engine.catalogue.row_of(service_id)
    except CatalogueError:
        raise Problem(404, "the catalogue has no service with this id") from None
    return json_response(service_json(engine.catalogue[row]))


def _answer_all(served: Served, consultations: list[Consultation], day: date, top: int | None) -> list[dict[str, Any]]:
    answers = (served.engine.suggest(consultation, as_of=day, top=top) for consultation in consultations)
    return [{"response_id": new_response_id(), **as_json(answer)} for answer in answers]


def _explain(served: Served, consultation: Consultation, service_id: str, day: date) -> dict[str, Any]:
    """The account of a service, with the rank it has in the list that would be shown, if any."""
    try:
        suggestion, ruled_out = served.engine.why(consultation, service_id, as_of=day)
    except CatalogueError:
        raise Problem(404, "the catalogue has no service with this id") from None
    shown = served.engine.suggest(consultation, as_of=day)
    rank = next((s.rank for s in shown.suggestions if s.service.id == service_id), None)
    account = suggestion_json(suggestion)
    return {**account, "rank": rank, "ruled_out": list(ruled_out), "versions": as_json(shown)["versions"]}


def _versions(served: Served) -> dict[str, str]:
    stamp = served.engine.stamp
    return {"engine": stamp.engine, "catalogue": stamp.catalogue, "settings": stamp.settings}


def _audit(request: Request, recommendation: Recommendation, response_id: str) -> None:
    """What the log line and the metrics say of an answer: ids, versions and counts."""
    found = len(recommendation.suggestions)
    metrics = request.app.state.metrics
    metrics.suggestions.inc(found)
    metrics.empty.inc(not found)
    request.state.audit = {
        "response_id": response_id,
        "count": found,
        **_versions(request.app.state.matcher()),
        "as_of": recommendation.as_of.isoformat(),
    }
