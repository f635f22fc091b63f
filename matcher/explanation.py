"""Reasons that add up, cautions, and why something is not in the list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache

from matcher.catalogue.columns import NO_DAY, Catalogue, day_number
from matcher.domain import Caution, ConceptId, Reason, Service, Standing
from matcher.eligibility import Screen
from matcher.profile import Profile, Want
from matcher.taxonomy import Taxonomy

STALE_AFTER_MONTHS = 12
DAYS_A_MONTH = 30.4375
SMALLEST_SHOWN = 0.005
MOST_LABELS = 4096
"""How many labels of concepts are kept as sentences need them; more than a taxonomy has."""

MARK_SENTENCES = {
    "far": "Marked down: a long way off; check that it serves where the person lives",
    "near_miss": "Marked down: a little over the person's own limits",
    "not_for_them": "Marked down: seems meant for people in another situation",
    "not_support": "Marked down: looks like a business rather than support",
    "unsure": "Marked down: there is a condition to check",
    "alike": "Marked down: others of its kind stand above",
    "disliked": "Marked down: part of it is something the person does not want",
}
VERBS = {"need": "helps with", "circumstance": "supports"}
"""What a service does about a concept of each kind; it offers all others."""
PART_SENTENCES = {
    "implied": "For people like this person",
    "near": "How near it is",
    "lexical": "Shares words with what was said",
    "semantic": "Reads as close in meaning to what was said",
}


def reasons(
    met: Iterable[tuple[Want, ConceptId, float]],
    others: Iterable[tuple[str, float]],
    marks: Iterable[tuple[str, float]],
    words: Sequence[str],
    taxonomy: Taxonomy,
) -> tuple[Reason, ...]:
    """The parts of one score in words; their weights add up to the score.

    Args:
        met: the wants that are met, by which offer, with what each adds.
        others: the further parts by name, with what each adds.
        marks: the mark-downs by name, with what each leaves of the whole.
        words: the words that are shared, as they were said.
        taxonomy: the concepts.
    """
    found = [tag_reason(want, offer, weight, taxonomy) for want, offer, weight in met]
    for name, weight in others:
        if weight > 0:
            found.append(other_reason(name, weight, words if name == "lexical" else ()))
    running = sum([reason.weight for reason in found])
    for name, left in marks:
        if left < 1:
            found.append(mark_reason(name, running * (left - 1)))
            running *= left
    return merge_small(found)


def tag_reason(want: Want, offer: ConceptId, weight: float, taxonomy: Taxonomy) -> Reason:
    """A sentence a link worker can say aloud: what was said, and what the service offers for it."""
    answer = taxonomy.by_id[offer]
    offers = _offers(answer.kind, answer.pref_label)
    label = _lower_first(taxonomy.by_id[want.concept].pref_label)
    return Reason(f"Because of “{want.quote}”: {offers}", f"Because of {label}: {offers}", weight, "tags", want.concept)


def other_reason(name: str, weight: float, words: Sequence[str] = ()) -> Reason:
    """A sentence for a further part of the score; shared words are quoted only in the quoting form."""
    sentence = PART_SENTENCES[name]
    return Reason(f"{sentence}: {', '.join(words)}" if words else sentence, sentence, weight, name)


def mark_reason(name: str, weight: float) -> Reason:
    """A sentence for a mark-down; its weight is negative."""
    sentence = MARK_SENTENCES[name]
    return Reason(sentence, sentence, weight, name)


def cautions(screen: Screen, place: int, service: Service, as_of: date) -> tuple[Caution, ...]:
    """What to check before sending anyone to this service."""
    worst = int(screen.standing[place])
    levels = [level for level in (Standing.near_miss, Standing.check) if level >= worst]
    found = [Caution(code, text) for level in levels for code, text in screen.sentences(place, level)]
    if service.capacity == "waiting list":
        found.append(Caution("waiting_list", "there is a waiting list"))
    referral = service.referral.casefold()
    if "professional only" in referral or "gp practice only" in referral:
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
    if not profile.languages:
        return None
    spoken = {language.casefold() for language in service.languages}
    if any(language.casefold() in spoken for language in profile.languages):
        return None
    return Caution("language", f"the directory does not say whether anyone speaks {' or '.join(profile.languages)}")


def is_stale(catalogue: Catalogue, row: int, as_of: date) -> bool:
    """Whether a record was last changed more than a year ago."""
    day = int(catalogue.modified_day[row])
    return day != NO_DAY and day_number(as_of) - day > STALE_AFTER_MONTHS * DAYS_A_MONTH


def merge_small(listed: Iterable[Reason]) -> tuple[Reason, ...]:
    """Largest reasons first; those too small to say are added up in one, so that the sum stays."""
    shown, rest = [], 0.0
    for reason in listed:
        if abs(reason.weight) >= SMALLEST_SHOWN:
            shown.append(reason)
        else:
            rest += reason.weight
    shown.sort(key=lambda reason: (-reason.weight, reason.by_label))
    if abs(rest) > 1e-12:
        shown.append(Reason("Smaller reasons together", "Smaller reasons together", rest, "rest"))
    return tuple(shown)


def _whole_months(since: date, until: date) -> int:
    return (until.year - since.year) * 12 + until.month - since.month - (until.day < since.day)


@lru_cache(MOST_LABELS)
def _offers(kind: str, label: str) -> str:
    """What a service does about a concept."""
    return f"{VERBS.get(kind, 'offers')} {_lower_first(label)}"


@lru_cache(MOST_LABELS)
def _lower_first(label: str) -> str:
    return label if label[:2].isupper() else label[:1].lower() + label[1:]
