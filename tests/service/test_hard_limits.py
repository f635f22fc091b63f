"""What strangers cannot make the service do: fill its memory with keys, or stop it by filling its log."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
import structlog
from fastapi import Request
from starlette.testclient import TestClient

from service import logs
from service.access import Gate
from service.problems import Problem

STRANGERS = 100_000
MOST_GROWTH = 16 * 2**20
FULL = Path("/dev/full")
"""Every write to it fails as on a full disk."""


def a_request(address: str) -> Request:
    return Request({"type": "http", "client": (address, 1), "headers": []})


def knock(gate: Gate, number: int, address: str) -> None:
    """One bogus key from an address: refused, and counted against the address."""
    with contextlib.suppress(Problem):
        gate.caller(a_request(address), f"smk_{number:08x}_bogus{number}", None)


def growth(gate: Gate, addresses: Callable[[int], str]) -> int:
    """By how many bytes this process grows over a hundred thousand bogus keys."""
    for number in range(2_000):
        knock(gate, number, addresses(0))
    gc.collect()
    before = psutil.Process().memory_info().rss
    for number in range(STRANGERS):
        knock(gate, number, addresses(number))
    gc.collect()
    return psutil.Process().memory_info().rss - before


def test_a_hundred_thousand_bogus_keys_take_no_memory(opened: Callable, make_key: Callable) -> None:
    make_key("suggest")
    with opened() as client:
        grown = growth(client.app.state.gate, lambda number: "192.0.2.1")
    print(f"grown by {grown / 2**20:.1f} MB")  # noqa: T201
    assert grown <= MOST_GROWTH


def test_three_times_the_limit_lets_through_the_limit_and_leaves_another_key_alone(
    opened: Callable, make_key: Callable
) -> None:
    busy, calm = ({"Authorization": f"Bearer {make_key('suggest')}"} for _ in range(2))
    limit = 200
    with opened("https://matcher.test", rate_per_minute=limit) as client:
        found = []
        for number in range(3 * limit):
            found.append(client.get("/v1/services/x", headers=busy))
            if number % 10 == 0:
                assert client.get("/v1/services/x", headers=calm).status_code == 404
    through = sum(answer.status_code == 404 for answer in found)
    assert limit <= through <= 1.05 * limit
    assert {answer.status_code for answer in found} == {404, 429}
    assert all("retry-after" in answer.headers for answer in found if answer.status_code == 429)


def test_a_full_disk_under_the_log_stops_no_answer(client: TestClient) -> None:
    if not FULL.exists():
        pytest.fail(f"{FULL} is missing: this test needs Linux", pytrace=False)
    before = structlog.get_config()
    with FULL.open("w", buffering=1) as stream:
        logs.configure(stream)
        try:
            with pytest.raises(OSError, match="No space left"):
                logs.log("info", "request")
            answers = [client.post("/v1/suggestions", json={"note": "Lonely since she moved"}) for _ in range(5)]
        finally:
            structlog.configure(**before)
            with contextlib.suppress(OSError):
                stream.close()
    assert [answer.status_code for answer in answers] == [200] * 5
