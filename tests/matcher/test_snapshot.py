"""A saved index gives the answers of the engine that it was saved from, and refuses what does not belong to it."""

import json
from dataclasses import replace

import numpy as np
import pytest
from typer.testing import CliRunner

from matcher import SAMPLE_DATE, Settings, data_path, load_engine, read_consultations
from matcher.cli import app
from matcher.domain import CatalogueError
from matcher.snapshot import is_snapshot, save_snapshot


@pytest.fixture(scope="module")
def engine():
    return load_engine(semantic=False)


@pytest.fixture(scope="module")
def folder(engine, tmp_path_factory):
    folder = tmp_path_factory.mktemp("kept") / "town.index"
    save_snapshot(engine, folder)
    return folder


@pytest.fixture
def copy(engine, tmp_path):
    save_snapshot(engine, tmp_path / "copy.index")
    return tmp_path / "copy.index"


def test_an_opened_index_answers_as_the_engine_it_was_saved_from(engine, folder):
    opened = load_engine(folder, semantic=False)
    for person in read_consultations(data_path("sample", "consultations.jsonl"))[:20]:
        assert opened.suggest(person, as_of=SAMPLE_DATE) == engine.suggest(person, as_of=SAMPLE_DATE)


def test_an_opened_index_is_read_from_the_disk_only_where_it_is_used(folder):
    affinity = load_engine(folder, semantic=False).index.fusion.tags.affinity
    assert isinstance(affinity.base, np.memmap)
    assert not affinity.flags.writeable


def test_the_command_makes_an_index_that_other_commands_take(tmp_path):
    made = CliRunner().invoke(
        app, ["index", str(data_path("sample", "services.json")), "--output", str(tmp_path / "i")]
    )
    assert (made.exit_code, made.output) == (0, "240 services indexed in i\n")
    asked = ["suggest", "-", "--catalogue", str(tmp_path / "i"), "--no-semantic", "--as-of", "2026-11-01"]
    answer = CliRunner().invoke(app, [*asked, "--format", "json"], input="lonely since his wife died")
    assert answer.exit_code == 0
    assert json.loads(answer.output)["suggestions"]


def test_other_settings_are_refused(folder):
    with pytest.raises(CatalogueError, match=r"town\.index: was made with other settings; make it anew"):
        load_engine(folder, settings=Settings(top=3), semantic=False)


def test_another_taxonomy_is_refused(folder, engine, monkeypatch):
    monkeypatch.setattr("matcher.taxonomy.packaged_taxonomy", lambda: replace(engine.taxonomy, version="other"))
    with pytest.raises(CatalogueError, match="was made with other taxonomy"):
        load_engine(folder, semantic=False)


@pytest.mark.parametrize("name", ["tags.affinity.npy", "catalogue.arrow", "manifest.json"])
def test_a_damaged_index_is_refused_in_one_line(copy, name):
    whole = (copy / name).read_bytes()
    (copy / name).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(CatalogueError, match=r"copy\.index: a damaged snapshot; make it anew"):
        load_engine(copy, semantic=False)


def test_a_missing_column_is_refused_in_one_line(copy):
    (copy / "limits.closed.npy").unlink()
    with pytest.raises(CatalogueError, match="a damaged snapshot"):
        load_engine(copy, semantic=False)


def test_decisions_belong_to_the_making(folder):
    with pytest.raises(CatalogueError, match="give them to `matcher index`"):
        load_engine(folder, decisions="decisions.csv", semantic=False)


def test_an_index_takes_the_place_of_an_older_one_but_of_nothing_else(engine, copy, tmp_path):
    save_snapshot(engine, copy)
    assert is_snapshot(copy)
    (tmp_path / "letters").mkdir()
    with pytest.raises(CatalogueError, match="letters: exists and is no snapshot"):
        save_snapshot(engine, tmp_path / "letters")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy.index", "letters"]
