"""Catalogues are swapped under load: no request fails, none sees two versions, and answering stays quiet."""

from __future__ import annotations

import http.client
import json
import os
import threading
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles

import pytest

from tests.factories import a_feed_service, write_json
from tests.service.test_serving import running

pytestmark = pytest.mark.reliability
SWAPS = int(os.environ.get("RELOADS", "20"))
SERVICES = 50
WORKERS = 2
FLOOR = 20
"""Answers that have to fall into the reload windows for the test to have seen anything."""
QUIET_RATIO = 3.0
BODY = json.dumps({"note": "Lonely, would like company and singing"})
JSON = {"Content-Type": "application/json"}


@dataclass
class Caller:
    """Asks again and again over one connection, and notes when, how long and which version."""

    port: int
    stop: threading.Event
    seen: list[tuple[float, float, set[str], str]] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def run(self) -> None:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            self._ask_until_stopped(connection)

    def _ask_until_stopped(self, connection: http.client.HTTPConnection) -> None:
        while not self.stop.is_set():
            started = time.monotonic()
            try:
                connection.request("POST", "/v1/suggestions", BODY, JSON)
                response = connection.getresponse()
                answer = json.loads(response.read())
            except (OSError, http.client.HTTPException) as error:
                self.failed.append(repr(error))
                return
            if response.status != 200:
                self.failed.append(str(answer))
                continue
            names = {suggestion["service"]["name"].split()[-1] for suggestion in answer["suggestions"]}
            self.seen.append((started, time.monotonic() - started, names, answer["versions"]["catalogue"]))
            time.sleep(0.05)


def write(path: Path, version: int) -> None:
    """A catalogue whose every service carries the version in its name, put in place in one step."""
    services = [
        a_feed_service(id=f"svc-{n}", name=f"Singing group {n} v{version}", description="Company for lonely people")
        for n in range(SERVICES)
    ]
    write_json(path.with_suffix(".new"), services)
    path.with_suffix(".new").replace(path)


def reload(port: int) -> dict[str, object]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=300)) as connection:
        connection.request("POST", "/v1/catalogue/reload", "{}", JSON)
        return json.loads(connection.getresponse().read())


def p99(seconds: Sequence[float]) -> float:
    return quantiles(seconds, n=100)[98]


def test_swapping_catalogues_under_load_fails_nobody_and_mixes_nothing(tmp_path: Path) -> None:
    source = tmp_path / "town" / "services.json"
    source.parent.mkdir()
    write(source, 0)
    arguments = ("--workers", str(WORKERS), "--catalogue", str(source))
    limits = {"MATCHER_RATE_PER_MINUTE": "1000000", "MATCHER_DEADLINE_S": "30"}
    with running(tmp_path / "state", *arguments, **limits) as (_, port):
        stop = threading.Event()
        callers = [Caller(port, stop) for _ in range(4)]
        threads = [threading.Thread(target=caller.run) for caller in callers]
        for thread in threads:
            thread.start()
        windows, acknowledged, results = [], [], []
        for version in range(1, SWAPS + 1):
            time.sleep(2)
            write(source, version)
            started = time.monotonic()
            results.append(reload(port))
            windows.append((started, time.monotonic()))
            acknowledged.append((time.monotonic(), version))
        time.sleep(2)
        stop.set()
        for thread in threads:
            thread.join()
    assert all((result["result"], result["workers"]) == ("taken", WORKERS) for result in results), results

    answers = [answer for caller in callers for answer in caller.seen]
    assert [failure for caller in callers for failure in caller.failed] == []
    assert all(len(names) == 1 for _, _, names, _ in answers), "an answer mixed two versions"
    for caller in callers:
        versions = [int(next(iter(names))[1:]) for _, _, names, _ in caller.seen]
        assert versions == sorted(versions), "a version went back on one connection"
    for at, version in acknowledged:
        late = [names for started, _, names, _ in answers if started > at and int(next(iter(names))[1:]) < version]
        assert late == [], f"version {version} was acknowledged before all had it"

    during = [s for t, s, _, _ in answers if any(a <= t <= b for a, b in windows)]
    quiet = [s for t, s, _, _ in answers if not any(a - 1 <= t <= b + 1 for a, b in windows)]
    assert len(during) >= FLOOR <= len(quiet)
    print(f"p99 while reloading {p99(during) * 1000:.0f} ms, quiet {p99(quiet) * 1000:.0f} ms, {len(answers)} answers")  # noqa: T201
    assert p99(during) <= QUIET_RATIO * p99(quiet)
