"""How fast a caseload is re-scored, and in how much memory: ``python benchmarks/caseload_bench.py --people 100000``.

Prints one line of JSON: seconds to fit, consultations a second, and the peak memory of all processes together (shared
pages counted once, from /proc/PID/smaps_rollup).
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import tempfile
import threading
import time
from datetime import date
from pathlib import Path

from generate import consultations, services, write

from matcher import load_engine
from matcher.batch import rescore
from matcher.batch.workers import cores

AS_OF = date(2026, 11, 1)


def memory_mb() -> float:
    """Proportional memory of this process and its children, now."""
    pids = ["self", *(str(child.pid) for child in multiprocessing.active_children())]
    total = 0
    for pid in pids:
        try:
            lines = Path("/proc", pid, "smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


class PeakMemory(threading.Thread):
    """Looks at the memory ten times a second."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.mb = 0.0
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.wait(0.1):
            self.mb = max(self.mb, memory_mb())


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--services", type=int, default=10_000)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--workers", type=int, default=cores())
    parser.add_argument("--semantic", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(services(asked.services), folder / "services.jsonl")
        write(consultations(asked.people), folder / "people.jsonl")
        began = time.perf_counter()
        engine = load_engine(folder / "services.jsonl", semantic=asked.semantic)
        fitted = time.perf_counter()
        peak = PeakMemory()
        peak.start()
        totals = rescore(engine, folder / "people.jsonl", folder / "cases.parquet", as_of=AS_OF, workers=asked.workers)
        done = time.perf_counter()
        peak.over.set()
    print(
        json.dumps(
            {
                **vars(asked),
                "answered": totals.answered,
                "rejected": totals.rejected,
                "suggestions": totals.suggestions,
                "fit_s": round(fitted - began, 1),
                "rescore_s": round(done - fitted, 1),
                "consultations_a_second": round(totals.answered / (done - fitted), 1),
                "peak_mb": round(peak.mb),
            }
        )
    )


if __name__ == "__main__":
    main()
