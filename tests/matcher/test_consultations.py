"""Consultations from outside: strict about what they hold, and silent about it when they refuse."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.consultations import MOST_BYTES, day_index, minutes, parse_text, read_consultation
from matcher.domain import Consultation, InputError, Need, OtherPerson, Point, TimeWindow

CANARY = "Zebedee Quillfeather"
"""Somebody's words: they must never come back in an error."""

WHOLE = {
    "id": " con-1 ",
    "note": "Lonely.",
    "needs": [{"label": "company", "importance": 3}, {"label": "debt"}, "sleep"],
    "interests": ["crib"],
    "age": 81,
    "gender": "man",
    "location": {"lat": 50.8, "lon": -0.5},
    "postcode": " zz1 1aa\n",
    "max_distance_km": 8,
    "max_cost": 0,
    "others": [{"relation": "grandson", "age": 3.5}, {"relation": "wife"}],
    "person_ref": "p-9",
    "languages": ["Urdu"],
    "access_needs": ["step-free"],
    "modes": ["In person", "home-visit", "phone"],
    "availability": [{"day": "Tues", "from": "9:30", "to": "24:00"}, {"day": "SU"}],
    "avoid": ["grief circles"],
    "already_tried": ["svc-1"],
}


def test_every_field_arrives():
    assert read_consultation(json.dumps(WHOLE)) == Consultation(
        id="con-1",
        note="Lonely.",
        needs=(Need("company", 3), Need("debt", 2), Need("sleep", 2)),
        interests=("crib",),
        age=81,
        gender="man",
        location=Point(50.8, -0.5),
        postcode="zz1 1aa",
        max_distance_km=8,
        max_cost=0,
        others=(OtherPerson("grandson", 3.5), OtherPerson("wife", None)),
        person_ref="p-9",
        languages=("Urdu",),
        access_needs=("step-free",),
        modes=("in_person", "home_visit", "phone"),
        availability=(TimeWindow(1, 9 * 60 + 30, 24 * 60), TimeWindow(6, 0, 24 * 60)),
        avoid=("grief circles",),
        already_tried=("svc-1",),
    )


def test_text_bytes_and_parsed_objects_read_alike():
    text = json.dumps(WHOLE)
    assert read_consultation(text) == read_consultation(text.encode()) == read_consultation(WHOLE)
    assert read_consultation("\ufeff" + text) == read_consultation(text)


@pytest.mark.parametrize("field", sorted(set(WHOLE) - {"note"}))
def test_what_is_not_discussed_may_be_null_or_left_out(field):
    assert read_consultation({"note": "Lonely.", field: None}) == read_consultation({"note": "Lonely."})


@pytest.mark.parametrize("said", [{"note": "x"}, {"needs": ["x"]}, {"interests": ["x"]}])
def test_one_of_note_need_and_interest_is_enough(said):
    assert read_consultation(said)


@pytest.mark.parametrize("silent", [{}, {"age": 40}, {"note": "  \n"}, {"note": "\x00"}, {"needs": [], "note": None}])
def test_a_consultation_that_says_nothing_is_refused(silent):
    assert refusal(silent) == "consultation: needs a note, a need or an interest"


def refusal(content):
    with pytest.raises(InputError) as refused:
        read_consultation(content)
    return str(refused.value)


def noted(fields):
    return f'{{"note": "{CANARY}", {fields}}}'


HOSTILE = [
    # Numbers
    (noted('"age": NaN'), "consultation"),
    (noted('"age": -Infinity'), "consultation"),
    ('{"note": NaN}', "consultation"),
    (noted('"age": 1e309'), "age"),
    (noted('"max_cost": -1e309'), "max_cost"),
    (noted('"age": 1' + "0" * 400), "age"),
    (noted('"age": 1' + "0" * 5000), "consultation"),
    (noted(f'"age": {2**40}'), "age"),
    (noted('"age": -1'), "age"),
    (noted('"age": true'), "age"),
    (noted('"age": "12"'), "age"),
    (noted('"age": "٣"'), "age"),
    (noted('"age": ٣'), "consultation"),
    (noted('"max_cost": "1_000"'), "max_cost"),
    (noted('"max_distance_km": 2001'), "max_distance_km"),
    (noted('"needs": [{"label": "x", "importance": true}]'), "needs.0.importance"),
    (noted('"needs": [{"label": "x", "importance": 4}]'), "needs.0.importance"),
    (noted('"location": {"lat": 91, "lon": 0}'), "location.lat"),
    (noted('"location": {"lat": 50}'), "location.lon"),
    (noted('"others": [{"relation": "son", "age": 131}]'), "others.0.age"),
    # Text
    (f'{{"note": "{CANARY} \\ud800"}}', "note"),
    (noted('"id": "\\udfff"'), "id"),
    (noted('"avoid": ["\\ud800"]'), "avoid.0"),
    (noted('"\\ud800": 1'), "consultation"),
    (f'{{"note": "{CANARY}'.encode() + b' \xed\xa0\x80"}', "note"),
    (f'{{"note": "{CANARY}'.encode() + b' \xff"}', "consultation"),
    (f'{{"note": "{CANARY}{"x" * 20_000}"}}', "note"),
    (noted(f'"interests": ["{"x" * 201}"]'), "interests.0"),
    (noted('"interests": [""]'), "interests.0"),
    (noted('"gender": 5'), "gender"),
    # Times, days, ways to meet
    (noted('"availability": [{"day": "Someday"}]'), "availability.0.day"),
    (noted('"availability": [{"day": "Mon", "from": "25:00"}]'), "availability.0.from"),
    (noted('"availability": [{"day": "Mon", "to": "24:01"}]'), "availability.0.to"),
    (noted('"availability": [{"day": "Mon", "from": "٩:00"}]'), "availability.0.from"),
    (noted('"availability": [{"day": "Mon", "from": "12:00", "to": "12:00"}]'), "availability.0"),
    (noted(f'"modes": ["{CANARY}"]'), "modes"),
    # Shape
    (noted(f'"needs": "{CANARY}"'), "needs"),
    (noted('"needs": [3]'), "needs.0"),
    (noted(f'"needs": [{", ".join(["1"] * 51)}]'), "needs"),
    (noted(f'"note": "{CANARY}"'), "consultation"),
    (noted('"needs": [{"label": "a", "label": "b"}]'), "consultation"),
    (noted(f'"{CANARY}": 1'), "(unknown field)"),
    (noted(f'"needs": [{{"label": "x", "{CANARY}": 1}}]'), "needs.0.(unknown field)"),
    (f"[{json.dumps(CANARY)}]", "consultation"),
    (json.dumps(CANARY), "consultation"),
    (CANARY, "consultation"),
    ("", "consultation"),
    ("null", "consultation"),
    (f'{{"note": "{CANARY}"', "consultation"),
    (f'{{"note": "{CANARY}"}} more', "consultation"),
    ("[" * 100_000, "consultation"),
    ('{"note": ' + "[" * 100_000 + "]" * 100_000 + "}", "consultation"),
    ('{"a": ' * 100_000, "consultation"),
]


@pytest.mark.parametrize(("content", "field"), HOSTILE, ids=range(len(HOSTILE)))
def test_what_cannot_be_read_is_refused_by_field_and_without_its_content(content, field):
    begin = time.perf_counter()
    message = refusal(content)
    assert time.perf_counter() - begin < 0.5
    assert message.startswith(f"{field}: ")
    assert not any(word.casefold() in message.casefold() for word in CANARY.split())
    assert "\n" not in message
    assert len(message) < 500


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just(CANARY),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*WHOLE, "label", CANARY]), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*WHOLE, "label", CANARY]), anything))
def test_whatever_comes_is_read_or_refused_in_one_line_without_its_content(content):
    found = outcome(content)
    if isinstance(found, str):
        assert CANARY not in found
        assert "\n" not in found
    else:
        assert found.note.strip() or found.needs or found.interests


def outcome(content):
    """The record, or the message of the refusal."""
    try:
        return read_consultation(content)
    except InputError as refused:
        return str(refused)


@given(st.text())
def test_any_text_in_json_comes_through_but_for_control_characters(text):
    kept = "".join(c for c in text if c in "\t\n\r" or (ord(c) >= 32 and c != "\x7f"))
    assert read_consultation({"note": text, "needs": ["x"]}).note == kept


def test_a_message_names_at_most_a_few_of_many_faults():
    faults = {f"field{n}": n for n in range(100)} | {"needs": [3] * 40, "note": "x"}
    assert refusal(faults).count(";") < 8


DAYS = [
    ("Mon", 0),
    ("MO", 0),
    ("monday", 0),
    ("Mondays", 0),
    ("tues", 1),
    ("Weds", 2),
    ("thurs", 3),
    ("Fr", 4),
    ("SUN", 6),
]


@pytest.mark.parametrize(("text", "day"), DAYS)
def test_a_day_may_be_written_as_people_write_it(text, day):
    assert day_index(text) == day


@pytest.mark.parametrize("text", ["", "M", "T", "Mondayish", "Lundi", "1", "day"])
def test_what_is_no_day_is_refused(text):
    with pytest.raises(ValueError, match="must be a day"):
        day_index(text)


@pytest.mark.parametrize(
    ("text", "value"), [("9:05", 545), ("09:05", 545), ("00:00", 0), ("24:00", 1440), ("23:59:59", 1439)]
)
def test_a_time_is_minutes_after_midnight(text, value):
    assert minutes(text) == value


@pytest.mark.parametrize("text", ["", "9", "9am", "24:01", "12:60", "-1:00", "12:5", "1٢:00", "٩:00", "12:00 x"])
def test_what_is_no_time_is_refused(text):
    with pytest.raises(ValueError, match="must be a time"):
        minutes(text)


TYPED = [
    ("Lonely since she moved.", {"note": "Lonely since she moved."}),
    ("  Lonely. \n", {"note": "Lonely."}),
    ('\ufeff{"note": "x"}', {"note": "x"}),
    (' \n {"note": "x"}', {"note": "x"}),
    ("", {}),
    ("   ", {}),
    ("[note] in brackets", {"note": "[note] in brackets"}),
    ("Café, £5".encode("cp1252"), {"note": "Café, £5"}),
    ("Café, £5".encode(), {"note": "Café, £5"}),
    ("Café, £5".encode("utf-16"), {"note": "Café, £5"}),
]


@pytest.mark.parametrize(("content", "fields"), TYPED, ids=range(len(TYPED)))
def test_what_is_typed_or_piped_is_json_or_a_plain_note(content, fields):
    assert parse_text(content) == fields


@pytest.mark.parametrize("content", [f'{{"note": "{CANARY}"', b"x" * (MOST_BYTES + 1), b"\x81\x8d", b"\xff\xfe\x00"])
def test_what_is_neither_is_refused_without_its_content(content):
    with pytest.raises(InputError) as refused:
        parse_text(content)
    assert str(refused.value).startswith("consultation: ")
    assert CANARY not in str(refused.value)
