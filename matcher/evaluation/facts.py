"""What the measures need to know of the services: names, which records are stale, how alike two services read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from scipy.sparse import csr_array
from sklearn.feature_extraction.text import TfidfVectorizer

from matcher.catalogue.columns import NO_DAY, Catalogue, day_number
from matcher.domain import ServiceId
from matcher.text import content_words

STALE_DAYS = 365.25
"""A record that was last changed longer ago is stale."""


@dataclass(frozen=True, eq=False)
class ServiceFacts:
    """Columns about the services of one catalogue.

    Attributes:
        rows: row by service id.
        names: by row.
        stale: last changed more than a year before the day of the evaluation. Shape (services,).
        vectors: TF-IDF of each service's words, rows of length 1. Shape (services, words).
        version: the catalogue's.
    """

    rows: dict[ServiceId, int]
    names: list[str]
    stale: np.ndarray[Any, np.dtype[np.bool_]]
    vectors: csr_array
    version: str

    def name(self, service_id: ServiceId) -> str:
        """The service's name; its id when the catalogue does not have it."""
        return self.names[self.rows[service_id]] if service_id in self.rows else service_id

    def is_stale(self, service_id: ServiceId) -> bool:
        """Whether its record is stale."""
        return service_id in self.rows and bool(self.stale[self.rows[service_id]])

    def diversity(self, service_ids: Sequence[ServiceId]) -> float:
        """1 - mean cosine over all pairs (Ziegler et al., WWW 2005): 0 all the same, 1 no word shared, NaN below 2."""
        found = [self.rows[service_id] for service_id in service_ids if service_id in self.rows]
        if len(found) < 2:
            return float("nan")
        vectors = self.vectors[found]
        cosines = (vectors @ vectors.T).toarray()
        return float(1 - cosines[np.triu_indices(len(found), k=1)].mean())


def facts_of(catalogue: Catalogue, as_of: date) -> ServiceFacts:
    """Read the facts off a catalogue, for the day of the evaluation."""
    modified = catalogue.modified_day
    texts = [
        f"{name} {description} {' '.join(categories)}"
        for name, description, categories in zip(
            catalogue.texts("name"), catalogue.texts("description"), catalogue.text_lists("categories"), strict=True
        )
    ]
    vectorizer = TfidfVectorizer(analyzer=content_words)
    has_words = any(content_words(text) for text in texts)
    return ServiceFacts(
        rows={service_id: row for row, service_id in enumerate(catalogue.texts("id"))},
        names=catalogue.texts("name"),
        stale=(modified != NO_DAY) & (day_number(as_of) - modified > STALE_DAYS),
        vectors=csr_array(vectorizer.fit_transform(texts)) if has_words else csr_array((len(texts), 1)),
        version=catalogue.version,
    )
