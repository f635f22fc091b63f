"""The packaged taxonomy, with what was made of its labels kept in the user's cache folder for the next start.

What is kept is text, named by the content of the taxonomy's files and of the code that reads them: a change of either
makes it anew. Losing it, or not being able to write it, costs time only.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import overload

import Stemmer

from matcher import text
from matcher.data_files import cache_folder, taxonomy_folder
from matcher.taxonomy.concepts import Label, Taxonomy
from matcher.taxonomy.files import read_taxonomy, read_without_labels
from matcher.taxonomy.lexicon import Lexicon, read_lexicon

MOST_KEPT = 6
"""Files in the cache folder: those of three taxonomies, for who works on more than one."""


class KeptLabels(Sequence[Label]):
    """Labels whose lexicons are at hand; they themselves are read only when somebody asks for one."""

    def __init__(self, folder: Path, files: Mapping[str, Path], person: Lexicon) -> None:
        self._folder = folder
        self._files = files
        self._lexicons = {"person": person}

    def lexicon(self, voice: str) -> Lexicon:
        """All labels of one voice by how they begin."""
        if voice not in self._lexicons:
            kept = _read(self._files.get(voice))
            self._lexicons[voice] = kept[1] if kept else Lexicon.of(self._labels, voice)
        return self._lexicons[voice]

    @cached_property
    def _labels(self) -> tuple[Label, ...]:
        return tuple(read_taxonomy(self._folder).labels)

    @overload
    def __getitem__(self, place: int) -> Label: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[Label]: ...

    def __getitem__(self, place: int | slice) -> Label | Sequence[Label]:
        return self._labels[place]

    def __len__(self) -> int:
        return len(self._labels)

    def __iter__(self) -> Iterator[Label]:
        return iter(self._labels)

    def __reduce__(self) -> tuple[Callable[[Sequence[Label]], Sequence[Label]], tuple[Sequence[Label]]]:
        """Another machine may have other files: the labels go themselves."""
        return tuple, (self._labels,)


def lexicon_of(labels: Sequence[Label], voice: str) -> Lexicon:
    """The labels of one voice by how they begin: at hand, or made now."""
    return labels.lexicon(voice) if isinstance(labels, KeptLabels) else Lexicon.of(labels, voice)


def packaged_taxonomy() -> Taxonomy:
    """The taxonomy that comes with the matcher, as :func:`read_taxonomy` reads and checks it.

    Raises:
        TaxonomyError: naming file, row and fault of everything that is wrong.
    """
    folder = taxonomy_folder()
    files = _files(folder)
    if kept := _read(files.get("person")):
        version, person = kept
        return replace(read_without_labels(folder), labels=KeptLabels(folder, files, person), version=version)
    taxonomy = read_taxonomy(folder)
    with suppress(OSError):
        _keep(taxonomy, files)
    return taxonomy


def _files(folder: Path) -> dict[str, Path]:
    """Where the lexicon of each voice is kept; nowhere without a cache folder."""
    digest = hashlib.sha256(f"{Stemmer.version()} {unicodedata.unidata_version}".encode())
    code = [Path(text.__file__), *Path(__file__).parent.glob("*.py*")]
    try:
        for path in (*sorted(code), *sorted(folder.rglob("*.csv"))):
            content = path.read_bytes()
            digest.update(f"\n{path.name} {len(content)}\n".encode() + content)
        cache = cache_folder()
    except (OSError, RuntimeError):  # no home
        return {}
    return {voice: cache / f"labels-{digest.hexdigest()[:16]}-{voice}.txt" for voice in ("provider", "person")}


def _read(path: Path | None) -> tuple[str, Lexicon] | None:
    try:
        return read_lexicon(path.read_text(encoding="utf-8")) if path else None
    except (OSError, ValueError):
        return None


def _keep(taxonomy: Taxonomy, files: Mapping[str, Path]) -> None:
    for voice, path in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=path.parent) as making:
            made = Path(making, path.name)
            made.write_text(Lexicon.of(taxonomy.labels, voice).text(taxonomy.version), encoding="utf-8")
            made.replace(path)
        kept = sorted(path.parent.glob("labels-*.txt"), key=lambda file: file.stat().st_mtime)
        for old in kept[:-MOST_KEPT]:
            old.unlink(missing_ok=True)
