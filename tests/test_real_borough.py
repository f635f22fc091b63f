"""The converter of a real borough's registers, on invented records of the same shape."""

import io
import json
from datetime import date

from rich.console import Console

from matcher import Engine
from matcher.catalogue import read_catalogue, read_with_findings
from matcher.domain import Point, Session, Standing
from matcher.presentation import print_table
from tests.factories import AS_OF, a_consultation, a_taxonomy
from tests.real_borough import convert

NOTHING = {
    "description": None,
    "organization": None,
    "eligibility_text": None,
    "min_age": None,
    "max_age": None,
    "fees": None,
    "city": "Wending",
    "schedule_text": None,
    "languages": [],
    "accessibility": [],
    "url": None,
    "phone": None,
    "status": None,
    "last_modified": None,
    "address": None,
}
CHOIR = {
    **NOTHING,
    "id": "wend-chc-1",
    "name": "Wending Choir",
    "description": "A choir for anybody.",
    "organization": "WENDING CHOIR",
    "categories": ["Charity"],
    "lat": 53.5,
    "lon": -2.5,
    "postcode": "ZZ9 9AA",
    "url": "www.choir.example.org",
    "status": "active",
    "geo_precision": "outcode",
    "date_registered": "1965-04-29",
}
PITCH = {
    **NOTHING,
    "id": "wend-sf-2",
    "name": "Mill School - Grass pitches",
    "description": "Grass pitches at Mill School. Access: Private Use.",
    "categories": ["Sports facility", "Grass pitches"],
    "eligibility_text": "Access: Private Use",
    "lat": 53.51,
    "lon": -2.51,
    "postcode": "ZZ9 9AB",
    "accessibility": ["accessible entrance", "accessible toilet"],
    "phone": "01632 960002",
    "status": "active",
    "last_modified": "2025-06-20",
    "geo_precision": "point",
    "address": "Mill Lane",
}
FOOD_BANK = {
    **NOTHING,
    "id": "wend-fb-3",
    "name": "Wending food bank",
    "categories": ["Food bank"],
    "eligibility_text": "Referral method: Foodbank Voucher",
    "lat": 53.52,
    "lon": -2.52,
    "postcode": "ZZ8 9AA",
    "schedule_text": "Wednesday 10am - 4pm",
    "geo_precision": "outcode",
}
ALLOTMENT = {
    **NOTHING,
    "id": "wend-al-4",
    "name": "Chapel Road allotments",
    "categories": ["Allotment"],
    "lat": 53.37195383282586,
    "lon": -2.3600202903966987,
    "postcode": None,
    "geo_precision": "point",
}
NOWHERE = {
    **NOTHING,
    "id": "wend-mh-5",
    "name": "Wending Listeners",
    "categories": ["Mental health"],
    "eligibility_text": "Referral method: Not known",
    "lat": None,
    "lon": None,
    "postcode": None,
    "last_modified": "2018-07",
    "schedule_text": "Not known",
}
CLUB = {**CHOIR, "id": "wend-sc-6", "name": "Wending Choir and Bowls", "categories": ["Sports club", "Bowling"]}
RECORDS = (CHOIR, PITCH, FOOD_BANK, ALLOTMENT, NOWHERE, CLUB)


def converted(folder):
    """A catalogue file of the invented records."""
    source = folder / "borough.jsonl"
    source.write_text("".join(json.dumps(record) + "\n" for record in RECORDS), encoding="utf-8")
    return convert(source, folder / "borough.json")


def services(folder):
    catalogue = read_catalogue(converted(folder))
    return {service_id: catalogue[row] for row, service_id in enumerate(catalogue.texts("id"))}


def test_every_record_becomes_a_service_without_a_fault_of_reading(tmp_path):
    read = read_with_findings(converted(tmp_path))
    assert sorted(read.catalogue.texts("id")) == sorted(record["id"] for record in RECORDS)
    assert read.findings == ()


def test_a_place_in_the_middle_of_a_district_is_known_to_be_vague(tmp_path):
    found = services(tmp_path)
    assert found["wend-chc-1"].place == Point(53.5, -2.5, precision_km=3.0)
    assert found["wend-sf-2"].place == Point(53.51, -2.51)
    assert found["wend-al-4"].place == Point(53.37195383282586, -2.3600202903966987)
    assert found["wend-mh-5"].place is None


def test_who_may_use_it_is_told_from_how_to_be_referred(tmp_path):
    found = services(tmp_path)
    assert (found["wend-sf-2"].eligibility, found["wend-sf-2"].referral) == ("Access: Private Use", "")
    assert (found["wend-fb-3"].eligibility, found["wend-fb-3"].referral) == ("", "Foodbank Voucher")
    assert (found["wend-mh-5"].eligibility, found["wend-mh-5"].referral) == ("", "")


def test_only_registers_of_places_say_that_one_goes_there(tmp_path):
    modes = {service_id: service.modes for service_id, service in services(tmp_path).items()}
    assert modes["wend-sf-2"] == modes["wend-fb-3"] == modes["wend-al-4"] == ("in_person",)
    assert modes["wend-chc-1"] == modes["wend-mh-5"] == ()


def test_the_rest_of_a_record_is_kept(tmp_path):
    found = services(tmp_path)
    assert (found["wend-chc-1"].url, found["wend-chc-1"].categories) == ("https://www.choir.example.org", ("Charity",))
    assert found["wend-sf-2"].phones == ("01632 960002",)
    assert found["wend-sf-2"].accessibility == ("accessible entrance", "accessible toilet")
    assert (found["wend-sf-2"].place_name, found["wend-sf-2"].postcode) == ("Mill Lane", "ZZ9 9AB")
    assert found["wend-fb-3"].sessions == (Session(2, 10 * 60, 16 * 60),)
    assert found["wend-mh-5"].last_modified == date(2018, 7, 1)


def test_a_vague_place_is_about_so_far_and_never_too_far(tmp_path):
    taxonomy = a_taxonomy(tmp_path / "taxonomy")
    engine = Engine.fit(read_catalogue(converted(tmp_path)), taxonomy)
    far = a_consultation(note="Wants singing.", location=Point(53.6, -2.5), max_distance_km=2)
    suggested = engine.suggest(far, as_of=AS_OF)
    (club,) = [s for s in suggested.suggestions if s.service.id == "wend-sc-6"]
    assert club.standing == Standing.check
    assert any("about 11 km away" in caution.text for caution in club.cautions)
    shown = io.StringIO()
    print_table(suggested, Console(file=shown, width=200))
    assert "about 11 km" in shown.getvalue()
