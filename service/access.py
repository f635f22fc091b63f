"""Who may do what: every route names one scope, or says that it is open to all.

The order on a guarded route is fixed: key or session, scope, rate limit; only then is a body read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.responses import Response
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer

from service.keys import Key, KeyRing
from service.limits import RateLimit
from service.logs import log
from service.problems import Problem
from service.sessions import COOKIE, Sessions

BEARER = HTTPBearer(auto_error=False, scheme_name="key", description="A key made with `matcher keys make`.")
SESSION = APIKeyCookie(name=COOKIE, auto_error=False, scheme_name="session", description="Set by signing in.")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: a key's id, or ``local`` where no keys are needed. ``by_cookie``: a browser sent it unasked."""

    id: str
    scopes: tuple[str, ...]
    by_cookie: bool = False


class Gate:
    """Decides about callers. Without keys every caller is local, which the bind rule keeps to this machine."""

    def __init__(self, ring: KeyRing, sessions: Sessions, rate: RateLimit, failures: RateLimit) -> None:
        self.ring = ring
        self.sessions = sessions
        self._rate = rate
        self._failures = failures
        self._open = len(ring) == 0

    @property
    def open(self) -> bool:
        """Whether no key is needed. Closes with the first key made; never opens again while running."""
        self._open = self._open and len(self.ring) == 0
        return self._open

    def caller(self, request: Request, bearer: str | None, cookie: str | None) -> Caller:
        """The caller of a request. Raises Problem 401, the same for every reason."""
        if self.open:
            return Caller("local", ("suggest", "outcome", "admin"))
        key = self.ring.holder(bearer) if bearer is not None else None
        if key is not None:
            return Caller(key.id, key.scopes)
        key = self.sessions.holder(cookie) if cookie is not None and bearer is None else None
        if key is None:
            self._refused(request)
            raise Problem(401, headers={"WWW-Authenticate": "Bearer"})
        return Caller(key.id, key.scopes, by_cookie=True)

    def sign_in(self, request: Request, response: Response, key_text: str) -> Key | None:
        """Open a session for a good key: sets the cookie on ``response``. ``None`` when the key is not good."""
        key = self.sessions.open(response, key_text)
        log("info", "sign_in" if key else "sign_in_refused", **({"caller": key.id} if key else {}))
        if key is None:
            self._refused(request)
        return key

    def _refused(self, request: Request) -> None:
        """Count against the address only; a good key from there is not held up."""
        self._failures.take(request.client.host if request.client else "unknown")

    def count(self, caller: Caller, cost: int = 1) -> None:
        """Count a request against the caller's limit. Raises Problem 429."""
        self._rate.take(caller.id, cost)


@dataclass(frozen=True, slots=True)
class Access:
    """The rule of a route: the scope it needs."""

    scope: str | None

    async def __call__(
        self,
        request: Request,
        bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)] = None,
        cookie: Annotated[str | None, Depends(SESSION)] = None,
    ) -> Caller:
        """Let the caller in, as ``request.state.caller``, or raise 401, 403 or 429."""
        gate: Gate = request.app.state.gate
        caller = gate.caller(request, bearer.credentials if bearer else None, cookie)
        request.state.caller = caller
        if self.scope not in caller.scopes:
            raise Problem(403, f"the key lacks the scope {self.scope}")
        gate.count(caller)
        return caller


class OpenToAll(Access):
    """The rule of a route that needs no key."""

    async def __call__(self) -> None:  # type: ignore[override]
        """Let everybody in."""


def requires(scope: str) -> Any:
    """A route's dependency: callers need this scope."""
    return Depends(Access(scope))


def open_to_all() -> Any:
    """A route's dependency: nobody needs a key, and that is meant."""
    return Depends(OpenToAll(None))
