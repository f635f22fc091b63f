"""The route for what came of suggestions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from matcher.consultations import Label, Whole
from matcher.domain import InputError
from matcher.feedback import DeclineReason, Outcome, Status
from service.access import requires
from service.api import json_response
from service.bodies import read_model
from service.feedback import Feedback
from service.problems import MEDIA_TYPE, Fault, Problem

MOST_RANKS = 1000
PRINTABLE = r"^[!-~]{8,128}$"
Token = Annotated[str, StringConstraints(pattern=PRINTABLE)]


class OutcomeBody(BaseModel):
    """What came of one service. A key of your own making, new for each outcome, makes repeating a call safe."""

    model_config = ConfigDict(extra="forbid", strict=True)

    response_id: Token
    service_id: Label
    status: Annotated[Status, Field(strict=False)]
    reason: Annotated[DeclineReason | None, Field(strict=False)] = None
    rank: Annotated[Whole | None, Field(ge=1, le=MOST_RANKS)] = None
    person_ref: Label | None = None
    idempotency_key: Token

    def record(self) -> Outcome:
        """The record to keep. Raises InputError when reason and status do not go together."""
        return Outcome(**{name: getattr(self, name) for name in OutcomeBody.model_fields})


class OutcomeOut(BaseModel):
    """The receipt."""

    response_id: str
    service_id: str
    status: Status
    recorded_at: datetime


def _shape(statuses: Sequence[Status], reason: dict[str, Any], *more: str) -> dict[str, Any]:
    """The body for some statuses; which reason goes with them differs."""
    label = {"type": "string", "minLength": 1, "maxLength": 200, "pattern": r"\S"}
    token = {"type": "string", "pattern": PRINTABLE}
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["response_id", "service_id", "status", "idempotency_key", *more],
        "properties": {
            "response_id": token,
            "service_id": label,
            "status": {"type": "string", "enum": [status.value for status in statuses]},
            "reason": reason,
            "rank": {"type": ["integer", "null"], "minimum": 1, "maximum": MOST_RANKS},
            "person_ref": label | {"type": ["string", "null"]},
            "idempotency_key": token,
        },
    }


REASON = {"type": "string", "enum": [reason.value for reason in DeclineReason]}
BODY = {
    "oneOf": [
        _shape([Status.declined], REASON, "reason"),
        _shape([Status.not_suitable], {"anyOf": [REASON, {"type": "null"}]}),
        _shape([Status.discussed, Status.referred, Status.attended], {"type": "null"}),
    ]
}
EXAMPLE = {
    "response_id": "8a5f0c1de2b34f6795ab00cd12ef3456",
    "service_id": "svc-1",
    "rank": 1,
    "status": "declined",
    "reason": "times",
    "idempotency_key": "4f1c2f0e-7d43-4f0a-9a53-1c9a1a5e5b7d",
}
_PROBLEM = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemOut"}}}
ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"model": OutcomeOut, "description": "Was on disk already, under the same key"},
    201: {"description": "Is on disk"},
    404: {"content": _PROBLEM, "description": "No such answer is kept: made without consent, erased or expired"},
    409: {"content": _PROBLEM, "description": "Contradicts what is stored: key, rank or person"},
    503: {"content": _PROBLEM, "description": "The store cannot be used; repeat the call after Retry-After seconds"},
}


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.feedback = Feedback(app.state.config.state)
    await asyncio.to_thread(app.state.feedback.prepare)
    yield
    await asyncio.to_thread(app.state.feedback.close)


router = APIRouter(tags=["outcomes"], lifespan=_lifespan)


@router.post(
    "/v1/outcomes",
    dependencies=[requires("outcome")],
    status_code=201,
    response_model=OutcomeOut,
    responses=ANSWERS,
    openapi_extra={
        "requestBody": {"required": True, "content": {"application/json": {"schema": BODY, "example": EXAMPLE}}}
    },
)
async def outcomes(request: Request) -> Response:
    """Keep what came of a suggestion: 201 when it is on disk, 200 when it was already there under the same key."""
    body = await read_model(request, OutcomeBody)
    try:
        outcome = body.record()
    except InputError as error:
        field, _, rule = str(error).partition(": ")
        raise Problem(422, faults=[Fault(field, rule)]) from None
    receipt = await request.app.state.feedback.record(outcome)
    request.state.audit = {"response_id": outcome.response_id, "count": 1}
    response = json_response(
        {
            "response_id": outcome.response_id,
            "service_id": outcome.service_id,
            "status": outcome.status.value,
            "recorded_at": receipt.recorded_at.isoformat(),
        }
    )
    response.status_code = 201 if receipt.new else 200
    return response
