"""PostgreSQL connections that give up by themselves: a server that is frozen, not dead, would hold a call for ever."""

from __future__ import annotations

import math
from collections.abc import Generator
from time import monotonic
from typing import Any

import psycopg

GRACE_S = 1
"""The server's own time-outs come first; this is how much later the client stops waiting."""


class BoundedConnection(psycopg.Connection[Any]):
    """A connection whose every wait ends. ``longest_wait_s`` may be raised for maintenance."""

    longest_wait_s: float = math.inf

    def wait(self, gen: Generator[Any, Any, Any], *args: Any, **kwargs: Any) -> Any:
        return super().wait(self._bounded(gen), *args, **kwargs)

    def _bounded(self, gen: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
        """The same steps; when time is up the connection is closed, so that nobody takes it for a sound one."""
        until = monotonic() + self.longest_wait_s
        try:
            wanted = next(gen)
            while True:
                ready = yield wanted
                if not ready and monotonic() > until:
                    self.pgconn.finish()
                    raise psycopg.OperationalError("the server did not answer in time")
                wanted = gen.send(ready)
        except StopIteration as done:
            return done.value


def connect(wait_s: int, *args: Any, **kwargs: Any) -> BoundedConnection:
    """A connection on which no statement waits longer than the server's time-outs and a little."""
    connection = BoundedConnection.connect(*args, **kwargs)
    connection.longest_wait_s = wait_s + GRACE_S
    return connection
