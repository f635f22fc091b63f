"""Some records of a source become a part of its table: what one process reads at a time."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from matcher.catalogue.arrow import array_of
from matcher.catalogue.findings import Finding
from matcher.catalogue.open_referral import read_service
from matcher.catalogue.records import batch_of
from matcher.catalogue.shapes import SERVICE, records_of
from matcher.catalogue.withheld import withhold_refuge
from matcher.domain import CatalogueError, Service

Record = tuple[str, Any]
"""Where a record of a service stands, for messages, and what stands there."""
Item = Record | Finding | CatalogueError
"""What a file gives one after another: a record, what was wrong with it, or why there is no more."""


@dataclass(frozen=True, slots=True)
class Lines:
    """Some lines of a file, each a document, and the number of the first."""

    name: str
    first: int
    texts: Sequence[str]


@dataclass(frozen=True, eq=False)
class Part:
    """What was read of some records of one source.

    Attributes:
        services: as they were read, a row each. ``where``: where each stands, for messages.
        refuges: the rows of those that are refuges. ``withheld``: the same without their places, in this order.
        findings: what was wrong, in the order of the records. ``ends``: where those up to each service end.
        others: how many records of each other kind there are.
        error: why the rest of the file cannot be read.
    """

    services: pa.RecordBatch
    where: pa.Array
    refuges: NDArray[np.int32]
    withheld: pa.RecordBatch
    findings: Sequence[Finding]
    ends: NDArray[np.int32]
    others: Counter[str]
    error: CatalogueError | None


def read_lines(source: str, lines: Lines) -> Part:
    """The services in some lines of a file."""
    others: Counter[str] = Counter()
    return _part(_items_of(lines, others), source, others)


def read_items(source: str, items: Iterable[Item]) -> Part:
    """The services among some items of a file."""
    return _part(items, source, Counter())


def services_of(document: Any, where: str, others: Counter[str]) -> Iterator[Record]:
    """The service records of a document; what else it holds is counted by its kind."""
    records = records_of(document)
    for number, (kind, record) in enumerate(records, start=1):
        if kind == SERVICE:
            yield f"{where} record {number}" if len(records) > 1 else where, record
        else:
            others[kind] += 1


def _items_of(lines: Lines, others: Counter[str]) -> Iterator[Item]:
    for number, line in enumerate(lines.texts, start=lines.first):
        where = f"{lines.name} line {number}"
        if line.strip():
            try:
                document = json.loads(line)
            except (ValueError, RecursionError):
                yield Finding("set_aside", where, "", "the line is not JSON")
            else:
                yield from services_of(document, where, others)


def _part(items: Iterable[Item], source: str, others: Counter[str]) -> Part:
    services: list[Service] = []
    places: list[str] = []
    noted: list[Finding] = []
    ends: list[int] = []
    error = None
    for item in items:
        if isinstance(item, Finding):
            noted.append(item)
        elif isinstance(item, CatalogueError):
            error = item
        elif service := read_service(item[1], noted, item[0], source):
            services.append(service)
            places.append(item[0])
            ends.append(len(noted))
    withheld = {row: safe for row, service in enumerate(services) if (safe := withhold_refuge(service)) is not service}
    return Part(
        services=batch_of(services),
        where=array_of(places, pa.string()),
        refuges=np.array(list(withheld), dtype=np.int32),
        withheld=batch_of(list(withheld.values())),
        findings=noted,
        ends=np.array(ends, dtype=np.int32),
        others=others,
        error=error,
    )
