"""What is learnt from the labels: matrices that bring the voices together, readers that name the concept."""

import numpy as np
import pytest

from matcher.adapter import Adapter, Reader, plain_adapter
from matcher.encoder import load_encoder
from matcher.learning.labels import labels_of
from matcher.learning.readers import train_reader
from matcher.learning.towers import train_towers
from tests.factories import a_taxonomy

PAIRS = {
    "loneliness": ("the house is so quiet", "a warm welcome, tea and a natter"),
    "debt": ("cannot pay what I owe", "confidential money advice"),
    "sleep": ("awake at three every night", "a course on resting better"),
    "singing": ("I was always humming", "choir for all voices"),
    "work": ("laid off in September", "help with your CV and interviews"),
}


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("MATCHER_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def taxonomy(tmp_path):
    concepts = [(key, key.title(), "need", "", "t", "", "", "") for key in PAIRS]
    labels = [(key, said, "person", "1") for key, (said, _) in PAIRS.items()]
    labels += [(key, written, "provider", "1") for key, (_, written) in PAIRS.items()]
    return a_taxonomy(tmp_path / "taxonomy", concepts=concepts, labels=labels, links=(), lookalikes=())


@pytest.fixture
def voices(taxonomy):
    return [labels_of(taxonomy, load_encoder(), voice) for voice in ("person", "provider")]


def margin(adapter):
    """How much closer what belongs together lies than the nearest other, on average."""
    encoder = load_encoder()
    said = adapter.of_person(encoder.encode([said for said, _ in PAIRS.values()]))
    written = adapter.of_provider(encoder.encode([written for _, written in PAIRS.values()]))
    cosines = said @ written.T
    others = np.where(np.eye(len(PAIRS), dtype=bool), -1.0, cosines)
    return float((cosines.diagonal() - others.max(axis=1)).mean())


def test_training_brings_the_two_voices_of_a_concept_together(taxonomy, voices):
    person, provider = train_towers(taxonomy, *voices, steps=40)
    assert margin(Adapter(person, provider, "trained")) > margin(plain_adapter()) + 0.1


def test_training_twice_gives_the_same_matrices_and_readers(taxonomy, voices):
    one, other = (train_towers(taxonomy, *voices, steps=3) for _ in range(2))
    assert np.array_equal(one[0], other[0])
    assert np.array_equal(one[1], other[1])
    assert np.array_equal(*(train_reader(voices[0], len(PAIRS), epochs=2, runs=2) for _ in range(2)))


def test_a_trained_reader_names_the_concept_of_what_people_say(taxonomy, voices):
    reader = Reader(tuple(PAIRS), train_reader(voices[0], len(PAIRS), epochs=60, runs=1))
    said = load_encoder().encode(["owes a lot of money and cannot pay", "wide awake every night"])
    assert [reader.concepts[place] for place in reader.chances(said).argmax(axis=1)] == ["debt", "sleep"]
