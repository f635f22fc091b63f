"""The words of a note as the screen reads them: common spelling, clause marks as commas, ages of children told."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import chain
from string import ascii_lowercase

from matcher.text import Remembered, normalise

ADULT, SMALL = 18, 12
_TOKEN = re.compile(r"[0-9]+(?:[.,][0-9]+)*|[a-z]+|[,;:()£]")
_BEFORE_NOT = frozenset(
    ("is", "are", "was", "were", "do", "does", "did", "has", "have", "had", "would", "could", "should")
)
_MARK = re.compile(r"[,;:()]")
_NO_LETTER = re.compile(r"[^\x00-\x7f]|[0-9]")
_LETTERS = bytes(code if chr(code) in f"{ascii_lowercase}," else ord(" ") for code in range(256))
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

    def words(self, sentence: str) -> list[str]:
        """The words of one sentence; a comma stands for every mark that ends a clause."""
        plain = normalise(sentence.replace(" - ", ", ").replace("–", ",").replace("—", ",").replace("...", ", "))
        found = _cut(plain)
        words = list(chain.from_iterable(map(self._meant.__getitem__, found)))
        if "not" in found:
            words = _contracted(words)
        return words if _AGES.keys().isdisjoint(words) else _with_ages(words)

    def _look_up(self, word: str) -> tuple[str, ...]:
        if word in _BREAKS:
            return (",",)
        return (word.replace(",", ""),) if word[0].isdigit() else self._spellings.get(word, (word,))


def _cut(plain: str) -> list[str]:
    """Words, numbers and the marks that end a clause; most sentences are of plain letters, which are cut at once."""
    if _NO_LETTER.search(plain):
        return _TOKEN.findall(plain)
    return _MARK.sub(" , ", plain).encode().translate(_LETTERS).decode().split()


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
