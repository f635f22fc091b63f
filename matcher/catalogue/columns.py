"""The catalogue: a row a service, in columns. A million services are never a million objects.

Rows are sorted by place and then by service id: what is near one another lies together, and the order of a feed can
change no answer.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from itertools import groupby
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from matcher.catalogue.arrow import Reader, numbers_of, reader_of, table_of
from matcher.catalogue.records import NUMBERS, SCHEMA, record_of, services_of
from matcher.catalogue.withheld import withhold_refuge
from matcher.domain import MODES, CatalogueError, Service
from matcher.geography import cell_number, unit_vectors
from matcher.sparse import spans
from matcher.times import SLOT_MINUTES

NO_DAY = -1
MOST_BUILT = 5_000
"""How many services are kept once built; a few are asked for again and again."""
IN_PERSON, REMOTE = 1, 0b0110
"""Bits of ``MODES``: going there; online or by phone."""
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
        new = [row for row in dict.fromkeys(rows) if row not in self._built]
        built = dict(self._build(new))
        found = [built[row] if row in built else self._built[row] for row in rows]
        if len(self._built) + len(built) > MOST_BUILT:
            self._built.clear()
        self._built.update(built)
        return found

    def sessions_of(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The session entries of some rows, and where among these each row begins (see :func:`spans`)."""
        return spans(self.session_starts[rows], self.session_starts[rows + 1])

    def _build(self, rows: Sequence[int]) -> Iterator[tuple[int, Service]]:
        """The services in some rows, each with its row, batch of the table by batch."""
        starts, readers = self._readers
        for batch, here in groupby(sorted(rows), lambda row: bisect_right(starts, row) - 1):
            listed = list(here)
            places = [row - starts[batch] for row in listed]
            columns = {name: read(places) for name, read in readers[batch].items()}
            yield from zip(listed, services_of(columns), strict=True)

    @cached_property
    def _readers(self) -> tuple[list[int], list[dict[str, Reader]]]:
        """At which row each batch of the table begins, and what reads each of its columns."""
        batches = self.table.to_batches()
        starts = np.cumsum([0, *(batch.num_rows for batch in batches[:-1])]).tolist()
        return starts, [dict(zip(b.schema.names, map(reader_of, b.columns), strict=True)) for b in batches]

    def __getstate__(self) -> dict[str, Any]:
        """Sent to another process without the readers, which hold the table once more."""
        return {name: value for name, value in vars(self).items() if name != "_readers"}

    def texts(self, column: str) -> list[str]:
        """One text column as Python strings, in row order."""
        return [value or "" for value in self.table.column(column).to_pylist()]

    def text_lists(self, column: str) -> list[list[str]]:
        """One column of lists of texts, in row order."""
        return [value or [] for value in self.table.column(column).to_pylist()]

    def row_of(self, service_id: str) -> int:
        """The row of a service id. Raises CatalogueError when there is none."""
        row = self.find(service_id)
        if row is None:
            raise CatalogueError("the catalogue has no service with this id; `matcher check` lists its ids")
        return row

    def find(self, service_id: str) -> int | None:
        """The row of a service id, if there is one."""
        ids, low, high = self.table.column("id"), 0, len(self)
        while low < high:
            middle = (low + high) // 2
            if ids[int(self.by_id[middle])].as_py() < service_id:
                low = middle + 1
            else:
                high = middle
        row = int(self.by_id[low]) if low < len(self) else None
        return row if row is not None and ids[row].as_py() == service_id else None


def build_catalogue(services: Iterable[Service], duplicate_of: Sequence[int] | None = None) -> Catalogue:
    """Columns of services. Ids that clash between sources are qualified as ``source:id``.

    Args:
        services: any order; ids must be unique within a source.
        duplicate_of: for each service in the order of ``sort_services``, the place of its better entry or -1.
    """
    ordered = sort_services(services)
    table = table_of([record_of(service) for service in ordered], SCHEMA)
    return catalogue_of_table(table, duplicate_of)


def sort_services(services: Iterable[Service]) -> list[Service]:
    """Services as a catalogue has them, in the order of its rows.

    Ids are qualified by source where they clash, and where a refuge is stays withheld.
    """
    listed = [withhold_refuge(service) for service in services]
    counts = Counter(service.id for service in listed)
    qualified = [_qualified(s) if counts[s.id] > 1 else s for s in listed]
    return sorted(qualified, key=lambda service: (*_where(service), service.id))


def _where(service: Service) -> tuple[int, int]:
    """The kind of a service by what ties it to its place (see :func:`tied_to_a_place`), and where that is."""
    if service.place is None or service.place.precision_km > 0:
        return ANYWHERE, 0
    tie = _tie(mode_mask(service.modes))
    return tie, 0 if tie == ANYWHERE else cell_number(service.place)


def _tie(mode_bits: int) -> int:
    if mode_bits == IN_PERSON:
        return VISITED
    return VISITING if mode_bits and not mode_bits & REMOTE else ANYWHERE


def tied_to_a_place(catalogue: Catalogue) -> NDArray[np.int8]:
    """``VISITED`` where people only go there, ``VISITING`` where it also comes to them, else ``ANYWHERE``.

    The first two only where the place is known exactly. Rows are sorted by it. Shape (services,).
    """
    ties = np.array([_tie(bits) for bits in range(1 << len(MODES))], dtype=np.int8)[catalogue.mode_bits]
    return np.where(np.isnan(catalogue.lat) | (catalogue.precision_km > 0), ANYWHERE, ties).astype(np.int8)


def catalogue_of_table(table: pa.Table, duplicate_of: Sequence[int] | None = None) -> Catalogue:
    """The arrays that limits are tested on, read off a table in the order of ``sort_services``."""
    rows = len(table)
    numbers: dict[str, Any] = {name: _floats(table, name) for name in ("lat", "lon", "precision_km", *NUMBERS)}
    by_id = numbers_of([pc.sort_indices(table.column("id"))], np.uint64, 0).astype(np.int32)
    return Catalogue(
        table=table,
        **numbers,
        vectors=unit_vectors(numbers["lat"], numbers["lon"]),
        mode_bits=np.array([mode_mask(m or ()) for m in table.column("modes").to_pylist()], dtype=np.uint8),
        modified_day=_days(table, "last_modified"),
        ends_day=_days(table, "ends_on"),
        **_session_arrays(table),
        by_id=by_id,
        id_rank=np.argsort(by_id).astype(np.int32),
        duplicate_of=np.array(duplicate_of if duplicate_of is not None else [-1] * rows, dtype=np.int32),
        version=_version(table),
    )


def mode_mask(modes: Iterable[str]) -> int:
    """Modes as bits, in the order of ``MODES``."""
    return sum(1 << MODES.index(mode) for mode in set(modes))


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - _EPOCH).days


def _qualified(service: Service) -> Service:
    return replace(service, id=f"{service.source}:{service.id}")


def _floats(table: pa.Table, name: str) -> NDArray[np.float64]:
    return numbers_of(table.column(name).chunks, np.float64, np.nan)


def _days(table: pa.Table, name: str) -> NDArray[np.int32]:
    return numbers_of(table.column(name).chunks, np.int32, NO_DAY)


def _session_arrays(table: pa.Table) -> dict[str, NDArray[Any]]:
    listed = [sessions or () for sessions in table.column("sessions").to_pylist()]
    flat = [(s["day"], s["start"] // SLOT_MINUTES, -(-s["end"] // SLOT_MINUTES)) for each in listed for s in each]
    day, begin, end = np.array(flat, dtype=np.int8).reshape(-1, 3).T.copy()
    starts = np.cumsum([0, *map(len, listed)], dtype=np.int64)
    return {
        "session_starts": starts,
        "session_day": day,
        "session_begin": begin,
        "session_end": np.maximum(begin, end),
    }


def _version(table: pa.Table) -> str:
    digest = hashlib.sha256()
    for batch in table.select([f.name for f in SCHEMA]).to_batches(max_chunksize=10_000):
        digest.update(repr(batch.to_pylist()).encode())
    return digest.hexdigest()[:12]
