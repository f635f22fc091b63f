"""How well a service suits this person beyond its topic: dedicated groups, likeness, nearness, businesses, dislikes.

These are soft: they mark a score down or add a little, and never exclude.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from matcher.catalogue.columns import Catalogue
from matcher.eligibility import Case, Declined
from matcher.eligibility.reach import SLACK_KM
from matcher.geography import squared_chord
from matcher.offers import Offers
from matcher.profile import Profile
from matcher.ranking import RankingConfig
from matcher.scorers.base import Rows, Scores
from matcher.scorers.tags import TagScorer
from matcher.sparse import SparseRows, among

DEDICATED_FROM = 0.5
DECOY_FROM = 0.6
MAINLY_FROM = 0.8
UNKNOWN_NEARNESS = 0.5
NARROWER_DECLINED = 0.8
"""How much a declined thing is meant of its narrower kinds: no club to drink tea in may still leave a workshop."""
MARKS = ("far", "near_miss", "not_for_them", "not_support", "unsure", "disliked")
"""Why a score is marked down, in the order in which reasons tell it."""
SLACK = 1e-6
"""What rounding may add to a score."""
FAR_OVER_LIMIT = 1.5
"""How many times the person's own limit is well beyond it."""


class Suitability:
    """Arrays over the catalogue that the soft judgements need, made once when fitted.

    Attributes:
        decides: the groups or conditions that decide whether somebody belongs to those a service is only for.
        dedication: how surely a service is only for them, from ``DEDICATED_FROM`` on, else 0. Shape (services,).
        not_support: how surely it is a business and no support. Shape (services,).
        kinds: the place of the concept that a service surely and mainly is, or -1. Shape (services,).
    """

    def __init__(self, catalogue: Catalogue, offers: Offers) -> None:
        self.catalogue = catalogue
        self.taxonomy = offers.taxonomy
        self.strength = offers.strength
        self.decides, self.dedication = _dedicated_groups(offers)
        decoys = self._weights(i for i, c in enumerate(self.taxonomy.concepts) if c.kind == "decoy")
        strongest = self.strength.weighted_max(np.arange(len(catalogue)), decoys)
        self.not_support = np.clip((strongest - DECOY_FROM) / (1 - DECOY_FROM), 0, 1).astype(np.float32)
        self.kinds = _kinds(offers)
        self.speakers = _speakers(catalogue)
        self._narrower = self._narrower_of()

    def _weights(self, places: Iterable[int], value: float = 1.0) -> NDArray[np.float32]:
        """A weight for some concepts and 0 for the others. Shape (concepts,)."""
        weights = np.zeros(len(self.taxonomy.concepts), dtype=np.float32)
        weights[list(places)] = value
        return weights

    def _narrower_of(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {c.id: [i] for i, c in enumerate(self.taxonomy.concepts)}
        for place, concept in enumerate(self.taxonomy.concepts):
            for above in self.taxonomy.ancestors(concept.id):
                found[above].append(place)
        return found

    def declined(self, profile: Profile) -> Declined:
        """What the person declined; with it, though less, what is narrower."""
        weights = self._weights((p for c in profile.declined for p in self._narrower[c]), NARROWER_DECLINED)
        weights[[self.taxonomy.index[concept] for concept in profile.declined]] = 1.0
        return Declined(self.strength, weights)

    def implied(self, profile: Profile, tags: TagScorer, rows: Rows) -> Scores:
        """How far each service is for people like this one, in a way they like. Shape as ``rows``, in [0, 1]."""
        values = np.zeros(len(rows))
        for concept, weight in [*((c, 1.0) for c in sorted(profile.implied)), *sorted(profile.settings.items())]:
            np.maximum(values, weight * tags.column(concept, rows), out=values)
        for language in profile.languages:
            if (speakers := self.speakers.get(language.casefold())) is not None:
                values[among(rows, speakers)] = 1.0
        return values

    def mark_down(
        self,
        case: Case,
        near_miss: NDArray[np.bool_],
        weights: Mapping[str, float],
        config: RankingConfig,
        scores: Scores,
    ) -> None:
        """Turn scores without likeness, nearness and marks into what they are at most, in place.

        ``weights`` has what each part weighs; of the marks those count that need no look at a service's topics.
        """
        case.verdicts.mark_down(
            *(case.rows, scores, near_miss.view(np.uint8), self.not_support),
            far_chord=squared_chord(_well_beyond(case, config) + SLACK_KM),
            far=config.far,
            missed=config.near_miss,
            business=config.not_support,
            unsure=config.unsure,
            near=weights["near"],
            implied=weights["implied"] + SLACK,
        )

    def nearness_and_marks(
        self, profile: Profile, case: Case, near_miss: NDArray[np.bool_], config: RankingConfig
    ) -> tuple[Scores, list[tuple[str, Scores]]]:
        """How near each service is, and by name the factors in [0, 1] by which scores are marked down.

        Nearness is 1 at the door, halved every few km; a middling value where nobody has to travel or the place is
        unknown. Each of shape ``case.rows``.
        """
        near, *marks = case.verdicts.marks(
            *(case.rows, near_miss.view(np.uint8), self.not_support),
            half_km=config.near_half_km,
            middling=UNKNOWN_NEARNESS,
            far_km=_well_beyond(case, config),
            far=config.far,
            missed=config.near_miss,
            business=config.not_support,
            unsure=config.unsure,
            disliked=config.disliked,
        )
        stranger = self.dedication[case.rows] * (1 - self.decides.weighted_max(case.rows, profile.membership))
        marks.insert(2, 1 - (1 - config.not_for_them) * stranger)
        return near, list(zip(MARKS, marks, strict=True))


def _well_beyond(case: Case, config: RankingConfig) -> float:
    """From how many km on a place is well beyond the person's reach."""
    limit = case.person.max_distance_km
    return FAR_OVER_LIMIT * limit if limit else config.far_km


def _dedicated_groups(offers: Offers) -> tuple[SparseRows, NDArray[np.float32]]:
    """Of every service the groups that decide who belongs, and how surely it is only for them."""
    named = offers.dedication
    dedicated = np.array([concept.dedicated for concept in offers.taxonomy.concepts], dtype=np.float32)
    strongest = named.weighted_max(np.arange(len(named)), dedicated)
    owner = named.entry_rows
    kept = (dedicated[named.columns] > 0) & (named.values >= np.maximum(DEDICATED_FROM, strongest[owner] / 2))
    starts = np.searchsorted(owner[kept], np.arange(len(named) + 1))
    decides = SparseRows(starts, named.columns[kept], np.ones(np.count_nonzero(kept), dtype=np.float32))
    return decides, np.where(strongest >= DEDICATED_FROM, strongest, 0).astype(np.float32)


def _kinds(offers: Offers) -> NDArray[np.int32]:
    """What every service surely and mainly is: the place of its strongest concept, -1 where none is strong."""
    strength, concepts = offers.strength, offers.taxonomy.concepts
    topic = np.array([concept.kind not in ("setting", "decoy") for concept in concepts], dtype=np.float32)
    strongest = strength.weighted_max(np.arange(len(strength)), topic)
    owner = strength.entry_rows
    main = (topic[strength.columns] > 0) & (strength.values >= MAINLY_FROM) & (strength.values == strongest[owner])
    kinds = np.full(len(strength), -1, dtype=np.int32)
    kinds[owner[main][::-1]] = strength.columns[main][::-1]  # of equals the first counts
    return kinds


def _speakers(catalogue: Catalogue) -> dict[str, NDArray[np.int64]]:
    """For every language the rows of the services that say they speak it."""
    spoken: dict[str, list[int]] = {}
    for row, listed in enumerate(catalogue.text_lists("languages")):
        for language in listed:
            spoken.setdefault(language.casefold(), []).append(row)
    return {language: np.array(rows) for language, rows in spoken.items()}
