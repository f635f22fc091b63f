"""Nothing that was typed stays behind in the browser, and nothing foreign runs in it."""

from __future__ import annotations

import json
from pathlib import Path

from playwright.sync_api import Page

from tests.browser.conftest import Open
from tests.browser.steps import NOTE, ask, choose, press, states
from tests.service.pages.test_escaping import PAYLOADS

STORED = """async () => JSON.stringify([
  {...localStorage}, {...sessionStorage}, document.cookie, history.state, location.href,
  await (indexedDB.databases ? indexedDB.databases() : []), await caches.keys()])"""


def test_nothing_typed_is_in_address_history_or_storage(open_page: Open, tmp_path: Path):
    page = open_page()
    address = page.url
    for state in states(page, tmp_path):
        assert page.url == address, state
        local, session, cookies, held, at, databases, caches = json.loads(page.evaluate(STORED))
        assert session in ({}, {"htmx-current-path-for-history": "/"}), f"{state}: the address, nothing typed"
        assert (local, cookies, held, at, databases, caches) == ({}, "", None, address, [], []), state


def test_steps_leave_no_history_to_go_back_to(open_page: Open):
    page = open_page()
    before = page.evaluate("history.length")
    ask(page)
    choose(page, 1)
    assert page.evaluate("history.length") == before


def cleared(page: Page) -> None:
    page.wait_for_function("document.querySelector('#note') && document.querySelector('#note').value === ''")
    assert NOTE not in page.content()
    page.go_back()
    page.wait_for_timeout(500)
    assert NOTE not in page.content()


def test_escape_twice_clears_the_page_for_good(open_page: Open):
    page = open_page()
    ask(page)
    press(page, "Change what you wrote", "What matters")
    assert page.input_value("#note") == NOTE
    page.keyboard.press("Escape")
    page.wait_for_timeout(100)
    assert page.input_value("#note") == NOTE, "once is a slip"
    page.keyboard.press("Escape")
    cleared(page)


def test_the_visible_button_clears_the_page(open_page: Open):
    page = open_page()
    ask(page)
    page.locator("header button").click()
    cleared(page)


def test_the_button_clears_the_page_without_javascript(open_page: Open):
    page = open_page(scripts=False)
    ask(page)
    page.locator("header button").click()
    page.locator("#note").wait_for()
    assert NOTE not in page.content()
    assert "?" not in page.url.rstrip("?")


def test_the_browser_has_nothing_to_complain_about(open_page: Open, tmp_path: Path, complaints: list[str]):
    page = open_page()
    for _ in states(page, tmp_path):
        pass
    expected = "status of 422"
    assert [text for text in complaints if expected not in text] == []


def test_no_request_leaves_this_machine(open_page: Open, tmp_path: Path):
    page = open_page()
    asked: set[str] = set()
    page.context.on("request", lambda request: asked.add(request.url.split("/")[2]))
    for _ in states(page, tmp_path):
        pass
    assert asked == {page.url.split("/")[2]}


def test_hostile_words_run_nothing(open_page: Open):
    page = open_page()
    ran: list[str] = []
    page.on("dialog", lambda dialog: (ran.append(dialog.message), dialog.dismiss()))
    ask(page, " ".join(PAYLOADS), place=PAYLOADS[0], age="40")
    choose(page, 1)
    page.fill("#goal-0", " ".join(PAYLOADS)[:500])
    press(page, "Sheet for the person", "Sheet for the person")
    page.wait_for_timeout(500)
    assert ran == []
