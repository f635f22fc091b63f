"""Twelve people of one small town, for each of whom one service is obviously best, with a link worker's reason for it.

The town is made so that the right answer does not depend on any number: if one of these fails after tuning, the tuning
is wrong.
"""

from __future__ import annotations

import pytest

from matcher.domain import Need, OtherPerson, Point, TimeWindow
from matcher.engine import Engine
from matcher.settings import Settings
from tests.factories import AS_OF, a_catalogue, a_consultation, a_service, a_session

HERE = Point(53.5, -2.5)
FAR = Point(53.9, -2.5)


def entry(service_id: str, name: str, description: str, **changes):
    return a_service(
        id=service_id,
        name=name,
        description=description,
        categories=(),
        organization="",
        cost=0.0,
        place=HERE,
        **changes,
    )


TOWN = (
    entry("choir", "Mill Hall Singers", "A friendly choir for people who think that they cannot sing. Tea afterwards."),
    entry("debt", "Money Advice Wending", "Free debt advice: priority bills, bailiffs, debt relief orders."),
    entry("benefits", "Benefits Help Desk", "We help people to claim benefits, and to appeal when PIP is refused."),
    entry("esol", "English Together", "Free English classes (ESOL) for beginners. Creche provided."),
    entry("toddlers", "Little Steps", "Baby and toddler group: toys, songs, a cuppa for parents.", max_age=5.0),
    entry("grief", "Wending Bereavement Support", "One-to-one support after the death of someone close."),
    entry("carers", "Carers' Corner", "Coffee and a break for unpaid carers who look after a relative or friend."),
    entry(
        "walk", "Gentle Strollers", "A gentle led walk in the park, forty minutes, flat paths.", modes=("in_person",)
    ),
    entry("far-walk", "Moor Ramblers", "A led walk on the moor.", modes=("in_person",)),
    entry("shed", "Wending Men's Shed", "Men making and mending things side by side.", eligibility="Men only"),
    entry("crafts", "Thursday Makers", "Making and mending things side by side, woodwork and repairs. All welcome."),
    entry(
        "evening-art",
        "Late Palette",
        "An evening art group, painting and drawing.",
        sessions=(a_session(start=1140, end=1260),),
    ),
    entry("day-art", "Morning Palette", "A morning art group, painting and drawing.", sessions=(a_session(),)),
    entry(
        "visits",
        "Doorstep Friends",
        "Befriending: a volunteer visits people at home for a chat.",
        modes=("home_visit",),
    ),
    entry("lender", "QuickCash Loans", "Debts? Instant cash loans today, no credit check. Representative 1290% APR."),
    entry(
        "collectors", "Depression Glass Collectors", "Monthly meeting of collectors of depression glass. Sales table."
    ),
    entry("old-choir", "Wending Chorale", "A choir that sang for forty years.", status="inactive"),
)

GOLDEN = {
    "sang-all-her-life": (
        a_consultation(note="Lonely since she moved. Sang in choirs all her life and misses it."),
        "choir",
        "singing and company in one place; the other choir has closed",
    ),
    "bailiffs": (
        a_consultation(note="Bailiff letter came. Behind on council tax and two credit cards.", max_cost=0.0),
        "debt",
        "debt advice is what stops bailiffs; the lender would make it worse",
    ),
    "pip-refused": (
        a_consultation(note="PIP refused, wants to appeal, can't face the forms."),
        "benefits",
        "the only one that appeals benefit decisions",
    ),
    "learning-english": (
        a_consultation(note="Came from Sudan in spring. Wants proper English lessons.", languages=("Arabic",)),
        "esol",
        "an English class, for beginners",
    ),
    "new-mother": (
        a_consultation(
            note="Home all day with the baby, would like to meet other mums.",
            age=29.0,
            gender="woman",
            others=(OtherPerson("baby", 0.5),),
        ),
        "toddlers",
        "a group for baby and parent; its age limit is the child's, not hers",
    ),
    "widower": (
        a_consultation(note="Wife died in March, can't stop crying, wants to talk to somebody about her.", age=70.0),
        "grief",
        "asked for someone to talk to about a death",
    ),
    "worn-out-carer": (
        a_consultation(note="Looks after her husband day and night. Worn out, needs a break and people who get it."),
        "carers",
        "carers who meet carers; grief and befriending miss the point",
    ),
    "stroll": (
        a_consultation(
            note="Would love a gentle walk with company.",
            location=HERE,
            max_distance_km=5.0,
            needs=(Need("walking", 3),),
        ),
        "walk",
        "the other walk is 44 km away",
    ),
    "handy-woman": (
        a_consultation(note="She mends anything and misses making things with others.", gender="woman"),
        "crafts",
        "the shed is for men only",
    ),
    "works-days": (
        a_consultation(
            interests=("painting",),
            note="",
            availability=tuple(TimeWindow(day, 18 * 60, 22 * 60) for day in range(5)),
        ),
        "evening-art",
        "free in the evening only; the morning group is at the wrong time",
    ),
    "housebound": (
        a_consultation(
            note="Housebound since her fall. Lonely, would love somebody to call round for a chat.", age=86.0
        ),
        "visits",
        "somebody who comes to the house",
    ),
    "low-mood": (
        a_consultation(note="Depression, on tablets. Used to paint and draw, would like to again.", age=50.0),
        "day-art",
        "painting, in the day as nothing says otherwise; depression glass only shares a word",
    ),
}


@pytest.fixture(scope="module")
def town(shipped_taxonomy) -> Engine:
    moved = [a_service(**{**fields_of(s), "place": FAR}) if s.id == "far-walk" else s for s in TOWN]
    return Engine.fit(a_catalogue(*moved), shipped_taxonomy, Settings(scorers=("tags", "lexical")))


def fields_of(service):
    return {name: getattr(service, name) for name in service.__dataclass_fields__}


@pytest.mark.parametrize("name", GOLDEN)
def test_the_obviously_best_service_comes_first(town, name):
    consultation, best, why = GOLDEN[name]
    found = town.suggest(consultation, as_of=AS_OF, top=3).suggestions
    assert found, why
    assert found[0].service.id == best, why


@pytest.mark.parametrize(
    ("name", "never"),
    [
        ("bailiffs", "lender"),
        ("low-mood", "collectors"),
        ("stroll", "far-walk"),
        ("handy-woman", "shed"),
        ("works-days", "day-art"),
        ("sang-all-her-life", "old-choir"),
    ],
)
def test_the_tempting_wrong_answer_is_kept_aside_or_far_behind(town, name, never):
    consultation, _, why = GOLDEN[name]
    found = town.suggest(consultation, as_of=AS_OF, top=len(TOWN)).suggestions
    behind = [s.score for s in found if s.service.id == never]
    assert all(score < found[0].score / 2 for score in behind), why
