"""Python's values to Arrow and back without pandas.

Arrow's own conversions import pandas where it is installed, which takes longer than reading the sample town.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import chain
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

ROWS_A_BATCH = 1 << 16
"""So many rows hold less text than the two gigabytes that an array of strings can."""
_EPOCH = date(1970, 1, 1).toordinal()


def table_of(records: Sequence[Mapping[str, Any]], schema: pa.Schema) -> pa.Table:
    """The same as ``pa.Table.from_pylist``, for columns of text, numbers, days, lists and records of these.

    Raises:
        OverflowError: the texts of a batch are larger than Arrow can hold.
    """
    batches = []
    for first in range(0, len(records), ROWS_A_BATCH):
        rows = records[first : first + ROWS_A_BATCH]
        arrays = [array_of([row[field.name] for row in rows], field.type) for field in schema]
        batches.append(pa.RecordBatch.from_arrays(arrays, schema=schema))
    return pa.Table.from_batches(batches, schema=schema)


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


def _ends(lengths: list[int]) -> pa.Buffer:
    """Where each value begins in those of all, and where the last one ends."""
    ends = np.cumsum([0, *lengths], dtype=np.int64)
    if ends[-1] > np.iinfo(np.int32).max:
        raise OverflowError("more text than fits in one batch of an Arrow table")
    return pa.py_buffer(ends.astype(np.int32))
