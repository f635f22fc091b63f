"""Keeps, with the person's consent, the list that was shown and what came of each service: codes, no words."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import replace

from matcher.domain import InputError
from matcher.feedback import DeclineReason, Outcome, Status
from service.api import new_response_id
from service.feedback import Feedback
from service.pages_form import FormFault
from service.pages_visit import Visit
from service.plan import PlanItem
from service.problems import Problem

TRIES, PAUSE_S = 5, 0.2
"""The list is stored in the background; its outcomes wait for it this often and this long."""
SCOPE = "outcome"


async def with_kept_answer(visit: Visit) -> Visit:
    """The visit after its list was kept, when the person agreed to that just now."""
    if visit.plan.response_id or not visit.ticked("learn"):
        return visit
    asker, response_id = visit.asker, new_response_id()
    try:
        consultation = asker.consultation(visit.draft, check_contact=visit.plan.check_contact)
        shown = await visit.ask(asker.recommendation, consultation)
    except (InputError, Problem):
        return visit
    feedback: Feedback = visit.request.app.state.feedback
    feedback.keep_answer(visit.request.app.state.matcher(), consultation, shown, response_id=response_id)
    return replace(visit, plan=replace(visit.plan, response_id=response_id))


async def record_outcomes(visit: Visit) -> list[FormFault]:
    """Keep what came of each service of the plan; what could not be kept, as faults. Repeating it is safe."""
    if SCOPE not in visit.request.state.caller.scopes:
        return [FormFault("record", "Your key does not allow outcomes to be kept")]
    faults = []
    for place, item in enumerate(visit.plan.items):
        if item.outcome in Status.__members__:
            faults += await _record(visit, item, place)
    return faults


async def _record(visit: Visit, item: PlanItem, place: int) -> list[FormFault]:
    try:
        await _insist(visit.request.app.state.feedback, outcome_of(item, visit.plan.response_id))
    except InputError:
        return [FormFault(f"outcome_reason-{place}", "Say why they did not want it")]
    except Problem as problem:
        said = "This was kept before and cannot be changed" if problem.status == 409 else "This could not be kept now"
        return [FormFault(f"outcome-{place}", f"{said}: {item.title}")]
    return []


async def _insist(feedback: Feedback, outcome: Outcome) -> None:
    for turn in range(TRIES):
        try:
            await feedback.record(outcome)
            return
        except Problem as problem:
            if problem.status != 503 or turn == TRIES - 1:
                raise
        await asyncio.sleep(PAUSE_S)


def outcome_of(item: PlanItem, response_id: str) -> Outcome:
    """The record of an item; the same item and outcome have the same key. Raises InputError without a needed reason."""
    status = Status(item.outcome)
    with_reason = status in (Status.declined, Status.not_suitable) and item.outcome_reason in DeclineReason.__members__
    reason = DeclineReason(item.outcome_reason) if with_reason else None
    said = "\n".join((response_id, item.item, status, reason or ""))
    return Outcome(response_id, item.item, status, hashlib.sha256(said.encode()).hexdigest(), reason)
