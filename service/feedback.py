"""This worker's way to the store of answers and outcomes, on which answering never waits."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from matcher.domain import Consultation, Recommendation
from matcher.feedback import (
    AnswerLog,
    ConflictError,
    Outcome,
    Recorded,
    Store,
    StoreError,
    StoreUnavailable,
    UnknownAnswerError,
    answer_to_keep,
    open_store,
)
from matcher.feedback.location import store_exists
from service.current import Served
from service.limits import Admission
from service.problems import Problem, unavailable

DEADLINE_S = 6.0
"""A little longer than the store itself waits for a lock (``matcher.feedback.database.WAIT_S``)."""
THREADS, MOST_WAITING = 5, 64
RETRY_AFTER_S = 5

_log = logging.getLogger(__name__)


class Feedback:
    """Keeps answers and outcomes. Opens the store when it is first needed; nothing is stored without consent."""

    def __init__(self, state: Path) -> None:
        self._state = state
        self._opening = threading.Lock()
        self._store: Store | None = None
        self._answers: AnswerLog | None = None
        self._desk = Admission(THREADS, MOST_WAITING)

    def open(self) -> Store:
        """The store. Raises StoreError when its address or key is not usable."""
        with self._opening:
            if self._store is None:
                self._store = open_store(folder=self._state)
                self._answers = AnswerLog(self._store)
            return self._store

    def prepare(self) -> None:
        """Bring a store that exists up to date; one that is down is left for later, one that is too new is refused."""
        if store_exists(folder=self._state):
            try:
                self.open().prepare()
            except StoreUnavailable:
                _log.warning("store unavailable at start")

    def keep_answer(
        self,
        served: Served,
        consultation: Consultation,
        recommendation: Recommendation,
        *,
        response_id: str,
        top: int | None = None,
    ) -> None:
        """Keep what was shown to a person who has agreed to it. Returns at once and never fails.

        Args:
            served: what the answer was made with.
            consultation: what was asked; its words are not kept.
            recommendation: what was shown.
            response_id: the answer's name, to which outcomes refer.
            top: how many suggestions were asked for, when the request said so.
        """
        try:
            store = self.open()
        except StoreError as error:
            _log.warning("an answer was not kept: %s", type(error).__name__)
            return
        assert self._answers is not None  # noqa: S101  opened with the store
        engine = served.engine
        self._answers.keep(
            lambda: answer_to_keep(
                recommendation,
                engine.understand(consultation, recommendation.as_of),
                consultation,
                response_id=response_id,
                top=top or engine.settings.top,
                key=store.key,
            )
        )

    async def record(self, outcome: Outcome) -> Recorded:
        """Keep an outcome; returns when it is on disk. Raises Problem 404, 409 or 503."""
        try:
            return await self._desk.run(DEADLINE_S, lambda: self.open().record_outcome(outcome))
        except UnknownAnswerError as error:
            if self._answers is not None and self._answers.waiting:
                raise unavailable("answers are still being stored", RETRY_AFTER_S) from None
            raise Problem(404, str(error)) from None
        except ConflictError as error:
            raise Problem(409, str(error)) from None
        except (StoreUnavailable, StoreError):
            raise unavailable("the store of outcomes cannot be used now", RETRY_AFTER_S) from None

    def close(self) -> None:
        """Store what waits, for a few seconds at most."""
        if self._answers is not None:
            self._answers.close()
        self._desk.close()
        if self._store is not None:
            self._store.close()
