"""Turns what feeds hold into plain text, numbers, times and dates; what cannot be read becomes ``None``."""

from __future__ import annotations

import html
import math
import re
from datetime import date, datetime
from functools import lru_cache

import ftfy
from dateutil import parser as date_parser
from selectolax.lexbor import LexborHTMLParser

from matcher.domain import MODES

LONGEST_TEXT = 20_000
LARGEST_NUMBER = 1e12
KEPT = 1 << 12
"""Directories repeat themselves: so many times, dates, days and ways of attending are kept as read, of each kind."""
_TAG = re.compile(r"</?[a-zA-Z][a-zA-Z0-9-]*(?:[\s/][^<>]*)?>|<!--|<!\[CDATA\[")
_NOT_A_TAG = re.compile(r"<(?!/?[a-zA-Z][a-zA-Z0-9-]*(?:[\s/][^<>]*)?>|!--|!\[CDATA\[)")
_UNSEEN = ["script", "style", "template", "noscript"]
_SPACES = re.compile(r"[^\S\n]+")
_LINES = re.compile(r"\s*\n\s*")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x7f\xad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_BLOCK_END = re.compile(r"</(?:p|div|li|h[1-6]|tr|td|th|dt|dd|ul|ol)>|<br\s*/?>|<li[^>]*>", re.IGNORECASE)
_MONEY = re.compile(
    r"(?:£|\bGBP)\s?(\d{1,3}(?:,\d{3})+|\d{1,6})(\.\d{1,2})?|\b(\d{1,3})p\b|\b(\d{1,4})(?= pounds?\b)", re.IGNORECASE
)
_FREE = re.compile(
    r"\b(free|no charge|no cost|no fee|nothing to pay|costs nothing|donations?|voluntary contributions?|foc|"
    r"fully funded|nhs funded|pay (?:what|as|as much as) you (?:can|feel|like|want|wish)(?: afford)?|£0)\b",
    re.IGNORECASE,
)
_FREE_BUT_NOT_IT = re.compile(
    r"\b(?:not|never|isn't|sugar|gluten|dairy|step|smoke|drug|alcohol|barrier)[ -]free\b"
    r"|\bfree (?:car )?(?:parking|wi-?fi|refreshments?|tea|coffee|tea and coffee)\b"
    r"|\bfirst (?:\w+ )?(?:is )?free\b|\bfree (?:taster|first|trial)\b",
    re.IGNORECASE,
)
_FREE_FOR_SOME = re.compile(
    r"\bfree (?:for|if|on|to|with|when|places?)\b|\bor free\b|pay (?:what|as much as) you|\bbursar|\bwaived\b"
    r"|nobody (?:is )?turned away|can't pay|cannot pay",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"(?:\d{4}-\d\d-\d\d[T ])?(\d{1,2})(?:[:.]?(\d{2}))?(?::\d{2}(?:\.\d+)?)?\s*([ap]\.?m\.?)?\s*(?:Z|[+-]\d\d:?\d\d)?",
    re.IGNORECASE | re.ASCII,
)
_LONGER_THAN_A_SESSION = re.compile(
    r"[\s.,;(]*(?:a|per|/|each|every)?\s*(?:year|annum|annual|pa\b|p\.a|month|pcm|term|quarter|life|deposit)"
)
_COURSE = re.compile(r"\s*for (?:an? |the |all )?([1-9]\d?)[ -](?:week|session|class|lesson)")
_DAY = (
    r"(?<![A-Za-z])(MO|TU|WE|TH|FR|SA|SU|(?i:mon|tue|wed|thu|fri|sat|sun)(?i:sday|nesday|rsday|urday|day|rs|r|s)?(?i:s)?)"
    r"(?![A-Za-z])"
)
_DAYS = re.compile(rf"{_DAY}(?:\s*(?:-|–|—|\bto\b|\buntil\b)\s*{_DAY})?")
_DAY_CODES = ("mo", "tu", "we", "th", "fr", "sa", "su")
_DAY_WORDS = {
    re.compile(r"\b(?:every ?day|daily|7 days|all week)\b", re.IGNORECASE): range(7),
    re.compile(r"\bweek ?days\b", re.IGNORECASE): range(5),
    re.compile(r"\bweek ?ends?\b", re.IGNORECASE): range(5, 7),
}
_AGE = re.compile(
    r"(\d{1,3}) ?(?:\+|plus|years?(?: olds?| of age)?|yrs?)?(?: ?(?:and|or) (?:over|above|under|older))?",
    re.IGNORECASE | re.ASCII,
)
_NUMBER = re.compile(r"[-+]?\d{1,12}(?:\.\d{1,30})?", re.ASCII)
_BEGINS_WITH_A_YEAR = re.compile(r"\d{4}", re.ASCII)
_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d.*)?", re.ASCII)
_CLEAN = re.compile(r"(?:[!-%'-;=-~]+(?: [!-%'-;=-~]+)*)?", re.ASCII)
"""Words of printable ASCII without markup, one space between: what most cells are, and nothing there to mend."""
_UK_DATE = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", re.ASCII)

MODE_WORDS = {
    "in_person": (
        "in person",
        "in-person",
        "in_person",
        "face to face",
        "face-to-face",
        "venue",
        "on site",
        "physical",
    ),
    "online": ("online", "remote", "video", "virtual", "zoom", "web", "teams", "digital"),
    "phone": ("phone", "telephone", "helpline", "call"),
    "home_visit": ("home visit", "home-visit", "home_visit", "your home", "own home", "at home", "outreach"),
}

_MODE = {mode: re.compile(rf"\b(?:{'|'.join(words)})") for mode, words in MODE_WORDS.items()}


def clean_text(value: object) -> str:
    """Plain text of a cell: mojibake mended, HTML stripped without gluing words, control characters gone."""
    if value is None:
        return ""
    if isinstance(value, str):
        text = value[:LONGEST_TEXT]
    elif isinstance(value, bool) or not isinstance(value, (int, float)) or not _is_finite(value):
        return ""
    else:
        text = str(value)
    if _CLEAN.fullmatch(text):
        return text
    if not text.isascii():
        text = ftfy.fix_text(text)
    if "&" in text:
        text = html.unescape(html.unescape(text))  # feeds escape twice: "AT&amp;amp;T"
    if _TAG.search(text):
        text = _text_of_html(text)
    text = _CONTROL.sub("", text.replace("\r", "\n"))
    return _LINES.sub("\n", _SPACES.sub(" ", text)).strip()


def _is_finite(value: float) -> bool:
    return not isinstance(value, float) or math.isfinite(value)


def clean_line(value: object) -> str:
    """Plain text on one line: for names and ids."""
    if value is None or (isinstance(value, str) and len(value) < LONGEST_TEXT and _CLEAN.fullmatch(value)):
        return value or ""
    return " ".join(clean_text(value).split())


def _text_of_html(text: str) -> str:
    """What a browser would show, a new line for each block; "<3" and "<jo@example.org>" are no tags."""
    tree = LexborHTMLParser(_BLOCK_END.sub(r"\n\g<0>", _NOT_A_TAG.sub("&lt;", text)))
    tree.strip_tags(_UNSEEN)
    return tree.text(separator=" ", skip_empty=False) or ""


def clean_number(value: object) -> float | None:
    """A finite number, from a number or a plain ASCII text of one."""
    if isinstance(value, bool) or value is None:
        return None
    if not isinstance(value, (int, float)):
        text = str(value).strip()
        if not _NUMBER.fullmatch(text):
            return None
        value = float(text)
    return float(value) if abs(value) < LARGEST_NUMBER else None


def clean_age(value: object) -> float | None:
    """An age in years, from a number or a text such as "18+", "55 and over" or "16 years"; months are not read."""
    number = clean_number(value)
    if number is None and (match := _AGE.fullmatch(clean_line(value))):
        return float(match[1])
    return number


def clean_minutes(value: object) -> int | None:
    """Minutes after midnight of "10:00", "10:00:00", "7pm" or "19.30"; ``None`` for 25:00 and the like."""
    return None if value is None else _minutes_of(str(value).strip())


@lru_cache(KEPT)
def _minutes_of(text: str) -> int | None:
    match = _TIME.fullmatch(text)
    if not match:
        return None
    hour, minute, half = int(match[1]), int(match[2] or 0), (match[3] or "").lower()
    if half:
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    return hour * 60 + minute if hour < 24 and minute < 60 else 24 * 60 if (hour, minute) == (24, 0) else None


def clean_date(value: object) -> date | None:
    """A calendar day of an ISO date, a date-time, a year and month, or a British date (31/12/2026)."""
    return _date_of(str(value).strip()[:40]) if value else None


@lru_cache(KEPT)
def _date_of(text: str) -> date | None:
    if british := _UK_DATE.fullmatch(text):
        text = f"{british[3]}-{british[2]:0>2}-{british[1]:0>2}"
    if not _BEGINS_WITH_A_YEAR.match(text):
        return None
    try:
        if _ISO_DAY.fullmatch(text):
            return date.fromisoformat(text[:10])
        read: datetime = date_parser.parse(text, default=datetime(2000, 1, 1), ignoretz=True)  # noqa: DTZ001  only the day
    except (ValueError, OverflowError):
        return None
    return read.date()


def clean_days(value: object) -> list[int]:
    """The weekdays (0 = Monday) of "MO,TH", "2MO", "Mon-Fri", "Mondays and Thursdays", "weekdays" or a list of such."""
    return list(_days_of(" ".join(map(str, value)) if isinstance(value, list) else str(value or "")))


@lru_cache(KEPT)
def _days_of(text: str) -> tuple[int, ...]:
    days = {day for pattern, named in _DAY_WORDS.items() if pattern.search(text) for day in named}
    for match in _DAYS.finditer(text):
        first = _DAY_CODES.index(match[1][:2].lower())
        last = _DAY_CODES.index(match[2][:2].lower()) if match[2] else first
        days |= {(first + step) % 7 for step in range((last - first) % 7 + 1)}
    return tuple(sorted(days))


def clean_modes(value: object) -> tuple[str, ...]:
    """Ways of attending named in a text, in the order of :data:`matcher.domain.MODES`."""
    return _modes_of(" ".join(map(str, value)) if isinstance(value, list) else str(value or ""))


@lru_cache(KEPT)
def _modes_of(text: str) -> tuple[str, ...]:
    text = text.casefold()
    return tuple(mode for mode in MODES if _MODE[mode].search(text))


def free_for_some(fees: str) -> bool:
    """Whether a fees text says that some people pay nothing ("£18 an hour, free on Pension Credit")."""
    return bool(_FREE_FOR_SOME.search(fees))


def lowest_price(fees: str) -> float | None:
    """The lowest price in a fees text, GBP a session; 0 when it says free; ``None`` when it does not say.

    A yearly or weekly membership is not a session's price and does not count; a concession does, since the person may
    qualify for it. A price for a course of so many weeks is shared out over them.
    """
    if _FREE.search(_FREE_BUT_NOT_IT.sub(" ", fees)):
        return 0.0
    prices = []
    for match in _MONEY.finditer(fees):
        after = fees[match.end() : match.end() + 24].casefold()
        if not _LONGER_THAN_A_SESSION.match(after):
            course = _COURSE.match(after)
            prices.append(_pounds(match) / (int(course[1]) if course else 1))
    return min(prices) if prices else None


def _pounds(match: re.Match[str]) -> float:
    whole, fraction, pence, words = match.groups()
    return int(pence) / 100 if pence else float((whole or words).replace(",", "") + (fraction or ""))
