"""Where a catalogue's own postcodes are."""

import pytest

from matcher.domain import Point
from matcher.geography import OUTCODE_PRECISION_KM
from matcher.known_places import KnownPlaces
from tests.factories import a_catalogue, a_service


@pytest.fixture
def places():
    return KnownPlaces.of(
        a_catalogue(
            a_service(id="a", postcode="zz1 1aa", place=Point(53.0, -2.0)),
            a_service(id="b", postcode="ZZ1 1AB", place=Point(54.0, -3.0)),
            a_service(id="c", postcode="ZZ2 1AA", place=None),
            a_service(id="d", postcode="not one", place=Point(50.0, 0.0)),
        )
    )


def test_a_postcode_is_where_its_service_is(places):
    assert places.get("ZZ1 1AA") == Point(53.0, -2.0)


def test_a_district_is_in_the_middle_of_what_is_known_of_it(places):
    assert places.get("ZZ1") == Point(53.5, -2.5, OUTCODE_PRECISION_KM)


@pytest.mark.parametrize("code", ["ZZ2 1AA", "ZZ2", "AA1 1AA", "ZZ9 9ZZ"])
def test_what_the_catalogue_does_not_place_is_unknown(places, code):
    assert places.get(code) is None
