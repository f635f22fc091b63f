"""One service of a feed becomes a :class:`Service`.

A value that cannot be is noted as a finding and read as "the directory does not say".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date

from pydantic import ValidationError

from matcher.catalogue.cleaning import (
    clean_age,
    clean_date,
    clean_line,
    clean_modes,
    clean_number,
    clean_text,
    free_for_some,
    lowest_price,
)
from matcher.catalogue.feed import FeedLocation, FeedService, feed_service, objects_only
from matcher.catalogue.findings import Finding
from matcher.catalogue.schedules import ends_on, sessions_of, times_in_words
from matcher.domain import MODES, Point, Service
from matcher.geography import locate_postcode

OLDEST = 130
OPEN_ENDED_AGE = 99
"""From this maximum age on a service is taken to have none."""
LONGEST_SHOWN = 60
"""Characters of a bad value that a finding repeats."""

_PER_SESSION = re.compile(r"session|visit|class|hour|person|week|time|shop|meal|head|entry|day", re.IGNORECASE)
_LONG_PERIOD = re.compile(r"year|annual|annum|month|term|course|life", re.IGNORECASE)
_WEB_ADDRESS = re.compile(r"https?://[^\s/]+", re.IGNORECASE)
_BARE_ADDRESS = re.compile(r"[\w-]+(\.[\w-]+)+(/|$)")
_NOT_SO = re.compile(r"\b(?:no|not|never|without)(?: \w+)? (?:wait\w*(?: list)?|full)\b")
_FULL = re.compile(r"\bfull\b(?!-| time)|closed to")
_EMAIL = re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+\.[^\s@<>\"']+")


def read_service(record: object, findings: list[Finding], where: str, source: str = "") -> Service | None:
    """One feed record as a service, or ``None`` (and a finding that says why) when it has no id or no name."""
    if not isinstance(record, dict):
        findings.append(Finding("set_aside", where, "", "the record is not a JSON object"))
        return None
    try:
        feed = feed_service(record)
    except ValidationError as error:
        fields = ", ".join(sorted({".".join(map(str, e["loc"][:2])) for e in error.errors()}))
        findings.append(Finding("set_aside", where, clean_line(record.get("id")), f"cannot be read: {fields}"))
        return None
    missing = [name for name in ("id", "name") if not getattr(feed, name)]
    if missing:
        findings.append(Finding("set_aside", where, feed.id, f"has no {' and no '.join(missing)}"))
        return None
    return _service(_Reader(feed, findings, where), source)


def _service(reader: _Reader, source: str) -> Service:
    feed = reader.feed
    locations = reader.locations()
    location = locations[0] if locations else None
    fees = clean_text(feed.fees)
    min_age, max_age = reader.ages()
    postcode = next((clean_line(a["postal_code"]) for x in locations for a in x.addresses if a.get("postal_code")), "")
    return Service(
        id=feed.id,
        name=feed.name,
        description=reader.description(),
        organization=_name_of(feed.organization),
        source=source,
        categories=_unique(clean_line(term.name or term.term) for a in feed.attributes if (term := a.taxonomy_term)),
        status=clean_line(feed.status).casefold(),
        url=reader.link(),
        email=reader.email(),
        phones=reader.phones(),
        eligibility=_joined([feed.eligibility_description, *(e.eligibility for e in feed.eligibilitys)]),
        fees=fees,
        referral=clean_text(feed.application_process),
        min_age=min_age,
        max_age=max_age,
        cost=reader.cost(fees),
        modes=reader.modes(location),
        sessions=sessions_of(reader.schedules, reader.note),
        ends_on=ends_on(reader.schedules, reader.note),
        place=reader.place(location, postcode),
        place_name=clean_line(location.name) if location else "",
        postcode=postcode,
        areas=_unique(clean_line(a.get("name") or a.get("service_area")) for a in feed.service_areas),
        languages=_unique(clean_line(x.get("name") or x.get("language")) for x in feed.languages),
        accessibility=_unique(
            clean_text(a.get("description") or a.get("accessibility")) for x in locations for a in x.accessibility
        ),
        capacity=reader.capacity(),
        last_modified=reader.last_modified(),
    )


class _Reader:
    """Reads the fields of one feed service that may hold nonsense, noting what does."""

    def __init__(self, feed: FeedService, findings: list[Finding], where: str) -> None:
        self.feed = feed
        self.findings = findings
        self.where = where
        self.schedules = [*feed.schedules, *(s for at in feed.service_at_locations for s in at.schedules)]

    def note(self, code: str, text: str) -> None:
        self.findings.append(Finding(code, self.where, self.feed.id, text))

    def description(self) -> str:
        """The description, then the feed's alert ("now online only") and opening times that only a person can read."""
        parts = [clean_text(self.feed.description)]
        also = [clean_text(self.feed.alert), *(f"Open: {text}" for text in times_in_words(self.schedules))]
        parts += [text for text in also if text not in parts[0]]
        return "\n".join(filter(None, parts))

    def ages(self) -> tuple[float | None, float | None]:
        """The age range; of several groups, the range that holds them all."""
        own = (self.feed.minimum_age, self.feed.maximum_age)
        given = [own] if any(map(clean_line, own)) else [(e.minimum_age, e.maximum_age) for e in self.feed.eligibilitys]
        ranges = [self._age_range(self._age(low), self._age(high)) for low, high in given]
        lows, highs = [low for low, _ in ranges], [high for _, high in ranges]
        return (
            min((low for low in lows if low is not None), default=None) if None not in lows else None,
            max((high for high in highs if high is not None), default=None) if None not in highs else None,
        )

    def _age_range(self, low: float | None, high: float | None) -> tuple[float | None, float | None]:
        impossible = high == 0 or any(age is not None and not 0 <= age <= OLDEST for age in (low, high))
        if impossible or (low is not None and high is not None and low > high):
            said = [f"{name} {age:g}" for name, age in (("from", low), ("to", high)) if age is not None]
            self.note("impossible_age", f"ages {' '.join(said)}; read as not said")
            return None, None
        return low or None, high if high is None or high < OPEN_ENDED_AGE else None

    def _age(self, value: object) -> float | None:
        age, given = clean_age(value), clean_line(value)
        if age is None and given:
            self.note("impossible_age", f'the age "{given[:LONGEST_SHOWN]}" is no number of years; read as not said')
        return age

    def last_modified(self) -> date | None:
        day, given = clean_date(self.feed.last_modified), clean_line(self.feed.last_modified)
        if day is None and given:
            self.note("impossible_date", f'last changed on "{given[:LONGEST_SHOWN]}"; read as not said')
        return day

    def link(self) -> str:
        """The service's web address, else its organisation's."""
        organization = self.feed.organization if isinstance(self.feed.organization, dict) else {}
        given = [self.feed.url, organization.get("website"), organization.get("url")]
        return self._first_good(given, _link, "bad_url", "web address")

    def email(self) -> str:
        """The service's e-mail address, else a contact's, else its organisation's."""
        organization = self.feed.organization if isinstance(self.feed.organization, dict) else {}
        given = [self.feed.email, *(contact.get("email") for contact in self._contacts()), organization.get("email")]
        return self._first_good(given, _email, "bad_email", "e-mail address")

    def _first_good(self, given: Iterable[object], good: Callable[[str], str], code: str, called: str) -> str:
        """The first value that is one, with a finding for each one before it that is not."""
        for text in filter(None, map(clean_line, given)):
            if found := good(text):
                return found
            self.note(code, f'the {called} is "{text[:LONGEST_SHOWN]}"; left out')
        return ""

    def phones(self) -> tuple[str, ...]:
        listed = [*self.feed.phones, *(p for at in self.feed.service_at_locations for p in at.phones)]
        listed += [p for contact in self._contacts() for p in objects_only(contact.get("phones"))]
        numbers = (clean_line(phone.get("number")).strip('"') for phone in listed)
        return _unique(n for n in numbers if len(re.sub(r"\D", "", n).strip("0")) >= 3)

    def _contacts(self) -> list[dict[str, object]]:
        return [*self.feed.contacts, *(c for at in self.feed.service_at_locations for c in at.contacts)]

    def cost(self, fees: str) -> float | None:
        """The lowest price a session that anyone may qualify for: of the structured options and the fees text."""
        prices = []
        for option in self.feed.cost_options:
            words = f"{clean_text(option.amount_description)} {clean_text(option.option)}"
            amount = clean_number(option.amount)
            if amount is not None and amount >= 0 and (_PER_SESSION.search(words) or not _LONG_PERIOD.search(words)):
                prices.append(amount)
        said = 0.0 if prices and free_for_some(fees) else lowest_price(fees)
        return min([*prices, said]) if prices and said is not None else min(prices, default=said)

    def modes(self, location: FeedLocation | None) -> tuple[str, ...]:
        named = [clean_text(s.attending_type) for s in self.schedules]
        named += [clean_text(self.feed.attending_type), clean_text(self.feed.deliverable_type)]
        found = set(clean_modes(" ".join(named)))
        if location and clean_line(location.location_type).casefold() == "virtual" and not found:
            found.add("online")
        return tuple(mode for mode in MODES if mode in found)

    def locations(self) -> list[FeedLocation]:
        """The service's places, the first that can be found on a map first."""
        found = [at.location for at in self.feed.service_at_locations if at.location]
        return sorted(found, key=lambda location: not _in_uk(*_coordinates(location)))

    def place(self, location: FeedLocation | None, postcode: str) -> Point | None:
        """Where it is: by its coordinates, else by its postcode where the ONS directory is installed."""
        lat, lon = _coordinates(location) if location else (None, None)
        precision_km = max((clean_number(location.precision_km) if location else None) or 0.0, 0.0)
        if lat is None or lon is None:
            pass
        elif _in_uk(lat, lon):
            return Point(lat, lon, precision_km)
        elif _in_uk(lon, lat):
            self.note("swapped_coordinates", "latitude and longitude are swapped; read the other way round")
            return Point(lon, lat, precision_km)
        elif (lat, lon) == (0.0, 0.0):
            self.note("null_island", "the place is at (0, 0); left out")
        else:
            self.note("outside_uk", f"the place is at latitude {lat:g}, longitude {lon:g}; left out")
        return locate_postcode(postcode, {}) if postcode else None

    def capacity(self) -> str:
        """``open``, ``waiting list``, ``full`` or nothing."""
        words = " ".join(clean_text(c.description) for c in self.feed.capacities)
        words = _NOT_SO.sub("", words.casefold())
        if re.search(r"\bwait", words):
            return "waiting list"
        if _FULL.search(words):
            return "full"
        available = [n for c in self.feed.capacities if (n := clean_number(c.available)) is not None]
        if not available:
            return "open" if "open" in words.split() else ""
        return "open" if sum(available) > 0 else "full"


def _coordinates(location: FeedLocation) -> tuple[float | None, float | None]:
    return clean_number(location.latitude), clean_number(location.longitude)


def _in_uk(lat: float | None, lon: float | None) -> bool:
    return lat is not None and lon is not None and 49 <= lat <= 62 and -9 <= lon <= 3


def _link(text: str) -> str:
    text = text.rstrip(".,;")
    return text if _WEB_ADDRESS.match(text) else f"https://{text}" if _BARE_ADDRESS.match(text) else ""


def _email(text: str) -> str:
    return text if _EMAIL.fullmatch(text) else ""


def _name_of(organization: object) -> str:
    return clean_line(organization.get("name") if isinstance(organization, dict) else organization)


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))


def _joined(values: Iterable[object]) -> str:
    return "; ".join(_unique(clean_text(value) for value in values))
