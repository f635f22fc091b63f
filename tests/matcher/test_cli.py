"""``matcher suggest`` and ``matcher why`` as a user meets them: good input, bad input, and where the note may go."""

from __future__ import annotations

import gc
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from matcher.cli import app

CANARY = "xylophonic quandary"
DIRECTORY = """id,name,description,cost,min_age,status
choir,Mill Hall Singers,A choir for people who think that they cannot sing. Tea and company.,0,18,active
paid-choir,Wending Chorale,"An auditioned choir, concerts twice a year.",12,18,active
closed-choir,Old Choir,A choir.,0,,inactive
walks,Gentle Strollers,A gentle led walk in the park.,0,,active
"""


def run(*arguments: object, stdin: str | bytes | None = None) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], input=stdin)


@pytest.fixture(scope="module")
def directory(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("town") / "directory.csv"
    path.write_text(DIRECTORY, encoding="utf-8")
    return path


def suggest(directory: Path, *arguments: object, stdin: str | bytes | None = "") -> Result:
    return run("suggest", *arguments, "--catalogue", directory, "--as-of", "2026-11-01", "--no-semantic", stdin=stdin)


def shown(result: Result) -> list[str]:
    assert result.exit_code == 0, result.stderr
    return [suggestion["service"]["id"] for suggestion in json.loads(result.stdout)["suggestions"]]


def test_a_piped_note_with_options_on_top_gives_a_list(directory):
    result = suggest(
        directory, "-", "--need", "singing:3", "--max-cost", "0", "--age", "40", "--format", "json", stdin="Lonely."
    )
    ids = shown(result)
    assert ids[0] == "choir"
    assert "paid-choir" not in ids, "a limit of 0 means that it must be free"
    assert json.loads(result.stdout)["versions"]["as_of"] == "2026-11-01"


def test_a_file_from_notepad_is_read_and_the_table_says_why(directory, tmp_path):
    note = tmp_path / "note.txt"
    note.write_bytes("She’d love to sing in a choir – and company.".encode("utf-16"))
    result = suggest(directory, note, "--top", "1", "--max-cost", "0")
    assert result.exit_code == 0, result.stderr
    assert "Mill Hall Singers" in result.stdout
    assert "Because of" in result.stdout
    assert "Kept aside: 1 closed, 1 over the cost limit" in result.stdout


def test_why_says_what_keeps_a_service_aside(directory, tmp_path):
    consultation = tmp_path / "consultation.json"
    consultation.write_text(json.dumps({"note": "Would love to sing.", "age": 15}), encoding="utf-8")
    result = run("why", consultation, "closed-choir", "--catalogue", directory, "--no-semantic")
    assert result.exit_code == 0, result.stderr
    assert "Not suggested: the directory says it is closed" in result.stdout


WRONG_USE = [
    ["suggest", "--note", "lonely"],
    ["suggest", "--format", "xml"],
    ["suggest", "--as-of", "1 November"],
    ["suggest", "--top", "0"],
    ["suggest", "--age", "soon"],
    ["suggest", "--age", "131"],
    ["suggest", "--max-cost", "-1"],
    ["why", "only-one-argument"],
    ["nonsense"],
]


@pytest.mark.parametrize("arguments", WRONG_USE, ids=" ".join)
def test_wrong_use_is_exit_code_2_with_a_hint(arguments):
    result = run(*arguments, stdin='{"note": "Lonely."}')
    assert result.exit_code == 2
    assert "Usage:" in result.stderr
    assert "Traceback" not in result.output


def test_help_is_there_at_once_and_whole():
    code = """
import sys
from matcher.cli import app
app(["--help"], standalone_mode=False)
print(*sorted({"rich", "numpy", "pydantic"} & set(sys.modules)), file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == "\n"
    assert "Suggest services for one consultation." in done.stdout
    assert "whether a change is real." in " ".join(done.stdout.split())


def test_the_note_is_no_option_of_any_command():
    """What is typed as an option lands in a shell's history and in the list of processes."""
    named = {name: {p.name for p in c.params if p.param_type_name == "option"} for name, c in every_command(app)}
    assert named["suggest"] >= {"need", "interest", "age"}
    assert not [name for name, options in named.items() if options & {"note", "text", "words"}]


def every_command(group: typer.Typer):
    pending = [("", typer.main.get_command(group))]
    while pending:
        path, command = pending.pop()
        for name, sub in getattr(command, "commands", {}).items():
            pending.append((f"{path} {name}".strip(), sub))
        if not hasattr(command, "commands"):
            yield path, command


BAD_CONSULTATIONS = {
    "nothing": b"",
    "blank": b" \n\t",
    "empty object": b"{}",
    "cut off": b'{"note": "' + CANARY.encode(),
    "unknown field": json.dumps({"note": "x", CANARY: CANARY}).encode(),
    "wrong type": json.dumps({"note": [CANARY]}).encode(),
    "not finite": b'{"note": "x", "age": NaN}',
    "over a limit": json.dumps({"note": CANARY, "age": 131}).encode(),
    "twice": json.dumps({"note": CANARY})[:-1].encode() + b', "note": "y"}',
    "not text": b"\x81\x8d\x8f\x90\x9d" + CANARY.encode(),
    "half a character": json.dumps({"note": f"\ud800 {CANARY}"}).encode(),
    "too long": json.dumps({"note": CANARY * 2000}).encode(),
    "huge": CANARY.encode() * 100_000,
    "nested": b'{"note":' + b"[" * 100_000,
}


def assert_one_clear_line(result: Result) -> None:
    assert result.exit_code == 1
    assert len(result.stderr.strip().splitlines()) == 1
    assert result.stderr.startswith("matcher: ")
    assert result.stdout == ""
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("how", ["file", "pipe"])
@pytest.mark.parametrize("name", BAD_CONSULTATIONS)
def test_a_bad_consultation_is_one_line_that_repeats_none_of_it(name, how, tmp_path):
    content = BAD_CONSULTATIONS[name]
    path = tmp_path / "consultation.json"
    path.write_bytes(content)
    result = run("suggest", path) if how == "file" else run("suggest", stdin=content)
    assert_one_clear_line(result)
    assert CANARY.split()[0] not in result.output


BAD_FILES = {
    "empty.json": "",
    "rows.csv": "colour,size\nred,1\n",
    "none.json": '{"contents": []}',
    "wrong.toml": "[ranking]\ntags = 'much'\n",
    "good.csv": DIRECTORY,
}
BAD_PATHS = {
    "consultation is missing": ["suggest", "missing.json"],
    "consultation is a folder": ["suggest", "folder"],
    "consultation never ends": ["suggest", "/dev/zero"],
    "catalogue is missing": ["suggest", "--need", "x", "--catalogue", "missing.json"],
    "catalogue is empty": ["suggest", "--need", "x", "--catalogue", "empty.json"],
    "catalogue has no names": ["suggest", "--need", "x", "--catalogue", "rows.csv"],
    "catalogue has no services": ["suggest", "--need", "x", "--catalogue", "none.json"],
    "catalogue is an empty folder": ["suggest", "--need", "x", "--catalogue", "folder"],
    "settings are wrong": ["suggest", "--need", "x", "--catalogue", "good.csv", "--settings", "wrong.toml"],
    "why asks of a missing file": ["why", "missing.json", "choir"],
}


@pytest.mark.parametrize("name", BAD_PATHS)
def test_a_bad_path_is_one_line_that_names_it(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    for file, content in BAD_FILES.items():
        (tmp_path / file).write_text(content, encoding="utf-8")
    result = run(*BAD_PATHS[name], stdin="")
    assert_one_clear_line(result)
    assert "never ends" in name or BAD_PATHS[name][-1] in result.stderr or name.startswith("why")


@pytest.mark.parametrize("typed", ["Lonely.", ""])
def test_without_a_file_or_a_pipe_the_note_is_asked_for(typed, tmp_path):
    """The note is typed at a terminal; only then is the directory looked for, which does not exist here."""
    ours, theirs = pty.openpty()
    command = [Path(sys.executable).with_name("matcher"), "suggest", "--catalogue", tmp_path / "missing.json"]
    process = subprocess.Popen(command, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    os.close(theirs)
    os.write(ours, f"{typed}\n".encode())
    out, err = process.communicate(timeout=60)
    os.close(ours)
    assert "What matters to the person?" in out + err
    assert ("no such file" in err) == bool(typed)
    assert process.returncode == 1


@pytest.mark.parametrize("path", sorted({path for path, _ in every_command(app)}))
def test_every_command_explains_itself_and_its_options(path):
    result = run(*path.split(), "--help")
    assert result.exit_code == 0
    command = dict(every_command(app))[path]
    assert command.help
    assert command.help.strip().endswith(".")


def test_help_loads_nothing_heavy():
    """``matcher --help`` must come at once."""
    code = (
        "import sys; from typer.testing import CliRunner; from matcher.cli import app; "
        "result = CliRunner().invoke(app, ['--help']); assert result.exit_code == 0; "
        "heavy = {'sklearn', 'pandas', 'scipy', 'numpy', 'pyarrow', 'onnxruntime', 'fastapi', 'sqlalchemy'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("catalogue", ["directory.csv", "missing.csv"])
def test_the_garbage_collector_works_again_after_loading(directory, catalogue):
    result = suggest(directory.with_name(catalogue), stdin="Lonely.")
    assert (result.exit_code == 0) == (catalogue == directory.name)
    assert gc.isenabled()
