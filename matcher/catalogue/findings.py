"""What is wrong with a directory, one line a fault. Faults are collected, never raised one at a time."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault of one record: a code from :data:`CODES`, where it stands in the source, the service's id, and words."""

    code: str
    where: str
    service_id: str
    text: str


CODES = {
    "set_aside": "records that could not be read and were set aside",
    "not_a_service": "records of another kind (organisations, taxonomy terms, ...), left out",
    "missing_pages": "lists of which only some pages are here; `matcher harvest` fetches all",
    "duplicate_id": "records whose id came before; the fuller one is kept",
    "case_only_ids": "ids that differ only by case",
    "likely_duplicate": "services that look like another entry of the same service",
    "no_place": "in-person services without a place",
    "null_island": "places at (0, 0), left out",
    "swapped_coordinates": "latitude and longitude swapped; read the other way round",
    "outside_uk": "places outside the United Kingdom, left out",
    "unknown_status": "services whose status is missing or not one that the standard knows",
    "impossible_age": "ages that cannot be, read as not said",
    "impossible_time": "opening times that cannot be, read as not said",
    "impossible_date": "dates that cannot be, read as not said",
    "bad_url": "web addresses that are not one, left out",
    "bad_email": "e-mail addresses that are not one, left out",
    "ended": "services whose schedules have all ended; they are not suggested",
    "stale": "records not confirmed for more than a year",
    "untagged": "services without a category",
    "no_description": "services without a description",
    "no_contact": "services without a phone, e-mail or web address",
    "thin": "services that say less than half of what a link worker needs to know",
}
