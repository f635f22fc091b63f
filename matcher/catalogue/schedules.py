"""Schedules of a feed, after iCalendar's RRULE, become weekly sessions and the day on which a service ends."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime

from dateutil.rrule import DAILY, WEEKLY, rrule

from matcher.catalogue.cleaning import (
    clean_date,
    clean_days,
    clean_line,
    clean_minutes,
    clean_modes,
    clean_number,
    clean_text,
)
from matcher.catalogue.feed import FeedSchedule
from matcher.catalogue.opening_times import read_opening_times
from matcher.domain import MINUTES_A_DAY, Session

EVENING, SMALL_HOURS = 15 * 60, 6 * 60
"""A session that closes before it opens runs over midnight when it opens or closes by these; else a time is wrong."""
LONGEST_INTERVAL = 99
MOST_COUNTED = 1_000
"""A schedule that says to repeat more often than this has no end that anyone planned."""

_DIGIT = re.compile(r"\d")
_DAY_VARIES = ("MONTHLY", "YEARLY")
_COUNTED = {"DAILY": DAILY, "WEEKLY": WEEKLY}
Note = Callable[[str, str], None]
"""Takes the code and the words of a finding."""


def sessions_of(schedules: Sequence[FeedSchedule], note: Note) -> tuple[Session, ...]:
    """The weekly sessions of all schedules, each once; a schedule without a day or times gives none."""
    return tuple(dict.fromkeys(session for schedule in schedules for session in _sessions(schedule, note)))


def ends_on(schedules: Sequence[FeedSchedule], note: Note) -> date | None:
    """The last day of a service all of whose schedules have ended or will end."""
    ends = [_end(schedule, note) for schedule in schedules]
    known = [end for end in ends if end]
    return max(known) if known and len(known) == len(ends) else None


def times_in_words(schedules: Sequence[FeedSchedule]) -> list[str]:
    """What schedules say of days or hours only in words, and in words that give no session: for a person to read."""
    texts = [clean_text(schedule.description) for schedule in schedules if _only_words(schedule)]
    return [text for text in texts if (clean_days(text) or _DIGIT.search(text)) and not read_opening_times(text)]


def _only_words(schedule: FeedSchedule) -> bool:
    return not (schedule.opens_at or schedule.closes_at or schedule.byday)


def _sessions(schedule: FeedSchedule, note: Note) -> list[Session]:
    opens, closes = clean_line(schedule.opens_at)[:40], clean_line(schedule.closes_at)[:40]
    if opens and closes:
        parts = _same_day_parts(clean_minutes(opens), clean_minutes(closes))
        if not parts:
            note("impossible_time", f"a schedule opens at {opens} and closes at {closes}; read as not said")
        times = [((day + later) % 7, start, end) for day in _days(schedule) for later, start, end in parts]
    else:
        times = read_opening_times(clean_text(schedule.description)) if _only_words(schedule) else []
    if not times:
        return []
    freq, interval = _frequency(schedule)
    modes = clean_modes(clean_text(schedule.attending_type))
    return [Session(day, start, end, freq, interval, modes) for day, start, end in times]


def _frequency(schedule: FeedSchedule) -> tuple[str, int]:
    freq = clean_line(schedule.freq).upper() or "WEEKLY"
    interval = int(min(max(clean_number(schedule.interval) or 1, 1), LONGEST_INTERVAL))
    return ("WEEKLY", 2) if freq == "FORTNIGHTLY" else (freq, interval)


def _same_day_parts(start: int | None, end: int | None) -> list[tuple[int, int, int]]:
    """A session as (days later, opens, closes); one over midnight has two parts, an impossible one none."""
    if start is None or end is None or start in (end, MINUTES_A_DAY):
        return []
    if end > start:
        return [(0, start, end)]
    if end == 0:
        return [(0, start, MINUTES_A_DAY)]
    over_midnight = start >= EVENING or end <= SMALL_HOURS
    return [(0, start, MINUTES_A_DAY), (1, 0, end)] if over_midnight else []


def _days(schedule: FeedSchedule) -> list[int]:
    """The weekdays of a schedule; a first date tells them too, unless its weekday changes from month to month."""
    freq, _ = _frequency(schedule)
    byday = schedule.byday if isinstance(schedule.byday, list) else clean_line(schedule.byday).upper()
    days = clean_days(byday)
    if freq == "DAILY" and len(days) < 2:  # "daily on Mondays" is a feed's way of saying daily
        return list(range(7))
    first = clean_date(schedule.dtstart)
    return [first.weekday()] if not days and first and freq not in _DAY_VARIES else days


def _end(schedule: FeedSchedule, note: Note) -> date | None:
    """The last day of one schedule: the earliest of what says so."""
    dates = (schedule.dtstart, schedule.valid_from, schedule.until, schedule.valid_to)
    if schedule.count is None and all(given is None for given in dates):
        return None
    starts = [day for value in (schedule.dtstart, schedule.valid_from) if (day := read_date(value, "starts", note))]
    ends = [day for value in (schedule.until, schedule.valid_to) if (day := read_date(value, "ends", note))]
    end, start = min(ends, default=None), max(starts, default=None)
    if start and end and end < start:
        note("impossible_date", f"a schedule ends on {end}, before it starts on {start}; its end is read as not said")
        return None
    counted = _last_counted(schedule)
    return min(end, counted) if end and counted else end or counted


def read_date(value: object, happens: str, note: Note) -> date | None:
    """A day, or ``None`` and a finding when what is given is none ("31 Feb")."""
    if value is None:
        return None
    given = clean_line(value)
    day = clean_date(given)
    if given and day is None:
        note("impossible_date", f"a schedule {happens} on {given[:40]}; read as not said")
    return day


def _last_counted(schedule: FeedSchedule) -> date | None:
    """The last day of a schedule that says how often it takes place, such as a course of six weeks."""
    first, count = clean_date(schedule.dtstart), clean_number(schedule.count)
    if not first or not count or not 1 <= count <= MOST_COUNTED:
        return None
    freq, interval = _frequency(schedule)
    if freq not in _COUNTED:
        return None
    start = datetime.combine(first, datetime.min.time())
    times = list(rrule(_COUNTED[freq], dtstart=start, interval=interval, count=int(count), byweekday=_days(schedule)))
    return times[-1].date() if times else None
