"""The answers of the consultation page: read from a form, checked, and carried from page to page in hidden fields.

The server keeps nothing of a person. What was typed stays as typed until the engine is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Protocol

from matcher.consultations import LONGEST_LABEL, LONGEST_NOTE, MOST_ITEMS, read_consultation
from matcher.domain import DAYS, Consultation, InputError, Point
from matcher.eligibility import read_person
from matcher.geography import normal_postcode
from matcher.text import normalise

IMPORTANCE = {"3": "First of all", "2": "Matters", "1": "Would be nice"}
PARTS_OF_DAY = {"morning": ("08:00", "12:00"), "afternoon": ("12:00", "17:00"), "evening": ("17:00", "22:00")}
NO_CONTACT = "Do not ring, text or write."
"""Added to the note of an opened plan that says so: the file may be without the note that said why."""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class FormValues(Protocol):
    """What a submitted form offers (starlette's ``FormData``)."""

    def getlist(self, key: str) -> Sequence[object]:
        """All values of a field, in the order of the page."""
        ...


@dataclass(frozen=True, slots=True)
class FormFault:
    """A rule broken in a field of the page, in words for the worker; never the value."""

    field: str
    text: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A consultation as typed. Every field is text or texts; ``need`` and ``importance`` go together by place."""

    note: str = ""
    need: tuple[str, ...] = ()
    importance: tuple[str, ...] = ()
    interest: tuple[str, ...] = ()
    age: str = ""
    place: str = ""
    max_distance_km: str = ""
    max_cost: str = ""
    gender: str = ""
    mode: tuple[str, ...] = ()
    free: tuple[str, ...] = ()
    language: str = ""
    access_need: str = ""
    avoid: str = ""
    other_relation: tuple[str, ...] = ()
    other_age: tuple[str, ...] = ()
    tried: tuple[str, ...] = ()
    set_aside: tuple[str, ...] = ()
    shortlist: tuple[str, ...] = ()

    @property
    def says_something(self) -> bool:
        """Whether there is anything to look for."""
        return bool(self.note.strip() or any(self.need) or any(self.interest))


LISTS = frozenset(f.name for f in fields(Draft) if f.default == ())


def texts_of(form: FormValues, name: str) -> tuple[str, ...]:
    """All texts of a field, without control characters; an uploaded file is not one."""
    texts = (value for value in form.getlist(name) if isinstance(value, str))
    return tuple(_CONTROL.sub("", text.replace("\r\n", "\n")) for text in texts)


def read_draft(form: FormValues) -> Draft:
    """The draft of a submitted form; empty rows and repeated ids are dropped."""
    got = {f.name: texts_of(form, f.name) for f in fields(Draft)}
    needs = [pair for pair in _pairs(got["need"], got["importance"], "2") if pair[0]]
    others = [pair for pair in _pairs(got["other_relation"], got["other_age"], "") if pair[0] or pair[1]]
    values: dict[str, Any] = {}
    for name, texts in got.items():
        unique = tuple(dict.fromkeys(text.strip() for text in texts if text.strip()))
        values[name] = unique if name in LISTS else (texts[-1].strip() if texts else "")
    values["need"], values["importance"] = tuple(n for n, _ in needs), tuple(i for _, i in needs)
    values["other_relation"], values["other_age"] = tuple(r for r, _ in others), tuple(a for _, a in others)
    return Draft(**values)


def _pairs(first: Sequence[str], second: Sequence[str], missing: str) -> list[tuple[str, str]]:
    filled = [*second, *[missing] * len(first)]
    return [(a.strip(), b.strip()) for a, b in zip(first, filled, strict=False)]


def pairs_of(draft: Draft) -> Iterator[tuple[str, str]]:
    """The draft as hidden fields."""
    for column in fields(Draft):
        value = getattr(draft, column.name)
        for text in value if column.name in LISTS else (value,):
            if text or column.name == "other_age":
                yield column.name, text


def faults_of(draft: Draft) -> list[FormFault]:
    """Everything on the form that has to be mended before asking."""
    found = []
    if not draft.says_something:
        found.append(FormFault("note", "Write a note, or give at least one need or interest"))
    if len(draft.note) > LONGEST_NOTE:
        found.append(FormFault("note", f"The note must have {LONGEST_NOTE} characters or fewer"))
    if any(len(text) > LONGEST_LABEL for text in (*draft.need, *draft.interest)):
        found.append(FormFault("need", f"A need or an interest must have {LONGEST_LABEL} characters or fewer"))
    if max(len(draft.need), len(draft.interest)) > MOST_ITEMS:
        found.append(FormFault("need", f"Give {MOST_ITEMS} needs and {MOST_ITEMS} interests at most"))
    if draft.age and _number(draft.age, 130) is None:
        found.append(FormFault("age", "Age must be a number of years from 0 to 130, such as 67"))
    if draft.max_distance_km and _number(draft.max_distance_km, 2000) is None:
        found.append(FormFault("max_distance_km", "Distance must be a number of kilometres, such as 5"))
    if draft.max_cost and _number(draft.max_cost, 100_000) is None:
        found.append(FormFault("max_cost", "Cost must be an amount in pounds, such as 3 or 2.50"))
    if any(age and _number(age, 130) is None for age in draft.other_age):
        found.append(FormFault("other_age", "The other person’s age must be a number of years, such as 4"))
    return found


def consultation_of(draft: Draft, location: Point | None) -> Consultation:
    """The checked record that the engine reads.

    Args:
        draft: without faults (``faults_of``).
        location: where the typed place is, when it is not a postcode.

    Raises:
        InputError: a rule that only the engine's border knows was broken.
    """
    postcode = draft.place if location is None and normal_postcode(draft.place) else None
    labels = zip(draft.need, draft.importance, strict=True)
    others = zip(draft.other_relation, draft.other_age, strict=True)
    return read_consultation(
        {
            "note": draft.note,
            "needs": [{"label": n, "importance": int(i) if i in IMPORTANCE else 2} for n, i in labels],
            "interests": list(draft.interest),
            "age": _number(draft.age, 130),
            "gender": draft.gender or None,
            "postcode": postcode,
            "location": {"lat": location.lat, "lon": location.lon} if location else None,
            "max_distance_km": _number(draft.max_distance_km, 2000),
            "max_cost": _number(draft.max_cost, 100_000),
            "modes": list(draft.mode),
            "availability": [_window(slot) for slot in draft.free],
            "languages": _listed(draft.language),
            "access_needs": _listed(draft.access_need),
            "avoid": _listed(draft.avoid),
            "others": [{"relation": r or "other person", "age": _number(a, 130)} for r, a in others],
            "already_tried": [*draft.tried, *(i for i in draft.set_aside if i not in draft.tried)],
        }
    )


def contact_is_unsafe(note: str, as_of: date) -> bool:
    """Whether a note says that ringing, writing or calling at home is not safe."""
    return read_person(Consultation(note=note), None, None, as_of).contact_unsafe if normalise(note) else False


def _window(slot: str) -> dict[str, str]:
    day, _, part = slot.partition(" ")
    if day not in DAYS or part not in PARTS_OF_DAY:
        raise InputError("free: must be a day and a part of the day")
    start, end = PARTS_OF_DAY[part]
    return {"day": day, "from": start, "to": end}


def _listed(text: str) -> list[str]:
    """What was typed with commas, semicolons or line breaks between."""
    for separator in (";", "\n", "\r"):
        text = text.replace(separator, ",")
    return [piece.strip() for piece in text.split(",") if piece.strip()]


def _number(text: str, most: float) -> float | None:
    """A plain decimal number from 0 to ``most``, with a £ sign or unit forgiven; None when it is not one."""
    plain = text.casefold().removeprefix("£").removesuffix("km").replace(",", ".").strip()
    if not plain.isascii() or not plain.replace(".", "", 1).isdigit() or len(plain) > 8:
        return None
    return float(plain) if float(plain) <= most else None
