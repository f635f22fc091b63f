"""What can be left out of the engine to see what it is worth: a scorer, a rule or several, a part of the ranking."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from matcher.domain import SettingsError
from matcher.eligibility import RULES
from matcher.settings import SCORERS, Settings

EACH = "each"
PARTS = {
    "implied": ("ranking__implied", 0.0),
    "near": ("ranking__near", 0.0),
    "coverage": ("ranking__coverage", 1.0),
    "alike": ("ranking__alike", 1.0),
    "far": ("ranking__far", 1.0),
    "near_miss": ("ranking__near_miss", 1.0),
    "not_for_them": ("ranking__not_for_them", 1.0),
    "not_support": ("ranking__not_support", 1.0),
    "unsure": ("ranking__unsure", 1.0),
    "disliked": ("ranking__disliked", 1.0),
}
"""Parts of the ranking, and the setting that leaves each out."""

_BY_KIND = {
    "not_there": ("closed", "duplicate"),
    "for_others": ("age", "sex", "restricted", "full"),
    "out_of_reach": ("modes", "contact", "distance", "cost", "availability", "access"),
    "unwanted": ("declined", "already_tried"),
}
RULE_GROUPS: Mapping[str, tuple[str, ...]] = {**_BY_KIND, "all_rules": tuple(rule.code for rule in RULES)}
"""Eligibility rules that are of a kind, and all of them: what the screen as a whole is worth."""


MEANINGS = {
    "tags": "the scorer of needs and interests against offers, by the tag weights",
    "lexical": "the scorer of shared words",
    "semantic": "the scorer of likeness in meaning, by the sentence encoder",
    "implied": "what age, gender and language imply without being said",
    "near": "a little more for what is close by",
    "coverage": "a need counts less once a service above meets it",
    "alike": "a service counts less when one above is mainly the same",
    "far": "marked down: may be beyond reach",
    "near_miss": "marked down: a little over the person's own limits",
    "not_for_them": "marked down: for a group that the person does not seem to belong to",
    "not_support": "marked down: a shop, a lender, a vacancy",
    "unsure": "marked down: a further condition may not be met",
    "disliked": "marked down: something declined is a part of it",
    **{name: f"the rules {', '.join(codes)}" for name, codes in _BY_KIND.items()},
    "all_rules": "the whole screen: also what the person cannot use is suggested",
}
"""What is gone when a part is left out; rules say it by their own sentences."""


def without_part(name: str) -> Callable[[Settings], Settings]:
    """What leaves one scorer, rule, group of rules or part of the ranking out of any settings.

    Raises:
        SettingsError: nothing is called so.
    """
    if name in SCORERS:
        return lambda s: s.changed(scorers=tuple(scorer for scorer in s.scorers if scorer != name))
    if name in PARTS:
        setting, value = PARTS[name]
        return lambda s: s.changed(**{setting: value})
    if codes := RULE_GROUPS.get(name, tuple(rule.code for rule in RULES if rule.code == name)):
        return lambda s: s.changed(eligibility__off=(*s.eligibility.off, *codes))
    raise SettingsError(f"--without: there is no such part; use {EACH}, {', '.join(part_names())}")


def part_names() -> list[str]:
    """All that can be left out: scorers, then eligibility rules and groups of them, then parts of the ranking."""
    return list(dict.fromkeys([*SCORERS, *(rule.code for rule in RULES), *RULE_GROUPS, *PARTS]))


def named_parts(without: Iterable[str]) -> list[str]:
    """The parts that were asked for, ``each`` replaced by all of them."""
    return list(dict.fromkeys(part for name in without for part in (part_names() if name == EACH else [name])))
