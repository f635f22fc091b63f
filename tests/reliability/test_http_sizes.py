"""Bodies that are too large are refused before they are read, on a real socket, many at once."""

from __future__ import annotations

import contextlib
import gzip
import socket
import threading
import time
from pathlib import Path

import psutil
import pytest

from tests.service.test_serving import NOTE, ask, head, running

pytestmark = pytest.mark.reliability
LIMIT = 1_000_000
MOST_SENT = 5 * LIMIT
"""Of ten million bytes: what is not taken by the service still fills the system's own buffers for the connection."""
GROWTH = 64 * 2**20
AT_ONCE = 50
PIECE = b"x" * 65_536
HEAD = b"POST /v1/suggestions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


def status(answer: bytes) -> int:
    return int(answer.split()[1]) if answer else 0


def pour(port: int, start: bytes, piece: bytes, count: int) -> tuple[int, int]:
    """Send so many pieces or until the server hangs up: the status it gave, and how many bytes went out."""
    sent = 0
    with socket.create_connection(("127.0.0.1", port), timeout=30) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16_384)
        client.sendall(start)
        answer = b""
        with contextlib.suppress(OSError):
            for _ in range(count):
                client.sendall(piece)
                sent += len(piece)
        with contextlib.suppress(OSError):
            answer = client.recv(65_536)
    return status(answer), sent


def test_large_bodies_are_refused_unread_and_take_no_memory(tmp_path: Path) -> None:
    with running(tmp_path / "state", MATCHER_RATE_PER_MINUTE="1000000") as (process, port):
        assert status(ask(port, head(len(NOTE)) + NOTE)) == 200
        server = psutil.Process(process.pid)
        before = server.memory_info().rss

        assert status(ask(port, head(LIMIT + 1) + b"{")) == 413
        assert status(ask(port, head(LIMIT) + b" " * LIMIT)) == 400, "the limit itself is read"
        bomb = gzip.compress(b" " * 50_000_000)
        encoded = HEAD + f"Content-Encoding: gzip\r\nContent-Length: {len(bomb)}\r\n\r\n".encode() + bomb
        assert status(ask(port, encoded)) == 415
        declared, one = pour(port, head(10 * LIMIT), PIECE, 160)
        assert declared in (413, 0), "refused, or hung up on before the refusal was read"
        chunk = f"{len(PIECE):x}\r\n".encode() + PIECE + b"\r\n"
        endless, other = pour(port, CHUNKED, chunk, 160)
        assert endless in (413, 0)
        assert max(one, other) <= MOST_SENT

        answers: list[tuple[int, int]] = []
        threads = [
            threading.Thread(target=lambda: answers.append(pour(port, head(10 * LIMIT), PIECE, 160)))
            for _ in range(AT_ONCE)
        ]
        for thread in threads:
            thread.start()
        grown = 0
        while any(thread.is_alive() for thread in threads):
            grown = max(grown, server.memory_info().rss - before)
            time.sleep(0.05)
        assert len(answers) == AT_ONCE
        assert {found for found, _ in answers} <= {413, 0}
        assert sum(found == 413 for found, _ in answers) >= 1, "validity floor: nobody heard the refusal"
        print(f"grown by {grown / 2**20:.1f} MB; at most {max(sent for _, sent in answers)} bytes sent")  # noqa: T201
        assert max(sent for _, sent in answers) <= MOST_SENT
        assert grown <= GROWTH
        assert status(ask(port, head(len(NOTE)) + NOTE)) == 200
