"""What the screen needs to know of a person: ages, times, limits, in the form the rules test."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from matcher.domain import MODES, Consultation, Point
from matcher.text import Cue, Cues, normalise, words_of
from matcher.times import WeekGrid, week_of

ADULT = 18
CHILDREN_BELOW = 20
"""Services whose highest age is below this may be for a child of the person."""
BABY_AGE, TODDLER_AGE = 0.5, 2.0

_NUMBERS = "0* 1* 2* 3* 4* 5* 6* 7* 8* 9*"
_GRAVIDA = " ".join(f"g{number}*" for number in range(10))
"""Pregnancies and births in short: "G2P1"."""

_CHILD = (
    r"(?:son|daughter|dtr|child|kid|kids|children|girl|girls|boy|boys|baby|toddler|grandson|"
    r"grandsons|granddaughter|grandchild|lad|sib|twins?|littl\w+ one|youngest|eldest|mum of|dad of|"
    r"raising)"
)
_AGE_NEAR = Cue(
    rf"\b{_CHILD}s?\b[^.;!?]{{0,28}}?\b(\d{{1,2}})\b|\b(\d{{1,2}}) ?(?:yo|y o|yr old|year old|f\b|m\b)",
    f"{_NUMBERS} yo y yr year f m",
)
_MORE_AGES = re.compile(r"\b(\d{1,2})(?: and | \+ |, ?| )(\d{1,2})\b")
_BABY = Cue(
    r"\b(?:baby|newborn|pram|buggy|breastfeeding|bf|pn|postnatal|post natal|g\dp\d|nappies|infant|"
    r"months old|weeks old)\b",
    f"baby newborn pram buggy breastfeeding bf pn postnatal natal nappies infant months weeks {_GRAVIDA}",
)
_TODDLER = Cue(
    r"\b(?:toddlers?|little one|littl\w+ ones?|preschooler)\b",
    "toddler toddlers littl* preschooler",
)
_CHILDREN = Cue(
    r"\b(?:(?:my|her|his|their|the|our|\d|two|three|four|with|and) (?:kids?|kiddies|children|"
    r"little ones|girls|boys|bairns|weans)|"
    r"mum of|dad of|mother of|father of|single (?:mum|dad|parent)|school run|(?:son|daughter|dtr|"
    r"grandson|granddaughter)s? \d)\b",
    "kid kids kiddies children ones girls boys bairns weans mum dad mother father parent run son sons daughter "
    "daughters dtr dtrs grandson grandsons granddaughter granddaughters",
)
_HOUSEBOUND = Cue(
    r"\b(?:housebound|house bound|bedbound|bed bound|not left (?:the )?(?:flat|house)|"
    r"(?:cannot|cant) leave(?! (?:him|her|them|it|mum|dad|my|his|the (?:kids|children|dog|baby)|"
    r"\w+ (?:alone|on (?:his|her|their) own))\b))\b",
    "housebound bound bedbound left leave",
)
_STEP_FREE = Cue(
    r"\b(?:wheelchair|powerchair|step free|no stairs|no steps|cant manage (?:stairs|steps)|"
    r"cant do stairs|ground floor|level access)\b",
    "wheelchair powerchair step stairs steps ground access",
)
_NO_CONTACT = Cue(
    r"\bdo not (?:ring|phone|call|text|write|contact|discuss)\b|\bunsafe to (?:ring|call|phone)\b|"
    r"\b(?:reads|checks) (?:her|his|my) (?:phone|texts|post)\b",
    "do unsafe reads checks",
)
_NO_INTERNET = Cue(
    r"\b(?:no internet|no wifi|no broadband|not online|doesnt do computers|no computer|no smartphone)\b",
    "internet wifi broadband online computers computer smartphone",
)
_NO_SCREENS = Cue(
    r"\b(?:online|computers?|zoom|video calls?|screens?|internet|websites?|apps?)\b",
    "online computer computers zoom video screen screens internet website websites app apps",
)
"""Among the things to avoid, these rule out what is only online ..."""
_NO_CALLS = Cue(r"\b(?:phone|telephone|phone calls?|phoning|calls)\b", "phone telephone phoning calls")
"""... and these what is only by phone."""
_NO_MIXED = Cue(
    r"\bmixed (?:sex|gender|groups?|classes|company|sessions?|swimming|swims?|gyms?)\b|"
    r"\b(?:wants?|wanted|prefers?|needs?|would like|only)(?: \w+){0,3} (?:women|ladies|female|men|male)s? only\b",
    "mixed only",
)
"""Among the things to avoid, or in a note: they would be with people of their own sex."""
_MALE = Cue(
    r"\b(?:he|his|him|himself|husband to|gentleman|chap|lad|bloke|widower)\b",
    "he his him himself husband gentleman chap lad bloke widower",
)
_FEMALE = Cue(
    r"\b(?:she|her|herself|lady|lass|widow|mum of|g\dp\d)\b",
    f"she her herself lady lass widow mum {_GRAVIDA}",
)
_SURELY_FEMALE = Cue(
    r"(?<!wife )(?<!partner )(?<!daughter )(?<!sister )(?<!mum )(?<!girlfriend )\b(?:peri ?meno\w*|menopaus\w*|hrt|"
    r"pregnan\w+|g\dp\d|breast ?feed\w*|postnatal|smear|endometriosis|pcos|hysterectomy|other women|us women)\b",
    f"peri* menopaus* hrt pregnan* breast* postnatal smear endometriosis pcos hysterectomy women {_GRAVIDA}",
)
_SURELY_MALE = Cue(
    r"\b(?:prostate|vasectomy|erectile|testicular|other (?:men|blokes|lads|dads))\b",
    "prostate vasectomy erectile testicular other",
)
_NOT_A_TENANT = Cue(
    r"\b(?:private(?:ly)? (?:let|rent\w*|landlord|tenant)|owner occup\w+|home ?owner|"
    r"rents? (?:\w+ )?privately|own home|own house|mortgage|letting agents?|section 21|no fault|"
    r"landlord(?:s| is| has| wants)? (?:selling|sold|sell|to sell|moving back|moving in|(?:it|the \w+|place) back))\b",
    "private privately owner homeowner own mortgage letting section fault landlord landlords",
)
"""Said of people who do not rent from a council or a housing association."""
_THEY = Cue(r"\bthey them\b", "them")
_CUES = Cues(
    *(_AGE_NEAR, _BABY, _TODDLER, _CHILDREN, _HOUSEBOUND, _STEP_FREE, _NO_CONTACT, _NO_INTERNET, _MALE, _FEMALE),
    *(_SURELY_FEMALE, _SURELY_MALE, _NOT_A_TENANT, _THEY, _NO_SCREENS, _NO_CALLS, _NO_MIXED),
)
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
        own_sex_only: they would rather not be in a mixed group.
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
    own_sex_only: bool
    social_tenant: bool | None
    already_tried: frozenset[str]


class _Text(NamedTuple):
    """A note, or the access needs of the form, and the cues that may be in it."""

    words: str
    cues: frozenset[Cue]

    def holds(self, cue: Cue) -> bool:
        return cue in self.cues and cue.pattern.search(self.words) is not None

    def count(self, cue: Cue) -> int:
        return len(cue.pattern.findall(self.words)) if cue in self.cues else 0


_NOTHING = _Text("", frozenset())


def _text(words: str) -> _Text:
    if not words:
        return _NOTHING
    plain = normalise(words)
    return _Text(plain, _CUES.among(words_of(plain)))


def read_person(consultation: Consultation, place: Point | None, noted_week: WeekGrid | None, as_of: date) -> Person:
    """The person of a consultation; what the form leaves open is read from the note where it is plain."""
    note, access = _text(consultation.note), _text(" ; ".join(consultation.access_needs))
    avoided = _text(" ; ".join(consultation.avoid))
    housebound = access.holds(_HOUSEBOUND) or note.holds(_HOUSEBOUND)
    stated = week_of(consultation.availability)
    ages = _ages(consultation, note)
    return Person(
        as_of=as_of,
        ages=ages,
        has_child=_has_child(consultation, note, ages),
        gender=_gender(consultation.gender, note),
        place=place,
        max_distance_km=consultation.max_distance_km if consultation.max_distance_km != 0 or not housebound else None,
        max_cost=consultation.max_cost,
        modes=consultation.modes or _modes(note, avoided, housebound),
        week=stated if stated is not None else noted_week,
        week_is_stated=stated is not None,
        needs_step_free=access.holds(_STEP_FREE) or note.holds(_STEP_FREE),
        housebound=housebound,
        contact_unsafe=note.holds(_NO_CONTACT),
        own_sex_only=avoided.holds(_NO_MIXED) or note.holds(_NO_MIXED),
        social_tenant=False if note.holds(_NOT_A_TENANT) else None,
        already_tried=frozenset(consultation.already_tried),
    )


def _modes(note: _Text, avoided: _Text, housebound: bool) -> tuple[str, ...]:
    """The ways of meeting that the note and what is to be avoided leave; none named where nothing rules one out."""
    ruled_out = {"in_person"} if housebound else set()
    if note.holds(_NO_INTERNET) or avoided.holds(_NO_SCREENS):
        ruled_out.add("online")
    if avoided.holds(_NO_CALLS):
        ruled_out.add("phone")
    return tuple(mode for mode in MODES if mode not in ruled_out) if ruled_out else ()


def _ages(consultation: Consultation, note: _Text) -> tuple[float, ...]:
    """The person's age first, then those of the children and others that a need may be for."""
    if consultation.age is None:
        return ()
    others = [other.age for other in consultation.others if other.age is not None]
    if not others and _AGE_NEAR in note.cues:
        others += _ages_said(note.words)
    if not consultation.others:
        others += [BABY_AGE] if note.holds(_BABY) else []
        others += [TODDLER_AGE] if note.holds(_TODDLER) else []
    meant = (age for age in others if age < ADULT + 2 or consultation.others)
    return tuple(dict.fromkeys([consultation.age, *meant]))


def _ages_said(note: str) -> Iterator[float]:
    for match in _AGE_NEAR.pattern.finditer(note):
        yield float(match[1] or match[2])
        if pair := _MORE_AGES.match(note, match.start(1) if match[1] else match.start(2)):
            yield float(pair[2])


def _has_child(consultation: Consultation, note: _Text, ages: tuple[float, ...]) -> bool:
    if any(other.age is not None and other.age < ADULT for other in consultation.others):
        return True
    return len(ages) > 1 or any(map(note.holds, (_BABY, _TODDLER, _CHILDREN)))


def _gender(stated: str | None, note: _Text) -> str | None:
    if stated:
        word = stated.strip().casefold()
        return "man" if word in _MAN else "woman" if word in _WOMAN else word
    if note.holds(_THEY):
        return None
    he = note.count(_MALE) + 2 * note.count(_SURELY_MALE)
    she = note.count(_FEMALE) + 2 * note.count(_SURELY_FEMALE)
    if max(he, she) >= 2 and min(he, she) == 0:
        return "man" if he > she else "woman"
    return None
