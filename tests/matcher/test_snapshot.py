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


def test_an_index_of_other_columns_is_refused(copy):
    manifest = json.loads((copy / "manifest.json").read_text())
    manifest["columns' names"] = manifest["columns' names"].replace(" record ", " ")
    (copy / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(CatalogueError, match="was made with other columns' names; make it anew"):
        load_engine(copy, semantic=False)


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


def spoil(folder, name, change):
    column = np.load(folder / f"{name}.npy")
    change(column)
    np.save(folder / f"{name}.npy", column)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("limits.kind", -1), ("limits.kind", 10**9), ("catalogue.session_day", 7), ("catalogue.session_end", 100)),
        *(("catalogue.session_starts", -1), ("catalogue.session_starts", 10**12), ("postings.starts", 10**12)),
    ],
)
def test_an_index_that_leads_outside_of_itself_is_refused_in_one_line(copy, name, value):
    spoil(copy, name, lambda column: column.__setitem__(5, value))
    with pytest.raises(CatalogueError, match="make its index anew"):
        load_engine(copy, semantic=False)


@pytest.mark.parametrize(("name", "value"), [("offers.strength.columns", 65_535), ("offers.strength.starts", 10**12)])
def test_an_index_that_cannot_be_used_is_refused_in_one_line(copy, name, value):
    spoil(copy, name, lambda column: column.__setitem__(5, value))
    with pytest.raises(CatalogueError, match=r"copy\.index: a damaged snapshot; make it anew"):
        load_engine(copy, semantic=False)


def test_services_that_are_not_there_are_passed_over_however_many_words_name_them(copy):
    rng = np.random.default_rng(3)
    spoil(
        copy, "postings.rows", lambda rows: rows.__setitem__(slice(None), rng.choice([-(10**9), 3, 10**9], len(rows)))
    )
    spoilt = load_engine(copy, semantic=False)
    for person in read_consultations(data_path("sample", "consultations.jsonl")):
        assert spoilt.suggest(person, as_of=SAMPLE_DATE).suggestions


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
