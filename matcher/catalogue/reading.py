"""Outside feeds become one checked catalogue: files, folders, pages, NDJSON and CSV."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count, islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from matcher.catalogue.columns import Catalogue, arranged, catalogue_of_table
from matcher.catalogue.decoding import decode, encoding_of
from matcher.catalogue.duplicates import find_duplicates
from matcher.catalogue.findings import Finding
from matcher.catalogue.gathering import gather
from matcher.catalogue.parts import Item, Lines, Part, read_items, read_lines, services_of
from matcher.catalogue.shapes import missing
from matcher.catalogue.tables import read_table
from matcher.domain import CatalogueError
from matcher.processes import EVERY_CORE, Spread, in_order

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


def read_with_findings(*paths: Path | str, spread: Spread = EVERY_CORE) -> ReadCatalogue:
    """Read one or more directories and say what was wrong with them.

    Each path is an Open Referral page (``{"contents": [...]}``), a list of pages or services, one service, an
    organisation with its services, a list of services at locations, a folder of such files, NDJSON (one of these a
    line) or CSV. A bad record is set aside with a finding and never stops the rest. ``spread`` says how many processes
    read, and from how many records on; it changes nothing else.

    Raises:
        CatalogueError: a path does not exist, is no such file, or holds not one readable service.
    """
    findings: list[Finding] = []
    batches: list[pa.RecordBatch] = []
    for path, source in zip(map(Path, paths), _source_names([Path(path) for path in paths]), strict=True):
        noted: list[Finding] = []
        found = gather(_parts(path, source, spread), noted)
        if not found:
            raise CatalogueError(f"{path.name}: no service could be read ({_reasons(noted)})")
        batches += found
        findings += noted
    table = arranged(batches)
    del batches, found  # the same once more
    duplicates = find_duplicates(table, findings, spread)
    return ReadCatalogue(catalogue_of_table(table, duplicates), tuple(findings))


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


def _parts(path: Path, source: str, spread: Spread) -> Iterator[Part]:
    """What was read of one source, a part at a time."""
    if path.is_dir():
        yield from _folder_parts(path, source, spread)
    elif path.is_file():
        yield from _file_parts(path, source, spread, whole=True)
    else:
        raise CatalogueError(f"{path.name}: no such file or folder; give an Open Referral, NDJSON or CSV file")


def _folder_parts(folder: Path, source: str, spread: Spread) -> Iterator[Part]:
    files = sorted(p for p in folder.iterdir() if p.suffix.casefold() in ENDINGS and p.is_file())
    if not files:
        raise CatalogueError(f"{folder.name}: the folder holds no .json, .jsonl or .csv file")
    for file in files:
        try:
            yield from _file_parts(file, source, spread, whole=False)
        except CatalogueError as error:
            text = str(error).removeprefix(f"{file.name}: ")
            yield read_items(source, [Finding("set_aside", file.name, "", text)])


def _file_parts(path: Path, source: str, spread: Spread, *, whole: bool) -> Iterator[Part]:
    """The parts of one file; ``whole`` when it should hold all pages of its list."""
    if path.suffix.casefold() in (".jsonl", ".ndjson"):
        others: Counter[str] = Counter()
        for part in in_order(partial(read_lines, source), _lines(path, spread.chunk), spread):
            others.update(part.others)
            yield part
        yield read_items(source, _left_out(path.name, others))
        return
    items = _row_items(path) if path.suffix.casefold() == ".csv" else _document_items(path, whole=whole)
    for part in in_order(partial(read_items, source), _cut(items, spread.chunk), spread):
        yield part
        if part.error:
            raise part.error


def _lines(path: Path, size: int) -> Iterator[Lines]:
    """The lines of a file, so many at a time. Only a line feed ends one."""
    with path.open(encoding=encoding_of(path), newline="\n") as file:
        for first in count(1, size):
            texts = list(islice(file, size))
            if first == 1 and texts:
                texts[0] = texts[0].removeprefix("\ufeff")
            if not texts:
                return
            yield Lines(path.name, first, texts)


def _document_items(path: Path, *, whole: bool) -> Iterator[Item]:
    document = _document(path)
    if whole and (text := missing(document)):
        yield Finding("missing_pages", path.name, "", text)
    others: Counter[str] = Counter()
    yield from services_of(document, path.name, others)
    yield from _left_out(path.name, others)


def _row_items(path: Path) -> Iterator[Item]:
    """The rows of a table, and what is wrong with others, in order."""
    noted: list[Finding] = []
    try:
        for record in read_table(path, noted):
            yield from noted
            noted.clear()
            yield record
    except CatalogueError as error:
        yield from noted
        yield error
    else:
        yield from noted


def _cut(items: Iterator[Item], size: int) -> Iterator[list[Item]]:
    """So many items at a time."""
    while chunk := list(islice(items, size)):
        yield chunk


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


def _left_out(where: str, others: Mapping[str, int]) -> list[Finding]:
    """One finding for each kind of record that is no service."""
    return [
        Finding("not_a_service", where, "", f"holds {kind}, not services ({count})") for kind, count in others.items()
    ]
