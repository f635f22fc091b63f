"""Several workers and their parent: one that dies is replaced at once, and none outlives the parent."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading

from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess
from uvicorn.supervisors.multiprocess import Process


class Supervisor(Multiprocess):
    """uvicorn's, but told by the system that a worker has died.

    uvicorn asks each worker over a pipe and waits for the answer. The pipe stays open when a worker dies meanwhile, so
    that the parent would wait, replacing nobody and deaf to signals, for as long as a worker may take to start.
    """

    def keep_subprocess_alive(self) -> None:
        """Replace the workers that have died; give up when one could not even start."""
        for place, worker in enumerate(self.processes):
            if worker.process.is_alive():
                continue
            worker.join()
            if worker.exitcode == STARTUP_FAILURE:
                self.should_exit.set()
                return
            self.processes[place] = Process(self.config, self.sockets)
            self.processes[place].start()


def end_with_parent() -> None:
    """Have this worker stop when its parent dies, however it dies: nothing else would ever end it or free the port."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent", daemon=True).start()
