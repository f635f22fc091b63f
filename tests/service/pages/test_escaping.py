"""What a directory or a worker writes is shown as written: no text becomes markup, no address becomes a script."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from matcher import Engine
from tests.service.pages.conftest import Served, hostile_service
from tests.service.pages.forms import Page, ask

PAYLOADS = (
    "<script>alert(1)</script>",
    "<ScRiPt>alert(1)</sCrIpT>",
    '"><script>alert(1)</script>',
    "'><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)',
    "' onfocus='alert(1)' autofocus='",
    "` onload=alert(1)",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x></svg>",
    "<iframe src=javascript:alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<object data=javascript:alert(1)>",
    "<embed src=javascript:alert(1)>",
    "<link rel=stylesheet href=//evil.test/x.css>",
    "<base href=//evil.test/>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<form action=//evil.test><button>Go",
    "<input autofocus onfocus=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<video><source onerror=alert(1)></video>",
    "<body onload=alert(1)>",
    "<math href=javascript:alert(1)>click</math>",
    "<a href=javascript:alert(1)>x</a>",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "java\tscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "{{7*7}}{% raw %}",
    "${alert(1)}",
    "<%= 7*7 %>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\u202e<script>alert(1)</script>",
    "<hx-x hx-get=/v1 hx-trigger=load>",
    "<div hx-on:click=alert(1) data-hx-post=/x>",
    "]]><script>alert(1)</script><!--",
)
ON_A_PAGE = 10
ALLOWED_SCRIPTS = {"/static/vendor/htmx.min.js", "/static/page.js"}


def check(page: Page) -> None:
    """Nothing of the page runs, loads or leads away: what came from outside is text."""
    tree = page.tree
    assert {node.attributes.get("src") for node in tree.css("script")} == ALLOWED_SCRIPTS
    assert not tree.css("iframe, object, embed, base, math, video, style, img, animate")
    for node in tree.css("*"):
        for name, value in node.attributes.items():
            assert not name.startswith(("on", "data-hx", "hx-on", "hx-get")), name
            assert name not in ("style", "srcdoc", "autofocus")
            if name in ("href", "src", "action", "formaction"):
                assert (value or "").startswith(("/", "#", "http://", "https://")), value
    assert tree.css("form[action^='//']") == []


@pytest.mark.parametrize("first", range(0, len(PAYLOADS), ON_A_PAGE))
def test_hostile_entries_are_shown_as_text(first: int, fitted: Callable[..., Engine], served: Served):
    payloads = PAYLOADS[first : first + ON_A_PAGE]
    with served(fitted(*(hostile_service(payload) for payload in payloads))) as client:
        page = ask(client, interest=["singing"], place="Lock Cottage")
        check(page)
        assert sorted(page.all(".app-card h2 bdi")) == sorted(" ".join(f"Choir {p}".split()) for p in payloads)
        check(page.press("Say why", why=f"Choir {payloads[0]}"))
        boxes = [node.attributes["value"] or "" for node in page.tree.css("input[name=shortlist]")]
        plan = page.press("Make the plan", shortlist=boxes)
        assert len(plan.value("item")) == len(payloads)
        check(plan)
        for button in ("Sheet for the person", "Summary for this service", "Summary for the team", "Keep the plan"):
            check(plan.press(button))


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_hostile_words_of_a_worker_are_shown_as_text(payload: str, town: TestClient):
    words = dict.fromkeys(("note", "place", "avoid", "access_need", "language", "gender"), payload)
    page = ask(town, need=[payload], interest=["singing", payload], **words)
    check(page)
    form = page.press("Change what you wrote")
    check(form)
    assert form.value("note") == [payload.strip()]
    plan = page.press("Make the plan", shortlist=["choir"])
    typed = plan.press("Sheet for the person", goal=[payload], next_step=[payload], who=[payload])
    check(typed)
    check(typed.press("Update the sheet", first_name=payload, worker=payload, worker_phone=payload))


def test_the_check_itself_sees_what_is_not_escaped():
    bad = Page(None, 200, "<body><script src='/static/page.js'></script><p onclick=x>", "/")  # type: ignore[arg-type]
    with pytest.raises(AssertionError):
        check(bad)
