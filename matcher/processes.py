"""A function over chunks of work, in order: in this process, or in as many as there are cores when there is much of it.

Workers are forked, so that they have whatever the function holds (a catalogue, a taxonomy) without its being sent; what
they give back is sent, and should be arrays. Where the system cannot fork safely all is done in this process. Pieces of
one answer are worked on in threads instead.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
import threading
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice
from typing import Any, TypeVar

from matcher.domain import MatcherError

Chunk = TypeVar("Chunk")
Result = TypeVar("Result")
AHEAD = 2
"""How many chunks a worker may be ahead of what was taken: the bound on memory."""


@dataclass(frozen=True, slots=True)
class Spread:
    """How work on many services is shared out.

    Attributes:
        workers: how many processes; as many as there are cores when left out.
        chunk: how many services are worked on at a time.
        fewest: of fewer services than this all are worked on in this process.
    """

    workers: int | None = None
    chunk: int = 2_000
    fewest: int = 20_000

    def spans(self, services: int) -> list[tuple[int, int]]:
        """The chunks of so many services, one at least: the first row of each and the one after its last."""
        return [(first, min(first + self.chunk, services)) for first in range(0, max(services, 1), self.chunk)]


EVERY_CORE = Spread()


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_order(
    function: Callable[[Chunk], Result], chunks: Iterable[Chunk], spread: Spread = EVERY_CORE
) -> Iterator[Result]:
    """What the function makes of each chunk, in the chunks' order.

    Args:
        function: depends on nothing but its chunk, so that the number of workers changes no result.
        chunks: of ``spread.chunk`` services each; taken only as far as the workers are.
        spread: how many workers, and from how many services on.

    Raises:
        MatcherError: a worker died, for want of memory for instance.
    """
    chunks = iter(chunks)
    workers = (spread.workers or cores()) if sys.platform == "linux" else 1
    fewest = max(2, -(-spread.fewest // spread.chunk))
    first = list(islice(chunks, fewest)) if workers > 1 else []
    if len(first) < fewest:
        yield from map(function, chain(first, chunks))
        return
    died = "a worker process died; is there enough memory?"
    with worker_processes(workers, "fork", _begin, (function,), died) as pool:
        yield from results_of(pool, _work, chain(first, chunks), workers * AHEAD)


@contextmanager
def worker_processes(
    workers: int, context: str, begin: Callable[..., None], given: tuple[Any, ...], died: str
) -> Iterator[ProcessPoolExecutor]:
    """So many processes, none of which outlives the work, whatever ends it.

    Args:
        workers: how many.
        context: how they are started, as :mod:`multiprocessing` has it.
        begin: called with what is ``given`` in each process first; it calls :func:`become_worker`.
        given: sent to each, or forked with it.
        died: the message for when one dies.

    Raises:
        MatcherError: one died, for want of memory for instance.
    """
    others = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context(context), begin, given)
    try:
        yield pool
        pool.shutdown()
    except BrokenProcessPool:
        raise MatcherError(died) from None
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        for child in set(multiprocessing.active_children()) - others:
            child.terminate()
            child.join()


def results_of(
    pool: ProcessPoolExecutor, function: Callable[[Chunk], Result], chunks: Iterable[Chunk], most: int
) -> Iterator[Result]:
    """What the function makes of each chunk, in order; at most so many are under way or wait to be taken."""
    waiting: deque[Future[Result]] = deque()
    for chunk in chunks:
        waiting.append(_submitted(pool, function, chunk))
        if len(waiting) >= most:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _submitted(pool: ProcessPoolExecutor, function: Callable[[Chunk], Result], chunk: Chunk) -> Future[Result]:
    with warnings.catch_warnings():
        # Python 3.12 warns of forking beside threads; ours are those of the numerical libraries, which can be forked.
        warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)
        return pool.submit(function, chunk)


def threads(most: int) -> int:
    """How many threads share the work of one answer: one a core at most, one in a worker, beside which others work."""
    return max(1, min(most, 1 if os.getpid() in _workers else cores()))


def side_by_side(function: Callable[[Chunk], Result], pieces: Sequence[Chunk]) -> list[Result]:
    """What the function makes of each piece, in order: of the first in this thread, of the others in threads beside."""
    first, *others = pieces
    begun = [_helpers(os.getpid()).submit(function, piece) for piece in others]
    return [function(first), *(each.result() for each in begun)]


@lru_cache(maxsize=1)
def _helpers(process: int) -> ThreadPoolExecutor:
    """Threads of a process; a forked one has none of its parent's."""
    return ThreadPoolExecutor(max(1, cores() - 1))


def become_worker() -> None:
    """Make a new process a worker: it leaves Ctrl-C to its parent and ends when its parent does."""
    _workers.add(os.getpid())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


_workers: set[int] = set()
"""This process, where it is a worker."""
_here: dict[str, Callable[[Any], Any]] = {}


def _begin(function: Callable[[Any], Any]) -> None:
    become_worker()
    gc.disable()  # looking through all that is shared with the parent would copy it, and finds nothing in such work
    _here["function"] = function


def _work(chunk: Any) -> Any:
    return _here["function"](chunk)
