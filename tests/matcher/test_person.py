"""The person of a consultation: what the form says counts, and the note only where it is plain."""

import pytest

from matcher.domain import OtherPerson, TimeWindow
from matcher.eligibility import read_person
from matcher.times import empty_week
from tests.factories import AS_OF, a_consultation


def person_of(note="", noted_week=None, **changes):
    return read_person(a_consultation(note=note, **changes), None, noted_week, AS_OF)


AGES = [
    ("Lonely since she moved.", {"age": 70}, (70,), "nobody else is spoken of"),
    ("Son 9 will not go to school.", {"age": 34}, (34, 9), "a child's age in the note"),
    ("Two boys, 7 and 9.", {"age": 34}, (34, 7, 9), "two children"),
    ("Her daughter is 15 yrs.", {"age": 44}, (44, 15), "words may stand between"),
    ("New baby, not sleeping.", {"age": 29}, (29, 0.5), "a baby has an age"),
    ("Toddler at home.", {"age": 29}, (29, 2.0), "so has a toddler"),
    ("Son 42 lives in Leeds.", {"age": 70}, (70,), "a grown-up son needs no toddler group"),
    ("Son 9.", {"age": 34, "others": (OtherPerson("son", 10),)}, (34, 10), "the form outranks the note"),
    ("Son 9.", {"age": 34, "others": (OtherPerson("mother", 81),)}, (34, 81), "others may be grown up"),
    ("Son 9.", {"age": None}, (), "an unknown age stays unknown: nothing is excluded for it"),
]


@pytest.mark.parametrize(("note", "form", "ages", "why"), AGES, ids=[row[3] for row in AGES])
def test_ages_are_those_of_everybody_a_need_may_be_for(note, form, ages, why):
    assert person_of(note, **form).ages == ages, why


CHILDREN = [
    ("Mum of two.", True),
    ("Her kids are at school.", True),
    ("Single dad, tired.", True),
    ("On the school run at three.", True),
    ("New baby.", True),
    ("Son 9 will not go to school.", True),
    ("Lonely since she moved.", False),
    ("Lives alone with a cat.", False),
]


@pytest.mark.parametrize(("note", "has_child"), CHILDREN, ids=[row[0] for row in CHILDREN])
def test_a_child_is_noticed_whatever_its_age(note, has_child):
    assert person_of(note, age=40).has_child is has_child


def test_a_child_named_in_the_form_is_a_child():
    assert person_of(others=(OtherPerson("daughter", 6),)).has_child
    assert not person_of(others=(OtherPerson("mother", 81),)).has_child


GENDERS = [
    ("", "Man", "man"),
    ("", " FEMALE ", "woman"),
    ("", "m", "man"),
    ("", "Non-binary", "non-binary"),
    ("He says his wife died.", "woman", "woman"),
    ("He lost his job.", None, "man"),
    ("She lost her job.", None, "woman"),
    ("Lost her job.", None, None),
    ("She says he drinks.", None, None),
    ("They/them. Her name is on file, she knows.", None, None),
    ("Perimenopausal, tired.", None, "woman"),
    ("Prostate trouble.", None, "man"),
    ("Wife menopausal, at his wits' end.", None, None),
    ("Lonely.", None, None),
]


@pytest.mark.parametrize(("note", "stated", "gender"), GENDERS)
def test_gender_is_what_the_form_says_or_the_note_says_twice_over(note, stated, gender):
    assert person_of(note, gender=stated).gender == gender


STEP_FREE = [
    ("Uses a wheelchair.", (), True),
    ("", ("Wheelchair",), True),
    ("", ("step-free",), True),
    ("Can't manage stairs.", (), True),
    ("Ground floor only", (), True),
    ("", ("Hearing loop",), False),
    ("Walks three miles a day.", (), False),
]


@pytest.mark.parametrize(("note", "access", "needed"), STEP_FREE)
def test_steps_matter_where_the_form_or_the_note_says_so(note, access, needed):
    assert person_of(note, access_needs=access).needs_step_free is needed


TENANTS = [
    ("Rents privately.", False),  # not one of the plain forms: unknown
    ("In a private let, damp.", False),
    ("Owner occupier.", False),
    ("Cannot pay the mortgage.", False),
    ("Two months' notice, landlord selling up.", False),
    ("Landlord wants the flat back.", False),
    ("Has had a section 21.", False),
    ("Landlord won't do the repairs.", None),  # may be the council
    ("Council flat.", None),
    ("Lonely.", None),
]


@pytest.mark.parametrize(("note", "tenant"), TENANTS)
def test_only_who_plainly_owns_or_rents_privately_is_known_not_to_be_a_landlords_tenant(note, tenant):
    assert person_of(note).social_tenant is tenant


UNSAFE = [
    ("Do not ring, partner checks her phone.", True),
    ("Don't text please.", False),  # "dont" is often about taste; only plain orders count
    ("Please do not write to the house.", True),
    ("Unsafe to call.", True),
    ("He reads her texts.", True),
    ("Prefers to be rung in the morning.", False),
    ("", False),
]


@pytest.mark.parametrize(("note", "unsafe"), UNSAFE)
def test_a_note_that_forbids_contact_is_heeded(note, unsafe):
    assert person_of(note).contact_unsafe is unsafe


MODES = [
    ("", (), (), "no way named means any"),
    ("", ("phone",), ("phone",), "the form's"),
    ("Housebound.", (), ("home_visit", "phone", "online"), "cannot get out"),
    ("Housebound.", ("online",), ("online",), "the form outranks the note"),
    ("No internet at home.", (), ("in_person", "phone", "home_visit"), "not online"),
    ("Housebound, no internet.", (), ("home_visit", "phone"), "both"),
    ("No internet at home.", ("online",), ("online",), "the form outranks the note"),
]


@pytest.mark.parametrize(("note", "form", "modes", "why"), MODES, ids=[row[3] for row in MODES])
def test_ways_to_meet_are_the_forms_or_what_the_note_leaves(note, form, modes, why):
    assert set(person_of(note, modes=form).modes) == set(modes), why


def test_the_times_of_the_form_outrank_those_of_the_note():
    noted = empty_week(False)
    noted[2, 20:24] = True
    stated = person_of(noted_week=noted, availability=(TimeWindow(1, 600, 720),))
    assert (stated.week_is_stated, bool(stated.week[1, 20]), bool(stated.week[2, 20])) == (True, True, False)
    read = person_of(noted_week=noted)
    assert (read.week_is_stated, bool(read.week[2, 20])) == (False, True)


def test_limits_come_from_the_form_alone():
    person = person_of("Has £5 and a bus pass.", max_cost=3, max_distance_km=4, already_tried=("svc-1",))
    assert (person.max_cost, person.max_distance_km, person.already_tried) == (3, 4, frozenset({"svc-1"}))
    nobody = person_of("Has £5 and a bus pass.")
    assert (nobody.max_cost, nobody.max_distance_km) == (None, None)


def test_a_distance_of_nothing_says_that_a_housebound_person_is_visited():
    assert person_of("Housebound.", max_distance_km=0).max_distance_km is None
    assert person_of("Walks.", max_distance_km=0).max_distance_km == 0


AVOIDED_WAYS = [
    (("computers",), ("in_person", "phone", "home_visit")),
    (("Zoom", "big groups"), ("in_person", "phone", "home_visit")),
    (("phone calls",), ("in_person", "online", "home_visit")),
    (("big groups",), ()),
    ((), ()),
]


@pytest.mark.parametrize(("avoid", "modes"), AVOIDED_WAYS)
def test_what_is_to_be_avoided_may_be_a_way_of_meeting(avoid, modes):
    assert person_of(avoid=avoid).modes == modes


def test_the_forms_ways_of_meeting_outrank_what_is_to_be_avoided():
    assert person_of(avoid=("phone calls",), modes=("phone",)).modes == ("phone",)


OWN_SEX = [
    ("", ("mixed groups",), True),
    ("Would like women only swimming.", (), True),
    ("Won't go to mixed classes.", (), True),
    ("Mixed feelings about the move.", (), False),
    ("Only lives for her garden.", ("big groups",), False),
]


@pytest.mark.parametrize(("note", "avoid", "own_sex"), OWN_SEX)
def test_who_would_rather_not_be_in_a_mixed_group(note, avoid, own_sex):
    assert person_of(note, avoid=avoid).own_sex_only is own_sex
