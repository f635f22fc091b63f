"""The quality page: two places side by side against the targets, and what each part of the engine is worth.

Of a place that stays unseen there are figures only; what the judges wanted is shown for the in-sample one alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matcher.evaluation import plots
from matcher.evaluation.comparison import MOVED_BY
from matcher.evaluation.measures import BY_NAME
from matcher.evaluation.report import DATA, render, write_json, write_text
from matcher.evaluation.report_data import figure_json, report_data
from matcher.evaluation.scorecard import Scorecard
from matcher.evaluation.slices import group_order

PAGE = "quality.html"
WITHOUT_SEMANTIC = "without semantic"
"""The run that shows what is left where no sentence encoder is installed."""
MOST_LOST = 0.06
"""How much nDCG@10 may be lost there."""
COMMON_TARGETS = {"success@3": 0.85, "facet coverage@5": 0.75, "barred@10": 0.20}


@dataclass(frozen=True, slots=True)
class Place:
    """A place that quality is measured in, whether the engine was made in sight of it, and what it should reach."""

    name: str
    in_sample: bool
    targets: Mapping[str, float]

    @property
    def title(self) -> str:
        """Its name, never without the warning."""
        return f"{self.name} (in-sample)" if self.in_sample else self.name


SAMPLE = Place("sample town", True, {"nDCG@10": 0.68, **COMMON_TARGETS})
VALIDATION = Place("validation town", False, {"nDCG@10": 0.60, **COMMON_TARGETS})


def quality_data(places: Sequence[tuple[Place, Scorecard]], parts: Mapping[str, str]) -> dict[str, Any]:
    """The page as JSON values: for each place what ``report_data`` has, and each measure against its target.

    Args:
        places: each with its runs; those named ``without ...`` are the ablations.
        parts: what each part that is left out does, in words.
    """
    return {
        "parts": dict(parts),
        "places": [
            {
                "title": place.title,
                "in_sample": place.in_sample,
                "targets": targets_json(place, scorecard),
                "semantic": semantic_json(scorecard),
                **report_data(scorecard, examples=place.in_sample),
            }
            for place, scorecard in places
        ],
    }


def targets_json(place: Place, scorecard: Scorecard) -> list[dict[str, Any]]:
    """Each measure with a target: the figure, without the semantic scorer too, and how far it is beyond the target.

    ``margin`` is positive where the target is reached, whichever way is better.
    """
    figures = scorecard.figures[scorecard.reference.name]
    without = scorecard.figures.get(WITHOUT_SEMANTIC)
    return [
        {
            "measure": name,
            "target": target,
            "better": BY_NAME[name].better,
            "margin": _margin(figures[name].mean, target, BY_NAME[name].better),
            **figure_json(figures[name]),
            "without_semantic": figure_json(without[name]) if without else None,
        }
        for name, target in place.targets.items()
    ]


def semantic_json(scorecard: Scorecard) -> dict[str, Any] | None:
    """What is lost of nDCG@10 without the semantic scorer, against the target; ``None`` where it took no part."""
    found = [c.differences[MOVED_BY].figure for c in scorecard.comparisons if c.run == WITHOUT_SEMANTIC]
    if not found:
        return None
    return {**figure_json(found[0]), "most_lost": MOST_LOST, "margin": _margin(found[0].mean, -MOST_LOST, 1)}


def write_quality(places: Sequence[tuple[Place, Scorecard]], parts: Mapping[str, str], folder: Path) -> Path:
    """Write quality.html and report.json into a folder (made when missing) and return the page's path."""
    folder.mkdir(parents=True, exist_ok=True)
    data = quality_data(places, parts)
    write_json(data, folder / DATA)
    write_text(quality_page(data), folder / PAGE)
    return folder / PAGE


def quality_page(data: Mapping[str, Any]) -> str:
    """The HTML page of the values of such a report.json."""
    places = data["places"]
    runs = _names(place["comparisons"] for place in places)
    changes = {
        place["title"]: {name: c["measures"][MOVED_BY] for name, c in place["comparisons"].items()} for place in places
    }
    return render(
        "quality.html.j2",
        {"parts": plots.differences_plot(changes, MOVED_BY)} if runs else {},
        data=data,
        places=places,
        slices=side_by_side([place["slices"][place["about"]["reference"]] for place in places]),
        runs=runs,
        moved_by=MOVED_BY,
    )


def side_by_side(slices: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, list[Any]]]:
    """Slice -> group -> one entry a place, ``None`` where a place has no such group."""
    return {
        name: {
            group: [found[name].get(group) for found in slices]
            for group in sorted(_names(found[name] for found in slices), key=group_order)
        }
        for name in slices[0]
    }


def _names(mappings: Iterable[Mapping[str, Any]]) -> list[str]:
    """The keys of all, each once, in the order met."""
    return list(dict.fromkeys(key for mapping in mappings for key in mapping))


def _margin(mean: float | None, target: float, better: int) -> float | None:
    return None if mean is None else better * (mean - target)
