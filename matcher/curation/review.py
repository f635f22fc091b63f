"""What fired in a text and why, in both voices; and which services of a catalogue we know too little about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from matcher.catalogue.columns import CLOSED, Catalogue
from matcher.curation.cells import MAIN_FROM, NO_TOPIC
from matcher.domain import ConceptId, Consultation, ServiceId
from matcher.offers import Decision, OfferReader, OffersConfig, fit_offers
from matcher.phrases import PhraseFinder
from matcher.taxonomy import Taxonomy
from matcher.text import normalise, sentences, words_of
from matcher.understanding import UnderstandingConfig, understand

OFFERED, NOT_OFFERED = "offered", "not offered"


@dataclass(frozen=True, slots=True)
class Fired:
    """One phrase that fired for one concept.

    Attributes:
        voice: ``person`` (read as somebody's words) or ``provider`` (read as a service's).
        words: as they stand in the text, normalised and mended.
        label: the taxonomy's phrase that they are.
        concept: what it means.
        strength: how surely the phrase means it, by the taxonomy.
        meant: a person's polarity (wanted, declined, ...), a provider's "offered" or "not offered".
        weight: what it is worth after all: a person's unit weight; 0 where it is too weak to count.
    """

    voice: str
    words: str
    label: str
    concept: ConceptId
    strength: float
    meant: str
    weight: float


@dataclass(frozen=True, slots=True)
class Review:
    """All that fired in a text, a person's voice first, and the words that were mended (as written, as read)."""

    fired: tuple[Fired, ...]
    mended: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Doubtful:
    """A service about whose main concepts we are not sure. ``doubt`` is 1 less the strength of the strongest."""

    service_id: ServiceId
    name: str
    doubt: float
    main: int
    concepts: Mapping[ConceptId, float]


def review(
    consultation: Consultation, taxonomy: Taxonomy, understanding: UnderstandingConfig, offers: OffersConfig
) -> Review:
    """Read a consultation as a person's words, and its note also as a service's description."""
    finder = PhraseFinder(taxonomy.labels, "person")
    fired = [*_said(consultation, finder, taxonomy, understanding), *_provided(consultation.note, taxonomy, offers)]
    return Review(tuple(fired), _mended(consultation, finder))


def doubtful_services(
    catalogue: Catalogue, taxonomy: Taxonomy, config: OffersConfig, decisions: Mapping[int, Decision] | None = None
) -> list[Doubtful]:
    """All open services, most doubtful first: those without concepts, then those whose strongest one is weak."""
    offers = fit_offers(catalogue, taxonomy, config, decisions)
    found = []
    for row, status in enumerate(catalogue.texts("status")):
        if status in CLOSED or catalogue.duplicate_of[row] >= 0:
            continue
        topics = {c: value for c, value in offers.of(row).items() if taxonomy.by_id[c].kind not in NO_TOPIC}
        doubt = 1 - max(topics.values(), default=0.0)
        main = sum(value >= MAIN_FROM for value in topics.values())
        found.append(Doubtful(catalogue[row].id, catalogue[row].name, round(doubt, 3), main, topics))
    return sorted(found, key=lambda service: (-service.doubt, service.service_id))


def _said(
    consultation: Consultation, finder: PhraseFinder, taxonomy: Taxonomy, config: UnderstandingConfig
) -> Iterator[Fired]:
    everything = config.model_copy(update={"unknown_hint": 0.0})
    for unit in understand(consultation, finder, taxonomy, everything).units:
        label, strength = _label(unit.quote, unit.concept, finder)
        too_weak = unit.source == "note" and unit.weight < config.unknown_hint
        weight = 0.0 if too_weak else unit.weight
        yield Fired("person", unit.quote, label, unit.concept, strength, unit.polarity.value, round(weight, 3))


def _label(words: str, concept: ConceptId, finder: PhraseFinder) -> tuple[str, float]:
    """The taxonomy's phrase behind a unit, and how surely it means its concept."""
    for hit in finder.find(finder.repair(words)):
        for meant, strength in hit.meanings:
            if meant == concept:
                return hit.label, strength
    return words, 0.0


def _provided(text: str, taxonomy: Taxonomy, config: OffersConfig) -> Iterator[Fired]:
    reader = OfferReader(taxonomy, config)
    for sentence in sentences(text):
        fields = {"name": "", "description": sentence, "organization": "", "eligibility": "", "category": ""}
        offered = {(item.concept, item.label): item.strength * item.place for item in reader.evidence(fields)}
        plain = normalise(sentence)
        words = words_of(plain)
        for hit in reader.finder.find(sentence):
            for concept, strength in hit.meanings:
                worth = offered.get((concept, hit.label))
                meant = NOT_OFFERED if worth is None else OFFERED
                written = " ".join(words[hit.first : hit.last])
                yield Fired("provider", written, hit.label, concept, strength, meant, round(worth or 0.0, 3))


def _mended(consultation: Consultation, finder: PhraseFinder) -> tuple[tuple[str, str], ...]:
    texts = [consultation.note, *(need.label for need in consultation.needs), *consultation.interests]
    pairs = [
        (before, after)
        for text in [*texts, *consultation.avoid]
        for before, after in zip(words_of(normalise(text)), words_of(finder.repair(text)), strict=False)
        if before != after
    ]
    return tuple(dict.fromkeys(pairs))
