"""One tokenisation for people's words and services' words.

Everything that compares texts goes through :func:`tokenise`, so that a phrase in the taxonomy, a note and a
description are cut the same way.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import Stemmer

_APOSTROPHES = re.compile("['’‘`´]")
_ASCII_FOLDED = re.compile("['`&/-]")
_ASCII_FOLD = str.maketrans({"'": None, "`": None, "&": " and ", "-": " ", "/": " "})
_FOLD = str.maketrans({"&": " and ", "-": " ", "–": " ", "—": " ", "/": " "})
_TOKEN = re.compile(r"[a-z0-9£]+(?:\.[0-9]+)?")
_UNSEEN = ("Mn", "Me", "Cf")  # accents taken off their letters, and zero-width or direction marks inside words
_SENTENCE_END = re.compile(r"(?<=[.!?;])[\"”')]*\s+|\n+|\s+[•·*]\s+|<br\s*/?>", re.IGNORECASE)

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


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a text: as written (lower case), its stem, and where it stands in the normalised text."""

    word: str
    stem: str
    start: int
    end: int


def normalise(text: str) -> str:
    """Fold to lower-case ASCII-like form: NFKC, no apostrophes, hyphens as spaces, ``&`` as "and"."""
    if text.isascii():
        lower = text.lower()
        return lower.translate(_ASCII_FOLD) if _ASCII_FOLDED.search(lower) else lower
    folded = _APOSTROPHES.sub("", unicodedata.normalize("NFKC", text).casefold())
    decomposed = unicodedata.normalize("NFD", folded)
    plain = "".join(c for c in decomposed if unicodedata.category(c) not in _UNSEEN)
    return plain.translate(_FOLD)


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """The Snowball (Porter 2) stem of one lower-case word; words of three letters or fewer are kept."""
    return word if len(word) <= 3 else _stemmer.stemWord(word)


def tokenise(text: str, *, normalised: bool = False) -> list[Token]:
    """Cut a text into tokens, stop words included, in order."""
    plain = text if normalised else normalise(text)
    return [Token(m.group(), stem(m.group()), m.start(), m.end()) for m in _TOKEN.finditer(plain)]


def words_of(plain: str) -> list[str]:
    """The words of a normalised text, stop words included, in order: :func:`tokenise` without stems and places."""
    if plain.isascii() and plain.replace(" ", "").isalnum():
        return plain.split()
    return _TOKEN.findall(plain)


def content_words(text: str) -> list[str]:
    """The stems of a text's words without stop words: what the lexical scorer counts."""
    return [token.stem for token in tokenise(text) if token.word not in STOP_WORDS]


def sentences(text: str) -> list[str]:
    """Cut a text at full stops, semicolons, line ends and bullets; abbreviations cost nothing but a short piece."""
    return [piece.strip() for piece in _SENTENCE_END.split(text) if piece and piece.strip()]
