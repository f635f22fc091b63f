"""What each element of a phrase finds in the words of a sentence.

A phrase is ready the moment a note has its words: what an element needs is prepared when it is first looked for.
"""

NUMBER: str
COMMA: str

def spans(elements: tuple[Element, ...], words: list[str]) -> list[tuple[int, int]]:
    """Where some elements stand in a row among the words of a sentence, no stretch overlapping another."""

class Element:
    """One element of a phrase."""

class OneOf(Element):
    """One of some alternatives, each of one or several words; a comma may follow.

    Attributes:
        alternatives: in the order in which they are tried; ``*`` ends the beginning of a word, ``#`` is a number.
        needed: whether nothing else will do in its place: it may not be missing, and is no number or end of a clause.
    """

    alternatives: tuple[str, ...]
    needed: bool
    def __init__(
        self, alternatives: tuple[str, ...], *, missing: bool = False, closing: bool = False, needed: bool = True
    ) -> None: ...
    @property
    def first_words(self) -> list[str]:
        """The first word of each alternative."""

    @property
    def telling(self) -> frozenset[str]:
        """What tells that one of the alternatives may be there: of several words, the first two."""

class NoneOf(Element):
    """A place where none of some alternatives stands; no word belongs to it."""

    def __init__(self, alternatives: tuple[str, ...]) -> None: ...

class AnyWord(Element):
    """Any one word; a comma may follow."""

class Gap(Element):
    """Up to so many words, as few as possible, none of them one that stops it."""

    def __init__(self, most: int, stops: frozenset[str]) -> None: ...

class ClauseEnd(Element):
    """The end of a clause; no word belongs to it."""
