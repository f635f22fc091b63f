"""Tag scorer: the request's concepts against the services' concepts, through the need -> offer weights."""

from __future__ import annotations

from operator import attrgetter

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from matcher.domain import ConceptId
from matcher.loops import best_answers, facet_totals, facet_values
from matcher.offers import Offers
from matcher.profile import Profile, Want
from matcher.scorers.base import Contribution, Judge, Rows, Scores
from matcher.sparse import SparseRows

STEPS = 255
Told = tuple[Want, ConceptId]
"""A want that is met, and the offer that answers it."""


class TagScorerConfig(BaseModel):
    """Weights of the tag scorer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    full_marks: float = 1.6
    """A service that meets facets of this total weight (or all, when they weigh less) has the value 1."""
    link_power: float = 2.0
    """Link weights are raised to this power: a bridge (0.3) then weighs little beside a straight answer (1)."""
    support: float = 0.35
    """How much the second and further concepts of one facet add to its best one."""


class TagScorer:
    """Value of a service: the facets it meets, each by its best concept and a little for the others.

    The affinity of a service to a wanted concept is ``max over offers (link weight x strength of the offer)``, computed
    once when fitted, in steps of 1/255: a byte a concept and service, so that a million services fit in memory.
    """

    name = "tags"

    def __init__(self, offers: Offers, config: TagScorerConfig, affinity: NDArray[np.uint8] | None = None) -> None:
        """Work out the affinities, or take those of a saved index. Shape (concepts, services)."""
        self.config = config
        self.taxonomy = offers.taxonomy
        self.offers = offers
        self._links = self.taxonomy.link_matrix**config.link_power
        self.affinity = in_steps(offers.strength, self._links) if affinity is None else affinity

    def can_score(self, profile: Profile) -> bool:
        """It can speak wherever at least one concept was understood."""
        return bool(profile.wants)

    def score(self, profile: Profile, rows: Rows) -> Scores:
        """See :class:`matcher.scorers.base.Scorer`."""
        return self.judge(profile)(rows)

    def judge(self, profile: Profile) -> Judge:
        """See :class:`matcher.scorers.base.Scorer`."""
        totals = self.totals(profile, 1 / self.scale(profile))
        return lambda rows: np.asarray(np.minimum(1.0, totals(rows)))

    def totals(self, profile: Profile, scale: float) -> Judge:
        """What all facets together get from services, times a scale."""
        asked = self._asked(profile)
        return lambda rows: facet_totals(rows, *asked, self.config.support, scale)

    def facet_values(self, profile: Profile, rows: Rows) -> NDArray[np.float64]:
        """What each facet gets from each service, before scaling. Shape (facets, rows).

        That is the best of its wants (``weight x affinity``) and a little of the others, 1 at most.
        """
        return facet_values(len(profile.facets), rows, *self._asked(profile), self.config.support)

    def _wants(self, profile: Profile) -> list[Want]:
        """Those of one facet together."""
        return sorted(profile.wants, key=attrgetter("facet", "concept"))

    def _asked(self, profile: Profile) -> tuple[NDArray[np.uint8], Rows, NDArray[np.float64], Rows]:
        """What the loops over services ask for."""
        wants = self._wants(profile)
        concepts = np.array([self.taxonomy.index[want.concept] for want in wants], dtype=np.int64)
        weights = np.array([want.weight / STEPS for want in wants])
        facets = np.array([want.facet for want in wants], dtype=np.int64)
        return self.affinity, concepts, weights, facets

    def scale(self, profile: Profile) -> float:
        """What facet values are divided by: full marks, or all facets together when they weigh less."""
        return min(self.config.full_marks, max(sum(facet.weight for facet in profile.facets), 1e-9))

    def column(self, concept: ConceptId, rows: Rows) -> NDArray[np.float64]:
        """The affinity of services to one wanted concept. Shape as ``rows``."""
        return np.asarray(self.affinity[self.taxonomy.index[concept]].take(rows) / STEPS)

    def contributions(self, profile: Profile, row: int) -> list[Contribution]:
        """One part a facet, told by its best concept."""
        rows = np.array([row])
        values = self.facet_values(profile, rows)[:, 0].tolist()
        shrink = 1 / max(sum(values), self.scale(profile))
        found = [
            Contribution(values[want.facet] * shrink, want.quote, label, want.concept, want.facet, offer)
            for want, offer in self.told(profile, rows)[0]
            for label in [self.taxonomy.by_id[want.concept].pref_label]
        ]
        return sorted(found, key=lambda part: (-part.value, part.label))

    def told(self, profile: Profile, rows: Rows) -> list[list[Told]]:
        """Of each row the wants by which it meets facets best, each with the offer that answers it best."""
        wants, concepts, is_offered = self._wants(profile), self.taxonomy.concepts, self.offers.strength
        columns = is_offered.starts, is_offered.columns, is_offered.values
        found = best_answers(len(profile.facets), rows, *self._asked(profile), self._links, *columns)
        return [
            [(wants[want], concepts[offer].id) for want, offer in zip(*of_row, strict=True) if want >= 0]
            for of_row in zip(*(part.tolist() for part in found), strict=True)
        ]


def in_steps(strength: SparseRows, links: NDArray[np.float32]) -> NDArray[np.uint8]:
    """``max over offers o of links[c, o] * strength[s, o]`` in steps of 1/255. Shape (concepts, services)."""
    by_offer = strength.by_column(links.shape[1])
    steps = np.zeros((links.shape[0], len(strength)), dtype=np.uint8)
    for concept, weights in enumerate(links):
        best = np.zeros(len(strength), dtype=np.float32)
        for offer in np.flatnonzero(weights).tolist():
            rows, values = by_offer(offer)
            best[rows] = np.maximum(best[rows], weights[offer] * values)
        steps[concept] = np.rint(best * STEPS)
    return steps
