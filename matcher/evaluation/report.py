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
    write_json(data, folder / DATA)
    write_text(page(data), folder / PAGE)
    _write_trec(scorecard, folder / TREC)
    return folder / PAGE


def page(data: Mapping[str, Any]) -> str:
    """The HTML page of the values of a report.json."""
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
    return render("report.html.j2", drawings, data=data, reference=reference, moved_by=MOVED_BY)


def render(template: str, drawings: dict[str, Any], **values: Any) -> str:
    """A page from a template of this package: everything is escaped but the drawings, which were made here."""
    environment = Environment(
        loader=PackageLoader("matcher.evaluation", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(number=number, interval=interval, signed=signed, p_value=p_value)
    return environment.get_template(template).render(plots=_trusted(drawings), **values)


def write_json(data: Mapping[str, Any], path: Path) -> None:
    """Values as a JSON file that a person can read too."""
    write_text(json.dumps(data, ensure_ascii=False, indent=1, allow_nan=False) + "\n", path)


def write_text(text: str, path: Path) -> None:
    """A file that is there in full or not at all."""
    temporary = path.with_name(f"{path.name}.tmp")
    temporary.write_text(text, encoding="utf-8", newline="\n")
    temporary.replace(path)


def number(value: float | None) -> str:
    """Three digits; a dash where there is nothing."""
    return "–" if value is None else f"{value:.3f}"


def signed(value: float | None) -> str:
    """Three digits with a sign (a true minus), for differences."""
    return "–" if value is None else plain_minus(f"{value:+.3f}")


def interval(value: list[float] | None, digits: int = 3) -> str:
    """``0.512 to 0.634``; a dash where there is none."""
    return "–" if value is None else " to ".join(plain_minus(f"{bound:.{digits}f}") for bound in value)


def plain_minus(text: str) -> str:
    """A number's text with a true minus; what was rounded to nothing has no sign."""
    return text.replace("-", "−") if text.strip("+-0.") else text.strip("+-")


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
