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

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from operator import itemgetter
from typing import NamedTuple

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

from matcher.domain import ConceptId
from matcher.taxonomy import Entry, Label, entries_of, lexicon_of
from matcher.text import Remembered, Token, normalise, places_of, root, stem, words_of

SHORTEST_TYPO = 5
LONGEST_TYPO = 30
LONG_WORD = 9
MOST_SLIPS = 2
MOST_RIVALS = 2
"""With more near words of another initial, a word is taken for one of its own ("towed": owed, rowed, ...)."""


class Hit(NamedTuple):
    """A label found in a text: where (token numbers, end exclusive), what it means, and how surely."""

    first: int
    last: int
    label: str
    meanings: tuple[tuple[ConceptId, float], ...]


class _Node:
    """One step of a tree of phrases, word by word."""

    __slots__ = ("children", "label", "meanings", "not_meant")

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self.children: dict[str, _Node] = {}
        self.meanings: tuple[tuple[ConceptId, float], ...] = ()
        self.not_meant: frozenset[ConceptId] = frozenset()
        self.label = ""
        for steps, text, concept, strength, lookalike in entries:
            node = self
            for step in steps.split():
                child = node.children.get(step)
                if child is None:
                    child = node.children[step] = _Node()
                node = child
            node._mean(text, concept, strength, lookalike)

    def _mean(self, text: str, concept: ConceptId, strength: float, lookalike: bool) -> None:
        """A phrase ends here; of several, the first gives its name."""
        self.label = self.label or text
        if lookalike:
            self.not_meant |= {concept}
        else:
            meanings = dict(self.meanings)
            meanings[concept] = max(strength, meanings.get(concept, 0.0))
            self.meanings = tuple(sorted(meanings.items()))


class _Word(NamedTuple):
    """What a word may begin: ``stem`` is empty for a small word, ``whole`` are phrases that match word for word."""

    stem: str
    whole: _Node | None


class _Match(NamedTuple):
    """A phrase found, before overlaps are settled; the longest come first in order."""

    minus_length: int
    first: int
    label: str
    last: int
    node: _Node


_RANK = itemgetter(0, 1, 2)
"""Of a match: the longest first, then the leftmost."""


class PhraseFinder:
    """All labels of one voice (``person`` or ``provider``), ready to be found in texts."""

    def __init__(self, labels: Sequence[Label], voice: str) -> None:
        self._lexicon = lexicon_of(labels, voice)
        self._words = Remembered(self._look_up)
        self._begun = Remembered(self._grow)
        self._mended = Remembered(self._nearest)

    @property
    def vocabulary(self) -> frozenset[str]:
        """Every word that occurs in a label."""
        return self._lexicon.vocabulary

    def _look_up(self, word: str) -> _Word:
        whole = entries_of(self._lexicon.whole, word)
        return _Word(root(word), _Node(whole) if whole else None)

    def _grow(self, pair: str) -> _Node:
        """All phrases that begin with two stems, as a tree: grown when a text has both, as most never do."""
        return _Node(entries_of(self._lexicon.pairs, pair))

    @cached_property
    def _spellings(self) -> _Spellings:
        return _Spellings(self.vocabulary)

    def find(self, text: str | Sequence[Token]) -> list[Hit]:
        """The labels in a text, none overlapping another, in order; look-alikes have had their effect."""
        words = words_of(normalise(text)) if isinstance(text, str) else [token.word for token in text]
        return self.find_in_words(words)

    def find_in_words(self, words: Sequence[str]) -> list[Hit]:
        """The labels in the words of a normalised text (:func:`words_of`), as :meth:`find` gives them."""
        begun = list(map(self._words.__getitem__, words))
        stems = [stem_here for stem_here, _ in begun if stem_here]
        wholes = [place for place, (_, whole) in enumerate(begun) if whole is not None]
        pairs = [
            (begin, reach)
            for reach in (1, 2)
            for begin, pair in enumerate(map(" ".join, zip(stems, stems[reach:], strict=False)))
            if pair in self._lexicon.pairs
        ]
        return self.find_from(words, wholes, pairs) if wholes or pairs else []

    def find_from(self, words: Sequence[str], wholes: Iterable[int], pairs: Iterable[tuple[int, int]]) -> list[Hit]:
        """As :meth:`find_in_words`, told where phrases may begin.

        Args:
            words: of a normalised text.
            wholes: places of words that a phrase that matches word for word begins with.
            pairs: of stems that a phrase begins with: the first one's place among the words that are not small, and
                how many of these further on the second one is, in the order of the latter.
        """
        found = self._matches(words, wholes, pairs)
        if not found:
            return []
        blocks = [match for match in found if match.node.not_meant]
        taken = bytearray(len(words))
        kept = []
        for match in sorted(found, key=_RANK):
            _, first, label, last, node = match
            meanings = _meant(match, blocks) if blocks else node.meanings
            if meanings and 1 not in taken[first:last]:
                taken[first:last] = b"\x01" * (last - first)
                kept.append(Hit(first, last, label, meanings))
        return sorted(kept)

    def _matches(self, words: Sequence[str], wholes: Iterable[int], pairs: Iterable[tuple[int, int]]) -> list[_Match]:
        """All phrases in a text, overlapping or not. A phrase of small words, matched whole, is one word long."""
        found: list[_Match] = []
        for place in wholes:
            whole = self._words[words[place]].whole
            if whole is not None and whole.label:
                found.append(_Match(-1, place, whole.label, place + 1, whole))
            if whole is not None and whole.children and place + 1 < len(words) and words[place + 1] in whole.children:
                found += _whole_matches(whole, words, place)
        if pairs:
            stem_at = [stem_here for stem_here, _ in map(self._words.__getitem__, words)]
            places = [place for place, stem_here in enumerate(stem_at) if stem_here]
            stems = [*filter(None, stem_at), "", ""]
            for begin, reach in pairs:
                node_there = self._begun[f"{stems[begin]} {stems[begin + reach]}"]
                for end, node in _walk(node_there, stems, begin + reach + 1, reach > 1):
                    found.append(_Match(begin - end, places[begin], node.label, places[end - 1] + 1, node))
        return found

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


def _meant(match: _Match, blocks: Iterable[_Match]) -> tuple[tuple[ConceptId, float], ...]:
    """What a phrase means without the concepts that a look-alike around it takes away."""
    around = [block for block in blocks if block.first <= match.first and match.last <= block.last]
    gone = {concept for block in around for concept in block.node.not_meant}
    return tuple(meaning for meaning in match.node.meanings if meaning[0] not in gone)


def _whole_matches(node: _Node, words: Sequence[str], first: int) -> Iterator[_Match]:
    """The phrases of several words, word for word, whose first word leads to this node."""
    for place in range(first + 1, len(words)):
        child = node.children.get(words[place])
        if child is None:
            return
        if child.label:
            yield _Match(-1, first, child.label, place + 1, child)
        node = child


def _walk(node: _Node, stems: Sequence[str], place: int, skipped: bool) -> Iterator[tuple[int, _Node]]:
    """All phrases that go on from a node at a place: (end place, node).

    The stems of a text are followed by two empty ones. One foreign word may be skipped, not in two-word phrases;
    ``skipped`` tells that it was.
    """
    if node.label and not skipped:
        yield place, node
    pending = [(node.children, place, skipped)] if node.children else []
    while pending:
        steps, at, skipped = pending.pop()
        for place, jumped in ((at, True),) if skipped else ((at, False), (at + 1, True)):
            node_there = steps.get(stems[place])
            if node_there is None:
                continue
            if node_there.label:
                yield place + 1, node_there
            if node_there.children:
                pending.append((node_there.children, place + 1, jumped))


class _Spellings:
    """The words of the labels, in order of length, to look a misspelt word up in.

    ``letters`` holds a bit for each letter that a word has: one slip changes at most two of them, so that few words are
    left to be compared letter by letter.
    """

    def __init__(self, words: Iterable[str]) -> None:
        in_order = sorted(words, key=lambda word: (len(word), word))
        self.words = np.array(in_order, dtype=object)
        letters = np.array(in_order)[:, None].view("U1").view(np.uint32)  # one row a word, filled up with zeros
        self.initials = letters[:, 0]
        bits = np.where(letters > 0, np.uint32(1) << letters % np.uint32(32), np.uint32(0))
        self.letters = np.bitwise_or.reduce(bits, axis=1)
        self.first_of_length = np.searchsorted(
            [len(word) for word in in_order], np.arange(LONGEST_TYPO + MOST_SLIPS + 2)
        )

    def nearest(self, word: str, slips: int) -> str:
        """The word nearest to this one of those that begin alike, if it is one and has few rivals, else the word."""
        begin, end = self.first_of_length[len(word) - slips], self.first_of_length[len(word) + slips + 1]
        alike = self.initials[begin:end] == ord(word[0])
        apart = np.bitwise_count(self.letters[begin:end] ^ _letters(word))
        near = _near(word, self.words[begin:end][alike & (apart <= 2 * slips)].tolist(), slips)
        nearest = [other for other, distance in near if distance == near[0][1]]
        if len({stem(other) for other in nearest}) != 1:
            return word
        distance = near[0][1]
        rivals = _near(word, self.words[begin:end][~alike & (apart <= 2 * distance)].tolist(), distance)
        return nearest[0] if len(rivals) <= MOST_RIVALS else word


def _letters(word: str) -> int:
    return sum({1 << (ord(letter) % 32) for letter in word})


def _near(word: str, spellings: Sequence[str], slips: int) -> list[tuple[str, int]]:
    """The spellings within some slips of a word, nearest first, with how many slips each."""
    found = process.extract(word, spellings, scorer=OSA.distance, score_cutoff=slips, limit=None, score_hint=slips)
    return [(other, int(distance)) for other, distance, _ in found]
