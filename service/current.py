"""The one reference to what is being served. A request takes it once, so that one answer has one version."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from matcher import Engine
from matcher.domain import MatcherError
from service.look_ahead import LookAhead


class NotReadyError(MatcherError):
    """There is no engine to answer with yet."""


@dataclass(frozen=True, eq=False)
class Served:
    """A fitted engine with what there is to say about it."""

    engine: Engine
    day: date | None = None
    """The day to answer for; ``None`` for today."""
    degraded: tuple[str, ...] = ()
    """What is not as it should be: ``stale_catalogue``."""
    since: float = field(default_factory=time.time)
    """When the catalogue was taken, seconds since 1970."""

    @property
    def as_of(self) -> date:
        """The day to answer for when a request names none."""
        return self.day or date.today()  # noqa: DTZ011  the server's own calendar day

    @cached_property
    def look_ahead(self) -> LookAhead:
        """Finds concepts of this engine's taxonomy by what somebody types."""
        return LookAhead(self.engine.taxonomy)


class Current:
    """Calling it gives what is served at this moment; swapping is one assignment."""

    def __init__(self) -> None:
        self._served: Served | None = None
        self.draining = False

    def __call__(self) -> Served:
        """What is served now. Raises NotReadyError before the first catalogue is in."""
        if self._served is None:
            raise NotReadyError("the catalogue is still being read; try again in a moment")
        return self._served

    def swap(self, served: Served) -> None:
        """Serve this from the next request on; nobody who searches for a concept waits for its labels to be read."""
        _ = served.look_ahead  # made now
        self._served = served

    @property
    def ready(self) -> bool:
        """Whether a request could be answered."""
        return self._served is not None and not self.draining
