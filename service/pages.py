"""The consultation page: form, suggestions, plan, papers. All that was typed comes and goes in the form itself.

All steps are POST, so that nothing typed stands in an address; a step reached by GET (a bookmark) starts over.
"""

from __future__ import annotations

from dataclasses import replace

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from matcher.domain import InputError
from service import pages_papers, pages_plan
from service.access import open_to_all, requires
from service.pages_form import Draft, FormFault, faults_of
from service.pages_visit import DRAFT_FIELDS, Visit, page, read_visit
from service.plan import tried_after
from service.problems import Problem

router = APIRouter(include_in_schema=False)
router.include_router(pages_plan.router)
router.include_router(pages_papers.router)

ROWS = 3
"""Rows for needs and for interests on an empty form."""
STEPS = (
    *("/consultation", "/suggestions", "/plan", "/keep", "/plan-file", "/open-plan", "/review"),
    *("/sheet", "/hand-over", "/team-summary", "/sign-out"),
)
NOT_ON_FORM = ("set_aside", "shortlist")


@router.get("/", dependencies=[requires("suggest")])
async def start(request: Request) -> HTMLResponse:
    """An empty form."""
    return page(request, "consultation.html", draft=Draft(), carried=[], rows=ROWS, faults=[])


@router.post("/consultation", dependencies=[requires("suggest")])
async def consultation(request: Request) -> HTMLResponse:
    """The form again, with what was typed, to change it; or with another empty row."""
    visit = await read_visit(request)
    return _form(visit, [], rows=2 if visit.ticked("more") else 1)


@router.post("/suggestions", dependencies=[requires("suggest")])
async def suggestions(request: Request) -> HTMLResponse:
    """The list for what was typed, after setting aside or putting back."""
    visit = await read_visit(request)
    visit = replace(visit, draft=_adapted(visit))
    faults = faults_of(visit.draft)
    if faults:
        return _form(visit, faults, status=422)
    try:
        results = await visit.ask(
            visit.asker.results, visit.draft, check_contact=visit.plan.check_contact, why=visit.one("why")
        )
    except InputError:
        return _form(visit, [FormFault("note", "Something on the form is too long or not as it should be")], status=422)
    except Problem as problem:
        busy = FormFault("ask", "Too much is being asked at the moment. What you typed is still here: ask again")
        return _form(visit, [busy], status=problem.status)
    return visit.page("results.html", shown=("shortlist",), results=results)


def _form(visit: Visit, faults: list[FormFault], *, rows: int = 1, status: int = 200) -> HTMLResponse:
    shown = [name for name in DRAFT_FIELDS if name not in NOT_ON_FORM]
    return visit.page(
        "consultation.html",
        status,
        shown=shown,
        rows=max(ROWS, len(visit.draft.need) + rows, len(visit.draft.interest) + rows),
        faults=faults,
        tried=visit.asker.names(visit.draft.tried),
    )


def _adapted(visit: Visit) -> Draft:
    """The draft after the button that was pressed: "ask again", "put back", or "nothing like this"."""
    draft, like, back = visit.draft, visit.one("avoid_like"), visit.one("put_back")
    if visit.ticked("again"):
        return replace(draft, tried=tuple(dict.fromkeys([*draft.tried, *tried_after(visit.plan)])))
    if back:
        return replace(draft, set_aside=tuple(i for i in draft.set_aside if i != back))
    if like and visit.asker.service(like) is not None:
        kind = visit.asker.kind(like)
        avoid = ", ".join(text for text in (draft.avoid, kind) if text)
        return replace(draft, avoid=avoid, set_aside=tuple(dict.fromkeys([*draft.set_aside, like])))
    return draft


@router.get("/sign-in", dependencies=[open_to_all()])
async def sign_in(request: Request) -> HTMLResponse:
    """Where a key is exchanged for a session."""
    return page(request, "sign_in.html", faults=[])


@router.post("/sign-in", dependencies=[open_to_all()])
async def signed_in(request: Request) -> Response:
    """Open a session for a good key; say only that it was not good otherwise."""
    form = await request.form(max_files=0, max_fields=5)
    key, response = form.get("key"), RedirectResponse("/", 303)
    if isinstance(key, str) and request.app.state.gate.sign_in(request, response, key.strip()) is not None:
        return response
    return page(request, "sign_in.html", 422, faults=[FormFault("key", "This key is not valid for the page")])


@router.post("/sign-out", dependencies=[open_to_all()])
async def sign_out(request: Request) -> Response:
    """Close the session."""
    response = RedirectResponse("/sign-in", 303)
    request.app.state.sessions.close(response)
    return response


async def start_over() -> Response:
    """A step of the page has no address of its own: begin again."""
    return RedirectResponse("/", 303)


for step in STEPS:
    router.add_api_route(step, start_over, methods=["GET"], dependencies=[open_to_all()])
