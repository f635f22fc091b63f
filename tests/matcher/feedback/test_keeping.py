"""What of an answer is kept, and what is not."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher import Engine
from matcher.data_files import SAMPLE_DATE
from matcher.domain import Consultation, Need, OtherPerson, Point, TimeWindow
from matcher.feedback import Answer, Store, answer_to_keep
from matcher.feedback.keeping import age_band, cell_of, person_hmac, request_hmac
from matcher.geography import distance_km
from tests.factories import a_consultation, a_service
from tests.matcher.feedback.builders import (
    BY_LABEL,
    KEY,
    APerson,
    AProfile,
    AReading,
    a_recommendation,
    a_suggestion,
    bytes_of,
)

HOME = Point(53.4808, -2.2426)
CANARIES = tuple(f"Zq{place}xwordnobodysays" for place in range(12))


def keep(**changes: object) -> Answer:
    """The usual answer to the usual consultation, with parts changed."""
    given = {"recommendation": a_recommendation(), "reading": AReading(), "consultation": a_consultation(), **changes}
    return answer_to_keep(*given.values(), response_id="answer-1", top=10, key=KEY)  # type: ignore[arg-type]


def test_no_word_of_a_person_is_in_what_is_kept_or_in_the_stores_files(engine: Engine, tmp_path: Path) -> None:
    """Every free field of a consultation holds a canary; the engine's own reading of it is kept."""
    words = iter(CANARIES)
    consultation = Consultation(
        id=next(words),
        note=f"{next(words)} is lonely and used to sing in a choir, wants company",
        needs=(Need(f"loneliness {next(words)}", 3),),
        interests=(f"singing {next(words)}",),
        age=71.0,
        gender=next(words),
        postcode=next(words),
        location=HOME,
        others=(OtherPerson(next(words), 40.0),),
        person_ref=next(words),
        languages=(next(words),),
        access_needs=(next(words),),
        avoid=(f"bingo {next(words)}",),
        already_tried=(next(words),),
    )
    store = Store(f"sqlite:///{tmp_path / 'outcomes.db'}", KEY)
    kept = answer_to_keep(
        engine.suggest(consultation, as_of=SAMPLE_DATE),
        engine.read(consultation, SAMPLE_DATE),
        consultation,
        response_id="answer-1",
        top=10,
        key=KEY,
    )
    store.record_answer(kept)
    assert kept.shown
    assert kept.wants
    found = json.dumps(asdict(kept), default=str) + bytes_of(tmp_path).decode("utf-8", errors="replace")
    assert [word for word in CANARIES if word.casefold() in found.casefold()] == []
    store.close()


def test_a_reasons_label_is_kept_and_not_its_quotation() -> None:
    (service,) = keep().shown
    assert [part.text for part in service.parts] == [BY_LABEL, "How near it is"]


def test_what_was_declined_is_kept_by_concept_alone() -> None:
    reading = AReading(AProfile(declined={"counselling": "no counselling, said so twice", "bingo": "not bingo"}))
    assert keep(reading=reading).declined == ("bingo", "counselling")


@pytest.mark.parametrize(("said", "kept"), [("man", "man"), ("woman", "woman"), ("agender", "another"), (None, None)])
def test_a_gender_in_the_persons_own_word_is_not_kept_as_such(said: str | None, kept: str | None) -> None:
    assert keep(reading=AReading(person=APerson(gender=said))).limits.gender == kept


@pytest.mark.parametrize(
    ("age", "band"),
    [
        (None, None),
        (0.5, "0-9"),
        (9.9, "0-9"),
        (10, "10-19"),
        (71, "70-79"),
        (89.9, "80-89"),
        (90, "90+"),
        (104, "90+"),
    ],
)
def test_an_age_is_kept_as_a_decade(age: float | None, band: str | None) -> None:
    assert age_band(age) == band


def test_limits_are_kept() -> None:
    consultation = a_consultation(
        max_cost=0.0, max_distance_km=5.0, modes=("online",), availability=(TimeWindow(0, 1, 2),)
    )
    limits = keep(consultation=consultation).limits
    assert (limits.max_cost, limits.max_distance_km, limits.modes) == (0.0, 5.0, ("online",))
    assert limits.availability == ((0, 1, 2),)


# places


@given(st.floats(49.9, 60.9), st.floats(-8.2, 1.8))
def test_a_cell_is_about_a_kilometre_and_says_no_more(lat: float, lon: float) -> None:
    """A cell is 0.01 by 0.02 degrees: its middle is at most half its diagonal away."""
    middle = Point(*map(float, cell_of(Point(lat, lon)).split(",")))
    diagonal_km = math.hypot(0.01 * 111.2, 0.02 * 111.4 * math.cos(math.radians(49.9)))
    assert distance_km(Point(lat, lon), middle) <= diagonal_km / 2 + 0.01
    assert cell_of(middle) == cell_of(Point(lat, lon))


def test_distances_are_kept_from_the_cell_so_that_two_homes_in_it_look_the_same() -> None:
    """With exact distances to a few known places anybody could find the home."""
    service = a_service(place=Point(53.5, -2.3))
    near_by = Point(HOME.lat + 0.004, HOME.lon - 0.002)
    assert cell_of(near_by) == cell_of(HOME)
    kept = []
    for home in (HOME, near_by):
        shown = a_suggestion(service=service, distance_km=round(distance_km(home, service.place), 2))
        kept.append(keep(recommendation=a_recommendation(shown), reading=AReading(person=APerson(place=home))))
    assert kept[0].shown[0].distance_km == kept[1].shown[0].distance_km
    assert kept[0].cell == kept[1].cell


def test_parts_are_kept_in_hundredths() -> None:
    reason = a_suggestion().reasons[0]._replace(weight=0.123456)
    (service,) = keep(recommendation=a_recommendation(a_suggestion(reasons=(reason,)))).shown
    assert service.parts[0].weight == 0.12


def test_without_a_place_there_is_no_cell_and_no_distance() -> None:
    kept = keep()
    assert kept.cell is None
    assert kept.shown[0].distance_km is None


# digests


def test_the_same_consultation_has_the_same_digest_whatever_its_id_or_pseudonym() -> None:
    plain = request_hmac(a_consultation(age=70.0), "answer-1", KEY)
    assert request_hmac(a_consultation(age=70, id="other", person_ref="somebody"), "answer-1", KEY) == plain


@pytest.mark.parametrize(
    "change", [{"note": "Lonely since she moved. "}, {"age": 70.0}, {"avoid": ("bingo",)}, {"location": HOME}]
)
def test_any_other_change_gives_another_digest(change: dict[str, object]) -> None:
    assert request_hmac(a_consultation(**change), "answer-1", KEY) != request_hmac(a_consultation(), "answer-1", KEY)


def test_a_digest_cannot_be_compared_between_answers_or_guessed_without_the_key() -> None:
    digest = request_hmac(a_consultation(), "answer-1", KEY)
    assert request_hmac(a_consultation(), "answer-2", KEY) != digest
    assert request_hmac(a_consultation(), "answer-1", bytes(32)) != digest


def test_a_pseudonym_has_one_digest_and_nobody_has_none() -> None:
    assert person_hmac(" NW-1 ", KEY) == person_hmac("NW-1", KEY) != person_hmac("NW-2", KEY)
    assert person_hmac(None, KEY) is person_hmac(" ", KEY) is None
