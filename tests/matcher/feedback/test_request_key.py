"""The key of the digests: made once, for its owner alone, and never replaced."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from matcher.feedback import Store, StoreError, open_store, read_key


def test_a_key_is_made_once_and_read_from_then_on(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "store.key"
    assert len(read_key(path)) == 32
    assert read_key(path) == read_key(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["store.key"]


def test_processes_that_make_the_key_at_once_agree_on_one(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(read_key, [tmp_path / "store.key"] * 40))) == 1


@pytest.mark.parametrize("content", ["", "abc", "zz" * 32, "ab" * 31, "ab" * 33, "é" * 64])
def test_a_file_that_is_no_key_is_refused_and_left_as_it_is(tmp_path: Path, content: str) -> None:
    path = tmp_path / "store.key"
    path.write_text(content, encoding="utf-8")
    path.chmod(0o600)
    with pytest.raises(StoreError, match="hex digits"):
        read_key(path)
    assert path.read_text(encoding="utf-8") == content


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "store.key"
    read_key(path)
    path.chmod(0o640)
    with pytest.raises(StoreError, match="chmod 600"):
        read_key(path)


def test_store_and_key_are_in_two_folders_unless_told_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("MATCHER_STORE", "MATCHER_STORE_KEY", "MATCHER_STATE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    store = open_store()
    store.prepare()
    assert [p.name for p in (tmp_path / "state" / "service-matcher").iterdir() if p.suffix == ".db"] == ["outcomes.db"]
    assert [p.name for p in (tmp_path / "config" / "service-matcher").iterdir()] == ["store.key"]
    store.close()


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://u:secret@host/x", "sqlite://", "sqlite:///:memory:"])
def test_an_address_of_no_use_is_refused_without_repeating_it(tmp_path: Path, url: str) -> None:
    with pytest.raises(StoreError) as error:
        Store(url, bytes(32))
    assert "secret" not in str(error.value)
