"""The sentence encoder: unit vectors that depend on the text alone, and a cache that may be lost."""

import hashlib

import numpy as np
import pytest

from matcher.data_files import cache_folder
from matcher.domain import MatcherError
from matcher.encoder import DIMENSIONS, LONGEST_TOKENS, SentenceEncoder, load_encoder

TEXTS = ["Lonely since she moved.", "A choir for all.", "", "x", "Debts, " * 300, "Café £5 🙂", "   "]
PRIVATE = "the house is that quiet since Maureen went"


@pytest.fixture(scope="module")
def encoder():
    found = load_encoder()
    assert found is not None, "install the extra `semantic`"
    return found


def test_vectors_have_length_one_and_no_text_gives_none(encoder):
    vectors = encoder.encode(TEXTS)
    assert vectors.shape == (len(TEXTS), DIMENSIONS)
    assert vectors.dtype == np.float32
    expected = [1.0 if text.strip() else 0.0 for text in TEXTS]
    assert np.linalg.norm(vectors, axis=1).tolist() == pytest.approx(expected, abs=1e-5)


def test_no_texts_give_no_vectors(encoder):
    assert encoder.encode([]).shape == (0, DIMENSIONS)


def test_the_vector_of_a_text_does_not_depend_on_its_neighbours(encoder):
    together = encoder.encode(TEXTS)
    for place, text in enumerate(TEXTS):
        assert np.array_equal(encoder.encode([text])[0], together[place])
    assert np.array_equal(encoder.encode(TEXTS[::-1]), together[::-1])


def test_texts_that_mean_much_the_same_lie_closer(encoder):
    debts, owing, choir = encoder.encode(
        ["money worries and debts", "he owes a lot on his cards", "singing in a choir"]
    )
    assert float(debts @ owing) > float(debts @ choir) + 0.1


def test_only_the_beginning_of_a_long_text_is_read(encoder):
    long = "word " * LONGEST_TOKENS
    one, other = encoder.encode([long, f"{long} and then something else"])
    assert np.array_equal(one, other)


def test_the_encoder_is_loaded_once(encoder):
    assert load_encoder() is encoder
    assert len(encoder.version) == 12


def test_another_model_is_refused_with_what_to_do(tmp_path):
    model = tmp_path / "model.onnx"
    model.write_bytes(b"not the model")
    with pytest.raises(MatcherError, match=r"model\.onnx: not the expected encoder .* reinstall"):
        SentenceEncoder(model, tmp_path / "tokenizer.json")


def cache_file(folder, encoder):
    return folder / f"vectors-{encoder.version}.npz"


def test_cached_vectors_are_the_same_vectors(encoder, tmp_path):
    for _ in range(2):
        assert np.array_equal(encoder.encode_cached(TEXTS, tmp_path), encoder.encode(TEXTS))


def test_a_known_text_is_read_from_the_cache(encoder, tmp_path):
    key, planted = hashlib.sha256(b"a choir").hexdigest(), np.full((1, DIMENSIONS), 0.5, dtype=np.float32)
    np.savez(cache_file(tmp_path, encoder), keys=np.array([key]), vectors=planted)
    found = encoder.encode_cached(["a choir", "lunch"], tmp_path)
    assert np.array_equal(found[:1], planted)
    assert np.array_equal(found[1:], encoder.encode(["lunch"]))


def test_new_texts_are_added_to_those_known(encoder, tmp_path):
    encoder.encode_cached(["one"], tmp_path)
    encoder.encode_cached(["two", "one"], tmp_path)
    with np.load(cache_file(tmp_path, encoder), allow_pickle=False) as stored:
        assert stored["keys"].tolist() == [hashlib.sha256(text).hexdigest() for text in (b"one", b"two")]
        assert stored["vectors"].shape == (2, DIMENSIONS)


def test_the_cache_holds_no_words(encoder, tmp_path):
    encoder.encode_cached([PRIVATE], tmp_path)
    (path,) = tmp_path.iterdir()
    assert not any(word.encode() in path.read_bytes() for word in PRIVATE.split() if len(word) > 4)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 half a file", b"{}"])
def test_a_broken_cache_costs_time_only(encoder, tmp_path, content):
    cache_file(tmp_path, encoder).write_bytes(content)
    assert np.array_equal(encoder.encode_cached(["one"], tmp_path), encoder.encode(["one"]))


@pytest.mark.parametrize("keys", [["a", "b"], []])
def test_a_cache_that_does_not_fit_itself_is_made_anew(encoder, tmp_path, keys):
    vectors = np.zeros((1, DIMENSIONS), dtype=np.float32)
    np.savez(cache_file(tmp_path, encoder), keys=np.array(keys, dtype=str), vectors=vectors)
    assert np.array_equal(encoder.encode_cached(["one"], tmp_path), encoder.encode(["one"]))


def test_a_folder_that_cannot_be_written_costs_time_only(encoder, tmp_path):
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")
    assert np.array_equal(encoder.encode_cached(["one"], tmp_path / "file" / "cache"), encoder.encode(["one"]))


def test_the_cache_lies_where_the_environment_says(monkeypatch, tmp_path):
    monkeypatch.setenv("MATCHER_CACHE", str(tmp_path / "own"))
    assert cache_folder() == tmp_path / "own"
    monkeypatch.delenv("MATCHER_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "service-matcher"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder() == tmp_path / ".cache" / "service-matcher"
