"""The small language of the red-flag patterns, and how a phrase of it becomes a regular expression.

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

Phrases become regular expressions without nested unbounded repetition, and are compiled only when a note
has the words that they need.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

MAX_GAPS = 3
"""Gaps in one phrase: keeps the work of one phrase on one sentence bounded."""

_DENIALS = "no|not|nor|never|without|nil|none|denies|denied|neither|isnt|doesnt|didnt|hasnt|wasnt|havent"
_GAPS = {
    "..": f"(?:(?!(?:{_DENIALS}|,) )[^ ]+ ){{0,3}}?",
    "...": f"(?:(?!(?:{_DENIALS}) )[^ ]+ ){{0,7}}?",
}
_CLAUSE_END = "(?=, |$)"
_DIGITS = "[0-9][0-9.,]{0,12}"
_ELEMENT = re.compile(r"^(?:\.\.\.?|_|!?[a-z0-9_|*{}$#£]+\??)$")
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
        expression: the regular expression that it became.
        anchors: the first words of its rarest element; ``*`` ends a beginning.
        required: for each element that may not be missing, the words, beginnings (``word*``) and pairs of words
            (``two words``) of which one must be there.
    """

    source: str
    expression: str
    anchors: frozenset[str]
    required: tuple[frozenset[str], ...]

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """The compiled expression, made on first use: most phrases are never tried on most notes."""
        return re.compile(self.expression)


class Language:
    """Turns a phrase into an expression over ``" word word , word "``."""

    def __init__(self, classes: Mapping[str, str], spellings: Mapping[str, tuple[str, ...]]) -> None:
        self.classes = classes
        self.spellings = spellings
        self.number = (_DIGITS, *self._words(classes.get("number", "one")))

    def phrase(self, source: str) -> Phrase:
        """Translate one phrase; refuses what it does not know.

        Raises:
            ValueError: saying which element is wrong.
        """
        elements = source.split()
        if sum(element in ("..", "...") for element in elements) > MAX_GAPS:
            raise ValueError(f"more than {MAX_GAPS} gaps in {source!r}")
        if wrong := [element for element in elements if not _ELEMENT.match(element)]:
            raise ValueError(f"cannot read {wrong[0]!r}")
        expression = "(?<= )" + "".join(self._expression(element) for element in elements)
        required = self._required(elements)
        first_words = [[words.split()[0] for words in element] for element in required]
        rarest = min(first_words, key=lambda words: rarity(words))
        return Phrase(source, expression, frozenset(rarest), tuple(map(_telling, sorted(required, key=len))))

    def _expression(self, element: str) -> str:
        if element in _GAPS:
            return _GAPS[element]
        if element.startswith("!"):
            return f"(?!{self._group(self._words(element[1:]))} )"
        one = "[^ ,]+" if element == "_" else self._group(self._words(element.rstrip("?")))
        word = f"{one} (?:, )??" if element != "$" else _CLAUSE_END
        if "$" in element.split("|")[1:] or element.startswith("$|"):
            word = f"(?:{word}|{_CLAUSE_END})"
        return f"(?:{word})?" if element.endswith("?") else word

    def _words(self, element: str) -> tuple[str, ...]:
        """The alternatives of an element in common spelling, words of one alternative separated by spaces."""
        words: list[str] = []
        for word in element.split("|"):
            if not word:
                raise ValueError(f"an empty alternative in {element!r}")
            if word == "$":
                continue
            if word == "#":
                words += self.number
                continue
            if word.startswith("{"):
                if word.strip("{}") not in self.classes:
                    raise ValueError(f"there is no word class {word}")
                words += self._words(self.classes[word.strip("{}")])
            else:
                words.append(" ".join(t for w in word.split("_") for t in self.spellings.get(w, (w,))))
        return tuple(dict.fromkeys(words))

    def _group(self, words: tuple[str, ...]) -> str:
        return "(?:" + "|".join(word.replace("*", "[^ ,]*") for word in words) + ")"

    def _required(self, elements: list[str]) -> list[tuple[str, ...]]:
        """The alternatives of each element that may not be missing."""
        required = [
            e for e in elements if e not in (*_GAPS, "_") and e[0] != "!" and e[-1] != "?" and not {"$", "#"} & set(e)
        ]
        if not required:
            raise ValueError("a phrase needs at least one word that must be there")
        return [self._words(element) for element in required]


def rarity(words: Collection[str]) -> tuple[bool, int]:
    """How rare it is that one of some words is said: less is rarer; told by how uncommon and how few they are."""
    return any(word.rstrip("*") in _COMMON for word in words), len(words)


def _telling(alternatives: Iterable[str]) -> frozenset[str]:
    """What tells that one of some alternatives may be there: of several words, the first two."""
    telling = set()
    for words in alternatives:
        first, second = [*words.split(), ""][:2]
        alone = not second or "*" in first + second
        telling.add(f"{first.split('*')[0]}*" if "*" in first else first if alone else f"{first} {second}")
    return frozenset(telling)
