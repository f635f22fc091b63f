"""How long it takes to start: ``python benchmarks/cold_start.py [--services 10000] [--runs 5]``.

Prints the median wall time of whole processes: ``matcher --help``, ``matcher suggest`` on the sample town, and the same
on a generated directory that was indexed, with the time that took.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from generate import services, write

ROOT = Path(__file__).parents[1]
MATCHER = Path(sys.executable).with_name("matcher")
DEMO = ROOT / "data" / "sample" / "demo.json"


def wall_s(*arguments: object) -> float:
    """Seconds of one process, from its start to its end."""
    began = time.perf_counter()
    command = [str(MATCHER), *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command[1:])}: exit code {done.returncode}: {done.stderr.strip()}")
    return time.perf_counter() - began


def say(name: str, seconds: Sequence[float]) -> None:
    """One line: the median, and the range it comes from."""
    print(f"{name:<58} {median(seconds):8.2f} s  ({min(seconds):.2f} to {max(seconds):.2f})", flush=True)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--services", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=5)
    asked = parser.parse_args()
    runs = range(asked.runs)
    say("matcher --help", [wall_s("--help") for _ in runs])
    say("matcher suggest, sample town", [wall_s("suggest", DEMO) for _ in runs])
    say("matcher suggest --no-semantic, sample town", [wall_s("suggest", DEMO, "--no-semantic") for _ in runs])
    with tempfile.TemporaryDirectory() as folder:
        catalogue = Path(folder, "services.jsonl")
        write(services(asked.services), catalogue)
        index = Path(folder, "services.index")
        say(f"matcher index, {asked.services:,} services", [wall_s("index", catalogue, "--output", index)])
        asking = ("suggest", DEMO, "--no-semantic", "--catalogue", index)
        say(f"matcher suggest --no-semantic, {asked.services:,} services indexed", [wall_s(*asking) for _ in runs])


if __name__ == "__main__":
    main()
