"""Where a catalogue's own postcodes are: for people whose postcode no directory of the country is installed for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.catalogue.columns import Catalogue
from matcher.domain import Point
from matcher.geography import OUTCODE_PRECISION_KM, normal_postcode, outcode

LONGEST_CODE = 8


@dataclass(frozen=True, eq=False)
class KnownPlaces:
    """Postcodes and districts in order, each with a place; a district's is the middle of what is known in it.

    Attributes:
        codes: "ZZ1 1AA" or "ZZ1", as bytes. Shape (codes,).
        lat, lon: degrees. Shape (codes,).
    """

    codes: NDArray[np.bytes_]
    lat: NDArray[np.float64]
    lon: NDArray[np.float64]

    @classmethod
    def of(cls, catalogue: Catalogue) -> KnownPlaces:
        """The postcodes of a catalogue; of several places with one postcode the last counts."""
        points: dict[str, tuple[float, float]] = {}
        for text, lat, lon in zip(
            catalogue.texts("postcode"), catalogue.lat.tolist(), catalogue.lon.tolist(), strict=True
        ):
            if text and lat == lat and (code := normal_postcode(text)):
                points[code] = lat, lon
        districts: dict[str, list[tuple[float, float]]] = {}
        for code, point in points.items():
            districts.setdefault(outcode(code), []).append(point)
        middles = {code: np.mean(sorted(found), axis=0) for code, found in districts.items()}
        known = sorted(({**middles, **points}).items())
        codes = np.array([code for code, _ in known], dtype=f"S{LONGEST_CODE}")
        where = np.array([point for _, point in known], dtype=np.float64).reshape(-1, 2)
        return cls(codes, where[:, 0], where[:, 1])

    def get(self, code: str) -> Point | None:
        """Where a postcode or district is, if the catalogue has it."""
        place = int(np.searchsorted(self.codes, code.encode()))
        if place == len(self.codes) or self.codes[place] != code.encode():
            return None
        precision = 0.0 if " " in code else OUTCODE_PRECISION_KM
        return Point(float(self.lat[place]), float(self.lon[place]), precision)
