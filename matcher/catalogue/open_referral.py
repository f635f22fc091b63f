"""One service of a feed becomes a :class:`Service`.

A value that cannot be is noted as a finding and read as "the directory does not say".
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from pydantic import ValidationError

from matcher.catalogue.cleaning import (
    clean_date,
    clean_days,
    clean_line,
    clean_minutes,
    clean_modes,
    clean_number,
    clean_text,
    free_for_some,
    lowest_price,
)
from matcher.catalogue.feed import FeedLocation, FeedSchedule, FeedService, feed_service, objects_only
from matcher.catalogue.findings import Finding
from matcher.domain import MINUTES_A_DAY, MODES, Point, Service, Session
from matcher.geography import locate_postcode

OPEN_ENDED_AGE = 99
"""From this maximum age on a service is taken to have none."""
EVENING, SMALL_HOURS = 15 * 60, 6 * 60
"""A session that closes before it opens runs over midnight when it opens or closes by these; else a time is wrong."""
LONGEST_INTERVAL = 99

_PER_SESSION = re.compile(r"session|visit|class|hour|person|week|time|shop|meal|head|entry|day", re.IGNORECASE)
_LONG_PERIOD = re.compile(r"year|annual|annum|month|term|course|life", re.IGNORECASE)
_WEB_ADDRESS = re.compile(r"https?://[^\s/]+", re.IGNORECASE)
_BARE_ADDRESS = re.compile(r"[\w-]+(\.[\w-]+)+(/|$)")
_EMAIL = re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+\.[^\s@<>\"']+")


def read_service(record: object, findings: list[Finding], where: str) -> Service | None:
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
    return _service(_Reader(feed, findings, where))


def _service(reader: _Reader) -> Service:
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
        sessions=reader.sessions(),
        ends_on=reader.ends_on(),
        place=reader.place(location, postcode),
        place_name=clean_line(location.name) if location else "",
        postcode=postcode,
        areas=_unique(clean_line(a.get("name") or a.get("service_area")) for a in feed.service_areas),
        languages=_unique(clean_line(x.get("name") or x.get("language")) for x in feed.languages),
        accessibility=_unique(
            clean_text(a.get("description") or a.get("accessibility")) for x in locations for a in x.accessibility
        ),
        capacity=reader.capacity(),
        last_modified=clean_date(feed.last_modified),
    )


class _Reader:
    """Reads the fields of one feed service that may hold nonsense, noting what does."""

    def __init__(self, feed: FeedService, findings: list[Finding], where: str) -> None:
        self.feed = feed
        self.findings = findings
        self.where = where

    def note(self, code: str, text: str) -> None:
        self.findings.append(Finding(code, self.where, self.feed.id, text))

    def description(self) -> str:
        """The description with the feed's alert ("now online only") at its end."""
        text, alert = clean_text(self.feed.description), clean_text(self.feed.alert)
        return f"{text}\n{alert}".strip() if alert not in text else text

    def ages(self) -> tuple[float | None, float | None]:
        lows = [self.feed.minimum_age, *(e.minimum_age for e in self.feed.eligibilitys)]
        highs = [self.feed.maximum_age, *(e.maximum_age for e in self.feed.eligibilitys)]
        low = next((n for v in lows if (n := clean_number(v)) is not None), None)
        high = next((n for v in highs if (n := clean_number(v)) is not None), None)
        impossible = any(n is not None and not 0 <= n <= 130 for n in (low, high))
        if impossible or (low is not None and high is not None and low > high):
            said = [f"{name} {n:g}" for name, n in (("from", low), ("to", high)) if n is not None]
            self.note("impossible_age", f"ages {' '.join(said)}; read as not said")
            return None, None
        return low or None, high if high is None or high < OPEN_ENDED_AGE else None

    def link(self) -> str:
        url = clean_line(self.feed.url)
        if not url or _WEB_ADDRESS.match(url):
            return url
        if _BARE_ADDRESS.match(url):
            return f"https://{url}"
        self.note("bad_url", "the web address is not one")
        return ""

    def email(self) -> str:
        given = [self.feed.email, *(contact.get("email") for contact in self._contacts())]
        email = next((email for value in given if (email := clean_line(value))), "")
        if not email or _EMAIL.fullmatch(email):
            return email
        self.note("bad_email", "the e-mail address is not one")
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
        named = [clean_text(s.attending_type) for s in self._schedules()]
        named += [clean_text(self.feed.attending_type), clean_text(self.feed.deliverable_type)]
        found = set(clean_modes(" ".join(named)))
        if location and clean_line(location.location_type).casefold() == "virtual" and not found:
            found.add("online")
        return tuple(mode for mode in MODES if mode in found)

    def sessions(self) -> tuple[Session, ...]:
        return tuple(dict.fromkeys(x for schedule in self._schedules() for x in self._sessions_of(schedule)))

    def _sessions_of(self, schedule: FeedSchedule) -> list[Session]:
        if not clean_line(schedule.opens_at) or not clean_line(schedule.closes_at):
            return []
        start, end = clean_minutes(schedule.opens_at), clean_minutes(schedule.closes_at)
        parts = _same_day_parts(start, end)
        if not parts:
            self.note("impossible_time", "a schedule opens or closes at a time that cannot be")
        freq = clean_line(schedule.freq).upper() or "WEEKLY"
        interval = int(min(max(clean_number(schedule.interval) or 1, 1), LONGEST_INTERVAL))
        modes = clean_modes(clean_text(schedule.attending_type))
        return [
            Session((day + later) % 7, opens, closes, freq, interval, modes)
            for day in _days(schedule)
            for later, opens, closes in parts
        ]

    def ends_on(self) -> date | None:
        """The last day of a service all of whose schedules have ended or will end."""
        ends = [clean_date(s.until) or clean_date(s.valid_to) for s in self._schedules()]
        known = [end for end in ends if end]
        return max(known) if known and len(known) == len(ends) else None

    def _schedules(self) -> list[FeedSchedule]:
        return [*self.feed.schedules, *(s for at in self.feed.service_at_locations for s in at.schedules)]

    def locations(self) -> list[FeedLocation]:
        """The service's places, the first that has coordinates first."""
        found = [at.location for at in self.feed.service_at_locations if at.location]
        return sorted(found, key=lambda place: clean_number(place.latitude) is None)

    def place(self, location: FeedLocation | None, postcode: str) -> Point | None:
        """Where it is: by its coordinates, else by its postcode where the ONS directory is installed."""
        lat = clean_number(location.latitude) if location else None
        lon = clean_number(location.longitude) if location else None
        precision_km = max((clean_number(location.precision_km) if location else None) or 0.0, 0.0)
        if lat is None or lon is None:
            pass
        elif (lat, lon) == (0.0, 0.0):
            self.note("null_island", "the place is (0, 0)")
        elif -9 <= lat <= 3 and 49 <= lon <= 62:
            self.note("swapped_coordinates", "latitude and longitude are swapped; read the other way round")
            return Point(lon, lat, precision_km)
        elif not (49 <= lat <= 62 and -9 <= lon <= 3):
            self.note("outside_uk", "the place lies outside the United Kingdom")
        else:
            return Point(lat, lon, precision_km)
        return locate_postcode(postcode, {}) if postcode else None

    def capacity(self) -> str:
        """``open``, ``waiting list``, ``full`` or nothing."""
        words = " ".join(clean_text(c.description) for c in self.feed.capacities).casefold()
        if "wait" in words:
            return "waiting list"
        if "full" in words or "closed to" in words:
            return "full"
        available = [n for c in self.feed.capacities if (n := clean_number(c.available)) is not None]
        if not available:
            return ""
        return "open" if sum(available) > 0 else "full"


def _same_day_parts(start: int | None, end: int | None) -> list[tuple[int, int, int]]:
    """A session as (days later, opens, closes); one over midnight has two parts, an impossible one none."""
    if start is None or end is None or start in (end, MINUTES_A_DAY):
        return []
    if end > start:
        return [(0, start, end)]
    if end == 0:
        return [(0, start, MINUTES_A_DAY)]
    over_midnight = start >= EVENING or end <= SMALL_HOURS
    return [(0, start, MINUTES_A_DAY), (1, 0, end)] if over_midnight else []


def _days(schedule: FeedSchedule) -> list[int]:
    if clean_line(schedule.freq).upper() == "DAILY":
        return list(range(7))
    byday = schedule.byday if isinstance(schedule.byday, list) else clean_line(schedule.byday).upper()
    days = clean_days(byday)
    if not days and (day := clean_date(schedule.dtstart)):
        return [day.weekday()]
    return days


def _name_of(organization: object) -> str:
    return clean_line(organization.get("name") if isinstance(organization, dict) else organization)


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))


def _joined(values: Iterable[object]) -> str:
    return "; ".join(_unique(clean_text(value) for value in values))
