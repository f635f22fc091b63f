"""The adapter that brings what people say close to what providers write."""

import numpy as np
import pytest

from matcher.adapter import Adapter, Reader, plain_adapter, read_adapter, unit
from matcher.data_files import taxonomy_folder
from matcher.domain import TaxonomyError
from matcher.encoder import DIMENSIONS
from matcher.taxonomy import read_taxonomy


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


def test_a_reader_gives_each_text_chances_that_sum_to_one():
    weights = np.zeros((DIMENSIONS + 1, 2), dtype=np.float32)
    weights[0, 0] = 1.0  # the first direction speaks for the first concept
    texts = np.zeros((2, DIMENSIONS), dtype=np.float32)
    texts[0, 0] = 1.0
    first, second = Reader(("debt", "sleep"), weights).chances(texts)
    assert first.tolist() == pytest.approx([1 / (1 + np.exp(-8)), 1 / (1 + np.exp(8))])
    assert second.tolist() == pytest.approx([0.5, 0.5])


def test_a_reader_that_does_not_fit_its_concepts_is_refused(tmp_path):
    same = np.eye(DIMENSIONS, dtype=np.float16)
    wrong = np.zeros((DIMENSIONS + 1, 2), dtype=np.float16)
    path = saved(tmp_path / "a.npz", person=same, provider=same, concepts=np.array(["debt"]), person_reader=wrong)
    with pytest.raises(TaxonomyError, match=r"a\.npz: person_reader does not fit"):
        read_adapter(path)


def test_the_shipped_readers_know_the_concepts_of_the_shipped_taxonomy():
    adapter = read_adapter(taxonomy_folder() / "adapter.npz")
    known = {concept.id for concept in read_taxonomy(taxonomy_folder()).concepts}
    assert adapter.person_reader is not None
    assert adapter.provider_reader is not None
    assert set(adapter.person_reader.concepts) <= known
