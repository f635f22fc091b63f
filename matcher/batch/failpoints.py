"""Named points at which a test ends the process, and named faults that a test has to notice. Refused outside tests."""

from __future__ import annotations

import os
import signal
from collections import Counter

from matcher.domain import MatcherError

FAILPOINT = "MATCHER_FAILPOINT"
"""``NAME`` or ``NAME:N``: end the process, as kill -9 does, the first (the Nth) time that the point is reached."""
BREAK = "MATCHER_TEST_BREAK"
"""``NAME``: do one thing wrong, to show that a test would see it."""
FAILPOINTS = (
    "part_written",
    "part_renamed",
    "chunk_committed",
    "outputs_written",
    "between_renames",
    "outputs_renamed",
)
BREAKS = ("resume_skips_chunk",)

_UNDER_TEST = "PYTEST_CURRENT_TEST"
_reached: Counter[str] = Counter()


def refuse_outside_tests() -> None:
    """Raise MatcherError where a switch is set and no test runs."""
    for switch in (FAILPOINT, BREAK):
        if os.environ.get(switch) and _UNDER_TEST not in os.environ:
            raise MatcherError(f"{switch} is for the project's own tests; unset it")


def reach(name: str) -> None:
    """Mark a point of the work; a test may have asked for the process to end here."""
    wanted, _, nth = os.environ.get(FAILPOINT, "").partition(":")
    if wanted == name:
        _reached[name] += 1
        if _reached[name] == int(nth or 1):
            os.kill(os.getpid(), signal.SIGKILL)


def broken(name: str) -> bool:
    """Whether a test asked for this fault."""
    return os.environ.get(BREAK) == name
