"""A sparse matrix that answers for some of its rows at a time: services by concepts, words by services.

SciPy does the same; but for a few hundred rows out of a million its checks cost more than the sums.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.loops import weighted_max

Rows = NDArray[np.int64]
Numbers = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SparseRows:
    """Rows of (column, value) pairs, one after another.

    Attributes:
        starts: where each row begins in the other two, and where the last one ends. Shape (rows + 1,).
        columns: ascending within a row, in as few bytes as they need. Shape (entries,).
        values: Shape (entries,).
    """

    starts: NDArray[np.int64]
    columns: NDArray[Any]
    values: NDArray[np.floating]

    def toarray(self, columns: int) -> NDArray[np.float64]:
        """The whole matrix with its zeros. Shape (rows, columns)."""
        dense = np.zeros((len(self), columns))
        dense[self.entry_rows, self.columns] = self.values
        return dense

    @property
    def entry_rows(self) -> NDArray[np.int64]:
        """The row of every entry. Shape (entries,)."""
        return np.repeat(np.arange(len(self)), np.diff(self.starts))

    def by_column(self, columns: int) -> Callable[[int], tuple[NDArray[np.int64], NDArray[np.float32]]]:
        """A function that gives, for one of so many columns, the rows that have it and their values."""
        order = np.argsort(self.columns, kind="stable")
        rows, values = self.entry_rows[order], self.values[order].astype(np.float32)
        ends = np.searchsorted(self.columns[order], np.arange(columns + 1))
        return lambda column: (rows[ends[column] : ends[column + 1]], values[ends[column] : ends[column + 1]])

    def __len__(self) -> int:
        return len(self.starts) - 1

    def row(self, row: int) -> tuple[NDArray[Any], NDArray[np.floating]]:
        """The columns of one row and their values."""
        start, end = self.starts[row : row + 2]
        return self.columns[start:end], self.values[start:end]

    def weighted_max(self, rows: Rows, weights: NDArray[np.float32]) -> Numbers:
        """Of each row the greatest ``value x weight of its column``, 0 at least. Shape as ``rows``."""
        return weighted_max(self.starts, self.columns, self.values, weights, rows)


def spans(starts: NDArray[np.int64], ends: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """All numbers from each start up to its end, and where each span begins in them. Shapes (found,), (spans + 1,)."""
    begins = np.zeros(len(starts) + 1, dtype=np.int64)
    np.cumsum(ends - starts, out=begins[1:])
    numbers = np.repeat(starts - begins[:-1], ends - starts)
    numbers += np.arange(begins[-1])
    return numbers, begins


def among(rows: Rows, ascending: Rows) -> NDArray[np.bool_]:
    """Which rows are among others, which ascend. The first call of ``np.isin`` alone takes 0.1 s. Shape as ``rows``."""
    if not len(ascending):
        return np.zeros(len(rows), dtype=bool)
    places = np.minimum(np.searchsorted(ascending, rows), len(ascending) - 1)
    return np.asarray(ascending[places] == rows)


def joined(parts: Sequence[SparseRows]) -> SparseRows:
    """The rows of several matrices, one matrix after another."""
    entries = np.cumsum([0, *(part.starts[-1] for part in parts)])
    starts = [part.starts[1:] + before for part, before in zip(parts, entries.tolist(), strict=False)]
    return SparseRows(
        np.concatenate([[0], *starts]),
        np.concatenate([part.columns for part in parts]),
        np.concatenate([part.values for part in parts]),
    )


class GrowingRows:
    """A matrix that is made row by row, without an object an entry."""

    def __init__(self) -> None:
        self._starts, self._columns, self._values = array("q", [0]), array("H"), array("f")

    def add(self, row: Iterable[tuple[int, float]]) -> None:
        """One more row of (column, value) pairs, by column."""
        for column, value in row:
            self._columns.append(column)
            self._values.append(value)
        self._starts.append(len(self._columns))

    def done(self) -> SparseRows:
        """All rows so far."""
        return SparseRows(*(np.array(part) for part in (self._starts, self._columns, self._values)))
