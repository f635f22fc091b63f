"""What every engine of the comparison can do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import ClassVar

from work import Query

Ask = Callable[[Query], Sequence[str]]


class Peer:
    """One engine. ``ways`` are the methods that are timed, by the name of their row."""

    name: ClassVar[str]
    packages: ClassVar[tuple[str, ...]] = ()
    largest: ClassVar[int | None] = None
    """More services would take it over a quarter of an hour."""

    def ways(self) -> Mapping[str, Ask]:
        """Most engines can be asked in one way."""
        return {self.name: self.ask}

    def build(self, services: Path, folder: Path) -> None:
        """Index the services, with ``folder`` to keep files in."""
        raise NotImplementedError

    def open(self) -> None:
        """Get ready to be asked in this process."""

    def ask(self, query: Query) -> Sequence[str]:
        """The best ids."""
        raise NotImplementedError

    def version(self) -> str:
        """What the table of versions says."""
        return ", ".join(f"{package} {version(package)}" for package in self.packages)

    def close(self) -> None:
        """End what was started."""
