"""Where a phrase stands in a sentence: the numbers of its first word and of the word after its last."""

from __future__ import annotations

import pytest

from matcher.safety.language import Language

CLASSES = {"whom": "him|her", "number": "two|couple_of"}
SPELLINGS = {"wi": ("with",), "gonna": ("going", "to")}

STANDS = [
    ("bridge", "the bridge on a bridge", [(1, 2), (4, 5)]),
    ("jump*", "he jumps jump and rejump", [(1, 2), (2, 3)]),
    # one of several words; a shorter alternative is tried first where it is written first
    ("old_man|old", "the old man", [(1, 3)]),
    ("old|old_man", "the old man", [(1, 2)]),
    ("old|old_man died", "the old man died", [(1, 4)]),
    ("climb*_up*", "he climbed upstairs", [(1, 3)]),
    ("climb*_up|climb*", "climbed up", [(0, 2)]),
    ("climb*|climb*_up", "climbed up", [(0, 1)]),
    ("climbed|climb*_up up night", "climbed up night", [(0, 3)]),
    ("climb*_up", "he climbed", []),
    ("{whom} gone", "left him gone", [(1, 3)]),
    ("wi pills", "with pills", [(0, 2)]),
    ("gonna jump", "going to jump", [(0, 3)]),
    # a comma after a word is passed over only where more is to come
    ("bridge", "bridge , alone", [(0, 1)]),
    ("bridge alone", "bridge , alone", [(0, 3)]),
    ("bridge alone", "bridge , , alone", []),
    # a missing word is taken when it is there
    ("very? high", "very high", [(0, 2)]),
    ("very? high", "high", [(0, 1)]),
    ("bridge very?", "bridge very", [(0, 2)]),
    # none of these comes next, and the word itself is no part of the phrase
    ("bridge !too|is_old", "bridge too", []),
    ("bridge !too|is_old", "bridge is old", []),
    ("bridge !too|is_old", "bridge is new", [(0, 1)]),
    ("bridge !too|is_old", "bridge", [(0, 1)]),
    # up to three words between, as few as possible, over no clause mark and no denial
    ("bridge .. night", "bridge at night night", [(0, 3)]),
    ("bridge .. night", "bridge a b c night", [(0, 5)]),
    ("bridge .. night", "bridge a b c d night", []),
    ("bridge .. night", "bridge a , b night", []),
    ("bridge .. night", "bridge not at night", []),
    # up to seven, also over a clause mark
    ("bridge ... night", "bridge a b , c d e f night", [(0, 9)]),
    ("bridge ... night", "bridge a b , c d e f g night", []),
    ("bridge ... night", "bridge , never at night", []),
    # any word and numbers, in digits and in letters
    ("took _ pills", "took many pills", [(0, 3)]),
    ("took _ pills", "took , pills", []),
    ("took # pills", "took 40 pills took two pills took a couple of pills", [(0, 3), (3, 6)]),
    ("took #", "took 2.5 took 2x", [(0, 2)]),
    ("#_pills|took left", "40 pills left", [(0, 3)]),
    ("owes|£ #", "£ 20", [(0, 2)]),
    # the end of a clause instead of a word, or after one
    ("bridge $", "bridge , bridge", [(0, 1), (2, 3)]),
    ("bridge $", "bridge night", []),
    ("bridge tonight|$", "bridge tonight", [(0, 2)]),
    ("bridge tonight|$", "bridge", [(0, 1)]),
    ("bridge tonight|$", "bridge alone", []),
]


@pytest.mark.parametrize(("pattern", "sentence", "expected"), STANDS)
def test_a_phrase_stands_where_all_its_elements_stand_in_a_row(pattern, sentence, expected):
    assert Language(CLASSES, SPELLINGS).phrase(pattern).spans(sentence.split()) == expected
