"""Consultations worth reading: who got better or worse and why, the worst answers, what must not be suggested.

Only ids, names of services, concept labels and the judges' own words: never a word of a consultation.
"""

from __future__ import annotations

from typing import Any

from matcher.evaluation.comparison import MOVED_BY, Comparison
from matcher.evaluation.judgements import GOOD
from matcher.evaluation.runs import Run
from matcher.evaluation.scorecard import Scorecard

SIDE_BY_SIDE = 5
"""How much of each list is put side by side."""
MOST_MOVED = 8
"""How many consultations that got better, and as many that got worse, are shown in full."""
WORST = 10
REASONS = 3


def moved_lists(scorecard: Scorecard, comparison: Comparison) -> list[dict[str, Any]]:
    """The consultations that lost and gained most, both lists beside each other with reasons; losses first."""
    ordered = list(comparison.moved.items())
    losses = [item for item in ordered if item[1] < 0][:MOST_MOVED]
    gains = [item for item in reversed(ordered) if item[1] > 0][:MOST_MOVED]
    before = next(run for run in scorecard.runs if run.name == comparison.reference)
    after = next(run for run in scorecard.runs if run.name == comparison.run)
    return [
        {
            "consultation": key,
            "change": change,
            "before": float(scorecard.values[before.name][MOVED_BY][key]),
            "after": float(scorecard.values[after.name][MOVED_BY][key]),
            "before_list": shown_list(scorecard, before, key),
            "after_list": shown_list(scorecard, after, key),
        }
        for key, change in [*losses, *gains]
    ]


def worst_answers(scorecard: Scorecard) -> list[dict[str, Any]]:
    """The reference run's worst consultations by nDCG@10: what was shown, and what the judges wanted."""
    values = scorecard.values[scorecard.reference.name][MOVED_BY].dropna()
    worst = values.sort_values(kind="stable").index[:WORST]
    return [
        {
            "consultation": str(key),
            MOVED_BY: float(values[key]),
            "facets": _facets(scorecard, str(key)),
            "shown": shown_list(scorecard, scorecard.reference, str(key)),
            "wanted": _wanted(scorecard, str(key)),
        }
        for key in worst
    ]


def barred_shown(scorecard: Scorecard, n: int = SIDE_BY_SIDE) -> list[dict[str, Any]]:
    """Every suggestion of the reference run's first ``n`` that must not be made, with the judges' reason."""
    return [
        {"consultation": key, "rank": rank, **entry}
        for key in scorecard.values[scorecard.reference.name].index
        for rank, entry in enumerate(shown_list(scorecard, scorecard.reference, key, n), start=1)
        if entry["barred"]
    ]


def shown_list(scorecard: Scorecard, run: Run, consultation_id: str, n: int = SIDE_BY_SIDE) -> list[dict[str, Any]]:
    """The first ``n`` services shown, each with the judges' view and the reasons given for it."""
    return [
        {
            "service_id": shown.service_id,
            "service": scorecard.facts.name(shown.service_id),
            "grade": judgement.grade,
            "facets": "".join(sorted(judgement.facets)),
            "barred": judgement.barred,
            "standing": shown.standing,
            "reasons": list(shown.reasons[:REASONS]),
        }
        for shown in run.top(consultation_id, n)
        for judgement in [scorecard.judgements.of(consultation_id, shown.service_id)]
    ]


def _facets(scorecard: Scorecard, consultation_id: str) -> list[dict[str, Any]]:
    """The consultation's facets by the judges' labels, and whether the first five answer them."""
    ids = [shown.service_id for shown in scorecard.reference.top(consultation_id, SIDE_BY_SIDE)]
    answered = scorecard.judgements.answered(consultation_id, ids)
    labels = scorecard.judgements.facets.get(consultation_id, {})
    return [
        {"facet": letter, "label": label, "answered": letter in answered} for letter, label in sorted(labels.items())
    ]


def _wanted(scorecard: Scorecard, consultation_id: str) -> list[dict[str, Any]]:
    """The services that the judges graded 2 or 3, best first, and where the run put them (``None``: not shown)."""
    places = {s.service_id: rank for rank, s in enumerate(scorecard.reference.lists.get(consultation_id, ()), start=1)}
    good = [(j.grade, key) for key, j in scorecard.judgements.pairs[consultation_id].items() if j.grade >= GOOD]
    return [
        {"service_id": key, "service": scorecard.facts.name(key), "grade": grade, "rank": places.get(key)}
        for grade, key in sorted(good, key=lambda item: (-item[0], places.get(item[1], 10**6), item[1]))
    ]
