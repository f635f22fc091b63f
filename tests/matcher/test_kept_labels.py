"""What is kept of the labels between two starts may be used, lost or damaged: the answers stay the same."""

from __future__ import annotations

import pickle

import pytest

from matcher.phrases import PhraseFinder
from matcher.taxonomy import packaged_taxonomy
from matcher.taxonomy.kept import MOST_KEPT, KeptLabels
from matcher.taxonomy.lexicon import Lexicon, read_lexicon
from tests.factories import LABELS, write_taxonomy

NOTE = "lonely, likes singing in choirs; a walking bus"


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setattr("matcher.taxonomy.kept.taxonomy_folder", lambda: write_taxonomy(tmp_path / "taxonomy"))
    monkeypatch.setenv("MATCHER_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def hits(taxonomy):
    finders = [PhraseFinder(taxonomy.labels, voice) for voice in ("person", "provider")]
    return [finder.find(NOTE) for finder in finders], [sorted(finder.vocabulary) for finder in finders]


def test_a_second_start_finds_what_the_first_one_found_and_reads_no_label_for_it(cache):
    first = packaged_taxonomy()
    second = packaged_taxonomy()
    assert (type(first.labels), type(second.labels)) == (tuple, KeptLabels)
    assert hits(second) == hits(first)
    assert any(hits(first)[0])
    assert "_labels" not in vars(second.labels)
    assert (second.version, tuple(second.labels)) == (first.version, first.labels)
    assert (second.concepts, second.links, second.conflicts) == (first.concepts, first.links, first.conflicts)


def test_a_changed_label_is_read_at_the_next_start(cache, tmp_path, monkeypatch):
    before = packaged_taxonomy()
    more = [*LABELS, ("choir", "warbling", "person", "1")]
    monkeypatch.setattr(
        "matcher.taxonomy.kept.taxonomy_folder", lambda: write_taxonomy(tmp_path / "taxonomy", labels=more)
    )
    for after in (packaged_taxonomy(), packaged_taxonomy()):
        assert after.version != before.version
        assert [hit.label for hit in PhraseFinder(after.labels, "person").find("warbling")] == ["warbling"]


@pytest.mark.parametrize("damage", [lambda whole: whole[:-20], lambda whole: b"", lambda whole: b"\xff" + whole])
@pytest.mark.parametrize("voice", ["person", "provider"])
def test_a_damaged_file_is_as_good_as_none(cache, damage, voice):
    expected = hits(packaged_taxonomy())
    (path,) = cache.glob(f"labels-*-{voice}.txt")
    path.write_bytes(damage(path.read_bytes()))
    assert hits(packaged_taxonomy()) == expected


def test_without_a_place_to_write_all_is_read_anew(cache):
    expected = hits(packaged_taxonomy())
    for path in cache.iterdir():
        path.unlink()
    cache.rmdir()
    cache.write_text("a file where the folder should be", encoding="utf-8")
    assert hits(packaged_taxonomy()) == expected
    assert cache.is_file()


def test_only_the_latest_are_kept(cache, tmp_path, monkeypatch):
    for n in range(MOST_KEPT):
        more = [*LABELS, ("choir", f"warbling {n}", "person", "1")]
        monkeypatch.setattr(
            "matcher.taxonomy.kept.taxonomy_folder",
            lambda more=more: write_taxonomy(tmp_path / "taxonomy", labels=more),
        )
        packaged_taxonomy()
    assert len(list(cache.iterdir())) == MOST_KEPT
    assert isinstance(packaged_taxonomy().labels, KeptLabels)


def test_labels_go_to_another_process_themselves(cache):
    packaged_taxonomy()
    labels = packaged_taxonomy().labels
    assert pickle.loads(pickle.dumps(labels)) == tuple(labels)  # noqa: S301  our own


def test_a_lexicon_is_read_as_it_was_written(cache):
    labels = packaged_taxonomy().labels
    made = Lexicon.of(labels, "person")
    version, read = read_lexicon(made.text("0123456789ab"))
    assert version == "0123456789ab"
    assert (read.vocabulary, read.well_spelt) == (made.vocabulary, made.well_spelt)
    assert (read.pairs.keys(), read.whole.keys()) == (made.pairs.keys(), made.whole.keys())
