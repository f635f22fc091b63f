"""Fits fusion weights and need -> offer weights to a few hundred judgements, and says honestly whether it helped."""

from matcher.tuning.files import summary, write_settings, write_tuning
from matcher.tuning.search import Tuning, tune, tune_files

__all__ = ["Tuning", "summary", "tune", "tune_files", "write_settings", "write_tuning"]
