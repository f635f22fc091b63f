"""The work that benchmarks run on is the work they say it is."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path
from statistics import mean

import pytest

from matcher import read_consultation, read_with_findings

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


@pytest.fixture(scope="module")
def generate():
    sys.path.insert(0, str(BENCHMARKS))  # as for a script that lies there
    try:
        import generate

        return generate
    finally:
        sys.path.remove(str(BENCHMARKS))


@pytest.fixture(scope="module")
def services(generate):
    return list(generate.services(200))


@pytest.fixture(scope="module")
def consultations(generate):
    return list(generate.consultations(200))


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(generate, services, consultations, tmp_path):
    made = {}
    for name, seed in (("first", generate.SEED), ("again", generate.SEED), ("other", generate.SEED + 1)):
        for kind, make in (("services", generate.services), ("people", generate.consultations)):
            generate.write(make(20, seed), tmp_path / f"{name}-{kind}")
            made[name, kind] = (tmp_path / f"{name}-{kind}").read_bytes()
    for kind in ("services", "people"):
        assert made["first", kind] == made["again", kind] != made["other", kind]


def test_a_longer_directory_begins_with_the_shorter_one(generate, services):
    assert list(itertools.islice(generate.services(1_000_000), 20)) == services[:20]


def test_every_service_passes_the_reader_and_keeps_its_limits(generate, services, tmp_path):
    generate.write(services, tmp_path / "services.jsonl")
    read = read_with_findings(tmp_path / "services.jsonl")
    wrong = {"set_aside", "duplicate_id", "outside_uk", "impossible_age", "impossible_time", "impossible_date"}
    assert not {finding.code for finding in read.findings} & wrong
    by_id = {service.id: service for service in (read.catalogue[row] for row in range(len(read.catalogue)))}
    assert len(by_id) == len(services)
    for record in services:
        service = by_id[record["id"]]
        assert (service.min_age, service.max_age) == (record["minimum_age"], record["maximum_age"])
        assert service.languages == tuple(language["name"] for language in record["languages"])


def test_descriptions_have_about_eighty_words_most_of_them_said_once_or_twice(services):
    texts = [record["description"].lower().replace(".", "").replace(",", "").split() for record in services]
    assert 75 <= mean(map(len, texts)) <= 90
    words = sorted(itertools.chain.from_iterable(texts))
    counts = [len(list(same)) for _, same in itertools.groupby(words)]
    assert max(counts) > len(words) * 0.03, "the commonest word of English is about one in twenty"
    assert sum(count <= 2 for count in counts) > len(counts) / 2


def test_services_differ_in_age_cost_place_and_time(services):
    def different(read):
        return len({read(record) for record in services})

    assert different(lambda record: record["minimum_age"]) >= 5
    assert different(lambda record: record["fees"]) >= 5
    assert different(lambda record: record["service_at_locations"][0]["location"].get("latitude")) > 150
    assert different(lambda record: (record["schedules"][0]["byday"], record["schedules"][0]["opens_at"])) > 50


def test_consultations_have_notes_of_30_to_80_words_five_weighted_needs_and_limits(consultations):
    for record in consultations:
        read = read_consultation(record)
        assert 30 <= len(read.note.split()) <= 80
        assert len(read.needs) == 5
    assert {need["importance"] for record in consultations for need in record["needs"]} == {1, 2, 3}
    limited = sum(record["max_distance_km"] is not None for record in consultations)
    assert limited >= 0.85 * len(consultations)  # 0.95 of all: less than 0.85 of 200 has a chance below 1e-6
