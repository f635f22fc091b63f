"""The sample town's own consultations: nothing in a top ten breaks a limit that the directory or the person states."""

import math

import pytest

from matcher import load_engine
from matcher.data_files import SAMPLE_DATE, data_path
from matcher.domain import Standing
from matcher.experiments import read_consultations

MARGIN = 1.15
"""Up to here a place over the person's own limit is a near miss, and says so."""
A_POUND = 1.0


def km_between(a, b):
    """Haversine on the mean earth radius, written out again here."""
    lat, other = math.radians(a.lat), math.radians(b.lat)
    half = math.sin((other - lat) / 2) ** 2
    half += math.cos(lat) * math.cos(other) * math.sin(math.radians(b.lon - a.lon) / 2) ** 2
    return 2 * 6371.0088 * math.asin(math.sqrt(half))


def faults(consultation, suggestion):
    """Which limits a suggestion breaks, from the plain fields of both sides."""
    service, found = suggestion.service, []
    if service.status and service.status.casefold() not in ("active", ""):
        found.append("status")
    if service.ends_on and service.ends_on < SAMPLE_DATE:
        found.append("ended")
    if service.id in consultation.already_tried:
        found.append("tried")
    if service.modes and consultation.modes and not set(service.modes) & {*consultation.modes, "home_visit"}:
        found.append("modes")
    limit = consultation.max_distance_km
    here = consultation.location and service.place and not service.place.precision_km
    if limit is not None and here and set(service.modes) == {"in_person"}:
        km = km_between(consultation.location, service.place)
        allowed = limit * MARGIN if suggestion.standing is Standing.near_miss else limit
        found += ["distance"] if km > allowed + 1e-6 else []
    if consultation.max_cost is not None and service.cost is not None:
        allowed = consultation.max_cost
        if suggestion.standing is Standing.near_miss and allowed > 0:
            allowed = max(allowed * MARGIN, allowed + A_POUND)
        found += ["cost"] if service.cost > allowed else []
    return found


def too_old_or_young(consultation, service):
    """Whether a stated age limit leaves out the person, when no child or other person is mentioned in any way."""
    if (
        consultation.age is None
        or consultation.others
        or any(word in consultation.note.casefold() for word in CHILD_WORDS)
    ):
        return False
    low, high = service.min_age, service.max_age
    below = low is not None and consultation.age < low
    return below or (high is not None and math.floor(consultation.age) > high)


CHILD_WORDS = [
    "son",
    "daughter",
    "child",
    "kid",
    "girl",
    "boy",
    "baby",
    "toddler",
    "nappies",
    "pram",
    "grand",
    "dtr",
    "lad",
    "yo",
    "littlies",
    "twins",
    "mum",
]


@pytest.fixture(scope="module")
def lists():
    engine = load_engine(semantic=False)
    consultations = read_consultations(data_path("sample", "consultations.jsonl"))
    return [(c, engine.suggest(c, as_of=SAMPLE_DATE, top=10).suggestions) for c in consultations]


def test_no_suggestion_in_a_top_ten_breaks_a_limit(lists):
    broken = [(c.id, s.service.name, fault) for c, listed in lists for s in listed for fault in faults(c, s)]
    assert broken == []


def test_nobody_is_sent_where_they_are_too_old_or_too_young(lists):
    wrong = [(c.id, s.service.name) for c, listed in lists for s in listed if too_old_or_young(c, s.service)]
    assert wrong == []


def test_every_consultation_gets_a_list(lists):
    assert len(lists) == 72
    assert all(listed for _, listed in lists)
