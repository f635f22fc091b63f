"""Can this person use this service: a verdict a row, and the sentence for it when asked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.domain import Standing
from matcher.eligibility.limits import ServiceLimits, read_limits
from matcher.eligibility.person import Person, read_person
from matcher.eligibility.rules import (
    CHECK,
    FITS,
    NEAR_MISS,
    RULED_OUT,
    RULES,
    Case,
    EligibilityConfig,
    Rule,
    Verdict,
    distances_from,
)

__all__ = [
    "CHECK",
    "FITS",
    "NEAR_MISS",
    "RULED_OUT",
    "RULES",
    "Case",
    "EligibilityConfig",
    "Person",
    "Screen",
    "ServiceLimits",
    "distances_from",
    "read_limits",
    "read_person",
    "screen",
]


@dataclass(frozen=True, eq=False)
class Screen:
    """The outcome of all rules over the rows of a case."""

    case: Case
    standing: Verdict
    verdicts: tuple[tuple[Rule, Verdict], ...]

    @property
    def usable(self) -> NDArray[np.bool_]:
        """Rows that may be shown."""
        return np.asarray(self.standing > RULED_OUT)

    def counts(self) -> dict[str, int]:
        """How many services each rule is the first to rule out."""
        left = np.ones(len(self.standing), dtype=bool)
        counts = {}
        for rule, verdict in self.verdicts:
            out = left & (verdict == RULED_OUT)
            if out.any():
                counts[rule.code] = int(out.sum())
            left &= ~out
        return counts

    def sentences(self, place: int, standing: Standing) -> list[tuple[str, str]]:
        """Code and sentence of every rule that gives one row exactly this standing."""
        return [(rule.code, rule.sentence(self.case, place)) for rule, v in self.verdicts if v[place] == int(standing)]


def screen(case: Case) -> Screen:
    """Apply every rule that is not switched off; the worst verdict is a row's standing."""
    verdicts = tuple((rule, rule.verdict(case)) for rule in RULES if rule.code not in case.config.off)
    standing = np.full(len(case.rows), FITS, dtype=np.int8)
    for _, verdict in verdicts:
        np.minimum(standing, verdict, out=standing)
    return Screen(case, standing, verdicts)
