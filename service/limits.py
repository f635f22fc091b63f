"""How much one caller may ask for, and how much this worker takes on at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from service.problems import Problem, unavailable

P = ParamSpec("P")
T = TypeVar("T")

WAIT_S = 1


class RateLimit:
    """So many requests a minute for each caller, counted in this worker."""

    def __init__(self, per_minute: int, workers: int = 1) -> None:
        self.per_minute = max(1, per_minute // workers)
        self._item = RateLimitItemPerMinute(self.per_minute)
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    def take(self, caller: str, cost: int = 1) -> None:
        """Count a request. Raises Problem 429 when the caller has had enough."""
        if not self._limiter.hit(self._item, caller, cost=min(cost, self.per_minute)):
            raise _too_many()


def too_busy() -> Problem:
    """503: this worker has as much under way as it can answer in time."""
    return unavailable("too many requests are being answered")


def _too_many() -> Problem:
    return Problem(429, headers={"Retry-After": str(WAIT_S)})


class Admission:
    """Runs answers in a few threads; refuses, rather than queues without end, and gives up at a deadline."""

    def __init__(self, threads: int, most: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="answer")
        self._most = most
        self.in_flight = 0

    @property
    def full(self) -> bool:
        """Whether one more answer would be refused."""
        return self.in_flight >= self._most

    async def run(self, deadline_s: float, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What ``work`` returns. Raises Problem 503 when too much is under way or time is up."""
        if self.full:
            raise too_busy()
        loop = asyncio.get_running_loop()
        self.in_flight += 1
        future: Future[T] = self._pool.submit(work, *args, **kwargs)
        future.add_done_callback(lambda _: _soon(loop, self._one_less))
        try:
            return await asyncio.wait_for(asyncio.wrap_future(future), deadline_s)
        except TimeoutError:
            raise unavailable("the answer took too long") from None

    def _one_less(self) -> None:
        self.in_flight -= 1

    def close(self) -> None:
        """Take no more work; what waits is dropped."""
        self._pool.shutdown(wait=True, cancel_futures=True)


def _soon(loop: asyncio.AbstractEventLoop, call: Callable[[], None]) -> None:
    """Back to the event loop, unless the service has ended meanwhile."""
    if not loop.is_closed():
        loop.call_soon_threadsafe(call)
