"""Tuning starts from the experts' numbers, learns what can be learnt, and ships nothing that is not shown better."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_array
from typer.testing import CliRunner

from matcher.catalogue import read_catalogue
from matcher.cli import app
from matcher.data_files import SAMPLE_DATE, data_path, sample_catalogue
from matcher.domain import Consultation, InputError
from matcher.engine import Engine
from matcher.estimator import fitted_engine, with_late_settings
from matcher.evaluation import read_judgements
from matcher.evaluation.comparison import Comparison, Difference
from matcher.evaluation.judgements import Judgements
from matcher.evaluation.statistics import Figure
from matcher.experiments import read_consultations
from matcher.ranking import KnownParts, order
from matcher.settings import Settings, read_settings
from matcher.tuning import Tuning, fusion, search, tune, write_settings, write_tuning
from matcher.tuning.fusion import fused, fusion_pool, unit_readings
from matcher.tuning.labelled import FEWEST, Labelled, folds_of, labelled
from matcher.tuning.tag_weights import MOST, Example, fit_weights
from tests.factories import a_consultation

PEOPLE, POOL, OUTER, INNER = 40, 16, 3, 2
CROOKED = Settings().changed(ranking__near=0.9)
"""A start that puts what is close by before what is wanted: any honest search has to see it."""


@pytest.fixture(scope="module")
def engine() -> Engine:
    return fitted_engine(read_catalogue(sample_catalogue()), Settings(), semantic=False)


@pytest.fixture(scope="module")
def consultations() -> list[Consultation]:
    return read_consultations(data_path("sample", "consultations.jsonl"))[:PEOPLE]


@pytest.fixture(scope="module")
def judgements() -> Judgements:
    return read_judgements(data_path("sample", "judgements.csv"))


@pytest.fixture(scope="module", autouse=True)
def small_search() -> Iterator[None]:
    """Fewer candidates and folds than in earnest: the same steps in seconds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fusion, "POOL", POOL)
        patch.setattr(search, "OUTER", OUTER)
        patch.setattr(search, "INNER", INNER)
        yield


@pytest.fixture(scope="module")
def cases(engine: Engine, consultations: list[Consultation], judgements: Judgements) -> Labelled:
    return labelled(engine, consultations, judgements, SAMPLE_DATE)


@pytest.fixture(scope="module")
def mended(engine: Engine, consultations: list[Consultation], judgements: Judgements) -> Tuning:
    """A search that starts from crooked numbers, with a few consultations set aside."""
    return tune(engine, consultations, judgements, as_of=SAMPLE_DATE, start=CROOKED, hold_out=5)


def test_other_fusion_weights_give_the_engines_own_list(engine: Engine, cases: Labelled) -> None:
    readings = unit_readings(cases, Settings())
    changes = {"lexical": 0.4, "implied": 0.02, "near": 0.15, "coverage": 0.5}
    settings = Settings().changed(**{f"ranking__{name}": value for name, value in changes.items()})
    whole = with_late_settings(engine, settings)
    for place, reading in enumerate(readings):
        ties = engine.catalogue.id_rank.take
        found = order(
            KnownParts(fused(reading.parts, settings.ranking), reading.met), ties, settings.ranking, 10
        ).places
        expected = whole.suggest(cases.consultations[place], as_of=SAMPLE_DATE, top=10).suggestions
        assert [engine.ids[p.row] for p in found] == [s.service.id for s in expected]
        assert [p.score for p in found] == pytest.approx([s.score for s in expected], abs=2e-6)


def test_the_pool_starts_with_the_defaults_and_stays_near_them(cases: Labelled) -> None:
    pool = fusion_pool(cases, Settings(), unit_readings(cases, Settings()), seed=1)
    assert len(pool.configs) == len(pool.values) == POOL
    assert pool.configs[0] == Settings().ranking
    assert pool.distances[0] == 0
    for config in pool.configs:
        assert 0.25 <= config.lexical / Settings().ranking.lexical <= 4
        assert 0 <= config.coverage <= 1
        assert (config.tags, config.semantic) == (Settings().ranking.tags, Settings().ranking.semantic), "not searched"


def test_a_penalty_that_outweighs_any_gain_keeps_the_defaults(cases: Labelled) -> None:
    pool = fusion_pool(cases, CROOKED, unit_readings(cases, CROOKED), seed=1)
    everybody = np.arange(len(cases))
    assert pool.best(everybody, penalty=100) == 0
    free = pool.best(everybody, penalty=0)
    assert pool.values[free].mean() == max(pool.values.mean(axis=1)) > pool.values[0].mean()


def test_a_crooked_start_is_mended_and_shown_to_be_better(mended: Tuning) -> None:
    gain = mended.nested.differences["nDCG@10"].figure
    assert gain.low is not None
    assert gain.low > 0
    assert mended.better
    assert mended.recommended is mended.tuned
    assert mended.tuned.ranking.near < CROOKED.ranking.near
    assert mended.held_out is not None
    assert mended.held_out.differences["nDCG@10"].figure.n == 5
    assert mended.used == PEOPLE - 5 - _hopeless(mended)


def _hopeless(tuning: Tuning) -> int:
    """How many of the consultations learnt from have no good service; those teach nothing and are left out."""
    return PEOPLE - 5 - int(tuning.trials[0]["n"])


def test_every_trial_is_kept_and_the_defaults_come_first(mended: Tuning) -> None:
    first = mended.trials[0]
    assert (first["trial"], first["step"], first["ranking"], first["weights_changed"]) == (0, "defaults", {}, 0)
    assert [trial["trial"] for trial in mended.trials] == list(range(len(mended.trials)))
    assert len(mended.trials) == POOL + (OUTER + 1) * (len(search.PLANS) * INNER + 1)
    chosen = [trial for trial in mended.trials if trial["step"].endswith("chosen")]
    assert sum(trial["n"] for trial in chosen[:OUTER]) == (OUTER - 1) * mended.used, "each fold is left out once"


def test_noise_is_not_taken_for_a_gain(
    engine: Engine, consultations: list[Consultation], judgements: Judgements
) -> None:
    """Everybody gets somebody else's judgements: there is nothing to learn that would carry over."""
    ids = [c.id for c in consultations]
    moved = {key: judgements.pairs[other] for key, other in zip(ids, ids[7:] + ids[:7], strict=True)}
    found = tune(engine, consultations, Judgements(moved), as_of=SAMPLE_DATE)
    assert not found.better
    assert found.recommended is found.start


def test_too_few_labels_are_refused(engine: Engine, consultations: list[Consultation], judgements: Judgements) -> None:
    with pytest.raises(InputError, match=rf"tuning needs {FEWEST}.*matcher judge"):
        tune(engine, consultations[: FEWEST - 1], judgements, as_of=SAMPLE_DATE)


def test_one_persons_consultations_are_in_one_fold() -> None:
    people = [a_consultation(id=f"c{n}", person_ref=f"p{n // 3}") for n in range(12)]
    people += [a_consultation(id=f"alone{n}") for n in range(8)]
    folds = folds_of(people, 4, seed=3)
    for start in range(0, 12, 3):
        assert len(set(folds[start : start + 3])) == 1
    assert set(folds) == {0, 1, 2, 3}
    assert folds.tolist() == folds_of(people, 4, seed=3).tolist()


LINKS = {("lonely", "choir"): 0.4, ("lonely", "shop"): 0.8, ("bored", "choir"): 0.6}


def _example(choir: float, shop: float, gains: tuple[float, float]) -> Example:
    """Two services for a lonely person: the first is a choir, the second a shop."""
    by_link = csr_array(np.array([[choir, 0.0, 0.0], [0.0, shop, 0.0]]))
    return Example(by_link, np.array([0.1, 0.1]), np.array(gains))


def test_links_to_what_judges_prefer_rise_and_rivals_fall() -> None:
    examples = [_example(0.2, 0.3, (7, 0)) for _ in range(5)]
    found = fit_weights(examples, LINKS, ridge=0.01, power=2.0)
    assert 0.4 < found["lonely"]["choir"] <= 0.4 * np.exp(MOST) + 1e-3
    assert 0.8 * np.exp(-MOST) - 1e-3 <= found["lonely"]["shop"] < 0.8
    assert found["bored"]["choir"] > 0.6, "what is learnt of an offer counts for all needs that lead to it"
    assert found["bored"]["choir"] / 0.6 < found["lonely"]["choir"] / 0.4
    assert found["bored"]["choir"] <= 1


def test_experts_weights_stay_where_nothing_speaks_against_them() -> None:
    right = [_example(0.9, 0.1, (7, 0))]
    assert fit_weights(right, LINKS, ridge=0.01, power=2.0) == {}
    assert fit_weights([_example(0.2, 0.3, (7, 0))], LINKS, ridge=1000, power=2.0) == {}
    assert fit_weights([_example(0.2, 0.3, (3, 3))], LINKS, ridge=0.001, power=2.0) == {}, "no pair, no lesson"
    assert fit_weights([], LINKS, ridge=0.001, power=2.0) == {}


def test_settings_survive_the_file(tmp_path: Path) -> None:
    written = Settings(provenance='by "hand", £', top=7, weights={"loneliness": {"befriending": 0.25}}).changed(
        ranking__near=0.2, eligibility__off=("cost",), scorers=("tags", "lexical")
    )
    path = write_settings(written, tmp_path / "new" / "mine.toml")
    assert read_settings(path) == written
    assert read_settings(write_settings(Settings(), tmp_path / "plain.toml")) == Settings()


def test_weights_files_show_what_the_experts_said(engine: Engine, tmp_path: Path) -> None:
    settings = Settings(weights={"loneliness": {"befriending": 0.25}})
    write_settings(settings, tmp_path / "settings.toml", engine.taxonomy)
    with (tmp_path / "weights.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert float(row["was"]) == engine.taxonomy.links["loneliness", "befriending"]


def _outcome(low: float, high: float, barred: str = "no difference shown") -> Tuning:
    def difference(mean: float, low: float, high: float, verdict: str) -> Difference:
        return Difference(Figure(mean, low, high, 50), 0.5, 1.0, 1, 1, 48, verdict)

    differences = {
        "nDCG@10": difference((low + high) / 2, low, high, "better"),
        "facet coverage@5": difference(0, 0, 0, "no difference shown"),
        "barred@10": difference(0.1, 0, 0.2, barred),
    }
    tuned = Settings(weights={"loneliness": {"befriending": 0.25}})
    nested = Comparison("tuned", "defaults", differences, {})
    return Tuning(Settings(), tuned, "tag weights, close", nested, None, ({"trial": 0},), 50, 1)


@pytest.mark.parametrize(
    "outcome",
    [_outcome(-0.01, 0.05), _outcome(0.0, 0.0), _outcome(-0.09, -0.01), _outcome(0.01, 0.05, barred="worse")],
    ids=["may be chance", "nothing tried", "worse", "more that must not be suggested"],
)
def test_nothing_is_shipped_that_is_not_shown_better(outcome: Tuning, engine: Engine, tmp_path: Path) -> None:
    shipped = read_settings(write_tuning(outcome, tmp_path, engine.taxonomy))
    assert shipped.fingerprint == Settings().fingerprint
    assert "not shown to be better" in shipped.provenance
    assert read_settings(tmp_path / "not_recommended" / "settings.toml").weights == outcome.tuned.weights
    assert json.loads((tmp_path / "tuning.json").read_text())["recommended"] == "defaults"


def test_what_is_shown_better_is_shipped_with_its_provenance(engine: Engine, tmp_path: Path) -> None:
    shipped = read_settings(write_tuning(_outcome(0.01, 0.05), tmp_path, engine.taxonomy))
    assert shipped.weights == {"loneliness": {"befriending": 0.25}}
    assert "+0.030 (+0.010 to +0.050), n 50" in shipped.provenance
    assert not (tmp_path / "not_recommended").exists()


def test_a_later_run_leaves_no_stale_weights(engine: Engine, tmp_path: Path) -> None:
    write_tuning(_outcome(0.01, 0.05), tmp_path, engine.taxonomy)
    write_tuning(_outcome(-0.01, 0.05), tmp_path, engine.taxonomy)
    assert read_settings(tmp_path / "settings.toml").weights == {}
    assert not (tmp_path / "weights.csv").exists()
    write_tuning(_outcome(0.01, 0.05), tmp_path, engine.taxonomy)
    assert not (tmp_path / "not_recommended").exists()


def test_the_same_seed_gives_the_same_search(
    engine: Engine, consultations: list[Consultation], judgements: Judgements, mended: Tuning
) -> None:
    again = tune(engine, list(reversed(consultations)), judgements, as_of=SAMPLE_DATE, start=CROOKED, hold_out=5)
    assert again == mended


def _first_consultations(folder: Path, n: int) -> list[str]:
    """Options that name a file of the sample's first ``n`` consultations and the sample's judgements."""
    lines = data_path("sample", "consultations.jsonl").read_text(encoding="utf-8").splitlines()[:n]
    path = folder / "consultations.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return ["--consultations", str(path), "--judgements", str(data_path("sample", "judgements.csv")), "--no-semantic"]


def test_the_command_writes_everything_and_says_what_it_found(tmp_path: Path) -> None:
    options = _first_consultations(tmp_path, FEWEST + 4)
    result = CliRunner().invoke(app, ["tune", *options, "--output", str(tmp_path / "out")])
    assert result.exit_code == 0, result.output
    assert "nested nDCG@10" in result.output
    report: dict[str, Any] = json.loads((tmp_path / "out" / "tuning.json").read_text())
    trials = (tmp_path / "out" / "trials.ndjson").read_text().splitlines()
    assert len(trials) == report["trials"] == json.loads(trials[-1])["trial"] + 1
    read_settings(tmp_path / "out" / "settings.toml")


def test_the_command_refuses_in_one_line(tmp_path: Path) -> None:
    options = _first_consultations(tmp_path, 4)
    result = CliRunner().invoke(app, ["tune", *options, "--output", str(tmp_path / "out")])
    assert result.exit_code == 1
    assert "tuning needs" in result.output
    assert not (tmp_path / "out").exists()
