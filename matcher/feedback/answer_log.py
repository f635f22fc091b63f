"""Keeps answers behind the caller's back, so that answering never waits for the store and never fails with it."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable

from matcher.feedback.errors import StoreUnavailable
from matcher.feedback.records import Answer
from matcher.feedback.store import Store

MOST_WAITING = 2_000
PAUSE_S = 1.0
LAST_TRY_S = 3.0

_log = logging.getLogger(__name__)


class AnswerLog:
    """A thread that stores answers in the order they came in, and tries again while the store is down.

    Beyond ``most`` waiting ones the oldest are given up: they have then no replay and take no outcome.
    """

    def __init__(self, store: Store, *, most: int = MOST_WAITING, pause_s: float = PAUSE_S) -> None:
        self._store = store
        self._most = most
        self._pause_s = pause_s
        self._waiting: deque[Callable[[], Answer]] = deque()
        self._change = threading.Condition()
        self._closing = threading.Event()
        self.given_up = 0
        self._thread = threading.Thread(target=self._work, name="answer-log", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """How many answers are not stored yet."""
        return len(self._waiting)

    def keep(self, answer: Callable[[], Answer]) -> None:
        """Store an answer soon. Call it only for a person who has agreed to it.

        Args:
            answer: makes what is to be kept; called in the log's own thread.
        """
        with self._change:
            if len(self._waiting) >= self._most:
                self._waiting.popleft()
                self._give_up("full")
            self._waiting.append(answer)
            self._change.notify()

    def close(self, wait_s: float = LAST_TRY_S) -> None:
        """Store what waits, for so long at most, and end."""
        self._closing.set()
        with self._change:
            self._change.notify()
        self._thread.join(wait_s)

    def _work(self) -> None:
        while True:
            with self._change:
                self._change.wait_for(lambda: self._waiting or self._closing.is_set())
                if not self._waiting:
                    return
                first = self._waiting[0]
            if self._store_one(first):
                with self._change:
                    if self._waiting and self._waiting[0] is first:
                        self._waiting.popleft()
            elif self._closing.wait(self._pause_s):
                return

    def _store_one(self, answer: Callable[[], Answer]) -> bool:
        """Whether the answer is dealt with: stored, or such that it can never be."""
        try:
            self._store.record_answer(answer())
        except StoreUnavailable:
            return False
        except Exception as error:  # whatever one answer is like, the next ones are to be kept
            self._give_up(type(error).__name__)
        return True

    def _give_up(self, reason: str) -> None:
        self.given_up += 1
        _log.warning("an answer was not kept: %s", reason)
