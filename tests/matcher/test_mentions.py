"""What a provider's text names: as whom it is for, in passing, or as what it is not."""

import pytest

from matcher.mentions import Mentions
from matcher.taxonomy import packaged_taxonomy


@pytest.fixture(scope="module")
def mentions():
    return Mentions(packaged_taxonomy(), negation_reach=4)


NAMED = [
    ("A walking group", "walking", False, False),
    ("A group for carers", "carers", True, False),
    ("Everybody, carers welcome", "carers", False, False),
    ("We do not offer counselling", "talking_therapy", False, True),
    ("We offer friendship instead of counselling", "talking_therapy", False, True),
    ("Not for crisis counselling", "talking_therapy", True, True),
    ("There is no counselling", "talking_therapy", False, True),
    ("Come without fear for counselling", "talking_therapy", True, False),
]


@pytest.mark.parametrize(("text", "concept", "introduced", "denied"), NAMED, ids=[text for text, *_ in NAMED])
def test_a_concept_is_named_introduced_or_denied(mentions, text, concept, introduced, denied):
    (named,) = [mention for mention in mentions.of(text) if mention.concept == concept]
    assert (named.introduced, named.denied) == (introduced, denied)


@pytest.mark.parametrize("text", ["", "?", "of the", "Ask at the desk"])
def test_most_texts_name_nothing(mentions, text):
    assert list(mentions.of(text)) == []


def test_what_was_read_before_changes_nothing(mentions):
    again = Mentions(packaged_taxonomy(), negation_reach=4)
    assert [list(again.of(text)) for text, *_ in NAMED * 2] == [list(mentions.of(text)) for text, *_ in NAMED * 2]
