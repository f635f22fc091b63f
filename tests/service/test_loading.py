"""Taking catalogues into service: whole, tried, guarded, and the last good one kept."""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from matcher import Engine, read_catalogue
from matcher.domain import CatalogueError
from service.app import create_app
from service.archive import SETTLE_S, Archive
from service.loading import NOT_KEPT, STALE
from service.shrinking import check_shrink, summary_of
from service.workers import Workers
from tests.factories import a_feed_service, write_json

KEEP = 3


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write(tmp_path / "town" / "services.json", "svc-choir")


def write(path: Path, *ids: str) -> Path:
    """A catalogue of these services, dated so that nobody can still be writing it."""
    path.parent.mkdir(exist_ok=True)
    names = [a_feed_service(id=i, name=f"Choir {i}", description="Singing for lonely people") for i in ids]
    write_json(path, names)
    os.utime(path, (time.time() - 60, time.time() - 60))
    return path


@pytest.fixture
def archive(tmp_path: Path, source: Path) -> Archive:
    return Archive(tmp_path / "copies", [source], KEEP)


def test_equal_content_is_the_same_copy_and_other_content_another(archive: Archive, source: Path) -> None:
    first, again = archive.take(), archive.take()
    write(source, "svc-other")
    assert first.id == again.id != archive.take().id


def test_a_copy_reads_as_its_source_does(archive: Archive, source: Path) -> None:
    assert read_catalogue(*archive.take().paths).version == read_catalogue(source).version


def test_a_folder_is_copied_with_the_files_that_are_read(tmp_path: Path) -> None:
    folder = tmp_path / "feeds"
    folder.mkdir()
    write(folder / "a.json", "svc-1")
    write(folder / "b.json", "svc-2")
    (folder / "notes.txt").write_text("not a feed")
    (copied,) = Archive(tmp_path / "copies", [folder], KEEP).take().paths
    assert sorted(path.name for path in copied.iterdir()) == ["a.json", "b.json"]


def test_nothing_is_current_before_it_is_published(archive: Archive) -> None:
    copy = archive.take()
    assert archive.current() is None
    archive.publish(copy, {"services": 1, "needs": []})
    assert archive.current() == copy
    assert archive.summary() == {"services": 1, "needs": []}


def test_a_copy_that_was_damaged_is_not_current(archive: Archive) -> None:
    copy = archive.take()
    archive.publish(copy, {})
    copy.paths[0].write_bytes(copy.paths[0].read_bytes()[:-1])
    assert archive.current() is None


def test_only_so_many_copies_are_kept_and_the_current_one_is_among_them(
    archive: Archive, source: Path, tmp_path: Path
) -> None:
    for number in range(KEEP + 2):
        write(source, f"svc-{number}")
        copy = archive.take()
        archive.publish(copy, {})
    assert len(list((tmp_path / "copies").glob("*/*/manifest.json"))) == KEEP
    assert archive.current() == copy


def test_a_source_that_is_missing_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=r"nowhere\.json: no such file"):
        Archive(tmp_path / "copies", [tmp_path / "nowhere.json"], KEEP).take()


def test_a_file_that_differs_from_the_digest_beside_it_is_refused(archive: Archive, source: Path) -> None:
    beside = source.with_name("services.json.sha256")
    beside.write_text(f"{hashlib.sha256(source.read_bytes()).hexdigest()}  services.json\n")
    archive.take()
    beside.write_text(f"{'0' * 64}  services.json\n")
    with pytest.raises(CatalogueError, match=r"differs from services\.json\.sha256"):
        archive.take()


def test_a_file_that_is_being_written_is_never_taken(archive: Archive, source: Path) -> None:
    """A writer adds a piece every fifth of the settling time; whatever is taken is whole."""
    whole = source.read_bytes()
    pieces = [*(whole[i : i + 8] for i in range(0, 16 * 8, 8)), whole[16 * 8 :]]

    def slowly() -> None:
        with source.open("wb") as file:
            for piece in pieces:
                file.write(piece)
                file.flush()
                time.sleep(SETTLE_S / 5)

    writer = threading.Thread(target=slowly)
    writer.start()
    refused = 0
    while writer.is_alive():
        try:
            copy = archive.take()
        except CatalogueError:
            refused += 1
        else:
            assert copy.paths[0].read_bytes() == whole
    writer.join()
    assert refused >= 2, "the test saw no half-written file"
    assert archive.take().paths[0].read_bytes() == whole


def test_half_of_the_services_gone_is_refused(engine: Engine) -> None:
    new = {"services": 49, "needs": []}
    with pytest.raises(CatalogueError, match="49 services, the old one 100"):
        check_shrink({"services": 100, "needs": []}, new, 0.5, engine.taxonomy)
    check_shrink({"services": 98, "needs": []}, new, 0.5, engine.taxonomy)


def test_a_need_without_any_service_left_is_refused_by_its_label(engine: Engine) -> None:
    old = summary_of(engine)
    assert len(old["needs"]) > 20
    need = old["needs"][0]
    new = {**old, "needs": old["needs"][1:]}
    with pytest.raises(CatalogueError, match=engine.taxonomy.by_id[need].pref_label):
        check_shrink(old, new, 0.5, engine.taxonomy)
    check_shrink(new, old, 0.5, engine.taxonomy)


def test_without_a_catalogue_that_can_be_served_the_service_does_not_start(tmp_path: Path, config: Callable) -> None:
    broken = write(tmp_path / "town" / "services.json", "x")
    broken.write_text("[{")
    os.utime(broken, (1, 1))
    with (
        pytest.raises(CatalogueError, match=r"services\.json: not a JSON file"),
        TestClient(create_app(config(catalogue=(broken,)))),
    ):
        pass


def test_a_catalogue_is_taken_refused_and_taken_again_while_the_old_one_serves(source: Path, config: Callable) -> None:
    """The life of a catalogue: start, a bad file, a shrunken one, a good one; and a start over a broken source."""
    write(source, *(f"svc-{n}" for n in range(4)))
    settings = config(catalogue=(source,))
    app = create_app(settings)
    with TestClient(app, base_url="http://127.0.0.1") as client:
        metric = lambda: float(client.get("/metrics").text.split("\nmatcher_last_reload_ok ")[1].split()[0])  # noqa: E731
        reload = lambda **order: client.post("/v1/catalogue/reload", json=order)  # noqa: E731
        first = client.get("/health/ready").json()
        assert (first["services"], first["degraded"], metric()) == (4, [], 1)
        assert reload().json()["result"] == "unchanged"

        source.write_text('[{"id": "Mrs Somebody')
        answer = reload()
        assert (answer.status_code, metric()) == (422, 0)
        assert "Somebody" not in answer.text
        assert client.get("/health/ready").json()["catalogue"] == first["catalogue"]

        write(source, "svc-0")
        assert "1 services, the old one 4" in reload().json()["detail"]
        assert client.get("/v1/services/svc-3").status_code == 200

        taken = reload(accept_shrink=True).json()
        assert (taken["result"], taken["services"], metric()) == ("taken", 1, 1)
        assert client.get("/v1/services/svc-3").status_code == 404
        answer = client.post("/v1/suggestions", json={"note": "Lonely, likes singing"}).json()
        assert answer["versions"]["catalogue"] == taken["catalogue"]

    source.write_text("")
    os.utime(source, (1, 1))
    with TestClient(create_app(settings), base_url="http://127.0.0.1") as client:
        ready = client.get("/health/ready")
        assert (ready.status_code, ready.json()["degraded"]) == (200, [STALE])
        assert ready.json()["catalogue"] == taken["catalogue"]


def test_two_reloads_at_once_are_one_too_many(source: Path, config: Callable, engine: Engine) -> None:
    app = create_app(config(catalogue=(source,)), engine)
    with TestClient(app, base_url="http://127.0.0.1") as client:
        archive = Archive(config().state / "catalogues", [source], KEEP)
        with archive.lock.open("a") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            answer = client.post("/v1/catalogue/reload", json={})
    assert (answer.status_code, answer.headers["retry-after"]) == (409, "5")


def test_a_read_only_state_folder_does_not_stop_the_service(config: Callable, tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "catalogues").write_text("a file where the folder should be")
    with TestClient(create_app(config()), base_url="http://127.0.0.1") as client:
        assert client.get("/health/ready").json()["degraded"] == [NOT_KEPT]
        assert client.post("/v1/catalogue/reload", json={}).status_code == 503


def test_a_worker_that_died_is_not_waited_for(tmp_path: Path) -> None:
    workers = Workers(tmp_path)
    workers.say("abc")
    (tmp_path / "999999999").write_text("old")
    assert asyncio.run(workers.all_have("abc", 5)) == 1
    assert asyncio.run(workers.all_have("other", 0.1)) == 0
