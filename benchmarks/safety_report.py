"""How often the safety screen sees a red flag, and how often it cries wolf, on the notes kept with the tests.

    python benchmarks/safety_report.py

Prints counts and 95% Wilson intervals, never a note. ``test`` was written by somebody who had not seen the rules, and
no rule was written from it: it alone estimates how the screen does on notes of others. The rules were fitted to ``dev``
and ``own``, and those figures say only that nothing was lost.
"""

from __future__ import annotations

import csv
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from math import sqrt
from pathlib import Path

from matcher.safety import CATEGORIES, find_alerts

DATA = Path(__file__).parents[1] / "tests" / "data"
Z = 1.959964
"""The normal deviate of a two-sided 95% interval."""


def main() -> None:
    """Print one block for each set of notes."""
    splits: dict[str, list[Mapping[str, str]]] = {"test": [], "dev": [], "own": list(_rows("safety_own_notes.csv"))}
    for row in _rows("safety_notes.csv"):
        splits[row["split"]].append(row)
    for name, rows in splits.items():
        sys.stdout.write(f"{name}\n" + "".join(f"  {line}\n" for line in lines(rows)))


def lines(rows: Iterable[Mapping[str, str]]) -> Iterable[str]:
    """Recall of any alert, of every category due and by category; then false alarms, in all and by kind of trap."""
    hits, due = counts(rows)
    for key in sorted(due, key=_order):
        yield f"{key:32} {hits[key]:3}/{due[key]:<3} {_interval(hits[key], due[key])}"


def counts(rows: Iterable[Mapping[str, str]]) -> tuple[Counter[str], Counter[str]]:
    """What was found, and what there was to find; false alarms count as found among the traps."""
    hits: Counter[str] = Counter()
    due: Counter[str] = Counter()
    for row in rows:
        found = {alert.category for alert in find_alerts(row["note"])}
        wanted = set(filter(None, row["categories"].split(";")))
        if wanted:
            asked = {"any alert": bool(found), "every category due": wanted <= found}
            asked |= {category: category in found for category in wanted}
        else:
            asked = dict.fromkeys(("false alarms", f"false: {row['trap']}"), bool(found))
        due.update(asked.keys())
        hits.update(key for key, hit in asked.items() if hit)
    return hits, due


def wilson(hits: int, trials: int) -> tuple[float, float]:
    """The 95% score interval of a share (Wilson 1927)."""
    share = hits / trials
    middle = (share + Z**2 / (2 * trials)) / (1 + Z**2 / trials)
    half = Z * sqrt(share * (1 - share) / trials + Z**2 / (4 * trials**2)) / (1 + Z**2 / trials)
    return middle - half, middle + half


def _interval(hits: int, trials: int) -> str:
    low, high = wilson(hits, trials)
    return f"{hits / trials:.2f} ({max(low, 0):.2f} to {min(high, 1):.2f})"


def _order(key: str) -> tuple[int, str]:
    first = ("any alert", "every category due", *CATEGORIES, "false alarms")
    return (first.index(key), "") if key in first else (len(first), key)


def _rows(name: str) -> Iterable[Mapping[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


if __name__ == "__main__":
    main()
