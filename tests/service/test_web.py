"""What holds for every answer: safe headers, no foreign site, bounded bodies, limits, and nothing let out."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from service.config import ServiceConfig
from service.current import Current
from service.limits import Admission, RateLimit
from service.logs import FIELDS
from service.problems import Problem

SECURE = "https://matcher.test"
JSON = {"content-type": "application/json"}


def some_answers(client: TestClient) -> Iterator[tuple[str, object]]:
    """One answer of each status that can be had from outside."""
    yield "200", client.get("/health/live")
    yield "400", client.post("/v1/suggestions", content=b"{", headers=JSON)
    yield "403", client.post("/v1/suggestions", json={}, headers={"Sec-Fetch-Site": "cross-site"})
    yield "404", client.get("/nothing/here")
    yield "405", client.request("TRACE", "/v1/suggestions")
    yield "413", client.post("/v1/suggestions", content=b"x" * 1_000_001, headers=JSON)
    yield "415", client.post("/v1/suggestions", content=b"{}")
    yield "422", client.post("/v1/suggestions", json={})


def test_every_answer_has_the_safe_headers(client: TestClient) -> None:
    for status, answer in some_answers(client):
        assert str(answer.status_code) == status
        policy = answer.headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        for part in ("object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"):
            assert part in policy, status
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"
        assert "server" not in answer.headers


def test_each_answer_has_a_nonce_of_its_own(client: TestClient) -> None:
    policies = {client.get("/health/live").headers["content-security-policy"] for _ in range(5)}
    assert len(policies) == 5


def test_an_unforeseen_error_is_a_plain_500_with_the_safe_headers(client: TestClient, log_lines: object) -> None:
    class Broken(Current):
        def __call__(self) -> object:
            raise ValueError("Mrs Somebody is lonely")

    client.app.state.matcher = Broken()
    answer = client.post("/v1/concepts", json={"text": "x"})
    assert answer.status_code == 500
    assert answer.json()["title"] == "Something went wrong on this side"
    assert "content-security-policy" in answer.headers
    logged = log_lines.getvalue()
    assert '"error": "ValueError", "where": "test_web.py:' in logged
    assert "Somebody" not in logged + answer.text


def test_strict_transport_security_is_sent_where_keys_are_used(opened: Callable, make_key: Callable) -> None:
    make_key("suggest")
    with opened(SECURE) as client:
        assert "max-age" in client.get("/health/live").headers["strict-transport-security"]


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({}, True),  # another system, no browser
        ({"Sec-Fetch-Site": "same-origin", "Origin": SECURE}, True),  # our own page
        ({"Origin": SECURE}, True),  # our own page, older browser
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),  # a neighbouring host name
        ({"Origin": "https://evil.example"}, False),
        ({"Origin": "null"}, False),  # a sandboxed frame
        ({"Origin": "https://[bad"}, False),
        ({"Origin": "https://matcher.test.evil.example"}, False),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"}, False),
        ({"Cookie": "a=b"}, False),  # a cookie without a word on where it comes from
    ],
)
def test_another_site_cannot_make_a_browser_post(
    opened: Callable, make_key: Callable, headers: dict[str, str], allowed: bool
) -> None:
    key = {"Authorization": f"Bearer {make_key('suggest')}"}
    with opened(SECURE) as client:
        answer = client.post("/v1/concepts", json={"text": "x"}, headers={**key, **headers})
        assert answer.status_code == (200 if allowed else 403)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "127.0.0.1:80:80", "localhost.:8000"])
def test_without_keys_only_this_machines_names_are_served(client: TestClient, host: str) -> None:
    assert client.get("/health/live", headers={"Host": host}).status_code == 400


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "LOCALHOST:9", "[::1]:8000"])
def test_this_machines_own_names_are_served(client: TestClient, host: str) -> None:
    assert client.get("/health/live", headers={"Host": host}).status_code == 200


def test_only_configured_host_names_are_served(opened: Callable, make_key: Callable) -> None:
    make_key("suggest")
    with opened(SECURE, allowed_hosts=("matcher.test",)) as client:
        assert client.get("/health/live").status_code == 200
        assert client.get("/health/live", headers={"Host": "other.test"}).status_code == 400


def pieces(total: int, size: int = 10_000) -> Iterator[bytes]:
    for _ in range(total // size):
        yield b"x" * size


def test_a_body_without_a_length_is_cut_off_at_the_limit(client: TestClient) -> None:
    answer = client.post("/v1/suggestions", content=pieces(2_000_000), headers=JSON)
    assert (answer.status_code, answer.headers["connection"]) == (413, "close")


@pytest.mark.parametrize("length", ["-1", "1e3", "٣", "99999999999999999999", "x", "1000001"])
def test_a_length_that_lies_or_is_too_long_is_refused_unread(client: TestClient, length: str) -> None:
    headers = {**JSON, "content-length": length.encode()}
    assert client.post("/v1/suggestions", content=b"{}", headers=headers).status_code == 413


def test_a_compressed_body_is_refused(client: TestClient) -> None:
    headers = {**JSON, "content-encoding": "gzip"}
    assert client.post("/v1/suggestions", content=b"\x1f\x8b", headers=headers).status_code == 415


def test_a_batch_may_be_twice_as_long(client: TestClient) -> None:
    for path, status in (("/v1/suggestions/batch", 400), ("/v1/suggestions", 413)):
        assert client.post(path, content=b"x" * 1_500_000, headers=JSON).status_code == status
    assert client.post("/v1/suggestions/batch", content=b"x" * 2_000_001, headers=JSON).status_code == 413


def test_one_key_over_its_limit_waits_and_another_does_not(opened: Callable, make_key: Callable) -> None:
    busy, calm = ({"Authorization": f"Bearer {make_key('suggest')}"} for _ in range(2))
    with opened(SECURE, rate_per_minute=20) as client:
        statuses = [client.get("/v1/services/x", headers=busy).status_code for _ in range(60)]
        assert statuses.count(404) == 20  # the limit, and not one more
        assert statuses.count(429) == 60 - 20
        assert client.get("/v1/services/x", headers=busy).headers["retry-after"] == "1"
        assert client.get("/v1/services/x", headers=calm).status_code == 404


def test_limits_are_shared_out_among_workers() -> None:
    assert RateLimit(600, workers=4).per_minute == 600 // 4


def test_refused_keys_are_held_up_by_address_and_good_ones_are_not(opened: Callable, make_key: Callable) -> None:
    good = {"Authorization": f"Bearer {make_key('suggest')}"}
    with opened(SECURE, failed_per_minute=5) as client:
        bad = [{"Authorization": f"Bearer bogus{n}"} for n in range(8)]
        statuses = [client.get("/v1/services/x", headers=headers).status_code for headers in bad]
        assert statuses == [401] * 5 + [429] * 3
        assert client.get("/v1/services/x", headers=good).status_code == 404


def test_a_large_batch_counts_by_its_consultations(opened: Callable, make_key: Callable) -> None:
    key = {"Authorization": f"Bearer {make_key('suggest')}"}
    with opened(SECURE, rate_per_minute=6) as client:
        body = {"consultations": [{"interests": ["singing"]}] * 50}
        assert client.post("/v1/suggestions/batch", json=body, headers=key).status_code == 200  # 1 + 50 / 10
        assert client.get("/v1/services/x", headers=key).status_code == 429


def test_beyond_what_is_under_way_answers_are_refused_and_come_back_afterwards() -> None:
    gate = threading.Event()

    async def scenario() -> list[object]:
        admission = Admission(threads=1, most=2)
        running = [asyncio.create_task(admission.run(5, gate.wait)) for _ in range(2)]
        await asyncio.sleep(0.05)
        with pytest.raises(Problem) as refused:
            await admission.run(5, gate.wait)
        gate.set()
        await asyncio.gather(*running)
        await asyncio.sleep(0.05)
        again = await admission.run(5, gate.wait)
        admission.close()
        return [refused.value.status, refused.value.headers["Retry-After"], again]

    assert asyncio.run(scenario()) == [503, "1", True]


def test_a_worker_with_its_hands_full_refuses_at_the_door_and_still_says_that_it_lives(opened: Callable) -> None:
    """Under its own name in the counts, and before the body is looked at: refusing has to cost next to nothing."""
    with opened(max_in_flight=2) as client:
        client.app.state.admission.in_flight = 2
        for path in ("/v1/suggestions", "/v1/explanations"):
            refused = client.post(path, content=b"no JSON at all")
            assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
        assert client.get("/health/live").status_code == 200
        counted = client.get("/metrics").text
        client.app.state.admission.in_flight = 0
        assert client.post("/v1/suggestions", json={"note": "Lonely"}).status_code == 200
    assert 'matcher_requests_total{method="POST",route="/v1/suggestions",status="503"} 1.0' in counted


def test_an_answer_that_takes_too_long_is_given_up_and_its_place_is_kept_until_it_ends() -> None:
    gate = threading.Event()

    async def scenario() -> tuple[int, int, int]:
        admission = Admission(threads=1, most=2)
        with pytest.raises(Problem) as late:
            await admission.run(0.05, gate.wait)
        held = admission.in_flight
        gate.set()
        await asyncio.sleep(0.1)
        freed = admission.in_flight
        admission.close()
        return late.value.status, held, freed

    assert asyncio.run(scenario()) == (503, 1, 0)


def test_a_body_that_does_not_arrive_in_time_is_given_up(opened: Callable) -> None:
    with opened(body_timeout_s=0.3) as impatient:
        assert asyncio.run(_late(impatient.app)) == 408


async def _late(app: Callable) -> int:
    """A request whose body stops half-way, straight to the application."""
    statuses: list[int] = []
    parts = iter([{"type": "http.request", "body": b'{"note":', "more_body": True}])

    async def receive() -> dict[str, object]:
        for part in parts:
            return part
        await asyncio.sleep(30)
        return {"type": "http.disconnect"}

    async def send(message: dict[str, object]) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/suggestions",
        "raw_path": b"/v1/suggestions",
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "http_version": "1.1",
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
        "headers": [(b"host", b"127.0.0.1"), (b"content-type", b"application/json")],
    }
    await app(scope, receive, send)
    return statuses[0]


def test_every_setting_and_log_field_is_in_the_operators_guide() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "operators.md").read_text(encoding="utf-8")
    for name in ServiceConfig.model_fields:
        assert f"`MATCHER_{name.upper()}`" in guide
    for field in FIELDS:
        assert f"| `{field}` |" in guide
