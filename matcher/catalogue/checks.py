"""How good a directory is: findings over its columns, and completeness a service."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from matcher.catalogue.columns import NO_DAY, STATUSES, Catalogue, day_number
from matcher.catalogue.findings import Finding
from matcher.domain import Service

STALE_AFTER_DAYS = 365
THIN_BELOW = 0.5
"""From which completeness down an entry is a finding of its own."""
_EPOCH = date(1970, 1, 1)


def said(service: Service) -> dict[str, bool]:
    """Which of the things that a link worker needs to know the entry says, by what they are called."""
    remote = bool(service.modes) and "in_person" not in service.modes
    return {
        "description": bool(service.description),
        "category": bool(service.categories),
        "status": bool(service.status),
        "place": bool(service.place) or remote,
        "when or how": bool(service.sessions or service.modes),
        "price": bool(service.fees) or service.cost is not None,
        "who it is for": bool(service.eligibility) or service.min_age is not None or service.max_age is not None,
        "contact": bool(service.phones or service.email or service.url),
        "how to refer": bool(service.referral),
        "access": bool(service.accessibility) or remote,
        "free places": bool(service.capacity),
        "last change": service.last_modified is not None,
    }


def completeness(service: Service) -> float:
    """The share of the things a link worker needs that the entry says, 0 to 1."""
    return sum(said(service).values()) / len(said(service))


def completeness_scores(catalogue: Catalogue) -> dict[str, float]:
    """Completeness of every service, by id."""
    services = (catalogue[row] for row in range(len(catalogue)))
    return {service.id: completeness(service) for service in services}


def check_catalogue(catalogue: Catalogue, as_of: date) -> list[Finding]:
    """Findings over a whole catalogue on a day, beyond those of reading it."""
    found: list[Finding] = []
    ids = catalogue.texts("id")

    def add(code: str, rows: NDArray[np.bool_] | Sequence[bool], text: Callable[[int], str]) -> None:
        found.extend(Finding(code, "", ids[row], text(int(row))) for row in np.flatnonzero(np.asarray(rows)))

    in_person = (catalogue.mode_bits & 1).astype(bool) | (catalogue.mode_bits == 0)
    statuses, names = catalogue.texts("status"), catalogue.texts("name")
    modified, ends = catalogue.modified_day, catalogue.ends_day
    contacts = zip(catalogue.text_lists("phones"), catalogue.texts("email"), catalogue.texts("url"), strict=True)
    add("no_place", np.isnan(catalogue.lat) & in_person, lambda row: names[row])
    add("unknown_status", [s not in STATUSES or not s for s in statuses], lambda row: _status(statuses[row]))
    add(
        "stale",
        _before(modified, day_number(as_of) - STALE_AFTER_DAYS),
        lambda row: f"last changed {_day(modified[row])}",
    )
    add("ended", _before(ends, day_number(as_of)), lambda row: f"ended {_day(ends[row])}")
    add("untagged", [not c for c in catalogue.text_lists("categories")], lambda row: names[row])
    add("no_description", [not d for d in catalogue.texts("description")], lambda row: names[row])
    add("no_contact", [not any(c) for c in contacts], lambda row: names[row])
    return [*found, *_case_only(ids), *_thin(catalogue)]


def _case_only(ids: Sequence[str]) -> list[Finding]:
    alike: defaultdict[str, list[str]] = defaultdict(list)
    for service_id in ids:
        alike[service_id.casefold()].append(service_id)
    return [
        Finding("case_only_ids", "", service_id, f"the same as {' and '.join(i for i in same if i != service_id)}")
        for same in alike.values()
        if len(same) > 1
        for service_id in same
    ]


def _thin(catalogue: Catalogue) -> list[Finding]:
    services = (catalogue[row] for row in range(len(catalogue)))
    return [
        Finding("thin", "", s.id, f"does not say: {', '.join(name for name, given in said(s).items() if not given)}")
        for s in services
        if completeness(s) < THIN_BELOW
    ]


def _status(status: str) -> str:
    return f'the status is "{status}"' if status else "no status is given"


def _day(number: int) -> date:
    return _EPOCH + timedelta(days=int(number))


def _before(days: NDArray[np.int32], day: int) -> NDArray[np.bool_]:
    return np.asarray((days != NO_DAY) & (days < day))
