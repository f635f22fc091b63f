"""Caseload files as people have them: spreadsheets with gaps, other encodings, missing values, damaged rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from matcher.caseload import EXTRA_CELLS, UNREADABLE, read_caseload, record_of_cells
from matcher.consultations import read_consultation
from matcher.domain import InputError, Need, OtherPerson, Point, TimeWindow


def a_csv(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "people.csv"
    path.write_bytes(text.encode(encoding))
    return path


CELLS = {
    "id": "one",
    "needs": "debts:3; company; meals: hot ones:1",
    "interests": "darts; coarse fishing",
    "age": "51",
    "lat": "53.5",
    "lon": "-2.5",
    "max_cost": "0",
    "max_distance_km": "2.5",
    "availability": "Mon 09:00-12:00; Tue",
    "others": "daughter:4; mother",
    "modes": "in_person; phone",
    "languages": "",
}


def test_a_row_of_cells_is_the_consultation_that_its_json_would_be():
    read = read_consultation(record_of_cells(CELLS))
    assert read.needs == (Need("debts", 3), Need("company", 2), Need("meals: hot ones", 1))
    assert read.interests == ("darts", "coarse fishing")
    assert (read.age, read.max_cost, read.max_distance_km) == (51, 0, 2.5)
    assert read.location == Point(53.5, -2.5)
    assert read.availability == (TimeWindow(0, 9 * 60, 12 * 60), TimeWindow(1, 0, 24 * 60))
    assert read.others == (OtherPerson("daughter", 4), OtherPerson("mother"))
    assert read.languages == ()


def test_empty_cells_mean_not_discussed():
    read = read_consultation(record_of_cells({"id": "one", "note": "Lonely.", "age": "", "max_cost": "", "lat": ""}))
    assert (read.age, read.max_cost, read.location) == (None, None, None)


@pytest.mark.parametrize("age", ["٣٠", "1_000", "thirty", "NaN", "inf", "1e999", "0x1f"])
def test_what_is_no_plain_number_is_refused_by_the_checks_and_not_guessed(age: str):
    with pytest.raises(InputError, match="age"):
        read_consultation(record_of_cells({"id": "one", "note": "Lonely.", "age": age}))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_file_is_read_in_the_encoding_in_which_an_office_saved_it(tmp_path: Path, encoding: str):
    path = a_csv(tmp_path, "ID,Note\r\none,Can pay £5 – no more. She said “never again”.\r\n", encoding)
    assert list(read_caseload(path)) == [{"id": "one", "note": "Can pay £5 – no more. She said “never again”."}]


def test_a_heading_may_have_capitals_and_spaces(tmp_path: Path):
    path = a_csv(tmp_path, " Id ,Max Distance km,NOTE\none,3,Lonely.\n")
    assert list(read_caseload(path)) == [{"id": "one", "max_distance_km": 3.0, "note": "Lonely."}]


def test_blank_rows_are_passed_over_and_a_long_row_is_marked(tmp_path: Path):
    path = a_csv(tmp_path, 'id,note\n\n,,\none,"Lonely, since June"\ntwo,Lonely, since June\n')
    first, second = read_caseload(path)
    assert first == {"id": "one", "note": "Lonely, since June"}
    assert isinstance(second, dict)
    assert second[EXTRA_CELLS] is True


def test_a_row_that_csv_cannot_hold_is_one_record_and_the_next_is_read(tmp_path: Path):
    huge = "x" * 10_000_001
    path = a_csv(tmp_path, f"id,note\none,{huge}\ntwo,Lonely.\n")
    records = list(read_caseload(path))
    assert [set(record) for record in records if isinstance(record, dict) and UNREADABLE in record] == [{UNREADABLE}]
    assert records[-1] == {"id": "two", "note": "Lonely."}
    assert "xxx" not in str(records[0])


def test_missing_values_of_parquet_are_not_discussed(tmp_path: Path):
    columns: dict[str, Any] = {
        "id": pa.array([7]),
        "note": pa.array(["Lonely."]),
        "age": pa.array([float("nan")]),
        "max_cost": pa.array([None], pa.float64()),
        "location": pa.array([None], pa.struct([("lat", pa.float64()), ("lon", pa.float64())])),
        "needs": pa.array([[{"label": "debts", "importance": None}]]),
    }
    pq.write_table(pa.table(columns), tmp_path / "people.parquet")
    (record,) = read_caseload(tmp_path / "people.parquet")
    assert record == {"id": "7", "note": "Lonely.", "needs": [{"label": "debts"}]}


@pytest.mark.parametrize("name", ["people.parquet", "people.jsonl", "people.csv"])
def test_a_file_that_does_not_exist_is_named(tmp_path: Path, name: str):
    with pytest.raises(InputError, match=f"^{name}: no such file$"):
        list(read_caseload(tmp_path / name))


def test_a_folder_or_an_unknown_ending_is_refused(tmp_path: Path):
    with pytest.raises(InputError, match="must end in"):
        list(read_caseload(tmp_path / "people.xlsx"))
    (tmp_path / "people.csv").mkdir()
    with pytest.raises(InputError, match="no such file"):
        list(read_caseload(tmp_path / "people.csv"))


def test_a_caseload_is_read_a_row_at_a_time(tmp_path: Path):
    path = tmp_path / "people.jsonl"
    path.write_text('{"id": "one"}\n\n{"id": "two"}\n' + "x" * 100, encoding="utf-8")
    records = read_caseload(path)
    assert next(records) == '{"id": "one"}\n'
    assert next(records) == '{"id": "two"}\n'
