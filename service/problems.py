"""Errors as problem documents (RFC 9457): a fixed title and detail a kind, and faults that name field and rule.

Nothing that a caller sent is ever repeated: not a value, not an unknown field's name, not a path.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from service.current import NotReadyError

MEDIA_TYPE = "application/problem+json"
SIGN_IN_PATH = "/sign-in"
TITLES: Mapping[int, tuple[str, str]] = {
    400: ("bad_request", "The request cannot be read"),
    401: ("unauthorised", "A valid key is needed"),
    403: ("forbidden", "This is not allowed"),
    404: ("not_found", "There is nothing here"),
    405: ("method_not_allowed", "This method is not allowed here"),
    408: ("timeout", "The request did not arrive in time"),
    409: ("conflict", "Something is in the way"),
    413: ("too_large", "The request is too large"),
    415: ("unsupported_media_type", "The body must be application/json"),
    422: ("invalid", "Some fields are not as they should be"),
    429: ("too_many_requests", "Too many requests; wait a moment"),
    500: ("internal_error", "Something went wrong on this side"),
    503: ("unavailable", "The service cannot answer now; try again"),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One broken rule: the field's path and the rule in words, without the value."""

    field: str
    rule: str


@dataclass(eq=False)
class Problem(Exception):  # noqa: N818  the word of RFC 9457
    """An answer that is an error. ``detail`` is always a sentence of ours."""

    status: int
    detail: str = ""
    faults: Sequence[Fault] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """The body, the same for equal problems."""
        code, title = TITLES[self.status]
        body: dict[str, Any] = {"type": f"urn:service-matcher:{code}", "title": title, "status": self.status}
        if self.detail:
            body["detail"] = self.detail
        if self.faults:
            body["errors"] = [{"field": fault.field, "rule": fault.rule} for fault in self.faults]
        return body

    def response(self) -> Response:
        """The answer as it is sent."""
        content = json.dumps(self.document(), ensure_ascii=False).encode()
        return Response(content, self.status, dict(self.headers), MEDIA_TYPE)


def unavailable(detail: str, retry_after_s: int = 1) -> Problem:
    """503 with the time after which to try again."""
    return Problem(503, detail, headers={"Retry-After": str(retry_after_s)})


def install(app: FastAPI) -> None:
    """Make every error of the application a problem document."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(NotReadyError, _not_ready)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _validation)


async def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)  # noqa: S101  registered for this type only
    if error.status == 401 and wants_page(request):
        return RedirectResponse(SIGN_IN_PATH, 303)
    return error.response()


async def _not_ready(request: Request, error: Exception) -> Response:
    return unavailable("the catalogue is still being read").response()


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  registered for this type only
    status = error.status_code if error.status_code in TITLES else 400
    return Problem(status, headers=dict(error.headers or {})).response()


async def _validation(request: Request, error: Exception) -> Response:
    """Path and query parameters that FastAPI checks itself; their names are ours, their values are left out."""
    assert isinstance(error, RequestValidationError)  # noqa: S101  registered for this type only
    faults = [Fault(str(fault["loc"][1]), fault["msg"]) for fault in error.errors() if len(fault["loc"]) > 1]
    return Problem(422, faults=faults).response()


def wants_page(request: Request) -> bool:
    """Whether a person in front of a browser asks, not another system."""
    for_systems = request.scope["path"].startswith(("/v1/", "/metrics"))
    return not for_systems and "text/html" in request.headers.get("accept", "")
