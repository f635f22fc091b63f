"""A PostgreSQL server of the tests' own: from Debian's package, on a Unix socket in a folder of its own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

START_S = 30
USER = "postgres"


class Server:
    """One cluster that tests may stop, kill and freeze."""

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        self.folder = Path(tempfile.mkdtemp(prefix="store-"))
        self.folder.chmod(0o755)
        self.data, self._log = self.folder / "data", self.folder / "log"
        self._user: dict[str, Any] = {}
        if os.geteuid() == 0:  # which the server refuses to run as
            shutil.chown(self.folder, USER)
            self._user = {"user": USER, "group": USER, "extra_groups": []}
        options = ("--auth=trust", f"--username={USER}", "--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions")
        self.run("initdb", f"--pgdata={self.data}", *options)

    def run(self, program: str, *arguments: str) -> str:
        """Run one of PostgreSQL's programs as the user that may; returns what it prints."""
        command = [str(self._programs / program), *arguments]
        done = subprocess.run(
            command, cwd=self.folder, capture_output=True, text=True, timeout=60, check=False, **self._user
        )
        assert done.returncode == 0, f"{program}: {done.stderr}"
        return done.stdout

    def start(self) -> None:
        """Start, as a child that is reaped when it dies, and wait until it answers."""
        options = ("-k", str(self.folder), "-c", "listen_addresses=", "-c", "max_connections=60")
        with self._log.open("ab") as log:
            command = [str(self._programs / "postgres"), "-D", str(self.data), *options]
            self._parent = subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log, **self._user)
        until = time.monotonic() + START_S
        while subprocess.run([self._programs / "pg_isready", "-q", "-h", self.folder], check=False).returncode:
            assert time.monotonic() < until, self._log.read_text(encoding="utf-8", errors="replace")[-2000:]
            time.sleep(0.05)

    def restore(self, dump: Path, database: str) -> None:
        """Read a dump back, as the user who wrote it."""
        command = [str(self._programs / "pg_restore"), "-h", str(self.folder), "-U", USER, "-d", database, str(dump)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr

    def stop(self, mode: str = "immediate") -> None:
        """Stop; ``immediate`` is a crash as far as the data are concerned."""
        self.run("pg_ctl", "-D", str(self.data), "-m", mode, "-w", "stop")
        self._parent.wait()

    def kill(self) -> None:
        """Kill the parent process with no warning, and wait until its children have gone too."""
        self._parent.kill()
        self._parent.wait()
        until = time.monotonic() + START_S
        while self._processes() and time.monotonic() < until:
            time.sleep(0.05)

    def freeze(self, frozen: bool = True) -> None:
        """Stop every process of the server in its tracks, or let them go on."""
        for pid in self._processes():
            os.kill(pid, signal.SIGSTOP if frozen else signal.SIGCONT)

    def _processes(self) -> list[int]:
        """Every process that works in this data folder; one that has ended and waits to be reaped does not."""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    here = (entry / "cwd").readlink() == self.data
                except OSError:
                    continue
                found += [int(entry.name)] if here else []
        return found

    def url(self, database: str) -> str:
        """The address of a database."""
        return f"postgresql://{USER}@/{database}?host={self.folder}"

    def close(self) -> None:
        """Stop and leave nothing behind."""
        if self._processes():
            self.stop()
        shutil.rmtree(self.folder)


def programs() -> Path | None:
    """Where Debian or the search path has the server's programs."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    found = shutil.which("initdb")
    return next((f for f in folders if (f / "initdb").exists()), Path(found).parent if found else None)
