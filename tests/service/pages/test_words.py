from __future__ import annotations

from datetime import date

import pytest

from matcher.domain import Session
from service.presenters_words import (
    clock,
    cost_in_words,
    days_in_words,
    distance_in_words,
    freshness_in_words,
    how_in_words,
    place_in_words,
    safe_link,
)
from tests.factories import AS_OF, a_service


def sessions(*given: tuple[int, int, int]) -> tuple[Session, ...]:
    return tuple(Session(day, start * 60, end * 60) for day, start, end in given)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ((), ""),
        (sessions((1, 10, 12)), "Tuesdays, 10am to noon"),
        (sessions((0, 10, 16), (3, 10, 16)), "Mondays and Thursdays, 10am to 4pm"),
        (sessions((0, 9, 17), (1, 9, 17), (2, 9, 17)), "Monday to Wednesday, 9am to 5pm"),
        (sessions((0, 10, 16), (4, 10, 15)), "Mondays, 10am to 4pm; Fridays, 10am to 3pm"),
        ((Session(1, 18 * 60, 21 * 60, "WEEKLY", 2),), "Tuesdays, 6pm to 9pm, every other week"),
        ((Session(1, 18 * 60, 21 * 60, "MONTHLY", 1),), "Tuesdays, 6pm to 9pm, monthly"),
        ((Session(6, 0, 24 * 60),), "Sundays, all day"),
    ],
)
def test_days_are_said_as_people_say_them(given: tuple[Session, ...], words: str):
    assert days_in_words(a_service(sessions=given)) == words


@pytest.mark.parametrize(
    ("minute", "words"),
    [
        (0, "midnight"),
        (60, "1am"),
        (9 * 60 + 30, "9.30am"),
        (12 * 60, "noon"),
        (12 * 60 + 5, "12.05pm"),
        (1440, "midnight"),
    ],
)
def test_a_clock_time_is_said_in_twelve_hours(minute: int, words: str):
    assert clock(minute) == words


@pytest.mark.parametrize(
    ("km", "vague", "words"),
    [
        (None, False, ""),
        (1.8, False, "1.8 km (1.1 miles) away"),
        (1.609344, False, "1.6 km (1.0 mile) away"),
        (0.05, False, "Very near, under 100 metres away"),
        (16.09344, True, "About 16 km (10 miles) away"),
        (1.0, True, "Within a mile or two"),
    ],
)
def test_distance_is_said_in_km_and_miles(km: float | None, vague: bool, words: str):
    assert distance_in_words(km, vague) == words


def test_cost_is_the_directorys_words_then_the_price_then_not_said():
    assert cost_in_words(a_service(fees="£3, tea included", cost=3.0)) == "£3, tea included"
    assert cost_in_words(a_service(cost=0.0)) == "Free"
    assert cost_in_words(a_service(cost=2.5)) == "£2.50"
    assert cost_in_words(a_service(cost=3.0)) == "£3"
    assert cost_in_words(a_service()) == "The directory does not say"


@pytest.mark.parametrize(
    ("changed", "end"),
    [
        (None, "last checked"),
        (AS_OF, "this month"),
        (date(2026, 9, 25), "1 month ago"),
        (date(2026, 4, 1), "7 months ago"),
        (date(2023, 6, 16), "over 3 years ago"),
    ],
)
def test_freshness_says_how_old_an_entry_is(changed: date | None, end: str):
    assert freshness_in_words(changed, AS_OF).endswith(end)


def test_a_postcode_that_is_also_the_places_name_is_said_once():
    assert place_in_words(a_service(place_name="ZZ9 9AA", postcode="ZZ9 9AA")) == "ZZ9 9AA"
    assert place_in_words(a_service(place_name="citywide", postcode="ZZ9 9AA")) == "Citywide, ZZ9 9AA"


def test_ways_to_take_part_are_joined_with_or():
    assert how_in_words(("in_person",)) == "In person"
    assert how_in_words(("in_person", "online", "phone")) == "In person, online or by phone"


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "//evil.test", "https://a b", 'https://"x', "", "ftp://x"]
)
def test_only_plain_web_addresses_become_links(url: str):
    assert safe_link(url) == ""


def test_a_web_address_becomes_a_link():
    assert safe_link("https://choir.example.org/x?y=1#z") == "https://choir.example.org/x?y=1#z"
