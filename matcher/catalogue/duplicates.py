"""Likely duplicates: entries of the same service, often by two providers, of which a list shows one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache, partial

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from rapidfuzz import fuzz

from matcher.catalogue.arrow import array_of, numbers_of
from matcher.catalogue.checks import completeness
from matcher.catalogue.columns import day_number
from matcher.catalogue.findings import Finding
from matcher.catalogue.records import ServiceReader
from matcher.domain import DAYS, Service
from matcher.geography import EARTH_RADIUS_KM, distance_km, normal_postcode, unit_vectors
from matcher.processes import EVERY_CORE, Spread, in_order
from matcher.sparse import spans
from matcher.text import content_words, normalise, words_of

SAME_NAME = 90.0
SAME_ORGANIZATION = 85.0
SAME_PLACE_KM = 0.3
SURELY_APART_KM = 0.31
"""Of two exact places; a little more than ``SAME_PLACE_KM``, as it is only a first look."""
SAME_WORD = 80.0
MOST_SHARING_A_WORD = 60
MOST_SHARING_A_NAME = 300
ROWS_AT_A_TIME = 1 << 14
KEPT = 10_000
"""How many services are kept once built; rows near one another are compared one after another."""

_GROUP_WORDS = """
    men mens women womens male female boy boys girl girls lad lads lady ladies gents dad dads mum mums father fathers
    mother mothers junior juniors senior seniors adult adults child childrens beginner beginners improver improvers
    advanced online morning afternoon evening
"""
_GROUPS = frozenset(_GROUP_WORDS.split()) | {f"{day.lower()}{s}" for day in DAYS for s in ("", "s")}

_FILLER_WORDS = "the a an and of in at for ltd limited cic cio plc uk charity group club service project"
_FILLERS = frozenset(_FILLER_WORDS.split())


def find_duplicates(table: pa.Table, findings: list[Finding], spread: Spread = EVERY_CORE) -> list[int]:
    """For each service of a catalogue's table the row of a better entry of the same service, or -1.

    Two entries are taken for one service when their names agree (rapidfuzz token-sort ratio), and so does their
    organisation or a contact, and neither place, age nor days speak against it.
    """
    better = [-1] * len(table)
    service_at = lru_cache(KEPT)(ServiceReader(table.to_batches()).one)
    for first, second in _likely_pairs(table, spread):
        if better[first] == -1 and better[second] == -1 and _same_service(service_at(first), service_at(second)):
            keep, drop = sorted((first, second), key=lambda row: _worth_first(service_at(row)))
            better[drop] = keep
    shown = [_shown(better, row) for row in range(len(table))]
    for row, instead in enumerate(shown):
        if instead != -1:
            service, other = service_at(row), service_at(instead)
            text = f"looks like {other.id} ({other.name}), which is shown instead"
            findings.append(Finding("likely_duplicate", service.source, service.id, text))
    return shown


def _shown(better: Sequence[int], place: int) -> int:
    """Where a chain of better entries ends, or -1 when this entry has no better one."""
    end = place
    while better[end] != -1:
        end = better[end]
    return end if end != place else -1


def _likely_pairs(table: pa.Table, spread: Spread) -> Iterator[tuple[int, int]]:
    """Pairs of rows, in order, that share what few services have, with names alike and no other place or age."""
    keys = list(in_order(partial(_keys, table), spread.spans(len(table)), spread))
    most = MOST_SHARING_A_WORD, MOST_SHARING_A_NAME
    blocks = [_Blocks.of([of_chunk[kind] for of_chunk in keys], most[kind]) for kind in range(2)]
    apart = _Apart.of(table)
    likely = [pairs[~apart.are(*pairs.T)] for block in blocks for pairs in block.pairs()]
    pairs = np.unique(np.concatenate([np.empty((0, 2), dtype=np.int64), *likely]), axis=0)
    names = table.column("name").to_pylist() if len(pairs) else []
    yield from ((a, b) for a, b in pairs.tolist() if _alike(names[a], names[b]))


Keys = tuple[pa.Array, NDArray[np.int64]]
"""Texts, and the row that has each."""


def _keys(table: pa.Table, span: tuple[int, int]) -> tuple[Keys, Keys]:
    """The words of some services' names; and all of each name's words with the postcode, and with the organisation."""
    first, last = span
    part = table.slice(first, last - first)
    words: list[str] = []
    names: list[str] = []
    rows: tuple[list[int], list[int]] = [], []
    columns = [part.column(name).to_pylist() for name in ("name", "postcode", "organization")]
    for row, (name, postcode, organization) in enumerate(zip(*columns, strict=True), start=first):
        told = sorted(set(content_words(name)))
        also = {postcode or "", normalise(organization or "")} - {""}
        words += told
        names += ["\n".join((text, *told)) for text in also]
        rows[0].extend([row] * len(told))
        rows[1].extend([row] * len(also))
    of_words, of_names = (np.array(at, dtype=np.int64) for at in rows)
    return (array_of(words, pa.string()), of_words), (array_of(names, pa.string()), of_names)


@dataclass(frozen=True, eq=False)
class _Blocks:
    """Rows that share a key, block by block, ascending in each. ``starts``: where each block begins, and the end."""

    rows: NDArray[np.int64]
    starts: NDArray[np.int64]

    @classmethod
    def of(cls, keys: Sequence[Keys], most: int) -> _Blocks:
        """The blocks of keys that at least two rows and at most so many have."""
        texts = pa.concat_arrays([of_chunk.cast("large_string") for of_chunk, _ in keys])
        codes = numbers_of([texts.dictionary_encode().indices], np.int32, 0)
        rows = np.concatenate([at for _, at in keys])
        sizes = np.bincount(codes)
        kept = (sizes[codes] > 1) & (sizes[codes] <= most)
        order = np.argsort(codes[kept], kind="stable")
        few = sizes[(sizes > 1) & (sizes <= most)]
        return cls(rows[kept][order], np.concatenate([[0], np.cumsum(few)]))

    def pairs(self) -> Iterator[NDArray[np.int64]]:
        """All pairs of rows of each block, some blocks at a time. Shape (pairs, 2)."""
        ends = np.repeat(self.starts[1:], np.diff(self.starts))
        for first in range(0, len(self.rows), ROWS_AT_A_TIME):
            here = np.arange(first, min(first + ROWS_AT_A_TIME, len(self.rows)))
            later, begins = spans(here + 1, ends[here])
            yield np.stack([np.repeat(self.rows[here], np.diff(begins)), self.rows[later]], axis=1)


@dataclass(frozen=True, eq=False)
class _Apart:
    """What tells most pairs apart at a glance: two exact places, ages. One entry a row."""

    vectors: NDArray[np.float64]
    exact: NDArray[np.bool_]
    min_age: NDArray[np.float64]
    max_age: NDArray[np.float64]

    @classmethod
    def of(cls, table: pa.Table) -> _Apart:
        lat, lon, precision_km = (_numbers(table, name, np.nan) for name in ("lat", "lon", "precision_km"))
        ages = _numbers(table, "min_age", 0.0), _numbers(table, "max_age", np.inf)
        return cls(unit_vectors(lat, lon), (precision_km == 0) & ~np.isnan(lat), *ages)

    def are(self, first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether pairs of rows are surely not one service; the closest calls are left to :func:`_same_service`."""
        chord = self.vectors[first] - self.vectors[second]
        far = np.einsum("ij,ij->i", chord, chord) > (SURELY_APART_KM / EARTH_RADIUS_KM) ** 2
        low = np.maximum(self.min_age[first], self.min_age[second])
        high = np.minimum(self.max_age[first], self.max_age[second])
        return np.asarray((self.exact[first] & self.exact[second] & far) | (low > high))


def _numbers(table: pa.Table, name: str, unknown: float) -> NDArray[np.float64]:
    return numbers_of(table.column(name).chunks, np.float64, unknown)


def _alike(a: str, b: str) -> bool:
    """Whether two names may be one service's."""
    names = _plain(a), _plain(b)
    return fuzz.token_sort_ratio(*names, score_cutoff=SAME_NAME) >= SAME_NAME and not _set_apart(*names)


def _same_service(a: Service, b: Service) -> bool:
    """Whether two entries with names alike are of one service."""
    if _for_others(a, b):
        return False
    same_contact = bool(set(a.phones) & set(b.phones)) or (a.email != "" and a.email == b.email)
    together = _together(a, b)
    if not together:
        return together is None and same_contact
    similar = fuzz.token_set_ratio(normalise(a.organization), normalise(b.organization)) >= SAME_ORGANIZATION
    return same_contact or similar or not a.organization or not b.organization


@lru_cache(maxsize=100_000)
def _plain(name: str) -> str:
    """The words of a name without fillers; all of them when there is nothing else."""
    words = words_of(normalise(name))
    return " ".join([word for word in words if word not in _FILLERS] or words)


def _together(a: Service, b: Service) -> bool | None:
    """Whether two entries are at one place, both at none, or (``None``) nobody can tell."""
    if a.place and b.place and not a.place.precision_km and not b.place.precision_km:
        return distance_km(a.place, b.place) <= SAME_PLACE_KM
    if a.postcode and b.postcode:
        return normal_postcode(a.postcode) == normal_postcode(b.postcode)
    return None if a.place or b.place else True


def _set_apart(a: str, b: str) -> bool:
    """Whether near-equal names tell services apart: "Men's group" and "Women's group", "Over 50s" and "Over 60s".

    What differs may only be the same word with a typo.
    """
    only_a, only_b = set(a.split()) - set(b.split()), set(b.split()) - set(a.split())
    if any(word in _GROUPS or any(map(str.isdecimal, word)) for word in only_a | only_b):
        return True
    return not (_all_like(only_a, only_b) and _all_like(only_b, only_a))


def _all_like(words: set[str], others: set[str]) -> bool:
    return all(any(fuzz.ratio(word, other) >= SAME_WORD for other in others) for word in words)


def _for_others(a: Service, b: Service) -> bool:
    """Whether ages or days have nothing in common."""
    low, high = max(a.min_age or 0.0, b.min_age or 0.0), min(_oldest(a), _oldest(b))
    days = [{session.day for session in service.sessions} for service in (a, b)]
    return low > high or bool(all(days) and not days[0] & days[1])


def _oldest(service: Service) -> float:
    return float("inf") if service.max_age is None else service.max_age


def _worth_first(service: Service) -> tuple[bool, int, float, str]:
    """Sorts the best of two entries first: open, not ending, complete and new; else the earlier id."""
    ends = service.ends_on or date.max
    newest = day_number(service.last_modified) if service.last_modified else 0
    return service.status not in ("active", ""), -ends.toordinal(), -completeness(service) - newest / 1e6, service.id
