"""Outside feeds become one checked catalogue: files, folders, pages, NDJSON and CSV."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from matcher.catalogue.checks import find_duplicates
from matcher.catalogue.columns import Catalogue, build_catalogue, sort_services
from matcher.catalogue.findings import Finding
from matcher.catalogue.open_referral import read_service
from matcher.catalogue.tables import decode, read_table
from matcher.domain import CatalogueError, Service

_PAGE_KEYS = ("contents", "content", "items", "services", "data", "results")
_NOT_SERVICES = ("taxonomy", "organization", "api_details", "location")


@dataclass(frozen=True)
class ReadCatalogue:
    """A catalogue and what was wrong with its sources."""

    catalogue: Catalogue
    findings: tuple[Finding, ...]


def read_catalogue(*paths: Path | str) -> Catalogue:
    """Read directories into one catalogue (see :func:`read_with_findings`)."""
    return read_with_findings(*paths).catalogue


def read_with_findings(*paths: Path | str) -> ReadCatalogue:
    """Read one or more directories and say what was wrong with them.

    Each path is an Open Referral page (``{"contents": [...]}``), a list of pages or services, one service, a folder of
    such files, NDJSON (one service a line) or CSV. A bad record is set aside with a finding and never stops the rest.

    Raises:
        CatalogueError: a path does not exist, is no such file, or holds not one readable service.
    """
    findings: list[Finding] = []
    services: list[Service] = []
    for path in map(Path, paths):
        found = list(_services(path, findings))
        if not found:
            reasons = "; ".join(f"{f.where}: {f.text}" for f in findings[:3]) or "it holds no service records"
            raise CatalogueError(f"{path.name}: no service could be read ({reasons})")
        services += found
    ordered = sort_services(services)
    duplicates = find_duplicates(ordered, findings)
    return ReadCatalogue(build_catalogue(ordered, duplicates), tuple(findings))


def _services(path: Path, findings: list[Finding]) -> Iterator[Service]:
    """The readable services of one source, each id once; the first wins unless a later one says more."""
    kept: dict[str, Service] = {}
    for where, record in _records(path, findings):
        service = read_service(record, findings, where)
        if service is None:
            continue
        if service.id in kept:
            findings.append(Finding("duplicate_id", where, service.id, "this id came before"))
            if len(repr(service)) <= len(repr(kept[service.id])):
                continue
        kept[service.id] = replace(service, source=path.stem)
    yield from kept.values()


def _records(path: Path, findings: list[Finding]) -> Iterator[tuple[str, Any]]:
    """Feed records with the place where each stands, for messages."""
    if path.is_dir():
        yield from _folder_records(path, findings)
    elif not path.is_file():
        raise CatalogueError(f"{path.name}: no such file or folder; give a path to an Open Referral, NDJSON or CSV file")
    elif path.suffix.casefold() == ".csv":
        yield from ((f"{path.name} row {i}", row) for i, row in enumerate(read_table(path), start=2))
    elif path.suffix.casefold() in (".jsonl", ".ndjson"):
        yield from _lines(path, findings)
    else:
        yield from _document(path)


def _folder_records(folder: Path, findings: list[Finding]) -> Iterator[tuple[str, Any]]:
    files = sorted(p for p in folder.iterdir() if p.suffix.casefold() in (".json", ".jsonl", ".ndjson", ".csv"))
    if not files:
        raise CatalogueError(f"{folder.name}: the folder holds no .json, .jsonl or .csv file")
    for file in files:
        if not any(word in file.stem for word in _NOT_SERVICES):
            try:
                yield from _records(file, findings)
            except CatalogueError as error:
                findings.append(Finding("set_aside", file.name, "", str(error)))


def _lines(path: Path, findings: list[Finding]) -> Iterator[tuple[str, Any]]:
    for number, line in enumerate(decode(path).split("\n"), start=1):
        if line.strip():
            try:
                yield f"{path.name} line {number}", json.loads(line)
            except (ValueError, RecursionError):
                findings.append(Finding("set_aside", f"{path.name} line {number}", "", "the line is not JSON"))


def _document(path: Path) -> Iterator[tuple[str, Any]]:
    try:
        document = json.loads(decode(path))
    except RecursionError:
        raise CatalogueError(f"{path.name}: nested too deep to be a directory") from None
    except ValueError as error:
        place = f"line {error.lineno}" if isinstance(error, json.JSONDecodeError) else "somewhere"
        raise CatalogueError(f"{path.name}: not a JSON file ({place}); is the download whole?") from None
    for number, record in enumerate(_unwrapped(document), start=1):
        yield f"{path.name} record {number}", record


def _unwrapped(document: Any) -> Iterable[Any]:
    """The service records in a page, a list of pages, a list of services or a single service."""
    if isinstance(document, list):
        for item in document:
            yield from _unwrapped(item) if _is_page(item) else [item]
    elif _is_page(document):
        page = next(document[key] for key in _PAGE_KEYS if isinstance(document.get(key), list))
        yield from page
    else:
        yield document


def _is_page(item: Any) -> bool:
    return (
        isinstance(item, dict)
        and not ("id" in item and "name" in item)
        and any(isinstance(item.get(key), list) for key in _PAGE_KEYS)
    )
