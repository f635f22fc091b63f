"""What a document of a feed holds: pages, lists, organisations with their services, services at locations.

Everything becomes service records; what is a record of another kind is told apart by the fields that only it has.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

SERVICE = "services"
PAGE_KEYS = ("contents", "content", "items", "services", "data", "results")

_ONLY_SERVICES_HAVE = """
    status organization organization_id service_at_locations schedules regular_schedules cost_options eligibilitys
    fees fees_description application_process eligibility_description minimum_age maximum_age deliverable_type
    attending_type service_taxonomys service_areas accreditations assured_date
"""
_SERVICE_FIELDS = frozenset(_ONLY_SERVICES_HAVE.split())
_OTHER_FIELDS: Mapping[str, frozenset[str]] = {
    "API details": frozenset({"openapi_url", "profile"}),
    "JSON schemas": frozenset({"$schema", "openapi"}),
    "dashboard entries": frozenset({"statusIsUp", "schemaVersion", "isValid", "payload"}),
    "consultations": frozenset({"needs", "interests", "person_ref"}),
    "organisations": frozenset(
        {"organization_identifiers", "parent_organization_id", "legal_status", "year_incorporated"}
    ),
    "taxonomy terms": frozenset({"term", "term_uri", "taxonomy"}),
    "taxonomies": frozenset({"taxonomy_terms", "version"}),
    "locations": frozenset({"location_type", "addresses", "physical_addresses"}),
}


def records_of(document: Any) -> list[tuple[str, Any]]:
    """Every record of a document with its kind: :data:`SERVICE`, or the plural name of what else it is."""
    found: list[tuple[str, Any]] = []
    at_locations: dict[str, dict[str, Any]] = {}
    for record in _flat(document):
        if _is_service_at_location(record):
            service = _service_at(record)
            known = at_locations.setdefault(str(service.get("id")), service)
            if known is service:
                found.append((SERVICE, service))
            else:
                known["service_at_locations"] += service["service_at_locations"]
        else:
            found += _from_organization(record) or [(_kind(record), record)]
    return found


def missing(document: Any) -> str:
    """What pages say that their list has and they do not hold, in words; empty when it is all there."""
    page = document[0] if isinstance(document, list) and document else document
    announced = page.get("total_items", page.get("totalElements")) if _is_page(page) else None
    held = sum(1 for _ in _flat(document))
    return f"holds {held} of {announced} records" if isinstance(announced, int) and announced > held else ""


def _flat(document: Any) -> Iterator[Any]:
    """The records of a page, a list of pages, a list of records or a single record."""
    if isinstance(document, list):
        for item in document:
            yield from _page(item) if _is_page(item) else [item]
    elif _is_page(document):
        yield from _page(document)
    else:
        yield document


def _page(page: Mapping[str, Any]) -> Iterable[Any]:
    return next(page[key] for key in PAGE_KEYS if isinstance(page.get(key), list))


def _is_page(item: Any) -> bool:
    if not isinstance(item, dict) or ("id" in item and "name" in item):
        return False
    return any(isinstance(item.get(key), list) for key in PAGE_KEYS)


def _is_service_at_location(record: Any) -> bool:
    return isinstance(record, dict) and isinstance(record.get("service"), dict) and "location" in record


def _service_at(record: Mapping[str, Any]) -> dict[str, Any]:
    """The service of a service-at-location record, in the usual form: the service around its location."""
    service = dict(record["service"])
    here = {key: value for key, value in record.items() if key != "service"}
    nested = service.get("service_at_locations")
    others = [at for at in nested if isinstance(at, dict)] if isinstance(nested, list) else []
    service["service_at_locations"] = [here, *(at for at in others if at.get("id") != here.get("id"))]
    return service


def _from_organization(record: Any) -> list[tuple[str, Any]]:
    """The services inside an organisation's record, each with the organisation's name; none when it holds none."""
    if not isinstance(record, dict) or not isinstance(record.get("services"), list):
        return []
    owner = {key: record.get(key) for key in ("id", "name")}
    return [(SERVICE, {"organization": owner, **s} if isinstance(s, dict) else s) for s in record["services"]]


def _kind(record: Any) -> str:
    if isinstance(record, dict) and not _SERVICE_FIELDS & record.keys():
        for kind, fields in _OTHER_FIELDS.items():
            if fields & record.keys():
                return kind
    return SERVICE
