"""Can this person use this service: a verdict a row, and the sentence for it when asked."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from matcher.domain import Standing
from matcher.eligibility.case import Case, EligibilityConfig
from matcher.eligibility.limits import ServiceLimits, read_limits
from matcher.eligibility.person import Person, read_person
from matcher.eligibility.reach import Reach, Spans
from matcher.eligibility.rules import RULES, Rule
from matcher.eligibility.verdicts import Columns, Declined

__all__ = [
    "RULES",
    "Admitted",
    "Case",
    "Columns",
    "Declined",
    "EligibilityConfig",
    "Person",
    "Reach",
    "Screen",
    "ServiceLimits",
    "Spans",
    "admit",
    "read_limits",
    "read_person",
    "screen",
]


@dataclass(frozen=True, eq=False)
class Screen:
    """The outcome over the rows of a case of all rules that have something to say."""

    case: Case
    standing: NDArray[np.int8]
    verdicts: tuple[tuple[Rule, NDArray[np.int8]], ...]

    @property
    def usable(self) -> NDArray[np.bool_]:
        """Rows that may be shown."""
        return np.asarray(self.standing > Standing.ruled_out)

    @property
    def near_miss(self) -> NDArray[np.bool_]:
        """Rows for which some rule is a near miss, whatever the others say."""
        missed = np.zeros(len(self.standing), dtype=bool)
        for _, verdict in self.verdicts:
            missed |= verdict == Standing.near_miss
        return missed

    @cached_property
    def _by_place(self) -> list[tuple[int, ...]]:
        """What each rule says, row by row."""
        return list(zip(*(verdict.tolist() for _, verdict in self.verdicts), strict=True)) or [()] * len(self.standing)

    def sentences(self, place: int, standing: Standing) -> list[tuple[str, str]]:
        """Code and sentence of every rule that gives one row exactly this standing."""
        if standing not in self._by_place[place]:
            return []
        given = zip(self.verdicts, self._by_place[place], strict=True)
        return [(rule.code, rule.sentence(self.case, place)) for (rule, _), said in given if said == standing]


@dataclass(frozen=True, eq=False)
class Admitted:
    """The services that no rule rules out: what :func:`screen` leaves, found without testing the others any further.

    Attributes:
        case: the same case, with the rows that are left.
        near_miss: which of these are a near miss. Shape as ``case.rows``.
        counts: how many services each rule was the first to rule out.
    """

    case: Case
    near_miss: NDArray[np.bool_]
    counts: dict[str, int]


def screen(case: Case) -> Screen:
    """Apply every rule that is not switched off to every row; the worst verdict is a row's standing."""
    given = case.given()
    verdicts = tuple((rule, given[rule.code]) for rule in RULES if rule.code in given)
    standing = np.full(len(case.rows), Standing.fits, dtype=np.int8)
    for _, verdict in verdicts:
        np.minimum(standing, verdict, out=standing)
    return Screen(case, standing, verdicts)


def admit(asked: Case, spans: Spans) -> Admitted:
    """Apply rule after rule to the services in some spans until one rules a service out, whatever the case's rows."""
    rows, near_miss, counts = asked.verdicts.admit(*spans)
    return Admitted(asked.at(rows), near_miss, counts)
