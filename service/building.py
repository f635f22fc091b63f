"""Fits an engine on a catalogue in a process of its own, so that answering stays quiet meanwhile.

What comes back over the pipe is only what the catalogue changed: taxonomy, phrases and encoder are the ones the
service has already. The bytes are from a child of this process and from nowhere else; they never touch a disk.
"""

from __future__ import annotations

import io
import math
import os
import pickle
import time
from collections.abc import Sequence
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from contextlib import suppress
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from threading import Event
from typing import Any

from matcher import Engine, Settings, load_engine
from matcher.domain import CatalogueError, Consultation, Need
from matcher.encoder import SentenceEncoder, load_encoder

POLITENESS = 5
"""How much the child gives way to answering."""
LOOK_S = 0.2
TRIALS = (
    Consultation(note="Lonely since she moved, would like company."),
    Consultation(needs=(Need("money worries", 3),), age=40),
    Consultation(interests=("walking", "singing"), age=70, max_distance_km=5, max_cost=0),
    Consultation(note="Cares for his mother, worn out.", modes=("phone",)),
    Consultation(needs=(Need("somewhere to live"), Need("low mood"))),
)
"""What every engine has to answer before it serves anyone."""


def build(paths: Sequence[Path], settings: Settings | None, semantic: bool, decisions: Path | None = None) -> Engine:
    """An engine that has answered its trials.

    Raises:
        CatalogueError: the catalogue cannot be read, or an engine over it gives no proper answers.
        InputError: the decisions cannot be read.
    """
    engine = load_engine(*paths, settings=settings, semantic=semantic, decisions=decisions)
    for consultation in TRIALS:
        answer = engine.suggest(consultation, as_of=date(2026, 11, 1))
        if not all(math.isfinite(suggestion.score) for suggestion in answer.suggestions):
            raise CatalogueError("an engine over this catalogue gives scores that are no numbers")
    return engine


def build_apart(
    paths: Sequence[Path],
    beside: Engine,
    *,
    semantic: bool,
    timeout_s: float,
    stopping: Event | None = None,
    decisions: Path | None = None,
) -> Engine:
    """Like :func:`build`, in a child process, sharing with the engine ``beside`` what does not change.

    Args:
        paths: the catalogue.
        beside: the engine that is serving; its settings count.
        semantic: use the sentence encoder.
        timeout_s: how long it may take.
        stopping: when set, the child is ended and the work given up.
        decisions: what curators confirmed about the services.

    Raises:
        CatalogueError: the catalogue is not good, the child died, it took too long or the service is stopping.
    """
    pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"))
    try:
        future = pool.submit(_in_child, tuple(paths), beside.settings, semantic, decisions)
        content = _awaited(future, time.monotonic() + timeout_s, stopping or Event())
        return _Restoring(io.BytesIO(content), beside).load()  # type: ignore[no-any-return]
    except BrokenExecutor:
        raise CatalogueError("reading the catalogue ended early; is there enough memory?") from None
    finally:
        for process in list((pool._processes or {}).values()):
            process.kill()
        pool.shutdown(wait=True, cancel_futures=True)


def _awaited(future: Future[bytes], ends: float, stopping: Event) -> bytes:
    while not stopping.is_set() and time.monotonic() < ends:
        with suppress(TimeoutError):
            return future.result(LOOK_S)
    raise CatalogueError("the service is stopping" if stopping.is_set() else "reading the catalogue took too long")


def _in_child(paths: tuple[Path, ...], settings: Settings, semantic: bool, decisions: Path | None) -> bytes:
    os.nice(POLITENESS)
    engine = build(paths, settings, semantic, decisions)
    content = io.BytesIO()
    _Sending(content, engine).dump(engine)
    return content.getvalue()


class _Sending(pickle.Pickler):
    """Only names the parts that the other side has already."""

    def __init__(self, content: io.BytesIO, engine: Engine) -> None:
        super().__init__(content, protocol=pickle.HIGHEST_PROTOCOL)
        self._engine = engine

    def persistent_id(self, item: Any) -> tuple[str, str] | None:
        if item is self._engine.taxonomy:
            return "taxonomy", self._engine.taxonomy.version
        if item is self._engine.finder:
            return "phrases", self._engine.taxonomy.version
        return ("encoder", item.version) if isinstance(item, SentenceEncoder) else None


class _Restoring(pickle.Unpickler):
    """Puts the serving engine's own parts where the child named them."""

    def __init__(self, content: io.BytesIO, beside: Engine) -> None:
        super().__init__(content)
        self._beside = beside

    def persistent_load(self, name: Any) -> Any:
        kind, version = name
        if kind == "encoder":
            encoder = load_encoder()
            if encoder is not None and encoder.version == version:
                return encoder
        elif version == self._beside.taxonomy.version:
            return self._beside.taxonomy if kind == "taxonomy" else self._beside.finder
        raise CatalogueError("the taxonomy or the encoder changed meanwhile; restart the service")
