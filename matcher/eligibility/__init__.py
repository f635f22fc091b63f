"""Can this person use this service: a verdict a row, and the sentence for it when asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from matcher.domain import Standing
from matcher.eligibility.case import Case, EligibilityConfig
from matcher.eligibility.limits import ServiceLimits, read_limits
from matcher.eligibility.person import Person, read_person
from matcher.eligibility.reach import Reach
from matcher.eligibility.rules import (
    CHECK,
    FITS,
    NEAR_MISS,
    RULED_OUT,
    RULES,
    Rule,
    Verdict,
)

__all__ = [
    "CHECK",
    "FITS",
    "NEAR_MISS",
    "RULED_OUT",
    "RULES",
    "Admitted",
    "Case",
    "EligibilityConfig",
    "Person",
    "Reach",
    "Screen",
    "ServiceLimits",
    "admit",
    "read_limits",
    "read_person",
    "screen",
]


@dataclass(frozen=True, eq=False)
class Screen:
    """The outcome over the rows of a case of all rules that have something to say."""

    case: Case
    standing: Verdict
    verdicts: tuple[tuple[Rule, Verdict], ...]

    @property
    def usable(self) -> NDArray[np.bool_]:
        """Rows that may be shown."""
        return np.asarray(self.standing > RULED_OUT)

    @property
    def near_miss(self) -> NDArray[np.bool_]:
        """Rows for which some rule is a near miss, whatever the others say."""
        missed = np.zeros(len(self.standing), dtype=bool)
        for _, verdict in self.verdicts:
            missed |= verdict == NEAR_MISS
        return missed

    def sentences(self, place: int, standing: Standing) -> list[tuple[str, str]]:
        """Code and sentence of every rule that gives one row exactly this standing."""
        return [(rule.code, rule.sentence(self.case, place)) for rule, v in self.verdicts if v[place] == int(standing)]


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
    given = ((rule, rule.verdict(case)) for rule in _rules(case))
    verdicts = tuple((rule, verdict) for rule, verdict in given if verdict is not None)
    standing = np.full(len(case.rows), FITS, dtype=np.int8)
    for _, verdict in verdicts:
        np.minimum(standing, verdict, out=standing)
    return Screen(case, standing, verdicts)


def admit(case: Case) -> Admitted:
    """Apply rule after rule, each to the rows that the ones before it have left.

    Rules on kinds of limits are tested on one service of each kind, and all of them at once.
    """
    near_miss = np.zeros(len(case.rows), dtype=bool)
    counts: dict[str, int] = {}
    for rules in _steps(case):
        outcome = _outcome(rules, case) if len(rules) == 1 else _outcome_by_kind(rules, case)
        if outcome is None:
            continue
        first, missed = outcome
        near_miss |= missed
        left = np.flatnonzero(first == len(rules))
        if len(left) < len(first):
            found = np.bincount(first, minlength=len(rules)).tolist()
            counts |= {rule.code: n for rule, n in zip(rules, found, strict=False) if n}
            case, near_miss = case.only(left), near_miss[left]
    return Admitted(case, near_miss, counts)


def _steps(case: Case) -> Iterator[list[Rule]]:
    """The rules in their order, those on kinds of limits that follow one another together."""
    for of_kind, group in groupby(_rules(case), key=attrgetter("of_kind")):
        rules = list(group)
        yield from [rules] if of_kind else ([rule] for rule in rules)


_Outcome = tuple[NDArray[np.int8], NDArray[np.bool_]]
"""Of each row which of some rules is the first to rule it out (their number: none), and whether any misses it."""


def _outcome(rules: Sequence[Rule], case: Case) -> _Outcome | None:
    """``None`` where the rules have nothing to say."""
    given = [(number, verdict) for number, rule in enumerate(rules) if (verdict := rule.verdict(case)) is not None]
    if not given:
        return None
    numbers, verdicts = np.array([[number] for number, _ in given], dtype=np.int8), np.array([v for _, v in given])
    first = np.where(verdicts == RULED_OUT, numbers, np.int8(len(rules))).min(axis=0)
    return first, (verdicts == NEAR_MISS).any(axis=0)


def _outcome_by_kind(rules: Sequence[Rule], case: Case) -> _Outcome | None:
    examples = case.limits.examples
    if len(examples) >= len(case.rows):
        return _outcome(rules, case)
    kinds, of_kinds = case.limits.kind.take(case.rows), _outcome(rules, case.at(examples))
    return of_kinds and (of_kinds[0].take(kinds), of_kinds[1].take(kinds))


def _rules(case: Case) -> Iterator[Rule]:
    return (rule for rule in RULES if rule.code not in case.config.off)
