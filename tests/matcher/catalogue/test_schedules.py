"""Schedules become weekly sessions and a last day."""

from datetime import date, timedelta

import pytest

from matcher.catalogue.feed import FeedSchedule
from matcher.catalogue.schedules import ends_on, sessions_of
from matcher.domain import MINUTES_A_DAY, Session
from tests.factories import a_schedule

EVENING = (19 * 60, 20 * 60 + 30)


def read(**changes):
    """The sessions, the last day and the findings of one schedule."""
    noted = []
    schedules = [FeedSchedule.model_validate(a_schedule(**changes))]

    def note(code, text):
        noted.append((code, text))

    return sessions_of(schedules, note), ends_on(schedules, note), noted


def days(**changes):
    return [session.day for session in read(**changes)[0]]


def test_a_weekly_schedule_is_a_session_a_day():
    sessions, end, noted = read(byday="TU,TH")
    assert sessions == (Session(1, *EVENING), Session(3, *EVENING))
    assert end is None
    assert noted == []


def test_daily_means_every_day_or_the_days_named():
    assert days(freq="DAILY", byday=None) == [0, 1, 2, 3, 4, 5, 6]
    assert days(freq="DAILY", byday="MO,TU,WE,TH,FR") == [0, 1, 2, 3, 4]


def test_daily_on_one_day_is_a_slip_for_daily():
    assert days(freq="DAILY", byday="MO") == [0, 1, 2, 3, 4, 5, 6]


def test_the_first_date_tells_the_weekday_when_nothing_else_does():
    assert days(byday=None, dtstart="2026-01-06") == [date(2026, 1, 6).weekday()]


@pytest.mark.parametrize("freq", ["MONTHLY", "YEARLY"])
def test_a_day_of_the_month_tells_no_weekday(freq):
    assert days(freq=freq, byday=None, dtstart="2026-01-06") == []


def test_the_second_tuesday_of_a_month_is_a_monthly_tuesday():
    assert read(freq="MONTHLY", byday="2TU")[0] == (Session(1, *EVENING, freq="MONTHLY"),)


@pytest.mark.parametrize(("freq", "interval"), [("WEEKLY", 2), ("WEEKLY", "2"), ("FORTNIGHTLY", None)])
def test_every_second_week_is_fortnightly_however_it_is_said(freq, interval):
    assert read(freq=freq, interval=interval)[0] == (Session(1, *EVENING, interval=2),)


@pytest.mark.parametrize("interval", [0, -3, "often", None, float("nan")])
def test_an_interval_that_cannot_be_is_one(interval):
    assert read(interval=interval)[0][0].interval == 1


def test_an_evening_that_ends_after_midnight_goes_on_the_next_day():
    sessions, _, _ = read(byday="SU", opens_at="20:00", closes_at="02:00")
    assert sessions == (Session(6, 20 * 60, MINUTES_A_DAY), Session(0, 0, 2 * 60))


def test_until_midnight_is_until_the_end_of_the_day():
    assert read(closes_at="00:00")[0][0].end == MINUTES_A_DAY


@pytest.mark.parametrize(
    ("opens", "closes"), [("25:00", "26:00"), ("12:00", "10:00"), ("10:00", "10:00"), ("am", "pm")]
)
def test_times_that_cannot_be_are_no_session_and_a_finding(opens, closes):
    sessions, _, noted = read(opens_at=opens, closes_at=closes)
    assert sessions == ()
    assert noted == [("impossible_time", f"a schedule opens at {opens} and closes at {closes}; read as not said")]


def test_a_schedule_without_times_is_no_session_and_no_fault():
    assert read(opens_at=None, closes_at=None) == ((), None, [])


def test_the_same_session_twice_is_one():
    assert len(read(byday="TU,TU")[0]) == 1


def test_times_only_in_words_are_read_when_they_are_clear():
    bare = {"freq": None, "byday": None, "opens_at": None, "closes_at": None}
    assert read(**bare, description="Tuesday 10am - 12 noon")[0] == (Session(1, 10 * 60, 12 * 60),)
    assert read(**bare, description="Tuesday mornings")[0] == ()


def test_words_never_overrule_the_times_of_a_schedule():
    assert read(description="Friday 10am - 12 noon")[0] == (Session(1, *EVENING),)


def test_a_schedule_says_how_to_attend():
    assert read(attending_type="phone")[0][0].modes == ("phone",)


@pytest.mark.parametrize("field", ["until", "valid_to"])
def test_either_end_of_a_schedule_counts(field):
    assert read(**{field: "2026-06-30"})[1] == date(2026, 6, 30)


def test_the_earlier_end_counts():
    assert read(until="2027-12-31", valid_to="2026-06-30")[1] == date(2026, 6, 30)


def test_a_course_of_six_weeks_ends_with_its_sixth_week():
    start = date(2026, 1, 6)
    assert read(count=6, dtstart=start.isoformat())[1] == start + timedelta(weeks=5)


def test_a_course_of_six_meetings_twice_a_week_ends_in_its_third_week():
    start = date(2026, 1, 6)
    assert read(count=6, byday="TU,TH", dtstart=start.isoformat())[1] == start + timedelta(weeks=2, days=2)


def test_the_earlier_of_a_count_and_an_end_counts():
    assert read(count=6, dtstart="2026-01-06", until="2026-01-20")[1] == date(2026, 1, 20)
    assert read(count=2, dtstart="2026-01-06", until="2026-01-20")[1] == date(2026, 1, 13)


@pytest.mark.parametrize("count", [0, -1, 10**9, "often"])
def test_a_count_that_cannot_be_ends_nothing(count):
    assert read(count=count, dtstart="2026-01-06")[1] is None


def test_a_service_lasts_as_long_as_its_last_schedule():
    schedules = [FeedSchedule(until="2026-06-30"), FeedSchedule(until="2027-06-30")]
    assert ends_on(schedules, lambda *_: None) == date(2027, 6, 30)


def test_a_service_with_one_open_schedule_has_no_end():
    schedules = [FeedSchedule(until="2026-06-30"), FeedSchedule()]
    assert ends_on(schedules, lambda *_: None) is None


def test_an_end_before_the_start_ends_nothing_and_is_a_finding():
    _, end, noted = read(dtstart="2026-05-01", until="2026-01-01")
    assert end is None
    assert [code for code, _ in noted] == ["impossible_date"]


def test_the_31st_of_february_ends_nothing_and_is_a_finding():
    _, end, noted = read(until="2026-02-31")
    assert end is None
    assert noted == [("impossible_date", "a schedule ends on 2026-02-31; read as not said")]
