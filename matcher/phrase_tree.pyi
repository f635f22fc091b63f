"""What callers see of ``phrase_tree.pyx``."""

from collections.abc import Sequence
from typing import NamedTuple

from matcher.domain import ConceptId
from matcher.taxonomy import Lexicon

class Hit(NamedTuple):
    """A label found in a text: where (token numbers, end exclusive), what it means, and how surely."""

    first: int
    last: int
    label: str
    meanings: tuple[tuple[ConceptId, float], ...]

class PhraseTree:
    """The labels of one voice, word by word.

    The labels that begin with two stems are put in their place when a text has both, as most never do. Words looked up
    are kept, so many at most, and not pickled: they are people's.
    """

    def __init__(self, lexicon: Lexicon) -> None: ...
    def find(self, words: Sequence[str]) -> list[Hit]:
        """The labels in the words of a normalised text, none overlapping another, in order.

        Look-alikes have had their effect.
        """
