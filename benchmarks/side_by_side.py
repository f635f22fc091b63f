"""This engine beside what a user would pick instead, on the same work in one run.

    python benchmarks/side_by_side.py --services 10000 100000 [1000000]

Prints a table a size and writes ``benchmarks/RESULTS.md``. ``make bench`` installs the others first. README.md says
what is measured.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from statistics import median

from databases import PostgresFullText, SqliteFts5
from generate import consultations, services, write
from libraries import Bm25sNumba, Bm25sNumpy, RankBm25, ScikitLearn, Tantivy
from measuring import Child, LeftOutError, Measured
from peer import Peer
from results import Comparison, Row, table, write_report
from this_engine import ThisEngine, ThisEngineSemantic

ENGINES: tuple[type[Peer], ...] = (
    ThisEngine,
    ThisEngineSemantic,
    Tantivy,
    Bm25sNumpy,
    Bm25sNumba,
    ScikitLearn,
    SqliteFts5,
    PostgresFullText,
    RankBm25,
)
PARTS = 5
"""The engines take turns so often, so that a busy minute of the machine falls on all of them."""
RESULTS = Path(__file__).with_name("RESULTS.md")


def compare(count: int, people: int, engines: Sequence[type[Peer]], folder: Path) -> Comparison:
    """Build every engine in turn, ask them in turns, then let each answer in batch."""
    comparison = Comparison(count)
    files = folder / f"services-{count}.jsonl", folder / "people.jsonl"
    write(services(count), files[0])
    write(consultations(people), files[1])
    with ExitStack() as running:
        children: dict[str, Child] = {}
        for engine in engines:
            home = folder / f"{engine.__name__}-{count}"
            home.mkdir()
            if engine.largest and count > engine.largest:
                comparison.left_out.append(f"{engine.name}, which would take over a quarter of an hour")
                continue
            _start(running.enter_context(Child(Measured, engine(), *files, home)), engine, comparison, children)
        _ask(comparison, children)
    return comparison


def _start(child: Child, engine: type[Peer], comparison: Comparison, children: dict[str, Child]) -> None:
    say(f"{comparison.services:,} services: {engine.name}")
    try:
        built = child.do("build")
    except LeftOutError as reason:
        comparison.left_out.append(f"{engine.name}, {reason}")
        return
    comparison.versions[engine.name] = built.version
    for way in engine().ways():
        comparison.rows.append(Row(way, built.index_s, built.memory_mb))
        children[way] = child


def _ask(comparison: Comparison, children: dict[str, Child]) -> None:
    say(f"{comparison.services:,} services: asking")

    def latency(part: int, row: Row) -> None:
        row.seconds += children[row.name].do("ask", row.name, part, PARTS)

    def batch(row: Row) -> None:
        row.batch_per_s = children[row.name].do("batch", row.name, median(row.seconds))

    for part in range(PARTS):
        _each(comparison, partial(latency, part))
    _each(comparison, batch)


def _each(comparison: Comparison, measure: Callable[[Row], None]) -> None:
    """Measure every row; one that fails is left out."""
    for row in list(comparison.rows):
        try:
            measure(row)
        except LeftOutError as reason:
            comparison.rows.remove(row)
            comparison.left_out.append(f"{row.name}, {reason}")


def say(text: str) -> None:
    """Progress, beside the table."""
    print(text, file=sys.stderr, flush=True)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--services", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--consultations", type=int, default=520, help="the first 20 only warm up")
    parser.add_argument("--engines", nargs="+", default=[engine.__name__ for engine in ENGINES], help="only these")
    parser.add_argument("--output", type=Path, default=RESULTS)
    asked = parser.parse_args()
    load, done = os.getloadavg()[0], list[Comparison]()
    for count in asked.services:
        with tempfile.TemporaryDirectory() as folder:
            chosen = [engine for engine in ENGINES if engine.__name__ in asked.engines]
            done.append(compare(count, asked.consultations, chosen, Path(folder)))
            print(f"\n{table(done[-1])}\n", flush=True)
            write_report(done, asked.consultations, load, asked.output)


if __name__ == "__main__":
    main()
