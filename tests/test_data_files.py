"""What is shipped in data/: it reads without a fault, says where it comes from, and promises nothing it cannot keep."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from matcher import read_catalogue
from matcher.catalogue import check_catalogue, read_with_findings
from matcher.consultations import read_consultation
from matcher.data_files import SAMPLE_DATE, data_path
from matcher.presentation import cost
from matcher.settings import Settings, read_settings

ROOT = Path(__file__).parents[1]
DATA = ROOT / "data"
NATIONAL = DATA / "national" / "services.json"
TEMPLATE = DATA / "national" / "own_offers_template.csv"
SAMPLE = DATA / "sample" / "services.json"
SHARED_COST = re.compile(r"^0(?:3|84|87)")
FICTIONAL = re.compile(r"^01632 960\d{3}$")


def national_records() -> list[dict]:
    return json.loads(NATIONAL.read_text(encoding="utf-8"))["contents"]


@pytest.fixture(scope="module")
def together():
    return read_catalogue(SAMPLE, NATIONAL, TEMPLATE)


def test_the_three_directories_are_read_as_one(together):
    alone = [len(read_catalogue(path)) for path in (SAMPLE, NATIONAL, TEMPLATE)]
    assert len(together) == sum(alone)
    sources = {together[row].source for row in range(len(together))}
    assert sources == {"sample-services", "national-services", "own_offers_template"}


def test_no_national_entry_is_taken_for_a_copy_of_another():
    read = read_with_findings(NATIONAL, TEMPLATE)
    assert [f for f in read.findings if f.code in ("set_aside", "duplicate_id", "likely_duplicate")] == []
    assert (read.catalogue.duplicate_of < 0).all()


def test_the_national_directory_has_nothing_to_find_fault_with():
    read = read_with_findings(NATIONAL)
    newest = max(read.catalogue[row].last_modified for row in range(len(read.catalogue)))
    assert [*read.findings, *check_catalogue(read.catalogue, newest)] == []


@pytest.mark.parametrize("record", national_records(), ids=lambda record: record["id"])
def test_a_national_entry_is_dated_sourced_free_of_a_place_and_can_be_reached(record):
    site = urlsplit(record["url"])
    assert site.scheme == "https"
    assert "." in site.netloc
    assert record["source"]["url"] == record["url"]
    assert re.search(r"20\d\d-\d\d", record["source"]["checked"])
    assert date.fromisoformat(record["last_modified"][:10]) <= date(2026, 12, 31)
    assert [place["location"]["location_type"] for place in record["service_at_locations"]] == ["virtual"]
    assert record["service_areas"]
    assert all(re.fullmatch(r"[0-9 ]{3,14}", phone["number"]) for phone in record.get("phones", []))
    assert len(record["description"]) > 60


@pytest.mark.parametrize("record", national_records(), ids=lambda record: record["id"])
def test_an_entry_whose_calls_cost_money_says_so(record):
    numbers = [phone["number"].replace(" ", "") for phone in record.get("phones", [])]
    if numbers and SHARED_COST.match(numbers[0]):
        assert record["fees_description"] != "Free" or "free" in record["description"].casefold()


def test_national_entries_cost_nothing_and_are_nowhere(together):
    catalogue = read_catalogue(NATIONAL)
    services = [catalogue[row] for row in range(len(catalogue))]
    assert {service.cost for service in services} == {0.0}
    assert {service.place for service in services} == {None}
    assert all("phone" in service.modes or "online" in service.modes for service in services)
    assert all(cost(service).startswith("Free") for service in services)


def test_the_numbers_for_an_emergency_are_there():
    """Each is public, long-standing and named in the issue that asked for this directory."""
    numbers = {phone["number"] for record in national_records() for phone in record.get("phones", [])}
    assert {"116 123", "111", "0808 2000 247", "85258", "0800 1111"} <= numbers


def test_the_template_reads_without_a_fault_and_is_plainly_made_up():
    read = read_with_findings(TEMPLATE)
    assert read.findings == ()
    services = [read.catalogue[row] for row in range(len(read.catalogue))]
    assert len(services) >= 10
    assert all(FICTIONAL.match(number) for service in services for number in service.phones)
    assert all(".example.org" in s.url or "www.example.org" in s.url for s in services if s.url)
    assert all("Example" in service.organization for service in services)


def test_the_template_covers_what_the_issue_names():
    text = TEMPLATE.read_text(encoding="utf-8").casefold()
    for offer in ("coaching", "webinar", "women's health", "healthy eating", "walk", "anxiety", "apps"):
        assert offer in text


def test_the_demo_is_nobody_of_the_judged_cases():
    demo = read_consultation(data_path("sample", "demo.json").read_text(encoding="utf-8"))
    judged = data_path("sample", "consultations.jsonl").read_text(encoding="utf-8").splitlines()
    notes = [read_consultation(line).note for line in judged]
    assert demo.note
    assert demo.id not in {read_consultation(line).id for line in judged}
    sentences = {sentence.strip() for sentence in demo.note.split(".") if len(sentence) > 15}
    assert not [note for note in notes for sentence in sentences if sentence in note]


def test_the_sample_town_is_read_whole_on_its_own_day():
    read = read_with_findings(SAMPLE)
    assert len(read.catalogue) == 240
    changed = [read.catalogue[row].last_modified for row in range(240)]
    assert max(day for day in changed if day) <= SAMPLE_DATE


def test_the_shipped_settings_are_read():
    settings = read_settings(data_path("settings", "default.toml"))
    assert settings.provenance
    assert set(settings.scorers) <= set(Settings().scorers)


def test_data_readme_names_every_file():
    text = (DATA / "README.md").read_text(encoding="utf-8")
    named = re.findall(r"`([\w./*-]+/[\w.*-]+)`", text)
    files = [path for path in DATA.rglob("*") if path.is_file() and path.name != "README.md"]
    unnamed = [path for path in files if not any(path.relative_to(DATA).match(pattern) for pattern in named)]
    assert unnamed == []
    assert [pattern for pattern in named if not pattern.startswith("matcher/") and not list(DATA.glob(pattern))] == []


def test_no_file_of_data_names_a_real_person_by_mail():
    addresses = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
    found = {
        address
        for path in (SAMPLE, TEMPLATE, DATA / "sample" / "consultations.jsonl")
        for address in addresses.findall(path.read_text(encoding="utf-8"))
    }
    assert [address for address in found if not re.search(r"@(?:[\w-]+\.)*example\.(?:org|com|net)$", address)] == []
