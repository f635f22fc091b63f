"""Where the generated services and people are: 400 invented towns, as large, as dense and as scattered as Britain's."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

TOWNS = 400
SEED = 20261103
PEOPLE = 65_000_000
PEOPLE_PER_KM2 = 4_000
"""The density of British towns, large or small: a large one is wide, not crowded."""
AROUND_KM = 40
KM_PER_DEGREE = 111.2
UNIT_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"
ENDINGS = ("ton", "ford", "wick", "by", "ham", "mouth", "bridge", "stead")
CENTRES = (
    (51.51, -0.13),
    (52.48, -1.90),
    (53.48, -2.24),
    (53.79, -1.55),
    (55.86, -4.25),
    (53.41, -2.98),
    (54.97, -1.61),
    (53.38, -1.47),
    (50.91, -1.40),
    (52.95, -1.15),
    (51.45, -2.59),
    (52.63, -1.13),
    (55.95, -3.19),
    (51.48, -3.18),
    (50.83, -0.14),
    (53.00, -2.18),
    (53.74, -0.33),
    (50.37, -4.14),
    (52.63, 1.29),
    (51.62, -3.94),
    (50.72, -3.53),
    (57.15, -2.09),
    (56.46, -2.97),
    (54.89, -2.93),
    (53.23, -0.54),
    (52.20, 0.12),
    (57.48, -4.22),
    (50.26, -5.05),
)
"""The middles of Britain's larger places, the largest first."""


@dataclass(frozen=True, slots=True)
class Town:
    """A town; ``spread_km`` is the standard deviation of its places from its middle, north and east."""

    name: str
    lat: float
    lon: float
    spread_km: float
    outcode: str


def towns(stems: Sequence[str]) -> tuple[list[Town], list[float]]:
    """All towns, the largest first, and their cumulative sizes by Zipf's law.

    Args:
        stems: words to make names from.
    """
    chance = random.Random(SEED)
    shares = [1 / rank for rank in range(1, TOWNS + 1)]
    near = list(accumulate(1 / (rank + 3) for rank in range(len(CENTRES))))
    found = []
    for number, share in enumerate(shares):
        lat, lon = CENTRES[number] if number < len(CENTRES) else _around(*chance.choices(CENTRES, near)[0], chance)
        people = PEOPLE * share / sum(shares)
        spread_km = math.sqrt(
            people / PEOPLE_PER_KM2 / (4 * math.pi)
        )  # a normal cloud's mean density is n / (4 pi s^2)
        name = f"{stems[number]}{chance.choice(ENDINGS)}".capitalize()
        found.append(Town(name, lat, lon, spread_km, f"Z{chr(65 + number % 20)}{number // 20 + 1}"))
    return found, list(accumulate(shares))


def point_in(town: Town, chance: random.Random) -> tuple[float, float]:
    """Latitude and longitude of somewhere in a town."""
    return _scatter(town.lat, town.lon, town.spread_km, chance)


def postcode_in(town: Town, chance: random.Random) -> str:
    """A postcode of a town, in areas that do not exist (ZA to ZT)."""
    unit = "".join(chance.choices(UNIT_LETTERS, k=2))
    return f"{town.outcode} {chance.randint(0, 9)}{unit}"


def _around(lat: float, lon: float, chance: random.Random) -> tuple[float, float]:
    return _scatter(lat, lon, AROUND_KM, chance)


def _scatter(lat: float, lon: float, km: float, chance: random.Random) -> tuple[float, float]:
    north, east = chance.gauss(0, km) / KM_PER_DEGREE, chance.gauss(0, km) / KM_PER_DEGREE
    return round(lat + north, 5), round(lon + east / math.cos(math.radians(lat)), 5)
