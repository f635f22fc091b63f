"""What a service is: the concepts it offers (main or only mentioned), the group it serves, its setting.

Read once, when a catalogue is fitted, from the service's own words; a curator's decision outranks the guess. The result
is one sparse matrix, services by concepts, with strengths in [0, 1].
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from matcher.catalogue.columns import Catalogue
from matcher.domain import ConceptId
from matcher.mentions import Mentions
from matcher.processes import EVERY_CORE, Spread, in_order
from matcher.sparse import GrowingRows, SparseRows, joined
from matcher.taxonomy import Taxonomy
from matcher.text import sentences


class OffersConfig(BaseModel):
    """How much each place in an entry says about what a service is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: float = 1.0
    """A phrase in the service's name."""
    opening: float = 0.9
    """A phrase in the first sentences of the description."""
    later: float = 0.65
    """A phrase further down, where side activities are listed."""
    category: float = 0.55
    """A directory's own category: helpful, often missing, sometimes wrong."""
    organization: float = 0.3
    """The organisation's name."""
    eligibility: float = 0.6
    """The text that says who may come."""
    opening_words: int = 40
    """How many words of the description count as its opening."""
    mention_floor: float = 0.3
    """What is left of a strength when a concept is one among very many (a hub's list of activities)."""
    main_share: float = 0.4
    """The share of all evidence from which a concept counts as a main one in full."""
    negation_reach: int = 4
    """How many words before a phrase a negation denies it ("gardens no longer undertaken")."""
    decoy_evidence: float = 0.55
    """How far one phrase makes an entry a shop, a lender or a vacancy: one is not enough, two nearly are."""
    dedicated_name: float = 0.9
    dedicated_eligibility: float = 1.0
    dedicated_category: float = 0.5
    dedicated_organization: float = 0.4
    dedicated_opening: float = 0.3
    """What a phrase in each place says about whom a service is only for ..."""
    dedicated_for: float = 0.7
    """... and in the opening after "for", "led by" and the like."""
    most_groups: int = 3
    """A service that names more groups than this in its opening is open to many."""


BODIES = frozenset({"grant_making", "private_club_licence"})
"""Decoys that registers of charities are full of: a line in a register says all there is, so one phrase is enough."""
SHORT_ENTRY = 30
"""A description of fewer words is a line in a register."""


@dataclass(frozen=True, eq=False)
class Offers:
    """What every service of a catalogue is.

    Attributes:
        strength: services x concepts, in [0, 1]; mentions in passing are weak.
        dedication: services x concepts: how surely a service is only for people of whom a concept is true.
        taxonomy: gives the columns their meaning (``taxonomy.index``).
        decided: twelve hex digits of the decisions that replaced guesses; empty where there are none.
    """

    strength: SparseRows
    dedication: SparseRows
    taxonomy: Taxonomy
    decided: str = ""

    def of(self, row: int) -> dict[ConceptId, float]:
        """The concepts of one service with their strengths, strongest first."""
        return self._row(self.strength, row)

    def groups(self, row: int) -> dict[ConceptId, float]:
        """Whom only one service is for and how surely, surest first."""
        return self._row(self.dedication, row)

    def column(self, concept: ConceptId) -> NDArray[np.float32]:
        """The strength of one concept in every service. Shape (services,)."""
        named = self.strength.columns == self.taxonomy.index[concept]
        column = np.zeros(len(self.strength), dtype=np.float32)
        column[self.strength.entry_rows[named]] = self.strength.values[named]
        return column

    def strongest(self) -> NDArray[np.float32]:
        """The greatest strength of each concept in any service. Shape (concepts,)."""
        greatest = np.zeros(len(self.taxonomy.concepts), dtype=np.float32)
        np.maximum.at(greatest, self.strength.columns, self.strength.values)
        return greatest

    def _row(self, matrix: SparseRows, row: int) -> dict[ConceptId, float]:
        pairs = zip(*(part.tolist() for part in matrix.row(row)), strict=True)
        found = {self.taxonomy.concepts[place].id: value for place, value in pairs}
        return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


@dataclass(frozen=True, slots=True)
class Decision:
    """What a curator confirmed about one service: all of it replaces the guess, what is left out is denied.

    Attributes:
        strength: what it offers and how it is run, in (0, 1].
        dedication: for whom only it is, in (0, 1].
    """

    strength: Mapping[ConceptId, float]
    dedication: Mapping[ConceptId, float]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a concept was given to a service: the phrase, its strength, the field it stands in and what that is worth."""

    concept: ConceptId
    label: str
    field: str
    strength: float
    place: float
    introduced: bool


def fit_offers(
    catalogue: Catalogue,
    taxonomy: Taxonomy,
    config: OffersConfig,
    decisions: Mapping[int, Decision] | None = None,
    spread: Spread = EVERY_CORE,
) -> Offers:
    """Read every service of a catalogue.

    Args:
        catalogue: the services.
        taxonomy: concepts and labels.
        config: what each field is worth.
        decisions: per row, what a curator confirmed; it replaces the guess.
        spread: how many processes read, and from how many services on.
    """
    decided = decisions or {}
    read = partial(_read, OfferReader(taxonomy, config), catalogue, decided)
    parts = list(in_order(read, spread.spans(len(catalogue)), spread))
    offered, groups = (joined([part[kind] for part in parts]) for kind in range(2))
    return Offers(offered, groups, taxonomy, fingerprint_of(decided))


def _read(
    reader: OfferReader, catalogue: Catalogue, decided: Mapping[int, Decision], span: tuple[int, int]
) -> tuple[SparseRows, SparseRows]:
    """What some services offer, and for whom only they are."""
    taxonomy, offered, groups = reader.taxonomy, GrowingRows(), GrowingRows()
    for row, fields in enumerate(entry_fields(catalogue, span), start=span[0]):
        if decision := decided.get(row):
            offered.add(_entries(decision.strength, taxonomy))
            groups.add(_entries(decision.dedication, taxonomy))
        else:
            evidence = reader.evidence(fields)
            offered.add(_entries(_focused(evidence, taxonomy, reader.config), taxonomy))
            groups.add(_entries(reader.dedication(evidence), taxonomy))
    return offered.done(), groups.done()


def fingerprint_of(decisions: Mapping[int, Decision]) -> str:
    """Twelve hex digits of what was decided about which rows; empty for no decision at all."""
    digest = hashlib.sha256()
    for row, decision in sorted(decisions.items()):
        digest.update(repr((row, sorted(decision.strength.items()), sorted(decision.dedication.items()))).encode())
    return digest.hexdigest()[:12] if decisions else ""


def _independent(evidence: Iterable[Evidence]) -> dict[ConceptId, float]:
    """Concept strengths of one entry: several hints of one concept add up as independent evidence."""
    missing: dict[ConceptId, float] = {}
    for item in evidence:
        missing[item.concept] = missing.get(item.concept, 1.0) * (1.0 - min(item.strength * item.place, 0.99))
    return {concept: 1.0 - rest for concept, rest in missing.items()}


def entry_fields(catalogue: Catalogue, span: tuple[int, int] | None = None) -> Iterable[dict[str, str]]:
    """The texts of entries in which :class:`OfferReader` looks for phrases, by field, in row order.

    Of every entry, or of those in a span of rows.
    """
    columns = [catalogue.texts(name, span) for name in ("name", "description", "organization", "eligibility")]
    for name, description, organization, eligibility, categories in zip(
        *columns, catalogue.text_lists("categories", span), strict=True
    ):
        yield {
            "name": name,
            "description": description,
            "organization": "" if organization == name else organization,
            "eligibility": eligibility,
            "category": " ; ".join(categories),
        }


class OfferReader:
    """Finds providers' phrases in the fields of one entry."""

    def __init__(self, taxonomy: Taxonomy, config: OffersConfig) -> None:
        self.taxonomy = taxonomy
        self.config = config
        self._mentions = Mentions(taxonomy, config.negation_reach)
        self.finder = self._mentions.finder

    def dedication(self, evidence: Sequence[Evidence]) -> dict[ConceptId, float]:
        """For whom only a service is: groups and conditions named where entries say whom they are for."""
        named = [e for e in evidence if e.field != "later" and self.taxonomy.by_id[e.concept].dedicated]
        many = len({e.concept for e in named if e.field == "opening"}) > self.config.most_groups
        worth = []
        for item in named:
            place = getattr(self.config, f"dedicated_{item.field}")
            if item.field == "opening":
                place = 0.0 if many else self.config.dedicated_for if item.introduced else place
            worth.append(Evidence(item.concept, item.label, item.field, item.strength, place, item.introduced))
        return _independent(worth)

    def evidence(self, fields: Mapping[str, str]) -> list[Evidence]:
        """Every phrase that fired in an entry; the same phrase twice in a field counts once."""
        found: dict[tuple[ConceptId, str, str], Evidence] = {}
        register_entry = fields["description"].count(" ") < SHORT_ENTRY
        for field, text, weight in self._pieces(fields):
            for concept, label, strength, introduced, denied in self._mentions.of(text):
                if (concept, label, field) in found or (denied and field != "name"):
                    continue
                surely = concept in BODIES and (field == "name" or register_entry)
                decoy = self.taxonomy.by_id[concept].kind == "decoy" and not surely
                worth = weight * self.config.decoy_evidence if decoy else weight
                found[concept, label, field] = Evidence(concept, label, field, strength, worth, introduced)
        return list(found.values())

    def _pieces(self, fields: Mapping[str, str]) -> list[tuple[str, str, float]]:
        config = self.config
        pieces = [("name", fields["name"], config.name)]
        words = 0
        for sentence in sentences(fields["description"]):
            opening = words < config.opening_words
            pieces.append(("opening" if opening else "later", sentence, config.opening if opening else config.later))
            words += sentence.count(" ") + 1
        pieces += [(name, fields[name], getattr(config, name)) for name in ("category", "organization", "eligibility")]
        return [piece for piece in pieces if piece[1]]


def _focused(evidence: Sequence[Evidence], taxonomy: Taxonomy, config: OffersConfig) -> dict[ConceptId, float]:
    """Strengths after asking how large a part of the entry each concept is; what the name says is main."""
    found = _independent(evidence)
    in_name = _independent(e for e in evidence if e.field == "name")
    whole = sum(v for c, v in found.items() if taxonomy.by_id[c].kind not in ("setting", "decoy"))
    focused = {}
    for concept, strength in found.items():
        if taxonomy.by_id[concept].kind in ("setting", "decoy"):
            focused[concept] = strength
        else:
            share = max(min(1.0, strength / whole / config.main_share), in_name.get(concept, 0.0))
            focused[concept] = strength * (config.mention_floor + (1 - config.mention_floor) * share)
    return focused


def _entries(row: Mapping[ConceptId, float], taxonomy: Taxonomy) -> list[tuple[int, float]]:
    return sorted((taxonomy.index[concept], value) for concept, value in row.items() if value > 0)
