"""What came of a plan is kept only with consent, and then as codes."""

from __future__ import annotations

from pathlib import Path

from starlette.testclient import TestClient

from tests.service.pages.forms import Page, ask


def a_plan(town: TestClient, **filled: str | list[str]) -> Page:
    return ask(town, note="Lonely canary.", interest=["singing"]).press(
        "Make the plan", shortlist=["choir", "walk"], **filled
    )


def test_without_consent_there_is_nothing_to_record(town: TestClient, tmp_path: Path):
    review = a_plan(town).press("Mark what came of it")
    assert "Record what came of it" not in review.text
    assert not list(tmp_path.rglob("*.db*"))


def test_with_consent_outcomes_are_kept_once_and_without_words(town: TestClient, tmp_path: Path):
    review = a_plan(town).press("Mark what came of it", learn="yes")
    answers = {"outcome": ["declined", "attended"], "outcome_reason": ["times", ""]}
    done = review.press("Record what came of it", **answers)
    assert done.status == 200, done.text
    assert "has been kept" in done.text
    assert done.press("Record what came of it", **answers).status == 200, "pressing twice does no harm"
    stored = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"choir" in stored
    assert b"canary" not in stored


def test_a_decline_without_a_reason_is_asked_for_one(town: TestClient):
    review = a_plan(town).press("Mark what came of it", learn="yes")
    page = review.press("Record what came of it", outcome=["declined", ""])
    assert page.status == 422
    assert "Say why they did not want it" in page.text


def test_consent_travels_with_the_file(town: TestClient):
    keep = a_plan(town).press("Keep the plan", learn="yes")
    content = keep.press("Download the plan", consent="yes").html
    response = town.post("/open-plan", files={"file": ("plan.json", content.encode(), "application/json")})
    review = Page(town, response.status_code, response.text, "/open-plan")
    done = review.press("Record what came of it", outcome=["attended", ""])
    assert "has been kept" in done.text


def test_an_answer_that_was_never_kept_cannot_have_outcomes(town: TestClient):
    sent = [
        ("item", "choir"),
        ("title", "Choir"),
        ("outcome", "attended"),
        ("response_id", "0" * 32),
        ("record", "yes"),
    ]
    page = a_plan(town).send("/review", sent)
    assert page.status == 422
    assert "could not be kept now" in page.text
