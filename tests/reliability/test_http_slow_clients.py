"""Six hundred slow clients at once: all are closed in time, and the others hardly notice."""

from __future__ import annotations

import contextlib
import selectors
import socket
import subprocess
import time
from pathlib import Path
from statistics import median

import psutil
import pytest

from tests.service.test_serving import NOTE, ask, head, running

pytestmark = pytest.mark.reliability
EACH = 200
CLOSED_WITHIN_S = 15.0
TIMEOUT_S = 5
FLOOR = 10
LARGE_ANSWER = b"GET /openapi.json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


def opened(port: int) -> socket.socket:
    """A client with a small window: what it does not read, the server cannot get rid of."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    client.connect(("127.0.0.1", port))
    client.setblocking(False)
    return client


def drip(clients: dict[socket.socket, bytes]) -> None:
    """One more byte from each that still may send; a closed one is for the reader to find."""
    for client, more in clients.items():
        with contextlib.suppress(OSError):
            client.send(more)


def test_slow_clients_are_closed_and_normal_ones_are_served(tmp_path: Path) -> None:
    limits = {
        "MATCHER_HEADER_TIMEOUT_S": str(TIMEOUT_S),
        "MATCHER_BODY_TIMEOUT_S": str(TIMEOUT_S),
        "MATCHER_RATE_PER_MINUTE": "1000000",
    }
    with running(tmp_path / "state", **limits) as (process, port):
        calm = [_timed(port) for _ in range(30)]
        heads = {opened(port): b"a" for _ in range(EACH)}
        bodies = {opened(port): b"a" for _ in range(EACH)}
        readers = {opened(port): b"" for _ in range(EACH)}
        drip(dict.fromkeys(heads, b"POST /v1/suggestions HTTP/1.1\r\nHost: 127.0.0.1\r\nX: "))
        drip(dict.fromkeys(bodies, head(100_000) + b'{"note":"'))
        drip(dict.fromkeys(readers, LARGE_ANSWER * 3))
        waiting = {**heads, **bodies}
        started, busy = time.monotonic(), []
        while waiting and time.monotonic() - started < CLOSED_WITHIN_S:
            drip(waiting)
            busy.append(_timed(port))
            waiting = _still_open(waiting)
            time.sleep(0.1)
        assert not waiting, f"{len(waiting)} slow clients are still connected"
        while (held := _connections(process)) > 1 and time.monotonic() - started < CLOSED_WITHIN_S:
            time.sleep(0.2)
        for client in readers:
            client.close()
    assert held <= 1, f"{held} connections are still held for clients that never read"
    assert len(busy) >= FLOOR
    assert median(busy) <= 3 * max(median(calm), 0.02)


def _connections(process: subprocess.Popen[str]) -> int:
    held = psutil.Process(process.pid).net_connections("tcp4")
    return sum(connection.status == psutil.CONN_ESTABLISHED for connection in held)


def _timed(port: int) -> float:
    started = time.monotonic()
    assert ask(port, head(len(NOTE)) + NOTE).startswith(b"HTTP/1.1 200")
    return time.monotonic() - started


def _still_open(clients: dict[socket.socket, bytes]) -> dict[socket.socket, bytes]:
    """Those that the server has not closed; reads what it said last."""
    open_ones = dict(clients)
    with selectors.DefaultSelector() as selector:
        for client in clients:
            selector.register(client, selectors.EVENT_READ)
        for key, _ in selector.select(0):
            client = key.fileobj
            with contextlib.suppress(BlockingIOError):
                try:
                    gone = not client.recv(65_536)
                except ConnectionError:
                    gone = True
                if gone:
                    client.close()
                    del open_ones[client]
    return open_ones
