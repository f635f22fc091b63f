"""What every scorer promises. A scorer's own test is two lines on :class:`ScorerContract`."""

import numpy as np
import pytest

from matcher.domain import Need
from matcher.profile import ProfileConfig, build_profile
from tests.factories import a_catalogue, a_consultation, a_profile, a_service, a_taxonomy, an_understanding

CONCEPTS = (
    ("loneliness", "Loneliness", "need", "", "social", "", "", ""),
    ("debt", "Debt", "need", "", "money", "", "", ""),
    ("singing", "Singing", "interest", "", "creative", "", "", ""),
    ("choir", "Choirs", "offer", "singing", "creative", "", "", ""),
    ("lunch_club", "Lunch clubs", "offer", "", "social", "", "", ""),
    ("money_advice", "Money advice", "offer", "", "money", "", "", ""),
)
LABELS = (
    ("loneliness", "lonely", "person", "1"),
    ("debt", "debts", "both", "1"),
    ("singing", "singing", "both", "1"),
    ("choir", "choir", "both", "1"),
    ("lunch_club", "lunch club", "both", "1"),
    ("lunch_club", "lunch", "provider", "0.5"),
    ("money_advice", "money advice", "both", "1"),
)
LINKS = (
    ("loneliness", "lunch_club", "0.9", "company"),
    ("loneliness", "choir", "0.5", "company"),
    ("debt", "money_advice", "1", "the thing itself"),
    ("singing", "choir", "1", "the thing itself"),
)
SERVICES = (
    ("Mill Hall Singers", "A choir for people who think that they cannot sing."),
    ("Tuesday Table", "A lunch club: good company, soup and pudding."),
    ("Straight Talk", "Free money advice for people with debts, without judgement."),
    ("Wending Arts", "Choir on Mondays, lunch on Tuesdays, painting on Fridays."),
    ("Number Nine", ""),
)
REQUESTS = (
    a_consultation(note="Lonely since she moved. Loves singing."),
    a_consultation(note="", needs=(Need("debts", 3), Need("lonely", 1)), interests=("choir",)),
    a_consultation(note="Debts. Debts again! Money advice, lunch club, choir, singing and lonely."),
    a_consultation(note="", interests=("lunch club",)),
)
PLAIN_WISHES = (("lunch club", "Tuesday Table"), ("debts", "Straight Talk"), ("singing", "Mill Hall Singers"))


def small_taxonomy(folder):
    """A taxonomy with a few needs and what answers them."""
    return a_taxonomy(folder, concepts=CONCEPTS, labels=LABELS, links=LINKS, lookalikes=())


def small_catalogue(order=(0, 1, 2, 3, 4)):
    """The services, in rows of this order."""
    listed = [SERVICES[place] for place in order]
    silent = {"organization": "", "categories": ()}
    named = [a_service(id=f"svc-{row}", name=n, description=text, **silent) for row, (n, text) in enumerate(listed)]
    return a_catalogue(*named)


class ScorerContract:
    """Give it a ``make(catalogue, taxonomy)`` and it tests the scorer."""

    @staticmethod
    def make(catalogue, taxonomy):
        raise NotImplementedError

    @pytest.fixture(scope="class")
    @classmethod
    def taxonomy(cls, tmp_path_factory):
        return small_taxonomy(tmp_path_factory.mktemp("taxonomy"))

    @pytest.fixture(scope="class")
    @classmethod
    def scorer(cls, taxonomy):
        return cls.make(small_catalogue(), taxonomy)

    @pytest.fixture(params=REQUESTS, ids=range(len(REQUESTS)))
    def profile(self, request, taxonomy):
        return a_profile(taxonomy, request.param)

    rows = np.arange(len(SERVICES))

    def test_it_has_a_name(self, scorer):
        assert scorer.name.isidentifier()

    def test_it_can_score_a_request_that_it_understands(self, scorer, profile):
        assert scorer.can_score(profile) is True

    def test_it_cannot_score_where_nothing_was_said(self, scorer, taxonomy):
        silent = build_profile(a_consultation(note=""), an_understanding(), None, False, taxonomy, ProfileConfig())
        assert scorer.can_score(silent) is False

    def test_values_lie_between_nothing_and_one(self, scorer, profile):
        values = scorer.score(profile, self.rows)
        assert values.shape == (len(SERVICES),)
        assert values.dtype == np.float64
        assert np.all((values >= 0) & (values <= 1))
        assert values.max() > 0

    @pytest.mark.parametrize("chosen", [[3, 0], [4], [2, 2, 1], []])
    def test_some_rows_get_the_values_that_they_get_among_all(self, scorer, profile, chosen):
        rows = np.array(chosen, dtype=np.int64)
        every = scorer.score(profile, self.rows)
        assert scorer.score(profile, rows).tolist() == pytest.approx(every[rows].tolist(), abs=1e-9)

    def test_contributions_add_up_to_the_value(self, scorer, profile):
        for row, value in enumerate(scorer.score(profile, self.rows)):
            parts = scorer.contributions(profile, row)
            assert sum(part.value for part in parts) == pytest.approx(value, abs=1e-6)
            assert [part.value for part in parts] == sorted((part.value for part in parts), reverse=True)
            assert all(part.value > 0 for part in parts)

    def test_the_order_of_the_catalogue_changes_no_value(self, scorer, profile, taxonomy):
        order = [4, 2, 0, 3, 1]
        other = self.make(small_catalogue(order), taxonomy).score(profile, self.rows)
        assert other.tolist() == pytest.approx(scorer.score(profile, self.rows)[order].tolist(), abs=1e-9)

    def test_it_keeps_nothing_of_a_person(self, scorer, taxonomy):
        first, second = (a_profile(taxonomy, request) for request in REQUESTS[:2])
        before = scorer.score(first, self.rows).tolist()
        scorer.score(second, self.rows)
        assert scorer.score(first, self.rows).tolist() == before

    def test_the_best_answer_to_a_plain_request_comes_first(self, scorer, taxonomy):
        for wish, name in PLAIN_WISHES:
            values = scorer.score(a_profile(taxonomy, a_consultation(note="", interests=(wish,))), self.rows)
            assert SERVICES[int(values.argmax())][0] == name

    def test_it_can_be_fitted_on_a_single_service(self, profile, taxonomy):
        values = self.make(a_catalogue(a_service()), taxonomy).score(profile, np.arange(1))
        assert np.all((values >= 0) & (values <= 1))

    def test_it_can_be_fitted_on_an_empty_catalogue(self, profile, taxonomy):
        empty = self.make(small_catalogue(()), taxonomy)
        assert empty.score(profile, np.arange(0)).shape == (0,)
