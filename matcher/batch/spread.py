"""Spreading people over services: who gets another first suggestion, so that no small service is everybody's first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from scipy.optimize import LinearConstraint, milp
from scipy.sparse import coo_array, eye_array, hstack

from matcher.batch.rows import Answered, Row
from matcher.domain import MatcherError, Standing

CLOSE = 0.1
"""How much less of the best score a service may have and still come first: no more, it would fit clearly worse."""
TOO_MANY = 10.0
"""The price of one person above a cap: more than any score, so that a cap is broken only where it must be."""
WHY = "Put first so that people are spread over services"

SWAP_SCHEMA = pa.schema(
    [
        ("consultation_id", pa.string()),
        ("first_before", pa.string()),
        ("first_now", pa.string()),
        ("score_before", pa.float64()),
        ("score_now", pa.float64()),
        ("cost", pa.float64()),
    ]
)


@dataclass(frozen=True, slots=True)
class Swap:
    """What may come first for one person, and what that costs the person. ``place`` 0 is the list as it is."""

    consultation_id: str
    service_id: str
    before: str
    now: str
    place: int
    score_before: float
    score_now: float

    @property
    def cost(self) -> float:
        """By how much less the person's first suggestion suits; never below 0."""
        return max(0.0, round(self.score_before - self.score_now, 6))

    def as_row(self) -> Row:
        """A row of ``SWAP_SCHEMA``."""
        return {
            "consultation_id": self.consultation_id,
            "first_before": self.before,
            "first_now": self.now,
            "score_before": self.score_before,
            "score_now": self.score_now,
            "cost": self.cost,
        }


def plan_swaps(answers: Iterable[Answered], cap: int) -> Mapping[int, Swap]:
    """Swaps by the caseload's row, so that each service is first for at most ``cap`` people, at the least cost to all.

    A person is offered the first of the list and what comes within ``CLOSE`` of it and stands no worse. The choice is
    a transport problem, people to services with caps, and is solved exactly.
    A cap is exceeded only where too few people have a close alternative.
    """
    offers = {answered.row: _offers(answered) for answered in answers if answered.suggestions}
    first = Counter(swaps[0].service_id for swaps in offers.values())
    if not first or max(first.values()) <= cap:
        return {}
    chosen = _cheapest(list(offers.values()), cap)
    return {row: swap for row, swap in zip(offers, chosen, strict=True) if swap.place > 0}


def with_swap(answered: Answered, swap: Swap | None) -> Answered:
    """The answer with its list in the new order."""
    if swap is None:
        return answered
    listed = list(answered.suggestions)
    moved = listed.pop(swap.place)
    ordered = [{**moved, "reasons": [*moved["reasons"], WHY]}, *listed]
    return replace(answered, suggestions=[{**row, "rank": rank} for rank, row in enumerate(ordered, start=1)])


def _offers(answered: Answered) -> list[Swap]:
    """What may come first for one person: the first of the list, and whatever is as good or close to it."""
    best, offers = answered.suggestions[0], []
    for place, (row, score) in enumerate(zip(answered.suggestions, answered.alone, strict=True)):
        close = score >= (1 - CLOSE) * best["score"] and Standing[row["standing"]] >= Standing[best["standing"]]
        if place == 0 or close:
            names = (best["service_name"], row["service_name"])
            offers.append(Swap(row["consultation_id"], row["service_id"], *names, place, best["score"], score))
    return offers


def _cheapest(offers: list[list[Swap]], cap: int) -> list[Swap]:
    """For each person the offer that comes first."""
    pairs = [swap for listed in offers for swap in listed]
    services = {name: i for i, name in enumerate(sorted({swap.service_id for swap in pairs}))}
    people = np.repeat(np.arange(len(offers)), [len(listed) for listed in offers])
    columns = np.array([services[swap.service_id] for swap in pairs])
    each, every = np.ones(len(pairs)), np.arange(len(pairs))
    one_each = coo_array((each, (people, every)), shape=(len(offers), len(pairs)))
    taken = coo_array((each, (columns, every)), shape=(len(services), len(pairs)))
    above = -eye_array(len(services))
    solution = milp(
        np.concatenate([[swap.cost for swap in pairs], np.full(len(services), TOO_MANY)]),
        constraints=[
            LinearConstraint(hstack([taken, above]), ub=cap),
            LinearConstraint(hstack([one_each, coo_array((len(offers), len(services)))]), lb=1, ub=1),
        ],
        integrality=np.ones(len(pairs) + len(services), dtype=np.int8),
    )
    if solution.x is None:
        raise MatcherError("people cannot be spread over services; run again without --spread")
    return [swap for swap, share in zip(pairs, solution.x, strict=False) if share > 0.5]
