"""Blind worksheets for judges from runs, and filled-in worksheets as one judgements file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import pyarrow as pa

from matcher.batch import write_table
from matcher.catalogue import read_catalogue
from matcher.domain import Service
from matcher.evaluation.judgements import judgement_rows
from matcher.evaluation.judging import Agreement, merge_worksheets, read_worksheet, worksheet_rows
from matcher.evaluation.runs import read_run
from matcher.experiments.inputs import Inputs, read_consultations
from matcher.presentation import cost, when

WORKSHEET_SCHEMA = pa.schema(
    [("consultation_id", pa.string()), ("said", pa.string()), ("service_id", pa.string()), ("service", pa.string())]
    + [(name, pa.string()) for name in ("description", "for_whom", "cost", "when", "grade", "facets", "barred")]
)
JUDGEMENT_SCHEMA = pa.schema(
    [("consultation_id", pa.string()), ("service_id", pa.string()), ("grade", pa.int8())]
    + [(name, pa.string()) for name in ("facets", "barred")]
)


def make_worksheet(
    runs: Iterable[Path], inputs: Inputs, output: Path, *, depth: int, seed: int, with_words: bool
) -> int:
    """Write a blind worksheet for judges from several runs; returns its number of rows. See ``evaluation.judging``."""
    catalogue = read_catalogue(*inputs.catalogue_paths())
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
