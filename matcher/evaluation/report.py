"""The report: one HTML file that needs nothing else, report.json with every figure, and the runs in TREC form."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from matcher.evaluation import plots
from matcher.evaluation.comparison import MOVED_BY
from matcher.evaluation.report_data import report_data
from matcher.evaluation.scorecard import Scorecard
from matcher.evaluation.trec import write_trec_qrels, write_trec_run

PAGE, DATA, TREC = "report.html", "report.json", "trec"


def write_report(scorecard: Scorecard, folder: Path) -> Path:
    """Write the report into a folder (made when missing) and return the page's path.

    ``trec/`` gets one run file a run, ``grades.qrels`` and ``barred.qrels`` (1 = must not be suggested, so that
    ``P_5`` against it times 5 is ``barred@5``).
    """
    folder.mkdir(parents=True, exist_ok=True)
    data = report_data(scorecard)
    text = json.dumps(data, ensure_ascii=False, indent=1, allow_nan=False)
    _write(folder / DATA, text + "\n")
    _write(folder / PAGE, page(data))
    _write_trec(scorecard, folder / TREC)
    return folder / PAGE


def page(data: Mapping[str, Any]) -> str:
    """The HTML page of the values of a report.json."""
    environment = Environment(
        loader=PackageLoader("matcher.evaluation", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(number=number, interval=interval, signed=signed, p_value=p_value)
    reference = data["about"]["reference"]
    drawings = {
        "runs": plots.figures_plot(data["runs"], data["headlines"]),
        "slices": plots.slices_plot(data["slices"][reference], MOVED_BY, data["runs"][reference][MOVED_BY]["mean"]),
        "changes": {
            name: plots.changes_plot(comparison["moved"], name, MOVED_BY)
            for name, comparison in data["comparisons"].items()
            if comparison["moved"]
        },
    }
    template = environment.get_template("report.html.j2")
    return template.render(data=data, reference=reference, plots=_trusted(drawings), moved_by=MOVED_BY)


def number(value: float | None) -> str:
    """Three digits; a dash where there is nothing."""
    return "–" if value is None else f"{value:.3f}"


def signed(value: float | None) -> str:
    """Three digits with a sign (a true minus), for differences."""
    return "–" if value is None else f"{value:+.3f}".replace("-", "−")


def interval(value: list[float] | None, digits: int = 3) -> str:
    """``0.512 to 0.634``; a dash where there is none."""
    return "–" if value is None else f"{value[0]:.{digits}f} to {value[1]:.{digits}f}".replace("-", "−")


def p_value(value: float) -> str:
    """Three digits, and never "0.000"."""
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def _trusted(drawings: dict[str, Any]) -> dict[str, Any]:
    """Markup that was drawn here and is put into the page as it is."""
    return {
        key: _trusted(value) if isinstance(value, dict) else Markup(value)  # noqa: S704  our own SVG, see plots
        for key, value in drawings.items()
    }


def _write_trec(scorecard: Scorecard, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    pairs = scorecard.judgements.pairs
    grades = {key: {s: j.grade for s, j in listed.items()} for key, listed in pairs.items()}
    barred = {key: {s: int(bool(j.barred)) for s, j in listed.items()} for key, listed in pairs.items()}
    write_trec_qrels(grades, folder / "grades.qrels")
    write_trec_qrels(barred, folder / "barred.qrels")
    names: set[str] = set()
    for place, run in enumerate(scorecard.runs):
        lists = {key: [shown.service_id for shown in listed] for key, listed in run.lists.items()}
        name = file_name(run.name)
        name = f"{name}-{place}" if name.casefold() in names else name
        names.add(name.casefold())
        write_trec_run(run.name, lists, folder / f"{name}.run")


def file_name(name: str) -> str:
    """A run's name as the name of a file."""
    return re.sub(r"[^A-Za-z0-9.]+", "-", name).strip("-.") or "run"


def _write(path: Path, text: str) -> None:
    temporary = path.with_name(f"{path.name}.tmp")
    temporary.write_text(text, encoding="utf-8", newline="\n")
    temporary.replace(path)
