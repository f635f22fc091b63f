"""Workers that die are replaced, a parent that dies takes its workers along, and a rolling restart fails nobody."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.reliability.load import Reply, calm_rate, start_load
from tests.service.test_serving import running

pytestmark = pytest.mark.reliability
RATE = 50
KILLS = int(os.environ.get("KILLS", "20"))
RESTARTS = int(os.environ.get("RESTARTS", "20"))
RESPAWN_S = 5.0
SLOWER_UNDER_LOAD = 1.5
"""So much longer than the whole service did may a worker take to start while the other one answers."""
LONGEST_S = 900.0
LOST_A_KILL = 5
"""What a worker may have had in hand at 50 requests a second when it was killed."""
EXIT_S = 10.0
ORPHANS_S = 15.0
UNLIMITED = {"MATCHER_RATE_PER_MINUTE": "10000000"}


def workers_of(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """The processes that answer, without Python's own helper beside them."""
    found = []
    for child in psutil.Process(process.pid).children():
        with contextlib.suppress(psutil.Error):  # it may have just died
            found += [child] if "spawn_main" in " ".join(child.cmdline()) else []
    return found


def taken(log: Path) -> int:
    """How many workers have got a catalogue so far, by the service's own log."""
    return log.read_text().count('"event": "catalogue_taken"')


def respawn_s(process: subprocess.Popen[str], log: Path) -> float:
    """Kill a worker; seconds until another one in its place serves."""
    before, started = taken(log), time.monotonic()
    workers_of(process)[0].kill()
    while taken(log) == before:
        assert time.monotonic() - started < 60, "no worker came in its place"
        time.sleep(0.02)
    return time.monotonic() - started


def living(processes: list[psutil.Process], port: int) -> list[object]:
    """Which of these are alive, and whether anybody still takes connections on the port."""
    found: list[object] = [p.pid for p in processes if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        found.append(port)
    return found


def killed(folder: Path, kills: int) -> tuple[list[Reply], list[float], float]:
    """Kill workers one after another under load, then their parent.

    Returns what callers saw, how long each replacement took, and how long it may take on a machine as fast as this one.
    """
    log, began = folder / "server.log", time.monotonic()
    with running(folder / "state", "--workers", "2", **UNLIMITED) as (process, port):
        allowed, seconds = max(RESPAWN_S, (time.monotonic() - began) * SLOWER_UNDER_LOAD), list[float]()
        load = start_load([port], calm_rate(port, RATE), LONGEST_S, retries=1)
        time.sleep(1)
        for _ in range(kills):
            seconds.append(respawn_s(process, log))
            time.sleep(0.5)
        replies = load.replies(now=True)
        workers = workers_of(process)
        assert len(living(workers, port)) == 3, "two workers and the port: the look-out sees them while they live"
        process.kill()
        ends = time.monotonic() + ORPHANS_S
        while (left := living(workers, port)) and time.monotonic() < ends:
            time.sleep(0.1)
        assert left == [], "workers outlive their parent"
    return replies, seconds, allowed


def assert_hardly_noticed(replies: list[Reply], seconds: list[float], allowed: float) -> None:
    again = [reply for reply in replies if reply.tries > 1]
    print(  # noqa: T201
        f"{len(seconds)} kills, {len(replies)} requests, {len(again)} tried again; "
        f"respawn {max(seconds):.1f} s at most, {allowed:.1f} s allowed"
    )
    assert [reply for reply in replies if reply.status != 200] == []
    assert len(again) <= LOST_A_KILL * len(seconds)
    assert max(seconds) <= allowed


def test_twenty_killed_workers_are_hardly_noticed(tmp_path: Path) -> None:
    assert_hardly_noticed(*killed(tmp_path, KILLS))


@contextlib.contextmanager
def instance(folder: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    """One of two servers behind a balancer, on a port of its own."""
    folder.mkdir(exist_ok=True)
    with running(folder / "state", "--port", str(port), **UNLIMITED) as (process, _):
        yield process


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken_for_a_moment:
        return int(taken_for_a_moment.getsockname()[1])


def rolled(folder: Path, restarts: int, how: signal.Signals = signal.SIGTERM) -> list[Reply]:
    """Stop and start two servers in turn under load; a client without a second try follows their readiness."""
    ports = [free_port(), free_port()]
    with contextlib.ExitStack() as both:
        stacks = [both.enter_context(contextlib.ExitStack()) for _ in ports]
        processes = [
            stack.enter_context(instance(folder / str(port), port)) for stack, port in zip(stacks, ports, strict=True)
        ]
        load = start_load(ports, calm_rate(ports[0], RATE), LONGEST_S)
        time.sleep(1)
        for number in range(restarts):
            which = number % 2
            began = time.monotonic()
            processes[which].send_signal(how)
            assert processes[which].wait(2 * EXIT_S) == (0 if how == signal.SIGTERM else -how)
            assert time.monotonic() - began <= EXIT_S
            stacks[which].close()
            processes[which] = stacks[which].enter_context(instance(folder / str(ports[which]), ports[which]))
            time.sleep(0.5)
        return load.replies(now=True)


def test_twenty_rolling_restarts_fail_nobody(tmp_path: Path) -> None:
    replies = rolled(tmp_path, RESTARTS)
    assert [reply for reply in replies if reply.status != 200] == []
    assert max(reply.tries for reply in replies) == 1


def test_stopping_without_notice_would_be_noticed(tmp_path: Path) -> None:
    """The negative control: the port closes before anybody was told to go elsewhere."""
    replies = rolled(tmp_path, 2, signal.SIGKILL)
    assert [reply for reply in replies if reply.status != 200]
