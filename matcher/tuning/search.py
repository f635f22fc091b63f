"""The search: a few ways to tune, the best of them by inner cross-validation, what that is worth by outer folds.

What is reported is the worth of the whole procedure on consultations that it never saw (Varma and Simon, BMC
Bioinformatics 2006). Only a gain whose interval lies above zero makes the tuned numbers the recommended ones.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.catalogue import read_catalogue
from matcher.data_files import sample_catalogue
from matcher.domain import Consultation, InputError
from matcher.engine import Engine
from matcher.estimator import DEPTH, fitted_engine, with_late_settings
from matcher.evaluation.comparison import Comparison, compare
from matcher.evaluation.facts import facts_of
from matcher.evaluation.judgements import Judgements, read_judgements
from matcher.evaluation.measures import measure_run
from matcher.evaluation.runs import Run
from matcher.experiments import Inputs, read_consultations, run_engine
from matcher.ranking import KnownParts, order
from matcher.settings import Settings
from matcher.taxonomy import Taxonomy
from matcher.tuning.fusion import FusionPool, fusion_pool, unit_readings
from matcher.tuning.labelled import Labelled, folds_of, labelled
from matcher.tuning.tag_weights import Example, Link, example_of, fit_weights

SEED = 20261101
OUTER, INNER = 5, 4
Progress = Callable[[str, int, int], None]
"""Called with the step's name, how much of it is done, and how much there is."""
Places = NDArray[np.int64]
MEASURE, GUARD = "nDCG@10", "barred@10"


@dataclass(frozen=True, slots=True)
class Plan:
    """One way to tune. ``None`` leaves these weights as they are; larger numbers stay closer to the start."""

    name: str
    fusion: float | None = None
    tags: float | None = None


PLANS = (
    Plan("defaults"),
    Plan("fusion weights, close", fusion=0.05),
    Plan("fusion weights, free", fusion=0.005),
    Plan("tag weights, close", tags=0.1),
    Plan("tag weights, free", tags=0.01),
    Plan("both, close", fusion=0.05, tags=0.1),
)
"""The defaults are tried first, and are kept unless another plan is better by more than one standard error."""


@dataclass(frozen=True)
class Tuning:
    """What came of a search.

    Attributes:
        start: where it started: the defaults.
        tuned: what the search would use.
        plan: the way of tuning that was chosen on all consultations.
        nested: the procedure against the start on consultations it did not see, all measures that matter.
        held_out: the same for consultations set aside beforehand, if any were.
        trials: everything that was tried, the defaults first.
        used: how many consultations the search learnt from.
        seed: of the folds, the pool and who is set aside.
    """

    start: Settings
    tuned: Settings
    plan: str
    nested: Comparison
    held_out: Comparison | None
    trials: tuple[dict[str, Any], ...]
    used: int
    seed: int

    @property
    def better(self) -> bool:
        """Whether the nested gain's interval lies above zero, with no more suggestions that must not be made."""
        low = self.nested.differences[MEASURE].figure.low
        return low is not None and low > 0 and self.nested.differences[GUARD].verdict != "worse"

    @property
    def recommended(self) -> Settings:
        """The tuned settings where they are shown to be better, else those it started from."""
        return self.tuned if self.better else self.start


def tune(
    engine: Engine,
    consultations: Sequence[Consultation],
    judgements: Judgements,
    *,
    as_of: date,
    start: Settings | None = None,
    hold_out: int = 0,
    seed: int = SEED,
    progress: Progress = lambda name, done, total: None,
) -> Tuning:
    """Fit fusion weights and need -> offer weights, and measure what it is worth.

    Args:
        engine: any engine over the catalogue (with or without the sentence encoder).
        consultations: who was asked about; those without a good service are left out.
        judgements: the judges' view.
        as_of: the day to answer for.
        start: settings to start from and to compare with; the engine's own when left out.
        hold_out: how many consultations to set aside, untouched by the search, for a last comparison.
        seed: of everything that is drawn.
        progress: told after each step.

    Raises:
        InputError: there are too few labelled consultations.
    """
    start = start or engine.settings
    semantic = any(scorer.name == "semantic" for scorer in engine.index.fusion.texts)
    base = fitted_engine(engine.catalogue, start, semantic=semantic, weights=False)
    everybody = sorted(consultations, key=lambda c: c.id)
    if not 0 <= hold_out < len(everybody):
        raise InputError("--hold-out: must leave consultations to learn from")
    order_of = np.random.default_rng(seed).permutation(len(everybody))
    aside = [everybody[place] for place in sorted(order_of[:hold_out].tolist())]
    used = [everybody[place] for place in sorted(order_of[hold_out:].tolist())]
    search = Search(labelled(base, used, judgements, as_of), start, seed, progress)
    nested = search.nested(judgements)
    tuned, plan = search.select(np.arange(len(search.cases)), "final")
    held_out = _compared(base, start, [(tuned, aside)], judgements, as_of) if aside else None
    return Tuning(start, tuned, plan.name, nested, held_out, tuple(search.trials), len(search.cases), seed)


def tune_files(
    inputs: Inputs, *, as_of: date, start: Settings, semantic: bool, **options: Any
) -> tuple[Tuning, Taxonomy]:
    """:func:`tune` on files; also gives the taxonomy with the expert weights.

    Raises:
        MatcherError: a file is wrong, or there are too few labelled consultations.
    """
    judgements = read_judgements(inputs.judgements_path())
    consultations = read_consultations(inputs.consultations_path())
    catalogue = read_catalogue(*(inputs.catalogue or (sample_catalogue(),)))
    engine = fitted_engine(catalogue, start, semantic=semantic, weights=False)
    return tune(engine, consultations, judgements, as_of=as_of, start=start, **options), engine.taxonomy


class Search:
    """Labelled consultations, the pool measured on them, and every trial so far."""

    def __init__(self, cases: Labelled, start: Settings, seed: int, progress: Progress) -> None:
        self.cases, self.start, self.seed, self.progress = cases, start, seed, progress
        progress("fusion weights", 0, 1)
        self.readings = unit_readings(cases, start)
        self.pool: FusionPool = fusion_pool(cases, start, self.readings, seed)
        taxonomy = start.applied_to(cases.engine.taxonomy)
        self.links: dict[Link, float] = {pair: w for pair, w in sorted(taxonomy.links.items()) if w > 0}
        self._examples: dict[tuple[int, int], Example] = {}
        self._tagger = with_late_settings(cases.engine, start)
        self.trials: list[dict[str, Any]] = [
            {"trial": place, "step": "fusion pool" if place else "defaults", **_difference(start, s), **_mean(values)}
            for place, (s, values) in enumerate(
                zip(map(self._with_fusion, self.pool.configs), self.pool.values, strict=True)
            )
        ]

    def nested(self, judgements: Judgements) -> Comparison:
        """The procedure against the start, each consultation answered by numbers that were chosen without it."""
        folds = folds_of(self.cases.consultations, OUTER, self.seed)
        chosen = []
        for fold in range(OUTER):
            tuned, _ = self.select(np.flatnonzero(folds != fold), f"outer {fold + 1}")
            chosen.append((tuned, [self.cases.consultations[i] for i in np.flatnonzero(folds == fold)]))
            self.progress("outer folds", fold + 1, OUTER)
        return _compared(self.cases.engine, self.start, chosen, judgements, self.cases.as_of)

    def select(self, places: Places, step: str) -> tuple[Settings, Plan]:
        """The settings of the plan that does best in inner folds of these consultations, fitted on all of them."""
        people = [self.cases.consultations[place] for place in places]
        folds = folds_of(people, INNER, self.seed + 1)
        values = [np.concatenate(self._inner(plan, places, folds, step)) for plan in PLANS]
        plan = PLANS[int(np.argmax([_clear_gain(found - values[0]) for found in values]))]
        tuned = self.fit(plan, places)
        self._keep(f"{step}, chosen", plan, tuned, self.values(tuned, places))
        return tuned, plan

    def _inner(self, plan: Plan, places: Places, folds: Places, step: str) -> list[NDArray[np.float64]]:
        values = []
        for fold in range(INNER):
            settings = self.fit(plan, places[folds != fold])
            values.append(self.values(settings, places[folds == fold]))
            self._keep(f"{step}, inner {fold + 1}", plan, settings, values[-1])
        return values

    def fit(self, plan: Plan, places: Places) -> Settings:
        """The settings that a plan learns from some consultations."""
        chosen = 0 if plan.fusion is None else self.pool.best(places, plan.fusion)
        settings = self._with_fusion(self.pool.configs[chosen])
        if plan.tags is None:
            return settings
        examples = [self._example(int(place), chosen) for place in places]
        learnt = fit_weights(examples, self.links, plan.tags, self.start.tags.link_power)
        return settings.model_copy(update={"weights": _overlaid(self.start.weights, learnt)})

    def values(self, settings: Settings, places: Places) -> NDArray[np.float64]:
        """NDCG@10 of some consultations under some settings, by the engine itself unless the pool knows it."""
        if settings.weights == self.start.weights and settings.ranking in self.pool.configs:
            return np.asarray(self.pool.values[self.pool.configs.index(settings.ranking), places])
        engine = with_late_settings(self.cases.engine, settings)
        return np.array([self._value(int(place), engine) for place in places])

    def _value(self, place: int, engine: Engine) -> float:
        reading = self.cases.read(place, engine)
        ties, config = engine.catalogue.id_rank.take, engine.settings.ranking
        return self.cases.value(place, order(KnownParts(reading.parts, reading.met), ties, config, DEPTH).places)

    def _example(self, place: int, config: int) -> Example:
        if (place, config) not in self._examples:
            at = {pair: column for column, pair in enumerate(self.links)}
            reading, grades = self.readings[place], self.cases.grades[place]
            self._examples[place, config] = example_of(self._tagger, reading, grades, self.pool.configs[config], at)
        return self._examples[place, config]

    def _with_fusion(self, config: object) -> Settings:
        return self.start.model_copy(update={"ranking": config})

    def _keep(self, step: str, plan: Plan, settings: Settings, values: NDArray[np.float64]) -> None:
        found = {"trial": len(self.trials), "step": step, "plan": plan.name}
        self.trials.append({**found, **_difference(self.start, settings), **_mean(values)})


def _clear_gain(differences: NDArray[np.float64]) -> float:
    """The mean of paired differences where it is above its standard error (Breiman et al. 1984), else 0."""
    mean, error = float(differences.mean()), float(differences.std(ddof=1)) / np.sqrt(len(differences))
    return round(mean, 12) if mean > error else 0.0


def _compared(
    engine: Engine,
    start: Settings,
    chosen: Sequence[tuple[Settings, Sequence[Consultation]]],
    judgements: Judgements,
    as_of: date,
) -> Comparison:
    """Tuned settings, each on its own consultations, against the start on the same ones: by the batch path."""
    people = [consultation for _, group in chosen for consultation in group]
    mine = Judgements({c.id: judgements.pairs[c.id] for c in people if c.id in judgements.pairs}, judgements.facets)
    lists = {
        key: listed
        for settings, group in chosen
        for key, listed in run_engine("tuned", with_late_settings(engine, settings), group, as_of).lists.items()
    }
    before = run_engine("defaults", with_late_settings(engine, start), people, as_of)
    facts, ids = facts_of(engine.catalogue, as_of), [c.id for c in people]
    tuned, plain = (measure_run(run, ids, mine, facts) for run in (Run("tuned", lists), before))
    return compare("tuned", tuned, "defaults", plain)


def _overlaid(below: dict[str, dict[str, float]], above: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
    return {need: {**below.get(need, {}), **above.get(need, {})} for need in sorted({*below, *above})}


def _difference(start: Settings, settings: Settings) -> dict[str, Any]:
    before, after = start.ranking.model_dump(), settings.ranking.model_dump()
    weights = {(n, o): w for n, listed in settings.weights.items() for o, w in listed.items()}
    old = {(n, o): w for n, listed in start.weights.items() for o, w in listed.items()}
    return {
        "ranking": {name: value for name, value in after.items() if value != before[name]},
        "weights_changed": sum(old.get(pair) != weight for pair, weight in weights.items()),
    }


def _mean(values: NDArray[np.float64]) -> dict[str, Any]:
    return {MEASURE: round(float(values.mean()), 6), "n": len(values)}
