"""The steps in a row: a consultation in, ranked and explained services out."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from importlib.metadata import PackageNotFoundError, version

import numpy as np
from numpy.typing import NDArray

from matcher import explanation as explain
from matcher.adapter import Adapter, plain_adapter
from matcher.catalogue.columns import Catalogue
from matcher.domain import Consultation, Point, Reason, Recommendation, Stamp, Standing, Suggestion
from matcher.eligibility import Case, Person, Screen, distances_from, read_limits, read_person, screen
from matcher.encoder import NO_MODEL, SentenceEncoder
from matcher.geography import OUTCODE_PRECISION_KM, locate_postcode, normal_postcode, outcode
from matcher.offers import Decision, Offers, fit_offers
from matcher.phrases import PhraseFinder
from matcher.profile import Profile, build_profile
from matcher.ranking import Parts, Place, order
from matcher.safety import find_alerts
from matcher.scorers.base import Scorer
from matcher.scorers.lexical import LexicalScorer
from matcher.scorers.semantic import SemanticScorer
from matcher.scorers.tags import TagScorer
from matcher.settings import Settings
from matcher.suitability import Suitability
from matcher.taxonomy import Taxonomy
from matcher.understanding import understand

MET = 0.3
"""From which affinity on a facet counts as met by a service, for the list of unmet needs."""


@dataclass(frozen=True, eq=False)
class Reading:
    """Everything known about one consultation before explaining: for answers and for "why not"."""

    profile: Profile
    person: Person
    screen: Screen
    parts: Parts
    met: NDArray[np.float64]
    understood: tuple[str, ...]


class Engine:
    """A fitted matcher: one catalogue, one taxonomy, one set of settings. Holds nothing of any person."""

    def __init__(
        self,
        catalogue: Catalogue,
        taxonomy: Taxonomy,
        settings: Settings,
        encoder: SentenceEncoder | None,
        adapter: Adapter,
        offers: Offers,
    ) -> None:
        self.catalogue = catalogue
        self.taxonomy = taxonomy
        self.settings = settings
        self.offers = offers
        self.limits = read_limits(catalogue)
        self.suitability = Suitability(catalogue, offers)
        self.tags = TagScorer(offers, settings.tags)
        self.text_scorers = self._text_scorers(encoder, adapter)
        self.finder = PhraseFinder(taxonomy.labels, "person")
        self.ids = catalogue.texts("id")
        self._known_places = _places_by_postcode(catalogue)
        model = f"{encoder.version}+{adapter.version}" if encoder and "semantic" in settings.scorers else NO_MODEL
        self.stamp = Stamp(
            engine_version(), _content_version(catalogue, offers), taxonomy.version, settings.fingerprint, model
        )

    @classmethod
    def fit(
        cls,
        catalogue: Catalogue,
        taxonomy: Taxonomy,
        settings: Settings | None = None,
        encoder: SentenceEncoder | None = None,
        adapter: Adapter | None = None,
        decisions: Mapping[int, Decision] | None = None,
    ) -> Engine:
        """Read every service once and get ready to answer.

        Args:
            catalogue: the services.
            taxonomy: concepts, labels and links.
            settings: tunable numbers; the shipped defaults when left out.
            encoder: the sentence encoder (``load_encoder()``), or ``None`` to do without the semantic scorer.
            adapter: what was learnt from the taxonomy on top of the encoder (``read_adapter``).
            decisions: per row of the catalogue, what a curator confirmed (``curation.in_force``).
        """
        settings = settings or Settings()
        taxonomy = settings.applied_to(taxonomy)
        offers = fit_offers(catalogue, taxonomy, settings.offers, decisions)
        return cls(catalogue, taxonomy, settings, encoder, adapter or plain_adapter(), offers)

    def _text_scorers(self, encoder: SentenceEncoder | None, adapter: Adapter) -> tuple[Scorer, ...]:
        scorers: list[Scorer] = []
        if "lexical" in self.settings.scorers:
            scorers.append(LexicalScorer(self.catalogue, self.settings.lexical))
        if "semantic" in self.settings.scorers and encoder is not None:
            scorers.append(SemanticScorer(self.catalogue, encoder, adapter, self.taxonomy, self.settings.semantic))
        return tuple(scorers)

    def suggest(self, consultation: Consultation, *, as_of: date, top: int | None = None) -> Recommendation:
        """The best services for one consultation, with reasons, cautions, alerts and what nobody meets.

        Args:
            consultation: what was noted.
            as_of: the day to answer for.
            top: how many suggestions at most; the settings' number when left out.
        """
        reading = self.read(consultation, as_of)
        places = order(reading.parts, reading.met, self.ids, self.settings.ranking, top or self.settings.top)
        suggestions = tuple(self._explained(reading, place, rank) for rank, place in enumerate(places, start=1))
        return Recommendation(
            consultation_id=consultation.id,
            suggestions=suggestions,
            screened_out=reading.screen.counts(),
            unmet_needs=_unmet(reading, places),
            alerts=find_alerts(consultation.note, self.settings.safety),
            stamp=self.stamp,
            as_of=as_of,
            understood=reading.understood,
        )

    def read(self, consultation: Consultation, as_of: date) -> Reading:
        """Understand, screen and score one consultation against every service."""
        understood = understand(consultation, self.finder, self.taxonomy, self.settings.understanding)
        place = consultation.location or self._place(consultation.postcode)
        person = read_person(consultation, place, understood.week, as_of)
        profile = build_profile(
            consultation, understood, person.gender, person.has_child, self.taxonomy, self.settings.profile
        )
        rows = np.arange(len(self.catalogue))
        declined = self.suitability.declined(profile)
        case = Case(
            person,
            self.catalogue,
            self.limits,
            self.settings.eligibility,
            rows,
            distances_from(person, self.catalogue),
            declined,
        )
        screened = screen(case)
        parts, met = self._parts(profile, screened)
        return Reading(profile, person, screened, parts, met, tuple(f.label for f in profile.facets))

    def _parts(self, profile: Profile, screened: Screen) -> tuple[Parts, NDArray[np.float64]]:
        config = self.settings.ranking
        rows = screened.case.rows
        values = self.tags.facet_values(profile, rows)
        use_tags = "tags" in self.settings.scorers and self.tags.can_score(profile)
        scale = self.tags.scale(profile)
        weights = {s.name: getattr(config, s.name) for s in self.text_scorers if s.can_score(profile)}
        total = (config.tags if use_tags else 0.0) + sum(weights.values()) + config.implied + config.near
        facets = values * (config.tags / total / scale if use_tags else 0.0)
        others = [
            (s.name, weights[s.name] / total * s.score(profile, rows)) for s in self.text_scorers if s.name in weights
        ]
        others.append(("implied", config.implied / total * self.suitability.implied(profile, self.tags)))
        others.append(("near", config.near / total * self.suitability.nearness(screened.case.distance_km, config)))
        marks = self.suitability.marks(profile, screened, self.limits, config)
        marks.append(("ruled_out", screened.usable.astype(np.float64)))
        weight = np.array([facet.weight for facet in profile.facets])[:, None]
        return Parts(facets, tuple(others), tuple(marks)), np.clip(values / np.maximum(weight, 1e-9), 0, 1)

    def _explained(self, reading: Reading, place: Place, rank: int) -> Suggestion:
        service = self.catalogue[place.row]
        km = float(reading.screen.case.distance_km[place.row])
        language = explain.language_caution(reading.profile, service)
        cautions = explain.cautions(reading.screen, place.row, service, reading.person.as_of)
        return Suggestion(
            service=service,
            rank=rank,
            score=place.score,
            standing=Standing(int(reading.screen.standing[place.row])),
            distance_km=None if np.isnan(km) else round(km, 2),
            reasons=self._reasons(reading, place),
            cautions=(*cautions, language) if language else cautions,
        )

    def _reasons(self, reading: Reading, place: Place) -> tuple[Reason, ...]:
        """The parts of one score in words; their weights add up to the score."""
        parts, row = reading.parts, place.row
        reasons = []
        factors = np.array(place.facet_factors)
        for part in self.tags.contributions(reading.profile, row):
            weight = float(parts.facets[part.facet, row] * factors[part.facet])
            reasons.append(explain.tag_reason(part, weight, self.taxonomy))
        for name, values in parts.others:
            if values[row] > 0:
                reasons.append(explain.other_reason(name, float(values[row]), self._words(name, reading.profile, row)))
        running = sum(reason.weight for reason in reasons)
        for name, mark in parts.marks:
            if mark[row] < 1:
                reasons.append(explain.mark_reason(name, running * (float(mark[row]) - 1)))
                running *= float(mark[row])
        return explain.merge_small(reasons)

    def _words(self, name: str, profile: Profile, row: int) -> list[str]:
        scorer = next((s for s in self.text_scorers if s.name == name == "lexical"), None)
        return [part.quote for part in scorer.contributions(profile, row)[:3]] if scorer else []

    def why(self, consultation: Consultation, service_id: str, *, as_of: date) -> tuple[Suggestion, list[str]]:
        """How one service stands for one person, shown or not: its parts, and every reason that rules it out."""
        row = self.catalogue.row_of(service_id)
        reading = self.read(consultation, as_of)
        unmarked = replace(reading.parts, marks=tuple(m for m in reading.parts.marks if m[0] != "ruled_out"))
        reading = replace(reading, parts=unmarked)
        place = Place(row, float(unmarked.base()[row]), (1.0,) * len(reading.profile.facets))
        ruled_out = [text for _, text in reading.screen.sentences(row, Standing.ruled_out)]
        return self._explained(reading, place, 0), ruled_out

    def _place(self, postcode: str | None) -> Point | None:
        return locate_postcode(postcode, self._known_places) if postcode else None


def _unmet(reading: Reading, places: list[Place]) -> tuple[str, ...]:
    """Facets that no suggestion meets, by concept label."""
    rows = [place.row for place in places]
    met = reading.met[:, rows].max(axis=1) if rows else np.zeros(len(reading.profile.facets))
    return tuple(f.label for f, value in zip(reading.profile.facets, met, strict=True) if value < MET)


def _places_by_postcode(catalogue: Catalogue) -> dict[str, Point]:
    """Where the catalogue's own postcodes are, and the middle of each district it knows."""
    points: dict[str, Point] = {}
    districts: dict[str, list[tuple[float, float]]] = {}
    for text, lat, lon in zip(catalogue.texts("postcode"), catalogue.lat, catalogue.lon, strict=True):
        normal = normal_postcode(text) if text else None
        if normal and not np.isnan(lat):
            points[normal] = Point(float(lat), float(lon))
            districts.setdefault(outcode(normal), []).append((float(lat), float(lon)))
    for district, found in districts.items():
        middle = np.mean(sorted(found), axis=0)
        points.setdefault(district, Point(float(middle[0]), float(middle[1]), OUTCODE_PRECISION_KM))
    return points


def _content_version(catalogue: Catalogue, offers: Offers) -> str:
    """What the directory and the curators' decisions about it say, in twelve hex digits."""
    if not offers.decided:
        return catalogue.version
    return hashlib.sha256(f"{catalogue.version}+{offers.decided}".encode()).hexdigest()[:12]


def engine_version() -> str:
    """The installed version of this package."""
    try:
        return version("service-matcher")
    except PackageNotFoundError:
        return "0+unknown"
