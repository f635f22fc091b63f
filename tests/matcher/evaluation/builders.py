"""Builders: a test states only what matters to it. Also the hand-worked example of three consultations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from matcher.catalogue.columns import Catalogue, build_catalogue
from matcher.domain import Consultation, Need, Point, Service
from matcher.evaluation import Judgement, Judgements, Run, Scorecard, Shown, score_runs

AS_OF = date(2026, 11, 1)


def a_service(id: str, **changes: Any) -> Service:
    values: dict[str, Any] = {"name": f"Service {id}", "description": f"words {id}", "last_modified": date(2026, 6, 1)}
    return Service(id=id, **{**values, **changes})


def a_consultation(id: str, **changes: Any) -> Consultation:
    return Consultation(id=id, **{"needs": (Need("company"),), **changes})


def a_run(name: str = "default", **lists: Sequence[str | Shown]) -> Run:
    return Run(
        name, {key: tuple(s if isinstance(s, Shown) else Shown(s) for s in shown) for key, shown in lists.items()}
    )


def judged(grades: Mapping[str, Mapping[str, int]]) -> Judgements:
    return Judgements({key: {s: Judgement(grade) for s, grade in listed.items()} for key, listed in grades.items()})


def three_judgements() -> Judgements:
    """Ann: a best, a good, a fair service and one that is for men only. Bob: a best and a good one. Cat: a good one."""
    return Judgements(
        pairs={
            "ann": {
                "s1": Judgement(3, frozenset("a")),
                "s2": Judgement(2, frozenset("b")),
                "s3": Judgement(1, frozenset("a")),
                "s4": Judgement(0, barred="men only"),
            },
            "bob": {"s2": Judgement(3, frozenset("a")), "s5": Judgement(2, frozenset("b"))},
            "cat": {"s6": Judgement(2, frozenset("a"))},
        },
        facets={
            "ann": {"a": "company", "b": "cooking", "c": "crib"},
            "bob": {"a": "debts", "b": "work"},
            "cat": {"a": "x"},
        },
    )


def three_lists() -> Run:
    """Ann is shown the barred one first; Bob gets his two the wrong way round; Cat gets no answer."""
    ann = [
        Shown("s4", 0.9, "fits", 1.0),
        Shown("s1", 0.8, "check", 2.0),
        Shown("s7", 0.7, "fits", None),
        Shown("s3", 0.6, "near_miss", 4.0),
        Shown("s2", 0.5, "fits", 3.0),
    ]
    return a_run(ann=ann, bob=[Shown("s5", 0.4, "fits", 5.0), Shown("s2", 0.3, "fits", 7.0)])


def seven_services() -> Catalogue:
    """s1 to s7; s3 was last changed three years ago, s7 never as far as is known."""
    changes: dict[str, dict[str, Any]] = {"s3": {"last_modified": date(2023, 11, 1)}, "s7": {"last_modified": None}}
    return build_catalogue([a_service(f"s{n}", **changes.get(f"s{n}", {})) for n in range(1, 8)])


def three_consultations() -> list[Consultation]:
    return [
        a_consultation("ann", age=81.0, gender="woman"),
        a_consultation("bob"),
        a_consultation("cat", note="quiet", needs=()),
    ]


def three_scored(*others: Run) -> Scorecard:
    return score_runs([three_lists(), *others], three_judgements(), three_consultations(), seven_services(), AS_OF)


HERE = Point(50.85, -0.4)
