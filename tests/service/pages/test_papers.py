from __future__ import annotations

from starlette.testclient import TestClient

from tests.service.pages.conftest import UNSAFE_NOTE
from tests.service.pages.forms import Page, ask


def a_plan(town: TestClient, *chosen: str, **filled: str | list[str]) -> Page:
    filled = {"note": "Lonely since the canary-note.", "need": ["canary-need"], "interest": ["singing"], **filled}
    return ask(town, **filled).press("Make the plan", shortlist=list(chosen or ("choir", "walk")))


def paper(page: Page) -> str:
    node = page.tree.css_first(".app-paper")
    return " ".join(node.text(separator=" ").split()) if node else ""


def test_the_sheet_says_in_plain_words_where_when_and_how_to_go(town: TestClient):
    page = a_plan(town).press("Sheet for the person", next_step=["Go along together"], who=["The person"])
    said = paper(page)
    for words in (
        "Mill Hall Singers",
        "A choir for people who think that they cannot sing.",
        "Tuesdays, 10am to noon",
        "Mill Hall, ZZ9 9AA",
        "You can get in touch yourself.",
        "01632 960001",
        "Go along together",
        "Who does it: You",
        "13 December 2026",
    ):
        assert words in said


def test_the_sheet_holds_nothing_of_note_needs_or_reasons(town: TestClient):
    said = paper(a_plan(town).press("Sheet for the person"))
    assert said
    assert "canary" not in said
    assert "Because of" not in said


def test_large_print_is_a_tick(town: TestClient):
    page = a_plan(town).press("Sheet for the person").press("Update the sheet", large="yes")
    assert page.tree.css_first(".app-paper--large") is not None


def test_a_sheet_straight_from_the_list_works(town: TestClient):
    page = ask(town, interest=["singing"]).press("Sheet for the person", shortlist="choir")
    assert "Mill Hall Singers" in paper(page)


def test_where_contact_is_unsafe_no_sheet_is_made_before_the_check(town: TestClient):
    page = a_plan(town, note=UNSAFE_NOTE).press("Sheet for the person")
    assert paper(page) == ""
    assert page.value("printed") == [], "nothing is ticked to begin with"
    refused = page.press("Update the sheet", printed="choir")
    assert (refused.status, paper(refused)) == (422, "")
    made = page.press("Update the sheet", printed="choir", safe="yes")
    assert "Mill Hall Singers" in paper(made)
    assert "Canal Walkers" not in paper(made)


def test_where_contact_is_unsafe_goals_are_not_printed_by_default(town: TestClient):
    page = a_plan(town, note=UNSAFE_NOTE).press("Sheet for the person", goal=["To be safe from him", ""])
    made = page.press("Update the sheet", printed="choir", safe="yes")
    assert "To be safe" not in paper(made)


def test_a_service_about_abuse_is_not_printed_by_default(town: TestClient):
    page = a_plan(town, "choir", "refuge").press("Sheet for the person")
    assert "Harbour" not in paper(page)
    assert page.value("printed") == ["choir"]
    assert "its name alone may tell" in page.text


def test_no_paper_speaks_of_abuse_unless_the_worker_ticks_it(town: TestClient):
    plan = a_plan(town, note=UNSAFE_NOTE)
    team = plan.press("Summary for the team").press("Make the summary", consent="yes", safe="yes")
    hand_over = plan.press("Summary for this service").press("Make the summary", consent="yes", safe="yes")
    assert paper(team)
    assert paper(hand_over)
    assert "abuse" not in paper(team).casefold()
    assert "abuse" not in paper(hand_over).casefold()
    ticked = plan.press("Summary for the team").press("Make the summary", consent="yes", safe="yes", part=["alerts"])
    assert "abuse" in paper(ticked).casefold()


def test_a_hand_over_needs_consent_and_holds_only_what_is_ticked(town: TestClient):
    page = a_plan(town, age="67").press("Summary for this service", goal=["To sing"], to="choir")
    refused = page.press("Make the summary")
    assert (refused.status, paper(refused)) == (422, "")
    bare = paper(page.press("Make the summary", consent="yes"))
    assert "canary" not in bare
    assert "67" not in bare
    told = paper(page.press("Make the summary", consent="yes", part=["age", "goal"], person_name="Ada"))
    assert "Age 67" in told
    assert "To sing" in told
    assert "Ada" in told
    assert "canary" not in told


def test_a_hand_over_to_a_service_outside_the_plan_is_refused(town: TestClient):
    sent = [("shortlist", "choir"), ("item", "choir"), ("to", "walk"), ("make", "yes"), ("consent", "yes")]
    page = a_plan(town).send("/hand-over", sent)
    assert page.status == 422
    assert paper(page) == ""


def test_the_name_typed_on_a_paper_is_not_carried_on(town: TestClient):
    page = a_plan(town).press("Summary for this service").press("Make the summary", consent="yes", person_name="Ada")
    assert "Ada" not in page.press("Back to the plan").html


def test_a_summary_for_the_team_is_offered_with_an_alert_or_several_needs(town: TestClient):
    assert "Summary for the team" not in ask(town, need=["company"]).text
    assert "Summary for the team" in ask(town, note="Says she will end her life tonight, has the tablets.").text
    assert "Summary for the team" in ask(town, need=["company", "debts"], importance=["3", "3"]).text
    many = ask(town).press("Find services", need=["company", "debts", "housing"])
    assert "Summary for the team" not in many.text


def test_the_summary_for_the_team_has_no_score_and_no_note(town: TestClient):
    page = a_plan(town).press("Summary for the team")
    parts = ["needs", "interests", "age", "access", "limits", "plan", "tried", "alerts"]
    said = paper(page.press("Make the summary", consent="yes", part=parts, question="What next?"))
    assert "canary-need (matters)" in said
    assert "Mill Hall Singers" in said
    assert "What next?" in said
    assert "canary-note" not in said
    assert "score" not in said.casefold()
