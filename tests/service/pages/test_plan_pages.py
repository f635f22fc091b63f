from __future__ import annotations

import json
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from service.pages_form import Draft
from service.plan import Plan, PlanItem, planned, review_choices, tried_after
from service.plan_file import open_plan, plan_text
from tests.factories import AS_OF
from tests.service.pages.conftest import UNSAFE_NOTE
from tests.service.pages.forms import Page, ask, visit

GOAL = "“I want to sing again”"


def a_plan(town: TestClient, **filled: str | list[str]) -> Page:
    """The plan for the choir and the walkers."""
    filled = {"note": "Lonely.", "interest": ["singing", "walking"], **filled}
    return ask(town, **filled).press("Make the plan", shortlist=["choir", "walk"])


def download(page: Page, **ticks: str) -> tuple[int, str, Page]:
    """Presses the download button; gives status, content and the page."""
    answer = page.press("Download the plan", **ticks)
    return answer.status, answer.html, answer


def opened(town: TestClient, content: str | bytes) -> Page:
    """The page after a file was opened."""
    data = content if isinstance(content, bytes) else content.encode()
    response = town.post("/open-plan", files={"file": ("plan.json", data, "application/json")})
    return Page(town, response.status_code, response.text, response.url.path)


def test_the_plan_has_each_chosen_service_with_who_and_a_review_date(town: TestClient):
    page = a_plan(town)
    assert page.all("legend") == ["Mill Hall Singers", "Canal Walkers"]
    assert page.value("who") == ["I, the link worker"] * 2
    assert page.value("review_on") == [(AS_OF + timedelta(weeks=6)).isoformat()] * 2


def test_review_dates_run_from_a_week_to_six_months():
    choices = [value for value, _ in review_choices(AS_OF, "")]
    assert choices[0] == (AS_OF + timedelta(days=7)).isoformat()
    assert choices[-1] == (AS_OF + timedelta(days=182)).isoformat()


def test_a_date_chosen_before_is_kept_among_the_choices():
    assert review_choices(AS_OF, "2026-10-01")[0] == ("2026-10-01", "1 October 2026")


def test_nothing_chosen_is_told(town: TestClient):
    page = ask(town, interest=["singing"]).press("Make the plan")
    assert page.status == 422
    assert "Choose at least one service first" in page.text


def test_what_was_agreed_survives_going_back_and_choosing_another(town: TestClient):
    page = a_plan(town, shortlist=[]).press("Back to the suggestions", goal=[GOAL], next_step=["Ring on Monday"])
    again = page.press("Make the plan")
    assert again.value("goal")[0] == GOAL
    assert again.value("next_step")[0] == "Ring on Monday"


def test_a_service_taken_out_of_the_plan_is_gone(town: TestClient):
    page = a_plan(town).press("Back to the suggestions", shortlist=["walk"]).press("Make the plan")
    assert page.all("legend") == ["Canal Walkers"]


def test_the_file_needs_the_persons_agreement(town: TestClient):
    status, _, page = download(a_plan(town).press("Keep the plan"))
    assert status == 422
    assert "Tick that the person agrees" in page.text


def test_the_file_holds_the_plan_and_leaves_the_note_out_unless_asked(town: TestClient):
    keep = a_plan(town, need=["company"]).press("Keep the plan", goal=[GOAL])
    status, content, _ = download(keep, consent="yes")
    file = json.loads(content)
    assert status == 200
    assert [(item["item"], item["goal"]) for item in file["items"]] == [("choir", GOAL), ("walk", "")]
    assert (file["answers"]["need"], file["answers"]["note"]) == (["company"], "")
    _, content, _ = download(keep, consent="yes", with_note="yes")
    assert json.loads(content)["answers"]["note"] == "Lonely."


def test_the_file_is_a_download_and_not_kept_by_the_browser(town: TestClient):
    keep = a_plan(town).press("Keep the plan")
    form = keep.tree.css_first("form[action='/plan-file']")
    assert form is not None
    assert form.attributes["hx-boost"] == "false"
    data = {"shortlist": "choir", "item": "choir", "review_on": "2026-12-01", "consent": "yes"}
    response = town.post("/plan-file", data=data)
    assert response.headers["content-disposition"] == 'attachment; filename="plan-2026-11-01.json"'
    assert response.headers["cache-control"] == "no-store"


def test_an_opened_plan_is_reviewed_and_asks_again_without_what_was_tried(town: TestClient):
    _, content, _ = download(a_plan(town).press("Keep the plan", goal=[GOAL]), consent="yes")
    review = opened(town, content)
    assert review.heading() == "What came of the plan?"
    assert GOAL in review.text
    again = review.press("Ask again", outcome=["declined", "discussed"], outcome_reason=["times", ""])
    names = again.all(".app-card h2")
    assert not any("Mill Hall Singers" in name for name in names)
    assert any("Canal Walkers" in name for name in names), "only talked about, not tried"
    assert "Tried before: Mill Hall Singers" in again.text


@pytest.mark.parametrize(
    ("outcome", "tried"),
    [
        ("", ()),
        ("discussed", ()),
        ("referred", ()),
        ("attended", ("x",)),
        ("declined", ("x",)),
        ("not_suitable", ("x",)),
    ],
)
def test_only_ended_services_count_as_tried(outcome: str, tried: tuple[str, ...]):
    assert tried_after(Plan((PlanItem("x", outcome=outcome),))) == tried


def test_a_plan_keeps_what_is_known_of_a_service_when_planned_again():
    before = Plan((PlanItem("a", "A", goal="g", review_on="2026-12-01"),), "2026-11-01")
    after = planned(before, [("b", "B"), ("a", "A")], AS_OF)
    assert [(item.item, item.goal) for item in after.items] == [("b", ""), ("a", "g")]
    assert after.items[1].review_on == "2026-12-01"


def test_a_file_comes_back_as_it_was():
    draft = Draft(
        note="n", need=("a", "b"), importance=("3", "1"), age="60", free=("Monday morning",), shortlist=("x",)
    )
    plan = Plan(
        (PlanItem("x", "X", "g", "s", "The person", "2026-12-01", "declined", "cost"),), "2026-11-01", True, "r" * 8
    )
    assert open_plan(plan_text(draft, plan, with_note=True).encode()) == (draft, plan)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"format": "other"}',
        b'{"format": "service-matcher plan", "version": 2, "items": []}',
        b'{"format": "service-matcher plan", "version": 1, "items": [], "more": "canary"}',
        b'{"format": "service-matcher plan", "version": 1, "items": [{"item": "\\ud800"}]}',
        b'{"format": "service-matcher plan", "version": 1, "items": [{"item": "' + b"x" * 500 + b'"}]}',
        b'{"format": "service-matcher plan", "version": 1, "items": [], "answers": {"age": NaN}}',
        b"x" * 300_000,
    ],
)
def test_a_file_that_is_not_a_plan_is_refused_in_words(town: TestClient, content: bytes):
    page = opened(town, content)
    assert page.status == 422
    assert page.all(".nhsuk-error-summary a")
    assert "canary" not in page.html


def test_a_service_that_left_the_directory_stays_in_the_plan_by_its_title(town: TestClient):
    plan = Plan((PlanItem("gone", "Old Bowls Club", review_on="2026-12-01"),), "2026-10-01")
    page = opened(town, plan_text(Draft(interest=("singing",)), plan, with_note=False))
    assert page.all("legend") == ["Old Bowls Club"]
    assert page.press("Change the plan").all("legend") == ["Old Bowls Club"]


def test_unsafe_contact_travels_with_the_file_even_without_the_note(town: TestClient):
    keep = a_plan(town, note=UNSAFE_NOTE).press("Keep the plan")
    status, _, page = download(keep, consent="yes")
    assert status == 422
    assert "stopped and checked" in page.text
    _, content, _ = download(keep, consent="yes", safe="yes")
    assert json.loads(content)["check_contact"] is True
    assert "phone" not in json.loads(content)["answers"]["note"]
    again = opened(town, content).press("Ask again")
    assert "Contact with this person is not safe" in again.text


def test_opening_without_a_file_is_told(town: TestClient):
    response = town.post("/open-plan", data={})
    assert response.status_code == 422
    assert visit(town).status == 200
