"""Answers to chunks of a caseload, in order, from one process or from as many as there are cores."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import warnings
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import chain, islice
from pathlib import Path

from matcher.batch.answering import Record, answer
from matcher.batch.previous import EarlierRun
from matcher.batch.rows import Answered
from matcher.batch.shipping import Parcel
from matcher.domain import MatcherError
from matcher.engine import Engine

AHEAD = 2
"""How many chunks a worker may be ahead of what has been made safe: the bound on memory."""
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
    with _pool(engine, work, workers, close) as pool:
        waiting: deque[Future[list[Answered]]] = deque()
        for chunk in chain(first, chunks):
            waiting.append(_submitted(pool, chunk))
            if len(waiting) >= workers * AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


@contextmanager
def _pool(engine: Engine, work: Work, workers: int, close: Sequence[int]) -> Iterator[ProcessPoolExecutor]:
    """Worker processes, none of which outlives the work, whatever ends it."""
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    handles = tuple(close) if sys.platform == "linux" else ()
    others = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(workers, context, _begin, (Parcel(engine), work, handles))
    try:
        yield pool
        pool.shutdown()
    except BrokenProcessPool:
        raise MatcherError("a worker process died (out of memory?); run again with --resume") from None
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        for child in set(multiprocessing.active_children()) - others:
            child.terminate()
            child.join()


def _submitted(pool: ProcessPoolExecutor, chunk: Sequence[Numbered]) -> Future[list[Answered]]:
    with warnings.catch_warnings():
        # Python 3.12 warns of forking beside threads; ours are those of the numerical libraries, which can be forked.
        warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)
        return pool.submit(_answers, chunk)


_here: dict[str, Answerer] = {}


def _begin(parcel: Parcel, work: Work, close: Sequence[int]) -> None:
    """Make a new process a worker: it leaves Ctrl-C to its parent and ends when its parent does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for handle in close:
        os.close(handle)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _here["answerer"] = Answerer(parcel.engine, work)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _answers(records: Sequence[Numbered]) -> list[Answered]:
    return _here["answerer"].answers(records)
