"""What is typed goes into the answer to its own sender and nowhere else."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from service.pages import STEPS
from tests.service.pages.conftest import UNSAFE_NOTE
from tests.service.pages.forms import Page, ask, visit

CANARY = "xylophone quokka marmalade"


def spellings(text: str) -> list[str]:
    return [text, text.upper(), quote(text), text.replace(" ", "+"), base64.b64encode(text.encode()).decode()[:16]]


def whole_visit(client: TestClient) -> list[Page]:
    """Every step of the page with the canary in every field."""
    page = ask(
        client, note=f"{UNSAFE_NOTE} {CANARY}", need=[CANARY], interest=["singing", CANARY], avoid=CANARY, place=CANARY
    )
    plan = page.press("Make the plan", shortlist=["choir"])
    steps = [page, page.press("Say why", why=CANARY), page.press("Change what you wrote"), plan]
    steps += [
        plan.press(b, goal=[CANARY]) for b in ("Sheet", "Keep", "Summary for this", "Summary for the team", "Mark")
    ]
    return steps


def test_no_step_puts_what_was_typed_into_an_address_or_a_header(town: TestClient):
    for page in whole_visit(town):
        for node in page.tree.css("[href], [action], [formaction], [src]"):
            for name in ("href", "action", "formaction", "src"):
                assert not any(text in (node.attributes.get(name) or "") for text in spellings(CANARY))
        assert "?" not in page.path


def test_every_form_but_clearing_posts_to_a_fixed_address(town: TestClient):
    for page in (visit(town), *whole_visit(town)):
        for form in page.tree.css("form"):
            action, method = form.attributes.get("action"), form.attributes.get("method")
            assert (method, action in STEPS) == ("post", True) or (method, action) == ("get", "/")
            assert method == "post" or not form.css("input, textarea, select"), "clearing sends nothing"


def test_no_log_line_holds_what_was_typed(town: TestClient, log_lines: io.StringIO, capfd: pytest.CaptureFixture[str]):
    whole_visit(town)
    written = log_lines.getvalue() + "".join(capfd.readouterr())
    assert "/suggestions" in written, "something was logged"
    assert not any(text in written for text in spellings(CANARY))


def test_the_log_check_sees_a_leak(log_lines: io.StringIO):
    log_lines.write(quote(CANARY))
    assert any(text in log_lines.getvalue() for text in spellings(CANARY))


def test_nothing_is_stored_without_consent(town: TestClient, tmp_path: Path):
    whole_visit(town)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not any(text.encode() in path.read_bytes() for path in files for text in spellings(CANARY))
    assert not [path for path in files if path.suffix in (".db", ".sqlite", ".json") and "key" not in path.name]


def test_every_answer_is_kept_out_of_caches(town: TestClient):
    responses = [town.get("/"), town.post("/suggestions", data={"note": "Lonely."}), town.post("/suggestions", data={})]
    assert {response.headers["cache-control"] for response in responses} == {"no-store"}


@pytest.mark.parametrize("step", STEPS)
def test_a_step_reached_by_get_starts_over(town: TestClient, step: str):
    response = town.get(f"{step}?note=x", follow_redirects=False)
    assert (response.status_code, response.headers["location"]) == (303, "/")


def test_the_page_names_no_other_site(town: TestClient):
    for page in whole_visit(town):
        addresses = [
            node.attributes.get("src") or node.attributes.get("href") for node in page.tree.css("script, link, img")
        ]
        assert all(address and address.startswith("/static/") for address in addresses)


def test_no_field_offers_to_remember(town: TestClient):
    for form in visit(town).tree.css("form[method=post]"):
        assert form.attributes.get("autocomplete") == "off"
