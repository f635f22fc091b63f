"""The adapter that brings what people say close to what providers write."""

import numpy as np
import pytest

from matcher.adapter import Adapter, plain_adapter, read_adapter, train_adapter, unit
from matcher.data_files import taxonomy_folder
from matcher.domain import TaxonomyError
from matcher.encoder import DIMENSIONS, load_encoder
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


def vectors(rows=3):
    return np.random.default_rng(1).normal(size=(rows, DIMENSIONS)).astype(np.float32)


def test_the_plain_adapter_changes_directions_of_nothing():
    given, adapter = vectors(), plain_adapter()
    assert np.allclose(adapter.of_person(given), unit(given), atol=1e-6)
    assert np.allclose(adapter.of_provider(given), unit(given), atol=1e-6)


def test_each_voice_has_its_own_matrix():
    same, turned = np.eye(DIMENSIONS, dtype=np.float32), np.eye(DIMENSIONS, dtype=np.float32)[::-1].copy()
    given, adapter = vectors(), Adapter(same, turned, "test")
    assert np.allclose(adapter.of_person(given), unit(given), atol=1e-6)
    assert np.allclose(adapter.of_provider(given), unit(given)[:, ::-1], atol=1e-6)


def test_vectors_get_length_one_and_empty_ones_stay_empty():
    given = np.vstack([vectors(2), np.zeros((1, DIMENSIONS), dtype=np.float32)])
    assert np.linalg.norm(unit(given), axis=1).tolist() == pytest.approx([1, 1, 0], abs=1e-5)
    assert unit(given).dtype == np.float32


def test_a_taxonomy_without_a_trained_adapter_gets_the_plain_one(tmp_path):
    assert read_adapter(tmp_path / "none.npz").version == "plain"


def test_the_shipped_adapter_can_be_read():
    adapter = read_adapter(taxonomy_folder() / "adapter.npz")
    assert adapter.person.shape == adapter.provider.shape == (DIMENSIONS, DIMENSIONS)
    assert np.isfinite(adapter.person).all()
    assert np.isfinite(adapter.provider).all()
    assert len(adapter.version) == 8


def saved(path, **matrices):
    np.savez(path, **matrices)
    return path


def test_the_version_is_that_of_the_content(tmp_path):
    same = np.eye(DIMENSIONS, dtype=np.float16)
    one = read_adapter(saved(tmp_path / "a.npz", person=same, provider=same)).version
    copy = read_adapter(saved(tmp_path / "b.npz", person=same, provider=same)).version
    other = read_adapter(saved(tmp_path / "c.npz", person=same, provider=2 * same)).version
    assert one == copy != other


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 half", b"not a matrix"])
def test_what_is_no_adapter_is_refused_with_what_to_do(tmp_path, content):
    (tmp_path / "adapter.npz").write_bytes(content)
    with pytest.raises(TaxonomyError, match=r"adapter\.npz: not an adapter file"):
        read_adapter(tmp_path / "adapter.npz")


def test_matrices_that_are_missing_or_of_another_size_are_refused(tmp_path):
    same, small = np.eye(DIMENSIONS), np.eye(3)
    with pytest.raises(TaxonomyError, match="not an adapter file"):
        read_adapter(saved(tmp_path / "a.npz", person=same))
    with pytest.raises(TaxonomyError, match=f"must be {DIMENSIONS} x {DIMENSIONS}"):
        read_adapter(saved(tmp_path / "b.npz", person=same, provider=small))


def test_an_adapter_that_would_run_code_is_refused_unopened(tmp_path):
    objects = np.array([{"a": 1}], dtype=object)
    path = saved(tmp_path / "a.npz", person=objects, provider=objects)
    with pytest.raises(TaxonomyError, match="not an adapter file"):
        read_adapter(path)


def margin(adapter):
    """How much closer what belongs together lies than the nearest other, on average."""
    encoder = load_encoder()
    said = adapter.of_person(encoder.encode([said for said, _ in PAIRS.values()]))
    written = adapter.of_provider(encoder.encode([written for _, written in PAIRS.values()]))
    cosines = said @ written.T
    others = np.where(np.eye(len(PAIRS), dtype=bool), -1.0, cosines)
    return float((cosines.diagonal() - others.max(axis=1)).mean())


def test_training_brings_the_two_voices_of_a_concept_together(taxonomy):
    person, provider = train_adapter(taxonomy, load_encoder(), steps=40)
    assert margin(Adapter(person, provider, "trained")) > margin(plain_adapter()) + 0.1


def test_training_twice_gives_the_same_matrices(taxonomy):
    one, other = (train_adapter(taxonomy, load_encoder(), steps=3) for _ in range(2))
    assert np.array_equal(one[0], other[0])
    assert np.array_equal(one[1], other[1])
