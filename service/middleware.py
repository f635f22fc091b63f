"""What holds for every request, whatever route it is for: one log line, safe headers, no foreign site, a bounded body.

Plain ASGI, so that it also covers errors, unknown paths and static files.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.config import LOOPBACK, ServiceConfig
from service.limits import too_busy
from service.logs import METHODS, log, place_of
from service.metrics import Metrics
from service.problems import Problem

SAFE_METHODS = ("GET", "HEAD", "OPTIONS", "TRACE")
UNKNOWN_ROUTE = "(none)"
LARGE_BODY_PATH = "/v1/suggestions/batch"
ANSWERING_PATHS = ("/v1/suggestions", "/v1/explanations")
"""Answered in the worker's few threads: refused at the door while those have as much as they can do."""
LOCAL_NAMES = frozenset({*LOOPBACK, "[::1]", "testserver"})


def security_headers(nonce: str) -> dict[str, str]:
    """The headers of every response."""
    return {
        "Content-Security-Policy": (
            f"default-src 'self'; script-src 'self' 'nonce-{nonce}'; object-src 'none'; base-uri 'none'; "
            "form-action 'self'; frame-ancestors 'none'"
        ),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    }


class Observed:
    """Outermost: one log line and one count a request, safe headers on every answer, and a 500 of our own."""

    def __init__(self, app: ASGIApp, metrics: Metrics, routes: Collection[str], tls: bool) -> None:
        self.app = app
        self._metrics = metrics
        self._routes = routes
        self._tls = tls

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        state["request_id"], state["csp_nonce"] = secrets.token_hex(8), secrets.token_urlsafe(16)
        started, statuses = time.perf_counter(), list[int]()

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])
                self._add_headers(scope, message)
            await send(message)

        try:
            await self.app(scope, receive, send_safely)
        except Exception as error:  # the last resort: nothing of it may reach a caller or a log but its type and place
            self._metrics.failures.inc()
            log("error", "failure", request_id=state["request_id"], error=type(error).__name__, where=place_of(error))
            if not statuses:
                await Problem(500).response()(scope, receive, send_safely)
        finally:
            self._record(scope, statuses[0] if statuses else 499, time.perf_counter() - started)

    def _add_headers(self, scope: Scope, message: Message) -> None:
        headers = MutableHeaders(scope=message)
        for name, value in security_headers(scope["state"]["csp_nonce"]).items():
            headers[name] = value
        headers["X-Request-Id"] = scope["state"]["request_id"]
        headers["Cache-Control"] = "no-cache" if scope["path"].startswith("/static/") else "no-store"
        if scope["app"].state.matcher.draining:
            headers["Connection"] = "close"  # so that callers come back to another server before this one is gone
        if self._tls:
            headers["Strict-Transport-Security"] = "max-age=31536000"

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        state = scope["state"]
        method = scope["method"] if scope["method"] in METHODS else "OTHER"
        path = str(getattr(scope.get("route"), "path", scope["path"]))
        route = path if path in self._routes else UNKNOWN_ROUTE
        self._metrics.answered(route, method, status, seconds)
        caller = state.get("caller")
        log(
            "error" if status >= 500 and status != 503 else "info",
            "request",
            request_id=state["request_id"],
            method=method,
            route=route,
            status=status,
            duration_ms=round(seconds * 1000, 1),
            **({"caller": caller.id} if caller else {}),
            **state.get("audit", {}),
        )


class SameSite:
    """Refuses what another web site makes a browser send, and host names that are not ours (DNS rebinding)."""

    def __init__(self, app: ASGIApp, config: ServiceConfig, local_only: bool) -> None:
        self.app = app
        self._hosts = frozenset(config.allowed_hosts) or (LOCAL_NAMES if local_only else frozenset())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer 403 or 400."""
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            if self._hosts and _name(headers.get("host", "")) not in self._hosts:
                await Problem(400, "this host name is not served here").response()(scope, receive, send)
                return
            if scope["method"] not in SAFE_METHODS and is_cross_site(headers):
                await Problem(403, "requests from other web sites are refused").response()(scope, receive, send)
                return
        await self.app(scope, receive, send)


def is_cross_site(headers: Headers) -> bool:
    """Whether a browser says that another site made it send this."""
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return True
    origin = headers.get("origin")
    if origin == "null" and headers.get("sec-fetch-site") == "same-origin":
        return False  # our own forms: with Referrer-Policy no-referrer a browser hides their origin
    if origin is None:
        return "cookie" in headers and "sec-fetch-site" not in headers
    try:
        return urlsplit(origin).netloc.casefold() != headers.get("host", "").casefold()
    except ValueError:
        return True


def _name(host: str) -> str:
    name, _, port = host.casefold().rpartition(":")
    return name if name and port.isascii() and port.isdigit() else host.casefold()


class Arrival:
    """Bounds what is read of a body: its size, before it is in memory, and the time it may take.

    Refuses at the door what could not be answered in time: under overload that has to cost next to nothing.
    """

    def __init__(self, app: ASGIApp, config: ServiceConfig) -> None:
        self.app = app
        self._most = config.max_body_bytes
        self._seconds = config.body_timeout_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with a bounded body, or answer 413 or 503."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if scope["path"] in ANSWERING_PATHS and scope["app"].state.admission.full:
            await too_busy().response()(scope, receive, send)
            return
        most = self._most * (2 if scope["path"] == LARGE_BODY_PATH else 1)
        declared = Headers(scope=scope).get("content-length", "0")
        if not (declared.isascii() and declared.isdigit() and len(declared) < 16 and int(declared) <= most):
            await too_large(most).response()(scope, receive, send)
            return
        ends, got = time.monotonic() + self._seconds, 0

        async def receive_bounded() -> Message:
            nonlocal got
            if got < 0:
                return await receive()
            try:
                message = await asyncio.wait_for(receive(), max(0.0, ends - time.monotonic()))
            except TimeoutError:
                raise Problem(408, headers={"Connection": "close"}) from None
            got += len(message.get("body", b""))
            if got > most:
                raise too_large(most)
            if not message.get("more_body", False):
                got = -1
            return message

        await self.app(scope, receive_bounded, send)


def too_large(most: int) -> Problem:
    """413, closing the connection: the rest of the body is not read."""
    return Problem(413, f"a body here has at most {most} bytes", headers={"Connection": "close"})
