"""How answers read on a terminal and as JSON."""

from __future__ import annotations

import json
import math
from datetime import date
from io import StringIO

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.console import Console

from matcher.domain import (
    MINUTES_A_DAY,
    Alert,
    Caution,
    Point,
    Reason,
    Recommendation,
    Stamp,
    Standing,
    Suggestion,
)
from matcher.eligibility import RULES
from matcher.presentation import ASIDE, MOST_REASONS, as_json, cost, json_bytes, print_table, print_why, spoken, when
from tests.factories import AS_OF, a_service, a_session

WEEKDAYS = tuple(a_session(day=day) for day in range(5))


def a_reason(text: str = "Because of “the house is that quiet”: offers company", **changes) -> Reason:
    return Reason(**{"quoting": text, "by_label": "by label", "weight": 0.4, "part": "tags", **changes})


def a_suggestion(**changes) -> Suggestion:
    fields = {
        "service": a_service(cost=0.0),
        "rank": 1,
        "score": 0.4,
        "standing": Standing.fits,
        "distance_km": 1.24,
        "reasons": (a_reason(),),
        "cautions": (),
    }
    return Suggestion(**{**fields, **changes})


def an_answer(*suggestions: Suggestion, **changes) -> Recommendation:
    fields = {
        "consultation_id": "con-1",
        "suggestions": suggestions,
        "screened_out": {},
        "unmet_needs": (),
        "alerts": (),
        "stamp": Stamp("0.1.0", "catalogue", "taxonomy", "settings", "none"),
        "as_of": AS_OF,
    }
    return Recommendation(**{**fields, **changes})


def printed(show, *things, width: int = 100) -> str:
    console = Console(file=StringIO(), width=width)
    show(*things, console=console)
    return console.file.getvalue()


@pytest.mark.parametrize(
    ("sessions", "words"),
    [
        ((), "times not said"),
        ((a_session(),), "Tuesday 10:00-12:00"),
        ((a_session(), a_session(day=3)), "Tuesday, Thursday 10:00-12:00"),
        (WEEKDAYS, "Monday to Friday 10:00-12:00"),
        (WEEKDAYS[:2], "Monday, Tuesday 10:00-12:00"),
        ((*WEEKDAYS, a_session(day=5), a_session(day=6)), "Every day 10:00-12:00"),
        (tuple(a_session(day=d, start=0, end=MINUTES_A_DAY) for d in range(7)), "Every day round the clock"),
        ((a_session(interval=2),), "Tuesday 10:00-12:00 (fortnightly)"),
        ((a_session(interval=3),), "Tuesday 10:00-12:00 (every 3 weeks)"),
        ((a_session(freq="MONTHLY"),), "Tuesday 10:00-12:00 (monthly)"),
        ((a_session(), a_session(day=3, start=14 * 60, end=15 * 60)), "Tuesday 10:00-12:00; Thursday 14:00-15:00"),
    ],
)
def test_times_are_said_in_words(sessions, words):
    assert when(a_service(sessions=sessions)) == words


@pytest.mark.parametrize(
    ("price", "words"),
    [
        ({"fees": "£2, first visit free"}, "£2, first visit free"),
        ({"cost": 0.0}, "free"),
        ({"cost": 2.5}, "£2.5"),
        ({"cost": 12.0}, "£12"),
        ({}, "cost not said"),
    ],
)
def test_the_cost_is_said_in_the_directorys_words_where_there_are_any(price, words):
    assert cost(a_service(**price)) == words


def test_a_reason_is_a_sentence_to_say_aloud_with_how_far_and_how_much():
    assert spoken(a_suggestion()) == ["Because of “the house is that quiet”: offers company; 1.2 km away; free"]


def test_a_place_known_only_by_its_district_is_about_so_far():
    vague = a_service(cost=0.0, place=Point(53.5, -2.5, precision_km=3.0))
    assert "about 1 km away" in spoken(a_suggestion(service=vague))[0]


def test_a_distance_that_ends_in_5_is_rounded_up_as_in_the_rule_on_distance():
    assert "5.4 km away" in spoken(a_suggestion(distance_km=5.35))[0]


def test_what_cannot_be_measured_is_not_said():
    assert "away" not in spoken(a_suggestion(distance_km=None))[0]


def test_further_reasons_follow_and_the_smallest_are_left_out():
    reasons = (
        a_reason("Because of “a”: offers x", weight=0.4),
        a_reason("Because of “b”: offers y", weight=0.2),
        a_reason("Because of “c”: offers z", weight=0.01),
    )
    assert spoken(a_suggestion(reasons=reasons))[1:] == ["Also because of “b”: offers y"]


def test_no_more_than_a_few_reasons_are_said():
    reasons = tuple(a_reason(f"Because of “{word}”: offers x") for word in "abcdef")
    assert len(spoken(a_suggestion(reasons=reasons))) == MOST_REASONS


def test_a_mark_down_is_said_as_well():
    marked = (a_reason(), a_reason("Marked down: part of it is not wanted", weight=-0.1, part="disliked"))
    assert spoken(a_suggestion(reasons=marked))[-1] == "Marked down: part of it is not wanted"


def test_where_no_concept_speaks_for_a_service_its_words_do():
    reasons = (a_reason("Shares words with what was said: bees", part="lexical"),)
    assert spoken(a_suggestion(reasons=reasons))[0].startswith("Shares words with what was said: bees")


@pytest.mark.parametrize("width", [80, 100, 120])
def test_the_list_keeps_within_the_terminal(width):
    long = a_service(name="The Old Quay Mission Community Hall and Tea Room Association" * 2, cost=0.0)
    text = printed(print_table, an_answer(a_suggestion(service=long), unmet_needs=("Singing",) * 9), width=width)
    assert max(map(len, text.splitlines())) <= width


def test_an_id_can_be_copied_from_the_list():
    service = a_service(id="f53db4ef-c65a-5e2a-90b5-7fed13382705")
    assert service.id in printed(print_table, an_answer(a_suggestion(service=service)), width=80)


def test_alerts_come_before_the_list_with_what_to_do():
    alert = Alert("suicide_self_harm", "Possible risk to life", "Ring 999")
    text = printed(print_table, an_answer(a_suggestion(), alerts=(alert,)))
    assert text.index("Possible risk to life") < text.index("Ring 999") < text.index("Mill Hall Singers")


def test_what_to_check_stands_beside_the_reasons():
    text = printed(print_table, an_answer(a_suggestion(cautions=(Caution("full", "there is a waiting list"),))))
    assert "Check: there is a waiting list" in text


def test_an_empty_list_says_so_and_what_was_kept_aside():
    text = printed(print_table, an_answer(screened_out={"closed": 3, "distance": 2}, unmet_needs=("Choirs",)))
    assert "Nothing in this directory fits" in text
    assert "3 closed, 2 too far" in text
    assert "Nothing here for: choirs" in text


def test_what_was_not_recognised_is_said_in_the_persons_own_words():
    one, two = (an_answer(a_suggestion(), not_understood=("zorbing", "[b]dowsing")[:n]) for n in (1, 2))
    assert as_json(one)["not_understood"] == ["zorbing"]
    said = "“zorbing” was not recognised as a need or interest: suggestions use its words only"
    assert said in printed(print_table, one)
    said = "“zorbing”, “[b]dowsing” were not recognised as needs or interests: suggestions use their words only"
    assert said in printed(print_table, two, width=120)
    assert "recognised" not in printed(print_table, an_answer(a_suggestion()))


def test_what_to_avoid_and_was_not_recognised_is_left_to_the_worker():
    answer = an_answer(a_suggestion(), not_avoided=("weigh-ins",))
    assert as_json(answer)["not_avoided"] == ["weigh-ins"]
    said = "“weigh-ins” was not recognised: check yourself that a suggestion does without"
    assert said in printed(print_table, answer)


def test_every_rule_has_words_for_what_it_keeps_aside():
    assert set(ASIDE) == {rule.code for rule in RULES}


def test_markup_in_a_directory_is_shown_and_not_obeyed():
    sly = a_service(name="[red]Club[/red]", organization="[link=x]", cost=0.0)
    text = printed(print_table, an_answer(a_suggestion(service=sly)))
    assert "[red]Club[/red]" in text
    assert "[link=x]" in text


def test_why_shows_every_part_and_the_sum():
    parts = (a_reason(weight=0.5), a_reason("Marked down: a condition to check", weight=-0.1, part="unsure"))
    text = printed(print_why, a_suggestion(reasons=parts, score=0.4), ["closed for the winter"])
    assert "+0.500" in text
    assert "-0.100" in text
    assert "0.400" in text
    assert "Not suggested: closed for the winter" in text


def test_why_of_a_service_that_nothing_speaks_for_says_so():
    assert "Nothing in this consultation speaks for it" in printed(print_why, a_suggestion(reasons=(), score=0.0), [])


def test_json_holds_the_versions_and_parts_that_add_up():
    said = json.loads(json.dumps(as_json(an_answer(a_suggestion(), screened_out={"closed": 1}))))
    assert said["versions"] == {
        "engine": "0.1.0",
        "catalogue": "catalogue",
        "taxonomy": "taxonomy",
        "settings": "settings",
        "model": "none",
        "as_of": "2026-11-01",
    }
    (suggestion,) = said["suggestions"]
    assert sum(reason["weight"] for reason in suggestion["reasons"]) == suggestion["score"]
    assert suggestion["standing"] == "fits"
    assert said["screened_out"] == {"closed": 1}


def test_json_of_a_dated_entry_is_plain_text():
    assert (
        as_json(an_answer(a_suggestion(service=a_service(last_modified=date(2026, 1, 2)))))["suggestions"][0][
            "service"
        ]["last_modified"]
        == "2026-01-02"
    )


def python_writes(document) -> bytes:
    return json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode(errors="replace")


numbers = st.floats(-1e9, 1e9).map(lambda number: round(number, 6)) | st.floats(-1e-4, 1e-4).map(lambda n: round(n, 6))
values = st.recursive(
    st.none() | st.booleans() | st.integers(-10, 10**9) | numbers | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@given(values)
@example([1e-06, -1.5e-05, 0.0001, -0.0, 1e9])
@example(["half a pair: \ud83d", "NaN, Infinity", "\0\x1f\x7f\u2028"])
def test_json_bytes_are_those_of_pythons_own_writer(value):
    assert json_bytes({"value": value}) == python_writes({"value": value})


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_what_json_cannot_say_is_never_written(number):
    with pytest.raises(ValueError, match="JSON"):
        json_bytes({"value": number})
