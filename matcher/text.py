"""One tokenisation for people's words and services' words.

Everything that compares texts goes through :func:`tokenise`, so that a phrase in the taxonomy, a note and a
description are cut the same way.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache, reduce
from operator import or_
from string import ascii_lowercase, ascii_uppercase, digits
from typing import NamedTuple, TypeVar

import Stemmer

Known = TypeVar("Known")

_APOSTROPHES = re.compile("['’‘`´]")
_ASCII_APOSTROPHES = b"'`"
_ASCII_FOLD = bytes.maketrans(f"{ascii_uppercase}-/".encode(), f"{ascii_lowercase}  ".encode())
_ASCII_WORDS = bytes(code if chr(code) in ascii_lowercase + digits else ord(" ") for code in range(256))
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_FOLD = str.maketrans({"&": " and ", "-": " ", "–": " ", "—": " ", "/": " "})
_PARTS = re.compile(r"[£.]")
_POINT = re.compile(r"\.[0-9]")
_TOKEN = re.compile(r"[a-z0-9£]+(?:\.[0-9]+)?")
_UNSEEN = ("Mn", "Me", "Cf")  # accents taken off their letters, and zero-width or direction marks inside words
_SENTENCE_END = re.compile(r"[.!?;][\"”')]*\s+")
_LINE_MARK = re.compile(r"[\n•·*<]")
_LINE_END = re.compile(r"\n+|\s+[•·*]\s+|<br\s*/?>", re.IGNORECASE)

# Words that carry no topic. Deliberately short: alone, no, not, never, without, bill and call all matter here.
_STOP_WORDS = """
    a an the and or of to in on at for with by from as
    i me my mine myself you your yours yourself he him his himself she her hers herself it its they them their theirs
    themselves we us our ours am is are was were be been being have has had having do does did doing would shall should
    this that these those there here who whom which what when where s t d ll ve re m im ive id hes shes theyre youre
    some any very just really quite so also too then than about thats theres heres whats whos youve theyve weve youll
    theyll itll youd theyd
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())

_NEGATIONS = """
    no not never nor neither without nil none cant cannot dont doesnt didnt wont wouldnt isnt arent wasnt hasnt havent
    hadnt aint nowt
"""
NEGATIONS = frozenset(_NEGATIONS.split())

_stemmer = Stemmer.Stemmer("english", 0)


class Token(NamedTuple):
    """A word of a text: as written (lower case), its stem, and where it stands in the normalised text."""

    word: str
    stem: str
    start: int
    end: int


class Remembered(dict[str, Known]):
    """What a function says of single words, worked out once for each of the commonest.

    Bounded, and pickled empty: the words are people's.
    """

    def __init__(self, function: Callable[[str], Known], most: int = 50_000) -> None:
        super().__init__()
        self.function = function
        self.most = most

    def __missing__(self, word: str) -> Known:
        if len(self) >= self.most:
            self.clear()
        known = self[word] = self.function(word)
        return known

    def __reduce__(self) -> tuple[type[Remembered[Known]], tuple[Callable[[str], Known], int]]:
        return type(self), (self.function, self.most)


class Cue:
    """A pattern, and the words of which one stands in all that it matches; ``*`` ends the beginning of a word."""

    def __init__(self, pattern: str, words: str) -> None:
        self.pattern = re.compile(pattern)
        self.words = frozenset(words.split())


class Cues:
    """Patterns by their words: on most texts most of them need not be tried. A bit of a number stands for each."""

    def __init__(self, *cues: Cue) -> None:
        self._cues = cues
        self._by_word: dict[str, int] = {}
        for place, cue in enumerate(cues):
            for word in cue.words:
                self._by_word[word] = self._by_word.get(word, 0) | 1 << place
        self._beginnings: dict[str, list[tuple[str, int]]] = {}
        for word, bits in self._by_word.items():
            if word.endswith("*"):
                self._beginnings.setdefault(word[0], []).append((word[:-1], bits))
        self._of_word = Remembered(self._look_up)
        self._of_bits = lru_cache(maxsize=4096)(self._named)

    def among(self, words: Iterable[str]) -> frozenset[Cue]:
        """Those that may match a text with these words."""
        return self._of_bits(reduce(or_, map(self._of_word.__getitem__, words), 0))

    def _named(self, bits: int) -> frozenset[Cue]:
        return frozenset(cue for place, cue in enumerate(self._cues) if bits >> place & 1)

    def _look_up(self, word: str) -> int:
        bits = self._of_part(word)
        if "£" in word or "." in word:  # of "£5", "pt.40"
            for part in _PARTS.split(word):
                bits |= self._of_part(part)
        return bits

    def _of_part(self, part: str) -> int:
        bits = self._by_word.get(part, 0)
        for beginning, begun in self._beginnings.get(part[:1], ()):
            if part.startswith(beginning):
                bits |= begun
        return bits


def normalise(text: str) -> str:
    """Fold to lower-case ASCII-like form: NFKC, no apostrophes, hyphens as spaces, ``&`` as "and"."""
    if text.isascii():
        return text.encode().translate(_ASCII_FOLD, _ASCII_APOSTROPHES).decode().replace("&", " and ")
    plain = _APOSTROPHES.sub("", unicodedata.normalize("NFKC", text).casefold())
    if not plain.isascii():
        plain = _BEYOND_ASCII.sub(_seen, unicodedata.normalize("NFD", plain))
    return plain.translate(_FOLD)


def _seen(match: re.Match[str]) -> str:
    return "" if unicodedata.category(match[0]) in _UNSEEN else match[0]


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """The Snowball (Porter 2) stem of one lower-case word; words of three letters or fewer are kept."""
    return word if len(word) <= 3 else _stemmer.stemWord(word)


def tokenise(text: str, *, normalised: bool = False) -> list[Token]:
    """Cut a text into tokens, stop words included, in order."""
    plain = text if normalised else normalise(text)
    words = words_of(plain)
    places = places_of(words, plain)
    return [Token(word, stem(word), start, end) for word, (start, end) in zip(words, places, strict=True)]


def words_of(plain: str) -> list[str]:
    """The words of a normalised text, stop words included, in order: :func:`tokenise` without stems and places."""
    if plain.isascii() and ("." not in plain or not _POINT.search(plain)):
        return plain.encode().translate(_ASCII_WORDS).decode().split()
    return _TOKEN.findall(plain)


def places_of(words: Iterable[str], plain: str) -> list[tuple[int, int]]:
    """Where each of the words of a normalised text begins and ends."""
    places, end = [], 0
    for word in words:
        start = plain.index(word, end)
        end = start + len(word)
        places.append((start, end))
    return places


def root(word: str) -> str:
    """The stem of a word that carries a topic; of a stop word nothing."""
    return "" if word in STOP_WORDS else stem(word)


_ROOTS = Remembered(root)


def content_words(text: str) -> list[str]:
    """The stems of a text's words without stop words: what the lexical scorer counts."""
    return roots(words_of(normalise(text)))


def roots(words: Iterable[str]) -> list[str]:
    """The stems of those words that carry a topic."""
    return list(filter(None, map(_ROOTS.__getitem__, words)))


def sentences(text: str) -> list[str]:
    """Cut a text at full stops, semicolons, line ends and bullets; abbreviations cost nothing but a short piece."""
    pieces, start = [], 0
    for match in _SENTENCE_END.finditer(text):
        pieces.append(text[start : match.start() + 1])
        start = match.end()
    pieces.append(text[start:])
    if _LINE_MARK.search(text):
        pieces = [line for piece in pieces for line in _LINE_END.split(piece)]
    return [line for piece in pieces if (line := piece.strip())]
