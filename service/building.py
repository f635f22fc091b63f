"""Fits an engine on a catalogue in a process of its own, so that answering stays quiet meanwhile.

What comes back over the pipe is only what the catalogue changed: taxonomy, phrases and encoder are the ones the
service has already. The bytes are from a child of this process and from nowhere else; they never touch a disk.
"""

from __future__ import annotations

import io
import math
import os
import pickle
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from matcher import Engine, Settings, load_engine
from matcher.domain import CatalogueError, Consultation, Need
from matcher.encoder import SentenceEncoder, load_encoder

POLITENESS = 10
"""How much the child gives way to answering."""
TRIALS = (
    Consultation(note="Lonely since she moved, would like company."),
    Consultation(needs=(Need("money worries", 3),), age=40),
    Consultation(interests=("walking", "singing"), age=70, max_distance_km=5, max_cost=0),
    Consultation(note="Cares for his mother, worn out.", modes=("phone",)),
    Consultation(needs=(Need("somewhere to live"), Need("low mood"))),
)
"""What every engine has to answer before it serves anyone."""


def build(paths: Sequence[Path], settings: Settings | None, semantic: bool) -> Engine:
    """An engine that has answered its trials.

    Raises:
        CatalogueError: the catalogue cannot be read, or an engine over it gives no proper answers.
    """
    engine = load_engine(*paths, settings=settings, semantic=semantic)
    for consultation in TRIALS:
        answer = engine.suggest(consultation, as_of=date(2026, 11, 1))
        if not all(math.isfinite(suggestion.score) for suggestion in answer.suggestions):
            raise CatalogueError("an engine over this catalogue gives scores that are no numbers")
    return engine


def build_apart(paths: Sequence[Path], beside: Engine, semantic: bool, timeout_s: float) -> Engine:
    """Like :func:`build`, in a child process, sharing with the engine ``beside`` what does not change.

    Raises:
        CatalogueError: the catalogue is not good, the child died or it took too long.
    """
    pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"))
    try:
        content = pool.submit(_in_child, tuple(paths), beside.settings, semantic).result(timeout_s)
        return _Restoring(io.BytesIO(content), beside).load()  # type: ignore[no-any-return]
    except TimeoutError:
        for process in list(pool._processes.values()):
            process.kill()
        raise CatalogueError("reading the catalogue took too long") from None
    except (OSError, RuntimeError):
        raise CatalogueError("reading the catalogue ended early; is there enough memory?") from None
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _in_child(paths: tuple[Path, ...], settings: Settings, semantic: bool) -> bytes:
    os.nice(POLITENESS)
    engine = build(paths, settings, semantic)
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
