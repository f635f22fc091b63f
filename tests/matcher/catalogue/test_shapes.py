"""Every shape in which a directory comes: pages, lists, folders, lines, organisations, places, v1, HSDS."""

import json
from datetime import date

import pytest

from matcher.catalogue import read_catalogue, read_with_findings
from matcher.catalogue.records import COLUMNS
from matcher.domain import CatalogueError, Point, Session
from tests.factories import FEEDS, a_feed_service, at_location, write_json

BOTH = ["svc-choir", "svc-line"]
SHAPES = [
    ("page.json", BOTH),
    ("list.json", BOTH),
    ("pages.json", BOTH),
    ("services.ndjson", BOTH),
    ("folder", BOTH),
    ("single.json", ["svc-choir"]),
    ("organization.json", ["svc-choir"]),
    ("service_at_locations.json", ["svc-choir"]),
    ("shallow_page.json", ["svc-choir"]),
    ("version_1.json", ["svc-v1"]),
    ("hsds_3_1.json", ["svc-31"]),
]


@pytest.mark.parametrize(("shape", "ids"), SHAPES)
def test_every_shape_gives_its_services(shape, ids):
    assert read_catalogue(FEEDS / shape).texts("id") == ids


@pytest.mark.parametrize("shape", ["list.json", "pages.json", "services.ndjson", "folder"])
def test_one_directory_is_the_same_in_every_shape(shape):
    page, other = read_catalogue(FEEDS / "page.json"), read_catalogue(FEEDS / shape)
    without_source = [column for column in COLUMNS if column != "source"]
    assert other.table.select(without_source).equals(page.table.select(without_source))


NOT_SERVICES = [
    ("dashboard.json", "dashboard entries"),
    ("dashboard_details.json", "dashboard entries"),
    ("organizations.json", "organisations"),
    ("taxonomy_terms.json", "taxonomy terms"),
    ("folder/taxonomies.json", "taxonomies"),
    ("folder/api_details.json", "API details"),
]


@pytest.mark.parametrize(("file", "kind"), NOT_SERVICES)
def test_a_file_of_something_else_is_refused_by_its_name(file, kind):
    with pytest.raises(CatalogueError, match=f"no service could be read .*holds {kind}, not services"):
        read_catalogue(FEEDS / file)


def test_consultations_are_no_services(tmp_path):
    path = tmp_path / "consultations.jsonl"
    path.write_text('{"id": "c1", "note": "Lonely.", "needs": []}\n' * 2, encoding="utf-8")
    with pytest.raises(CatalogueError, match=r"holds consultations, not services \(2\)") as refused:
        read_catalogue(path)
    assert "Lonely" not in str(refused.value)


def test_records_without_names_are_refused_with_their_number():
    with pytest.raises(CatalogueError, match="4 records: has no name"):
        read_catalogue(FEEDS / "without_names.json")


def test_a_folder_says_what_else_it_holds():
    findings = read_with_findings(FEEDS / "folder").findings
    assert {(f.code, f.where) for f in findings} == {
        ("not_a_service", "api_details.json"),
        ("not_a_service", "taxonomies.json"),
    }


def test_a_page_of_many_says_that_pages_are_missing():
    (finding,) = read_with_findings(FEEDS / "shallow_page.json").findings
    assert (finding.code, finding.text) == ("missing_pages", "holds 1 of 40 records")


def test_a_service_at_two_places_is_one_service_at_the_first():
    catalogue = read_with_findings(FEEDS / "service_at_locations.json").catalogue
    assert catalogue[0].place == Point(53.5, -2.5)


def test_a_service_listed_at_two_places_knows_both(tmp_path):
    service = a_feed_service()
    listed = [{**at_location(latitude=lat)["service_at_locations"][0], "service": service} for lat in (0, 53.6)]
    assert read_catalogue(write_json(tmp_path / "places.json", listed))[0].place == Point(53.6, -2.5)


def test_services_inside_an_organisation_bear_its_name():
    assert read_catalogue(FEEDS / "organization.json")[0].organization == "Wending Arts"


def test_a_list_of_organisations_with_services_gives_the_services(tmp_path):
    owners = [{"id": f"org-{n}", "name": f"Owner {n}", "services": [a_feed_service(id=f"svc-{n}")]} for n in (1, 2)]
    catalogue = read_catalogue(write_json(tmp_path / "owners.json", {"contents": owners}))
    assert catalogue.texts("organization") == ["Owner 1", "Owner 2"]


def test_the_first_version_of_the_standard_is_read():
    service = read_catalogue(FEEDS / "version_1.json")[0]
    assert (service.name, service.organization, service.status) == ("Wending Lunch Club", "Wending Age Well", "active")
    assert service.categories == ("Lunch clubs",)
    assert (service.min_age, service.max_age, service.eligibility) == (60, None, "older people")
    assert service.cost == 4
    assert service.modes == ("in_person",)
    assert service.sessions == (Session(2, 12 * 60, 14 * 60),)
    assert (service.place, service.place_name, service.postcode) == (Point(53.51, -2.51), "Chapel Rooms", "ZZ9 9AB")
    assert service.areas == ("Little Wending",)
    assert service.languages == ("English",)
    assert service.accessibility == ("ramp",)
    assert service.phones == ("01632 960005",)
    assert service.url == "https://lunch.example.org"
    assert service.last_modified == date(2026, 2, 1)


def test_the_extras_of_hsds_are_read():
    service = read_catalogue(FEEDS / "hsds_3_1.json")[0]
    assert service.eligibility == "People over 12 in Little Wending"
    assert service.referral == "Ask your GP for a letter."
    assert (service.min_age, service.max_age) == (12, None)
    assert service.cost == 35  # "£50 an hour", but 35 for some
    assert service.languages == ("Urdu",)
    assert service.capacity == "waiting list"
    assert service.modes == ("in_person", "online")
    assert [(s.day, s.interval) for s in service.sessions] == [(3, 2), (4, 2)]
    assert service.ends_on == date(2027, 12, 31)
    assert service.phones == ("+44 1632 960003", "01632 960004")
    assert service.email == "talk@counselling.example.org"


def test_the_choir_is_read_whole():
    service = read_catalogue(FEEDS / "single.json")[0]
    assert service.description == "A choir for people who think that they cannot sing.\nTea & biscuits after."
    assert (service.min_age, service.max_age, service.cost, service.fees) == (18, None, 3, "£3 a week")
    assert service.accessibility == ("Step-free, with a hearing loop",)
    assert service.last_modified == date(2026, 5, 1)
    assert [session.day for session in service.sessions] == [1, 3]


def test_a_telephone_line_without_a_place_is_attended_by_phone():
    service = next(s for s in map(read_catalogue(FEEDS / "page.json").__getitem__, (0, 1)) if s.id == "svc-line")
    assert (service.modes, service.place, service.cost) == (("phone",), None, 0)


def test_a_virtual_place_means_online_when_nothing_else_is_said(tmp_path):
    record = a_feed_service(**at_location(location_type="virtual", latitude=None, longitude=None))
    assert read_catalogue(write_json(tmp_path / "one.json", record))[0].modes == ("online",)


@pytest.mark.parametrize("key", ["contents", "content", "items", "services", "data", "results"])
def test_pages_are_known_by_any_of_their_usual_keys(tmp_path, key):
    assert len(read_catalogue(write_json(tmp_path / "page.json", {key: [a_feed_service()]}))) == 1


def test_lines_may_hold_pages(tmp_path):
    path = tmp_path / "pages.ndjson"
    pages = [{"contents": [a_feed_service(id=f"svc-{n}")]} for n in (1, 2)]
    path.write_text("\n".join(map(json.dumps, pages)), encoding="utf-8")
    assert read_catalogue(path).texts("id") == ["svc-1", "svc-2"]
