"""The same engine over many consultations: a frame or a file in, tables out, row for row the answers of one at a time."""

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

from matcher.consultations import read_consultation
from matcher.domain import Consultation, InputError, Recommendation
from matcher.engine import Engine

LIST_COLUMNS = ("needs", "interests", "languages", "access_needs", "modes", "availability", "avoid", "already_tried", "others")
NUMBER_COLUMNS = ("age", "max_distance_km", "max_cost")
ENDINGS = (".jsonl", ".csv", ".parquet")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")

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
        InputError: the caseload or the output has no known ending, or cannot be read at all.
    """
    _check_ending(output)
    tables = Tables()
    for row, record in enumerate(read_caseload(caseload), start=1):
        try:
            consultation = _consultation(record)
        except InputError as error:
            identity = record.get("id") if isinstance(record, Mapping) else None
            tables.rejects.append({"row": row, "consultation_id": str(identity or "")[:200], "reason": str(error)})
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


def _consultation(record: Any) -> Consultation:
    consultation = read_consultation(record)
    if not consultation.id:
        raise InputError("id: a consultation in a caseload needs one")
    return consultation


def _check_ending(path: Path) -> None:
    if path.suffix.casefold() not in ENDINGS:
        raise InputError(f"{path.name}: must end in {', '.join(ENDINGS)}")


def read_caseload(path: Path) -> Iterator[Any]:
    """The records of a .jsonl, .csv or .parquet caseload, as JSON-like objects; an unreadable line comes as ``None``."""
    _check_ending(path)
    if not path.is_file():
        raise InputError(f"{path.name}: no such file")
    readers = {".jsonl": _json_lines, ".csv": _csv_rows, ".parquet": _parquet_rows}
    yield from readers[path.suffix.casefold()](path)


def _json_lines(path: Path) -> Iterator[Any]:
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        for line in file:
            if line.strip():
                try:
                    yield json.loads(line)
                except (ValueError, RecursionError):
                    yield None


def _csv_rows(path: Path) -> Iterator[Any]:
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        for row in csv.DictReader(file):
            yield _record_of_cells({key: value for key, value in row.items() if key and isinstance(value, str)})


def _parquet_rows(path: Path) -> Iterator[Any]:
    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowInvalid, OSError):
        raise InputError(f"{path.name}: not a Parquet file") from None
    for batch in file.iter_batches(batch_size=1000):
        for row in batch.to_pylist():
            yield _record_of_cells(row)


def _record_of_cells(row: Mapping[str, Any]) -> dict[str, Any]:
    """A CSV or Parquet row in the shape of the JSON: lists by ``;``, numbers as numbers, empty cells left out."""
    record: dict[str, Any] = {}
    for key, value in row.items():
        if value is None or value == "":
            continue
        if key in LIST_COLUMNS and isinstance(value, str):
            record[key] = _list_of_cell(key, value)
        elif key in NUMBER_COLUMNS and isinstance(value, str):
            record[key] = _number_of_cell(value)
        elif key in ("lat", "lon", "location") and key != "location":
            record.setdefault("location", {})[key] = _number_of_cell(value)
        elif key == "location" and isinstance(value, str):
            record[key] = json.loads(value) if value.startswith("{") else value
        else:
            record[key] = value
    return record


def _list_of_cell(key: str, cell: str) -> Any:
    if cell.lstrip().startswith("["):
        try:
            return json.loads(cell)
        except ValueError:
            return cell
    pieces = [piece.strip() for piece in cell.split(";") if piece.strip()]
    if key == "needs":
        return [_need_of_cell(piece) for piece in pieces]
    if key == "availability":
        return [_window_of_cell(piece) for piece in pieces]
    return pieces


def _need_of_cell(piece: str) -> dict[str, Any]:
    """``debts:3`` is a need of importance 3."""
    label, _, importance = piece.rpartition(":")
    if label and importance.strip() in ("1", "2", "3"):
        return {"label": label.strip(), "importance": int(importance)}
    return {"label": piece}


def _window_of_cell(piece: str) -> dict[str, str]:
    """``Mon 09:00-12:00`` or just ``Mon``."""
    day, _, hours = piece.partition(" ")
    start, _, end = hours.partition("-")
    return {"day": day, "from": start.strip() or "00:00", "to": end.strip() or "24:00"}


def _number_of_cell(cell: Any) -> Any:
    try:
        return float(cell) if isinstance(cell, (int, float)) or (cell.isascii() and "_" not in cell) else cell
    except ValueError:
        return cell


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
