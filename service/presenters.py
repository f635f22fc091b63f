"""The page of suggestions, in ready-made words: templates only place them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from matcher.domain import Alert, Reason, Recommendation, Service, Standing, Suggestion
from service.presenters_pictures import MapPicture, WeekPicture, map_of, week_of_suggestions
from service.presenters_words import (
    NOT_SAID,
    cost_in_words,
    days_in_words,
    distance_in_words,
    freshness_in_words,
    how_in_words,
    place_in_words,
    safe_link,
    upper_first,
)

MOST_REASONS = 3
STOP_AND_CHECK = (
    "Stop and check: this can reach people by phone or at home, and the note says that contact is not safe. "
    "Agree with the person, alone, how it may reach them."
)
SCREENED_WORDS = {
    "closed": "closed or ended",
    "duplicate": "listed twice",
    "already_tried": "tried before or set aside",
    "age": "for another age",
    "sex": "only for women or only for men",
    "modes": "not offered in a way the person can use",
    "contact": "reaches people by phone or at home",
    "declined": "what the person does not want",
    "distance": "too far",
    "cost": "over the limit on cost",
    "availability": "when the person is not free",
    "access": "has steps",
    "restricted": "only for people in another situation",
    "full": "full",
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of what there is to know about a service."""

    label: str
    text: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a score; the parts of a card add up to its total."""

    text: str
    weight: str


@dataclass(frozen=True, slots=True)
class Card:
    """One suggestion as it is shown."""

    id: str
    rank: int
    name: str
    organization: str
    about: str
    why: tuple[str, ...]
    check: tuple[str, ...]
    stop: str
    facts: tuple[Fact, ...]
    website: Fact | None
    parts: tuple[Part, ...]
    total: str
    kind: str = ""
    """What it is, as a label that "nothing like this" can avoid."""
    shortlisted: bool = False


@dataclass(frozen=True, slots=True)
class Account:
    """Why one service is, or is not, in the list."""

    name: str
    verdict: str
    against: tuple[str, ...]
    speaks_for: tuple[str, ...]
    check: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """A service by id and name, for lists beside the cards."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Results:
    """Everything on the page of suggestions."""

    heading: str
    alerts: tuple[Alert, ...]
    contact_unsafe: bool
    understood: tuple[str, ...]
    unmet: tuple[str, ...]
    cards: tuple[Card, ...]
    screened_out: tuple[str, ...]
    notices: tuple[str, ...]
    set_aside: tuple[Named, ...]
    tried: tuple[Named, ...]
    shortlist: tuple[Named, ...]
    map: MapPicture | None
    week: WeekPicture | None
    versions: str
    offer_team_summary: bool
    accounts: tuple[Account, ...] = ()
    asked_why: str = ""


def heading_of(count: int) -> str:
    """The heading above the cards."""
    return {0: "No suggestions", 1: "1 suggestion"}.get(count, f"{count} suggestions")


def card_of(suggestion: Suggestion, as_of: date, *, unsafe: bool, kind: str, shortlisted: bool) -> Card:
    """A suggestion in words. ``kind`` is a label of what the service is, or empty."""
    service = suggestion.service
    return Card(
        id=service.id,
        rank=suggestion.rank,
        name=service.name,
        organization=service.organization if service.organization != service.name else "",
        about=service.description,
        why=tuple(reasons_of(suggestion.reasons)),
        check=tuple(check_first(suggestion)),
        stop=STOP_AND_CHECK if unsafe and reaches_home(service) else "",
        facts=tuple(facts_of(service, suggestion.distance_km, as_of)),
        website=website_of(service),
        parts=tuple(Part(said(reason), f"{reason.weight:+.3f}") for reason in suggestion.reasons),
        total=f"{suggestion.score:.3f}",
        kind=kind,
        shortlisted=shortlisted,
    )


def reasons_of(reasons: Iterable[Reason]) -> list[str]:
    """What speaks for it: first what was asked for and is met, then what only says how close the texts are."""
    speaking = [reason for reason in reasons if reason.weight > 0 and reason.part != "rest"]
    speaking.sort(key=lambda reason: reason.part != "tags")
    return [said(reason) for reason in speaking][:MOST_REASONS]


def said(reason: Reason) -> str:
    """A reason in the words of the consultation; parts of text scorers by their name, word stems read badly."""
    return reason.quoting if reason.part == "tags" else reason.by_label


def check_first(suggestion: Suggestion) -> list[str]:
    """What to check before sending anyone, as sentences."""
    found = [upper_first(caution.text) for caution in suggestion.cautions]
    if suggestion.standing is Standing.near_miss:
        found.insert(0, "A near miss: a little outside what the person can manage")
    return found


def reaches_home(service: Service) -> bool:
    """Whether a service may ring people or come to their door."""
    return bool({"phone", "home_visit"} & set(service.modes))


def facts_of(service: Service, distance_km: float | None, as_of: date) -> list[Fact]:
    """Where, when, cost, how to go and how fresh, in this order."""
    vague = service.place is not None and service.place.precision_km > 0
    far = distance_in_words(distance_km, vague)
    where = ". ".join(text for text in (far, place_in_words(service)) if text)
    facts = [
        Fact("Where", where or how_in_words(service.modes) or NOT_SAID),
        Fact("When", days_in_words(service) or "By appointment, or not said"),
        Fact("Cost", cost_in_words(service)),
        Fact("How to refer", "\n".join([service.referral or NOT_SAID, *service.phones[:2], service.email]).strip()),
    ]
    if service.modes and set(service.modes) != {"in_person"}:
        facts.insert(1, Fact("How it meets people", how_in_words(service.modes)))
    return [*facts, Fact("Entry", freshness_in_words(service.last_modified, as_of))]


def contacts_of(service: Service) -> list[Fact]:
    """Phone, email and web address, those there are."""
    facts = [Fact("Phone", phone) for phone in service.phones[:2]]
    facts += [Fact("Email", service.email)] if service.email else []
    website = website_of(service)
    return [*facts, website] if website else facts


def website_of(service: Service) -> Fact | None:
    """The web address; a link only where it is one that a browser may follow."""
    return Fact("Website", service.url, safe_link(service.url)) if service.url else None


def account_of(suggestion: Suggestion, ruled_out: Sequence[str], rank: int | None, set_aside: bool) -> Account:
    """The account of one service. ``rank`` is its place in the list shown, if it has one."""
    against = [*(["you set it aside"] if set_aside else []), *ruled_out]
    marked_down = [reason.by_label for reason in suggestion.reasons if reason.weight < 0 and reason.part != "rest"]
    if rank is not None:
        verdict = f"It is in the list, at place {rank}."
    elif against:
        verdict = "It is not in the list because of this:"
    else:
        verdict = "The person could use it, but other services answer better what was said."
    speaks = reasons_of(suggestion.reasons) or ["Nothing in this consultation speaks for it"]
    return Account(
        name=suggestion.service.name,
        verdict=verdict,
        against=tuple(upper_first(text) for text in [*against, *marked_down]),
        speaks_for=tuple(speaks),
        check=tuple(check_first(suggestion)),
    )


def screened_in_words(counts: Iterable[tuple[str, int]]) -> tuple[str, ...]:
    """What was kept aside and why: "too far: 8"."""
    return tuple(f"{SCREENED_WORDS.get(code, code.replace('_', ' '))}: {count}" for code, count in counts)


def pictures_of(
    recommendation: Recommendation, home: tuple[float, float] | None
) -> tuple[MapPicture | None, WeekPicture | None]:
    """Where the suggestions lie around home, and when in the week they are."""
    return map_of(recommendation.suggestions, home), week_of_suggestions(recommendation.suggestions)
