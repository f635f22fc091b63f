"""What curators decided about services: kept in a CSV by service id and content hash, and when it still holds.

A decision was made about a text. While an entry says the same, its decision replaces the engine's guess, also after a
new delivery of the directory. Once the text has changed, it is only a proposal again.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from matcher.batch.tables import write_table
from matcher.catalogue.columns import Catalogue
from matcher.curation.cells import ROLES, ConceptNames, Strengths, cell_of, read_cells
from matcher.domain import InputError, Service, ServiceId
from matcher.offers import Decision
from matcher.taxonomy import Taxonomy

COLUMNS = ("service_id", "service", "content_hash", *ROLES)
_log = logging.getLogger(__name__)
SCHEMA = pa.schema([(name, pa.string()) for name in COLUMNS])


@dataclass(frozen=True, slots=True)
class Kept:
    """One decision as it is kept: what was confirmed, by role (``ROLES``), and about which text."""

    service_id: ServiceId
    service: str
    content_hash: str
    concepts: Mapping[str, Strengths]

    def decision(self) -> Decision:
        """What it means for the engine; a group that a service is only for is also what the service is about."""
        strength: dict[str, float] = {}
        for role in ROLES:
            for concept, value in self.concepts.get(role, {}).items():
                strength[concept] = max(value, strength.get(concept, 0.0))
        return Decision(strength, dict(self.concepts.get("only_for", {})))

    def row(self) -> dict[str, str]:
        """It as a row of the file: ids and strengths, so that usual strengths can change without changing decisions."""
        cells = {role: cell_of(self.concepts.get(role, {})) for role in ROLES}
        return {
            "service_id": self.service_id,
            "service": self.service,
            "content_hash": self.content_hash,
            **cells,
        }


@dataclass(frozen=True, slots=True)
class Match:
    """Decisions laid beside a catalogue.

    Attributes:
        by_row: those that hold.
        outdated: per row, those made about an older text of the entry: proposals.
        elsewhere: service ids that the catalogue does not have (any more).
    """

    by_row: Mapping[int, Kept] = field(default_factory=dict)
    outdated: Mapping[int, Kept] = field(default_factory=dict)
    elsewhere: tuple[ServiceId, ...] = ()


def content_hash(service: Service) -> str:
    """What a decision depends on: the entry's name, description, eligibility and organisation.

    The word in front keeps a spreadsheet from taking the digits for a number.
    """
    text = json.dumps([service.name, service.description, service.eligibility, service.organization])
    return f"sha256:{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"


def match_decisions(kept: Iterable[Kept], catalogue: Catalogue) -> Match:
    """Which decisions hold for a catalogue. Ids qualified by their source are found by the feed's own id and text."""
    by_id = {decision.service_id: decision for decision in kept}
    by_row, outdated, found = {}, {}, set()
    for row, (service_id, source) in enumerate(zip(catalogue.texts("id"), catalogue.texts("source"), strict=True)):
        own_id = service_id.removeprefix(f"{source}:")
        decision = by_id.get(service_id) or by_id.get(own_id)
        if decision is None:
            continue
        if decision.content_hash == content_hash(catalogue[row]):
            by_row[row] = decision
        elif decision.service_id == service_id:
            outdated[row] = decision
        else:
            continue
        found.add(decision.service_id)
    return Match(by_row, outdated, tuple(sorted(set(by_id) - found)))


def decided_rows(path: Path | str, catalogue: Catalogue, taxonomy: Taxonomy) -> dict[int, Decision]:
    """The decisions of a file that hold for a catalogue, as ``Engine.fit`` takes them.

    Raises:
        InputError: naming file, line and fault.
    """
    kept = read_decisions(Path(path), taxonomy)
    matched = match_decisions(kept, catalogue)
    level = logging.INFO if matched.by_row or not kept else logging.WARNING
    _log.log(
        level, "%d of %d decisions hold for this directory; matcher curate tells more", len(matched.by_row), len(kept)
    )
    return {row: kept.decision() for row, kept in matched.by_row.items()}


def read_decisions(path: Path, taxonomy: Taxonomy) -> list[Kept]:
    """The decisions of a file, in its order.

    Raises:
        InputError: naming file, line and fault.
    """
    names = ConceptNames(taxonomy)
    found: dict[ServiceId, Kept] = {}
    for where, cells in read_cells(path, COLUMNS):
        if "confirmed" in cells:
            raise InputError(f"{path.name}: is a worksheet; keep what is confirmed in it with matcher curate --merge")
        kept = kept_of(cells, names, where)
        if kept.service_id in found:
            raise InputError(f"{where}: this service is decided twice; keep one row")
        found[kept.service_id] = kept
    return list(found.values())


def write_decisions(kept: Iterable[Kept], path: Path) -> None:
    """Write decisions in the order of service ids, so that two versions of a file can be compared line by line."""
    rows = [decision.row() for decision in sorted(kept, key=lambda decision: decision.service_id)]
    write_table(rows, SCHEMA, path)


def kept_of(cells: Mapping[str, str], names: ConceptNames, where: str) -> Kept:
    """One row of decisions or of a worksheet.

    Raises:
        InputError: naming the place and the fault.
    """
    if not cells["content_hash"].startswith("sha256:"):
        raise InputError(f"{where}: content_hash must be as it was in the worksheet, sha256: and 16 digits")
    concepts = {role: names.read(cells[role], role, where) for role in ROLES}
    if twice := sorted(set(concepts["main"]) & set(concepts["mentioned"])):
        raise InputError(f"{where}: {twice[0]} is both main and mentioned; keep one")
    return Kept(cells["service_id"], cells["service"], cells["content_hash"], concepts)
