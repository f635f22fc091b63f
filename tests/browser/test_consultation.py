"""A whole consultation in a real browser, with JavaScript and without."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.browser.conftest import Open
from tests.browser.steps import GOAL, NOTE, UNSAFE, arrive, ask, choose, download, press, review


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
@pytest.mark.parametrize("width", [1280, 320])
def test_a_whole_consultation_from_note_to_review(open_page: Open, tmp_path: Path, scripts: bool, width: int):
    page = open_page(width, scripts=scripts)
    ask(page, need="company", age="81", place="ZZ1 3LA")
    names = page.locator(".app-card h2").all_text_contents()
    assert len(names) == 10
    page.locator("button[name=set_aside]").first.click()
    page.locator(".app-aside").wait_for()
    assert names[0] not in page.locator(".app-card h2").all_text_contents()
    choose(page, 1, 3)
    page.fill("#goal-0", GOAL)
    page.fill("#next_step-0", "Go along together")
    press(page, "Sheet for the person", "Sheet for the person")
    assert GOAL in page.locator(".app-paper").inner_text()
    press(page, "Back to the plan", "The plan")
    assert page.input_value("#goal-0") == GOAL
    press(page, "Keep the plan", "Keep the plan")
    file = download(page, tmp_path)
    plan = json.loads(file.read_text(encoding="utf-8"))
    assert [item["goal"] for item in plan["items"]] == [GOAL, ""]
    assert NOTE not in file.read_text(encoding="utf-8")
    review(page, file)
    page.select_option("#outcome-0", "attended")
    press(page, "Ask again", "uggestion")
    assert plan["items"][0]["title"] not in " ".join(page.locator(".app-card h2").all_text_contents())


def test_looking_ahead_offers_words_and_makes_chips(open_page: Open):
    page = open_page()
    page.fill("#need", "lonel")
    page.locator("[role=option]").first.wait_for()
    page.keyboard.press("ArrowDown")
    chosen = page.locator("[role=option][aria-selected=true]").get_attribute("data-text")
    page.keyboard.press("Enter")
    assert page.locator(".app-chip input[name=need]").input_value() == chosen
    page.locator(".app-chip select").select_option("3")
    page.fill("#need", "something of my own")
    page.keyboard.press("Enter")
    press(page, "Find services", "uggestion")
    press(page, "Change what you wrote", "What matters")
    page.locator(".app-chip").nth(1).wait_for()
    assert page.locator(".app-chip input[name=need]").count() == 2
    assert page.locator(".app-chip select").first.input_value() == "3"
    page.get_by_label(f"Remove {chosen}").click()
    assert page.locator(".app-chip input[name=need]").count() == 1


def test_a_word_typed_but_not_added_counts(open_page: Open):
    page = open_page()
    page.fill("#interest", "singing")
    press(page, "Find services", "uggestion")
    assert "singing" in page.locator(".app-card").first.inner_text().casefold()


def test_the_sheet_prints_without_the_page_around_it_and_on_one_page(open_page: Open):
    page = open_page()
    ask(page)
    choose(page, 1, 2, 3)
    press(page, "Sheet for the person", "Sheet for the person")
    page.emulate_media(media="print")
    assert page.locator(".app-paper").is_visible()
    assert not page.locator("main form").first.is_visible()
    assert not page.locator("header").is_visible()
    assert page.pdf(format="A4").count(b"/Type /Page\n") == 1


def test_large_print_is_large(open_page: Open):
    page = open_page()
    ask(page)
    choose(page, 1)
    press(page, "Sheet for the person", "Sheet for the person")
    page.check("#large")
    press(page, "Update the sheet", "Sheet for the person")
    page.locator(".app-paper--large").wait_for()
    page.emulate_media(media="print")
    size = page.locator(".app-paper dd").first.evaluate("node => parseFloat(getComputedStyle(node).fontSize)")
    assert size >= 16 * 96 / 72, "at least 16 point, as large print has"


@pytest.mark.parametrize("scripts", [True, False])
def test_where_contact_is_unsafe_the_sheet_waits_for_a_check(open_page: Open, scripts: bool):
    page = open_page(scripts=scripts)
    ask(page, UNSAFE)
    choose(page, 1)
    press(page, "Sheet for the person", "Sheet for the person")
    assert page.locator(".app-paper").count() == 0
    page.check("#safe")
    page.check("#printed")
    press(page, "Update the sheet", "Sheet for the person")
    page.locator(".app-paper").wait_for()


def test_what_was_typed_stays_when_the_service_cannot_be_reached(open_page: Open):
    page = open_page()
    page.fill("#note", NOTE)
    page.context.set_offline(True)
    page.locator("main button", has_text="Find services").click()
    page.locator(".app-busy", has_text="cannot be reached").wait_for()
    assert page.input_value("#note") == NOTE
    page.context.set_offline(False)
    page.locator("main button", has_text="Find services").click()
    arrive(page, "uggestion")
