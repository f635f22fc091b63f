"""Documents that cannot lie: what they name exists, what they show runs, and what exists stands in them."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from matcher.catalogue.tables import FIELDS
from matcher.cli import app
from matcher.consultations import ConsultationInput, read_consultation
from matcher.settings import read_settings

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("data/**/README.md")])
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(kind: str) -> list[str]:
    return [body for language, body in FENCE.findall(README.read_text(encoding="utf-8")) if language == kind]


def commands() -> dict[str, object]:
    """Every command by its full name, such as ``judge make``."""
    found, pending = {}, [("", typer.main.get_command(app))]
    while pending:
        path, command = pending.pop()
        subs = getattr(command, "commands", {})
        pending += [(f"{path} {name}".strip(), sub) for name, sub in subs.items()]
        if not subs:
            found[path] = command
    return found


def name_of(document: Path) -> str:
    return str(document.relative_to(ROOT))


@pytest.mark.parametrize("command", sorted(commands()))
def test_every_command_stands_in_the_readme(command):
    assert re.search(rf"^\| `matcher {command}\b", README.read_text(encoding="utf-8"), re.MULTILINE)


def test_the_readme_names_no_command_that_does_not_exist():
    named = re.findall(r"^\| `matcher ((?:[a-z]+ ?)+)", README.read_text(encoding="utf-8"), re.MULTILINE)
    assert {name.strip() for name in named} == set(commands())


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_commands_and_options_that_are_named_exist(document):
    known = commands()
    options = {option for command in known.values() for p in command.params for option in (*p.opts, *p.secondary_opts)}
    text = document.read_text(encoding="utf-8")
    spoken = re.findall(r"`matcher ([a-z]+)((?: [a-z]+)?)[^`]*`", text)
    assert [f"{a}{b}" for a, b in spoken if a not in {name.split()[0] for name in known}] == []
    quoted = [
        option for span in re.findall(r"`([^`\n]*)`", text) for option in re.findall(r"(?<![\w-])--[a-z][\w-]*", span)
    ]
    assert sorted(set(quoted) - options - {"--help"}) == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_links_lead_somewhere(document):
    links = re.findall(r"\]\(([^)\s]+)\)", document.read_text(encoding="utf-8"))
    local = [link.partition("#")[0] for link in links if not re.match(r"[a-z]+:", link)]
    assert [link for link in local if link and not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_files_that_are_named_exist(document):
    named = re.findall(
        r"`((?:data|docs|matcher|service|notebooks|tests)/[\w./*-]+)`", document.read_text(encoding="utf-8")
    )
    made_by_make = {"notebooks/05.ipynb"}
    assert [path for path in named if path not in made_by_make and not list(ROOT.glob(path.rstrip("/")))] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_no_document_holds_a_path_of_somebodys_machine(document):
    assert not re.search(r"(?<![\w.])/(?:home|work|Users|tmp|root)/", document.read_text(encoding="utf-8"))


def test_make_targets_that_are_named_exist():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for document in DOCUMENTS:
        named = set(re.findall(r"(?:`|^)make ([a-z]+)", document.read_text(encoding="utf-8"), re.MULTILINE))
        assert named <= targets, document.name


def readme_commands() -> list[str]:
    return [line for block in blocks("sh") for line in block.strip().splitlines()]


@pytest.fixture
def elsewhere(tmp_path, monkeypatch) -> Path:
    """A folder to run in that has the data of the checkout, into which nothing must be written."""
    (tmp_path / "data").symlink_to(ROOT / "data")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    return tmp_path


@pytest.mark.parametrize("line", readme_commands())
def test_every_command_line_in_the_readme_runs(line, elsewhere):
    program, *arguments = shlex.split(line.removesuffix(" < /dev/null"))
    assert program == "matcher"
    result = CliRunner().invoke(app, arguments, input="")
    assert result.exit_code == 0, result.output
    assert result.output.strip()


def shape(text: str) -> dict[str, object]:
    """What must be the same in a shown and in a fresh list, whatever tuning does to scores and places."""
    lines = text.strip().splitlines()
    return {
        "headings": [line.split() for line in lines if "Why, and what to check first" in line],
        "rules": sum(set(line.strip()) == {"─"} for line in lines),
        "ranks": [int(m[1]) for line in lines if (m := re.match(r" +(\d+)   \S", line))],
        "reasons": "Because of “" in text,
        "kept aside": "Kept aside: " in text,
        "day": re.findall(r"As of (\S+), versions", text),
        "width": max(map(len, lines)) <= 100,
    }


def test_the_list_in_the_readme_looks_like_a_fresh_one(elsewhere):
    fresh = CliRunner().invoke(app, shlex.split(readme_commands()[0])[1:], input="").stdout
    printed = blocks("text")[0]
    assert shape(printed) == shape(fresh)
    services = json.loads((ROOT / "data/sample/services.json").read_text(encoding="utf-8"))["contents"]
    names = {service["id"]: service["name"] for service in services}
    shown = re.findall(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", printed)
    assert len(shown) == len(set(shown)) == 3
    assert all(names[service_id].split()[0] in printed for service_id in shown)


def test_the_account_in_the_readme_adds_up():
    account = blocks("text")[1]
    parts = [float(number) for number in re.findall(r"^([+-]\d\.\d{3}) ", account, re.MULTILINE)]
    (score,) = [float(number) for number in re.findall(r"^ +(\d\.\d{3}) +score", account, re.MULTILINE)]
    assert sum(parts) == pytest.approx(score, abs=0.0005 * (len(parts) + 1))
    assert "Not suggested: " in account


def test_the_python_in_the_readme_runs(elsewhere):
    (code,) = blocks("python")
    run = subprocess.run(
        [sys.executable, "-c", code], env=os.environ, capture_output=True, text=True, check=True, cwd=elsewhere
    )
    assert len(run.stdout.splitlines()) == 3


def test_the_toml_in_the_readme_is_what_the_program_reads(tmp_path):
    columns, settings = blocks("toml")
    assert set(tomllib.loads(columns)) <= set(FIELDS)
    (tmp_path / "ours.toml").write_text(settings, encoding="utf-8")
    assert read_settings(tmp_path / "ours.toml").top == tomllib.loads(settings)["top"]


def test_the_readme_tells_every_field_of_a_consultation():
    text = README.read_text(encoding="utf-8")
    table = "\n".join(line for line in text.splitlines() if line.startswith("| `"))
    assert [name for name in ConsultationInput.model_fields if f"`{name}`" not in table] == []


def test_the_examples_of_fields_in_the_readme_are_read():
    """The table is read as a consultation: the field's name from its first cell, the value from its second."""
    text = README.read_text(encoding="utf-8")
    given = {"note": "x"}
    for names, values in re.findall(r"^\| (`[a-z_`, or]+`) \| (`.+?`) \|", text, re.MULTILINE):
        fields, examples = re.findall(r"`([a-z_]+)`", names), re.findall(r"`(.+?)`", values)
        if fields[0] in ConsultationInput.model_fields:
            given |= {field: json.loads(example) for field, example in zip(fields, examples, strict=False)}
    consultation = read_consultation(given)
    assert consultation.needs[0].importance == 3
    assert consultation.availability[0].start == 9 * 60
    assert consultation.others[0].age == 4


def test_the_demo_in_the_readme_is_the_demo():
    demo = json.loads((ROOT / "data/sample/demo.json").read_text(encoding="utf-8"))
    quoted = " ".join(re.findall(r"^> (.*)$", README.read_text(encoding="utf-8"), re.MULTILINE))
    assert quoted == demo["note"]


def test_the_changelog_knows_this_version():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert re.search(rf"^## {re.escape(version)}\b", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
