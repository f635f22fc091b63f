"""Requests of any bytes, straight to an application: what a client library would not let through."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

Headers = tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True)
class Request:
    """A request as bytes; ``canary`` is the word in it that must not come out anywhere but in its own answer."""

    method: str
    target: bytes
    headers: Headers
    body: bytes
    canary: str = ""


@dataclass(frozen=True)
class Answer:
    """What came back, and how long it took."""

    status: int
    headers: Headers
    body: bytes
    seconds: float


async def ask(app: Any, request: Request) -> Answer:
    """The answer to one request, with the scope that uvicorn would make of it."""
    raw_path, _, query = request.target.partition(b"?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "method": request.method,
        "path": unquote(raw_path.decode("latin-1")),
        "raw_path": raw_path,
        "query_string": query,
        "root_path": "",
        "scheme": "http",
        "http_version": "1.1",
        "client": ("127.0.0.1", 50_000),
        "server": ("127.0.0.1", 80),
        "headers": [(b"host", b"127.0.0.1"), *request.headers],
    }
    sent: list[dict[str, Any]] = []
    parts = iter([{"type": "http.request", "body": request.body, "more_body": False}])

    async def receive() -> dict[str, Any]:
        for part in parts:
            return part
        await asyncio.sleep(3600)
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    started = time.perf_counter()
    await app(scope, receive, send)
    seconds = time.perf_counter() - started
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return Answer(sent[0]["status"], tuple(sent[0].get("headers", ())), body, seconds)


def ask_all(app: Any, requests: Iterable[Request]) -> list[tuple[Request, Answer]]:
    """The answers of a running application to all requests, one after another."""

    async def run() -> list[tuple[Request, Answer]]:
        return [(request, await ask(app, request)) for request in requests]

    return asyncio.run(run())
