"""A caseload file's records, as :func:`matcher.consultations.read_consultation` takes them: .jsonl, .csv or .parquet.

CSV and Parquet have the JSON's names as columns. In a cell, lists are separated by ``;``: needs as ``debts:3``
(importance 3), availability as ``Mon 09:00-12:00``, others as ``daughter:4``; ``lat`` and ``lon`` may be columns.
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from matcher.catalogue.decoding import LONGEST_CELL, encoding_of
from matcher.domain import InputError

EXTRA_CELLS = "cells without a column"
UNREADABLE = "no record"
"""Stands alone in a record that the file format itself does not let us read; its value says why."""
_LIST_COLUMNS = frozenset(
    {"needs", "interests", "languages", "access_needs", "modes", "availability", "avoid", "already_tried", "others"}
)
_NUMBER_COLUMNS = frozenset({"age", "max_distance_km", "max_cost"})
_ROWS_AT_A_TIME = 1000


def read_caseload(path: Path) -> Iterator[str | dict[str, Any]]:
    """The records of a caseload in file order: each a JSON text or an object, not yet checked.

    Raises:
        InputError: the file does not exist, has no known ending, or is not what its ending says.
    """
    check_ending(path)
    if not path.is_file():
        raise InputError(f"{path.name}: no such file")
    yield from _READERS[path.suffix.casefold()](path)


def check_ending(path: Path) -> None:
    """Refuse a path whose ending names no format. Raises InputError."""
    if path.suffix.casefold() not in _READERS:
        raise InputError(f"{path.name}: must end in {', '.join(_READERS)}")


def _json_lines(path: Path) -> Iterator[str]:
    with path.open(encoding=encoding_of(path)) as file:
        for line in file:
            if line.strip():
                yield line


def _csv_rows(path: Path) -> Iterator[dict[str, Any]]:
    csv.field_size_limit(max(csv.field_size_limit(), LONGEST_CELL))
    with path.open(encoding=encoding_of(path), newline="") as file:
        reader = csv.reader(file)
        try:
            header = [name.strip().casefold().replace(" ", "_") for name in next(reader, [])]
        except csv.Error as error:
            raise InputError(f"{path.name}: not a CSV file ({error})") from None
        while (row := _next_row(reader)) is not None:
            if isinstance(row, str):
                yield {UNREADABLE: row}
            elif any(cell.strip() for cell in row):
                record = record_of_cells(dict(zip(header, row, strict=False)))
                extra = any(cell.strip() for cell in row[len(header) :])
                yield {**record, EXTRA_CELLS: True} if extra else record


def _next_row(reader: Iterator[list[str]]) -> list[str] | str | None:
    """The next row; what is wrong with it; or ``None`` at the end."""
    try:
        return next(reader, None)
    except csv.Error as error:
        return f"not a CSV row ({error})"


def _parquet_rows(path: Path) -> Iterator[dict[str, Any]]:
    try:
        for batch in pq.ParquetFile(path).iter_batches(batch_size=_ROWS_AT_A_TIME):
            for row in batch.to_pylist():
                yield record_of_cells(row)
    except (pa.ArrowException, OSError):
        raise InputError(f"{path.name}: not a Parquet file, or a damaged one") from None


_READERS: Mapping[str, Callable[[Path], Iterator[str | dict[str, Any]]]] = {
    ".jsonl": _json_lines,
    ".csv": _csv_rows,
    ".parquet": _parquet_rows,
}


def record_of_cells(row: Mapping[str, Any]) -> dict[str, Any]:
    """A CSV or Parquet row in the shape of the JSON: lists by ``;``, numbers as numbers, empty cells left out."""
    record: dict[str, Any] = {}
    for key, value in _without_nulls(row).items():
        if key in ("lat", "lon"):
            record["location"] = {**record.get("location", {}), key: _number(value)}
        elif key in _LIST_COLUMNS and isinstance(value, str):
            record[key] = _list(key, value)
        elif key in _NUMBER_COLUMNS:
            record[key] = _number(value)
        elif key == "location":
            record[key] = _json(value)
        elif key in ("id", "person_ref") and isinstance(value, int):
            record[key] = str(value)
        else:
            record[key] = value
    return record


def _without_nulls(value: Any) -> Any:
    """Parquet has a null for every field that a struct leaves out, and NaN for a missing number."""
    if isinstance(value, Mapping):
        return {k: _without_nulls(v) for k, v in value.items() if k and not _is_missing(v)}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value


def _is_missing(value: Any) -> bool:
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))


def _list(key: str, cell: str) -> Any:
    if cell.lstrip().startswith("["):
        return _json(cell)
    pieces = [piece.strip() for piece in cell.split(";") if piece.strip()]
    readers = {"needs": _need, "availability": _window, "others": _other}
    return [readers[key](piece) for piece in pieces] if key in readers else pieces


def _json(cell: Any) -> Any:
    """What a cell holds as JSON; the cell itself, which the checks will refuse, where it holds none."""
    try:
        return json.loads(cell) if isinstance(cell, str) else cell
    except (ValueError, RecursionError):
        return cell


def _need(piece: str) -> dict[str, Any]:
    label, _, importance = piece.rpartition(":")
    if label and importance.strip() in ("1", "2", "3"):
        return {"label": label.strip(), "importance": int(importance)}
    return {"label": piece}


def _window(piece: str) -> dict[str, str]:
    day, _, hours = piece.partition(" ")
    start, _, end = hours.partition("-")
    return {"day": day, "from": start.strip() or "00:00", "to": end.strip() or "24:00"}


def _other(piece: str) -> dict[str, Any]:
    relation, _, age = piece.partition(":")
    return (
        {"relation": relation.strip(), "age": _number(age.strip())} if age.strip() else {"relation": relation.strip()}
    )


def _number(cell: Any) -> Any:
    """A number written in ASCII digits; anything else stays as it is, for the checks to refuse."""
    if not isinstance(cell, str) or not cell.isascii() or "_" in cell:
        return cell
    try:
        return float(cell)
    except ValueError:
        return cell
