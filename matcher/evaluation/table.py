"""The figures on a terminal, compactly."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from matcher.evaluation.comparison import SIGNIFICANT
from matcher.evaluation.judging import Agreement
from matcher.evaluation.measures import HEADLINES, MEASURES
from matcher.evaluation.scorecard import Scorecard
from matcher.evaluation.statistics import Figure

MOST_COLUMNS = 5
"""Up to so many runs stand side by side with all measures; more are listed below one another with a few."""
INTERVALS_UP_TO = 3
MOST_FAR_APART = 20
FEW = ("nDCG@10", "success@3", "facet coverage@5", "recall@20", "barred@10")


def print_scorecard(scorecard: Scorecard, console: Console | None = None) -> None:
    """All measures of a few runs, or the main ones of many; then each run against the first."""
    console = console or Console()
    asked, judged = scorecard.asked
    console.print(
        f"{asked} consultations ({judged} judged), {len(scorecard.facts.names)} services, as of {scorecard.as_of}"
    )
    few = len(scorecard.runs) <= MOST_COLUMNS
    console.print(_side_by_side(scorecard) if few else _one_below_another(scorecard))
    if scorecard.comparisons:
        console.print(_against(scorecard))
    for run in scorecard.runs[:1]:
        if run.stamp:
            console.print(f"[dim]{escape(run.name)}: {escape(run.stamp)}[/dim]")


def print_agreement(agreement: Agreement, console: Console | None = None) -> None:
    """Weighted kappa of each two judges, and the pairs to talk about."""
    console = console or Console()
    console.print(f"{agreement.judged} judgements merged")
    for kappa in agreement.kappas:
        value = "not defined" if kappa.kappa is None else f"{kappa.kappa:.3f}"
        console.print(f"weighted kappa of {escape(kappa.first)} and {escape(kappa.second)}: {value} (n {kappa.n})")
    if agreement.far_apart:
        console.print(f"{len(agreement.far_apart)} grades at least two apart, to talk about:")
    for (consultation_id, service_id), grades in agreement.far_apart[:MOST_FAR_APART]:
        said = ", ".join(f"{judge} {grade}" for judge, grade in grades.items())
        console.print(f"  {escape(consultation_id)} {escape(service_id)}: {escape(said)}")


def _side_by_side(scorecard: Scorecard) -> Table:
    table = Table(pad_edge=False)
    table.add_column("")
    for run in scorecard.runs:
        table.add_column(escape(run.name), justify="right")
    with_interval = len(scorecard.runs) <= INTERVALS_UP_TO
    for measure in MEASURES:
        figures = [scorecard.figures[run.name][measure.name] for run in scorecard.runs]
        table.add_row(measure.name, *(_cell(figure, with_interval) for figure in figures))
    return table


def _one_below_another(scorecard: Scorecard) -> Table:
    table = Table(pad_edge=False)
    table.add_column("", no_wrap=True)
    for name in FEW:
        table.add_column(name, justify="right", overflow="fold", min_width=max(map(len, name.split())))
    for run in scorecard.runs:
        table.add_row(escape(run.name), *(_cell(scorecard.figures[run.name][name], False) for name in FEW))
    return table


def _against(scorecard: Scorecard) -> Table:
    table = Table(
        pad_edge=False, title=f"minus {escape(scorecard.reference.name)} (p after Holm; * = unlikely to be chance)"
    )
    table.title_justify = "left"
    table.add_column("", no_wrap=True)
    for name in HEADLINES:
        table.add_column(name, justify="right")
    for comparison in scorecard.comparisons:
        cells = []
        for name in HEADLINES:
            found = comparison.differences[name]
            mean = "–" if found.figure.mean is None else f"{found.figure.mean:+.3f}"
            cells.append(f"{mean} p={found.p_holm:.3f} {'*' if found.p_holm < SIGNIFICANT else ' '}")
        table.add_row(escape(comparison.run), *cells)
    return table


def _cell(figure: Figure, with_interval: bool) -> str:
    if figure.mean is None:
        return "–"
    interval = f" [dim]{figure.low:.3f}–{figure.high:.3f}[/dim]" if with_interval and figure.low is not None else ""
    return f"{figure.mean:.3f}{interval}"
