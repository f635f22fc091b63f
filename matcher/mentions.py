"""The concepts that providers' texts name, and how: introduced as whom a service is for, or denied.

Most sentences of a directory name none. Of many texts read at once, those in which no phrase can begin are told by
arrays of word numbers and read no further.
"""

from __future__ import annotations

import re
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matcher.domain import ConceptId
from matcher.phrases import Hit, PhraseFinder
from matcher.taxonomy import Lexicon, Taxonomy, entries_of, lexicon_of
from matcher.text import NEGATIONS, STOP_WORDS, Remembered, normalise, root, words_of

KEPT_TEXTS = 1 << 16
"""Directories repeat themselves: so many texts are kept as read."""
FEW_TEXTS = 4_000
"""The sieve takes as long to make as so many texts gain by it: a town's directory has fewer."""
_NOT_OFFERED = re.compile(
    r"\b(not suitable for|not for|unable to|cannot (?:help|offer|provide)|do not (?:offer|provide|"
    r"do)|dont (?:offer|provide|do)"
    r"|no longer|instead of|rather than|we are not|isnt|is not)\b"
)
_NOT_OFFERED_WORDS = frozenset(("not", "unable", "cannot", "dont", "longer", "instead", "rather", "isnt"))
"""One of them stands in all that the pattern matches."""
_WELCOMES = frozenset(("inclusive", "friendly", "welcome", "prioritised", "priority"))
_SINGLES_OUT = frozenset(("for", "led", "only"))


class Mention(NamedTuple):
    """A concept that a text names: by which phrase and how surely, whether it is introduced, whether denied."""

    concept: ConceptId
    label: str
    strength: float
    introduced: bool
    denied: bool


Begun = tuple[list[int], list[tuple[int, int]]]
"""Where phrases may begin in a text: see :meth:`matcher.phrases.PhraseFinder.find_from`."""


class Mentions:
    """Finds providers' phrases in texts."""

    def __init__(self, taxonomy: Taxonomy, negation_reach: int) -> None:
        self.finder = PhraseFinder(taxonomy.labels, "provider")
        self._reach = negation_reach
        self._known = Remembered(self._read, KEPT_TEXTS)
        self._taxonomy = taxonomy

    @cached_property
    def _sieve(self) -> Sieve:
        return Sieve(lexicon_of(self._taxonomy.labels, "provider"))

    def of(self, text: str) -> Sequence[Mention]:
        """Every concept that a text names."""
        return self._known[text]

    def read_ahead(self, texts: Iterable[str]) -> None:
        """Read texts that will be asked for; a few are read sooner when they are asked for."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if len(new) < FEW_TEXTS:
            return
        if len(self._known) + len(new) > KEPT_TEXTS:
            self._known.clear()
        words = [words_of(normalise(text)) for text in new]
        begun, find = self._sieve.begun(words), self.finder.find_from
        for place, text in enumerate(new):
            self._known[text] = self._told(words[place], find(words[place], *begun[place])) if place in begun else ()

    def _read(self, text: str) -> Sequence[Mention]:
        words = words_of(normalise(text))
        return self._told(words, self.finder.find_in_words(words))

    def _told(self, words: Sequence[str], hits: Iterable[Hit]) -> Sequence[Mention]:
        return [
            Mention(concept, hit.label, strength, introduced, denied)
            for hit in hits
            for introduced, denied in [(_introduced(words, hit), _denied(words, hit, self._reach))]
            for concept, strength in hit.meanings
        ]


class Sieve:
    """Tells in which of many texts a phrase may begin: two stems that begin one, or a word that is or begins one."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._stems = {"": 0}
        self._words: dict[str, int] = _Numbers(self._number)
        self._stem_of, self._alone = array("q"), array("b")
        pairs = [tuple(map(self._stem_number, pair.split(" "))) for pair in lexicon.pairs]
        self._pairs = _Pairs(np.array(pairs, dtype=np.int64).reshape(-1, 2))
        wholes = [
            (self._words[word], self._words[entry[0].split(" ", 1)[0]])
            for word in lexicon.whole
            for entry in entries_of(lexicon.whole, word)
            if entry[0]
        ]
        self._wholes = _Pairs(np.array(wholes, dtype=np.int64).reshape(-1, 2))

    def _stem_number(self, stem: str) -> int:
        return self._stems.setdefault(stem, len(self._stems))

    def _number(self, word: str) -> int:
        self._stem_of.append(self._stem_number(root(word)))
        self._alone.append(any(not entry[0] for entry in entries_of(self._lexicon.whole, word)))
        return len(self._alone) - 1

    def begun(self, texts: Sequence[Sequence[str]]) -> Mapping[int, Begun]:
        """Where phrases may begin in each text, given by its words; only of the texts in which one may."""
        lengths = np.array([len(text) for text in texts], dtype=np.int64)
        words = np.array(array("q", map(self._words.__getitem__, chain.from_iterable(texts))), dtype=np.int64)
        of_text = np.repeat(np.arange(len(texts)), lengths)
        stems = np.array(self._stem_of)[words]
        content = np.flatnonzero(stems)
        found: defaultdict[int, Begun] = defaultdict(lambda: ([], []))
        alone = np.array(self._alone, dtype=bool)[words]
        alone[_side_by_side(self._wholes, words, of_text, 1)] = True
        places = np.flatnonzero(alone)
        firsts = np.cumsum(lengths) - lengths
        for text, place in zip(of_text[places].tolist(), (places - firsts[of_text[places]]).tolist(), strict=True):
            found[text][0].append(place)
        stems, of_text = stems[content], of_text[content]
        firsts = np.searchsorted(of_text, np.arange(len(texts)))
        for reach in (1, 2):
            places = _side_by_side(self._pairs, stems, of_text, reach)
            for text, place in zip(of_text[places].tolist(), (places - firsts[of_text[places]]).tolist(), strict=True):
                found[text][1].append((place, reach))
        return found


class _Numbers(dict[str, int]):
    def __init__(self, number: Callable[[str], int]) -> None:
        super().__init__()
        self._number = number

    def __missing__(self, word: str) -> int:
        number = self[word] = self._number(word)
        return number


class _Pairs:
    """Pairs of numbers to look others up in."""

    def __init__(self, pairs: NDArray[np.int64]) -> None:
        self._firsts, self._seconds = (np.bincount(side, minlength=1) > 0 for side in pairs.T)
        self._keys = np.unique(pairs[:, 0] << 32 | pairs[:, 1])

    def among(self, first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.int64]:
        """Where two arrays side by side hold one of the pairs."""
        likely = np.flatnonzero(_flagged(self._firsts, first) & _flagged(self._seconds, second))
        keys = first[likely] << 32 | second[likely]
        at = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        return likely[self._keys[at] == keys] if len(self._keys) else likely[:0]


def _flagged(flags: NDArray[np.bool_], numbers: NDArray[np.int64]) -> NDArray[np.bool_]:
    """The flag of each number; false for those beyond the flags."""
    return np.asarray(flags[np.minimum(numbers, len(flags) - 1)] & (numbers < len(flags)))


def _side_by_side(
    pairs: _Pairs, numbers: NDArray[np.int64], of_text: NDArray[np.int64], apart: int
) -> NDArray[np.int64]:
    """The places of numbers that are one of the pairs with the number so far on in the same text."""
    found = pairs.among(numbers[:-apart], numbers[apart:])
    return np.asarray(found[of_text[found] == of_text[found + apart]])


def _introduced(words: Sequence[str], hit: Hit) -> bool:
    """Whether the words around a phrase say that it names who a service is for (and not just who is welcome too)."""
    if not _WELCOMES.isdisjoint(words[hit.last : hit.last + 3]):
        return False
    return not _SINGLES_OUT.isdisjoint(words[max(0, hit.first - 6) : hit.last])


def _denied(words: Sequence[str], hit: Hit, reach: int) -> bool:
    """Whether the words before a phrase say that it is not offered."""
    content = [word for word in words[max(0, hit.first - reach) : hit.first] if word not in STOP_WORDS]
    if content and content[-1] in NEGATIONS and content[-1] != "without":
        return True
    before = words[max(0, hit.first - reach - 3) : hit.first]
    return not _NOT_OFFERED_WORDS.isdisjoint(before) and _NOT_OFFERED.search(" ".join(before)) is not None
