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

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from operator import itemgetter
from typing import NamedTuple

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

from matcher.domain import ConceptId
from matcher.taxonomy import Label
from matcher.text import NEGATIONS, STOP_WORDS, Remembered, Token, normalise, places_of, stem, words_of

LONGEST_PHRASE = 8
SHORTEST_TYPO = 5
LONGEST_TYPO = 30
LONG_WORD = 9
MOST_SLIPS = 2
MOST_RIVALS = 2
"""With more near words of another initial, a word is taken for one of its own ("towed": owed, rowed, ...)."""
WEAK = 0.3
"""Single words up to this strength match as they are: no plural of a hint."""


class Hit(NamedTuple):
    """A label found in a text: where (token numbers, end exclusive), what it means, and how surely."""

    first: int
    last: int
    label: str
    meanings: tuple[tuple[ConceptId, float], ...]


class _Node:
    """One step of a tree of phrases, word by word."""

    __slots__ = ("children", "label", "meanings", "not_meant")

    def __init__(self) -> None:
        self.children: dict[str, _Node] = {}
        self.meanings: tuple[tuple[ConceptId, float], ...] = ()
        self.not_meant: frozenset[ConceptId] = frozenset()
        self.label = ""

    def grow(self, steps: Iterable[str], label: Label) -> None:
        """Add a phrase that goes on from here by these steps."""
        node = self
        for step in steps:
            child = node.children.get(step)
            if child is None:
                child = node.children[step] = _Node()
            node = child
        node.label = node.label or label.text
        if label.lookalike:
            node.not_meant |= {label.concept}
        else:
            meanings = dict(node.meanings)
            meanings[label.concept] = max(label.strength, meanings.get(label.concept, 0.0))
            node.meanings = tuple(sorted(meanings.items()))


class _Word(NamedTuple):
    """What a word may begin: ``stem`` is empty for a small word, ``following`` are the second stems of phrases."""

    stem: str
    following: Mapping[str, _Node]
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

    def __init__(self, labels: Iterable[Label], voice: str) -> None:
        self._by_first_stem: dict[str, list[Label]] = {}
        self._trees: dict[str, _Node] = {}
        self._whole = _Node()
        self._vocabulary: set[str] = set(STOP_WORDS | NEGATIONS)
        self._well_spelt: set[str] = set()
        self._words = Remembered(self._look_up)
        self._mended = Remembered(self._nearest)
        for label in labels:
            words = words_of(label.text)
            if label.voice in (voice, "both"):
                self._vocabulary.update(words)
                self._add(label, words)
            else:
                self._well_spelt.update(words)

    @property
    def vocabulary(self) -> frozenset[str]:
        """Every word that occurs in a label."""
        return frozenset(self._vocabulary)

    def _add(self, label: Label, words: list[str]) -> None:
        content = [word for word in words if word not in STOP_WORDS]
        if len(content) >= 2:
            self._by_first_stem.setdefault(stem(content[0]), []).append(label)
            return
        self._whole.grow(words, label)
        for plural in _plurals(words[-1]) if len(words) == 1 and label.strength > WEAK else ():
            self._whole.grow([plural], label)

    def _look_up(self, word: str) -> _Word:
        root = "" if word in STOP_WORDS else stem(word)
        following = self._tree(root).children if root in self._by_first_stem else {}
        return _Word(root, following, self._whole.children.get(word))

    def _tree(self, first: str) -> _Node:
        """All phrases that begin with a stem, as a tree: grown when a text has that stem, as most never do."""
        if first not in self._trees:
            tree = _Node()
            for label in self._by_first_stem[first]:
                content = [word for word in words_of(label.text) if word not in STOP_WORDS]
                tree.grow(map(stem, content[1:LONGEST_PHRASE]), label)
            self._trees[first] = tree
        return self._trees[first]

    @cached_property
    def _spellings(self) -> _Spellings:
        return _Spellings(self._vocabulary)

    def find(self, text: str | Sequence[Token]) -> list[Hit]:
        """The labels in a text, none overlapping another, in order; look-alikes have had their effect."""
        words = words_of(normalise(text)) if isinstance(text, str) else [token.word for token in text]
        return self.find_in_words(words)

    def find_in_words(self, words: Sequence[str]) -> list[Hit]:
        """The labels in the words of a normalised text (:func:`words_of`), as :meth:`find` gives them."""
        found = self._matches(words)
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

    def _matches(self, words: Sequence[str]) -> list[_Match]:
        """All phrases in a text, overlapping or not. A phrase of small words, matched whole, is one word long."""
        found: list[_Match] = []
        places, stems, starts = [], [], []
        begun = map(self._words.__getitem__, words)
        for place, ((root, following, whole), after) in enumerate(zip(begun, [*words[1:], ""], strict=False)):
            if whole is not None:
                if whole.label:
                    found.append(_Match(-1, place, whole.label, place + 1, whole))
                if after in whole.children:
                    found += _whole_matches(whole, words, place)
            if root:
                places.append(place)
                stems.append(root)
                starts.append(following)
        stems += ("", "")
        for begin, following in enumerate(starts):
            if stems[begin + 1] in following or stems[begin + 2] in following:
                for end, node in _walk(following, stems, begin + 1):
                    found.append(_Match(begin - end, places[begin], node.label, places[end - 1] + 1, node))
        return found

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
        if word in self._vocabulary or word in self._well_spelt:
            return word
        return self._spellings.nearest(word, MOST_SLIPS if len(word) >= LONG_WORD else 1)


def _plurals(word: str) -> tuple[str, ...]:
    if len(word) <= 2 or not word.isalpha() or f"{word}s" in STOP_WORDS or f"{word}es" in STOP_WORDS:
        return ()
    if word.endswith("y") and word[-2] not in "aeiou":
        return (word[:-1] + "ies",)
    if word.endswith(("s", "x", "z", "ch", "sh")):
        return (word + "es",)
    return (word + "s",)


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


def _walk(following: Mapping[str, _Node], stems: Sequence[str], place: int) -> Iterator[tuple[int, _Node]]:
    """All phrases that go on by these steps: (end place, node). The stems of a text are followed by two empty ones.

    One foreign word may be skipped, not in two-word phrases.
    """
    pending = [(following, place, 1, False)]
    while pending:
        steps, at, length, skipped = pending.pop()
        for place, jumped in ((at, True),) if skipped else ((at, False), (at + 1, True)):
            node = steps.get(stems[place])
            if node is None:
                continue
            if node.label and not (jumped and length == 1):
                yield place + 1, node
            if node.children:
                pending.append((node.children, place + 1, length + 1, jumped))


class _Spellings:
    """The words of the labels, in order of length, to look a misspelt word up in.

    ``letters`` holds a bit for each letter that a word has: one slip changes at most two of them, so that few words are
    left to be compared letter by letter.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self.words = np.array(sorted(words, key=lambda word: (len(word), word)), dtype=object)
        self.initials = np.array([word[0] for word in self.words])
        self.letters = np.array([_letters(word) for word in self.words], dtype=np.uint32)
        self.first_of_length = np.searchsorted(
            [len(word) for word in self.words], np.arange(LONGEST_TYPO + MOST_SLIPS + 2)
        )

    def nearest(self, word: str, slips: int) -> str:
        """The word nearest to this one of those that begin alike, if it is one and has few rivals, else the word."""
        begin, end = self.first_of_length[len(word) - slips], self.first_of_length[len(word) + slips + 1]
        alike = self.initials[begin:end] == word[0]
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
