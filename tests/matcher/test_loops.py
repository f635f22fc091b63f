"""The compiled loops, each against the same done with whole arrays."""

import pickle

import numpy as np
import pytest

from matcher.loops import Entries, best_answers, facet_totals, facet_values, highest, looked_up, weighted_max

rng = np.random.default_rng(5)
SERVICES = 150_000
"""More than are added up at a time, several times over."""
WORDS = [np.flatnonzero(rng.random(SERVICES) < share).astype(np.int32) for share in (0.2, 0.001, 0.05, 0.0, 0.5)]
ENDS = np.cumsum([len(rows) for rows in WORDS])
STARTS = np.concatenate([[0], ENDS[:-1]])
HAVING = np.concatenate(WORDS)
IMPACTS = rng.uniform(0, 9, len(HAVING)).astype(np.float16)
WEIGHTS = np.array([1.0, 0.5, 0.25, 1.0, 0.7], dtype=np.float32)
GIVEN = np.zeros((SERVICES, len(WORDS)))
for number, (first, last) in enumerate(zip(STARTS, ENDS, strict=True)):
    GIVEN[HAVING[first:last], number] = IMPACTS[first:last].astype(np.float32) * WEIGHTS[number]

SOME = {
    "all": np.arange(SERVICES),
    "every third": np.arange(1, SERVICES, 3),
    "here and there, far apart": np.array([0, 5, 9_000, 9_001, 11_048, 11_049, 60_000, 149_998, 149_999]),
    "in no order, some twice": rng.integers(0, SERVICES, 2_000),
    "one": np.array([77]),
    "none": np.zeros(0, dtype=np.int64),
}


@pytest.mark.parametrize("rows", SOME.values(), ids=SOME)
def test_words_give_a_service_the_same_alone_and_among_many(rows):
    entries = Entries(HAVING, IMPACTS)
    sums = GIVEN[rows].sum(axis=1)
    assert entries.values(STARTS, ENDS, WEIGHTS, rows, 9.0) == pytest.approx(sums / (sums + 9.0), rel=1e-12)
    assert entries.each(STARTS, ENDS, WEIGHTS, rows[::-1]).tolist() == GIVEN[rows[::-1]].tolist()


def test_the_strongest_words_come_first_and_of_equals_the_one_that_was_asked_first():
    having, impacts = np.array([3, 3, 7, 3, 7, 3], dtype=np.int32), np.array([1, 4, 2, 2, 2, 8], dtype=np.float16)
    starts, weights = np.array([0, 1, 3, 5, 5]), np.array([4, 1, 2, 1, 0.5], dtype=np.float32)
    # row 3: 1 x 4, 4 x 1, 2 x 2 and 8 x 0.5, all the same; row 7: 2 x 1 and 2 x 2
    given = starts, np.array([1, 3, 5, 5, 6]), weights, np.array([7, 3, 0])
    assert Entries(having, impacts).strongest(*given, 3) == [[2, 1], [0, 1, 2], []]
    assert Entries(having, impacts).strongest(*given, 1) == [[2], [0], []]
    none = starts[:0], starts[:0], weights[:0], np.array([7])
    assert Entries(having, impacts).strongest(*none, 3) == [[]]


def test_only_words_that_are_known_are_looked_up():
    starts, known = np.array([0, 4, 4, 9]), {"choir": 2, "walk": 0}
    words, begins, ends, weights = looked_up({"walk": 0.5, "zorbing": 1.0, "choir": 1.0}, known, starts)
    assert (words, begins.tolist(), ends.tolist(), weights.tolist()) == (["walk", "choir"], [0, 4], [4, 9], [0.5, 1.0])
    assert [len(found) for found in looked_up({"zorbing": 1.0}, known, starts)] == [0, 0, 0, 0]
    with pytest.raises(IndexError):
        looked_up({"choir": 1.0}, {"choir": 3}, starts)


def test_entries_can_be_sent_to_another_process():
    sent = pickle.loads(pickle.dumps(Entries(HAVING, IMPACTS)))  # noqa: S301
    rows = SOME["every third"]
    sums = GIVEN[rows].sum(axis=1)
    assert sent.values(STARTS, ENDS, WEIGHTS, rows, 2.0) == pytest.approx(sums / (sums + 2.0), rel=1e-12)


def test_the_greatest_weighted_value_of_each_row():
    dense = np.array([[0.0, 2.0, 1.0], [0.0, 0.0, 0.0], [3.0, 0.0, 1.0]])
    starts, columns = np.array([0, 2, 2, 4]), np.array([1, 2, 0, 2], dtype=np.uint16)
    values, weights = np.array([2, 1, 3, 1], dtype=np.float32), np.array([0.5, 1, 4], dtype=np.float32)
    found = weighted_max(starts, columns, values, weights, np.array([2, 0, 1]))
    assert found.tolist() == (dense[[2, 0, 1]] * weights).max(axis=1).tolist() == [4, 4, 0]


def test_a_facet_is_its_best_want_and_a_little_of_the_others():
    affinity = np.array([[255, 0, 100], [51, 255, 0], [0, 102, 255]], dtype=np.uint8)
    facets, concepts = np.array([0, 1, 1]), np.array([2, 0, 1])
    weights = np.array([0.5, 1.0, 0.4]) / 255
    rows = np.array([2, 0])
    # row 2: facet 0 is 0.5 x 1; facet 1 has 100/255 and nothing. Row 0: nothing; 1 and 0.08, and 1 leaves no room
    expected = np.array([[0.5, 0.0], [100 / 255, 1.0]])
    assert facet_values(2, rows, affinity, concepts, weights, facets, 0.5) == pytest.approx(expected)
    assert facet_totals(rows, affinity, concepts, weights, facets, 0.5, 2.0) == pytest.approx(2 * expected.sum(axis=0))
    # row 1: facet 0 is 0.5 x 102/255 = 0.2; facet 1 has 0 and 0.4
    assert facet_values(2, np.array([1]), affinity, concepts, weights, facets, 0.5)[:, 0] == pytest.approx([0.2, 0.4])


def test_several_wants_of_a_facet_that_are_met_in_part_add_up():
    affinity = np.array([[102], [51]], dtype=np.uint8)  # 0.4 and 0.2: 0.4 + 0.5 x 0.2 x (1 - 0.4)
    given = facet_values(1, np.array([0]), affinity, np.array([0, 1]), np.ones(2) / 255, np.array([0, 0]), 0.5)
    assert given[0, 0] == pytest.approx(0.46)


@pytest.mark.parametrize("size", [1, 7, 600])
def test_the_rows_with_the_highest_bounds(size):
    bounds = rng.uniform(-1, 3, 1_000)
    rows, others = highest(bounds, size)
    assert size <= len(rows) < size + 10
    assert rows.tolist() == np.flatnonzero(bounds >= bounds[rows].min()).tolist()
    assert others == max(0, np.delete(bounds, rows).max())


@pytest.mark.parametrize("strange", [np.nan, np.inf, -np.inf])
def test_a_bound_that_is_no_number_leads_nowhere(strange):
    bounds = np.array([0.5, strange, 0.25, 1.0])
    rows, _ = highest(bounds, 2)
    assert {0, 3} <= set(rows.tolist())


def test_the_best_want_of_each_facet_and_what_answers_it_are_those_found_by_trying_all():
    concepts, services = 6, 40
    affinity = rng.choice([0, 0, 51, 102, 255], (concepts, services)).astype(np.uint8)
    links = rng.choice([0, 0.25, 0.5, 1], (concepts, concepts)).astype(np.float32)
    is_offered = rng.choice([0, 0, 0.5, 1], (services, concepts)).astype(np.float32)
    starts = np.concatenate([[0], np.cumsum((is_offered > 0).sum(axis=1))])
    columns, values = np.nonzero(is_offered)[1].astype(np.uint16), is_offered[is_offered > 0]
    facets, asked = np.array([0, 0, 0, 2, 2]), np.array([4, 0, 1, 5, 1])
    weights, rows = np.array([1, 1, 0.5, 0.5, 1]), np.array([7, 0, 39, 7, 12])
    wants, offers = best_answers(3, rows, affinity, asked, weights, facets, links, starts, columns, values)
    for number, row in enumerate(rows):
        for facet in range(3):
            parts = {w: affinity[asked[w], row] * weights[w] for w in np.flatnonzero(facets == facet)}
            best = max(parts, key=lambda want: (parts[want], want), default=-1)
            best = best if best >= 0 and parts[best] > 0 else -1
            assert wants[number, facet] == best
            answers = links[asked[best]] * is_offered[row]
            found = best >= 0 and answers.max() > 0
            assert offers[number, facet] == (int(answers.argmax()) if found else -1)
    assert len({*wants.ravel()}) == 6  # each want is the best somewhere, and some facet is not met
