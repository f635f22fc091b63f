"""Likely duplicates: entries of the same service, often by two providers, of which a list shows one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache

from rapidfuzz import fuzz

from matcher.catalogue.checks import completeness
from matcher.catalogue.columns import day_number
from matcher.catalogue.findings import Finding
from matcher.domain import DAYS, Service
from matcher.geography import distance_km, normal_postcode
from matcher.text import content_words, normalise, words_of

SAME_NAME = 90.0
SAME_ORGANIZATION = 85.0
SAME_PLACE_KM = 0.3
SAME_WORD = 80.0
MOST_SHARING_A_WORD = 60
MOST_SHARING_A_NAME = 300

_GROUP_WORDS = """
    men mens women womens male female boy boys girl girls lad lads lady ladies gents dad dads mum mums father fathers
    mother mothers junior juniors senior seniors adult adults child childrens beginner beginners improver improvers
    advanced online morning afternoon evening
"""
_GROUPS = frozenset(_GROUP_WORDS.split()) | {f"{day.lower()}{s}" for day in DAYS for s in ("", "s")}

_FILLER_WORDS = "the a an and of in at for ltd limited cic cio plc uk charity group club service project"
_FILLERS = frozenset(_FILLER_WORDS.split())


def find_duplicates(services: Sequence[Service], findings: list[Finding]) -> list[int]:
    """For each service the place of a better entry of the same service, or -1.

    Two entries are taken for one service when their names agree (rapidfuzz token-sort ratio), and so does their
    organisation or a contact, and neither place, age nor days speak against it.
    """
    better = [-1] * len(services)
    for first, second in _candidate_pairs(services):
        if better[first] == -1 and better[second] == -1 and _same_service(services[first], services[second]):
            keep, drop = sorted((first, second), key=lambda place: _worth_first(services[place]))
            better[drop] = keep
    shown = [_shown(better, place) for place in range(len(services))]
    for place, instead in enumerate(shown):
        if instead != -1:
            other = services[instead]
            text = f"looks like {other.id} ({other.name}), which is shown instead"
            findings.append(Finding("likely_duplicate", services[place].source, services[place].id, text))
    return shown


def _shown(better: Sequence[int], place: int) -> int:
    """Where a chain of better entries ends, or -1 when this entry has no better one."""
    end = place
    while better[end] != -1:
        end = better[end]
    return end if end != place else -1


def _candidate_pairs(services: Sequence[Service]) -> Iterator[tuple[int, int]]:
    """Pairs that share a word of their names that few names have, or a whole name and a postcode or organisation."""
    by_word: defaultdict[str, list[int]] = defaultdict(list)
    by_name: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for place, service in enumerate(services):
        words = sorted(set(content_words(service.name)))
        for word in words:
            by_word[word].append(place)
        for also in {service.postcode, normalise(service.organization)} - {""}:
            by_name[also, *words].append(place)
    blocks = [block for block in by_word.values() if len(block) <= MOST_SHARING_A_WORD]
    blocks += [block for block in by_name.values() if len(block) <= MOST_SHARING_A_NAME]
    yield from sorted({(a, b) for block in blocks for i, a in enumerate(block) for b in block[i + 1 :]})


def _same_service(a: Service, b: Service) -> bool:
    names = _plain(a.name), _plain(b.name)
    if fuzz.token_sort_ratio(*names) < SAME_NAME or _set_apart(*names) or _for_others(a, b):
        return False
    same_contact = bool(set(a.phones) & set(b.phones)) or (a.email != "" and a.email == b.email)
    together = _together(a, b)
    if not together:
        return together is None and same_contact
    similar = fuzz.token_set_ratio(normalise(a.organization), normalise(b.organization)) >= SAME_ORGANIZATION
    return same_contact or similar or not a.organization or not b.organization


@lru_cache(maxsize=100_000)
def _plain(name: str) -> str:
    """The words of a name without fillers; all of them when there is nothing else."""
    words = words_of(normalise(name))
    return " ".join([word for word in words if word not in _FILLERS] or words)


def _together(a: Service, b: Service) -> bool | None:
    """Whether two entries are at one place, both at none, or (``None``) nobody can tell."""
    if a.place and b.place and not a.place.precision_km and not b.place.precision_km:
        return distance_km(a.place, b.place) <= SAME_PLACE_KM
    if a.postcode and b.postcode:
        return normal_postcode(a.postcode) == normal_postcode(b.postcode)
    return None if a.place or b.place else True


def _set_apart(a: str, b: str) -> bool:
    """Whether near-equal names tell services apart: "Men's group" and "Women's group", "Over 50s" and "Over 60s".

    What differs may only be the same word with a typo.
    """
    only_a, only_b = set(a.split()) - set(b.split()), set(b.split()) - set(a.split())
    if any(word in _GROUPS or any(map(str.isdecimal, word)) for word in only_a | only_b):
        return True
    return not (_all_like(only_a, only_b) and _all_like(only_b, only_a))


def _all_like(words: set[str], others: set[str]) -> bool:
    return all(any(fuzz.ratio(word, other) >= SAME_WORD for other in others) for word in words)


def _for_others(a: Service, b: Service) -> bool:
    """Whether ages or days have nothing in common."""
    low, high = max(a.min_age or 0.0, b.min_age or 0.0), min(_oldest(a), _oldest(b))
    days = [{session.day for session in service.sessions} for service in (a, b)]
    return low > high or bool(all(days) and not days[0] & days[1])


def _oldest(service: Service) -> float:
    return float("inf") if service.max_age is None else service.max_age


def _worth_first(service: Service) -> tuple[bool, int, float, str]:
    """Sorts the best of two entries first: open, not ending, complete and new; else the earlier id."""
    ends = service.ends_on or date.max
    newest = day_number(service.last_modified) if service.last_modified else 0
    return service.status not in ("active", ""), -ends.toordinal(), -completeness(service) - newest / 1e6, service.id
