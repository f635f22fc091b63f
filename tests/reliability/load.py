"""An open-loop client in a process of its own: requests leave on schedule, however slowly the answers come.

Each is timed from the moment it should have left, so that a server that holds the client up does not look fast. Run as
``python -m tests.reliability.load PORT[,PORT] RATE SECONDS``; ends early when its input does, and prints one JSON list
of replies. Loopback only.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import http.client
import itertools
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles

ROOT = Path(__file__).parents[2]
BODIES = ROOT / "data" / "sample" / "consultations.jsonl"
LOOK_S = 0.05
"""How often a client of several servers asks which of them are ready."""
IDLE_S = 2.0
"""A connection that was idle for longer is not used again: the server may be about to close it."""
LONGEST_S = 30.0
START_S = 0.2
"""How long after its word the client begins."""


@dataclass(frozen=True)
class Reply:
    """One request: when it should have left (monotonic clock), seconds until its answer, status (0: the socket)."""

    at: float
    seconds: float
    status: int
    retry_after: bool
    tries: int


@dataclass(frozen=True)
class Load:
    """A client that is running."""

    process: subprocess.Popen[str]
    rate: float
    seconds: float
    started: float

    def replies(self, *, now: bool = False) -> list[Reply]:
        """What came back, once all has, or of what was sent until now.

        Raises AssertionError when fewer than four in five of the requests were sent: nothing was shown then.
        """
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        assert not now or self.process.poll() is None, "validity floor: the load ended before the fault did"
        lasted = min(self.seconds, time.monotonic() - self.started - START_S) if now else self.seconds
        if now:
            self.process.stdin.close()
        said = self.process.stdout.read()
        assert self.process.wait() == 0
        self.process.stdin.close()
        self.process.stdout.close()
        found = [Reply(*fields) for fields in json.loads(said)]
        assert len(found) >= 0.8 * self.rate * lasted, f"validity floor: only {len(found)} requests were sent"
        return found


def start_load(ports: Sequence[int], rate: float, seconds: float, *, retries: int = 0, path: str = "") -> Load:
    """Begin to send so many requests a second, for so long, to the servers that say they are ready."""
    options = ["--retries", str(retries), *(["--get", path] if path else [])]
    command = [sys.executable, "-m", "tests.reliability.load", ",".join(map(str, ports)), str(rate), str(seconds)]
    process = subprocess.Popen([*command, *options], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return Load(process, rate, seconds, time.monotonic())


def one_by_one(port: int, seconds: float) -> list[float]:
    """How long answers take to a single client who always waits, over so many seconds."""
    found, ends = [], time.monotonic() + seconds
    bodies = itertools.cycle(BODIES.read_bytes().splitlines())
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=LONGEST_S)) as connection:
        while time.monotonic() < ends:
            started = time.monotonic()
            connection.request("POST", "/v1/suggestions", next(bodies), {"Content-Type": "application/json"})
            response = connection.getresponse()
            response.read()
            assert response.status == 200
            found.append(time.monotonic() - started)
    return found


def calm_rate(port: int, wanted: float) -> float:
    """The rate wanted, or on a slow machine a quarter of what one worker can answer."""
    return min(wanted, 0.25 / percentile(one_by_one(port, 2), 50))


def percentile(seconds: Sequence[float], percent: int) -> float:
    """So many per cent of these are at most so long."""
    return quantiles(seconds, n=100)[percent - 1]


def request(method: str, path: str, body: bytes) -> bytes:
    """A request as it goes over the wire."""
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


class Connections:
    """Idle connections to one server, the one used last first."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._idle: list[tuple[float, asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def ask(self, content: bytes) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body. Raises OSError or EOFError when the connection breaks."""
        reader, writer = await self._one()
        try:
            writer.write(content)
            status, headers = _head(await reader.readuntil(b"\r\n\r\n"))
            body = await reader.readexactly(int(headers["content-length"]))
        except BaseException:
            writer.close()
            raise
        if headers.get("connection") == "close":
            writer.close()
        else:
            self._idle.append((time.monotonic(), reader, writer))
        return status, headers, body

    async def _one(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        while self._idle:
            since, reader, writer = self._idle.pop()
            if time.monotonic() - since < IDLE_S and not reader.at_eof():
                return reader, writer
            writer.close()
        return await asyncio.open_connection("127.0.0.1", self.port)


def _head(content: bytes) -> tuple[int, dict[str, str]]:
    first, *lines = content.decode("latin-1").strip().split("\r\n")
    headers = {name.strip().casefold(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return int(first.split()[1]), headers


class Client:
    """Sends on schedule to whichever servers are ready, in turn."""

    def __init__(self, ports: Sequence[int], retries: int) -> None:
        self._servers = [Connections(port) for port in ports]
        self._ready = list(self._servers)
        self._turns: Iterator[int] = itertools.count()
        self._retries = retries
        self.replies: list[Reply] = []

    async def watch(self) -> None:
        """For ever: ask each server whether it is ready, over a connection of its own."""
        probes = [(server, Connections(server.port)) for server in self._servers]
        while True:
            ready = []
            for server, probe in probes:
                with contextlib.suppress(OSError, EOFError):
                    status, _, _ = await probe.ask(request("GET", "/health/ready", b""))
                    ready += [server] if status == 200 else []
            self._ready = ready or self._ready
            await asyncio.sleep(LOOK_S)

    async def one(self, at: float, content: bytes) -> None:
        """Send one request, again when it failed and that is allowed, and note what came of it."""
        status, headers, tries = 0, dict[str, str](), 0
        while status in (0, 503) and tries <= self._retries:
            server = self._ready[next(self._turns) % len(self._ready)]
            tries += 1
            with contextlib.suppress(OSError, EOFError, TimeoutError):
                status, headers, _ = await asyncio.wait_for(server.ask(content), LONGEST_S)
        self.replies.append(Reply(at, time.monotonic() - at, status, "retry-after" in headers, tries))


async def main(ports: Sequence[int], rate: float, seconds: float, retries: int, path: str) -> list[Reply]:
    """All replies to a schedule of requests."""
    client, started = Client(ports, retries), time.monotonic() + START_S
    watching = asyncio.create_task(client.watch()) if len(ports) > 1 else None
    contents = [request("POST", "/v1/suggestions", body) for body in BODIES.read_bytes().splitlines()]
    contents = [request("GET", path, b"")] if path else contents
    tasks, over = [], asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(sys.stdin, lambda: (over.set(), loop.remove_reader(sys.stdin)))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for number in range(int(rate * seconds)):
        if over.is_set():
            break
        at = started + number / rate
        await asyncio.sleep(max(0.0, at - time.monotonic()))
        tasks.append(asyncio.create_task(client.one(at, contents[number % len(contents)])))
    await asyncio.gather(*tasks)
    if watching:
        watching.cancel()
    return client.replies


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ports", type=lambda text: [int(port) for port in text.split(",")])
    parser.add_argument("rate", type=float)
    parser.add_argument("seconds", type=float)
    parser.add_argument("--retries", type=int, default=0)
    parser.add_argument("--get", default="")
    given = parser.parse_args()
    found = asyncio.run(main(given.ports, given.rate, given.seconds, given.retries, given.get))
    sys.stdout.write(json.dumps([list(vars(reply).values()) for reply in found]))
