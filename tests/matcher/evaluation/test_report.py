from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from matcher.catalogue.columns import build_catalogue
from matcher.domain import Need
from matcher.evaluation import Shown, score_runs, write_report
from matcher.evaluation.measures import MEASURES
from matcher.evaluation.report import file_name, interval, number, page, signed
from matcher.evaluation.report_data import report_data
from matcher.evaluation.trec import read_trec_qrels, read_trec_run
from tests.matcher.evaluation.builders import (
    AS_OF,
    a_consultation,
    a_run,
    a_service,
    judged,
    seven_services,
    three_consultations,
    three_judgements,
    three_lists,
    three_scored,
)
from tests.matcher.evaluation.pages import PageText, numbers_in

OTHER = a_run("other $1_{x}$ & <b>", ann=["s1", "s2", "s3"], bob=["s2"], cat=["s6"])


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    write_report(three_scored(OTHER), folder)
    return folder


def test_the_page_loads_nothing_from_anywhere(written: Path) -> None:
    text = (written / "report.html").read_text(encoding="utf-8")
    found = PageText(text)
    assert found.loads == []
    assert not found.tags & {"script", "link", "iframe", "object", "embed", "img", "base"}
    assert not re.search(r"https?:|//[a-z]|@import|url\((?!#)", text)


def test_the_drawings_of_one_page_share_no_id(written: Path) -> None:
    ids = PageText((written / "report.html").read_text(encoding="utf-8")).ids
    assert len(ids) == len(set(ids))
    assert ids


def test_the_drawings_are_in_grey_only(written: Path) -> None:
    text = (written / "report.html").read_text(encoding="utf-8")
    colours = {colour.lower() for colour in re.findall(r"#[0-9a-fA-F]{6}\b", text)}
    assert colours
    assert all(colour[1:3] == colour[3:5] == colour[5:7] for colour in colours)


def test_every_figure_of_the_page_is_in_report_json(written: Path) -> None:
    data = json.loads((written / "report.json").read_text(encoding="utf-8"))
    known = {f"{abs(value):.3f}" for value in numbers_in(data)}
    words = " ".join(PageText((written / "report.html").read_text(encoding="utf-8")).words)
    shown = set(re.findall(r"\d+\.\d{3}", words)) - {"0.001"}  # "< 0.001" is a way to write a small p
    assert len(shown) > 30
    assert shown <= known


def test_report_json_holds_every_measure_of_every_run_by_name(written: Path) -> None:
    data = json.loads((written / "report.json").read_text(encoding="utf-8"))
    assert list(data["runs"]) == ["default", OTHER.name]
    for run in data["runs"].values():
        assert set(run) == {measure.name for measure in MEASURES}
        assert all(set(figure) == {"mean", "ci", "n"} for figure in run.values())
    assert data["runs"]["default"]["recall@20"]["mean"] == pytest.approx((1 + 1 + 0) / 3)
    assert data["consultations"]["default"]["MRR"] == {"ann": 1 / 2, "bob": 1.0, "cat": 0.0}
    assert data["consultations"]["default"]["success@3"]["cat"] is None


def test_the_same_evaluation_writes_the_same_bytes(written: Path, tmp_path: Path) -> None:
    write_report(three_scored(OTHER), tmp_path)
    for name in ("report.html", "report.json", "trec/default.run"):
        assert (tmp_path / name).read_bytes() == (written / name).read_bytes(), name


def test_names_are_shown_as_they_are_and_never_run(written: Path, tmp_path: Path) -> None:
    assert "other $1_{x}$ &amp; &lt;b&gt;" in (written / "report.html").read_text(encoding="utf-8")
    attack = "<script>alert(1)</script>"
    catalogue = build_catalogue([a_service("s1", name=attack)])
    run = a_run(ann=[Shown("s1", 1.0, "fits", None, (attack,))])
    scorecard = score_runs([run], judged({"ann": {"s1": 1}}), [a_consultation("ann")], catalogue, AS_OF)
    text = write_report(scorecard, tmp_path).read_text(encoding="utf-8")
    assert attack not in text
    assert "&lt;script&gt;" in text


def test_no_word_of_a_consultation_is_in_any_file(tmp_path: Path) -> None:
    canary = "canary7391"
    said = {"note": canary, "needs": (Need(canary),), "interests": (canary,), "avoid": (canary,), "postcode": canary}
    people = [a_consultation(c.id, **said) for c in three_consultations()]
    write_report(score_runs([three_lists(), OTHER], three_judgements(), people, seven_services(), AS_OF), tmp_path)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) >= 6
    assert not [path.name for path in files if canary in path.read_text(encoding="utf-8")]


def test_reasons_stand_side_by_side_and_barred_ones_are_named(tmp_path: Path) -> None:
    lists = {key: list(shown) for key, shown in three_lists().lists.items()}
    lists["ann"][0] = Shown("s4", 0.9, "fits", 1.0, ("Because of company: offers lunch club",))
    run = a_run(**lists)
    data = report_data(score_runs([run, OTHER], three_judgements(), three_consultations(), seven_services(), AS_OF))
    (moved,) = [case for case in data["comparisons"][OTHER.name]["lists"] if case["consultation"] == "ann"]
    assert [entry["service_id"] for entry in moved["before_list"]] == ["s4", "s1", "s7", "s3", "s2"]
    assert [entry["service_id"] for entry in moved["after_list"]] == ["s1", "s2", "s3"]
    assert moved["before_list"][0]["reasons"] == ["Because of company: offers lunch club"]
    assert [(entry["consultation"], entry["rank"], entry["barred"]) for entry in data["barred"]] == [
        ("ann", 1, "men only")
    ]
    assert "men only" in page(data)


def test_the_worst_answers_say_what_the_judges_wanted_and_where_it_was() -> None:
    worst = report_data(three_scored())["worst"]
    assert [case["consultation"] for case in worst] == ["cat", "ann", "bob"]
    assert [(wanted["service_id"], wanted["rank"]) for wanted in worst[0]["wanted"]] == [("s6", None)]
    assert [(wanted["service_id"], wanted["rank"]) for wanted in worst[1]["wanted"]] == [("s1", 2), ("s2", 5)]
    assert {facet["facet"]: facet["answered"] for facet in worst[1]["facets"]} == {"a": True, "b": True, "c": False}


def test_the_ceiling_of_facet_coverage_is_what_judged_services_answer() -> None:
    assert report_data(three_scored())["about"]["facets_answerable"] == pytest.approx((2 / 3 + 2 / 2 + 1 / 1) / 3)


def test_the_trec_files_hold_the_lists_and_the_judgements(written: Path) -> None:
    run = read_trec_run(written / "trec/default.run")
    assert [service for service, _ in run["ann"]] == ["s4", "s1", "s7", "s3", "s2"]
    assert read_trec_qrels(written / "trec/grades.qrels")["ann"] == {"s1": 3, "s2": 2, "s3": 1, "s4": 0}
    assert read_trec_qrels(written / "trec/barred.qrels")["ann"] == {"s1": 0, "s2": 0, "s3": 0, "s4": 1}


def test_many_runs_and_a_single_run_make_a_page_too() -> None:
    many = [a_run(f"run {n}", ann=["s1"]) for n in range(9)]
    for runs in ([], many):
        assert "<h1>Match quality</h1>" in page(report_data(three_scored(*runs)))


def test_numbers_are_written_for_people() -> None:
    assert (number(None), number(0.12345)) == ("–", "0.123")
    assert (signed(-0.05), signed(0.05)) == ("−0.050", "+0.050")
    assert (signed(-0.0001), signed(0.0)) == ("0.000", "0.000"), "what is rounded to nothing has no sign"
    assert interval([-0.1, 0.2]) == "−0.100 to 0.200"
    assert interval([-1.5, -0.0004]) == "−1.500 to 0.000"
    assert file_name("BM25 only / k1=1.2") == "BM25-only-k1-1.2"
    assert file_name("???") == "run"
