"""Everything a report says, as plain JSON values by measure name. The page is drawn from this and nothing else."""

from __future__ import annotations

import math
from typing import Any

from matcher.evaluation.comparison import Comparison
from matcher.evaluation.examples import barred_shown, moved_lists, worst_answers
from matcher.evaluation.judgements import GAINS
from matcher.evaluation.measures import HEADLINES, MEASURES
from matcher.evaluation.scorecard import Scorecard
from matcher.evaluation.slices import SMALLEST, Slice
from matcher.evaluation.statistics import CONFIDENCE, RESAMPLES, SEED, Figure


def report_data(scorecard: Scorecard, *, examples: bool = True) -> dict[str, Any]:
    """The report as JSON values, with or without ``examples``: lists of services by name, and the judges' words.

    ``runs`` has every figure by run and measure name as ``{"mean", "ci": [low, high], "n"}``, with a null ``ci`` where
    there is none. ``comparisons``, ``slices``, ``gaps`` and ``consultations`` (one value each) use the same names.
    """
    return {
        "about": _about(scorecard),
        "measures": [{"name": m.name, "meaning": m.meaning, "better": m.better} for m in MEASURES],
        "headlines": list(HEADLINES),
        "runs": {
            name: {measure: figure_json(figure) for measure, figure in figures.items()}
            for name, figures in scorecard.figures.items()
        },
        "comparisons": {c.run: _comparison(scorecard, c, examples) for c in scorecard.comparisons},
        "slices": {name: {s.name: _groups(s) for s in slices} for name, slices in scorecard.slices.items()},
        "gaps": {name: {s.name: _gaps(s) for s in slices} for name, slices in scorecard.slices.items()},
        "worst": worst_answers(scorecard) if examples else [],
        "barred": barred_shown(scorecard) if examples else [],
        "consultations": {
            name: {measure: _column(frame[measure].to_dict()) for measure in frame.columns}
            for name, frame in scorecard.values.items()
        },
    }


def figure_json(figure: Figure) -> dict[str, Any]:
    """A figure as ``{"mean", "ci", "n"}``."""
    interval = None if figure.low is None or figure.high is None else [figure.low, figure.high]
    return {"mean": figure.mean, "ci": interval, "n": figure.n}


def _about(scorecard: Scorecard) -> dict[str, Any]:
    asked, judged = scorecard.asked
    pairs = scorecard.judgements.pairs
    return {
        "reference": scorecard.reference.name,
        "as_of": scorecard.as_of.isoformat(),
        "catalogue": scorecard.facts.version,
        "services": len(scorecard.facts.names),
        "consultations": asked,
        "consultations_judged": judged,
        "consultations_only_in_judgements": len(pairs) - judged,
        "judgements": sum(len(listed) for listed in pairs.values()),
        "judged_services_not_in_catalogue": len(set().union(*pairs.values()) - set(scorecard.facts.rows)),
        "facets_answerable": _answerable(scorecard),
        "stamps": {run.name: run.stamp for run in scorecard.runs},
        "gains": {str(grade): gain for grade, gain in GAINS.items()},
        "seed": SEED,
        "resamples": RESAMPLES,
        "confidence": CONFIDENCE,
        "smallest_group": SMALLEST,
    }


def _answerable(scorecard: Scorecard) -> float | None:
    """The mean share of facets that any judged service answers: the ceiling of facet coverage."""
    judgements = scorecard.judgements
    shares = [
        len(judgements.answered(key, listed) & set(judgements.facets[key])) / len(judgements.facets[key])
        for key, listed in judgements.pairs.items()
        if judgements.facets.get(key)
    ]
    return sum(shares) / len(shares) if shares else None


def _comparison(scorecard: Scorecard, comparison: Comparison, examples: bool) -> dict[str, Any]:
    return {
        "against": comparison.reference,
        "measures": {
            name: {
                **figure_json(d.figure),
                "p": d.p,
                "p_holm": d.p_holm,
                "better": d.better,
                "worse": d.worse,
                "same": d.same,
                "verdict": d.verdict,
            }
            for name, d in comparison.differences.items()
        },
        "moved": dict(comparison.moved),
        "lists": moved_lists(scorecard, comparison) if examples else [],
    }


def _groups(slice_: Slice) -> dict[str, Any]:
    return {
        group.name: {"n": group.n, "too_few": group.too_few, **{m: figure_json(f) for m, f in group.figures.items()}}
        for group in slice_.groups
    }


def _gaps(slice_: Slice) -> dict[str, Any]:
    return {gap.measure: {"best": gap.best, "worst": gap.worst, **figure_json(gap.difference)} for gap in slice_.gaps}


def _column(values: dict[Any, float]) -> dict[str, float | None]:
    return {str(key): None if math.isnan(value) else value for key, value in values.items()}
