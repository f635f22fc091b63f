"""Needs, interests and units of a note become one weighted request."""

import numpy as np
import pytest

from matcher.domain import Need, Polarity
from matcher.profile import ProfileConfig, build_profile
from tests.factories import a_consultation, a_taxonomy, a_unit, an_understanding

CONCEPTS = (
    ("loneliness", "Loneliness", "need", "", "t", "", "", ""),
    ("debt", "Debt", "need", "", "t", "", "", ""),
    ("autism", "Autism", "circumstance", "", "t", "", "", ""),
    ("creative", "Creative things", "interest", "", "t", "", "", ""),
    ("painting", "Painting", "interest", "creative", "t", "", "", ""),
    ("fishing", "Fishing", "interest", "", "t", "", "", ""),
    ("counselling", "Counselling", "offer", "", "t", "", "", ""),
    ("lunch_club", "Lunch club", "offer", "", "t", "", "", ""),
    ("bookshop", "Bookshop", "offer", "", "t", "", "", ""),
    ("small_group", "Small groups", "setting", "", "t", "", "", ""),
    ("mens_group", "Men's group", "offer", "", "t", "", "", ""),
    ("womens_group", "Women's group", "offer", "", "t", "", "", ""),
    ("older_peoples_club", "Club for older people", "offer", "", "t", "", "", ""),
    ("youth_club", "Youth club", "offer", "", "t", "", "", ""),
    ("parent_carers", "Parent carers", "offer", "", "t", "", "", ""),
    ("family_support", "Family support", "offer", "", "t", "", "", ""),
    ("dads", "Dads", "offer", "", "t", "", "", ""),
    ("minority_ethnic", "Minority ethnic", "circumstance", "", "t", "", "", ""),
    ("interpreting", "Interpreting", "offer", "", "t", "", "", ""),
)
LINKS = (("loneliness", "lunch_club", "0.6", "company"), ("debt", "counselling", "0.59", "worry"))
CONFIG = ProfileConfig()


@pytest.fixture(scope="module")
def taxonomy(tmp_path_factory):
    labels = [(row[0], row[1], "both", "1") for row in CONCEPTS]
    return a_taxonomy(tmp_path_factory.mktemp("t"), concepts=CONCEPTS, labels=labels, links=LINKS, lookalikes=())


@pytest.fixture(scope="module")
def profile_of(taxonomy):
    def build(*units, gender=None, has_child=False, **changes):
        consultation = a_consultation(**changes)
        return build_profile(consultation, an_understanding(*units), gender, has_child, taxonomy, CONFIG)

    return build


def wants(profile):
    return {want.concept for want in profile.wants}


declined = Polarity.declined


def test_a_declined_thing_is_remembered_with_its_words_and_is_no_want(profile_of):
    profile = profile_of(a_unit("counselling", polarity=declined, quote="no counselling"), a_unit("fishing"))
    assert (wants(profile), profile.declined) == ({"fishing"}, {"counselling": "no counselling"})


def test_what_the_note_both_wants_and_declines_stays_wanted(profile_of):
    profile = profile_of(a_unit("counselling", polarity=declined), a_unit("counselling", facet=1))
    assert (wants(profile), profile.declined) == ({"counselling"}, {})


def test_what_the_form_says_to_avoid_outranks_the_note(profile_of):
    profile = profile_of(a_unit("counselling"), a_unit("counselling", polarity=declined, source="avoid", facet=-1))
    assert (wants(profile), set(profile.declined)) == (set(), {"counselling"})


def test_a_ticked_need_outranks_what_the_form_says_to_avoid(profile_of):
    avoided = a_unit("counselling", polarity=declined, source="avoid", facet=-1)
    profile = profile_of(a_unit("counselling", source="need"), avoided)
    assert (wants(profile), profile.declined) == ({"counselling"}, {})


def test_a_need_is_declined_when_they_ask_to_be_left_alone_with_it(profile_of):
    assert profile_of(a_unit("debt", polarity=declined)).declined == {"debt": "debt"}
    assert profile_of(a_unit("debt", polarity=declined, source="avoid", facet=-1)).declined == {}


@pytest.mark.parametrize("polarity", [Polarity.already_has, Polarity.somebody_else, Polarity.over])
def test_what_is_settled_is_no_want(profile_of, polarity):
    assert wants(profile_of(a_unit("debt", polarity=polarity))) == set()


def test_what_is_settled_in_the_note_may_still_be_ticked(profile_of):
    settled = a_unit("counselling", polarity=Polarity.already_has)
    assert wants(profile_of(settled, a_unit("counselling", source="need"))) == {"counselling"}
    assert wants(profile_of(settled, a_unit("counselling", facet=1))) == set()


def test_how_things_are_liked_is_no_want_of_its_own(profile_of):
    profile = profile_of(a_unit("small_group", weight=0.7), a_unit("fishing", facet=1))
    assert (wants(profile), profile.settings) == ({"fishing"}, {"small_group": 0.7})


def test_a_second_mention_adds_to_the_weight_of_the_first(profile_of):
    profile = profile_of(a_unit("debt", weight=0.5), a_unit("debt", weight=0.4, facet=1))
    (want,) = profile.wants
    assert want.weight == pytest.approx(0.5 + (1 - 0.5) * CONFIG.repeat * 0.4)


def test_many_mentions_never_weigh_more_than_certainty(profile_of):
    profile = profile_of(*(a_unit("debt", weight=1.0, facet=place) for place in range(9)))
    assert [want.weight for want in profile.wants] == [1.0]


def facets(profile):
    grouped = {}
    for want in profile.wants:
        grouped.setdefault(want.facet, set()).add(want.concept)
    return [grouped[place] for place in range(len(profile.facets))]


def test_concepts_of_one_ticked_entry_are_one_thing_to_cover(profile_of):
    units = [a_unit("debt", source="need", facet=0), a_unit("fishing", source="need", facet=0)]
    assert facets(profile_of(*units, a_unit("counselling", source="need", facet=1))) == [
        {"debt", "fishing"},
        {"counselling"},
    ]


def test_close_concepts_of_a_note_are_one_thing_to_cover(profile_of):
    linked = profile_of(a_unit("loneliness"), a_unit("lunch_club", facet=1))
    broader = profile_of(a_unit("painting"), a_unit("creative", facet=1))
    apart = profile_of(a_unit("debt"), a_unit("counselling", facet=1))  # linked, but too weakly
    assert [len(facets(profile)) for profile in (linked, broader, apart)] == [1, 1, 2]


def test_a_facet_is_called_after_its_strongest_want(profile_of):
    units = [a_unit("debt", weight=0.4, source="need"), a_unit("fishing", weight=0.9, source="need", quote="angling")]
    (facet,) = profile_of(*units).facets
    assert (facet.weight, facet.quote, facet.label) == (0.9, "angling", "Fishing")


IMPLIED = [
    ({}, {}, set()),
    ({"age": 65}, {}, {"older_peoples_club"}),
    ({"age": 64.5}, {}, set()),
    ({"age": 25}, {}, {"youth_club"}),
    ({}, {"gender": "woman"}, {"womens_group"}),
    ({}, {"gender": "man"}, {"mens_group"}),
    ({}, {"gender": "non-binary"}, set()),
    ({"languages": ("English",)}, {}, set()),
    ({"languages": ("Bengali", "English")}, {}, {"minority_ethnic", "interpreting"}),
    ({}, {"has_child": True}, {"family_support"}),
    ({}, {"gender": "man", "has_child": True}, {"mens_group", "family_support", "dads"}),
]


@pytest.mark.parametrize(("form", "person", "groups"), IMPLIED)
def test_a_person_belongs_to_groups_without_saying_so(profile_of, form, person, groups):
    profile = profile_of(**form, **person)
    assert profile.implied == dict.fromkeys(groups, CONFIG.implied)
    assert wants(profile) == set()


def test_a_parent_with_a_childs_need_is_a_parent_carer(profile_of):
    assert "parent_carers" in profile_of(a_unit("autism"), has_child=True).implied
    assert "parent_carers" not in profile_of(a_unit("autism")).implied


def test_english_is_no_language_to_look_for(profile_of):
    assert profile_of(languages=("English", "en", "Urdu")).languages == ("Urdu",)


def test_a_small_taxonomy_without_these_groups_does_for_anybody(tmp_path):
    taxonomy = a_taxonomy(tmp_path)
    consultation = a_consultation(age=80, languages=("Urdu",))
    profile = build_profile(consultation, an_understanding(a_unit("singing")), "woman", True, taxonomy, CONFIG)
    assert (wants(profile), profile.implied) == ({"singing"}, {})


def test_membership_is_what_was_said_what_is_implied_and_what_that_leads_to(profile_of, taxonomy):
    over = a_unit("debt", polarity=Polarity.over)
    profile = profile_of(a_unit("loneliness"), a_unit("painting", facet=1), over, gender="man")
    held = {c.id: float(v) for c, v in zip(taxonomy.concepts, profile.membership, strict=True) if v}
    assert held == pytest.approx(
        {
            "loneliness": 1.0,
            "lunch_club": 0.6,  # linked to loneliness
            "painting": 1.0,
            "creative": 1.0,  # broader than painting
            "debt": 0.5,  # once was
            "counselling": 0.59 * 0.5,  # linked to debt
            "mens_group": 1.0,  # implied
        }
    )


def test_texts_to_compare_weigh_like_their_source(profile_of):
    needs = (Need("Money worries", 3), Need("Company", 1))
    profile = profile_of(needs=needs, interests=("Fishing",), note="Company and money.")
    assert profile.queries == (
        ("Money worries", 3 / 3),
        ("Company", 1 / 3),
        ("Fishing", 0.6),
        ("Company and money.", 1.5),
    )
    assert profile.words == {"compani": 0.5, "fish": 0.6, "money": 1.0, "worri": 1.0}
    assert profile_of(note="Alone.").queries == (("Alone.", 1.5),)


def test_the_order_of_units_of_a_note_changes_nothing(profile_of):
    units = [a_unit("debt", weight=0.5), a_unit("fishing", weight=0.6), a_unit("debt", weight=0.9)]
    one, other = profile_of(*units), profile_of(*units[::-1])
    assert (one.wants, one.facets) == (other.wants, other.facets)
    assert np.array_equal(one.membership, other.membership)


def test_stems_are_kept_with_the_word_that_was_said_last(profile_of):
    profile = profile_of(needs=(Need("walking", 3),), note="She is walked by friends.")
    assert profile.spoken == {"walk": "walked", "she": "she", "is": "is", "by": "by", "friend": "friends"}
    assert list(profile.words) == ["friend", "walk"]
