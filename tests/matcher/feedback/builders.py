"""Answers, outcomes and what the engine read of a consultation, as plain builders."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from matcher.domain import Caution, Point, Reason, Recommendation, Stamp, Standing, Suggestion
from matcher.feedback import Answer, Outcome, Status
from matcher.feedback.records import KeptWant, Limits, Part, ShownService
from tests.factories import a_service

BY_LABEL = "Because of loneliness: offers choirs"
KEY = bytes(range(32))
STAMP = Stamp("0.1.0", "cat-1", "tax-1", "set-1", "no-model")
AS_OF = date(2026, 11, 1)
NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
REF = "pseudonym-4711"


@dataclass(frozen=True)
class AWant:
    """A wanted concept, as the engine has it: with the words it came from."""

    concept: str = "loneliness"
    weight: float = 0.9
    source: str = "note"
    quote: str = "lonely"


@dataclass(frozen=True)
class AProfile:
    wants: Iterable[AWant] = (AWant(),)
    declined: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class APerson:
    place: Point | None = None
    gender: str | None = None


@dataclass(frozen=True)
class AReading:
    profile: AProfile = AProfile()
    person: APerson = APerson()


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


def a_suggestion(**changes: Any) -> Suggestion:
    """The usual choir, first in the list, with reasons that add up."""
    fields: dict[str, Any] = {
        "service": a_service(),
        "rank": 1,
        "score": 0.5,
        "standing": Standing.fits,
        "distance_km": 1.23,
        "reasons": (
            Reason(
                "Because of “lonely”: offers choirs", "Because of loneliness: offers choirs", 0.4, "tags", "loneliness"
            ),
            Reason("How near it is", "How near it is", 0.1, "near"),
        ),
        "cautions": (Caution("stale", "record last changed 14 months ago: check that it still runs"),),
    }
    return Suggestion(**{**fields, **changes})


def a_recommendation(*suggestions: Suggestion, **changes: Any) -> Recommendation:
    """An answer with these suggestions, or with the usual one."""
    fields: dict[str, Any] = {
        "consultation_id": "con-1",
        "suggestions": suggestions or (a_suggestion(),),
        "screened_out": {"age": 2},
        "unmet_needs": ("Walking",),
        "alerts": (),
        "stamp": STAMP,
        "as_of": AS_OF,
    }
    return Recommendation(**{**fields, **changes})


def a_shown(rank: int = 1, **changes: Any) -> ShownService:
    """A service as it is kept; its id follows its rank."""
    fields: dict[str, Any] = {
        "rank": rank,
        "service_id": f"svc-{rank}",
        "score": 1 / (rank + 1),
        "standing": "fits",
        "distance_km": 1.2,
        "parts": (
            Part("tags", "loneliness", 0.4, "Because of loneliness: offers choirs"),
            Part("near", None, 0.1, "Near"),
        ),
        "cautions": ("stale",),
    }
    return ShownService(**{**fields, **changes})


def an_answer(response_id: str = "answer-1", **changes: Any) -> Answer:
    """An answer that showed two services to nobody in particular."""
    fields: dict[str, Any] = {
        "response_id": response_id,
        "stamp": STAMP,
        "as_of": AS_OF,
        "top": 10,
        "wants": (KeptWant("loneliness", 0.9, "note"),),
        "declined": ("counselling",),
        "limits": Limits(age_band="70-79", max_cost=0.0, modes=("online",), availability=((0, 540, 720),)),
        "cell": "53.505,-2.49",
        "request_hmac": "0" * 64,
        "person_hmac": None,
        "shown": (a_shown(1), a_shown(2)),
        "screened_out": {"age": 2},
        "unmet_needs": ("Walking",),
    }
    return Answer(**{**fields, **changes})


def an_outcome(key: str = "key-1", **changes: Any) -> Outcome:
    """Somebody was referred to the first service of the usual answer."""
    fields: dict[str, Any] = {
        "response_id": "answer-1",
        "service_id": "svc-1",
        "status": Status.referred,
        "idempotency_key": key,
    }
    return Outcome(**{**fields, **changes})


def sqlite_rows(path: Path, query: str) -> list[tuple[Any, ...]]:
    """What SQLite itself finds in a file, without the program's help."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def bytes_of(*paths: Path) -> bytes:
    """Everything in these files, and in those beneath these folders."""
    files = [file for path in paths for file in ([path] if path.is_file() else sorted(path.rglob("*")))]
    return b"".join(file.read_bytes() for file in files if file.is_file())
