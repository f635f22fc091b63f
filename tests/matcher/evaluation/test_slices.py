from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from matcher.catalogue.columns import Catalogue, build_catalogue
from matcher.domain import Need, Point
from matcher.evaluation.measures import HEADLINES
from matcher.evaluation.slices import SMALLEST, groupings_of, slices_of
from tests.matcher.evaluation.builders import HERE, a_consultation, a_service

KM = 1 / 111.195
"""Degrees of latitude to a km."""


def services_north(*kms: float) -> Catalogue:
    places = [Point(HERE.lat + km * KM, HERE.lon) for km in kms]
    return build_catalogue([a_service(f"s{n:02d}", place=place) for n, place in enumerate(places)])


@pytest.mark.parametrize(
    ("grouping", "changes", "group"),
    [
        ("age", {"age": 17.9}, "under 18"),
        ("age", {"age": 18.0}, "18 to 24"),
        ("age", {"age": 79.5}, "65 to 79"),
        ("age", {"age": 80.0}, "80 and over"),
        ("age", {"age": None}, "not said"),
        ("gender", {"gender": " Woman "}, "woman"),
        ("gender", {"gender": None}, "not said"),
        ("language need", {"languages": ("Polish",)}, "speaks another language"),
        ("language need", {"languages": ("English",)}, "none stated"),
        ("access need", {"access_needs": ("no stairs",)}, "access need stated"),
        ("access need", {}, "none stated"),
        ("how it was written", {"needs": (), "note": "lonely"}, "note only"),
        ("how it was written", {"needs": (), "interests": ("chess",)}, "needs or interests ticked"),
        ("how it was written", {"needs": (Need("debts"),), "note": "x"}, "needs or interests ticked"),
        ("distance to services", {"location": HERE}, "1 to 3 km"),
        ("distance to services", {"location": None}, "not said"),
    ],
)
def test_people_are_divided_by_what_the_form_says(grouping: str, changes: dict[str, Any], group: str) -> None:
    catalogue = services_north(*([0.1] * 9), 2.0, 50.0)  # the tenth nearest is 2 km away
    assert groupings_of([a_consultation("ann", **changes)], catalogue)[grouping] == {"ann": group}


def test_with_fewer_than_ten_services_the_farthest_counts() -> None:
    grouping = groupings_of([a_consultation("ann", location=HERE)], services_north(0.1, 5.0))
    assert grouping["distance to services"] == {"ann": "3 to 6 km"}


def values_of(**groups: list[float]) -> tuple[pd.DataFrame, dict[str, str]]:
    keys = {f"{group}-{n}": (group, value) for group, listed in groups.items() for n, value in enumerate(listed)}
    frame = pd.DataFrame({name: [value for _, value in keys.values()] for name in HEADLINES}, index=list(keys))
    return frame, {key: group for key, (group, _) in keys.items()}


def test_a_group_below_ten_has_a_number_but_no_figure() -> None:
    frame, grouping = values_of(few=[1.0] * (SMALLEST - 1), enough=[0.5] * SMALLEST)
    (found,) = slices_of(frame, {"by": grouping})
    enough, few = found.groups
    assert (few.name, few.n, few.too_few, dict(few.figures)) == ("few", SMALLEST - 1, True, {})
    assert enough.figures["nDCG@10"].mean == 0.5
    assert found.gaps == ()


def test_the_gap_is_between_the_best_and_the_worst_and_knows_that_fewer_barred_is_better() -> None:
    rng = np.random.default_rng(1)
    frame, grouping = values_of(high=list(rng.normal(0.8, 0.01, 12)), low=list(rng.normal(0.2, 0.01, 12)))
    (found,) = slices_of(frame, {"by": grouping})
    gaps = {gap.measure: gap for gap in found.gaps}
    assert (gaps["nDCG@10"].best, gaps["nDCG@10"].worst) == ("high", "low")
    assert gaps["nDCG@10"].difference.mean == pytest.approx(0.6, abs=0.02)
    assert (gaps["barred@10"].best, gaps["barred@10"].worst) == ("low", "high")
    assert gaps["barred@10"].difference.mean == pytest.approx(-0.6, abs=0.02)


def test_consultations_that_were_not_judged_do_not_make_a_group_larger() -> None:
    frame, grouping = values_of(mixed=[0.5] * 9 + [float("nan")])
    (found,) = slices_of(frame, {"by": grouping})
    assert found.groups[0].too_few


def test_bands_come_in_their_own_order_and_the_unknown_last() -> None:
    ages = {"d": None, "a": 90.0, "b": 30.0, "c": 5.0}
    people = [a_consultation(key, age=age) for key, age in ages.items()]
    frame = pd.DataFrame({name: [0.0] * 4 for name in HEADLINES}, index=list(ages))
    (found,) = slices_of(frame, {"age": groupings_of(people, services_north(1.0))["age"]})
    assert [group.name for group in found.groups] == ["under 18", "25 to 44", "80 and over", "not said"]
