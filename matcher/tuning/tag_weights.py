"""Need -> offer weights: how far each expert weight should move for better services to come before worse ones.

A pairwise logistic regression (Burges et al., ICML 2005) with a ridge towards the expert weights. A link's weight moves
by what is learnt of its offer and what is learnt of itself, so that a little evidence about "befriending" in many
consultations counts for all needs that lead to it. Weights stay above 0 because they are multiplied, never added to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_array, vstack

from matcher.domain import ConceptId, ServiceId
from matcher.engine import Engine, Reading
from matcher.evaluation.judgements import GAINS
from matcher.ranking import RankingConfig
from matcher.tuning.fusion import fused

Link = tuple[ConceptId, ConceptId]

MARGIN = 0.05
"""A difference of scores that is clear: the logistic's unit."""
MOST = float(np.log(2))
"""No weight is moved beyond half or twice the expert's."""
RIVALS = 30
"""So many of the best services of the start compete with the judged ones."""
SMALLEST_CHANGE = 0.02
"""Smaller moves are not written: nobody would see a difference, and the file stays readable."""


@dataclass(frozen=True, eq=False)
class Example:
    """One consultation's rival services.

    Attributes:
        by_link: what each link adds to each service's score. Shape (rivals, links).
        rest: what else the score is made of. Shape (rivals,).
        gains: of the judges' grades. Shape (rivals,).
    """

    by_link: csr_array
    rest: NDArray[np.float64]
    gains: NDArray[np.float64]


def example_of(
    engine: Engine,
    reading: Reading,
    grades: Mapping[ServiceId, int],
    config: RankingConfig,
    links: Mapping[Link, int],
) -> Example:
    """What links do to one consultation's order, taking the best link of each need as given.

    Args:
        engine: that made the reading.
        reading: with all fusion weights at 1.
        grades: the judges' grades by service id.
        config: the fusion weights.
        links: the place of each link.
    """
    parts = fused(reading.parts, config)
    base, factor = parts.base(), parts.factor()
    judged = {row for row, service_id in enumerate(engine.ids) if service_id in grades}
    best = np.argsort(-base, kind="stable")[:RIVALS].tolist()
    rivals = sorted(row for row in judged | set(best) if base[row] > 0)
    cells: dict[tuple[int, int], float] = {}
    for place, row in enumerate(rivals):
        for part in engine.index.fusion.tags.contributions(reading.profile, row):
            link = links.get((part.concept or "", part.offer or ""))
            if link is not None:
                value = float(parts.facets[part.facet, row] * factor[row])
                cells[place, link] = cells.get((place, link), 0.0) + value
    at = np.array(list(cells), dtype=np.int64).reshape(-1, 2)
    by_link = csr_array((list(cells.values()), (at[:, 0], at[:, 1])), shape=(len(rivals), len(links)))
    gains = np.array([GAINS.get(grades.get(engine.ids[row], 0), 0) for row in rivals], dtype=np.float64)
    return Example(by_link, base[rivals] - np.asarray(by_link.sum(axis=1)).ravel(), gains)


def fit_weights(
    examples: Sequence[Example], links: Mapping[Link, float], ridge: float, power: float
) -> dict[ConceptId, dict[ConceptId, float]]:
    """The need -> offer weights that should change, and to what.

    Args:
        examples: consultations to learn from.
        links: the expert weights, in the order of the examples' columns.
        ridge: strength of the pull towards the expert weights.
        power: what the tag scorer raises weights to.
    """
    names = list(links)
    moved = _moves(examples, names, ridge, power)
    found: dict[ConceptId, dict[ConceptId, float]] = {}
    for (need, offer), move in zip(names, moved, strict=True):
        before = links[need, offer]
        after = round(min(1.0, before * float(np.exp(move))), 3)
        if abs(after - before) >= SMALLEST_CHANGE:
            found.setdefault(need, {})[offer] = after
    return found


def _moves(examples: Sequence[Example], names: Sequence[Link], ridge: float, power: float) -> NDArray[np.float64]:
    """The logarithm of each link's factor. Shape (links,)."""
    pairs, worth, starts = _pairs(examples)
    if not len(worth):
        return np.zeros(len(names))
    by_link = csr_array(vstack([example.by_link for example in examples]))
    rest = np.concatenate([example.rest for example in examples])
    shared = _offer_of(names)
    better, worse = pairs[:, 0], pairs[:, 1]

    def loss(theta: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        factors = np.exp(power * (shared @ theta))
        scores = by_link @ factors + rest
        margins = (scores[better] - scores[worse]) / MARGIN
        pull = -worth / (1 + np.exp(np.clip(margins, -50, 50))) / MARGIN
        by_row = np.bincount(better, pull, len(rest)) - np.bincount(worse, pull, len(rest))
        slope = shared.T @ (power * factors * (by_link.T @ by_row))
        value = float(worth @ np.logaddexp(0, -margins)) + ridge * len(starts) * float(theta @ theta)
        return value, np.asarray(slope + 2 * ridge * len(starts) * theta)

    numbers = shared.shape[1]
    result = minimize(
        loss, np.zeros(numbers), jac=True, method="L-BFGS-B", bounds=[(-MOST, MOST)] * numbers, options={"maxiter": 60}
    )
    return np.asarray(np.clip(shared @ result.x, -MOST, MOST))


def _pairs(examples: Sequence[Example]) -> tuple[NDArray[np.int64], NDArray[np.float64], list[int]]:
    """Rows (better, worse) of one consultation, what each pair is worth (1 a consultation), where each one starts."""
    starts = [0, *np.cumsum([len(example.gains) for example in examples]).tolist()][:-1]
    found, worth = [np.zeros((0, 2), dtype=np.int64)], [np.zeros(0)]
    for start, example in zip(starts, examples, strict=True):
        better, worse = np.nonzero(example.gains[:, None] > example.gains[None, :])
        difference = example.gains[better] - example.gains[worse]
        found.append(np.stack([better, worse], axis=1) + start)
        worth.append(difference / difference.sum() if len(difference) else difference)
    return np.concatenate(found), np.concatenate(worth), starts


def _offer_of(names: Sequence[Link]) -> csr_array:
    """A link's move is its own number plus its offer's. Shape (links, links + offers)."""
    offers = {offer: place for place, offer in enumerate(dict.fromkeys(offer for _, offer in names))}
    links = len(names)
    rows = np.tile(np.arange(links), 2)
    columns = np.concatenate([np.arange(links), np.array([links + offers[offer] for _, offer in names])])
    return csr_array((np.ones(2 * links), (rows, columns.astype(np.int64))), shape=(links, links + len(offers)))
