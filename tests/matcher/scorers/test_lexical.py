import math
from itertools import chain

import numpy as np
import pytest
from scipy.sparse import csc_array
from sklearn.feature_extraction.text import CountVectorizer

from matcher.scorers.counting import TermImpacts, WordCounter, count_postings
from matcher.scorers.lexical import LexicalScorer, LexicalScorerConfig
from matcher.text import content_words, sentences
from tests.factories import a_catalogue, a_consultation, a_profile, a_service
from tests.matcher.scorers.contract import ScorerContract, small_catalogue, small_taxonomy

CONFIG = LexicalScorerConfig()


def fitted(catalogue):
    return LexicalScorer(count_postings(catalogue, CONFIG), CONFIG)


def a_lexical_scorer(catalogue, taxonomy):
    return fitted(catalogue)


class TestLexicalScorer(ScorerContract):
    make = staticmethod(a_lexical_scorer)


@pytest.fixture(scope="module")
def taxonomy(tmp_path_factory):
    return small_taxonomy(tmp_path_factory.mktemp("taxonomy"))


def scores(taxonomy, request, *services):
    catalogue = a_catalogue(*services)
    profile = a_profile(taxonomy, a_consultation(note="", interests=(request,)))
    return fitted(catalogue).score(profile, np.arange(len(catalogue))).tolist()


def entry(place, **changes):
    silent = {"name": "x", "description": "", "organization": "", "categories": ()}
    return a_service(id=f"svc-{place}", **{**silent, **changes})


def test_words_are_counted_as_scikit_learn_counts_them():
    documents = ["Tea, tea and a natter", "", "A natter; walking the dogs", "zorbing and Crib: crib, dog"]
    documents += ["tea<br/>natter <br> Café – £5.50.\n• caf\u00e9. \u0301x", "5.\n5 dogs’ tea; 3.5 · the <b>crib</b>"]
    theirs = CountVectorizer(analyzer=lambda document: chain.from_iterable(map(content_words, sentences(document))))
    expected = theirs.fit_transform(documents)
    found = WordCounter().count(documents)
    assert sorted(found.words) == sorted(theirs.vocabulary_)
    columns = [theirs.vocabulary_[word] for word in found.words]
    counts = csc_array((found.counts, found.documents, [0, *np.cumsum(found.frequency)])).toarray()
    assert (expected.toarray()[:, columns] == counts).all()
    assert found.lengths.tolist() == expected.toarray().sum(axis=1).tolist()


def test_impacts_follow_the_formula():
    counts = np.array([[2, 0, 1], [1, 1, 0], [1, 0, 4]])
    k1, b = 1.2, 0.5
    expected = np.zeros(counts.shape)
    for d, t in np.ndindex(*counts.shape):
        found = int((counts[:, t] > 0).sum())
        idf = math.log(1 + (3 - found + 0.5) / (found + 0.5))
        length = k1 * (1 - b + b * counts[d].sum() / counts.sum(axis=1).mean())
        expected[d, t] = idf * counts[d, t] * (k1 + 1) / (counts[d, t] + length)
    documents, words = counts.nonzero()
    bm25 = TermImpacts(counts.sum(axis=1), k1, b)
    impacts = bm25.entries((counts > 0).sum(axis=0)[words], documents, counts[documents, words])
    assert np.allclose(impacts, expected[documents, words], atol=1e-6)


def test_a_rarer_word_counts_more(taxonomy):
    crib, tea = "crib", "tea"
    services = [entry(0, description="crib"), entry(1, description="tea"), entry(2, description="tea")]
    assert scores(taxonomy, crib, *services)[0] > scores(taxonomy, tea, *services)[1]


def test_a_word_of_the_name_counts_more_than_one_of_the_description(taxonomy):
    services = [entry(0, name="Crib", description="tea"), entry(1, name="Tea", description="crib")]
    in_name, in_description = scores(taxonomy, "crib", *services)
    assert in_name > in_description > 0


@pytest.mark.parametrize("field", ["name", "description", "organization", "eligibility"])
def test_every_field_is_read(taxonomy, field):
    assert scores(taxonomy, "crib", entry(0, **{field: "crib"}), entry(1, name="tea"))[0] > 0


def test_categories_are_read(taxonomy):
    assert scores(taxonomy, "crib", entry(0, categories=("Crib", "Chess")), entry(1, name="tea"))[0] > 0


def test_words_match_by_their_stems_and_small_words_do_not_count(taxonomy):
    services = [entry(0, description="They sang and are singing"), entry(1, description="the and of")]
    assert scores(taxonomy, "singers sing", *services)[1] == 0
    assert scores(taxonomy, "sing", *services)[0] > 0
    assert scores(taxonomy, "the and of", *services) == [0, 0]


def test_a_service_without_a_shared_word_gets_nothing(taxonomy):
    assert scores(taxonomy, "zorbing", entry(0, description="crib")) == [0]


def test_a_more_important_need_makes_its_words_weigh_more(taxonomy):
    scorer = fitted(small_catalogue())
    profile = a_profile(taxonomy, a_consultation(note="choir", interests=("lunch",)))
    assert profile.words["lunch"] > profile.words["choir"]
    parts = {part.label: part.value for part in scorer.contributions(profile, 3)}
    alone = {word: a_profile(taxonomy, a_consultation(note=word)) for word in ("lunch", "choir")}
    # the value v of one word alone is x / (x + half_score), so that its sum x is v / (1 - v) half scores
    said = {word: scorer.score(p, np.array([3]))[0] for word, p in alone.items()}
    sums = {word: v / (1 - v) / alone[word].words[word] for word, v in said.items()}
    ratio = (profile.words["lunch"] * sums["lunch"]) / (profile.words["choir"] * sums["choir"])
    assert parts["lunch"] / parts["choir"] == pytest.approx(ratio)


def test_a_catalogue_of_entries_without_words_can_be_searched(taxonomy):
    assert scores(taxonomy, "crib", entry(0, name="???"), entry(1, name="...")) == [0, 0]
