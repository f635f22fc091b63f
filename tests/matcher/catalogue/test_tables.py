"""Directories and own offers kept as CSV."""

from datetime import date

import pytest

from matcher.catalogue import read_catalogue, read_with_findings
from matcher.catalogue.tables import FIELDS
from matcher.domain import CatalogueError, Point, Session
from tests.factories import write_rows

ROW = {
    "id": "own-choir",
    "name": "Mill Hall Singers",
    "description": "A choir, with tea.",
    "organization": "Wending Arts",
    "categories": "Singing; Music",
    "status": "active",
    "url": "https://singers.example.org",
    "email": "hello@singers.example.org",
    "phone": "01632 960001; 01632 960002",
    "eligibility": "Adults",
    "fees": "£3 a week",
    "referral": "Just come.",
    "min_age": "18+",
    "max_age": "",
    "cost": "£3",
    "modes": "in person",
    "days": "Tuesdays and Thursdays",
    "opens_at": "7pm",
    "closes_at": "8.30pm",
    "opening_times": "Sundays 2 - 4pm",
    "ends_on": "31/12/2027",
    "lat": "53.5",
    "lon": "-2.5",
    "precision_km": "3",
    "place_name": "Mill Hall",
    "postcode": "ZZ9 9AA",
    "areas": "Little Wending | Great Wending",
    "languages": "Welsh; Urdu",
    "accessibility": "step-free; hearing loop",
    "capacity": "open",
    "last_modified": "2026-05-01",
}


def a_table(folder, *rows, name="groups.csv"):
    return write_rows(folder / name, list(rows[0]), [list(row.values()) for row in rows])


def test_every_column_is_read(tmp_path):
    assert set(ROW) == set(FIELDS)
    service = read_catalogue(a_table(tmp_path, ROW))[0]
    assert (service.id, service.name, service.description) == ("own-choir", "Mill Hall Singers", "A choir, with tea.")
    assert (service.organization, service.source, service.status) == ("Wending Arts", "groups", "active")
    assert service.categories == ("Singing", "Music")
    assert (service.url, service.email) == ("https://singers.example.org", "hello@singers.example.org")
    assert service.phones == ("01632 960001", "01632 960002")
    assert (service.eligibility, service.fees, service.referral) == ("Adults", "£3 a week", "Just come.")
    assert (service.min_age, service.max_age, service.cost) == (18, None, 3)
    assert service.modes == ("in_person",)
    evening = (19 * 60, 20 * 60 + 30)
    times = ((1, *evening), (3, *evening), (6, 14 * 60, 16 * 60))
    assert service.sessions == tuple(Session(*time, modes=("in_person",)) for time in times)
    assert service.ends_on == date(2027, 12, 31)
    assert (service.place, service.place_name, service.postcode) == (Point(53.5, -2.5, 3), "Mill Hall", "ZZ9 9AA")
    assert service.areas == ("Little Wending", "Great Wending")
    assert service.languages == ("Welsh", "Urdu")
    assert service.accessibility == ("step-free", "hearing loop")
    assert (service.capacity, service.last_modified) == ("open", date(2026, 5, 1))


def test_a_name_is_all_that_a_row_needs(tmp_path):
    service = read_catalogue(a_table(tmp_path, {"name": "Knit and Natter"}))[0]
    assert (service.name, service.status, service.cost, service.place, service.sessions) == (
        "Knit and Natter",
        "active",
        None,
        None,
        (),
    )


def test_usual_headings_are_understood(tmp_path):
    row = {
        "Service name": "Choir",
        "Provider": "Arts",
        "Website": "www.example.org",
        "Latitude": "53",
        "Longitude": "-2",
    }
    service = read_catalogue(a_table(tmp_path, row))[0]
    assert (service.name, service.organization) == ("Choir", "Arts")
    assert (service.url, service.place) == ("https://www.example.org", Point(53, -2))


def test_a_column_map_names_the_files_own_headings(tmp_path):
    table = a_table(tmp_path, {"Group name": "Choir", "Kosten": "2", "name": "not this one"})
    (tmp_path / "groups.columns.toml").write_text('name = "Group name"\ncost = "Kosten"\n', encoding="utf-8")
    service = read_catalogue(table)[0]
    assert (service.name, service.cost) == ("Choir", 2)


@pytest.mark.parametrize(
    ("toml", "fault"),
    [
        ('name = "Missing"', "name: no such field of ours or no such column"),
        ('nmae = "Group name"', "nmae: no such field of ours or no such column"),
        ("name =", "not a TOML file in UTF-8"),
    ],
)
def test_a_wrong_column_map_is_refused_by_its_name(tmp_path, toml, fault):
    table = a_table(tmp_path, {"Group name": "Choir"})
    (tmp_path / "groups.columns.toml").write_text(toml, encoding="utf-8")
    with pytest.raises(CatalogueError, match=rf"groups\.columns\.toml: {fault}"):
        read_catalogue(table)


def test_rows_without_ids_get_one_that_does_not_depend_on_their_place(tmp_path):
    choir, walk = {"name": "Choir", "days": "Monday"}, {"name": "Walk", "days": "Friday"}
    first = read_catalogue(a_table(tmp_path, choir, walk, name="a.csv"))
    second = read_catalogue(a_table(tmp_path, walk, choir, name="b.csv"))
    assert first.texts("id") == second.texts("id")


def test_the_same_name_on_another_day_is_another_service(tmp_path):
    assert (
        len(read_catalogue(a_table(tmp_path, {"name": "Choir", "days": "Monday"}, {"name": "Choir", "days": "Friday"})))
        == 2
    )


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_separator_of_the_header_counts(tmp_path, separator):
    path = tmp_path / "groups.csv"
    path.write_text(separator.join(["name", "fees"]) + "\n" + separator.join(["Choir", "Free"]), encoding="utf-8")
    assert read_catalogue(path)[0].fees == "Free"


def test_line_ends_may_be_mixed_and_cells_may_hold_them(tmp_path):
    path = tmp_path / "groups.csv"
    path.write_bytes(b'name,description\r\nChoir,"Tea\r\nand cake"\nWalk,Slow\r\n')
    catalogue = read_catalogue(path)
    assert sorted(catalogue.texts("name")) == ["Choir", "Walk"]
    assert "Tea\nand cake" in catalogue.texts("description")


def test_a_row_with_a_cell_too_many_is_set_aside_and_the_rest_is_read(tmp_path):
    path = tmp_path / "groups.csv"
    path.write_text("name,description\nChoir,tea, cake\nWalk,Slow\n", encoding="utf-8")
    read = read_with_findings(path)
    assert read.catalogue.texts("name") == ["Walk"]
    (finding,) = read.findings
    assert (finding.code, finding.where) == ("set_aside", "groups.csv row 2")
    assert finding.text == "has 3 cells, the header has 2: put cells with commas in quotation marks"


def test_short_rows_and_empty_rows_are_no_fault(tmp_path):
    path = tmp_path / "groups.csv"
    path.write_text("name,description,fees\nChoir\n\n,,\nWalk,Slow,,,\n", encoding="utf-8")
    read = read_with_findings(path)
    assert sorted(read.catalogue.texts("name")) == ["Choir", "Walk"]
    assert read.findings == ()


def test_a_cell_longer_than_pythons_own_limit_is_read(tmp_path):
    table = a_table(tmp_path, {"name": "Choir", "description": "x" * 200_000}, {"name": "Walk", "description": ""})
    assert len(read_catalogue(table)) == 2


def test_a_zero_byte_in_a_cell_is_dropped(tmp_path):
    path = tmp_path / "groups.csv"
    path.write_bytes(b"name,description\nCho\x00ir,Tea\n")
    assert read_catalogue(path).texts("name") == ["Choir"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "the file is empty; its first row must name the columns"),
        ("name,fees\n", "no service could be read .it holds no records"),
        ("group,fees\nChoir,Free\n", 'no column is named name; .* map it in groups.columns.toml: name = "..."'),
        ("name,name\nChoir,Walk\n", "several columns are named name"),
        ("name,fees\n,Free\n", "no service could be read .has no id and no name"),
    ],
)
def test_a_table_that_gives_no_service_is_refused_with_what_to_do(tmp_path, text, fault):
    path = tmp_path / "groups.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CatalogueError, match=fault):
        read_catalogue(path)


def test_a_header_left_empty_is_refused_also_with_a_column_map(tmp_path):
    (tmp_path / "groups.csv").touch()
    (tmp_path / "groups.columns.toml").write_text('name = "Group"', encoding="utf-8")
    with pytest.raises(CatalogueError, match="the file is empty"):
        read_catalogue(tmp_path / "groups.csv")
