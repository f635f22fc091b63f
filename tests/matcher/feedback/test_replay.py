"""Replay: what was shown, and whether the same consultation still gives it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from matcher import Consultation, Engine
from matcher.domain import InputError
from matcher.feedback import Answer, Store, answer_to_keep, differences
from matcher.replay import recompute
from tests.factories import a_catalogue, a_consultation, a_service
from tests.matcher.feedback.builders import AS_OF, KEY, STAMP, a_shown, an_answer

ASKED = a_consultation(
    note="Lonely since she moved, used to sing in a choir and would walk.", postcode="ZZ9 9AA", age=71
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path / 'outcomes.db'}", KEY)
    yield store
    store.close()


def kept_by(store: Store, engine: Engine, consultation: Consultation = ASKED) -> Answer:
    """An answer of the engine, stored and read back."""
    made = engine.suggest(consultation, as_of=AS_OF, top=2)
    reading = engine.read(consultation, AS_OF)
    store.record_answer(answer_to_keep(made, reading, consultation, response_id="answer-1", top=2, key=KEY))
    return store.answer("answer-1")


def test_the_same_consultation_and_versions_give_the_same_answer(store: Store, engine: Engine) -> None:
    kept = kept_by(store, engine)
    assert kept.shown
    assert recompute(store, kept, replace(ASKED, id="another", person_ref="NW-1"), engine) == ()


def test_another_consultation_is_not_answered(store: Store, engine: Engine) -> None:
    kept = kept_by(store, engine)
    with pytest.raises(InputError, match="not the consultation") as error:
        recompute(store, kept, replace(ASKED, note="Lonely since he moved."), engine)
    assert "Lonely" not in str(error.value)


def test_another_catalogue_is_named_by_its_version(store: Store, engine: Engine) -> None:
    kept = kept_by(store, engine)
    other = Engine.fit(a_catalogue(a_service(name="Other Singers")), engine.taxonomy)
    first, *_ = recompute(store, kept, ASKED, other)
    assert engine.stamp.catalogue in first
    assert other.stamp.catalogue in first


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, None),
        ({"person_hmac": "ab"}, None),
        ({"stamp": replace(STAMP, settings="set-2")}, "set-2"),
        ({"wants": ()}, "concepts"),
        ({"declined": ()}, "concepts"),
        ({"shown": (a_shown(1),)}, "2 services were shown, 1 are now"),
        ({"shown": (a_shown(1), a_shown(2, service_id="svc-9"))}, "rank 2: svc-2 was shown, now it is svc-9"),
        ({"shown": (a_shown(1, score=0.6), a_shown(2))}, "rank 1: svc-1 differs"),
        ({"shown": (a_shown(1, parts=()), a_shown(2))}, "rank 1: svc-1 differs"),
        ({"shown": (a_shown(1, cautions=()), a_shown(2))}, "rank 1: svc-1 differs"),
        ({"unmet_needs": ()}, "unmet"),
        ({"screened_out": {"age": 3}}, "screened out"),
    ],
)
def test_every_difference_is_named_and_nothing_else(change: dict[str, Any], said: str | None) -> None:
    found = differences(an_answer(), an_answer(**change))
    assert len(found) == (0 if said is None else 1)
    assert said is None or said in found[0]
