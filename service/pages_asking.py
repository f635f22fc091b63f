"""Asks the engine what the pages need and hands the answers to the presenters. Plain calls, run in a worker thread."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from matcher import Engine
from matcher.catalogue import Catalogue
from matcher.domain import CatalogueError, Consultation, Point, Recommendation, Service
from matcher.geography import normal_postcode
from matcher.presentation import unrecognised
from matcher.text import normalise
from service.pages_form import NO_CONTACT, Draft, consultation_of, contact_is_unsafe
from service.presenters import (
    Account,
    Named,
    Results,
    account_of,
    card_of,
    heading_of,
    pictures_of,
    screened_in_words,
)

SHOWN = 10
MOST_ACCOUNTS = 3
NAME_MATCH = 60.0
PLACE_MATCH = 80.0
KIND_STRENGTH = 0.5
MANY_NEEDS = 4
"""From so many needs, or two that come first of all, a summary for the team is offered. The worker decides."""
ABUSE = ("domestic_abuse", "sexual_violence")


@dataclass(frozen=True, slots=True)
class Asker:
    """An engine and a day: everything that is asked for one page has one version."""

    engine: Engine
    as_of: date

    def results(self, draft: Draft, *, check_contact: bool = False, why: str = "") -> Results:
        """The page of suggestions. ``why`` is a name, or a part of one, to give an account of.

        Raises:
            InputError: the draft breaks a rule of the engine's border.
        """
        consultation = self.consultation(draft, check_contact=check_contact)
        recommendation = self.recommendation(consultation)
        home = self._home(consultation)
        unsafe = contact_is_unsafe(consultation.note, self.as_of)
        return self._page(draft, recommendation, home, unsafe, why, consultation)

    def consultation(self, draft: Draft, *, check_contact: bool = False) -> Consultation:
        """The record of a draft; an opened plan that says so keeps contact unsafe."""
        if check_contact and not contact_is_unsafe(draft.note, self.as_of):
            draft = replace(draft, note=f"{draft.note}\n{NO_CONTACT}".strip())
        return consultation_of(draft, self._located(draft.place))

    def recommendation(self, consultation: Consultation) -> Recommendation:
        """What the page shows for a consultation."""
        return self.engine.suggest(consultation, as_of=self.as_of, top=SHOWN)

    def service(self, service_id: str) -> Service | None:
        """A service of the catalogue."""
        try:
            return self.engine.catalogue[self.engine.catalogue.row_of(service_id)]
        except CatalogueError:
            return None

    def names(self, ids: Iterable[str]) -> tuple[Named, ...]:
        """Services by name; those no longer in the directory are left out."""
        return tuple(Named(i, service.name) for i in ids if (service := self.service(i)) is not None)

    def kind(self, service_id: str) -> str:
        """What a service mainly is, as a label; empty when that is not clear."""
        strengths = self.engine.offers.of(self.engine.catalogue.row_of(service_id))
        concepts = ((self.engine.taxonomy.by_id[key], value) for key, value in strengths.items())
        kinds = ("offer", "interest", "need")
        return next((c.pref_label for c, value in concepts if c.kind in kinds and value >= KIND_STRENGTH), "")

    def about_abuse(self, service_id: str) -> bool:
        """Whether naming the service on paper would tell of abuse."""
        try:
            strengths = self.engine.offers.of(self.engine.catalogue.row_of(service_id))
        except CatalogueError:
            return False
        return any(strengths.get(concept, 0.0) >= KIND_STRENGTH for concept in ABUSE)

    def _page(
        self,
        draft: Draft,
        found: Recommendation,
        home: Point | None,
        unsafe: bool,
        why: str,
        consultation: Consultation,
    ) -> Results:
        cards = tuple(
            card_of(
                suggestion,
                self.as_of,
                unsafe=unsafe,
                kind=self.kind(suggestion.service.id),
                shortlisted=suggestion.service.id in draft.shortlist,
            )
            for suggestion in found.suggestions
        )
        map_picture, week_picture = pictures_of(found, (home.lat, home.lon) if home else None)
        return Results(
            heading=heading_of(len(cards)),
            alerts=found.alerts,
            contact_unsafe=unsafe,
            understood=found.understood,
            unmet=found.unmet_needs,
            cards=cards,
            screened_out=screened_in_words(found.screened_out.items()),
            notices=tuple(_notices(draft, home, found)),
            set_aside=self.names(draft.set_aside),
            tried=self.names(draft.tried),
            shortlist=self.names(draft.shortlist),
            map=map_picture,
            week=week_picture,
            versions=f"{found.stamp} as of {found.as_of}",
            offer_team_summary=bool(found.alerts) or is_complex(draft),
            accounts=self._accounts(draft, consultation, found, why),
            asked_why=why,
        )

    def _accounts(
        self, draft: Draft, consultation: Consultation, found: Recommendation, why: str
    ) -> tuple[Account, ...]:
        ranks = {suggestion.service.id: suggestion.rank for suggestion in found.suggestions}
        asked = replace(consultation, already_tried=draft.tried)
        accounts = []
        for service_id in named_like(why, self.engine.catalogue) if why else ():
            suggestion, ruled_out = self.engine.why(asked, service_id, as_of=self.as_of)
            accounts.append(account_of(suggestion, ruled_out, ranks.get(service_id), service_id in draft.set_aside))
        return tuple(accounts)

    def _located(self, place: str) -> Point | None:
        """A place name as a point; ``None`` for a postcode, which the engine looks up itself."""
        return None if not place or normal_postcode(place) else place_named(place, self.engine.catalogue)

    def _home(self, consultation: Consultation) -> Point | None:
        """Where the person lives, as the engine sees it."""
        only_place = Consultation(postcode=consultation.postcode, location=consultation.location)
        return self.engine.understand(only_place, self.as_of).person.place


def is_complex(draft: Draft) -> bool:
    """Whether there are so many needs that the team may want to look together. Counts, nothing more."""
    return len(draft.need) >= MANY_NEEDS or draft.importance.count("3") > 1


def named_like(text: str, catalogue: Catalogue) -> list[str]:
    """Ids of the services whose name is most like a text, best first; few, and none that is not alike."""
    wanted = normalise(text).strip()
    names = [normalise(name).strip() for name in catalogue.texts("name")]
    exact = [place for place, name in enumerate(names) if name == wanted]
    if not exact and wanted:
        found = process.extract(wanted[:200], names, scorer=fuzz.WRatio, score_cutoff=NAME_MATCH, limit=30)
        best = max((score for _, score, _ in found), default=0.0)
        exact = sorted(place for _, score, place in found if score >= best - 5)
    ids = catalogue.texts("id")
    return [ids[place] for place in exact[:MOST_ACCOUNTS]]


def place_named(text: str, catalogue: Catalogue) -> Point | None:
    """The middle of the services at a place of this name, typos forgiven; ``None`` when no place is called so."""
    wanted = normalise(text).strip()
    rows: dict[str, list[int]] = {}
    for row, name in enumerate(catalogue.texts("place_name")):
        if name and not np.isnan(catalogue.lat[row]):
            rows.setdefault(normalise(name).strip(), []).append(row)
    match = (
        process.extractOne(wanted[:100], list(rows), scorer=fuzz.ratio, score_cutoff=PLACE_MATCH) if wanted else None
    )
    if match is None:
        return None
    at = rows[match[0]]
    return Point(_median(catalogue.lat[at]), _median(catalogue.lon[at]))


def _median(values: NDArray[np.float64]) -> float:
    return round(float(np.median(values)), 5)


def _notices(draft: Draft, home: Point | None, found: Recommendation) -> list[str]:
    notices = [f"{told}." for told in unrecognised(found)]
    if found.suggestions and found.understood and set(found.understood) <= set(found.unmet_needs):
        notices.append("Nothing in this directory answers what was said. These are the nearest that were found.")
    if draft.place and home is None:
        notices.append("We do not know the postcode or place you gave, so distances are left out. Check the spelling.")
    if home is not None and (home.precision_km > 0 or normal_postcode(draft.place) is None):
        notices.append("Home is only known roughly, so distances are about right, not exact.")
    return notices
