"""Live Open Referral API -> one snapshot file.

Lists are shallow, so every service is fetched by id. What was fetched is kept in a part file beside the output; running
the same command again goes on where it stopped.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2 as httpx

from matcher.domain import CatalogueError

TIMEOUT_SECONDS = 30.0
TRIES = 5
PATIENT_FOR = 5
"""After so many services in a row that were tried in vain, each gets one try only: waiting for all would take days."""
MOST_PAGES = 100_000
RETRY_STATUSES = (408, 425, 429, 500, 502, 503, 504)
LONGEST_WAIT_SECONDS = 60.0
LAST_PORT = 65_535


@dataclass
class Harvest:
    """What a harvest brought: how many services, and those that are in it only as listed, with the reason."""

    services: int = 0
    failed: dict[str, str] = field(default_factory=dict)


def harvest(
    url: str,
    output: Path,
    *,
    client: httpx.Client | None = None,
    wait: Callable[[float], None] = time.sleep,
    progress: Callable[[int, int | None], None] = lambda done, total: None,
) -> Harvest:
    """Fetch all services of an Open Referral API into one file.

    A service whose own page cannot be fetched is written as the list has it, and tried again by the next run.

    Args:
        url: the base address, with or without ``/services``.
        output: the snapshot to write (an Open Referral page as JSON).
        client: an HTTP client to use instead of a new one; it stays open.
        wait: how to wait between tries.
        progress: called with services done and the total, when the API tells it.

    Raises:
        CatalogueError: the address is not one, or the list cannot be fetched.
    """
    base = _base(url)
    kept = _PartFile(output.with_name(f"{output.name}.part"), base)
    result = Harvest()
    found: dict[str, Any] = {}
    with nullcontext(client) if client else httpx.Client(timeout=TIMEOUT_SECONDS, follow_redirects=True) as http:
        lists, details = _Fetcher(http, wait), _Fetcher(http, wait)
        for service_id, shallow, total in _listed(lists, base):
            try:
                found[service_id] = kept.get(service_id) or kept.add(service_id, _whole(details, base, shallow))
            except CatalogueError as error:
                found[service_id] = shallow
                result.failed[service_id] = str(error)
            progress(len(found), total)
    result.services = len(found)
    _write(output, list(found.values()))
    kept.remove()
    return result


class _Fetcher:
    """GET with retries and back-off; honours Retry-After."""

    def __init__(self, http: httpx.Client, wait: Callable[[float], None]) -> None:
        self.http = http
        self.wait = wait
        self.in_vain = 0

    def json(self, url: str, **params: int) -> dict[str, Any]:
        """The JSON object at an address. Raises CatalogueError when it cannot be had."""
        last = ""
        tries = TRIES if self.in_vain < PATIENT_FOR else 1
        self.in_vain += 1
        for attempt in range(tries):
            pause = min(LONGEST_WAIT_SECONDS, 2.0**attempt)
            try:
                response = self.http.get(url, params=params or None)
            except httpx.HTTPError as error:
                last = f"could not be reached ({type(error).__name__})"
            else:
                last = f"answered {response.status_code}"
                if response.status_code not in RETRY_STATUSES:
                    self.in_vain = 0
                    if response.status_code == httpx.codes.OK:
                        return _object(response)
                    break
                after = response.headers.get("Retry-After", "")
                pause = min(LONGEST_WAIT_SECONDS, float(after)) if after.isdecimal() else pause
            if attempt + 1 < tries:
                self.wait(pause)
        raise CatalogueError(f"{url}: {last}; check the address or try again later")


def _object(response: httpx.Response) -> dict[str, Any]:
    try:
        document = response.json()
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise CatalogueError(f"{response.url}: the answer is not a JSON object; is this an Open Referral API?")
    return document


def _whole(fetch: _Fetcher, base: str, shallow: Any) -> dict[str, Any]:
    """The full record of a listed service."""
    if not isinstance(shallow, dict) or not shallow.get("id"):
        raise CatalogueError("the list gives no id for it")
    return fetch.json(f"{base}/services/{quote(str(shallow['id']), safe='')}")


def _listed(fetch: _Fetcher, base: str) -> Iterator[tuple[str, Any, int | None]]:
    """Each shallow service of all pages once: its id (or its place in the list), itself, and the total where told."""
    seen: set[str] = set()
    previous: list[Any] = []
    for number in range(1, MOST_PAGES):
        page = fetch.json(f"{base}/services", page=number)
        contents = page.get("contents", page.get("content", page.get("items")))
        if not isinstance(contents, list):
            raise CatalogueError(f"{base}/services: the answer has no list of services; is this an Open Referral API?")
        total = page.get("total_items", page.get("totalElements"))
        before = len(seen)
        repeated = contents == previous
        previous = contents
        for place, item in enumerate(contents, start=1):
            given = item.get("id") if isinstance(item, dict) else None
            service_id = str(given or f"page {number} record {place}")
            if service_id not in seen:
                seen.add(service_id)
                yield service_id, item, total if isinstance(total, int) else None
        if repeated or len(seen) == before or _is_last(page, number):  # an API that ignores ``page`` has no end
            return


def _is_last(page: dict[str, Any], number: int) -> bool:
    pages = page.get("total_pages", page.get("totalPages"))
    return page.get("last_page", page.get("last")) is True or (isinstance(pages, int) and number >= pages)


class _PartFile:
    """Services fetched so far, one a line; the first line says from where. A torn line is fetched again."""

    def __init__(self, path: Path, base: str) -> None:
        self.path = path
        self.records: dict[str, dict[str, Any]] = {}
        addresses = {base}
        for line in self._lines():
            if "record" in line:
                self.records[line["id"]] = line["record"]
            addresses.add(line.get("from", base))
        if self.records and addresses != {base}:
            raise CatalogueError(f"{path.name}: holds a harvest from another address; remove it or change --output")
        if not self.records:
            self.path.write_text(json.dumps({"from": base}), encoding="utf-8")

    def _lines(self) -> Iterator[dict[str, Any]]:
        if self.path.exists():
            for line in self.path.read_text(encoding="utf-8", errors="replace").splitlines():
                try:
                    document = json.loads(line)
                except ValueError:
                    continue
                if isinstance(document, dict):
                    yield document

    def get(self, service_id: str) -> dict[str, Any] | None:
        return self.records.get(service_id)

    def add(self, service_id: str, record: dict[str, Any]) -> dict[str, Any]:
        self.records[service_id] = record
        with self.path.open("a", encoding="utf-8") as file:
            file.write("\n" + json.dumps({"id": service_id, "record": record}))
        return record

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)


def _base(url: str) -> str:
    """The address that ``/services`` is appended to. Raises CatalogueError when it is not one."""
    try:
        parts = httpx.URL(url.strip())
    except httpx.InvalidURL:
        parts = httpx.URL("")
    if parts.scheme not in ("http", "https") or not parts.host or (parts.port or 0) > LAST_PORT:
        raise CatalogueError("the address must start with http:// or https:// and name a host")
    if parts.userinfo:
        raise CatalogueError("the address must not hold a user name or password: it is written to files and messages")
    return str(parts.copy_with(query=None, fragment=None)).rstrip("/").removesuffix("/services")


def _write(output: Path, services: list[Any]) -> None:
    page = {
        "total_items": len(services),
        "total_pages": 1,
        "page_number": 1,
        "size": len(services),
        "first_page": True,
        "last_page": True,
        "empty": not services,
        "contents": services,
    }
    temporary = output.with_name(f"{output.name}.tmp")
    with temporary.open("w", encoding="utf-8", errors="replace") as file:  # lone surrogates are no text
        json.dump(page, file, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(output)
