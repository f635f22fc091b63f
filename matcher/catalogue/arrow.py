"""Python's values to Arrow and back without pandas.

Arrow's own conversions import pandas where it is installed, which takes longer than reading the sample town.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from itertools import chain
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

ROWS_A_BATCH = 1 << 16
"""So many rows hold less text than the two gigabytes that an array of strings can."""
_EPOCH = date(1970, 1, 1).toordinal()


def array_of(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    """The same as ``pa.array``, for these kinds of values."""
    known = np.array([value is not None for value in values], dtype=bool)
    buffers: list[pa.Buffer | None] = [None if known.all() else pa.py_buffer(np.packbits(known, bitorder="little"))]
    children = []
    if pa.types.is_struct(kind):
        children = [array_of([value and value[field.name] for value in values], field.type) for field in kind]
    elif pa.types.is_list(kind):
        buffers.append(_ends([len(value or ()) for value in values]))
        children = [array_of(list(chain.from_iterable(value or () for value in values)), kind.value_type)]
    elif pa.types.is_string(kind):
        texts = [(value or "").encode() for value in values]
        buffers += [_ends(list(map(len, texts))), pa.py_buffer(b"".join(texts))]
    elif pa.types.is_date(kind):
        days = [value.toordinal() - _EPOCH if value else 0 for value in values]
        buffers.append(pa.py_buffer(np.array(days, dtype=np.int32)))
    else:
        numbers = [0 if value is None else value for value in values]
        buffers.append(pa.py_buffer(np.array(numbers, dtype=kind.to_pandas_dtype())))
    return pa.Array.from_buffers(kind, len(values), buffers, children=children)


def numbers_of(chunks: Iterable[pa.Array], kind: Any, unknown: float) -> NDArray[Any]:
    """The numbers (or days) of arrays that hold this NumPy kind, one after another; ``unknown`` for those missing."""
    found = [np.empty(0, dtype=kind)]
    for chunk in chunks:
        validity, data = chunk.buffers()
        here = slice(chunk.offset, chunk.offset + len(chunk))
        numbers = np.frombuffer(data, dtype=kind)[here]
        if validity is not None:
            known = np.unpackbits(np.frombuffer(validity, dtype=np.uint8), bitorder="little")[here]
            numbers = np.where(known, numbers, kind(unknown))
        found.append(numbers)
    return np.concatenate(found)


Texts = Callable[[int], bytes]
"""What gives the UTF-8 of the text at a place; of one that is missing none."""


def texts_at(texts: pa.StringArray) -> Texts:
    """The texts of an array straight off the buffers: for a few, Arrow takes longer to begin than to read."""
    _, where, letters = (memoryview(buffer or b"").cast("B") for buffer in texts.buffers())
    ends = where.cast("i")[texts.offset :]
    return lambda place: letters[ends[place] : ends[place + 1]].tobytes()


def chosen(batch: pa.RecordBatch, rows: NDArray[np.integer]) -> pa.RecordBatch:
    """Some rows of a batch, in this order."""
    return batch.take(_row_numbers(rows))


def repeated(column: pa.ChunkedArray) -> pa.Array:
    """The values that come more than once."""
    counts = column.value_counts()
    often = numbers_of([counts.field("counts")], np.int64, 0) > 1
    return counts.field("values").take(_row_numbers(np.flatnonzero(often)))


def _row_numbers(rows: NDArray[np.integer]) -> pa.Array:
    return pa.Array.from_buffers(pa.int64(), len(rows), [None, pa.py_buffer(rows.astype(np.int64))])


def in_batches(batches: Sequence[pa.RecordBatch], rows: NDArray[np.integer], size: int = ROWS_A_BATCH) -> pa.Table:
    """A table of some rows of many batches, in this order, in batches of so many rows.

    Taken batch by batch: Arrow would put whole columns of text together, and they may be larger than an array can be.
    """
    starts = np.cumsum([0, *(batch.num_rows for batch in batches)])
    schema = batches[0].schema
    found = [batches[0].slice(0, 0)] if not len(rows) else []
    for first in range(0, len(rows), size):
        wanted = rows[first : first + size]
        at = np.searchsorted(starts, wanted, side="right") - 1
        by_batch = np.argsort(at, kind="stable")
        pieces = [chosen(batches[n], wanted[at == n] - starts[n]) for n in np.unique(at).tolist()]
        found.append(chosen(pa.concat_batches(pieces), np.argsort(by_batch)))
    return pa.Table.from_batches(found, schema=schema)


def digest_of(table: pa.Table) -> str:
    """Hex digits that tell the content of a table from any other, however it is cut into batches."""
    digest = hashlib.sha256()
    for name in table.column_names:
        digest.update(f"{name} {len(table)}\n".encode())
        _add(digest, table.column(name).chunks, table.schema.field(name).type)
    return digest.hexdigest()


def _add(digest: hashlib._Hash, chunks: Sequence[pa.Array], kind: pa.DataType) -> None:
    """Which values are missing, how long each is if they differ in that, and the values."""
    before = np.cumsum([0, *map(len, chunks)]).tolist()
    for chunk, first in zip(chunks, before, strict=False):
        if chunk.null_count:
            missing = numbers_of([pc.indices_nonzero(chunk.is_null())], np.uint64, 0).astype(np.int64) + first
            digest.update(missing.data)
    if pa.types.is_struct(kind):
        for place, of_field in enumerate(zip(*(chunk.flatten() for chunk in chunks), strict=True)):
            _add(digest, of_field, kind.field(place).type)
    elif pa.types.is_list(kind):
        digest.update(numbers_of([pc.list_value_length(chunk) for chunk in chunks], np.int32, 0).data)
        _add(digest, [chunk.flatten() for chunk in chunks], kind.value_type)
    elif pa.types.is_string(kind):
        digest.update(numbers_of([pc.binary_length(chunk) for chunk in chunks], np.int32, 0).data)
        for chunk in chunks:
            digest.update(_text_of(chunk))
    else:
        digest.update(numbers_of(chunks, np.int32 if pa.types.is_date(kind) else kind.to_pandas_dtype(), 0).data)


def _text_of(texts: pa.Array) -> memoryview | bytes:
    """The UTF-8 of all texts, one after another; those missing have none."""
    _, ends, data = texts.buffers()
    if not len(texts) or data is None:
        return b""
    first, last = np.frombuffer(ends, dtype=np.int32)[[texts.offset, texts.offset + len(texts)]].tolist()
    return memoryview(data)[first:last]


def _ends(lengths: list[int]) -> pa.Buffer:
    """Where each value begins in those of all, and where the last one ends."""
    ends = np.cumsum([0, *lengths], dtype=np.int64)
    if ends[-1] > np.iinfo(np.int32).max:
        raise OverflowError("more text than fits in one batch of an Arrow table")
    return pa.py_buffer(ends.astype(np.int32))
