"""One run at a time on one output: a lock that the system lets go of when its owner dies, however it dies."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from matcher.domain import MatcherError


@contextmanager
def locked(path: Path) -> Iterator[int]:
    """Hold the lock file; gives its handle, which child processes must close.

    Raises:
        MatcherError: another process that is still alive holds it.
    """
    handle = _held(path)
    try:
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
        yield handle
    finally:
        if _is_at(handle, path):
            path.unlink()
        os.close(handle)


def _held(path: Path) -> int:
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = os.pread(handle, 20, 0).decode(errors="replace") or "unknown"
            os.close(handle)
            raise MatcherError(
                f"another run (process {owner}) is writing this output; wait or choose another"
            ) from None
        if _is_at(handle, path):
            return handle
        os.close(handle)  # its last owner removed the file between our opening and locking it


def _is_at(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False
