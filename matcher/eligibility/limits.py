"""What every service asks of the people who come, read once from structure and free text.

Three-valued throughout: NaN, 0 or "unknown" means that the directory does not say, and never excludes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.catalogue.columns import CLOSED, Catalogue
from matcher.eligibility.ages import NOT_SAID, ages_in_words, read_ages
from matcher.processes import EVERY_CORE, Spread, in_order
from matcher.text import normalise

ANYONE, WOMEN, MEN = 0, 1, 2
TENANTS = 1
"""The restriction to a social landlord's tenants, the first of ``restriction_codes``."""
PRIVATE = 7
"""For private use only, the last of ``restriction_codes``: nobody can be sent there."""

_DIGIT = re.compile(r"\d")
_OPENING_RANGE = re.compile(
    r"\b(?:for|aged|ages) (?:people |adults |those )?(?:aged )?(\d{1,2}) ?(?:to|"
    r"\s) ?(\d{1,2})s?\b(?! ?(?:weeks?|months?|week|sessions?))"
)
_OPENING_OVER = re.compile(
    r"\b(?:for|the|if youre|aged) (?:people |adults |those )?over (\d{2})s?\b(?! (?:years?(?! old| of age)|yrs|weeks|"
    r"months|hours|minutes|miles|people|members|families|volunteers|groups|different|local)\b|%|[,.]\d)"
    r"|\baged (\d{2})(?: years)? ?(?:\+|(?:and|or) (?:over|above|older)\b)"
)
_ON_THE_SIDE = re.compile(r"\b(?:also|majority|mostly|mainly|some|including)\b")
_WOMEN = re.compile(r"\b(?:women|ladies|mums|mothers|girls|sisters|females?)\b")
_WOMEN_ONLY = re.compile(
    r"\b(?:women only|ladies only|women and girls|for women|womens (?:group|circle|only|centre)|"
    r"(?:ladies|womens) (?:\w+ ){0,2}(?:club|team|section|fc)|womens institute|sisters only|female only|all female)\b"
)
_MEN = re.compile(r"\b(?:men|males?|dads|fathers|lads|blokes|chaps|gents|gentlemen|boys)\b")
_MEN_ONLY = re.compile(
    r"\b(?:men only|for men|mens (?:group|shed|breakfast|club|only)|male only|for dads|for blokes)\b"
)
_ONE_SEX_WORDS = "men male ladies mums mothers girls sisters dads fathers lads blokes chaps gents boys"
_OF_ONE_SEX = tuple(_ONE_SEX_WORDS.split())
"""One of them is in all that the four patterns above match."""
_INCLUSIVE = re.compile(
    r"\b(?:and men|men and|families|partners|anyone|everyone|all welcome|mixed|parents|women and men|"
    r"men and women|non binary|all genders|brothers|siblings|male and female)\b"
)
_NO_AREA = (
    r"(?!(?:the uk|england|poverty|pain|fear|crisis|debt|recovery|work|hospital|care|temporary|rural|their|his|her|"
    r"need|receipt|fuel|contact|an?|supported|sheltered|residential|nursing|prison|education|employment|distress|financial|"
    r"insecure|poor|unsuitable|social|isolation|hardship|emergency|refuges?|hostels?|any|all|later|mental|full|part|"
    r"treatment|danger|difficulty|transition|custody|private|rented|homes?)\b)"
)
"""After "people in": states and places to live that are no area."""
_STEP_FREE = re.compile(r"step free|wheelchair|level access|ramp|ground floor|\blift\b")
_HAS_STEPS = re.compile(r"\b(?:not wheelchair|no wheelchair|no lift|not accessible|steps only|stairs only|upstairs)\b")
_RESTRICTIONS = {
    "tenants": re.compile(
        r"^(?!.*\b(?:home ?owners?|owner occupiers?|all tenures|private(?:ly)? (?:tenants|rented|renting))\b).*"
        r"\b(?:tenants|tenants? of|leaseholders|residents of (?:the |our )?(?:schemes?|estate|block)|"
        r"(?:homes|housing association|scheme) residents|rent(?:ing)? from us|customers of \w+ (?:homes|housing))\b"
    ),
    "patients": re.compile(
        r"\b(?:patients of|registered (?:with|at)|practice patients|patients at|pcn practices|"
        r"gp practices|in patients|inpatients|patients only|with an? \w+ gp|(?:have|has|with) a gp in)\b"
    ),
    "secondary_care": re.compile(
        r"\b(?:secondary (?:mental health|care)|under (?:the )?(?:cmht|community mental health)|"
        r"care coordinator|cmht|open to (?:the )?community mental health)\b"
    ),
    "area": re.compile(
        rf"\b(?:(?:households|living|people|live|lives|residents?|live (?:or|and) work) in {_NO_AREA}|residents of|"
        rf"postcodes?|residents only|(?:parish|ward|borough|local|village) residents|live locally|parish of|"
        rf"within the (?!(?:last|past|next|first)\b))"
    ),
    "members": re.compile(
        r"\b(?:members only|open to members|membership required|registered membership|employees|staff only|nhs staff|"
        r"staff of|students at|students of|university students|pupils)\b"
    ),
    "clubs": re.compile(r"\bsports club (?:/ )?(?:community association)?\b|\bclubs and community associations\b"),
    "private": re.compile(
        r"\baccess:? private\b|^private use(?: only)?$|\bprivate use only\b|\bno public (?:access|use)\b|"
        r"\bnot open to the public\b"
    ),
}


@dataclass(frozen=True, eq=False)
class ServiceLimits:
    """Limits that services set, one entry a row.

    Attributes:
        closed: the status or the schedules say that it does not run.
        min_age, max_age: years; NaN = open or not said.
        sex: ``ANYONE``, ``WOMEN`` or ``MEN``.
        restriction: the index in ``restriction_codes`` + 1 of a further condition, 0 for none.
        full: no places and no waiting list.
        step_free, has_steps: the entry says that it is step-free, or that it is not.
        kind: services that set the same limits on everything but place and times have the same number.
    """

    closed: NDArray[np.bool_]
    min_age: NDArray[np.float64]
    max_age: NDArray[np.float64]
    sex: NDArray[np.int8]
    restriction: NDArray[np.int8]
    full: NDArray[np.bool_]
    step_free: NDArray[np.bool_]
    has_steps: NDArray[np.bool_]
    kind: NDArray[np.int32]

    restriction_codes: tuple[str, ...] = tuple(_RESTRICTIONS)


def read_limits(catalogue: Catalogue, spread: Spread = EVERY_CORE) -> ServiceLimits:
    """Read the limits of every service of a catalogue. ``spread``: how many processes read, and how many services."""
    parts = list(in_order(partial(_read, catalogue), spread.spans(len(catalogue)), spread))
    limits: dict[str, Any] = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    known = ~np.isnan(catalogue.min_age) | ~np.isnan(catalogue.max_age)
    for name, given in (("min_age", catalogue.min_age), ("max_age", catalogue.max_age)):
        limits[name] = np.where(known, given, limits[name])
    also = (catalogue.ends_day, catalogue.mode_bits, catalogue.cost, catalogue.duplicate_of >= 0)
    return ServiceLimits(**limits, kind=_kinds([*limits.values(), *also]))


def _read(catalogue: Catalogue, span: tuple[int, int]) -> dict[str, NDArray[Any]]:
    """The limits that some services state, by the names of :class:`ServiceLimits`."""
    names = [normalise(text) for text in catalogue.texts("name", span)]
    eligibility = [normalise(text) for text in catalogue.texts("eligibility", span)]
    openings = [normalise(text[:220]) for text in catalogue.texts("description", span)]
    access = [normalise(" ; ".join(texts)) for texts in catalogue.text_lists("accessibility", span)]
    low, high = np.array([_ages(*texts) for texts in zip(eligibility, names, openings, strict=True)]).reshape(-1, 2).T
    return {
        "closed": np.array([status in CLOSED for status in catalogue.texts("status", span)], dtype=bool),
        "min_age": low,
        "max_age": high,
        "sex": np.array([_sex(n, e, o) for n, e, o in zip(names, eligibility, openings, strict=True)], dtype=np.int8),
        "restriction": np.array([_restriction(e) for e in eligibility], dtype=np.int8),
        "full": np.array([capacity == "full" for capacity in catalogue.texts("capacity", span)], dtype=bool),
        "step_free": np.array([_STEP_FREE.search(a) is not None for a in access], dtype=bool),
        "has_steps": np.array([_HAS_STEPS.search(a) is not None for a in access], dtype=bool),
    }


def _kinds(columns: Iterable[NDArray[Any]]) -> NDArray[np.int32]:
    """A number for each row, the same where all columns have the same values."""
    numbers: NDArray[Any] = np.zeros(1, dtype=np.int64)
    for column in columns:
        _, values = np.unique(column, return_inverse=True)
        _, numbers = np.unique(numbers * (values.max(initial=0) + 1) + values, return_inverse=True)
    return numbers.astype(np.int32)


def _ages(eligibility: str, name: str, opening: str) -> tuple[float, float]:
    """The age range a text states; NaN where it states none. The opening counts only in its plain forms."""
    for read, text in ((read_ages, eligibility), (ages_in_words, eligibility), (read_ages, name)):
        low, high = read(text) if text else NOT_SAID
        if not (np.isnan(low) and np.isnan(high)):
            return low, high
    if not _DIGIT.search(opening):
        return np.nan, np.nan
    match = _OPENING_RANGE.search(opening)
    if match and int(match[1]) < int(match[2]) and int(match[2]) >= 5:
        return float(match[1]), float(match[2])
    match = _OPENING_OVER.search(opening)
    if match and not _ON_THE_SIDE.search(opening[: match.start()]):
        return float(match[1] or match[2]), np.nan
    return np.nan, np.nan


def _sex(name: str, eligibility: str, opening: str) -> int:
    """For whom by sex: the eligibility text decides, else a plain statement in name or opening."""
    for text, women, men in ((eligibility, _WOMEN, _MEN), (f"{name} ; {opening}", _WOMEN_ONLY, _MEN_ONLY)):
        if not any(word in text for word in _OF_ONE_SEX):
            continue
        for_women, for_men = bool(women.search(text)), bool(men.search(text))
        if for_women != for_men and not (text is eligibility and _INCLUSIVE.search(text) and "trans" not in text):
            return WOMEN if for_women else MEN
    return ANYONE


def _restriction(eligibility: str) -> int:
    if not eligibility:
        return 0
    for place, pattern in enumerate(_RESTRICTIONS.values(), start=1):
        if pattern.search(eligibility):
            return place
    return 0


def restriction_sentence(limits: ServiceLimits, row: int) -> str:
    """What to check about the further condition of a service."""
    sentences: Sequence[str] = (
        "",
        "only for tenants of a landlord: check whose tenant the person is",
        "only for patients of certain practices: check which practice they are with",
        "only for people under secondary mental health care: check who looks after them",
        "only for people who live in a certain area: check the address",
        "only for members, students or staff: check whether they are one",
        "used through clubs and community groups: ask which club the person could join",
        "the directory says it is for private use",
    )
    return sentences[int(limits.restriction[row])]
