"""How good a directory is: likely duplicates, findings over the columns, completeness a service."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz

from matcher.catalogue.columns import NO_DAY, STATUSES, Catalogue, day_number, days_ago
from matcher.catalogue.findings import Finding
from matcher.domain import Service
from matcher.geography import distance_km
from matcher.text import content_words, normalise

STALE_AFTER_DAYS = 365
SAME_NAME = 90.0
SAME_ORGANIZATION = 85.0
SAME_PLACE_KM = 0.3
MOST_SHARING_A_WORD = 60


def find_duplicates(services: Sequence[Service], findings: list[Finding]) -> list[int]:
    """For each service the place of a better entry of the same service, or -1.

    Two entries are taken for one service when their names agree (rapidfuzz token-sort ratio), and so does their
    organisation or a contact, and their places do not speak against it.
    """
    better = [-1] * len(services)
    for first, second in _candidate_pairs(services):
        if better[first] == -1 and better[second] == -1 and _same_service(services[first], services[second]):
            keep, drop = sorted((first, second), key=lambda i: (-_worth(services[i])[0], _worth(services[i])[1]))
            better[drop] = keep
            findings.append(
                Finding("likely_duplicate", services[drop].source, services[drop].id, f"looks like {services[keep].id}")
            )
    return better


def _candidate_pairs(services: Sequence[Service]) -> Iterator[tuple[int, int]]:
    """Pairs that share a word of their names that few names have."""
    holders: defaultdict[str, list[int]] = defaultdict(list)
    for place, service in enumerate(services):
        for word in set(content_words(service.name)):
            holders[word].append(place)
    pairs = {
        (a, b)
        for places in holders.values()
        if len(places) <= MOST_SHARING_A_WORD
        for i, a in enumerate(places)
        for b in places[i + 1 :]
    }
    yield from sorted(pairs)


def _same_service(a: Service, b: Service) -> bool:
    if fuzz.token_sort_ratio(normalise(a.name), normalise(b.name)) < SAME_NAME:
        return False
    if a.place and b.place:
        limit = SAME_PLACE_KM + a.place.precision_km + b.place.precision_km
        if distance_km(a.place, b.place) > limit:
            return False
    elif a.place or b.place:
        return False
    same_contact = bool(set(a.phones) & set(b.phones)) or (a.email and a.email == b.email)
    similar = fuzz.token_set_ratio(normalise(a.organization), normalise(b.organization)) >= SAME_ORGANIZATION
    return bool(same_contact or similar or not a.organization or not b.organization)


def _worth(service: Service) -> tuple[float, str]:
    """How good an entry is, to keep the best of two: open first, then completeness, then newness."""
    newest = day_number(service.last_modified) if service.last_modified else 0
    return (service.status in ("active", "")) * 10 + completeness(service) + newest / 1e6, service.id


def completeness(service: Service) -> float:
    """The share of the things a link worker needs that the entry says, 0 to 1."""
    virtual = bool(service.modes) and "in_person" not in service.modes
    said = (
        service.description,
        service.status,
        service.place or virtual,
        service.sessions or service.modes,
        service.fees or service.cost is not None,
        service.eligibility or service.min_age is not None or service.max_age is not None,
        service.phones or service.email or service.url,
        service.referral,
        service.accessibility or virtual,
        service.last_modified,
        service.categories,
        service.capacity,
    )
    return sum(bool(x) for x in said) / len(said)


def completeness_scores(catalogue: Catalogue) -> dict[str, float]:
    """Completeness of every service, by id."""
    services = (catalogue[row] for row in range(len(catalogue)))
    return {service.id: completeness(service) for service in services}


def check_catalogue(catalogue: Catalogue, as_of: date) -> list[Finding]:
    """Findings over a whole catalogue on a day, beyond those of reading it."""
    found: list[Finding] = []
    ids = catalogue.texts("id")

    def add(code: str, rows: NDArray[np.bool_] | Sequence[bool], text: str) -> None:
        found.extend(Finding(code, "", ids[row], text) for row in np.flatnonzero(np.asarray(rows)))

    in_person = (catalogue.mode_bits & 1).astype(bool) | (catalogue.mode_bits == 0)
    add("no_place", np.isnan(catalogue.lat) & in_person, "no place is given")
    add("unknown_status", [s not in STATUSES for s in catalogue.texts("status")], "a status the standard does not know")
    add("stale", _before(catalogue.modified_day, days_ago(as_of, STALE_AFTER_DAYS)), "not confirmed for over a year")
    add("ended", _before(catalogue.ends_day, day_number(as_of)), "all its schedules have ended")
    add("untagged", [not c for c in catalogue.text_lists("categories")], "has no category")
    add("no_description", [not d for d in catalogue.texts("description")], "has no description")
    contacts = zip(catalogue.text_lists("phones"), catalogue.texts("email"), catalogue.texts("url"), strict=True)
    add("no_contact", [not any(c) for c in contacts], "has no phone, e-mail or web address")
    folded = Counter(i.casefold() for i in ids)
    add("case_only_ids", [folded[i.casefold()] > 1 for i in ids], "another id differs only by case")
    return found


def _before(days: NDArray[np.int32], day: int) -> NDArray[np.bool_]:
    return np.asarray((days != NO_DAY) & (days < day))
