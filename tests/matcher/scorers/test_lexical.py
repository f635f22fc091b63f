import math

import numpy as np
import pytest
from scipy.sparse import csc_array
from sklearn.feature_extraction.text import CountVectorizer

from matcher.scorers.lexical import LexicalScorer, LexicalScorerConfig, bm25_impacts, count_postings, count_words
from matcher.sparse import SparseRows
from matcher.text import content_words
from tests.factories import a_catalogue, a_consultation, a_profile, a_service
from tests.matcher.scorers.contract import ScorerContract, small_catalogue, small_taxonomy

CONFIG = LexicalScorerConfig()


def fitted(catalogue):
    return LexicalScorer(count_postings(catalogue, CONFIG), len(catalogue), CONFIG)


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
    theirs = CountVectorizer(analyzer=content_words)
    expected = theirs.fit_transform(documents)
    counts, places = count_words(documents)
    assert (expected.toarray() == counts.toarray(len(documents)).T).all()
    assert places == theirs.vocabulary_


def test_impacts_follow_the_formula():
    counts = np.array([[2, 0, 1], [1, 1, 0], [1, 0, 4]])
    k1, b = 1.2, 0.5
    expected = np.zeros(counts.shape)
    for d, t in np.ndindex(*counts.shape):
        found = int((counts[:, t] > 0).sum())
        idf = math.log(1 + (3 - found + 0.5) / (found + 0.5))
        length = k1 * (1 - b + b * counts[d].sum() / counts.sum(axis=1).mean())
        expected[d, t] = idf * counts[d, t] * (k1 + 1) / (counts[d, t] + length)
    by_word = csc_array(counts.astype(np.float32))
    impacts = bm25_impacts(SparseRows(by_word.indptr, by_word.indices, by_word.data), len(counts), k1, b)
    assert np.allclose(impacts, expected[by_word.indices, np.repeat(range(3), np.diff(by_word.indptr))], atol=1e-6)


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
