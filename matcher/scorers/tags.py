"""Tag scorer: the request's concepts against the services' concepts, through the need -> offer weights."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict
from scipy.sparse import csc_array, csr_array

from matcher.offers import Offers
from matcher.profile import Profile, Want
from matcher.scorers.base import Contribution, Rows, Scores


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
    once when fitted.
    """

    name = "tags"

    def __init__(self, offers: Offers, config: TagScorerConfig) -> None:
        self.config = config
        self.taxonomy = offers.taxonomy
        self.offers = offers
        links = self.taxonomy.link_matrix**config.link_power
        self.affinity = max_product(offers.strength, links)
        self._by_row = self.affinity.tocsr()
        self._links = links

    def can_score(self, profile: Profile) -> bool:
        """It can speak wherever at least one concept was understood."""
        return bool(profile.wants)

    def score(self, profile: Profile, rows: Rows) -> Scores:
        """See :class:`matcher.scorers.base.Scorer`."""
        return np.asarray(np.minimum(1.0, self.facet_values(profile, rows).sum(axis=0) / self.scale(profile)))

    def facet_values(self, profile: Profile, rows: Rows) -> NDArray[np.float64]:
        """What each facet gets from each service, before scaling. Shape (facets, rows)."""
        values = np.zeros((len(profile.facets), len(rows)))
        for facet, wants in _by_facet(profile).items():
            parts = np.stack([want.weight * self.column(want.concept, rows) for want in wants])
            best = parts.max(axis=0)
            values[facet] = best + self.config.support * (parts.sum(axis=0) - best) * (1 - best)
        return np.minimum(values, 1.0)

    def scale(self, profile: Profile) -> float:
        """What facet values are divided by: full marks, or all facets together when they weigh less."""
        return min(self.config.full_marks, max(sum(facet.weight for facet in profile.facets), 1e-9))

    def column(self, concept: str, rows: Rows) -> NDArray[np.float64]:
        """The affinity of services to one wanted concept. Shape as ``rows``."""
        place = self.taxonomy.index[concept]
        start, end = self.affinity.indptr[place : place + 2]
        dense = np.zeros(self.affinity.shape[0])
        dense[self.affinity.indices[start:end]] = self.affinity.data[start:end]
        return np.asarray(dense[rows])

    def contributions(self, profile: Profile, row: int) -> list[Contribution]:
        """One part a facet, told by its best concept."""
        start, end = self._by_row.indptr[row : row + 2]
        affinity = dict(
            zip(self._by_row.indices[start:end].tolist(), self._by_row.data[start:end].tolist(), strict=True)
        )
        offers = self.offers.of(row)
        values: dict[int, float] = {}
        best: dict[int, Want] = {}
        for facet, wants in _by_facet(profile).items():
            parts = [want.weight * affinity.get(self.taxonomy.index[want.concept], 0.0) for want in wants]
            top = max(parts)
            if top > 0:
                values[facet] = min(1.0, top + self.config.support * (sum(parts) - top) * (1 - top))
                best[facet] = max(zip(parts, wants, strict=True), key=lambda pair: (pair[0], pair[1].concept))[1]
        shrink = 1 / max(sum(values.values()), self.scale(profile)) if values else 1.0
        found = [self._part(best[facet], value * shrink, facet, offers) for facet, value in values.items()]
        return sorted(found, key=lambda part: (-part.value, part.label))

    def _part(self, want: Want, value: float, facet: int, offers: Mapping[str, float]) -> Contribution:
        links = self._links[self.taxonomy.index[want.concept]]
        offer = max(offers, key=lambda offer: (links[self.taxonomy.index[offer]] * offers[offer], offer))
        label = self.taxonomy.by_id[want.concept].pref_label
        return Contribution(value, want.quote, label, want.concept, facet, offer)


def _by_facet(profile: Profile) -> dict[int, list[Want]]:
    grouped: dict[int, list[Want]] = {}
    for want in profile.wants:
        grouped.setdefault(want.facet, []).append(want)
    return grouped


def max_product(strength: csr_array, links: NDArray[np.float32]) -> csc_array:
    """``result[s, c] = max over o of links[c, o] * strength[s, o]``, sparse. Shape (services, concepts)."""
    backwards = [(np.flatnonzero(links[:, o]), links[links[:, o] > 0, o]) for o in range(links.shape[1])]
    indptr, indices, data = [0], [], []
    for row in range(strength.shape[0]):
        start, end = strength.indptr[row : row + 2]
        best = np.zeros(links.shape[0], dtype=np.float32)
        for offer, value in zip(strength.indices[start:end], strength.data[start:end], strict=True):
            needs, weights = backwards[offer]
            best[needs] = np.maximum(best[needs], weights * value)
        found = np.flatnonzero(best)
        indices.append(found)
        data.append(best[found])
        indptr.append(indptr[-1] + len(found))
    shape = (strength.shape[0], links.shape[0])
    if not indices:
        return csc_array(shape, dtype=np.float32)
    return csc_array(csr_array((np.concatenate(data), np.concatenate(indices), np.array(indptr)), shape=shape))
