"""A live API becomes one file, through faults, stops and odd pages. The server is a small one on the loopback."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from matcher.catalogue import read_with_findings
from matcher.domain import CatalogueError
from matcher.harvest import PATIENT_FOR, TRIES, harvest
from tests.factories import a_feed_service, at_location

PAGE_SIZE = 2


class Feed:
    """An Open Referral API of a few services whose faults a test chooses."""

    def __init__(self, *ids: str) -> None:
        self.services: list[Any] = [a_feed_service(id=service_id, name=f"Group {service_id}") for service_id in ids]
        self.faults: dict[str, list[tuple[int, dict[str, str]]]] = {}
        self.asked: Counter[str] = Counter()
        self.version_1 = False
        self.says_last_page = True
        self.ignores_page = False

    def fail(self, path: str, *statuses: int, **headers: str) -> None:
        """Answer the next requests for a path with these statuses before the real one."""
        self.faults[path] = [(status, headers) for status in statuses]

    def answer(self, target: str) -> tuple[int, dict[str, str], Any]:
        url = urlsplit(target)
        path = unquote(url.path)
        self.asked[path] += 1
        if self.faults.get(path):
            status, headers = self.faults[path].pop(0)
            return status, headers, {"error": "not now"}
        if path == "/services":
            return 200, {}, self._page(int(parse_qs(url.query)["page"][0]))
        found = [s for s in self.services if isinstance(s, dict) and path == f"/services/{s.get('id')}"]
        return (200, {}, {**found[0], "description": "Whole.", **at_location()}) if found else (404, {}, {})

    def _page(self, number: int) -> dict[str, Any]:
        start = 0 if self.ignores_page else (number - 1) * PAGE_SIZE
        listed = self.services[start : start + PAGE_SIZE]
        pages = -(-len(self.services) // PAGE_SIZE)
        if self.version_1:
            total = {"totalElements": len(self.services), "totalPages": pages, "last": number == pages}
            return {"content": listed, **total}
        last = {"last_page": number == pages, "total_pages": pages} if self.says_last_page else {}
        return {"contents": listed, "total_items": len(self.services), **last}


@pytest.fixture
def feed() -> Iterator[Feed]:
    feed = Feed("a", "b", "c", "d", "e")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, document = feed.answer(self.path)
            body = document if isinstance(document, bytes) else json.dumps(document).encode()
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    feed.url = f"http://127.0.0.1:{server.server_port}"
    yield feed
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def waits() -> list[float]:
    return []


def read(output):
    return {service["id"]: service for service in json.loads(output.read_text(encoding="utf-8"))["contents"]}


def test_all_pages_are_read_and_each_service_is_fetched_whole(feed, tmp_path, waits):
    output = tmp_path / "town.json"
    result = harvest(feed.url, output, wait=waits.append)
    assert (result.services, result.failed) == (5, {})
    assert list(read(output)) == ["a", "b", "c", "d", "e"]
    assert {service["description"] for service in read(output).values()} == {"Whole."}
    assert feed.asked["/services"] == 3
    assert waits == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["town.json"]


def test_a_snapshot_reads_as_a_catalogue_without_findings(feed, tmp_path):
    harvest(feed.url, tmp_path / "town.json")
    found = read_with_findings(tmp_path / "town.json")
    assert len(found.catalogue) == 5
    assert found.findings == ()


@pytest.mark.parametrize("ending", ["", "/", "/services", "/services/", "/services?page=3", "#top"])
def test_the_address_may_name_the_list_or_not(feed, tmp_path, ending):
    assert harvest(feed.url + ending, tmp_path / "town.json").services == 5


def test_the_first_version_of_the_standard_is_paged_too(feed, tmp_path):
    feed.version_1 = True
    assert harvest(feed.url, tmp_path / "town.json").services == 5
    assert feed.asked["/services"] == 3


def test_pages_that_do_not_say_which_is_last_end_with_an_empty_one(feed, tmp_path):
    feed.says_last_page = False
    assert harvest(feed.url, tmp_path / "town.json").services == 5


@pytest.mark.parametrize("without_ids", [False, True])
def test_an_api_that_gives_the_same_page_for_ever_is_left(feed, tmp_path, without_ids):
    feed.says_last_page, feed.ignores_page = False, True
    if without_ids:
        for service in feed.services:
            del service["id"]
    harvest(feed.url, tmp_path / "town.json")
    assert feed.asked["/services"] == 2


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_fault_that_passes_is_waited_out_ever_longer(feed, tmp_path, waits, status):
    feed.fail("/services/c", status, status, status)
    result = harvest(feed.url, tmp_path / "town.json", wait=waits.append)
    assert result.failed == {}
    assert waits == [2**0, 2**1, 2**2]


def test_the_server_says_how_long_to_wait(feed, tmp_path, waits):
    feed.fail("/services", 429, Retry_After="7")
    harvest(feed.url, tmp_path / "town.json", wait=waits.append)
    assert waits == [7]


def test_nobody_waits_an_hour_because_a_server_says_so(feed, tmp_path, waits):
    feed.fail("/services", 503, Retry_After="3600")
    harvest(feed.url, tmp_path / "town.json", wait=waits.append)
    assert waits == [60]


def test_a_service_that_is_gone_is_kept_as_listed_with_the_reason(feed, tmp_path, waits):
    feed.fail("/services/c", 404)
    result = harvest(feed.url, tmp_path / "town.json", wait=waits.append)
    assert (result.services, list(result.failed)) == (5, ["c"])
    assert "answered 404" in result.failed["c"]
    assert read(tmp_path / "town.json")["c"]["name"] == "Group c"
    assert "description" not in read(tmp_path / "town.json")["c"]
    assert waits == []


def test_a_service_that_never_answers_is_given_up_after_a_few_tries(feed, tmp_path, waits):
    feed.fail("/services/c", *[500] * 100)
    result = harvest(feed.url, tmp_path / "town.json", wait=waits.append)
    assert list(result.failed) == ["c"]
    assert feed.asked["/services/c"] == TRIES
    assert len(waits) == TRIES - 1


def test_a_site_that_answers_no_service_is_not_waited_for_each_time(feed, tmp_path, waits):
    feed.services = [a_feed_service(id=str(number)) for number in range(40)]
    for number in range(40):
        feed.fail(f"/services/{number}", *[500] * 100)
    result = harvest(feed.url, tmp_path / "town.json", wait=waits.append)
    assert len(result.failed) == 40
    assert len(waits) == PATIENT_FOR * (TRIES - 1)


def test_patience_comes_back_with_the_first_answer(feed, tmp_path, waits):
    feed.services = [a_feed_service(id=str(number)) for number in range(PATIENT_FOR + 2)]
    for number in range(PATIENT_FOR):
        feed.fail(f"/services/{number}", *[500] * 100)
    feed.fail(f"/services/{PATIENT_FOR + 1}", 500)
    result = harvest(feed.url, tmp_path / "town.json", wait=waits.append)
    assert len(result.failed) == PATIENT_FOR
    assert len(waits) == PATIENT_FOR * (TRIES - 1) + 1


def test_a_stop_in_the_middle_goes_on_where_it_was(feed, tmp_path, waits):
    output = tmp_path / "town.json"

    def stop_at_the_third(done: int, _: int | None) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        harvest(feed.url, output, progress=stop_at_the_third)
    assert not output.exists()
    assert harvest(feed.url, output, wait=waits.append).services == 5
    assert [feed.asked[f"/services/{service_id}"] for service_id in "abcde"] == [1] * 5
    assert sorted(path.name for path in tmp_path.iterdir()) == ["town.json"]


def test_a_line_torn_by_a_stop_is_fetched_again(feed, tmp_path):
    part = tmp_path / "town.json.part"
    line = json.dumps({"id": "a", "record": {"id": "a", "name": "Kept", "status": "active"}})
    part.write_text(f'{json.dumps({"from": feed.url})}\n{line}\n{{"id": "b", "reco', encoding="utf-8")
    harvest(feed.url, tmp_path / "town.json")
    assert read(tmp_path / "town.json")["a"]["name"] == "Kept"
    assert read(tmp_path / "town.json")["b"]["description"] == "Whole."


def test_a_part_of_another_harvest_is_not_mixed_in(feed, tmp_path):
    part = tmp_path / "town.json.part"
    part.write_text('{"from": "https://other.example.org"}\n{"id": "a", "record": {"id": "a"}}', encoding="utf-8")
    with pytest.raises(CatalogueError, match=r"town\.json\.part: holds a harvest from another address"):
        harvest(feed.url, tmp_path / "town.json")


def test_the_last_good_snapshot_stays_when_the_list_cannot_be_had(feed, tmp_path, waits):
    output = tmp_path / "town.json"
    output.write_text("good", encoding="utf-8")
    feed.fail("/services", *[500] * 100)
    with pytest.raises(CatalogueError, match="/services: answered 500; check the address or try again later"):
        harvest(feed.url, output, wait=waits.append)
    assert output.read_text(encoding="utf-8") == "good"


def test_ids_are_quoted_in_addresses(feed, tmp_path):
    feed.services = [a_feed_service(id="a/b ?#é")]
    assert harvest(feed.url, tmp_path / "town.json").failed == {}


def test_what_the_list_holds_besides_services_is_written_and_named(feed, tmp_path):
    feed.services = [a_feed_service(id="a"), "junk", {"name": "No id"}]
    result = harvest(feed.url, tmp_path / "town.json")
    assert list(result.failed) == ["page 1 record 2", "page 2 record 1"]
    assert [f.code for f in read_with_findings(tmp_path / "town.json").findings] == ["set_aside", "set_aside"]


def test_an_answer_that_is_no_json_object_is_refused(feed, tmp_path):
    feed.answer = lambda _: (200, {}, b"<html>Welcome</html>")
    with pytest.raises(CatalogueError, match="not a JSON object; is this an Open Referral API"):
        harvest(feed.url, tmp_path / "town.json")


def test_an_answer_without_services_is_refused(feed, tmp_path):
    feed.answer = lambda _: (200, {}, {"hello": "world"})
    with pytest.raises(CatalogueError, match="no list of services; is this an Open Referral API"):
        harvest(feed.url, tmp_path / "town.json")


def test_progress_is_told_with_the_total(feed, tmp_path):
    told = []
    harvest(feed.url, tmp_path / "town.json", progress=lambda done, total: told.append((done, total)))
    assert told == [(done, 5) for done in range(1, 6)]


ADDRESSES = [
    "",
    "town.json",
    "file:///etc/passwd",
    "ftp://example.org",
    "http://",
    "http://example.org:99999",
    "http://user:secret@example.org",
]


@pytest.mark.parametrize("url", ADDRESSES)
def test_what_is_no_web_address_is_refused_and_passwords_are_not_repeated(tmp_path, url):
    with pytest.raises(CatalogueError, match="the address must") as refused:
        harvest(url, tmp_path / "town.json")
    assert "secret" not in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_a_site_that_is_not_there_is_named(tmp_path, waits):
    with pytest.raises(CatalogueError, match="could not be reached"):
        harvest("http://127.0.0.1:9", tmp_path / "town.json", wait=waits.append)
    assert len(waits) == TRIES - 1
