"""Red flags in a note -> alerts with a pathway; never changes the ranking."""

from __future__ import annotations

from matcher.domain import Alert


def find_alerts(note: str) -> tuple[Alert, ...]:
    return ()
