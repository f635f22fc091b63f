"""Every figure against trec_eval itself, on the files that a report writes. And: the check sees a broken measure."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytrec_eval
from ir_measures import RR, P, nDCG

from matcher.batch import read_caseload
from matcher.catalogue import read_catalogue
from matcher.consultations import read_consultation
from matcher.data_files import data_path
from matcher.evaluation import Run, Scorecard, Shown, measures, read_judgements, score_runs, write_report
from matcher.evaluation.trec import read_trec_qrels
from tests.matcher.evaluation.builders import AS_OF

GAINS = {0: 0, 1: 1, 2: 3, 3: 7}


@pytest.fixture(scope="module")
def town() -> tuple[Any, ...]:
    """The sample town: judgements, consultations, catalogue, and a run that is neither good nor hopeless."""
    judgements = read_judgements(data_path("sample", "judgements.csv"))
    consultations = [read_consultation(record) for record in read_caseload(data_path("sample", "consultations.jsonl"))]
    catalogue = read_catalogue(data_path("sample", "services.json"))
    ids = catalogue.texts("id")
    lists = {}
    for place, consultation in enumerate(consultations[:-3]):  # the last three go unanswered
        rng = np.random.default_rng(place)
        pool = [*judgements.pairs[consultation.id], *rng.choice(ids, 12, replace=False)]
        shown = list(dict.fromkeys(rng.permutation(pool)))[: 4 + place % 20]
        lists[consultation.id] = tuple(Shown(str(s), round(float(rng.random()), 1), "fits", 1.0) for s in shown)
    return judgements, consultations, catalogue, Run("default", lists)


def scored(town: tuple[Any, ...]) -> Scorecard:
    judgements, consultations, catalogue, run = town
    return score_runs([run], judgements, consultations, catalogue, AS_OF)


def by_trec_eval(folder: Path) -> dict[str, float]:
    """The figures computed by trec_eval alone from the written files; unanswered consultations count as zero."""
    with (folder / "trec/default.run").open() as file:
        run = pytrec_eval.parse_run(file)
    grades, barred = (read_trec_qrels(folder / "trec" / f"{name}.qrels") for name in ("grades", "barred"))

    def ask(qrels: dict[str, dict[str, int]], measure: str, level: int = 1) -> dict[str, float]:
        found = pytrec_eval.RelevanceEvaluator(qrels, {measure}, relevance_level=level).evaluate(run)
        name = measure.replace(".", "_")
        return {key: found[key][name] if key in found else 0.0 for key in qrels}

    def mean(values: dict[str, float]) -> float:
        return sum(values.values()) / len(values)

    gains = {key: {s: GAINS[grade] for s, grade in listed.items()} for key, listed in grades.items()}
    with_best = {key: listed for key, listed in grades.items() if 3 in listed.values()}
    return {
        "nDCG@10": mean(ask(gains, "ndcg_cut.10")),
        "nDCG@5": mean(ask(gains, "ndcg_cut.5")),
        "P@5": mean(ask(grades, "P.5", level=2)),
        "success@3": mean({key: ask(grades, "success.3", level=3)[key] for key in with_best}),
        "recall@20": mean(ask(grades, "recall.20", level=2)),
        "MRR": mean(ask(grades, "recip_rank", level=2)),
        "barred@5": 5 * mean(ask(barred, "P.5")),
        "barred@10": 10 * mean(ask(barred, "P.10")),
    }


def check_agreement(folder: Path) -> None:
    """Each figure of report.json is trec_eval's to 1e-6."""
    figures = json.loads((folder / "report.json").read_text(encoding="utf-8"))["runs"]["default"]
    for name, expected in by_trec_eval(folder).items():
        assert figures[name]["mean"] == pytest.approx(expected, abs=1e-6), name


def test_the_figures_are_those_of_trec_eval(town: tuple[Any, ...], tmp_path: Path) -> None:
    write_report(scored(town), tmp_path)
    check_agreement(tmp_path)
    assert 0.05 < by_trec_eval(tmp_path)["nDCG@10"] < 0.95, "a run of all hits or all misses would prove nothing"


def _wrong_gains() -> dict[str, Any]:
    return {**measures.GRADED, "nDCG@10": nDCG(gains={1: 1, 2: 2, 3: 3}) @ 10}


def _fair_counts_as_good() -> dict[str, Any]:
    return {**measures.GRADED, "P@5": P(rel=1) @ 5}


def _first_of_any_grade() -> dict[str, Any]:
    return {**measures.GRADED, "MRR": RR(rel=1)}


@pytest.mark.parametrize("broken", [_wrong_gains, _fair_counts_as_good, _first_of_any_grade])
def test_a_broken_measure_is_seen(
    broken: Callable[[], dict[str, Any]], town: tuple[Any, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measures, "GRADED", broken())
    write_report(scored(town), tmp_path)
    with pytest.raises(AssertionError, match=r"nDCG@10|P@5|MRR"):
        check_agreement(tmp_path)


def test_an_own_measure_that_stops_one_early_is_seen(
    town: tuple[Any, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measures, "OWN", {**measures.OWN, "barred@5": lambda case: measures.barred(case, 4)})
    write_report(scored(town), tmp_path)
    with pytest.raises(AssertionError, match="barred@5"):
        check_agreement(tmp_path)


def test_forgetting_the_unanswered_is_seen(
    town: tuple[Any, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = measures.graded_values

    def only_answered(run: Run, judgements: Any) -> dict[str, dict[str, float]]:
        values = honest(run, judgements)
        return {name: {k: v for k, v in found.items() if k in run.lists} for name, found in values.items()}

    monkeypatch.setattr(measures, "graded_values", only_answered)
    write_report(scored(town), tmp_path)
    with pytest.raises(AssertionError, match="nDCG@10"):
        check_agreement(tmp_path)
