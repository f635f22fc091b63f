"""How well a service suits this person beyond its topic: dedicated groups, likeness, nearness, businesses, dislikes.

These are soft: they mark a score down or add a little, and never exclude.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matcher.catalogue.columns import Catalogue
from matcher.eligibility import NEAR_MISS, Screen, ServiceLimits
from matcher.offers import Offers
from matcher.profile import Profile
from matcher.ranking import RankingConfig
from matcher.scorers.base import Scores
from matcher.scorers.tags import TagScorer

DEDICATED_FROM = 0.5
DECOY_FROM = 0.6
UNKNOWN_NEARNESS = 0.5
NARROWER_DECLINED = 0.8
"""How much a declined thing is meant of its narrower kinds: no club to drink tea in may still leave a workshop."""
FAR_OVER_LIMIT = 1.5
"""How many times the person's own limit is well beyond it."""
SOFT_RULES = ("distance", "cost", "availability", "full")


class Suitability:
    """Arrays over the catalogue that the soft judgements need, made once when fitted."""

    def __init__(self, catalogue: Catalogue, offers: Offers) -> None:
        self.catalogue = catalogue
        self.taxonomy = offers.taxonomy
        self.strength = offers.strength.tocsc()
        dedicated = [i for i, c in enumerate(self.taxonomy.concepts) if c.dedicated]
        decoys = [i for i, c in enumerate(self.taxonomy.concepts) if c.kind == "decoy"]
        groups = np.asarray(offers.dedication[:, dedicated].toarray()) if dedicated else np.zeros((len(catalogue), 1))
        strongest = groups.max(axis=1, keepdims=True)
        self._dedicated = np.array(dedicated or [0])
        self._is_for = (groups >= DEDICATED_FROM) & (groups >= 0.5 * strongest)
        about_people = np.array([self.taxonomy.concepts[i].kind == "circumstance" for i in dedicated or [0]])
        for_a_group = self._is_for & about_people
        self._decides = np.where(for_a_group.any(axis=1, keepdims=True), for_a_group, self._is_for)
        self._dedication = np.where(strongest[:, 0] >= DEDICATED_FROM, strongest[:, 0], 0.0)
        self._not_support = np.clip((self._strongest(decoys) - DECOY_FROM) / (1 - DECOY_FROM), 0, 1)
        self._narrower = self._narrower_of()

    def _strongest(self, columns: list[int]) -> NDArray[np.float64]:
        if not columns:
            return np.zeros(len(self.catalogue))
        return np.asarray(self.strength[:, columns].max(axis=1).todense(), dtype=np.float64).ravel()

    def _narrower_of(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {c.id: [i] for i, c in enumerate(self.taxonomy.concepts)}
        for place, concept in enumerate(self.taxonomy.concepts):
            for above in self.taxonomy.ancestors(concept.id):
                found[above].append(place)
        return found

    def declined(self, profile: Profile) -> NDArray[np.float32]:
        """How much each service is something that the person declined. Shape (services,)."""
        named = {self.taxonomy.index[concept] for concept in profile.declined}
        narrower = {place for concept in profile.declined for place in self._narrower[concept]} - named
        by_name, by_kind = self._strongest(sorted(named)), self._strongest(sorted(narrower))
        return np.maximum(by_name, NARROWER_DECLINED * by_kind).astype(np.float32)

    def implied(self, profile: Profile, tags: TagScorer) -> Scores:
        """How far each service is for people like this one, in a way they like. Shape (services,), in [0, 1]."""
        rows = np.arange(len(self.catalogue))
        values = np.zeros(len(rows))
        for concept in sorted(profile.implied):
            values = np.maximum(values, tags.column(concept, rows))
        for concept, weight in sorted(profile.settings.items()):
            values = np.maximum(values, weight * tags.column(concept, rows))
        if profile.languages:
            spoken = [{x.casefold() for x in listed} for listed in self.catalogue.text_lists("languages")]
            mine = {language.casefold() for language in profile.languages}
            values = np.maximum(values, np.array([float(bool(mine & theirs)) for theirs in spoken]))
        return values

    def nearness(self, distance_km: NDArray[np.float64], config: RankingConfig) -> Scores:
        """1 at the door, halved every few km; a middling value where nobody has to travel or the place is unknown."""
        attending = (self.catalogue.mode_bits == 1) | (self.catalogue.mode_bits == 0)
        near = 0.5 ** (distance_km / config.near_half_km)
        return np.where(np.isnan(distance_km) | ~attending, UNKNOWN_NEARNESS, near)

    def _far(self, screened: Screen, config: RankingConfig) -> NDArray[np.bool_]:
        """Places to go to that lie well beyond the person's reach, where the screen could not rule them out."""
        km, limit = screened.case.distance_km, screened.case.person.max_distance_km
        visited = (self.catalogue.mode_bits == 0) | ((self.catalogue.mode_bits & 1) > 0)
        reach = FAR_OVER_LIMIT * limit if limit else config.far_km
        with np.errstate(invalid="ignore"):
            return np.asarray(visited & (km - self.catalogue.precision_km > reach))

    def marks(
        self, profile: Profile, screened: Screen, limits: ServiceLimits, config: RankingConfig
    ) -> list[tuple[str, Scores]]:
        """Factors in [0, 1] by which scores are marked down, by name."""
        rows = len(self.catalogue)
        near_miss = np.zeros(rows, dtype=bool)
        for rule, verdict in screened.verdicts:
            if rule.code in SOFT_RULES:
                near_miss |= verdict == NEAR_MISS
        held = np.where(self._decides, profile.membership[self._dedicated], 0.0).max(axis=1)
        stranger = self._dedication * (1 - held)
        declined = screened.case.declined
        return [
            ("far", np.where(self._far(screened, config), config.far, 1.0)),
            ("near_miss", np.where(near_miss, config.near_miss, 1.0)),
            ("not_for_them", 1 - (1 - config.not_for_them) * stranger),
            ("not_support", 1 - (1 - config.not_support) * self._not_support),
            ("unsure", np.where(limits.restriction > 0, config.unsure, 1.0)),
            ("disliked", 1 - (1 - config.disliked) * np.clip(declined, 0, 1)),
        ]
