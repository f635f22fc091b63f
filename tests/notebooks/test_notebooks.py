"""Every notebook runs from top to bottom without a browser, and shows what it promises."""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import matcher
from matcher import Settings, read_settings

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("[0-9][0-9]_*.py"))
LONGEST = 150


def run(number: str, changed: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What the cells of one notebook define when it is run; ``changed`` takes the place of a cell's own names."""
    (path,) = FOLDER.glob(f"{number}_*.py")
    spec = importlib.util.spec_from_file_location(f"notebook_{number}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    _, names = module.app.run(defs=dict(changed or {}))
    return dict(names)


def titles(chart: Any) -> list[str]:
    """The title of a chart and of its two axes."""
    spec = chart.to_dict()
    layers = spec.get("layer", [spec])
    axes = [layer["encoding"][axis] for layer in layers for axis in ("x", "y") if axis in layer.get("encoding", {})]
    return [spec.get("title") or layers[0].get("title", ""), *(str(axis.get("title")) for axis in axes)]


def colours(chart: Any) -> set[str]:
    """Every colour named in a chart."""
    found: set[str] = set()

    def look(value: Any) -> None:
        if isinstance(value, dict):
            for item in value.values():
                look(item)
        elif isinstance(value, list):
            for item in value:
                look(item)
        elif isinstance(value, str) and value.startswith("#"):
            found.add(value)

    look({key: value for key, value in chart.to_dict().items() if key not in ("config", "datasets")})
    return found


def check_plot(chart: Any, *units: str) -> None:
    """A plot has a title, says its units, and loses nothing in grey."""
    said = titles(chart)
    assert said[0]
    for unit in units:
        assert any(unit in title for title in said), f"{unit} is not said in {said}"
    for colour in colours(chart):
        assert len({colour[1:3], colour[3:5], colour[5:7]}) == 1, f"{colour} is not a grey"


def test_there_are_six_numbered_notebooks() -> None:
    assert [path.name[:2] for path in NOTEBOOKS] == ["01", "02", "03", "04", "05", "06"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_short_and_uses_public_names_only(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) < LONGEST
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "matcher":
            assert node.module == "matcher"
            assert {name.name for name in node.names} <= set(matcher.__all__)
        if isinstance(node, ast.Import):
            assert not any(name.name.startswith("matcher.") for name in node.names)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "matcher":
            assert node.attr in matcher.__all__


def test_01_shows_the_gaps_of_the_directory() -> None:
    names = run("01")
    shares = dict(zip(names["gaps"]["field"], names["gaps"]["share"], strict=True))
    no_cost = sum(s.cost is None and not s.fees for s in names["services"])
    assert shares["cost"] == pytest.approx(100 * (1 - no_cost / len(names["services"])))
    untagged = sum(not s.categories for s in names["services"])
    assert names["in_it"]["(none given)"] == untagged
    assert "stale" in set(names["findings"]["finding"])
    check_plot(names["contents_plot"], "services")
    check_plot(names["gaps_plot"], "%")
    check_plot(names["places_plot"], "degrees")


def test_02_hears_what_is_wanted_and_what_is_not() -> None:
    names = run("02")
    assert names["labels"]["loneliness"] in set(names["wanted"]["concept"])
    assert any("counselling" in quote.casefold() for quote in names["declined"]["heard in"])
    assert len(names["offers"]) > 5
    check_plot(names["wants_plot"], "0 to 1")
    check_plot(names["links_plot"], "0 to 1")


def test_03_every_step_adds_up_to_the_score() -> None:
    names = run("03")
    steps, picked = names["steps"], names["picked"]
    parts = steps[steps["part"] != "score"]
    assert parts["weight"].sum() == pytest.approx(picked.score, abs=1e-6)
    assert steps.iloc[-1]["to"] == pytest.approx(picked.score, abs=1e-6)
    assert list(parts["to"])[:-1] == pytest.approx(list(parts["from"])[1:])
    assert len(names["shown"]) == 10
    assert names["why_not"]
    check_plot(names["waterfall"], "score")


def test_04_measures_runs_and_groups_with_intervals() -> None:
    names = run("04")
    figures = names["figures"]
    assert {"default", "without lexical", "random", "BM25 only"} <= set(figures)
    assert figures["random"].mean < figures["BM25 only"].mean < figures["default"].mean
    assert figures["default"].low < figures["default"].mean < figures["default"].high
    assert "under 18" in names["small"]
    assert set(names["against"]["measure"]) == {"nDCG@10", "facet coverage@5", "barred@10"}
    check_plot(names["runs_plot"], "0 to 1")
    check_plot(names["slices_plot"], "0 to 1")


def test_05_starts_where_nothing_has_moved() -> None:
    names = run("05")
    assert names["settings"].fingerprint == Settings().fingerprint
    assert names["mean"] == names["was"] > 0
    assert not len(names["moved"])
    assert names["saved"] is None


def test_05_a_moved_slider_ranks_again_and_can_be_saved(tmp_path: Path) -> None:
    tried = Settings().changed(ranking__near=0.9)

    class Pressed:
        """The state of the page's button and text field after a click on "save"."""

        value = str(tmp_path / "mine" / "settings.toml")

    names = run("05", {"settings": tried, "path": Pressed, "save": Pressed})
    assert names["mean"] < names["was"], "what is close by before what is wanted is worse"
    changes = names["moved"]["change"]
    assert changes.sum() / len(names["people"]) == pytest.approx(names["mean"] - names["was"], abs=1e-6)
    assert list(changes) == sorted(changes)
    assert len(names["side_by_side"]) == 5
    assert read_settings(names["saved"]).fingerprint == tried.fingerprint


def test_06_counts_needs_that_nothing_meets() -> None:
    names = run("06")
    needs, answers = names["needs"], names["answers"]
    assert len(answers) == len(names["people"])
    assert (needs["answered"] + needs["nothing found"] == needs["people"]).all()
    assert needs["people"].min() >= names["smallest"].value
    label = needs.iloc[0]["need"]
    assert needs.iloc[0]["people"] == sum(label in answer.understood for answer in answers)
    for plot in ("needs_plot", "screened_plot", "load_plot"):
        check_plot(names[plot], "people" if plot != "screened_plot" else "a person")
