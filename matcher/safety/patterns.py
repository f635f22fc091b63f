"""The red-flag patterns: their small language, the words and spellings they share, read and checked once.

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

Phrases become regular expressions without nested unbounded repetition, and are compiled only when one of their rarest
words stands in a note.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from matcher.data_files import safety_folder
from matcher.domain import SettingsError
from matcher.text import normalise

CATEGORIES = (
    "suicide_self_harm",
    "domestic_sexual_abuse",
    "adult_at_risk",
    "child_at_risk",
    "danger_to_others",
    "trafficking",
    "medical_emergency",
    "no_food_heat_shelter",
    "overdose_withdrawal",
)
WEIGHTS = {"flag": 1.0, "firm": 1.0, "hint": 0.5, "clue": 0.25}
"""What a row is worth: a category is found at 1. A firm flag counts whatever time or place is spoken of."""
FINDS = tuple(WEIGHTS)
SENTENCE_GUARDS = ("past", "over", "elsewhere", "present", "ongoing")
NEGATION_GUARDS = ("negation", "denial", "afterwards", "neutral")
KINDS = (*FINDS, "lookalike", *SENTENCE_GUARDS, *NEGATION_GUARDS)
ANY = "any"
MAX_GAPS = 3
"""Gaps in one phrase: keeps the work of one phrase on one sentence bounded."""

_TOKEN = re.compile(r"[0-9]+(?:[.,][0-9]+)*|[a-z]+|[,;:()£]")
_NOT = re.compile(r"^(?:is|are|was|were|do|does|did|has|have|had|would|could|should)$")
ADULT, SMALL = 18, 12
_CHILDREN = frozenset(
    [
        "kid",
        "kids",
        "child",
        "children",
        "lad",
        "lads",
        "lass",
        "boy",
        "boys",
        "girl",
        "girls",
        "son",
        "sons",
        "daughter",
        "daughters",
        "grandson",
        "grandsons",
        "granddaughter",
        "brother",
        "sister",
        "bairn",
        "bairns",
        "niece",
        "nephew",
        "stepson",
        "stepdaughter",
        "toddler",
        "sib",
        "eldest",
        "youngest",
        "bro",
    ]
)
_YEARS_OLD = (["years", "old"], ["year", "old"], ["y", "o"])
_DENIALS = "no|not|nor|never|without|nil|none|denies|denied|neither|isnt|doesnt|didnt|hasnt|wasnt|havent"
_GAPS = {
    "..": f"(?:(?!(?:{_DENIALS}|,) )[^ ]+ ){{0,3}}?",
    "...": f"(?:(?!(?:{_DENIALS}) )[^ ]+ ){{0,7}}?",
}
_CLAUSE_END = "(?=, |$)"
_DIGITS = "[0-9][0-9.,]{0,12}"
_ELEMENT = re.compile(r"^(?:\.\.\.?|_|!?[a-z0-9_|*{}$#£]+\??)$")
_BREAKS = frozenset(",;:()")
_COMMON = frozenset(
    [
        "a",
        "an",
        "the",
        "and",
        "or",
        "of",
        "to",
        "in",
        "on",
        "at",
        "for",
        "with",
        "by",
        "from",
        "as",
        "i",
        "me",
        "my",
        "you",
        "it",
        "its",
        "he",
        "she",
        "they",
        "him",
        "her",
        "his",
        "their",
        "them",
        "we",
        "us",
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "has",
        "have",
        "had",
        "do",
        "does",
        "did",
        "will",
        "would",
        "not",
        "no",
        "never",
        "dont",
        "doesnt",
        "didnt",
        "wont",
        "cant",
        "isnt",
        "if",
        "when",
        "so",
        "that",
        "this",
        "up",
        "out",
        "off",
        "down",
        "over",
        "all",
        "any",
        "says",
        "say",
        "said",
        "pt",
        "wants",
        "want",
        "get",
        "gets",
        "got",
        "go",
        "goes",
        "going",
        "can",
        "could",
        "one",
        "two",
        "three",
        "just",
        "day",
        "week",
        "back",
        "now",
        "after",
        "who",
        "she",
        "hes",
        "shes",
        "im",
        "ive",
        "about",
        "into",
        "than",
        "then",
        "there",
        "what",
        "how",
        "like",
        "more",
        "need",
        "needs",
        "self",
        "himself",
        "herself",
        "patient",
    ]
)


@dataclass(frozen=True)
class Phrase:
    """One stretch of words to look for. ``anchors`` are words of which one must be there (``*`` ends a beginning)."""

    source: str
    expression: str
    anchors: tuple[str, ...]

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """The compiled expression, made on first use: most phrases are never tried on most notes."""
        return re.compile(self.expression)


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of a pattern file for one category (or ``any``): all its phrases must be found."""

    number: int
    category: str
    kind: str
    phrases: tuple[str, ...]


@dataclass(frozen=True)
class Patterns:
    """All rules, the phrases they use by source, and the spellings."""

    rules: tuple[Rule, ...]
    phrases: Mapping[str, Phrase]
    spellings: Mapping[str, tuple[str, ...]]


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
        if word.isdigit() and len(word) < 4 and 0 < int(word) < ADULT and _is_age(words, place):
            words[place] = "small" if int(word) <= SMALL else "minor"
    return words


def _is_age(words: list[str], place: int) -> bool:
    before = [
        word for word in words[max(0, place - 3) : place] if word not in (",", "and", "is", "aged", "small", "minor")
    ]
    after = words[place + 1 : place + 3]
    if words[place - 1 : place] == ["aged"] or after[:1] in (["yo"], ["f"], ["m"]) or after[:2] in _YEARS_OLD:
        return True
    return (
        bool(before)
        and before[-1] in _CHILDREN
        and after[:1] not in (["weeks"], ["months"], ["times"], ["days"], ["years"])
    )


@lru_cache(maxsize=1)
def packaged_patterns() -> Patterns:
    """The patterns shipped with the matcher, read and checked once a process."""
    return read_patterns(safety_folder())


def read_patterns(folder: Path) -> Patterns:
    """Read ``spellings.csv``, ``words.csv`` and every file of ``patterns/``.

    Raises:
        SettingsError: naming every faulty row by file and line.
    """
    spellings = {row["written"]: tuple(row["meant"].split()) for _, row in _rows(folder / "spellings.csv")}
    classes = {row["class"]: row["words"] for _, row in _rows(folder / "words.csv")}
    language = _Language(classes, spellings)
    rules: list[Rule] = []
    phrases: dict[str, Phrase] = {}
    faults: list[str] = []
    for path in sorted((folder / "patterns").glob("*.csv")):
        for line, row in _rows(path):
            try:
                _check_row(row)
                parts = tuple(part.strip() for part in row["pattern"].split(" + "))
                phrases.update((part, language.phrase(part)) for part in parts if part not in phrases)
            except ValueError as error:
                faults.append(f"{path.name} line {line}: {error}")
                continue
            rules += [Rule(len(rules) + n, c, row["kind"], parts) for n, c in enumerate(row["category"].split(";"))]
    if faults:
        raise SettingsError("safety patterns: " + "; ".join(faults[:20]))
    return Patterns(tuple(rules), phrases, spellings)


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from enumerate(csv.DictReader(file), start=2)


def _check_row(row: Mapping[str, str]) -> None:
    if row["kind"] not in KINDS:
        raise ValueError(f"kind {row['kind']!r} is none of {', '.join(KINDS)}")
    if unknown := set(row["category"].split(";")) - {*CATEGORIES, ANY}:
        raise ValueError(f"unknown category {', '.join(sorted(unknown))}")
    if row["kind"] in FINDS and ANY in row["category"]:
        raise ValueError("a flag or hint needs a category of its own")
    if row["kind"] not in FINDS and " + " in row["pattern"]:
        raise ValueError("only flags and hints may have parts joined by +")


class _Language:
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
        return Phrase(source, expression, self._anchors(elements))

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

    def _anchors(self, elements: list[str]) -> tuple[str, ...]:
        """The element whose words are rarest, told by how few and how uncommon they are."""
        required = [
            e for e in elements if e not in (*_GAPS, "_") and e[0] != "!" and e[-1] != "?" and not {"$", "#"} & set(e)
        ]
        if not required:
            raise ValueError("a phrase needs at least one word that must be there")
        choices = [tuple(words.split()[0] for words in self._words(element)) for element in required]
        return min(choices, key=lambda words: (sum(w.rstrip("*") in _COMMON for w in words) > 0, len(words)))
