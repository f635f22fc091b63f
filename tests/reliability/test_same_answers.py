"""The same question has the same answer, byte for byte, whatever the process, its place or the order of things."""

from __future__ import annotations

import hashlib
import http.client
import itertools
import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from matcher.batch import rescore
from matcher.domain import Service
from matcher.engine import Engine
from tests.caseloads import SETTINGS, TOWN, digests, records, write_caseload
from tests.factories import AS_OF, a_catalogue, a_consultation, a_taxonomy
from tests.reliability.load import BODIES, ROOT
from tests.service.test_serving import running

SEEDS = tuple(str(seed) for seed in range(10))
LOCALES = ("C", "en_GB.UTF-8", "tr_TR.UTF-8")
ZONES = ("UTC", "Europe/London", "Asia/Kolkata")
THREADS = ({"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}, {"OPENBLAS_NUM_THREADS": "2"}, {})
ASK = """
import dataclasses, hashlib, json, sys
from matcher import load_engine, read_consultation
from matcher.batch import recommend_all
from matcher.data_files import SAMPLE_DATE, data_path
lines = data_path("sample", "consultations.jsonl").read_text(encoding="utf-8").splitlines()[:30]
engine = load_engine(semantic=sys.argv[1] == "semantic")
answers = list(recommend_all(engine, map(read_consultation, lines), as_of=SAMPLE_DATE, top=10))
assert sum(len(answer.suggestions) for answer in answers) > 200
content = json.dumps([dataclasses.asdict(answer) for answer in answers], default=str)
print(hashlib.sha256(content.encode()).hexdigest())
"""
TIES, SOME, MANY = 40, 10, 200
NO_TWINS_APART = SETTINGS.changed(ranking__coverage=1.0, ranking__alike=1.0)
"""Without what makes each further service of a kind count less: equal ones have equal scores."""


def surroundings() -> list[dict[str, str]]:
    """Every locale with every zone, each with a hash seed and a number of threads of its own; and one seed more."""
    places = [*itertools.product(LOCALES, ZONES), (LOCALES[2], ZONES[2])]
    return [
        {"PYTHONHASHSEED": seed, "LC_ALL": locale, "LANG": locale, "TZ": zone, **THREADS[number % 3]}
        for number, (seed, (locale, zone)) in enumerate(zip(SEEDS, places, strict=True))
    ]


def digest(folder: Path, variables: dict[str, str], encoder: str) -> str:
    """What a process of its own answers to thirty people, from another folder."""
    usual = {name: value for name, value in os.environ.items() if "_NUM_THREADS" not in name}
    done = subprocess.run(
        [sys.executable, "-c", ASK, encoder],
        cwd=folder,
        env={**usual, "PYTHONPATH": str(ROOT), **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.strip()


@pytest.mark.reliability
def test_seed_locale_zone_folder_and_threads_change_no_byte(tmp_path: Path) -> None:
    assert len({digest(tmp_path, variables, "plain") for variables in surroundings()}) == 1


@pytest.mark.reliability
def test_the_number_of_threads_changes_no_byte_with_the_encoder(tmp_path: Path) -> None:
    assert len({digest(tmp_path, {"PYTHONHASHSEED": "7", **threads}, "semantic") for threads in THREADS}) == 1


def tied_town() -> list[Service]:
    """Services of which all but a few have a twin that differs in nothing but its id."""
    return [replace(TOWN[number % len(TOWN)], id=f"svc-{number:02d}", organization="") for number in range(TIES)]


def orders(engine_of: Sequence[Service], folder: Path, shuffles: int) -> Iterator[list[tuple[str, float]]]:
    """The list for one person from the directory in so many orders."""
    taxonomy, dice = a_taxonomy(folder), random.Random(shuffles)  # noqa: S311
    person = a_consultation(note="", interests=("singing", "walking"))
    for _ in range(shuffles):
        services = dice.sample(list(engine_of), len(engine_of))
        engine = Engine.fit(
            a_catalogue(*services), taxonomy, SETTINGS.changed(ranking__coverage=1.0, ranking__alike=1.0)
        )
        found = engine.suggest(person, as_of=AS_OF, top=TIES).suggestions
        yield [(suggestion.service.id, suggestion.score) for suggestion in found]


def assert_one_order(found: list[list[tuple[str, float]]]) -> None:
    scores = [score for _, score in found[0]]
    assert len(scores) - len(set(scores)) >= 0.3 * len(scores), "validity floor: too few of the scores are equal"
    assert all(order == found[0] for order in found)


def test_equal_scores_keep_their_order_however_the_directory_is_shuffled(tmp_path: Path) -> None:
    assert_one_order(list(orders(tied_town(), tmp_path, SOME)))


@pytest.mark.reliability
def test_equal_scores_keep_their_order_over_two_hundred_shuffles(tmp_path: Path) -> None:
    assert_one_order(list(orders(tied_town(), tmp_path, MANY)))


def test_ties_that_are_left_to_chance_would_be_seen(tmp_path: Path) -> None:
    """The negative control: equal scores in the order in which they happen to come."""
    dice = random.Random(1)  # noqa: S311
    found = list(orders(tied_town(), tmp_path, 3))
    unstable = [sorted(order, key=lambda one: (-one[1], dice.random())) for order in found]
    with pytest.raises(AssertionError):
        assert_one_order(unstable)


@pytest.mark.reliability
def test_a_caseload_has_one_digest_in_any_chunks_and_workers(tmp_path: Path) -> None:
    people = write_caseload(tmp_path / "people.jsonl", records(2_000))
    engine = Engine.fit(a_catalogue(*TOWN), a_taxonomy(tmp_path / "taxonomy"), SETTINGS)
    found = set()
    for chunk_size, workers in ((1, 2), (7, 1), (100, 8), (20_000, 1), (100, 3)):
        folder = tmp_path / f"{chunk_size}-{workers}"
        folder.mkdir()
        rescore(engine, people, folder / "out.jsonl", as_of=AS_OF, chunk_size=chunk_size, workers=workers)
        found.add(json.dumps(digests(folder / "out.jsonl")))
    assert len(found) == 1


ASKED = 1_000


def bodies() -> list[bytes]:
    """A thousand consultations, no two alike: the sample's, each at several ages."""
    people = [json.loads(line) for line in BODIES.read_bytes().splitlines()]
    made = [{**person, "age": 18 + turn} for turn in range(70) for person in people]
    return [json.dumps(person).encode() for person in made[:ASKED]]


def answers(port: int, asked: Sequence[bytes]) -> list[str]:
    """A digest of each answer without its own name; each over a new connection, so that both workers answer."""
    found = []
    for body in asked:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
            connection.request("POST", "/v1/suggestions", body, {"Content-Type": "application/json"})
            response = connection.getresponse()
            content = response.read()
        assert response.status == 200
        name = json.loads(content)["response_id"]
        found.append(hashlib.sha256(content.replace(name.encode(), b"")).hexdigest())
    return found


@pytest.mark.reliability
def test_a_thousand_answers_are_the_same_from_either_worker_again_and_after_a_restart(tmp_path: Path) -> None:
    asked, found = bodies(), []
    for times in (2, 1):
        with running(tmp_path / "state", "--workers", "2", MATCHER_RATE_PER_MINUTE="10000000") as (_, port):
            found += [answers(port, asked) for _ in range(times)]
    assert len(set(found[0])) > 0.25 * ASKED, "validity floor: the questions have hardly different answers"
    assert found[0] == found[1] == found[2]
