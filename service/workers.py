"""What the processes of one service know of each other: which catalogue each of them serves."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from pathlib import Path

from service.keys import write_private

FOLDER_VARIABLE = "MATCHER_RUN_FOLDER"
LOOK_S = 0.1


class Workers:
    """A file a worker, named by its process id, in a folder made for this run; none with a single worker."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    @classmethod
    def of_this_run(cls) -> Workers:
        """The workers that the parent process announced."""
        folder = os.environ.get(FOLDER_VARIABLE)
        return cls(Path(folder) if folder else None)

    def say(self, copy_id: str) -> None:
        """Tell the others which catalogue this worker serves."""
        if self._folder is not None:
            write_private(self._folder / str(os.getpid()), copy_id.encode())

    def serving(self) -> int:
        """How many workers serve something."""
        return len(self._said())

    def _said(self) -> list[str]:
        """What each living worker serves."""
        paths = self._folder.iterdir() if self._folder is not None and self._folder.is_dir() else ()
        return [path.read_text() for path in paths if _is_alive(path.name)]

    async def all_have(self, copy_id: str, timeout_s: float) -> int:
        """How many workers serve this catalogue, once all do or time is up."""
        if self._folder is None:
            return 1
        ends = time.monotonic() + timeout_s
        while True:
            said = self._said()
            if all(copy == copy_id for copy in said) or time.monotonic() > ends:
                return said.count(copy_id)
            await asyncio.sleep(LOOK_S)


def _is_alive(name: str) -> bool:
    if not name.isdigit():
        return False
    with contextlib.suppress(OSError):
        os.kill(int(name), 0)
        return True
    return False
