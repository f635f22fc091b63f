"""The plan: chosen services, each with the goal in the person's words, the next step, who does it and a review date.

Like the consultation it travels in form fields; the server keeps none of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta

from service.pages_form import FormFault, FormValues, texts_of
from service.presenters_words import day_in_words

WHO = (
    "I, the link worker",
    "The person",
    "The person, with family or a friend",
    "The service",
    "Somebody else",
)
OUTCOMES = {
    "discussed": "Talked about, nothing more yet",
    "referred": "Referred, or in touch",
    "attended": "Went along",
    "declined": "Did not want it",
    "not_suitable": "Was not right for them",
}
REASONS = {
    "capacity": "It was full, or had a waiting list",
    "not_eligible": "They were not eligible",
    "too_far": "Too far",
    "cost": "Cost",
    "times": "The times",
    "not_interested": "Not interested",
    "other": "Another reason",
}
ENDED = frozenset({"attended", "declined", "not_suitable"})
"""Outcomes after which a service counts as tried when asking again."""
REVIEW_AFTER = {
    7: "1 week",
    14: "2 weeks",
    28: "4 weeks",
    42: "6 weeks",
    91: "3 months",
    182: "6 months",
}
USUAL_REVIEW = 42
LONGEST_TEXT = 600


@dataclass(frozen=True, slots=True)
class PlanItem:
    """One chosen service and what was agreed about it. ``review_on`` is a date as YYYY-MM-DD."""

    item: str
    title: str = ""
    goal: str = ""
    next_step: str = ""
    who: str = ""
    review_on: str = ""
    outcome: str = ""
    outcome_reason: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What was agreed.

    Attributes:
        check_contact: how to reach the person is to be agreed first, always.
        response_id: the name under which the list shown was kept, with consent; empty when it was not.
    """

    items: tuple[PlanItem, ...] = ()
    made_on: str = ""
    check_contact: bool = False
    response_id: str = ""


ITEM_FIELDS = tuple(f.name for f in fields(PlanItem))


def read_plan(form: FormValues) -> Plan:
    """The plan in a submitted form."""
    columns = {name: texts_of(form, name) for name in ITEM_FIELDS}
    items: dict[str, PlanItem] = {}
    for place, service_id in enumerate(columns["item"]):
        values = {name: (texts[place].strip() if place < len(texts) else "") for name, texts in columns.items()}
        items.setdefault(service_id, PlanItem(**values))
    made_on, response_id = ((texts_of(form, name) or ("",))[-1] for name in ("made_on", "response_id"))
    return Plan(tuple(items.values()), made_on, bool(texts_of(form, "check_contact")), response_id)


def plan_pairs(plan: Plan) -> Iterator[tuple[str, str]]:
    """The plan as hidden fields: every field of every item, so that they stay side by side."""
    for item in plan.items:
        for name in ITEM_FIELDS:
            yield name, getattr(item, name)
    if plan.made_on:
        yield "made_on", plan.made_on
    if plan.response_id:
        yield "response_id", plan.response_id
    if plan.check_contact:
        yield "check_contact", "yes"


def planned(plan: Plan, shortlist: Sequence[tuple[str, str]], today: date) -> Plan:
    """The plan for a shortlist of (service id, name): agreed texts stay, new services get the usual review date."""
    known = {item.item: item for item in plan.items}
    usual = (today + timedelta(days=USUAL_REVIEW)).isoformat()
    fresh = PlanItem("", who=WHO[0], review_on=usual)
    items = tuple(replace(known.get(key, fresh), item=key, title=title) for key, title in shortlist)
    return replace(plan, items=items, made_on=plan.made_on or today.isoformat())


def review_choices(today: date, chosen: str) -> list[tuple[str, str]]:
    """Review dates to choose from, from a week to six months, and the one chosen before."""
    choices = {}
    for days, words in REVIEW_AFTER.items():
        day = today + timedelta(days=days)
        choices[day.isoformat()] = f"In {words}, {day_in_words(day)}"
    if (day_chosen := day_of(chosen)) and chosen not in choices:
        choices = {chosen: day_in_words(day_chosen), **choices}
    return list(choices.items())


def day_of(text: str) -> date | None:
    """The day of YYYY-MM-DD; ``None`` when it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def plan_faults(plan: Plan) -> list[FormFault]:
    """Everything in the plan that has to be mended before it is printed or kept."""
    found = []
    if not plan.items:
        found.append(FormFault("shortlist", "Choose at least one service for the plan"))
    for place, item in enumerate(plan.items):
        if day_of(item.review_on) is None:
            found.append(FormFault(f"review_on-{place}", "Choose a review date"))
        for name, words in (("goal", "The goal"), ("next_step", "The next step")):
            if len(getattr(item, name)) > LONGEST_TEXT:
                found.append(FormFault(f"{name}-{place}", f"{words} must have {LONGEST_TEXT} characters or fewer"))
    return found


def tried_after(plan: Plan) -> tuple[str, ...]:
    """Services of the plan that count as tried when asking again."""
    return tuple(item.item for item in plan.items if item.outcome in ENDED)
