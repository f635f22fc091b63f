"""A service as a row of the catalogue's table, and back.

A row has a column for every field, to look through many services, and the whole service as one text, to show a few:
whatever lies in one place is read at once.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from datetime import date
from itertools import accumulate, starmap
from operator import attrgetter
from typing import Any

import pyarrow as pa
from pydantic_core import from_json, to_json

from matcher.catalogue.arrow import Texts, array_of, texts_at
from matcher.domain import Point, Service, ServiceId, Session

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
RECORD = "record"
"""All fields of a service but its id, in their order, as a list in JSON."""


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
    return pa.schema([*columns, (RECORD, pa.string())])


SCHEMA = _schema()
"""A column a field of :class:`matcher.domain.Service` (a place has three), and the record."""
COLUMNS = [name for name in SCHEMA.names if name != RECORD]
"""Those of fields."""


def batch_of(services: Sequence[Service]) -> pa.RecordBatch:
    """A row a service."""
    arrays = [array_of(list(map(_VALUE[field.name], services)), field.type) for field in SCHEMA]
    return pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)


def _part_of_place(name: str) -> Callable[[Service], float | None]:
    value_of = attrgetter(name)
    return lambda service: value_of(service.place) if service.place else None


def _sessions(service: Service) -> list[dict[str, Any]]:
    return [{name: getattr(session, name) for name in _SESSION_FIELDS} for session in service.sessions]


_IN_ORDER = [field.name for field in fields(Service)][1:]
_values_of = attrgetter(*_IN_ORDER)
_values_of_session = attrgetter(*(field.name for field in fields(Session)))


def _record(service: Service) -> str:
    values = dict(zip(_IN_ORDER, _values_of(service), strict=True))
    values |= {name: float(values[name]) for name in NUMBERS if values[name] is not None}
    values["sessions"] = list(map(_values_of_session, service.sessions))
    if place := service.place:
        values["place"] = (place.lat, place.lon, place.precision_km)
    return to_json(list(values.values())).decode()


_SESSION_FIELDS = tuple(field.name for field in _SESSION)
_VALUE: Mapping[str, Callable[[Service], Any]] = {
    **{field.name: attrgetter(field.name) for field in fields(Service)},
    **{name: _part_of_place(name) for name in ("lat", "lon", "precision_km")},
    "sessions": _sessions,
    RECORD: _record,
}


class ServiceReader:
    """Builds the services in some rows of a table's batches; what reads them is prepared once."""

    def __init__(self, batches: Sequence[pa.RecordBatch]) -> None:
        self._starts = [0, *accumulate(batch.num_rows for batch in batches)]
        self._texts = [(texts_at(batch.column("id")), texts_at(batch.column(RECORD))) for batch in batches]

    def id_of(self, row: int) -> bytes:
        """The id of the service in one row, as UTF-8."""
        (id_at, _), place = self._at(row)
        return id_at(place)

    def one(self, row: int) -> Service:
        """The service in one row."""
        (id_at, record_at), place = self._at(row)
        return _service_of(id_at(place).decode(), from_json(record_at(place)))

    def _at(self, row: int) -> tuple[tuple[Texts, Texts], int]:
        """The texts of the batch that a row is in, and its place there."""
        batch = bisect_right(self._starts, row) - 1
        return self._texts[batch], row - self._starts[batch]


_SESSIONS, _PLACE = _IN_ORDER.index("sessions"), _IN_ORDER.index("place")
_DATES_AT, _LISTS_AT = ([_IN_ORDER.index(name) for name in names] for names in (_DATES, _TEXT_LISTS))


def _service_of(service_id: ServiceId, values: list[Any]) -> Service:
    """The service of which :func:`_record` made these values."""
    for place in _LISTS_AT:
        values[place] = tuple(values[place])
    for place in _DATES_AT:
        values[place] = values[place] and date.fromisoformat(values[place])
    values[_SESSIONS] = tuple(starmap(_session, values[_SESSIONS]))
    values[_PLACE] = values[_PLACE] and Point(*values[_PLACE])
    return Service(service_id, *values)


def _session(day: int, start: int, end: int, freq: str, interval: int, modes: list[str]) -> Session:
    return Session(day, start, end, freq, interval, tuple(modes))
