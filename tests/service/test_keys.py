"""Making, listing and revoking keys, from Python and from the command line."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from typer.testing import CliRunner

from matcher.cli import app
from matcher.domain import InputError, MatcherError
from service.keys import KeyFile, KeyRing


@pytest.fixture
def file(tmp_path: Path) -> KeyFile:
    return KeyFile(tmp_path / "keys.json")


def test_a_new_key_is_known_by_its_text_only(file: KeyFile) -> None:
    key, text = file.make("ward 3", ["suggest"])
    ring = KeyRing(file)
    assert ring.holder(text) == key
    assert ring.holder(key.sha256) is None
    assert ring.holder(f"smk_{key.id}_{key.sha256}") is None


@pytest.mark.parametrize("scopes", [[], ["root"], ["suggest", "root"]])
def test_a_scope_that_does_not_exist_is_refused(file: KeyFile, scopes: list[str]) -> None:
    with pytest.raises(InputError, match="scope: must be one or more of suggest, outcome, admin"):
        file.make("x", scopes)


def test_a_key_needs_a_name(file: KeyFile) -> None:
    with pytest.raises(InputError, match="name"):
        file.make(" ", ["suggest"])


def test_keys_made_at_the_same_time_are_all_kept(file: KeyFile) -> None:
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda n: file.make(f"key {n}", ["suggest"])[0].id, range(20)))
    assert {key.id for key in file.read()} == set(made)


def test_revoking_keeps_the_entry_and_its_first_time(file: KeyFile) -> None:
    key, text = file.make("x", ["suggest"])
    first = file.revoke(key.id).revoked
    assert file.revoke(key.id).revoked == first != ""
    assert KeyRing(file).holder(text) is None
    with pytest.raises(InputError):
        file.revoke("00000000")


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"keys": [{"id": 1}]}', "\x00"])
def test_a_file_that_is_no_key_file_is_an_error_in_one_line(file: KeyFile, content: str) -> None:
    file.path.write_text(content)
    with pytest.raises(MatcherError, match=r"keys\.json: not a readable key file"):
        file.read()


def test_the_commands_make_list_and_revoke(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATCHER_STATE", str(tmp_path))
    run = CliRunner().invoke
    made = run(app, ["keys", "make", "ward 3", "--scope", "suggest", "--scope", "outcome"])
    text = made.stdout.strip()
    key_id = text.split("_")[1]
    listed = run(app, ["keys", "list"]).stdout
    assert key_id in listed
    assert "suggest,outcome" in listed
    assert text.split("_", 2)[2] not in listed
    assert run(app, ["keys", "revoke", key_id]).exit_code == 0
    assert "revoked" in run(app, ["keys", "list"]).stdout
    assert run(app, ["keys", "revoke", "nobody"]).exit_code == 1
    assert run(app, ["keys", "make", "x", "--scope", "root"]).exit_code == 1
