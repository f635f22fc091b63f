"""A whole caseload: read in chunks, answered on all cores, safe however the process ends, written in one piece."""

from __future__ import annotations

import hashlib
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import date
from itertools import islice
from pathlib import Path
from types import FrameType
from typing import Any

import pyarrow.parquet as pq

from matcher.batch.answering import as_repeated
from matcher.batch.failpoints import broken, refuse_outside_tests
from matcher.batch.first_rows import FirstRows
from matcher.batch.ledger import RunFolder
from matcher.batch.lock import locked
from matcher.batch.outputs import Totals, write_outputs
from matcher.batch.previous import index_previous
from matcher.batch.rows import Answered
from matcher.batch.workers import Numbered, Work, answers_in_order
from matcher.caseload import check_ending, read_caseload
from matcher.domain import InputError, MatcherError
from matcher.engine import Engine
from matcher.processes import cores

CHUNK = 100
"""Records that become safe at a time. After a kill the chunks under way are done again, ``AHEAD`` for each worker."""
Progress = Callable[[int, int], None]
"""Called with how many records are answered and about how many there are."""


class StoppedError(MatcherError):
    """The run was asked to stop; what is answered is safe."""


def rescore(
    engine: Engine,
    caseload: Path,
    output: Path,
    *,
    as_of: date,
    top: int | None = None,
    previous: Path | None = None,
    resume: bool = False,
    reports: bool = True,
    spread: int | None = None,
    workers: int | None = None,
    chunk_size: int = CHUNK,
    progress: Progress = lambda done, total: None,
) -> Totals:
    """Answer a whole caseload file and write the outputs beside ``output``, all of them or none.

    Args:
        engine: a fitted engine.
        caseload: consultations, .jsonl, .csv or .parquet, of any size.
        output: where the suggestions go; consultations, rejects and reports get names made from it.
        as_of: the day to answer for.
        top: how many suggestions at most.
        previous: the OUTPUT of an earlier run, to report what changed since.
        resume: go on with a run of the same input, versions and day that was stopped.
        reports: also write unmet needs and exposure.
        spread: put no service first for more people than this, where another fits about as well.
        workers: how many processes; all cores when left out.
        chunk_size: how many records are made safe at a time.
        progress: told after each chunk.

    Raises:
        InputError: the caseload cannot be read at all, or the output cannot be written there.
        StoppedError: by Ctrl-C or SIGTERM.
        MatcherError: another run holds the output, or this run is not the one to resume.
    """
    refuse_outside_tests()
    _check_paths(caseload, output, previous)
    folder = RunFolder(output)
    folder.path.mkdir(exist_ok=True)
    with _stoppable(), locked(folder.lock) as handle:
        try:
            folder.clear()
            digest, total = _measured(caseload)
            work = Work(
                as_of, top or engine.settings.top, _indexed(previous, folder) if previous else None, spread is not None
            )
            folder.open(_identity(engine, digest, work, previous, spread), resume=resume)
            resumed = folder.records
            numbered = enumerate(read_caseload(caseload), start=1)
            skipped = resumed + (chunk_size if resumed and broken("resume_skips_chunk") else 0)
            chunks = _chunks(islice(numbered, skipped, None), chunk_size)
            with closing(answers_in_order(chunks, engine, work, workers or cores(), (handle,))) as answers:
                _answer(folder, answers, total, progress)
            totals = write_outputs(folder, engine, output, work.previous, reports=reports, spread=spread)
        except InputError:
            folder.remove()
            raise
    return replace(totals, resumed=resumed)


def _answer(folder: RunFolder, chunks: Iterator[list[Answered]], total: int, progress: Progress) -> None:
    """Make chunk after chunk safe; of records with the same id, the first is answered."""
    first_rows = FirstRows(folder.path / "ids.sqlite")
    try:
        for answered in folder.answers():
            if answered.consultation is not None:
                first_rows.first(answered.consultation_id, answered.row)
        progress(folder.records, total)
        for answers in chunks:
            folder.commit([_once(answered, first_rows) for answered in answers])
            progress(folder.records, total)
    finally:
        first_rows.close()


def _once(answered: Answered, first_rows: FirstRows) -> Answered:
    if answered.consultation is None:
        return answered
    first = first_rows.first(answered.consultation_id, answered.row)
    return answered if first == answered.row else as_repeated(answered, first)


def _chunks(records: Iterator[Numbered], size: int) -> Iterator[Sequence[Numbered]]:
    while chunk := list(islice(records, size)):
        yield chunk


def _check_paths(caseload: Path, output: Path, previous: Path | None) -> None:
    """Refuse before the work what could not be done after it."""
    check_ending(caseload)
    check_ending(output)
    if not caseload.is_file():
        raise InputError(f"{caseload.name}: no such file")
    if not output.parent.is_dir():
        raise InputError(f"{output.parent.name}: no such folder; make it first")
    for other, what in ((caseload, "the caseload"), (previous, "the earlier run")):
        if other and other.exists() and output.exists() and output.samefile(other):
            raise InputError(f"{output.name}: is {what} itself; choose another name")
    if previous and not previous.is_file():
        raise InputError(f"{previous.name}: no such file")
    if previous:
        check_ending(previous)


def _measured(path: Path) -> tuple[str, int]:
    """The digest of a caseload and about how many records it has, in one pass."""
    digest, lines = hashlib.sha256(), 0
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
            lines += block.count(b"\n")
    if path.suffix.casefold() == ".parquet":
        try:
            lines = pq.ParquetFile(path).metadata.num_rows
        except (OSError, ValueError):
            raise InputError(f"{path.name}: not a Parquet file, or a damaged one") from None
    return digest.hexdigest(), lines


def _identity(engine: Engine, caseload: str, work: Work, previous: Path | None, spread: int | None) -> dict[str, str]:
    stamp = engine.stamp
    return {
        "caseload": caseload,
        "engine": stamp.engine,
        "catalogue": stamp.catalogue,
        "taxonomy": stamp.taxonomy,
        "settings": stamp.settings,
        "model": stamp.model,
        "as_of": work.as_of.isoformat(),
        "top": str(work.top),
        "previous": _measured(previous)[0] if previous else "",
        "spread": str(spread or ""),
    }


def _indexed(previous: Path, folder: RunFolder) -> Path:
    path = folder.path / "previous.sqlite"
    index_previous(previous, path)
    return path


@contextmanager
def _stoppable() -> Iterator[None]:
    """Ctrl-C and SIGTERM end the run in order, with one line."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise StoppedError("stopped; what is answered is safe: run the same command with --resume to go on")

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    kept: list[tuple[signal.Signals, Any]] = [(s, signal.signal(s, stop)) for s in (signal.SIGINT, signal.SIGTERM)]
    try:
        yield
    finally:
        for number, handler in kept:
            signal.signal(number, handler)
