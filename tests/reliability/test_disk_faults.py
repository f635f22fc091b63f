"""A full or read-only disk costs outcomes and nothing else: refused in time, and nothing acknowledged is lost."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.reliability.load import ROOT

pytestmark = pytest.mark.reliability
REFUSED_WITHIN_S = 1.0


def seen(scenario: str, folder: Path, broken: str = "") -> dict[str, Any]:
    """What a scenario saw, on a disk of its own that nobody else sees."""
    program = shutil.which("unshare")
    if program is None:
        pytest.fail("the package util-linux is missing: apt-get install -y util-linux", pytrace=False)
    apart = [program, "--mount"] if os.geteuid() == 0 else [program, "--user", "--map-root-user", "--mount"]
    command = [*apart, sys.executable, "-m", "tests.reliability.disks", scenario, str(folder)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TEST_BREAK": broken}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout)
    print(found)  # noqa: T201
    return found


def test_a_full_disk_refuses_outcomes_in_time_and_loses_none_that_was_acknowledged(tmp_path: Path) -> None:
    found = seen("full", tmp_path)
    assert found["acked"] >= 20, "validity floor: nothing was written before the disk was full"
    assert set(found["statuses"]) == {"201", "503"}
    assert found["statuses"]["503"] >= 20, "validity floor: the disk was never full"
    assert (found["missing"], found["kept_twice"], found["half_rows"], found["integrity"]) == ([], 0, 0, "ok")
    assert found["slowest_refusal_s"] <= REFUSED_WITHIN_S
    assert found["refused_without_retry"] == 0
    assert found["answers"] == {"200": 20}
    assert found["first_and_after"] == [201, 201], "writing goes on without a restart once there is space"


def test_acknowledging_what_was_not_stored_would_be_seen(tmp_path: Path) -> None:
    """The negative control."""
    assert seen("full", tmp_path, broken="ack_before_commit")["missing"]


def test_a_read_only_disk_refuses_outcomes_and_lets_answering_and_starting_be(tmp_path: Path) -> None:
    found = seen("read_only", tmp_path)
    assert found["mended"] == [201, 201]
    assert found["refused"] == [[503, True]] * 3
    assert found["answers"] == [200, 200]
    assert found["start"] == [200, 200]
    assert found["kept"] == 2


def test_a_caseload_that_does_not_fit_ends_in_one_line_and_goes_on_when_it_does(tmp_path: Path) -> None:
    found = seen("batch", tmp_path)
    assert found["codes"] == [1, 1, 0, 0]
    assert found["traceback"] == [False] * 4
    assert all("No space left on device" in line for lines in found["lines"] for line in lines)
    assert set(found["same"].values()) == {True}
    assert found["left"] == []
