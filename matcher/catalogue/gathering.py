"""The parts of a source become one list of services: each id once, the place of a refuge withheld."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from matcher.catalogue.arrow import chosen, repeated
from matcher.catalogue.findings import Finding
from matcher.catalogue.parts import Part
from matcher.catalogue.records import ServiceReader
from matcher.domain import Service
from matcher.text import normalise

Place = tuple[int, int]
"""The number of a part and a row of it."""

LeftOut = defaultdict[int, list[int]]
"""By part, rows."""
CameBefore = defaultdict[int, list[tuple[int, Finding]]]
"""By part, rows and what is to be said of each."""


def gather(parts: Iterable[Part], findings: list[Finding]) -> list[pa.RecordBatch]:
    """The services of one source. What was wrong is added to the findings, in the order of the records.

    Of records with one id the one that says most is kept, whatever their order.
    """
    waiting = list(parts)
    left_out, came_before = _each_once(waiting)
    waiting.reverse()
    batches = []
    for number in range(len(waiting)):
        part = waiting.pop()  # not kept beside what is made of it: a directory may be large
        begin = 0
        for row, finding in came_before[number]:
            findings += [*part.findings[begin : part.ends[row]], finding]
            begin = int(part.ends[row])
        findings += part.findings[begin:]
        if part.services.num_rows:
            batches.append(_safe(part, left_out[number]))
    return batches


def _safe(part: Part, left_out: Sequence[int]) -> pa.RecordBatch:
    """The services of a part but those left out, refuges without their places."""
    rows = np.arange(part.services.num_rows)
    rows[part.refuges] = len(rows) + np.arange(len(part.refuges))
    both = pa.concat_batches([part.services, part.withheld])
    return chosen(both, np.delete(rows, left_out)) if len(part.refuges) or left_out else part.services


def _each_once(parts: Sequence[Part]) -> tuple[LeftOut, CameBefore]:
    """By part: rows to leave out, as another record of their id is kept; and rows whose id came before, with words."""
    left_out: LeftOut = defaultdict(list)
    noted: CameBefore = defaultdict(list)
    kept: dict[str, tuple[Place, Service]] = {}
    for place, service in _with_shared_ids(parts):
        if service.id not in kept:
            kept[service.id] = place, service
            continue
        before, other = kept[service.id]
        number, row = place
        text = _came_before(service, other)
        noted[number].append((row, Finding("duplicate_id", parts[number].where[row].as_py(), service.id, text)))
        better = _says(service) > _says(other)
        number, row = before if better else place
        left_out[number].append(row)
        if better:
            kept[service.id] = place, service
    return left_out, noted


def _with_shared_ids(parts: Sequence[Part]) -> Iterator[tuple[Place, Service]]:
    """The services, as they were read, whose id another one has too, in the order of the records."""
    shared = repeated(pa.chunked_array([part.services.column("id") for part in parts], pa.string()))
    if not len(shared):
        return
    for number, part in enumerate(parts):
        rows = np.flatnonzero(pc.is_in(part.services.column("id"), shared).to_pylist()).tolist()
        reader = ServiceReader([part.services])
        yield from (((number, row), reader.one(row)) for row in rows)


def _says(service: Service) -> tuple[int, str]:
    """Greater for the record that says more."""
    return len(repr(service)), repr(service)


def _came_before(service: Service, other: Service) -> str:
    same = normalise(service.name) == normalise(other.name)
    return "came before" if same else f'"{service.name}" has the id of "{other.name}"; are they two services?'
