"""What services ask of people in free text: one row a text, with the limit that a reader would see in it."""

import numpy as np
import pytest

from matcher.eligibility.limits import ANYONE, MEN, WOMEN, read_limits, restriction_sentence
from tests.factories import a_catalogue, a_service

OPEN = None


def limits_of(**changes):
    return read_limits(a_catalogue(a_service(**changes)))


def number(value):
    return None if np.isnan(value) else float(value)


AGES = [
    ("18-25", 18, 25),
    ("18 – 25 year olds", 18, 25),
    ("Aged 16 to 25", 16, 25),
    ("Young people aged between 11 and 18", 11, 18),
    ("Children 0-4 and their parents", 0, 4),
    ("Over 50s", 50, OPEN),
    ("over the age of 65", 65, OPEN),
    ("Anyone over 55", 55, OPEN),
    ("50+", 50, OPEN),
    ("65 and over", 65, OPEN),
    ("aged 60 plus", 60, OPEN),
    ("Adults aged 18 or over", 18, OPEN),
    ("up to 11", OPEN, 11),
    ("Under 5s", OPEN, 5),
    ("under the age of 25", OPEN, 25),
    ("Anyone who likes to sing", OPEN, OPEN),
    ("", OPEN, OPEN),
    ("All ages welcome", OPEN, OPEN),
    ("Over-sixties", 60, OPEN),
    ("50 years and above", 50, OPEN),
    ("65 yrs and over", 65, OPEN),
    ("At least 16 years old", 16, OPEN),
    ("25 and under", OPEN, 25),
    ("No older than 25", OPEN, 25),
    ("Up to age 18", OPEN, 18),
    ("Under fives and their carers", OPEN, 5),
    ("Ages 5-11yrs", 5, 11),
    ("School years 7-11", 11, 16),  # year 7 begins at 11, year 11 ends at 16
    ("Year 9 and above", 13, OPEN),
    ("13-19 (up to 25 with SEND)", 13, 25),  # several statements: what they allow between them
    ("18+ and, with consent, 16-17", 16, OPEN),
    ("Anyone over 16 (under 18s with a parent)", 16, OPEN),
    ("Pensioners", 60, OPEN),
    ("Adults only", 18, OPEN),
    ("Sixth formers", 16, 24),
    ("Toddlers", OPEN, 5),
    ("Parents of teenagers", OPEN, OPEN),  # it is for the parents
    ("60+ or disabled", OPEN, OPEN),  # another way in
    ("Mainly over 60s but all welcome", OPEN, OPEN),
    ("Under 16s must be with an adult", OPEN, OPEN),
    ("BMI over 30", OPEN, OPEN),
    ("Groups of 8 to 12", OPEN, OPEN),
    ("Up to 10 sessions", OPEN, OPEN),
    ("Working under 25 hours a week", OPEN, OPEN),
    ("Runs 25 to 18 days before", OPEN, OPEN),  # the wrong way round is no range of ages
]


@pytest.mark.parametrize(("text", "low", "high"), AGES, ids=[row[0] or "nothing" for row in AGES])
def test_ages_are_read_from_what_the_entry_says_of_eligibility(text, low, high):
    limits = limits_of(eligibility=text)
    assert (number(limits.min_age[0]), number(limits.max_age[0])) == (low, high)


def test_ages_in_fields_of_their_own_outrank_ages_in_words():
    limits = limits_of(eligibility="Over 50s", min_age=60)
    assert (number(limits.min_age[0]), number(limits.max_age[0])) == (60, OPEN)


def test_ages_are_read_from_the_name_where_the_eligibility_says_nothing():
    assert number(limits_of(name="Over 60s Lunch Club").min_age[0]) == 60
    assert number(limits_of(name="Teens and Tempers", description="For parents.").max_age[0]) is OPEN


OPENINGS = [
    ("A friendly club for people aged 18 to 30.", 18, 30),
    ("A choir for over 55s in Little Wending.", 55, OPEN),
    ("A course for 6 to 8 weeks.", OPEN, OPEN),  # weeks are no years
    ("We have sung here for over 40 years.", OPEN, OPEN),  # nor is the age of the choir the singers'
    ("A home for over 300 years.", OPEN, OPEN),
    ("Meals for over 80 people.", OPEN, OPEN),
    ("For people over 65 who live alone.", 65, OPEN),
    ("Open to everybody.", OPEN, OPEN),
    ("Talking therapies for people aged 16 and over.", 16, OPEN),
    ("All ages; the majority of members are aged 65 and over.", OPEN, OPEN),
]


@pytest.mark.parametrize(("text", "low", "high"), OPENINGS, ids=[row[0] for row in OPENINGS])
def test_ages_are_read_from_a_description_only_where_it_is_plain(text, low, high):
    limits = limits_of(description=text)
    assert (number(limits.min_age[0]), number(limits.max_age[0])) == (low, high)


SEXES = [
    ("Women only", WOMEN),
    ("Women and girls of any background", WOMEN),
    ("For mums of children under five", WOMEN),
    ("Women, including trans women", WOMEN),
    ("Men only", MEN),
    ("For dads and their children", MEN),
    ("Men and women over 50", ANYONE),
    ("Females aged 16 and over", WOMEN),
    ("Gentlemen", MEN),
    ("Males and females", ANYONE),
    ("Brothers and sisters of disabled children", ANYONE),
    ("Women and their partners", ANYONE),
    ("Mums, dads and grandparents", ANYONE),
    ("Women, men and non-binary people", ANYONE),
    ("Everyone is welcome, most of us are women", ANYONE),
    ("Anyone who likes to sing", ANYONE),
    ("Anyone who lives in Little Wending", ANYONE),
    ("", ANYONE),
]


@pytest.mark.parametrize(("text", "sex"), SEXES, ids=[row[0] or "nothing" for row in SEXES])
def test_women_only_and_men_only_are_read_from_what_the_entry_says_of_eligibility(text, sex):
    assert limits_of(eligibility=text).sex[0] == sex


NAMES = [
    ("Wending Women's Group", WOMEN),
    ("Ladies Only Swim", WOMEN),
    ("Men's Shed", MEN),
    ("Wending Men's Breakfast", MEN),
    ("Mill Hall Singers", ANYONE),
]


@pytest.mark.parametrize(("name", "sex"), NAMES, ids=[row[0] for row in NAMES])
def test_women_only_and_men_only_are_read_from_a_plain_name(name, sex):
    assert limits_of(name=name).sex[0] == sex


def test_what_the_entry_says_of_eligibility_outranks_the_name():
    assert limits_of(name="Men's Shed", eligibility="Women only on Fridays").sex[0] == WOMEN


RESTRICTIONS = [
    ("Tenants of Wending Homes only", "whose tenant"),
    ("Leaseholders and tenants", "whose tenant"),
    ("Patients of Mill Street Surgery", "which practice"),
    ("Registered with a practice in the PCN", "which practice"),
    ("People under the CMHT", "who looks after"),
    ("Anyone living in Upper Wending", "the address"),
    ("Residents of Wendingshire", "the address"),
    ("Members only", "whether they are one"),
    ("Students at Wending College", "whether they are one"),
    ("NHS staff", "whether they are one"),
    ("Residents of our schemes", "whose tenant"),
    ("Must be a tenant of the association", "whose tenant"),
    ("Anyone with a Wending GP", "which practice"),
    ("Must live in Wending", "the address"),
    ("Parish residents", "the address"),
]


@pytest.mark.parametrize(("text", "check"), RESTRICTIONS, ids=[row[0] for row in RESTRICTIONS])
def test_a_further_condition_says_what_to_check(text, check):
    assert check in restriction_sentence(limits_of(eligibility=text), 0)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "Anyone",
            "Adults",
            "People with dementia and their carers",
            "People living in poverty",
            "People in recovery",
        ),
        *("People living in care homes", "Tenants and homeowners", "Private tenants", "Within the last 12 months"),
    ],
)
def test_where_there_is_no_further_condition_there_is_nothing_to_check(text):
    assert restriction_sentence(limits_of(eligibility=text), 0) == ""


ACCESS = [
    (("Wheelchair access",), True, False),
    (("Step-free", "Hearing loop"), True, False),
    (("Ramp to the side door",), True, False),
    (("Lift to all floors",), True, False),
    (("Upstairs",), False, True),
    (("Not wheelchair accessible",), True, True),  # the steps win: see the rule
    (("Hearing loop",), False, False),
    ((), False, False),
]


@pytest.mark.parametrize(("texts", "step_free", "has_steps"), ACCESS, ids=[" ".join(row[0]) for row in ACCESS])
def test_steps_are_read_from_what_the_entry_says_of_access(texts, step_free, has_steps):
    limits = limits_of(accessibility=texts)
    assert (bool(limits.step_free[0]), bool(limits.has_steps[0])) == (step_free, has_steps)


def test_there_is_one_entry_a_service_in_the_order_of_the_catalogue():
    catalogue = a_catalogue(
        a_service(id="b", eligibility="Women only"),
        a_service(id="a", min_age=50),
        a_service(id="c", capacity="full", status="closed"),
    )
    limits = read_limits(catalogue)
    assert [number(age) for age in limits.min_age] == [50, None, None]
    assert limits.sex.tolist() == [ANYONE, WOMEN, ANYONE]
    assert limits.full.tolist() == [False, False, True]
    assert limits.closed.tolist() == [False, False, True]
