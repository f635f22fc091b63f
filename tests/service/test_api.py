"""The endpoints as another system uses them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from matcher import Engine
from matcher.batch import rescore
from matcher.data_files import SAMPLE_DATE, data_path

CASELOAD = data_path("sample", "consultations.jsonl")
JSON = {"content-type": "application/json"}
LONELY = {"note": "Lonely since she moved, would like company.", "age": 70}


def test_an_answer_holds_everything_a_page_needs(client: TestClient) -> None:
    answer = client.post("/v1/suggestions", json=LONELY).json()
    assert set(answer) >= {"response_id", "versions", "alerts", "suggestions", "screened_out", "unmet_needs"}
    first = answer["suggestions"][0]
    assert set(first) >= {"service", "rank", "score", "standing", "distance_km", "reasons", "cautions"}
    assert set(first["reasons"][0]) == {"text", "weight", "concept"}
    assert first["score"] == pytest.approx(sum(reason["weight"] for reason in first["reasons"]), abs=1e-5)


def test_a_need_that_was_not_recognised_is_told_to_its_caller(client: TestClient) -> None:
    answers = [client.post("/v1/suggestions", json={**LONELY, "needs": needs}).json() for needs in (["zorbing"], [])]
    assert [answer["not_understood"] for answer in answers] == [["zorbing"], []]


def test_http_and_rescore_give_the_same_ranking_for_the_whole_sample(
    client: TestClient, engine: Engine, tmp_path: Path
) -> None:
    rescore(engine, CASELOAD, tmp_path / "out.jsonl", as_of=SAMPLE_DATE, top=10)
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    batch = [(row["consultation_id"], row["rank"], row["service_id"], row["score"]) for row in rows]
    over_http = []
    for line in CASELOAD.read_bytes().splitlines():
        answer = client.post("/v1/suggestions", content=line, headers=JSON).json()
        identity = answer["consultation_id"]
        over_http += [(identity, s["rank"], s["service"]["id"], s["score"]) for s in answer["suggestions"]]
    assert len({row[0] for row in batch}) > 60, "the caseload was hardly answered"
    assert over_http == batch


def test_the_same_request_twice_gives_the_same_bytes_but_for_the_id(client: TestClient) -> None:
    first, second = (client.post("/v1/suggestions", json=LONELY) for _ in range(2))
    ids = first.json()["response_id"], second.json()["response_id"]
    assert ids[0] != ids[1]
    assert first.content.replace(ids[0].encode(), b"") == second.content.replace(ids[1].encode(), b"")


def test_top_three_is_the_beginning_of_top_ten(client: TestClient) -> None:
    lists = [client.post(f"/v1/suggestions?top={top}", json=LONELY).json()["suggestions"] for top in (3, 10)]
    assert lists[0] == lists[1][:3]


def test_the_day_asked_for_is_the_day_answered_for(client: TestClient) -> None:
    assert client.post("/v1/suggestions", json=LONELY).json()["versions"]["as_of"] == SAMPLE_DATE.isoformat()
    answer = client.post("/v1/suggestions?as_of=2026-12-24", json=LONELY).json()
    assert answer["versions"]["as_of"] == date(2026, 12, 24).isoformat()


@pytest.mark.parametrize(
    "query", ["top=0", "top=51", "top=1_0", "top=٣", "top=x", "as_of=2026-02-30", "as_of=1", "as_of="]
)
def test_a_query_that_is_not_as_described_is_refused_by_name(client: TestClient, query: str) -> None:
    answer = client.post(f"/v1/suggestions?{query}", json=LONELY)
    assert answer.status_code == 422
    assert [fault["field"] for fault in answer.json()["errors"]] == [query.partition("=")[0]]


def test_a_batch_gives_the_single_answers_in_order(client: TestClient) -> None:
    bodies = [{**LONELY, "id": f"case-{age}", "age": age} for age in (20, 50, 80)]
    answers = client.post("/v1/suggestions/batch", json={"consultations": bodies}).json()["answers"]
    singles = [client.post("/v1/suggestions", json=body).json() for body in bodies]
    assert [answer["consultation_id"] for answer in answers] == ["case-20", "case-50", "case-80"]
    for answer, single in zip(answers, singles, strict=True):
        assert {**answer, "response_id": ""} == {**single, "response_id": ""}


def test_a_batch_names_the_place_of_each_fault(client: TestClient) -> None:
    bodies = [LONELY, {"age": -1, "note": "x"}, {}]
    answer = client.post("/v1/suggestions/batch", json={"consultations": bodies})
    assert answer.status_code == 422
    assert {fault["field"] for fault in answer.json()["errors"]} == {
        "consultations.1.age",
        "consultations.2.consultation",
    }


@pytest.mark.parametrize("bodies", [[], [LONELY] * 501, "x", None])
def test_a_batch_has_one_to_five_hundred_consultations(client: TestClient, bodies: object) -> None:
    answer = client.post("/v1/suggestions/batch", json={"consultations": bodies})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "consultations")


def test_an_explanation_says_where_a_suggested_service_stands(client: TestClient) -> None:
    shown = client.post("/v1/suggestions", json=LONELY).json()["suggestions"][1]
    body = {"consultation": LONELY, "service_id": shown["service"]["id"]}
    account = client.post("/v1/explanations", json=body).json()
    assert (account["rank"], account["ruled_out"]) == (2, [])
    assert account["service"] == shown["service"]


def test_an_explanation_says_why_a_service_is_not_suggested(client: TestClient, engine: Engine) -> None:
    limits = engine.catalogue.min_age
    row = int(next(i for i in range(len(engine.catalogue)) if limits[i] >= 50))
    body = {"consultation": {**LONELY, "age": 20}, "service_id": engine.catalogue[row].id}
    account = client.post("/v1/explanations", json=body).json()
    assert account["rank"] is None
    assert account["ruled_out"]


def test_an_unknown_service_is_not_found_and_not_repeated(client: TestClient) -> None:
    looked_up = client.get("/v1/services/Mrs-Somebody")
    explained = client.post("/v1/explanations", json={"consultation": LONELY, "service_id": "Mrs-Somebody"})
    for answer in (looked_up, explained):
        assert answer.status_code == 404
        assert "Somebody" not in answer.text


def test_a_service_is_shown_as_suggestions_show_it(client: TestClient) -> None:
    shown = client.post("/v1/suggestions", json=LONELY).json()["suggestions"][0]["service"]
    assert client.get(f"/v1/services/{shown['id']}").json() == shown


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("berevement", "bereavement"),  # a letter missing
        ("bereav", "bereavement"),  # the beginning
        ("lonelyness", "loneliness"),  # misspelt
        ("gardning", "gardening"),  # a letter missing
    ],
)
def test_look_ahead_finds_what_was_meant(client: TestClient, typed: str, expected: str) -> None:
    found = client.post("/v1/concepts", json={"text": typed}).json()["concepts"]
    assert expected in [concept["id"] for concept in found[:3]]


def test_look_ahead_gives_each_concept_once_best_first_and_only_the_kinds_asked_for(client: TestClient) -> None:
    found = client.post("/v1/concepts", json={"text": "money", "kinds": ["need"], "limit": 50}).json()["concepts"]
    ids, scores = [c["id"] for c in found], [c["score"] for c in found]
    assert len(set(ids)) == len(ids) > 1
    assert scores == sorted(scores, reverse=True)
    assert {c["kind"] for c in found} == {"need"}


@pytest.mark.parametrize("typed", ["", "   ", "zzzzqqqq", "\u202e", "'; drop table", "a" * 80])
def test_look_ahead_answers_anything_typed(client: TestClient, typed: str) -> None:
    assert client.post("/v1/concepts", json={"text": typed}).status_code == 200


def test_probes_say_alive_and_ready(client: TestClient, engine: Engine) -> None:
    assert client.get("/health/live").json() == {"status": "alive"}
    ready = client.get("/health/ready").json()
    assert (ready["status"], ready["degraded"], ready["services"]) == ("ready", [], len(engine.catalogue))


def test_without_a_catalogue_the_service_lives_but_is_not_ready(config: Callable[..., object]) -> None:
    from service.app import create_app

    app = create_app(config())
    client = TestClient(app, base_url="http://127.0.0.1")  # not started: nothing is read yet
    assert client.get("/health/live").status_code == 200
    assert client.get("/health/ready").status_code == 503
    answer = client.post("/v1/concepts", json={"text": "x"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")


def test_a_service_that_is_stopping_says_that_it_is_not_ready(client: TestClient) -> None:
    client.app.state.matcher.draining = True
    assert client.get("/health/ready").status_code == 503
    assert client.get("/health/live").status_code == 200


def test_metrics_count_by_route_and_have_no_label_from_a_caller(client: TestClient) -> None:
    client.post("/v1/suggestions", json=LONELY)
    client.get("/v1/services/secret-words")
    client.request("BREW", "/secret-words")
    text = client.get("/metrics").text
    assert 'matcher_requests_total{method="POST",route="/v1/suggestions",status="200"} 1.0' in text
    assert 'method="OTHER"' in text
    assert "secret-words" not in text
    assert text.count("\n") < 200
