"""The fields of a feed that this project reads: Open Referral UK v3, HSDS 3.0 / 3.1 and the v1 shape.

The models accept extra fields and never refuse a record for a bad optional value. Only an id and a name are needed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, field_validator

from matcher.catalogue.cleaning import clean_line


def objects_only(value: object) -> list[Any]:
    """The objects in a feed's list; a single object counts as a list of one, anything else as nothing."""
    if isinstance(value, dict):
        return [value]
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _object_or_none(value: object) -> object:
    return value if isinstance(value, dict) else None


def _named(value: object) -> object:
    """A term given as a bare name is a term of that name."""
    return {"name": value} if isinstance(value, str) else _object_or_none(value)


Objects = BeforeValidator(objects_only)
Records = Annotated[list[dict[str, Any]], Objects]


class _Part(BaseModel):
    """A piece of a feed: unknown fields are kept out of the way, null lists are empty."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class FeedTerm(_Part):
    """A term of some taxonomy."""

    name: Any = None
    term: Any = None


class FeedAttribute(_Part):
    """A category of a service; v1 calls the term ``taxonomy``."""

    taxonomy_term: Annotated[FeedTerm | None, BeforeValidator(_named)] = Field(
        None, validation_alias=AliasChoices("taxonomy_term", "taxonomy")
    )


class FeedSchedule(_Part):
    """Opening times, after iCalendar's RRULE."""

    freq: Any = None
    interval: Any = None
    byday: Any = Field(None, validation_alias=AliasChoices("byday", "weekday"))
    opens_at: Any = None
    closes_at: Any = None
    count: Any = None
    description: Any = None
    dtstart: Any = None
    valid_from: Any = None
    until: Any = None
    valid_to: Any = None
    attending_type: Any = None


class FeedCost(_Part):
    """One price."""

    amount: Any = None
    option: Any = None
    amount_description: Any = None


class FeedLocation(_Part):
    """A place; only the postcode of its addresses is read."""

    name: Any = None
    latitude: Any = None
    longitude: Any = None
    location_type: Any = None
    precision_km: Any = None
    addresses: Records = Field(default_factory=list, validation_alias=AliasChoices("addresses", "physical_addresses"))
    accessibility: Records = Field(
        default_factory=list, validation_alias=AliasChoices("accessibility", "accessibility_for_disabilities")
    )


class FeedServiceAtLocation(_Part):
    """What a service does at one of its places."""

    location: Annotated[FeedLocation | None, BeforeValidator(_object_or_none)] = None
    schedules: Annotated[list[FeedSchedule], Objects] = Field(
        default_factory=list, validation_alias=AliasChoices("schedules", "regular_schedule", "regular_schedules")
    )
    phones: Records = Field(default_factory=list)
    contacts: Records = Field(default_factory=list)


class FeedCapacity(_Part):
    """How many places are free."""

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
_LIST_OF = {alias: name for name, aliases in _LISTS.items() for alias in aliases}


class FeedService(_Part):
    """One service, from any of the shapes."""

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
        return clean_line(value)


def feed_service(record: Mapping[str, Any]) -> FeedService:
    """A feed record as a :class:`FeedService`: every list under its v3 name, with only objects in it."""
    shaped = {"id": "", "name": "", **record}
    for alias, name in _LIST_OF.items():
        if alias in record:
            others = shaped[name] if alias != name and name in record else []
            shaped[name] = [*others, *objects_only(record[alias])]
    return FeedService.model_validate(shaped)
