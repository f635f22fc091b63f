"""Fusion weights: a fixed pool of settings around the start, each measured once on every consultation.

The pool is drawn without a look at the labels, so that cross-validation only has to choose from a table of values.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats.qmc import Sobol

from matcher.engine import Reading
from matcher.estimator import DEPTH, with_late_settings
from matcher.ranking import KnownParts, Parts, RankingConfig, order
from matcher.settings import Settings
from matcher.tuning.labelled import Labelled

WIDEST = 2.0
"""No weight is tried beyond a quarter or four times its start (2 doublings)."""
POOL = 128
UNIT = {"tags": 1.0, "lexical": 1.0, "semantic": 1.0, "implied": 1.0, "near": 1.0}


@dataclass(frozen=True, eq=False)
class FusionPool:
    """Ranking settings and what each is worth for each consultation.

    Attributes:
        configs: the start first.
        distances: mean square of the doublings that each lies away from the start. Shape (configs,).
        values: nDCG@10. Shape (configs, consultations).
    """

    configs: tuple[RankingConfig, ...]
    distances: NDArray[np.float64]
    values: NDArray[np.float64]

    def best(self, places: NDArray[np.int64], penalty: float) -> int:
        """The config with the best mean over some consultations, less ``penalty`` x distance; ties go to the first."""
        worth = self.values[:, places].mean(axis=1) - penalty * self.distances
        return int(np.argmax(np.round(worth, 12)))


def unit_readings(cases: Labelled, start: Settings) -> tuple[Reading, ...]:
    """Every consultation read once with all fusion weights at 1, from which any fusion can be made."""
    changes: dict[str, object] = {f"ranking__{name}": weight for name, weight in UNIT.items()}
    engine = with_late_settings(cases.engine, start.changed(**changes))
    return tuple(cases.read(place, engine) for place in range(len(cases)))


def fused(unit: Parts, config: RankingConfig) -> Parts:
    """The parts under other fusion weights, as the engine would make them.

    Args:
        unit: parts that were made with all fusion weights at 1.
        config: the fusion weights.
    """
    weights = {name: float(getattr(config, name)) for name, _ in unit.others}
    has_tags = bool(unit.facets.any())
    parts = len(weights) + has_tags
    total = sum(weights.values()) + (config.tags if has_tags else 0.0)
    scale = parts / total if total > 0 else 0.0
    others = tuple((name, values * (weights[name] * scale)) for name, values in unit.others)
    return Parts(unit.facets * (config.tags * scale), others, unit.marks, unit.kinds)


def fusion_pool(cases: Labelled, start: Settings, readings: tuple[Reading, ...], seed: int) -> FusionPool:
    """Draw the pool and measure it."""
    present = dict.fromkeys(name for reading in readings for name, _ in reading.parts.others)
    names = [name for name in present if getattr(start.ranking, name) > 0]
    doublings = _doublings(len(names) + 1, seed)
    configs = tuple(_moved(start.ranking, dict(zip([*names, "coverage"], row, strict=True))) for row in doublings)
    values = np.array([[_value(cases, r, place, c) for place, r in enumerate(readings)] for c in configs])
    return FusionPool(configs, np.asarray((doublings**2).mean(axis=1)), values)


def _value(cases: Labelled, reading: Reading, place: int, config: RankingConfig) -> float:
    ties = cases.engine.catalogue.id_rank.take
    return cases.value(place, order(KnownParts(fused(reading.parts, config), reading.met), ties, config, DEPTH).places)


def _doublings(numbers: int, seed: int) -> NDArray[np.float64]:
    """The start, then points that fill the space around it evenly, half of them close by. Shape (POOL, numbers)."""
    points = WIDEST * (2 * Sobol(numbers, rng=np.random.default_rng(seed)).random(POOL) - 1)
    points[: POOL // 2] /= 2
    points[0] = 0
    return np.asarray(points)


def _moved(start: RankingConfig, doublings: dict[str, float]) -> RankingConfig:
    """Weights times 2 ** doublings; for coverage it is what a covered facet loses that is multiplied."""
    changes = {
        name: round(float(getattr(start, name) * 2**by), 4) for name, by in doublings.items() if name != "coverage"
    }
    changes["coverage"] = round(float(max(0.0, 1 - (1 - start.coverage) * 2 ** doublings["coverage"])), 4)
    return start.model_copy(update=changes)
