"""Points, distances and UK postcodes."""

from __future__ import annotations

import math
import re
import unicodedata
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from matcher.domain import Point
from matcher.postcodes import national_lookup

EARTH_RADIUS_KM = 6371.0088
OUTCODE_PRECISION_KM = 3.0

_POSTCODE = re.compile(r"([A-Z]{1,2}[0-9][A-Z0-9]?) ?([0-9][A-Z]{2})", re.ASCII)
_OUTCODE = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]?", re.ASCII)


def distance_km(a: Point, b: Point) -> float:
    """Great-circle distance in km (haversine on the mean earth radius)."""
    return float(distances_km(a, np.array([b.lat]), np.array([b.lon]))[0])


def distances_km(origin: Point, lat: NDArray[np.float64], lon: NDArray[np.float64]) -> NDArray[np.float64]:
    """Great-circle distances in km from one point to many; NaN where a place is unknown. Shape as ``lat``."""
    lat1, lon1 = math.radians(origin.lat), math.radians(origin.lon)
    lat2, lon2 = np.radians(lat), np.radians(lon)
    half = np.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
    return np.asarray(2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(half, 0, 1))))


def unit_vectors(lat: NDArray[np.float64], lon: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points on a sphere of radius 1; NaN where a place is unknown. Shape (places, 3)."""
    north, east = np.radians(lat), np.radians(lon)
    return np.stack([np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)], axis=-1)


def unit_vector(point: Point) -> tuple[float, float, float]:
    """One point as :func:`unit_vectors` gives many."""
    north, east = math.radians(point.lat), math.radians(point.lon)
    return math.cos(north) * math.cos(east), math.cos(north) * math.sin(east), math.sin(north)


def km_between(origin: Point, vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Great-circle distances as :func:`distances_km` gives them, from points already on the sphere. Shape (places,)."""
    return km_of_chords(squared_chords(origin, vectors))


def squared_chords(origin: Point, vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    """The squares of the straight lines from a point to points on the sphere of radius 1. Shape (places,).

    They are in the order of the distances, and need neither root nor arc sine to be compared.
    """
    apart = vectors - np.array(unit_vector(origin))
    apart *= apart
    return np.asarray(apart[:, 0] + apart[:, 1] + apart[:, 2])


def squared_chord(km: float) -> float:
    """What :func:`squared_chords` gives for a distance; infinite for one that no two places on earth lie apart."""
    half = km / (2 * EARTH_RADIUS_KM)
    return math.inf if half >= math.pi / 2 else (2 * math.sin(half)) ** 2


def km_of_chords(squared: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distances in km of :func:`squared_chords`. Shape as ``squared``."""
    return np.asarray(2 * EARTH_RADIUS_KM * np.arcsin(np.minimum(np.sqrt(squared) / 2, 1.0)))


def cell_numbers(lat: NDArray[np.float64], lon: NDArray[np.float64]) -> NDArray[np.int64]:
    """Numbers that are close for close places: the bits of latitude and longitude in turn (Morton 1966), ~20 m fine.

    0 for an unknown place. Shape (places,).
    """
    north, east = (
        (np.nan_to_num(degrees + half) / (2 * half) * (1 << 20)).astype(np.int64)
        for degrees, half in ((lat, 90), (lon, 180))
    )
    bits = [((north >> bit & 1) << 2 * bit + 1) | ((east >> bit & 1) << 2 * bit) for bit in range(21)]
    return np.asarray(np.sum(bits, axis=0))


def normal_postcode(text: str) -> str | None:
    """``"ZZ1 1AA"`` in its usual form, a bare district ("ZZ1") too; ``None`` when it is neither."""
    plain = " ".join(unicodedata.normalize("NFKC", text).upper().split())
    match = _POSTCODE.fullmatch(plain)
    if match:
        return f"{match[1]} {match[2]}"
    return plain if _OUTCODE.fullmatch(plain) else None


def outcode(postcode: str) -> str:
    """The district of a postcode: "ZZ1" of "ZZ1 1AA"."""
    normal = normal_postcode(postcode)
    return normal.split(" ", maxsplit=1)[0] if normal else ""


class Places(Protocol):
    """Points by postcode and by district."""

    def get(self, code: str, /) -> Point | None: ...


def locate_postcode(text: str, known: Places) -> Point | None:
    """Where a postcode is: exactly if the catalogue or the ONS directory knows it, else its district's middle.

    Args:
        text: as typed.
        known: places of the catalogue.

    Returns:
        The place, with the precision of the district where only that is known; ``None`` when nothing is.
    """
    normal = normal_postcode(text)
    if normal is None:
        return None
    national = national_lookup() or known.get
    district = outcode(normal)
    exact = None if normal == district else known.get(normal) or national(normal)
    return exact or national(district) or known.get(district)
