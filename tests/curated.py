"""A small taxonomy, a choir, and the files of curators: what the tests of curation share."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from matcher.catalogue import Catalogue
from matcher.curation import Kept, content_hash, demand_of, proposals, write_worksheet
from matcher.curation.decisions import COLUMNS as DECISION_COLUMNS
from matcher.domain import Service
from matcher.offers import OffersConfig
from matcher.settings import Settings
from matcher.taxonomy import Taxonomy
from tests.factories import a_service

CONCEPTS = (
    ("loneliness", "Loneliness", "need", "", "t", "", "", ""),
    ("money", "Money, debt; bills", "need", "", "t", "", "", ""),
    ("choir", "Choirs", "offer", "", "t", "", "", ""),
    ("chess", "Chess 2.0", "offer", "", "t", "", "", ""),
    ("veterans", "Veterans", "circumstance", "", "t", "yes", "", ""),
    ("evening", "Evenings", "setting", "", "t", "", "", ""),
    ("shop", "Shop", "decoy", "", "t", "", "", ""),
)
LABELS = (
    ("loneliness", "lonely", "person", "1"),
    ("choir", "choir", "both", "1"),
    ("choir", "singers", "provider", "0.5"),
    ("chess", "chess", "both", "0.8"),
    ("veterans", "veterans", "both", "1"),
    ("evening", "evenings", "both", "1"),
    ("shop", "we sell", "provider", "1"),
)
LINKS = (("loneliness", "choir", "0.6", "company"), ("loneliness", "chess", "0.2", "company"))
WITHOUT_ENCODER = Settings(scorers=("tags", "lexical"))


def choir(**changes: object) -> Service:
    return a_service(**{"id": "a", "name": "Mill Hall", "description": "A choir.", "categories": (), **changes})


def kept(service: Service, **concepts: dict[str, float]) -> Kept:
    return Kept(service.id, service.name, content_hash(service), concepts)


def write_decided(path: Path, *rows: Sequence[str]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([DECISION_COLUMNS, *rows])
    return path


def worksheet_of(path: Path, catalogue: Catalogue, taxonomy: Taxonomy, **change: str) -> Path:
    """A worksheet of a catalogue, with every row changed the same way."""
    found = proposals(catalogue, taxonomy, OffersConfig(), demand_of(taxonomy))
    write_worksheet(found, catalogue, taxonomy, path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows([{**row, **change} for row in rows])
    return path
