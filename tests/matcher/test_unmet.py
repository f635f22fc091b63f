"""Unmet need: counted by need, area and age band; nobody can be found in it. Spreading people over services."""

from __future__ import annotations

import itertools
import xml.etree.ElementTree as ET
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.batch import rescore
from matcher.batch.fair_shares import Exposure
from matcher.batch.rows import Answered, Row
from matcher.batch.spread import CLOSE, plan_swaps, with_swap
from matcher.batch.tables import read_table
from matcher.batch.unmet import OTHER_AREAS, SMALLEST_SHOWN, UnmetNeeds, listed
from tests.caseloads import DAY, WALK, an_engine, write_caseload
from tests.factories import a_catalogue, a_service


def a_person(need: str, area: str = "ZZ1", band: str = "25-34", row: int = 1) -> Answered:
    return Answered(row, f"con-{row}", consultation={"unmet_needs": [need, need], "area": area, "age_band": band})


def unmet_of(*groups: tuple[str, str, str, int]) -> UnmetNeeds:
    """``(need, area, band, people)``."""
    unmet = UnmetNeeds()
    for need, area, band, people in groups:
        for _ in range(people):
            unmet.add(a_person(need, area, band))
    return unmet


def table(unmet: UnmetNeeds) -> list[tuple[str, str, str, int | None]]:
    return [(r["need"], r["area"], r["age_band"], r["people"]) for r in unmet.rows()]


def test_a_person_is_counted_once_a_need():
    assert table(unmet_of(("Singing", "ZZ1", "25-34", 6))) == [
        ("Singing", "all", "all", 6),
        ("Singing", "ZZ1", "all", 6),
        ("Singing", "ZZ1", "25-34", 6),
    ]


def test_a_need_of_fewer_than_five_people_shows_neither_count_nor_place():
    assert table(unmet_of(("Singing", "ZZ1", "25-34", 4))) == [("Singing", "all", "all", None)]


def test_small_areas_are_put_together_and_the_rest_joins_them_where_the_total_would_give_them_away():
    unmet = unmet_of(("Singing", "ZZ1", "25-34", 9), ("Singing", "ZZ2", "25-34", 6), ("Singing", "ZZ3", "25-34", 1))
    # 16 - 9 - 6 would be the one person in ZZ3, so ZZ2 joins: 6 + 1 = 7
    assert [(area, people) for _, area, band, people in table(unmet) if band == "all"] == [
        ("all", 16),
        ("ZZ1", 9),
        (OTHER_AREAS, 7),
    ]


def test_age_bands_are_treated_alike_within_an_area():
    unmet = unmet_of(("Singing", "ZZ1", "25-34", 7), ("Singing", "ZZ1", "65-79", 3), ("Singing", "ZZ1", "35-49", 2))
    assert [(band, people) for _, area, band, people in table(unmet) if area == "ZZ1"] == [
        ("all", 12),
        ("25-34", 7),
        ("other ages", 5),
    ]


@given(st.dictionaries(st.text(min_size=1, max_size=3), st.integers(1, 12), max_size=8))
def test_no_count_that_is_shown_or_follows_from_the_total_is_of_fewer_than_five(counts: dict[str, int]):
    total = sum(counts.values())
    shown = listed(counts, OTHER_AREAS)
    assert all(people >= SMALLEST_SHOWN for people in shown.values())
    if shown:
        assert sum(shown.values()) == total
        left = total - sum(people for name, people in shown.items() if name != OTHER_AREAS)
        assert left == 0 or left >= SMALLEST_SHOWN


def test_the_picture_is_whole_escaped_and_loads_nothing():
    unmet = unmet_of(("Singing <b> & co", "ZZ1", "25-34", 9), ("Walking", "near 53.505 -2.4975", "25-34", 5))
    picture = unmet.picture("Unmet needs of 14 people")
    root = ET.fromstring(picture)  # noqa: S314  our own file
    texts = ["".join(element.itertext()) for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "Singing <b> & co" in texts
    assert texts.count("9") == 2  # everywhere, and in ZZ1
    assert "href" not in picture


def test_an_empty_picture_says_so():
    assert "No unmet need is shared by five people or more." in UnmetNeeds().picture("x")


def test_a_run_writes_the_unmet_needs_of_its_people(tmp_path: Path):
    people = write_caseload(
        tmp_path / "people.jsonl",
        [{"id": f"p{i}", "interests": ["singing"], "age": 30, "postcode": "ZZ9 9AA"} for i in range(6)],
    )
    rescore(an_engine(tmp_path / "t", WALK), people, tmp_path / "cases.csv", as_of=DAY, workers=1)
    rows = [(r["need"], r["area"], r["age_band"], r["people"]) for r in read_table(tmp_path / "cases.unmet.csv")]
    assert rows == [
        ("Singing", "all", "all", "6"),
        ("Singing", "ZZ9", "all", "6"),
        ("Singing", "ZZ9", "25-34", "6"),
    ]
    assert (tmp_path / "cases.unmet.svg").read_text(encoding="utf-8").startswith("<svg")


# Fair shares


def a_list(row: int, *shown: tuple[str, float], standing: str = "fits") -> Answered:
    """A person's list: service and score."""
    rows: list[Row] = [
        {
            "consultation_id": f"p{row}",
            "rank": rank,
            "service_id": service,
            "service_name": service.upper(),
            "score": score,
            "standing": standing,
            "reasons": [],
        }
        for rank, (service, score) in enumerate(shown, start=1)
    ]
    return Answered(row, f"p{row}", rows, alone=[score for _, score in shown])


def firsts(answers: list[Answered], cap: int) -> Counter[str]:
    swaps = plan_swaps(answers, cap)
    return Counter(with_swap(a, swaps.get(a.row)).suggestions[0]["service_id"] for a in answers)


def test_exposure_counts_lists_and_first_places_and_names_those_without_room():
    exposure = Exposure()
    for answered in (a_list(1, ("a", 0.9), ("b", 0.5)), a_list(2, ("a", 0.8))):
        exposure.add(answered)
    rows = exposure.rows(a_catalogue(a_service(id="a", capacity="full"), a_service(id="b"), a_service(id="c")))
    assert [(r["service_id"], r["suggested_to"], r["first_for"], r["share_of_first"]) for r in rows] == [
        ("a", 2, 2, 1.0),
        ("b", 1, 0, 0.0),
        ("c", 0, 0, 0.0),
    ]
    assert [r["note"] for r in rows] == ["says it is full, and is suggested to 2", "", ""]


def test_a_cap_is_kept_where_close_alternatives_allow_it():
    answers = [a_list(i, ("a", 0.8), ("b", 0.78)) for i in range(4)]
    assert firsts(answers, 2) == {"a": 2, "b": 2}


def test_nobody_gets_a_first_suggestion_that_fits_clearly_worse():
    worse = 0.8 * (1 - CLOSE) - 0.01
    answers = [a_list(i, ("a", 0.8), ("b", worse)) for i in range(4)]
    assert firsts(answers, 1) == {"a": 4}


def test_those_who_lose_least_give_way():
    costs = (0.05, 0.01, 0.03)
    answers = [a_list(i, ("a", 0.8), (f"other-{i}", 0.8 - cost)) for i, cost in enumerate(costs)]
    swaps = plan_swaps(answers, 1)
    assert sorted(swaps) == [1, 2]
    assert [swaps[row].as_row()["cost"] for row in (1, 2)] == [0.01, 0.03]


@given(st.lists(st.lists(st.integers(0, 10), min_size=3, max_size=3), min_size=1, max_size=4), st.integers(1, 3))
def test_spreading_costs_no_more_than_the_best_of_all_assignments(points: list[list[int]], cap: int):
    answers = []
    for row, drops in enumerate(points):
        order = sorted(range(3), key=lambda i: (drops[i], i))
        answers.append(a_list(row, *((f"s{i}", 0.8 - drops[i] / 100) for i in order)))
    best = min(cost_of(choice, answers, cap) for choice in itertools.product(range(3), repeat=len(answers)))
    swaps = plan_swaps(answers, cap)
    chosen = tuple(swaps[a.row].place if a.row in swaps else 0 for a in answers)
    assert cost_of(chosen, answers, cap) == pytest.approx(best)


def cost_of(choice: tuple[int, ...], answers: list[Answered], cap: int) -> float:
    """People above a cap first, then the scores given up, then impossible choices."""
    taken, lost = Counter[str](), 0.0
    for place, answered in zip(choice, answers, strict=True):
        row, best = answered.suggestions[place], answered.alone[0]
        if row["score"] < (1 - CLOSE) * best:
            return 1e9
        taken[row["service_id"]] += 1
        lost += best - row["score"]
    return 10.0 * sum(max(0, count - cap) for count in taken.values()) + lost


def test_a_swap_reorders_the_list_says_so_and_keeps_every_service():
    answered = a_list(1, ("a", 0.8), ("b", 0.79), ("c", 0.3))
    swaps = plan_swaps([answered, a_list(2, ("a", 0.8))], 1)
    rows = with_swap(answered, swaps[1]).suggestions
    assert [(row["rank"], row["service_id"]) for row in rows] == [(1, "b"), (2, "a"), (3, "c")]
    assert rows[0]["reasons"] == ["Put first so that people are spread over services"]


def test_what_a_service_would_score_as_the_first_decides_not_where_it_stands_below_its_like():
    answers = [replace(a_list(i, ("a", 0.8), ("b", 0.6)), alone=[0.8, 0.79]) for i in range(2)]
    assert firsts(answers, 1) == {"a": 1, "b": 1}


def test_a_run_that_spreads_reports_what_it_cost(tmp_path: Path):
    towns = [a_service(id=f"svc-{i}", name=f"Singers {i}", organization="") for i in range(2)]
    people = write_caseload(tmp_path / "people.jsonl", [{"id": f"p{i}", "interests": ["singing"]} for i in range(4)])
    output = tmp_path / "cases.csv"
    rescore(an_engine(tmp_path / "t", *towns), people, output, as_of=DAY, workers=1, spread=2)
    swaps = list(read_table(tmp_path / "cases.spread.csv"))
    first = Counter(row["service_id"] for row in read_table(output) if row["rank"] == "1")
    assert len(swaps) == 2
    assert set(first.values()) == {2}
