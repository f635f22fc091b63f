"""This engine, asked as its own faces ask it."""

from __future__ import annotations

import gc
import multiprocessing
from collections.abc import Mapping, Sequence
from pathlib import Path

from peer import Ask, Peer
from work import AS_OF, TOP, Query

from matcher import Engine, load_engine
from matcher.consultations import read_consultation
from matcher.presentation import as_json, json_bytes
from matcher.snapshot import save_snapshot


class ThisEngine(Peer):
    """End to end: a consultation as JSON text becomes an explained top ten as JSON text."""

    name = "this engine, end to end"
    packages = ("service-matcher", "numpy", "scipy")
    semantic = False
    engine: Engine

    def ways(self) -> Mapping[str, Ask]:
        return {self.name: self.ask, "this engine, scoring alone": self.score}

    def build(self, services: Path, folder: Path) -> None:
        """Have the directory read, worked out and saved in a process, as ``matcher index`` does; open that."""
        maker = multiprocessing.get_context("spawn").Process(target=_index, args=(services, folder, self.semantic))
        maker.start()
        maker.join()
        self.engine = load_engine(folder / "index", semantic=self.semantic)
        gc.collect()
        gc.freeze()  # as the commands do: what stays is not looked through again and again

    def ask(self, query: Query) -> Sequence[str]:
        answer = self.engine.suggest(read_consultation(query.consultation), as_of=AS_OF, top=TOP)
        json_bytes(as_json(answer))
        return [suggestion.service.id for suggestion in answer.suggestions]

    def score(self, query: Query) -> Sequence[str]:
        """Needs and interests only, screened, scored and ordered: no note to read, nothing to explain."""
        engine = self.engine
        listed = engine.shortlist(engine.understand(query.needs_only, AS_OF), TOP).reading.screen.case.rows
        return [service.id for service in engine.catalogue.services(listed)]


def _index(services: Path, folder: Path, semantic: bool) -> None:
    save_snapshot(load_engine(services, semantic=semantic), folder / "index")


class ThisEngineSemantic(ThisEngine):
    """The same with the sentence encoder."""

    name = "this engine, with the semantic scorer"
    packages = ("onnxruntime",)
    largest = 10_000
    semantic = True

    def ways(self) -> Mapping[str, Ask]:
        return {self.name: self.ask}
