"""The words of a note as the screen reads them: common spelling, clause marks as commas, ages of children told."""

from __future__ import annotations

import re
from collections.abc import Mapping

from matcher.text import normalise

ADULT, SMALL = 18, 12
_TOKEN = re.compile(r"[0-9]+(?:[.,][0-9]+)*|[a-z]+|[,;:()£]")
_NOT = re.compile(r"^(?:is|are|was|were|do|does|did|has|have|had|would|could|should)$")
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
_NUMBERS = {word: number for number, word in enumerate(_NUMBER_WORDS.split(), start=1)}


def tokens(sentence: str, spellings: Mapping[str, tuple[str, ...]]) -> list[str]:
    """The words of one sentence in their common spelling; a comma stands for every mark that ends a clause."""
    plain = normalise(sentence.replace(" - ", ", ").replace("–", ",").replace("—", ",").replace("...", ", "))
    words: list[str] = []
    for found in _TOKEN.findall(plain):
        if found in _BREAKS:
            words.append(",")
        elif found[0].isdigit():
            words.append(found.replace(",", ""))
        elif found == "not" and words and _NOT.match(words[-1]):
            words[-1] += "nt"
        else:
            words.extend(spellings.get(found, (found,)))
    return _with_ages(words)


def _with_ages(words: list[str]) -> list[str]:
    """Put "small" (up to 12) or "minor" (13 to 17) in place of a number that is somebody's age."""
    for place, word in enumerate(words):
        age = _number(word)
        if 0 < age < ADULT and _is_age(words, place):
            words[place] = "small" if age <= SMALL else "minor"
    return words


def _number(word: str) -> int:
    return int(word) if word.isdigit() and len(word) < 4 else _NUMBERS.get(word, 0)


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
