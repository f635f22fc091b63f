"""The hand-worked example: three consultations, every expected value written as its formula."""

from __future__ import annotations

import math
from datetime import date
from math import log2

import pytest

from matcher.catalogue.columns import build_catalogue, day_number
from matcher.evaluation import Judgement, Judgements, Run, Shown
from matcher.evaluation.facts import STALE_DAYS, facts_of
from matcher.evaluation.measures import MEASURES, catalogue_values, measure_run
from matcher.explanation import is_stale
from tests.matcher.evaluation.builders import (
    AS_OF,
    a_run,
    a_service,
    judged,
    seven_services,
    three_judgements,
    three_lists,
    three_scored,
)

ANN_DCG = 7 / log2(1 + 2) + 1 / log2(1 + 4) + 3 / log2(1 + 5)
ANN_IDEAL = 7 / log2(1 + 1) + 3 / log2(1 + 2) + 1 / log2(1 + 3)
BOB_NDCG = (3 / log2(1 + 1) + 7 / log2(1 + 2)) / (7 / log2(1 + 1) + 3 / log2(1 + 2))

WORKED = {
    "nDCG@10": (ANN_DCG / ANN_IDEAL, BOB_NDCG, 0),
    "nDCG@5": (ANN_DCG / ANN_IDEAL, BOB_NDCG, 0),
    "P@5": (2 / 5, 2 / 5, 0),
    "success@3": (1, 1, None),
    "recall@20": (2 / 2, 2 / 2, 0 / 1),
    "MRR": (1 / 2, 1 / 1, 0),
    "facet coverage@5": (2 / 3, 2 / 2, 0 / 1),
    "barred@5": (1, 0, 0),
    "barred@10": (1, 0, 0),
    "unknown-eligibility@5": (1, 0, 0),
    "stale@5": (1, 0, 0),
    "median distance": ((2.0 + 3.0) / 2, (5.0 + 7.0) / 2, None),
    "no-result rate": (0, 0, 1),
    "judged@10": (4 / 5, 2 / 2, 0),
}
"""By measure: Ann, Bob, Cat (unanswered). ``None``: does not apply and is left out of the mean."""


@pytest.mark.parametrize("measure", WORKED)
def test_the_worked_example_gives_the_worked_values(measure: str) -> None:
    scorecard = three_scored()
    for key, expected in zip(("ann", "bob", "cat"), WORKED[measure], strict=True):
        found = scorecard.values["default"][measure][key]
        assert math.isnan(found) if expected is None else found == pytest.approx(expected, abs=1e-12), key
    known = [value for value in WORKED[measure] if value is not None]
    figure = scorecard.figures["default"][measure]
    assert figure.mean == pytest.approx(sum(known) / len(known), abs=1e-12)
    assert figure.n == len(known)


def test_every_measure_is_worked_by_hand_here() -> None:
    elsewhere = {"intra-list diversity", "catalogue coverage", "exposure Gini"}
    assert {measure.name for measure in MEASURES} == set(WORKED) | elsewhere


def test_exposure_counts_ranks_and_coverage_counts_services() -> None:
    exposure = {
        "s4": 1 / log2(1 + 1),
        "s1": 1 / log2(1 + 2),
        "s7": 1 / log2(1 + 3),
        "s3": 1 / log2(1 + 4),
        "s2": 1 / log2(1 + 5) + 1 / log2(1 + 2),
        "s5": 1 / log2(1 + 1),
        "s6": 0.0,
    }
    amounts = list(exposure.values())
    by_pairs = sum(abs(x - y) for x in amounts for y in amounts) / (2 * len(amounts) * sum(amounts))
    found = catalogue_values(three_lists(), facts_of(seven_services(), AS_OF))
    assert found["catalogue coverage"] == pytest.approx(6 / 7)
    assert found["exposure Gini"] == pytest.approx(by_pairs, abs=1e-12)


def test_diversity_is_0_for_equal_texts_and_1_for_texts_without_a_common_word() -> None:
    twin, other = {"name": "Choir", "description": "sing"}, {"name": "Debt", "description": "advice"}
    facts = facts_of(build_catalogue([a_service("a", **twin), a_service("b", **twin), a_service("c", **other)]), AS_OF)
    assert facts.diversity(["a", "b"]) == pytest.approx(0, abs=1e-12)
    assert facts.diversity(["a", "c"]) == pytest.approx(1, abs=1e-12)
    assert facts.diversity(["a", "b", "c"]) == pytest.approx((0 + 1 + 1) / 3, abs=1e-12)
    assert math.isnan(facts.diversity(["a"]))


def test_tied_scores_are_judged_in_the_order_shown() -> None:
    """trec_eval breaks ties by document name; the ranks handed over must win."""
    run = a_run(ann=[Shown("a", 0.5), Shown("z", 0.5)])
    judgements = judged({"ann": {"a": 2, "z": 0}})
    facts = facts_of(build_catalogue([a_service("a"), a_service("z")]), AS_OF)
    assert measure_run(run, ["ann"], judgements, facts)["MRR"]["ann"] == 1


def test_a_consultation_that_only_the_judges_know_counts_as_unanswered() -> None:
    values = measure_run(a_run(ann=["s1"]), ["ann"], three_judgements(), facts_of(seven_services(), AS_OF))
    assert list(values.index) == ["ann", "bob", "cat"]
    assert values["nDCG@10"]["bob"] == 0
    assert values["no-result rate"]["bob"] == 1


def test_a_consultation_that_nobody_judged_has_no_graded_value() -> None:
    values = measure_run(a_run(dee=["s1"]), ["dee"], three_judgements(), facts_of(seven_services(), AS_OF))
    for measure in ("nDCG@10", "success@3", "facet coverage@5", "barred@5"):
        assert math.isnan(values[measure]["dee"]), measure
    assert values["no-result rate"]["dee"] == 0


def test_a_run_without_standings_has_no_unknown_eligibility() -> None:
    values = measure_run(a_run(ann=["s1"]), ["ann"], three_judgements(), facts_of(seven_services(), AS_OF))
    assert math.isnan(values["unknown-eligibility@5"]["ann"])


def test_a_barred_service_answers_no_facet() -> None:
    judgements = Judgements({"ann": {"s1": Judgement(0, frozenset("a"), "full")}}, {"ann": {"a": "company"}})
    values = measure_run(a_run(ann=["s1"]), ["ann"], judgements, facts_of(seven_services(), AS_OF))
    assert values["facet coverage@5"]["ann"] == 0


def test_stale_means_the_same_here_and_in_the_cautions() -> None:
    edge = day_number(AS_OF) - int(STALE_DAYS)
    days = [date.fromordinal(date(1970, 1, 1).toordinal() + edge + offset) for offset in range(-3, 4)]
    catalogue = build_catalogue([a_service(f"s{n}", last_modified=day) for n, day in enumerate(days)])
    facts = facts_of(catalogue, AS_OF)
    ours = [facts.is_stale(f"s{n}") for n in range(len(days))]
    assert ours == [is_stale(catalogue, row, AS_OF) for row in range(len(days))]
    assert True in ours
    assert False in ours


def test_services_that_the_catalogue_lacks_are_neither_stale_nor_counted() -> None:
    facts = facts_of(seven_services(), AS_OF)
    assert not facts.is_stale("gone")
    assert facts.name("gone") == "gone"
    assert catalogue_values(Run("x", {"ann": (Shown("gone"),)}), facts)["catalogue coverage"] == 0
