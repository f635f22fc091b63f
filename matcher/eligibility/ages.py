"""The ages that a text says a service is for: "over sixties", "16-25", "Years 9 to 11", "pensioners".

Texts are normalised. What is only usual ("mostly over 60s"), one way in among others ("60+ or disabled") or about who
comes with whom ("under 16s with an adult") is no limit.
"""

from __future__ import annotations

import re
from math import nan

Ages = tuple[float, float]
"""Youngest and oldest, in years; NaN where open or not said."""
NOT_SAID: Ages = (nan, nan)

_SPELLED = {
    **{"five": 5, "eight": 8, "ten": 10, "eleven": 11, "twelve": 12, "sixteen": 16, "eighteen": 18, "twenty one": 21},
    **{"fifty five": 55, "fifty": 50, "sixty five": 65, "sixty": 60, "seventy": 70, "eighty": 80, "fives": 5},
    **{"eights": 8, "fifties": 50, "sixties": 60, "seventies": 70, "eighties": 80, "eighteens": 18, "sixteens": 16},
}
_IN_LETTERS = re.compile(rf"\b(?:{'|'.join(sorted(_SPELLED, key=len, reverse=True))})\b")
_NUMBER = re.compile(rf"\d|{_IN_LETTERS.pattern}")
_NO_AGE = (
    r"(?! ?(?:hours?|hrs?|minutes?|mins?|miles?|km|days?|weeks?|wks?|months?|people|members|participants|places|"
    r"sessions?|classes|families|groups?|volunteers|staff|units|pounds|per cent|different|local|other|experience|"
    r"years? (?!olds?|of age|and|or))\b|%|[:,.]\d)"
)
_UNIT = r"(?: ?s| ?yrs?| ?years?(?: olds?| of age)?)?"
_RANGE = re.compile(
    rf"(?<!bmi )(?<!type )(?<!stage )(?<!groups of )(?<!£)\b(?:aged? |ages |between )?"
    rf"(\d{{1,2}}){_UNIT} ?(?:to|and| ) ?(\d{{1,2}}){_UNIT}\b{_NO_AGE}"
)
_OVER = re.compile(
    r"(?<!bmi )(?<!up to )(?<!under )(?<!under the )\b(?:over|above|aged|age|at least|minimum age|from age)"
    rf"(?: the)?(?: age)?(?: of)? (\d{{2}}){_UNIT}\b(?! ?(?:to|and|) ?\d| ?(?:and|or) (?:under|below|younger)){_NO_AGE}"
    rf"|(?<!bmi )\b(\d{{2}}){_UNIT} ?(?:\+|plus\b|upwards|(?:and|or) (?:over|above|older|up\b|more))"
    r"|\bfrom (\d{2}) years\b"
)
_UNDER = re.compile(
    r"\b(?:under|below|up to|no older than|maximum age)(?: the)?(?: age)?(?: of)? "
    rf"(\d{{1,2}}){_UNIT}\b{_NO_AGE}|\b(\d{{1,2}}){_UNIT} (?:and|or) (?:under|below|younger)\b"
)
_ACCOMPANIED = re.compile(
    r"\b(?:children |anyone |those )?under(?: the age of)? \d{1,2}s? (?:\w+ ){0,4}?(?:with|accompanied)\b"
)
_SCHOOL_YEARS = re.compile(
    r"(?<!to )\b(?:school )?years? (1?\d)(?: ?(?:to|and| ) ?(?:year )?(1?\d))?\b(?! ?(?:\d|weeks|months|old))"
)
_USUAL = re.compile(r"\b(?:mainly|mostly|most (?:are|of)|primarily|typically|usually|all ages|any age)\b")
_OR_ELSE = re.compile(
    r"\bor (?:with|have|has|is|are|disab\w+|living|who|if|anyone|people|those|a |an |carers?|"
    r"vulnerable|housebound|isolated)"
)
_OTHERS_TOO = re.compile(
    r"\b(?:any(?:one|body)|every(?:one|body)|all|famil\w+|parents?|carers?|grandparents|professionals|mums|dads)\b"
)
_IN_WORDS = (
    (re.compile(r"\bsixth form\w*|\bschool leavers\b"), (16.0, 24.0)),
    (re.compile(r"\bprimary (?:school )?(?:aged?|children|pupils)\b"), (4.0, 11.0)),
    (re.compile(r"\bsecondary (?:school )?(?:aged?|children|pupils)\b"), (11.0, 18.0)),
    (re.compile(r"\bpre ?school(?:ers| children| aged?)\b|\bnursery aged?\b|\btoddlers\b"), (nan, 5.0)),
    (re.compile(r"\bteen(?:ager)?s\b"), (11.0, 19.0)),
    (re.compile(r"^(?!.*\b(?:child|young|youth|teen|school)).*\badults\b"), (18.0, nan)),
    (re.compile(r"\b(?:pensioners|oaps|senior citizens|pension(?:able)? age)\b"), (60.0, nan)),
)


def read_ages(text: str) -> Ages:
    """The ages that numbers in a normalised text state; of several statements, what they allow between them."""
    plain = " ".join(text.split())
    if not _NUMBER.search(plain) or _USUAL.search(text):
        return NOT_SAID
    plain = _IN_LETTERS.sub(lambda match: str(_SPELLED[match[0]]), plain)
    plain = _ACCOMPANIED.sub(" ", _SCHOOL_YEARS.sub(_ages_of_school_years, plain))
    found = [match.groups() for match in _RANGE.finditer(plain)]
    ranges = [(float(low), float(high)) for low, high in found if int(low) < int(high)]
    overs = [float(next(filter(None, match.groups()))) for match in _OVER.finditer(plain)]
    unders = [float(match[1] or match[2]) for match in _UNDER.finditer(plain)]
    if not (ranges or overs or unders):
        return NOT_SAID
    if not ranges and _OR_ELSE.search(plain):
        return NOT_SAID
    lows = [low for low, _ in ranges] + overs
    highs = [high for _, high in ranges] + unders
    return min(lows, default=nan), nan if ranges and overs else max(highs, default=nan)


def _ages_of_school_years(match: re.Match[str]) -> str:
    first = int(match[1])
    last = int(match[2] or first)
    return f"aged {first + 4} to {last + 5}" if match[2] else f"aged {first + 4}"


def ages_in_words(text: str) -> Ages:
    """The ages that a normalised text about who may come states without a number: "pensioners", "adults only"."""
    if _OTHERS_TOO.search(text):
        return NOT_SAID
    return next((ages for pattern, ages in _IN_WORDS if pattern.search(text)), NOT_SAID)
