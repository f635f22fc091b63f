"""What the scorers say becomes one score: parts that add up, and the list of the best."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.adapter import Adapter
from matcher.catalogue.columns import Catalogue
from matcher.eligibility import Case
from matcher.encoder import SentenceEncoder
from matcher.offers import Decision, Offers
from matcher.profile import Profile
from matcher.ranking import Parts
from matcher.scorers.base import Rows, Scorer
from matcher.scorers.lexical import LexicalScorer, Postings, count_postings
from matcher.scorers.semantic import SemanticScorer
from matcher.scorers.tags import TagScorer
from matcher.settings import Settings
from matcher.suitability import Suitability

MOST_WORDS = 3
"""How many shared words a reason quotes."""


@dataclass(frozen=True, eq=False)
class Fusion:
    """The scorers of one catalogue, and what each weighs.

    Attributes:
        tags: what is wanted against what is offered.
        texts: the scorers that read the request's words themselves.
        suitability: what marks a service down or adds a little, whatever its topic.
    """

    tags: TagScorer
    texts: tuple[Scorer, ...]
    suitability: Suitability

    @classmethod
    def fit(
        cls,
        catalogue: Catalogue,
        offers: Offers,
        settings: Settings,
        encoder: SentenceEncoder | None,
        adapter: Adapter,
        decisions: Mapping[int, Decision] | None = None,
        affinity: NDArray[np.uint8] | None = None,
        postings: Postings | None = None,
    ) -> Fusion:
        """Get the scorers of the settings ready; without an encoder there is no semantic one.

        ``affinity`` and ``postings`` are those of a saved index; worked out when left out.
        """
        texts: list[Scorer] = []
        if "lexical" in settings.scorers:
            postings = postings or count_postings(catalogue, settings.lexical)
            texts.append(LexicalScorer(postings, len(catalogue), settings.lexical))
        if "semantic" in settings.scorers and encoder is not None:
            texts.append(SemanticScorer(catalogue, encoder, adapter, offers.taxonomy, settings.semantic, decisions))
        return cls(TagScorer(offers, settings.tags, affinity), tuple(texts), Suitability(catalogue, offers))

    def parts(
        self, profile: Profile, case: Case, near_miss: NDArray[np.bool_], settings: Settings
    ) -> tuple[Parts, NDArray[np.float64]]:
        """What the scores of the case's rows are made of, and how far each row meets each facet, in [0, 1]."""
        config, weights = settings.ranking, self._weights(profile, settings)
        values = self.tags.facet_values(profile, case.rows)
        others = [(s.name, weights[s.name] * s.score(profile, case.rows)) for s in self.texts if weights[s.name]]
        others.append(("implied", weights["implied"] * self.suitability.implied(profile, self.tags, case.rows)))
        others.append(("near", weights["near"] * self.suitability.nearness(case, config)))
        facets = values * (weights["tags"] / self.tags.scale(profile))
        marks = self.suitability.marks(profile, case, near_miss, config)
        weight = np.array([facet.weight for facet in profile.facets])[:, None]
        kinds = self.suitability.kinds[case.rows]
        return Parts(facets, tuple(others), tuple(marks), kinds), np.clip(values / np.maximum(weight, 1e-9), 0, 1)

    def _weights(self, profile: Profile, settings: Settings) -> dict[str, float]:
        """What each part weighs in the whole; 0 for a scorer that cannot speak for this request."""
        config = settings.ranking
        tags = "tags" in settings.scorers and self.tags.can_score(profile)
        weights = {s.name: getattr(config, s.name) if s.can_score(profile) else 0.0 for s in self.texts}
        weights |= {"tags": config.tags if tags else 0.0, "implied": config.implied, "near": config.near}
        total = sum(weights.values()) or 1.0
        return {name: weight / total for name, weight in weights.items()}

    def shared_words(self, profile: Profile, rows: Rows) -> list[list[str]]:
        """The strongest words that the request shares with each service, as they were said."""
        lexical = next((s for s in self.texts if isinstance(s, LexicalScorer)), None)
        return lexical.strongest(profile, rows, MOST_WORDS) if lexical else [[] for _ in rows]
