"""The engine through the evaluation: a small piece of the sample town, without the sentence encoder."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from matcher.cli import app
from matcher.data_files import data_path
from matcher.domain import InputError, MatcherError, SettingsError
from matcher.eligibility import RULES
from matcher.evaluation import read_judgements, read_run
from matcher.evaluation.measures import measure_run
from matcher.evaluation.quality import SAMPLE, VALIDATION
from matcher.experiments import (
    MEANINGS,
    Inputs,
    both_towns,
    evaluate,
    make_worksheet,
    merge_judges,
    part_names,
    read_consultations,
    without_part,
)
from matcher.experiments.leaving_out import PARTS, RULE_GROUPS
from matcher.ranking import RankingConfig
from matcher.settings import SCORERS, Settings
from tests.matcher.evaluation.builders import AS_OF

PEOPLE = 5
RUN = CliRunner()


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample town's services with its first few consultations and their judgements."""
    folder = tmp_path_factory.mktemp("town")
    shutil.copy(data_path("sample", "services.json"), folder)
    lines = data_path("sample", "consultations.jsonl").read_text(encoding="utf-8").splitlines()[:PEOPLE]
    (folder / "consultations.jsonl").write_text("\n".join(lines), encoding="utf-8")
    ids = {json.loads(line)["id"] for line in lines}
    for name in ("judgements.csv", "facets.csv"):
        with data_path("sample", name).open(encoding="utf-8", newline="") as file:
            head, *rows = list(csv.reader(file))
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([head, *(row for row in rows if row[0] in ids)])
    return folder


@pytest.fixture(scope="module")
def report(town: Path) -> Path:
    """A report made by the command, with another settings file, two parts left out, and the baselines."""
    (town / "tried.toml").write_text("top = 20\n[ranking]\nnear = 0.0\n", encoding="utf-8")
    options = ["--catalogue", str(town / "services.json"), "--as-of", AS_OF.isoformat(), "--no-semantic", "--baselines"]
    options += ["--settings", str(town / "tried.toml"), "--without", "lexical", "--without", "age"]
    result = RUN.invoke(app, ["evaluate", *options, "--report", str(town / "report")])
    assert result.exit_code == 0, result.output
    assert "nDCG@10" in result.output
    return town / "report"


def test_the_command_runs_everything_that_was_asked_for(report: Path) -> None:
    runs = json.loads((report / "report.json").read_text(encoding="utf-8"))["runs"]
    baselines = ["tags only", "random", "popularity", "BM25 only", "TF-IDF cosine", "rapidfuzz"]
    assert list(runs) == ["default", "tried", "without lexical", "without age", *baselines]
    assert runs["default"]["nDCG@10"]["n"] == PEOPLE
    assert runs["default"]["nDCG@10"]["mean"] > runs["random"]["nDCG@10"]["mean"]


def test_the_figures_can_be_had_again_from_the_run_file(report: Path, town: Path) -> None:
    data = json.loads((report / "report.json").read_text(encoding="utf-8"))
    scorecard = evaluate(Inputs((town / "services.json",)), as_of=AS_OF, semantic=False)
    again = read_run(report / "trec/default.run")
    values = measure_run(again, [], read_judgements(town / "judgements.csv"), scorecard.facts)
    assert values["nDCG@10"].to_dict() == pytest.approx(data["consultations"]["default"]["nDCG@10"])
    assert scorecard.values["default"]["nDCG@10"].mean() == pytest.approx(data["runs"]["default"]["nDCG@10"]["mean"])


def test_leaving_out_a_rule_changes_who_is_let_through(report: Path) -> None:
    default, without = (read_run(report / "trec" / f"{name}.run").lists for name in ("default", "without-age"))
    assert default != without


def test_every_part_can_be_left_out_and_changes_the_settings() -> None:
    plain = Settings()
    changed = {name: without_part(name)(plain).fingerprint for name in part_names()}
    assert len(set(changed.values()) | {plain.fingerprint}) == len(changed) + 1


def test_every_number_of_the_ranking_belongs_to_a_part_that_can_be_left_out() -> None:
    numbers = {name for name in RankingConfig.model_fields if not name.endswith("_km")}
    assert numbers == {*PARTS, *SCORERS}


def test_every_rule_is_in_one_group_and_in_the_whole_screen() -> None:
    grouped = [code for name, codes in RULE_GROUPS.items() if name != "all_rules" for code in codes]
    assert sorted(grouped) == sorted(RULE_GROUPS["all_rules"]) == sorted(rule.code for rule in RULES)


def test_a_group_is_left_out_as_its_rules_are_one_by_one() -> None:
    by_hand = without_part("duplicate")(without_part("closed")(Settings()))
    assert without_part("not_there")(Settings()) == by_hand


def test_the_page_on_quality_leaves_out_every_part_and_rules_by_group() -> None:
    assert set(MEANINGS) == {*SCORERS, *PARTS, *RULE_GROUPS}


def test_the_page_on_quality_is_one_command(town: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = Inputs((town / "services.json",))
    monkeypatch.setattr("matcher.experiments.both_towns", lambda: [(SAMPLE, here), (VALIDATION, here)])
    result = RUN.invoke(app, ["quality", str(tmp_path / "q"), "--no-semantic"])
    assert result.exit_code == 0, result.output
    assert "quality.html" in result.output
    seen, unseen = json.loads((tmp_path / "q/report.json").read_text(encoding="utf-8"))["places"]
    assert list(seen["runs"]) == ["default", *(f"without {name}" for name in MEANINGS if name != "semantic")]
    assert seen["runs"] == unseen["runs"]
    assert (len(seen["worst"]), unseen["worst"]) == (PEOPLE, [])
    assert "Wife Jean" not in (tmp_path / "q/quality.html").read_text(encoding="utf-8")


def test_both_towns_are_the_packaged_ones() -> None:
    (sample, here), (validation, there) = both_towns()
    assert (sample.in_sample, here.judgements_path()) == (True, data_path("sample", "judgements.csv"))
    assert (validation.in_sample, there.judgements_path()) == (False, data_path("validation", "judgements.csv"))


def test_where_the_validation_town_is_missing_the_command_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("matcher.data_files._CANDIDATES", (tmp_path,))
    result = RUN.invoke(app, ["quality", str(tmp_path / "q")])
    assert (result.exit_code, result.output.count("\n")) == (1, 1)
    assert result.output.startswith("matcher: validation town: ")
    assert not (tmp_path / "q").exists()


def test_an_unknown_part_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(SettingsError, match=r"each, tags, .*availability"):
        without_part("magic")


def test_files_left_out_are_looked_for_beside_the_others(town: Path) -> None:
    sample = Inputs()
    assert sample.consultations_path() == data_path("sample", "consultations.jsonl")
    assert sample.judgements_path() == data_path("sample", "judgements.csv")
    here = Inputs((town / "services.json",))
    assert here.consultations_path() == town / "consultations.jsonl"
    assert here.judgements_path() == town / "judgements.csv"
    elsewhere = Inputs((town / "services.json",), data_path("sample", "consultations.jsonl"))
    assert elsewhere.judgements_path() == data_path("sample", "judgements.csv")


def test_files_that_are_not_there_are_named_with_the_option_to_give(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--consultations"):
        Inputs((tmp_path / "services.json",)).consultations_path()


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (['{"id": "a", "note": "x"}', '{"id": "a", "note": "y"}'], "same id"),
        (['{"note": "x"}'], "record 1: needs an id"),
        (['{"id": "a", "note": "x"}', "not json"], "record 2: "),
    ],
)
def test_an_evaluation_leaves_nobody_out_in_silence(lines: list[str], message: str, tmp_path: Path) -> None:
    (tmp_path / "c.jsonl").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read_consultations(tmp_path / "c.jsonl")


@pytest.mark.parametrize(
    "options",
    [
        ["evaluate", "--judgements", "none.csv"],
        ["evaluate", "--consultations", "none.jsonl"],
        ["evaluate", "--without", "magic"],
        ["evaluate", "--settings", "none.toml"],
        ["judge", "make", "none.run", "--output", "sheet.csv"],
        ["judge", "merge", "none.csv", "--output", "judgements.csv"],
    ],
)
def test_a_fault_ends_with_1_and_one_line(options: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = RUN.invoke(app, options)
    assert result.exit_code == 1, result.output
    assert result.output.startswith("matcher: ")
    assert result.output.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_judges_grade_blind_and_are_merged_with_their_agreement(report: Path, town: Path, tmp_path: Path) -> None:
    runs = [report / "trec/default.run", report / "trec/BM25-only.run"]
    sheet = tmp_path / "sheet.csv"
    count = make_worksheet(runs, Inputs((town / "services.json",)), sheet, depth=5, seed=1, with_words=False)
    text = sheet.read_text(encoding="utf-8")
    assert "Wife Jean" not in text
    with sheet.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == count
    for judge, turn in (("x", 0), ("y", 1)):
        with (tmp_path / f"{judge}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(
                {**row, "grade": str((place + turn * (place % 7 == 0)) % 4)} for place, row in enumerate(rows)
            )
    result = RUN.invoke(
        app,
        ["judge", "merge", str(tmp_path / "x.csv"), str(tmp_path / "y.csv"), "--output", str(tmp_path / "merged.csv")],
    )
    assert result.exit_code == 0, result.output
    assert "weighted kappa of x and y: 0." in result.output
    assert sum(map(len, read_judgements(tmp_path / "merged.csv").pairs.values())) == count


def test_a_worksheet_with_words_says_what_the_person_said(report: Path, town: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.csv"
    options = ["--catalogue", str(town / "services.json"), "--output", str(sheet), "--with-words"]
    result = RUN.invoke(app, ["judge", "make", str(report / "trec/default.run"), *options])
    assert result.exit_code == 0, result.output
    assert "Wife Jean" in sheet.read_text(encoding="utf-8")


def test_merging_needs_at_least_one_graded_row(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("consultation_id,service_id,grade\n", encoding="utf-8")
    with pytest.raises(MatcherError, match="no row has a grade"):
        merge_judges([tmp_path / "x.csv"], tmp_path / "merged.csv")
