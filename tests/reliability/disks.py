"""Scenarios on a disk that is full or read-only: a small file system of its own, in a mount namespace of its own.

Run as ``unshare ... python -m tests.reliability.disks SCENARIO FOLDER``; prints what was seen as JSON. Nothing outside
the process sees the file system, and it goes with the process.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from matcher import Engine
from matcher.domain import Point
from matcher.feedback import Store
from matcher.taxonomy import read_taxonomy
from service import logs
from service.app import create_app
from service.config import ServiceConfig
from tests.factories import a_catalogue, a_service, write_taxonomy
from tests.matcher.feedback.builders import AS_OF, KEY, an_answer, sqlite_rows

SIZE, LARGER = "4m", "16m"
NOTE = {"note": "Lonely since she moved, used to sing in a choir."}
MOST = 400
BREAK = os.environ.get("TEST_BREAK", "")


def mount(folder: Path, *options: str) -> None:
    """Mount a small file system in memory, or mount it again in another way."""
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", *options, str(folder)], check=True)


def small_disk(folder: Path, size: str = SIZE) -> None:
    mount(folder, "-t", "tmpfs", "-o", f"size={size}", "none")


def fill(folder: Path, leave: int) -> Path:
    """A file that takes the whole disk but for so many bytes."""
    ballast, free = folder / "ballast", os.statvfs(folder)
    ballast.write_bytes(b"x" * (free.f_bavail * free.f_frsize - leave))
    return ballast


def client(folder: Path, state: Path) -> TestClient:
    """An application over one small town, with its key beside and its store on the disk in question."""
    key = folder / "store.key"
    key.write_text(KEY.hex(), encoding="ascii")
    key.chmod(0o600)
    os.environ["MATCHER_STORE_KEY"] = str(key)
    services = [a_service(), a_service(id="walk", name="Strollers", description="A walk.", place=Point(53.6, -2.4))]
    engine = Engine.fit(a_catalogue(*services), read_taxonomy(write_taxonomy(folder / "taxonomy")))
    logs.configure(io.StringIO())
    app = create_app(ServiceConfig(state=state, as_of=AS_OF, rate_per_minute=1_000_000), engine)
    return TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False)


def outcome(open_client: TestClient, number: int) -> tuple[int, float, bool]:
    """Post an outcome: status, seconds, and whether it says when to try again."""
    body = {"response_id": "answer-1", "service_id": "svc-1", "status": "referred"}
    began = time.monotonic()
    reply = open_client.post("/v1/outcomes", json={**body, "idempotency_key": f"key-{number:08d}"})
    return reply.status_code, time.monotonic() - began, "retry-after" in reply.headers


def asked(open_client: TestClient, consent: str) -> int:
    return open_client.post("/v1/suggestions", params={"consent": consent}, json=NOTE).status_code


def full(folder: Path) -> dict[str, Any]:
    """Outcomes until the disk is full and for a while after; then there is space again, without a restart."""
    state = folder / "disk"
    small_disk(state)
    store = Store(f"sqlite:///{state / 'outcomes.db'}", KEY)
    store.record_answer(an_answer())
    with client(folder, state) as open_client:
        first = outcome(open_client, 0)
        ballast = fill(state, 1_000_000)
        replies = {number: outcome(open_client, number) for number in range(1, MOST)}
        answers = Counter(asked(open_client, consent) for consent in ("false", "true") * 10)
        ballast.unlink()
        after = outcome(open_client, MOST)
    acked = [f"key-{number:08d}" for number, reply in replies.items() if reply[0] == 201]
    if BREAK == "ack_before_commit":
        acked = [f"key-{number:08d}" for number in replies]
    kept = [row[0] for row in sqlite_rows(state / "outcomes.db", "SELECT idempotency_key FROM outcomes")]
    return {
        "statuses": Counter(status for status, _, _ in replies.values()),
        "first_and_after": [first[0], after[0]],
        "slowest_refusal_s": max(seconds for status, seconds, _ in replies.values() if status != 201),
        "refused_without_retry": sum(status != 201 and not retry for status, _, retry in replies.values()),
        "answers": answers,
        "acked": len(acked),
        "missing": sorted(set(acked) - set(kept)),
        "kept_twice": len(kept) - len(set(kept)),
        "half_rows": len(kept) - sqlite_rows(state / "outcomes.db", EVENTS)[0][0],
        "integrity": sqlite_rows(state / "outcomes.db", "PRAGMA integrity_check")[0][0],
    }


EVENTS = "SELECT count(*) FROM events WHERE kind = 'outcome'"


def read_only(folder: Path) -> dict[str, Any]:
    """The disk becomes read-only while the service runs, and is so when another one starts; then it is mended."""
    state = folder / "disk"
    small_disk(state)
    with client(folder, state) as open_client:
        mount(state, "-o", "remount,ro")
        refused = [outcome(open_client, 1), outcome(open_client, 2)]
        answers = [asked(open_client, "false"), asked(open_client, "true")]
        mount(state, "-o", "remount,rw")
        mended = [recorded(open_client, state, 3)]
    mount(state, "-o", "remount,ro")
    with client(folder, state) as open_client:
        start = [open_client.get("/health/ready").status_code, asked(open_client, "false")]
        refused.append(outcome(open_client, 4))
        mount(state, "-o", "remount,rw")
        mended.append(outcome(open_client, 5)[0])
    return {
        "mended": mended,
        "refused": [[status, retry] for status, _, retry in refused],
        "answers": answers,
        "start": start,
        "kept": sqlite_rows(state / "outcomes.db", "SELECT count(*) FROM outcomes")[0][0],
    }


def recorded(open_client: TestClient, state: Path, number: int) -> int:
    """The status of an outcome for an answer that is kept just before."""
    store = Store(f"sqlite:///{state / 'outcomes.db'}", KEY)
    store.record_answer(an_answer())
    store.close()
    return outcome(open_client, number)[0]


def batch(folder: Path) -> dict[str, Any]:
    """A caseload whose outputs do not fit on the disk; with more space the run goes on where it was."""
    disk, whole = folder / "disk", folder / "whole"
    small_disk(disk, LARGER)
    whole.mkdir()
    ballast = fill(disk, 200_000)
    runs = [rescore(disk), rescore(disk, "--resume")]
    ballast.unlink()
    runs.append(rescore(disk, "--resume"))
    runs.append(rescore(whole))
    return {
        "codes": [run.returncode for run in runs],
        "lines": [run.stderr.strip().splitlines()[-1:] for run in runs[:2]],
        "traceback": ["Traceback" in run.stderr for run in runs],
        "same": {path.name: path.read_bytes() == (disk / path.name).read_bytes() for path in whole.glob("lists*")},
        "left": [path.name for path in disk.iterdir() if path.name.startswith(".")],
    }


def rescore(where: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """The command on the sample town's caseload."""
    people, output = "data/sample/consultations.jsonl", str(where / "lists.jsonl")
    command = [sys.executable, "-m", "matcher.cli", "rescore", people, "--output", output, "--no-semantic", *options]
    return subprocess.run(
        [*command, "--as-of", "2026-11-01"], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )


if __name__ == "__main__":
    seen = {"full": full, "read_only": read_only, "batch": batch}[sys.argv[1]](Path(sys.argv[2]))
    sys.stdout.write(json.dumps(seen))
