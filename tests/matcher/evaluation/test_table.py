from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from matcher.evaluation.judging import Agreement, Kappa
from matcher.evaluation.measures import MEASURES
from matcher.evaluation.table import FEW, print_agreement, print_scorecard
from tests.matcher.evaluation.builders import a_run, three_scored


def printed(others: int) -> str:
    console = Console(file=StringIO(), width=80)
    print_scorecard(three_scored(*(a_run(f"run number {n}", ann=["s1"]) for n in range(others))), console)
    return str(console.file.getvalue())  # type: ignore[attr-defined]


@pytest.mark.parametrize("others", [0, 1, 3])
def test_a_few_runs_stand_side_by_side_with_every_measure(others: int) -> None:
    text = printed(others)
    assert "…" not in text, "cut off at 80 columns"
    assert all(measure.name in text for measure in MEASURES)


def test_many_runs_stand_below_one_another_with_the_main_measures() -> None:
    text = printed(9)
    assert "…" not in text
    assert text.count("run number 8") == 2, "once with its figures, once against the first run"
    assert all(word in text for name in FEW for word in name.split())


def test_one_run_alone_is_compared_with_nothing() -> None:
    assert "minus default" not in printed(0)
    assert "minus default" in printed(1)


def test_agreement_is_said_in_words() -> None:
    console = Console(file=StringIO(), width=80)
    apart = ((("ann", "s1"), {"x": 3, "y": 0}),)
    print_agreement(Agreement((Kappa("x", "y", 12, 0.934), Kappa("x", "z", 0, None)), 20, apart), console)
    text = str(console.file.getvalue())  # type: ignore[attr-defined]
    assert "weighted kappa of x and y: 0.934 (n 12)" in text
    assert "not defined" in text
    assert "ann s1: x 3, y 0" in text
