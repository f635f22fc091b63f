"""Can this person use this service? The rules, each with its code and the sentence that tells its verdict.

What a rule says of a service stands in :mod:`matcher.eligibility.verdicts`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from matcher.eligibility.case import Case
from matcher.eligibility.limits import restriction_sentence
from matcher.eligibility.sentences import (
    age_sentence,
    cost_sentence,
    distance_sentence,
    sessions_sentence,
    sex_sentence,
)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule's code, and the sentence for one row of a case (called only when asked)."""

    code: str
    sentence: Callable[[Case, int], str]


RULES: tuple[Rule, ...] = (
    Rule("distance", distance_sentence),
    Rule("closed", lambda case, i: "the directory says it is closed or has ended"),
    Rule("duplicate", lambda case, i: "another entry of the same service is shown instead"),
    Rule("age", age_sentence),
    Rule("sex", sex_sentence),
    Rule("modes", lambda case, i: "not offered in a way the person can use (in person, online, phone, at home)"),
    Rule("contact", lambda case, i: "reaches people by phone or at home, which may not be safe here"),
    Rule("cost", cost_sentence),
    Rule(
        "access",
        lambda case, i: (
            "has steps" if case.limits.has_steps[case.rows[i]] else "the directory does not say whether it is step-free"
        ),
    ),
    Rule("restricted", lambda case, i: restriction_sentence(case.limits, int(case.rows[i]))),
    Rule("full", lambda case, i: "the directory says it is full"),
    Rule("already_tried", lambda case, i: "the person has tried it"),
    Rule("availability", sessions_sentence),
    Rule("declined", lambda case, i: "is what the person said they do not want"),
)
