"""The commands, and the sample town's own decisions."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from matcher import load_engine
from matcher.catalogue import read_catalogue
from matcher.cli import app
from matcher.curation import (
    match_decisions,
    read_decisions,
)
from matcher.data_files import data_path, sample_catalogue


def run(*arguments: object, stdin: str = "") -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], input=stdin)


def test_the_commands_make_a_worksheet_keep_what_was_confirmed_and_use_it(tmp_path):
    directory = tmp_path / "directory.csv"
    directory.write_text("id,name,description,status\na,Mill Hall,A choir and tea.,active\n", encoding="utf-8")
    sheet, decisions = tmp_path / "sheet.csv", tmp_path / "decisions.csv"
    made = run("curate", directory, "--output", sheet)
    assert (made.exit_code, made.stdout) == (0, "1 services to confirm, most useful first: sheet.csv\n")
    text = sheet.read_text(encoding="utf-8-sig")
    sheet.write_text("\n".join(f"yes{line}" if line.startswith(",") else line for line in text.splitlines()))
    merged = run("curate", "--merge", sheet, "--decisions", decisions)
    assert merged.stdout == "1 services confirmed; decisions.csv holds 1 decisions\n"
    again = run("curate", directory, "--output", sheet, "--decisions", decisions)
    assert "of 1 decisions 1 hold, 0 were made on an older text" in again.stdout
    common = ["--catalogue", directory, "--as-of", "2026-11-01", "--no-semantic", "--format", "json"]
    stamps = [
        json.loads(run("suggest", "-", *common, *extra, stdin="Would love a choir.").stdout)["versions"]["catalogue"]
        for extra in ([], ["--decisions", decisions])
    ]
    assert stamps[0] != stamps[1]


def test_concepts_come_by_pipe_and_leave_as_a_table():
    result = run("concepts", "-", stdin="She'd love to sing in a choir. No counselling.")
    assert result.exit_code == 0, result.stderr
    assert "declined" in result.stdout
    assert "choir" in result.stdout


WRONG_USE = [
    ["curate"],
    ["curate", "x.csv"],
    ["curate", "x.csv", "--output", "sheet.xlsx"],
    ["curate", "--merge", "sheet.csv"],
    ["curate", "x.csv", "--merge", "sheet.csv", "--decisions", "d.csv"],
    ["concepts", "note.txt", "--catalogue", "x.csv"],
]


@pytest.mark.parametrize("arguments", WRONG_USE, ids=" ".join)
def test_wrong_use_is_told_with_exit_code_two(arguments):
    assert run(*arguments).exit_code == 2


def test_a_missing_worksheet_is_one_line_and_exit_code_one(tmp_path):
    result = run("curate", "--merge", tmp_path / "none.csv", "--decisions", tmp_path / "d.csv")
    assert (result.exit_code, result.stderr) == (1, "matcher: none.csv: no such file\n")


def test_all_decisions_about_the_sample_town_hold(shipped_taxonomy):
    read = read_decisions(data_path("sample", "decisions.csv"), shipped_taxonomy)
    found = match_decisions(read, read_catalogue(sample_catalogue()))
    assert (len(found.by_row), dict(found.outdated), found.elsewhere) == (len(read), {}, ())
    assert len(read) >= 80


def test_an_engine_is_loaded_with_decisions_by_path():
    path = data_path("sample", "decisions.csv")
    engine = load_engine(semantic=False, decisions=path)
    with path.open(encoding="utf-8", newline="") as file:
        decided = next(row for row in csv.DictReader(file) if row["not_support"] == "paid_vacancy 1")
    row = engine.catalogue.row_of(decided["service_id"])
    assert engine.offers.of(row) == {"paid_vacancy": 1.0}
    assert np.all(engine.offers.strength.values <= 1)
