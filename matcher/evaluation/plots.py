"""Plots as inline SVG. Shapes and shades of grey only, so that a print loses nothing; no address is left in them."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

DARK, MIDDLE, LIGHT = "#222222", "#777777", "#bbbbbb"
WIDTH = 9.0
"""Inches; the page scales it to its own width."""
_STYLE: dict[Any, Any] = {
    "svg.hashsalt": "matcher",  # the same figures give the same file
    "svg.fonttype": "none",  # text stays text: it can be searched, copied and read aloud
    "font.family": "sans-serif",
    "font.size": 10,
    "text.parse_math": False,  # a run's name is a name, whatever signs it has
    "axes.spines.top": False,
    "axes.spines.right": False,
}
_NOTHING = {"mean": None}
_HEAD = re.compile(r"^.*?(?=<svg)", re.DOTALL)
_METADATA = re.compile(r"<metadata>.*?</metadata>", re.DOTALL)
_NAMESPACE = re.compile(r'\sxmlns(?::\w+)?="[^"]*"')
_ID = re.compile(r'(\bid="|url\(#|href="#)')


def figures_plot(runs: Mapping[str, Any], measures: Sequence[str]) -> str:
    """A dot and its interval for each run, one panel a measure. ``runs`` as in report.json."""
    names = list(runs)
    with rc_context(_STYLE):
        drawing = Figure(figsize=(WIDTH, 1.3 + 0.3 * len(names)), layout="constrained")
        panels = drawing.subplots(1, len(measures), sharey=True, squeeze=False)[0]
        for panel, measure in zip(panels, measures, strict=True):
            _dots(panel, [runs[name][measure] for name in names], names)
            panel.set_title(measure, fontsize=10, loc="left")
            panel.set_xlabel(_unit(measure))
        return _svg(drawing, "runs", f"{', '.join(measures)} of each run with 95% intervals")


def differences_plot(places: Mapping[str, Mapping[str, Any]], measure: str) -> str:
    """What each run changes in a measure, a dot and its interval, one panel a place. Figures as in report.json."""
    names = list(dict.fromkeys(name for runs in places.values() for name in runs))
    with rc_context(_STYLE):
        drawing = Figure(figsize=(WIDTH, 1.1 + 0.26 * len(names)), layout="constrained")
        panels = drawing.subplots(1, len(places), sharey=True, sharex=True, squeeze=False)[0]
        for panel, (place, runs) in zip(panels, places.items(), strict=True):
            _dots(panel, [runs.get(name, _NOTHING) for name in names], names)
            panel.axvline(0, color=DARK, linewidth=0.8, zorder=0)
            panel.set_title(place, fontsize=10, loc="left")
            panel.set_xlabel(f"change in {measure}")
            panel.locator_params(axis="x", nbins=5)
        panels[0].autoscale(axis="x")  # over all panels, also to the right
        return _svg(drawing, "differences", f"change in {measure} of each run with 95% intervals")


def slices_plot(slices: Mapping[str, Any], measure: str, overall: float | None) -> str:
    """A dot and its interval for each group of each slice; groups that are too small have no dot. As in report.json."""
    with rc_context(_STYLE):
        labels: list[str] = []
        entries: list[Mapping[str, Any]] = []
        for name, groups in slices.items():
            labels += [name, *(f"{group}  (n {entry['n']})" for group, entry in groups.items())]
            entries += [{}, *(entry.get(measure, {"too_few": entry["too_few"]}) for entry in groups.values())]
        drawing = Figure(figsize=(WIDTH, 1.0 + 0.26 * len(labels)), layout="constrained")
        axes = drawing.subplots()
        _dots(axes, entries, labels)
        for label, entry in zip(axes.get_yticklabels(), entries, strict=True):
            label.set_fontweight("bold" if not entry else "normal")
        if overall is not None:
            axes.axvline(overall, color=LIGHT, linewidth=1, zorder=0)
        axes.set_xlabel(f"{measure} ({_unit(measure)}); the line is the mean of all")
        return _svg(drawing, "slices", f"{measure} by group of people with 95% intervals")


def changes_plot(moved: Mapping[str, float], name: str, measure: str) -> str:
    """One bar a consultation that moved, losses to gains: dark for worse, light for better."""
    changes = list(moved.values())
    with rc_context(_STYLE):
        drawing = Figure(figsize=(WIDTH, 2.2), layout="constrained")
        axes = drawing.subplots()
        axes.bar(
            range(len(changes)),
            changes,
            color=[DARK if c < 0 else LIGHT for c in changes],
            edgecolor=DARK,
            linewidth=0.5,
        )
        axes.axhline(0, color=DARK, linewidth=0.8)
        axes.set_xticks([])
        axes.set_xlabel(f"{len(changes)} consultations that moved, from most lost to most gained")
        axes.set_ylabel(f"change in {measure}")
        return _svg(drawing, f"changes-{name}", f"change in {measure} of each consultation")


def _dots(axes: Axes, entries: Sequence[Mapping[str, Any]], labels: Sequence[str]) -> None:
    for place, entry in enumerate(entries):
        if entry.get("too_few"):
            axes.annotate(
                "too few", (0.01, place), xycoords=("axes fraction", "data"), color=MIDDLE, va="center", size=8
            )
        if entry.get("mean") is None:
            continue
        if entry["ci"]:
            axes.plot(entry["ci"], [place, place], color=MIDDLE, linewidth=2, solid_capstyle="butt")
        axes.plot([entry["mean"]], [place], "o", color=DARK, markersize=5)
    axes.set_yticks(range(len(labels)), labels)
    axes.set_ylim(len(labels) - 0.5, -0.5)
    axes.set_xlim(left=min(0.0, axes.get_xlim()[0]))
    axes.grid(axis="x", color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(axis="y", length=0)


def _unit(measure: str) -> str:
    return "suggestions a consultation" if measure.startswith(("barred", "stale", "unknown")) else "0 to 1"


def _svg(drawing: Figure, name: str, description: str) -> str:
    """The drawing as markup for an HTML page: no prologue, no name spaces or metadata (both are addresses), own ids."""
    buffer = io.StringIO()
    drawing.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    plain = _NAMESPACE.sub("", _METADATA.sub("", _HEAD.sub("", buffer.getvalue())))
    prefix = re.sub(r"[^a-z0-9]+", "-", name.casefold())
    plain = _ID.sub(rf"\g<1>{prefix}-", plain)
    return plain.replace("<svg", f'<svg role="img" aria-label="{description}"', 1)
