"""Tables in and out: .jsonl, .csv or .parquet by the path's ending, a row at a time, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO

import pyarrow as pa
import pyarrow.parquet as pq

from matcher.batch.rows import Row
from matcher.domain import InputError

ROWS_AT_A_TIME = 10_000
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "＝", "＋", "－", "＠")


class TableWriter:
    """Writes rows of one schema to a file. What it writes depends on the rows alone, not on how they came in."""

    def __init__(self, path: Path, schema: pa.Schema, ending: str | None = None, encoding: str = "utf-8") -> None:
        self._schema = schema
        self._names = list(schema.names)
        self._ending = (ending or path.suffix).casefold()
        self._waiting: list[Row] = []
        self._file: TextIO | None = None
        if self._ending == ".parquet":
            self._parquet = pq.ParquetWriter(path, schema)
        else:
            self._file = path.open("w", encoding=encoding, newline="")
            self._csv = csv.writer(self._file, lineterminator="\r\n" if self._ending == ".csv" else "\n")
            if self._ending == ".csv":
                self._csv.writerow(self._names)

    def write(self, rows: Iterable[Row]) -> None:
        """Add rows."""
        if self._file is None:
            self._waiting += rows
            while len(self._waiting) >= ROWS_AT_A_TIME:
                self._flush(ROWS_AT_A_TIME)
        elif self._ending == ".csv":
            self._csv.writerows([csv_cell(row.get(name)) for name in self._names] for row in rows)
        else:
            self._file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)

    def _flush(self, count: int) -> None:
        self._parquet.write_table(pa.Table.from_pylist(self._waiting[:count], schema=self._schema))
        del self._waiting[:count]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()
            return
        if kind is None and self._waiting:
            self._flush(len(self._waiting))
        self._parquet.close()


def write_table(rows: Iterable[Row], schema: pa.Schema, path: Path, encoding: str = "utf-8") -> None:
    """Write rows as .jsonl, .csv or .parquet by the path's ending, through a temporary file."""
    temporary = path.with_name(f"{path.name}.tmp")
    with TableWriter(temporary, schema, path.suffix, encoding) as table:
        table.write(rows)
    sync(temporary)
    temporary.replace(path)


def read_table(path: Path) -> Iterator[Row]:
    """The rows of a table that :class:`TableWriter` wrote; in CSV every cell is a text.

    Raises:
        InputError: the file does not exist or is not what its ending says.
    """
    if not path.is_file():
        raise InputError(f"{path.name}: no such file")
    try:
        if path.suffix.casefold() == ".parquet":
            for batch in pq.ParquetFile(path).iter_batches(batch_size=ROWS_AT_A_TIME):
                yield from batch.to_pylist()
            return
        with path.open(encoding="utf-8-sig", newline="") as file:
            if path.suffix.casefold() == ".jsonl":
                yield from (json.loads(line) for line in file if line.strip())
            else:
                for row in csv.DictReader(file):
                    yield {name: plain_cell(cell) for name, cell in row.items()}
    except (pa.ArrowException, ValueError, csv.Error, AttributeError):
        raise InputError(f"{path.name}: cannot be read as the output of an earlier run") from None


def csv_cell(value: Any) -> Any:
    """A cell that a spreadsheet shows as it is: lists joined by ``; ``, and no text that starts a formula."""
    if isinstance(value, list):
        value = "; ".join(map(str, value))
    if isinstance(value, str) and value.lstrip(" \u00a0\ufeff").startswith(_FORMULA):
        return f"'{value}"
    return "" if value is None else value


def plain_cell(cell: str | None) -> str:
    """The text that :func:`csv_cell` made a cell of."""
    if cell and cell.startswith("'") and csv_cell(cell[1:]) == cell:
        return cell[1:]
    return cell or ""


def beside(output: Path, kind: str, ending: str | None = None) -> Path:
    """``cases.csv`` -> ``cases.consultations.csv``."""
    return output.with_name(f"{output.stem}.{kind}{ending or output.suffix}")


def sync(path: Path) -> None:
    """Wait until a file or a folder's list of names is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
