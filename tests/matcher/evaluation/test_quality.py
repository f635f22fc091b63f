"""Two places side by side. The hand-worked example of three consultations stands for both."""

from __future__ import annotations

import json
import re
from math import log2
from pathlib import Path
from typing import Any

import pytest

from matcher.catalogue.columns import build_catalogue
from matcher.evaluation import Judgement, Judgements, Run, Shown, score_runs
from matcher.evaluation.quality import (
    COMMON_TARGETS,
    MOST_LOST,
    Place,
    quality_data,
    quality_page,
    side_by_side,
    write_quality,
)
from tests.matcher.evaluation.builders import (
    AS_OF,
    a_consultation,
    a_run,
    a_service,
    three_lists,
    three_scored,
)
from tests.matcher.evaluation.pages import PageText, numbers_in

SEEN = Place("seen <town>", True, {"nDCG@10": 0.68, **COMMON_TARGETS})
UNSEEN = Place("unseen town", False, {"nDCG@10": 0.60, **COMMON_TARGETS})
PARTS = {"semantic": "likeness in meaning", "age": "the rule on age"}


def without_semantic() -> Run:
    """As the default, but Bob gets no answer."""
    return Run("without semantic", {"ann": three_lists().lists["ann"]})


def both(*runs: Run) -> dict[str, Any]:
    return quality_data([(SEEN, three_scored(*runs)), (UNSEEN, three_scored(*runs))], PARTS)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("quality")
    runs = (without_semantic(), a_run("without age", ann=["s1", "s2", "s3"], cat=["s6"]))
    write_quality([(SEEN, three_scored(*runs)), (UNSEEN, three_scored(*runs))], PARTS, folder)
    return folder


def text_of(folder: Path) -> str:
    return (folder / "quality.html").read_text(encoding="utf-8")


def test_a_margin_is_positive_where_the_target_is_reached_whichever_way_is_better() -> None:
    (place, _) = both()["places"]
    margins = {row["measure"]: row["margin"] for row in place["targets"]}
    assert margins["success@3"] == pytest.approx(1.0 - 0.85), "Ann and Bob; Cat has no grade 3"
    assert margins["facet coverage@5"] == pytest.approx((2 / 3 + 2 / 2 + 0) / 3 - 0.75)
    assert margins["barred@10"] == pytest.approx(0.20 - (1 + 0 + 0) / 3), "fewer is better"


def test_each_place_has_its_own_targets() -> None:
    targets = [{row["measure"]: row["target"] for row in place["targets"]} for place in both()["places"]]
    assert [target["nDCG@10"] for target in targets] == [0.68, 0.60]


def test_what_is_lost_without_the_semantic_scorer_stands_against_its_own_target() -> None:
    (place, _) = both(without_semantic())["places"]
    bob = (3 + 7 / log2(3)) / (7 + 3 / log2(3))
    assert place["semantic"]["mean"] == pytest.approx(-bob / 3)
    assert place["semantic"]["margin"] == pytest.approx(MOST_LOST - bob / 3)
    (success,) = [row for row in place["targets"] if row["measure"] == "success@3"]
    assert success["without_semantic"]["mean"] == pytest.approx(1 / 2)


def test_where_the_semantic_scorer_took_no_part_the_page_says_so() -> None:
    alone = quality_page(both())
    assert alone.count("made without the semantic scorer") == 2
    assert "What each part is worth" not in alone, "nothing was left out"
    assert "made without" not in quality_page(both(without_semantic()))


def test_a_place_in_sight_is_never_named_without_the_warning(written: Path) -> None:
    words = " ".join(PageText(text_of(written)).words)
    assert words.count("seen <town> (in-sample)") == words.count("seen <town>") > 5


def test_every_part_stands_once_with_what_it_is(written: Path) -> None:
    words = " ".join(" ".join(PageText(text_of(written)).words).split())
    assert words.count("without age the rule on age") == 1
    assert "likeness in meaning" in words


def test_every_figure_of_the_page_is_in_report_json(written: Path) -> None:
    data = json.loads((written / "report.json").read_text(encoding="utf-8"))
    known = {f"{abs(value):.3f}" for value in numbers_in(data)}
    shown = set(re.findall(r"\d+\.\d{3}", " ".join(PageText(text_of(written)).words)))
    assert len(shown) > 15
    assert shown <= known
    assert quality_page(data) == text_of(written), "the page is drawn from the file alone"


def test_the_page_loads_nothing_from_anywhere(written: Path) -> None:
    found = PageText(text_of(written))
    assert found.loads == []
    assert not found.tags & {"script", "link", "iframe", "object", "embed", "img", "base"}
    assert not re.search(r"https?:|//[a-z]|@import|url\((?!#)", text_of(written))
    assert len(found.ids) == len(set(found.ids)) > 0


def test_of_an_unseen_place_there_are_figures_and_nothing_that_somebody_wrote(tmp_path: Path) -> None:
    catalogue = build_catalogue([a_service("s1", name="Quokka Club"), a_service("s2", name="Marmot Club")])
    judgements = Judgements(
        {"ann": {"s1": Judgement(3, frozenset("a")), "s2": Judgement(0, barred="only for badgers")}},
        {"ann": {"a": "wants wombats"}},
    )
    shown = [Shown("s2", 0.9, "fits", 1.0, ("Because of otters",)), Shown("s1", 0.5, "fits", 1.0)]
    runs = [a_run(ann=shown), a_run("without age", ann=["s1"])]
    scored = score_runs(runs, judgements, [a_consultation("ann")], catalogue, AS_OF)
    written = ("Quokka", "Marmot", "badgers", "wombats", "otters")
    for place, expected in ((UNSEEN, []), (SEEN, list(written))):
        write_quality([(place, scored)], PARTS, tmp_path / place.name)
        both_files = [(tmp_path / place.name / name).read_text("utf-8") for name in ("quality.html", "report.json")]
        assert [[word for word in written if word in text] for text in both_files] == [expected, expected]


def test_groups_of_both_places_stand_in_order_also_where_one_place_has_none() -> None:
    here = {"distance": {"under 1 km": {"n": 2}, "not said": {"n": 1}}}
    there = {"distance": {"6 km and more": {"n": 4}, "under 1 km": {"n": 3}}}
    assert side_by_side([here, there]) == {
        "distance": {
            "under 1 km": [{"n": 2}, {"n": 3}],
            "6 km and more": [None, {"n": 4}],
            "not said": [{"n": 1}, None],
        }
    }
    assert list(side_by_side([here, there])["distance"]) == ["under 1 km", "6 km and more", "not said"]
