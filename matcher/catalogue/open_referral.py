"""Open Referral UK v3, HSDS 3.0 / 3.1 and the v1 shape: one service of a feed becomes a :class:`Service`.

The models accept extra fields and never refuse a record for a bad optional value: such a value is noted as a finding and
read as "the directory does not say". Only an id and a name are needed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError, field_validator

from matcher.catalogue.cleaning import (
    clean_date,
    clean_minutes,
    clean_modes,
    clean_number,
    clean_text,
    lowest_price,
)
from matcher.catalogue.findings import Finding
from matcher.domain import Point, Service, Session

_DAY_CODES = {"MO": 0, "TU": 1, "WE": 2, "TH": 3, "FR": 4, "SA": 5, "SU": 6}
_PER_SESSION = re.compile(r"session|visit|class|hour|person|week|time|shop|meal|head|entry|day", re.IGNORECASE)
_LONG_PERIOD = re.compile(r"year|annual|annum|month|term|course|life", re.IGNORECASE)


class _Part(BaseModel):
    """A piece of a feed: unknown fields are kept out of the way, null lists are empty."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class FeedTerm(_Part):
    name: Any = None
    term: Any = None


class FeedAttribute(_Part):
    taxonomy_term: FeedTerm | None = None
    value: Any = None


class FeedSchedule(_Part):
    freq: Any = None
    interval: Any = None
    byday: Any = Field(None, validation_alias=AliasChoices("byday", "weekday"))
    opens_at: Any = None
    closes_at: Any = None
    dtstart: Any = None
    until: Any = None
    valid_to: Any = None
    attending_type: Any = None
    description: Any = None


class FeedCost(_Part):
    amount: Any = None
    option: Any = None
    amount_description: Any = None
    valid_to: Any = None


class FeedAddress(_Part):
    address_1: Any = None
    city: Any = None
    postal_code: Any = None


class FeedLocation(_Part):
    name: Any = None
    latitude: Any = None
    longitude: Any = None
    location_type: Any = None
    precision_km: Any = None
    addresses: list[FeedAddress] = Field(
        default_factory=list, validation_alias=AliasChoices("addresses", "physical_addresses")
    )
    accessibility: list[dict[str, Any]] = Field(
        default_factory=list, validation_alias=AliasChoices("accessibility", "accessibility_for_disabilities")
    )

    @field_validator("addresses", "accessibility", mode="before")
    @classmethod
    def _dicts(cls, value: object) -> list[object]:
        return _dicts_only(value)


class FeedServiceAtLocation(_Part):
    location: FeedLocation | None = None
    schedules: list[FeedSchedule] = Field(
        default_factory=list, validation_alias=AliasChoices("schedules", "regular_schedule", "regular_schedules")
    )

    @field_validator("schedules", mode="before")
    @classmethod
    def _dicts(cls, value: object) -> list[object]:
        return _dicts_only(value)


class FeedCapacity(_Part):
    available: Any = None
    description: Any = None


class FeedEligibility(_Part):
    """Eligibility of the v1 shape: a text and an age range."""

    eligibility: Any = None
    minimum_age: Any = None
    maximum_age: Any = None


_LISTS: Mapping[str, tuple[str, ...]] = {
    "attributes": ("attributes", "service_taxonomys"),
    "schedules": ("schedules", "regular_schedules"),
    "cost_options": ("cost_options",),
    "service_at_locations": ("service_at_locations",),
    "capacities": ("capacities", "service_capacities"),
    "eligibilitys": ("eligibilitys",),
    "languages": ("languages",),
    "phones": ("phones",),
    "contacts": ("contacts",),
    "service_areas": ("service_areas",),
}


class FeedService(_Part):
    """The fields of one service that this project reads, from any of the shapes."""

    id: str
    name: str
    description: Any = None
    status: Any = None
    url: Any = None
    email: Any = None
    alert: Any = None
    fees: Any = Field(None, validation_alias=AliasChoices("fees_description", "fees"))
    eligibility_description: Any = None
    application_process: Any = None
    minimum_age: Any = None
    maximum_age: Any = None
    last_modified: Any = Field(None, validation_alias=AliasChoices("last_modified", "assured_date"))
    attending_type: Any = None
    deliverable_type: Any = None
    organization: Any = None
    attributes: list[FeedAttribute] = Field(default_factory=list)
    schedules: list[FeedSchedule] = Field(default_factory=list)
    cost_options: list[FeedCost] = Field(default_factory=list)
    service_at_locations: list[FeedServiceAtLocation] = Field(default_factory=list)
    capacities: list[FeedCapacity] = Field(default_factory=list)
    eligibilitys: list[FeedEligibility] = Field(default_factory=list)
    languages: list[dict[str, Any]] = Field(default_factory=list)
    phones: list[dict[str, Any]] = Field(default_factory=list)
    contacts: list[dict[str, Any]] = Field(default_factory=list)
    service_areas: list[dict[str, Any]] = Field(default_factory=list)

    @field_validator("id", "name", mode="before")
    @classmethod
    def _plain(cls, value: object) -> str:
        return clean_text(value)


def read_service(record: object, findings: list[Finding], where: str) -> Service | None:
    """One feed record as a service, or ``None`` (and a finding that says why) when it has no id or no name."""
    if not isinstance(record, dict):
        findings.append(Finding("set_aside", where, "", "the record is not a JSON object"))
        return None
    try:
        feed = FeedService.model_validate(_with_lists(record))
    except ValidationError as error:
        fields = ", ".join(sorted({".".join(map(str, e["loc"][:2])) for e in error.errors()}))
        findings.append(Finding("set_aside", where, clean_text(record.get("id")), f"cannot be read: {fields}"))
        return None
    missing = [name for name in ("id", "name") if not getattr(feed, name)]
    if missing:
        findings.append(Finding("set_aside", where, feed.id, f"has no {' and no '.join(missing)}"))
        return None
    return _service(feed, findings)


def _with_lists(record: Mapping[str, Any]) -> dict[str, Any]:
    """The record with every list under its v3 name and only objects in it."""
    shaped = {key: value for key, value in record.items() if key not in {n for names in _LISTS.values() for n in names}}
    for name, aliases in _LISTS.items():
        shaped[name] = [item for alias in aliases for item in _dicts_only(record.get(alias))]
    shaped.setdefault("id", "")
    shaped.setdefault("name", "")
    return shaped


def _dicts_only(value: object) -> list[object]:
    if isinstance(value, dict):
        return [value]
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _service(feed: FeedService, findings: list[Finding]) -> Service:
    reader = _Reader(feed, findings)
    locations = [at.location for at in feed.service_at_locations if at.location]
    location = next((x for x in locations if clean_number(x.latitude) is not None), locations[0] if locations else None)
    fees = clean_text(feed.fees)
    alert = clean_text(feed.alert)
    description = clean_text(feed.description)
    min_age, max_age = reader.ages()
    return Service(
        id=feed.id,
        name=feed.name,
        description=f"{description}\n{alert}" if alert and alert not in description else description,
        organization=clean_text(feed.organization.get("name")) if isinstance(feed.organization, dict) else "",
        categories=_unique(
            clean_text(a.taxonomy_term.name or a.taxonomy_term.term) for a in feed.attributes if a.taxonomy_term
        ),
        status=clean_text(feed.status).casefold(),
        url=reader.link(),
        email=clean_text(feed.email) if "@" in clean_text(feed.email) else "",
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
        place=reader.place(location),
        place_name=clean_text(location.name) if location else "",
        postcode=next((clean_text(a.postal_code) for x in locations for a in x.addresses if a.postal_code), ""),
        areas=_unique(clean_text(a.get("name") or a.get("service_area")) for a in feed.service_areas),
        languages=_unique(clean_text(x.get("name") or x.get("language")) for x in feed.languages),
        accessibility=_unique(
            clean_text(a.get("description") or a.get("accessibility")) for x in locations for a in x.accessibility
        ),
        capacity=reader.capacity(),
        last_modified=clean_date(feed.last_modified),
    )


class _Reader:
    """Reads the fields of one feed service that may hold nonsense, noting what does."""

    def __init__(self, feed: FeedService, findings: list[Finding]) -> None:
        self.feed = feed
        self.findings = findings

    def note(self, code: str, text: str) -> None:
        self.findings.append(Finding(code, "", self.feed.id, text))

    def ages(self) -> tuple[float | None, float | None]:
        lows = [self.feed.minimum_age, *(e.minimum_age for e in self.feed.eligibilitys)]
        highs = [self.feed.maximum_age, *(e.maximum_age for e in self.feed.eligibilitys)]
        low = next((n for v in lows if (n := clean_number(v)) is not None), None)
        high = next((n for v in highs if (n := clean_number(v)) is not None), None)
        bad = [n for n in (low, high) if n is not None and not 0 <= n <= 130]
        if bad or (low is not None and high is not None and low > high):
            self.note("impossible_age", f"ages {low:g} to {high:g}" if low is not None and high is not None else "age")
            return None, None
        return low or None, high if high is None or high < 99 else None

    def link(self) -> str:
        url = clean_text(self.feed.url)
        if url and not re.match(r"https?://", url, re.IGNORECASE):
            url = f"https://{url}" if re.match(r"[\w-]+(\.[\w-]+)+(/|$)", url) else ""
            if not url:
                self.note("bad_url", "the web address is not one")
        return url

    def phones(self) -> tuple[str, ...]:
        nested = [p for c in self.feed.contacts for p in _dicts_only(c.get("phones"))]
        numbers = (clean_text(p.get("number")).strip('"') for p in [*self.feed.phones, *nested] if isinstance(p, dict))
        return _unique(n for n in numbers if len(re.sub(r"\D", "", n).strip("0")) >= 3)

    def cost(self, fees: str) -> float | None:
        """The lowest price a session that anyone may qualify for: of the structured options and the fees text."""
        prices = []
        for option in self.feed.cost_options:
            words = f"{clean_text(option.amount_description)} {clean_text(option.option)}"
            amount = clean_number(option.amount)
            if amount is not None and amount >= 0 and (_PER_SESSION.search(words) or not _LONG_PERIOD.search(words)):
                prices.append(amount)
        said = lowest_price(fees)
        return min(prices) if prices else said

    def modes(self, location: FeedLocation | None) -> tuple[str, ...]:
        named = [clean_text(s.attending_type) for s in self._schedules()]
        named += [clean_text(self.feed.attending_type), clean_text(self.feed.deliverable_type)]
        found = set(clean_modes(" ".join(named)))
        if location and clean_text(location.location_type).casefold() == "virtual" and not found:
            found.add("online")
        return tuple(mode for mode in ("in_person", "online", "phone", "home_visit") if mode in found)

    def sessions(self) -> tuple[Session, ...]:
        found = []
        for schedule in self._schedules():
            start, end = clean_minutes(schedule.opens_at), clean_minutes(schedule.closes_at)
            if schedule.opens_at and schedule.closes_at and (start is None or end is None or end <= start):
                self.note("impossible_time", "a schedule opens or closes at a time that does not exist")
                continue
            days = _days(schedule)
            if start is not None and end is not None:
                freq = clean_text(schedule.freq).upper() or "WEEKLY"
                interval = int(clean_number(schedule.interval) or 1)
                modes = clean_modes(clean_text(schedule.attending_type))
                found += [Session(day, start, end, freq, interval, modes) for day in days]
        return tuple(dict.fromkeys(found))

    def ends_on(self) -> date | None:
        """The last day of a service all of whose schedules have ended or will end."""
        ends = [clean_date(s.until) or clean_date(s.valid_to) for s in self._schedules()]
        known = [end for end in ends if end]
        return max(known) if known and len(known) == len(ends) else None

    def _schedules(self) -> list[FeedSchedule]:
        return [*self.feed.schedules, *(s for at in self.feed.service_at_locations for s in at.schedules)]

    def place(self, location: FeedLocation | None) -> Point | None:
        if location is None:
            return None
        lat, lon = clean_number(location.latitude), clean_number(location.longitude)
        if lat is None or lon is None:
            return None
        if (lat, lon) == (0.0, 0.0):
            self.note("null_island", "the place is (0, 0)")
        elif -9 <= lat <= 3 and 49 <= lon <= 62:
            self.note("swapped_coordinates", "latitude and longitude are swapped; read the other way round")
            return Point(lon, lat)
        elif not (49 <= lat <= 62 and -9 <= lon <= 3):
            self.note("outside_uk", "the place lies outside the United Kingdom")
        else:
            return Point(lat, lon, clean_number(location.precision_km) or 0.0)
        return None

    def capacity(self) -> str:
        """``open``, ``waiting list``, ``full`` or nothing."""
        words = " ".join(clean_text(c.description) for c in self.feed.capacities).casefold()
        if "wait" in words:
            return "waiting list"
        if "full" in words or "closed to" in words:
            return "full"
        available = [n for c in self.feed.capacities if (n := clean_number(c.available)) is not None]
        return "" if not available else "open" if sum(available) > 0 else "full"


def _days(schedule: FeedSchedule) -> list[int]:
    if clean_text(schedule.freq).upper() == "DAILY":
        return list(range(7))
    codes = re.findall(r"MO|TU|WE|TH|FR|SA|SU", clean_text(schedule.byday).upper())
    if not codes and (day := clean_date(schedule.dtstart)):
        return [day.weekday()]
    return sorted({_DAY_CODES[code] for code in codes})


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))


def _joined(values: Iterable[object]) -> str:
    return "; ".join(_unique(clean_text(value) for value in values))
