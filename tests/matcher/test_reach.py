"""Who is looked at: everybody whom the rule on distance may leave in."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.domain import Point, Standing
from matcher.eligibility import EligibilityConfig, Reach, Spans, admit, screen
from matcher.eligibility.reach import LEAST_BLOCK
from tests.factories import a_case, a_catalogue, a_person, a_service

CONFIG = EligibilityConfig()
RULED_OUT = int(Standing.ruled_out)
rng = np.random.default_rng(11)
MODES = [("in_person",), ("home_visit",), ("in_person", "home_visit"), ("phone",), ("in_person", "online"), ()]


def spread(number):
    """A service somewhere in a square of some 300 km, some without a place or known by their district only."""
    lat, lon = rng.uniform(52, 55), rng.uniform(-3, 1)
    place = None if number % 17 == 0 else Point(lat, lon, 3.0 if number % 13 == 0 else 0.0)
    return a_service(id=f"s{number:04d}", place=place, modes=MODES[number % len(MODES)], min_age=18 * (number % 2))


CATALOGUE = a_catalogue(*(spread(number) for number in range(40 * LEAST_BLOCK)))
REACH = Reach(CATALOGUE)
EVERYBODY = Spans.of(0, len(CATALOGUE))
people = st.fixed_dictionaries(
    {
        "place": st.builds(Point, st.floats(51, 56), st.floats(-4, 2)) | st.none(),
        "max_distance_km": st.sampled_from([None, 0, 3, 40, 150]),
        "modes": st.lists(st.sampled_from(["in_person", "online", "phone", "home_visit"]), max_size=2).map(tuple),
        "ages": st.sampled_from([(), (10.0,), (40.0,)]),
    }
)


@given(people)
@settings(deadline=None)
def test_nobody_who_could_be_suggested_is_left_out(person):
    rows = REACH.spans(a_person(**person), CONFIG).rows
    usable = np.flatnonzero(screen(a_case(a_person(**person), catalogue=CATALOGUE)).usable)
    assert np.isin(usable, rows).all()
    assert (np.diff(rows) > 0).all()


@given(people)
@settings(deadline=None)
def test_who_is_admitted_is_who_no_rule_rules_out(person):
    case = a_case(a_person(**person), catalogue=CATALOGUE)
    screened, admitted = screen(case), admit(case, EVERYBODY)
    assert admitted.case.rows.tolist() == np.flatnonzero(screened.usable).tolist()
    assert admitted.near_miss.tolist() == screened.near_miss[screened.usable].tolist()
    out = [rule.code for rule, _ in screened.verdicts], np.array([v for _, v in screened.verdicts]) == RULED_OUT
    first = [next(code for code, is_out in zip(out[0], row, strict=True) if is_out) for row in out[1].T if row.any()]
    assert admitted.counts == Counter(first)


@given(people)
@settings(deadline=None)
def test_counts_are_the_same_whether_the_far_are_looked_at_or_not(person):
    somebody = a_person(**person)
    case, spans = a_case(somebody, catalogue=CATALOGUE), REACH.spans(somebody, CONFIG)
    counts = dict(admit(case, spans).counts)
    if beyond := len(CATALOGUE) - spans.count():
        counts["distance"] = counts.get("distance", 0) + beyond
    assert counts == admit(case, EVERYBODY).counts


def test_only_what_is_near_is_looked_at():
    corner = a_person(place=Point(52, -3), max_distance_km=5)
    assert REACH.spans(corner, CONFIG).count() < len(CATALOGUE)


@pytest.mark.parametrize("person", [{"place": None}, {"place": None, "max_distance_km": 5}])
def test_where_the_person_is_unknown_everybody_is_looked_at(person):
    assert REACH.spans(a_person(**person), CONFIG).count() == len(CATALOGUE)


def test_without_the_rule_on_distance_everybody_is_looked_at():
    spans = REACH.spans(a_person(place=Point(52, -3), max_distance_km=1), EligibilityConfig(off=("distance",)))
    assert spans.count() == len(CATALOGUE)


def test_a_limit_of_half_the_earth_reaches_everybody_from_the_other_side():
    person = a_person(place=Point(-53.5, 179), max_distance_km=20_000)
    assert REACH.spans(person, CONFIG).count() == len(CATALOGUE)


def test_an_empty_catalogue_reaches_nobody():
    empty = a_catalogue(a_service(place=None))
    assert Reach(empty).spans(a_person(place=Point(52, -3)), CONFIG).rows.tolist() == [0]


@given(st.lists(st.integers(0, 9), max_size=12), st.integers(1, 5))
def test_spans_are_cut_into_pieces_of_about_as_many_rows(lengths, pieces):
    starts = np.arange(len(lengths)) * 10
    whole = Spans(starts, starts + np.array(lengths, dtype=np.int64))
    cut = whole.cut(pieces)
    assert np.concatenate([piece.rows for piece in cut]).tolist() == whole.rows.tolist()
    assert len(cut) == pieces
    counts = [piece.count() for piece in cut]
    assert max(counts) - min(counts) <= 1
