"""The store of outcomes when another holds it, when a backup is taken in full use, and when the disk fails a write."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import median

import pytest

from matcher.feedback import Store, backup
from tests.matcher.feedback.builders import KEY, an_answer, an_outcome, sqlite_rows
from tests.matcher.feedback.killing import start_writers
from tests.reliability.load import calm_rate, percentile, start_load
from tests.service.test_serving import running

JSON = {"Content-Type": "application/json"}
BUSY_S = 5
"""How long the store waits for a lock."""
RATE, QUIET_RATIO, STALL_S = 20, 2.0, 0.2


def acked_keys(writers: subprocess.Popen[bytes], count: int) -> list[str]:
    assert writers.stdout is not None
    return [writers.stdout.readline().decode().strip() for _ in range(count)]


def keys_in(path: Path) -> set[str]:
    return {row[0] for row in sqlite_rows(path, "SELECT idempotency_key FROM outcomes")}


@contextmanager
def writing(path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Eight threads of another process that write as fast as they can; killed at the end."""
    writers = start_writers(f"sqlite:///{path}", 8)
    try:
        yield writers
    finally:
        writers.kill()
        writers.communicate()


# backups in full use


def test_a_backup_taken_in_full_use_has_all_that_was_acknowledged_before_it_and_can_be_used(tmp_path: Path) -> None:
    path = tmp_path / "outcomes.db"
    with writing(path) as writers:
        acked = acked_keys(writers, 300)
        store = Store(f"sqlite:///{path}", KEY)
        copy = backup(store, tmp_path / "copy.db")
        store.close()
        after = acked_keys(writers, 50)
    assert len(after) == 50, "validity floor: the writers wrote all the while"
    restored = tmp_path / "elsewhere" / "outcomes.db"
    restored.parent.mkdir()
    shutil.copy(copy, restored)
    assert set(acked) <= keys_in(restored)
    assert sqlite_rows(restored, "PRAGMA integrity_check") == [("ok",)]
    assert sqlite_rows(restored, "SELECT count(*) FROM events WHERE kind = 'outcome'") == [(len(keys_in(restored)),)]
    again = Store(f"sqlite:///{restored}", KEY)
    assert again.record_outcome(an_outcome("after the drill")).new
    again.close()


def test_a_plain_copy_of_the_file_would_be_seen_to_lack_some(tmp_path: Path) -> None:
    """The negative control: what is still in the journal is not in a copy of the database file alone."""
    path = tmp_path / "outcomes.db"
    with writing(path) as writers:
        acked = acked_keys(writers, 300)
        shutil.copy(path, tmp_path / "copy.db")
    kept: set[str] = set()
    try:
        kept = keys_in(tmp_path / "copy.db")
    except sqlite3.DatabaseError:
        return  # torn: seen as well
    assert not set(acked) <= kept


# somebody holds the lock


def post(port: int, path: str, body: dict[str, object]) -> tuple[int, float, str | None]:
    """Status, seconds and Retry-After of one call."""
    started = time.monotonic()
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.request("POST", path, json.dumps(body), JSON)
        response = connection.getresponse()
        response.read()
    return response.status, time.monotonic() - started, response.headers["Retry-After"]


def outcomes_while_locked(port: int, path: Path, hold_s: float, name: str) -> list[tuple[int, float, str | None]]:
    """What becomes of eight outcomes that are posted at the beginning of so long a lock."""
    found: list[tuple[int, float, str | None]] = []

    def one(number: int) -> None:
        body = {"response_id": "answer-1", "service_id": "svc-1", "status": "referred"}
        found.append(post(port, "/v1/outcomes", {**body, "idempotency_key": f"{name}-{number:08d}"}))

    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        threads = [threading.Thread(target=one, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        time.sleep(max(0.0, began + hold_s - time.monotonic()))
    for thread in threads:
        thread.join()
    return found


@pytest.mark.reliability
def test_a_lock_held_for_3_s_delays_outcomes_and_for_30_s_refuses_them_and_answering_goes_on(tmp_path: Path) -> None:
    state, key = tmp_path / "state", tmp_path / "store.key"
    key.write_text(KEY.hex(), encoding="ascii")
    key.chmod(0o600)
    path = state / "outcomes.db"
    store = Store(f"sqlite:///{path}", KEY)
    store.record_answer(an_answer())
    store.close()
    variables = {"MATCHER_STORE_KEY": str(key), "MATCHER_RATE_PER_MINUTE": "1000000"}
    with running(state, **variables) as (_, port):
        rate = calm_rate(port, RATE)
        quiet = [reply.seconds for reply in start_load([port], rate, 15).replies()]
        assert [status for status, _, _ in outcomes_while_locked(port, path, 3, "short")] == [201] * 8
        load = start_load([port], rate, 30)
        probes = start_load([port], 10, 30, path="/health/live")
        refused = outcomes_while_locked(port, path, 30, "long")
        answers, alive = load.replies(), probes.replies()
        assert post(port, "/v1/outcomes", body_after())[0] == 201
    assert {reply.status for reply in (*answers, *alive)} == {200}
    assert [(status, retry is not None) for status, _, retry in refused] == [(503, True)] * 8
    assert max(seconds for _, seconds, _ in refused) <= BUSY_S + 1 + 1
    busy = [reply.seconds for reply in answers]
    print(  # noqa: T201
        f"p99 {percentile(busy, 99) * 1000:.0f} ms locked, {percentile(quiet, 99) * 1000:.0f} ms quiet; "
        f"longest stall {max(reply.seconds for reply in alive) * 1000:.0f} ms"
    )
    assert percentile(busy, 95) <= QUIET_RATIO * max(percentile(quiet, 95), 0.02)
    assert median(reply.seconds for reply in alive) <= STALL_S
    assert keys_in(path) == {*(f"short-{n:08d}" for n in range(8)), "after-00000000"}


def body_after() -> dict[str, object]:
    body = {"response_id": "answer-1", "service_id": "svc-1", "status": "attended"}
    return {**body, "idempotency_key": "after-00000000"}


# the disk fails a write or a sync

CALLS = ("pwrite64", "fdatasync")
STEPS = (1, 2, 3, 5, 8, 13, 21, 34)
"""Which call of each thread fails, with the two after it; a commit syncs once and writes a few times."""


def killed_after_a_fault(folder: Path, call: str, nth: int, broken: str = "") -> tuple[set[str], set[str]]:
    """Keys acknowledged and kept by writers whose Nth call fails, as a worn-out disk would have it."""
    program = shutil.which("strace")
    if program is None:
        pytest.fail("the package strace is missing: apt-get install -y strace", pytrace=False)
    folder.mkdir()
    path, trace = folder / "outcomes.db", folder / "trace"
    fault = (program, "-f", "-qq", "-e", f"trace={call}", "-e", f"inject={call}:error=EIO:when={nth}..{nth + 2}")
    writers = start_writers(f"sqlite:///{path}", 1, broken=broken, prefix=(*fault, "-o", str(trace)))
    assert writers.stdout is not None
    lines = [writers.stdout.readline() for _ in range(60)]
    traced = trace.read_text(encoding="utf-8", errors="replace")
    assert "INJECTED" in traced or not all(lines), "validity floor: the fault never came"
    for pid in {int(line.split(maxsplit=1)[0]) for line in traced.splitlines() if re.match(r"\d+ ", line)}:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    acked = {line.decode().strip() for line in [*lines, *writers.stdout.readlines()] if line.endswith(b"\n")}
    writers.stdout.close()
    writers.wait()
    kept = keys_in(path) if path.exists() and sqlite_rows(path, "SELECT name FROM sqlite_master") else set()
    if kept:
        assert sqlite_rows(path, "PRAGMA integrity_check") == [("ok",)]
    return acked, kept


@pytest.mark.reliability
@pytest.mark.parametrize("call", CALLS)
def test_no_failed_write_or_sync_makes_a_false_acknowledgement(tmp_path: Path, call: str) -> None:
    seen = 0
    for nth in STEPS:
        acked, kept = killed_after_a_fault(tmp_path / f"{call}-{nth}", call, nth)
        assert acked <= kept, f"{call} number {nth}"
        seen += len(acked)
    assert seen >= 50 * len(STEPS) / 2, "validity floor: too few acknowledgements"
