"""Plain builders: a test names only what matters to it."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.catalogue import Catalogue, build_catalogue
from matcher.domain import Consultation, Point, Polarity, Service, Session
from matcher.eligibility import Case, Columns, Declined, EligibilityConfig, Person, read_limits, read_person
from matcher.phrases import PhraseFinder
from matcher.profile import Profile, ProfileConfig, build_profile
from matcher.sparse import SparseRows
from matcher.taxonomy import Taxonomy, read_taxonomy
from matcher.understanding import Understanding, UnderstandingConfig, Unit, understand

DATA = Path(__file__).parent / "data"
FEEDS = DATA / "feeds"

CONCEPT_COLUMNS = ("id", "pref_label", "kind", "broader", "theme", "dedicated", "note_weight", "exact_match")
LABEL_COLUMNS = ("concept", "label", "voice", "strength")
LINK_COLUMNS = ("need", "offer", "weight", "why")
LOOKALIKE_COLUMNS = ("label", "voice", "not_concept", "why")

CONCEPTS = (
    ("loneliness", "Loneliness", "need", "", "social", "", "", "gravity:Social Connection"),
    ("singing", "Singing", "interest", "", "creative", "", "", ""),
    ("choir", "Choirs", "offer", "singing", "creative", "", "", ""),
    ("walking", "Walking", "interest", "", "activity", "", "", ""),
)
LABELS = (
    ("loneliness", "lonely", "person", "1"),
    ("loneliness", "company", "both", "0.6"),
    ("singing", "singing", "both", "1"),
    ("choir", "choir", "both", "1"),
    ("walking", "walking", "both", "0.9"),
)
LINKS = (("loneliness", "choir", "0.6", "company"), ("singing", "choir", "1", "the thing itself"))
LOOKALIKES = (("walking bus", "both", "walking", "children on their way to school"),)


def a_service(**changes: Any) -> Service:
    """An open, ordinary choir in the fictional Little Wending."""
    fields: dict[str, Any] = {
        "id": "svc-choir",
        "name": "Mill Hall Singers",
        "description": "A choir for people who think that they cannot sing.",
        "organization": "Wending Arts",
        "source": "test",
        "categories": ("Singing",),
        "status": "active",
        "place": Point(53.5, -2.5),
        "postcode": "ZZ9 9AA",
    }
    return Service(**{**fields, **changes})


def a_consultation(**changes: Any) -> Consultation:
    """A person about whom only one thing is known."""
    fields: dict[str, Any] = {"id": "con-1", "note": "Lonely since she moved."}
    return Consultation(**{**fields, **changes})


def a_catalogue(*services: Service) -> Catalogue:
    """A catalogue of these services, or of the usual one."""
    return build_catalogue(services or [a_service()])


def a_feed_service(**changes: Any) -> dict[str, Any]:
    """The fewest fields of an Open Referral service."""
    return {"id": "svc-choir", "name": "Mill Hall Singers", "status": "active", **changes}


def a_schedule(**changes: Any) -> dict[str, Any]:
    """A weekly session of a feed."""
    return {"freq": "WEEKLY", "byday": "TU", "opens_at": "19:00", "closes_at": "20:30", **changes}


def at_location(**changes: Any) -> dict[str, Any]:
    """A list of one service-at-location of a feed, for ``service_at_locations``."""
    location = {"id": "loc-1", "name": "Mill Hall", "latitude": 53.5, "longitude": -2.5, **changes}
    return {"service_at_locations": [{"id": "sal-1", "location": location}]}


def write_json(path: Path, document: Any) -> Path:
    """A document as a JSON file; returns its path."""
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def write_rows(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> Path:
    """A CSV file; returns its path."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def write_taxonomy(folder: Path, **changes: Sequence[Sequence[str]]) -> Path:
    """The four files of a small taxonomy (concepts, labels, links, lookalikes); returns the folder."""
    tables: Mapping[str, Sequence[Sequence[str]]] = {
        "concepts": CONCEPTS,
        "labels": LABELS,
        "links": LINKS,
        "lookalikes": LOOKALIKES,
        **changes,
    }
    (folder / "labels").mkdir(parents=True, exist_ok=True)
    write_rows(folder / "concepts.csv", CONCEPT_COLUMNS, tables["concepts"])
    write_rows(folder / "labels" / "all.csv", LABEL_COLUMNS, tables["labels"])
    write_rows(folder / "links.csv", LINK_COLUMNS, tables["links"])
    write_rows(folder / "lookalikes.csv", LOOKALIKE_COLUMNS, tables["lookalikes"])
    return folder


def a_taxonomy(folder: Path, **changes: Sequence[Sequence[str]]) -> Taxonomy:
    """The small taxonomy, read."""
    return read_taxonomy(write_taxonomy(folder, **changes))


AS_OF = date(2026, 11, 1)
"""The day that tests answer for."""


def a_person(**changes: Any) -> Person:
    """Somebody about whom nothing is known."""
    return replace(read_person(Consultation(), None, None, AS_OF), **changes)


def declining(strengths: Sequence[float] | NDArray[np.float64]) -> Declined:
    """Each service is so much of what the person declined."""
    each = np.array(strengths, dtype=np.float32)
    one = SparseRows(np.arange(len(each) + 1), np.zeros(len(each), dtype=np.uint16), each)
    return Declined(one, np.ones(1, dtype=np.float32))


def a_case(person: Person, *services: Service, **changes: Any) -> Case:
    """This person before these services (or the usual one), with nothing declined."""
    catalogue = changes.pop("catalogue", None) or a_catalogue(*services)
    fields: dict[str, Any] = {
        "person": person,
        "columns": Columns(catalogue, read_limits(catalogue)),
        "config": EligibilityConfig(),
        "rows": np.arange(len(catalogue)),
        "declined": declining(np.zeros(len(catalogue))),
    }
    return Case(**{**fields, **changes})


def a_session(**changes: Any) -> Session:
    """Tuesdays from 10 to 12."""
    return Session(**{"day": 1, "start": 10 * 60, "end": 12 * 60, **changes})


def a_unit(concept: str, **changes: Any) -> Unit:
    """A concept wanted in a note."""
    fields: dict[str, Any] = {
        "concept": concept,
        "weight": 0.8,
        "polarity": Polarity.wanted,
        "source": "note",
        "quote": concept,
        "facet": 0,
    }
    return Unit(**{**fields, **changes})


def an_understanding(*units: Unit, **changes: Any) -> Understanding:
    """What was understood: these units and nothing else."""
    fields: dict[str, Any] = {"units": units, "week": None, "said": ()}
    return Understanding(**{**fields, **changes})


def a_profile(taxonomy: Taxonomy, consultation: Consultation, **config: Any) -> Profile:
    """The request of a consultation, read with a taxonomy from understanding to profile."""
    finder = PhraseFinder(taxonomy.labels, "person")
    understood = understand(consultation, finder, taxonomy, UnderstandingConfig())
    return build_profile(consultation, understood, consultation.gender, False, taxonomy, ProfileConfig(**config))


def sparse_rows(dense: Any) -> SparseRows:
    """The entries of a dense matrix that are not 0."""
    rows, columns = np.nonzero(dense)
    starts = np.searchsorted(rows, np.arange(len(dense) + 1))
    return SparseRows(starts, columns.astype(np.uint16), np.asarray(dense)[rows, columns].astype(np.float32))
