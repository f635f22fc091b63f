"""Requests per second and p50/p99 of ``POST /v1/suggestions`` beside a bare FastAPI endpoint with the same bytes.

Both servers run in one go, one after another, on the same machine, each in a process of its own with the same client:
``python benchmarks/http_bench.py [--requests 2000] [--clients 8]``. Loopback only.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import quantiles

BODIES = Path("data/sample/consultations.jsonl")
BARE = """
import sys
from fastapi import FastAPI, Request
from fastapi.responses import Response
import uvicorn, socket
answer = open(sys.argv[1], "rb").read()
app = FastAPI()
@app.post("/v1/suggestions")
async def same_bytes(request: Request) -> Response:
    await request.body()
    return Response(answer, media_type="application/json")
listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
listener.bind(("127.0.0.1", 0))
listener.listen(2048)
print(f"bare on http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
uvicorn.Server(uvicorn.Config(app, access_log=False, log_level="error")).run([listener])
"""


@contextlib.contextmanager
def serving(*command: str, **variables: str) -> Iterator[int]:
    """A server process; gives its port, ends it by its id."""
    with tempfile.TemporaryDirectory() as state:
        environment = {**os.environ, "MATCHER_STATE": state, **variables}
        process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        try:
            yield int(re.search(r":(\d+)$", process.stdout.readline().strip())[1])
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def connect(port: int) -> http.client.HTTPConnection:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.connect()
    connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def post(connection: http.client.HTTPConnection, body: bytes) -> bytes:
    connection.request("POST", "/v1/suggestions", body, {"Content-Type": "application/json"})
    response = connection.getresponse()
    content = response.read()
    assert response.status == 200, (response.status, content[:300])
    return content


def measure(port: int, bodies: list[bytes], requests: int, clients: int) -> tuple[float, float, float]:
    """Requests per second, p50 and p99 in ms, with so many clients that each wait for their answer."""
    seconds: list[float] = []
    work = iter(range(requests))
    lock = threading.Lock()

    def client() -> None:
        connection = connect(port)
        while True:
            with lock:
                number = next(work, None)
            if number is None:
                return
            started = time.perf_counter()
            post(connection, bodies[number % len(bodies)])
            with lock:
                seconds.append(time.perf_counter() - started)

    started = time.perf_counter()
    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    cuts = quantiles(seconds, n=100)
    return requests / (time.perf_counter() - started), cuts[49] * 1000, cuts[98] * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--no-semantic", action="store_true")
    given = parser.parse_args()
    bodies = BODIES.read_bytes().splitlines()
    command = [sys.executable, "-m", "matcher.cli", "serve", "--port", "0", "--workers", str(given.workers)]
    rows = []
    limits = {"MATCHER_RATE_PER_MINUTE": "10000000", "MATCHER_MAX_IN_FLIGHT": "1000", "MATCHER_DEADLINE_S": "60"}
    with serving(*command, *(["--no-semantic"] if given.no_semantic else []), **limits) as port:
        connection = connect(port)
        answers = [post(connection, body) for body in bodies]  # also warms up
        rows.append(("matcher, one client", measure(port, bodies, len(bodies) * 2, 1)))
        rows.append((f"matcher, {given.clients} clients", measure(port, bodies, given.requests, given.clients)))
    with tempfile.NamedTemporaryFile() as file:
        file.write(sorted(answers, key=len)[len(answers) // 2])
        file.flush()
        with serving(sys.executable, "-c", BARE, file.name) as port:
            measure(port, bodies, 200, 1)
            rows.append(("bare FastAPI, one client", measure(port, bodies, given.requests, 1)))
            rows.append(
                (f"bare FastAPI, {given.clients} clients", measure(port, bodies, given.requests, given.clients))
            )
    print(f"{'':<28}{'requests/s':>12}{'p50 ms':>10}{'p99 ms':>10}")
    for name, (rate, p50, p99) in rows:
        print(f"{name:<28}{rate:>12.1f}{p50:>10.2f}{p99:>10.2f}")


if __name__ == "__main__":
    main()
