"""The measures. What ir-measures has is taken from there (it asks trec_eval's own code); the rest is defined here.

Counts such as ``barred@5`` are numbers of suggestions a consultation, not shares. An unanswered consultation counts as
zero in every graded measure. NaN means that a measure does not apply to a consultation; it is left out of the mean.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial

import ir_measures
import numpy as np
import pandas as pd
from ir_measures import RR, Judged, P, R, Success, nDCG

from matcher.evaluation.facts import ServiceFacts
from matcher.evaluation.judgements import BEST, GAINS, GOOD, Judgements
from matcher.evaluation.runs import Run, Shown
from matcher.evaluation.statistics import gini

NOTHING = float("nan")
CHECK = "check"
"""The standing of a suggestion of which something is unknown that may rule it out."""
HEADLINES = ("nDCG@10", "facet coverage@5", "barred@10")
"""Tested against chance, with Holm's correction over the three."""
DEPTH = 10
"""How much of a list counts as shown for coverage of the catalogue, exposure, diversity and distance."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure's name, what it says in words, and which way is better (1 more, -1 fewer, 0 neither)."""

    name: str
    meaning: str
    better: int = 1


@dataclass(frozen=True, slots=True)
class Case:
    """One consultation's list as a measure sees it."""

    consultation_id: str
    shown: tuple[Shown, ...]
    judgements: Judgements
    facts: ServiceFacts

    @property
    def judged(self) -> bool:
        """Whether judges looked at this consultation."""
        return self.consultation_id in self.judgements.pairs


GRADED: Mapping[str, ir_measures.Measure] = {
    "nDCG@10": nDCG(gains=GAINS) @ 10,
    "nDCG@5": nDCG(gains=GAINS) @ 5,
    "P@5": P(rel=GOOD) @ 5,
    "success@3": Success(rel=BEST) @ 3,
    "recall@20": R(rel=GOOD) @ 20,
    "MRR": RR(rel=GOOD),
    "judged@10": Judged @ 10,
}
"""Measures of ir-measures, by the names used here."""

MEASURES = (
    Measure(
        "nDCG@10", "order of the first ten against the judges' grades (gains 1, 3, 7); 1 is the best order there is"
    ),
    Measure("nDCG@5", "the same for the first five"),
    Measure("P@5", "share of the first five that are good (grade 2 or 3)"),
    Measure("success@3", "share of consultations with a grade 3 in the first three, of those that have one"),
    Measure("recall@20", "share of all good services (grade 2 or 3) found in the first twenty"),
    Measure("MRR", "1 / rank of the first good service"),
    Measure("facet coverage@5", "share of what the person needs that the first five answer"),
    Measure("barred@5", "suggestions in the first five that must not be made, a consultation", -1),
    Measure("barred@10", "suggestions in the first ten that must not be made, a consultation", -1),
    Measure("unknown-eligibility@5", "suggestions in the first five with something to check, a consultation", -1),
    Measure("stale@5", "suggestions in the first five whose record is more than a year old, a consultation", -1),
    Measure("median distance", "km to the middle one of the first ten with a known place", -1),
    Measure("intra-list diversity", "1 - mean likeness of the words of the first ten, two by two", 0),
    Measure("no-result rate", "share of consultations without any suggestion", -1),
    Measure("judged@10", "share of the first ten that the judgements list by name (the others count as grade 0)", 0),
    Measure("catalogue coverage", "share of the directory shown to somebody in the first ten", 0),
    Measure("exposure Gini", "how unequally services are shown (1 / log2(1 + rank)): 0 equal, 1 all in one", -1),
)
BY_NAME = {measure.name: measure for measure in MEASURES}


def facet_coverage(case: Case, n: int) -> float:
    """Subtopic recall (Zhai, Cohen and Lafferty, SIGIR 2003) over the facets that the judges named."""
    facets = case.judgements.facets.get(case.consultation_id, {})
    if not case.judged or not facets:
        return NOTHING
    answered = case.judgements.answered(case.consultation_id, (shown.service_id for shown in case.shown[:n]))
    return len(answered & set(facets)) / len(facets)


def barred(case: Case, n: int) -> float:
    """How many of the first ``n`` must not be suggested to this person."""
    if not case.judged:
        return NOTHING
    return float(sum(bool(case.judgements.of(case.consultation_id, s.service_id).barred) for s in case.shown[:n]))


def unknown_eligibility(case: Case, n: int) -> float:
    """How many of the first ``n`` stand at "check"; does not apply to a run that carries no standing."""
    standings = [shown.standing for shown in case.shown[:n]]
    return NOTHING if standings and not any(standings) else float(standings.count(CHECK))


def stale(case: Case, n: int) -> float:
    """How many of the first ``n`` have a stale record."""
    return float(sum(case.facts.is_stale(shown.service_id) for shown in case.shown[:n]))


def median_distance(case: Case) -> float:
    """Km to the median suggestion of those with a known place."""
    known = [shown.distance_km for shown in case.shown[:DEPTH] if shown.distance_km is not None]
    return float(np.median(known)) if known else NOTHING


def diversity(case: Case) -> float:
    """See :meth:`ServiceFacts.diversity`."""
    return case.facts.diversity([shown.service_id for shown in case.shown[:DEPTH]])


def no_result(case: Case) -> float:
    """1 when nothing was suggested."""
    return float(not case.shown)


OWN: Mapping[str, Callable[[Case], float]] = {
    "facet coverage@5": partial(facet_coverage, n=5),
    "barred@5": partial(barred, n=5),
    "barred@10": partial(barred, n=10),
    "unknown-eligibility@5": partial(unknown_eligibility, n=5),
    "stale@5": partial(stale, n=5),
    "median distance": median_distance,
    "intra-list diversity": diversity,
    "no-result rate": no_result,
}


def measure_run(run: Run, consultation_ids: Iterable[str], judgements: Judgements, facts: ServiceFacts) -> pd.DataFrame:
    """Every per-consultation measure of one run.

    Args:
        run: what was shown.
        consultation_ids: the consultations that were asked about; those that only the judgements have are added, as
            unanswered.
        judgements: the judges' view.
        facts: of the catalogue the run came from.

    Returns:
        One row a consultation, one column a measure, NaN where a measure does not apply.
    """
    index = list(dict.fromkeys([*consultation_ids, *judgements.pairs]))
    frame = pd.DataFrame(graded_values(run, judgements), dtype=float).reindex(index)
    frame.loc[[key for key in frame.index if not judgements.has_best(key)], "success@3"] = NOTHING
    cases = [Case(key, run.lists.get(key, ()), judgements, facts) for key in index]
    for name, value in OWN.items():
        frame[name] = [value(case) for case in cases]
    return frame


def graded_values(run: Run, judgements: Judgements) -> dict[str, dict[str, float]]:
    """The measures of ir-measures by name and consultation; unanswered consultations are 0.

    The score handed over is minus the rank, so that trec_eval's own order of ties cannot disagree with the order shown.
    """
    qrels = [
        ir_measures.Qrel(key, service_id, judgement.grade)
        for key, listed in judgements.pairs.items()
        for service_id, judgement in listed.items()
    ]
    shown = [
        ir_measures.ScoredDoc(key, entry.service_id, -float(rank))
        for key, listed in run.lists.items()
        for rank, entry in enumerate(listed, start=1)
    ]
    values: dict[str, dict[str, float]] = {name: {} for name in GRADED}
    names = {measure: name for name, measure in GRADED.items()}
    for metric in ir_measures.iter_calc(list(GRADED.values()), qrels, shown):
        values[names[metric.measure]][metric.query_id] = float(metric.value)
    return values


def catalogue_values(run: Run, facts: ServiceFacts) -> dict[str, float]:
    """The measures of a run as a whole: how much of the directory is shown, and how equally."""
    exposure = np.zeros(len(facts.names))
    for listed in run.lists.values():
        for rank, shown in enumerate(listed[:DEPTH], start=1):
            if shown.service_id in facts.rows:
                exposure[facts.rows[shown.service_id]] += 1 / np.log2(1 + rank)
    share = float(np.mean(exposure > 0)) if len(exposure) else NOTHING
    return {"catalogue coverage": share, "exposure Gini": gini(exposure)}
