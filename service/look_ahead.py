"""What somebody types, also with a typo, becomes concepts to choose from."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from matcher.taxonomy import Taxonomy
from matcher.text import normalise

SHORTEST_TYPO = 4
"""With fewer letters, a typo and another word cannot be told apart."""
GOOD = 72.0
MOST_NEAR = 200
NAME, SAID, WORD, STRENGTH, TYPO = 97.0, 90.0, 85.0, 5.0, 0.85
"""How well a label answers what was typed: the start of a concept's own name, of what people say for it (more for a
strong label), of a word inside; with typos, that share of the likeness. All of it is 100."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A concept for what was typed, with the label that answered."""

    id: str
    label: str
    kind: str
    matched: str
    score: float


class LookAhead:
    """All labels in people's words, ready to be searched."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self._concepts = taxonomy.by_id
        strengths = {(x.text, x.concept): x.strength for x in taxonomy.labels if x.voice != "provider"}
        for lookalike in (x for x in taxonomy.labels if x.lookalike):
            strengths.pop((lookalike.text, lookalike.concept), None)
        starts = {pair: SAID + STRENGTH * strength for pair, strength in strengths.items()}
        starts |= {(normalise(c.pref_label).strip(), c.id): NAME for c in taxonomy.concepts}
        self._labels = sorted(starts)
        self._starts = [starts[label] for label in self._labels]
        self._texts = [text for text, _ in self._labels]

    def find(self, text: str, kinds: Collection[str], limit: int) -> list[Candidate]:
        """The best concepts, one entry a concept, best first; ties by label and id."""
        best: dict[str, tuple[float, str]] = {}
        for place, score in self._scores(normalise(text).strip()).items():
            label, concept = self._labels[place]
            if self._concepts[concept].kind in kinds and score > best.get(concept, (0.0, ""))[0]:
                best[concept] = (score, label)
        found = [self._candidate(concept, label, score) for concept, (score, label) in best.items()]
        return sorted(found, key=lambda c: (-c.score, len(c.matched), c.matched, c.id))[:limit]

    def _scores(self, typed: str) -> dict[int, float]:
        """How well each label answers, by its place; only those that do."""
        scores: dict[int, float] = {}
        if not typed:
            return scores
        for place, label in enumerate(self._texts):
            if label.startswith(typed):
                scores[place] = 100.0 if label == typed else self._starts[place]
            elif f" {typed}" in label:
                scores[place] = WORD
        if len(typed) >= SHORTEST_TYPO:
            starts = [label[: len(typed)] for label in self._texts]
            for texts in (self._texts, starts):
                near = process.extract(typed, texts, scorer=fuzz.ratio, score_cutoff=GOOD, limit=MOST_NEAR)
                for _, likeness, place in near:
                    scores[place] = max(scores.get(place, 0.0), TYPO * likeness)
        return scores

    def _candidate(self, concept: str, label: str, score: float) -> Candidate:
        known = self._concepts[concept]
        return Candidate(concept, known.pref_label, known.kind, label, round(score, 1))
