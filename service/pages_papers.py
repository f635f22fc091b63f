"""Steps that end on paper: the sheet for the person, the hand-over for a service, the summary for the team."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from matcher.safety import find_alerts
from service.access import requires
from service.pages_form import FormFault, texts_of
from service.pages_plan import CONSENT_MISSING, SAFETY_MISSING, with_plan
from service.pages_visit import Visit, read_visit
from service.presenters_papers import (
    HAND_OVER_PARTS,
    SHEET_HINTS,
    TEAM_PARTS,
    hand_over,
    made_on_in_words,
    sheet_item,
    team_summary,
)

router = APIRouter(include_in_schema=False)

USUAL_TEAM_PARTS = ("needs", "plan", "tried")
"""Ticked to begin with. Alerts are not: nothing of them is printed unless the worker wants it."""


@router.post("/sheet", dependencies=[requires("suggest")])
async def sheet(request: Request) -> HTMLResponse:
    """The sheet for the person. Where contact is unsafe it waits for the worker's check."""
    visit = with_plan(await read_visit(request))
    unsafe, made = visit.plan.check_contact, visit.ticked("make")
    about_abuse = [item.item for item in visit.plan.items if visit.asker.about_abuse(item.item)]
    usual = [] if unsafe else [item.item for item in visit.plan.items if item.item not in about_abuse]
    printed = texts_of(visit.form, "printed") if made else usual
    goals = visit.ticked("goals") if made else not unsafe
    faults = _sheet_faults(visit, printed)
    items = [
        sheet_item(item, visit.asker.service(item.item), with_goal=goals)
        for item in visit.plan.items
        if item.item in printed
    ]
    return visit.page(
        "sheet.html",
        422 if faults and made else 200,
        faults=faults if made else [],
        ready=not faults,
        items=items,
        printed=printed,
        goals=goals,
        unsafe=unsafe,
        hint=SHEET_HINTS["unsafe"] if unsafe else SHEET_HINTS["abuse"] if about_abuse else "",
        **_typed(visit, "first_name", "worker", "worker_phone", "large", "safe"),
    )


def _sheet_faults(visit: Visit, printed: tuple[str, ...] | list[str]) -> list[FormFault]:
    faults = []
    if visit.plan.check_contact and not visit.ticked("safe"):
        faults.append(SAFETY_MISSING)
    if not printed:
        faults.append(FormFault("printed", "Choose at least one service for the sheet"))
    return faults


@router.post("/hand-over", dependencies=[requires("suggest")])
async def hand_over_summary(request: Request) -> HTMLResponse:
    """What one receiving organisation is told: only what the worker ticks, once the person agrees."""
    visit = with_plan(await read_visit(request))
    chosen = next((item for item in visit.plan.items if item.item == visit.one("to")), None)
    made, ticked = visit.ticked("make"), texts_of(visit.form, "part")
    faults = _paper_faults(visit)
    if chosen is None:
        faults.append(FormFault("to", "Choose which service the summary is for"))
    return visit.page(
        "hand_over.html",
        422 if faults and made else 200,
        faults=faults if made else [],
        ready=not faults and made,
        choices=HAND_OVER_PARTS,
        ticked=ticked,
        to=chosen,
        sections=hand_over(visit.draft, chosen, ticked) if chosen else [],
        made_on=made_on_in_words(visit.asker.as_of, visit.one("worker"), visit.one("worker_organization")),
        **_typed(visit, "person_name", "person_contact", "worker", "worker_organization", "consent", "safe"),
    )


@router.post("/team-summary", dependencies=[requires("suggest")])
async def summary_for_team(request: Request) -> HTMLResponse:
    """One page for the multidisciplinary team: the worker decides whether and what; no score."""
    visit = with_plan(await read_visit(request))
    made = visit.ticked("make")
    ticked = texts_of(visit.form, "part") if made else USUAL_TEAM_PARTS
    faults = _paper_faults(visit)
    alerts = find_alerts(visit.draft.note, visit.asker.engine.settings.safety)
    tried = visit.asker.names(visit.draft.tried)
    return visit.page(
        "team_summary.html",
        422 if faults and made else 200,
        faults=faults if made else [],
        ready=not faults and made,
        choices=TEAM_PARTS,
        ticked=ticked,
        sections=team_summary(visit.draft, visit.plan, alerts, tried, ticked),
        made_on=made_on_in_words(visit.asker.as_of, visit.one("worker"), ""),
        **_typed(visit, "person_name", "question", "worker", "consent", "safe"),
    )


def _paper_faults(visit: Visit) -> list[FormFault]:
    """Consent first; and where contact is unsafe, stop and check."""
    faults = [] if visit.ticked("consent") else [CONSENT_MISSING]
    if visit.plan.check_contact and not visit.ticked("safe"):
        faults.append(SAFETY_MISSING)
    return faults


def _typed(visit: Visit, *names: str) -> dict[str, str]:
    """Fields of this paper only; they are not carried on."""
    return {name: visit.one(name) for name in names}
