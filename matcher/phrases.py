"""Finds the taxonomy's labels in any text, exactly or with a typo.

The rules, each of which earned its place by precision:

* a phrase of two or more content words matches by stems, small words ignored; two words must be adjacent, three or
  more may have one foreign word between them;
* a phrase of one word, or one that shrinks to one word without its small words, matches its surface form or plural;
* the longest phrase wins over shorter ones inside it;
* a misspelt word is mended only where one word of all labels is nearest of those that begin alike;
* a look-alike ("walking bus" is not walking) takes its concept away from every phrase inside it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from functools import cached_property

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

from matcher.phrase_tree import Hit, PhraseTree
from matcher.taxonomy import Label, lexicon_of
from matcher.text import Remembered, Token, normalise, places_of, stem, words_of

__all__ = ["Hit", "PhraseFinder"]

SHORTEST_TYPO = 5
LONGEST_TYPO = 30
LONG_WORD = 9
MOST_SLIPS = 2
MOST_RIVALS = 2
"""With more near words of another initial, a word is taken for one of its own ("towed": owed, rowed, ...)."""


class PhraseFinder:
    """All labels of one voice (``person`` or ``provider``), ready to be found in texts."""

    def __init__(self, labels: Sequence[Label], voice: str) -> None:
        self._lexicon = lexicon_of(labels, voice)
        self._tree = PhraseTree(self._lexicon)
        self._mended = Remembered(self._nearest)

    @property
    def vocabulary(self) -> frozenset[str]:
        """Every word that occurs in a label."""
        return self._lexicon.vocabulary

    @cached_property
    def _spellings(self) -> _Spellings:
        return _Spellings(self.vocabulary)

    def find(self, text: str | Sequence[Token]) -> list[Hit]:
        """The labels in a text, none overlapping another, in order; look-alikes have had their effect."""
        words = words_of(normalise(text)) if isinstance(text, str) else [token.word for token in text]
        return self.find_in_words(words)

    def find_in_words(self, words: Sequence[str]) -> list[Hit]:
        """The labels in the words of a normalised text (:func:`words_of`), as :meth:`find` gives them."""
        return self._tree.find(words)

    def repaired_words(self, text: str) -> list[str]:
        """The words of :meth:`repair`."""
        return list(map(self._mended.__getitem__, words_of(normalise(text))))

    def repair(self, text: str) -> str:
        """The normalised text with misspelt words replaced by the vocabulary's, where exactly one is near enough."""
        plain = normalise(text)
        words = words_of(plain)
        mended = list(map(self._mended.__getitem__, words))
        if mended == words:
            return plain
        pieces, last = [], 0
        for (start, end), better in zip(places_of(words, plain), mended, strict=True):
            pieces += [plain[last:start], better]
            last = end
        return "".join([*pieces, plain[last:]])

    def _nearest(self, word: str) -> str:
        """The one vocabulary word within one slip (two in long words) that begins alike, else the word itself."""
        if not SHORTEST_TYPO <= len(word) <= LONGEST_TYPO or not word.isalpha():
            return word
        if word in self.vocabulary or word in self._lexicon.well_spelt:
            return word
        return self._spellings.nearest(word, MOST_SLIPS if len(word) >= LONG_WORD else 1)


class _Spellings:
    """The words of the labels, in order of first letter and length, to look a misspelt word up in.

    ``letters`` holds a bit for each letter that a word has: one slip changes at most two of them, so that few words are
    left to be compared letter by letter.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self.order = sorted([(word[0], len(word), word) for word in words])
        in_order = [word for _, _, word in self.order]
        self.words = np.array(in_order, dtype=object)
        self.lengths = np.array([length for _, length, _ in self.order])
        letters = np.array(in_order)[:, None].view("U1").view(np.uint32)  # one row a word, filled up with zeros
        self.initials = letters[:, 0].copy()
        bits = np.where(letters > 0, np.uint32(1) << letters % np.uint32(32), np.uint32(0))
        self.letters = np.bitwise_or.reduce(bits, axis=1)

    def nearest(self, word: str, slips: int) -> str:
        """The word nearest to this one of those that begin alike, if it is one and has few rivals, else the word."""
        near = _near(word, self._alike(word, slips), slips)
        if not near:
            return word
        nearest = [other for other, distance in near if distance == near[0][1]]
        if len({stem(other) for other in nearest}) != 1:
            return word
        distance = near[0][1]
        rivals = _near(word, self._rivals(word, distance), distance)
        return nearest[0] if len(rivals) <= MOST_RIVALS else word

    def _alike(self, word: str, slips: int) -> list[str]:
        """Words of the same initial that may be so near."""
        begin = bisect_left(self.order, (word[0], len(word) - slips))
        end = bisect_left(self.order, (word[0], len(word) + slips + 1))
        apart = np.bitwise_count(self.letters[begin:end] ^ _letters(word))
        found: list[str] = self.words[begin:end][apart <= 2 * slips].tolist()
        return found

    def _rivals(self, word: str, slips: int) -> list[str]:
        """Words of another initial that may be so near."""
        near = np.abs(self.lengths - len(word)) <= slips
        near &= self.initials != ord(word[0])
        near &= np.bitwise_count(self.letters ^ _letters(word)) <= 2 * slips
        found: list[str] = self.words[near].tolist()
        return found


def _letters(word: str) -> int:
    return sum({1 << (ord(letter) % 32) for letter in word})


def _near(word: str, spellings: Sequence[str], slips: int) -> list[tuple[str, int]]:
    """The spellings within some slips of a word, nearest first, with how many slips each."""
    found = process.extract(word, spellings, scorer=OSA.distance, score_cutoff=slips, limit=None, score_hint=slips)
    return [(other, int(distance)) for other, distance, _ in found]
