"""The catalogue: a row a service, in columns. A million services are never a million objects.

Rows are sorted by place, those that are open to people anywhere by what limits they set, and then by service id: what
is near one another lies together, as does what a person can or cannot use alike, and the order of a feed can change no
answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from matcher.catalogue.arrow import array_of, digest_of, in_batches, numbers_of, repeated
from matcher.catalogue.records import COLUMNS, NUMBERS, SCHEMA, ServiceReader, batch_of
from matcher.catalogue.withheld import withhold_refuge
from matcher.domain import MODES, CatalogueError, Service
from matcher.geography import cell_numbers, unit_vectors
from matcher.sparse import spans
from matcher.times import SLOT_MINUTES

NO_DAY = -1
MOST_BUILT = 5_000
"""How many services are kept once built; a few are asked for again and again."""
IN_PERSON, REMOTE, ALL_MODES = 1, 0b0110, 0b1111
"""Bits of ``MODES``: going there; online or by phone; any."""
VISITED, VISITING, ANYWHERE = range(3)
_EPOCH = date(1970, 1, 1)
CLOSED = ("inactive", "defunct", "closed", "temporarily closed", "suspended", "withdrawn", "deleted")
STATUSES = ("", "active", "inactive", "defunct", "temporarily closed")


@dataclass(frozen=True, eq=False)
class Catalogue:
    """All services of one or more directories.

    Attributes:
        table: every field of every service (see ``SCHEMA``).
        lat, lon, precision_km: degrees and km, NaN where unknown. Shape (services,).
        vectors: the places on a sphere of radius 1. Shape (services, 3).
        min_age, max_age, cost: NaN where the directory does not say.
        mode_bits: bit i is set for ``MODES[i]``; 0 where unknown.
        modified_day, ends_day: days since 1970, ``NO_DAY`` where unknown.
        session_day, session_begin, session_end: one entry a session, by row; begin and end count half hours of the
            day, rounded outwards. session_starts: where each row's entries begin, and where the last one's end.
        duplicate_of: the row of the better entry of the same service, or -1.
        by_id: the rows in the order of their ids. ``id_rank``: the place of each row in that order, for ties.
        version: twelve hex digits of the content.
    """

    table: pa.Table
    lat: NDArray[np.float64]
    lon: NDArray[np.float64]
    precision_km: NDArray[np.float64]
    vectors: NDArray[np.float64]
    min_age: NDArray[np.float64]
    max_age: NDArray[np.float64]
    cost: NDArray[np.float64]
    mode_bits: NDArray[np.uint8]
    modified_day: NDArray[np.int32]
    ends_day: NDArray[np.int32]
    session_starts: NDArray[np.int64]
    session_day: NDArray[np.int8]
    session_begin: NDArray[np.int8]
    session_end: NDArray[np.int8]
    duplicate_of: NDArray[np.int32]
    by_id: NDArray[np.int32]
    id_rank: NDArray[np.int32]
    version: str
    _built: dict[int, Service] = field(default_factory=dict, init=False, repr=False)

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def __getitem__(self, row: int) -> Service:
        """The service in one row, built on demand."""
        return self.services([row])[0]

    def services(self, rows: Iterable[int]) -> list[Service]:
        """The services in some rows, those built that were not asked for lately."""
        rows = [int(row) for row in rows]
        built = {row: self._reader.one(row) for row in set(rows) - self._built.keys()}
        found = [built[row] if row in built else self._built[row] for row in rows]
        if len(self._built) + len(built) > MOST_BUILT:
            self._built.clear()
        self._built.update(built)
        return found

    def sessions_of(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The session entries of some rows, and where among these each row begins (see :func:`spans`)."""
        return spans(self.session_starts[rows], self.session_starts[rows + 1])

    @cached_property
    def _reader(self) -> ServiceReader:
        return ServiceReader(self.table.to_batches())

    def __getstate__(self) -> dict[str, Any]:
        """Sent to another process without the reader, which holds the table once more."""
        return {name: value for name, value in vars(self).items() if name != "_reader"}

    def texts(self, column: str, span: tuple[int, int] | None = None) -> list[str]:
        """One text column as Python strings, in row order; of all rows, or from one up to another."""
        return [value or "" for value in self._values(column, span)]

    def text_lists(self, column: str, span: tuple[int, int] | None = None) -> list[list[str]]:
        """One column of lists of texts, in row order, as :meth:`texts`."""
        return [value or [] for value in self._values(column, span)]

    def _values(self, column: str, span: tuple[int, int] | None) -> list[Any]:
        first, last = span or (0, len(self))
        values: list[Any] = self.table.column(column).slice(first, last - first).to_pylist()
        return values

    def row_of(self, service_id: str) -> int:
        """The row of a service id. Raises CatalogueError when there is none."""
        row = self.find(service_id)
        if row is None:
            raise CatalogueError("the catalogue has no service with this id; `matcher check` lists its ids")
        return row

    def find(self, service_id: str) -> int | None:
        """The row of a service id, if there is one."""
        wanted, low, high = service_id.encode(errors="surrogatepass"), 0, len(self)
        while low < high:
            middle = (low + high) // 2
            if self._reader.id_of(int(self.by_id[middle])) < wanted:
                low = middle + 1
            else:
                high = middle
        row = int(self.by_id[low]) if low < len(self) else None
        return row if row is not None and self._reader.id_of(row) == wanted else None


def build_catalogue(services: Iterable[Service], duplicate_of: Sequence[int] | None = None) -> Catalogue:
    """Columns of services. Ids that clash between sources are qualified as ``source:id``.

    Args:
        services: any order; ids must be unique within a source.
        duplicate_of: for each row of the catalogue the row of its better entry or -1.
    """
    table = arranged([batch_of([withhold_refuge(service) for service in services])])
    return catalogue_of_table(table, duplicate_of)


def arranged(batches: Sequence[pa.RecordBatch]) -> pa.Table:
    """The table of a catalogue, of services whose places are withheld where they have to be, in any order.

    Ids are qualified by source where they clash; rows are sorted as this module says.
    """
    whole = _qualified(pa.Table.from_batches(batches, SCHEMA))
    lat, lon, precision_km = (_floats(whole, name) for name in ("lat", "lon", "precision_km"))
    modes = _mode_bits(whole)
    ties = _ties(modes, lat, precision_km)
    cells = np.where(ties == ANYWHERE, 0, cell_numbers(lat, lon))
    columns: list[NDArray[Any]] = [*(_floats(whole, name) for name in NUMBERS), modes]
    limits = [np.where(ties == ANYWHERE, column, 0) for column in columns]
    order = np.lexsort((np.argsort(_in_order_of_ids(whole)), *limits, cells, ties))
    return in_batches(whole.to_batches() or [batch_of([])], order)


def _qualified(table: pa.Table) -> pa.Table:
    """The same with the source before each id that comes more than once."""
    clashing = repeated(table.column("id"))
    if not len(clashing):
        return table
    given = table.column("id")
    ids = pc.if_else(pc.is_in(given, clashing), pc.binary_join_element_wise(table.column("source"), given, ":"), given)
    return table.set_column(0, SCHEMA.field("id"), ids)


def _in_order_of_ids(table: pa.Table) -> NDArray[np.int32]:
    """The rows in the order of their ids."""
    return numbers_of([pc.sort_indices(table.column("id"))], np.uint64, 0).astype(np.int32)


def _mode_bits(table: pa.Table) -> NDArray[np.uint8]:
    """The modes of every service (see :func:`mode_mask`)."""
    lengths, (named,) = _listed(table, "modes")
    bits = np.zeros(len(lengths), dtype=np.uint8)
    places = numbers_of([pc.index_in(part, array_of(MODES, pa.string())) for part in named], np.int32, 0)
    np.bitwise_or.at(bits, np.repeat(np.arange(len(lengths)), lengths), (1 << places).astype(np.uint8))
    return bits


def _listed(table: pa.Table, name: str) -> tuple[NDArray[np.int32], list[list[pa.Array]]]:
    """A column of lists: how many values each has, and the values (or each field of them), chunk by chunk."""
    chunks = table.column(name).chunks
    lengths = numbers_of([pc.list_value_length(chunk) for chunk in chunks], np.int32, 0)
    values = [chunk.flatten() for chunk in chunks]
    if pa.types.is_struct(table.schema.field(name).type.value_type):
        return lengths, [list(of_field) for of_field in zip(*(part.flatten() for part in values), strict=True)]
    return lengths, [values]


def tied_to_a_place(catalogue: Catalogue) -> NDArray[np.int8]:
    """``VISITED`` where people only go there, ``VISITING`` where it also comes to them, else ``ANYWHERE``.

    The first two only where the place is known exactly. Rows are sorted by it. Shape (services,).
    """
    return _ties(catalogue.mode_bits, catalogue.lat, catalogue.precision_km)


def _ties(
    mode_bits: NDArray[np.uint8], lat: NDArray[np.float64], precision_km: NDArray[np.float64]
) -> NDArray[np.int8]:
    ties = np.array([_tie(bits) for bits in range(1 << len(MODES))], dtype=np.int8)[mode_bits]
    return np.where(np.isnan(lat) | (precision_km > 0), ANYWHERE, ties).astype(np.int8)


def _tie(mode_bits: int) -> int:
    if mode_bits == IN_PERSON:
        return VISITED
    return VISITING if mode_bits and not mode_bits & REMOTE else ANYWHERE


def catalogue_of_table(table: pa.Table, duplicate_of: Sequence[int] | None = None) -> Catalogue:
    """The arrays that limits are tested on, read off a table as :func:`arranged` makes it."""
    rows = len(table)
    numbers: dict[str, Any] = {name: _floats(table, name) for name in ("lat", "lon", "precision_km", *NUMBERS)}
    by_id = _in_order_of_ids(table)
    return Catalogue(
        table=table,
        **numbers,
        vectors=unit_vectors(numbers["lat"], numbers["lon"]),
        mode_bits=_mode_bits(table),
        modified_day=_days(table, "last_modified"),
        ends_day=_days(table, "ends_on"),
        **_session_arrays(table),
        by_id=by_id,
        id_rank=np.argsort(by_id).astype(np.int32),
        duplicate_of=np.array(duplicate_of if duplicate_of is not None else [-1] * rows, dtype=np.int32),
        version=digest_of(table.select(COLUMNS))[:12],
    )


def mode_mask(modes: Iterable[str]) -> int:
    """Modes as bits, in the order of ``MODES``."""
    return sum(1 << MODES.index(mode) for mode in set(modes))


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - _EPOCH).days


def _floats(table: pa.Table, name: str) -> NDArray[np.float64]:
    return numbers_of(table.column(name).chunks, np.float64, np.nan)


def _days(table: pa.Table, name: str) -> NDArray[np.int32]:
    return numbers_of(table.column(name).chunks, np.int32, NO_DAY)


def _session_arrays(table: pa.Table) -> dict[str, NDArray[Any]]:
    lengths, fields = _listed(table, "sessions")
    day, start, end = (numbers_of(fields[place], kind, 0) for place, kind in enumerate((np.int8, np.int16, np.int16)))
    begin, end = start // SLOT_MINUTES, -(-end // SLOT_MINUTES)
    return {
        "session_starts": np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]),
        "session_day": day,
        "session_begin": begin.astype(np.int8),
        "session_end": np.maximum(begin, end).astype(np.int8),
    }
