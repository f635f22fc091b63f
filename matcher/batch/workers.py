"""Answers to chunks of a caseload, in order, from one process or from as many as there are cores."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain, islice
from pathlib import Path

from matcher.batch.answering import Record, answer
from matcher.batch.previous import EarlierRun
from matcher.batch.rows import Answered
from matcher.batch.shipping import Parcel
from matcher.engine import Engine
from matcher.processes import AHEAD, become_worker, results_of, worker_processes

Numbered = tuple[int, Record]


@dataclass(frozen=True, slots=True)
class Work:
    """What is asked of every record."""

    as_of: date
    top: int | None
    previous: Path | None
    """The index of an earlier run."""
    alone: bool = False
    """Also how each suggestion would score as the first."""


class Answerer:
    """An engine and what is asked of it, in one process."""

    def __init__(self, engine: Engine, work: Work) -> None:
        self._engine = engine
        self._work = work
        self._before = EarlierRun(work.previous) if work.previous else None

    def answers(self, records: Sequence[Numbered]) -> list[Answered]:
        """The answers to one chunk, in order."""
        asked = self._work
        return [
            answer(
                self._engine,
                row,
                record,
                as_of=asked.as_of,
                top=asked.top,
                before=self._before,
                alone=asked.alone,
            )
            for row, record in records
        ]


def answers_in_order(
    chunks: Iterable[Sequence[Numbered]], engine: Engine, work: Work, workers: int, close: Sequence[int] = ()
) -> Generator[list[Answered]]:
    """The answers to each chunk, in the chunks' order. One chunk alone, or one worker, needs no further process.

    Args:
        chunks: numbered records; read only as far as the workers are.
        engine: shared with the workers where the system can fork, else sent once to each.
        work: what is asked.
        workers: how many processes.
        close: file handles that a worker must not keep open.

    Raises:
        MatcherError: a worker died, for want of memory for instance.
    """
    chunks = iter(chunks)
    first = list(islice(chunks, 2))
    if workers == 1 or len(first) < 2:
        answerer = Answerer(engine, work)
        yield from (answerer.answers(chunk) for chunk in chain(first, chunks))
        return
    context, handles = ("fork", tuple(close)) if sys.platform == "linux" else ("spawn", ())
    given = (Parcel(engine), work, handles)
    died = "a worker process died (out of memory?); run again with --resume"
    with worker_processes(workers, context, _begin, given, died) as pool:
        yield from results_of(pool, _answers, chain(first, chunks), workers * AHEAD)


_here: dict[str, Answerer] = {}


def _begin(parcel: Parcel, work: Work, close: Sequence[int]) -> None:
    become_worker()
    for handle in close:
        os.close(handle)
    _here["answerer"] = Answerer(parcel.engine, work)


def _answers(records: Sequence[Numbered]) -> list[Answered]:
    return _here["answerer"].answers(records)
