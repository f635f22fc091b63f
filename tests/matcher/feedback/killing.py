"""Starts the writers, kills them at a random moment, and tells what they had acknowledged."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[3]
WRITER = "tests.matcher.feedback.writer"


def start_writers(url: str, threads: int, *, broken: str = "", prefix: tuple[str, ...] = ()) -> subprocess.Popen[bytes]:
    """The writing process, in the project's folder."""
    environment = {**os.environ, "TEST_BREAK": broken, "PYTHONPATH": str(ROOT)}
    command = [*prefix, sys.executable, "-m", WRITER, url, str(threads)]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE)


def acked_until_killed(
    url: str, chance: random.Random, *, threads: int = 8, floor: int = 50, broken: str = ""
) -> list[str]:
    """The keys that were acknowledged before a kill without warning, at least ``floor`` of them."""
    writers = start_writers(url, threads, broken=broken)
    assert writers.stdout is not None
    acked = [writers.stdout.readline() for _ in range(floor)]
    time.sleep(chance.random() * 0.05)
    os.kill(writers.pid, signal.SIGKILL)
    acked += writers.stdout.readlines()
    writers.stdout.close()
    writers.wait()
    assert all(line.endswith(b"\n") for line in acked), "too few acknowledgements: the test proves nothing"
    return [line.decode().strip() for line in acked]
