"""Experiments: the engine, other settings, the engine without a part, baselines; run by the batch path and scored."""

from matcher.experiments.inputs import Inputs, read_consultations
from matcher.experiments.leaving_out import MEANINGS, part_names, without_part
from matcher.experiments.quality import both_towns, measure_places
from matcher.experiments.running import evaluate, run_engine
from matcher.experiments.worksheets import make_worksheet, merge_judges

__all__ = [
    "MEANINGS",
    "Inputs",
    "both_towns",
    "evaluate",
    "make_worksheet",
    "measure_places",
    "merge_judges",
    "part_names",
    "read_consultations",
    "run_engine",
    "without_part",
]
