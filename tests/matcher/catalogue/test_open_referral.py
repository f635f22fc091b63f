"""One feed record becomes one service; what cannot be is a finding and reads as "the directory does not say"."""

import pytest

from matcher.catalogue.open_referral import read_service
from matcher.domain import Point
from tests.factories import a_feed_service, a_schedule, at_location


def read(**changes):
    findings = []
    service = read_service(a_feed_service(**changes), findings, "feed.json record 1")
    return service, [(f.code, f.text) for f in findings]


@pytest.mark.parametrize(("field", "text"), [("id", "has no id"), ("name", "has no name")])
@pytest.mark.parametrize("value", [None, "", "  ", "<p> </p>", {"en": "Choir"}, float("nan")])
def test_a_record_without_id_or_name_is_set_aside_with_its_reason(field, text, value):
    assert read(**{field: value}) == (None, [("set_aside", text)])


@pytest.mark.parametrize("record", [None, 3, "choir", ["choir"], True])
def test_a_record_that_is_no_object_is_set_aside(record):
    findings = []
    assert read_service(record, findings, "feed.json record 1") is None
    assert [(f.code, f.where) for f in findings] == [("set_aside", "feed.json record 1")]


NONSENSE = [None, "", 3, True, "text", [], {}, [None], [3], ["text"], [[]], [{}], {"a": {}}, float("nan"), 10**300]
FIELDS = [
    "description",
    "status",
    "url",
    "email",
    "alert",
    "fees",
    "fees_description",
    "minimum_age",
    "maximum_age",
    "last_modified",
    "attending_type",
    "organization",
    "attributes",
    "service_taxonomys",
    "schedules",
    "regular_schedules",
    "cost_options",
    "service_at_locations",
    "capacities",
    "eligibilitys",
    "languages",
    "phones",
    "contacts",
    "service_areas",
]


@pytest.mark.parametrize("field", FIELDS)
def test_nonsense_in_one_field_never_loses_the_record(field):
    for value in NONSENSE:
        service, _ = read(**{field: value})
        assert service is not None, value
        assert service.name == "Mill Hall Singers"


@pytest.mark.parametrize("part", ["location", "schedules", "phones", "contacts"])
def test_nonsense_at_a_location_never_loses_the_record(part):
    for value in NONSENSE:
        service, _ = read(service_at_locations=[{part: value}])
        assert service is not None, value


PLACES = [
    (53.5, -2.5, Point(53.5, -2.5), []),
    ("53.5", "-2.5", Point(53.5, -2.5), []),
    (53.37195383282586, -2.3600202903966987, Point(53.37195383282586, -2.3600202903966987), []),
    (-2.5, 53.5, Point(53.5, -2.5), ["swapped_coordinates"]),
    (0, 0, None, ["null_island"]),
    (100, 101, None, ["outside_uk"]),
    (48.85, 2.35, None, ["outside_uk"]),
    (1e309, -2.5, None, []),
    (None, -2.5, None, []),
    ("north", "west", None, []),
]


@pytest.mark.parametrize(("lat", "lon", "place", "codes"), PLACES)
def test_places_are_in_the_united_kingdom_or_unknown(lat, lon, place, codes):
    service, findings = read(**at_location(latitude=lat, longitude=lon))
    assert service.place == place
    assert [code for code, _ in findings] == codes


def test_a_place_known_only_by_its_district_keeps_how_far_off_it_may_be():
    service, _ = read(**at_location(precision_km=3))
    assert service.place == Point(53.5, -2.5, precision_km=3)


def test_the_first_place_that_is_on_a_map_counts():
    nowhere, somewhere = at_location(latitude=0, longitude=0), at_location(name="Chapel Rooms")
    service, findings = read(service_at_locations=nowhere["service_at_locations"] + somewhere["service_at_locations"])
    assert (service.place, service.place_name) == (Point(53.5, -2.5), "Chapel Rooms")
    assert findings == []


RANGES = [
    (18, 25, (18, 25), False),
    ("18+", None, (18, None), False),
    (0, 120, (None, None), False),  # everybody
    (None, None, (None, None), False),
    (60, 18, (None, None), True),
    (-1, 18, (None, None), True),
    (18, 200, (None, None), True),
    (0, 0, (None, None), True),  # a form left as it came, not a service for nobody
    ("adults", 25, (None, 25), True),
]


@pytest.mark.parametrize(("low", "high", "ages", "faulty"), RANGES)
def test_ages_that_cannot_be_read_as_not_said(low, high, ages, faulty):
    service, findings = read(minimum_age=low, maximum_age=high)
    assert (service.min_age, service.max_age) == ages
    assert [code for code, _ in findings] == ["impossible_age"] * faulty


def test_several_groups_are_for_everybody_from_the_youngest_to_the_oldest():
    groups = [{"minimum_age": 5, "maximum_age": 11}, {"minimum_age": 12, "maximum_age": 17}]
    service, _ = read(eligibilitys=groups)
    assert (service.min_age, service.max_age) == (5, 17)


def test_a_group_of_any_age_beside_another_leaves_the_age_open():
    service, _ = read(eligibilitys=[{"minimum_age": 5, "maximum_age": 11}, {"eligibility": "carers"}])
    assert (service.min_age, service.max_age) == (None, None)


PRICES = [
    ([{"amount": 4, "amount_description": "per session"}], "", 4),
    ([{"amount": 4}, {"amount": 2, "option": "concession"}], "", 2),
    ([{"amount": 40, "option": "annual membership"}], "", None),
    ([{"amount": -1}], "", None),
    ([{"amount": "NaN"}], "", None),
    ([{"amount": 5}], "£5, or £3 for carers", 3),
    ([{"amount": 18}], "£18 an hour, free on Pension Credit", 0),
    ([], "Free", 0),
    ([], "", None),
]


@pytest.mark.parametrize(("options", "fees", "cost"), PRICES)
def test_the_price_is_the_lowest_that_anybody_may_pay(options, fees, cost):
    assert read(cost_options=options, fees_description=fees)[0].cost == cost


ADDRESSES = [
    ("https://singers.example.org", "https://singers.example.org", 0),
    ("www.singers.example.org", "https://www.singers.example.org", 0),
    ("WWW.SINGERS.EXAMPLE.ORG.", "https://WWW.SINGERS.EXAMPLE.ORG", 0),
    ("javascript:alert(1)", "", 1),
    ("http//:www.example.org", "", 1),
    ("data:text/html,hello", "", 1),
    ("see our page", "", 1),
    ("", "", 0),
]


@pytest.mark.parametrize(("given", "url", "faults"), ADDRESSES)
def test_web_addresses_are_links_or_nothing(given, url, faults):
    service, findings = read(url=given)
    assert service.url == url
    assert [code for code, _ in findings] == ["bad_url"] * faults


def test_an_e_mail_address_that_is_none_is_left_out_and_shown():
    service, findings = read(email="email-example_com")
    assert service.email == ""
    assert findings == [("bad_email", 'the e-mail address is "email-example_com"; left out')]


def test_the_organisation_is_asked_when_the_service_gives_no_contact():
    owner = {"name": "Wending Arts", "email": "arts@example.org", "website": "https://arts.example.org"}
    service, _ = read(organization=owner)
    assert (service.email, service.url) == ("arts@example.org", "https://arts.example.org")


def test_the_services_own_contact_goes_before_its_organisations():
    service, _ = read(email="choir@example.org", organization={"name": "Wending Arts", "email": "arts@example.org"})
    assert service.email == "choir@example.org"


def test_phone_numbers_of_nothing_but_zeros_are_none():
    assert read(phones=[{"number": "00000 000000"}, {"number": "01632 960001"}])[0].phones == ("01632 960001",)


CAPACITIES = [
    ([{"available": 3}], "open"),
    ([{"available": 0}], "full"),
    ([{"description": "open"}], "open"),
    ([{"description": "Waiting list of six weeks", "available": 1}], "waiting list"),
    ([{"description": "Currently full"}], "full"),
    ([{"description": "No waiting list", "available": 2}], "open"),
    ([{"description": "not full", "available": 2}], "open"),
    ([{"description": "ask"}], ""),
    ([], ""),
]


@pytest.mark.parametrize(("capacities", "said"), CAPACITIES)
def test_free_places_are_open_waiting_list_or_full(capacities, said):
    assert read(capacities=capacities)[0].capacity == said


def test_an_alert_is_part_of_the_description():
    assert read(description="A choir.", alert="Now online only.")[0].description == "A choir.\nNow online only."


def test_opening_times_that_only_a_person_can_read_are_not_lost():
    text = "Weekdays 10am-4pm, except Thursdays"
    service, _ = read(description="A shop.", schedules=[{"description": text}, {"description": "By appointment"}])
    assert service.description == f"A shop.\nOpen: {text}"


def test_a_date_that_cannot_be_is_not_said_and_a_finding():
    service, findings = read(last_modified="31/02/2026")
    assert service.last_modified is None
    assert findings == [("impossible_date", 'last changed on "31/02/2026"; read as not said')]


def test_schedules_at_a_location_count_too():
    at = at_location()["service_at_locations"][0] | {"schedules": [a_schedule(byday="WE")]}
    service, _ = read(schedules=[a_schedule(byday="TU")], service_at_locations=[at])
    assert [session.day for session in service.sessions] == [1, 2]


def test_a_schedule_fault_names_its_service():
    findings = []
    read_service(a_feed_service(schedules=[a_schedule(opens_at="25:00")]), findings, "feed.json record 1")
    assert [(f.code, f.where, f.service_id) for f in findings] == [
        ("impossible_time", "feed.json record 1", "svc-choir")
    ]


def test_a_list_under_its_name_of_today_and_of_before_is_one_list():
    record = a_feed_service(
        service_taxonomys=[{"taxonomy": {"name": "Music"}}], attributes=[{"taxonomy_term": "Choirs"}]
    )
    assert read_service(record, [], "feed.json record 1").categories == ("Choirs", "Music")
