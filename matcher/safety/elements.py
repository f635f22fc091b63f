"""What each element of a phrase finds in the words of a sentence.

An element that begins at some place may end at several: it names all of them, the one to try first before the others.
Nothing is compiled, so that a phrase is ready the moment a note has its words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from typing import Protocol

NUMBER = "#"
COMMA = ","
_NUMBER = re.compile(r"[0-9][0-9.,]{0,12}")
_DIGITS = tuple("0123456789")


class Element(Protocol):
    """One element of a phrase."""

    def ends(self, words: Sequence[str], place: int) -> Iterator[int]:
        """Where it may end, exclusive, when it begins at a place; the first to try comes first."""
        ...


class OneOf:
    """One of some alternatives, each of one or several words; a comma may follow.

    Attributes:
        alternatives: in the order in which they are tried; ``*`` ends the beginning of a word, ``#`` is a number.
        needed: whether nothing else will do in its place: it may not be missing, and is no number or end of a clause.
    """

    def __init__(
        self, alternatives: tuple[str, ...], *, missing: bool = False, closing: bool = False, needed: bool = True
    ) -> None:
        self.alternatives = alternatives
        self.needed = needed
        self._missing = missing
        self._closing = closing

    @cached_property
    def first_words(self) -> list[str]:
        """The first word of each alternative."""
        return [alternative.partition(" ")[0] for alternative in self.alternatives]

    @cached_property
    def telling(self) -> frozenset[str]:
        """What tells that one of the alternatives may be there: of several words, the first two."""
        return frozenset(map(_telling, self.alternatives))

    @cached_property
    def _by_first_word(self) -> dict[str, list[tuple[int, list[str]]]]:
        """The rank of each alternative and its further words, by its first."""
        found: dict[str, list[tuple[int, list[str]]]] = {}
        for rank, alternative in enumerate(self.alternatives):
            first, *rest = alternative.split(" ")
            found.setdefault(first, []).append((rank, rest))
        return found

    @cached_property
    def _not_spelt_out(self) -> list[str]:
        """Those first words that stand for many."""
        return [first for first in self._by_first_word if first == NUMBER or first.endswith("*")]

    @cached_property
    def _beginnings(self) -> tuple[str, ...]:
        """How the words may begin that they stand for."""
        return tuple(b for first in self._not_spelt_out for b in (_DIGITS if first == NUMBER else (first[:-1],)))

    def starts(self, words: Sequence[str]) -> Sequence[int]:
        """The places of a sentence where it may begin."""
        if self._missing or self._closing:
            return range(len(words))
        spelt, begun = self._by_first_word, self._beginnings
        if not begun:
            return [place for place, word in enumerate(words) if word in spelt]
        return [place for place, word in enumerate(words) if word in spelt or word.startswith(begun)]

    def alternative_ends(self, words: Sequence[str], place: int) -> Iterator[int]:
        """Where those of its alternatives end that stand at a place, before any comma."""
        if place == len(words):
            return
        word = words[place]
        found = [*self._by_first_word.get(word, ())]
        if word.startswith(self._beginnings):
            for first in self._not_spelt_out:
                if _NUMBER.fullmatch(word) if first == NUMBER else word.startswith(first[:-1]):
                    found += self._by_first_word[first]
        for _, rest in sorted(found) if len(found) > 1 else found:
            end = place + 1 + len(rest)
            if not rest or (end <= len(words) and all(map(_stands, rest, words[place + 1 : end]))):
                yield end

    def ends(self, words: Sequence[str], place: int) -> Iterator[int]:
        """See :class:`Element`."""
        for end in self.alternative_ends(words, place):
            yield from _with_comma(words, end)
        if self._closing:
            yield from ClauseEnd().ends(words, place)
        if self._missing:
            yield place


class NoneOf:
    """A place where none of some alternatives stands; no word belongs to it."""

    def __init__(self, alternatives: tuple[str, ...]) -> None:
        self._refused = OneOf(alternatives)

    def ends(self, words: Sequence[str], place: int) -> Iterator[int]:
        """See :class:`Element`."""
        if not any(True for _ in self._refused.alternative_ends(words, place)):
            yield place


class AnyWord:
    """Any one word; a comma may follow."""

    def ends(self, words: Sequence[str], place: int) -> Iterator[int]:
        """See :class:`Element`."""
        if place < len(words) and words[place] != COMMA:
            yield from _with_comma(words, place + 1)


class Gap:
    """Up to so many words, as few as possible, none of them one that stops it."""

    def __init__(self, most: int, stops: frozenset[str]) -> None:
        self._most = most
        self._stops = stops

    def ends(self, words: Sequence[str], place: int) -> Iterator[int]:
        """See :class:`Element`."""
        yield place
        for end in range(place, min(place + self._most, len(words))):
            if words[end] in self._stops:
                return
            yield end + 1


class ClauseEnd:
    """The end of a clause; no word belongs to it."""

    def ends(self, words: Sequence[str], place: int) -> Iterator[int]:
        """See :class:`Element`."""
        if place == len(words) or words[place] == COMMA:
            yield place


@lru_cache(maxsize=50_000)
def _telling(alternative: str) -> str:
    first, second = [*alternative.split(" ", 2), ""][:2]
    return f"{first} {second}" if second and "*" not in first + second else first


def _with_comma(words: Sequence[str], end: int) -> Iterator[int]:
    yield end
    if end < len(words) and words[end] == COMMA:
        yield end + 1


def _stands(expected: str, word: str) -> bool:
    return word.startswith(expected[:-1]) if expected.endswith("*") else word == expected
