"""Reasons that add up, and what to check before sending anyone."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.domain import Reason
from matcher.eligibility import screen
from matcher.explanation import (
    MARK_SENTENCES,
    PART_SENTENCES,
    SMALLEST_SHOWN,
    cautions,
    is_stale,
    language_caution,
    mark_reason,
    merge_small,
    other_reason,
    tag_reason,
)
from matcher.profile import Want
from tests.factories import AS_OF, a_case, a_catalogue, a_consultation, a_person, a_profile, a_service, a_taxonomy

PRIVATE = "the house is that quiet since Maureen went"


def a_reason(weight, text="because"):
    return Reason(text, text, weight, "tags")


def cautions_of(person=None, **service):
    offered = a_service(**service)
    case = a_case(person or a_person(), offered)
    return {caution.code: caution.text for caution in cautions(screen(case), 0, offered, AS_OF)}


def test_a_reason_says_what_was_said_and_what_the_service_does_about_it(tmp_path):
    want = Want("loneliness", 0.4, 0, PRIVATE, "note")
    reason = tag_reason(want, "choir", 0.3, a_taxonomy(tmp_path))
    assert f"“{PRIVATE}”" in reason.quoting
    assert "choirs" in reason.quoting
    assert (reason.weight, reason.part, reason.concept) == (0.3, "tags", "loneliness")


def test_the_form_for_files_and_logs_holds_none_of_the_persons_words(tmp_path):
    want = Want("loneliness", 0.4, 0, PRIVATE, "note")
    by_label = tag_reason(want, "choir", 0.3, a_taxonomy(tmp_path)).by_label
    assert PRIVATE not in by_label
    assert "loneliness" in by_label
    shared = other_reason("lexical", 0.1, ["maureen", "quiet"])
    assert "maureen" in shared.quoting
    assert "maureen" not in shared.by_label


@pytest.mark.parametrize("name", PART_SENTENCES)
def test_every_further_part_has_a_sentence(name):
    reason = other_reason(name, 0.1)
    assert reason.quoting[0].isupper()
    assert (reason.weight, reason.part) == (0.1, name)


@pytest.mark.parametrize("name", MARK_SENTENCES)
def test_every_mark_down_has_a_sentence_and_takes_away(name):
    reason = mark_reason(name, -0.2)
    assert reason.quoting.startswith("Marked down")
    assert (reason.quoting, reason.weight, reason.part) == (reason.by_label, -0.2, name)


weights = st.lists(st.floats(-1, 1).map(lambda x: round(x, 4)), max_size=12)


@given(weights)
def test_merging_small_reasons_keeps_the_sum(listed):
    merged = merge_small([a_reason(weight) for weight in listed])
    assert sum(reason.weight for reason in merged) == pytest.approx(sum(listed), abs=1e-9)


@given(weights)
def test_every_reason_worth_saying_is_said_and_all_small_ones_together(listed):
    merged = merge_small([a_reason(weight) for weight in listed])
    said = [reason.weight for reason in merged if reason.part != "rest"]
    assert said == sorted((w for w in listed if abs(w) >= SMALLEST_SHOWN), reverse=True)
    assert len(merged) - len(said) <= 1


def test_the_order_of_equal_reasons_does_not_depend_on_how_they_came():
    reasons = [a_reason(0.2, "b"), a_reason(0.2, "a"), a_reason(0.001, "small"), a_reason(0.3, "c")]
    one, other = merge_small(reasons), merge_small(reasons[::-1])
    assert one == other
    assert [reason.quoting for reason in one[:3]] == ["c", "a", "b"]


STALE = [
    (date(2025, 4, 1), "19 months"),  # 579 days / 30.4375
    (date(2025, 9, 1), "14 months"),
    (date(2024, 11, 1), "24 months"),
]


@pytest.mark.parametrize(("changed", "age"), STALE)
def test_an_old_record_says_how_old_it_is(changed, age):
    assert age in cautions_of(last_modified=changed)["stale"]


@pytest.mark.parametrize("changed", [AS_OF, date(2026, 5, 1), date(2025, 11, 10), date(2027, 1, 1)])
def test_a_record_of_the_last_year_is_not_stale(changed):
    assert "stale" not in cautions_of(last_modified=changed)


def test_a_record_without_a_date_says_so():
    assert "undated" in cautions_of(last_modified=None)
    assert "undated" not in cautions_of(last_modified=AS_OF)


def test_old_records_are_found_in_the_catalogue_too():
    catalogue = a_catalogue(
        a_service(id="a", last_modified=date(2025, 4, 1)), a_service(id="b", last_modified=AS_OF), a_service(id="c")
    )
    assert [is_stale(catalogue, row, AS_OF) for row in range(3)] == [True, False, False]


def test_a_waiting_list_is_said():
    assert "waiting list" in cautions_of(capacity="waiting list")["waiting_list"]
    assert "waiting_list" not in cautions_of(capacity="open")


@pytest.mark.parametrize("referral", ["Professional only.", "GP practice only: use the form"])
def test_who_may_refer_is_said_where_it_is_not_everybody(referral):
    assert cautions_of(referral=referral)["referral"] == referral.rstrip(".")


def test_a_service_that_people_may_just_come_to_needs_no_word_on_referral():
    assert "referral" not in cautions_of(referral="Just turn up.")


def test_everything_unknown_that_matters_to_this_person_is_to_be_checked():
    person = a_person(max_cost=5, gender=None, needs_step_free=True, max_distance_km=3)
    found = cautions_of(person, eligibility="Women only", modes=("in_person",), last_modified=AS_OF)
    assert set(found) == {"sex", "distance", "cost", "access"}


def test_a_near_miss_comes_before_what_is_only_unknown():
    found = cautions_of(a_person(max_cost=5), cost=5.5, eligibility="Women only", last_modified=AS_OF)
    assert list(found) == ["cost", "sex"]


def test_where_nothing_is_to_be_checked_nothing_is_said():
    assert cautions_of(last_modified=AS_OF) == {}


LANGUAGES = [
    ((), (), None),
    (("English",), (), None),
    (("Urdu",), ("urdu", "English"), None),
    (("Urdu", "Punjabi"), ("Punjabi",), None),  # one in common is enough
    (("Urdu",), (), "Urdu"),
    (("Urdu", "Punjabi"), ("Welsh",), "Urdu or Punjabi"),
]


@pytest.mark.parametrize(("person", "service", "missing"), LANGUAGES)
def test_a_language_that_nobody_is_said_to_speak_is_to_be_checked(tmp_path, person, service, missing):
    profile = a_profile(a_taxonomy(tmp_path), a_consultation(languages=person))
    caution = language_caution(profile, a_service(languages=service))
    assert (caution is None) is (missing is None)
    assert missing is None or missing in caution.text
