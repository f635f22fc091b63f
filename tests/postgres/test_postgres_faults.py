"""The store on PostgreSQL when the server crashes, freezes, runs out of connections, or is asked to forget."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import pytest

from matcher.feedback import Store, StoreUnavailable, backup, erase_person
from matcher.feedback.database import POOL_SIZE
from matcher.feedback.keeping import person_hmac
from tests.matcher.feedback.builders import KEY, an_answer, an_outcome, bytes_of
from tests.matcher.feedback.killing import start_writers
from tests.matcher.feedback.tables import count, scalar, table
from tests.postgres.server import Server

pytestmark = pytest.mark.postgres

WAIT_S = 2
CRASHES = 3
ACKS_A_CRASH = 50
RESUMED_S = 5.0
SOON_S = 60.0


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    store = Store(url, KEY, wait_s=WAIT_S)
    yield store
    store.close()


class Writers:
    """A writing process, with what it has acknowledged so far. Killed at the end."""

    def __init__(self, url: str) -> None:
        self._process = start_writers(url, 5)
        assert self._process.stdout is not None
        self._lines = self._process.stdout
        self.acked: list[str] = []
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        for line in self._lines:
            self.acked.append(line.decode().strip())

    def wait_for(self, more: int) -> float:
        """Wait for so many more; returns how long the first of them took."""
        before, began, first = len(self.acked), time.monotonic(), 0.0
        while len(self.acked) < before + more:
            assert time.monotonic() - began < SOON_S, "too few acknowledgements: the test proves nothing"
            if len(self.acked) > before and not first:
                first = time.monotonic() - began
            time.sleep(0.01)
        return first or time.monotonic() - began

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._thread.join()
        self._lines.close()


def test_every_commit_waits_for_the_disk(store: Store) -> None:
    store.prepare()
    assert scalar(store, "SHOW synchronous_commit") == "on"
    assert scalar(store, "SHOW statement_timeout") == f"{WAIT_S}s"


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_what_was_acknowledged_survives_crashes_and_writing_resumes_by_itself(
    server: Server, store: Store, url: str, how: str
) -> None:
    """An outcome whose commit was cut short is tried again under its key, and is one row in the end."""
    store.prepare()
    with Writers(url) as writers:
        writers.wait_for(ACKS_A_CRASH)
        for _ in range(CRASHES):
            server.stop("immediate") if how == "stop" else server.kill()
            time.sleep(0.2)
            server.start()
            assert writers.wait_for(ACKS_A_CRASH) < RESUMED_S
    kept = [row[0] for row in table(store, "SELECT idempotency_key FROM outcomes")]
    assert len(writers.acked) >= (CRASHES + 1) * ACKS_A_CRASH
    assert set(writers.acked) <= set(kept)
    assert len(kept) == len(set(kept)) == count(store, "events") - 1


def test_a_server_that_is_down_is_unavailable_and_used_again_when_it_is_up(server: Server, store: Store) -> None:
    store.record_answer(an_answer())
    server.stop("fast")
    began = time.monotonic()
    with pytest.raises(StoreUnavailable):
        store.record_outcome(an_outcome())
    assert time.monotonic() - began < WAIT_S + 1
    server.start()
    assert store.record_outcome(an_outcome()).new


def test_a_frozen_server_holds_a_call_for_a_bounded_time(server: Server, store: Store) -> None:
    """First the old connection is given up, then a new one is tried: each has its own wait."""
    store.record_answer(an_answer())
    server.freeze()
    try:
        began = time.monotonic()
        with pytest.raises(StoreUnavailable):
            store.record_outcome(an_outcome())
        assert time.monotonic() - began < 2 * (WAIT_S + 1) + 1
    finally:
        server.freeze(frozen=False)
    assert store.record_outcome(an_outcome()).new
    assert count(store, "outcomes") == 1


def test_without_a_free_connection_the_store_is_unavailable_within_the_wait(store: Store) -> None:
    store.record_answer(an_answer())
    held = [store.engine.connect() for _ in range(POOL_SIZE)]
    began = time.monotonic()
    with pytest.raises(StoreUnavailable):
        store.record_outcome(an_outcome())
    assert time.monotonic() - began < WAIT_S + 1
    for connection in held:
        connection.close()
    assert store.record_outcome(an_outcome()).new


def test_a_row_that_somebody_holds_is_unavailable_within_the_wait(store: Store) -> None:
    store.record_answer(an_answer())
    with store.engine.begin() as other:
        other.exec_driver_sql("LOCK TABLE outcomes IN ACCESS EXCLUSIVE MODE")
        began = time.monotonic()
        with pytest.raises(StoreUnavailable):
            store.record_outcome(an_outcome())
        assert time.monotonic() - began < WAIT_S + 1


def test_erasure_leaves_no_byte_of_a_person_in_the_tables_files(server: Server, store: Store) -> None:
    """The server's own journal and archives are its operator's; the tables, indexes and statistics are ours."""
    ref = "pseudonym-4711"
    person = person_hmac(ref, KEY)
    assert person is not None
    for place in range(40):
        store.record_answer(an_answer(f"theirs-{place}", person_hmac=person))
        store.record_answer(an_answer(f"another's-{place}", person_hmac="ab" * 32))
        store.record_outcome(an_outcome(f"key-{place}", response_id=f"theirs-{place}", person_ref=ref))
    checkpoint(store)
    assert person.encode() in bytes_of(server.data / "base")
    erase_person(store, ref)
    checkpoint(store)
    found = bytes_of(server.data / "base")
    assert person.encode() not in found
    assert b"another's-39" in found


def checkpoint(store: Store) -> None:
    """Have the server write its tables to their files."""
    with store.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.exec_driver_sql("VACUUM pg_statistic")
        connection.exec_driver_sql("CHECKPOINT")


def test_a_backup_can_be_restored(server: Server, store: Store, tmp_path: Path) -> None:
    store.record_answer(an_answer())
    store.record_outcome(an_outcome())
    copy = backup(store, tmp_path / "copy.dump")
    assert copy.stat().st_mode & 0o077 == 0
    server.run("createdb", "-h", str(server.folder), "-U", "postgres", "restored")
    server.restore(copy, "restored")
    restored = Store(server.url("restored"), KEY)
    assert restored.answer("answer-1") == store.answer("answer-1")
    assert len(restored.outcomes_of("answer-1")) == 1
    assert restored.record_outcome(an_outcome("later")).new
    restored.close()
