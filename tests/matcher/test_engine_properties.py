"""What holds of the whole engine for any small directory and any person.

Each service and each person is drawn field by field, so that a counterexample shrinks to the one field that matters.
What a person may be shown is worked out again here, in plain code, and not by the rules under test.
"""

from __future__ import annotations

import math
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from matcher.batch import recommend_all, suggestion_rows
from matcher.domain import (
    MINUTES_A_DAY,
    Consultation,
    Need,
    Point,
    Recommendation,
    Service,
    Session,
    Standing,
    Suggestion,
    TimeWindow,
)
from matcher.engine import Engine
from matcher.settings import Settings
from tests.factories import AS_OF, a_catalogue, a_consultation, a_service, a_taxonomy

WITHOUT_ENCODER = Settings(scorers=("tags", "lexical"))
EVERYTHING = 100

CONCEPTS = (
    ("loneliness", "Loneliness", "need", "", "social", "", "", ""),
    ("debt", "Debt and bills", "need", "", "money", "", "", ""),
    ("singing", "Singing", "interest", "", "creative", "", "", ""),
    ("walking", "Walking", "interest", "", "activity", "", "", ""),
    ("bingo", "Bingo", "interest", "", "social", "", "", ""),
    ("choir", "Choirs", "offer", "singing", "creative", "", "", ""),
    ("advice", "Advice centre", "offer", "", "money", "", "", ""),
    ("befriending", "Befriending", "offer", "", "social", "", "", ""),
    ("carers", "Unpaid carers", "circumstance", "", "carers", "yes", "", ""),
    ("shop", "Shop", "decoy", "", "other", "", "", ""),
    ("womens_group", "Women's group", "offer", "", "social", "yes", "", ""),
    ("mens_group", "Men's group", "offer", "", "social", "yes", "", ""),
    ("older_peoples_club", "Club for older people", "offer", "", "social", "yes", "", ""),
    ("youth_club", "Youth club", "offer", "", "social", "yes", "", ""),
    ("minority_ethnic", "Minority ethnic communities", "circumstance", "", "culture", "yes", "", ""),
    ("interpreting", "Interpreting", "offer", "", "culture", "", "", ""),
)
LABELS = (
    ("loneliness", "lonely", "person", "1"),
    ("loneliness", "company", "both", "0.6"),
    ("debt", "debts", "both", "1"),
    ("singing", "singing", "both", "1"),
    ("walking", "walking", "both", "1"),
    ("bingo", "bingo", "both", "1"),
    ("choir", "choir", "both", "1"),
    ("advice", "money advice", "provider", "1"),
    ("befriending", "befriending", "both", "1"),
    ("carers", "carers", "both", "1"),
    ("shop", "open seven days, free parking", "provider", "1"),
    ("mens_group", "mens group", "both", "1"),
    ("womens_group", "womens group", "both", "1"),
)
LINKS = (
    ("loneliness", "choir", "0.6", "company"),
    ("loneliness", "befriending", "1", "company"),
    ("loneliness", "bingo", "0.5", "company"),
    ("loneliness", "walking", "0.5", "company"),
    ("singing", "choir", "1", "the thing itself"),
    ("debt", "advice", "1", "the thing itself"),
)
with TemporaryDirectory() as folder:
    TAXONOMY = a_taxonomy(Path(folder), concepts=CONCEPTS, labels=LABELS, links=LINKS)

NAMES = (
    "Choir",
    "Choir and bingo",
    "Walking group",
    "Money advice",
    "Befriending",
    "Bingo night",
    "Mens group",
    "Shed",
)
DESCRIPTIONS = (
    "",
    "Singing for company, then bingo.",
    "For carers. Walking and talking.",
    "Help with debts and forms.",
    "Open seven days, free parking.",
)
CLAUSES = (
    "Lonely since she moved.",
    "No bingo.",
    "Would love to sing, singing was her life.",
    "Doesn't want a choir.",
    "Debts again.",
    "Neighbour goes walking.",
    "Gave up bingo.",
    "Xylophone.",
)
TOPICS = ("company", "debts", "singing", "walking", "befriending", "xylophones")
HOME = Point(53.5, -2.5)
PLACES = (None, HOME, Point(53.52, -2.5), Point(53.6, -2.5), Point(53.6, -2.5, 3.0), Point(54.5, -2.0))


def one_of(*values: object) -> st.SearchStrategy:
    return st.sampled_from(values)


def mostly(usual: object, *others: object) -> st.SearchStrategy:
    """Three times in four the usual thing, so that most lists have several services in them."""
    return st.sampled_from((*[usual] * 3 * len(others), *others))


def some_of(*values: object) -> st.SearchStrategy:
    return st.lists(st.sampled_from(values), unique=True, max_size=3).map(tuple)


SESSIONS = st.builds(
    Session,
    day=st.integers(0, 6),
    start=one_of(9 * 60, 14 * 60, 18 * 60),
    end=one_of(20 * 60, MINUTES_A_DAY),
)
SERVICES = st.builds(
    Service,
    id=st.just(""),
    name=one_of(*NAMES),
    description=one_of(*DESCRIPTIONS),
    organization=one_of("", "Wending Arts"),
    categories=some_of("Singing", "Debts"),
    status=mostly("active", "", "inactive", "defunct"),
    eligibility=mostly("", "Women only", "Men only"),
    min_age=mostly(None, 18.0, 55.0),
    max_age=mostly(None, 17.0, 60.0),
    cost=mostly(0.0, None, 2.0, 5.0, 5.5, 40.0),
    modes=mostly(("in_person",), (), ("phone",), ("online",), ("in_person", "online")),
    sessions=st.lists(SESSIONS, max_size=2).map(tuple),
    place=one_of(*PLACES),
    languages=some_of("English", "Urdu"),
    accessibility=one_of((), ("step-free",)),
    capacity=one_of("", "open", "full", "waiting list"),
    last_modified=one_of(None, date(2026, 10, 1), date(2022, 1, 1)),
)
DIRECTORIES = st.lists(SERVICES, min_size=4, max_size=8).map(
    lambda services: [replace(service, id=f"s{place}") for place, service in enumerate(services)]
)
PEOPLE = st.builds(
    Consultation,
    id=st.just("p"),
    note=st.lists(one_of(*CLAUSES), max_size=3).map(" ".join),
    needs=st.lists(st.builds(Need, one_of(*TOPICS), st.integers(1, 3)), min_size=1, max_size=3).map(tuple),
    interests=some_of("singing", "walking", "bingo"),
    age=one_of(None, 16.0, 17.9, 45.0, 60.5, 80.0),
    gender=one_of(None, "woman", "man", "non-binary"),
    location=one_of(None, HOME),
    max_distance_km=one_of(None, 2.0, 11.0),
    max_cost=mostly(None, 0.0, 2.0, 5.0),
    languages=some_of("English", "Urdu"),
    modes=mostly((), ("in_person",), ("phone",), ("online", "phone")),
    availability=mostly((), (TimeWindow(1, 0, MINUTES_A_DAY),), (TimeWindow(2, 600, 840), TimeWindow(4, 0, 720))),
    avoid=mostly((), ("bingo",), ("choir",), ("choir", "bingo")),
    already_tried=mostly((), ("s0",), ("s1", "s0")),
)


def engine_of(services: list[Service]) -> Engine:
    return Engine.fit(a_catalogue(*services), TAXONOMY, WITHOUT_ENCODER)


def answer(services: list[Service], person: Consultation, top: int = EVERYTHING) -> Recommendation:
    return engine_of(services).suggest(person, as_of=AS_OF, top=top)


def ids(recommendation: Recommendation) -> list[str]:
    return [suggestion.service.id for suggestion in recommendation.suggestions]


@given(DIRECTORIES, PEOPLE, st.randoms(use_true_random=False))
def test_the_order_of_the_directory_does_not_matter(services, person, random):
    shuffled = random.sample(services, len(services))
    assert answer(shuffled, person) == answer(services, person)


@given(DIRECTORIES, PEOPLE)
def test_reasons_add_up_to_the_score(services, person):
    for suggestion in answer(services, person).suggestions:
        assert math.fsum(reason.weight for reason in suggestion.reasons) == pytest.approx(suggestion.score, abs=1e-6)


@given(DIRECTORIES, PEOPLE)
def test_scores_are_above_0_and_never_rise_down_the_list(services, person):
    scores = [suggestion.score for suggestion in answer(services, person).suggestions]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score < math.inf for score in scores)


@given(DIRECTORIES, PEOPLE)
def test_why_gives_parts_that_add_up_for_services_that_are_not_shown_too(services, person):
    engine = engine_of(services)
    for service in services:
        suggestion, _ = engine.why(person, service.id, as_of=AS_OF)
        assert math.fsum(reason.weight for reason in suggestion.reasons) == pytest.approx(suggestion.score, abs=1e-6)


def km_between(a: Point, b: Point) -> float:
    """The spherical law of cosines, on a globe of 6371 km."""
    lat_a, lat_b, turn = math.radians(a.lat), math.radians(b.lat), math.radians(b.lon - a.lon)
    cosine = math.sin(lat_a) * math.sin(lat_b) + math.cos(lat_a) * math.cos(lat_b) * math.cos(turn)
    return 6371 * math.acos(min(1.0, cosine))


def cannot_use(service: Service, person: Consultation) -> bool:
    """Whether the directory plainly says that this person cannot use this service."""
    closed = service.status in ("inactive", "defunct")
    too_young = None not in (person.age, service.min_age) and person.age < service.min_age
    too_old = None not in (person.age, service.max_age) and math.floor(person.age) > service.max_age
    other_sex = {"Women only": "man", "Men only": "woman"}.get(service.eligibility, "nobody") == person.gender
    tried = service.id in person.already_tried
    no_way = bool(service.modes and person.modes) and not set(service.modes) & set(person.modes)
    return closed or too_young or too_old or other_sex or tried or no_way or beyond_limits(service, person)


def beyond_limits(service: Service, person: Consultation) -> bool:
    """Whether a service is well over the person's own limits on cost or, for attending in person, distance."""
    dear = None not in (service.cost, person.max_cost) and service.cost > max(
        1.15 * person.max_cost, person.max_cost + (1 if person.max_cost else 0)
    )
    known = service.place is not None and service.place.precision_km == 0 and person.location is not None
    attending = service.modes == ("in_person",) or (service.modes and person.modes == ("in_person",))
    far = (
        known
        and attending
        and person.max_distance_km is not None
        and km_between(person.location, service.place) > 1.15 * person.max_distance_km
    )
    return bool(dear or far)


LIMITS = [
    ({"status": "inactive"}, {}),
    ({"min_age": 55.0}, {"age": 45.0}),
    ({"max_age": 60.0}, {"age": 80.0}),
    ({"eligibility": "Women only"}, {"gender": "man"}),
    ({"eligibility": "Men only"}, {"gender": "woman"}),
    ({"cost": 40.0}, {"max_cost": 5.0}),
    ({"cost": 2.0}, {"max_cost": 0.0}),
    ({"modes": ("in_person",), "place": Point(53.6, -2.5)}, {"location": HOME, "max_distance_km": 2.0}),
    ({"modes": ("online",)}, {"modes": ("phone",)}),
    ({}, {"already_tried": ("s0",)}),
]


@pytest.mark.parametrize(("limit", "fact"), LIMITS, ids=str)
def test_each_limit_alone_keeps_a_service_aside(limit, fact):
    """The oracle and the engine agree on the plainest case of each limit, and without it the service is shown."""
    plain, somebody = a_service(id="s0"), a_consultation()
    limited, person = replace(plain, **limit), replace(somebody, **fact)
    assert not cannot_use(plain, somebody)
    assert ids(answer([plain], somebody)) == ["s0"]
    assert cannot_use(limited, person)
    assert ids(answer([limited], person)) == []


@settings(max_examples=max(200, settings.default.max_examples))
@given(DIRECTORIES, PEOPLE)
def test_a_service_that_the_person_cannot_use_is_never_shown(services, person):
    by_id = {service.id: service for service in services}
    assert [i for i in ids(answer(services, person)) if cannot_use(by_id[i], person)] == []


@given(DIRECTORIES, PEOPLE)
def test_whatever_is_kept_aside_is_counted_once(services, person):
    engine = engine_of(services)
    ruled_out = [s.id for s in services if engine.why(person, s.id, as_of=AS_OF)[1]]
    assert sum(answer(services, person).screened_out.values()) == len(ruled_out)


NOTHING_SAID = {
    "status": "",
    "eligibility": "",
    "min_age": None,
    "max_age": None,
    "cost": None,
    "modes": (),
    "sessions": (),
    "place": None,
    "languages": (),
    "accessibility": (),
    "capacity": "",
    "last_modified": None,
}


@given(SERVICES, PEOPLE, st.sampled_from(sorted(NOTHING_SAID)))
def test_what_the_directory_does_not_say_never_excludes(service, person, field):
    service = replace(service, id="s5")
    unknown = replace(service, **{field: NOTHING_SAID[field]})
    assume(not engine_of([service]).why(person, "s5", as_of=AS_OF)[1])
    assert engine_of([unknown]).why(person, "s5", as_of=AS_OF)[1] == []


@given(PEOPLE)
def test_an_entry_that_says_nothing_but_its_name_is_never_excluded(person):
    bare = Service(id="s5", name="Walking group")
    suggestion, ruled_out = engine_of([bare]).why(person, "s5", as_of=AS_OF)
    assert ruled_out == []
    assert suggestion.standing in (Standing.check, Standing.fits)


@given(DIRECTORIES, PEOPLE, st.sampled_from(["age", "gender", "location", "max_distance_km", "max_cost"]))
def test_what_was_not_discussed_never_excludes(services, person, field):
    engine = engine_of(services)
    silent = replace(person, **{field: None})
    usable = {s.id for s in services if not engine.why(person, s.id, as_of=AS_OF)[1]}
    assert usable <= {s.id for s in services if not engine.why(silent, s.id, as_of=AS_OF)[1]}


@given(DIRECTORIES, PEOPLE, st.integers(1, 8))
def test_a_shorter_list_is_the_beginning_of_a_longer_one(services, person, top):
    engine = engine_of(services)
    longer = engine.suggest(person, as_of=AS_OF, top=EVERYTHING).suggestions
    assert engine.suggest(person, as_of=AS_OF, top=top).suggestions == longer[:top]


def score_of(engine: Engine, person: Consultation, service_id: str) -> tuple[float, Suggestion]:
    suggestion, _ = engine.why(person, service_id, as_of=AS_OF)
    return suggestion.score, suggestion


@given(DIRECTORIES, PEOPLE, st.sampled_from(["bingo", "choir"]))
def test_a_thing_to_avoid_never_adds_score(services, person, thing):
    person = replace(person, avoid=(), interests=(), needs=(Need("company"),), note="")
    engine = engine_of(services)
    for service in services:
        before, _ = score_of(engine, person, service.id)
        after, suggestion = score_of(engine, replace(person, avoid=(thing,)), service.id)
        assert after <= before
        assert thing not in {reason.concept for reason in suggestion.reasons if reason.weight > 0}


@given(DIRECTORIES, st.sampled_from(["No bingo.", "Doesn't want a choir.", "Hates bingo, won't go."]))
def test_a_thing_declined_in_the_note_never_adds_score(services, clause):
    engine = engine_of(services)
    person = a_consultation(needs=(Need("company"),), note="")
    for service in services:
        before, _ = score_of(engine, person, service.id)
        after, suggestion = score_of(engine, replace(person, note=clause), service.id)
        assert after <= before
        speaking = [reason for reason in suggestion.reasons if reason.weight > 0]
        assert not {"bingo", "choir"} & {reason.concept for reason in speaking}
        shared = " ".join(reason.quoting for reason in speaking if reason.part == "lexical")
        assert not re.search("bingo|choir", shared)


@given(DIRECTORIES, st.lists(PEOPLE, min_size=1, max_size=4))
def test_a_batch_gives_what_one_at_a_time_gives(services, people):
    people = [replace(person, id=f"p{place}") for place, person in enumerate(people)]
    together = list(recommend_all(engine_of(services), people, as_of=AS_OF, top=5))
    alone = [answer(services, person, top=5) for person in people]
    assert together == alone
    assert [suggestion_rows(one) for one in together] == [suggestion_rows(one) for one in alone]


@given(DIRECTORIES, PEOPLE, st.randoms(use_true_random=False))
def test_the_order_of_a_list_in_the_form_does_not_matter(services, person, random):
    lists = ("needs", "interests", "languages", "modes", "availability", "avoid", "already_tried")
    mixed = {name: tuple(random.sample(getattr(person, name), len(getattr(person, name)))) for name in lists}
    other = answer(services, replace(person, **mixed))
    first = answer(services, person)
    assert [(s.service.id, s.score, s.standing) for s in other.suggestions] == [
        (s.service.id, s.score, s.standing) for s in first.suggestions
    ]
    assert other.screened_out == first.screened_out
    assert set(other.unmet_needs) == set(first.unmet_needs)


@given(DIRECTORIES, PEOPLE)
def test_equal_scores_stand_in_the_order_of_their_ids(services, person):
    """Twins, and no coverage, so that scores are equal indeed."""
    twins = [replace(service, id=f"{service.id}{twin}") for service in services for twin in "zya"]
    engine = Engine.fit(a_catalogue(*twins), TAXONOMY, WITHOUT_ENCODER.changed(ranking__coverage=1.0))
    found = engine.suggest(person, as_of=AS_OF, top=EVERYTHING).suggestions
    places = [(-suggestion.score, suggestion.service.id) for suggestion in found]
    assert places == sorted(places)


def test_the_drawn_lists_are_long_enough_to_show_something():
    """The other properties would hold of empty lists too."""
    lengths: list[int] = []

    @given(DIRECTORIES, PEOPLE)
    def measure(services, person):
        lengths.append(len(answer(services, person).suggestions))

    measure()
    assert sum(length >= 2 for length in lengths) > len(lengths) / 3
