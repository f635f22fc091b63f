"""Many texts read at once name what each of them names alone."""

import json

import pytest

from matcher import data_path
from matcher.mentions import Mentions, Sieve
from matcher.taxonomy import lexicon_of, packaged_taxonomy
from matcher.text import normalise, sentences, words_of


@pytest.fixture(scope="module")
def taxonomy():
    return packaged_taxonomy()


@pytest.fixture(scope="module")
def texts():
    records = json.loads(data_path("sample", "services.json").read_text(encoding="utf-8"))["contents"]
    said = [text for record in records for text in sentences(f"{record['name']}. {record.get('description') or ''}")]
    return [*said, "", "?", "of the", "walking", "Not for walking", "tea and a chat", "a walking bus"]


@pytest.fixture(autouse=True)
def few_are_many(monkeypatch):
    """As many texts as a large directory has would take long to read twice."""
    monkeypatch.setattr("matcher.mentions.FEW_TEXTS", 0)


def test_texts_read_ahead_name_what_they_name_alone(taxonomy, texts):
    together = Mentions(taxonomy, negation_reach=4)
    together.read_ahead(texts)
    assert all(text in together._known for text in texts)
    alone = Mentions(taxonomy, negation_reach=4)
    assert [list(together.of(text)) for text in texts] == [list(alone.of(text)) for text in texts]
    assert sum(bool(alone.of(text)) for text in texts) > 100


def test_the_sieve_keeps_back_no_text_that_names_anything_and_many_that_do_not(taxonomy, texts):
    lexicon = lexicon_of(taxonomy.labels, "provider")
    words = [words_of(normalise(text)) for text in texts]
    begun = Sieve(lexicon).begun(words)
    finder = Mentions(taxonomy, 4).finder
    silent = {place for place, of_text in enumerate(words) if not finder.find_in_words(of_text)}
    assert set(range(len(texts))) - silent <= set(begun)
    assert len(silent - set(begun)) > len(silent) / 4


def test_nothing_to_read_is_read(taxonomy):
    mentions = Mentions(taxonomy, 4)
    mentions.read_ahead([])
    mentions.read_ahead(["", "?"])
    assert list(mentions.of("")) == []
