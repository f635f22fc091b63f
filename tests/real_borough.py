"""Turns the records of a real borough, stitched from public registers, into an Open Referral page.

A record is one JSON object a line: id, name, description, organization (a name), categories, eligibility_text, lat,
lon, geo_precision, postcode, address, city, schedule_text, accessibility, url, phone, status, last_modified. Run it as
``python tests/real_borough.py SOURCE.jsonl TARGET.json``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from matcher.geography import OUTCODE_PRECISION_KM

PRECISION_KM = {"point": 0.0, "outcode": OUTCODE_PRECISION_KM}
"""How far off a place may be; "outcode" is the middle of a postcode district."""
PLACES_TO_GO = {
    "Sports facility",
    "Sports club",
    "Library",
    "Food bank",
    "Allotment",
    "Jobcentre Plus",
    "Children's centre",
}
"""Registers of places that people go to; a charity's address may be no more than its registered office."""
REFERRAL = "Referral method: "
NOT_KNOWN = ("Not known", "Not relevant", "See above")


def convert(source: Path, target: Path) -> Path:
    """Write all records of ``source`` as one page; returns its path."""
    lines = source.read_text(encoding="utf-8").splitlines()
    records = [open_referral_service(json.loads(line)) for line in lines if line.strip()]
    target.write_text(json.dumps({"contents": records}, ensure_ascii=False), encoding="utf-8")
    return target


def open_referral_service(record: dict[str, Any]) -> dict[str, Any]:
    """One record of the registers as an Open Referral service."""
    said = record.get("eligibility_text") or ""
    referral = said.removeprefix(REFERRAL) if said.startswith(REFERRAL) else ""
    return {
        "id": record["id"],
        "name": record["name"],
        "description": record.get("description"),
        "organization": {"name": record.get("organization")},
        "status": record.get("status"),
        "url": record.get("url"),
        "phones": [{"number": record["phone"]}] if record.get("phone") else [],
        "eligibility_description": "" if referral else said,
        "attending_type": "in person" if PLACES_TO_GO & set(record.get("categories", ())) else None,
        "application_process": "" if referral in NOT_KNOWN else referral,
        "minimum_age": record.get("min_age"),
        "maximum_age": record.get("max_age"),
        "fees_description": record.get("fees"),
        "last_modified": record.get("last_modified"),
        "attributes": [{"taxonomy_term": {"name": name}} for name in record.get("categories", ())],
        "languages": [{"name": name} for name in record.get("languages", ())],
        "schedules": _schedules(record.get("schedule_text") or ""),
        "service_at_locations": [{"location": _location(record)}],
    }


def _schedules(text: str) -> list[dict[str, Any]]:
    return [] if not text or text in NOT_KNOWN else [{"description": text}]


def _location(record: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": record.get("address"),
        "latitude": record.get("lat"),
        "longitude": record.get("lon"),
        "precision_km": PRECISION_KM.get(record.get("geo_precision") or "point"),
        "addresses": [{"city": record.get("city"), "postal_code": record.get("postcode")}],
        "accessibility": [{"description": text} for text in record.get("accessibility", ())],
    }


if __name__ == "__main__":
    convert(Path(sys.argv[1]), Path(sys.argv[2]))
