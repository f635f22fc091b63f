"""Where a refuge is must never be shown: a perpetrator may be the one who asks.

Applied to every service that enters a catalogue, so that no page, file, snapshot or distance can give the place away.
"""

from __future__ import annotations

import re
from dataclasses import replace

from matcher.domain import Service
from matcher.text import normalise

WITHHELD = "(address withheld)"

_REFUGE = re.compile(r"\b(?:refuges?|safe ?houses?|safe accommodation)\b")
_ABUSE = re.compile(
    r"\b(?:domestic|abuse|abused|abusive|violence|violent|idvas?|isvas?|womens aid|honour based|forced marriage|"
    r"fleeing|flee|trafficking|trafficked|modern slavery|perpetrators?|eggshells)\b"
)
_HOUSED = re.compile(
    r"\b(?:accommodation|housing|housed|shelter|residents|families|supported living|place of safety)\b"
)
_POSTCODE = r"\b[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2}\b"
_STREET = (
    r"\b[0-9]{1,4}[A-Za-z]?,? (?:[A-Z][\w'’]{0,30} ){1,3}"
    r"(?:Street|St|Road|Rd|Lane|Ln|Avenue|Ave|Close|Drive|Way|Place|Court|Crescent|Gardens|Terrace|Square|Grove|Row)\b"
)
_ADDRESS = re.compile(f"{_POSTCODE}|{_STREET}")


def withhold_refuge(service: Service) -> Service:
    """The same service, without its place if it is a refuge for people who flee abuse.

    The place, its name and its postcode go, and so do postcodes and streets in the texts; phones stay.
    """
    if not is_refuge(service):
        return service
    return replace(
        service,
        description=_ADDRESS.sub(WITHHELD, service.description),
        eligibility=_ADDRESS.sub(WITHHELD, service.eligibility),
        referral=_ADDRESS.sub(WITHHELD, service.referral),
        place=None,
        place_name="",
        postcode="",
    )


def is_refuge(service: Service) -> bool:
    """Whether people who flee abuse may be housed there.

    When in doubt, yes: an address too few costs a call, one too many can cost a life. A pub or a nature reserve called
    a refuge is told by a description that speaks neither of abuse nor of housing.
    """
    name = normalise(service.name)
    text = normalise(" ".join((service.description, service.eligibility, *service.categories)))
    if _says_refuge(name):
        return not service.description or bool(_ABUSE.search(f"{name} {text}") or _HOUSED.search(f"{name} {text}"))
    return _says_refuge(text) and bool(_ABUSE.search(f"{name} {text}"))


def _says_refuge(text: str) -> bool:
    return ("refuge" in text or "safe" in text) and _REFUGE.search(text) is not None
