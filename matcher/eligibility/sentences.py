"""What a rule says of one service, in words that can be said aloud. ``place`` counts along the rows of the case."""

from __future__ import annotations

import numpy as np

from matcher.domain import DAYS
from matcher.eligibility.case import Case, reach_km
from matcher.eligibility.limits import ANYONE, WOMEN


def _km(case: Case, place: int) -> str:
    km = case.distance_km[place]
    return "the directory gives no place" if np.isnan(km) else f"{km:.1f} km away"


def age_sentence(case: Case, place: int) -> str:
    """For which ages it is."""
    low, high = case.limits.min_age[case.rows[place]], case.limits.max_age[case.rows[place]]
    if np.isnan(high):
        return f"for people aged {low:.0f} and over"
    return f"for people up to {high:.0f}" if np.isnan(low) else f"for people aged {low:.0f} to {high:.0f}"


def sex_sentence(case: Case, place: int) -> str:
    """Whether it is for women, for men or for both."""
    sex = case.limits.sex[case.rows[place]]
    if sex == ANYONE:
        return "does not say that it is for women or for men only; the person would rather not be in a mixed group"
    return "only for women" if sex == WOMEN else "only for men"


def distance_sentence(case: Case, place: int) -> str:
    """How far it is, or what is not known of it."""
    vague = case.catalogue.precision_km[case.rows[place]] > 0
    if vague and not np.isnan(case.distance_km[place]):
        return f"about {case.distance_km[place]:.0f} km away (known only by its postcode district): check the address"
    limit, reach = case.person.max_distance_km, reach_km(case.person, case.config)
    if limit is None or case.distance_km[place] > reach:
        return f"{_km(case, place)}; more than {reach:g} km is taken as too far"
    return f"{_km(case, place)}; the person's limit is {limit:g} km"


def cost_sentence(case: Case, place: int) -> str:
    """What it costs, or that nobody says."""
    cost = case.catalogue.cost[case.rows[place]]
    limit = "must be free" if case.person.max_cost == 0 else f"the person's limit is £{case.person.max_cost:g}"
    return f"the directory does not say what it costs; {limit}" if np.isnan(cost) else f"costs £{cost:g}; {limit}"


def sessions_sentence(case: Case, place: int) -> str:
    """When it runs, or that nobody says."""
    entries, _ = case.catalogue.sessions_of(case.rows[place : place + 1])
    days = case.catalogue.session_day[entries]
    named = ", ".join(DAYS[day] for day in sorted(set(days.tolist())))
    return f"runs on {named}, when the person is not free" if named else "the directory does not say when it runs"
