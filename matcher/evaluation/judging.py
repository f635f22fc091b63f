"""Judging aid: a blind worksheet pooled from several runs, and several judges' worksheets merged with their agreement.

Blind: nothing in a worksheet tells which run showed a service, at which rank, or why.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from statistics import median_low

import numpy as np
from sklearn.metrics import cohen_kappa_score

from matcher.catalogue.columns import Catalogue
from matcher.domain import DAYS, Consultation, InputError, Service, ServiceId
from matcher.evaluation.judgements import COLUMNS, GRADES, Judgement, Judgements, letters_of, read_grade, read_rows
from matcher.evaluation.runs import Run

Pair = tuple[str, ServiceId]
Worksheet = Mapping[Pair, Judgement]
FAR_APART = 2
"""Grades that differ by this much should be talked about."""
DEPTH, SEED = 10, 1


@dataclass(frozen=True, slots=True)
class Kappa:
    """Quadratic weighted kappa of two judges over the ``n`` pairs both graded; ``None`` where it is not defined."""

    first: str
    second: str
    n: int
    kappa: float | None


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far judges agree.

    Attributes:
        kappas: one for each two judges.
        judged: how many pairs anybody graded.
        far_apart: pairs with grades at least two apart, with the grades by judge: to be talked about.
    """

    kappas: tuple[Kappa, ...]
    judged: int
    far_apart: tuple[tuple[Pair, Mapping[str, int]], ...]


def worksheet_rows(
    runs: Sequence[Run],
    consultations: Iterable[Consultation],
    catalogue: Catalogue,
    *,
    describe: Callable[[Service], Mapping[str, str]],
    depth: int = DEPTH,
    seed: int = SEED,
    with_words: bool = False,
) -> list[dict[str, str]]:
    """One row a service to grade: the union of the runs' first ``depth``, shuffled within each consultation.

    Args:
        runs: what to pool.
        consultations: those to judge, in the order to judge them.
        catalogue: what the runs suggest from.
        describe: what a judge should read of a service, by column.
        depth: how much of each list.
        seed: of the shuffle.
        with_words: put the consultation's own words in. Off by default: whoever turns it on has asked for a file that
            holds a person's words.
    """
    known = set(catalogue.texts("id"))
    rows = []
    for consultation in consultations:
        pool = sorted({shown.service_id for run in runs for shown in run.top(consultation.id, depth)} & known)
        np.random.default_rng((seed, zlib.crc32(consultation.id.encode()))).shuffle(pool)
        said = what_was_said(consultation) if with_words else ""
        for service_id in pool:
            service = catalogue[catalogue.row_of(service_id)]
            identity = {"consultation_id": consultation.id, "said": said, "service_id": service_id}
            rows.append({**identity, **describe(service), "grade": "", "facets": "", "barred": ""})
    if not rows:
        raise InputError("judge: the runs show nothing for these consultations; do the files belong together?")
    return rows


def what_was_said(consultation: Consultation) -> str:
    """A consultation as a judge reads it: one line a field that says something."""
    lines = {
        "Needs": "; ".join(f"{need.label} ({need.importance})" for need in consultation.needs),
        "Interests": "; ".join(consultation.interests),
        "Avoid": "; ".join(consultation.avoid),
        "Age": "" if consultation.age is None else f"{consultation.age:g}",
        "Gender": consultation.gender or "",
        "Others": "; ".join(o.relation if o.age is None else f"{o.relation} {o.age:g}" for o in consultation.others),
        "At most": "" if consultation.max_distance_km is None else f"{consultation.max_distance_km:g} km",
        "At most £": "" if consultation.max_cost is None else f"{consultation.max_cost:g}",
        "Languages": "; ".join(consultation.languages),
        "Access": "; ".join(consultation.access_needs),
        "Ways": "; ".join(consultation.modes),
        "Free": "; ".join(f"{DAYS[w.day]} {_clock(w.start)}-{_clock(w.end)}" for w in consultation.availability),
        "Note": consultation.note,
    }
    return "\n".join(f"{name}: {text}" for name, text in lines.items() if text)


def read_worksheet(path: Path) -> dict[Pair, Judgement]:
    """The graded rows of one judge's worksheet; rows without a grade are left out.

    Raises:
        InputError: naming the file, the line and the rule that is broken.
    """
    found: dict[Pair, Judgement] = {}
    for where, row in read_rows(path, COLUMNS[:3]):
        barred = row.get("barred", "")
        if not row["grade"] and not barred:
            continue
        grade = read_grade(row["grade"], where) if row["grade"] else 0
        if (row["consultation_id"], row["service_id"]) in found:
            raise InputError(f"{where}: this consultation and service are graded twice; keep one")
        found[row["consultation_id"], row["service_id"]] = Judgement(grade, letters_of(row.get("facets", "")), barred)
    if not found:
        raise InputError(f"{path.name}: no row has a grade yet")
    return found


def merge_worksheets(worksheets: Mapping[str, Worksheet]) -> tuple[Judgements, Agreement]:
    """One set of judgements from several judges, and how far they agree.

    The merged grade is the lower median (of two judges the lower one: the tool should be measured by what both would
    offer). A facet counts when at least half of a pair's judges saw it. One judge's reason is enough to bar.
    """
    pairs: dict[str, dict[ServiceId, Judgement]] = {}
    every = sorted(set().union(*worksheets.values()))
    for consultation_id, service_id in every:
        given = [
            sheet[consultation_id, service_id]
            for sheet in worksheets.values()
            if (consultation_id, service_id) in sheet
        ]
        pairs.setdefault(consultation_id, {})[service_id] = _merged(given)
    kappas = tuple(
        kappa_of(first, worksheets[first], second, worksheets[second]) for first, second in combinations(worksheets, 2)
    )
    apart = [(pair, grades) for pair in every if _spread(grades := _grades(pair, worksheets)) >= FAR_APART]
    return Judgements(pairs), Agreement(kappas, len(every), tuple(apart))


def kappa_of(first: str, first_sheet: Worksheet, second: str, second_sheet: Worksheet) -> Kappa:
    """Cohen's kappa with quadratic weights (Cohen 1968) over the pairs that both judges graded."""
    shared = sorted(set(first_sheet) & set(second_sheet))
    grades = [[sheet[pair].grade for pair in shared] for sheet in (first_sheet, second_sheet)]
    if len(set(grades[0]) | set(grades[1])) < 2:  # nothing to agree about: everything got one and the same grade
        return Kappa(first, second, len(shared), None)
    value = cohen_kappa_score(grades[0], grades[1], labels=list(GRADES), weights="quadratic")
    return Kappa(first, second, len(shared), float(value))


def _merged(given: Sequence[Judgement]) -> Judgement:
    barred = " / ".join(dict.fromkeys(judgement.barred for judgement in given if judgement.barred))
    letters = sorted(set().union(*(judgement.facets for judgement in given)))
    facets = frozenset(x for x in letters if 2 * sum(x in judgement.facets for judgement in given) >= len(given))
    grade = 0 if barred else median_low(judgement.grade for judgement in given)
    return Judgement(grade, facets if grade else frozenset(), barred)


def _grades(pair: Pair, worksheets: Mapping[str, Worksheet]) -> dict[str, int]:
    return {judge: sheet[pair].grade for judge, sheet in worksheets.items() if pair in sheet}


def _spread(grades: Mapping[str, int]) -> int:
    return max(grades.values()) - min(grades.values())


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
