from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.batch import SUGGESTION_SCHEMA, write_table
from matcher.domain import InputError
from matcher.evaluation.runs import read_run, run_of_rows
from matcher.evaluation.trec import encoded, read_trec_qrels, read_trec_run, write_trec_qrels, write_trec_run


def a_row(consultation_id: str, rank: int, service_id: str, **changes: object) -> dict[str, object]:
    return {
        "consultation_id": consultation_id,
        "rank": rank,
        "service_id": service_id,
        "service_name": "Choir",
        "score": 1 / rank,
        "standing": "fits",
        "distance_km": 1.5,
        "reasons": ["Because of company: offers choir", "Close by"],
        "cautions": [],
        "stamp": "0.1/a/b/c/d",
        **changes,
    }


ROWS = [a_row("007", 2, "b"), a_row("007", 1, "0042", distance_km=None), a_row("c2", 1, "b", reasons=[])]


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_a_run_is_the_same_from_rows_and_from_every_kind_of_file(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"mine.{ending}"
    write_table(ROWS, SUGGESTION_SCHEMA, path)
    assert read_run(path) == run_of_rows("mine", ROWS)


def test_lists_go_by_rank_and_ids_keep_their_zeros() -> None:
    run = run_of_rows("mine", ROWS)
    assert [shown.service_id for shown in run.lists["007"]] == ["0042", "b"]
    assert run.lists["007"][0].distance_km is None
    assert run.stamp == "0.1/a/b/c/d"
    assert run.top("nobody", 5) == ()


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_a_run_in_which_nothing_was_suggested_is_an_empty_run(ending: str, tmp_path: Path) -> None:
    write_table([], SUGGESTION_SCHEMA, tmp_path / f"mine.{ending}")
    assert read_run(tmp_path / f"mine.{ending}").lists == {}


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([a_row("ann", 1, "a"), a_row("ann", 1, "b")], "rank 1 is given twice"),
        ([a_row("ann", 1, "a"), a_row("ann", 2, "a")], "listed twice"),
    ],
)
def test_a_list_that_contradicts_itself_is_refused(rows: list[dict[str, object]], message: str) -> None:
    with pytest.raises(InputError, match=message):
        run_of_rows("mine", rows)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("x.txt", "", "must end in"),
        ("x.csv", "a,b\n1,2\n", "no column consultation_id"),
        ("x.csv", "consultation_id,rank,service_id,score\nann,first,s1,1\n", "must be numbers"),
        ("x.jsonl", "not json\n", "cannot be read"),
        ("x.parquet", "PAR", "cannot be read"),
        ("x.run", "ann Q0 s1 1 0.5\n", "line 1: .* has 6 columns, not 5"),
        ("x.run", "ann Q0 s1 first 0.5 me\n", "line 1: rank and score must be numbers"),
    ],
)
def test_a_faulty_file_is_one_clear_line(name: str, content: str, message: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read_run(tmp_path / name)


def test_a_missing_file_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.csv: no such file"):
        read_run(tmp_path / "none.csv")


def test_a_trec_run_of_another_tool_goes_by_its_score(tmp_path: Path) -> None:
    path = tmp_path / "other.run"
    path.write_text("q1 Q0 low 1 0.2 them\nq1 Q0 high 2 0.9 them\n\n", encoding="utf-8")
    assert [shown.service_id for shown in read_run(path).lists["q1"]] == ["high", "low"]


IDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)


@given(lists=st.dictionaries(IDS, st.lists(IDS, min_size=1, max_size=5, unique=True), max_size=4))
def test_any_ids_survive_the_way_into_a_trec_run_and_back(
    lists: dict[str, list[str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("trec") / "any.run"
    write_trec_run("my run", lists, path)
    assert {key: [s for s, _ in found] for key, found in read_trec_run(path).items()} == lists


@given(grades=st.dictionaries(IDS, st.dictionaries(IDS, st.integers(0, 3), min_size=1, max_size=4), max_size=4))
def test_any_ids_survive_the_way_into_qrels_and_back(
    grades: dict[str, dict[str, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("trec") / "any.qrels"
    write_trec_qrels(grades, path)
    assert read_trec_qrels(path) == grades


def test_plain_ids_are_written_as_they_are() -> None:
    assert encoded("ee8fee38-4ce8") == "ee8fee38-4ce8"
    assert encoded("two words 5%") == "two%20words%205%25"
