"""What changed over a caseload: a worklist for the worker, a page for the manager."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TypeVar

import pyarrow as pa

from matcher.batch.changes import CLOSED, FULL, GONE, LOST, MISSING, NEW, NOT_ELIGIBLE, OUT_RANKED, RESCORED
from matcher.batch.ledger import NAMES
from matcher.batch.pages import environment
from matcher.batch.previous import EarlierRun
from matcher.batch.rows import Answered, Row
from matcher.batch.tables import write_table
from matcher.domain import Stamp

Key = TypeVar("Key")

WORKLIST_SCHEMA = pa.schema(
    [
        ("consultation_id", pa.string()),
        ("matters", pa.float64()),
        ("first_now", pa.string()),
        ("lost", pa.list_(pa.string())),
        ("new", pa.list_(pa.string())),
        ("to_check", pa.list_(pa.string())),
    ]
)
NOTHING = "nothing fits now"
MOST_LISTED = 25
"""Services in one table of the page."""
WHY = {
    CLOSED: "closed",
    MISSING: "no longer in the directory",
    FULL: "full",
    NOT_ELIGIBLE: "no longer suits the person",
    OUT_RANKED: "others now suit better",
}


@dataclass
class ServiceChange:
    """What became of one service over the caseload."""

    name: str
    people: int = 0
    first: int = 0
    left_with_nothing: int = 0
    score_change: float = 0.0

    @property
    def mean_change(self) -> float:
        """Of the score, over those people."""
        return self.score_change / max(self.people, 1)


@dataclass
class ChangeReport:
    """Gathers the changes of one person after another."""

    people: int = 0
    known_before: int = 0
    with_new: int = 0
    with_loss: int = 0
    with_nothing: int = 0
    changed: int = 0
    worklist: list[Row] = field(default_factory=list)
    gone: dict[tuple[str, str], ServiceChange] = field(default_factory=dict)
    new: dict[str, ServiceChange] = field(default_factory=dict)
    kept: dict[tuple[str, str], ServiceChange] = field(default_factory=dict)

    def add(self, answered: Answered) -> None:
        """Count one person."""
        if answered.consultation is None:
            return
        self.people += 1
        self.known_before += answered.known_before
        rows = answered.changes
        if not rows:
            return
        nothing = not answered.suggestions
        lost = [row for row in rows if row["why"] in LOST]
        new = [row for row in rows if row["change"] == NEW]
        self.changed += 1
        self.with_new += bool(new)
        self.with_loss += bool(lost)
        self.with_nothing += nothing
        for row in rows:
            self._count(row, nothing=nothing)
        if rows[0]["matters"] > 0:
            self.worklist.append(_entry(answered, lost, new))

    def _count(self, row: Row, *, nothing: bool) -> None:
        if row["change"] == GONE:
            self._add(self.gone, (row["service_id"], row["why"]), row, row["rank_before"], nothing=nothing)
        elif row["change"] == NEW:
            self._add(self.new, row["service_id"], row, row["rank_now"], nothing=nothing)
        elif row["reason"]:
            self._add(self.kept, (row["service_id"], row["reason"]), row, row["rank_now"], nothing=nothing)

    def _add(self, table: dict[Key, ServiceChange], key: Key, row: Row, rank: int, *, nothing: bool) -> None:
        entry = table.setdefault(key, ServiceChange(row["service_name"]))
        entry.people += 1
        entry.first += rank == 1
        entry.left_with_nothing += nothing
        if row["change"] == RESCORED:
            entry.score_change += row["score_now"] - row["score_before"]

    def write(self, worklist: Path, summary: Path, earlier: EarlierRun, stamp: Stamp) -> None:
        """Write the worklist (CSV, what matters most first) and the page (HTML)."""
        ordered = sorted(self.worklist, key=lambda row: (-row["matters"], row["consultation_id"]))
        write_table(ordered, WORKLIST_SCHEMA, worklist, encoding="utf-8-sig")
        summary.write_text(self._page(earlier, stamp), encoding="utf-8")

    def _page(self, earlier: EarlierRun, stamp: Stamp) -> str:
        known = earlier.service_ids()
        new = [entry for service_id, entry in _largest(self.new) if service_id not in known]
        lost = {key: entry for key, entry in self.gone.items() if key[1] in LOST}
        return (
            environment()
            .get_template("changes.html.j2")
            .render(
                report=self,
                left_caseload=earlier.people() - self.known_before,
                lost=[(entry, WHY[key[1]]) for key, entry in _largest(lost)],
                new=new,
                moved_up=len(self.new) - len(new),
                versions=_versions(earlier.stamp(), stamp),
                kept=[(entry, key[1]) for key, entry in _largest(self.kept)],
                out_ranked=sum(entry.people for key, entry in self.gone.items() if key[1] == OUT_RANKED),
                most=MOST_LISTED,
                first=sorted(self.worklist, key=lambda row: (-row["matters"], row["consultation_id"]))[:10],
                stamp=stamp,
            )
        )


def _versions(before: str, now: Stamp) -> list[str]:
    """Which versions differ between two runs, in words."""
    old = before.split("/")
    names = [f.name for f in fields(Stamp)]
    if len(old) != len(names):
        return []
    return [NAMES[name] for name, was in zip(names, old, strict=True) if was != getattr(now, name)]


def _largest(table: dict[Key, ServiceChange]) -> list[tuple[Key, ServiceChange]]:
    return sorted(table.items(), key=lambda item: (-item[1].people, item[1].name, str(item[0])))


def _entry(answered: Answered, lost: list[Row], new: list[Row]) -> Row:
    first = answered.suggestions[0]["service_name"] if answered.suggestions else NOTHING
    to_check = [r for r in answered.changes if r["change"] == RESCORED and r["reason"]]
    return {
        "consultation_id": answered.consultation_id,
        "matters": answered.changes[0]["matters"],
        "first_now": first,
        "lost": [f"{row['service_name']} (was number {row['rank_before']}): {row['reason']}" for row in lost],
        "new": [f"{row['service_name']} (now number {row['rank_now']})" for row in new],
        "to_check": [f"{row['service_name']}: {row['reason']}" for row in to_check],
    }
