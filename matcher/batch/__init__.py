"""The same engine over many consultations, here or on Spark: a caseload in, tables out, the same rows either way."""

from matcher.batch.answering import answer, recommend_all
from matcher.batch.outputs import Totals
from matcher.batch.rescoring import StoppedError, rescore
from matcher.batch.rows import CONSULTATION_SCHEMA, REJECT_SCHEMA, SUGGESTION_SCHEMA, Answered, suggestion_rows
from matcher.batch.tables import beside, csv_cell, write_table
from matcher.caseload import read_caseload

__all__ = [
    "CONSULTATION_SCHEMA",
    "REJECT_SCHEMA",
    "SUGGESTION_SCHEMA",
    "Answered",
    "StoppedError",
    "Totals",
    "answer",
    "beside",
    "csv_cell",
    "read_caseload",
    "recommend_all",
    "rescore",
    "suggestion_rows",
    "write_table",
]
