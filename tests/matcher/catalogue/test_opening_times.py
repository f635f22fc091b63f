"""Opening times in words are read whole or not at all."""

import time

import pytest

from matcher.catalogue.opening_times import LONGEST_READ, read_opening_times

MON, TUE, WED, THU, FRI, SAT, SUN = range(7)


def at(days, opens, closes):
    """These days from one hour to another, in hours."""
    return [(day, int(opens * 60), int(closes * 60)) for day in days]


READ = [
    ("Wednesday 10am - 4pm", at([WED], 10, 16)),
    ("Wednesdays: 10am to 4pm.", at([WED], 10, 16)),
    ("Thursday 1.30 - 3.30pm", at([THU], 13.5, 15.5)),
    ("Friday 10 - 11.30am", at([FRI], 10, 11.5)),
    ("Fridays 11 - 1pm", at([FRI], 11, 13)),
    ("Friday 12noon - 2pm", at([FRI], 12, 14)),
    ("Friday 10am - 12 noon", at([FRI], 10, 12)),
    ("Saturday noon until midnight", at([SAT], 12, 24)),
    ("Tues/Weds 10am - 12pm. Thurs 10am - 2pm", at([TUE, WED], 10, 12) + at([THU], 10, 14)),
    ("Mon, Tue and Thu 11am-2.30pm", at([MON, TUE, THU], 11, 14.5)),
    ("Monday - Friday 9:00-17:00", at([MON, TUE, WED, THU, FRI], 9, 17)),
    ("weekdays 9am-5pm and Saturdays 10am-1pm", at([MON, TUE, WED, THU, FRI], 9, 17) + at([SAT], 10, 13)),
    ("Monday 10am-12 noon and 2-4pm", at([MON], 10, 12) + at([MON], 14, 16)),
    ("Daily 10am-4pm", at(range(7), 10, 16)),
    # no am or pm at all
    ("Wednesday 10 - 12", at([WED], 10, 12)),
    ("Mon - Sat 10.00 - 4.00", at([MON, TUE, WED, THU, FRI, SAT], 10, 16)),
    ("Sunday 2-4", at([SUN], 14, 16)),
    ("Sunday 10am - 2", at([SUN], 10, 14)),
    ("Sunday 7pm - 9", at([SUN], 19, 21)),
]


@pytest.mark.parametrize(("text", "times"), READ)
def test_days_and_times_are_read(text, times):
    assert read_opening_times(text) == times


UNREAD = [
    "",
    "By appointment",
    "Tuesday from 11am",
    "Monday & Friday 12noon",
    "Tuesdays 7 - 9",  # morning or evening?
    "Daily (except Tues & Sat) 10:30am - 12pm",
    "Weekdays 10am-4pm, except Thursdays 10am-12.30pm",
    "Tuesdays & Fridays 12pm - 3pm; 1st Saturday of month 10am - 12noon",
    "Mon-Fri 10am-4pm Food parcels",
    "Monday 25:00 - 26:00",
    "Monday 4pm - 2pm",
    "Monday 10am - 10am",
    "Monday ٣ - 5pm",
    "Sunflower 10am - 12pm",
    "Monday 10am - 12pm. " * 20,  # more than anyone would write
]


@pytest.mark.parametrize("text", UNREAD)
def test_what_is_not_wholly_days_and_times_is_not_read(text):
    assert read_opening_times(text) == []


@pytest.mark.parametrize("piece", ["mon ", "mon,", "1-", "mon 1-2 and ", " ", "10am - "])
def test_no_text_takes_long(piece):
    started = time.perf_counter()
    read_opening_times((piece * LONGEST_READ)[:LONGEST_READ])
    assert time.perf_counter() - started < 1
