"""What the scorers say becomes one score: parts that add up, and the list of the best."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matcher.adapter import Adapter
from matcher.catalogue.columns import Catalogue
from matcher.domain import CatalogueError
from matcher.eligibility import Case, Spans, admit
from matcher.encoder import SentenceEncoder
from matcher.offers import Decision, Offers
from matcher.processes import side_by_side, threads
from matcher.profile import Profile
from matcher.ranking import Parts, RankingConfig
from matcher.scorers.base import Rows, Scorer, Scores
from matcher.scorers.counting import count_postings
from matcher.scorers.lexical import LexicalScorer, Postings
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
            texts.append(LexicalScorer(postings, settings.lexical))
        if "semantic" in settings.scorers and encoder is not None:
            texts.append(SemanticScorer(catalogue, encoder, adapter, offers.taxonomy, settings.semantic, decisions))
        fusion = cls(TagScorer(offers, settings.tags, affinity), tuple(texts), Suitability(catalogue, offers))
        _check(fusion, len(catalogue), postings)
        return fusion

    def prospects_of(self, profile: Profile, settings: Settings) -> Callable[[Case, NDArray[np.bool_]], Prospects]:
        """How well the rows of a case answer a request; which of them are a near miss is of shape ``case.rows``.

        What it gives may be asked in several threads at once.
        """
        weights = self._weights(profile, settings)
        totals = self.tags.totals(profile, weights["tags"] / self.tags.scale(profile))
        judges = [(s.name, weights[s.name], s.judge(profile)) for s in self.texts if weights[s.name]]

        def prospects(case: Case, near_miss: NDArray[np.bool_]) -> Prospects:
            bounds, texts = totals(case.rows), []
            for name, weight, judge in judges:
                values = judge(case.rows)
                values *= weight
                bounds += values
                texts.append((name, values))
            self.suitability.mark_down(case, near_miss, weights, settings.ranking, bounds)
            return Prospects(self, profile, case, near_miss, settings.ranking, weights, bounds, tuple(texts))

        return prospects

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


def _check(fusion: Fusion, services: int, postings: Postings | None) -> None:
    """Whether nothing that was worked out or saved leads outside of the catalogue: compiled loops do not ask again."""
    tags, ends = fusion.tags, [len(fusion.tags.offers.strength), len(fusion.tags.offers.dedication)]
    whole = tags.affinity.shape == (len(tags.taxonomy.concepts), services) and ends == [services, services]
    if postings is not None:
        starts, entries = postings.starts, len(postings.rows)
        whole &= len(postings.impacts) == entries and 0 <= starts.min() <= starts.max() <= entries
    if not whole:
        raise CatalogueError("what was worked out of this directory does not belong to it; make its index anew")


@dataclass(frozen=True, eq=False)
class Prospects:
    """The rows of a case before a request: what is wanted and said of all of them, all else of those looked at.

    Attributes:
        near_miss: which rows are a near miss. Shape (rows,).
        weights: what each part weighs in the whole.
        bounds: what each row's score would be for people like this one, and marked down for what is plain to see.
            Shape (rows,).
        texts: what the text scorers say, weight applied. Each of shape (rows,).
    """

    fusion: Fusion
    profile: Profile
    case: Case
    near_miss: NDArray[np.bool_]
    config: RankingConfig
    weights: Mapping[str, float]
    bounds: Scores
    texts: tuple[tuple[str, Scores], ...]

    @classmethod
    def joined(cls, parts: Sequence[Prospects]) -> Prospects:
        """The rows of one part after another, all of them before one request."""
        if len(parts) == 1:
            return parts[0]
        return replace(
            parts[0],
            case=parts[0].case.at(np.concatenate([part.case.rows for part in parts])),
            near_miss=np.concatenate([part.near_miss for part in parts]),
            bounds=np.concatenate([part.bounds for part in parts]),
            texts=tuple(
                (same[0][0], np.concatenate([values for _, values in same]))
                for same in zip(*(part.texts for part in parts), strict=True)
            ),
        )

    def parts(self, rows: NDArray[np.int64]) -> tuple[Parts, NDArray[np.float64]]:
        """See :class:`matcher.ranking.Candidates`."""
        profile, suitability, weights = self.profile, self.fusion.suitability, self.weights
        case = self.case.only(rows)
        values = self.fusion.tags.facet_values(profile, case.rows)
        others = [(name, scores[rows]) for name, scores in self.texts]
        others.append(("implied", weights["implied"] * suitability.implied(profile, self.fusion.tags, case.rows)))
        near, marks = suitability.nearness_and_marks(profile, case, self.near_miss[rows], self.config)
        others.append(("near", weights["near"] * near))
        weight = np.array([facet.weight for facet in profile.facets])[:, None]
        met = np.minimum(values / np.maximum(weight, 1e-9), 1)
        scale = weights["tags"] / self.fusion.tags.scale(profile)
        return Parts(values * scale, tuple(others), tuple(marks), suitability.kinds[case.rows]), met


ROWS_A_THREAD = 60_000
"""Services that keep a thread busy for much longer than it takes to hand them over."""


def looked_at(
    asked: Case, spans: Spans, prospects_of: Callable[[Case, NDArray[np.bool_]], Prospects]
) -> tuple[Prospects, Counter[str]]:
    """The services in some spans that no rule rules out, before a request, and how many each rule ruled out.

    Many are looked at in pieces, each in a thread.
    """

    def look(piece: Spans) -> tuple[Prospects, Mapping[str, int]]:
        admitted = admit(asked, piece)
        return prospects_of(admitted.case, admitted.near_miss), admitted.counts

    found = side_by_side(look, spans.cut(threads(spans.count() // ROWS_A_THREAD)))
    counts: Counter[str] = Counter()
    for _, of_piece in found:
        counts.update(of_piece)
    return Prospects.joined([part for part, _ in found]), counts
