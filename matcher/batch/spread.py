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
    """One person's first suggestion gives way to another of the same list, and what that costs the person."""

    consultation_id: str
    before: str
    now: str
    place: int
    score_before: float
    score_now: float

    def as_row(self) -> Row:
        """A row of ``SWAP_SCHEMA``."""
        return {
            "consultation_id": self.consultation_id,
            "first_before": self.before,
            "first_now": self.now,
            "score_before": self.score_before,
            "score_now": self.score_now,
            "cost": round(self.score_before - self.score_now, 6),
        }


def plan_swaps(answers: Iterable[Answered], cap: int) -> Mapping[int, Swap]:
    """Swaps by the caseload's row, so that each service is first for at most ``cap`` people, at the least cost to all.

    A person is offered the first of the list and what comes within ``CLOSE`` of it and stands no worse. The choice is
    a transport problem, people to services with caps, and is solved exactly.
    A cap is exceeded only where too few people have a close alternative.
    """
    offers = {a.row: _close(a.suggestions) for a in answers if a.suggestions}
    first = Counter(rows[0]["service_id"] for rows in offers.values())
    if not first or max(first.values()) <= cap:
        return {}
    chosen = _cheapest(list(offers.values()), cap)
    return {row: _swap(listed, place) for (row, listed), place in zip(offers.items(), chosen, strict=True) if place > 0}


def with_swap(answered: Answered, swap: Swap | None) -> Answered:
    """The answer with its list in the new order."""
    if swap is None:
        return answered
    listed = list(answered.suggestions)
    moved = listed.pop(swap.place)
    ordered = [{**moved, "reasons": [*moved["reasons"], WHY]}, *listed]
    return replace(answered, suggestions=[{**row, "rank": rank} for rank, row in enumerate(ordered, start=1)])


def _close(suggestions: list[Row]) -> list[Row]:
    best = suggestions[0]
    return [
        row
        for row in suggestions
        if row is best
        or (row["score"] >= (1 - CLOSE) * best["score"] and Standing[row["standing"]] >= Standing[best["standing"]])
    ]


def _cheapest(offers: list[list[Row]], cap: int) -> list[int]:
    """For each person the place of the offer that comes first."""
    services = {name: i for i, name in enumerate(sorted({row["service_id"] for rows in offers for row in rows}))}
    people = np.repeat(np.arange(len(offers)), [len(rows) for rows in offers])
    pairs = [row for rows in offers for row in rows]
    columns = np.array([services[row["service_id"]] for row in pairs])
    cost = np.array([rows[0]["score"] - row["score"] for rows in offers for row in rows])
    each, every = np.ones(len(pairs)), np.arange(len(pairs))
    one_each = coo_array((each, (people, every)), shape=(len(offers), len(pairs)))
    taken = coo_array((each, (columns, every)), shape=(len(services), len(pairs)))
    above = -eye_array(len(services))
    solution = milp(
        np.concatenate([cost, np.full(len(services), TOO_MANY)]),
        constraints=[
            LinearConstraint(hstack([taken, above]), ub=cap),
            LinearConstraint(hstack([one_each, coo_array((len(offers), len(services)))]), lb=1, ub=1),
        ],
        integrality=np.ones(len(pairs) + len(services), dtype=np.int8),
    )
    if solution.x is None:
        raise MatcherError("people cannot be spread over services; run again without --spread")
    picked = every[solution.x[: len(pairs)] > 0.5]
    starts = np.concatenate([[0], np.cumsum([len(rows) for rows in offers])[:-1]])
    return [int(place) for place in picked - starts]


def _swap(listed: list[Row], place: int) -> Swap:
    best, row = listed[0], listed[place]
    return Swap(
        row["consultation_id"], best["service_name"], row["service_name"], row["rank"] - 1, best["score"], row["score"]
    )
