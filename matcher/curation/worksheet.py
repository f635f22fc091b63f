"""The worksheet: what the engine takes each service for, with the evidence, most useful to confirm first.

How useful it is to confirm a service:

    sum over its concepts of  4 p (1 - p) x demand   +   (1 - strength of its strongest concept) x typical demand

p is a concept's strength, so the first factor is 1 for a coin's toss and 0 for certainty. The demand for a concept is
how well it answers, by the tag weights, what an average person asks for: of a caseload where one is given, else each
need, interest and circumstance of the taxonomy once. Typical demand is what an average service of the directory meets:
it stands for what we may have missed in an entry about which we know little. Doubt whether something is a shop counts
as doubt about all of it. Closed and duplicate entries are never suggested, so they come last.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from matcher.batch.tables import write_table
from matcher.catalogue.columns import CLOSED, Catalogue
from matcher.curation.cells import MAIN_FROM, NO_TOPIC, ROLES, USUAL, ConceptNames, Strengths, cell_of, read_cells
from matcher.curation.decisions import (
    Kept,
    Match,
    content_hash,
    kept_of,
    read_decisions,
    write_decisions,
)
from matcher.domain import ConceptId, Consultation, InputError
from matcher.offers import Evidence, OfferReader, Offers, OffersConfig, entry_fields, fit_offers
from matcher.phrases import PhraseFinder
from matcher.taxonomy import Taxonomy
from matcher.understanding import UnderstandingConfig, understand

MENTIONED_FROM = 0.15
SETTING_FROM = 0.3
ONLY_FOR_FROM = 0.5
NOT_SUPPORT_FROM = 0.6
"""From which strength the guess is proposed under each role (main: ``MAIN_FROM``)."""
UNDECIDED, DECIDED, OUTDATED = "", "decided", "was decided on an older text"
LONGEST_TEXT = 1_500
MOST_EVIDENCE = 12
COLUMNS = (
    "confirmed",
    "service",
    "organisation",
    "description",
    "who_for",
    *ROLES,
    "evidence",
    "status",
    "usefulness",
    "service_id",
    "content_hash",
)
SCHEMA = pa.schema([(name, pa.string()) for name in COLUMNS])
_YES = ("yes", "y", "x", "true", "1", "ok")
_NO = ("", "no", "n", "false", "0")
Demand = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Proposal:
    """What one service is taken for, to be confirmed: a guess, or a decision made on an older text."""

    row: int
    kept: Kept
    strength: Strengths
    evidence: tuple[Evidence, ...]
    usefulness: float
    status: str = UNDECIDED


def demand_of(taxonomy: Taxonomy, asked: Iterable[Consultation] | None = None) -> Demand:
    """How well each concept, offered, answers what an average person asks for. Shape (concepts,), in [0, 1].

    Args:
        taxonomy: gives the tag weights.
        asked: a caseload; without one each need, interest and circumstance counts once.
    """
    if asked is None:
        kinds = taxonomy.ids_of_kind("need", "interest", "circumstance")
        people: list[Sequence[ConceptId]] = [[concept] for concept in sorted(kinds)]
    else:
        finder, config = PhraseFinder(taxonomy.labels, "person"), UnderstandingConfig()
        people = [understand(consultation, finder, taxonomy, config).said for consultation in asked]
    total = np.zeros(len(taxonomy.concepts))
    for said in people:
        if said:
            total += taxonomy.link_matrix[[taxonomy.index[concept] for concept in said]].max(axis=0)
    return total / max(len(people), 1)


def proposals(
    catalogue: Catalogue, taxonomy: Taxonomy, config: OffersConfig, demand: Demand, matched: Match | None = None
) -> list[Proposal]:
    """One proposal a service, most useful to confirm first; decided services come last.

    Args:
        catalogue: the services.
        taxonomy: concepts and labels.
        config: what each field of an entry is worth.
        demand: see :func:`demand_of`.
        matched: earlier decisions laid beside the catalogue.
    """
    matched = matched or Match()
    offers = fit_offers(catalogue, taxonomy, config)
    reader = OfferReader(taxonomy, config)
    usefulness = _usefulness(catalogue, offers, demand)
    found = [
        _proposal(catalogue, offers, row, tuple(reader.evidence(fields)), float(usefulness[row]), matched)
        for row, fields in enumerate(entry_fields(catalogue))
    ]
    return sorted(found, key=lambda p: (p.status == DECIDED, p.status != OUTDATED, -p.usefulness, p.kept.service_id))


def _proposal(
    catalogue: Catalogue,
    offers: Offers,
    row: int,
    evidence: tuple[Evidence, ...],
    usefulness: float,
    matched: Match,
) -> Proposal:
    service = catalogue[row]
    decided = matched.by_row.get(row) or matched.outdated.get(row)
    strength = offers.of(row)
    concepts = decided.concepts if decided else _roles(strength, offers.groups(row), offers.taxonomy)
    status = DECIDED if row in matched.by_row else OUTDATED if row in matched.outdated else UNDECIDED
    kept = Kept(service.id, service.name, content_hash(service), concepts)
    return Proposal(row, kept, strength, evidence, round(usefulness, 4), status)


def _roles(strength: Strengths, groups: Strengths, taxonomy: Taxonomy) -> dict[str, dict[ConceptId, float]]:
    """The guess, sorted into the columns of the worksheet; each concept with the usual strength of its role."""
    found: dict[str, dict[ConceptId, float]] = {role: {} for role in ROLES}
    for concept, value in strength.items():
        kind = taxonomy.by_id[concept].kind
        if kind == "setting":
            role, least = "setting", SETTING_FROM
        elif kind == "decoy":
            role, least = "not_support", NOT_SUPPORT_FROM
        else:
            role, least = ("main", MAIN_FROM) if value >= MAIN_FROM else ("mentioned", MENTIONED_FROM)
        if value >= least:
            found[role][concept] = USUAL[role]
    found["only_for"] = {group: USUAL["only_for"] for group, value in groups.items() if value >= ONLY_FOR_FROM}
    return found


def _usefulness(catalogue: Catalogue, offers: Offers, demand: Demand) -> Demand:
    """See the head of this module. Shape (services,)."""
    kinds = np.array([concept.kind for concept in offers.taxonomy.concepts])
    strength = np.asarray(offers.strength.toarray(len(offers.taxonomy.concepts)), dtype=np.float64)
    is_topic = ~np.isin(kinds, NO_TOPIC)
    topics, decoys, wanted = strength[:, is_topic], strength[:, kinds == "decoy"], demand[is_topic]
    typical = float((topics @ wanted).mean()) if len(catalogue) else 0.0
    doubt = 1 - topics.max(axis=1, initial=0.0) + _tossup(decoys.max(axis=1, initial=0.0))
    can_be_shown = (catalogue.duplicate_of < 0) & ~np.isin(catalogue.texts("status"), CLOSED)
    return np.asarray((_tossup(topics) @ wanted + doubt * typical) * can_be_shown)


def _tossup(chance: Demand) -> Demand:
    return 4 * chance * (1 - chance)


def write_worksheet(found: Iterable[Proposal], catalogue: Catalogue, taxonomy: Taxonomy, path: Path) -> int:
    """Write proposals for a spreadsheet; returns the number of rows. No cell can start a formula."""
    names = ConceptNames(taxonomy)
    rows = [_worksheet_row(proposal, catalogue, names) for proposal in found]
    write_table(rows, SCHEMA, path, encoding="utf-8-sig")
    return len(rows)


def _worksheet_row(proposal: Proposal, catalogue: Catalogue, names: ConceptNames) -> dict[str, str]:
    service = catalogue[proposal.row]
    return {
        "confirmed": "",
        "service": service.name,
        "organisation": service.organization,
        "description": _cut(service.description),
        "who_for": _cut(service.eligibility),
        **{role: cell_of(proposal.kept.concepts.get(role, {}), names, role) for role in ROLES},
        "evidence": evidence_text(proposal, names),
        "status": proposal.status,
        "usefulness": f"{proposal.usefulness:.3f}",
        "service_id": service.id,
        "content_hash": proposal.kept.content_hash,
    }


def evidence_text(proposal: Proposal, names: ConceptNames) -> str:
    """Why: each concept with its strength, and the phrases found, each with the field in which it stands."""
    phrases: dict[ConceptId, list[str]] = {}
    for item in sorted(proposal.evidence, key=lambda e: (-e.strength * e.place, e.label)):
        phrases.setdefault(item.concept, []).append(f'"{item.label}" ({item.field})')
    strongest = [concept for concept in proposal.strength if concept in phrases][:MOST_EVIDENCE]
    return "; ".join(f"{names.label(c)} {proposal.strength[c]:.2f}: {', '.join(phrases[c])}" for c in strongest)


def merge_worksheet(worksheet: Path, decisions: Path, taxonomy: Taxonomy) -> tuple[int, int]:
    """Keep the confirmed rows of a worksheet; a later decision about a service replaces an earlier one.

    Args:
        worksheet: as :func:`write_worksheet` made it, some rows confirmed and perhaps changed.
        decisions: the file to keep decisions in; made when it does not exist.
        taxonomy: the concepts that may be named.

    Returns:
        How many decisions came in, and how many the file holds now.

    Raises:
        InputError: naming file, line and fault; nothing is written then.
    """
    names = ConceptNames(taxonomy)
    kept = {k.service_id: k for k in read_decisions(decisions, taxonomy)} if decisions.exists() else {}
    confirmed: dict[str, Kept] = {}
    for where, cells in read_cells(worksheet, ("confirmed", "service_id", "service", "content_hash", *ROLES)):
        if _is_confirmed(cells, where):
            if cells["service_id"] in confirmed:
                raise InputError(f"{where}: this service is confirmed twice; keep one row")
            confirmed[cells["service_id"]] = kept_of(cells, names, where)
    if not confirmed:
        raise InputError(f"{worksheet.name}: no row is confirmed yet; write yes in the column confirmed")
    kept |= confirmed
    write_decisions(kept.values(), decisions)
    return len(confirmed), len(kept)


def _is_confirmed(cells: Mapping[str, str], where: str) -> bool:
    answer = cells["confirmed"].casefold()
    if answer not in (*_YES, *_NO):
        raise InputError(f"{where}: confirmed must be yes, or empty for not yet")
    return answer in _YES


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}…"
