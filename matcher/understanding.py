"""What a person says, clause by clause: units with a polarity, and the limits that the words imply.

A unit is one concept in one person's mouth: wanted, declined, already there, over, or somebody else's. The reading is
deliberately plain: a clause, a few cue words before or after the phrase, no grammar.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from matcher.domain import ConceptId, Consultation, Polarity
from matcher.phrases import Hit, PhraseFinder
from matcher.polarity import WANTED, Surroundings, carries, polarity_of
from matcher.taxonomy import Taxonomy
from matcher.text import NEGATIONS, normalise, sentences, tokenise
from matcher.times import WeekGrid, read_times


class UnderstandingConfig(BaseModel):
    """What the source and the wording of a unit are worth."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    need_weights: tuple[float, float, float] = (0.4, 0.7, 1.0)
    """A ticked need of importance 1, 2 and 3."""
    interest: float = 0.6
    """A listed interest."""
    note: float = 0.5
    """A phrase in the note without any cue."""
    note_wanted: float = 0.8
    """A phrase in a clause that says what the person wants, misses or loves."""
    unknown_hint: float = 0.15
    """The weakest hint that still becomes a unit."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One concept as it was said: how much it weighs (0 to 1), how it was meant, where it stood, and the words."""

    concept: ConceptId
    weight: float
    polarity: Polarity
    source: str
    quote: str
    facet: int


@dataclass(frozen=True)
class Understanding:
    """All units of a consultation, and the times the note implies."""

    units: tuple[Unit, ...]
    week: WeekGrid | None
    said: tuple[str, ...]


_HEADER = re.compile(r"^([A-Z][A-Z /]{2,30}):\s*")
_PIECES = re.compile(
    r"\s*(?:[,;:()\[\]]|\s[-–—]\s|(?<!anything )(?<!nothing )\bbut\b|"
    r"\bthough\b|\balthough\b|\bhowever\b|\bwhereas\b)\s*"
)
_ANSWERED = re.compile(r"\?[\"”')]*\s+(?=[\"“'(]*(?:no|nope|nah|never)\b)", re.IGNORECASE)
"""Between a question and its "no"."""


SHORT_PIECE = 4
"""A declining ("no counselling, groups or apps") reaches into following pieces of at most this many words."""
FAINT = 0.3
"""The best hint of a listed entry below which the entry counts as hardly understood."""


def understand(
    consultation: Consultation, finder: PhraseFinder, taxonomy: Taxonomy, config: UnderstandingConfig
) -> Understanding:
    """Read a whole consultation: ticked needs, interests, the note and what to avoid."""
    reader = _NoteReader(finder, taxonomy, config)
    units: list[Unit] = []
    facet = 0
    listed = [(n.label, config.need_weights[n.importance - 1], "need") for n in consultation.needs]
    listed += [(interest, config.interest, "interest") for interest in consultation.interests]
    for text, weight, source in listed:
        units += reader.listed(text, weight, source, facet)
        facet += 1
    units += reader.note(consultation.note, facet)
    for text in consultation.avoid:
        units += [_with(u, polarity=Polarity.declined) for u in reader.listed(text, 1.0, "avoid", -1)]
    return Understanding(
        units=tuple(units),
        week=read_times(consultation.note),
        said=tuple(sorted({unit.concept for unit in units if unit.polarity is Polarity.wanted})),
    )


class _NoteReader:
    """Finds people's phrases in texts and judges how each was meant."""

    def __init__(self, finder: PhraseFinder, taxonomy: Taxonomy, config: UnderstandingConfig) -> None:
        self.finder = finder
        self.taxonomy = taxonomy
        self.config = config

    def listed(self, text: str, weight: float, source: str, facet: int) -> list[Unit]:
        """The units of a short entry ("back into work"); small hints count in full when nothing else is said."""
        tokens = tokenise(self.finder.repair(text), normalised=True)
        hits = self.finder.find(tokens)
        strongest = max(FAINT * 2, *(s for hit in hits for _, s in hit.meanings)) if hits else 1.0
        return [
            Unit(concept, weight * strength / strongest, Polarity.wanted, source, text, facet)
            for hit in hits
            for concept, strength in hit.meanings
        ]

    def note(self, note: str, first_facet: int) -> list[Unit]:
        """The units of a free note, clause by clause."""
        units = []
        for sentence in sentences(_ANSWERED.sub(", ", note)):
            header = _HEADER.match(sentence)
            head = normalise(header[1]) if header else ""
            plain = self.finder.repair(sentence[header.end() :] if header else sentence)
            units += self._sentence(plain, head)
        return [_with(unit, facet=first_facet + place) for place, unit in enumerate(units)]

    def _sentence(self, plain: str, head: str) -> list[Unit]:
        tokens = tokenise(plain, normalised=True)
        pieces = _piece_bounds(plain)
        units: list[Unit] = []
        carried = False
        for place, (start, end) in enumerate(pieces):
            inside = [token for token in tokens if start <= token.start < end]
            piece = plain[start:end]
            following = plain[slice(*pieces[place + 1])] if place + 1 < len(pieces) else ""
            reached = carried and len(inside) <= SHORT_PIECE and not WANTED.search(piece)
            for hit in self.finder.find(inside):
                first, last = inside[hit.first].start, inside[hit.last - 1].end
                own_no = plain[first:last].split()[0] in NEGATIONS  # "not one for talking" denies for itself
                before, after = plain[start:first], plain[last:end]
                around = Surroundings(head, before, after, following, plain[end:], reached and not own_no)
                units += self._units(hit, around, plain[first:last])
            carried = carries(piece, reached)
        return units

    def _units(self, hit: Hit, around: Surroundings, quote: str) -> Iterable[Unit]:
        for concept, strength in hit.meanings:
            polarity = polarity_of(self.taxonomy.by_id[concept].kind, around)
            passing = self.config.note * self.taxonomy.by_id[concept].note_weight
            weight = strength * (self.config.note_wanted if around.wanted else passing)
            if weight >= self.config.unknown_hint or polarity is not Polarity.wanted:
                yield Unit(concept, weight, polarity, "note", quote, 0)


def _piece_bounds(plain: str) -> list[tuple[int, int]]:
    bounds, start = [], 0
    for match in _PIECES.finditer(plain):
        bounds.append((start, match.start()))
        start = match.end()
    bounds.append((start, len(plain)))
    return [(a, b) for a, b in bounds if b > a]


def _with(unit: Unit, *, polarity: Polarity | None = None, facet: int | None = None) -> Unit:
    return Unit(
        unit.concept,
        unit.weight,
        polarity or unit.polarity,
        unit.source,
        unit.quote,
        unit.facet if facet is None else facet,
    )
