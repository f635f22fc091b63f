"""Can this person use this service: one row a case, with the rule in plain English beside it."""

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.domain import Point, Standing
from matcher.eligibility import RULES, EligibilityConfig, Spans, admit, screen
from matcher.eligibility.limits import WOMEN
from matcher.times import empty_week
from tests.factories import AS_OF, a_case, a_catalogue, a_person, a_service, a_session, declining

FITS, CHECK, NEAR_MISS, RULED_OUT = Standing.fits, Standing.check, Standing.near_miss, Standing.ruled_out
HERE = Point(53.5, -2.5)
KM_A_DEGREE = 6371.0088 * np.pi / 180
HALL = ("in_person",)


def at(km, precision_km=0.0):
    """A place this far due north of the person."""
    return Point(HERE.lat + km / KM_A_DEGREE, HERE.lon, precision_km)


def free(day, start, end):
    """A week in which only these hours of one day are free."""
    week = empty_week(False)
    week[day, int(start * 2) : int(end * 2)] = True
    return week


def stated(day, start, end):
    return {"week": free(day, start, end), "week_is_stated": True}


def noted(day, start, end):
    return {"week": free(day, start, end), "week_is_stated": False}


NEAR = {"place": HERE, "max_distance_km": 10}
TUESDAY_10_TO_12 = {"sessions": (a_session(),), "modes": HALL}
WOMEN_ONLY = {"eligibility": "Women only."}
MEN_ONLY = {"eligibility": "Men only."}

HERS = {"gender": "woman", "own_sex_only": True}

CASES = [
    # With people of one's own sex
    ("sex", HERS, {"modes": HALL}, NEAR_MISS, "a mixed group, as far as anybody says"),
    ("sex", HERS, {**WOMEN_ONLY, "modes": HALL}, FITS, "it is for women"),
    ("sex", HERS, {"modes": ("home_visit",)}, FITS, "nobody else is there"),
    # What the service says of itself
    ("closed", {}, {"status": "active"}, FITS, "it is open"),
    ("closed", {}, {"status": ""}, FITS, "the directory does not say"),
    ("closed", {}, {"status": "defunct"}, RULED_OUT, "it is gone"),
    ("closed", {}, {"status": "temporarily closed"}, RULED_OUT, "it is not there now"),
    ("closed", {}, {"ends_on": AS_OF}, FITS, "its last day is still a day of it"),
    ("closed", {}, {"ends_on": AS_OF - timedelta(days=1)}, RULED_OUT, "it ended yesterday"),
    ("full", {}, {"capacity": "full"}, RULED_OUT, "no place and no waiting list"),
    ("full", {}, {"capacity": "waiting list"}, FITS, "a waiting list is no limit"),
    ("full", {}, {"capacity": ""}, FITS, "the directory does not say"),
    # Tried before
    ("already_tried", {"already_tried": frozenset({"svc-choir"})}, {}, RULED_OUT, "it was this one"),
    ("already_tried", {"already_tried": frozenset({"svc-other"})}, {}, FITS, "it was another one"),
    # Age: of anybody the need is for
    ("age", {"ages": (40,)}, {}, FITS, "no limit"),
    ("age", {"ages": (17,)}, {"min_age": 18}, RULED_OUT, "a year too young"),
    ("age", {"ages": (18,)}, {"min_age": 18}, FITS, "just old enough"),
    ("age", {"ages": (65.9,)}, {"max_age": 65}, FITS, "65 until the birthday"),
    ("age", {"ages": (66,)}, {"max_age": 65}, RULED_OUT, "a year too old"),
    ("age", {"ages": (30,)}, {"min_age": 16, "max_age": 25}, RULED_OUT, "both ends count"),
    ("age", {"ages": ()}, {"min_age": 50}, CHECK, "an unknown age is a caution"),
    ("age", {"ages": ()}, {}, FITS, "an unknown age does not matter where there is no limit"),
    ("age", {"ages": (34, 2), "has_child": True}, {"max_age": 4}, FITS, "the toddler's age counts for a toddler group"),
    ("age", {"ages": (34, 2), "has_child": True}, {"min_age": 18}, FITS, "the parent's for a class for adults"),
    ("age", {"ages": (34, 2), "has_child": True}, {"min_age": 60}, RULED_OUT, "neither is old enough"),
    ("age", {"ages": (34,), "has_child": True}, {"max_age": 4}, CHECK, "a child of unknown age"),
    ("age", {"ages": (34, 9), "has_child": True}, {"max_age": 4}, RULED_OUT, "a child who is too old for it"),
    ("age", {"ages": (34,)}, {"max_age": 4}, RULED_OUT, "no child"),
    # Women and men
    ("sex", {"gender": "woman"}, WOMEN_ONLY, FITS, "a woman"),
    ("sex", {"gender": "man"}, WOMEN_ONLY, RULED_OUT, "a man"),
    ("sex", {"gender": None}, WOMEN_ONLY, CHECK, "not said"),
    ("sex", {"gender": "non-binary"}, WOMEN_ONLY, CHECK, "ask, do not decide"),
    ("sex", {"gender": "man"}, MEN_ONLY, FITS, "a man"),
    ("sex", {"gender": "woman"}, MEN_ONLY, RULED_OUT, "a woman"),
    ("sex", {"gender": None}, MEN_ONLY, CHECK, "not said"),
    ("sex", {"gender": "man"}, {"eligibility": "Open to all."}, FITS, "no limit"),
    # A further condition is always to be checked
    ("restricted", {}, {"eligibility": "Tenants of Wending Homes only."}, CHECK, "whose tenant is not known"),
    ("restricted", {"social_tenant": False}, {"eligibility": "Council tenants."}, RULED_OUT, "owns the house"),
    ("restricted", {}, {"eligibility": "Anyone who likes to sing."}, FITS, "no condition"),
    # How they meet
    ("modes", {}, {"modes": ("online",)}, FITS, "no way named by the person means any"),
    ("modes", {"modes": ("phone",)}, {"modes": ()}, FITS, "no way named by the service means any"),
    ("modes", {"modes": ("phone",)}, {"modes": HALL}, RULED_OUT, "only by phone, only in person"),
    ("modes", {"modes": ("phone", "online")}, {"modes": ("in_person", "online")}, FITS, "one in common is enough"),
    ("modes", {"modes": HALL}, {"modes": ("home_visit",)}, FITS, "who meets people may be visited"),
    ("modes", {"modes": HALL}, {"modes": ("phone",)}, RULED_OUT, "but not rung up instead"),
    ("contact", {"contact_unsafe": True}, {"modes": ("phone",)}, RULED_OUT, "it rings people up"),
    ("contact", {"contact_unsafe": True}, {"modes": ("home_visit", "phone")}, RULED_OUT, "it only comes or rings"),
    ("contact", {"contact_unsafe": True}, {"modes": ("phone", "in_person")}, FITS, "the person can go there"),
    ("contact", {"contact_unsafe": True}, {"modes": ()}, FITS, "the directory does not say"),
    ("contact", {"contact_unsafe": False}, {"modes": ("phone",)}, FITS, "ringing is safe"),
    # Distance: only for going there
    ("distance", NEAR, {"place": at(9.9), "modes": HALL}, FITS, "within the limit"),
    ("distance", NEAR, {"place": at(10.9), "modes": HALL}, NEAR_MISS, "within 10% over it"),
    ("distance", NEAR, {"place": at(11.6), "modes": HALL}, RULED_OUT, "beyond that"),
    ("distance", NEAR, {"place": at(400), "modes": ("phone",)}, FITS, "nobody travels to a phone line"),
    ("distance", NEAR, {"place": at(400), "modes": ("in_person", "online")}, FITS, "can be used from home"),
    ("distance", {**NEAR, "modes": HALL}, {"place": at(400), "modes": ("in_person", "online")}, RULED_OUT, "not here"),
    ("distance", {**NEAR, "modes": HALL}, {"place": at(40), "modes": ("home_visit",)}, FITS, "they come to you"),
    ("distance", NEAR, {"place": at(61), "modes": ("home_visit",)}, RULED_OUT, "nobody comes from so far"),
    ("distance", NEAR, {"place": at(61), "modes": (*HALL, "home_visit")}, RULED_OUT, "nor goes so far"),
    ("distance", NEAR, {"place": at(61), "modes": ("home_visit", "phone")}, FITS, "they can ring"),
    ("distance", {"place": HERE, "max_distance_km": 80}, {"place": at(61), "modes": HALL}, FITS, "they said so far"),
    ("distance", NEAR, {"place": at(400), "modes": ()}, CHECK, "no way named means any, also going there"),
    ("distance", NEAR, {"place": None, "modes": HALL}, CHECK, "nobody knows where it is"),
    ("distance", {"max_distance_km": 10}, {"modes": HALL}, CHECK, "nobody knows where the person is"),
    ("distance", NEAR, {"place": at(200, 3.0), "modes": HALL}, CHECK, "known by its district: never excludes"),
    ("distance", {"place": HERE}, {"place": at(59), "modes": HALL}, FITS, "no limit was discussed"),
    ("distance", {"place": HERE}, {"place": at(61), "modes": HALL}, RULED_OUT, "nobody goes so far without a word"),
    ("distance", {"place": HERE}, {"place": at(61, 3.0), "modes": HALL}, FITS, "known by its district only"),
    ("distance", {"place": HERE}, {"place": at(400), "modes": ()}, FITS, "perhaps by phone"),
    # Cost: the lowest price
    ("cost", {"max_cost": 5}, {"cost": 5}, FITS, "exactly the limit"),
    ("cost", {"max_cost": 5}, {"cost": 6}, NEAR_MISS, "up to a pound over it"),
    ("cost", {"max_cost": 5}, {"cost": 6.01}, RULED_OUT, "more than that"),
    ("cost", {"max_cost": 20}, {"cost": 22}, NEAR_MISS, "up to 10% over it"),
    ("cost", {"max_cost": 20}, {"cost": 23.5}, RULED_OUT, "more than that"),
    ("cost", {"max_cost": 0}, {"cost": 0}, FITS, "free"),
    ("cost", {"max_cost": 0}, {"cost": 0.5}, RULED_OUT, "free means free"),
    ("cost", {"max_cost": 0}, {"cost": None}, CHECK, "the directory does not say"),
    ("cost", {"max_cost": None}, {"cost": 900}, FITS, "money was not discussed"),
    # When the person is free
    ("availability", {"week": None}, TUESDAY_10_TO_12, FITS, "times were not discussed"),
    ("availability", stated(1, 9, 13), TUESDAY_10_TO_12, FITS, "the whole session"),
    ("availability", stated(1, 11, 15), TUESDAY_10_TO_12, FITS, "an hour of it"),
    ("availability", stated(1, 11.5, 15), TUESDAY_10_TO_12, RULED_OUT, "half an hour of it"),
    ("availability", stated(2, 9, 13), TUESDAY_10_TO_12, RULED_OUT, "the wrong day, said in the form"),
    ("availability", noted(2, 9, 13), TUESDAY_10_TO_12, NEAR_MISS, "the wrong day, read from the note"),
    ("availability", stated(1, 9, 13), {"sessions": (), "modes": HALL}, CHECK, "the directory does not say when"),
    ("availability", noted(1, 9, 13), {"sessions": (), "modes": HALL}, FITS, "nor does the note for sure"),
    ("availability", stated(1, 9, 13), {"sessions": (), "modes": ("online",)}, FITS, "online has no hours to miss"),
    (
        "availability",
        stated(1, 10, 10.5),
        {"sessions": (a_session(end=10 * 60 + 30),), "modes": HALL},
        FITS,
        "all of a short one",
    ),
    (
        "availability",
        stated(1, 9, 13),
        {"sessions": (a_session(start=10 * 60 + 10, end=10 * 60 + 50),), "modes": HALL},
        FITS,
        "a short one that does not start on the half hour",
    ),
    (
        "availability",
        stated(3, 9, 13),
        {"sessions": (a_session(), a_session(day=3)), "modes": HALL},
        FITS,
        "one session of several",
    ),
    # Steps
    ("access", {"needs_step_free": True}, {"accessibility": ("Step-free access",), "modes": HALL}, FITS, "no steps"),
    ("access", {"needs_step_free": True}, {"accessibility": ("Upstairs, no lift",), "modes": HALL}, RULED_OUT, "steps"),
    ("access", {"needs_step_free": True}, {"accessibility": (), "modes": HALL}, CHECK, "the directory does not say"),
    ("access", {"needs_step_free": True}, {"accessibility": (), "modes": ("phone",)}, FITS, "nobody goes there"),
    ("access", {"needs_step_free": False}, {"accessibility": ("No lift",), "modes": HALL}, FITS, "steps do not matter"),
]


def names(row):
    return " ".join(row[4].split())


@pytest.mark.parametrize(("code", "person", "service", "standing", "why"), CASES, ids=map(names, CASES))
def test_a_rule_gives_the_standing_that_a_link_worker_would(code, person, service, standing, why):
    case = a_case(a_person(**person), a_service(**service))
    assert verdicts(case) == {rule.code: standing if rule.code == code else FITS for rule in RULES}, why


def verdicts(case):
    given = {rule.code: Standing(int(verdict[0])) for rule, verdict in screen(case).verdicts}
    return {rule.code: given.get(rule.code, FITS) for rule in RULES}


@pytest.mark.parametrize(("strength", "standing"), [(0.0, FITS), (0.5, FITS), (0.6, RULED_OUT), (1.0, RULED_OUT)])
def test_what_was_declined_is_ruled_out_where_it_is_the_main_thing(strength, standing):
    case = a_case(a_person(), declined=declining([strength]))
    assert verdicts(case)["declined"] is standing


def test_only_the_better_entry_of_a_service_is_shown():
    catalogue = a_catalogue(a_service(id="a"), a_service(id="b"))
    catalogue.duplicate_of[1] = 0
    assert screen(a_case(a_person(), catalogue=catalogue)).standing.tolist() == [FITS, RULED_OUT]


def test_every_rule_has_a_case():
    assert {row[0] for row in CASES} | {"declined", "duplicate"} == {rule.code for rule in RULES}


def test_the_worst_verdict_is_the_standing():
    person = a_person(max_cost=5, ages=(17,), gender=None)
    services = {
        "a": {"cost": 5},
        "b": {"cost": None},
        "c": {"cost": 5.5, **WOMEN_ONLY},
        "d": {"cost": 5.5, "min_age": 18},
    }
    case = a_case(person, *(a_service(id=key, **changes) for key, changes in services.items()))
    screened, rows = screen(case), [case.catalogue.row_of(key) for key in services]
    assert screened.standing[rows].tolist() == [FITS, CHECK, NEAR_MISS, RULED_OUT]
    assert screened.usable[rows].tolist() == [True, True, True, False]


def test_a_service_is_counted_under_the_first_rule_that_rules_it_out():
    person = a_person(ages=(17,), max_cost=0)
    dear_and_for_adults = a_service(id="a", cost=9, min_age=18)
    dear = a_service(id="b", cost=9)
    closed = a_service(id="c", status="defunct", cost=9)
    fine = a_service(id="d", cost=0)
    screened = screen(a_case(person, dear_and_for_adults, dear, closed, fine))
    assert admit(screened.case, Spans.of(0, 4)).counts == {"closed": 1, "age": 1, "cost": 1}
    place = screened.case.catalogue.row_of("a")
    assert [code for code, _ in screened.sentences(place, Standing.ruled_out)] == ["age", "cost"]


def test_a_rule_can_be_left_out_for_an_experiment():
    case = a_case(a_person(max_cost=0), a_service(cost=9), config=EligibilityConfig(off=("cost",)))
    assert screen(case).standing.tolist() == [FITS]


def test_without_any_rule_nothing_is_said():
    screened = screen(a_case(a_person(), a_service(), config=EligibilityConfig(off=tuple(rule.code for rule in RULES))))
    assert [screened.sentences(0, standing) for standing in Standing] == [[]] * len(Standing)


SENTENCES = [
    ({"ages": (17,)}, {"min_age": 18}, "for people aged 18 and over"),
    ({"ages": (40,)}, {"max_age": 25}, "for people up to 25"),
    ({"ages": (40,)}, {"min_age": 16, "max_age": 25}, "for people aged 16 to 25"),
    ({"gender": "man"}, WOMEN_ONLY, "only for women"),
    ({"gender": "woman"}, MEN_ONLY, "only for men"),
    ({**NEAR}, {"place": at(12), "modes": HALL}, "12.0 km away; the person's limit is 10 km"),
    (
        {**NEAR},
        {"place": at(12, 3.0), "modes": HALL},
        "about 12 km away (known only by its postcode district): check the address",
    ),
    ({"place": HERE}, {"place": at(70), "modes": HALL}, "70.0 km away; more than 60 km is taken as too far"),
    ({**NEAR}, {"place": None, "modes": HALL}, "the directory gives no place; the person's limit is 10 km"),
    ({"max_cost": 0}, {"cost": 3}, "costs £3; must be free"),
    ({"max_cost": 2.5}, {"cost": 40}, "costs £40; the person's limit is £2.5"),
    ({"max_cost": 0}, {}, "the directory does not say what it costs; must be free"),
    (stated(2, 9, 13), TUESDAY_10_TO_12, "runs on Tuesday, when the person is not free"),
    (stated(2, 9, 13), {"modes": HALL}, "the directory does not say when it runs"),
    (
        {"needs_step_free": True},
        {"modes": HALL},
        "the directory does not say whether it is step-free",
    ),
    ({}, {"eligibility": "Council tenants only."}, "only for tenants of a landlord: check whose tenant the person is"),
    ({}, {"capacity": "full"}, "the directory says it is full"),
    ({}, {"status": "closed"}, "the directory says it is closed or has ended"),
]


@pytest.mark.parametrize(("person", "service", "sentence"), SENTENCES, ids=[row[2] for row in SENTENCES])
def test_a_rule_says_why_in_words_that_can_be_said_aloud(person, service, sentence):
    case = a_case(a_person(**person), a_service(**service))
    screened = screen(case)
    assert [text for _, text in screened.sentences(0, Standing(int(screened.standing[0])))] == [sentence]


people = st.fixed_dictionaries(
    {
        "ages": st.lists(st.floats(0, 110), max_size=2).map(tuple),
        "has_child": st.booleans(),
        "gender": st.sampled_from([None, "woman", "man", "non-binary"]),
        "place": st.sampled_from([None, HERE]),
        "max_distance_km": st.sampled_from([None, 0, 1, 50]),
        "max_cost": st.sampled_from([None, 0, 10]),
        "modes": st.lists(st.sampled_from(["in_person", "online", "phone", "home_visit"]), max_size=2).map(tuple),
        "week": st.sampled_from([None, free(1, 9, 10)]),
        "week_is_stated": st.booleans(),
        "needs_step_free": st.booleans(),
        "contact_unsafe": st.booleans(),
        "already_tried": st.just(frozenset({"another"})),
    }
)


@given(people, st.sampled_from([(), HALL]))
def test_what_the_directory_does_not_say_never_excludes(person, modes):
    silent = a_service(status="", place=None, postcode="", description="", eligibility="")
    screened = screen(a_case(a_person(**person), silent))
    assert screened.standing[0] >= Standing.check
    if not person["modes"] or "in_person" in person["modes"]:
        assert screen(a_case(a_person(**person), a_service(modes=modes, place=None))).standing[0] >= Standing.check


def test_what_was_not_discussed_never_excludes():
    nobody = a_person()
    demanding = a_service(min_age=50, cost=80, modes=HALL, sessions=(a_session(),), eligibility="Women only.")
    assert screen(a_case(nobody, demanding)).standing[0] == Standing.check


def test_the_rules_read_the_limits_they_are_given():
    case = a_case(a_person(gender="man"))
    case.limits.sex[0] = WOMEN
    assert screen(case).standing.tolist() == [RULED_OUT]
