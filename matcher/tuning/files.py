"""Settings as files: TOML, weights.csv beside it, and what a search leaves behind."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from matcher.settings import Settings
from matcher.taxonomy import Taxonomy
from matcher.tuning.search import MEASURE, Tuning

SETTINGS, WEIGHTS, TRIALS, REPORT, REJECTED = (
    "settings.toml",
    "weights.csv",
    "trials.ndjson",
    "tuning.json",
    "not_recommended",
)


def write_settings(settings: Settings, path: Path | str, taxonomy: Taxonomy | None = None) -> Path:
    """Write settings as ``read_settings`` reads them: what differs from the defaults, and ``weights.csv`` beside it.

    Args:
        settings: what to write.
        path: the TOML file; its folder is made when missing.
        taxonomy: gives the expert weights for the column ``was``, for people who look at what changed.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    values = _changes(settings.model_dump(mode="json", exclude={"weights"}), Settings().model_dump(mode="json"))
    if settings.weights:
        values["weights"] = WEIGHTS
        _write_weights(settings, path.with_name(WEIGHTS), taxonomy)
    _replace(path, "\n".join(_toml(values)) + "\n")
    return path


def write_tuning(tuning: Tuning, folder: Path, taxonomy: Taxonomy) -> Path:
    """Write the recommended settings, every trial and the figures; returns the settings file.

    Tuned numbers that are not shown to be better go into a folder of their own, so that nobody takes them by mistake.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tuned = tuning.tuned.model_copy(update={"provenance": provenance(tuning)})
    shutil.rmtree(folder / REJECTED, ignore_errors=True)
    if not tuning.better:
        write_settings(tuned, folder / REJECTED / SETTINGS, taxonomy)
    kept = tuned if tuning.better else tuning.start.model_copy(update={"provenance": provenance(tuning)})
    if not kept.weights:
        (folder / WEIGHTS).unlink(missing_ok=True)
    _replace(folder / TRIALS, "".join(json.dumps(trial) + "\n" for trial in tuning.trials))
    _replace(folder / REPORT, json.dumps(report(tuning), indent=1, allow_nan=False) + "\n")
    return write_settings(kept, folder / SETTINGS, taxonomy)


def summary(tuning: Tuning) -> list[str]:
    """The outcome in a few lines for a terminal."""
    lines = [f"learnt from {tuning.used} consultations, {len(tuning.trials)} trials; chosen: {tuning.plan}"]
    for name, comparison in (("nested", tuning.nested), ("held out", tuning.held_out)):
        for measure, found in comparison.differences.items() if comparison else ():
            figure = found.figure
            interval = "" if figure.low is None else f" ({figure.low:+.3f} to {figure.high:+.3f})"
            lines.append(f"  {name} {measure}: {figure.mean or 0:+.3f}{interval}, n {figure.n}: {found.verdict}")
    return [*lines, provenance(tuning)]


def report(tuning: Tuning) -> dict[str, Any]:
    """The outcome as JSON values: each comparison by measure, with interval, p and how many got better and worse."""
    comparisons = {"nested": tuning.nested, "held_out": tuning.held_out}
    return {
        "recommended": "tuned" if tuning.better else "defaults",
        "plan": tuning.plan,
        "consultations": tuning.used,
        "seed": tuning.seed,
        "trials": len(tuning.trials),
        **{
            name: {measure: asdict(difference) for measure, difference in comparison.differences.items()}
            for name, comparison in comparisons.items()
            if comparison
        },
    }


def provenance(tuning: Tuning) -> str:
    """One sentence on where the numbers come from, for the settings file."""
    gain = tuning.nested.differences[MEASURE].figure
    interval = "" if gain.low is None else f" ({gain.low:+.3f} to {gain.high:+.3f})"
    found = f"nested cross-validated gain in {MEASURE} {gain.mean or 0:+.3f}{interval}, n {gain.n}, seed {tuning.seed}"
    if tuning.better:
        return f"tuned on {tuning.used} consultations ({tuning.plan}): {found}"
    return f"defaults kept: tuning on {tuning.used} consultations is not shown to be better: {found}"


def _changes(values: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, dict):
            inner = _changes(value, defaults[name])
            if inner:
                found[name] = inner
        elif value != defaults[name]:
            found[name] = value
    return found


def _toml(values: Mapping[str, Any]) -> Iterator[str]:
    """Lines of TOML: plain values first, then a table for each component."""
    plain = {name: value for name, value in values.items() if not isinstance(value, dict)}
    yield from (f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in plain.items())
    for name, table in values.items():
        if isinstance(table, dict):
            yield f"\n[{name}]"
            yield from (f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in table.items())


def _write_weights(settings: Settings, path: Path, taxonomy: Taxonomy | None) -> None:
    expert = taxonomy.links if taxonomy else {}
    with path.with_name(f"{path.name}.tmp").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["need", "offer", "weight", "was"])
        for need, offers in sorted(settings.weights.items()):
            writer.writerows(
                [need, offer, weight, expert.get((need, offer), "")] for offer, weight in sorted(offers.items())
            )
    path.with_name(f"{path.name}.tmp").replace(path)


def _replace(path: Path, text: str) -> None:
    temporary = path.with_name(f"{path.name}.tmp")
    temporary.write_text(text, encoding="utf-8", newline="\n")
    temporary.replace(path)
