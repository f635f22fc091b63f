"""The columns of a catalogue and the services built from them."""

import pickle
from dataclasses import replace
from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from matcher.catalogue import build_catalogue
from matcher.catalogue.columns import NO_DAY, day_number, mode_mask
from matcher.domain import MODES, CatalogueError, Point
from tests.factories import a_catalogue, a_service, a_session


def test_a_service_comes_out_as_it_went_in():
    service = a_service(
        min_age=18.0,
        cost=0.0,
        modes=("in_person", "phone"),
        sessions=(a_session(modes=("phone",)), a_session(day=3, freq="MONTHLY", interval=2)),
        ends_on=date(2027, 1, 1),
        last_modified=date(2026, 1, 1),
        place=Point(53.5, -2.5, 3.0),
        phones=("01632 960001",),
        languages=("Welsh",),
    )
    assert a_catalogue(service)[0] == service


def test_what_is_not_said_stays_not_said():
    service = a_service(place=None, description="", categories=(), postcode="")
    catalogue = a_catalogue(service)
    assert catalogue[0] == service
    assert np.isnan([catalogue.lat[0], catalogue.min_age[0], catalogue.max_age[0], catalogue.cost[0]]).all()
    assert catalogue.mode_bits[0] == 0
    assert catalogue.ends_day[0] == catalogue.modified_day[0] == NO_DAY
    assert catalogue.session_starts.tolist() == [0, 0]


def test_rows_are_in_the_order_of_ids():
    services = [a_service(id=service_id) for service_id in ("b", "a", "C")]
    forwards, backwards = build_catalogue(services), build_catalogue(services[::-1])
    assert forwards.texts("id") == ["C", "a", "b"]
    assert forwards.version == backwards.version


def test_what_is_reached_from_anywhere_lies_together_by_its_limits_what_is_visited_by_its_place():
    remote = [a_service(id=i, modes=("phone",), min_age=age) for i, age in (("a", 18), ("b", None), ("c", 18))]
    hall = Point(53.5, -2.5, 0.0)
    visited = [a_service(id=i, modes=("in_person",), min_age=age, place=hall) for i, age in (("x", 18), ("y", None))]
    assert build_catalogue([*remote, *visited]).texts("id") == ["x", "y", "a", "c", "b"]


def test_sessions_point_to_their_service():
    catalogue = a_catalogue(a_service(id="a"), a_service(id="b", sessions=(a_session(day=2), a_session(day=4))))
    assert catalogue.session_starts.tolist() == [0, 0, 2]
    assert catalogue.session_day.tolist() == [2, 4]
    assert catalogue.session_begin.tolist() == [2 * 10] * 2


def test_sessions_are_rounded_outwards_to_half_hours():
    session = replace(a_session(), start=9 * 60 + 15, end=10 * 60 + 45)
    catalogue = a_catalogue(a_service(sessions=(session,)))
    assert (catalogue.session_begin[0], catalogue.session_end[0]) == (18, 22)


def test_modes_are_bits_in_their_order():
    assert [mode_mask([mode]) for mode in MODES] == [1, 2, 4, 8]
    assert mode_mask(["phone", "in_person", "phone"]) == 1 + 4


def test_days_are_counted_from_1970():
    assert day_number(date(1970, 1, 2)) == 1


def test_a_row_is_found_by_its_id_and_an_unknown_id_is_refused_without_repeating_it():
    catalogue = a_catalogue(a_service(id="a"), a_service(id="b"))
    assert catalogue.row_of("b") == 1
    with pytest.raises(CatalogueError) as refused:
        catalogue.row_of("zzz-secret")
    assert "zzz-secret" not in str(refused.value)


def test_services_are_found_in_whichever_batch_of_the_table_they_lie():
    services = [a_service(id=f"s{number}", name=f"Service {number}") for number in range(7)]
    whole = build_catalogue(services)
    cut = replace(whole, table=pa.Table.from_batches(whole.table.to_batches(max_chunksize=3)))
    rows = [6, 0, 3, 2, 6]
    assert [service.name for service in cut.services(rows)] == [f"Service {row}" for row in rows]


def test_a_catalogue_that_was_asked_is_sent_once_not_twice():
    catalogue = a_catalogue(*(a_service(id=f"s{number}", description="x" * 1_000) for number in range(50)))
    fresh = len(pickle.dumps(catalogue))
    catalogue.services([7])
    assert len(pickle.dumps(catalogue)) < fresh + 5_000
    assert pickle.loads(pickle.dumps(catalogue))[7] == catalogue[7]  # noqa: S301
