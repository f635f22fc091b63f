"""Runs of the engine and of baselines over one test collection, scored against its judgements."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

from matcher.baselines import baseline_rows, baselines
from matcher.batch import recommend_all, suggestion_rows
from matcher.catalogue import Catalogue, read_catalogue
from matcher.curation import decided_rows
from matcher.domain import Consultation
from matcher.engine import Engine
from matcher.estimator import fitted_engine
from matcher.evaluation.judgements import Judgements, read_judgements
from matcher.evaluation.runs import Run, run_of_rows
from matcher.evaluation.scorecard import Scorecard, score_runs
from matcher.experiments.inputs import Inputs, read_consultations
from matcher.experiments.leaving_out import named_parts, without_part
from matcher.offers import Decision
from matcher.settings import Settings, read_settings

TOP = 20
"""How many suggestions are asked for: recall@20 is the deepest measure, and a top 10 is the beginning of a top 20."""
DEFAULT, TAGS_ONLY = "default", "tags only"

Progress = Callable[[str, int, int], None]
"""Called with the run's name, how many consultations are done, and how many there are."""


def silent(name: str, done: int, total: int) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True)
class Collection:
    """A test collection (Cranfield's word): a directory, people to answer on a day, and what judges said."""

    catalogue: Catalogue
    consultations: Sequence[Consultation]
    judgements: Judgements
    as_of: date
    semantic: bool = True
    progress: Progress = silent

    def engine(self, settings: Settings, decisions: Mapping[int, Decision] | None = None) -> Engine:
        """The engine over this directory."""
        return fitted_engine(self.catalogue, settings, semantic=self.semantic, decisions=decisions)

    def run(self, name: str, engine: Engine) -> Run:
        """An engine's lists for these people."""
        return run_engine(name, engine, self.consultations, self.as_of, self.progress)


def evaluate(
    inputs: Inputs,
    *,
    as_of: date,
    settings: Sequence[Path] = (),
    with_baselines: bool = False,
    without: Sequence[str] = (),
    decisions: Path | None = None,
    semantic: bool = True,
    progress: Progress = silent,
) -> Scorecard:
    """Score the default engine and whatever is to be compared with it.

    Args:
        inputs: catalogue, consultations and judgements.
        as_of: the day to answer for.
        settings: settings files, each a run of its own named after the file.
        with_baselines: also run the baselines.
        without: scorers, rules or parts to leave out, each a run of its own; ``each`` stands for all of them.
        decisions: what curators confirmed; a run of the default settings with them, named after the file.
        semantic: use the sentence encoder when it is installed.
        progress: told after each consultation.

    Raises:
        MatcherError: a file or a name is wrong.
    """
    plain = Settings()
    trials = [(path.stem, read_settings(path)) for path in settings]
    trials += [(f"without {name}", without_part(name)(plain)) for name in named_parts(without)]
    trials += [(TAGS_ONLY, plain.changed(scorers=("tags",)))] if with_baselines else []
    collection = read_collection(inputs, as_of, semantic, progress)
    runs = list(_engine_runs(collection, plain, trials, decisions))
    if with_baselines:
        runs += run_baselines(collection)
    return score_runs(runs, collection.judgements, collection.consultations, collection.catalogue, as_of)


def read_collection(inputs: Inputs, as_of: date, semantic: bool = True, progress: Progress = silent) -> Collection:
    """The files of an evaluation, read.

    Raises:
        MatcherError: a file is missing or wrong.
    """
    judgements = read_judgements(inputs.judgements_path())
    consultations = read_consultations(inputs.consultations_path())
    return Collection(read_catalogue(*inputs.catalogue_paths()), consultations, judgements, as_of, semantic, progress)


def _engine_runs(
    collection: Collection, plain: Settings, trials: Iterable[tuple[str, Settings]], decisions: Path | None
) -> Iterator[Run]:
    """The default first, then with what curators confirmed, then each trial; no two of one name."""
    engine = collection.engine(plain)
    decided = decided_rows(decisions, collection.catalogue, engine.taxonomy) if decisions else None
    taken = {DEFAULT}
    yield collection.run(DEFAULT, engine)
    if decisions:
        yield collection.run(_free_name(f"with {decisions.stem}", taken), collection.engine(plain, decided))
    for name, settings in trials:
        yield collection.run(_free_name(name, taken), collection.engine(settings))


def run_engine(
    name: str, engine: Engine, consultations: Sequence[Consultation], as_of: date, progress: Progress = silent
) -> Run:
    """The engine's lists for all consultations, made by the batch path."""

    def rows() -> Iterator[dict[str, Any]]:
        answers = recommend_all(engine, consultations, as_of=as_of, top=TOP)
        for done, recommendation in enumerate(answers, start=1):
            progress(name, done, len(consultations))
            yield from suggestion_rows(recommendation)

    return run_of_rows(name, rows())


def run_baselines(collection: Collection) -> list[Run]:
    """Every baseline's lists behind the engine's screen."""
    engine = collection.engine(Settings())
    found = baselines(engine.catalogue, collection.judgements)
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in found}
    for done, consultation in enumerate(collection.consultations, start=1):
        screen = engine.read(consultation, collection.as_of).screen
        for name, baseline in found.items():
            rows[name] += baseline_rows(baseline, consultation, screen, TOP)
        collection.progress("baselines", done, len(collection.consultations))
    return [run_of_rows(name, listed) for name, listed in rows.items()]


def _free_name(name: str, taken: set[str]) -> str:
    """A name that no earlier run has; from now on it is taken."""
    free = next(free for n in count(1) if (free := name if n == 1 else f"{name} {n}") not in taken)
    taken.add(free)
    return free
