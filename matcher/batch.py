"""The same engine over many consultations: a caseload in, tables out, row for row the answers of one at a time."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from matcher.caseload import EXTRA_CELLS, check_ending, read_caseload
from matcher.consultations import parse_json, read_consultation
from matcher.domain import Consultation, InputError, Recommendation
from matcher.engine import Engine

__all__ = ["Tables", "read_caseload", "recommend_all", "rescore", "suggestion_rows", "write_table"]

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
LONGEST_IDENTITY = 200

SUGGESTION_SCHEMA = pa.schema(
    [
        ("consultation_id", pa.string()),
        ("rank", pa.int32()),
        ("service_id", pa.string()),
        ("service_name", pa.string()),
        ("score", pa.float64()),
        ("standing", pa.string()),
        ("distance_km", pa.float64()),
        ("reasons", pa.list_(pa.string())),
        ("cautions", pa.list_(pa.string())),
        ("stamp", pa.string()),
    ]
)
CONSULTATION_SCHEMA = pa.schema(
    [
        ("consultation_id", pa.string()),
        ("status", pa.string()),
        ("suggested", pa.int32()),
        ("screened_out", pa.list_(pa.string())),
        ("unmet_needs", pa.list_(pa.string())),
        ("alerts", pa.list_(pa.string())),
        ("stamp", pa.string()),
        ("as_of", pa.string()),
    ]
)
REJECT_SCHEMA = pa.schema([("row", pa.int64()), ("consultation_id", pa.string()), ("reason", pa.string())])


@dataclass
class Tables:
    """The three outputs of a run: one row a suggestion, one a consultation, one a record that could not be read."""

    suggestions: list[dict[str, Any]] = field(default_factory=list)
    consultations: list[dict[str, Any]] = field(default_factory=list)
    rejects: list[dict[str, Any]] = field(default_factory=list)


def suggestion_rows(recommendation: Recommendation) -> list[dict[str, Any]]:
    """One row a suggestion. Reasons are by concept label: a file never holds a person's words."""
    return [
        {
            "consultation_id": recommendation.consultation_id,
            "rank": s.rank,
            "service_id": s.service.id,
            "service_name": s.service.name,
            "score": s.score,
            "standing": s.standing.name,
            "distance_km": s.distance_km,
            "reasons": [reason.by_label for reason in s.reasons if reason.weight > 0],
            "cautions": [caution.text for caution in s.cautions],
            "stamp": str(recommendation.stamp),
        }
        for s in recommendation.suggestions
    ]


def consultation_row(recommendation: Recommendation) -> dict[str, Any]:
    """One row a consultation, also when nothing fits."""
    return {
        "consultation_id": recommendation.consultation_id,
        "status": "suggested" if recommendation.suggestions else "nothing_fits",
        "suggested": len(recommendation.suggestions),
        "screened_out": [f"{code}: {count}" for code, count in recommendation.screened_out.items()],
        "unmet_needs": list(recommendation.unmet_needs),
        "alerts": [alert.category for alert in recommendation.alerts],
        "stamp": str(recommendation.stamp),
        "as_of": recommendation.as_of.isoformat(),
    }


def recommend_all(
    engine: Engine, consultations: Iterable[Consultation], *, as_of: date, top: int | None = None
) -> Iterator[Recommendation]:
    """The answer to each consultation, in order."""
    for consultation in consultations:
        yield engine.suggest(consultation, as_of=as_of, top=top)


def rescore(
    engine: Engine,
    caseload: Path,
    output: Path,
    *,
    as_of: date,
    top: int | None = None,
    progress: Callable[[int], None] = lambda done: None,
) -> Tables:
    """Answer a whole caseload file and write the three outputs beside ``output``.

    Raises:
        InputError: the caseload cannot be read at all, or the output has no known ending or cannot be written there.
    """
    _check_output(output, caseload)
    tables = Tables()
    rows_of: dict[str, int] = {}
    for row, record in enumerate(read_caseload(caseload), start=1):
        try:
            consultation = _consultation(record)
            first = rows_of.setdefault(consultation.id, row)
            if first != row:
                raise InputError(f"id: is already in row {first}")
        except InputError as error:
            tables.rejects.append({"row": row, "consultation_id": _identity(record), "reason": str(error)})
        else:
            recommendation = engine.suggest(consultation, as_of=as_of, top=top)
            tables.suggestions += suggestion_rows(recommendation)
            tables.consultations.append(consultation_row(recommendation))
        progress(row)
    write_table(tables.suggestions, SUGGESTION_SCHEMA, output)
    write_table(tables.consultations, CONSULTATION_SCHEMA, beside(output, "consultations"))
    write_table(tables.rejects, REJECT_SCHEMA, beside(output, "rejects"))
    return tables


def beside(output: Path, kind: str) -> Path:
    """``cases.csv`` -> ``cases.consultations.csv``."""
    return output.with_name(f"{output.stem}.{kind}{output.suffix}")


def _check_output(output: Path, caseload: Path) -> None:
    """Refuse before the work what could not be written after it."""
    check_ending(output)
    if not output.parent.is_dir():
        raise InputError(f"{output.parent.name}: no such folder; make it first")
    if caseload.exists() and output.exists() and output.samefile(caseload):
        raise InputError(f"{output.name}: is the caseload itself; choose another name")


def _identity(record: str | Mapping[str, Any]) -> str:
    """The id of a record that was refused, as far as it is one; a record's other content is never shown."""
    try:
        fields = parse_json(record) if isinstance(record, str) else record
    except InputError:
        return ""
    identity = fields.get("id") if isinstance(fields, Mapping) else None
    return identity.encode(errors="replace").decode()[:LONGEST_IDENTITY] if isinstance(identity, str) else ""


def _consultation(record: str | Mapping[str, Any]) -> Consultation:
    if isinstance(record, Mapping) and EXTRA_CELLS in record:
        raise InputError("has more cells than the header: put cells with commas in quotation marks")
    consultation = read_consultation(record)
    if not consultation.id:
        raise InputError("id: a consultation in a caseload needs one")
    return consultation


def write_table(rows: list[dict[str, Any]], schema: pa.Schema, path: Path) -> None:
    """Write rows as .jsonl, .csv or .parquet by the path's ending, through a temporary file."""
    temporary = path.with_name(f"{path.name}.tmp")
    ending = path.suffix.casefold()
    if ending == ".parquet":
        pq.write_table(pa.Table.from_pylist(rows, schema=schema), temporary)
    elif ending == ".jsonl":
        with temporary.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    else:
        with temporary.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, schema.names)
            writer.writeheader()
            writer.writerows({name: csv_cell(row[name]) for name in schema.names} for row in rows)
    temporary.replace(path)


def csv_cell(value: Any) -> Any:
    """A cell that a spreadsheet shows as it is: lists joined by ``; ``, and no text that starts a formula."""
    if isinstance(value, list):
        value = "; ".join(map(str, value))
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return "" if value is None else value
