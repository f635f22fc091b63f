"""Files that are no directory of services, made by hand, and good ones damaged at random."""

from __future__ import annotations

import gzip
import io
import json
import os
import pickle
import random
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.factories import a_feed_service, at_location

CANARY = "kanarie"
"""Stands in every text of the good directory; no refusal may repeat it."""
DAMAGES = ("cut", "flip", "drop", "double", "swap", "splice")


def good(count: int = 12) -> list[dict[str, object]]:
    """Services of a small town that meet its needs."""
    what = ("Singing for lonely people", "A walking group", "A choir")
    return [
        a_feed_service(id=f"svc-{n}", name=f"Group {n}", description=f"{what[n % 3]} {CANARY}", **at_location())
        for n in range(count)
    ]


def _zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("services.json", json.dumps(good()))
    return buffer.getvalue()


GOOD = json.dumps(good(), indent=1).encode()
ENTITIES = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]><a>&b;</a>'

JSON_FILES: Mapping[str, bytes] = {
    "nothing": b"",
    "blanks": b" \n\t \n",
    "a mark and no more": b"\xef\xbb\xbf",
    "one bracket": b"[",
    "one brace": b"{",
    "half a record": b'[{"id": "svc-1", "name": "Half',
    "cut in the middle": GOOD[: len(GOOD) // 2],
    "cut before the last bracket": GOOD.rstrip()[:-1],
    "null": b"null",
    "true": b"true",
    "a number": b"7",
    "a number too large": b"1e999999",
    "NaN": b"NaN",
    "a text": b'"services"',
    "an empty list": b"[]",
    "an empty object": b"{}",
    "a list of lists": b"[[]]",
    "a list of numbers": b"[1, 2, 3]",
    "a list of nulls": b"[null, null]",
    "a list of texts": b'["svc-1", "svc-2"]',
    "records without id": b'[{"name": "A"}, {"name": "B"}]',
    "records without name": b'[{"id": "a", "status": "active"}]',
    "names of blanks": b'[{"id": "a", "name": "  ", "status": "active"}]',
    "an id that is an object": b'[{"id": {"a": 1}, "name": "A", "status": "active"}]',
    "an id that is a list": b'[{"id": [1], "name": "A", "status": "active"}]',
    "an id that is null": b'[{"id": null, "name": "A", "status": "active"}]',
    "a name that is a number": b'[{"id": "a", "name": {"en": "A"}, "status": "active"}]',
    "nested 10,000 deep": b"[" * 10_000 + b"]" * 10_000,
    "never closed": b"[" * 200_000,
    "objects never closed": b'{"a":' * 50_000,
    "zeros": b"\0" * 1_000_000,
    "a zip": _zip(),
    "a gzip": gzip.compress(GOOD),
    "a gzip bomb": gzip.compress(b" " * 20_000_000),
    "a pickle": pickle.dumps({"contents": good(2)}),
    "YAML that makes an object": b"!!python/object/apply:os.system ['true']",
    "XML with an outside entity": ENTITIES,
    "a web page": b"<!DOCTYPE html><html><body>502 Bad Gateway</body></html>",
    "a table": b"id,name,status\nsvc-1,A,active\n",
    "settings": b"[ranking]\ntop = 3\n",
    "random bytes": random.Random(1).randbytes(4096),  # noqa: S311
    "two documents": b'[{"id": "a"}] [{"id": "b"}]',
    "a comment": b"// services\n[]",
    "a comma too many": b'[{"id": "a", "name": "A", "status": "active"},]',
    "single quotes": b"[{'id': 'a', 'name': 'A', 'status': 'active'}]",
    "names without quotes": b'[{id: "a", name: "A"}]',
    "a bare line break in a text": b'[{"id": "a", "name": "A\nB", "status": "active"}]',
    "consultations": b'[{"id": "a", "note": "lonely", "needs": ["company"]}]',
    "organisations": b'[{"id": "o", "name": "Org", "legal_status": "charity"}]',
    "taxonomy terms": b'[{"id": "t", "name": "Singing", "term_uri": "x"}]',
    "locations": b'[{"id": "l", "name": "Hall", "location_type": "physical", "addresses": []}]',
    "API details": b'{"version": "3.0", "openapi_url": "x", "profile": "y"}',
    "a JSON schema": b'{"$schema": "x", "type": "object"}',
    "an empty page": b'{"total_items": 0, "contents": []}',
    "a page whose list is a text": b'{"contents": "none"}',
    "a page whose list is an object": b'{"contents": {"id": "a"}}',
    "a page of nulls": b'{"contents": [null]}',
    "an error of the source": b'{"error": "unauthorised", "message": "token expired"}',
}
TABLE_FILES: Mapping[str, bytes] = {
    "nothing": b"",
    "a header and no row": b"id,name,status\n",
    "blank lines": b"\n\n\n",
    "no column that is known": b"colour,size\nred,1\n",
    "no name": b"id,status\nsvc-1,active\n",
    "zeros": b"\0" * 5000,
    "a workbook": _zip(),
    "one open quotation mark": b'"',
    "only cells too many": b"id,name\nsvc-1,A,extra,cells\n",
}
LINE_FILES: Mapping[str, bytes] = {
    "nothing": b"",
    "torn lines": b'{"id": "a", "na\n{"id": "b"\n',
    "numbers": b"1\n2\n3\n",
    "nulls": b"null\nnull\n",
    "one line too deep": b"[" * 10_000 + b"]" * 10_000 + b"\n",
}
BAD: Mapping[str, Mapping[str, bytes]] = {
    "services.json": JSON_FILES,
    "services.csv": TABLE_FILES,
    "services.jsonl": LINE_FILES,
}


def _a_folder(path: Path) -> None:
    path.mkdir()


def _a_pipe(path: Path) -> None:
    os.mkfifo(path)


def _a_loop(path: Path) -> None:
    path.symlink_to(path)


def _passwords(path: Path) -> None:
    path.symlink_to("/etc/passwd")


def _endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _missing(path: Path) -> None:
    """Leave nothing there."""


ODD_PATHS: Mapping[str, Callable[[Path], None]] = {
    "an empty folder": _a_folder,
    "a pipe": _a_pipe,
    "a link to itself": _a_loop,
    "a link to the password file": _passwords,
    "an endless device": _endless,
    "nothing at all": _missing,
}


def damaged(dice: random.Random) -> bytes:
    """A good directory with one thing wrong with its bytes or one of its lines."""
    content, lines = bytearray(GOOD), GOOD.split(b"\n")
    place, line = dice.randrange(len(content)), dice.randrange(len(lines))
    how = dice.choice(DAMAGES)
    if how == "cut":
        del content[place:]
    elif how == "flip":
        content[place] ^= 1 << dice.randrange(8)
    elif how == "splice":
        content[place:place] = dice.choice((b"\0", b"\xff", b'"', b",", b"[", b"}", b"null", b"1e999", b"\\ud800"))
    else:
        other = {"drop": [], "double": [lines[line]] * 2, "swap": [dice.choice(lines)]}[how]
        content = bytearray(b"\n".join([*lines[:line], *other, *lines[line + 1 :]]))
    return bytes(content)
