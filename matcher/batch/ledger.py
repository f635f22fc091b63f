"""What of an unfinished run is safe: a folder beside the output with one part a chunk and a ledger of those in full.

A part is written, synced and renamed before its line is added to the ledger and synced. A line therefore always has
its part, whenever the process ends; a part without a line is work that is done again.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from matcher.batch.failpoints import reach
from matcher.batch.rows import Answered
from matcher.batch.tables import sync
from matcher.domain import MatcherError

NAMES = {
    "caseload": "the caseload",
    "engine": "the version of the matcher",
    "catalogue": "the catalogue",
    "taxonomy": "the taxonomy",
    "settings": "the settings",
    "model": "the sentence encoder",
    "as_of": "the day (--as-of)",
    "top": "the length of the lists (--top)",
    "previous": "the earlier run (--previous)",
    "spread": "--spread",
}


@dataclass(frozen=True, slots=True)
class Chunk:
    """One line of the ledger: a part, how many records it answers, and the digest of its bytes."""

    part: str
    records: int
    sha256: str


class RunFolder:
    """The folder of one unfinished run."""

    def __init__(self, output: Path) -> None:
        self.path = output.with_name(f".{output.name}.run")
        self._ledger = self.path / "ledger.jsonl"
        self._identity = self.path / "run.json"
        self.lock = self.path / "lock"
        self.finished = self.path / "finished"
        self.chunks: list[Chunk] = []

    def clear(self) -> None:
        """Remove what is of no use: outputs that were being written, and everything where no run was begun."""
        shutil.rmtree(self.finished, ignore_errors=True)
        self.finished.mkdir()
        for old in () if self._identity.exists() else self.path.glob("*.*"):
            old.unlink()

    def open(self, run: Mapping[str, str], *, resume: bool) -> None:
        """Begin a run, or go on with the one that was stopped.

        Args:
            run: what a run must not change halfway: input, versions, day, length.
            resume: go on where an earlier process stopped.

        Raises:
            MatcherError: another run was left unfinished here, or this is not the same run.
        """
        if self._identity.exists():
            if not resume:
                raise MatcherError(
                    f"an unfinished run for this output exists: add --resume, or remove the folder {self.path.name}"
                )
            self._refuse_another(run)
            self.chunks = self._committed()
            return
        self._write(self._identity, json.dumps(dict(run)).encode())

    def _refuse_another(self, run: Mapping[str, str]) -> None:
        then = json.loads(self._identity.read_text(encoding="utf-8"))
        changed = [name for name in run if run[name] != then.get(name)]
        if changed:
            was = f"; it was {then['as_of']}" if changed == ["as_of"] else ""
            listed = ", ".join(NAMES[name] for name in changed)
            raise MatcherError(
                f"cannot resume, changed since the run began: {listed}{was}; "
                f"to begin anew, remove the folder {self.path.name}"
            )

    def _committed(self) -> list[Chunk]:
        """The ledger's lines whose parts are whole, up to the first that is not."""
        chunks: list[Chunk] = []
        lines = self._ledger.read_bytes().split(b"\n")[:-1] if self._ledger.exists() else []
        for line in lines:
            try:
                chunk = Chunk(**json.loads(line))
                whole = hashlib.sha256((self.path / chunk.part).read_bytes()).hexdigest() == chunk.sha256
            except (ValueError, TypeError, OSError):
                break
            if not whole:
                break
            chunks.append(chunk)
        self._write(self._ledger, b"".join(_line(chunk) for chunk in chunks))
        return chunks

    @property
    def records(self) -> int:
        """How many records of the caseload are answered and safe."""
        return sum(chunk.records for chunk in self.chunks)

    def commit(self, answers: Sequence[Answered]) -> None:
        """Make the answers of one chunk safe."""
        content = b"".join(json.dumps(answer.__dict__, ensure_ascii=False).encode() + b"\n" for answer in answers)
        name = f"{len(self.chunks):07d}.part"
        self._write(self.path / name, content)
        reach("part_renamed")
        chunk = Chunk(name, len(answers), hashlib.sha256(content).hexdigest())
        with self._ledger.open("ab") as file:
            file.write(_line(chunk))
            file.flush()
            os.fsync(file.fileno())
        self.chunks.append(chunk)
        reach("chunk_committed")

    def answers(self) -> Iterator[Answered]:
        """All answers so far, in the order of the caseload."""
        for chunk in self.chunks:
            with (self.path / chunk.part).open(encoding="utf-8") as file:
                for line in file:
                    yield answered_of(json.loads(line))

    def remove(self) -> None:
        """Remove the folder, its identity first: half a folder is never resumed."""
        self._identity.unlink(missing_ok=True)
        sync(self.path)
        shutil.rmtree(self.path)

    def _write(self, path: Path, content: bytes) -> None:
        temporary = path.with_name(f"{path.name}.tmp")
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        reach("part_written")
        temporary.replace(path)
        sync(self.path)


def answered_of(fields: Mapping[str, Any]) -> Answered:
    """An answer read back from JSON."""
    return Answered(**fields)


def _line(chunk: Chunk) -> bytes:
    return json.dumps(asdict(chunk)).encode() + b"\n"
