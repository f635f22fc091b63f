"""All figures of several runs over one set of consultations: what the table and the report are made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from matcher.catalogue.columns import Catalogue
from matcher.domain import Consultation, InputError
from matcher.evaluation.comparison import Comparison, compare
from matcher.evaluation.facts import ServiceFacts, facts_of
from matcher.evaluation.judgements import Judgements
from matcher.evaluation.measures import MEASURES, catalogue_values, measure_run
from matcher.evaluation.runs import Run
from matcher.evaluation.slices import Slice, groupings_of, slices_of
from matcher.evaluation.statistics import Figure, figure, whole_figure


@dataclass(frozen=True)
class Scorecard:
    """The figures of an evaluation. The first run is the reference that the others are compared with.

    Attributes:
        runs: in the order given.
        values: by run: one row a consultation, one column a measure.
        figures: by run and measure.
        slices: by run.
        comparisons: each other run against the first.
        asked: how many consultations the file had, and how many of them were judged.
    """

    runs: tuple[Run, ...]
    judgements: Judgements
    facts: ServiceFacts
    as_of: date
    values: Mapping[str, pd.DataFrame]
    figures: Mapping[str, Mapping[str, Figure]]
    slices: Mapping[str, tuple[Slice, ...]]
    comparisons: tuple[Comparison, ...]
    asked: tuple[int, int]

    @property
    def reference(self) -> Run:
        """The run that the others are compared with."""
        return self.runs[0]


def score_runs(
    runs: Sequence[Run],
    judgements: Judgements,
    consultations: Sequence[Consultation],
    catalogue: Catalogue,
    as_of: date,
) -> Scorecard:
    """Measure runs and compare each with the first.

    Args:
        runs: at least one, with different names.
        judgements: the judges' view.
        consultations: those that were asked; needed for the slices and to see who got no answer.
        catalogue: that the runs suggest from.
        as_of: the day the runs were made for.

    Raises:
        InputError: two runs have one name, or judgements and consultations have no id in common.
    """
    ids = [consultation.id for consultation in consultations]
    judged = len(set(ids) & set(judgements.pairs))
    if not judged:
        raise InputError("judgements: none is about any of the consultations; do the files belong together?")
    if len({run.name for run in runs}) < len(runs):
        raise InputError("runs: two runs have the same name; rename one of the files")
    facts = facts_of(catalogue, as_of)
    groupings = groupings_of(consultations, catalogue)
    values = {run.name: measure_run(run, ids, judgements, facts) for run in runs}
    reference = runs[0].name
    return Scorecard(
        runs=tuple(runs),
        judgements=judgements,
        facts=facts,
        as_of=as_of,
        values=values,
        figures={run.name: _figures(run, values[run.name], facts) for run in runs},
        slices={name: slices_of(frame, groupings) for name, frame in values.items()},
        comparisons=tuple(compare(run.name, values[run.name], reference, values[reference]) for run in runs[1:]),
        asked=(len(ids), judged),
    )


def _figures(run: Run, values: pd.DataFrame, facts: ServiceFacts) -> dict[str, Figure]:
    """Means with intervals; the measures of a run as a whole have no consultations to resample, so no interval."""
    whole = catalogue_values(run, facts)
    return {
        measure.name: whole_figure(whole[measure.name], len(values))
        if measure.name in whole
        else figure(values[measure.name])
        for measure in MEASURES
    }
