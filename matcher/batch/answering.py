"""One record of a caseload becomes an answer or a reject. Local workers and Spark call this very function."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from matcher.batch.changes import Earlier, changes_for
from matcher.batch.rows import Answered, Row, consultation_row, reject_row, suggestion_rows
from matcher.caseload import EXTRA_CELLS, UNREADABLE
from matcher.consultations import parse_json, read_consultation
from matcher.domain import Consultation, InputError, Recommendation
from matcher.engine import Engine

LONGEST_IDENTITY = 200
Record = str | Mapping[str, Any]


def recommend_all(
    engine: Engine, consultations: Iterable[Consultation], *, as_of: date, top: int | None = None
) -> Iterator[Recommendation]:
    """The answer to each consultation, in order."""
    for consultation in consultations:
        yield engine.suggest(consultation, as_of=as_of, top=top)


def answer(
    engine: Engine,
    row: int,
    record: Record,
    *,
    as_of: date,
    top: int | None = None,
    before: Earlier | None = None,
    alone: bool = False,
) -> Answered:
    """The rows that one record gives.

    Args:
        engine: a fitted engine.
        row: where the record stands in the caseload, from 1.
        record: as :func:`matcher.caseload.read_caseload` gives it.
        as_of: the day to answer for.
        top: how many suggestions at most.
        before: what an earlier run suggested; ``None`` when nothing is compared.
        alone: also say how each suggestion would score as the first.
    """
    try:
        consultation = _consultation(record)
    except InputError as error:
        name = _identity(record)
        return Answered(row, name, reject=reject_row(row, name, str(error)))
    recommendation = engine.suggest(consultation, as_of=as_of, top=top)
    suggestions = suggestion_rows(recommendation)
    earlier = before.get(consultation.id) if before is not None else None
    changes = [] if earlier is None else changes_for(engine, consultation, earlier, suggestions, as_of)
    return Answered(
        row,
        consultation.id,
        suggestions,
        consultation_row(recommendation, consultation),
        changes=changes,
        known_before=earlier is not None,
        alone=_scores_alone(engine, consultation, suggestions, as_of) if alone else [],
    )


def _scores_alone(engine: Engine, consultation: Consultation, suggestions: list[Row], as_of: date) -> list[float]:
    rows = [engine.catalogue.row_of(row["service_id"]) for row in suggestions]
    return [float(score) for score in engine.read(consultation, as_of, rows).parts.base()]


def as_repeated(answered: Answered, first: int) -> Answered:
    """The reject of an answer whose id has been answered already, in row ``first``."""
    reject = reject_row(answered.row, answered.consultation_id, repeated_reason(first))
    return Answered(answered.row, answered.consultation_id, reject=reject)


def repeated_reason(first: int | str) -> str:
    """Why a record whose id has been answered already is a reject."""
    return f"id: is already in row {first}"


def _consultation(record: Record) -> Consultation:
    if isinstance(record, Mapping) and UNREADABLE in record:
        raise InputError(str(record[UNREADABLE]))
    if isinstance(record, Mapping) and EXTRA_CELLS in record:
        raise InputError("has more cells than the header: put cells with commas in quotation marks")
    consultation = read_consultation(record)
    if not consultation.id:
        raise InputError("id: a consultation in a caseload needs one")
    return consultation


def _identity(record: Record) -> str:
    """The id of a record that was refused, as far as it is one; a record's other content is never shown."""
    try:
        fields = parse_json(record) if isinstance(record, str) else record
    except InputError:
        return ""
    name = fields.get("id") if isinstance(fields, Mapping) else None
    return name.encode(errors="replace").decode()[:LONGEST_IDENTITY] if isinstance(name, str) else ""
