"""Minutes of kills: 25 at random over a large caseload, watched so that no half-written file ever has a final name."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.caseloads import an_engine
from tests.reliability.rescore_kills import a_case

pytestmark = pytest.mark.reliability

PEOPLE, KILLS, CHUNK, SEED = 20_000, 25, 100, 20261101


@contextmanager
def watching(folder: Path) -> Iterator[dict[str, set[int]]]:
    """Every size that a file with a final name is ever seen to have."""
    sizes: dict[str, set[int]] = {}
    over = threading.Event()

    def look() -> None:
        while not over.wait(0.01):
            for path in folder.iterdir():
                if not path.name.startswith("."):
                    sizes.setdefault(path.name, set()).add(path.stat().st_size)

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield sizes
    finally:
        over.set()
        watcher.join()


def test_25_random_kills_end_with_the_bytes_of_an_uninterrupted_run(tmp_path: Path):
    engine = an_engine(tmp_path / "taxonomy")
    whole = a_case(engine, tmp_path / "whole", PEOPLE, CHUNK)
    whole.finish()
    case = a_case(engine, tmp_path / "case", PEOPLE, CHUNK)
    targets = sorted(random.Random(SEED).sample(range(1, PEOPLE // CHUNK), KILLS))  # noqa: S311
    landed = 0
    with watching(case.out) as sizes:
        for target in targets:
            run = case.start(resume=True)
            run.wait_for_chunks(target)
            landed += run.process.is_alive()
            run.kill()
        totals = case.finish(resume=True)
    assert landed == KILLS, "validity floor: every kill must fall into the work"
    assert totals["resumed"] >= targets[-1] * CHUNK
    assert totals == {"answered": PEOPLE, "rejected": 2, "resumed": totals["resumed"]}
    assert case.outputs() == whole.outputs()
    assert all(len(seen) == 1 for seen in sizes.values())
