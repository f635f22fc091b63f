"""What the screen needs to know of a person: ages, times, limits, in the form the rules test."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from matcher.domain import Consultation, Point
from matcher.text import normalise
from matcher.times import WeekGrid, week_of

ADULT = 18
BABY_AGE, TODDLER_AGE = 0.5, 2.0

_CHILD = (
    r"(?:son|daughter|dtr|child|kid|kids|children|girl|girls|boy|boys|baby|toddler|grandson|"
    r"grandsons|granddaughter|grandchild|lad|sib|twins?|littl\w+ one|youngest|eldest|mum of|dad of|"
    r"raising)"
)
_AGE_NEAR = re.compile(
    rf"\b{_CHILD}s?\b[^.;!?]{{0,28}}?\b(\d{{1,2}})\b|\b(\d{{1,2}}) ?(?:yo|y o|yr old|year old|f\b|m\b)"
)
_MORE_AGES = re.compile(r"\b(\d{1,2})(?: and | \+ |, ?| )(\d{1,2})\b")
_BABY = re.compile(
    r"\b(?:baby|newborn|pram|buggy|breastfeeding|bf|pn|postnatal|post natal|g\dp\d|nappies|infant|"
    r"months old|weeks old)\b"
)
_TODDLER = re.compile(r"\b(?:toddlers?|little one|littl\w+ ones?|preschooler)\b")
_CHILDREN = re.compile(
    r"\b(?:(?:my|her|his|their|the|our|\d|two|three|four|with|and) (?:kids?|kiddies|children|"
    r"little ones|girls|boys|bairns|weans)|"
    r"mum of|dad of|mother of|father of|single (?:mum|dad|parent)|school run|(?:son|daughter|dtr|"
    r"grandson|granddaughter)s? \d)\b"
)
_HOUSEBOUND = re.compile(
    r"\b(?:housebound|house bound|bedbound|bed bound|not left (?:the )?(?:flat|house)|"
    r"(?:cannot|cant) leave(?! (?:him|her|them|it|mum|dad|my|his|the (?:kids|children|dog|baby)|"
    r"\w+ (?:alone|on (?:his|her|their) own))\b))\b"
)
_STEP_FREE = re.compile(
    r"\b(?:wheelchair|powerchair|step free|no stairs|no steps|cant manage (?:stairs|steps)|"
    r"cant do stairs|ground floor|level access)\b"
)
_NO_CONTACT = re.compile(
    r"\bdo not (?:ring|phone|call|text|write|contact|discuss)\b|\bunsafe to (?:ring|call|phone)\b|"
    r"\b(?:reads|checks) (?:her|his|my) (?:phone|texts|post)\b"
)
_NO_INTERNET = re.compile(
    r"\b(?:no internet|no wifi|no broadband|not online|doesnt do computers|no computer|no smartphone)\b"
)
_MALE = re.compile(r"\b(?:he|his|him|himself|husband to|gentleman|chap|lad|bloke|widower)\b")
_FEMALE = re.compile(r"\b(?:she|her|herself|lady|lass|widow|mum of|g\dp\d)\b")
_SURELY_FEMALE = re.compile(
    r"(?<!wife )(?<!partner )(?<!daughter )(?<!sister )(?<!mum )(?<!girlfriend )\b(?:peri ?meno\w*|menopaus\w*|hrt|"
    r"pregnan\w+|g\dp\d|breast ?feed\w*|postnatal|smear|endometriosis|pcos|hysterectomy|other women|us women)\b"
)
_SURELY_MALE = re.compile(r"\b(?:prostate|vasectomy|erectile|testicular|other (?:men|blokes|lads|dads))\b")
_NOT_A_TENANT = re.compile(
    r"\b(?:private(?:ly)? (?:let|rent\w*|landlord|tenant)|owner occup\w+|home ?owner|"
    r"rents? (?:\w+ )?privately|own home|own house|mortgage)\b"
)
"""Said of people who do not rent from a council or a housing association."""
_MAN = {"man", "male", "m", "boy", "he"}
_WOMAN = {"woman", "female", "f", "girl", "she"}


@dataclass(frozen=True, eq=False)
class Person:
    """The person a list is for.

    Attributes:
        ages: years of the person and of those a need may be for; empty when unknown.
        has_child: a child at home is mentioned, whatever its age.
        gender: ``man``, ``woman``, another word, or ``None`` when not said.
        week: free half hours, or ``None``; ``week_is_stated`` when it comes from the form and not from the note.
        contact_unsafe: the note says that ringing, writing or calling is not safe.
        social_tenant: ``False`` when the note says that they own their home or rent it privately, else ``None``.
    """

    as_of: date
    ages: tuple[float, ...]
    has_child: bool
    gender: str | None
    place: Point | None
    max_distance_km: float | None
    max_cost: float | None
    modes: tuple[str, ...]
    week: WeekGrid | None
    week_is_stated: bool
    needs_step_free: bool
    housebound: bool
    contact_unsafe: bool
    social_tenant: bool | None
    already_tried: frozenset[str]


def read_person(consultation: Consultation, place: Point | None, noted_week: WeekGrid | None, as_of: date) -> Person:
    """The person of a consultation; what the form leaves open is read from the note where it is plain."""
    note = normalise(consultation.note)
    access = normalise(" ; ".join(consultation.access_needs))
    housebound = bool(_HOUSEBOUND.search(access) or _HOUSEBOUND.search(note))
    stated = week_of(consultation.availability)
    modes = consultation.modes or (("home_visit", "phone", "online") if housebound else ())
    if _NO_INTERNET.search(note) and not consultation.modes:
        modes = tuple(m for m in (modes or ("in_person", "phone", "home_visit")) if m != "online")
    return Person(
        as_of=as_of,
        ages=_ages(consultation, note),
        has_child=_has_child(consultation, note),
        gender=_gender(consultation.gender, note),
        place=place,
        max_distance_km=consultation.max_distance_km if consultation.max_distance_km != 0 or not housebound else None,
        max_cost=consultation.max_cost,
        modes=modes,
        week=stated if stated is not None else noted_week,
        week_is_stated=stated is not None,
        needs_step_free=bool(_STEP_FREE.search(f"{access} ; {note}")),
        housebound=housebound,
        contact_unsafe=bool(_NO_CONTACT.search(note)),
        social_tenant=False if _NOT_A_TENANT.search(note) else None,
        already_tried=frozenset(consultation.already_tried),
    )


def _ages(consultation: Consultation, note: str) -> tuple[float, ...]:
    """The person's age first, then those of the children and others that a need may be for."""
    others = [other.age for other in consultation.others if other.age is not None]
    for match in _AGE_NEAR.finditer(note) if not others else ():
        others.append(float(match[1] or match[2]))
        if pair := _MORE_AGES.match(note, match.start(1) if match[1] else match.start(2)):
            others.append(float(pair[2]))
    if not consultation.others:
        others += [BABY_AGE] if _BABY.search(note) else []
        others += [TODDLER_AGE] if _TODDLER.search(note) else []
    known = [consultation.age] if consultation.age is not None else []
    return (
        tuple(dict.fromkeys([*known, *(age for age in others if age < ADULT + 2 or consultation.others)]))
        if known
        else ()
    )


def _has_child(consultation: Consultation, note: str) -> bool:
    if any(other.age is not None and other.age < ADULT for other in consultation.others):
        return True
    return (
        bool(_BABY.search(note) or _TODDLER.search(note) or _CHILDREN.search(note))
        or len(_ages(consultation, note)) > 1
    )


def _gender(stated: str | None, note: str) -> str | None:
    if stated:
        word = stated.strip().casefold()
        return "man" if word in _MAN else "woman" if word in _WOMAN else word
    he, she = len(_MALE.findall(note)), len(_FEMALE.findall(note))
    if re.search(r"\bthey them\b", note):
        return None
    she += 2 * len(_SURELY_FEMALE.findall(note))
    he += 2 * len(_SURELY_MALE.findall(note))
    if max(he, she) >= 2 and min(he, she) == 0:
        return "man" if he > she else "woman"
    return None
