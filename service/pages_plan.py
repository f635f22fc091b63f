"""Steps of the plan: agree it, keep it as a file, open it again, and mark what came of each service."""

from __future__ import annotations

from dataclasses import replace

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from matcher.domain import InputError
from service.access import requires
from service.pages_form import Draft, FormFault, contact_is_unsafe
from service.pages_outcomes import record_outcomes, with_kept_answer
from service.pages_visit import LARGEST_FILE, Visit, page, read_visit
from service.plan import ITEM_FIELDS, plan_faults, planned, review_choices
from service.plan_file import open_plan, plan_text

router = APIRouter(include_in_schema=False)

CONSENT_MISSING = FormFault("consent", "Tick that the person agrees, or do not go on")
SAFETY_MISSING = FormFault("safe", "Tick that you have stopped and checked, or do not go on")


@router.post("/plan", dependencies=[requires("suggest")])
async def plan(request: Request) -> HTMLResponse:
    """The plan for the services that were chosen."""
    visit = with_plan(await read_visit(request))
    faults = [] if visit.plan.items else [FormFault("shortlist", "Choose at least one service first")]
    return _plan_page(visit, faults, 422 if faults else 200)


@router.post("/keep", dependencies=[requires("suggest")])
async def keep(request: Request) -> HTMLResponse:
    """What to agree before the plan is kept as a file."""
    visit = await with_kept_answer(with_plan(await read_visit(request)))
    faults = plan_faults(visit.plan)
    return _plan_page(visit, faults, 422) if faults else _keep_page(visit, [])


@router.post("/plan-file", dependencies=[requires("suggest")])
async def plan_file(request: Request) -> Response:
    """The plan as a file, once the person agrees."""
    visit = with_plan(await read_visit(request))
    faults = [] if visit.ticked("consent") else [CONSENT_MISSING]
    if visit.plan.check_contact and not visit.ticked("safe"):
        faults.append(SAFETY_MISSING)
    if faults:
        return _keep_page(visit, faults, 422)
    text = plan_text(visit.draft, visit.plan, with_note=visit.ticked("with_note"))
    headers = {"Content-Disposition": f'attachment; filename="plan-{visit.asker.as_of.isoformat()}.json"'}
    return Response(text.encode(errors="replace"), media_type="application/json", headers=headers)


@router.post("/open-plan", dependencies=[requires("suggest")])
async def open_file(request: Request) -> HTMLResponse:
    """The review of a plan that was opened from a file."""
    visit = await read_visit(request)
    try:
        if not 0 < len(visit.file) <= LARGEST_FILE:
            raise InputError("Choose the file of a plan that was downloaded here")
        draft, opened = open_plan(visit.file)
    except InputError as error:
        fault = FormFault("file", str(error))
        return page(request, "consultation.html", 422, draft=Draft(), carried=[], rows=3, faults=[fault])
    return _review_page(replace(visit, draft=draft, plan=opened))


@router.post("/review", dependencies=[requires("suggest")])
async def review(request: Request) -> HTMLResponse:
    """What came of each service, kept as codes when the person agreed to that."""
    visit = await with_kept_answer(await read_visit(request))
    if not (visit.ticked("record") and visit.plan.response_id):
        return _review_page(visit)
    faults = await record_outcomes(visit)
    return _review_page(visit, faults, kept=not faults)


def with_plan(visit: Visit) -> Visit:
    """The visit with a plan for its shortlist. Services marked as tried count so when asking again."""
    titles = {item.item: item.title for item in visit.plan.items}
    titles |= {named.id: named.name for named in visit.asker.names(visit.draft.shortlist)}
    chosen = [(i, titles[i]) for i in visit.draft.shortlist if i in titles]
    unsafe = visit.plan.check_contact or contact_is_unsafe(visit.draft.note, visit.asker.as_of)
    return replace(visit, plan=replace(planned(visit.plan, chosen, visit.asker.as_of), check_contact=unsafe))


def _plan_page(visit: Visit, faults: list[FormFault], status: int = 200) -> HTMLResponse:
    return visit.page(
        "plan.html",
        status,
        shown=("shortlist", *ITEM_FIELDS),
        faults=faults,
        dates=[review_choices(visit.asker.as_of, item.review_on) for item in visit.plan.items],
    )


def _keep_page(visit: Visit, faults: list[FormFault], status: int = 200) -> HTMLResponse:
    return visit.page("keep.html", status, faults=faults)


def _review_page(visit: Visit, faults: list[FormFault] | None = None, *, kept: bool = False) -> HTMLResponse:
    return visit.page("review.html", 422 if faults else 200, shown=ITEM_FIELDS, faults=faults or [], kept=kept)
