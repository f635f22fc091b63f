"""Two entries of one service: a list shows the better one."""

from datetime import date

import pyarrow as pa
import pytest

from matcher.catalogue.duplicates import find_duplicates
from matcher.catalogue.records import batch_of
from matcher.domain import Point
from tests.factories import a_service, a_session


def duplicates(*changes):
    """For each of these choirs the place of the entry that is shown instead, or -1; and the findings."""
    findings = []
    services = [a_service(**{"id": str(place), **change}) for place, change in enumerate(changes)]
    return find_duplicates(pa.Table.from_batches([batch_of(services)]), findings), findings


def are_one(first, second):
    return duplicates(first, second)[0] != [-1, -1]


SAME = [
    ("as it is", {}),
    ("capitals and a filler", {"name": "THE MILL HALL SINGERS"}),
    ("a typo", {"name": "Mill Hall Singres"}),
    ("the words the other way round", {"name": "Singers, Mill Hall"}),
    ("a legal form", {"name": "Mill Hall Singers Ltd", "organization": "Wending Arts CIC"}),
    ("no organisation", {"organization": ""}),
    ("another organisation with the same phone", {"organization": "Wending Council", "phones": ("01632 960001",)}),
    ("another organisation with the same e-mail", {"organization": "Wending Council", "email": "a@example.org"}),
    ("the place a little off", {"place": Point(53.501, -2.5)}),  # 0.11 km
    ("the place known by its district only", {"place": Point(53.52, -2.5, precision_km=3)}),
    ("no place, same phone", {"place": None, "postcode": "", "phones": ("01632 960001",)}),
    ("another day as well", {"sessions": (a_session(day=1), a_session(day=3))}),
]
NOT_SAME = [
    ("another name", {"name": "Wending Walkers"}),
    ("a name that sounds alike", {"name": "Till Hall Singers"}),
    ("another organisation", {"organization": "Wending Council"}),
    ("another place", {"place": Point(53.52, -2.5)}),  # 2.2 km
    ("another postcode, places known by district only", {"place": Point(53.5, -2.5, 3), "postcode": "ZZ9 9AB"}),
    ("no place and nothing else in common", {"place": None, "postcode": ""}),
    ("other days", {"sessions": (a_session(day=5),)}),
    ("other ages", {"min_age": 60}),
]
FIRST = {"phones": ("01632 960001",), "email": "a@example.org", "sessions": (a_session(day=1),), "max_age": 25}


@pytest.mark.parametrize(("why", "second"), SAME)
def test_entries_of_one_service_are_found(why, second):
    assert are_one(FIRST, second), why


@pytest.mark.parametrize(("why", "second"), NOT_SAME)
def test_entries_of_two_services_stay_two(why, second):
    assert not are_one(FIRST, second), why


GROUPS = [
    ("Wending Men's Support Group", "Wending Women's Support Group"),
    ("Wending Walking Football Over 50s", "Wending Walking Football Over 60s"),
    ("Craft Circle Tuesday afternoons", "Craft Circle Thursday afternoons"),
    ("Mill Hall Singers Beginners", "Mill Hall Singers Improvers"),
    ("Community Choir of Sale", "Community Choir of Vale"),
    ("Mill Hall Playing Fields - Grass pitches", "Mill Hall Playing Fields - Artificial grass pitches"),
]


@pytest.mark.parametrize(("one", "other"), GROUPS)
def test_groups_for_others_are_not_taken_for_one_although_their_names_are_alike(one, other):
    assert not are_one({"name": one}, {"name": other})


BETTER = [
    ("an open one", {"status": "inactive"}),
    ("one that goes on", {"ends_on": date(2026, 1, 1)}),
    ("the fuller one", {"description": ""}),
    ("the newer one", {"last_modified": date(2024, 1, 1)}),
]


@pytest.mark.parametrize(("why", "worse"), BETTER)
def test_the_better_entry_is_kept_whatever_their_order(why, worse):
    better = {"last_modified": date(2026, 1, 1)}
    worse = {"last_modified": date(2026, 1, 1), **worse}
    assert duplicates(better, worse)[0] == [-1, 0], why
    assert duplicates(worse, better)[0] == [1, -1], why


def test_of_equal_entries_the_earlier_id_is_kept():
    assert duplicates({}, {})[0] == [-1, 0]


def test_of_three_entries_one_is_shown():
    shown, findings = duplicates({}, {"description": ""}, {"capacity": "open"})
    assert shown == [2, 2, -1]
    assert [(f.code, f.service_id, f.text) for f in findings] == [
        ("likely_duplicate", "0", "looks like 2 (Mill Hall Singers), which is shown instead"),
        ("likely_duplicate", "1", "looks like 2 (Mill Hall Singers), which is shown instead"),
    ]


def test_entries_are_found_among_many_that_share_every_word_of_the_name():
    others = [{"name": f"Mill Hall Singers {word}"} for word in map("choir".__add__, map(chr, range(97, 123)))] * 3
    others = [{**other, "organization": f"Arts {n}", "postcode": f"ZZ{n} 1AA"} for n, other in enumerate(others)]
    shown, _ = duplicates(*others, {}, {})
    assert shown[-2:] == [-1, len(others)]
