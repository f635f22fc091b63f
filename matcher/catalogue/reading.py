"""Outside feeds become one checked catalogue: files, folders, pages, NDJSON and CSV."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from matcher.catalogue.columns import Catalogue, build_catalogue, sort_services
from matcher.catalogue.decoding import decode
from matcher.catalogue.duplicates import find_duplicates
from matcher.catalogue.findings import Finding
from matcher.catalogue.open_referral import read_service
from matcher.catalogue.shapes import SERVICE, missing, records_of
from matcher.catalogue.tables import read_table
from matcher.domain import CatalogueError, Service
from matcher.text import normalise

ENDINGS = (".json", ".jsonl", ".ndjson", ".csv")
MOST_REASONS = 3


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

    Each path is an Open Referral page (``{"contents": [...]}``), a list of pages or services, one service, an
    organisation with its services, a list of services at locations, a folder of such files, NDJSON (one of these a
    line) or CSV. A bad record is set aside with a finding and never stops the rest.

    Raises:
        CatalogueError: a path does not exist, is no such file, or holds not one readable service.
    """
    findings: list[Finding] = []
    services: list[Service] = []
    for path, source in zip(map(Path, paths), _source_names([Path(path) for path in paths]), strict=True):
        noted: list[Finding] = []
        found = _services(path, source, noted)
        if not found:
            raise CatalogueError(f"{path.name}: no service could be read ({_reasons(noted)})")
        services += found
        findings += noted
    ordered = sort_services(services)
    duplicates = find_duplicates(ordered, findings)
    return ReadCatalogue(build_catalogue(ordered, duplicates), tuple(findings))


def _source_names(paths: Sequence[Path]) -> list[str]:
    """A name for each source: its file's, with the folder's before it and a number after it where names clash."""
    whole = [path.absolute() for path in paths]
    stems = Counter(path.stem for path in whole)
    names = [f"{path.parent.name}-{path.stem}" if stems[path.stem] > 1 else path.stem for path in whole]
    seen: Counter[str] = Counter()
    for place, name in enumerate(names):
        seen[name] += 1
        names[place] = f"{name}-{seen[name]}" if seen[name] > 1 else name
    return names


def _reasons(findings: Sequence[Finding]) -> str:
    """Why a source gave no service, in one line however many records it has."""
    counts = Counter(f.text for f in findings if f.code in ("set_aside", "not_a_service"))
    shown = [f"{count} records: {text}" if count > 1 else text for text, count in counts.most_common(MOST_REASONS)]
    return "; ".join(shown) or "it holds no records"


def _services(path: Path, source: str, findings: list[Finding]) -> list[Service]:
    """The readable services of one source, each id once: the record that says most, whatever their order."""
    kept: dict[str, Service] = {}
    for where, record in _records(path, findings):
        service = read_service(record, findings, where)
        if service is None:
            continue
        if service.id in kept:
            findings.append(Finding("duplicate_id", where, service.id, _came_before(service, kept[service.id])))
            service = max(service, kept[service.id], key=lambda s: (len(repr(s)), repr(s)))
        kept[service.id] = service
    return [replace(service, source=source) for service in kept.values()]


def _came_before(service: Service, other: Service) -> str:
    same = normalise(service.name) == normalise(other.name)
    return "came before" if same else f'"{service.name}" has the id of "{other.name}"; are they two services?'


def _records(path: Path, findings: list[Finding]) -> Iterator[tuple[str, Any]]:
    """Feed records of services with the place where each stands, for messages."""
    if path.is_dir():
        yield from _folder_records(path, findings)
    elif path.is_file():
        yield from _file_records(path, findings, whole=True)
    else:
        raise CatalogueError(f"{path.name}: no such file or folder; give an Open Referral, NDJSON or CSV file")


def _file_records(path: Path, findings: list[Finding], *, whole: bool) -> Iterator[tuple[str, Any]]:
    """The records of one file; ``whole`` when it should hold all pages of its list."""
    if path.suffix.casefold() == ".csv":
        yield from read_table(path, findings)
    elif path.suffix.casefold() in (".jsonl", ".ndjson"):
        yield from _lines(path, findings)
    else:
        document = _document(path)
        if whole and (text := missing(document)):
            findings.append(Finding("missing_pages", path.name, "", text))
        others: Counter[str] = Counter()
        yield from _services_of(document, path.name, others)
        findings += _left_out(path.name, others)


def _folder_records(folder: Path, findings: list[Finding]) -> Iterator[tuple[str, Any]]:
    files = sorted(p for p in folder.iterdir() if p.suffix.casefold() in ENDINGS and p.is_file())
    if not files:
        raise CatalogueError(f"{folder.name}: the folder holds no .json, .jsonl or .csv file")
    for file in files:
        try:
            yield from _file_records(file, findings, whole=False)
        except CatalogueError as error:
            findings.append(Finding("set_aside", file.name, "", str(error).removeprefix(f"{file.name}: ")))


def _lines(path: Path, findings: list[Finding]) -> Iterator[tuple[str, Any]]:
    others: Counter[str] = Counter()
    for number, line in enumerate(decode(path).split("\n"), start=1):
        where = f"{path.name} line {number}"
        if line.strip():
            try:
                document = json.loads(line)
            except (ValueError, RecursionError):
                findings.append(Finding("set_aside", where, "", "the line is not JSON"))
            else:
                yield from _services_of(document, where, others)
    findings += _left_out(path.name, others)


def _document(path: Path) -> Any:
    text = decode(path)
    if not text.strip():
        raise CatalogueError(f"{path.name}: the file is empty; is the download whole?")
    try:
        return json.loads(text)
    except RecursionError:
        raise CatalogueError(f"{path.name}: nested too deep to be a directory") from None
    except ValueError as error:
        place = f"line {error.lineno}" if isinstance(error, json.JSONDecodeError) else "somewhere"
        raise CatalogueError(f"{path.name}: not a JSON file ({place}); is the download whole?") from None


def _services_of(document: Any, where: str, others: Counter[str]) -> Iterator[tuple[str, Any]]:
    """The service records of a document; what else it holds is counted by its kind."""
    records = records_of(document)
    for number, (kind, record) in enumerate(records, start=1):
        if kind == SERVICE:
            yield f"{where} record {number}" if len(records) > 1 else where, record
        else:
            others[kind] += 1


def _left_out(where: str, others: Mapping[str, int]) -> list[Finding]:
    """One finding for each kind of record that is no service."""
    return [
        Finding("not_a_service", where, "", f"holds {kind}, not services ({count})") for kind, count in others.items()
    ]
