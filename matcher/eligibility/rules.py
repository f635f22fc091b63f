"""Can this person use this service? Each rule is a small function over columns, with a code and a sentence.

A verdict is a :class:`Standing` a row. Limits that the service sets are hard; the person's own limits on distance and
cost have a margin in which a service is a near miss; what the directory does not say is something to check and never
excludes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from matcher.catalogue.columns import NO_DAY, Catalogue, day_number, mode_mask
from matcher.domain import DAYS, Standing
from matcher.eligibility.limits import MEN, PRIVATE, TENANTS, WOMEN, ServiceLimits, restriction_sentence
from matcher.eligibility.person import Person
from matcher.geography import distances_km
from matcher.times import SLOT_MINUTES, SLOTS

ADULT_AGE = 20
RULED_OUT, NEAR_MISS, CHECK, FITS = (int(s) for s in Standing)
Verdict = NDArray[np.int8]


class EligibilityConfig(BaseModel):
    """Margins of the screen."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    near_miss_margin: float = 0.15
    """How far over the person's own limit on distance or cost still counts as a near miss (share of the limit)."""
    near_miss_pounds: float = 1.0
    """A price that is over a limit above nothing by this much at most is a near miss too."""
    least_overlap_minutes: int = 60
    """How much of a session must lie in the person's free time (or the whole session, when it is shorter)."""
    declined_strength: float = 0.55
    """From which strength a concept that the person declined rules a service out."""
    off: tuple[str, ...] = ()
    """Codes of rules to leave out (ablation)."""


@dataclass(frozen=True, eq=False)
class Case:
    """One person and the services asked about: everything a rule may look at. ``rows`` index the catalogue."""

    person: Person
    catalogue: Catalogue
    limits: ServiceLimits
    config: EligibilityConfig
    rows: NDArray[np.int64]
    distance_km: NDArray[np.float64]
    declined: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule's code, its verdict over all rows of a case, and the sentence for one row (called only when asked)."""

    code: str
    verdict: Callable[[Case], Verdict]
    sentence: Callable[[Case, int], str]


def distances_from(person: Person, catalogue: Catalogue) -> NDArray[np.float64]:
    """Km from the person to every service; NaN where either place is unknown. Shape (services,)."""
    if person.place is None:
        return np.full(len(catalogue), np.nan)
    return distances_km(person.place, catalogue.lat, catalogue.lon)


def _verdict(case: Case, ruled_out: NDArray[np.bool_], check: NDArray[np.bool_] | None = None) -> Verdict:
    verdict = np.full(len(case.rows), FITS, dtype=np.int8)
    if check is not None:
        verdict[check] = CHECK
    verdict[ruled_out] = RULED_OUT
    return verdict


def _closed(case: Case) -> Verdict:
    ends = case.catalogue.ends_day[case.rows]
    ended = (ends != NO_DAY) & (ends < day_number(case.person.as_of))
    return _verdict(case, case.limits.closed[case.rows] | ended)


def _full(case: Case) -> Verdict:
    full = case.limits.full[case.rows]
    verdict = _verdict(case, np.zeros(len(full), dtype=bool))
    verdict[full] = NEAR_MISS
    return verdict


def _age(case: Case) -> Verdict:
    low, high = case.limits.min_age[case.rows], case.limits.max_age[case.rows]
    limited = ~np.isnan(low) | ~np.isnan(high)
    if not case.person.ages:
        return _verdict(case, np.zeros(len(low), dtype=bool), limited)
    inside = np.zeros(len(low), dtype=bool)
    for age in case.person.ages:
        with np.errstate(invalid="ignore"):
            inside |= ~((age < low) | (np.floor(age) > high))
    children_known = any(age < ADULT_AGE for age in case.person.ages[1:])
    with np.errstate(invalid="ignore"):
        for_a_child = case.person.has_child & (not children_known) & (high < ADULT_AGE)
    return _verdict(case, ~inside & ~for_a_child, ~inside & for_a_child)


def _sex(case: Case) -> Verdict:
    sex, gender = case.limits.sex[case.rows], case.person.gender
    nobody = np.zeros(len(sex), dtype=bool)
    if gender == "woman":
        return _verdict(case, sex == MEN)
    if gender == "man":
        return _verdict(case, sex == WOMEN)
    return _verdict(case, nobody, sex != 0)


def _restricted(case: Case) -> Verdict:
    restriction = case.limits.restriction[case.rows]
    barred = restriction == PRIVATE
    if case.person.social_tenant is False:
        barred |= restriction == TENANTS
    return _verdict(case, barred, restriction > 0)


def _mode_bits(case: Case) -> NDArray[np.uint8]:
    """Modes both sides accept; a side that names none accepts all, and who meets people in person may be visited."""
    bits = case.catalogue.mode_bits[case.rows]
    wanted = mode_mask(case.person.modes) or 0b1111
    if wanted & 1:
        wanted |= mode_mask(("home_visit",))
    return np.where(bits == 0, 0b1111, bits).astype(np.uint8) & np.uint8(wanted)


def _modes(case: Case) -> Verdict:
    return _verdict(case, _mode_bits(case) == 0)


def _distance(case: Case) -> Verdict:
    limit = case.person.max_distance_km
    far = case.distance_km
    if limit is None:
        return _verdict(case, np.zeros(len(far), dtype=bool))
    attending = _mode_bits(case) == 1
    with np.errstate(invalid="ignore"):
        over = attending & (far > limit)
        beyond = attending & (far > limit * (1 + case.config.near_miss_margin))
    vague = case.catalogue.precision_km[case.rows] > 0
    unknown = attending & np.isnan(far)
    with np.errstate(invalid="ignore"):
        perhaps_attending = (case.catalogue.mode_bits[case.rows] == 0) & ~attending & (far > limit)
    verdict = _verdict(case, beyond & ~vague, unknown | (over & vague) | perhaps_attending)
    verdict[over & ~beyond & ~vague] = NEAR_MISS
    return verdict


def _cost(case: Case) -> Verdict:
    limit = case.person.max_cost
    cost = case.catalogue.cost[case.rows]
    if limit is None:
        return _verdict(case, np.zeros(len(cost), dtype=bool))
    with np.errstate(invalid="ignore"):
        over = cost > limit
        pounds = case.config.near_miss_pounds if limit > 0 else 0.0
        beyond = cost > max(limit * (1 + case.config.near_miss_margin), limit + pounds)
    verdict = _verdict(case, beyond, np.isnan(cost))
    verdict[over & ~beyond] = NEAR_MISS
    return verdict


def _availability(case: Case) -> Verdict:
    week = case.person.week
    rows = len(case.rows)
    if week is None:
        return _verdict(case, np.zeros(rows, dtype=bool))
    catalogue = case.catalogue
    free = np.zeros((7, SLOTS + 1), dtype=np.int32)
    free[:, 1:] = np.cumsum(week, axis=1) * SLOT_MINUTES
    first = np.floor_divide(catalogue.session_start, SLOT_MINUTES)
    last = np.maximum(-np.floor_divide(-catalogue.session_end, SLOT_MINUTES), first)
    overlap = free[catalogue.session_day, last] - free[catalogue.session_day, first]
    length = (last - first) * SLOT_MINUTES
    usable = (overlap >= np.minimum(length, case.config.least_overlap_minutes)) & (overlap > 0)
    has_session = np.zeros(len(catalogue), dtype=bool)
    has_usable = np.zeros(len(catalogue), dtype=bool)
    has_session[catalogue.session_row] = True
    has_usable[catalogue.session_row[usable]] = True
    missed = has_session[case.rows] & ~has_usable[case.rows]
    unknown = ~has_session[case.rows] & ((catalogue.mode_bits[case.rows] & 1) > 0)
    if case.person.week_is_stated:
        return _verdict(case, missed, unknown)
    verdict = _verdict(case, np.zeros(rows, dtype=bool))
    verdict[missed] = NEAR_MISS
    return verdict


def _steps(case: Case) -> Verdict:
    if not case.person.needs_step_free:
        return _verdict(case, np.zeros(len(case.rows), dtype=bool))
    attending = _mode_bits(case) == 1
    unknown = ~case.limits.step_free[case.rows] & attending
    return _verdict(case, case.limits.has_steps[case.rows] & attending, unknown)


def _unsafe_contact(case: Case) -> Verdict:
    if not case.person.contact_unsafe:
        return _verdict(case, np.zeros(len(case.rows), dtype=bool))
    bits = case.catalogue.mode_bits[case.rows]
    private = (bits != 0) & ((bits & ~np.uint8(mode_mask(("phone", "home_visit")))) == 0)
    return _verdict(case, private)


def _declined(case: Case) -> Verdict:
    return _verdict(case, case.declined >= case.config.declined_strength)


def _tried(case: Case) -> Verdict:
    tried = case.person.already_tried
    if not tried:
        return _verdict(case, np.zeros(len(case.rows), dtype=bool))
    ids = case.catalogue.texts("id")
    return _verdict(case, np.array([ids[row] in tried for row in case.rows], dtype=bool))


def _duplicate(case: Case) -> Verdict:
    return _verdict(case, case.catalogue.duplicate_of[case.rows] >= 0)


def _km(case: Case, place: int) -> str:
    km = case.distance_km[place]
    return "the directory gives no place" if np.isnan(km) else f"{km:.1f} km away"


def _age_sentence(case: Case, place: int) -> str:
    low, high = case.limits.min_age[case.rows[place]], case.limits.max_age[case.rows[place]]
    if np.isnan(high):
        return f"for people aged {low:.0f} and over"
    return f"for people up to {high:.0f}" if np.isnan(low) else f"for people aged {low:.0f} to {high:.0f}"


def _distance_sentence(case: Case, place: int) -> str:
    vague = case.catalogue.precision_km[case.rows[place]] > 0
    if vague and not np.isnan(case.distance_km[place]):
        return f"about {case.distance_km[place]:.0f} km away (known only by its postcode district): check the address"
    return f"{_km(case, place)}; the person's limit is {case.person.max_distance_km:g} km"


def _cost_sentence(case: Case, place: int) -> str:
    cost = case.catalogue.cost[case.rows[place]]
    limit = "must be free" if case.person.max_cost == 0 else f"the person's limit is £{case.person.max_cost:g}"
    return f"the directory does not say what it costs; {limit}" if np.isnan(cost) else f"costs £{cost:g}; {limit}"


def _sessions_sentence(case: Case, place: int) -> str:
    days = case.catalogue.session_day[case.catalogue.session_row == case.rows[place]]
    named = ", ".join(DAYS[day] for day in sorted(set(days.tolist())))
    return f"runs on {named}, when the person is not free" if named else "the directory does not say when it runs"


RULES: tuple[Rule, ...] = (
    Rule("closed", _closed, lambda case, i: "the directory says it is closed or has ended"),
    Rule("duplicate", _duplicate, lambda case, i: "another entry of the same service is shown instead"),
    Rule("already_tried", _tried, lambda case, i: "the person has tried it"),
    Rule("age", _age, _age_sentence),
    Rule(
        "sex",
        _sex,
        lambda case, i: "only for women" if case.limits.sex[case.rows[i]] == WOMEN else "only for men",
    ),
    Rule(
        "modes", _modes, lambda case, i: "not offered in a way the person can use (in person, online, phone, at home)"
    ),
    Rule("contact", _unsafe_contact, lambda case, i: "reaches people by phone or at home, which may not be safe here"),
    Rule("declined", _declined, lambda case, i: "is what the person said they do not want"),
    Rule("distance", _distance, _distance_sentence),
    Rule("cost", _cost, _cost_sentence),
    Rule("availability", _availability, _sessions_sentence),
    Rule(
        "access",
        _steps,
        lambda case, i: (
            "has steps" if case.limits.has_steps[case.rows[i]] else "the directory does not say whether it is step-free"
        ),
    ),
    Rule("restricted", _restricted, lambda case, i: restriction_sentence(case.limits, int(case.rows[i]))),
    Rule("full", _full, lambda case, i: "the directory says it is full"),
)
