"""The text of a file in whatever encoding a council, a charity or a spreadsheet saved it."""

from __future__ import annotations

import codecs
from pathlib import Path

from charset_normalizer import from_bytes

from matcher.domain import CatalogueError

# Left to guess among all encodings, short files with a pound sign are taken for Polish or Japanese.
LIKELY_ENCODINGS = ["cp1252", "latin_1", "mac_roman"]
LONGEST_CELL = 10_000_000
"""Characters in one CSV cell; Python's own limit of 131,072 would refuse a whole file for one long description."""

_BYTE_ORDER_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_ZIP = b"PK\x03\x04"
_SNIFFED = 4096
_CHUNK = 1 << 20


def decode(path: Path) -> str:
    """The text of a file, without a byte order mark (see :func:`encoding_of`)."""
    return path.read_bytes().decode(encoding_of(path)).removeprefix("\ufeff")


def encoding_of(path: Path) -> str:
    """The encoding of a file: UTF-8, UTF-16, or the likeliest one of a British office computer.

    Raises:
        CatalogueError: the file holds no text.
    """
    with path.open("rb") as file:
        start = file.read(_SNIFFED)
    if start.startswith(_ZIP) or (start and not start.strip(b"\0")):
        raise CatalogueError(f"{path.name}: holds no text; save a spreadsheet as CSV, or unpack an archive, first")
    encoding = _by_its_start(start)
    if _is_all(path, encoding):
        return encoding
    best = from_bytes(path.read_bytes(), cp_isolation=LIKELY_ENCODINGS).best()
    if best is None:
        raise CatalogueError(f"{path.name}: its encoding cannot be recognised; save it as UTF-8")
    return best.encoding


def _by_its_start(start: bytes) -> str:
    """UTF-16 by its mark, or by a zero in every other byte; else UTF-8."""
    if start.startswith(_BYTE_ORDER_MARKS):
        return "utf-16"
    zeros = start[1::2].count(0)
    return "utf-16-le" if len(start) >= 4 and zeros > len(start) * 0.4 and not start[::2].count(0) else "utf-8-sig"


def _is_all(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
