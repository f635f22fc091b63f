"""The store: what was shown and what came of it. Everything that it says is stored is on disk."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TypeVar

from sqlalchemy import Connection, RowMapping, insert, select
from sqlalchemy.exc import IntegrityError

from matcher.domain import Stamp
from matcher.feedback.database import WAIT_S, faults_named, make_private_file, open_database, sqlite_path, writing
from matcher.feedback.errors import ConflictError, StoreUnavailable, UnknownAnswerError
from matcher.feedback.keeping import person_hmac
from matcher.feedback.migrating import migrate
from matcher.feedback.records import Answer, KeptOutcome, Outcome, Recorded
from matcher.feedback.rows import (
    answer_row,
    outcome_row,
    read_answer,
    read_outcome,
    read_shown,
    read_stamp,
    repeated,
    shown_rows,
)
from matcher.feedback.schema import answers, events, outcomes, shown

Written = TypeVar("Written")
START_TRIES, START_PAUSE_S = 5, 0.2


def utc_now() -> datetime:
    """The moment, with its time zone."""
    return datetime.now(UTC)


class Store:
    """Answers and outcomes in one database.

    Opening touches nothing: a store that is down at the start is used as soon as it is up. Every method raises
    :class:`StoreUnavailable` when it is not, and has then stored nothing as far as anyone was told.
    """

    def __init__(self, url: str, key: bytes, *, clock: Callable[[], datetime] = utc_now, wait_s: int = WAIT_S) -> None:
        self.engine = open_database(url, wait_s=wait_s)
        self.key = key
        self.clock = clock
        self._prepared = False
        self._preparing = threading.Lock()

    def prepare(self) -> None:
        """Make or migrate the tables, once.

        Raises:
            StoreTooNewError: a newer version wrote the store; a service must not start on it.
            StoreUnavailable: it is down; the next call tries again.
        """
        with self._preparing:
            if not self._prepared:
                self._migrate()
                self._prepared = True

    def _migrate(self) -> None:
        """Tried a few times: of several workers that make a new store at once, some find it locked."""
        path = sqlite_path(self.engine)
        for attempt in range(1, START_TRIES + 1):
            try:
                if path is not None:
                    make_private_file(path)
                with faults_named():
                    return migrate(self.engine)
            except StoreUnavailable:
                if attempt == START_TRIES or path is None:
                    raise
                time.sleep(START_PAUSE_S)
        return None

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One durable transaction on the current tables."""
        self.prepare()
        with faults_named(), writing(self.engine) as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view of the current tables."""
        self.prepare()
        with faults_named(), self.engine.connect() as connection:
            yield connection

    def record_answer(self, answer: Answer) -> bool:
        """Keep an answer whose person has agreed to it; false when one of this response id is kept already."""
        return _twice(lambda: self._record_answer(answer))

    def _record_answer(self, answer: Answer) -> bool:
        with self.writing() as connection:
            if _find(connection, answer.response_id) is not None:
                return False
            connection.execute(insert(answers), answer_row(answer, self.clock()))
            if answer.shown:
                connection.execute(insert(shown), shown_rows(answer))
            self.log(connection, "answer", answer.response_id, stamp=answer.stamp, of_answers=1)
        return True

    def record_outcome(self, outcome: Outcome) -> Recorded:
        """Keep what came of a suggestion. Returns after the commit is on disk.

        The same call with the same idempotency key may be repeated: there is one row in the end.

        Raises:
            UnknownAnswerError: the answer was made without consent, was erased or has expired.
            ConflictError: the key was used for something else, or the list did not hold this service at this rank.
        """
        return _twice(lambda: self._record_outcome(outcome))

    def _record_outcome(self, outcome: Outcome) -> Recorded:
        row, now = outcome_row(outcome, person_hmac(outcome.person_ref, self.key)), self.clock()
        same_key = select(outcomes).where(outcomes.c.idempotency_key == outcome.idempotency_key)
        with self.writing() as connection:
            if before := connection.execute(same_key).mappings().first():
                return repeated(before, row)
            answer = _known(connection, outcome.response_id)
            if row["person_hmac"] and answer["person_hmac"] not in (None, row["person_hmac"]):
                raise ConflictError("person_ref: the answer was for somebody else")
            row |= {"rank": _rank(connection, outcome), "recorded_at": now}
            sequence = connection.execute(insert(outcomes).returning(outcomes.c.sequence), row).scalar_one()
            self.log(connection, "outcome", outcome.response_id, stamp=read_stamp(answer), of_outcomes=1)
        return Recorded(sequence, now, new=True)

    def answer(self, response_id: str) -> Answer:
        """What was shown.

        Raises:
            UnknownAnswerError: no such answer is kept.
        """
        of_answer = select(shown).where(shown.c.response_id == response_id).order_by(shown.c.rank)
        with self.reading() as connection:
            row = _known(connection, response_id)
            return read_answer(row, tuple(read_shown(item) for item in connection.execute(of_answer).mappings()))

    def outcomes_of(self, response_id: str) -> tuple[KeptOutcome, ...]:
        """What came of an answer, in the order of recording."""
        of_answer = select(outcomes).where(outcomes.c.response_id == response_id).order_by(outcomes.c.sequence)
        with self.reading() as connection:
            return tuple(read_outcome(row) for row in connection.execute(of_answer).mappings())

    def log(
        self,
        connection: Connection,
        kind: str,
        response_id: str | None = None,
        *,
        stamp: Stamp | None = None,
        of_answers: int = 0,
        of_outcomes: int = 0,
    ) -> None:
        """One row in the audit, in the transaction of what it tells of."""
        row = {"recorded_at": self.clock(), "kind": kind, "response_id": response_id}
        counts = {"stamp": str(stamp) if stamp else None, "answers": of_answers, "outcomes": of_outcomes}
        connection.execute(insert(events), {**row, **counts})


def _twice(write: Callable[[], Written]) -> Written:
    """Of two that write one id or key at once, one breaks a constraint; tried again, it finds the other's row."""
    try:
        return write()
    except IntegrityError:
        return write()


def _find(connection: Connection, response_id: str) -> RowMapping | None:
    return connection.execute(select(answers).where(answers.c.response_id == response_id)).mappings().first()


def _known(connection: Connection, response_id: str) -> RowMapping:
    row = _find(connection, response_id)
    if row is None:
        raise UnknownAnswerError("response_id: no such answer is kept: made without consent, erased or expired")
    return row


def _rank(connection: Connection, outcome: Outcome) -> int | None:
    """Where the list showed the service; ``None`` for one that the worker chose from elsewhere."""
    of_service = (shown.c.response_id == outcome.response_id, shown.c.service_id == outcome.service_id)
    rank = connection.execute(select(shown.c.rank).where(*of_service)).scalar()
    if outcome.rank not in (None, rank):
        raise ConflictError("rank: this answer did not show this service at this rank")
    return rank
