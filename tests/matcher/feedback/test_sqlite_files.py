"""The store's SQLite files: durable, private, forgetting, and no worse than unavailable when something fails."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, insert
from sqlalchemy.exc import IntegrityError

from matcher.domain import InputError
from matcher.feedback import Store, StoreUnavailable, backup, erase_person
from matcher.feedback.keeping import person_hmac
from matcher.feedback.schema import outcomes
from tests.matcher.feedback.builders import KEY, NOON, an_answer, an_outcome, bytes_of, sqlite_rows
from tests.matcher.feedback.tables import count, scalar

REF = "pseudonym-4711"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store" / "outcomes.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{path}", KEY, wait_s=1)
    yield store
    store.close()


def test_every_connection_writes_through_to_the_disk(store: Store) -> None:
    """synchronous 2 is FULL: in WAL mode each commit then waits for the disk."""
    expected = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1, "busy_timeout": 1000}
    store.prepare()
    assert {name: scalar(store, f"PRAGMA {name}") for name in expected} == expected


def test_the_wait_for_a_lock_is_five_seconds_unless_told_otherwise(path: Path) -> None:
    usual = Store(f"sqlite:///{path}", KEY)
    usual.prepare()
    assert scalar(usual, "PRAGMA busy_timeout") == 5000
    usual.close()


def test_the_files_are_for_their_owner_alone(store: Store, path: Path) -> None:
    store.record_answer(an_answer())
    assert {file.stat().st_mode & 0o077 for file in path.parent.iterdir()} == {0}


# forgetting


def test_erasure_leaves_no_byte_of_a_person_in_any_file_of_the_store(store: Store, path: Path) -> None:
    """The pseudonym itself is never written; its digest and the answer's name are, until the erasure."""
    person = person_hmac(REF, KEY)
    assert person is not None
    for place in range(60):
        store.record_answer(an_answer(f"theirs-{place}", person_hmac=person, cell="51.115,0.49"))
        store.record_answer(an_answer(f"another's-{place}", person_hmac="ab" * 32))
        store.record_outcome(
            an_outcome(f"outcome-{place}", response_id=f"theirs-{place}", service_id="svc-secret", person_ref=REF)
        )
    before = bytes_of(path.parent)
    assert REF.encode() not in before
    assert person.encode() in before
    erase_person(store, REF)
    after = bytes_of(path.parent)
    assert [word for word in (person, "51.115,0.49", "svc-secret") if word.encode() in after] == []
    assert b"another's-59" in after
    assert sqlite_rows(path, "PRAGMA integrity_check") == [("ok",)]


def test_without_the_scrubbing_the_bytes_would_still_be_there(
    store: Store, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control of the test above."""
    person = person_hmac(REF, KEY)
    assert person is not None
    monkeypatch.setattr("matcher.feedback.retention.scrub", lambda store: None)
    store.record_answer(an_answer(person_hmac=person))
    erase_person(store, REF)
    assert count(store, "answers") == 0
    assert person.encode() in bytes_of(path.parent)


def test_an_erasure_that_a_reader_holds_up_says_so_and_can_be_run_again(store: Store, path: Path) -> None:
    store.record_answer(an_answer(person_hmac=person_hmac(REF, KEY)))
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM answers").fetchall()
        with pytest.raises(StoreUnavailable):
            erase_person(store, REF)
    assert count(store, "answers") == 0
    erase_person(store, REF)
    assert str(person_hmac(REF, KEY)).encode() not in bytes_of(path.parent)


# backup


def test_a_backup_is_a_whole_store_that_can_be_used_as_it_is(store: Store, tmp_path: Path) -> None:
    store.record_answer(an_answer())
    store.record_outcome(an_outcome())
    copy = backup(store, tmp_path / "copy.db")
    store.record_outcome(an_outcome("later"))
    assert sqlite_rows(copy, "PRAGMA integrity_check") == [("ok",)]
    assert copy.stat().st_mode & 0o077 == 0
    restored = Store(f"sqlite:///{copy}", KEY)
    assert restored.answer("answer-1") == store.answer("answer-1")
    assert [outcome.status for outcome in restored.outcomes_of("answer-1")] == ["referred"]
    restored.close()
    assert not list(tmp_path.glob("*.tmp"))


def test_a_backup_overwrites_nothing(store: Store, tmp_path: Path) -> None:
    (tmp_path / "copy.db").write_text("precious", encoding="utf-8")
    with pytest.raises(InputError, match="exists already"):
        backup(store, tmp_path / "copy.db")
    assert (tmp_path / "copy.db").read_text(encoding="utf-8") == "precious"


# faults


def test_a_locked_store_is_unavailable_within_the_wait_and_works_again_after(store: Store, path: Path) -> None:
    store.record_answer(an_answer())
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        with pytest.raises(StoreUnavailable) as error:
            store.record_outcome(an_outcome())
        assert time.monotonic() - began < 1 + 1
        assert error.value.retry_after_s > 0
        assert store.answer("answer-1").response_id == "answer-1"
    assert store.record_outcome(an_outcome()).new
    assert count(store, "outcomes") == 1


def test_a_full_disk_is_unavailable_keeps_no_half_row_and_works_again_after(path: Path) -> None:
    """SQLite's own page limit gives the same error as a full disk."""
    store = Store(f"sqlite:///{path}", KEY)
    store.prepare()
    event.listen(store.engine, "checkout", _limit_pages)
    acked: list[str] = []
    with pytest.raises(StoreUnavailable):
        _fill(store, acked)
    event.remove(store.engine, "checkout", _limit_pages)
    event.listen(store.engine, "checkout", _lift_limit)
    assert [row[0] for row in sqlite_rows(path, "SELECT response_id FROM answers ORDER BY sequence")] == acked
    assert count(store, "shown") == 2 * len(acked)
    assert store.record_answer(an_answer("after"))
    store.close()


def _fill(store: Store, acked: list[str]) -> None:
    for place in range(1000):
        store.record_answer(an_answer(f"answer-{place}"))
        acked.append(f"answer-{place}")


def _limit_pages(connection: Any, *_: object) -> None:
    connection.execute("PRAGMA max_page_count=40")


def _lift_limit(connection: Any, *_: object) -> None:
    connection.execute("PRAGMA max_page_count=1000000")


def test_a_file_that_is_no_database_is_unavailable(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"not a database at all, but long enough to look like one" * 40)
    store = Store(f"sqlite:///{path}", KEY)
    with pytest.raises(StoreUnavailable):
        store.record_answer(an_answer())
    store.close()


def test_a_folder_that_cannot_be_made_is_unavailable_and_used_as_soon_as_it_can(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("in the way", encoding="utf-8")
    store = Store(f"sqlite:///{tmp_path / 'store' / 'outcomes.db'}", KEY)
    with pytest.raises(StoreUnavailable):
        store.record_answer(an_answer())
    (tmp_path / "store").unlink()
    assert store.record_answer(an_answer())
    store.close()


def test_no_error_or_log_line_holds_what_was_to_be_stored(
    store: Store, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store.record_answer(an_answer())
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable) as error:
            store.record_outcome(an_outcome("canary-key", service_id="canary-service", person_ref="canary-person"))
    assert "canary" not in f"{error.value!r} {error.value} {error.value.__cause__} {caplog.text}"
    assert "OperationalError" in caplog.text


def test_a_broken_constraint_says_nothing_of_the_row(store: Store) -> None:
    row = dict.fromkeys(("idempotency_key", "response_id", "service_id", "status"), "canary")
    with pytest.raises(IntegrityError) as error, store.writing() as connection:
        connection.execute(insert(outcomes), {**row, "recorded_at": NOON})
    assert "canary" not in str(error.value)
