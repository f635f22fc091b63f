"""Judged consultations, read once: everything that a search asks again and again is kept."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

import numpy as np
from numpy.typing import NDArray

from matcher.domain import Consultation, InputError, ServiceId
from matcher.engine import Engine, Reading
from matcher.estimator import ndcg
from matcher.evaluation.judgements import GOOD, Judgements
from matcher.profile import Profile
from matcher.ranking import Place
from matcher.scorers.base import Contribution, Judge, Rows, Scorer, Scores

FEWEST = 30
"""Below so many labelled consultations nothing is tuned: what is learnt would be these few people, not the town."""


@dataclass(frozen=True, eq=False)
class Labelled:
    """Consultations with the judges' grades, and the engine that they are asked of.

    Attributes:
        engine: fitted without need -> offer weights of its own; its text scorers remember what they said.
        consultations: those that have at least one good service (grade 2 or 3) to find.
        grades: for each, the judges' grades by service id.
        as_of: the day to answer for.
    """

    engine: Engine
    consultations: tuple[Consultation, ...]
    grades: tuple[Mapping[ServiceId, int], ...]
    as_of: date

    def __len__(self) -> int:
        return len(self.consultations)

    def read(self, place: int, engine: Engine) -> Reading:
        """One of the consultations, understood, screened and scored by an engine."""
        return engine.read(self.consultations[place], self.as_of)

    def value(self, place: int, places: Sequence[Place]) -> float:
        """NDCG@10 of a list for one of the consultations."""
        return ndcg([self.engine.ids[found.row] for found in places], self.grades[place])


def labelled(engine: Engine, consultations: Sequence[Consultation], judgements: Judgements, as_of: date) -> Labelled:
    """The consultations that a search can learn from.

    Raises:
        InputError: there are too few.
    """
    found = [c for c in consultations if any(j.grade >= GOOD for j in judgements.pairs.get(c.id, {}).values())]
    if len(found) < FEWEST:
        raise InputError(
            f"judgements: {len(found)} of the consultations have a service of grade 2 or 3, tuning needs {FEWEST}; "
            "`matcher judge make` makes a worksheet for more"
        )
    grades = tuple({key: j.grade for key, j in judgements.pairs[c.id].items()} for c in found)
    return Labelled(_remembering(engine), tuple(found), grades, as_of)


def folds_of(consultations: Sequence[Consultation], folds: int, seed: int) -> NDArray[np.int64]:
    """A fold number for each consultation; all consultations of one person get the same. Shape (consultations,)."""
    people = [c.person_ref or f"consultation {c.id}" for c in consultations]
    names = sorted(set(people))
    order = np.random.default_rng(seed).permutation(len(names))
    fold_of = {names[place]: turn % folds for turn, place in enumerate(order)}
    return np.array([fold_of[person] for person in people], dtype=np.int64)


class Remembered:
    """A text scorer that gives the same request the same answer without working it out again."""

    def __init__(self, scorer: Scorer, services: int) -> None:
        self.name = scorer.name
        self._scorer = scorer
        self._all = np.arange(services)
        self._scores: dict[tuple[tuple[str, float], ...], Scores] = {}

    def can_score(self, profile: Profile) -> bool:
        """See :class:`matcher.scorers.base.Scorer`."""
        return self._scorer.can_score(profile)

    def score(self, profile: Profile, rows: Rows) -> Scores:
        """The values of all rows are kept by the request's texts; some rows are read off them."""
        if profile.queries not in self._scores:
            self._scores[profile.queries] = self._scorer.score(profile, self._all)
        return self._scores[profile.queries][rows]

    def judge(self, profile: Profile) -> Judge:
        """See :class:`matcher.scorers.base.Scorer`."""
        return partial(self.score, profile)

    def contributions(self, profile: Profile, row: int) -> list[Contribution]:
        """See :class:`matcher.scorers.base.Scorer`."""
        return self._scorer.contributions(profile, row)


def _remembering(engine: Engine) -> Engine:
    changed = copy.copy(engine)
    fusion = engine.index.fusion
    remembering = replace(fusion, texts=tuple(Remembered(scorer, len(engine.catalogue)) for scorer in fusion.texts))
    changed.index = replace(engine.index, fusion=remembering)
    return changed
