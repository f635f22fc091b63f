"""A service as a row of the catalogue's table, and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from itertools import starmap
from typing import Any

import pyarrow as pa

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


def record_of(service: Service) -> dict[str, Any]:
    """The values of a service by column."""
    record: dict[str, Any] = {f.name: getattr(service, f.name) for f in fields(Service)}
    place = record.pop("place")
    record["lat"], record["lon"], record["precision_km"] = (
        (place.lat, place.lon, place.precision_km) if place else (None, None, None)
    )
    record["sessions"] = [{f.name: getattr(session, f.name) for f in fields(Session)} for session in service.sessions]
    return record


def services_of(columns: dict[str, Sequence[Any]]) -> list[Service]:
    """The services that :func:`record_of` took apart, from their values by column (see ``reader_of``)."""
    places = zip(columns["lat"], columns["lon"], columns["precision_km"], strict=True)
    whole = {
        **columns,
        "place": [None if lat is None else Point(lat, lon, precision or 0.0) for lat, lon, precision in places],
        "sessions": [tuple(starmap(Session, listed)) for listed in columns["sessions"]],
    }
    return [Service(*values) for values in zip(*(whole[column.name] for column in fields(Service)), strict=True)]
