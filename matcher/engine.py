"""The steps in a row: a consultation in, ranked and explained services out."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from math import isnan

import numpy as np
from numpy.typing import NDArray

from matcher import explanation as explain
from matcher.adapter import Adapter, plain_adapter
from matcher.catalogue.columns import Catalogue
from matcher.domain import Consultation, Point, Reason, Recommendation, Service, ServiceId, Stamp, Standing, Suggestion
from matcher.eligibility import (
    RULES,
    Case,
    Columns,
    Person,
    Reach,
    Screen,
    read_person,
    screen,
)
from matcher.encoder import SentenceEncoder
from matcher.fusion import looked_at
from matcher.geography import locate_postcode
from matcher.index import Index
from matcher.offers import Decision, Offers
from matcher.phrases import PhraseFinder
from matcher.profile import Profile, build_profile
from matcher.ranking import Parts, Place, order
from matcher.safety import find_alerts
from matcher.scorers.base import Rows
from matcher.scorers.tags import Told
from matcher.settings import Settings
from matcher.taxonomy import Taxonomy
from matcher.understanding import understand

MET = 0.3
"""From which affinity on a facet counts as met by a service, for the list of unmet needs."""


@dataclass(frozen=True, eq=False)
class Request:
    """What was understood of one consultation.

    Attributes:
        profile: what is wanted.
        person: what the screen needs to know.
        understood: what is wanted, by concept labels.
        not_understood, not_avoided: ticked needs and interests, and things to avoid, that no phrase places, as they
            were said.
    """

    profile: Profile
    person: Person
    understood: tuple[str, ...]
    not_understood: tuple[str, ...]
    not_avoided: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Reading(Request):
    """How some services (``screen.case.rows``) stand for one person, before explaining: for lists and for "why not".

    Attributes:
        screen: the verdicts of all rules.
        parts: what the scores are made of.
        met: how far each service meets each facet, in [0, 1]. Shape (facets, rows).
    """

    screen: Screen
    parts: Parts
    met: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Shortlist:
    """A list: how its services stand, their places (``row`` counts along the list), and how many each rule kept out."""

    reading: Reading
    places: tuple[Place, ...]
    screened_out: dict[str, int]


class Engine:
    """A fitted matcher: one catalogue, one taxonomy, one set of settings. Holds nothing of any person."""

    def __init__(self, catalogue: Catalogue, taxonomy: Taxonomy, settings: Settings, index: Index) -> None:
        self.catalogue = catalogue
        self.taxonomy = taxonomy
        self.settings = settings
        self.index = index
        self.reach = Reach(catalogue)
        self.columns = Columns(catalogue, index.limits)
        self.finder = PhraseFinder(taxonomy.labels, "person")
        content = _content_version(catalogue, index.offers)
        self.stamp = Stamp(engine_version(), content, taxonomy.version, settings.fingerprint, index.model)

    @property
    def offers(self) -> Offers:
        """What every service is."""
        return self.index.offers

    @cached_property
    def ids(self) -> list[ServiceId]:
        """The service ids, by row."""
        return self.catalogue.texts("id")

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
        index = Index.fit(catalogue, taxonomy, settings, encoder, adapter or plain_adapter(), decisions)
        return cls(catalogue, taxonomy, settings, index)

    def suggest(self, consultation: Consultation, *, as_of: date, top: int | None = None) -> Recommendation:
        """The best services for one consultation, with reasons, cautions, alerts and what nobody meets.

        Args:
            consultation: what was noted.
            as_of: the day to answer for.
            top: how many suggestions at most; the settings' number when left out.
        """
        request = self.understand(consultation, as_of)
        shortlist = self.shortlist(request, top or self.settings.top)
        return Recommendation(
            consultation_id=consultation.id,
            suggestions=self._explained(shortlist.reading, shortlist.places),
            screened_out=shortlist.screened_out,
            unmet_needs=_unmet(shortlist.reading),
            alerts=find_alerts(consultation.note, self.settings.safety),
            stamp=self.stamp,
            as_of=as_of,
            understood=request.understood,
            not_understood=request.not_understood,
            not_avoided=request.not_avoided,
        )

    def understand(self, consultation: Consultation, as_of: date) -> Request:
        """Read one consultation: what is wanted, and what the screen needs to know of the person."""
        understood = understand(consultation, self.finder, self.taxonomy, self.settings.understanding)
        place = consultation.location or self._place(consultation.postcode)
        person = read_person(consultation, place, understood.week, as_of)
        profile = build_profile(
            consultation, understood, person.gender, person.has_child, self.taxonomy, self.settings.profile
        )
        labels = tuple(facet.label for facet in profile.facets)
        return Request(profile, person, labels, understood.not_understood, understood.not_avoided)

    def read(self, consultation: Consultation, as_of: date, rows: Sequence[int] | None = None) -> Reading:
        """Understand one consultation, and screen and score services for it.

        Args:
            consultation: what was noted.
            as_of: the day to answer for.
            rows: which services; all when left out.
        """
        request = self.understand(consultation, as_of)
        case = self._case(request, np.arange(len(self.catalogue)) if rows is None else np.array(rows, dtype=np.int64))
        screened = screen(case)
        prospects = self.index.fusion.prospects_of(request.profile, self.settings)(case, screened.near_miss)
        parts, met = prospects.parts(np.arange(len(case.rows)))
        marks = (*parts.marks, ("ruled_out", screened.usable.astype(np.float64)))
        return _reading(request, screened, replace(parts, marks=marks), met)

    def _case(self, request: Request, rows: Rows) -> Case:
        return Case(
            request.person,
            self.columns,
            self.settings.eligibility,
            rows,
            self.index.fusion.suitability.declined(request.profile),
        )

    def shortlist(self, request: Request, top: int) -> Shortlist:
        """The best services for what was understood, before anything is explained."""
        spans = self.reach.spans(request.person, self.settings.eligibility)
        asked = self._case(request, np.zeros(0, dtype=np.int64))
        prospects, counts = looked_at(asked, spans, self.index.fusion.prospects_of(request.profile, self.settings))
        counts["distance"] += len(self.catalogue) - spans.count()
        case = prospects.case
        listed = order(prospects, lambda places: self.catalogue.id_rank[case.rows[places]], self.settings.ranking, top)
        rows = np.array([place.row for place in listed.places], dtype=np.int64)
        return Shortlist(
            _reading(request, screen(case.only(rows)), listed.parts, listed.met),
            tuple(place._replace(row=rank) for rank, place in enumerate(listed.places)),
            {rule.code: counts[rule.code] for rule in RULES if counts[rule.code]},
        )

    def _explained(self, reading: Reading, places: Sequence[Place], first_rank: int = 1) -> tuple[Suggestion, ...]:
        """Suggestions for the places of a list, with reasons and cautions."""
        rows = reading.screen.case.rows[[place.row for place in places]]
        told = self.index.fusion.tags.told(reading.profile, rows)
        shared = self.index.fusion.shared_words(reading.profile, rows)
        reasons = self._reasons(reading.parts, places, told, shared)
        entries = zip(places, self.catalogue.services(rows), reasons, strict=True)
        return tuple(
            self._suggestion(reading, place, service, why, rank)
            for rank, (place, service, why) in enumerate(entries, start=first_rank)
        )

    def _suggestion(
        self, reading: Reading, place: Place, service: Service, reasons: tuple[Reason, ...], rank: int
    ) -> Suggestion:
        km = float(reading.screen.case.distance_km[place.row])
        language = explain.language_caution(reading.profile, service)
        cautions = explain.cautions(reading.screen, place.row, service, reading.person.as_of)
        return Suggestion(
            service=service,
            rank=rank,
            score=place.score,
            standing=Standing(int(reading.screen.standing[place.row])),
            distance_km=None if isnan(km) else round(km, 2),
            reasons=reasons,
            cautions=(*cautions, language) if language else cautions,
        )

    def _reasons(
        self, parts: Parts, places: Sequence[Place], told: Sequence[list[Told]], shared: Sequence[list[str]]
    ) -> Iterator[tuple[Reason, ...]]:
        """Of every place the parts of its score in words; their weights add up to the score."""
        facets = parts.facets.T.tolist()
        others, marks = ([(name, values.tolist()) for name, values in named] for named in (parts.others, parts.marks))
        for place, answered, words in zip(places, told, shared, strict=True):
            at, values, left = place.row, facets[place.row], place.facet_factors
            met = [(want, offer, values[want.facet] * left[want.facet]) for want, offer in answered]
            added = [(name, amounts[at]) for name, amounts in others]
            marked = [*[(name, factors[at]) for name, factors in marks], ("alike", place.alike)]
            yield explain.reasons(met, added, marked, words, self.taxonomy)

    def why(self, consultation: Consultation, service_id: str, *, as_of: date) -> tuple[Suggestion, list[str]]:
        """How one service stands for one person, shown or not: its parts, and every reason that rules it out."""
        reading = self.read(consultation, as_of, [self.catalogue.row_of(service_id)])
        unmarked = replace(reading.parts, marks=tuple(m for m in reading.parts.marks if m[0] != "ruled_out"))
        reading = replace(reading, parts=unmarked)
        place = Place(0, float(unmarked.base()[0]), (1.0,) * len(reading.profile.facets))
        ruled_out = [text for _, text in reading.screen.sentences(0, Standing.ruled_out)]
        return self._explained(reading, [place], first_rank=0)[0], ruled_out

    def _place(self, postcode: str | None) -> Point | None:
        return locate_postcode(postcode, self.index.places) if postcode else None


def _reading(request: Request, screened: Screen, parts: Parts, met: NDArray[np.float64]) -> Reading:
    return Reading(**vars(request), screen=screened, parts=parts, met=met)


def _unmet(reading: Reading) -> tuple[str, ...]:
    """Facets that none of these services meets, by concept label."""
    met = reading.met.max(axis=1, initial=0.0)
    return tuple(f.label for f, value in zip(reading.profile.facets, met, strict=True) if value < MET)


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
