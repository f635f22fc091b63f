"""The parent of several workers: told of a death by the system, never held up by a worker that does not answer."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator

import pytest
import uvicorn
from uvicorn.supervisors import Multiprocess
from uvicorn.supervisors.multiprocess import SIGNALS

from service.supervising import Supervisor

PATIENCE_S = 10
"""How long uvicorn's own parent would wait for an answer; the service's workers are given minutes."""
AT_ONCE_S = 1.0


async def nothing(scope: object, receive: object, send: object) -> None:
    """An application that answers nobody: here only processes matter."""


@pytest.fixture
def parent() -> Iterator[Multiprocess]:
    """A parent with one worker; the test's own signal handlers come back afterwards."""
    handlers = {number: signal.getsignal(number) for number in SIGNALS}
    config = uvicorn.Config(nothing, workers=1, lifespan="off", timeout_worker_healthcheck=PATIENCE_S)
    supervisor = Supervisor(config, [])
    supervisor.init_processes()
    yield supervisor
    for worker in supervisor.processes:
        worker.kill()
        worker.join()
    for number, handler in handlers.items():
        signal.signal(number, handler)


def look(parent: Multiprocess) -> float:
    """Seconds that one look at the workers takes."""
    started = time.monotonic()
    parent.keep_subprocess_alive()
    return time.monotonic() - started


def test_a_worker_that_does_not_answer_holds_nobody_up_and_one_that_dies_is_replaced(parent: Multiprocess) -> None:
    """A frozen worker is one that died between the question and the answer: the pipe is open, and nothing comes."""
    first = parent.processes[0]
    os.kill(first.pid, signal.SIGSTOP)
    assert look(parent) < AT_ONCE_S
    os.kill(first.pid, signal.SIGKILL)
    first.process.join(10)
    assert look(parent) < AT_ONCE_S
    assert parent.processes[0].pid != first.pid
    assert parent.processes[0].process.is_alive()
