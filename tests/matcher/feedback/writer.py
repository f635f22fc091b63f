"""A process of several threads that record outcomes and say so; the tests kill it.

Run as ``python writer.py URL THREADS``. Each acknowledged key is one line on standard output. ``TEST_BREAK`` breaks the
promise in a way that the tests must see; the product itself has no such switch.
"""

from __future__ import annotations

import itertools
import logging
import os
import sys
import threading
import time
from typing import Any

from sqlalchemy import event

from matcher.feedback import Store, StoreUnavailable
from tests.matcher.feedback.builders import KEY, an_answer, an_outcome

BREAK = os.environ.get("TEST_BREAK", "")


def acknowledge(key: str) -> None:
    """Say that a key is stored, in one write, so that a kill cannot cut the line in two."""
    os.write(1, f"{key}\n".encode())


def work(store: Store, name: str) -> None:
    """Record outcomes for ever; after a fault the same key is tried again."""
    for number in itertools.count():
        key = f"{name}-{number:06d}"
        if BREAK == "ack_before_commit":
            acknowledge(key)
        while True:
            try:
                store.record_outcome(an_outcome(key))
                break
            except StoreUnavailable:
                time.sleep(0.02)
        if BREAK != "ack_before_commit":
            acknowledge(key)


def main(url: str, threads: int) -> None:
    logging.disable()
    store = Store(url, KEY)
    if BREAK == "sync_off":
        event.listen(store.engine, "connect", _sync_off)
    store.record_answer(an_answer())
    for number in range(threads):
        threading.Thread(target=work, args=(store, f"{os.getpid()}-{number}")).start()


def _sync_off(connection: Any, _: object) -> None:
    connection.execute("PRAGMA synchronous=OFF").close()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
