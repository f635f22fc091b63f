"""All that is worked out of a catalogue once, before anybody asks: what each service is, asks for and says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from matcher.adapter import Adapter
from matcher.catalogue.columns import Catalogue
from matcher.eligibility import ServiceLimits, read_limits
from matcher.encoder import NO_MODEL, SentenceEncoder
from matcher.fusion import Fusion
from matcher.known_places import KnownPlaces
from matcher.offers import Decision, Offers, fit_offers
from matcher.settings import Settings
from matcher.taxonomy import Taxonomy


@dataclass(frozen=True, eq=False)
class Index:
    """What was worked out of one catalogue.

    Attributes:
        offers: what every service is.
        limits: what every service asks of the people who come.
        fusion: the scorers.
        places: where the catalogue's own postcodes are.
        model: the sentence encoder and what was learnt on top of it, for the stamp.
        decisions: per row, what a curator confirmed.
    """

    offers: Offers
    limits: ServiceLimits
    fusion: Fusion
    places: KnownPlaces
    model: str
    decisions: Mapping[int, Decision]

    @classmethod
    def fit(
        cls,
        catalogue: Catalogue,
        taxonomy: Taxonomy,
        settings: Settings,
        encoder: SentenceEncoder | None,
        adapter: Adapter,
        decisions: Mapping[int, Decision] | None = None,
    ) -> Index:
        """Read every service (see :meth:`matcher.engine.Engine.fit`)."""
        offers = fit_offers(catalogue, taxonomy, settings.offers, decisions)
        fusion = Fusion.fit(catalogue, offers, settings, encoder, adapter, decisions)
        model = model_of(settings, encoder, adapter)
        return cls(offers, read_limits(catalogue), fusion, KnownPlaces.of(catalogue), model, decisions or {})


def model_of(settings: Settings, encoder: SentenceEncoder | None, adapter: Adapter) -> str:
    """What the stamp says of the encoder and of what was learnt on top of it."""
    return f"{encoder.version}+{adapter.version}" if encoder and "semantic" in settings.scorers else NO_MODEL
