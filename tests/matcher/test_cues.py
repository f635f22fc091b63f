"""A cue is tried only where one of its words stands: no text that it matches may be without them."""

from __future__ import annotations

from types import ModuleType

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from matcher import cues as said_cues
from matcher import times
from matcher.eligibility import person
from matcher.text import Cue, Cues, normalise, words_of

EXAMPLES = settings(max_examples=100, deadline=None, database=None, suppress_health_check=[HealthCheck.filter_too_much])
SHED = Cue(r"\bmens shed\b|\bsheds?\b", "shed sheds")
REFUSED = Cue(r"\brefus\w+", "refus*")
CUES = Cues(SHED, REFUSED)


def cues_of(module: ModuleType) -> list[tuple[str, Cue, Cues]]:
    (index,) = [value for value in vars(module).values() if isinstance(value, Cues)]
    return [(name, value, index) for name, value in vars(module).items() if isinstance(value, Cue)]


@pytest.mark.parametrize(("name", "cue", "cues"), [*cues_of(said_cues), *cues_of(person)])
def test_every_text_that_a_cue_matches_holds_one_of_its_words(name: str, cue: Cue, cues: Cues):
    @EXAMPLES
    @given(st.from_regex(cue.pattern, alphabet=st.characters(codec="ascii")))
    def holds(text: str) -> None:
        plain = normalise(text)
        assume(cue.pattern.search(plain))
        assert cue in cues.among(words_of(plain)), name

    holds()


@pytest.mark.parametrize("pattern", [times._ONE, times._PART, times._DARK, times._FROM, times._UNTIL])
def test_every_text_that_speaks_of_times_is_read_for_them(pattern):
    @EXAMPLES
    @given(st.from_regex(pattern, alphabet=st.characters(codec="ascii")))
    def told(text: str) -> None:
        plain = normalise(text)
        assume(pattern.search(plain))
        assert times._tells_of_time(plain)

    told()


@pytest.mark.parametrize("wording", [times._MAY_BE_A_VERB, times._HYPHEN, *times._WORDINGS])
def test_every_text_that_holds_a_wording_holds_one_of_its_signs(wording):
    @EXAMPLES
    @given(st.from_regex(wording.pattern, alphabet=st.characters(codec="utf-8")))
    def holds(text: str) -> None:
        assert any(sign in text for sign in wording.signs)

    holds()


def test_a_cue_is_among_a_text_with_one_of_its_words_and_no_other():
    assert CUES.among(["the", "mens", "shed"]) == {SHED}
    assert CUES.among(["refuses", "sheds"]) == {SHED, REFUSED}
    assert CUES.among(["shedding", "a", "refus"]) == {REFUSED}
    assert CUES.among([]) == set()


def test_a_pound_sign_or_a_number_that_touches_a_word_hides_no_cue():
    assert CUES.among(["shed£5"]) == {SHED}
    assert CUES.among(["5£refused"]) == {REFUSED}
    assert CUES.among(words_of("the shed.2 miles")) == {SHED}
