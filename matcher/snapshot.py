"""A catalogue and all that was worked out of it, saved as files that are mapped into memory when opened.

A second start then reads nothing but what it is asked for, and the workers of one machine share the memory. A snapshot
is a folder: ``manifest.json`` (what it was made with), ``catalogue.arrow`` (every field of every service) and one
``.npy`` a column. Nothing in it is code.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from matcher.adapter import Adapter
from matcher.catalogue import Catalogue
from matcher.catalogue.records import SCHEMA
from matcher.domain import CatalogueError
from matcher.eligibility import ServiceLimits
from matcher.encoder import SentenceEncoder
from matcher.engine import Engine, engine_version
from matcher.fusion import Fusion
from matcher.index import Index, model_of
from matcher.known_places import KnownPlaces
from matcher.offers import Decision, Offers
from matcher.scorers.lexical import LexicalScorer, Postings
from matcher.settings import Settings
from matcher.sparse import SparseRows
from matcher.taxonomy import Taxonomy

MANIFEST, TABLE = "manifest.json", "catalogue.arrow"
ROWS_A_BATCH = 65_536
_RECORDS = (Catalogue, Offers, ServiceLimits, KnownPlaces, Postings, SparseRows)
Arrays = Mapping[str, NDArray[Any]]
T = TypeVar("T")


def is_snapshot(path: Path | str) -> bool:
    """Whether a path names a folder that :func:`save_snapshot` made."""
    return (Path(path) / MANIFEST).is_file() and (Path(path) / TABLE).is_file()


def save_snapshot(engine: Engine, folder: Path) -> None:
    """Write an engine's catalogue and index to a folder, whole or not at all.

    Raises:
        CatalogueError: there is something else under this name.
    """
    if folder.exists() and not is_snapshot(folder):
        raise CatalogueError(f"{folder.name}: exists and is no snapshot; give another name")
    folder.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        _write(engine, staging)
        shutil.rmtree(folder, ignore_errors=True)
        staging.rename(folder)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def open_snapshot(
    folder: Path, taxonomy: Taxonomy, settings: Settings, encoder: SentenceEncoder | None, adapter: Adapter
) -> Engine:
    """The engine that was saved, on the same taxonomy and settings.

    Raises:
        CatalogueError: it was made with another version, taxonomy or other settings, or is damaged.
    """
    try:
        made = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        arrays = {name: _column(folder, name, size) for name, size in made["columns"].items()}
        table = pa.ipc.open_file(pa.memory_map(str(folder / TABLE))).read_all()
    except (OSError, ValueError, KeyError, TypeError, AttributeError, pa.ArrowException) as error:
        raise _damaged(folder) from error
    taxonomy = settings.applied_to(taxonomy)
    for what, now in _made_with(taxonomy, settings).items():
        if made.get(what) != now:
            raise CatalogueError(f"{folder.name}: was made with other {what}; make it anew with `matcher index`")
    catalogue = _restored(Catalogue, "catalogue", arrays, table=table, version=made["catalogue"])
    offers = _restored(Offers, "offers", arrays, taxonomy=taxonomy, decided=made["decided"])
    decisions = {int(row): Decision(*parts) for row, parts in made["decisions"].items()}
    postings = _restored(Postings, "postings", arrays) if "lexical" in settings.scorers else None
    affinity, limits = arrays["tags.affinity"], _restored(ServiceLimits, "limits", arrays)
    places, model = _restored(KnownPlaces, "places", arrays), model_of(settings, encoder, adapter)
    try:
        fusion = Fusion.fit(catalogue, offers, settings, encoder, adapter, decisions, affinity, postings)
        return Engine(catalogue, taxonomy, settings, Index(offers, limits, fusion, places, model, decisions))
    except (IndexError, ValueError) as error:
        raise _damaged(folder) from error


def _damaged(folder: Path) -> CatalogueError:
    return CatalogueError(f"{folder.name}: a damaged snapshot; make it anew with `matcher index`")


def _made_with(taxonomy: Taxonomy, settings: Settings) -> dict[str, str]:
    """What an index depends on beside its catalogue."""
    names = [*SCHEMA.names, *(field.name for record in _RECORDS for field in fields(record))]
    return {
        "version": engine_version(),
        "columns' names": " ".join(names),
        "taxonomy": taxonomy.version,
        "settings": settings.fingerprint,
    }


def _write(engine: Engine, folder: Path) -> None:
    catalogue, index = engine.catalogue, engine.index
    lexical = next((s for s in index.fusion.texts if isinstance(s, LexicalScorer)), None)
    parts = {"catalogue": catalogue, "offers": index.offers, "limits": index.limits, "places": index.places}
    columns = {name: column for prefix, part in parts.items() for name, column in _columns(prefix, part)}
    columns["tags.affinity"] = index.fusion.tags.affinity
    if lexical:
        columns |= dict(_columns("postings", lexical.postings))
    for name, column in columns.items():
        np.save(folder / f"{name}.npy", column, allow_pickle=False)
    with pa.OSFile(str(folder / TABLE), "wb") as file, pa.ipc.new_file(file, SCHEMA) as writer:
        writer.write_table(catalogue.table.select(SCHEMA.names), max_chunksize=ROWS_A_BATCH)
    manifest = {
        **_made_with(engine.taxonomy, engine.settings),
        "catalogue": catalogue.version,
        "decided": index.offers.decided,
        "decisions": {row: (dict(d.strength), dict(d.dedication)) for row, d in index.decisions.items()},
        "columns": {name: (folder / f"{name}.npy").stat().st_size for name in sorted(columns)},
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")


def _columns(prefix: str, part: Any) -> Iterator[tuple[str, NDArray[Any]]]:
    """The arrays of a record, those of records in it too, by their dotted names."""
    for field in fields(part):
        value = getattr(part, field.name)
        if isinstance(value, np.ndarray):
            yield f"{prefix}.{field.name}", value
        elif isinstance(value, SparseRows):
            yield from _columns(f"{prefix}.{field.name}", value)


def _column(folder: Path, name: str, size: int) -> NDArray[Any]:
    path = folder / f"{name}.npy"
    if path.stat().st_size != size:
        raise ValueError(f"{name} is not whole")
    column: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False).view(np.ndarray)
    return column


def _restored(kind: type[T], prefix: str, arrays: Arrays, **others: Any) -> T:
    """The record that :func:`_columns` took apart."""
    values = dict(others)
    for field in fields(kind):  # type: ignore[arg-type]
        name = f"{prefix}.{field.name}"
        if name in arrays:
            values[field.name] = arrays[name]
        elif f"{name}.starts" in arrays:
            values[field.name] = _restored(SparseRows, name, arrays)
    return kind(**values)
