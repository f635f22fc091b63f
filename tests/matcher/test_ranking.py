"""The order of the list, against the plainest possible reading of the rule."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matcher.ranking import DIGITS, FIRST_LOOK, KnownParts, Parts, RankingConfig, order

CONFIG = RankingConfig(coverage=0.75)


def parts_of(facets, rest=None, mark=None):
    facets = np.array(facets, dtype=np.float64)
    rows = facets.shape[1]
    rest = np.zeros(rows) if rest is None else np.array(rest, dtype=np.float64)
    mark = np.ones(rows) if mark is None else np.array(mark, dtype=np.float64)
    return Parts(facets, (("near", rest),), (("ruled_out", mark),))


def places_of(parts, met, ids, config, top):
    return list(order(KnownParts(parts, met), ids.take, config, top).places)


def by_hand(parts, met, ids, coverage, top):
    """Look at every row for every place: the best score that is above 0, ties by the order of ids."""
    left, chosen, pool = np.ones(len(parts.facets)), [], set(range(len(ids)))
    while pool and len(chosen) < top:
        totals = {row: parts.facets[:, row] @ left + parts.others[0][1][row] for row in pool}
        scores = {row: float(np.round(total * parts.marks[0][1][row], DIGITS)) for row, total in totals.items()}
        best = min(pool, key=lambda row: (-scores[row], ids[row]))
        if scores[best] <= 0:
            break
        chosen.append((best, scores[best]))
        pool.remove(best)
        left = left * (1 - (1 - coverage) * met[:, best])
    return chosen


shares = st.integers(0, 8).map(lambda n: n / 8)


@st.composite
def lists(draw):
    """Facets, other parts and marks of a few services, with many exact ties."""
    facets, rows = draw(st.integers(1, 4)), draw(st.integers(1, 9))
    table = st.lists(st.lists(shares, min_size=rows, max_size=rows), min_size=facets, max_size=facets)
    row = st.lists(shares, min_size=rows, max_size=rows)
    met = np.array(draw(table))
    ids = np.array(draw(st.permutations(range(rows))))
    return parts_of(draw(table), draw(row), draw(row)), met, ids, draw(shares)


@given(lists(), st.integers(1, 10))
def test_the_greedy_choice_is_exact(problem, top):
    parts, met, ids, coverage = problem
    places = places_of(parts, met, ids, RankingConfig(coverage=coverage), top)
    assert [(place.row, place.score) for place in places] == by_hand(parts, met, ids, coverage, top)


class LooselyBounded(KnownParts):
    """Candidates whose bounds are above their scores, by as much as is told."""

    def __init__(self, parts, met, above):
        super().__init__(parts, met)
        self.__dict__["above"] = above

    @property
    def bounds(self):
        return self.whole.base() + self.above


@pytest.fixture
def small_looks(monkeypatch):
    """A few rows are looked at at a time, as thousands would be."""
    monkeypatch.setattr("matcher.ranking.FIRST_LOOK", 2)


@given(lists(), st.lists(shares, min_size=9, max_size=9), st.integers(1, 10))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_however_loose_the_bounds_the_list_is_the_same(small_looks, problem, above, top):
    parts, met, ids, coverage = problem
    candidates = LooselyBounded(parts, met, np.array(above[: len(ids)]))
    listed = order(candidates, ids.take, RankingConfig(coverage=coverage), top)
    assert [(place.row, place.score) for place in listed.places] == by_hand(parts, met, ids, coverage, top)
    rows = [place.row for place in listed.places]
    assert listed.met.tolist() == met[:, rows].tolist()
    assert listed.parts.base().tolist() == parts.base()[rows].tolist()


@given(lists())
def test_scores_never_rise_down_the_list_and_are_above_nothing(problem):
    parts, met, ids, coverage = problem
    scores = [place.score for place in places_of(parts, met, ids, RankingConfig(coverage=coverage), 10)]
    assert scores == sorted(scores, reverse=True)
    assert all(score > 0 for score in scores)


@given(lists(), st.integers(1, 9))
def test_a_shorter_list_is_the_beginning_of_a_longer_one(problem, top):
    parts, met, ids, coverage = problem
    config = RankingConfig(coverage=coverage)
    assert places_of(parts, met, ids, config, top) == places_of(parts, met, ids, config, 10)[:top]


@given(lists(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_nothing(problem, random):
    parts, met, ids, coverage = problem
    config = RankingConfig(coverage=coverage)
    shuffled = list(range(len(ids)))
    random.shuffle(shuffled)
    moved = parts_of(parts.facets[:, shuffled], parts.others[0][1][shuffled], parts.marks[0][1][shuffled])
    other = places_of(moved, met[:, shuffled], ids[shuffled], config, 10)
    one = places_of(parts, met, ids, config, 10)
    assert [(ids[p.row], p.score) for p in one] == [(ids[shuffled[p.row]], p.score) for p in other]


@given(lists())
def test_what_a_facet_counted_explains_the_score(problem):
    parts, met, ids, coverage = problem
    for place in places_of(parts, met, ids, RankingConfig(coverage=coverage), 10):
        total = float(np.array(place.facet_factors) @ parts.facets[:, place.row]) + parts.others[0][1][place.row]
        assert place.score == pytest.approx(total * parts.factor()[place.row], abs=10**-DIGITS)


def test_ties_are_broken_by_id_and_not_by_row():
    places = places_of(parts_of([[0.5, 0.5, 0.5]]), np.zeros((1, 3)), np.array([2, 0, 1]), CONFIG, 3)
    assert [place.row for place in places] == [1, 2, 0]


def test_a_difference_beyond_six_digits_is_a_tie():
    places = places_of(parts_of([[0.5 + 1e-9, 0.5]]), np.zeros((1, 2)), np.array([1, 0]), CONFIG, 2)
    assert [place.row for place in places] == [1, 0]


def test_what_is_ruled_out_or_worth_nothing_is_not_in_the_list():
    places = places_of(parts_of([[0.9, 0.5, 0.0]], mark=[0, 1, 1]), np.zeros((1, 3)), np.arange(3), CONFIG, 9)
    assert [place.row for place in places] == [1]


def test_the_second_need_comes_before_the_third_answer_to_the_first():
    # two services for a loud need, met in full, and one for a quiet need
    facets = [[0.60, 0.58, 0.00], [0.00, 0.00, 0.50]]
    met = np.array([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    covered = places_of(parts_of(facets), met, np.arange(3), CONFIG, 3)
    plain = places_of(parts_of(facets), met, np.arange(3), RankingConfig(coverage=1.0), 3)
    assert [place.row for place in plain] == [0, 1, 2]
    assert [place.row for place in covered] == [0, 2, 1]
    assert [place.score for place in covered] == pytest.approx([0.60, 0.50, 0.58 * 0.75])


def test_a_need_that_is_half_met_above_loses_half_as_much():
    places = places_of(parts_of([[0.6, 0.4]]), np.array([[0.5, 1.0]]), np.arange(2), CONFIG, 2)
    assert places[1].score == pytest.approx(0.4 * (1 - 0.25 * 0.5))
    assert places[1].facet_factors == (1 - 0.25 * 0.5,)


def test_parts_are_added_and_marks_multiplied():
    parts = Parts(
        np.array([[0.2], [0.3]]),
        (("lexical", np.array([0.1])), ("near", np.array([0.05]))),
        (("near_miss", np.array([0.6])), ("unsure", np.array([0.5]))),
    )
    assert parts.factor().tolist() == pytest.approx([0.6 * 0.5])
    assert parts.base().tolist() == pytest.approx([(0.2 + 0.3 + 0.1 + 0.05) * 0.6 * 0.5])


def test_nobody_is_listed_where_there_is_nobody():
    assert places_of(parts_of(np.zeros((1, 0))), np.zeros((1, 0)), np.arange(0), CONFIG, 5) == []


def test_a_service_counts_less_when_one_above_is_mainly_the_same():
    parts = replace(parts_of([[0.5, 0.5, 0.45, 0.4]]), kinds=np.array([7, 7, 3, -1], dtype=np.int32))
    places = places_of(parts, np.zeros((1, 4)), np.arange(4), RankingConfig(alike=0.8), 4)
    assert [(place.row, place.score, place.alike) for place in places] == [
        (0, 0.5, 1.0),
        (2, 0.45, 1.0),
        (1, pytest.approx(0.5 * 0.8), 0.8),
        (3, 0.4, 1.0),
    ]


def test_services_of_no_sure_kind_are_never_alike():
    parts = replace(parts_of([[0.5, 0.5]]), kinds=np.array([-1, -1], dtype=np.int32))
    places = places_of(parts, np.zeros((1, 2)), np.arange(2), RankingConfig(alike=0.5), 2)
    assert [place.score for place in places] == [0.5, 0.5]


def test_the_third_of_a_kind_is_marked_down_twice_however_many_are_looked_at():
    rows = FIRST_LOOK + 3
    parts = replace(parts_of([[0.5] * rows]), kinds=np.full(rows, 4, dtype=np.int32))
    places = places_of(parts, np.zeros((1, rows)), np.arange(rows), RankingConfig(alike=0.5), 3)
    assert [place.score for place in places] == [0.5, 0.25, 0.125]
