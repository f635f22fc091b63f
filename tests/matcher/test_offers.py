"""What a service is, read from its own words."""

import numpy as np
import pytest

from matcher.offers import Decision, OffersConfig, fit_offers
from tests.factories import a_catalogue, a_service, a_taxonomy

CONFIG = OffersConfig()
CONCEPTS = (
    ("choir", "Choir", "offer", "", "t", "", "", ""),
    ("garden", "Garden", "offer", "", "t", "", "", ""),
    ("lunch", "Lunch", "offer", "", "t", "", "", ""),
    ("chess", "Chess", "offer", "", "t", "", "", ""),
    ("art", "Art", "offer", "", "t", "", "", ""),
    ("evening", "Evenings", "setting", "", "t", "", "", ""),
    ("shop", "Shop", "decoy", "", "t", "", "", ""),
    ("veterans", "Veterans", "circumstance", "", "t", "yes", "", ""),
    ("stroke", "Stroke", "circumstance", "", "t", "yes", "", ""),
    ("deaf", "Deaf people", "circumstance", "", "t", "yes", "", ""),
    ("blind", "Blind people", "circumstance", "", "t", "yes", "", ""),
)
LABELS = (
    ("choir", "choir", "provider", "1"),
    ("choir", "singers", "provider", "0.5"),
    ("garden", "garden", "both", "1"),
    ("lunch", "lunch", "both", "1"),
    ("chess", "chess", "both", "0.8"),
    ("art", "art", "both", "1"),
    ("evening", "evenings", "both", "1"),
    ("shop", "we sell", "provider", "1"),
    ("shop", "trade prices", "provider", "1"),
    ("veterans", "veterans", "both", "1"),
    ("stroke", "stroke", "both", "1"),
    ("deaf", "deaf", "both", "1"),
    ("blind", "blind", "both", "1"),
    ("choir", "lonely", "person", "1"),
)


@pytest.fixture(scope="module")
def taxonomy(tmp_path_factory):
    folder = tmp_path_factory.mktemp("t")
    return a_taxonomy(folder, concepts=CONCEPTS, labels=LABELS, links=(), lookalikes=())


def plain(**changes):
    """A service that says nothing but what a test gives it."""
    silent = {"name": "Number Nine", "description": "", "organization": "", "categories": (), "eligibility": ""}
    return a_service(**{**silent, **changes})


@pytest.fixture(scope="module")
def offered(taxonomy):
    def read(**changes):
        return fit_offers(a_catalogue(plain(**changes)), taxonomy, CONFIG).of(0)

    return read


@pytest.fixture(scope="module")
def dedicated(taxonomy):
    def read(**changes):
        offers = fit_offers(a_catalogue(plain(**changes)), taxonomy, CONFIG)
        values = offers.dedication.toarray(len(taxonomy.concepts))[0]
        return {concept.id: float(v) for concept, v in zip(taxonomy.concepts, values, strict=True) if v}

    return read


LATER = "We meet in the old mill. " * 10

PLACES = [
    ({"name": "Choir"}, 0.99),  # one phrase alone never makes certain
    ({"description": "A choir."}, CONFIG.opening),
    ({"description": f"{LATER}There is a choir."}, CONFIG.later),
    ({"categories": ("Choir",)}, CONFIG.category),
    ({"organization": "Choir Trust"}, CONFIG.organization),
    ({"eligibility": "Anyone in the choir"}, CONFIG.eligibility),
    ({"description": "Singers."}, 0.5 * CONFIG.opening),  # a weaker label
    ({"description": "A choir. A choir! A choir?"}, CONFIG.opening),  # said three times is said once
    ({"description": "A choir.", "categories": ("Choir",)}, 1 - (1 - CONFIG.opening) * (1 - CONFIG.category)),
    ({"description": "A choir of singers."}, 1 - (1 - CONFIG.opening) * (1 - 0.5 * CONFIG.opening)),
]


@pytest.mark.parametrize(("entry", "strength"), PLACES)
def test_a_phrase_counts_by_where_it_stands_and_several_add_up_as_evidence(offered, entry, strength):
    assert offered(**entry) == {"choir": pytest.approx(strength)}


def test_an_entry_that_says_nothing_offers_nothing(offered):
    assert offered() == {}


def test_peoples_words_are_not_read_in_entries(offered):
    assert offered(description="Lonely?") == {}


def test_an_organisation_named_like_its_service_is_no_second_evidence(offered):
    assert offered(name="Choir", organization="Choir") == {"choir": pytest.approx(0.99)}


DENIED = [
    "There is no choir.",
    "We cannot offer a choir.",
    "Instead of a choir, come and talk.",
    "We no longer run the choir.",
]


@pytest.mark.parametrize("description", DENIED)
def test_what_an_entry_says_it_does_not_offer_is_not_offered(offered, description):
    assert offered(description=description) == {}


def test_a_name_is_never_a_denial(offered):
    assert "choir" in offered(name="Not a Choir")


def test_one_of_many_activities_weighs_less_than_the_only_one(offered):
    many = offered(description="Choir, garden, lunch, chess and art.")
    only = offered(description="Choir.")
    share = CONFIG.opening / (4 * CONFIG.opening + 0.8 * CONFIG.opening)
    left = CONFIG.mention_floor + (1 - CONFIG.mention_floor) * share / CONFIG.main_share
    assert many["choir"] == pytest.approx(CONFIG.opening * left)
    assert many["choir"] < only["choir"]


def test_what_the_name_says_stays_the_main_thing_among_many(offered):
    found = offered(name="Choir", description="Also garden, lunch, chess and art.")
    assert found["choir"] > 0.95 > found["garden"]


def test_how_a_service_is_run_takes_nothing_from_what_it_offers(offered):
    assert offered(description="A choir, evenings.")["choir"] == pytest.approx(offered(description="A choir.")["choir"])


def test_one_phrase_alone_makes_no_shop_of_a_service(offered):
    worth = CONFIG.opening * CONFIG.decoy_evidence
    assert offered(description="We sell tea.") == {"shop": pytest.approx(worth)}
    twice = offered(description="We sell tea at trade prices.")
    assert twice == {"shop": pytest.approx(1 - (1 - worth) ** 2)}


def test_offers_are_listed_strongest_first(offered):
    assert list(offered(name="Garden", description="Chess. Lunch.")) == ["garden", "lunch", "chess"]


def test_a_curators_decision_replaces_the_guess(taxonomy):
    catalogue = a_catalogue(plain(name="Veterans' Choir"), plain(id="z", name="Veterans' Choir"))
    offers = fit_offers(catalogue, taxonomy, CONFIG, {0: Decision({"chess": 1.0}, {"stroke": 0.5})})
    assert (offers.of(0), set(offers.of(1))) == ({"chess": 1.0}, {"choir", "veterans"})
    assert (offers.groups(0), set(offers.groups(1))) == ({"stroke": 0.5}, {"veterans"})


def test_columns_and_rows_agree(taxonomy):
    catalogue = a_catalogue(plain(id="a", name="Garden"), plain(id="b"), plain(id="c", name="Garden Choir"))
    offers = fit_offers(catalogue, taxonomy, CONFIG)
    assert offers.column("garden").tolist() == [offers.of(row).get("garden", 0.0) for row in range(3)]
    assert len(offers.strength) == 3


def test_all_strengths_lie_between_nothing_and_one(taxonomy):
    loud = plain(
        name="Choir Garden Chess", description="Choir! Garden! Lunch! We sell at trade prices.", categories=("Choir",)
    )
    offers = fit_offers(a_catalogue(loud), taxonomy, CONFIG)
    for values in (offers.strength.values, offers.dedication.values):
        assert np.all((values > 0) & (values <= 1))


GROUPS = [
    ({"name": "Veterans"}, {"veterans": CONFIG.dedicated_name}),
    ({"eligibility": "Veterans"}, {"veterans": 0.99}),  # as sure as one phrase can be
    ({"categories": ("Veterans",)}, {"veterans": CONFIG.dedicated_category}),
    ({"organization": "Veterans Trust"}, {"veterans": CONFIG.dedicated_organization}),
    ({"description": "A choir. Veterans come too."}, {"veterans": CONFIG.dedicated_opening}),
    ({"description": "A choir for veterans."}, {"veterans": CONFIG.dedicated_for}),
    ({"description": "A choir led by veterans."}, {"veterans": CONFIG.dedicated_for}),
    ({"description": "For all; veterans welcome."}, {"veterans": CONFIG.dedicated_opening}),
    ({"description": f"{LATER}For veterans."}, {}),  # a side remark dedicates nothing
    ({"description": "For veterans, after stroke, deaf or blind."}, {}),  # so many groups: open to many
    ({"name": "Choir"}, {}),
]


@pytest.mark.parametrize(("entry", "groups"), GROUPS)
def test_a_service_is_only_for_a_group_where_it_says_so(dedicated, entry, groups):
    assert dedicated(**entry) == pytest.approx(groups)


def test_the_order_of_the_feed_changes_nothing(taxonomy):
    services = [plain(id="a", name="Garden"), plain(id="b", description="A choir for veterans.")]
    one, other = (fit_offers(a_catalogue(*s), taxonomy, CONFIG) for s in (services, services[::-1]))
    for row in range(2):
        assert (one.of(row), one.groups(row)) == (other.of(row), other.groups(row))
