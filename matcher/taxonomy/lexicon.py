"""The labels of one voice by how they begin, so that a text is compared only with those that it may hold."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pydantic_core import from_json

from matcher.domain import ConceptId
from matcher.taxonomy.concepts import Label
from matcher.text import NEGATIONS, STOP_WORDS, stem, words_of

LONGEST_PHRASE = 8
WEAK = 0.3
"""Single words up to this strength match as they are: no plural of a hint."""
_SECTION = "\n\n"

Entry = tuple[str, str, ConceptId, float, bool]
"""A label: its further steps (separated by spaces), its text, its concept, its strength, whether it is a look-alike."""


@dataclass(frozen=True)
class Lexicon:
    """All labels of one voice.

    Attributes:
        pairs: those of two or more content words, by the stems of the first two ("walk group"); their steps are stems.
        whole: those that match word for word, by their first word; their steps are words.
        vocabulary: every word that occurs in a label, stop words and negations.
        well_spelt: every word of other voices' labels.

    The labels that begin alike are a list, or the JSON of it.
    """

    pairs: Mapping[str, Sequence[Entry] | str]
    whole: Mapping[str, Sequence[Entry] | str]
    vocabulary: frozenset[str]
    well_spelt: frozenset[str]

    @classmethod
    def of(cls, labels: Iterable[Label], voice: str) -> Lexicon:
        """Group labels (those of other voices only tell how words are spelt)."""
        pairs: dict[str, list[Entry]] = {}
        whole: dict[str, list[Entry]] = {}
        vocabulary, well_spelt = set(STOP_WORDS | NEGATIONS), set()
        for label in labels:
            words = words_of(label.text)
            if label.voice not in (voice, "both"):
                well_spelt.update(words)
                continue
            vocabulary.update(words)
            means = (label.text, label.concept, label.strength, label.lookalike)
            content = [word for word in words if word not in STOP_WORDS]
            if len(content) >= 2:
                first, second, *rest = map(stem, content[:LONGEST_PHRASE])
                pairs.setdefault(f"{first} {second}", []).append((" ".join(rest), *means))
                continue
            plurals = _plurals(words[-1]) if len(words) == 1 and label.strength > WEAK else ()
            for first, *rest in (words, *([plural] for plural in plurals)):
                whole.setdefault(first, []).append((" ".join(rest), *means))
        return cls(pairs, whole, frozenset(vocabulary), frozenset(well_spelt))

    def text(self, version: str) -> str:
        """The lexicon as text, with the version of its taxonomy; :func:`read_lexicon` reads it."""
        entries = [
            lines
            for grouped in (self.pairs, self.whole)
            for lines in (grouped, (json.dumps(entries, separators=(",", ":")) for entries in grouped.values()))
        ]
        parts = ([version], sorted(self.vocabulary), sorted(self.well_spelt), *entries)
        content = _SECTION.join("\n".join(lines) for lines in parts)
        return f"{_digest(content)}{_SECTION}{content}"


def read_lexicon(text: str) -> tuple[str, Lexicon]:
    """The version of its taxonomy, and a lexicon, from its text.

    Raises:
        ValueError: it is not as it was written.
    """
    digest, _, content = text.partition(_SECTION)
    if digest != _digest(content):
        raise ValueError("not a whole lexicon")
    version, *parts = content.split(_SECTION)
    vocabulary, well_spelt, *grouped = (part.split("\n") if part else [] for part in parts)
    pairs, whole = (dict(zip(*grouped[at : at + 2], strict=True)) for at in (0, 2))
    return version, Lexicon(pairs, whole, frozenset(vocabulary), frozenset(well_spelt))


def entries_of(grouped: Mapping[str, Sequence[Entry] | str], key: str) -> Sequence[Entry]:
    """The labels that begin with a key of ``pairs`` or ``whole``."""
    entries = grouped.get(key, ())
    found: Sequence[Entry] = from_json(entries) if isinstance(entries, str) else entries
    return found


def _digest(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()


def _plurals(word: str) -> tuple[str, ...]:
    if len(word) <= 2 or not word.isalpha() or f"{word}s" in STOP_WORDS or f"{word}es" in STOP_WORDS:
        return ()
    if word.endswith("y") and word[-2] not in "aeiou":
        return (word[:-1] + "ies",)
    if word.endswith(("s", "x", "z", "ch", "sh")):
        return (word + "es",)
    return (word + "s",)
