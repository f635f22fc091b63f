"""How the kill tests start, kill and resume runs: each in a process of its own, forked with the engine ready."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from matcher.batch import rescore
from matcher.domain import MatcherError
from matcher.engine import Engine
from tests.caseloads import DAY, file_bytes, records, write_caseload

LONGEST_S = 300.0


@dataclass(frozen=True)
class Case:
    """A folder with ``people.jsonl`` (two of its records are rejects) whose output is ``out/cases.csv``."""

    engine: Engine
    folder: Path
    chunk_size: int = 20
    workers: int = 2

    @property
    def out(self) -> Path:
        return self.folder / "out"

    def outputs(self) -> dict[str, bytes]:
        """All that runs left, which must be finished files and nothing else."""
        left = [path.name for path in self.out.iterdir() if path.name.startswith(".") or path.suffix == ".tmp"]
        assert left == []
        return file_bytes(self.out)

    def start(self, *, resume: bool = False, chunk_size: int | None = None, **switches: str) -> Run:
        """Begin a run in another process, in a process group of its own."""
        context = multiprocessing.get_context("fork")
        ours, theirs = context.Pipe(duplex=False)
        arguments = (self, theirs, resume, chunk_size or self.chunk_size, switches)
        process = context.Process(target=_rescore, args=arguments)
        process.start()
        theirs.close()
        return Run(self, process, ours)

    def finish(self, *, resume: bool = False, **switches: str) -> dict[str, int]:
        """A run that must succeed; its totals."""
        code, said = self.start(resume=resume, **switches).end()
        assert code == 0, said
        assert isinstance(said, dict)
        return said


@dataclass(frozen=True)
class Run:
    """A run in another process."""

    case: Case
    process: BaseProcess
    _said: Connection

    def end(self) -> tuple[int | None, object]:
        """Wait for the end: exit code (minus the signal's number) and totals, or the error's text."""
        said = None
        with contextlib.suppress(EOFError):
            said = self._said.recv()
        self.process.join(LONGEST_S)
        return self.process.exitcode, said

    def kill(self) -> None:
        """Kill -9 the parent, and it alone; its workers have to end by themselves."""
        self.signal(signal.SIGKILL)
        self.end()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the parent."""
        assert self.process.pid is not None
        os.kill(self.process.pid, number)

    def wait_for_chunks(self, chunks: int) -> None:
        """Wait until the ledger has that many lines, or the process ends."""
        ledger = self.case.out / ".cases.csv.run" / "ledger.jsonl"
        deadline, lines = time.monotonic() + LONGEST_S, 0
        while time.monotonic() < deadline and self.process.is_alive() and lines < chunks:
            with contextlib.suppress(FileNotFoundError):
                lines = ledger.read_bytes().count(b"\n")
            time.sleep(0.002)

    def processes(self) -> list[int]:
        """The process and its workers, as far as they are alive."""
        found = []
        for entry in Path("/proc").iterdir():
            with contextlib.suppress(OSError, IndexError):
                fields = (entry / "stat").read_text().rpartition(")")[2].split() if entry.name.isdigit() else []
                if fields and int(fields[2]) == self.process.pid and fields[0] != "Z":
                    found.append(int(entry.name))
        return found


def a_case(engine: Engine, folder: Path, people: int, chunk_size: int = 20) -> Case:
    """A case with that many people."""
    (folder / "out").mkdir(parents=True)
    rows = records(people)
    write_caseload(folder / "people.jsonl", [*rows[: people // 2], "{not json", *rows[people // 2 :], rows[0]])
    return Case(engine, folder, chunk_size)


def _rescore(case: Case, said: Connection, resume: bool, chunk_size: int, switches: dict[str, str]) -> None:
    os.setsid()
    os.environ.update(switches)
    try:
        totals = rescore(
            case.engine,
            case.folder / "people.jsonl",
            case.out / "cases.csv",
            as_of=DAY,
            resume=resume,
            workers=case.workers,
            chunk_size=chunk_size,
        )
    except MatcherError as error:
        said.send(str(error))
        raise SystemExit(1) from None
    said.send({"answered": totals.answered, "rejected": totals.rejected, "resumed": totals.resumed})
