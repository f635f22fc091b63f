from __future__ import annotations

import pytest

from matcher.catalogue.columns import build_catalogue
from matcher.domain import InputError
from matcher.evaluation import Run, score_runs
from matcher.evaluation.measures import HEADLINES
from tests.matcher.evaluation.builders import (
    AS_OF,
    a_consultation,
    a_run,
    a_service,
    judged,
    three_judgements,
    three_lists,
    three_scored,
)

BETTER = a_run("better", ann=["s1", "s2", "s3"], bob=["s2", "s5"], cat=["s6"])


def test_a_difference_is_the_mean_of_the_differences_of_each_consultation() -> None:
    scorecard = three_scored(BETTER)
    (comparison,) = scorecard.comparisons
    before, after = scorecard.values["default"], scorecard.values["better"]
    for name in HEADLINES:
        expected = sum(after[name][key] - before[name][key] for key in ("ann", "bob", "cat")) / 3
        assert comparison.differences[name].figure.mean == pytest.approx(expected)
    assert comparison.reference == "default"


def test_fewer_barred_suggestions_count_as_better() -> None:
    (comparison,) = three_scored(BETTER).comparisons
    difference = comparison.differences["barred@10"]
    assert difference.figure.mean == pytest.approx((0 - 1) / 3)
    assert (difference.better, difference.worse, difference.same) == (1, 0, 2)


def test_those_who_moved_are_listed_from_most_lost_to_most_gained() -> None:
    mixed = a_run("mixed", ann=["s7"], bob=["s2", "s5"], cat=["s6"])
    (comparison,) = three_scored(mixed).comparisons
    assert list(comparison.moved) == ["ann", "bob", "cat"]
    assert comparison.moved["ann"] < 0 < comparison.moved["bob"] < comparison.moved["cat"]


def test_three_consultations_are_too_few_for_a_verdict() -> None:
    (comparison,) = three_scored(BETTER).comparisons
    assert comparison.differences["nDCG@10"].p == pytest.approx(2 / 2**3)
    assert comparison.differences["nDCG@10"].verdict == "no difference shown"


def test_a_clear_gain_over_many_consultations_is_called_better_and_its_reverse_worse() -> None:
    keys = [f"c{n}" for n in range(20)]
    judgements = judged({key: {"good": 3, "bad": 0} for key in keys})
    catalogue = build_catalogue([a_service("good"), a_service("bad")])
    good, bad = (Run(name, a_run(**dict.fromkeys(keys, (name,))).lists) for name in ("good", "bad"))
    for runs, verdict in (([bad, good], "better"), ([good, bad], "worse")):
        scorecard = score_runs(runs, judgements, [a_consultation(key) for key in keys], catalogue, AS_OF)
        assert scorecard.comparisons[0].differences["nDCG@10"].verdict == verdict


def test_the_same_run_twice_shows_no_difference() -> None:
    (comparison,) = three_scored(Run("again", three_lists().lists)).comparisons
    assert comparison.moved == {}
    for difference in comparison.differences.values():
        assert (difference.p, difference.p_holm, difference.same) == (1, 1, 3)


def test_two_runs_of_one_name_are_refused() -> None:
    with pytest.raises(InputError, match="same name"):
        three_scored(three_lists())


def test_files_that_do_not_belong_together_are_refused() -> None:
    catalogue = build_catalogue([a_service("s1")])
    with pytest.raises(InputError, match="belong together"):
        score_runs([three_lists()], three_judgements(), [a_consultation("zoe")], catalogue, AS_OF)
