"""Answers are kept behind the caller's back: never waited for, and tried again while the store is down."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from matcher.feedback import Answer, AnswerLog, Store
from tests.matcher.feedback.builders import KEY, an_answer
from tests.matcher.feedback.tables import count, table

SOON_S = 10.0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store" / "outcomes.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{path}", KEY, wait_s=1)
    yield store
    store.close()


def until(true: Callable[[], bool]) -> bool:
    """Whether something comes true soon."""
    end = time.monotonic() + SOON_S
    while not true() and time.monotonic() < end:
        time.sleep(0.01)
    return true()


def test_answers_are_stored_in_the_order_they_came_in(store: Store) -> None:
    log = AnswerLog(store)
    for place in range(5):
        log.keep(lambda place=place: an_answer(f"answer-{place}"))
    assert until(lambda: log.waiting == 0)
    log.close()
    assert table(store, "SELECT response_id FROM answers ORDER BY sequence") == [(f"answer-{n}",) for n in range(5)]


def test_closing_stores_what_waits(store: Store) -> None:
    log = AnswerLog(store)
    for place in range(5):
        log.keep(lambda place=place: an_answer(f"answer-{place}"))
    log.close(SOON_S)
    assert count(store, "answers") == 5


def test_a_store_that_is_down_costs_the_caller_no_time_and_loses_nothing(
    store: Store, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("matcher.feedback.store.START_PAUSE_S", 0.01)
    path.parent.write_text("in the way", encoding="utf-8")
    log = AnswerLog(store, pause_s=0.05)
    began = time.monotonic()
    for place in range(20):
        log.keep(lambda place=place: an_answer(f"answer-{place}"))
    assert time.monotonic() - began < 0.5
    time.sleep(0.5)
    assert log.waiting == 20
    path.parent.unlink()
    assert until(lambda: log.waiting == 0)
    log.close()
    assert count(store, "answers") == 20
    assert log.given_up == 0


def test_beyond_the_limit_the_oldest_are_given_up(store: Store) -> None:
    gate = threading.Event()

    def held() -> Answer:
        gate.wait(SOON_S)
        return an_answer("held")

    log = AnswerLog(store, most=3)
    log.keep(held)
    for place in range(5):
        log.keep(lambda place=place: an_answer(f"answer-{place}"))
    assert (log.waiting, log.given_up) == (3, 3)
    gate.set()
    log.close(SOON_S)
    assert {row[0] for row in table(store, "SELECT response_id FROM answers")} >= {"answer-2", "answer-3", "answer-4"}


def test_an_answer_that_cannot_be_made_does_not_stop_the_next(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> Answer:
        raise ValueError("canary words of a person")

    log = AnswerLog(store)
    log.keep(broken)
    log.keep(an_answer)
    log.close(SOON_S)
    assert count(store, "answers") == 1
    assert log.given_up == 1
    assert "ValueError" in caplog.text
    assert "canary" not in caplog.text
