"""Turns what feeds hold into plain text, numbers, times and dates; what cannot be read becomes ``None``."""

from __future__ import annotations

import html
import re
from datetime import date, datetime

import ftfy
from dateutil import parser as date_parser
from selectolax.lexbor import LexborHTMLParser

from matcher.domain import MODES

LONGEST_TEXT = 20_000
_TAG = re.compile(r"<[a-zA-Z/!][^>]*>")
_SPACES = re.compile(r"[^\S\n]+")
_LINES = re.compile(r"\s*\n\s*")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_BLOCK_END = re.compile(r"</(?:p|div|li|h[1-6]|tr|ul|ol)>|<br\s*/?>|<li[^>]*>", re.IGNORECASE)
_MONEY = re.compile(r"£\s?(\d{1,4}(?:\.\d{1,2})?)|\b(\d{1,3})p\b")
_FREE = re.compile(r"\b(free|no charge|no cost|nothing to pay|donations?|free of charge|£0)\b", re.IGNORECASE)
_TIME = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?(?::\d{2})?\s*(am|pm)?", re.IGNORECASE)

MODE_WORDS = {
    "in_person": ("in person", "in-person", "face to face", "face-to-face", "venue", "on site", "physical", "in_person"),
    "online": ("online", "remote", "video", "virtual", "zoom", "web", "teams", "digital"),
    "phone": ("phone", "telephone", "helpline", "call"),
    "home_visit": ("home visit", "home-visit", "home_visit", "your home", "own home", "at home", "outreach"),
}


def clean_text(value: object) -> str:
    """Plain text of a cell: mojibake mended, HTML stripped without gluing words, control characters gone."""
    if value is None or isinstance(value, (dict, list, bool)):
        return ""
    text = str(value)[:LONGEST_TEXT]
    if not text.isascii():
        text = ftfy.fix_text(text)
    if "&" in text:
        text = html.unescape(text)
    if _TAG.search(text):
        text = LexborHTMLParser(_BLOCK_END.sub(r"\n\g<0>", text)).text(separator=" ", skip_empty=False) or ""
    text = _CONTROL.sub("", text.replace("\r", "\n"))
    return _LINES.sub("\n", _SPACES.sub(" ", text)).strip()


def clean_number(value: object) -> float | None:
    """A finite number, from a number or a plain ASCII text of one."""
    if isinstance(value, bool) or value is None:
        return None
    text = str(value).strip()
    if not re.fullmatch(r"[-+]?\d{1,12}(?:\.\d{1,12})?", text, re.ASCII):
        return None
    return float(text)


def clean_minutes(value: object) -> int | None:
    """Minutes after midnight of "10:00", "10:00:00", "7pm" or "19.30"; ``None`` for 25:00 and the like."""
    match = _TIME.match(str(value).strip()) if value is not None else None
    if not match:
        return None
    hour, minute, half = int(match[1]), int(match[2] or 0), (match[3] or "").lower()
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    return hour * 60 + minute if hour < 24 and minute < 60 else 24 * 60 if (hour, minute) == (24, 0) else None


def clean_date(value: object) -> date | None:
    """A calendar day of an ISO date, a date-time or a year and month."""
    text = str(value or "").strip()
    if not re.match(r"\d{4}", text):
        return None
    try:
        return date_parser.parse(text[:40], default=datetime(2000, 1, 1)).date()  # noqa: DTZ001  only the day is kept
    except (ValueError, OverflowError):
        return None


def clean_modes(value: object) -> tuple[str, ...]:
    """Ways of attending named in a text, in the order of :data:`matcher.domain.MODES`."""
    text = " ".join(map(str, value)) if isinstance(value, list) else str(value or "")
    text = text.casefold()
    return tuple(mode for mode in MODES if any(word in text for word in MODE_WORDS[mode]))


def lowest_price(fees: str) -> float | None:
    """The lowest price in a fees text, GBP a session; 0 when it says free; ``None`` when it does not say.

    A yearly or weekly membership is not a session's price and does not count; a concession does, since the person may
    qualify for it.
    """
    if _FREE.search(fees):
        return 0.0
    prices = []
    for match in _MONEY.finditer(fees):
        after = fees[match.end() : match.end() + 24].casefold()
        if not re.match(r"[\s.,;(]*(?:a|per|/|each|every)?\s*(?:year|annum|annual|pa\b|p\.a|month|pcm|term|quarter|life)", after):
            prices.append(float(match[1]) if match[1] else int(match[2]) / 100)
    return min(prices) if prices else None
