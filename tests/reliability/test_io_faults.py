"""One call to the disk after another fails, until none does: what is left is the old or the new, whole."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import service.archive
from matcher.batch import rescore
from matcher.batch.ledger import RunFolder
from matcher.engine import Engine
from service.archive import Archive, Copy
from service.keys import KeyFile
from tests.caseloads import DAY, an_engine, file_bytes, records, write_caseload
from tests.factories import a_feed_service, write_json

CALLS = ((os, "fsync"), (os, "replace"), (Path, "replace"), (Path, "rename"), (Path, "hardlink_to"))
MOST = 200
LONG_AGO = (1_000_000_000, 1_000_000_000)


@contextmanager
def failing(monkeypatch: pytest.MonkeyPatch, nth: int) -> Iterator[Callable[[], bool]]:
    """The Nth sync or renaming fails as on a worn-out disk; yields whether it has come to that."""
    seen = 0

    def wrapped(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any) -> Any:
            nonlocal seen
            seen += 1
            if seen == nth:
                raise OSError(errno.EIO, "Input/output error")
            return real(*args)

        return call

    with monkeypatch.context() as patch:
        for owner, name in CALLS:
            patch.setattr(owner, name, wrapped(getattr(owner, name)))
        yield lambda: seen >= nth


def sweep(monkeypatch: pytest.MonkeyPatch, attempt: Callable[[int], None], after: Callable[[int, bool], None]) -> int:
    """Fail the first call, the second, ... until an attempt ends without a fault; how many faults there were."""
    for nth in range(1, MOST):
        failed = False
        with failing(monkeypatch, nth) as came:
            try:
                attempt(nth)
            except OSError:
                failed = True
            fired = came()
        after(nth, failed)
        if not fired:
            assert not failed
            return nth - 1
    raise AssertionError("the sweep has no end")


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return an_engine(tmp_path_factory.mktemp("taxonomy"))


def visible(folder: Path) -> dict[str, bytes]:
    return {name: content for name, content in file_bytes(folder).items() if not name.startswith(".")}


def test_a_run_whose_disk_fails_once_anywhere_goes_on_to_the_same_bytes(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = write_caseload(tmp_path / "people.jsonl", records(9))

    def run(folder: Path, resume: bool) -> None:
        rescore(engine, people, folder / "out.csv", as_of=DAY, workers=1, chunk_size=3, resume=resume)

    (tmp_path / "whole").mkdir()
    run(tmp_path / "whole", resume=False)
    whole = visible(tmp_path / "whole")

    def attempt(nth: int) -> None:
        (tmp_path / str(nth)).mkdir()
        run(tmp_path / str(nth), resume=False)

    def after(nth: int, failed: bool) -> None:
        folder = tmp_path / str(nth)
        left = visible(folder)
        assert all(whole[name] == content for name, content in left.items()), f"half a file after fault {nth}"
        assert not failed or left.keys() < whole.keys() or RunFolder(folder / "out.csv").path.exists()
        run(folder, resume=True)
        assert visible(folder) == whole, f"another result after fault {nth}"

    assert sweep(monkeypatch, attempt, after) >= 15, "validity floor: too few faults"


def write_source(source: Path, names: list[str]) -> None:
    write_json(source, [a_feed_service(id=name) for name in names])
    os.utime(source, LONG_AGO)


def take(archive: Archive) -> Copy:
    copy = archive.take()
    archive.publish(copy, {"services": 2, "needs": []})
    return copy


def archives_after_faults(
    folder: Path, monkeypatch: pytest.MonkeyPatch, broken: Callable[[Path, bytes], None] | None = None
) -> tuple[int, list[str]]:
    """Take a second catalogue with one fault after another; how many there were, and what was then wrong."""
    wrong: list[str] = []
    old: dict[int, str] = {}

    def archive_of(nth: int) -> tuple[Archive, Path]:
        source = folder / str(nth) / "services.json"
        source.parent.mkdir(exist_ok=True)
        return Archive(folder / str(nth) / "copies", [source], 3), source

    def attempt(nth: int) -> None:
        archive, source = archive_of(nth)
        if broken is not None:
            monkeypatch.setattr(service.archive, "write_private", broken)
        write_source(source, ["new"])
        take(archive)

    def after(nth: int, failed: bool) -> None:
        archive, _ = archive_of(nth)
        current = archive.current()
        if current is None:
            wrong.append(f"nothing is served after fault {nth}")
        elif not failed and current.id == old[nth]:
            wrong.append(f"the old one after what was said to be taken, fault {nth}")
        assert take(archive).id == archive.current_id() != old[nth]

    for nth in range(1, MOST):
        archive, source = archive_of(nth)
        write_source(source, ["old"])
        old[nth] = take(archive).id
        try:
            with failing(monkeypatch, nth) as came:
                failed = False
                try:
                    attempt(nth)
                except OSError:
                    failed = True
                fired = came()
        finally:
            monkeypatch.undo()
        after(nth, failed)
        if not fired:
            return nth - 1, wrong
    raise AssertionError("the sweep has no end")


def test_a_catalogue_taken_from_a_failing_disk_is_the_old_or_the_new_one_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults, wrong = archives_after_faults(tmp_path, monkeypatch)
    assert wrong == []
    assert faults >= 6, "validity floor: too few faults"


def test_a_catalogue_written_in_place_would_be_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: the pointer to the current one is emptied, synced and written again."""

    def in_place(path: Path, content: bytes) -> None:
        path.write_bytes(b"")
        with path.open("rb") as file:
            os.fsync(file.fileno())
        path.write_bytes(content)

    _, wrong = archives_after_faults(tmp_path, monkeypatch, in_place)
    assert wrong


def test_a_key_file_on_a_failing_disk_is_the_old_or_the_new_one_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def file_of(nth: int) -> KeyFile:
        return KeyFile(tmp_path / str(nth) / "keys.json")

    def attempt(nth: int) -> None:
        file_of(nth).make("first", ["suggest"])
        file_of(nth).make("second", ["suggest"])

    def after(nth: int, failed: bool) -> None:
        names = [key.name for key in file_of(nth).read()]
        assert names == ["first", "second"][: len(names)]
        assert failed or len(names) == 2

    assert sweep(monkeypatch, attempt, after) >= 4
