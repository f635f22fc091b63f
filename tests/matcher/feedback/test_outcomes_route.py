"""POST /v1/outcomes: acknowledged when on disk, safe to repeat, and never in the way of answering."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from matcher import Engine
from matcher.feedback import Store, StoreTooNewError
from service.app import create_app
from service.config import ServiceConfig
from tests.matcher.feedback.builders import AS_OF, KEY, a_shown, an_answer, sqlite_rows

NOTE = "Lonely since she moved, used to sing in a choir."


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Key and store in the test's own folder."""
    for name in ("MATCHER_STORE", "MATCHER_STATE"):
        monkeypatch.delenv(name, raising=False)
    key = tmp_path / "store.key"
    key.write_text(KEY.hex(), encoding="ascii")
    key.chmod(0o600)
    monkeypatch.setenv("MATCHER_STORE_KEY", str(key))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "outcomes.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    """The same store as the service's, with one answer in it."""
    store = Store(f"sqlite:///{path}", KEY)
    store.record_answer(an_answer("answer-1", shown=(a_shown(1), a_shown(2))))
    yield store
    store.close()


@pytest.fixture
def client(engine: Engine, tmp_path: Path) -> Iterator[TestClient]:
    app = create_app(ServiceConfig(state=tmp_path / "state", as_of=AS_OF), engine)
    with TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 50000)) as client:
        yield client


def body(**changes: Any) -> dict[str, Any]:
    """A referral to the first service of the usual answer."""
    return {
        "response_id": "answer-1",
        "service_id": "svc-1",
        "status": "referred",
        "idempotency_key": "key-12345678",
        **changes,
    }


def test_an_outcome_is_acknowledged_once_and_confirmed_from_then_on(
    store: Store, client: TestClient, path: Path
) -> None:
    first, again = client.post("/v1/outcomes", json=body()), client.post("/v1/outcomes", json=body())
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert first.json()["recorded_at"].endswith("+00:00")
    assert sqlite_rows(path, "SELECT service_id, status, rank FROM outcomes") == [("svc-1", "referred", 1)]


@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"status": "cured"}, 422, "status"),
        ({"status": "declined"}, 422, "reason"),
        ({"reason": "cost"}, 422, "reason"),
        ({"status": "declined", "reason": "it rained"}, 422, "reason"),
        ({"rank": 0}, 422, "rank"),
        ({"rank": "1"}, 422, "rank"),
        ({"idempotency_key": "short"}, 422, "idempotency_key"),
        ({"idempotency_key": "key-12345678\n"}, 422, "idempotency_key"),
        ({"service_id": "x" * 201}, 422, "service_id"),
        ({"canary_field": "canary words"}, 422, "unknown"),
        ({"response_id": "answer-9"}, 404, "response_id"),
        ({"rank": 2}, 409, "rank"),
    ],
)
def test_a_wrong_outcome_is_refused_by_field_and_never_repeated(
    store: Store, client: TestClient, path: Path, changes: dict[str, Any], status: int, field: str
) -> None:
    answer = client.post("/v1/outcomes", json=body(**changes))
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert field in answer.text
    assert "canary" not in answer.text
    assert sqlite_rows(path, "SELECT count(*) FROM outcomes") == [(0,)]


def test_one_key_for_two_outcomes_is_a_conflict(store: Store, client: TestClient) -> None:
    client.post("/v1/outcomes", json=body())
    answer = client.post("/v1/outcomes", json=body(status="attended"))
    assert answer.status_code == 409
    assert "idempotency_key" in answer.text


def test_a_locked_store_answers_503_in_time_while_suggestions_go_on(
    store: Store, client: TestClient, path: Path
) -> None:
    """The store waits five seconds for a lock; the answer is there a second later at most."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        answer = client.post("/v1/outcomes", json=body())
        assert time.monotonic() - began < 5 + 1 + 1
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) > 0
        assert client.post("/v1/suggestions", json={"note": NOTE}).status_code == 200
    assert client.post("/v1/outcomes", json=body()).status_code == 201


def test_a_store_that_cannot_be_made_leaves_suggestions_as_they_are(client: TestClient, path: Path) -> None:
    path.mkdir(parents=True)
    assert client.post("/v1/suggestions", json={"note": NOTE}).status_code == 200
    answer = client.post("/v1/outcomes", json=body())
    assert answer.status_code == 503
    assert "Retry-After" in answer.headers


def test_without_consent_nothing_is_stored_at_all(client: TestClient, path: Path) -> None:
    client.post("/v1/suggestions", json={"note": NOTE})
    assert not path.exists()


def test_with_consent_the_answer_is_kept_and_takes_outcomes(client: TestClient, path: Path) -> None:
    """The route takes an outcome as soon as the answer is stored, and asks to be called again until it is."""
    answer = client.post("/v1/suggestions", params={"consent": "true"}, json={"note": NOTE}).json()
    first = answer["suggestions"][0]
    sent = body(response_id=answer["response_id"], service_id=first["service"]["id"], rank=1)
    until = time.monotonic() + 10
    while (reply := client.post("/v1/outcomes", json=sent)).status_code == 503 and time.monotonic() < until:
        time.sleep(0.05)
    assert reply.status_code == 201
    assert sqlite_rows(path, "SELECT response_id, service_id, score FROM shown WHERE rank = 1") == [
        (answer["response_id"], first["service"]["id"], first["score"])
    ]


def test_a_service_does_not_start_on_a_store_of_a_newer_version(store: Store, engine: Engine, tmp_path: Path) -> None:
    with store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    app = create_app(ServiceConfig(state=tmp_path / "state"), engine)
    with pytest.raises(StoreTooNewError), TestClient(app):
        pass


def test_the_description_of_the_body_and_the_parser_agree(client: TestClient) -> None:
    """Each status may be sent in exactly one of the described shapes."""
    shapes = client.app.state.openapi["paths"]["/v1/outcomes"]["post"]["requestBody"]["content"]["application/json"]  # type: ignore[attr-defined]
    statuses = [status for shape in shapes["schema"]["oneOf"] for status in shape["properties"]["status"]["enum"]]
    assert sorted(statuses) == ["attended", "declined", "discussed", "not_suitable", "referred"]
