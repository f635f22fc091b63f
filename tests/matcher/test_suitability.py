"""Soft judgements: groups, likeness, nearness, businesses, dislikes. They mark down or add, and never exclude."""

import math

import numpy as np
import pytest

from matcher.domain import Point, Polarity
from matcher.eligibility import screen
from matcher.geography import EARTH_RADIUS_KM
from matcher.offers import OffersConfig, fit_offers
from matcher.profile import ProfileConfig, build_profile
from matcher.ranking import RankingConfig
from matcher.scorers.tags import TagScorer, TagScorerConfig
from matcher.suitability import NARROWER_DECLINED, UNKNOWN_NEARNESS, Suitability
from tests.factories import (
    a_case,
    a_catalogue,
    a_consultation,
    a_person,
    a_service,
    a_taxonomy,
    a_unit,
    an_understanding,
)

CONFIG = RankingConfig()
CONCEPTS = (
    ("creative", "Creative things", "offer", "", "t", "", "", ""),
    ("choir", "Choir", "offer", "creative", "t", "", "", ""),
    ("chess", "Chess", "offer", "", "t", "", "", ""),
    ("mens_group", "Men's group", "offer", "", "t", "", "", ""),
    ("small_group", "Small groups", "setting", "", "t", "", "", ""),
    ("veterans", "Veterans", "circumstance", "", "t", "yes", "", ""),
    ("stroke", "Stroke", "circumstance", "", "t", "yes", "", ""),
    ("shop", "Shop", "decoy", "", "t", "", "", ""),
)
LABELS = (
    ("creative", "creative", "both", "1"),
    ("choir", "choir", "both", "1"),
    ("chess", "chess", "both", "1"),
    ("mens_group", "chaps", "both", "1"),
    ("small_group", "small group", "both", "1"),
    ("veterans", "veterans", "both", "1"),
    ("stroke", "stroke", "both", "1"),
    ("shop", "shop", "both", "1"),
)
HERE = Point(53.5, -2.5)


@pytest.fixture(scope="module")
def taxonomy(tmp_path_factory):
    folder = tmp_path_factory.mktemp("t")
    return a_taxonomy(folder, concepts=CONCEPTS, labels=LABELS, links=(), lookalikes=())


class Judged:
    """One person before some services, with everything the judgements need."""

    def __init__(self, taxonomy, units, services, person=None, gender=None, **consultation):
        self.catalogue = a_catalogue(*services)
        self.offers = fit_offers(self.catalogue, taxonomy, OffersConfig())
        self.suitability = Suitability(self.catalogue, self.offers)
        self.profile = build_profile(
            a_consultation(**consultation), an_understanding(*units), gender, False, taxonomy, ProfileConfig()
        )
        self.case = a_case(
            person or a_person(),
            catalogue=self.catalogue,
            declined=self.suitability.declined(self.profile),
        )

    def marks(self):
        near_miss = screen(self.case).near_miss
        _, marks = self.suitability.nearness_and_marks(self.profile, self.case, near_miss, CONFIG)
        return {name: values.tolist() for name, values in marks}

    def implied(self):
        tags = TagScorer(self.offers, TagScorerConfig())
        return self.suitability.implied(self.profile, tags, self.case.rows).tolist()


def plain(name, **changes):
    silent = {"id": name, "description": "", "organization": "", "categories": ()}
    return a_service(name=name, **{**silent, **changes})


def test_a_service_that_fits_in_every_way_keeps_its_whole_score(taxonomy):
    marks = Judged(taxonomy, [a_unit("choir")], [plain("Choir")]).marks()
    assert marks == {
        "far": [1.0],
        "near_miss": [1.0],
        "not_for_them": [1.0],
        "not_support": [1.0],
        "unsure": [1.0],
        "disliked": [1.0],
    }


SOFT = [
    ({"max_cost": 5}, {"cost": 5.5}, "a little too dear"),
    ({"place": HERE, "max_distance_km": 5}, {"place": Point(53.5 + 5.4 / 111.2, -2.5)}, "a little too far"),
]


@pytest.mark.parametrize(("person", "service", "why"), SOFT, ids=[row[2] for row in SOFT])
def test_a_near_miss_is_marked_down(taxonomy, person, service, why):
    judged = Judged(taxonomy, [], [plain("Choir", modes=("in_person",), **service)], a_person(**person))
    assert judged.marks()["near_miss"] == [CONFIG.near_miss], why


def test_a_service_for_a_group_is_marked_down_for_everybody_else(taxonomy):
    services = [plain("Choir"), plain("Veterans")]
    stranger = Judged(taxonomy, [a_unit("choir")], services).marks()["not_for_them"]
    member = Judged(taxonomy, [a_unit("veterans")], services).marks()["not_for_them"]
    dedication = OffersConfig().dedicated_name
    assert stranger == pytest.approx([1.0, 1 - (1 - CONFIG.not_for_them) * dedication], abs=1e-6)
    assert member == [1.0, 1.0]


def test_who_once_belonged_to_a_group_is_half_a_stranger(taxonomy):
    once = Judged(taxonomy, [a_unit("veterans", polarity=Polarity.over)], [plain("Veterans")])
    half = (1 - 0.5) * OffersConfig().dedicated_name
    assert once.marks()["not_for_them"] == pytest.approx([1 - (1 - CONFIG.not_for_them) * half], abs=1e-6)


def test_a_service_for_two_groups_is_for_the_members_of_either(taxonomy):
    services = [plain("Veterans and Stroke")]
    for concept in ("veterans", "stroke"):
        assert Judged(taxonomy, [a_unit(concept)], services).marks()["not_for_them"] == [1.0]


def test_a_business_is_marked_down_and_a_single_word_makes_none(taxonomy):
    marks = Judged(
        taxonomy, [], [plain("Shop", description="A shop."), plain("Tea", description="Near a shop.")]
    ).marks()
    shop, tea = marks["not_support"]
    assert CONFIG.not_support <= shop < tea == 1.0


def test_an_unmet_condition_is_marked_down(taxonomy):
    services = [plain("Choir", eligibility="Tenants of Wending Homes only")]
    assert Judged(taxonomy, [], services).marks()["unsure"] == [CONFIG.unsure]


def test_a_declined_thing_counts_with_what_is_narrower_though_less(taxonomy):
    no_creative = a_unit("creative", polarity=Polarity.declined)
    judged = Judged(taxonomy, [no_creative], [plain("Chess"), plain("Choir")])
    narrower = 0.99 * NARROWER_DECLINED
    disliked = judged.marks()["disliked"]
    assert disliked == pytest.approx([1.0, 1 - (1 - CONFIG.disliked) * narrower])


def test_a_declined_narrow_thing_leaves_the_broader_one(taxonomy):
    judged = Judged(taxonomy, [a_unit("choir", polarity=Polarity.declined)], [plain("Creative")])
    assert judged.marks()["disliked"] == [1.0]


def test_marks_never_raise_a_score_and_never_exclude(taxonomy):
    services = [plain("Veterans shop choir", eligibility="Tenants only", description="Shop.")]
    judged = Judged(taxonomy, [a_unit("choir", polarity=Polarity.declined)], services)
    assert all(0 < value <= 1 for values in judged.marks().values() for value in values)


def test_people_like_this_one_are_implied_and_not_asked_for(taxonomy):
    services = [plain("Chaps"), plain("Choir")]
    assert Judged(taxonomy, [], services, gender="man").implied() == pytest.approx([0.99, 0.0], abs=0.002)
    assert Judged(taxonomy, [], services, gender="woman").implied() == [0.0, 0.0]


def test_how_things_are_liked_counts_by_how_clearly_it_was_said(taxonomy):
    liked = a_unit("small_group", weight=0.5)
    assert Judged(taxonomy, [liked], [plain("Small Group")]).implied() == pytest.approx([0.5 * 0.99], abs=0.002)


def test_a_shared_language_counts_in_any_spelling_of_case(taxonomy):
    services = [plain("A", languages=("urdu",)), plain("B", languages=("Welsh",)), plain("C")]
    assert Judged(taxonomy, [], services, languages=("Urdu",)).implied() == [1.0, 0.0, 0.0]


NEARNESS = [
    (0.0, ("in_person",), 1.0, "at the door"),
    (CONFIG.near_half_km, ("in_person",), 0.5, "half as much"),
    (3 * CONFIG.near_half_km, (), 0.125, "and half again, three times"),
    (np.nan, ("in_person",), UNKNOWN_NEARNESS, "nobody knows where"),
    (300.0, ("phone",), UNKNOWN_NEARNESS, "nobody travels"),
]


@pytest.mark.parametrize(("km", "modes", "value", "why"), NEARNESS, ids=[row[3] for row in NEARNESS])
def test_nearness_halves_with_distance_for_who_has_to_travel(taxonomy, km, modes, value, why):
    north = math.degrees(km / EARTH_RADIUS_KM)
    place = None if math.isnan(km) else Point(HERE.lat + north, HERE.lon)
    judged = Judged(taxonomy, [], [plain("Choir", modes=modes, place=place)], person=a_person(place=HERE))
    near, _ = judged.suitability.nearness_and_marks(judged.profile, judged.case, np.zeros(1, dtype=bool), CONFIG)
    assert near.tolist() == pytest.approx([value]), why
