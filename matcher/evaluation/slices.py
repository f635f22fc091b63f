"""For whom is it worse? Figures of groups of people with intervals and numbers, and the gap between groups."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from matcher.catalogue.columns import Catalogue
from matcher.domain import Consultation, Point
from matcher.evaluation.measures import BY_NAME, HEADLINES
from matcher.evaluation.statistics import Figure, difference_figure, figure
from matcher.geography import distances_km, locate_postcode
from matcher.text import normalise

SMALLEST = 10
"""A group below this size gets no figure: it would say more about chance than about people."""
NEARBY_SERVICES = 10
UNKNOWN = "not said"
AGE_BANDS = (
    (18, "under 18"),
    (25, "18 to 24"),
    (45, "25 to 44"),
    (65, "45 to 64"),
    (80, "65 to 79"),
    (np.inf, "80 and over"),
)
DISTANCE_BANDS = ((1.0, "under 1 km"), (3.0, "1 to 3 km"), (6.0, "3 to 6 km"), (np.inf, "6 km and more"))

Grouping = Mapping[str, str]
"""Consultation id -> name of its group."""


@dataclass(frozen=True, slots=True)
class Group:
    """One group of a slice. ``figures`` (by measure) is empty when the group is too small."""

    name: str
    n: int
    figures: Mapping[str, Figure]

    @property
    def too_few(self) -> bool:
        """Whether the group is too small for a figure."""
        return self.n < SMALLEST


@dataclass(frozen=True, slots=True)
class Gap:
    """The best and the worst group of a slice by one measure, and how far apart they are."""

    measure: str
    best: str
    worst: str
    difference: Figure


@dataclass(frozen=True, slots=True)
class Slice:
    """One way to divide people, its groups in order, and the gap for each measure that two groups have."""

    name: str
    groups: tuple[Group, ...]
    gaps: tuple[Gap, ...]


def slices_of(values: pd.DataFrame, groupings: Mapping[str, Grouping]) -> tuple[Slice, ...]:
    """The headline measures of one run by group.

    Args:
        values: one row a consultation (see ``measure_run``).
        groupings: see :func:`groupings_of`.
    """
    return tuple(_slice(name, values, grouping) for name, grouping in groupings.items())


def groupings_of(consultations: Sequence[Consultation], catalogue: Catalogue) -> dict[str, Grouping]:
    """Every way in which people are divided, read from the consultations' own fields."""
    rules: dict[str, Callable[[Consultation], str]] = {
        "age": lambda c: _band(c.age, AGE_BANDS),
        "gender": lambda c: c.gender.strip().casefold() if c.gender else UNKNOWN,
        "language need": lambda c: "speaks another language" if _other_language(c) else "none stated",
        "access need": lambda c: "access need stated" if c.access_needs else "none stated",
        "distance to services": lambda c: _band(_km_to_services(c, catalogue), DISTANCE_BANDS),
        "how it was written": lambda c: "needs or interests ticked" if c.needs or c.interests else "note only",
    }
    return {name: {c.id: rule(c) for c in consultations} for name, rule in rules.items()}


def _slice(name: str, values: pd.DataFrame, grouping: Grouping) -> Slice:
    members: dict[str, list[str]] = {}
    for key in values.index:
        members.setdefault(grouping.get(key, UNKNOWN), []).append(key)
    groups = tuple(
        _group(group, values.loc[keys])
        for group, keys in sorted(members.items(), key=lambda item: group_order(item[0]))
    )
    gaps = (_gap(measure, groups, values, members) for measure in HEADLINES)
    return Slice(name, groups, tuple(gap for gap in gaps if gap))


def _group(name: str, values: pd.DataFrame) -> Group:
    n = int(values[HEADLINES[0]].notna().sum())
    figures = {} if n < SMALLEST else {measure: figure(values[measure]) for measure in HEADLINES}
    return Group(name, n, figures)


def _gap(measure: str, groups: Sequence[Group], values: pd.DataFrame, members: Mapping[str, list[str]]) -> Gap | None:
    """The best against the worst group. They are picked after the fact, so some gap is there by chance alone."""
    means = {g.name: g.figures[measure].mean for g in groups if g.figures and g.figures[measure].mean is not None}
    if len(means) < 2:
        return None
    sign = BY_NAME[measure].better
    ordered = sorted(means, key=lambda name: -sign * (means[name] or 0.0))
    best, worst = ordered[0], ordered[-1]
    return Gap(
        measure, best, worst, difference_figure(values.loc[members[best], measure], values.loc[members[worst], measure])
    )


def group_order(name: str) -> tuple[bool, int, str]:
    """Sorts groups: bands in their own order, others by name, unknown last."""
    bands = [band for _, band in (*AGE_BANDS, *DISTANCE_BANDS)]
    return name == UNKNOWN, bands.index(name) if name in bands else 0, name


def _band(value: float | None, bands: Sequence[tuple[float, str]]) -> str:
    return UNKNOWN if value is None else next(name for limit, name in bands if value < limit)


def _other_language(consultation: Consultation) -> bool:
    return any(normalise(language) not in ("english", "en") for language in consultation.languages)


def _km_to_services(consultation: Consultation, catalogue: Catalogue) -> float | None:
    """How far the tenth nearest service with a known place is: small in a town, large in the country."""
    place: Point | None = consultation.location
    if place is None and consultation.postcode:
        place = locate_postcode(consultation.postcode, {})
    if place is None:
        return None
    far = distances_km(place, catalogue.lat, catalogue.lon)
    far = np.sort(far[~np.isnan(far)])
    return float(far[min(NEARBY_SERVICES, len(far)) - 1]) if len(far) else None
