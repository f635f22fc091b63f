"""The concepts that providers' texts name, and how: introduced as whom a service is for, or denied."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from matcher.domain import ConceptId
from matcher.phrases import Hit, PhraseFinder
from matcher.taxonomy import Taxonomy
from matcher.text import NEGATIONS, STOP_WORDS, Remembered, normalise, words_of

KEPT_TEXTS = 1 << 16
"""Directories repeat themselves: so many texts are kept as read."""
_NOT_OFFERED = re.compile(
    r"\b(not suitable for|not for|unable to|cannot (?:help|offer|provide)|do not (?:offer|provide|"
    r"do)|dont (?:offer|provide|do)"
    r"|no longer|instead of|rather than|we are not|isnt|is not)\b"
)
_DENYING = NEGATIONS | {"unable", "longer", "instead", "rather"}
"""One of them stands in all that denies, the pattern's words too."""
_WELCOMES = frozenset(("inclusive", "friendly", "welcome", "prioritised", "priority"))
_SINGLES_OUT = frozenset(("for", "led", "only"))


class Mention(NamedTuple):
    """A concept that a text names: by which phrase and how surely, whether it is introduced, whether denied."""

    concept: ConceptId
    label: str
    strength: float
    introduced: bool
    denied: bool


class Mentions:
    """Finds providers' phrases in texts."""

    def __init__(self, taxonomy: Taxonomy, negation_reach: int) -> None:
        self.finder = PhraseFinder(taxonomy.labels, "provider")
        self._reach = negation_reach
        self._known = Remembered(self._read, KEPT_TEXTS)

    def of(self, text: str) -> Sequence[Mention]:
        """Every concept that a text names."""
        return self._known[text]

    def _read(self, text: str) -> Sequence[Mention]:
        words = words_of(normalise(text))
        mentions = []
        for hit in self.finder.find_in_words(words):
            introduced, denied = _introduced(words, hit), _denied(words, hit, self._reach)
            mentions += [Mention(meant, hit.label, strength, introduced, denied) for meant, strength in hit.meanings]
        return mentions


def _introduced(words: Sequence[str], hit: Hit) -> bool:
    """Whether the words around a phrase say that it names who a service is for (and not just who is welcome too)."""
    if not _WELCOMES.isdisjoint(words[hit.last : hit.last + 3]):
        return False
    return not _SINGLES_OUT.isdisjoint(words[max(0, hit.first - 6) : hit.last])


def _denied(words: Sequence[str], hit: Hit, reach: int) -> bool:
    """Whether the words before a phrase say that it is not offered."""
    before = words[max(0, hit.first - reach - 3) : hit.first]
    if _DENYING.isdisjoint(before):
        return False
    content = [word for word in words[max(0, hit.first - reach) : hit.first] if word not in STOP_WORDS]
    if content and content[-1] in NEGATIONS and content[-1] != "without":
        return True
    return _NOT_OFFERED.search(" ".join(before)) is not None
