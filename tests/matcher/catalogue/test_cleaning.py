"""What feeds hold becomes plain text, numbers, times and dates."""

from datetime import date

import pytest

from matcher.catalogue.cleaning import (
    LONGEST_TEXT,
    clean_age,
    clean_date,
    clean_days,
    clean_line,
    clean_minutes,
    clean_modes,
    clean_number,
    clean_text,
    free_for_some,
    lowest_price,
)

TEXTS = [
    # HTML goes, and what it kept apart stays apart
    ("<p>Tea</p><p>and cake</p>", "Tea\nand cake"),
    ("Tea<br>and<br/>cake", "Tea\nand\ncake"),
    ("<ul><li>Tea</li><li>Cake</li></ul>", "Tea\nCake"),
    ("<b>Tea</b> &amp; cake", "Tea & cake"),
    ("Tea &amp;amp; cake", "Tea & cake"),
    ("<script>alert('x')</script>Tea<style>p {}</style>", "Tea"),
    ("Tea<!-- not shown -->", "Tea"),
    ("We <3 tea, write to <jo@example.org>", "We <3 tea, write to <jo@example.org>"),
    # text saved in one encoding and read in another
    ("CafÃ© and donâ€™t", "Café and don't"),
    ("Â£3 a week", "£3 a week"),
    # what nobody sees
    ("Tea\x00 and\u200b cake\ufeff", "Tea and cake"),
    ("\u202etea\u202c", "tea"),
    ("  Tea \t and\r\n\r\n cake  ", "Tea and\ncake"),
    # one form of each letter, so that equal ids are equal
    ("Cafe\u0301", "Caf\u00e9"),
    # no text at all
    (None, ""),
    (True, ""),
    ({"a": 1}, ""),
    (["a"], ""),
    (float("nan"), ""),
    (float("inf"), ""),
    (12, "12"),
]


@pytest.mark.parametrize(("given", "text"), TEXTS)
def test_texts_become_plain(given, text):
    assert clean_text(given) == text


def test_a_lone_surrogate_becomes_a_character_that_can_be_written():
    assert clean_text("tea \ud800").encode()


def test_a_name_is_one_line():
    assert clean_line("Mill Hall\n Singers ") == "Mill Hall Singers"


def test_a_huge_text_is_cut():
    assert len(clean_text("x" * 200_000)) == LONGEST_TEXT


NUMBERS = [
    (3, 3.0),
    ("3", 3.0),
    (" -2.5 ", -2.5),
    (53.37195383282586, 53.37195383282586),  # as geocoders give them
    ("53.37195383282586", 53.37195383282586),
    (-0.00001, -0.00001),  # on the Greenwich meridian, written -1e-05
    ("", None),
    (None, None),
    (True, None),
    ("three", None),
    ("1e309", None),
    ("1_000", None),
    ("٣", None),
    (float("nan"), None),
    (float("inf"), None),
    (10**400, None),
    ([1], None),
]


@pytest.mark.parametrize(("given", "number"), NUMBERS)
def test_numbers_are_finite_or_none(given, number):
    assert clean_number(given) == number


AGES = [
    (18, 18),
    ("18+", 18),
    ("55 and over", 55),
    ("16 years", 16),
    ("65 plus", 65),
    ("18 months", None),
    ("adults", None),
    ("", None),
]


@pytest.mark.parametrize(("given", "age"), AGES)
def test_ages_are_years(given, age):
    assert clean_age(given) == age


TIMES = [
    ("10:00", 600),
    ("10:00:00", 600),
    ("10.30", 630),
    ("7pm", 19 * 60),
    ("12am", 0),
    ("12:15 p.m.", 12 * 60 + 15),
    ("09:00Z", 540),
    ("24:00", 24 * 60),
    ("25:00", None),
    ("10:60", None),
    ("24:01", None),
    ("noonish", None),
    ("", None),
    (None, None),
]


@pytest.mark.parametrize(("given", "minutes"), TIMES)
def test_times_are_minutes_after_midnight(given, minutes):
    assert clean_minutes(given) == minutes


DATES = [
    ("2026-03-15", date(2026, 3, 15)),
    ("2026-03-15T23:30:45.123Z", date(2026, 3, 15)),
    ("2018-07", date(2018, 7, 1)),
    ("31/12/2026", date(2026, 12, 31)),
    ("1.2.2026", date(2026, 2, 1)),
    ("2026-02-31", None),
    ("31/02/2026", None),
    ("soon", None),
    ("", None),
    (None, None),
    ("9" * 5000, None),
]


@pytest.mark.parametrize(("given", "day"), DATES)
def test_dates_are_days_of_the_calendar(given, day):
    assert clean_date(given) == day


DAYS = [
    ("TU,TH", [1, 3]),
    ("2MO", [0]),
    ("-1FR", [4]),
    (["MO", "WE"], [0, 2]),
    ("Mon-Fri", [0, 1, 2, 3, 4]),
    ("Fri to Mon", [0, 4, 5, 6]),
    ("Mondays and Thursdays", [0, 3]),
    ("weekdays", [0, 1, 2, 3, 4]),
    ("weekends", [5, 6]),
    ("daily", list(range(7))),
    ("sat down in the sun lounge", [5, 6]),  # a cell of days is taken at its word
    ("money", []),
    ("", []),
    (None, []),
]


@pytest.mark.parametrize(("given", "days"), DAYS)
def test_days_are_read_from_codes_and_words(given, days):
    assert clean_days(given) == days


MODES = [
    ("in-person", ("in_person",)),
    ("You can attend in-person or remotely via video conferencing", ("in_person", "online")),
    ("Telephone", ("phone",)),
    ("home visit, phone", ("phone", "home_visit")),
    ("venue", ("in_person",)),
    ("locally", ()),  # holds "call"
    (None, ()),
]


@pytest.mark.parametrize(("given", "modes"), MODES)
def test_ways_of_attending_are_read_from_words(given, modes):
    assert clean_modes(given) == modes


PRICES = [
    ("£3 a week", 3.0),
    ("£5, concessions £2.50", 2.5),  # the person may qualify
    ("50p for tea", 0.5),
    ("£1,200", 1200.0),
    ("Free", 0.0),
    ("Suggested donation £2", 0.0),
    ("not free: £4", 4.0),
    ("First session free, then £6", 6.0),
    ("£4, free parking", 4.0),
    ("£3.50 a class, first free", 3.5),
    ("£30 for 6 weeks", 5.0),  # a session's share of it
    ("£60 for a 10-week course", 6.0),
    ("£10 deposit, refundable", None),
    ("Pay what you can", 0.0),
    ("Voluntary contribution", 0.0),
    ("£18 a year", None),  # not the price of a session
    ("ask us", None),
    ("", None),
]


@pytest.mark.parametrize(("fees", "price"), PRICES)
def test_the_lowest_price_of_a_session_is_read_from_words(fees, price):
    assert lowest_price(fees) == price


FREE_FOR_SOME = [
    ("£18 an hour, free on Pension Credit", True),
    ("£3, or free if you cannot pay", True),
    ("Pay what you can", True),
    ("Free", False),
    ("£3", False),
]


@pytest.mark.parametrize(("fees", "some"), FREE_FOR_SOME)
def test_free_for_some_is_told_from_free_for_all(fees, some):
    assert free_for_some(fees) == some
