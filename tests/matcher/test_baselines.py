from __future__ import annotations

from collections.abc import Mapping

import bm25s
import numpy as np
import pytest

from matcher.baselines import Baseline, Bm25, baseline_rows, baselines, query_text, service_texts
from matcher.catalogue import read_catalogue
from matcher.catalogue.columns import Catalogue, build_catalogue
from matcher.data_files import sample_catalogue, taxonomy_folder
from matcher.domain import Consultation, Need
from matcher.eligibility import Screen
from matcher.engine import Engine
from matcher.settings import Settings
from matcher.taxonomy import read_taxonomy
from matcher.text import content_words
from tests.matcher.evaluation.builders import AS_OF, a_consultation, a_service, judged

K1, B = 1.2, 0.75
QUERIES = (
    "lonely since she died, would like company and a cup of tea",
    "debts debts debts and a court letter",
    "baby group for new mums, breastfeeding",
    "no word of this is anywhere: qwertz",
)


@pytest.fixture(scope="module")
def town() -> Catalogue:
    return read_catalogue(sample_catalogue())


@pytest.mark.parametrize("query", QUERIES)
def test_bm25_is_that_of_an_independent_library(query: str, town: Catalogue) -> None:
    texts = service_texts(town)
    theirs = bm25s.BM25(method="lucene", k1=K1, b=B, dtype="float64")
    theirs.index([content_words(text) for text in texts], show_progress=False)
    words = content_words(query)
    known = [word for word in words if word in theirs.vocab_dict]
    expected = theirs.get_scores(known) if known else np.zeros(len(texts))
    found = Bm25(texts, K1, B).scores(query)
    factor = K1 + 1  # in Robertson's formula; Lucene leaves it out because it changes no order
    assert found == pytest.approx(expected * factor, abs=1e-6)


def test_bm25_of_one_word_is_the_formula() -> None:
    texts = ["choir choir tea", "tea", "walk in the park today", "chess"]
    lengths = [3, 1, 3, 1]  # "in" and "the" are stop words
    assert [len(content_words(text)) for text in texts] == lengths
    idf = np.log(1 + (4 - 1 + 0.5) / (1 + 0.5))
    norm = K1 * (1 - B + B * 3 / (sum(lengths) / 4))
    assert Bm25(texts, K1, B).scores("choir") == pytest.approx([idf * 2 * (K1 + 1) / (2 + norm), 0, 0, 0])


def test_a_word_said_twice_counts_twice() -> None:
    bm25 = Bm25(["choir", "tea"])
    assert bm25.scores("choir choir") == pytest.approx(2 * bm25.scores("choir"))


JUDGEMENTS = judged({"ann": {"c-choir": 3}, "bob": {"a-debt": 3, "b-chess": 1}, "cat": {"a-debt": 2}})
ANN = a_consultation("ann", needs=(Need("singing in a choir"),), age=81.0)


@pytest.fixture(scope="module")
def engine() -> Engine:
    services = [
        a_service("a-debt", name="Debt advice", description="help with bills"),
        a_service("b-chess", name="Chess club", description="chess on Mondays"),
        a_service("c-choir", name="Choir", description="singing for all"),
        a_service("d-youth", name="Youth choir", description="singing for the young", min_age=11.0, max_age=18.0),
    ]
    taxonomy = read_taxonomy(taxonomy_folder())
    return Engine.fit(build_catalogue(services), taxonomy, Settings(scorers=("tags", "lexical")))


def shown(engine: Engine, name: str, consultation: Consultation, top: int = 20) -> list[str]:
    found: Mapping[str, Baseline] = baselines(engine.catalogue, JUDGEMENTS)
    screen: Screen = engine.read(consultation, AS_OF).screen
    rows = baseline_rows(found[name], consultation, screen, top)
    assert [row["rank"] for row in rows] == list(range(1, len(rows) + 1))
    assert [row["score"] for row in rows] == sorted((row["score"] for row in rows), reverse=True)
    return [row["service_id"] for row in rows]


@pytest.mark.parametrize("name", ["random", "popularity", "BM25 only", "TF-IDF cosine", "rapidfuzz"])
def test_no_baseline_shows_what_the_screen_rules_out(name: str, engine: Engine) -> None:
    assert "d-youth" not in shown(engine, name, ANN)
    young = a_consultation("dee", needs=ANN.needs, age=14.0)
    if name != "popularity":
        assert "d-youth" in shown(engine, name, young)


@pytest.mark.parametrize("name", ["BM25 only", "TF-IDF cosine", "rapidfuzz"])
def test_baselines_that_read_find_the_choir_for_a_singer(name: str, engine: Engine) -> None:
    assert shown(engine, name, ANN)[0] == "c-choir"


def test_popularity_does_not_know_the_judgements_of_the_person_who_asks(engine: Engine) -> None:
    assert shown(engine, "popularity", ANN) == ["a-debt"]
    assert shown(engine, "popularity", a_consultation("bob")) == ["a-debt", "c-choir"]


def test_random_is_the_same_in_every_run_and_different_between_people(engine: Engine) -> None:
    people = [a_consultation(f"p{n}") for n in range(12)]
    orders = [tuple(shown(engine, "random", person)) for person in people]
    assert orders == [tuple(shown(engine, "random", person)) for person in people]
    assert len(set(orders)) > 4


def test_a_shorter_list_is_the_beginning_of_a_longer_one(engine: Engine) -> None:
    assert shown(engine, "random", ANN, top=2) == shown(engine, "random", ANN, top=3)[:2]


def test_baselines_are_asked_with_everything_that_was_said() -> None:
    said = a_consultation("ann", needs=(Need("debts"),), interests=("chess",), note="quiet house")
    assert query_text(said) == "debts\nchess\nquiet house"
