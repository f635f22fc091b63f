"""Runs against judgements: how good the matching is, for whom it is worse, whether a change is real.

Knows nothing of the engine: a run is a list of services a consultation, whoever made it.
"""

from matcher.evaluation.judgements import Judgement, Judgements, read_judgements
from matcher.evaluation.report import write_report
from matcher.evaluation.runs import Run, Shown, read_run, run_of_rows
from matcher.evaluation.scorecard import Scorecard, score_runs

__all__ = [
    "Judgement",
    "Judgements",
    "Run",
    "Scorecard",
    "Shown",
    "read_judgements",
    "read_run",
    "run_of_rows",
    "score_runs",
    "write_report",
]
