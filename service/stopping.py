"""A quiet stop: first the probe says "not ready", then no new connection is taken, then running answers end."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable
from types import FrameType

from service.current import Current


def give_notice(current: Current, notice_s: float) -> None:
    """On SIGTERM answer for a while longer, but as one that is not ready, so that balancers turn elsewhere first.

    To be called in the server's event loop, once its own handler is in place; does nothing where there is none.

    Args:
        current: what is served; marked as draining.
        notice_s: how long before the server's own handler is called.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    loop, stop = asyncio.get_running_loop(), signal.getsignal(signal.SIGTERM)
    if not callable(stop):
        return
    handler: Callable[[int, FrameType | None], object] = stop

    def told(number: int, frame: FrameType | None) -> None:
        current.draining = True
        loop.call_soon_threadsafe(loop.call_later, notice_s, handler, number, None)

    signal.signal(signal.SIGTERM, told)
