"""The scikit-learn facade keeps scikit-learn's rules, and ranks as the engine does."""

from __future__ import annotations

import json
import pickle
from math import log2
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_val_score
from sklearn.utils.estimator_checks import check_get_params_invariance, check_no_attributes_set_in_init

from matcher import estimator
from matcher.catalogue import Catalogue, read_catalogue
from matcher.consultations import read_consultation
from matcher.data_files import SAMPLE_DATE, data_path, sample_catalogue, taxonomy_folder
from matcher.domain import Consultation
from matcher.engine import Engine
from matcher.estimator import ServiceRanker, ndcg
from matcher.evaluation import read_judgements
from matcher.evaluation.judgements import Judgement, Judgements
from matcher.evaluation.measures import graded_values
from matcher.evaluation.runs import Run, Shown
from matcher.settings import Settings
from matcher.taxonomy import read_taxonomy

PEOPLE = 9


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return read_catalogue(sample_catalogue())


@pytest.fixture(scope="module")
def consultations() -> list[Consultation]:
    lines = data_path("sample", "consultations.jsonl").read_text(encoding="utf-8").splitlines()
    return [read_consultation(json.loads(line)) for line in lines[:PEOPLE]]


@pytest.fixture(scope="module")
def grades(consultations: list[Consultation]) -> list[dict[str, int]]:
    judged = read_judgements(data_path("sample", "judgements.csv")).pairs
    return [{key: j.grade for key, j in judged[consultation.id].items()} for consultation in consultations]


@pytest.fixture
def ranker(catalogue: Catalogue) -> ServiceRanker:
    return ServiceRanker(catalogue=catalogue, as_of=SAMPLE_DATE, semantic=False)


def test_predict_gives_what_the_engine_suggests(
    ranker: ServiceRanker, catalogue: Catalogue, consultations: list[Consultation]
) -> None:
    engine = Engine.fit(catalogue, read_taxonomy(taxonomy_folder()))
    expected = [
        [s.service.id for s in engine.suggest(c, as_of=SAMPLE_DATE, top=4).suggestions] for c in consultations[:3]
    ]
    found = ranker.set_params(top=4).fit(consultations).predict(consultations[:3])
    assert found.tolist() == expected


def test_an_engine_used_again_under_other_ranking_numbers_answers_like_one_fitted_from_scratch(
    ranker: ServiceRanker, catalogue: Catalogue, consultations: list[Consultation]
) -> None:
    settings = Settings().changed(
        ranking__lexical=0.9,
        ranking__coverage=0.4,
        ranking__near_half_km=1.0,
        eligibility__off=("cost",),
        profile__implied=0.4,
        understanding__note=0.9,
        weights={"loneliness": {"befriending": 0.1, "pen_pals": 0.95, "lunch_club": 0.0}},
        top=7,
    )
    again = estimator.fitted_engine(catalogue, settings, semantic=False)
    scratch = Engine.fit(catalogue, read_taxonomy(taxonomy_folder()), settings)
    assert str(again.stamp) == str(scratch.stamp)
    for consultation in consultations:
        assert again.suggest(consultation, as_of=SAMPLE_DATE) == scratch.suggest(consultation, as_of=SAMPLE_DATE)


def test_only_settings_that_matter_to_fitting_fit_again(
    ranker: ServiceRanker, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    ranker.fit()
    fits: list[Settings] = []
    real = Engine.fit

    def counted(catalogue: Catalogue, taxonomy: Any, settings: Settings, *more: Any) -> Engine:
        fits.append(settings)
        return real(catalogue, taxonomy, settings, *more)

    monkeypatch.setattr(estimator.Engine, "fit", counted)
    clone(ranker).set_params(ranking__lexical=0.77, top=3).fit()
    assert fits == []
    changed = clone(ranker).set_params(tags__support=0.2).fit()
    assert [settings.tags.support for settings in fits] == [0.2]
    assert changed.engine_.settings.tags.support == 0.2


def test_grid_search_tries_every_setting_and_keeps_the_best(
    ranker: ServiceRanker, consultations: list[Consultation], grades: list[dict[str, int]]
) -> None:
    search = GridSearchCV(ranker, {"ranking__tags": [0.0001, 0.6], "ranking__coverage": [0.75]}, cv=3)
    search.fit(consultations, grades)
    means = search.cv_results_["mean_test_score"]
    assert search.best_params_ == {"ranking__tags": 0.6, "ranking__coverage": 0.75}
    assert means[1] > means[0] > 0
    assert search.best_estimator_.engine_.settings.ranking.tags == 0.6
    assert search.score(consultations, grades) == pytest.approx(np.mean(means[1]), abs=0.01)


def test_cross_validation_takes_lists_of_consultations(
    ranker: ServiceRanker, consultations: list[Consultation], grades: list[dict[str, int]]
) -> None:
    scores = cross_val_score(ranker, consultations, grades, cv=3)
    by_hand = ranker.fit().score(consultations, grades)
    assert scores.mean() == pytest.approx(by_hand)
    lists = cross_val_predict(ranker, consultations, grades, cv=3)
    assert lists.tolist() == ranker.predict(consultations).tolist()


def test_score_is_the_evaluations_ndcg(
    ranker: ServiceRanker, consultations: list[Consultation], grades: list[dict[str, int]]
) -> None:
    lists = ranker.fit().predict(consultations)
    run = Run("r", {c.id: tuple(map(Shown, listed)) for c, listed in zip(consultations, lists, strict=True)})
    pairs = {
        c.id: {key: Judgement(g) for key, g in g_of.items()} for c, g_of in zip(consultations, grades, strict=True)
    }
    expected = graded_values(run, Judgements(pairs))["nDCG@10"]
    assert ranker.score(consultations, grades) == pytest.approx(sum(expected.values()) / PEOPLE, abs=1e-9)


def test_ndcg_by_hand() -> None:
    grades = {"a": 3, "b": 2, "c": 1}
    assert ndcg(["b", "x", "a"], grades) == pytest.approx((3 / log2(2) + 7 / log2(4)) / (7 + 3 / log2(3) + 1 / log2(4)))
    assert ndcg(["a"], {"a": 0}) == 0
    assert ndcg([], grades) == 0


def test_parameters_keep_scikit_learns_rules(ranker: ServiceRanker) -> None:
    check_no_attributes_set_in_init("ServiceRanker", ServiceRanker())
    check_get_params_invariance("ServiceRanker", ServiceRanker())
    changed = ranker.set_params(**{"ranking.lexical": 0.4}, tags__support=0.1)
    assert changed is ranker
    copied = clone(ranker)
    assert copied.get_params()["ranking__lexical"] == 0.4
    assert copied.get_params()["tags__support"] == 0.1
    assert not hasattr(copied, "engine_")
    assert copied.get_params(deep=False).keys() == {"settings", "catalogue", "top", "as_of", "semantic"}


@pytest.mark.parametrize("wrong", [{"ranking__nothing": 1}, {"colour": "red"}, {"ranking__lexical": "much"}])
def test_a_parameter_that_does_not_exist_is_a_value_error(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="invalid parameter"):
        ServiceRanker().set_params(**wrong)


def test_settings_come_before_the_single_numbers_on_top_of_them() -> None:
    found = ServiceRanker().set_params(ranking__lexical=0.9, settings=Settings().changed(ranking__near=0.3))
    assert (found.settings.ranking.lexical, found.settings.ranking.near) == (0.9, 0.3)


def test_a_directory_of_ones_own_needs_a_day(catalogue: Catalogue) -> None:
    with pytest.raises(ValueError, match="as_of"):
        ServiceRanker(catalogue=catalogue).fit()


def test_an_unfitted_ranker_says_so(ranker: ServiceRanker, consultations: list[Consultation]) -> None:
    with pytest.raises(NotFittedError):
        ranker.predict(consultations)


def test_a_fitted_ranker_can_be_sent_to_another_process(
    ranker: ServiceRanker, consultations: list[Consultation]
) -> None:
    sent = pickle.loads(pickle.dumps(ranker.fit()))  # noqa: S301  our own bytes
    assert sent.predict(consultations[:2]).tolist() == ranker.predict(consultations[:2]).tolist()


def test_rows_may_be_plain_dicts(ranker: ServiceRanker) -> None:
    assert len(ranker.fit().predict([{"note": "lonely since her husband died"}])[0]) > 0
