import math

import numpy as np
import pytest

from matcher.domain import Point
from matcher.geography import (
    EARTH_RADIUS_KM,
    cell_numbers,
    distance_km,
    distances_km,
    locate_postcode,
    normal_postcode,
    outcode,
)


def test_one_degree_of_latitude_is_a_360th_of_the_circumference():
    assert distance_km(Point(53, -2), Point(54, -2)) == pytest.approx(2 * math.pi * EARTH_RADIUS_KM / 360)


def test_a_degree_of_longitude_shrinks_with_the_cosine_of_latitude():
    expected = 0.01 * 2 * math.pi * EARTH_RADIUS_KM / 360 * math.cos(math.radians(60))
    assert distance_km(Point(60, -2), Point(60, -2.01)) == pytest.approx(expected, rel=1e-6)


def test_the_distance_to_the_same_place_is_0_and_to_an_unknown_one_unknown():
    distances = distances_km(Point(53.5, -2.5), np.array([53.5, np.nan]), np.array([-2.5, np.nan]))
    assert distances[0] == 0
    assert np.isnan(distances[1])


def test_opposite_ends_of_the_earth_are_half_a_circumference_apart():
    assert distance_km(Point(0, 0), Point(0, 180)) == pytest.approx(math.pi * EARTH_RADIUS_KM)


POSTCODES = [
    ("ZZ9 9AA", "ZZ9 9AA"),
    (" zz99aa\n", "ZZ9 9AA"),
    ("ZZ9  9AA", "ZZ9 9AA"),
    ("ＺＺ９ ９ＡＡ", "ZZ9 9AA"),  # full-width letters of another keyboard
    ("sw1a1aa", "SW1A 1AA"),
    ("M1 1AE", "M1 1AE"),
    ("zz9", "ZZ9"),  # a district alone
    ("EC1A", "EC1A"),
    ("ZZ9 9A", None),
    ("ZZ9 9AAA", None),
    ("9ZZ 9AA", None),
    ("ZZ٩ 9AA", None),  # digits of another script
    ("no fixed abode", None),
    ("", None),
]


@pytest.mark.parametrize(("text", "expected"), POSTCODES)
def test_a_postcode_is_read_in_any_spelling_and_nothing_else_is_one(text, expected):
    assert normal_postcode(text) == expected


def test_the_district_is_the_first_half():
    assert outcode("zz99aa") == "ZZ9"
    assert outcode("ZZ9") == "ZZ9"
    assert outcode("nowhere") == ""


HALL, DISTRICT = Point(53.5, -2.5), Point(53.6, -2.6, precision_km=3.0)
KNOWN = {"ZZ9 9AA": HALL, "ZZ9": DISTRICT}

LOCATED = [
    ("zz9 9aa", HALL),
    ("ZZ9 9ZZ", DISTRICT),  # the postcode is not known, its district is
    ("ZZ9", DISTRICT),
    ("ZZ8 1AA", None),
    ("somewhere", None),  # never (0, 0)
]


@pytest.mark.parametrize(("text", "expected"), LOCATED)
def test_a_place_is_as_exact_as_what_is_known(text, expected):
    assert locate_postcode(text, KNOWN) == expected


def test_places_near_one_another_have_near_numbers():
    lat, lon = np.array([51.5, 51.5001, 57.1, np.nan]), np.array([-0.1, -0.1001, -2.1, np.nan])
    near, next_to_it, far, unknown = cell_numbers(lat, lon).tolist()
    assert abs(near - next_to_it) < abs(near - far)
    assert unknown == 0
