"""What `matcher check` finds: each kind of finding has a case that triggers it and one that does not."""

from datetime import date, timedelta

import pytest

from matcher.catalogue import CODES, check_catalogue, completeness, completeness_scores, read_with_findings
from matcher.catalogue.checks import STALE_AFTER_DAYS, THIN_BELOW, said
from tests.factories import (
    AS_OF,
    a_catalogue,
    a_feed_service,
    a_schedule,
    a_service,
    a_session,
    at_location,
    write_json,
)


def full(**changes):
    """A service that says everything."""
    fields = {
        "phones": ("01632 960001",),
        "fees": "Free",
        "eligibility": "Anybody",
        "referral": "Just come.",
        "accessibility": ("step-free",),
        "capacity": "open",
        "sessions": (a_session(),),
        "modes": ("in_person",),
        "last_modified": AS_OF,
        **changes,
    }
    return a_service(**fields)


def codes(*services):
    return sorted(finding.code for finding in check_catalogue(a_catalogue(*services), AS_OF))


def test_a_full_entry_has_no_finding():
    assert codes(full()) == []


FAULTS = [
    ("no_place", {"place": None}),
    ("unknown_status", {"status": "paused"}),
    ("unknown_status", {"status": ""}),
    ("stale", {"last_modified": AS_OF - timedelta(days=STALE_AFTER_DAYS + 1)}),
    ("ended", {"ends_on": AS_OF - timedelta(days=1)}),
    ("untagged", {"categories": ()}),
    ("no_description", {"description": ""}),
    ("no_contact", {"phones": ()}),
]


@pytest.mark.parametrize(("code", "fault"), FAULTS)
def test_each_fault_is_one_finding(code, fault):
    assert codes(full(**fault)) == [code]


NO_FAULTS = [
    {"place": None, "modes": ("phone",)},
    {"status": "temporarily closed"},
    {"last_modified": AS_OF - timedelta(days=STALE_AFTER_DAYS)},
    {"ends_on": AS_OF},
    {"phones": (), "url": "https://example.org"},
]


@pytest.mark.parametrize("change", NO_FAULTS)
def test_what_is_within_bounds_is_no_finding(change):
    assert codes(full(**change)) == []


def test_a_day_is_needed_to_be_stale():
    later = check_catalogue(a_catalogue(full()), AS_OF + timedelta(days=STALE_AFTER_DAYS + 1))
    assert [(f.code, f.text) for f in later] == [("stale", f"last changed {AS_OF}")]


def test_ids_that_differ_only_by_case_name_each_other():
    found = check_catalogue(a_catalogue(full(id="A1", name="Choir"), full(id="a1", name="Walk")), AS_OF)
    assert [(f.code, f.service_id, f.text) for f in found] == [
        ("case_only_ids", "A1", "the same as a1"),
        ("case_only_ids", "a1", "the same as A1"),
    ]


def test_a_thin_entry_says_what_it_lacks():
    thin = full(phones=(), fees="", eligibility="", referral="", accessibility=(), capacity="", last_modified=None)
    (finding,) = [f for f in check_catalogue(a_catalogue(thin), AS_OF) if f.code == "thin"]
    assert finding.text == (
        "does not say: price, who it is for, contact, how to refer, access, free places, last change"
    )
    assert completeness(thin) == (12 - 7) / 12 < THIN_BELOW


def test_completeness_is_the_share_of_what_is_said():
    assert completeness(full()) == 1
    assert completeness(full(fees="", cost=None)) == (len(said(full())) - 1) / len(said(full()))
    assert completeness_scores(a_catalogue(full(), full(id="b", description=""))) == {"b": 11 / 12, "svc-choir": 1}


def test_a_free_service_says_its_price_and_a_phone_line_needs_no_place_or_ramp():
    line = full(cost=0.0, fees="", modes=("phone",), place=None, accessibility=())
    assert completeness(line) == 1


def faulty_feed():
    """A record for each fault that reading finds."""
    return [
        {"id": "nameless"},
        {"id": "trm-1", "name": "Singing", "term_uri": "https://example.org"},
        a_feed_service(id="twice"),
        a_feed_service(id="twice"),
        a_feed_service(id="double-1", name="Wending Lunch Club", **at_location()),
        a_feed_service(id="double-2", name="Wending Lunch Club", **at_location()),
        a_feed_service(id="case", name="Knitting"),
        a_feed_service(id="CASE", name="Chess"),
        a_feed_service(id="null-island", name="Swimming", **at_location(latitude=0, longitude=0)),
        a_feed_service(id="swapped", name="Bowls", **at_location(latitude=-2.5, longitude=53.5)),
        a_feed_service(id="abroad", name="Boules", **at_location(latitude=48.9, longitude=2.4)),
        a_feed_service(id="aged", name="Yoga", minimum_age=60, maximum_age=18),
        a_feed_service(id="late", name="Jazz", schedules=[a_schedule(opens_at="25:00")]),
        a_feed_service(id="leap", name="Dance", last_modified="2026-02-31"),
        a_feed_service(id="linkless", name="Darts", url="not one"),
        a_feed_service(id="mailless", name="Cards", email="not one"),
        a_feed_service(id="over", name="Pottery", schedules=[a_schedule(until="2020-01-01")]),
        a_feed_service(id="old", name="Painting", last_modified="2020-01-01"),
        a_feed_service(id="odd", name="Sewing", status="paused"),
    ]


def test_every_kind_of_finding_is_found_in_a_faulty_feed(tmp_path):
    page = {"total_items": 100, "contents": faulty_feed()}
    read = read_with_findings(write_json(tmp_path / "feed.json", page))
    findings = [*read.findings, *check_catalogue(read.catalogue, date(2026, 11, 1))]
    assert {finding.code for finding in findings} == set(CODES)
    assert all(finding.text for finding in findings)
