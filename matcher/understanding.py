"""What a person says, clause by clause: units with a polarity, and the limits that the words imply.

A unit is one concept in one person's mouth: wanted, declined, already there, over, or somebody else's. The reading is
deliberately plain: a clause, a few cue words before or after the phrase, no grammar.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from matcher.domain import ConceptId, Consultation, Polarity
from matcher.phrases import Hit, PhraseFinder
from matcher.taxonomy import Taxonomy
from matcher.text import Token, normalise, sentences, tokenise
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
    """All units of a consultation, the words nobody could place, and the times the note implies."""

    units: tuple[Unit, ...]
    unplaced: tuple[tuple[str, float], ...]
    week: WeekGrid | None
    said: tuple[str, ...]


_WANTED = re.compile(
    r"\b(wants?|wanted|would (?:like|love)|d (?:like|love)|loves?|likes?|misses|missed|miss|keen|"
    r"looking for|hoping|hopes|wishes|"
    r"needs?|priority|what matters|goal|interested in|dreams|fancies|used to|happy to|asked (?:for|"
    r"about)|after some|just wants|"
    r"only wants|enjoys?|enjoyed|mad (?:on|about)|nuts about)\b"
)
_DECLINED = re.compile(
    r"\b(?:(?:dont|doesnt|didnt|wont|wouldnt|does not|do not|did not|will not|would not|not) "
    r"(?:\w+ )?(?:want|wants|wanting|like|fancy|need|go|do|join|try|touch|use|attend|have|be|sit|come|see|take)\b|"
    r"(?:wont|wouldnt|never again|hates?|hated|refus\w+|declin\w+|says no to|no to|no more|"
    r"nothing with|nothing to do with|"
    r"sick of|fed up (?:of|with)|put off|avoids?|steers? clear|not seeking|anything but|rather not|"
    r"allergic to|turned down|nowt wi\w*)\b|"
    r"cant (?:stand|abide|face|bear)\b|not (?:keen|interested|after|into|bothered about|looking|for|"
    r"ready|a|another|any)\b)"
)
_NO = re.compile(
    r"\b(no|not|nor|never|nil|none|isnt|wasnt|arent|aint|hasnt|havent|denies|denied|nowt|without|neither)\b"
)
_FINE_AFTER = re.compile(
    r"\b(?:isnt|is not|not|aint|arent|not really|no longer)(?: (?:the|a|an|my|his|her))? (?:issue|"
    r"trouble|problem|reason|bother|concern|worry|priority)s?\b"
    r"|\b(?:ok|okay|fine|sorted|all right|alright|well controlled|controlled|not a worry|paid up|"
    r"in place|settled|already sorted|no problem|perfect|gone|resolved)\b"
)
_FINE_NEXT = re.compile(
    r"^(?:all |both |is |are |its |thats |now |currently |very |has been )*"
    r"(?:(?:well|stable and well) (?:controlled|managed)|controlled|stable|sorted|in place|in situ|under control|"
    r"not (?:the|an|her|his|my|a) (?:reason|issue|problem|worry|trouble)|no (?:longer|bother))\b"
)
_HAS_ONE = re.compile(r"^\s*(?:yes|in situ|fitted|in place|already)\b")
_NOT_AN_ISSUE = re.compile(
    r"\b(?:not an issue|no issues?|no problems?|no concerns?|no worries|nil concerns?|not the reason)\b"
)
_ALREADY = re.compile(
    r"\b(?:already|got his own|got her own|has (?:his|her|their) own|under (?:the )?(?:gp|cmht|paeds|"
    r"hospital|consultant|team|care)|"
    r"attends|goes to|currently (?:sees|attends|has)|in place|completed|finished|ended|discharged|"
    r"has it|being (?:sorted|dealt)|"
    r"involved|aware|ref made|referred (?:to|last)|seen x\d|x\d|done|on (?:meds|tablets|hrt|sertraline))\b"
)
_OVER = re.compile(
    r"\b(?:gave up|given up|stopped|quit|ex|clean|sober|dry|recovered|in recovery|former|packed in|"
    r"kicked|off the|finished with|free of|got over|\d+ years? (?:clean|sober))\b"
)
_SOMEBODY = re.compile(
    r"\b(?:not (?:mine|hers|his|for me|my)|(?:his|her|their) own (?:counsellor|therapist|gp|worker|"
    r"support)|getting help|own (?:counsellor|therapist))\b"
)
_HEADER = re.compile(r"^([A-Z][A-Z /]{2,30}):\s*")
_PIECES = re.compile(r"\s*(?:[,;:()\[\]]|\s[-–—]\s|\bbut\b|\bthough\b|\balthough\b|\bhowever\b|\bwhereas\b)\s*")


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
    unplaced: list[tuple[str, float]] = []
    facet = 0
    listed = [(n.label, config.need_weights[n.importance - 1], "need") for n in consultation.needs]
    listed += [(interest, config.interest, "interest") for interest in consultation.interests]
    for text, weight, source in listed:
        found = reader.listed(text, weight, source, facet)
        units += found
        if not any(unit.polarity is Polarity.wanted for unit in found):
            unplaced.append((text, weight))
        facet += 1
    units += reader.note(consultation.note, facet)
    for text in consultation.avoid:
        units += [_with(u, polarity=Polarity.declined) for u in reader.listed(text, 1.0, "avoid", -1)]
    return Understanding(
        units=tuple(units),
        unplaced=tuple(unplaced),
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
        for sentence in sentences(note):
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
            hits = self.finder.find(inside)
            piece = plain[start:end]
            reached = carried and len(inside) <= SHORT_PIECE and not _WANTED.search(piece)
            following = plain[slice(*pieces[place + 1])] if place + 1 < len(pieces) else ""
            settled = bool(_FINE_NEXT.search(following) or _SOMEBODY.search(plain[end:]))
            for hit in hits:
                units += self._units(hit, inside, plain, piece, start, head, reached, settled)
            carried = bool(_DECLINED.search(piece)) or reached
        return units

    def _units(
        self,
        hit: Hit,
        tokens: Sequence[Token],
        plain: str,
        piece: str,
        offset: int,
        head: str,
        carried: bool,
        settled: bool,
    ) -> Iterable[Unit]:
        first, last = tokens[hit.first], tokens[hit.last - 1]
        before = piece[: first.start - offset]
        after = piece[last.end - offset :]
        wanted = bool(_WANTED.search(f"{head} {before}")) or "wants" in head or "matters" in head
        quote = plain[first.start : last.end]
        for concept, strength in hit.meanings:
            kind = self.taxonomy.by_id[concept].kind
            polarity = _polarity(kind, before, after, head, carried)
            if settled and polarity is Polarity.wanted and not wanted and kind in ("need", "circumstance"):
                polarity = Polarity.somebody_else if _SOMEBODY.search(plain) else Polarity.over
            passing = self.config.note * self.taxonomy.by_id[concept].note_weight
            weight = strength * (self.config.note_wanted if wanted else passing)
            if weight >= self.config.unknown_hint or polarity is not Polarity.wanted:
                yield Unit(concept, weight, polarity, "note", quote, 0)


def _polarity(kind: str, before: str, after: str, head: str, carried: bool) -> Polarity:
    """How a phrase was meant, from the words around it in its clause."""
    if _NOT_AN_ISSUE.search(head) or _NOT_AN_ISSUE.search(before):
        return Polarity.over
    if "says no" in head or "avoid" in head or _DECLINED.search(before) or (carried and not _WANTED.search(before)):
        return Polarity.declined
    near = " ".join(before.split()[-3:])
    if _NO.search(near):
        return Polarity.over if kind in ("need", "circumstance") else Polarity.declined
    if _SOMEBODY.search(before + after):
        return Polarity.somebody_else
    if _FINE_AFTER.search(after):
        return Polarity.over if kind == "need" else Polarity.already_has
    if kind in ("need", "offer") and _OVER.search(near):
        return Polarity.over
    if kind == "offer" and (_ALREADY.search(before + after) or _HAS_ONE.search(after)):
        return Polarity.already_has
    if kind == "need" and re.search(r"\balready\b|\bgot (?:his|her) own\b", before):
        return Polarity.already_has
    return Polarity.wanted


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
