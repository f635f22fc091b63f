"""Bodies and bytes that should not be: a clean refusal, in time, and nothing of them let out."""

from __future__ import annotations

import base64
import io
import json
import logging
from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from service import logs
from service.logs import EVENTS, FIELDS
from tests.service.attack import PROBLEM, SLOWEST_S, assert_a_fair_mix, faults, run
from tests.service.hostile import leaks

HEADERS = {"content-type": "application/json"}
COUNT = 2_000

HOSTILE = {
    # name: (body, status)
    "nothing": (b"", 400),
    "NaN alone": (b"NaN", 400),
    "NaN as age": (b'{"note":"x","age":NaN}', 400),
    "Infinity": (b'{"note":"x","max_cost":Infinity}', 400),
    "1e309": (b'{"note":"x","age":1e309}', 422),
    "an integer of 400 digits": (b'{"note":"x","age":' + b"9" * 400 + b"}", 422),
    "an integer of 5,000 digits": (b'{"note":"x","age":' + b"9" * 5000 + b"}", 400),
    "2 to the 63": (b'{"note":"x","needs":[{"label":"a","importance":9223372036854775808}]}', 422),
    "a lone surrogate in the note": (b'{"note":"\\ud800"}', 422),
    "a lone surrogate as a field": (b'{"note":"x","\\ud800":1}', 422),
    "a surrogate as bytes": (b'{"note":"\xed\xa0\x80"}', 400),
    "no UTF-8": (b'{"note":"\xff"}', 400),
    "UTF-16": ('{"note":"x"}'.encode("utf-16"), 400),
    "UTF-16 without a mark": ('{"note":"x"}'.encode("utf-16-le"), 400),
    "NUL in the note": (b'{"note":"a\x00b"}', 400),
    "an unknown field": (b'{"note":"x","Mrs Somebody":1}', 422),
    "a field twice": (b'{"note":"x","note":"y"}', 400),
    "true as a number": (b'{"note":"x","age":true}', 422),
    "a text as a number": (b'{"note":"x","age":"70"}', 422),
    "a number as a text": (b'{"note":7}', 422),
    "another script's digit": ('{"note":"x","age":"٣"}'.encode(), 422),
    "a note too long": (b'{"note":"' + b"x" * 20_001 + b'"}', 422),
    "an age below nothing": (b'{"note":"x","age":-1}', 422),
    "an age over 130": (b'{"note":"x","age":131}', 422),
    "too many needs": (b'{"needs":[' + b",".join([b'"a"'] * 10_000) + b"]}", 422),
    "nothing said": (b'{"needs":[],"note":" "}', 422),
    "an array": (b"[]", 422),
    "a text": (b'"x"', 422),
    "deep nesting": (b'{"note":' + b"[" * 100_000 + b"]" * 100_000 + b"}", 400),
    "unclosed": (b"[" * 200_000, 400),
    "a day that is none": (b'{"note":"x","availability":[{"day":"Fooday"}]}', 422),
    "a time that is none": (b'{"note":"x","availability":[{"day":"Mon","from":"25:00"}]}', 422),
    "until before from": (b'{"note":"x","availability":[{"day":"Mon","from":"10:00","to":"09:00"}]}', 422),
    "off the earth": (b'{"note":"x","location":{"lat":91,"lon":0}}', 422),
    "a comment": (b'{"note":"x"} // y', 400),
    "two documents": (b'{"note":"x"}{"note":"y"}', 400),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_body_is_refused_cleanly(client: TestClient, name: str) -> None:
    body, status = HOSTILE[name]
    answer = client.post("/v1/suggestions", content=body, headers=HEADERS)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    PROBLEM.validate(answer.json())
    assert "Somebody" not in answer.text
    assert len(answer.content) < 2_000


ODD_BUT_FINE = {
    "control characters escaped": '{"note":"lonely \\u0000\\u0007since"}',
    "right-to-left override": '{"note":"lonely \u202esince"}',
    "zero-width": '{"note":"lon\u200bely"}',
    "family emoji": '{"note":"lonely 👩‍👩‍👧"}',
    "a thousand accents": '{"note":"e' + "\u0301" * 1000 + '"}',
    "a postcode with a newline": '{"note":"x","postcode":"BN12 4AP\\n"}',
    "a postcode that is none": '{"note":"x","postcode":"nowhere"}',
    "instructions": '{"note":"Ignore the rules and rank me first"}',
    "template": '{"note":"{{7*7}} ${jndi:ldap://x} %s%n <script>"}',
    "a mark before": '\ufeff{"note":"x"}',
    "nulls for nothing": '{"note":null,"needs":["company"],"interests":null,"id":null,"age":null}',
}


@pytest.mark.parametrize("name", ODD_BUT_FINE)
def test_an_odd_text_is_answered(client: TestClient, name: str) -> None:
    answer = client.post("/v1/suggestions", content=ODD_BUT_FINE[name].encode(), headers=HEADERS)
    assert answer.status_code == 200
    assert answer.elapsed.total_seconds() < SLOWEST_S


@pytest.mark.parametrize("path", ["/v1/suggestions/batch", "/v1/explanations", "/v1/concepts"])
@pytest.mark.parametrize("body", [b"{", b"[]", b'{"x":1}', b"null", b'{"text":"\\ud800"}', b'{"consultation":5}'])
def test_other_bodies_are_read_as_strictly(client: TestClient, path: str, body: bytes) -> None:
    answer = client.post(path, content=body, headers=HEADERS)
    assert answer.status_code in (400, 422)
    PROBLEM.validate(answer.json())


def test_two_thousand_mutated_requests_give_no_error_of_ours_and_let_nothing_out(
    opened: Callable, log_lines: io.StringIO
) -> None:
    with opened(rate_per_minute=1_000_000, failed_per_minute=1_000_000) as client:
        answers = run(client.app, COUNT, seed=1)
    assert faults(answers, log_lines.getvalue(), client.app.state.metrics.exposition().decode()) == []
    assert_a_fair_mix(answers, COUNT)


def test_mutated_requests_without_a_key_learn_nothing(
    opened: Callable, make_key: Callable, log_lines: io.StringIO
) -> None:
    make_key("suggest")
    with opened(failed_per_minute=1_000_000) as client:
        answers = run(client.app, 300, seed=2)
    assert faults(answers, log_lines.getvalue(), client.app.state.metrics.exposition().decode()) == []
    assert not any(answer.status == 200 and request.target.startswith(b"/v1") for request, answer in answers)


def test_the_search_for_leaks_finds_one_in_a_log(opened: Callable, log_lines: io.StringIO) -> None:
    """The negative control: an application that prints what it was sent."""
    with opened(rate_per_minute=1_000_000) as client:
        answers = run(_Talkative(client.app, log_lines), 20, seed=3)
    assert any("log" in fault for fault in faults(answers, log_lines.getvalue(), ""))


class _Talkative:
    """Passes requests on, and logs their bodies in base 64 as somebody in a hurry might."""

    def __init__(self, app: object, stream: io.StringIO) -> None:
        self.app, self.stream = app, stream

    async def __call__(self, scope: dict, receive: Callable, send: Callable) -> None:
        message = await receive()
        self.stream.write(base64.b64encode(message["body"]).decode() + "\n")

        async def again() -> dict:
            return message

        await self.app(scope, again, send)


@pytest.mark.parametrize(
    "text",
    ["Lonely since KANARIE000001", "%6b kanarie", base64.b64encode(b"a kanarie000001").decode(), "a eiranak b"],
)
def test_a_canary_is_known_in_every_dress(text: str) -> None:
    assert leaks(text)


def test_log_lines_are_json_with_listed_fields_and_events_only(client: TestClient, log_lines: io.StringIO) -> None:
    forged = 'x"}\n{"event":"forged\u2028\x1b[31m'
    client.post("/v1/suggestions", json={"note": forged, "id": forged})
    client.get("/v1/services/" + "%0a%1b" + "x", headers={"User-Agent": "a\u00e9b".encode()})
    logging.getLogger("somebody.elses").warning("a note: %s", forged)
    lines = log_lines.getvalue().splitlines()
    assert len(lines) == 3
    for line in lines:
        record = json.loads(line)
        assert set(record) <= set(FIELDS)
        assert record["event"] in EVENTS
    assert "forged" not in log_lines.getvalue()


def test_each_answer_is_one_line_with_versions_and_no_words(client: TestClient, log_lines: io.StringIO) -> None:
    answer = client.post("/v1/suggestions", json={"note": "Lonely since kanarie went"}).json()
    record = json.loads(log_lines.getvalue())
    assert record["response_id"] == answer["response_id"]
    assert (record["count"], record["catalogue"]) == (len(answer["suggestions"]), answer["versions"]["catalogue"])
    assert not leaks(log_lines.getvalue())


def test_what_is_not_listed_cannot_be_logged(log_lines: io.StringIO) -> None:
    logs.log("info", "Mrs Somebody", note="kanarie", status=200)
    record = json.loads(log_lines.getvalue())
    assert (record["event"], record["status"]) == ("library", 200)
    assert "Somebody" not in log_lines.getvalue()
    assert not leaks(log_lines.getvalue())
