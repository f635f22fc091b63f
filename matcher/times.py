"""Times said in words: "works Mon-Fri 7-4", "free Tuesdays", "can't do mornings" -> the free half hours of a week.

A week is a grid of 7 x 48 half hours. What is not said is free. Only what is said about a usual week counts: not "since
Sunday", not somebody else's shifts, and not "sat down".
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matcher.domain import TimeWindow
from matcher.text import normalise, words_of

SLOT_MINUTES = 30
SLOTS = 48
DARK_FROM = 17.0
EARLIEST_START = 6.0
"""Hours before this without am or pm mean the afternoon: "1-3"."""
WORKING_WEEK = frozenset(range(5))
SCHOOL_HOURS = 9 * 60, 15 * 60
"""Minutes after midnight between which children are at school, the ways there and back left out."""
WeekGrid = NDArray[np.bool_]
Hours = tuple[float, float]

_DAY_ENDINGS = "sdays|sday|nesdays|nesday|rsdays|rsday|urdays|urday|days|day|rs|r|s"
_DAY = rf"(?!thus\b)(mon|tue|wed|thu|fri|sat|sun)(?:{_DAY_ENDINGS})?"
_DAYS = {"mon": 0, "tue": 1, "wed": 2, "thu": 3, "fri": 4, "sat": 5, "sun": 6}
_RANGE = re.compile(rf"\b{_DAY} ?(?:to|till|until| ) ?{_DAY}\b")
_ONE = re.compile(rf"\b{_DAY}\b")
_CLOCK = r"(\d{1,2})(?:[.:](\d{2}))? ?(am|pm)?"
_SPAN = r"\d{1,2}(?:[.:]\d{2})? ?(?:am|pm)? ?to \d"
_HOURS = re.compile(rf"\b{_CLOCK} ?(?:to|till|until| ) ?{_CLOCK}\b(?! ?(?:days?|hours?|hrs?|nights?|times|x)\b)")
_WORKED_HOURS = re.compile(rf"\bworks (?:from |about )?(?=\d+\S* (?:am |pm )?to ){_HOURS.pattern}")
_FROM = re.compile(rf"\b(?:after|from|before|till after|until after|home by) {_CLOCK}\b")
_UNTIL = re.compile(rf"\b(?:until|till) {_CLOCK}\b")
_NEGATION = r"\b(?:no|not|cant|cannot|wont|doesnt|dont|never|nothing)\b"
_NOT_AFTER = re.compile(rf"{_NEGATION}(?: (?!till|until|before)\w+){{0,4}} (?:after|from) {_CLOCK}\b")
_PARTS: dict[str, Hours] = {
    "morning": (0, 12),
    "afternoon": (12, 17),
    "evening": (17, 24),
    "nights": (17, 24),
    "daytime": (8, 17),
}
_PART = re.compile(rf"\b({'|'.join(_PARTS)})s?\b")
_NAMED = rf"(?:{_DAY.replace('(mon', '(?:mon')}|(?:{'|'.join(_PARTS)})s?)\b"

_FREE = re.compile(
    r"\b(free|available|only (?:day|time|gap)|can (?:only )?(?:do|come|make)|home by|spare|days? off|bus only|"
    rf"{_DAY.replace('(mon', '(?:mon')} off)\b"
)
_AT_WORK = re.compile(
    r"\b(works?|working|at work|shifts?|(?:on|does|doing) nights|college|at school|away|except|ruled out|sleeps|asleep|"
    r"busy|dialysis|chemo|radiotherapy)\b"
)
_LAST_BUS = re.compile(
    rf"\b(?:last bus|bus(?:es)? (?:stop|finish|end)(?:s|es)?)(?: (?:is|back|home|at|by|goes|leaves))* {_CLOCK}"
)
_BACK_BY = re.compile(
    rf"\b(?:must|ha[sd] to|needs? to|got to|gotta) be (?:home|back|in) (?:by|for) (?:\D{{0,20}} at )?{_CLOCK}"
)
_SCHOOL_HOURS = re.compile(
    r"\b(?:in|within|during|only) school hours\b|\bschool hours only\b|"
    r"\b(?:only|while|when) (?:\w+ )?(?:kids|children) are at school\b"
)
_NOT_THEN = re.compile(rf"{_NEGATION} (?:\w+ ){{0,4}}{_NAMED}")
_NOT_UNTIL = re.compile(rf"{_NEGATION}|\b(?:works?|busy|asleep|sleeps|only|free|run)\b|\bhome by\b")
_FAMILY = "husband hubby wife partner boyfriend girlfriend ex mum mother dad father son daughter brother sister friend"
_SOMEBODY_ELSE = re.compile(
    rf"\b(?:{'|'.join(_FAMILY.split())}|neighbour|carer)s?"
    r"(?: \w+){0,2} (?:works?|working|away|at work|on shifts?)\b"
)
_ONCE = re.compile(rf"\b(?:since|last|next|this|on a|yesterday|by|seen|seen on|died|rang) (?:on )?{_NAMED}")
_DARK = re.compile(
    r"\b(?:not|cant|doesnt|dont|wont|never|hates|dislikes|no longer)(?: \w+){0,3} "
    r"(?:after dark|in the dark|in dark|at night)\b"
    r"|\bnot after dark\b|\bdaylight only\b"
)
_ONLY_THEN = re.compile(rf"(?:only |just |on |in the |the |and |or |to |please |ideally |{_NAMED} ?)+(?:only)?")
_CLAUSE = re.compile(rf"[.;!?\n\"]+\s+|,(?! ?(?:and |or )?{_NAMED})(?! ?{_SPAN})|\b(?:but|so)\b")
_TIME_WORDS = frozenset(
    (
        *(f"{day}{ending}" for day in _DAYS for ending in ("", *_DAY_ENDINGS.split("|"))),
        *(f"{part}{ending}" for part in _PARTS for ending in ("", "s")),
        *("weekend", "weekends", "weekday", "weekdays", "dark", "daylight", "night", "works", "noon", "midday", "mwf"),
        *("school", "bus", "buses"),
    )
)
"""One of these stands in every note that says anything about times but "week days" and a time of day."""
_MOMENT = re.compile(r"\b(?:after|from|before|till|until|by) \d|\bweek days?\b|\bm w f\b")
_MOMENT_WORDS = frozenset(("after", "from", "before", "till", "until", "by", "week", "m"))


class _Wording(NamedTuple):
    """Some words, what they stand for, and the signs of which one is in all of them."""

    pattern: re.Pattern[str]
    meaning: str
    signs: tuple[str, ...]


_MAY_BE_A_VERB = _Wording(
    re.compile(
        r"(?<![-/&,]) (?<!to )(?<!and )(?<!or )(?:sat|sun|wed)\b"
        r"(?! ?(?:-|–|/|&|,|to|and|or) ?(?:mon|tue|wed|thu|fri|sat|sun))"
    ),
    " ",
    (" sat", " sun", " wed"),
)
_HYPHEN = _Wording(re.compile(r"(?<=\w) ?[-–] ?(?=\w)"), " to ", ("-", "–"))
_WORDINGS = (
    _Wording(re.compile(r"\bweekends?\b"), "sat sun", ("weekend",)),
    _Wording(re.compile(r"\bweek ?days?\b"), "mon to fri", ("weekday", "week day")),
    _Wording(re.compile(r"\b(?:noon|midday)\b"), "12", ("noon", "midday")),
    _Wording(re.compile(r"\bm w f\b|\bmwf\b"), "mon wed fri", ("m w f", "mwf")),
)


def empty_week(value: bool = True) -> WeekGrid:
    """A week that is all free (or all busy). Shape (7, 48)."""
    return (np.ones if value else np.zeros)((7, SLOTS), dtype=bool)


def week_of(windows: Iterable[TimeWindow]) -> WeekGrid | None:
    """The grid of stated windows; ``None`` when there are none (not discussed)."""
    grid: WeekGrid | None = None
    for window in windows:
        grid = empty_week(False) if grid is None else grid
        grid[window.day, window.start // SLOT_MINUTES : -(-window.end // SLOT_MINUTES)] = True
    return grid if grid is not None and grid.any() else None


def read_times(note: str) -> WeekGrid | None:
    """The half hours that a note leaves free; ``None`` when it says nothing about times."""
    clauses = _clauses(note) if _tells_of_time(normalise(note)) else []
    if not clauses:
        return None
    grid, worked = empty_week(), empty_week(False)
    restricted: WeekGrid | None = None
    for clause in clauses:
        if _DARK.search(clause):
            grid[:, int(DARK_FROM * 2) :] = False
        if (cut := _cut_off(clause)) is not None:
            grid &= cut
            continue
        named = _named(clause)
        if named is None:
            continue
        if _is_free(clause):
            if (named & worked).any():  # "works Mon-Fri but free Wednesdays" makes an exception
                grid |= named
            else:
                restricted = named if restricted is None else restricted | named
        elif _AT_WORK.search(clause) or _NOT_THEN.search(clause):
            grid &= ~named
            worked |= named if _ONE.search(clause) else False
    if restricted is not None:
        grid &= restricted
    return None if grid.all() or not grid.any() else grid


def _tells_of_time(plain: str) -> bool:
    words = words_of(plain.replace("£", " ").replace(".", " "))
    if not _TIME_WORDS.isdisjoint(words):
        return True
    return not _MOMENT_WORDS.isdisjoint(words) and _MOMENT.search(plain) is not None


def _clauses(note: str) -> list[str]:
    """The clauses about times of this person's usual week, normalised, with hyphens between words read as "to"."""
    text = _read_as(_read_as(note, _MAY_BE_A_VERB), _HYPHEN)
    text = normalise(text).replace("+", " ")
    for wording in _WORDINGS:
        text = _read_as(text, wording)
    clauses = (" ".join(_ONCE.sub(" ", clause).split()) for clause in _CLAUSE.split(text) if _tells_of_time(clause))
    return [clause for clause in clauses if not _SOMEBODY_ELSE.search(clause)]


def _read_as(text: str, wording: _Wording) -> str:
    """A text with a wording replaced by what it stands for."""
    return wording.pattern.sub(wording.meaning, text) if any(map(text.__contains__, wording.signs)) else text


def _is_free(clause: str) -> bool:
    """Whether a clause says when the person can come, not when they cannot."""
    free, busy = _FREE.search(clause), _AT_WORK.search(clause) or _NOT_THEN.search(clause)
    if free:
        return busy is None or free.start() > busy.start()
    if _SCHOOL_HOURS.search(clause):
        return True
    return not busy and _ONLY_THEN.fullmatch(clause.rstrip(" .!?") + " ") is not None


def _cut_off(clause: str) -> WeekGrid | None:
    """The week from or until a time of day: "free after 6", "nothing before 11", "free until 3", "not out after 4"."""
    if last := _LAST_BUS.search(clause):
        return _busy_from(last, range(7))
    if back := _BACK_BY.search(clause):
        return _busy_from(back, WORKING_WEEK)
    start, until = _FROM.search(clause), _UNTIL.search(clause)
    if not _NOT_UNTIL.search(clause) or not (start or until) or _HOURS.search(clause):
        return None
    if never := _NOT_AFTER.search(clause):
        return _busy_from(never, range(7))
    days = _days(clause) or WORKING_WEEK
    if until and not start and _is_free(clause):
        return _busy_from(until, days)
    grid = empty_week()
    if moment := start or until:
        grid[sorted(days), : math.ceil(_hour(moment, afternoon="before" not in moment[0]) * 2)] = False
    return grid


def _busy_from(moment: re.Match[str], days: Iterable[int]) -> WeekGrid:
    """A week that is free on some days until a time of day, and on the others."""
    grid = empty_week()
    grid[sorted(days), int(_hour(moment, afternoon=True) * 2) :] = False
    return grid


def _days(clause: str) -> set[int]:
    days: set[int] = set()
    for match in _RANGE.finditer(clause):
        first, last = _DAYS[match[1]], _DAYS[match[2]]
        if match[0].split()[1] in ("to", "till", "until"):
            days |= {(first + i) % 7 for i in range((last - first) % 7 + 1)}
    return days | {_DAYS[match[1]] for match in _ONE.finditer(clause)}


def _named(clause: str) -> WeekGrid | None:
    """The part of the week that a clause names, or None when it names none."""
    if _SCHOOL_HOURS.search(clause):
        return week_of(TimeWindow(day, *SCHOOL_HOURS) for day in WORKING_WEEK)
    days, part = _days(clause), _PART.search(clause)
    hours = _HOURS.search(clause) if days else None
    if not days and (hours := _WORKED_HOURS.search(clause)):
        days = set(WORKING_WEEK)
    if not days and not part:
        return None
    grid = empty_week(False)
    start, end = _PARTS[part[1]] if part else _span(hours) if hours else (0.0, 24.0)
    if part and days and " or " in clause:
        grid[:, int(start * 2) : math.ceil(end * 2)] = True
        start, end = 0.0, 24.0
    for day in days or range(7):
        grid[day, int(start * 2) : math.ceil(end * 2)] = True
    return grid


def _span(match: re.Match[str]) -> Hours:
    """From and to: "7-4" is 7 to 16, "2-4pm" 14 to 16, "1-3" 13 to 15; hours over midnight give nothing."""
    first, minute, first_half, last, last_minute, last_half = match.groups()
    start = _clock(first, minute, first_half)
    end = _clock(last, last_minute, last_half)
    if not last_half and end <= start and end <= 12:
        end += 12
    if not first_half and (start + 12 < end or start < EARLIEST_START) and start + 12 < 24:
        later = start + 12
        start, end = (later, end) if later < end else (later, end + 12) if not last_half else (start, end)
    return (start, end) if start < end else (0.0, 0.0)


def _clock(hour: str, minute: str | None, half: str | None) -> float:
    value = int(hour) + int(minute or 0) / 60
    if half:
        value = value % 12 + (12 if half == "pm" else 0)
    return min(value, 24.0)


def _hour(match: re.Match[str], *, afternoon: bool) -> float:
    """The hour of a single time; "after 6" without am or pm is the evening's."""
    value = _clock(match[1], match[2], match[3])
    return value + 12 if afternoon and not match[3] and value < 8 else value
