import numpy as np
import pytest

from matcher.domain import Need
from matcher.offers import OffersConfig, fit_offers
from matcher.scorers.tags import STEPS, TagScorer, TagScorerConfig, in_steps
from tests.factories import a_consultation, a_profile, sparse_rows
from tests.matcher.scorers.contract import ScorerContract, small_catalogue, small_taxonomy

CONFIG = TagScorerConfig(full_marks=1.6, link_power=2.0, support=0.35)
SINGERS, TABLE, ADVICE, ARTS, NINE = range(5)


def a_tag_scorer(catalogue, taxonomy):
    return TagScorer(fit_offers(catalogue, taxonomy, OffersConfig()), CONFIG)


class TestTagScorer(ScorerContract):
    make = staticmethod(a_tag_scorer)


STEP = 0.51 / STEPS
"""How far an affinity may lie from what it stands for."""


@pytest.fixture(scope="module")
def taxonomy(tmp_path_factory):
    return small_taxonomy(tmp_path_factory.mktemp("taxonomy"))


@pytest.fixture(scope="module")
def scorer(taxonomy):
    return a_tag_scorer(small_catalogue(), taxonomy)


def strength(scorer, row, concept):
    return scorer.offers.of(row)[concept]


def test_a_service_is_as_near_to_a_need_as_link_and_offer_make_it(scorer, taxonomy):
    expected = np.zeros(5)
    for row in (SINGERS, TABLE, ARTS):
        offers = scorer.offers.of(row)
        expected[row] = max(0.9**2 * offers.get("lunch_club", 0), 0.5**2 * offers.get("choir", 0))
    assert scorer.column("loneliness", np.arange(5)).tolist() == pytest.approx(expected.tolist(), abs=STEP)


def test_what_is_asked_for_by_name_needs_no_link(scorer):
    assert scorer.column("choir", np.array([SINGERS]))[0] == pytest.approx(strength(scorer, SINGERS, "choir"), abs=STEP)


def test_a_facet_counts_by_its_best_concept_and_a_little_for_the_others(scorer, taxonomy):
    profile = a_profile(taxonomy, a_consultation(note="", needs=(Need("lonely singing", 3),)))
    lonely, singing = (0.5**2 * strength(scorer, SINGERS, "choir"), 1.0 * strength(scorer, SINGERS, "choir"))
    expected = singing + CONFIG.support * lonely * (1 - singing)
    assert scorer.facet_values(profile, np.array([SINGERS]))[0, 0] == pytest.approx(expected, abs=2 * STEP)


def test_facets_are_added_and_measured_against_all_that_was_asked(scorer, taxonomy):
    profile = a_profile(taxonomy, a_consultation(note="", needs=(Need("debts", 3), Need("choir", 1))))
    weights = [facet.weight for facet in profile.facets]
    value = weights[1] * strength(scorer, SINGERS, "choir") / min(CONFIG.full_marks, sum(weights))
    assert scorer.score(profile, np.array([SINGERS])).tolist() == pytest.approx([value], abs=STEP)


def test_a_service_without_evidence_gets_nothing(scorer, taxonomy):
    profile = a_profile(taxonomy, a_consultation(note="Lonely, debts, choir."))
    assert scorer.score(profile, np.array([NINE])).tolist() == [0.0]
    assert scorer.contributions(profile, NINE) == []


def test_a_contribution_says_what_was_said_and_which_offer_answers_it(scorer, taxonomy):
    profile = a_profile(taxonomy, a_consultation(note="Lonely."))
    (part,) = scorer.contributions(profile, TABLE)
    assert (part.quote, part.label, part.concept, part.facet, part.offer) == (
        "lonely",
        "Loneliness",
        "loneliness",
        0,
        "lunch_club",
    )


def test_a_note_that_nobody_understands_is_not_scored_by_tags(scorer, taxonomy):
    assert not scorer.can_score(a_profile(taxonomy, a_consultation(note="Zorbing.")))


def test_affinities_agree_with_looking_at_every_pair():
    rng = np.random.default_rng(7)
    strength = rng.random((6, 5)) * (rng.random((6, 5)) < 0.5)
    links = (rng.random((5, 5)) * (rng.random((5, 5)) < 0.6)).astype(np.float32)
    expected = [[max(links[c, o] * strength[s, o] for o in range(5)) for c in range(5)] for s in range(6)]
    steps = in_steps(sparse_rows(strength), links)
    assert np.allclose(steps.T / STEPS, expected, atol=0.5 / STEPS + 1e-6)  # half a step
