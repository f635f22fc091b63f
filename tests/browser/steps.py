"""The steps of a consultation as a worker takes them; each state of the page by name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Page

NOTE = "Wife died in February, 52 years married. Never cooked. Lonely in the evenings. Money is tight."
ALARMING = "Lonely, likes singing. Says she has a plan to end her life tonight and has the tablets."
UNSAFE = "Lonely, likes singing. Domestic abuse, he checks her phone. Do NOT ring, text or write."
GOAL = "I want to be out of the house on Thursdays"


def press(page: Page, button: str, heading: str) -> None:
    """Press a button and wait for the page with this heading."""
    page.locator("main button", has_text=button).first.click()
    arrive(page, heading)


def arrive(page: Page, heading: str) -> None:
    page.locator("h1", has_text=heading).wait_for()
    page.wait_for_load_state()


def ask(page: Page, note: str = NOTE, **filled: str) -> None:
    page.fill("#note", note)
    for name, value in filled.items():
        page.fill(f"#{name}", value)
    press(page, "Find services", "uggestion")


def choose(page: Page, *ranks: int) -> None:
    for rank in ranks:
        page.check(f"#choose-{rank}")
    press(page, "Make the plan", "The plan")


def open_limits(page: Page) -> None:
    page.locator("summary", has_text="Limits").click()


def states(page: Page, folder: Path) -> Iterator[str]:
    """Brings the page into each of its states, one after the other, and names it."""
    yield "empty"
    page.locator("main button", has_text="Find services").click()
    page.locator(".nhsuk-error-summary").wait_for()
    yield "errors"
    page.fill("#need", "company")
    page.fill("#age", "81")
    open_limits(page)
    yield "filled in"
    ask(page, place="ZZ1 3LA")
    yield "results"
    page.fill("#why", "choir")
    page.locator("main button", has_text="Say why").click()
    page.locator(".app-accounts").wait_for()
    yield "why"
    page.locator("button[name=set_aside]").first.click()
    page.locator(".app-aside").wait_for()
    yield "set aside"
    yield from _plan_states(page, folder)
    page.goto("/")
    ask(page, ALARMING)
    yield "alert"
    page.goto("/")
    yield from _unsafe_states(page)
    page.goto("/")
    page.fill("#note", "Wants company")
    open_limits(page)
    page.fill("#other_age", "x")
    page.locator("main button", has_text="Find services").click()
    page.locator(".nhsuk-error-summary").wait_for()
    yield "errors in limits"


def _plan_states(page: Page, folder: Path) -> Iterator[str]:
    choose(page, 1, 2)
    page.fill("#goal-0", GOAL)
    yield "plan"
    press(page, "Sheet for the person", "Sheet for the person")
    yield "sheet"
    press(page, "Back to the plan", "The plan")
    press(page, "Summary for this service", "Hand-over summary")
    page.check("#consent")
    press(page, "Make the summary", "Hand-over summary")
    page.locator(".app-paper").wait_for()
    yield "hand-over"
    press(page, "Back to the plan", "The plan")
    press(page, "Summary for the team", "Summary for the team")
    page.check("#consent")
    press(page, "Make the summary", "Summary for the team")
    page.locator(".app-paper").wait_for()
    yield "team"
    press(page, "Back to the plan", "The plan")
    press(page, "Keep the plan", "Keep the plan")
    yield "keep"
    review(page, download(page, folder))
    yield "review"


def _unsafe_states(page: Page) -> Iterator[str]:
    ask(page, UNSAFE)
    yield "unsafe"
    choose(page, 1)
    press(page, "Sheet for the person", "Sheet for the person")
    page.locator("main button", has_text="Update the sheet").click()
    page.locator(".nhsuk-error-summary").wait_for()
    yield "unsafe sheet"


def download(page: Page, folder: Path) -> Path:
    """Download the plan from the page that keeps it; returns the file."""
    page.check("#consent")
    with page.expect_download() as begun:
        page.locator("main button", has_text="Download").click()
    file = folder / "plan.json"
    begun.value.save_as(file)
    return file


def review(page: Page, file: Path) -> None:
    """Open a plan from its file."""
    page.goto("/")
    page.set_input_files("#file", file)
    press(page, "Open the plan", "What came of the plan?")
