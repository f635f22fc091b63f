"""The small language of the red-flag patterns, and how a phrase of it is found among the words of a sentence.

A pattern is a phrase a safeguarding lead can read in a spreadsheet. Its elements, separated by spaces:

=============  ==================================================================
``word``       that word (spelling variants of ``spellings.csv`` count as the word)
``word*``      any word that begins so
``a|b``        either; ``_`` joins the words of one alternative (``old_man``)
``{class}``    any word of a class of ``words.csv``
``maybe?``     may be missing
``!a|b``       the next word is none of these
``..``         up to three words between; ``...`` up to seven
``_``          any one word; ``#`` a number
``$``          end of the clause
``a + b``      both, in either order, at most two sentences apart
=============  ==================================================================
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

from matcher.safety.elements import COMMA, NUMBER, AnyWord, ClauseEnd, Element, Gap, NoneOf, OneOf, spans
from matcher.text import Remembered

MAX_GAPS = 3
"""Gaps in one phrase: keeps the work of one phrase on one sentence bounded."""

Span = tuple[int, int]
"""The places of the first word of a stretch and of the word after its last."""
_DENIALS = "no not nor never without nil none denies denied neither isnt doesnt didnt hasnt wasnt havent"
_STOPS = frozenset(_DENIALS.split())
_GAPS = {"..": Gap(3, _STOPS | {COMMA}), "...": Gap(7, _STOPS)}
_ELEMENT = re.compile(r"^(?:\.\.\.?|_|!?[a-z0-9_|*{}$#£]+\??)$")
_STAR_INSIDE = re.compile(r"\*[^_|?]")
_COMMON_WORDS = """
    a an the and or of to in on at for with by from as i me my you it its he she they him her his their them we us
    is are was were be been has have had do does did will would not no never dont doesnt didnt wont cant isnt if
    when so that this up out off down over all any says say said pt wants want get gets got go goes going can could
    one two three just day week back now after who she hes shes im ive about into than then there what how like more
    need needs self himself herself patient mum dad husband wife son daughter family friend friends partner kids child
    children home house flat room bed door phone car money food work works night nights morning today tonight week weeks
    days hours months years year since till until last left right first again still new old own time times help very too
    alone never nothing nobody even only another else way some took take takes made make makes keeps keep lost wont
"""
_COMMON = frozenset(_COMMON_WORDS.split())


@dataclass(frozen=True)
class Phrase:
    """One stretch of words to look for.

    Attributes:
        source: as it stands in the pattern.
        elements: what it is made of, in order.
        required: those of the elements that may not be missing, in order.
    """

    source: str
    elements: tuple[Element, ...]
    required: tuple[OneOf, ...]

    @cached_property
    def anchors(self) -> frozenset[str]:
        """The first words of its rarest element; ``*`` ends a beginning."""
        rarest = min((element.first_words for element in self.required), key=rarity)
        return frozenset(rarest)

    def spans(self, words: list[str]) -> list[Span]:
        """Where it stands in a sentence, none overlapping another."""
        return spans(self.elements, words)


class Language:
    """Turns phrases into their elements."""

    def __init__(self, classes: Mapping[str, str], spellings: Mapping[str, tuple[str, ...]]) -> None:
        self._classes = classes
        self._spellings = spellings
        self._meant = Remembered(self._meaning)
        self._elements = Remembered(self._element)
        self._number = (NUMBER, *self._words(classes.get("number", "one")))

    def phrase(self, source: str) -> Phrase:
        """Translate one phrase; refuses what it does not know.

        Raises:
            ValueError: saying which element is wrong.
        """
        parts = source.split()
        if sum(part in _GAPS for part in parts) > MAX_GAPS:
            raise ValueError(f"more than {MAX_GAPS} gaps in {source!r}")
        elements = tuple(map(self._elements.__getitem__, parts))
        required = tuple(element for element in elements if isinstance(element, OneOf) and element.needed)
        if not required:
            raise ValueError("a phrase needs at least one word that must be there")
        return Phrase(source, elements, required)

    def _element(self, source: str) -> Element:
        if not _ELEMENT.match(source) or _STAR_INSIDE.search(source):
            raise ValueError(f"cannot read {source!r}")
        if source in _GAPS:
            return _GAPS[source]
        if source == "_":
            return AnyWord()
        if source == "$":
            return ClauseEnd()
        if source.startswith("!"):
            return NoneOf(self._words(source[1:]))
        missing, closing = source.endswith("?"), "$" in source.split("|")
        needed = not (missing or closing or NUMBER in source)
        return OneOf(self._words(source.rstrip("?")), missing=missing, closing=closing, needed=needed)

    def _words(self, element: str) -> tuple[str, ...]:
        """The alternatives of an element in common spelling, words of one alternative separated by spaces."""
        if not all(alternatives := element.split("|")):
            raise ValueError(f"an empty alternative in {element!r}")
        return tuple(dict.fromkeys(words for word in alternatives for words in self._meant[word]))

    def _meaning(self, word: str) -> tuple[str, ...]:
        """What one alternative stands for: the words of a class, numbers, nothing (``$``), or itself."""
        if word == "$":
            return ()
        if word == NUMBER:
            return self._number
        if word.startswith("{"):
            if word.strip("{}") not in self._classes:
                raise ValueError(f"there is no word class {word}")
            return self._words(self._classes[word.strip("{}")])
        return (" ".join(meant for part in word.split("_") for meant in self._spellings.get(part, (part,))),)


def rarity(words: Collection[str]) -> tuple[bool, int]:
    """How rare it is that one of some words is said: less is rarer; told by how uncommon and how few they are."""
    return not _COMMON.isdisjoint(word.rstrip("*") for word in words), len(words)
