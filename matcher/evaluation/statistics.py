"""Honest uncertainty: bootstrap intervals, a paired permutation test, Holm's correction, the Gini coefficient."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import DegenerateDataWarning, bootstrap, permutation_test

SEED = 20261101
"""Fixed, so that a report made twice is the same report."""
RESAMPLES = 9999
CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Figure:
    """A mean with its 95% bootstrap interval over ``n`` consultations; ``None`` where there is nothing to average."""

    mean: float | None
    low: float | None
    high: float | None
    n: int


def figure(values: ArrayLike) -> Figure:
    """The mean of per-consultation values and its interval; NaN means "does not apply here" and is left out.

    The interval is the bias-corrected and accelerated bootstrap (Efron 1987) over consultations. Values that are all
    the same, or a single one, give no interval.
    """
    found = _known(values)
    if not len(found):
        return Figure(None, None, None, 0)
    mean = float(found.mean())
    if np.ptp(found) == 0:
        bound = mean if len(found) > 1 else None
        return Figure(mean, bound, bound, len(found))
    low, high = _interval(found)
    return Figure(mean, low, high, len(found))


def whole_figure(value: float, n: int) -> Figure:
    """A figure of a run as a whole: there is nothing to resample, so it has no interval."""
    return Figure(None if np.isnan(value) else value, None, None, n)


def difference_figure(first_group: ArrayLike, second_group: ArrayLike) -> Figure:
    """The difference of two groups' means with its percentile bootstrap interval; ``n`` is the smaller group."""
    first, second = _known(first_group), _known(second_group)
    if min(len(first), len(second)) < 2:
        return Figure(None, None, None, min(len(first), len(second)))
    rng = np.random.default_rng(SEED)
    draws = [group[rng.integers(len(group), size=(RESAMPLES, len(group)))].mean(axis=1) for group in (first, second)]
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(draws[0] - draws[1], (tail, 1 - tail))
    return Figure(float(first.mean() - second.mean()), float(low), float(high), min(len(first), len(second)))


def permutation_p(differences: ArrayLike) -> float:
    """Two-sided p of "which run is which does not matter": signs of the paired differences are swapped at random.

    Exact below 14 pairs, else 9,999 random swaps (Smucker, Allan and Carterette, CIKM 2007).
    """
    found = _known(differences)
    if len(found) < 2 or not np.any(found):
        return 1.0  # with one pair, both signs are as far from nothing
    result = permutation_test(
        (found,),
        lambda x, axis: np.mean(x, axis=axis),
        permutation_type="samples",
        n_resamples=RESAMPLES,
        vectorized=True,
        rng=np.random.default_rng(SEED),
    )
    return float(result.pvalue)


def holm(p_values: Sequence[float]) -> list[float]:
    """P values corrected for having asked several questions at once (Holm 1979), in the order given."""
    corrected = [0.0] * len(p_values)
    running = 0.0
    for place, index in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        running = max(running, min(1.0, (len(p_values) - place) * p_values[index]))
        corrected[index] = running
    return corrected


def gini(amounts: ArrayLike) -> float:
    """How unequal amounts are: 0 all equal, towards 1 all in one hand; NaN when there is nothing to share.

    ``sum over pairs |x - y| / (2 n^2 mean)``, computed on sorted amounts.
    """
    ordered = np.sort(np.asarray(amounts, dtype=np.float64))
    n, total = len(ordered), ordered.sum()
    if not n or total <= 0:
        return float("nan")
    places = np.arange(1, n + 1)
    return float(np.sum((2 * places - n - 1) * ordered) / (n * total))


def _interval(values: NDArray[np.float64]) -> tuple[float, float]:
    """BCa where it is defined, else (very few or lopsided values) the plain percentile interval."""
    for method in ("BCa", "percentile"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DegenerateDataWarning)
            found = bootstrap(
                (values,),
                np.mean,
                n_resamples=RESAMPLES,
                confidence_level=CONFIDENCE,
                method=method,
                rng=np.random.default_rng(SEED),
            ).confidence_interval
        if np.isfinite([found.low, found.high]).all():
            break
    return float(found.low), float(found.high)


def _known(values: ArrayLike) -> NDArray[np.float64]:
    found = np.asarray(values, dtype=np.float64)
    return found[~np.isnan(found)]
