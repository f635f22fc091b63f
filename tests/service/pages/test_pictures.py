from __future__ import annotations

import math

from matcher.domain import Point, Standing, Suggestion
from service.presenters_pictures import DOT, MIDDLE, REACH, SIZE, map_of, week_of_suggestions
from tests.factories import a_service, a_session

HOME = (53.5, -2.5)
KM_NORTH = 1 / 111.195


def a_suggestion(
    rank: int = 1, place: Point | None = None, distance_km: float | None = None, **changes: object
) -> Suggestion:
    service = a_service(id=f"s{rank}", place=place, **changes)
    return Suggestion(service, rank, 0.5, Standing.fits, distance_km, (), ())


def north(km: float) -> Point:
    return Point(HOME[0] + km * KM_NORTH, HOME[1])


def test_north_is_up_and_the_outer_ring_is_the_next_round_distance():
    picture = map_of([a_suggestion(place=north(5), distance_km=5.0)], HOME)
    assert picture is not None
    assert (picture.dots[0].x, picture.dots[0].y) == (MIDDLE, MIDDLE - REACH), "5 km is the outermost ring"
    assert [ring.label for ring in picture.rings] == ["0.5 km", "1 km", "2 km", "5 km"]


def test_a_quarter_of_the_distance_is_drawn_at_half_the_radius():
    far, near = a_suggestion(1, north(20), 20.0), a_suggestion(2, north(5), 5.0)
    picture = map_of([far, near], HOME)
    assert picture is not None
    assert picture.dots[1].y == MIDDLE - REACH * math.sqrt(5 / 20)


def test_east_is_right():
    east = Point(HOME[0], HOME[1] + 3 * KM_NORTH / math.cos(math.radians(HOME[0])))
    picture = map_of([a_suggestion(place=east, distance_km=3.0)], HOME)
    assert picture is not None
    assert picture.dots[0].x > MIDDLE
    assert abs(picture.dots[0].y - MIDDLE) < 1


def test_services_at_one_place_do_not_hide_each_other_nor_leave_the_picture():
    same = [a_suggestion(rank, north(0.4), 0.4) for rank in range(1, 11)]
    picture = map_of(same, HOME)
    assert picture is not None
    places = [(dot.x, dot.y) for dot in picture.dots]
    gaps = [math.dist(a, b) for i, a in enumerate(places) for b in places[:i]]
    assert min(gaps) >= 2 * DOT - 0.2, "rounded to a tenth"
    assert all(DOT <= value <= SIZE - DOT for place in places for value in place)


def test_without_home_or_places_there_is_no_map():
    assert map_of([a_suggestion(place=north(1), distance_km=1.0)], None) is None
    assert map_of([a_suggestion()], HOME) is None


def test_a_suggestion_without_a_place_is_named_beside_the_map():
    picture = map_of([a_suggestion(1, north(1), 1.0), a_suggestion(2)], HOME)
    assert picture is not None
    assert picture.beyond.endswith(": 2")
    assert "1 1.0 km north" in picture.description


def test_the_week_has_a_row_a_suggestion_and_a_column_a_day():
    tuesday, friday = a_suggestion(1, sessions=(a_session(day=1),)), a_suggestion(2, sessions=(a_session(day=4),))
    picture = week_of_suggestions([tuesday, friday])
    assert picture is not None
    first, second = picture.blocks
    assert picture.lines[1] <= first.x < first.x + first.width <= picture.lines[2]
    assert picture.lines[4] <= second.x < second.x + second.width <= picture.lines[5]
    assert second.y > first.y
    assert "1 Tuesday; 2 Friday" in picture.description


def test_a_week_without_times_is_not_drawn():
    assert week_of_suggestions([a_suggestion()]) is None


def test_a_session_in_the_night_stays_inside_its_day():
    picture = week_of_suggestions([a_suggestion(sessions=(a_session(day=6, start=0, end=24 * 60),))])
    assert picture is not None
    assert picture.lines[6] <= picture.blocks[0].x
    assert picture.blocks[0].x + picture.blocks[0].width <= picture.lines[7]
