"""Whole caseloads on one machine: the same answers however the work is cut, outputs that are whole and safe to open."""

from __future__ import annotations

import csv
import json
import multiprocessing
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from matcher.batch import SUGGESTION_SCHEMA, csv_cell, rescore, suggestion_rows, write_table
from matcher.batch.rows import age_band, area_of, part_weights, reject_row
from matcher.batch.tables import plain_cell, read_table
from matcher.consultations import read_consultation
from matcher.domain import InputError, MatcherError, Point
from matcher.engine import Engine
from tests.caseloads import DAY, an_engine, file_bytes, records, rows_digest, write_caseload
from tests.factories import a_consultation


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return an_engine(tmp_path_factory.mktemp("taxonomy"))


@pytest.fixture
def caseload(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    return write_caseload(folder / "people.jsonl", records(23))


def out(tmp_path: Path, name: str = "cases.jsonl") -> Path:
    folder = tmp_path / f"out-{name}"
    folder.mkdir()
    return folder / name


def test_a_caseload_gives_each_person_the_answer_that_asking_alone_gives(
    engine: Engine, caseload: Path, tmp_path: Path
):
    output = out(tmp_path)
    rescore(engine, caseload, output, as_of=DAY, workers=1)
    alone = [
        row
        for record in records(23)
        for row in suggestion_rows(engine.suggest(read_consultation(json.dumps(record)), as_of=DAY))
    ]
    assert rows_digest(read_table(output)) == rows_digest(alone)


@pytest.mark.parametrize(("chunk_size", "workers"), [(1, 1), (7, 1), (1000, 1), (7, 2), (3, 3)])
def test_how_the_work_is_cut_changes_no_byte(
    engine: Engine, caseload: Path, tmp_path: Path, chunk_size: int, workers: int
):
    whole, cut = out(tmp_path, "whole.parquet"), out(tmp_path, "cut.parquet")
    rescore(engine, caseload, whole, as_of=DAY, workers=1)
    rescore(engine, caseload, cut, as_of=DAY, workers=workers, chunk_size=chunk_size)
    bytes_of = [{n.partition(".")[2]: b for n, b in file_bytes(p.parent).items()} for p in (whole, cut)]
    assert bytes_of[0] == bytes_of[1]
    assert not multiprocessing.active_children()


@pytest.mark.parametrize("ending", [".jsonl", ".csv", ".parquet"])
def test_every_format_of_caseload_and_output_holds_the_same_rows(
    engine: Engine, tmp_path: Path, caseload: Path, ending: str
):
    people = caseload.with_suffix(ending)
    if ending == ".csv":
        write_people_csv(people)
    elif ending == ".parquet":
        names = sorted({name for record in records(23) for name in record})
        pq.write_table(pa.Table.from_pylist([dict.fromkeys(names) | record for record in records(23)]), people)
    output, expected = out(tmp_path, f"cases{ending}"), out(tmp_path, "expected.jsonl")
    rescore(engine, people, output, as_of=DAY, workers=1)
    rescore(engine, caseload, expected, as_of=DAY, workers=1)
    rows, wanted = list(read_table(output)), list(read_table(expected))
    assert [(r["consultation_id"], int(r["rank"]), r["service_id"], float(r["score"])) for r in rows] == [
        (r["consultation_id"], r["rank"], r["service_id"], r["score"]) for r in wanted
    ]


def write_people_csv(path: Path) -> None:
    names = ("id", "note", "needs", "interests", "age", "postcode", "lat", "lon", "max_distance_km")
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, names)
        table.writeheader()
        for record in records(23):
            place = record.get("location", {})
            needs = "; ".join(f"{need['label']}:{need['importance']}" for need in record.get("needs", []))
            cells = {**record, **place, "needs": needs, "interests": "; ".join(record.get("interests", []))}
            table.writerow({name: cells.get(name, "") for name in names})


def test_records_that_cannot_be_read_are_listed_with_row_field_and_reason_and_the_run_goes_on(
    engine: Engine, tmp_path: Path
):
    people = write_caseload(
        tmp_path / "people.jsonl",
        [
            {"id": "one", "note": "Lonely."},
            "{not json",
            {"id": "two", "note": "Lonely.", "age": 900},
            {"note": "no id"},
            {"id": "one", "note": "again"},
            {"id": "three", "interests": ["singing"]},
        ],
    )
    output = out(tmp_path)
    totals = rescore(engine, people, output, as_of=DAY, workers=1)
    rejects = list(read_table(output.with_name("cases.rejects.jsonl")))
    assert [(r["row"], r["consultation_id"], r["field"]) for r in rejects] == [
        (2, "", "consultation"),
        (3, "two", "age"),
        (4, "", "id"),
        (5, "one", "id"),
    ]
    assert rejects[3]["reason"] == "id: is already in row 1"
    assert (totals.answered, totals.rejected) == (2, 4)
    assert totals.answered + totals.rejected == 6


def test_a_repeated_id_is_found_across_chunks_and_workers(engine: Engine, tmp_path: Path):
    people = write_caseload(tmp_path / "people.jsonl", [*records(9), *records(3)])
    output = out(tmp_path)
    totals = rescore(engine, people, output, as_of=DAY, workers=2, chunk_size=2)
    reasons = [row["reason"] for row in read_table(output.with_name("cases.rejects.jsonl"))]
    assert reasons == [f"id: is already in row {row}" for row in (1, 2, 3)]
    assert totals.answered == 9


def test_a_bad_record_before_a_good_one_with_its_id_does_not_cost_the_person_the_answer(engine: Engine, tmp_path: Path):
    people = write_caseload(tmp_path / "people.jsonl", [{"id": "one", "age": -1, "note": "x"}, records(1)[0]])
    totals = rescore(engine, people, out(tmp_path), as_of=DAY, workers=1)
    assert (totals.answered, totals.rejected) == (1, 1)


def test_a_person_for_whom_nothing_fits_has_a_row_among_the_consultations(engine: Engine, tmp_path: Path):
    people = write_caseload(
        tmp_path / "people.jsonl",
        [{"id": "far", "interests": ["singing"], "already_tried": ["svc-choir", "svc-choir-2", "svc-walk"]}],
    )
    output = out(tmp_path)
    totals = rescore(engine, people, output, as_of=DAY, workers=1)
    (row,) = read_table(output.with_name("cases.consultations.jsonl"))
    assert (row["status"], row["suggested"], totals.nothing_fits) == ("nothing_fits", 0, 1)
    assert row["screened_out"] == ["already_tried: 3"]
    assert row["unmet_needs"] == ["Singing"]


def test_no_file_of_a_run_holds_the_persons_words(engine: Engine, tmp_path: Path):
    words = "Qwertzuiop lonely since Zanzibar"
    person = {"id": "one", "note": words, "needs": [words], "interests": ["Zanzibar"]}
    people = write_caseload(tmp_path / "people.jsonl", [person])
    output = out(tmp_path)
    rescore(engine, people, output, as_of=DAY, workers=1)
    content = b"".join(file_bytes(output.parent).values()).lower()
    assert b"qwertz" not in content
    assert b"zanzibar" not in content
    assert b"one" in content


def test_parts_add_up_to_the_score(engine: Engine, caseload: Path, tmp_path: Path):
    output = out(tmp_path)
    rescore(engine, caseload, output, as_of=DAY, workers=1)
    rows = list(read_table(output))
    assert rows
    for row in rows:
        assert sum(part_weights(row["parts"]).values()) == pytest.approx(row["score"], abs=1e-5)


# Refusals before any work


def test_an_output_that_is_the_caseload_itself_is_refused(engine: Engine, caseload: Path):
    with pytest.raises(InputError, match="is the caseload itself"):
        rescore(engine, caseload, caseload, as_of=DAY)


def test_a_folder_that_does_not_exist_is_named(engine: Engine, caseload: Path, tmp_path: Path):
    with pytest.raises(InputError, match="nowhere: no such folder"):
        rescore(engine, caseload, tmp_path / "nowhere" / "cases.csv", as_of=DAY)


@pytest.mark.parametrize("name", ["cases.xlsx", "cases"])
def test_an_unknown_ending_is_refused(engine: Engine, caseload: Path, tmp_path: Path, name: str):
    with pytest.raises(InputError, match="must end in"):
        rescore(engine, caseload, tmp_path / name, as_of=DAY)


def test_a_damaged_parquet_caseload_is_one_error_and_leaves_nothing(engine: Engine, tmp_path: Path):
    people = tmp_path / "people.parquet"
    people.write_bytes(b"PAR1 and no more")
    output = out(tmp_path)
    with pytest.raises(InputError, match=r"people\.parquet: not a Parquet file"):
        rescore(engine, people, output, as_of=DAY)
    assert list(output.parent.iterdir()) == []


def test_a_switch_for_tests_is_refused_outside_tests(
    engine: Engine, caseload: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("MATCHER_TEST_BREAK", "resume_skips_chunk")
    monkeypatch.delenv("PYTEST_CURRENT_TEST")
    with pytest.raises(MatcherError, match="for the project's own tests"):
        rescore(engine, caseload, out(tmp_path), as_of=DAY)


# Spreadsheets

HOSTILE = (
    "=1+1",
    "+44",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1+1",
    "＝1+1",
    "|calc",
    "%0A",
    '=HYPERLINK("x")',
)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_cell_starts_a_formula(text: str):
    assert csv_cell(text) == f"'{text}"
    assert plain_cell(csv_cell(text)) == text
    assert csv_cell([text, "b"]).startswith("'")


@pytest.mark.parametrize("text", ["Mill Hall", "'tis", "a=b", "", "1-2-1 mentoring", "£5"])
def test_ordinary_text_is_left_alone(text: str):
    assert csv_cell(text) == text
    assert plain_cell(text) == text


def test_a_hostile_service_name_is_harmless_in_the_csv_and_comes_back_as_it_was(tmp_path: Path):
    row = dict.fromkeys(SUGGESTION_SCHEMA.names, "") | {"service_name": '=cmd|"/c calc"!A1', "score": -0.5}
    write_table([row], SUGGESTION_SCHEMA, tmp_path / "x.csv")
    with (tmp_path / "x.csv").open(encoding="utf-8", newline="") as file:
        (cells,) = csv.DictReader(file)
    assert cells["service_name"] == '\'=cmd|"/c calc"!A1'
    assert cells["score"] == "-0.5"
    assert next(read_table(tmp_path / "x.csv"))["service_name"] == '=cmd|"/c calc"!A1'


# Rows


@pytest.mark.parametrize(
    ("age", "band"),
    [
        (None, "not said"),
        (0, "under 18"),
        (17.9, "under 18"),
        (18, "18-24"),
        (64, "50-64"),
        (65, "65-79"),
        (80, "80 and over"),
    ],
)
def test_age_bands_begin_at_their_first_year(age: float | None, band: str):
    assert age_band(age) == band


def test_an_area_is_the_postcodes_district_or_a_cell_of_about_a_kilometre():
    assert area_of(a_consultation(postcode="sk6 1lb")) == "SK6"
    assert area_of(a_consultation()) == "not said"
    # floor(53.5049 / 0.01) = 5350, floor(-2.5 / 0.015) = -167; the middle is half a cell further
    assert area_of(a_consultation(location=Point(53.5049, -2.5))) == "near 53.505 -2.4975"
    assert area_of(a_consultation(location=Point(53.5001, -2.4951))) == "near 53.505 -2.4975"


@pytest.mark.parametrize(
    ("reason", "field"),
    [
        ("age: too high; needs.0.importance: must be 1 to 3", "age; needs.0.importance"),
        ("consultation.(unknown field): is not a field", "consultation.(unknown field)"),
        ("has more cells than the header: put cells with commas in quotation marks", ""),
    ],
)
def test_a_reject_names_the_fields_at_fault(reason: str, field: str):
    assert reject_row(3, "", reason)["field"] == field
