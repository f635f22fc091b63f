"""Who is suggested how often: exposure of each service over a caseload, beside what it says of its room."""

from __future__ import annotations

from collections import Counter

import pyarrow as pa

from matcher.batch.rows import Answered, Row
from matcher.catalogue import Catalogue

EXPOSURE_SCHEMA = pa.schema(
    [
        ("service_id", pa.string()),
        ("service_name", pa.string()),
        ("capacity", pa.string()),
        ("suggested_to", pa.int64()),
        ("first_for", pa.int64()),
        ("share_of_first", pa.float64()),
        ("note", pa.string()),
    ]
)
NO_ROOM = {"full": "says it is full", "waiting list": "has a waiting list"}


class Exposure:
    """Counts to how many people each service is suggested, and for how many it comes first."""

    def __init__(self) -> None:
        self._suggested: Counter[str] = Counter()
        self._first: Counter[str] = Counter()

    def add(self, answered: Answered) -> None:
        """Count one person's list."""
        for row in answered.suggestions:
            self._suggested[row["service_id"]] += 1
            self._first[row["service_id"]] += row["rank"] == 1

    def rows(self, catalogue: Catalogue) -> list[Row]:
        """One row a service of the directory, the most suggested first; those suggested to nobody stand last."""
        everyone = sum(self._first.values())
        ids, names, capacities = (catalogue.texts(column) for column in ("id", "name", "capacity"))
        rows = [
            {
                "service_id": service_id,
                "service_name": name,
                "capacity": capacity,
                "suggested_to": self._suggested[service_id],
                "first_for": self._first[service_id],
                "share_of_first": round(self._first[service_id] / everyone, 4) if everyone else 0.0,
                "note": _note(capacity, self._suggested[service_id]),
            }
            for service_id, name, capacity in zip(ids, names, capacities, strict=True)
        ]
        return sorted(rows, key=lambda row: (-row["suggested_to"], -row["first_for"], row["service_id"]))


def _note(capacity: str, suggested: int) -> str:
    return f"{NO_ROOM[capacity]}, and is suggested to {suggested}" if suggested and capacity in NO_ROOM else ""
