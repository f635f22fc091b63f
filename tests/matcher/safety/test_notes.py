"""How often the screen sees a red flag and cries wolf, on kept notes: floors, as counts, so that no note is shown.

``benchmarks/safety_report.py`` prints the same with intervals. Only ``test`` says anything about notes of others: the
rules were fitted to ``dev`` and to the own notes, whose floors only keep what was reached.
"""

from __future__ import annotations

import csv
import json
from collections import Counter

import pytest

from matcher.data_files import data_path
from matcher.safety import CATEGORIES, find_alerts
from tests.factories import DATA

KEPT = ("safety_notes.csv", "safety_own_notes.csv")
RIGHTLY = {"oc-13", "oc-17", "oc-33", "oc-47", "oc-48"}
"""Sample notes with something to alert to: nowhere to live, abuse, a bedroom at 12 degrees, suicide, money taken."""


def rows(name: str, split: str = "") -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if not split or row["split"] == split]


def counted(notes: list[dict[str, str]]) -> Counter[str]:
    """Notes with a flag, of these with any and with every alert due, and traps with a false alarm."""
    found: Counter[str] = Counter()
    for row in notes:
        alerts = {alert.category for alert in find_alerts(row["note"])}
        due = set(filter(None, row["categories"].split(";")))
        found["flags" if due else "traps"] += 1
        found["any"] += bool(due and alerts)
        found["every"] += bool(due and due <= alerts)
        found["false"] += bool(not due and alerts)
    return found


@pytest.mark.parametrize(
    ("name", "split", "least_any", "least_every", "most_false"),
    [
        ("safety_notes.csv", "test", 31, 26, 7),
        ("safety_notes.csv", "dev", 39, 38, 1),
        ("safety_own_notes.csv", "", 166, 165, 4),
    ],
)
def test_recall_and_false_alarms_keep_what_was_reached(name, split, least_any, least_every, most_false):
    found = counted(rows(name, split))
    kept = (found["any"] >= least_any, found["every"] >= least_every, found["false"] <= most_false)
    assert kept == (True, True, True), dict(found)


@pytest.mark.parametrize("name", KEPT)
def test_the_notes_are_whole_half_traps_and_of_known_categories(name):
    notes = rows(name)
    assert len(notes) >= 120
    assert len({row["id"] for row in notes}) == len({row["note"] for row in notes}) == len(notes)
    assert {c for row in notes for c in row["categories"].split(";") if c} == set(CATEGORIES)
    assert all(bool(row["categories"]) != bool(row["trap"]) for row in notes)
    assert 0.4 < sum(bool(row["trap"]) for row in notes) / len(notes) < 0.6


def test_no_ordinary_note_of_the_sample_town_raises_an_alert_and_those_that_should_do():
    lines = (data_path("sample") / "consultations.jsonl").read_text(encoding="utf-8").splitlines()
    notes = {record["id"]: record["note"] for record in map(json.loads, lines)}
    assert {key for key, note in notes.items() if find_alerts(note)} == RIGHTLY
