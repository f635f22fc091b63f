"""Takes a catalogue into service: at start, when asked to, and when another worker has done so.

A new catalogue is copied, read, tried and compared with the old one before anything changes; when it is refused, the
old one goes on serving, also over restarts.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from matcher import Engine, Settings, read_settings
from matcher.data_files import sample_catalogue
from matcher.domain import MatcherError
from service.archive import Archive, Copy
from service.building import build, build_apart
from service.config import ServiceConfig
from service.current import Current, Served
from service.logs import log
from service.metrics import Metrics
from service.problems import Problem, unavailable
from service.shrinking import check_shrink, summary_of
from service.workers import Workers

STALE = "stale_catalogue"
"""The last good catalogue serves; the configured one was refused."""
NOT_KEPT = "state_not_writable"
"""The catalogue serves, but no copy of it could be kept."""
FOLLOW_S = 0.5
GIVE_UP_FOR_S = 30.0


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of offering a catalogue: ``taken`` or ``unchanged``, and by how many workers."""

    result: str
    catalogue: str
    services: int
    workers: int


class Loader:
    """Brings one worker's engine up to date."""

    def __init__(self, config: ServiceConfig, current: Current, metrics: Metrics, workers: Workers) -> None:
        self._config = config
        self._current = current
        self._metrics = metrics
        self._workers = workers
        self._sources = (*(config.catalogue or (sample_catalogue(),)), *filter(None, (config.decisions,)))
        self._archive = Archive(config.state / "catalogues", self._sources, config.keep_catalogues)
        self._copy_id = ""
        self._stopping = Event()

    def start(self) -> None:
        """Serve the configured catalogue, or the last good one, marked as stale.

        Raises:
            MatcherError: neither can be served.
        """
        settings = read_settings(self._config.settings) if self._config.settings else Settings()
        last = self._archive.current()
        try:
            copy = self._archive.take()
            engine = self._built(copy.paths, settings)
            self._publish(copy, engine, accept_shrink=self._config.accept_shrink)
            self._serve(copy, engine)
        except OSError as error:
            log("error", "catalogue_refused", reason=type(error).__name__)
            engine = self._built(self._sources, settings)
            self._current.swap(Served(engine, self._config.day, (NOT_KEPT,)))
        except MatcherError as error:
            if last is None:
                raise
            log("error", "catalogue_refused", reason=type(error).__name__)
            self._metrics.reloaded("refused")
            self._serve(last, self._built(last.paths, settings), STALE)

    async def reload(self, *, accept_shrink: bool = False) -> Taken:
        """Take the configured catalogue as it is now, on every worker.

        Raises:
            Problem: 409 while another reload is under way, 422 with the reason when the catalogue is refused.
        """
        before = self._copy_id
        try:
            copy = await asyncio.to_thread(self._take, accept_shrink)
        except MatcherError as error:
            self._metrics.reloaded("refused")
            log("error", "catalogue_refused", reason=type(error).__name__)
            raise Problem(422, str(error)) from None
        except OSError:
            self._metrics.reloaded("refused")
            raise unavailable("the state folder cannot be written") from None
        workers = await self._workers.all_have(copy.id, self._config.reload_timeout_s)
        served = self._current()
        result = "unchanged" if copy.id == before else "taken"
        return Taken(result, served.engine.stamp.catalogue, len(served.engine.catalogue), workers)

    def _take(self, accept_shrink: bool) -> Copy:
        with _only_one(self._archive.lock):
            copy = self._archive.take()
            engine = self._current().engine
            if copy.id != self._copy_id:
                engine = self._built_apart(copy, engine)
            self._publish(copy, engine, accept_shrink=accept_shrink)
            self._serve(copy, engine)
            return copy

    def _publish(self, copy: Copy, engine: Engine, *, accept_shrink: bool) -> None:
        """Make a copy current for every worker. Raises CatalogueError when too much would be lost."""
        summary, old = summary_of(engine), self._archive.summary()
        if old is not None and not accept_shrink:
            check_shrink(old, summary, self._config.shrink_floor, engine.taxonomy)
        self._archive.publish(copy, summary)

    def _serve(self, copy: Copy, engine: Engine, *degraded: str) -> None:
        self._current.swap(Served(engine, self._config.day, degraded, copy.taken))
        self._copy_id = copy.id
        self._workers.say(copy.id)
        if not degraded:
            self._metrics.reloaded("taken", len(engine.catalogue))
        log("info", "catalogue_taken", catalogue=engine.stamp.catalogue, count=len(engine.catalogue))

    async def follow(self) -> None:
        """For ever: take what another worker has made current."""
        while True:
            await asyncio.sleep(FOLLOW_S)
            if self._copy_id and self._archive.current_id() not in ("", self._copy_id):
                try:
                    await asyncio.to_thread(self._follow_once)
                except MatcherError as error:
                    log("error", "catalogue_refused", reason=type(error).__name__)
                    await asyncio.sleep(GIVE_UP_FOR_S)

    def _follow_once(self) -> None:
        copy = self._archive.current()
        if copy is not None and copy.id != self._copy_id:
            self._serve(copy, self._built_apart(copy, self._current().engine))

    def _built(self, sources: tuple[Path, ...], settings: Settings) -> Engine:
        paths, decisions = self._parts(sources)
        return build(paths, settings, self._config.semantic, decisions)

    def _parts(self, sources: tuple[Path, ...]) -> tuple[tuple[Path, ...], Path | None]:
        """The directories, and the decisions about them, which stand last when there are any."""
        return (sources[:-1], sources[-1]) if self._config.decisions else (sources, None)

    def _built_apart(self, copy: Copy, beside: Engine) -> Engine:
        paths, decisions = self._parts(copy.paths)
        return build_apart(
            paths,
            beside,
            decisions=decisions,
            semantic=self._config.semantic,
            timeout_s=self._config.reload_timeout_s,
            stopping=self._stopping,
        )

    def close(self) -> None:
        """Give up reading a catalogue, if one is being read."""
        self._stopping.set()


@contextlib.contextmanager
def _only_one(lock: Path) -> Iterator[None]:
    """One change at a time over all workers. Raises Problem 409 when another one is under way."""
    with lock.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Problem(409, "a catalogue is being taken already", headers={"Retry-After": "5"}) from None
        yield
