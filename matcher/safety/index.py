"""Which of thousands of phrases are worth trying on a sentence, and which of those may complete a rule in a note.

Sets of phrases are kept as the bits of one number: they are united and compared in one step, however many they are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import reduce
from itertools import pairwise
from operator import or_

from matcher.safety.language import Phrase, rarity
from matcher.safety.patterns import Rule
from matcher.text import Remembered

DEPTH = 3
"""How many elements of a phrase are looked for before it is tried."""


class PhraseIndex:
    """Which phrases may stand in a sentence: those for each of whose elements it has a word or a pair of words.

    All phrases are tested at once: what is kept for a word has a bit for each phrase whose first element it may be,
    then one for each whose second it may be, and so on.
    """

    def __init__(self, phrases: Sequence[Phrase]) -> None:
        self._count = len(phrases)
        self._further = [depth * self._count for depth in range(1, DEPTH)]
        self._all = (1 << self._count) - 1
        self._missing = 0
        self._told: dict[str, int] = {}
        for number, phrase in enumerate(phrases):
            self._add(number, phrase)
        self._pairs = {tuple(telling.split(" ")): bits for telling, bits in self._told.items() if " " in telling}
        begun = [telling[:-1] for telling in self._told if telling.endswith("*")]
        self._shortest = min(map(len, begun), default=0)
        self._begun: dict[str, list[str]] = defaultdict(list)
        for beginning in begun:
            self._begun[beginning[: self._shortest]].append(beginning)
        self._of_word = Remembered(self._look_up)
        self._of_word.update((telling, self._look_up(telling)) for telling in self._told if telling.isalnum())

    def _add(self, number: int, phrase: Phrase) -> None:
        rarest_first = sorted(phrase.required, key=lambda element: len(element.alternatives))
        for depth in range(DEPTH):
            bit = 1 << (depth * self._count + number)
            if depth < len(rarest_first):
                for telling in rarest_first[depth].telling:
                    self._told[telling] = self._told.get(telling, 0) | bit
            else:
                self._missing |= bit

    def possible(self, words: Sequence[str]) -> int:
        """The phrases that the words of a sentence allow."""
        found = reduce(or_, map(self._of_word.__getitem__, words), self._missing)
        for pair in self._pairs.keys() & pairwise(words):
            found |= self._pairs[pair]
        for_all = found & self._all
        for places in self._further:
            for_all &= found >> places
        return for_all

    def _look_up(self, word: str) -> int:
        found = self._told.get(word, 0)
        for beginning in self._begun.get(word[: self._shortest], ()):
            if word.startswith(beginning):
                found |= self._told[f"{beginning}*"]
        return found


class RuleIndex:
    """The rules that find something; those of several parts wait under one of them, the rarest."""

    def __init__(self, rules: Iterable[Rule], phrases: Sequence[Phrase]) -> None:
        number = {phrase.source: n for n, phrase in enumerate(phrases)}
        self._waiting: dict[int, list[int]] = defaultdict(list)
        alone: list[int] = []
        for rule in rules:
            parts = [number[source] for source in rule.phrases]
            if len(parts) == 1:
                alone += parts
            else:
                self._waiting[min(parts, key=lambda n: rarity(phrases[n].anchors))].append(bits_of(parts))
        self._alone = bits_of(alone)
        self._awaited = bits_of(self._waiting)

    def within_reach(self, there: int) -> int:
        """The phrases, of those that may be in a note, of rules all of whose parts may be."""
        reached = there & self._alone
        for number in numbers_of(there & self._awaited):
            for parts in self._waiting[number]:
                if parts & there == parts:
                    reached |= parts
        return reached


def bits_of(numbers: Iterable[int]) -> int:
    """A set of numbers as the bits of one."""
    return reduce(or_, (1 << number for number in numbers), 0)


def numbers_of(bits: int) -> list[int]:
    """The numbers of a set kept as bits, in order."""
    numbers = []
    while bits:
        highest = bits.bit_length() - 1
        numbers.append(highest)
        bits ^= 1 << highest
    return numbers[::-1]
