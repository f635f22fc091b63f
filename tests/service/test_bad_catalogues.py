"""A bad directory is refused with a reason, and the one that serves goes on as if nothing had been offered."""

from __future__ import annotations

import json
import os
import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from matcher import Catalogue, Engine, read_catalogue
from matcher.domain import CatalogueError
from service.app import create_app
from service.archive import Copy
from service.loading import Loader
from service.workers import Workers
from tests.caseloads import SETTINGS
from tests.factories import a_catalogue, a_taxonomy
from tests.service.bad_files import BAD, CANARY, GOOD, ODD_PATHS, damaged, good

LONG_AGO = (1_000_000_000, 1_000_000_000)
"""So that nobody can still be writing the file."""
SOME, MANY = 60, 2_000
LISTS = 5


class Nearby(Loader):
    """A loader that fits in this process with the small taxonomy: a process of its own takes seconds a file."""

    read = staticmethod(read_catalogue)

    def _built_apart(self, copy: Copy, beside: Engine) -> Engine:
        return Engine.fit(self.read(*copy.paths), beside.taxonomy, beside.settings)


class Offered:
    """A service and the file that it reads its catalogue from."""

    def __init__(self, client: TestClient, source: Path) -> None:
        self.client, self.source = client, source

    def offer(self, content: bytes | None = None) -> tuple[int, str]:
        """Put content in the file's place, if given, and ask for a reload: status and detail."""
        if content is not None:
            self.source.write_bytes(content)
            os.utime(self.source, LONG_AGO)
        answer = self.client.post("/v1/catalogue/reload", json={})
        assert CANARY not in answer.text
        return answer.status_code, answer.json().get("detail", "")

    def serves(self) -> str:
        """The version that five lists are made with, all of them good."""
        answers = [self.client.post("/v1/suggestions", json={"interests": ["singing"]}) for _ in range(LISTS)]
        assert [(a.status_code, bool(a.json()["suggestions"])) for a in answers] == [(200, True)] * LISTS
        (version,) = {answer.json()["versions"]["catalogue"] for answer in answers}
        return version

    def last_reload_ok(self) -> float:
        return float(self.client.get("/metrics").text.split("\nmatcher_last_reload_ok ")[1].split()[0])


@contextmanager
def offering(folder: Path, config: Callable, name: str = "services.json") -> Iterator[Offered]:
    """A service that serves a small good town from a file of this name."""
    source = folder / "town" / name
    source.parent.mkdir(parents=True)
    settings = config(catalogue=(source,), rate_per_minute=1_000_000, shrink_floor=0.5)
    engine = Engine.fit(a_catalogue(), a_taxonomy(folder / "taxonomy"), SETTINGS)
    app = create_app(settings, engine)
    app.state.loader = Nearby(settings, app.state.matcher, app.state.metrics, Workers(None))
    with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
        offered = Offered(client, source)
        assert offered.offer(content_of(name))[0] == 200
        yield offered


def content_of(name: str) -> bytes:
    """The good town as a file of this name."""
    if name.endswith(".jsonl"):
        return b"".join(json.dumps(service).encode() + b"\n" for service in good())
    if name.endswith(".csv"):
        rows = [f"{s['id']},{s['name']},{s['description']},active" for s in good()]
        return "\n".join(["id,name,description,status", *rows]).encode()
    return GOOD


def refused(offered: Offered, status: int, detail: str, before: str) -> list[object]:
    """What is wrong with a refusal: no reason, a gauge that says all is well, or another catalogue served."""
    found: list[object] = [] if status == 422 and detail else [(status, detail)]
    if offered.last_reload_ok() != 0:
        found.append("the gauge says that the last reload was good")
    if offered.serves() != before:
        found.append("something else is served")
    return found


def test_sixty_bad_files_and_more_are_refused_with_a_reason_while_the_old_one_serves(
    tmp_path: Path, config: Callable
) -> None:
    wrong, count = {}, 0
    for name, files in BAD.items():
        with offering(tmp_path / name, config, name) as offered:
            before = offered.serves()
            for what, content in files.items():
                count += 1
                if found := refused(offered, *offered.offer(content), before):
                    wrong[name, what] = found
            assert offered.offer(content_of(name))[0] == 200
            assert offered.last_reload_ok() == 1
    assert wrong == {}
    assert count >= 60


@pytest.mark.parametrize("what", ODD_PATHS)
def test_what_is_no_file_of_services_is_refused(tmp_path: Path, config: Callable, what: str) -> None:
    with offering(tmp_path, config) as offered:
        before = offered.serves()
        offered.source.unlink()
        ODD_PATHS[what](offered.source)
        assert refused(offered, *offered.offer(), before) == []


def holds_a_service(content: bytes) -> bool:
    """Whether a reader of its own, that knows of JSON, ids and names only, finds a service in a file."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")  # what an office computer may have saved
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return False
    records = document if isinstance(document, list) else [document]
    return any(isinstance(r, dict) and "id" in r and "name" in r for r in records)


def offer_damaged(offered: Offered, count: int, seed: int) -> tuple[list[object], Counter[int]]:
    """Offer so many damaged files; what was wrong, with the number of each, and how often each status came."""
    wrong: list[object] = []
    statuses: Counter[int] = Counter()
    for number in range(count):
        content, before = damaged(random.Random(f"{seed} {number}")), offered.serves()  # noqa: S311
        status, detail = offered.offer(content)
        statuses[status] += 1
        if status == 422:
            wrong += [(number, fault) for fault in refused(offered, status, detail, before)]
            if holds_a_service(content) and "accept_shrink" not in detail:
                wrong.append((number, "holds services and was refused", detail))
        elif status != 200 or not holds_a_service(content):
            wrong.append((number, status, "was not refused"))
    return wrong, statuses


def assert_both_ways(statuses: Counter[int], count: int) -> None:
    """The validity floor: enough of the damaged files had to be refused, and enough were still good."""
    assert statuses[422] >= 0.2 * count, statuses
    assert statuses[200] >= 0.1 * count, statuses


def test_directories_damaged_anywhere_are_refused_or_read_as_an_independent_reader_would(
    tmp_path: Path, config: Callable
) -> None:
    with offering(tmp_path, config) as offered:
        wrong, statuses = offer_damaged(offered, SOME, seed=1)
    assert wrong == []
    assert_both_ways(statuses, SOME)


@pytest.mark.reliability
def test_two_thousand_damaged_directories_are_refused_or_read(tmp_path: Path, config: Callable) -> None:
    with offering(tmp_path, config) as offered:
        wrong, statuses = offer_damaged(offered, MANY, seed=2)
    print(dict(statuses))  # noqa: T201
    assert wrong == []
    assert_both_ways(statuses, MANY)


def test_a_loader_that_takes_anything_would_be_seen(
    tmp_path: Path, config: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: whatever cannot be read becomes the town as it was."""
    whole = tmp_path / "whole.json"
    whole.write_bytes(GOOD)

    def forgiving(*paths: Path) -> Catalogue:
        try:
            return read_catalogue(*paths)
        except CatalogueError:
            return read_catalogue(whole)

    with offering(tmp_path, config) as offered:
        monkeypatch.setattr(Nearby, "read", staticmethod(forgiving))
        wrong, _ = offer_damaged(offered, 20, seed=1)
    assert wrong
