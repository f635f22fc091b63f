"""Two small pictures as numbers for a template to draw: where suggestions lie around home, and when in the week."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from matcher.domain import DAYS, Session, Suggestion
from service.presenters_words import and_list

SIZE, MIDDLE, REACH = 320.0, 160.0, 132.0
KM_A_DEGREE = 111.195
RINGS_KM = (0.5, 1, 2, 5, 10, 20, 50, 100)
DOT, STEP, LABEL = 11.0, 8.0, 8.0
"""Radius of a numbered dot, how far dots are moved apart at a time, and the room of a label."""
DAY_WIDTH, LEFT, TOP, ROW = 42.0, 25.0, 24.0, 24.0
FIRST_HOUR, LAST_HOUR = 8, 22


@dataclass(frozen=True, slots=True)
class Dot:
    """A suggestion on the map."""

    rank: int
    x: float
    y: float
    name: str


@dataclass(frozen=True, slots=True)
class Ring:
    """A circle of equal distance."""

    radius: float
    label: str


@dataclass(frozen=True, slots=True)
class MapPicture:
    """Home in the middle, north up. ``beyond`` are ranks that lie outside or whose place is unknown."""

    dots: tuple[Dot, ...]
    rings: tuple[Ring, ...]
    description: str
    beyond: str


@dataclass(frozen=True, slots=True)
class Block:
    """A session in the week."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Mark:
    """A label of the week's picture with its place."""

    text: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class WeekPicture:
    """A row a suggestion and a column a day; within a day early is left and late is right."""

    blocks: tuple[Block, ...]
    days: tuple[Mark, ...]
    rows: tuple[Mark, ...]
    lines: tuple[float, ...]
    height: float
    description: str
    untimed: str


def map_of(suggestions: Sequence[Suggestion], home: tuple[float, float] | None) -> MapPicture | None:
    """The map, or ``None`` when home or every place is unknown. ``home`` is latitude and longitude."""
    placed = [s for s in suggestions if s.service.place is not None and s.distance_km is not None]
    if home is None or not placed:
        return None
    farthest = max(s.distance_km or 0.0 for s in placed)
    outer = next((km for km in RINGS_KM if km >= farthest), RINGS_KM[-1])
    within = [s for s in placed if (s.distance_km or 0.0) <= outer]
    rings = tuple(Ring(round(_radius(km, outer), 1), f"{km:g} km") for km in RINGS_KM if outer / 10 <= km <= outer)
    labels = [(MIDDLE + side, MIDDLE + ring.radius + LABEL) for ring in rings for side in (-LABEL, LABEL)]
    taken = [(MIDDLE, MIDDLE), *labels]
    dots: list[Dot] = []
    for suggestion in within:
        x, y = _offset(suggestion, home, outer)
        dots.append(Dot(suggestion.rank, *_apart(x, y, dots, taken), suggestion.service.name))
    shown = {s.rank for s in within}
    missing = [str(s.rank) for s in suggestions if s.rank not in shown]
    near = "; ".join(f"{s.rank} {_bearing(s, home)}" for s in within)
    return MapPicture(
        dots=tuple(dots),
        rings=rings,
        description=f"Where the suggestions lie around home, north up: {near}",
        beyond=f"Not on the map, no fixed place: {', '.join(missing)}" if missing else "",
    )


def _offset(suggestion: Suggestion, home: tuple[float, float], outer_km: float) -> tuple[float, float]:
    """Where on the picture; near distances are drawn wider than far ones, as most services are near."""
    east, north = _km_from(suggestion, home)
    km = math.hypot(east, north)
    stretch = _radius(km, outer_km) / km if km else 0.0
    return MIDDLE + east * stretch, MIDDLE - north * stretch


def _radius(km: float, outer_km: float) -> float:
    return REACH * math.sqrt(min(km / outer_km, 1.0))


def _km_from(suggestion: Suggestion, home: tuple[float, float]) -> tuple[float, float]:
    """Kilometres east and north of home, on a plane: good enough within a day's travel."""
    place = suggestion.service.place
    lat, lon = (place.lat, place.lon) if place else home
    east = (lon - home[1]) * KM_A_DEGREE * math.cos(math.radians(home[0]))
    return east, (lat - home[0]) * KM_A_DEGREE


def _bearing(suggestion: Suggestion, home: tuple[float, float]) -> str:
    east, north = _km_from(suggestion, home)
    if math.hypot(east, north) < 0.1:
        return "at home’s door"
    points = ("north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west")
    return f"{suggestion.distance_km:.1f} km {points[round(math.degrees(math.atan2(east, north)) / 45) % 8]}"


def _apart(x: float, y: float, others: Sequence[Dot], taken: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """A free spot near (x, y), on a widening spiral, so that no two numbers hide each other, home or a label."""
    for turn in range(160):
        radius, angle = STEP * math.sqrt(turn), turn * 2.4
        at = (x + radius * math.cos(angle), y + radius * math.sin(angle))
        clear = all(math.dist(at, (dot.x, dot.y)) >= 2 * DOT for dot in others)
        clear = clear and all(math.dist(at, spot) >= DOT + LABEL for spot in taken)
        if clear and min(at) >= DOT and max(at) <= SIZE - DOT:
            return round(at[0], 1), round(at[1], 1)
    return round(x, 1), round(y, 1)


def week_of_suggestions(suggestions: Sequence[Suggestion]) -> WeekPicture | None:
    """The week, or ``None`` when no suggestion names a time. A row a suggestion, a column a day."""
    timed = [s for s in suggestions if s.service.sessions]
    if not timed:
        return None
    height = TOP + ROW * len(timed) + 2
    marks = tuple(Mark(DAYS[day][:3], LEFT + DAY_WIDTH * (day + 0.5), 16) for day in range(len(DAYS)))
    rows = tuple(Mark(str(s.rank), LEFT / 2, TOP + ROW * (place + 0.5)) for place, s in enumerate(timed))
    blocks = [_block(x, place) for place, s in enumerate(timed) for x in s.service.sessions]
    untimed = [str(s.rank) for s in suggestions if not s.service.sessions]
    said = "; ".join(f"{s.rank} {and_list(_days(s))}" for s in timed)
    return WeekPicture(
        blocks=tuple(blocks),
        days=marks,
        rows=rows,
        lines=tuple(LEFT + DAY_WIDTH * day for day in range(len(DAYS) + 1)),
        height=height,
        description=f"When in the week the suggestions are: {said}",
        untimed=f"No times given: {', '.join(untimed)}" if untimed else "",
    )


def _days(suggestion: Suggestion) -> list[str]:
    return [DAYS[day] for day in sorted({session.day for session in suggestion.service.sessions})]


def _block(session: Session, place: int) -> Block:
    """A session as a bar: its place in the column is its time of day."""
    start, end = (min(max(t / 60, FIRST_HOUR), LAST_HOUR) for t in (session.start, session.end))
    an_hour = DAY_WIDTH / (LAST_HOUR - FIRST_HOUR)
    left = LEFT + DAY_WIDTH * session.day + (start - FIRST_HOUR) * an_hour
    return Block(round(left, 1), TOP + ROW * place + 4, round(max((end - start) * an_hour, 4), 1), ROW - 8)
