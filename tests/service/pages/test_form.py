from __future__ import annotations

import pytest
from starlette.datastructures import FormData

from matcher.domain import Point
from service.pages_form import Draft, consultation_of, contact_is_unsafe, faults_of, pairs_of, read_draft
from tests.factories import AS_OF

FULL = Draft(
    note="Lonely.\nLikes dogs.",
    need=("company", "debts"),
    importance=("3", "1"),
    interest=("singing",),
    age="67",
    place="ZZ9 9AA",
    max_distance_km="5",
    max_cost="2.50",
    gender="woman",
    mode=("in_person", "phone"),
    free=("Monday morning", "Tuesday evening"),
    language="Urdu",
    access_need="step-free, quiet room",
    avoid="counselling; groups",
    other_relation=("son", "mother"),
    other_age=("4", ""),
    tried=("a",),
    set_aside=("b",),
    shortlist=("c", "d"),
)


def test_what_was_typed_comes_back_from_hidden_fields_as_it_was():
    assert read_draft(FormData(list(pairs_of(FULL)))) == FULL


def test_empty_rows_of_needs_are_dropped_with_their_importance():
    form = FormData([("need", ""), ("importance", "3"), ("need", "debts"), ("importance", "1")])
    draft = read_draft(form)
    assert (draft.need, draft.importance) == (("debts",), ("1",))


def test_control_characters_are_dropped_and_line_breaks_kept():
    assert read_draft(FormData([("note", "a\x00b\x1b[31m\r\nc")])).note == "ab[31m\nc"


def test_every_answer_reaches_the_consultation():
    consultation = consultation_of(FULL, None)
    assert [(need.label, need.importance) for need in consultation.needs] == [("company", 3), ("debts", 1)]
    assert consultation.interests == ("singing",)
    assert (consultation.age, consultation.max_distance_km, consultation.max_cost) == (67, 5, 2.5)
    assert (consultation.postcode, consultation.location) == ("ZZ9 9AA", None)
    assert [(w.day, w.start, w.end) for w in consultation.availability] == [(0, 8 * 60, 12 * 60), (1, 17 * 60, 22 * 60)]
    assert consultation.avoid == ("counselling", "groups")
    assert consultation.access_needs == ("step-free", "quiet room")
    assert [(other.relation, other.age) for other in consultation.others] == [("son", 4), ("mother", None)]
    assert consultation.already_tried == ("a", "b"), "what was set aside is not suggested again"


def test_a_place_that_was_found_is_sent_as_a_point_and_not_as_a_postcode():
    consultation = consultation_of(Draft(note="x", place="Mill Hall"), Point(53.5, -2.5))
    assert (consultation.postcode, consultation.location) == (None, Point(53.5, -2.5))


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (Draft(), "note"),
        (Draft(note="   "), "note"),
        (Draft(note="x" * 20_001), "note"),
        (Draft(note="x", age="old"), "age"),
        (Draft(note="x", age="131"), "age"),
        (Draft(note="x", age="-1"), "age"),
        (Draft(note="x", age="٣"), "age"),
        (Draft(note="x", max_distance_km="1e309"), "max_distance_km"),
        (Draft(note="x", max_cost="NaN"), "max_cost"),
        (Draft(need=("n" * 201,), importance=("2",)), "need"),
        (Draft(note="x", other_relation=("son",), other_age=("four",)), "other_age"),
    ],
)
def test_a_rule_that_is_broken_names_its_field(draft: Draft, field: str):
    assert [fault.field for fault in faults_of(draft)] == [field]


@pytest.mark.parametrize("text", ["67", "67.5", "£3", "5 km", "2,50"])
def test_numbers_are_taken_as_people_write_them(text: str):
    assert not faults_of(Draft(note="x", age="67", max_distance_km=text, max_cost=text))


def test_a_fault_never_repeats_what_was_typed():
    faults = faults_of(Draft(note="x", age="canary-7", max_cost="canary-8"))
    assert faults
    assert not any("canary" in fault.text for fault in faults)


def test_contact_is_unsafe_only_when_the_note_says_so():
    assert contact_is_unsafe("Do NOT ring, text or write.", AS_OF)
    assert not contact_is_unsafe("Ring her on Tuesday.", AS_OF)
    assert not contact_is_unsafe("", AS_OF)
