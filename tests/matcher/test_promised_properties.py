"""What is promised of weights, of strangers in a directory and of a record's way through JSON.

At 60 drawn examples each here, at 5,000 in ``make reliability``, as are that the directory's order does not matter and
that nothing is shown that cannot be used (``test_engine_properties.py``).
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.consultations import read_consultation
from matcher.domain import MINUTES_A_DAY, Consultation, Service, Suggestion
from matcher.engine import Engine
from matcher.presentation import as_json
from matcher.settings import Settings
from tests.factories import AS_OF, a_catalogue, a_service
from tests.matcher.test_engine_properties import (
    DIRECTORIES,
    EVERYTHING,
    PEOPLE,
    TAXONOMY,
    WITHOUT_ENCODER,
    answer,
)

FACTORS = {"tags": "tags", "lexical": "lexical", "near": "near", "implied": "implied"}
"""The settings' names of the weights that are fused, and the names of their parts in a score."""
TAGS_ONLY = Settings(scorers=("tags",))
"""Nothing in a score then depends on how common a word is in the directory."""
STRANGER = a_service(id="zzz", name="Parking permits", description="", organization="", categories=(), place=None)
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
ROUNDING = 1e-4


def share(suggestion: Suggestion, part: str) -> float | None:
    """A factor's part of all that speaks for a service; none where nothing does."""
    speaking = [reason for reason in suggestion.reasons if reason.part in FACTORS.values() and reason.weight > 0]
    whole = sum(reason.weight for reason in speaking)
    return sum(reason.weight for reason in speaking if reason.part == part) / whole if whole > ROUNDING * 10 else None


def shares(settings: Settings, services: list[Service], person: Consultation, part: str) -> list[float | None]:
    """The shares of the first two services of a directory."""
    engine = Engine.fit(a_catalogue(*services), TAXONOMY, settings)
    return [share(engine.why(person, service.id, as_of=AS_OF)[0], part) for service in services[:2]]


@given(DIRECTORIES, PEOPLE, st.sampled_from(sorted(FACTORS)), st.sampled_from([1.5, 4.0]))
def test_a_raised_weight_never_lowers_its_factors_share(services, person, factor, times):
    weight = getattr(WITHOUT_ENCODER.ranking, factor)
    raised = WITHOUT_ENCODER.changed(**{f"ranking__{factor}": weight * times})
    before = shares(WITHOUT_ENCODER, services, person, FACTORS[factor])
    after = shares(raised, services, person, FACTORS[factor])
    for old, new in zip(before, after, strict=True):
        if old is not None and new is not None:
            assert new >= old - ROUNDING * 20


def test_the_share_is_seen_to_grow_where_there_is_one():
    """The properties above and below would hold of shares that are all nothing, too."""
    services, person = [a_service(id="s0")], Consultation(id="p", note="Lonely. Would love to sing in a choir.")
    few = shares(WITHOUT_ENCODER.changed(ranking__lexical=0.1), services, person, "lexical")
    many = shares(WITHOUT_ENCODER.changed(ranking__lexical=3.0), services, person, "lexical")
    assert few[0] is not None
    assert many[0] is not None
    assert 0 < few[0] < many[0] < 1


@given(DIRECTORIES, PEOPLE)
def test_a_service_that_has_nothing_to_do_with_it_reorders_nobody(services, person):
    lists = []
    for directory in (services, [*services, STRANGER]):
        engine = Engine.fit(a_catalogue(*directory), TAXONOMY, TAGS_ONLY)
        found = engine.suggest(person, as_of=AS_OF, top=EVERYTHING).suggestions
        lists.append([(s.service.id, s.score, s.standing) for s in found if s.service.id != STRANGER.id])
    assert lists[0] == lists[1]


def test_one_that_does_would_be_seen():
    """The negative control: a second choir takes from the first what both offer."""
    person = Consultation(id="p", note="Would love to sing.")
    alone, beside = (
        Engine.fit(a_catalogue(*directory), TAXONOMY, TAGS_ONLY).suggest(person, as_of=AS_OF).suggestions
        for directory in ([a_service(id="s1")], [a_service(id="s1"), a_service(id="s0")])
    )
    assert [(s.service.id, s.score) for s in alone] != [(s.service.id, s.score) for s in beside if s.service.id == "s1"]


def as_sent(person: Consultation) -> dict[str, Any]:
    """A consultation as another system sends it."""
    sent = {name: value for name, value in asdict(person).items() if value not in (None, "", ())}
    if person.location:
        sent["location"] = {"lat": person.location.lat, "lon": person.location.lon}
    sent["availability"] = [
        {"day": DAYS[window.day], "from": clock(window.start), "to": clock(window.end)}
        for window in person.availability
    ]
    return sent


def clock(minutes: int) -> str:
    return "24:00" if minutes == MINUTES_A_DAY else f"{minutes // 60:02d}:{minutes % 60:02d}"


@given(PEOPLE)
def test_a_consultation_comes_whole_through_json(person):
    assert read_consultation(json.dumps(as_sent(person))) == person


@given(DIRECTORIES, PEOPLE)
def test_an_answer_comes_whole_through_json(services, person):
    document = as_json(answer(services, person))
    assert json.loads(json.dumps(document, allow_nan=False)) == document


@pytest.mark.parametrize("field", ["age", "note"])
def test_a_record_that_loses_a_field_on_its_way_would_be_seen(field):
    """The negative control."""
    person = Consultation(id="p", note="Lonely.", age=70.0)
    sent = as_sent(person)
    del sent[field]
    sent["interests"] = ["singing"]
    assert read_consultation(json.dumps(sent)) != person
