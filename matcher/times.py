"""Times said in words: "works Mon-Fri 7-4", "free Tuesdays", "can't do mornings" -> the half hours of a week a person has.

A week is a grid of 7 x 48 half hours. What is not said is free.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from matcher.domain import TimeWindow
from matcher.text import normalise

SLOT_MINUTES = 30
SLOTS = 48
WeekGrid = NDArray[np.bool_]

_DAY = r"(mon|tue|tues|wed|weds|thu|thur|thurs|fri|sat|sun)(?:day)?s?"
_DAYS = {"mon": 0, "tue": 1, "wed": 2, "thu": 3, "fri": 4, "sat": 5, "sun": 6}
_RANGE = re.compile(rf"\b{_DAY} ?(?:to|till|until| ) ?{_DAY}\b")
_ONE = re.compile(rf"\b{_DAY}\b")
_HOURS = re.compile(r"\b(\d{1,2})(?:[.:](\d{2}))? ?(am|pm)? ?(?:to|till|until| ) ?(\d{1,2})(?:[.:](\d{2}))? ?(am|pm)?\b")
_AFTER = re.compile(r"\b(?:after|from|till after|not before|until) (\d{1,2})(?:[.:](\d{2}))? ?(am|pm)?\b")
_PARTS = {
    "mornings": (0, 12),
    "morning": (0, 12),
    "afternoons": (12, 17),
    "afternoon": (12, 17),
    "evenings": (17, 24),
    "evening": (17, 24),
    "nights": (17, 24),
    "daytimes": (8, 17),
    "daytime": (8, 17),
}
_PART = re.compile(rf"\b({'|'.join(_PARTS)})\b")
_FREE = re.compile(r"\b(free|available|only (?:day|time|gap)|can (?:only )?(?:do|come|make)|home by|spare|days? off)\b")
_BUSY = re.compile(
    r"\b(works?|working|at work|on shift|shifts|college|at school|no|not|cant|wont|doesnt|except|never|nothing (?:before|till|until)|"
    r"ruled out|sleeps|asleep|busy|out at work|cant do)\b"
)
_DARK = re.compile(r"\b(?:not|cant|doesnt|wont|never|but not) (?:\w+ )?(?:after|in the|in) dark\b|\bnot out (?:at night|after dark)\b")
_CLAUSE = re.compile(r"[.;!?\n\"]+\s+|\bbut\b|\bso\b|,")


def empty_week(value: bool = True) -> WeekGrid:
    """A week that is all free (or all busy). Shape (7, 48)."""
    return np.full((7, SLOTS), value, dtype=bool)


def week_of(windows: Iterable[TimeWindow]) -> WeekGrid | None:
    """The grid of stated windows; ``None`` when there are none (not discussed)."""
    grid = empty_week(False)
    for window in windows:
        grid[window.day, window.start // SLOT_MINUTES : -(-window.end // SLOT_MINUTES)] = True
    return grid if grid.any() else None


def read_times(note: str) -> WeekGrid | None:
    """The half hours that a note leaves free; ``None`` when it says nothing about times."""
    grid = empty_week()
    restricted: WeekGrid | None = None
    for clause in _CLAUSE.split(_times_text(note)):
        busy, free = _BUSY.search(clause), _FREE.search(clause)
        if _DARK.search(clause):
            grid[:, 17 * 2 :] = False
        named = _named(clause)
        if after := _AFTER.search(clause):
            hour = _hour(after[1], after[2], after[3], evening=True)
            if re.search(r"\b(?:cant|nothing|not|only|free)\b", clause):
                grid[:5, : int(hour * 2)] = False
        elif named is None:
            continue
        elif busy and not (free and free.start() > busy.start()):
            grid &= ~named
        elif free:
            restricted = named if restricted is None else restricted | named
    if restricted is not None:
        grid &= restricted
    return None if grid.all() or not grid.any() else grid


def _times_text(note: str) -> str:
    text = normalise(re.sub(r"(?<=\w)[-–](?=\w)", " to ", note))
    return text.replace("+", " ").replace("weekends", "sat sun").replace("weekdays", "mon to fri").replace("weekday", "mon to fri")


def _named(clause: str) -> WeekGrid | None:
    """The part of the week that a clause names, or None when it names none."""
    days: set[int] = set()
    for match in _RANGE.finditer(clause):
        first, last = _DAYS[match[1][:3]], _DAYS[match[2][:3]]
        days |= {(first + i) % 7 for i in range((last - first) % 7 + 1)}
    days |= {_DAYS[match[1][:3]] for match in _ONE.finditer(clause)}
    part = _PART.search(clause)
    hours = _HOURS.search(clause) if days else None
    if not days and not part:
        return None
    grid = empty_week(False)
    start, end = (0.0, 24.0)
    if part:
        start, end = _PARTS[part[1]]
    elif hours:
        start = _hour(hours[1], hours[2], hours[3])
        end = _hour(hours[4], hours[5], hours[6])
        end = end + 12 if end <= start and end <= 12 else end
    for day in days or range(7):
        grid[day, int(start * 2) : int(end * 2)] = True
    return grid


def _hour(hour: str, minute: str | None, half: str | None, *, evening: bool = False) -> float:
    value = int(hour) + int(minute or 0) / 60
    if half == "pm" and value < 12:
        return value + 12
    if evening and half is None and value < 8:
        return value + 12
    return min(value, 24.0)
