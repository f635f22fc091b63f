"""A wheel installed elsewhere works: it brings its own taxonomy, safety words and sample town."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
UV = Path(sys.executable).with_name("uv")
NOT_SHIPPED = {"validation", "README.md"}
"""The second town is for measuring, not for use."""


def clean_environment(**changes: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    return {**kept, **changes}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """Built as a user builds it; the build backend comes from uv's cache where set-up has put it, else from the net."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--installer", "uv", "--outdir", folder, ROOT]
    for environment in (clean_environment(UV_OFFLINE="1"), clean_environment()):
        built = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if built.returncode == 0:
            break
    assert built.returncode == 0, built.stdout[-1000:] + built.stderr[-1000:]
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    """The ``matcher`` command of a fresh environment, which borrows the dependencies but not this checkout."""
    folder = tmp_path_factory.mktemp("elsewhere") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    python = folder / "bin" / "python"
    subprocess.run(
        [UV, "pip", "install", "--quiet", "--offline", "--no-deps", "--python", python, wheel],
        env=clean_environment(),
        check=True,
    )
    where = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True,
        text=True,
        check=True,
    )
    borrowed = Path(where.stdout.strip()) / "borrowed.pth"
    borrowed.write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return folder / "bin" / "matcher"


def test_every_data_folder_is_in_the_wheel(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    shipped = {name.split("/")[2] for name in names if name.startswith("matcher/_data/")}
    assert shipped == {path.name for path in (ROOT / "data").iterdir()} - NOT_SHIPPED


def test_everything_in_the_packages_is_in_the_wheel(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    ours = {
        str(path.relative_to(ROOT))
        for package in ("matcher", "service")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix in (".py", ".j2", ".css", ".js", ".svg")
    }
    assert sorted(ours - names) == []


def test_the_installed_command_answers_from_its_own_files(installed, tmp_path):
    run = subprocess.run(
        [installed, "suggest", "-", "--need", "debts", "--format", "json", "--no-semantic", "--top", "3"],
        input="",
        cwd=tmp_path,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    answer = json.loads(run.stdout)
    assert len(answer["suggestions"]) == 3
    assert answer["versions"]["as_of"] == "2026-11-01"


def test_the_installed_package_is_not_this_checkout(installed, tmp_path):
    run = subprocess.run(
        [installed.with_name("python"), "-c", "import matcher; print(matcher.__file__)"],
        cwd=tmp_path,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert not Path(run.stdout.strip()).is_relative_to(ROOT)
