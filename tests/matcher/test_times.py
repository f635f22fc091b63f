"""Times said in words: one row a note, with the hours that a reader would say are free."""

import pytest

from matcher.domain import TimeWindow
from matcher.times import empty_week, read_times, week_of

MON, TUE, WED, THU, FRI, SAT, SUN = range(7)
WEEKDAYS, WEEKEND = range(5), (SAT, SUN)
EVERY_DAY = range(7)
SAYS_NOTHING = None


def only(days, start=0, end=24):
    """Free on these days between these hours and at no other time."""
    week = empty_week(False)
    for day in days:
        week[day, int(start * 2) : int(end * 2)] = True
    return week


def but(days, start=0, end=24):
    """Free at any time but these."""
    return ~only(days, start, end)


TIMES = [
    ("Works Mon-Fri 7-4.", but(WEEKDAYS, 7, 16)),
    ("Works Monday to Friday, 9 to 5.", but(WEEKDAYS, 9, 17)),
    ("Works Mon to Fri, 9.30 to 5", but(WEEKDAYS, 9.5, 17)),
    ("Free Tuesdays, 10am to 12", only((TUE,), 10, 12)),
    ("Works Mon - Thurs 8.30-5", but(range(4), 8.5, 17)),
    ("Works Tuesdays and Thursdays", but((TUE, THU))),
    ("Works weekends.", but(WEEKEND)),
    ("Works nights.", but(EVERY_DAY, 17)),
    ("At college Weds", but((WED,))),
    ("Dialysis Mon, Wed and Fri.", but((MON, WED, FRI))),
    ("Free Tuesdays.", only((TUE,))),
    ("Free Tues and Thurs afternoons", only((TUE, THU), 12, 17)),
    ("Only free on Wednesdays", only((WED,))),
    ("Free on Mondays 10-12.", only((MON,), 10, 12)),
    ("Can only do Saturday mornings.", only((SAT,), 0, 12)),
    ("Free 1-3 on Fridays", only((FRI,), 13, 15)),
    ("Available weekday mornings.", only(WEEKDAYS, 0, 12)),
    ("Can't do mornings.", but(EVERY_DAY, 0, 12)),
    ("Cannot do evenings", but(EVERY_DAY, 17)),
    ("Not Fridays.", but((FRI,))),
    ("No good on Mondays", but((MON,))),
    ("Nothing before 11", but(WEEKDAYS, 0, 11)),
    ("Free after 6.", but(WEEKDAYS, 0, 18)),
    ("Won't go out after dark", but(EVERY_DAY, 17)),
    ("Does not drive in the dark.", but(EVERY_DAY, 17)),
    ("Evenings only please.", only(EVERY_DAY, 17)),
    ("Works Mon-Fri but free Wednesdays.", but((MON, TUE, THU, FRI))),
    ("Last bus home is 5.30.", but(EVERY_DAY, 17.5)),
    ("Buses stop at 6", but(EVERY_DAY, 18)),
    ("Bus only runs Tuesdays and Fridays.", only((TUE, FRI))),
    ("No longer drives after dark", but(EVERY_DAY, 17)),
    ("Nothing before noon.", but(WEEKDAYS, 0, 12)),
    ("Must be home by 3 for the kids.", but(WEEKDAYS, 15)),
    ("Free in school hours.", only(WEEKDAYS, 9, 15)),
    ("Only while the kids are at school", only(WEEKDAYS, 9, 15)),
    ("Dialysis M/W/F.", but((MON, WED, FRI))),
    ("Chemo on Thursdays", but((THU,))),
    ("He's on nights.", but(EVERY_DAY, 17)),
    ("Has Wednesdays off.", only((WED,))),
    # What says nothing about this person's usual week
    ("", SAYS_NOTHING),
    ("Lonely since she moved.", SAYS_NOTHING),
    ("Fell last Sunday.", SAYS_NOTHING),
    ("Not slept since Sunday.", SAYS_NOTHING),
    ("Husband works Mon-Fri 9-5.", SAYS_NOTHING),
    ("Daughter works Tuesdays.", SAYS_NOTHING),
    ("Sat down and cried.", SAYS_NOTHING),
    ("Seen on Tuesday by the nurse", SAYS_NOTHING),
    ("Wed in 1962", SAYS_NOTHING),
    ("Takes tablets in the mornings.", SAYS_NOTHING),
    ("Likes mornings", SAYS_NOTHING),
    ("Children at school nearby.", SAYS_NOTHING),
    ("Missed the last bus once.", SAYS_NOTHING),
    ("Two children, 7 and 9.", SAYS_NOTHING),
]


@pytest.mark.parametrize(("note", "week"), TIMES, ids=[row[0] or "nothing" for row in TIMES])
def test_a_note_leaves_free_what_a_reader_would_say(note, week):
    found = read_times(note)
    assert described(found) == described(week)


def described(week):
    """Free hours by day, so that a failure can be read."""
    if week is None:
        return None
    return {day: [slot / 2 for slot in range(48) if week[day, slot]] for day in range(7)}


def test_several_clauses_are_taken_together():
    note = "Works Mon-Fri 9-5. Not Sundays."
    assert described(read_times(note)) == described(but(WEEKDAYS, 9, 17) & but((SUN,)))


def test_stated_windows_become_half_hours_rounded_outwards():
    week = week_of([TimeWindow(TUE, 9 * 60 + 15, 10 * 60 + 15), TimeWindow(SUN, 0, 24 * 60)])
    assert described(week) == described(only((TUE,), 9, 10.5) | only((SUN,)))


def test_no_stated_windows_mean_not_discussed():
    assert week_of([]) is None
