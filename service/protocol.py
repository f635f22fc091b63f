"""uvicorn's HTTP protocol with limits for slow clients.

It has no time-out of its own for a request's head, nor for a client that never reads.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any, ClassVar

from uvicorn.protocols.http.h11_impl import H11Protocol

LOOK_S = 1.0


class WatchedProtocol(H11Protocol):
    """Closes a connection whose request head or whose reader is late. The class attributes are set once at start."""

    header_timeout_s: ClassVar[float] = 10.0
    write_timeout_s: ClassVar[float] = 10.0

    def connection_made(self, transport: Any) -> None:
        """Start watching."""
        super().connection_made(transport)
        self._waiting_since = time.monotonic()
        self._blocked_since = 0.0
        self._watch: asyncio.TimerHandle = self.loop.call_later(LOOK_S, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop watching."""
        self._watch.cancel()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """The client does not read."""
        self._blocked_since = time.monotonic()
        super().pause_writing()

    def resume_writing(self) -> None:
        """It reads again."""
        self._blocked_since = 0.0
        super().resume_writing()

    def on_response_complete(self) -> None:
        """The wait for the next head begins."""
        self._waiting_since = time.monotonic()
        super().on_response_complete()

    def _look(self) -> None:
        now = time.monotonic()
        without_request = self.cycle is None or self.cycle.response_complete
        late_head = without_request and now - self._waiting_since > self.header_timeout_s
        if late_head or (self._blocked_since and now - self._blocked_since > self.write_timeout_s):
            self.transport.abort()
        else:
            self._watch = self.loop.call_later(LOOK_S, self._look)
