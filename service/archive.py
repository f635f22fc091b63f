"""Copies of the catalogues that were served, named by their content, so that the last good one outlives its source.

A folder of copies belongs to one list of sources. ``current`` names the copy being served; it is replaced in one step
and only after an engine over the copy has answered its trials. Every worker follows it.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matcher.domain import CatalogueError
from service.keys import write_private

ENDINGS = (".json", ".jsonl", ".ndjson", ".csv")
SETTLE_S = 1.0
"""A file that changed so lately may still be being written."""
DIGEST_ENDING = ".sha256"
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Copy:
    """One version of a list of sources: what to hand to :func:`matcher.read_catalogue`."""

    id: str
    paths: tuple[Path, ...]
    taken: float
    """When it was copied, seconds since 1970."""


class Archive:
    """The copies of one list of sources."""

    def __init__(self, root: Path, sources: Sequence[Path], keep: int) -> None:
        self._sources = tuple(path.resolve() for path in sources)
        lineage = hashlib.sha256("\n".join(map(str, self._sources)).encode()).hexdigest()[:16]
        self._folder = root / lineage
        self._keep = keep

    def take(self) -> Copy:
        """Copy the sources as they are now.

        Raises:
            CatalogueError: a source is missing, is still being written, or differs from the digest beside it.
        """
        staging = self._folder / f"staging-{os.getpid()}-{time.monotonic_ns()}"
        try:
            staging.mkdir(parents=True, mode=0o700)
            digests = {name: _copy(path, staging / name) for path, name in self._files()}
            return self._filed(staging, digests)
        finally:
            shutil.rmtree(staging, ignore_errors=True)

    def _filed(self, staging: Path, digests: dict[str, str]) -> Copy:
        """Give the staged files their name, unless a copy of the same content is there."""
        roots = [f"{place}/{path.parent.name or 'root'}/{path.name}" for place, path in enumerate(self._sources)]
        manifest = json.dumps({"roots": roots, "sha256": digests}, sort_keys=True).encode()
        copy_id = hashlib.sha256(manifest).hexdigest()[:16]
        write_private(staging / "manifest.json", manifest)
        if self._checked(copy_id) is None:
            shutil.rmtree(self._folder / copy_id, ignore_errors=True)
            staging.rename(self._folder / copy_id)
        return self._copy_of(copy_id, roots)

    def current(self) -> Copy | None:
        """The copy that ``current`` names, when it is whole."""
        copy_id = self.current_id()
        return self._checked(copy_id) if copy_id else None

    def current_id(self) -> str:
        """What ``current`` says; empty when nothing was ever good."""
        try:
            return (self._folder / "current").read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            return ""

    def summary(self) -> dict[str, Any] | None:
        """What was noted about the current copy when it was published."""
        try:
            noted: dict[str, Any] = json.loads((self._folder / self.current_id() / "summary.json").read_bytes())
        except (OSError, ValueError):
            return None
        return noted

    def publish(self, copy: Copy, summary: Mapping[str, Any]) -> None:
        """Make a copy the current one, for this and every other worker, and drop the oldest."""
        write_private(self._folder / copy.id / "summary.json", json.dumps(summary).encode())
        if self.current_id() != copy.id:
            write_private(self._folder / "current", copy.id.encode())
        (self._folder / copy.id).touch()
        kept = sorted(self._folder.glob("*/manifest.json"), key=lambda p: p.parent.stat().st_mtime_ns, reverse=True)
        for manifest in kept[self._keep :]:
            shutil.rmtree(manifest.parent, ignore_errors=True)

    @property
    def lock(self) -> Path:
        """A file to lock while a new copy is being taken."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self._folder / "lock"

    def _files(self) -> Iterator[tuple[Path, str]]:
        for place, source in enumerate(self._sources):
            home = f"{place}/{source.parent.name or 'root'}/{source.name}"
            if source.is_file():
                yield source, home
            elif source.is_dir():
                inside = sorted(p for p in source.iterdir() if p.suffix.casefold() in ENDINGS and p.is_file())
                yield from ((path, f"{home}/{path.name}") for path in inside)
            else:
                raise CatalogueError(f"{source.name}: no such file or folder")

    def _checked(self, copy_id: str) -> Copy | None:
        folder = self._folder / copy_id
        try:
            manifest = json.loads((folder / "manifest.json").read_bytes())
            whole = all(_digest(folder / name) == digest for name, digest in manifest["sha256"].items())
        except (OSError, ValueError, KeyError):
            return None
        return self._copy_of(copy_id, manifest["roots"]) if whole else None

    def _copy_of(self, copy_id: str, roots: Sequence[str]) -> Copy:
        folder = self._folder / copy_id
        return Copy(copy_id, tuple(folder / root for root in roots), (folder / "manifest.json").stat().st_mtime)


def _copy(source: Path, target: Path) -> str:
    """Copy one file that nobody is writing; returns its SHA-256."""
    before = _settled(source)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    shutil.copyfile(source, target)
    after = source.stat()
    if (after.st_mtime_ns, after.st_size) != (before.st_mtime_ns, before.st_size):
        raise CatalogueError(f"{source.name}: is still being written; try again")
    digest = _digest(target)
    said = source.with_name(source.name + DIGEST_ENDING)
    if said.is_file() and said.read_text(encoding="ascii", errors="replace").split()[:1] != [digest]:
        raise CatalogueError(f"{source.name}: differs from {said.name}; is the file whole?")
    return digest


def _settled(source: Path) -> os.stat_result:
    """The file's status once it has not changed for a moment."""
    status = source.stat()
    age = time.time() - status.st_mtime
    if 0 <= age < SETTLE_S:
        time.sleep(SETTLE_S - age)
        later = source.stat()
        if (later.st_mtime_ns, later.st_size) != (status.st_mtime_ns, status.st_size):
            raise CatalogueError(f"{source.name}: is still being written; try again")
    return status


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()
