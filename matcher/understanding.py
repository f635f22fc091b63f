"""What a person says, clause by clause: units with a polarity, and the limits that the words imply.

A unit is one concept in one person's mouth: wanted, declined, already there, over, or somebody else's. The reading is
deliberately plain: a clause, a few cue words before or after the phrase, no grammar.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from matcher.domain import ConceptId, Consultation, Polarity
from matcher.phrases import Hit, PhraseFinder
from matcher.polarity import Surroundings, carries, polarity_of, reaches, said
from matcher.taxonomy import Taxonomy
from matcher.text import NEGATIONS, normalise, places_of, sentences, words_of
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


class Unit(NamedTuple):
    """One concept as it was said: how much it weighs (0 to 1), how it was meant, where it stood, and the words."""

    concept: ConceptId
    weight: float
    polarity: Polarity
    source: str
    quote: str
    facet: int


@dataclass(frozen=True)
class Understanding:
    """All units of a consultation, the times the note implies, and the entries that no phrase places.

    Of these, ``not_understood`` were ticked, ``not_avoided`` were to be avoided.
    """

    units: tuple[Unit, ...]
    week: WeekGrid | None
    said: tuple[str, ...]
    not_understood: tuple[str, ...] = ()
    not_avoided: tuple[str, ...] = ()


_HEADER = re.compile(r"^([A-Z][A-Z /]{2,30}):\s*")
_MARKS = re.compile(r"[,;:()\[\]]")
_TURNING_WORDS = ("but", "though", "however", "whereas")
_MARKS_AND_TURNS = re.compile(
    rf"{_MARKS.pattern}|\b(?:(?<!anything )(?<!nothing )but|though|although|however|whereas)\b"
)
_BETWEEN = re.compile(r"\?[\"”')]*\s+(?=[\"“'(]*(?:no|nope|nah|never)\b)|\s+[-–—]{1,2}\s+", re.IGNORECASE)
"""Between a question and its "no"; a dash between two clauses."""
_MAY_BE_BETWEEN = "?-–—"


SHORT_PIECE = 4
"""A declining ("no counselling, groups or apps") reaches into following pieces of at most this many words."""
AROUND = 600
"""So many characters before and after a phrase may say how it was meant; hardly a clause is longer."""
FAINT = 0.3
"""The best hint of a listed entry below which the entry counts as hardly understood."""


def understand(
    consultation: Consultation, finder: PhraseFinder, taxonomy: Taxonomy, config: UnderstandingConfig
) -> Understanding:
    """Read a whole consultation: ticked needs, interests, the note and what to avoid."""
    reader = _NoteReader(finder, taxonomy, config)
    listed = [(n.label, config.need_weights[n.importance - 1], "need") for n in consultation.needs]
    listed += [(interest, config.interest, "interest") for interest in consultation.interests]
    ticked = [(text, reader.listed(text, weight, source, facet)) for facet, (text, weight, source) in enumerate(listed)]
    units = [unit for _, found in ticked for unit in found]
    units += reader.note(consultation.note, len(listed))
    avoided = [(text, reader.listed(text, 1.0, "avoid", -1)) for text in consultation.avoid]
    units += [_declined(unit) for _, found in avoided for unit in found]
    return Understanding(
        units=tuple(units),
        week=read_times(consultation.note),
        said=tuple(sorted({unit.concept for unit in units if unit.polarity is Polarity.wanted})),
        not_understood=tuple(dict.fromkeys(text for text, found in ticked if not found)),
        not_avoided=tuple(dict.fromkeys(text for text, found in avoided if not found)),
    )


class _NoteReader:
    """Finds people's phrases in texts and judges how each was meant."""

    def __init__(self, finder: PhraseFinder, taxonomy: Taxonomy, config: UnderstandingConfig) -> None:
        self.finder = finder
        self.taxonomy = taxonomy
        self.config = config

    def listed(self, text: str, weight: float, source: str, facet: int) -> list[Unit]:
        """The units of a short entry ("back into work"); small hints count in full when nothing else is said."""
        hits = self.finder.find_in_words(self.finder.repaired_words(text))
        strongest = max(FAINT * 2, *(s for hit in hits for _, s in hit.meanings)) if hits else 1.0
        return [
            Unit(concept, weight * strength / strongest, Polarity.wanted, source, text, facet)
            for hit in hits
            for concept, strength in hit.meanings
        ]

    def note(self, note: str, first_facet: int) -> list[Unit]:
        """The units of a free note, clause by clause, each of a facet of its own."""
        units: list[Unit] = []
        text = _BETWEEN.sub(", ", note) if any(map(note.__contains__, _MAY_BE_BETWEEN)) else note
        for sentence in sentences(text):
            header = _HEADER.match(sentence)
            head = normalise(header[1]) if header else ""
            plain = self.finder.repair(sentence[header.end() :] if header else sentence)
            for hit, around, quote in self._hits(plain, head):
                units += self._units(hit, around, quote, first_facet + len(units))
        return units

    def _hits(self, plain: str, head: str) -> Iterator[tuple[Hit, Surroundings, str]]:
        """The phrases of a sentence with what is said around each, and the words it was said in."""
        pieces = _pieces(plain)
        words = [words_of(piece) for piece, _ in pieces]
        found = list(map(self.finder.find_in_words, words))
        if not any(found):
            return
        sentence = said(head, chain.from_iterable(words))
        reached, piece_before = False, ""
        for place, ((piece, end), hits) in enumerate(zip(pieces, found, strict=True)):
            short = len(words[place]) <= SHORT_PIECE
            reached = short and carries(sentence, piece_before, reached) and reaches(sentence, piece)
            piece_before = piece
            if hits:
                following = pieces[place + 1][0] if place + 1 < len(pieces) else ""
                places = places_of(words[place][: hits[-1].last], piece)
                for hit in hits:
                    first, last = places[hit.first][0], places[hit.last - 1][1]
                    quote = piece[first:last]
                    carried_here = reached and quote.split()[0] not in NEGATIONS  # "not one for talking" denies itself
                    before, after = piece[max(0, first - AROUND) : first], piece[last : last + AROUND]
                    rest = plain[end - len(piece) + last :][:AROUND]
                    around = Surroundings(sentence, before, after, following[:AROUND], rest, carried_here)
                    yield hit, around, quote

    def _units(self, hit: Hit, around: Surroundings, quote: str, facet: int) -> Iterator[Unit]:
        wanted = around.wanted
        polarities: dict[str, Polarity] = {}
        for concept, strength in hit.meanings:
            meant = self.taxonomy.by_id[concept]
            if meant.kind not in polarities:
                polarities[meant.kind] = polarity_of(meant.kind, around)
            polarity = polarities[meant.kind]
            weight = strength * (self.config.note_wanted if wanted else self.config.note * meant.note_weight)
            if weight >= self.config.unknown_hint or polarity is not Polarity.wanted:
                yield Unit(concept, weight, polarity, "note", quote, facet)
                facet += 1


def _pieces(plain: str) -> list[tuple[str, int]]:
    """The clauses of a sentence, each with the place where it ends."""
    between = _MARKS_AND_TURNS if any(map(plain.__contains__, _TURNING_WORDS)) else _MARKS
    pieces: list[tuple[str, int]] = []
    start = 0
    for end, after in [*(match.span() for match in between.finditer(plain)), (len(plain), 0)]:
        if piece := plain[start:end].rstrip():
            pieces.append((piece.lstrip(), start + len(piece)))
        start = after
    return pieces


def _declined(unit: Unit) -> Unit:
    return unit._replace(polarity=Polarity.declined)
