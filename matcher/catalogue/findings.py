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
    "null_island": "places at (0, 0)",
    "swapped_coordinates": "latitude and longitude swapped",
    "outside_uk": "places outside the United Kingdom",
    "unknown_status": "a status that the standard does not know",
    "impossible_age": "ages that cannot be",
    "impossible_time": "opening times that cannot be",
    "bad_url": "web addresses that are not one",
    "bad_email": "e-mail addresses that are not one",
    "ended": "services whose schedules have all ended",
    "stale": "records not confirmed for more than a year",
    "untagged": "services without a category",
    "no_description": "services without a description",
    "no_contact": "services without a phone, e-mail or web address",
}
