"""The words of a note as the screen reads them: common spelling, clause marks as commas, ages of children told."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import chain

from matcher.text import Remembered, normalise

ADULT, SMALL = 18, 12
_TOKEN = re.compile(r"[0-9]+(?:[.,][0-9]+)*|[a-z]+|[,;:()£]")
_BEFORE_NOT = frozenset(
    ("is", "are", "was", "were", "do", "does", "did", "has", "have", "had", "would", "could", "should")
)
_BREAKS = frozenset(",;:()")
_CHILDREN_WORDS = """
    kid kids child children lad lads lass boy boys girl girls son sons daughter daughters grandson grandsons
    granddaughter brother sister bairn bairns niece nephew stepson stepdaughter toddler sib eldest youngest bro
    twins lassie laddie granddaughters teenager teen pupil
"""
_CHILDREN = frozenset(_CHILDREN_WORDS.split())
_PERSON = frozenset(("he", "she", "hes", "shes", "theyre", "theyve", "im", "hers", "his", "age", "aged"))
_BETWEEN = frozenset((",", "and", "is", "are", "of", "aged", "age", "only", "just", "small", "minor"))
_YEARS_OLD = (["years", "old"], ["year", "old"], ["y", "o"])
_UNIT_WORDS = "weeks months times days years week month day hours hour stone pounds percent"
_UNITS = frozenset(_UNIT_WORDS.split())
_NUMBER_WORDS = """
    one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
"""
_AGES = {word: number for number, word in enumerate(_NUMBER_WORDS.split(), start=1)}
_AGES |= {f"{age:0{width}}": age for age in range(1, ADULT) for width in (1, 2, 3)}
"""Ages of children, in letters and digits."""


class Speller:
    """Cuts sentences into words and gives each its common spelling."""

    def __init__(self, spellings: Mapping[str, tuple[str, ...]]) -> None:
        self._spellings = spellings
        self._meant = Remembered(self._look_up)

    def words(self, sentences: Iterable[str]) -> list[list[str]]:
        """The words of each of some sentences of one line; a comma stands for every mark that ends a clause."""
        lines = "\n".join(sentences).replace(" - ", ", ").replace("–", ",").replace("—", ",").replace("...", ", ")
        apart = normalise(lines).replace(", ", " , ").replace(".\n", "\n")
        return [self._in_common_spelling(line.split()) for line in apart.split("\n")]

    def _in_common_spelling(self, pieces: list[str]) -> list[str]:
        words = list(chain.from_iterable(map(self._meant.__getitem__, pieces)))
        if "not" in words:
            words = _contracted(words)
        return words if _AGES.keys().isdisjoint(words) else _with_ages(words)

    def _look_up(self, piece: str) -> tuple[str, ...]:
        """The words of a piece of a sentence without spaces in it: most often one, perhaps with a mark after it."""
        if piece.isascii() and piece.isalpha():
            return self._spellings.get(piece, (piece,))
        return tuple(meant for word in _TOKEN.findall(piece) for meant in self._meaning(word))

    def _meaning(self, word: str) -> tuple[str, ...]:
        if word in _BREAKS:
            return (",",)
        return (word.replace(",", ""),) if word[0].isdigit() else self._spellings.get(word, (word,))


def _contracted(words: list[str]) -> list[str]:
    """Put "didnt" for "did not"."""
    contracted: list[str] = []
    for word in words:
        if word == "not" and contracted and contracted[-1] in _BEFORE_NOT:
            contracted[-1] += "nt"
        else:
            contracted.append(word)
    return contracted


def _with_ages(words: list[str]) -> list[str]:
    """Put "small" (up to 12) or "minor" (13 to 17) in place of a number that is somebody's age."""
    for place, word in enumerate(words):
        if (age := _AGES.get(word)) and _is_age(words, place):
            words[place] = "small" if age <= SMALL else "minor"
    return words


def _is_age(words: list[str], place: int) -> bool:
    before, after = words[:place], words[place + 1 : place + 3]
    if before[-1:] == ["aged"] or after[:1] in (["yo"], ["f"], ["m"]) or after[:2] in _YEARS_OLD:
        return True
    if after and after[0] in _UNITS:
        return False
    near = [word for word in before[-3:] if word not in _BETWEEN]
    if near and near[-1] in _CHILDREN:
        return words[place].isdigit() or not after or after[0] == ","
    if not before:
        return after[:1] == [","]
    return before[-1] in _PERSON and (not after or after[0] in (",", "and", "but", "now"))
