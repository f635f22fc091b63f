"""Which of thousands of phrases are worth trying on a sentence, and which of those may complete a rule in a note.

Sets of phrases are kept as the bits of one number: they are united and compared in one step, however many they are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from itertools import pairwise
from operator import and_, or_

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
        self._places: dict[str, list[int]] = defaultdict(list)
        missing: list[int] = []
        for number, phrase in enumerate(phrases):
            rarest_first = sorted(phrase.required, key=lambda element: len(element.alternatives))
            for depth in range(DEPTH):
                place = depth * self._count + number
                if depth >= len(rarest_first):
                    missing.append(place)
                    continue
                for telling in rarest_first[depth].telling:
                    self._places[telling].append(place)
        self._missing = bits_of(missing)
        self._longest = max((len(telling) for telling in self._places if telling.endswith("*")), default=0)
        self._first_of_two = frozenset(telling.split(" ")[0] for telling in self._places if " " in telling)
        self._of_word = Remembered(self._look_up)

    def possible(self, words: Sequence[str]) -> int:
        """The phrases that the words of a sentence allow."""
        found = reduce(or_, map(self._of_word.__getitem__, words), self._missing)
        for first, second in pairwise(words):
            if first in self._first_of_two and (pair := f"{first} {second}") in self._places:
                found |= self._of_word[pair]
        for_each = (found >> (depth * self._count) for depth in range(DEPTH))
        return reduce(and_, for_each) & ((1 << self._count) - 1)

    def _look_up(self, telling: str) -> int:
        beginnings = (f"{telling[:length]}*" for length in range(1, min(len(telling) + 1, self._longest)))
        return bits_of(place for entry in (telling, *beginnings) for place in self._places.get(entry, ()))


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


def numbers_of(bits: int) -> Iterator[int]:
    """The numbers of a set kept as bits, in order."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest
