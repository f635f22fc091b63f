"""What was acknowledged survives a kill without warning, and a switch that breaks this is seen."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import time
from pathlib import Path

import pytest

from matcher.feedback import Store
from tests.matcher.feedback.builders import KEY, an_answer, sqlite_rows
from tests.matcher.feedback.killing import acked_until_killed, start_writers

SOME, MANY = 3, 200
START_S = 5.0


def kills(path: Path, times: int, *, broken: str = "") -> tuple[int, set[str]]:
    """Kill the writers so many times on one store; returns how many keys were acknowledged and which are missing."""
    chance = random.Random(times)  # noqa: S311  moments, not secrets
    acked: list[str] = []
    for _ in range(times):
        acked += acked_until_killed(f"sqlite:///{path}", chance, broken=broken)
        began = time.monotonic()
        store = Store(f"sqlite:///{path}", KEY)
        store.record_answer(an_answer())
        store.close()
        assert time.monotonic() - began < START_S
    kept = [row[0] for row in sqlite_rows(path, "SELECT idempotency_key FROM outcomes")]
    assert len(kept) == len(set(kept))
    assert sqlite_rows(path, "PRAGMA integrity_check") == [("ok",)]
    assert sqlite_rows(path, "SELECT count(*) FROM events WHERE kind = 'outcome'") == [(len(kept),)]
    return len(acked), set(acked) - set(kept)


def test_what_was_acknowledged_survives_a_few_kills(tmp_path: Path) -> None:
    acked, missing = kills(tmp_path / "outcomes.db", SOME)
    assert acked >= SOME * 50
    assert missing == set()


def test_acknowledging_before_the_commit_would_be_seen(tmp_path: Path) -> None:
    """The negative control: with eight writers some key is always on its way when the kill comes."""
    _, missing = kills(tmp_path / "outcomes.db", 1, broken="ack_before_commit")
    assert missing


@pytest.mark.reliability
def test_what_was_acknowledged_survives_many_kills(tmp_path: Path) -> None:
    acked, missing = kills(tmp_path / "outcomes.db", MANY)
    assert acked >= MANY * 50
    assert missing == set()


# the order of writing to the disk and saying so


def unsynced_acks(trace: str) -> tuple[int, int]:
    """How many acknowledgements a trace of system calls has, and how many came without a sync since the one before."""
    acks = late = 0
    synced = False
    for line in trace.splitlines():
        if re.search(r"\bf(data)?sync\(", line) or "fdatasync resumed" in line or "fsync resumed" in line:
            synced = True
        elif re.search(r'\bwrite\(1, "\d+-\d+-\d+', line):
            acks, late, synced = acks + 1, late + (not synced), False
    return acks, late


def traced(tmp_path: Path, broken: str) -> tuple[int, int]:
    """Run one writer under strace until it has acknowledged 500 outcomes."""
    program = shutil.which("strace")
    if program is None:
        pytest.fail("the package strace is missing: apt-get install -y strace", pytrace=False)
    out = tmp_path / "trace"
    prefix = (program, "-f", "-e", "trace=write,fsync,fdatasync", "-o", str(out))
    writer = start_writers(f"sqlite:///{tmp_path / 'outcomes.db'}", 1, broken=broken, prefix=prefix)
    assert writer.stdout is not None
    for _ in range(500):
        writer.stdout.readline()
    pid = int(out.read_text(encoding="utf-8", errors="replace").split(maxsplit=1)[0])
    os.kill(pid, signal.SIGKILL)
    writer.stdout.close()
    writer.wait()
    return unsynced_acks(out.read_text(encoding="utf-8", errors="replace"))


@pytest.mark.reliability
def test_no_outcome_is_acknowledged_before_it_is_on_the_disk(tmp_path: Path) -> None:
    acks, late = traced(tmp_path, "")
    assert acks >= 500
    assert late == 0


@pytest.mark.reliability
def test_a_store_that_does_not_sync_would_be_seen(tmp_path: Path) -> None:
    """The negative control: nothing waits for the disk, so nearly every acknowledgement comes without a sync."""
    acks, late = traced(tmp_path, "sync_off")
    assert acks >= 500
    assert late > 0.9 * acks
