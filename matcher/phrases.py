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

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from rapidfuzz import process
from rapidfuzz.distance import OSA

from matcher.domain import ConceptId
from matcher.taxonomy import Label
from matcher.text import NEGATIONS, STOP_WORDS, Token, normalise, stem, tokenise, words_of

LONGEST_PHRASE = 8
SHORTEST_TYPO = 5
LONGEST_TYPO = 30
LONG_WORD = 9
MOST_RIVALS = 2
"""With more near words of another initial, a word is taken for one of its own ("towed": owed, rowed, ...)."""
WEAK = 0.3
"""Single words up to this strength match as they are: no plural of a hint."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A label found in a text: where (token numbers, end exclusive), what it means, and how surely."""

    first: int
    last: int
    label: str
    meanings: tuple[tuple[ConceptId, float], ...]
    not_meant: frozenset[ConceptId] = frozenset()


@dataclass(slots=True)
class _Node:
    """One step of the word tree of all phrases."""

    children: dict[str, _Node] = field(default_factory=dict)
    meanings: dict[ConceptId, float] = field(default_factory=dict)
    not_meant: frozenset[ConceptId] = frozenset()
    label: str = ""


class PhraseFinder:
    """All labels of one voice (``person`` or ``provider``), ready to be found in texts."""

    def __init__(self, labels: Iterable[Label], voice: str) -> None:
        self._by_first_stem: dict[str, list[Label]] = {}
        self._trees: dict[str, _Node] = {}
        self._whole: dict[str, list[tuple[tuple[str, ...], _Node]]] = {}
        self._vocabulary: set[str] = set(STOP_WORDS | NEGATIONS)
        self._well_spelt: set[str] = set()
        whole: dict[tuple[str, ...], _Node] = {}
        for label in labels:
            words = words_of(label.text)
            if label.voice in (voice, "both"):
                self._vocabulary.update(words)
                self._add(label, words, whole)
            else:
                self._well_spelt.update(words)
        for phrase, node in whole.items():
            self._whole.setdefault(phrase[0], []).append((phrase, node))

    @property
    def vocabulary(self) -> frozenset[str]:
        """Every word that occurs in a label."""
        return frozenset(self._vocabulary)

    def _add(self, label: Label, words: list[str], whole: dict[tuple[str, ...], _Node]) -> None:
        content = [word for word in words if word not in STOP_WORDS]
        if len(content) >= 2:
            self._by_first_stem.setdefault(stem(content[0]), []).append(label)
            return
        _remember(whole.setdefault(tuple(words), _Node()), label)
        for plural in _plurals(words[-1]) if len(words) == 1 and label.strength > WEAK else ():
            _remember(whole.setdefault((plural,), _Node()), label)

    def _tree(self, first: str) -> _Node:
        """All phrases that begin with a stem, as a tree: grown when a text has that stem, as most never do."""
        if first not in self._trees:
            self._trees[first] = _grow(self._by_first_stem[first])
        return self._trees[first]

    @cached_property
    def _spellings(self) -> dict[int, dict[str, list[str]]]:
        """The vocabulary by length and first letter."""
        spellings: dict[int, dict[str, list[str]]] = {}
        for word in sorted(self._vocabulary):
            spellings.setdefault(len(word), {}).setdefault(word[0], []).append(word)
        return spellings

    def find(self, text: str | Sequence[Token]) -> list[Hit]:
        """The labels in a text, none overlapping another, in order; look-alikes have had their effect."""
        tokens = tokenise(text) if isinstance(text, str) else text
        found = self._content_hits(tokens) + self._whole_hits(tokens)
        blocks = [hit for hit in found if hit.not_meant]
        found = [meant for hit in found if (meant := _without_blocked(hit, blocks)).meanings]
        found.sort(key=lambda hit: (-_content_length(tokens, hit), hit.first, hit.label))
        taken = bytearray(len(tokens))
        kept = []
        for hit in found:
            if not any(taken[hit.first : hit.last]):
                taken[hit.first : hit.last] = b"\x01" * (hit.last - hit.first)
                kept.append(hit)
        return sorted(kept, key=lambda hit: hit.first)

    def _content_hits(self, tokens: Sequence[Token]) -> list[Hit]:
        places = [i for i, token in enumerate(tokens) if token.word not in STOP_WORDS]
        stems = [tokens[i].stem for i in places]
        hits = []
        for begin, first in enumerate(stems):
            if first in self._by_first_stem:
                for end, node in _walk(self._tree(first), stems, begin + 1):
                    hits.append(_hit(places[begin], places[end - 1] + 1, node))
        return hits

    def _whole_hits(self, tokens: Sequence[Token]) -> list[Hit]:
        hits = []
        for place, token in enumerate(tokens):
            for words, node in self._whole.get(token.word, ()):
                last = place + len(words)
                if len(words) == 1 or tuple(t.word for t in tokens[place:last]) == words:
                    hits.append(_hit(place, last, node))
        return hits

    def repair(self, text: str, known: frozenset[str] = frozenset()) -> str:
        """The normalised text with misspelt words replaced by the vocabulary's, where exactly one is near enough."""
        plain = normalise(text)
        pieces, last = [], 0
        for token in tokenise(plain, normalised=True):
            if token.word not in known:
                better = self._nearest(token.word)
                if better != token.word:
                    pieces += [plain[last : token.start], better]
                    last = token.end
        return "".join([*pieces, plain[last:]])

    def _nearest(self, word: str) -> str:
        """The one vocabulary word within one slip (two in long words) that begins alike, else the word itself."""
        if not SHORTEST_TYPO <= len(word) <= LONGEST_TYPO or not word.isalpha():
            return word
        if word in self._vocabulary or word in self._well_spelt:
            return word
        slips = 2 if len(word) >= LONG_WORD else 1
        sizes = [self._spellings.get(len(word) + more, {}) for more in range(-slips, slips + 1)]
        near = _near(word, [other for size in sizes for other in size.get(word[0], ())], slips)
        nearest = [other for other, distance in near if distance == near[0][1]]
        if len({stem(other) for other in nearest}) != 1:
            return word
        others = [other for size in sizes for first, some in size.items() if first != word[0] for other in some]
        return nearest[0] if len(_near(word, others, near[0][1])) <= MOST_RIVALS else word


def _near(word: str, spellings: Sequence[str], slips: int) -> list[tuple[str, int]]:
    """The spellings within some slips of a word, nearest first, with how many slips each."""
    found = process.extract(word, spellings, scorer=OSA.distance, score_cutoff=slips, limit=None, score_hint=slips)
    return [(other, int(distance)) for other, distance, _ in found]


def _without_blocked(hit: Hit, blocks: Sequence[Hit]) -> Hit:
    """A hit without the concepts that a look-alike around it takes away."""
    gone = {c for block in blocks if block.first <= hit.first and hit.last <= block.last for c in block.not_meant}
    if not gone.intersection(concept for concept, _ in hit.meanings):
        return hit
    return Hit(hit.first, hit.last, hit.label, tuple(m for m in hit.meanings if m[0] not in gone))


def _grow(labels: Iterable[Label]) -> _Node:
    """The tree of phrases that share their first stem, from there on."""
    root = _Node()
    for label in labels:
        node = root
        for word in [word for word in words_of(label.text) if word not in STOP_WORDS][1:LONGEST_PHRASE]:
            node = node.children.setdefault(stem(word), _Node())
        _remember(node, label)
    return root


def _remember(node: _Node, label: Label) -> None:
    node.label = node.label or label.text
    if label.lookalike:
        node.not_meant |= {label.concept}
    else:
        node.meanings[label.concept] = max(label.strength, node.meanings.get(label.concept, 0.0))


def _plurals(word: str) -> tuple[str, ...]:
    if len(word) <= 2 or not word.isalpha() or f"{word}s" in STOP_WORDS or f"{word}es" in STOP_WORDS:
        return ()
    if word.endswith("y") and word[-2] not in "aeiou":
        return (word[:-1] + "ies",)
    if word.endswith(("s", "x", "z", "ch", "sh")):
        return (word + "es",)
    return (word + "s",)


def _walk(node: _Node, stems: Sequence[str], place: int) -> Iterable[tuple[int, _Node]]:
    """All phrases from this node on: (end place, node). One foreign word may be skipped, not in two-word phrases."""
    pending = [(node, place, 1, False)]
    while pending:
        here, at, length, skipped = pending.pop()
        if length >= 2 and here.label and not (skipped and length == 2):
            yield at, here
        if at < len(stems) and (child := here.children.get(stems[at])):
            pending.append((child, at + 1, length + 1, skipped))
        if not skipped and at + 1 < len(stems) and (child := here.children.get(stems[at + 1])):
            pending.append((child, at + 2, length + 1, True))


def _hit(first: int, last: int, node: _Node) -> Hit:
    return Hit(first, last, node.label, tuple(sorted(node.meanings.items())), node.not_meant)


def _content_length(tokens: Sequence[Token], hit: Hit) -> int:
    """How many content words a hit covers; whole phrases of small words count as one."""
    return max(1, sum(token.word not in STOP_WORDS for token in tokens[hit.first : hit.last]))
