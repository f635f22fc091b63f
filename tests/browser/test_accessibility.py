"""WCAG 2.2 AA by axe on every state, keyboard alone, narrow and enlarged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import HERE, Open
from tests.browser.steps import NOTE, arrive, ask, states

AXE = (HERE / "vendor" / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDER = """() => {
  const most = document.documentElement.clientWidth;
  return document.documentElement.scrollWidth > most
    ? [...document.querySelectorAll('body *')].filter(n => n.getBoundingClientRect().right > most + 1)
        .slice(0, 5).map(n => n.tagName + '.' + n.className)
    : [];
}"""


def violations(page: Page) -> list[Any]:
    page.evaluate(AXE)
    found = page.evaluate("rules => axe.run(document, {runOnly: {type: 'tag', values: rules}})", RULES)
    return [(rule["id"], [node["html"][:200] for node in rule["nodes"][:3]]) for rule in found["violations"]]


@pytest.mark.parametrize("width", [1280, 320])
def test_no_state_of_the_page_breaks_a_rule_of_axe(open_page: Open, tmp_path: Path, width: int):
    page = open_page(width)
    broken = {state: found for state in states(page, tmp_path) if (found := violations(page))}
    assert broken == {}


def test_axe_finds_what_is_broken_on_purpose(open_page: Open):
    page = open_page()
    page.evaluate("document.querySelector('label').remove()")
    assert "label" in dict(violations(page))


@pytest.mark.parametrize(("width", "height"), [(320, 900), (320, 256)], ids=["a phone", "400 % zoom on 1280 x 1024"])
def test_nothing_needs_scrolling_in_two_directions(open_page: Open, tmp_path: Path, width: int, height: int):
    page = open_page(width, height)
    assert {state: wide for state in states(page, tmp_path) if (wide := page.evaluate(WIDER))} == {}


def tab_to(page: Page, selector: str, most: int = 120) -> None:
    """Tab until the element has the focus; every stop on the way must be visible."""
    for _ in range(most):
        page.keyboard.press("Tab")
        visible = page.evaluate(
            """() => { const box = document.activeElement.getBoundingClientRect();
            const inside = box.width > 0 && box.bottom > 0 && box.top < innerHeight;
            return inside || document.activeElement === document.body; }"""
        )
        assert visible, page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            return
    raise AssertionError(f"{selector} cannot be reached by Tab")


def test_a_consultation_by_keyboard_alone(open_page: Open):
    page = open_page()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent.trim()") == "Skip to main content"
    tab_to(page, "#note")
    page.keyboard.type(NOTE)
    tab_to(page, "#need")
    page.keyboard.type("company")
    page.keyboard.press("Enter")
    assert page.locator(".app-chip").count() == 1, "Enter adds, and does not send the form"
    tab_to(page, "#ask-button button")
    page.keyboard.press("Enter")
    arrive(page, "uggestion")
    page.wait_for_function("document.activeElement.tagName === 'H1'")
    tab_to(page, "#choose-1")
    page.keyboard.press("Space")
    tab_to(page, "button[formaction='/plan']", most=200)
    page.keyboard.press("Enter")
    arrive(page, "The plan")
    tab_to(page, "#goal-0")
    page.keyboard.type("To get out")
    tab_to(page, "button[formaction='/sheet']")
    page.keyboard.press("Enter")
    arrive(page, "Sheet for the person")
    assert "To get out" in page.locator(".app-paper").inner_text()


def test_errors_take_the_focus_and_lead_to_their_field(open_page: Open):
    page = open_page()
    page.locator("main button", has_text="Find services").click()
    page.locator(".nhsuk-error-summary").wait_for()
    page.wait_for_function("document.activeElement.classList.contains('nhsuk-error-summary')")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement.id === 'note'")


def test_targets_are_large_enough(open_page: Open):
    """WCAG 2.2, 2.5.8: 24 by 24 CSS pixels, measured on every control of the list."""
    page = open_page(320)
    ask(page)
    small = page.evaluate(
        """() => [...document.querySelectorAll('main button:not([tabindex="-1"]), main select, main input[type=text]')]
        .map(n => [n.outerHTML.slice(0, 80), n.getBoundingClientRect()])
        .filter(([, box]) => box.width && (box.width < 24 || box.height < 24)).map(([html]) => html)"""
    )
    assert small == []
