"""The table of a comparison, on the terminal and in ``RESULTS.md``."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import numpy as np
import psutil
from generate import SEED

YARDSTICK = "tantivy"
HEADINGS = (
    "engine",
    "index s",
    "memory MB",
    "p50 ms",
    "p95 ms",
    "p99 ms",
    "queries",
    "batch/s",
    f"p50 / {YARDSTICK}'s",
)


@dataclass
class Row:
    """What was measured of one way to ask one engine."""

    name: str
    index_s: float
    memory_mb: float
    seconds: list[float] = field(default_factory=list)
    batch_per_s: float = 0.0


@dataclass
class Comparison:
    """All engines over one number of services."""

    services: int
    rows: list[Row] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)


def table(comparison: Comparison) -> str:
    """The rows as a Markdown table that reads well as plain text, and what was left out."""
    yardstick = next((median(row.seconds) for row in comparison.rows if row.name == YARDSTICK), None)
    cells = [HEADINGS, *(_cells(row, yardstick) for row in comparison.rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    ruler = [f"{'-' * (width - 1)}{':' if place else '-'}" for place, width in enumerate(widths)]
    lines = [_line(cells[0], widths), _line(ruler, widths), *(_line(row, widths) for row in cells[1:])]
    left_out = [f"Left out: {text}." for text in comparison.left_out]
    return "\n".join([f"## {comparison.services:,} services", "", *lines, *([""] if left_out else []), *left_out])


def _cells(row: Row, yardstick: float | None) -> tuple[str, ...]:
    p50, p95, p99 = (float(value) for value in np.percentile(row.seconds, (50, 95, 99)) * 1000)
    ratio = f"{p50 / 1000 / yardstick:.2f}" if yardstick else ""
    times = [f"{value:.2f}" for value in (p50, p95, p99)]
    counts = [f"{len(row.seconds)}", f"{row.batch_per_s:.0f}" if row.batch_per_s >= 10 else f"{row.batch_per_s:.1f}"]
    return (row.name, f"{row.index_s:.1f}", f"{row.memory_mb:.0f}", *times, *counts, ratio)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = zip(cells, widths, strict=True)
    padded = [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]
    return f"| {' | '.join(padded)} |"


def write_report(comparisons: Sequence[Comparison], people: int, load: float, path: Path) -> None:
    """``RESULTS.md``: what was run where, then one table a size."""
    versions = {engine: text for comparison in comparisons for engine, text in comparison.versions.items()}
    lines = [
        "# Side by side",
        "",
        "Written by `benchmarks/side_by_side.py`; README.md in this folder says what is measured and how to read it.",
        "",
        f"* Work: {people} consultations, seed {SEED}; generate.py makes both",
        f"* Machine: {_machine()}; load when it began {load:.2f}",
        f"* Python {platform.python_version()}, {platform.system()}",
        *(f"* {engine}: {text}" for engine, text in versions.items()),
        "",
        *(f"{table(comparison)}\n" for comparison in comparisons),
    ]
    path.write_text("\n".join(lines), encoding="utf-8")


def _machine() -> str:
    described = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines() if sys.platform == "linux" else []
    models = [line.partition(":")[2].strip() for line in described if line.startswith("model name")]
    memory_gib = psutil.virtual_memory().total / 2**30
    return f"{models[0] if models else platform.machine()}, {os.cpu_count()} cores, {memory_gib:.0f} GiB"
