"""A directory in which nothing fits: the page says so, says what to do, and stays usable."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from matcher import load_engine
from tests.browser.conftest import Open, serving
from tests.browser.steps import arrive, press
from tests.browser.test_accessibility import WIDER, violations
from tests.factories import a_feed_service, write_json

CLOSED = a_feed_service(status="defunct")
FOR_CHILDREN = a_feed_service(id="svc-young", name="Young Singers", minimum_age=5, maximum_age=11)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a town is served that has one closed service and one for children: every page of this file opens there."""
    folder = tmp_path_factory.mktemp("bare")
    feed = write_json(folder / "services.json", [CLOSED, FOR_CHILDREN])
    with serving(load_engine(feed, semantic=False), folder / "state") as at:
        yield at


def ask_in_vain(page: Page) -> None:
    page.fill("#note", "Lonely, likes singing.")
    page.fill("#age", "81")
    press(page, "Find services", "No suggestions")


def without_its_scripts(open_page: Open, page: Page, width: int) -> Page:
    """The same page, its scripts taken out, where axe may run: axe itself needs JavaScript."""
    html = re.sub(r"<script.*?</script>", "", page.content(), flags=re.DOTALL)
    again = open_page(width)
    again.route("**/as-served", lambda route: route.fulfill(body=html, content_type="text/html"))
    again.goto("/as-served")
    assert again.locator("h1").inner_text() == "No suggestions"
    assert again.locator(".app-has-script").count() == 0
    return again


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
@pytest.mark.parametrize("width", [1280, 320])
def test_nothing_fits_is_said_plainly_and_leads_on(
    open_page: Open, complaints: list[str], scripts: bool, width: int
) -> None:
    page = open_page(width, scripts=scripts)
    ask_in_vain(page)
    said = page.locator("main").inner_text()
    assert "Nothing in this directory fits." in said
    assert "Loosen a limit, or ask what else matters to the person." in said
    assert "closed or ended: 1" in said
    assert "for another age: 1" in said
    assert page.locator(".app-card").count() == 0
    assert "Tick “Choose”" not in said, "there is nothing to tick"
    assert violations(page if scripts else without_its_scripts(open_page, page, width)) == []
    assert page.evaluate(WIDER) == []
    press(page, "Change what you wrote", "What matters")
    assert page.input_value("#note") == "Lonely, likes singing."
    assert complaints == []


def test_a_loosened_limit_brings_the_suggestion(open_page: Open) -> None:
    page = open_page()
    ask_in_vain(page)
    press(page, "Change what you wrote", "What matters")
    page.fill("#age", "8")
    page.locator("main button", has_text="Find services").click()
    arrive(page, "1 suggestion")
    assert page.locator(".app-card h2").all_text_contents() == ["1 Young Singers"]
