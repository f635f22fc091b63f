"""Can this person use this service? Each rule is a small function over columns, with a code and a sentence.

A verdict is a :class:`Standing` a row. Limits that the service sets are hard; the person's own limits on distance and
cost have a margin in which a service is a near miss; what the directory does not say is something to check and never
excludes.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.catalogue.columns import IN_PERSON, NO_DAY, REMOTE, day_number, mode_mask
from matcher.domain import Standing
from matcher.eligibility.case import Case, furthest_km, reach_km
from matcher.eligibility.limits import ANYONE, MEN, PRIVATE, TENANTS, WOMEN, restriction_sentence
from matcher.eligibility.sentences import (
    age_sentence,
    cost_sentence,
    distance_sentence,
    sessions_sentence,
    sex_sentence,
)
from matcher.sparse import among
from matcher.times import SLOT_MINUTES, SLOTS, WeekGrid

ADULT_AGE = 20
RULED_OUT, NEAR_MISS, CHECK, FITS = (int(s) for s in Standing)
Verdict = NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule's code, its verdict over all rows of a case, and the sentence for one row (called only when asked).

    A rule that has nothing to say of this person gives no verdict: every row fits. One ``of_kind`` says the same of all
    services of one kind of limits (``ServiceLimits.kind``).
    """

    code: str
    verdict: Callable[[Case], Verdict | None]
    sentence: Callable[[Case, int], str]
    of_kind: bool = True


_ALL_MODES = np.uint8(0b1111)
_RULED_OUT, _NEAR_MISS, _CHECK, _FITS = (np.int8(s) for s in Standing)


def _verdict(ruled_out: NDArray[np.bool_], check: NDArray[np.bool_] | None = None) -> Verdict:
    return np.where(ruled_out, _RULED_OUT, _FITS if check is None else np.where(check, _CHECK, _FITS))


def _closed(case: Case) -> Verdict:
    ends = case.catalogue.ends_day.take(case.rows)
    ended = (ends != NO_DAY) & (ends < day_number(case.person.as_of))
    return _verdict(case.limits.closed.take(case.rows) | ended)


def _full(case: Case) -> Verdict:
    return _verdict(case.limits.full.take(case.rows))


def _age(case: Case) -> Verdict:
    low, high = case.limits.min_age.take(case.rows), case.limits.max_age.take(case.rows)
    if not case.person.ages:
        return np.where(np.isnan(low) & np.isnan(high), _FITS, _CHECK)
    inside = np.zeros(len(low), dtype=bool)
    for age in case.person.ages:
        inside |= ~((age < low) | (math.floor(age) > high))
    children_known = any(age < ADULT_AGE for age in case.person.ages[1:])
    for_a_child = case.person.has_child & (not children_known) & (high < ADULT_AGE)
    return _verdict(~inside & ~for_a_child, ~inside & for_a_child)


def _sex(case: Case) -> Verdict:
    sex, gender = case.limits.sex.take(case.rows), case.person.gender
    if gender not in ("woman", "man"):
        return np.where(sex == ANYONE, _FITS, _CHECK)
    verdict = _verdict(sex == (MEN if gender == "woman" else WOMEN))
    if case.person.own_sex_only:
        verdict[(sex == ANYONE) & (case.catalogue.mode_bits.take(case.rows) == IN_PERSON)] = NEAR_MISS
    return verdict


def _restricted(case: Case) -> Verdict:
    restriction = case.limits.restriction.take(case.rows)
    barred = restriction == PRIVATE
    if case.person.social_tenant is False:
        barred |= restriction == TENANTS
    return _verdict(barred, restriction > 0)


def _mode_bits(case: Case) -> NDArray[np.uint8]:
    """Modes that both sides accept; a side that names none accepts all."""
    bits = case.catalogue.mode_bits.take(case.rows)
    return np.where(bits == 0, _ALL_MODES, bits) & _wanted_bits(case)


def _wanted_bits(case: Case) -> np.uint8:
    """The modes that the person accepts; who meets people in person may be visited."""
    wanted = mode_mask(case.person.modes)
    if wanted & IN_PERSON:
        wanted |= mode_mask(("home_visit",))
    return np.uint8(wanted) if wanted else _ALL_MODES


def _modes(case: Case) -> Verdict | None:
    if not case.person.modes:
        return None
    return _verdict(_mode_bits(case) == 0)


def _distance(case: Case) -> Verdict | None:
    """For those that the person would reach online or by phone it is all the same where they are."""
    if case.person.place is None and case.person.max_distance_km is None:
        return None
    bits = case.catalogue.mode_bits.take(case.rows)
    concerned = np.flatnonzero((bits == 0) | ((bits & REMOTE & _wanted_bits(case)) == 0))
    verdict = np.full(len(bits), _FITS)
    verdict[concerned] = _distance_of_visits(case.only(concerned))
    return verdict


def _distance_of_visits(case: Case) -> Verdict:
    limit = case.person.max_distance_km
    bits, vague = case.catalogue.mode_bits.take(case.rows), case.catalogue.precision_km.take(case.rows) > 0
    tied = (bits != 0) & ((bits & REMOTE) == 0)
    too_far = tied & case.beyond(reach_km(case.person, case.config))
    if limit is None:
        return _verdict(too_far & ~vague)
    attending, over = (_mode_bits(case) == IN_PERSON) | (bits == IN_PERSON), case.beyond(limit)
    too_far |= attending & case.beyond(furthest_km(case.person, case.config))
    check = attending & (np.isnan(case.apart) | (over & vague)) | ((bits == 0) & ~attending & over)
    missed = attending & over & ~vague
    return np.where(too_far & ~vague, _RULED_OUT, np.where(missed, _NEAR_MISS, np.where(check, _CHECK, _FITS)))


def _cost(case: Case) -> Verdict | None:
    limit = case.person.max_cost
    if limit is None:
        return None
    cost = case.catalogue.cost.take(case.rows)
    pounds = case.config.near_miss_pounds if limit > 0 else 0.0
    most = max(limit * (1 + case.config.near_miss_margin), limit + pounds)
    return np.where(
        cost > limit, np.where(cost > most, _RULED_OUT, _NEAR_MISS), np.where(np.isnan(cost), _CHECK, _FITS)
    )


def _availability(case: Case) -> Verdict | None:
    if case.person.week is None:
        return None
    entries, begins = case.catalogue.sessions_of(case.rows)
    suitable = np.zeros(len(entries) + 1, dtype=np.int32)
    np.cumsum(_suits(case, case.person.week, entries), out=suitable[1:])
    has_session = begins[1:] > begins[:-1]
    missed = has_session & (suitable[begins[1:]] == suitable[begins[:-1]])
    if not case.person.week_is_stated:
        return np.where(missed, _NEAR_MISS, _FITS)
    unknown = ~has_session & ((case.catalogue.mode_bits.take(case.rows) & IN_PERSON) > 0)
    return _verdict(missed, unknown)


def _suits(case: Case, week: WeekGrid, sessions: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which sessions lie in the person's free time for long enough. Shape as ``sessions``."""
    catalogue = case.catalogue
    free = np.zeros((7, SLOTS + 1), dtype=np.int16)
    np.cumsum(week, axis=1, out=free[:, 1:])
    day = catalogue.session_day[sessions].astype(np.int16) * (SLOTS + 1)
    begin, end = catalogue.session_begin[sessions], catalogue.session_end[sessions]
    overlap = free.ravel()[day + end] - free.ravel()[day + begin]
    enough = np.minimum(end - begin, -(-case.config.least_overlap_minutes // SLOT_MINUTES))
    return np.asarray(overlap >= np.maximum(enough, 1))


def _steps(case: Case) -> Verdict | None:
    if not case.person.needs_step_free:
        return None
    attending = _mode_bits(case) == 1
    unknown = ~case.limits.step_free.take(case.rows) & attending
    return _verdict(case.limits.has_steps.take(case.rows) & attending, unknown)


def _unsafe_contact(case: Case) -> Verdict | None:
    if not case.person.contact_unsafe:
        return None
    bits = case.catalogue.mode_bits.take(case.rows)
    private = (bits != 0) & ((bits & ~np.uint8(mode_mask(("phone", "home_visit")))) == 0)
    return _verdict(private)


def _declined(case: Case) -> Verdict:
    return _verdict(case.disliked >= case.config.declined_strength)


def _tried(case: Case) -> Verdict | None:
    tried = case.person.already_tried
    if not tried:
        return None
    rows = sorted(row for row in map(case.catalogue.find, tried) if row is not None)
    return _verdict(among(case.rows, np.array(rows, dtype=np.int64)))


def _duplicate(case: Case) -> Verdict:
    return _verdict(case.catalogue.duplicate_of.take(case.rows) >= 0)


RULES: tuple[Rule, ...] = (
    Rule("distance", _distance, distance_sentence, of_kind=False),
    Rule("closed", _closed, lambda case, i: "the directory says it is closed or has ended"),
    Rule("duplicate", _duplicate, lambda case, i: "another entry of the same service is shown instead"),
    Rule("age", _age, age_sentence),
    Rule("sex", _sex, sex_sentence),
    Rule(
        "modes", _modes, lambda case, i: "not offered in a way the person can use (in person, online, phone, at home)"
    ),
    Rule("contact", _unsafe_contact, lambda case, i: "reaches people by phone or at home, which may not be safe here"),
    Rule("cost", _cost, cost_sentence),
    Rule(
        "access",
        _steps,
        lambda case, i: (
            "has steps" if case.limits.has_steps[case.rows[i]] else "the directory does not say whether it is step-free"
        ),
    ),
    Rule("restricted", _restricted, lambda case, i: restriction_sentence(case.limits, int(case.rows[i]))),
    Rule("full", _full, lambda case, i: "the directory says it is full"),
    Rule("already_tried", _tried, lambda case, i: "the person has tried it", of_kind=False),
    Rule("availability", _availability, sessions_sentence, of_kind=False),
    Rule("declined", _declined, lambda case, i: "is what the person said they do not want", of_kind=False),
)
