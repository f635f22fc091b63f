"""Directories of any kind become one catalogue, with a finding for each fault."""

import json
import os
import threading

import pytest

from matcher.catalogue import read_catalogue, read_with_findings
from matcher.domain import CatalogueError
from tests.factories import a_feed_service, a_schedule, at_location, write_json


def test_one_bad_record_never_stops_the_rest(tmp_path):
    records = [a_feed_service(id="a"), "junk", {"id": "b"}, None, {"name": "No id"}, a_feed_service(id="c")]
    read = read_with_findings(write_json(tmp_path / "feed.json", {"contents": records}))
    assert read.catalogue.texts("id") == ["a", "c"]
    assert [(f.code, f.where, f.service_id, f.text) for f in read.findings if f.code == "set_aside"] == [
        ("set_aside", "feed.json record 2", "", "the record is not a JSON object"),
        ("set_aside", "feed.json record 3", "b", "has no name"),
        ("set_aside", "feed.json record 4", "", "the record is not a JSON object"),
        ("set_aside", "feed.json record 5", "", "has no id"),
    ]


def test_a_torn_line_is_set_aside_with_its_number(tmp_path):
    path = tmp_path / "feed.jsonl"
    path.write_text(f'{json.dumps(a_feed_service())}\n\n{{"id": "b", "na', encoding="utf-8")
    read = read_with_findings(path)
    assert len(read.catalogue) == 1
    assert [(f.code, f.where) for f in read.findings] == [("set_aside", "feed.jsonl line 3")]


def test_the_only_record_of_a_file_is_named_by_its_file(tmp_path):
    write_json(tmp_path / "bad.json", {"id": "b", "status": "active"})
    write_json(tmp_path / "good.json", a_feed_service())
    assert [finding.where for finding in read_with_findings(tmp_path).findings] == ["bad.json"]


def test_a_bad_file_in_a_folder_never_stops_the_others(tmp_path):
    write_json(tmp_path / "good.json", a_feed_service())
    (tmp_path / "bad.json").write_text("{", encoding="utf-8")
    (tmp_path / "empty.csv").touch()
    (tmp_path / "notes.txt").write_text("not read", encoding="utf-8")
    read = read_with_findings(tmp_path)
    assert len(read.catalogue) == 1
    assert [(f.code, f.where) for f in read.findings] == [("set_aside", "bad.json"), ("set_aside", "empty.csv")]


def test_an_id_that_comes_twice_keeps_the_fuller_record_whatever_their_order(tmp_path):
    shallow, full = a_feed_service(), a_feed_service(description="A choir.", **at_location())
    for name, records in (("a.json", [shallow, full]), ("b.json", [full, shallow])):
        read = read_with_findings(write_json(tmp_path / name, records))
        assert read.catalogue.texts("description") == ["A choir."]
        assert [(f.code, f.text) for f in read.findings] == [("duplicate_id", "came before")]


def test_two_services_with_one_id_are_named(tmp_path):
    records = [a_feed_service(), a_feed_service(name="Wending Walkers")]
    (finding,) = read_with_findings(write_json(tmp_path / "feed.json", records)).findings
    assert finding.text == '"Wending Walkers" has the id of "Mill Hall Singers"; are they two services?'


@pytest.mark.parametrize("other", [" svc-caf\u00e9 ", "svc-cafe\u0301", "svc-caf\u00e9\u200b"])
def test_ids_that_look_the_same_are_the_same(tmp_path, other):
    records = [a_feed_service(id="svc-caf\u00e9"), a_feed_service(id=other)]
    assert len(read_catalogue(write_json(tmp_path / "feed.json", records))) == 1


def test_ids_that_clash_between_directories_are_qualified_by_source(tmp_path):
    council = write_json(tmp_path / "council.json", [a_feed_service(id="1"), a_feed_service(id="2", name="Walk")])
    charity = write_json(tmp_path / "charity.json", [a_feed_service(id="1", name="Lunch club")])
    catalogue = read_catalogue(council, charity)
    assert catalogue.texts("id") == ["2", "charity:1", "council:1"]
    assert catalogue[catalogue.row_of("charity:1")].name == "Lunch club"


def test_directories_in_files_of_one_name_are_told_apart_by_their_folders(tmp_path):
    for folder in ("north", "south"):
        (tmp_path / folder).mkdir()
        write_json(tmp_path / folder / "services.json", a_feed_service())
    catalogue = read_catalogue(tmp_path / "north" / "services.json", tmp_path / "south" / "services.json")
    assert catalogue.texts("id") == ["north-services:svc-choir", "south-services:svc-choir"]


def test_the_order_of_directories_and_records_changes_nothing(tmp_path):
    records = [a_feed_service(id=str(n), name=f"Group {n}") for n in range(5)]
    one = write_json(tmp_path / "one.json", records[:3])
    two = write_json(tmp_path / "two.json", records[3:])
    (tmp_path / "back").mkdir()
    back = write_json(tmp_path / "back" / "one.json", records[2::-1])
    assert read_catalogue(one, two).version == read_catalogue(two, one).version == read_catalogue(two, back).version


def test_another_price_is_another_version(tmp_path):
    versions = {read_catalogue(write_json(tmp_path / "a.json", a_feed_service(fees=f))).version for f in ("£2", "£3")}
    assert len(versions) == 2


def test_one_directory_read_twice_shows_each_service_once(tmp_path):
    path = write_json(tmp_path / "feed.json", a_feed_service(**at_location()))
    read = read_with_findings(path, path)
    folder = tmp_path.name
    assert read.catalogue.texts("id") == [f"{folder}-feed-2:svc-choir", f"{folder}-feed:svc-choir"]
    assert sorted(read.catalogue.duplicate_of) == [-1, 0]


HOSTILE = {
    "empty.json": (b"", "the file is empty"),
    "spaces.json": (b" \n", "the file is empty"),
    "none.json": (b'{"contents": []}', "no service could be read .it holds no records"),
    "list.json": (b"[]", "no service could be read"),
    "torn.json": (b'{"contents": [{"id": "a"', r"not a JSON file .line 1.; is the download whole"),
    "html.json": (b"<!doctype html><title>404</title>", "not a JSON file"),
    "word.json": (b'"choir"', "no service could be read"),
    "number.json": (b"3", "no service could be read"),
    "nan.json": (b'{"id": NaN, "name": NaN}', "has no id and no name"),
    "deep.json": (b"[" * 200_000, "nested too deep|not a JSON file"),
    "digits.json": (b'{"id": ' + b"9" * 5000 + b"}", "not a JSON file|has no name"),
    "pickle.json": (b"\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x94", "not a JSON file|encoding"),
    "spreadsheet.json": (b"PK\x03\x04\x14\x00", "holds no text"),
    "zeros.json": (b"\x00" * 100, "holds no text"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_in_one_line_that_names_it(tmp_path, name):
    content, fault = HOSTILE[name]
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(CatalogueError, match=fault) as refused:
        read_catalogue(path)
    assert str(refused.value).startswith(f"{name}: ")
    assert "\n" not in str(refused.value)


def test_bytes_changed_anywhere_are_a_catalogue_or_a_refusal(tmp_path):
    record = a_feed_service(schedules=[a_schedule()], minimum_age=18, last_modified="2026-01-01", **at_location())
    whole = json.dumps({"contents": [record, a_feed_service(id="b")]}).encode()
    path = tmp_path / "feed.json"
    refused = 0
    for place in range(len(whole)):
        for changed in (whole[:place], whole[:place] + b"\xff" + whole[place + 1 :]):
            path.write_bytes(changed)
            try:
                assert len(read_catalogue(path)) >= 1
            except CatalogueError:
                refused += 1
    assert refused > len(whole) / 2


def test_a_lone_surrogate_reaches_no_column(tmp_path):
    path = tmp_path / "feed.json"
    path.write_text('{"id": "a\\ud800", "name": "Choir \\udfff", "description": "\\ud800"}', encoding="utf-8")
    service = read_catalogue(path)[0]
    assert "".join((service.id, service.name, service.description)).encode()


def test_a_folder_given_as_a_dot_is_named_as_it_is_called(tmp_path, monkeypatch):
    write_json(tmp_path / "feed.json", a_feed_service())
    monkeypatch.chdir(tmp_path)
    assert read_catalogue(".").texts("source") == [tmp_path.name]


@pytest.mark.parametrize("name", ["missing.json", "../missing", ".", "/dev/null"])
def test_what_is_no_directory_of_services_is_refused(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CatalogueError):
        read_catalogue(name)


def test_a_pipe_in_a_folder_is_passed_by(tmp_path):
    write_json(tmp_path / "good.json", a_feed_service())
    os.mkfifo(tmp_path / "pipe.json")
    reader = threading.Thread(target=lambda: counts.append(len(read_catalogue(tmp_path))), daemon=True)
    counts = []
    reader.start()
    reader.join(timeout=10)
    assert counts == [1]
