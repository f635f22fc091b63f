"""TREC files, so that trec_eval and its friends can check every figure.

qrels: ``consultation 0 service grade``. Run: ``consultation Q0 service rank score name``. The score is ``-rank``: the
order shown is the order judged, ties included. White space in an id is written as in a URL (``%20``), because the
format cuts at it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import unquote

from matcher.domain import InputError, ServiceId

_UNSAFE = re.compile(r"[\s%]")


def write_trec_run(name: str, lists: Mapping[str, Iterable[ServiceId]], path: Path) -> None:
    """Write a run, best first."""
    lines = [
        f"{encoded(consultation_id)} Q0 {encoded(service_id)} {rank} {-rank} {encoded(name)}\n"
        for consultation_id, shown in sorted(lists.items())
        for rank, service_id in enumerate(shown, start=1)
    ]
    path.write_text("".join(lines), encoding="utf-8", newline="\n")


def write_trec_qrels(grades: Mapping[str, Mapping[ServiceId, int]], path: Path) -> None:
    """Write judgements: grades, or any other whole number a pair (1 for barred, say)."""
    lines = [
        f"{encoded(consultation_id)} 0 {encoded(service_id)} {grade}\n"
        for consultation_id, listed in sorted(grades.items())
        for service_id, grade in sorted(listed.items())
    ]
    path.write_text("".join(lines), encoding="utf-8", newline="\n")


def read_trec_run(path: Path) -> dict[str, list[tuple[ServiceId, float]]]:
    """Services and scores by consultation, best first: by score as trec_eval does it, then by rank.

    Raises:
        InputError: naming the file and line.
    """
    found: dict[str, list[tuple[float, int, ServiceId]]] = {}
    for where, cells in _lines(path, 6):
        try:
            found.setdefault(cells[0], []).append((-float(cells[4]), int(cells[3]), cells[2]))
        except ValueError:
            raise InputError(f"{where}: rank and score must be numbers") from None
    return {key: [(service_id, -score) for score, _, service_id in sorted(rows)] for key, rows in found.items()}


def read_trec_qrels(path: Path) -> dict[str, dict[ServiceId, int]]:
    """Grades by consultation and service.

    Raises:
        InputError: naming the file and line.
    """
    found: dict[str, dict[ServiceId, int]] = {}
    for where, cells in _lines(path, 4):
        try:
            found.setdefault(cells[0], {})[cells[2]] = int(cells[3])
        except ValueError:
            raise InputError(f"{where}: the grade must be a whole number") from None
    return found


def encoded(text: str) -> str:
    """An id without white space."""
    return _UNSAFE.sub(lambda match: "".join(f"%{byte:02X}" for byte in match[0].encode()), text)


def _lines(path: Path, columns: int) -> Iterable[tuple[str, list[str]]]:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path.name}: cannot be read as a TREC file ({type(error).__name__})") from None
    for number, line in enumerate(lines, start=1):
        cells = [unquote(cell) for cell in line.split()]
        if cells and len(cells) != columns:
            raise InputError(
                f"{path.name} line {number}: a TREC file of this kind has {columns} columns, not {len(cells)}"
            )
        if cells:
            yield f"{path.name} line {number}", cells
