"""Is a change real, and for whom? One run against the reference, consultation by consultation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from matcher.evaluation.measures import BY_NAME, HEADLINES
from matcher.evaluation.statistics import Figure, figure, holm, permutation_p

MOVED_BY = "nDCG@10"
SMALLEST_MOVE = 1e-6
SIGNIFICANT = 0.05


@dataclass(frozen=True, slots=True)
class Difference:
    """One measure of a run minus the same measure of the reference.

    Attributes:
        figure: mean difference with its interval, over the consultations that both have.
        p: of the paired permutation test.
        p_holm: corrected for the three headline measures.
        better, worse, same: numbers of consultations, by what is better in this measure.
        verdict: "better" or "worse" where chance is an unlikely explanation, else "no difference shown".
    """

    figure: Figure
    p: float
    p_holm: float
    better: int
    worse: int
    same: int
    verdict: str


@dataclass(frozen=True)
class Comparison:
    """A run against the reference: the headline measures, and each consultation's change in nDCG@10."""

    run: str
    reference: str
    differences: Mapping[str, Difference]
    moved: Mapping[str, float]


def compare(run: str, values: pd.DataFrame, reference: str, reference_values: pd.DataFrame) -> Comparison:
    """Compare two runs over the same consultations.

    Args:
        run: name of the run that was tried.
        values: its measures (see ``measure_run``).
        reference: name of the run to compare with.
        reference_values: its measures, over the same consultations.
    """
    changes = {name: (values[name] - reference_values[name]).dropna() for name in HEADLINES}
    p_values = {name: permutation_p(change) for name, change in changes.items()}
    corrected = dict(zip(HEADLINES, holm([p_values[name] for name in HEADLINES]), strict=True))
    differences = {name: _difference(name, changes[name], p_values[name], corrected[name]) for name in HEADLINES}
    moved = changes[MOVED_BY][changes[MOVED_BY].abs() > SMALLEST_MOVE].sort_values(kind="stable")
    return Comparison(run, reference, differences, {str(key): float(change) for key, change in moved.items()})


def _difference(name: str, change: pd.Series[float], p: float, p_holm: float) -> Difference:
    gained = change * BY_NAME[name].better
    better, worse = int((gained > SMALLEST_MOVE).sum()), int((gained < -SMALLEST_MOVE).sum())
    verdict = "no difference shown" if p_holm >= SIGNIFICANT else "better" if gained.mean() > 0 else "worse"
    return Difference(figure(change), p, p_holm, better, worse, len(change) - better - worse, verdict)
