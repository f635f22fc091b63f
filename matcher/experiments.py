"""Experiments: the engine, other settings, the engine without a part, baselines; run by the batch path and scored."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from matcher.baselines import baseline_rows, baselines
from matcher.batch import read_caseload, recommend_all, suggestion_rows, write_table
from matcher.catalogue import read_catalogue
from matcher.consultations import read_consultation
from matcher.curation import decided_rows
from matcher.data_files import data_path, sample_catalogue
from matcher.domain import Consultation, InputError, Service, SettingsError
from matcher.eligibility import RULES
from matcher.engine import Engine
from matcher.estimator import fitted_engine
from matcher.evaluation.judgements import Judgements, judgement_rows, read_judgements
from matcher.evaluation.judging import Agreement, merge_worksheets, read_worksheet, worksheet_rows
from matcher.evaluation.runs import Run, read_run, run_of_rows
from matcher.evaluation.scorecard import Scorecard, score_runs
from matcher.presentation import cost, when
from matcher.settings import SCORERS, Settings, read_settings

TOP = 20
"""How many suggestions are asked for: recall@20 is the deepest measure, and a top 10 is the beginning of a top 20."""
DEFAULT, TAGS_ONLY, EACH = "default", "tags only", "each"
PARTS = {
    "implied": ("ranking__implied", 0.0),
    "near": ("ranking__near", 0.0),
    "coverage": ("ranking__coverage", 1.0),
    "far": ("ranking__far", 1.0),
    "near_miss": ("ranking__near_miss", 1.0),
    "not_for_them": ("ranking__not_for_them", 1.0),
    "not_support": ("ranking__not_support", 1.0),
    "unsure": ("ranking__unsure", 1.0),
    "disliked": ("ranking__disliked", 1.0),
}
"""Further parts of the ranking that can be left out, and the setting that does it."""

WORKSHEET_SCHEMA = pa.schema(
    [("consultation_id", pa.string()), ("said", pa.string()), ("service_id", pa.string()), ("service", pa.string())]
    + [(name, pa.string()) for name in ("description", "for_whom", "cost", "when", "grade", "facets", "barred")]
)
JUDGEMENT_SCHEMA = pa.schema(
    [("consultation_id", pa.string()), ("service_id", pa.string()), ("grade", pa.int8())]
    + [(name, pa.string()) for name in ("facets", "barred")]
)
Progress = Callable[[str, int, int], None]
"""Called with the run's name, how many consultations are done, and how many there are."""


@dataclass(frozen=True)
class Inputs:
    """Files that belong together. One left out is looked for beside the one before it; else it is the sample town's."""

    catalogue: tuple[Path, ...] = ()
    consultations: Path | None = None
    judgements: Path | None = None

    def consultations_path(self) -> Path:
        """The consultations given, or those beside the catalogue."""
        return self.consultations or self._beside("consultations.jsonl", "--consultations")

    def judgements_path(self) -> Path:
        """The judgements given, or those beside the consultations."""
        if self.judgements:
            return self.judgements
        if self.consultations:
            return _existing(self.consultations.with_name("judgements.csv"), "--judgements")
        return self._beside("judgements.csv", "--judgements")

    def _beside(self, name: str, option: str) -> Path:
        if not self.catalogue:
            return data_path("sample", name)
        return _existing(self.catalogue[0].with_name(name), option)


def evaluate(
    inputs: Inputs,
    *,
    as_of: date,
    settings: Sequence[Path] = (),
    with_baselines: bool = False,
    without: Sequence[str] = (),
    decisions: Path | None = None,
    semantic: bool = True,
    progress: Progress = lambda name, done, total: None,
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
    changes = [(name, without_part(name)) for name in _named_parts(without)]
    chosen = [(path.stem, read_settings(path)) for path in settings]
    judgements = read_judgements(inputs.judgements_path())
    consultations = read_consultations(inputs.consultations_path())
    catalogue = read_catalogue(*(inputs.catalogue or (sample_catalogue(),)))
    engine = fitted_engine(catalogue, Settings(), semantic=semantic)
    decided = decided_rows(decisions, catalogue, engine.taxonomy) if decisions else None

    def answer(name: str, engine: Engine) -> Run:
        return run_engine(name, engine, consultations, as_of, progress)

    def refitted(changed: Settings) -> Engine:
        return fitted_engine(catalogue, changed, semantic=semantic)

    runs = [answer(DEFAULT, engine)]
    if decisions:
        curated = fitted_engine(catalogue, Settings(), semantic=semantic, decisions=decided)
        runs.append(answer(_free_name(f"with {decisions.stem}", runs), curated))
    runs += [answer(_free_name(name, runs), refitted(values)) for name, values in chosen]
    runs += [answer(f"without {name}", refitted(change(engine.settings))) for name, change in changes]
    if with_baselines:
        runs.append(answer(TAGS_ONLY, refitted(engine.settings.changed(scorers=("tags",)))))
        runs += run_baselines(engine, consultations, judgements, as_of, progress)
    return score_runs(runs, judgements, consultations, engine.catalogue, as_of)


def run_engine(
    name: str,
    engine: Engine,
    consultations: Sequence[Consultation],
    as_of: date,
    progress: Progress = lambda name, done, total: None,
) -> Run:
    """The engine's lists for all consultations, made by the batch path."""

    def rows() -> Iterator[dict[str, Any]]:
        answers = recommend_all(engine, consultations, as_of=as_of, top=TOP)
        for done, recommendation in enumerate(answers, start=1):
            progress(name, done, len(consultations))
            yield from suggestion_rows(recommendation)

    return run_of_rows(name, rows())


def run_baselines(
    engine: Engine,
    consultations: Sequence[Consultation],
    judgements: Judgements,
    as_of: date,
    progress: Progress = lambda name, done, total: None,
) -> list[Run]:
    """Every baseline's lists behind the engine's screen."""
    found = baselines(engine.catalogue, judgements)
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in found}
    for done, consultation in enumerate(consultations, start=1):
        screen = engine.read(consultation, as_of).screen
        for name, baseline in found.items():
            rows[name] += baseline_rows(baseline, consultation, screen, TOP)
        progress("baselines", done, len(consultations))
    return [run_of_rows(name, listed) for name, listed in rows.items()]


def without_part(name: str) -> Callable[[Settings], Settings]:
    """What leaves one scorer, rule or part of the ranking out of any settings.

    Raises:
        SettingsError: nothing is called so.
    """
    if name in SCORERS:
        return lambda s: s.changed(scorers=tuple(scorer for scorer in s.scorers if scorer != name))
    if name in {rule.code for rule in RULES}:
        return lambda s: s.changed(eligibility__off=(*s.eligibility.off, name))
    if name in PARTS:
        setting, value = PARTS[name]
        return lambda s: s.changed(**{setting: value})
    raise SettingsError(f"--without: there is no such part; use {EACH}, {', '.join(part_names())}")


def part_names() -> list[str]:
    """All that can be left out: scorers, then eligibility rules, then parts of the ranking."""
    return list(dict.fromkeys([*SCORERS, *(rule.code for rule in RULES), *PARTS]))


def read_consultations(path: Path) -> list[Consultation]:
    """All consultations of a caseload file.

    Raises:
        InputError: naming the first record that cannot be read; an evaluation leaves nobody out in silence.
    """
    found: list[Consultation] = []
    for row, record in enumerate(read_caseload(path), start=1):
        try:
            consultation = read_consultation(record)
        except InputError as error:
            raise InputError(f"{path.name} record {row}: {error}") from None
        if not consultation.id:
            raise InputError(f"{path.name} record {row}: needs an id")
        found.append(consultation)
    if len({consultation.id for consultation in found}) < len(found):
        raise InputError(f"{path.name}: two consultations have the same id")
    return found


def make_worksheet(
    runs: Iterable[Path], inputs: Inputs, output: Path, *, depth: int, seed: int, with_words: bool
) -> int:
    """Write a blind worksheet for judges from several runs; returns its number of rows. See ``evaluation.judging``."""
    catalogue = read_catalogue(*(inputs.catalogue or (sample_catalogue(),)))
    consultations = read_consultations(inputs.consultations_path())
    pooled = [read_run(path) for path in runs]
    rows = worksheet_rows(
        pooled, consultations, catalogue, describe=described, depth=depth, seed=seed, with_words=with_words
    )
    write_table(rows, WORKSHEET_SCHEMA, output)
    return len(rows)


def described(service: Service) -> dict[str, str]:
    """What a judge reads of a service."""
    ages = [f"from {service.min_age:g}"] if service.min_age is not None else []
    ages += [f"up to {service.max_age:g}"] if service.max_age is not None else []
    return {
        "service": service.name,
        "description": service.description,
        "for_whom": "; ".join(text for text in (service.eligibility, " ".join(ages)) if text),
        "cost": cost(service),
        "when": when(service),
    }


def merge_judges(worksheets: Sequence[Path], output: Path) -> Agreement:
    """Merge several judges' worksheets into one judgements file and say how far they agree."""
    judgements, agreement = merge_worksheets({path.stem: read_worksheet(path) for path in worksheets})
    write_table(judgement_rows(judgements), JUDGEMENT_SCHEMA, output)
    return agreement


def _named_parts(without: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(part for name in without for part in (part_names() if name == EACH else [name])))


def _free_name(name: str, runs: Sequence[Run]) -> str:
    """A run's name that no earlier run has."""
    taken = {run.name for run in runs}
    return (
        name
        if name not in taken
        else next(f"{name} {n}" for n in range(2, len(taken) + 3) if f"{name} {n}" not in taken)
    )


def _existing(path: Path, option: str) -> Path:
    if not path.is_file():
        raise InputError(f"{path.name}: not found beside the other files; name it with {option}")
    return path
