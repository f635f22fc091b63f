"""The plan as a file that a worker keeps: written on request, opened again, checked like anything from outside."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from matcher.consultations import LONGEST_NOTE, Plain, parse_json
from matcher.domain import InputError
from service.pages_form import Draft
from service.plan import LONGEST_TEXT, Plan, PlanItem

FORMAT = "service-matcher plan"
VERSION = 1
NOT_KEPT = ("set_aside", "shortlist")
"""Of one sitting only; the shortlist is the plan's items."""

Short = Annotated[str, StringConstraints(max_length=300), Plain]
Long = Annotated[str, StringConstraints(max_length=LONGEST_TEXT), Plain]
Texts = Annotated[tuple[Short, ...], Field(max_length=100)]


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Answers(_File):
    """The answers of the consultation page; the note only when the worker asked for it."""

    note: Annotated[str, StringConstraints(max_length=LONGEST_NOTE), Plain] = ""
    need: Texts = ()
    importance: Texts = ()
    interest: Texts = ()
    age: Short = ""
    place: Short = ""
    max_distance_km: Short = ""
    max_cost: Short = ""
    gender: Short = ""
    mode: Texts = ()
    free: Texts = ()
    language: Short = ""
    access_need: Long = ""
    avoid: Long = ""
    other_relation: Texts = ()
    other_age: Texts = ()
    tried: Texts = ()


class Item(_File):
    """One chosen service."""

    item: Short
    title: Short = ""
    goal: Long = ""
    next_step: Long = ""
    who: Short = ""
    review_on: Short = ""
    outcome: Short = ""
    outcome_reason: Short = ""


class PlanFile(_File):
    """The whole file."""

    format: Literal["service-matcher plan"]
    version: Literal[1]
    made_on: Short = ""
    check_contact: bool = False
    response_id: Short = ""
    answers: Answers = Answers()
    items: Annotated[tuple[Item, ...], Field(max_length=50)]


def plan_text(draft: Draft, plan: Plan, *, with_note: bool) -> str:
    """The file's content. The note is left out unless asked for."""
    answers = {name: value for name, value in asdict(draft).items() if name not in NOT_KEPT}
    if not with_note:
        answers["note"] = ""
    document = {
        "format": FORMAT,
        "version": VERSION,
        "made_on": plan.made_on,
        "check_contact": plan.check_contact,
        "response_id": plan.response_id,
        "answers": answers,
        "items": [asdict(item) for item in plan.items],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def open_plan(content: bytes) -> tuple[Draft, Plan]:
    """The draft and plan of a file.

    Raises:
        InputError: it is not a plan of this service; the message repeats none of it.
    """
    try:
        document: Any = parse_json(content)
        if not isinstance(document, Mapping) or document.get("format") != FORMAT:
            raise InputError("This is not a plan that was downloaded here")
        file = PlanFile.model_validate(document)
    except InputError:
        raise InputError("This is not a plan that was downloaded here") from None
    except ValidationError:
        raise InputError("This plan has been changed, or comes from a newer version, and cannot be opened") from None
    draft = Draft(**file.answers.model_dump())
    items = tuple(PlanItem(**item.model_dump()) for item in file.items)
    pairs = dict(zip(draft.need, [*draft.importance, *["2"] * len(draft.need)], strict=False))
    draft = replace(draft, need=tuple(pairs), importance=tuple(pairs.values()))
    ages = [*draft.other_age, *[""] * len(draft.other_relation)][: len(draft.other_relation)]
    draft = replace(draft, other_age=tuple(ages), shortlist=tuple(item.item for item in items))
    return draft, Plan(items, file.made_on, file.check_contact, file.response_id)
