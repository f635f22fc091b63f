"""Live Open Referral API -> one snapshot file.

Lists are shallow, so every service is fetched by id. What was fetched is kept in a part file beside the output; running
the same command again goes on where it stopped.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import httpx2 as httpx

from matcher.domain import CatalogueError

TIMEOUT_SECONDS = 30.0
TRIES = 5
MOST_PAGES = 100_000
RETRY_STATUSES = (408, 425, 429, 500, 502, 503, 504)
LONGEST_WAIT_SECONDS = 60.0


@dataclass
class Harvest:
    """What a harvest brought: how many services, and the ids that could not be fetched with the reason."""

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

    Args:
        url: the base address, with or without ``/services``.
        output: the snapshot to write (an Open Referral page as JSON).
        client: an HTTP client to use instead of a new one.
        wait: how to wait between tries.
        progress: called with services done and the total, when the API tells it.

    Raises:
        CatalogueError: the address is not one, or the list cannot be fetched.
    """
    base = _base(url)
    kept = _PartFile(output.with_name(f"{output.name}.part"), base)
    result = Harvest()
    with client or httpx.Client(timeout=TIMEOUT_SECONDS, follow_redirects=True) as http:
        fetch = _Fetcher(http, wait)
        for shallow, total in _listed(fetch, base):
            service_id = str(shallow.get("id") or "")
            if service_id and service_id not in kept.records:
                try:
                    kept.add(service_id, fetch.json(f"{base}/services/{quote(service_id, safe='')}"))
                except CatalogueError as error:
                    result.failed[service_id] = str(error)
                    kept.add(service_id, shallow)
            progress(len(kept.records), total)
    result.services = len(kept.records)
    _write(output, list(kept.records.values()))
    kept.remove()
    return result


class _Fetcher:
    """GET with retries and back-off; honours Retry-After."""

    def __init__(self, http: httpx.Client, wait: Callable[[float], None]) -> None:
        self.http = http
        self.wait = wait

    def json(self, url: str, **params: int) -> dict[str, Any]:
        last = ""
        for attempt in range(TRIES):
            pause = min(LONGEST_WAIT_SECONDS, 2.0**attempt)
            try:
                response = self.http.get(url, params=params or None)
                if response.status_code == httpx.codes.OK:
                    return _object(response)
                last = f"answered {response.status_code}"
                if response.status_code not in RETRY_STATUSES:
                    break
                after = response.headers.get("Retry-After", "")
                pause = min(LONGEST_WAIT_SECONDS, float(after)) if after.isdigit() else pause
            except httpx.HTTPError as error:
                last = f"could not be reached ({type(error).__name__})"
            if attempt + 1 < TRIES:
                self.wait(pause)
        raise CatalogueError(f"{url}: {last}; check the address or try again later")


def _object(response: httpx.Response) -> dict[str, Any]:
    try:
        document = response.json()
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise CatalogueError(f"{response.url}: the answer is not a JSON object; is this an Open Referral API?")
    return document


def _listed(fetch: _Fetcher, base: str) -> Iterator[tuple[dict[str, Any], int | None]]:
    """Shallow services of all pages, with the total when the API tells it."""
    for number in range(1, MOST_PAGES):
        page = fetch.json(f"{base}/services", page=number)
        contents = page.get("contents", page.get("content", page.get("items")))
        if not isinstance(contents, list):
            raise CatalogueError(f"{base}/services: the answer has no list of services; is this an Open Referral API?")
        total = page.get("total_items", page.get("totalElements"))
        for item in contents:
            if isinstance(item, dict):
                yield item, total if isinstance(total, int) else None
        pages = page.get("total_pages", page.get("totalPages"))
        last = page.get("last_page", page.get("last"))
        if not contents or last is True or (isinstance(pages, int) and number >= pages):
            return


class _PartFile:
    """Services fetched so far, one a line; the first line says from where."""

    def __init__(self, path: Path, base: str) -> None:
        self.path = path
        self.records: dict[str, Any] = {}
        for line in self._lines():
            if "from" in line and line["from"] != base:
                raise CatalogueError(f"{path.name}: holds a harvest from another address; remove it or change --output")
            if "record" in line:
                self.records[line["id"]] = line["record"]
        if not self.records:
            self.path.write_text(json.dumps({"from": base}) + "\n", encoding="utf-8")

    def _lines(self) -> Iterator[dict[str, Any]]:
        if self.path.exists():
            for line in self.path.read_text(encoding="utf-8").splitlines():
                try:
                    yield json.loads(line)
                except ValueError:
                    continue

    def add(self, service_id: str, record: Any) -> None:
        self.records[service_id] = record
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"id": service_id, "record": record}) + "\n")

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)


def _base(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise CatalogueError("the address must start with http:// or https://")
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/').removesuffix('/services')}"


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
    with temporary.open("w", encoding="utf-8") as file:
        json.dump(page, file, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(output)
