from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from matcher.catalogue.columns import build_catalogue
from matcher.domain import Consultation, InputError, Need, OtherPerson, TimeWindow
from matcher.evaluation import Judgement, Run
from matcher.evaluation.judging import kappa_of, merge_worksheets, read_worksheet, what_was_said, worksheet_rows
from tests.matcher.evaluation.builders import a_consultation, a_run, a_service

SERVICES = [f"s{n:02d}" for n in range(30)]
CATALOGUE = build_catalogue([a_service(key) for key in SERVICES])
PEOPLE = [a_consultation("ann", note="secret words"), a_consultation("bob")]


def rows_of(*runs: Run, **changes: object) -> list[dict[str, str]]:
    options = {"describe": lambda service: {"service": service.name}, **changes}
    return worksheet_rows(runs, PEOPLE, CATALOGUE, **options)  # type: ignore[arg-type]


def test_the_pool_is_what_any_run_showed_near_its_top_once() -> None:
    rows = rows_of(a_run("one", ann=SERVICES[:12]), a_run("two", ann=SERVICES[5:15]), depth=10)
    assert sorted(row["service_id"] for row in rows) == sorted(set(SERVICES[:10]) | set(SERVICES[5:15]))


def test_a_worksheet_is_blind() -> None:
    rows = rows_of(a_run("one", ann=SERVICES[:10]), a_run("two", bob=SERVICES[:10]))
    columns = {"consultation_id", "said", "service_id", "service", "grade", "facets", "barred"}
    assert all(set(row) == columns for row in rows)
    assert not any(row["grade"] or row["facets"] or row["barred"] for row in rows)


def test_the_order_tells_nothing_of_the_ranks_and_differs_between_people() -> None:
    run = a_run("one", ann=SERVICES, bob=SERVICES)
    rows = rows_of(run, depth=30)
    orders = {key: [row["service_id"] for row in rows if row["consultation_id"] == key] for key in ("ann", "bob")}
    assert orders["ann"] != orders["bob"]
    for order in orders.values():
        places = [SERVICES.index(key) for key in order]
        assert abs(np.corrcoef(places, range(30))[0, 1]) < 0.4
    assert rows == rows_of(run, depth=30)
    assert rows != rows_of(run, depth=30, seed=2)


def test_the_order_does_not_depend_on_which_run_came_first() -> None:
    one, two = a_run("one", ann=SERVICES[:8]), a_run("two", ann=SERVICES[4:12])
    assert rows_of(one, two) == rows_of(two, one)


def test_a_persons_words_are_in_a_worksheet_only_when_asked_for() -> None:
    run = a_run("one", ann=SERVICES[:3])
    assert not any("secret" in str(row) for row in rows_of(run))
    assert all("secret words" in row["said"] for row in rows_of(run, with_words=True))


def test_what_was_said_has_a_line_for_each_field_that_says_something() -> None:
    full = Consultation(
        id="ann",
        note="quiet house",
        needs=(Need("company", 3),),
        age=81.0,
        others=(OtherPerson("daughter", 14.0),),
        max_distance_km=8.0,
        availability=(TimeWindow(0, 9 * 60, 12 * 60),),
    )
    said = (
        "Needs: company (3)\nAge: 81\nOthers: daughter 14\nAt most: 8 km\nFree: Monday 09:00-12:00\nNote: quiet house"
    )
    assert what_was_said(full) == said


def test_runs_that_show_nothing_for_these_people_are_refused() -> None:
    with pytest.raises(InputError, match="belong together"):
        rows_of(a_run("one", zoe=SERVICES))


def sheet(*grades: int, letters: str = "", barred: str = "") -> dict[tuple[str, str], Judgement]:
    return {("ann", f"s{n}"): Judgement(grade, frozenset(letters), barred) for n, grade in enumerate(grades)}


def test_weighted_kappa_is_cohens_with_squared_distances() -> None:
    first, second = [3, 2, 1, 0, 3, 0], [3, 1, 1, 0, 2, 2]
    observed = sum((a - b) ** 2 for a, b in zip(first, second, strict=True)) / 6
    expected = sum((a - b) ** 2 for a in first for b in second) / 6**2
    found = kappa_of("ann", sheet(*first), "bob", sheet(*second))
    assert found.kappa == pytest.approx(1 - observed / expected)
    assert found.n == 6


def test_only_pairs_that_both_graded_count_for_agreement() -> None:
    found = kappa_of("ann", sheet(3, 0, 1), "bob", sheet(3, 0))
    assert (found.n, found.kappa) == (2, pytest.approx(1))


def test_agreement_over_one_and_the_same_grade_is_not_defined() -> None:
    assert kappa_of("ann", sheet(0, 0), "bob", sheet(0, 0)).kappa is None
    assert kappa_of("ann", sheet(), "bob", sheet()).kappa is None


def test_the_merged_grade_is_the_lower_median_and_far_apart_ones_are_named() -> None:
    judgements, agreement = merge_worksheets({"x": sheet(3, 3, 1), "y": sheet(2, 0, 1)})
    assert [judgements.of("ann", f"s{n}").grade for n in range(3)] == [2, 0, 1]
    assert agreement.judged == 3
    assert agreement.far_apart == ((("ann", "s1"), {"x": 3, "y": 0}),)
    three, _ = merge_worksheets({"x": sheet(3), "y": sheet(2), "z": sheet(0)})
    assert three.of("ann", "s0").grade == 2


def test_one_reason_is_enough_to_bar_and_half_the_judges_for_a_facet() -> None:
    judgements, _ = merge_worksheets({"x": sheet(3, letters="ab"), "y": sheet(3, letters="b"), "z": sheet(3)})
    assert judgements.of("ann", "s0").facets == {"b"}
    judgements, _ = merge_worksheets({"x": sheet(3, letters="a"), "y": sheet(0, barred="men only")})
    assert judgements.of("ann", "s0") == Judgement(0, frozenset(), "men only")


def test_rows_without_a_grade_are_left_out_and_a_reason_alone_means_0(tmp_path: Path) -> None:
    path = tmp_path / "ann.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["consultation_id", "service_id", "service", "grade", "facets", "barred"])
        writer.writerows(
            [["ann", "s1", "x", "3", "A b", ""], ["ann", "s2", "x", "", "", ""], ["ann", "s3", "x", "", "", "full"]]
        )
    assert read_worksheet(path) == {
        ("ann", "s1"): Judgement(3, frozenset("ab")),
        ("ann", "s3"): Judgement(0, frozenset(), "full"),
    }


def test_a_worksheet_that_nobody_filled_in_is_a_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "empty.csv"
    path.write_text("consultation_id,service_id,grade\nann,s1,\n", encoding="utf-8")
    with pytest.raises(InputError, match="no row has a grade yet"):
        read_worksheet(path)
