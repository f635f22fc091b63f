"""One engine in a process of its own: built, asked and measured at the word of the process that compares."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import multiprocessing
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import psutil
from peer import Ask, Peer
from work import Query, read_queries

LIMIT_S = 15 * 60
"""An engine that needs longer for one step is left out."""
CLOSE_S = 30
PROCESSES = 2
BATCH_S = 3.0
"""About how long the batch lasts."""
WARM_UP = 20
SLOW_S = 0.1
"""Slower queries than this are asked less often: as many as go into ``SLOW_TOTAL_S``, but some."""
SLOW_TOTAL_S = 30.0
FEWEST = 20


@dataclass(frozen=True)
class Built:
    """What it took to get ready."""

    index_s: float
    memory_mb: float
    version: str


class LeftOutError(Exception):
    """Why an engine is not in the table."""


class Measured:
    """The commands that the process of one engine understands."""

    def __init__(self, peer: Peer, services: Path, consultations: Path, folder: Path) -> None:
        self._peer, self._services, self._folder = peer, services, folder
        self._queries = read_queries(consultations)
        self._timed: dict[str, list[Query]] = {}

    def build(self) -> Built:
        """Index, and look at the memory after warming up: what lies in files takes up none before it is read."""
        before, began = memory_mb(), time.perf_counter()
        self._peer.build(self._services, self._folder)
        self._peer.open()
        index_s = time.perf_counter() - began
        for way, ask in self._peer.ways().items():
            self._timed[way] = self._queries[WARM_UP:][: self._warm_up(ask)]
        return Built(index_s, memory_mb() - before, self._peer.version())

    def _warm_up(self, ask: Ask) -> int:
        """How many queries to time; the first one compiles what is compiled and tells nothing."""
        ask(self._queries[0])
        seconds: list[float] = []
        for query in self._queries[:WARM_UP]:
            seconds.append(_seconds(ask, query))
            if sum(seconds) > SLOW_TOTAL_S / 2:
                break
        usual = sorted(seconds)[len(seconds) // 2]
        return len(self._queries) if usual < SLOW_S else max(FEWEST, int(SLOW_TOTAL_S / usual))

    def ask(self, way: str, part: int, parts: int) -> list[float]:
        """Seconds of each query of one of several equal parts of those that are timed."""
        ask = self._peer.ways()[way]
        return [_seconds(ask, query) for query in self._timed[way][part::parts]]

    def batch(self, way: str, query_s: float) -> float:
        """Queries a second of two processes that share the index; so many that they take some seconds."""
        count = max(2, int(BATCH_S / query_s))
        fork = multiprocessing.get_context("fork")
        began = time.perf_counter()
        workers = [fork.Process(target=self._answer, args=(way, count, first)) for first in range(PROCESSES)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        if any(worker.exitcode for worker in workers):
            raise RuntimeError("a process of the batch failed")
        return PROCESSES * count / (time.perf_counter() - began)

    def _answer(self, way: str, count: int, first: int) -> None:
        self._peer.open()
        ask = self._peer.ways()[way]
        for number in range(count):
            ask(self._queries[(first + PROCESSES * number) % len(self._queries)])

    def close(self) -> None:
        """End what the engine started."""
        self._peer.close()


class Child:
    """The process of one engine, seen from outside; it has ended when the ``with`` is left."""

    def __init__(self, *made_of: Any) -> None:
        spawn = multiprocessing.get_context("spawn")  # nothing of the comparing process in its memory
        self._connection, theirs = spawn.Pipe()
        self._process = spawn.Process(target=_serve, args=(theirs, *made_of))

    def __enter__(self) -> Child:
        self._process.start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(LeftOutError):
            self.do("close")
            self._process.join(CLOSE_S)
        self._end()

    def do(self, command: str, *arguments: Any) -> Any:
        """Have a command of :class:`Measured` carried out.

        Raises:
            LeftOutError: it failed, or took too long and was ended.
        """
        try:
            self._connection.send((command, arguments))
            if not self._connection.poll(LIMIT_S):
                self._end()
                raise LeftOutError(f"more than {LIMIT_S // 60} minutes to {command}")
            succeeded, result = self._connection.recv()
        except (EOFError, OSError):
            raise LeftOutError(f"its process ended while it was to {command}") from None
        if not succeeded:
            raise LeftOutError(result)
        return result

    def _end(self) -> None:
        """End the process and all that it started."""
        with contextlib.suppress(psutil.NoSuchProcess, ValueError):
            process = psutil.Process(self._process.pid)
            for each in (*process.children(recursive=True), process):
                each.kill()
        self._process.join()


def memory_mb() -> float:
    """Resident memory of this process and all below it; pages that they share count once."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    process = psutil.Process()
    return sum(each.memory_full_info().pss for each in (process, *process.children(recursive=True))) / 1e6


def _serve(connection: Connection, measured: Callable[..., Measured], *arguments: Any) -> None:
    this = measured(*arguments)
    command = ""
    while command != "close":
        command, given = connection.recv()
        try:
            connection.send((True, getattr(this, command)(*given)))
        except Exception as error:  # the others go on, and the results say so
            connection.send((False, f"{type(error).__name__}: {error}"))


def _seconds(ask: Ask, query: Query) -> float:
    began = time.perf_counter()
    ask(query)
    return time.perf_counter() - began
