"""Opening times in words: "Tues/Weds 10am - 12 noon. Thurs 2-4pm" -> days and minutes, or nothing.

A text is read only when all of it is days and times. Half a text understood would be worse than none: who is told "not
on Tuesdays" because "by appointment on Tuesdays" was passed over is sent away from an open door.
"""

from __future__ import annotations

import re

from matcher.catalogue.cleaning import clean_days, clean_minutes

LONGEST_READ = 300
"""Characters; what is longer tells more than times."""
NOON = 12 * 60
MORNING_FROM, AFTERNOON_BEFORE = 9 * 60, 7 * 60
"""A start without am or pm: from nine in the morning, before seven in the afternoon; between, nobody can tell."""

_DAY = r"(?:mon|tue?s?|wed(?:nes|s)?|thur?s?|fri|sat(?:ur)?|sun)(?:days?)?"
_AND = r"\s*(?:,|&|/|-|–|—|\bto\b|,?\s*\band\b)\s*"
_DAYS = rf"(?:{_DAY}\b(?:{_AND}{_DAY}\b)*|daily|every ?day|weekdays|weekends)"
_TIME = r"(?:\d{1,2}(?:[.:]\d{2})?\s*(?:am|pm|noon\b)?|noon|midday|midnight)"
_RANGE = rf"{_TIME}\s*(?:-|–|—|\bto\b|\buntil\b)\s*{_TIME}"
_ENTRY = rf"(?P<days>{_DAYS})[\s:,@]*(?:from\s+)?(?P<hours>{_RANGE}(?:\s*(?:,|&|\band\b)\s*{_RANGE})*)"
_NEXT = re.compile(rf"[\s,;.]*(?:and\s+)?{_ENTRY}", re.IGNORECASE | re.ASCII)
_HOURS = re.compile(rf"({_TIME})\s*(?:-|–|—|to|until)\s*({_TIME})", re.IGNORECASE | re.ASCII)
_WORDS = {"noon": "12pm", "midday": "12pm", "midnight": "24:00"}


def read_opening_times(text: str) -> list[tuple[int, int, int]]:
    """Days (0 = Monday) with the minutes of opening and closing; empty when any of the text is something else."""
    found: list[tuple[int, int, int]] = []
    place = 0
    while len(text) <= LONGEST_READ and (entry := _NEXT.match(text, place)):
        hours = [_minutes(*pair) for pair in _HOURS.findall(entry["hours"])]
        found += [(day, *pair) for day in clean_days(entry["days"]) for pair in hours if pair]
        if None in hours:
            return []
        place = entry.end()
    return [] if text[place:].strip(" .;\n") else found


def _minutes(opens: str, closes: str) -> tuple[int, int] | None:
    """Both ends of "1.30 - 3pm" in minutes after midnight; ``None`` when it could be morning or evening."""
    start, end = _clock(opens), _clock(closes)
    if start is None or end is None:
        return None
    if _says_half(opens) or start >= NOON + 60:
        ends = [end] if _says_half(closes) or end >= NOON + 60 else [end, end + NOON]
        return next(((start, end) for end in ends if start < end <= 2 * NOON), None)
    if _says_half(closes):
        starts = [start % NOON + NOON, start % NOON]
        return next(((start, end) for start in starts if start < end), None)
    if AFTERNOON_BEFORE <= start < MORNING_FROM:
        return None
    start += NOON if start < AFTERNOON_BEFORE else 0
    end += NOON if end <= start else 0
    return (start, end) if start < end <= 2 * NOON else None


def _clock(time: str) -> int | None:
    plain = time.casefold().replace(" ", "")
    return clean_minutes(_WORDS.get(plain, re.sub(r"12noon", "12pm", plain)))


def _says_half(time: str) -> bool:
    return time.casefold().strip().endswith(("m", "noon", "midday", "midnight"))
