"""A service as a row of the catalogue's table, and back."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from itertools import accumulate, groupby, starmap
from operator import attrgetter
from typing import Any

import pyarrow as pa

from matcher.catalogue.arrow import array_of, reader_of
from matcher.domain import Point, Service, Session

_SESSION = pa.struct(
    [
        ("day", pa.int8()),
        ("start", pa.int16()),
        ("end", pa.int16()),
        ("freq", pa.string()),
        ("interval", pa.int16()),
        ("modes", pa.list_(pa.string())),
    ]
)
_TEXT_LISTS = ("categories", "phones", "modes", "areas", "languages", "accessibility")
_DATES = ("ends_on", "last_modified")
NUMBERS = ("min_age", "max_age", "cost")


def _schema() -> pa.Schema:
    columns: list[tuple[str, pa.DataType]] = []
    for column in fields(Service):
        if column.name == "place":
            columns += [(name, pa.float64()) for name in ("lat", "lon", "precision_km")]
        elif column.name == "sessions":
            columns.append(("sessions", pa.list_(_SESSION)))
        elif column.name in _TEXT_LISTS:
            columns.append((column.name, pa.list_(pa.string())))
        elif column.name in _DATES:
            columns.append((column.name, pa.date32()))
        elif column.name in NUMBERS:
            columns.append((column.name, pa.float64()))
        else:
            columns.append((column.name, pa.string()))
    return pa.schema(columns)


SCHEMA = _schema()
"""A column a field of :class:`matcher.domain.Service`; a place has three."""


def batch_of(services: Sequence[Service]) -> pa.RecordBatch:
    """A row a service."""
    arrays = [array_of(list(map(_VALUE[field.name], services)), field.type) for field in SCHEMA]
    return pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)


def _part_of_place(name: str) -> Callable[[Service], float | None]:
    value_of = attrgetter(name)
    return lambda service: value_of(service.place) if service.place else None


def _sessions(service: Service) -> list[dict[str, Any]]:
    return [{name: getattr(session, name) for name in _SESSION_FIELDS} for session in service.sessions]


_SESSION_FIELDS = tuple(field.name for field in _SESSION)
_VALUE: Mapping[str, Callable[[Service], Any]] = {
    **{field.name: attrgetter(field.name) for field in fields(Service)},
    **{name: _part_of_place(name) for name in ("lat", "lon", "precision_km")},
    "sessions": _sessions,
}


class ServiceReader:
    """Builds the services in some rows of a table's batches; what reads them is prepared once."""

    def __init__(self, batches: Sequence[pa.RecordBatch]) -> None:
        self._starts = [0, *accumulate(batch.num_rows for batch in batches)]
        self._columns = [dict(zip(b.schema.names, map(reader_of, b.columns), strict=True)) for b in batches]

    def one(self, row: int) -> Service:
        """The service in one row."""
        ((_, service),) = self.read([row])
        return service

    def read(self, rows: Iterable[int]) -> Iterator[tuple[int, Service]]:
        """The services in some rows, each with its row, batch by batch."""
        for batch, here in groupby(sorted(rows), lambda row: bisect_right(self._starts, row) - 1):
            listed = list(here)
            places = [row - self._starts[batch] for row in listed]
            columns = {name: read(places) for name, read in self._columns[batch].items()}
            yield from zip(listed, _services_of(columns), strict=True)


def _services_of(columns: dict[str, Sequence[Any]]) -> list[Service]:
    """The services that :func:`batch_of` took apart, from their values by column (see ``reader_of``)."""
    places = zip(columns["lat"], columns["lon"], columns["precision_km"], strict=True)
    whole = {
        **columns,
        "place": [None if lat is None else Point(lat, lon, precision or 0.0) for lat, lon, precision in places],
        "sessions": [tuple(starmap(Session, listed)) for listed in columns["sessions"]],
    }
    return [Service(*values) for values in zip(*(whole[column.name] for column in fields(Service)), strict=True)]
