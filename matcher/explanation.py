"""Reasons that add up, cautions, and why something is not in the list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from matcher.catalogue.columns import NO_DAY, Catalogue, day_number
from matcher.domain import Caution, Reason, Service, Standing
from matcher.eligibility import Screen
from matcher.profile import Profile
from matcher.scorers.base import Contribution
from matcher.taxonomy import Taxonomy

STALE_AFTER_MONTHS = 12
DAYS_A_MONTH = 30.4375
SMALLEST_SHOWN = 0.005

MARK_SENTENCES = {
    "far": "marked down: a long way off; check that it serves where the person lives",
    "near_miss": "marked down: a little over the person's own limits",
    "not_for_them": "marked down: seems meant for people in another situation",
    "not_support": "marked down: looks like a business rather than support",
    "unsure": "marked down: there is a condition to check",
    "alike": "marked down: others of its kind stand above",
    "disliked": "marked down: part of it is something the person does not want",
}
VERBS = {"need": "helps with", "circumstance": "supports"}
"""What a service does about a concept of each kind; it offers all others."""
PART_SENTENCES = {
    "implied": "for people like this person",
    "near": "how near it is",
    "lexical": "shares words with what was said",
    "semantic": "reads as close in meaning to what was said",
}


def tag_reason(part: Contribution, weight: float, taxonomy: Taxonomy) -> Reason:
    """A sentence a link worker can say aloud: what was said, and what the service offers for it."""
    offer = taxonomy.by_id[part.offer] if part.offer else None
    verb = VERBS.get(offer.kind, "offers") if offer else "offers"
    offers = f"{verb} {_lower_first(offer.pref_label if offer else part.label)}"
    return Reason(
        quoting=f"Because of “{part.quote}”: {offers}",
        by_label=f"Because of {_lower_first(part.label)}: {offers}",
        weight=weight,
        part="tags",
        concept=part.concept,
    )


def other_reason(name: str, weight: float, words: Sequence[str] = ()) -> Reason:
    """A sentence for a further part of the score; shared words are quoted only in the quoting form."""
    sentence = PART_SENTENCES[name]
    quoting = f"{sentence}: {', '.join(words)}" if words else sentence
    return Reason(_upper_first(quoting), _upper_first(sentence), weight, name)


def mark_reason(name: str, weight: float) -> Reason:
    """A sentence for a mark-down; its weight is negative."""
    sentence = _upper_first(MARK_SENTENCES[name])
    return Reason(sentence, sentence, weight, name)


def cautions(screen: Screen, place: int, service: Service, as_of: date) -> tuple[Caution, ...]:
    """What to check before sending anyone to this service."""
    found = [Caution(code, text) for code, text in screen.sentences(place, Standing.near_miss)]
    found += [Caution(code, text) for code, text in screen.sentences(place, Standing.check)]
    if service.capacity == "waiting list":
        found.append(Caution("waiting_list", "there is a waiting list"))
    if "professional only" in service.referral.casefold() or "gp practice only" in service.referral.casefold():
        found.append(Caution("referral", service.referral.rstrip(".")))
    if service.last_modified is not None:
        months = _whole_months(service.last_modified, as_of)
        if months > STALE_AFTER_MONTHS:
            found.append(Caution("stale", f"record last changed {months} months ago: check that it still runs"))
    elif not any(c.code == "stale" for c in found):
        found.append(Caution("undated", "the directory does not say when this entry was last checked"))
    return tuple(found)


def language_caution(profile: Profile, service: Service) -> Caution | None:
    """Whether somebody there speaks the person's language, when the directory does not say so."""
    spoken = {language.casefold() for language in service.languages}
    missing = [language for language in profile.languages if language.casefold() not in spoken]
    if profile.languages and len(missing) == len(profile.languages):
        return Caution("language", f"the directory does not say whether anyone speaks {' or '.join(missing)}")
    return None


def is_stale(catalogue: Catalogue, row: int, as_of: date) -> bool:
    """Whether a record was last changed more than a year ago."""
    day = int(catalogue.modified_day[row])
    return day != NO_DAY and day_number(as_of) - day > STALE_AFTER_MONTHS * DAYS_A_MONTH


def merge_small(reasons: list[Reason]) -> tuple[Reason, ...]:
    """Largest reasons first; those too small to say are added up in one, so that the sum stays."""
    shown = [reason for reason in reasons if abs(reason.weight) >= SMALLEST_SHOWN]
    rest = sum(reason.weight for reason in reasons if abs(reason.weight) < SMALLEST_SHOWN)
    shown.sort(key=lambda reason: (-reason.weight, reason.by_label))
    if abs(rest) > 1e-12:
        shown.append(Reason("Smaller reasons together", "Smaller reasons together", rest, "rest"))
    return tuple(shown)


def _whole_months(since: date, until: date) -> int:
    return (until.year - since.year) * 12 + until.month - since.month - (until.day < since.day)


def _lower_first(text: str) -> str:
    return text if text[:2].isupper() else text[:1].lower() + text[1:]


def _upper_first(text: str) -> str:
    return text[:1].upper() + text[1:]
