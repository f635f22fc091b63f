"""`matcher outcomes` and `matcher replay`, as an analyst or operator types them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from matcher.cli import app
from matcher.evaluation import read_judgements, read_run
from matcher.feedback import DeclineReason, Status, Store
from matcher.feedback.keeping import person_hmac
from tests.matcher.feedback.builders import KEY, STAMP, an_answer, an_outcome
from tests.matcher.feedback.tables import count

REF = "pseudonym-4711"


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = tmp_path / "store.key"
    key.write_text(KEY.hex(), encoding="ascii")
    key.chmod(0o600)
    monkeypatch.setenv("MATCHER_STORE", f"sqlite:///{tmp_path / 'outcomes.db'}")
    monkeypatch.setenv("MATCHER_STORE_KEY", str(key))
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """One person's answer with three outcomes, one of them of a service from outside the list."""
    store = Store(f"sqlite:///{tmp_path / 'outcomes.db'}", KEY)
    store.record_answer(an_answer(person_hmac=person_hmac(REF, KEY)))
    store.record_outcome(an_outcome("1", status=Status.attended))
    store.record_outcome(an_outcome("2", service_id="svc-2", status=Status.declined, reason=DeclineReason.not_eligible))
    store.record_outcome(an_outcome("3", service_id="=cmd()"))
    yield store
    store.close()


def run(*arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(app, [*arguments], input=typed)


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_the_exported_run_is_one_that_evaluation_reads(store: Store, tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"run.{ending}"
    assert run("outcomes", "export", "--as", "run", "--output", str(path)).exit_code == 0
    read = read_run(path)
    listed = read.lists["answer-1"]
    assert [shown.service_id for shown in listed] == ["svc-1", "svc-2"]
    assert [shown.score for shown in listed] == pytest.approx([1 / 2, 1 / 3], abs=1e-9)
    assert read.stamp == str(STAMP)


def test_the_exported_judgements_are_ones_that_evaluation_reads(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "judgements.csv"
    assert run("outcomes", "export", "--as", "judgements", "--output", str(path)).exit_code == 0
    read = read_judgements(path)
    assert (read.of("answer-1", "svc-1").grade, read.of("answer-1", "svc-2").barred) == (3, "not eligible")


def test_no_exported_cell_is_a_formula(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "all.csv"
    assert run("outcomes", "export", "--output", str(path)).exit_code == 0
    text = path.read_text(encoding="utf-8-sig")
    assert "'=cmd()" in text
    assert ",=cmd()" not in text


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("export", "--output", "x.txt"), 1, "must end in"),
        (("export", "--as", "poem", "--output", "x.csv"), 2, "judgements"),
        (("export", "--since", "yesterday", "--output", "x.csv"), 2, "date"),
        (("expire", "--days", "0"), 2, "days"),
    ],
)
def test_wrong_use_is_said_in_one_line(store: Store, arguments: tuple[str, ...], code: int, said: str) -> None:
    result = run("outcomes", *arguments)
    assert result.exit_code == code
    assert said in result.output
    assert "Traceback" not in result.output


def test_people_are_erased_by_pseudonyms_from_a_pipe_which_are_not_repeated(store: Store) -> None:
    result = run("outcomes", "erase", typed=f"{REF}\n\nnobody\n")
    assert result.output.splitlines() == ["1 answers and 3 outcomes erased", "0 answers and 0 outcomes erased"]
    assert count(store, "answers") == 0


def test_what_is_young_does_not_expire(store: Store) -> None:
    assert run("outcomes", "expire", "--days", "1").exit_code == 0
    assert count(store, "answers") == 1


def test_a_backup_is_made_once(store: Store, tmp_path: Path) -> None:
    copy = str(tmp_path / "copy.db")
    assert run("outcomes", "backup", "--output", copy).exit_code == 0
    again = run("outcomes", "backup", "--output", copy)
    assert again.exit_code == 1
    assert "exists already" in again.output


def test_replay_shows_what_was_shown_and_what_came_of_it(store: Store) -> None:
    result = run("replay", "answer-1")
    assert result.exit_code == 0
    for said in (str(STAMP), "svc-1", "svc-2", "loneliness", "attended", "declined (not eligible)", "outside the list"):
        assert said in result.output


def test_replay_of_an_unknown_answer_says_so(store: Store) -> None:
    result = run("replay", "answer-9")
    assert result.exit_code == 1
    assert "no such answer is kept" in result.output


def test_replay_refuses_another_consultation(store: Store, tmp_path: Path) -> None:
    asked = tmp_path / "asked.json"
    asked.write_text('{"note": "canary words"}', encoding="utf-8")
    result = run("replay", "answer-1", "--consultation", str(asked), "--no-semantic")
    assert result.exit_code == 1
    assert "not the consultation" in result.output
    assert "canary" not in result.output
