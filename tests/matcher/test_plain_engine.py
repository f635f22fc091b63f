"""The engine gives the list that looking at every service, one after another, gives."""

import json
import sys
from datetime import date
from pathlib import Path
from threading import get_ident

import numpy as np
import pytest

from matcher import SAMPLE_DATE, data_path, load_engine, read_consultation, read_consultations
from matcher.eligibility import Spans, admit
from tests.plain_engine import PlainEngine

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
from generate import consultations, services, write

ROUNDING = 1.5e-6
"""Both round to six digits, after sums in another order."""


def differing(engine, people, as_of):
    """The ids of consultations whose lists differ by more than rounding; where scores are as good as equal, ids may."""
    plain, found = PlainEngine(engine), []
    for person in people:
        shown = [(s.service.id, s.score) for s in engine.suggest(person, as_of=as_of).suggestions]
        expected = plain.suggest(person, as_of)
        close = all(abs(a[1] - b[1]) <= ROUNDING for a, b in zip(shown, expected, strict=False))
        scores = [score for _, score in expected]
        same = all(
            a[0] == b[0] or is_tied(scores, place) for place, (a, b) in enumerate(zip(shown, expected, strict=False))
        )
        if len(shown) != len(expected) or not close or not same:
            found.append(person.id)
    return found


def is_tied(scores, place):
    """Whether a score is as good as equal to one beside it (or is the last, beside which we see only one)."""
    beside = scores[max(0, place - 1) : place] + scores[place + 1 : place + 2]
    return place == len(scores) - 1 or any(abs(scores[place] - other) <= ROUNDING for other in beside)


def generated(folder, many_services, many_people):
    write(services(many_services), folder / "services.jsonl")
    people = [read_consultation(json.dumps(record)) for record in consultations(many_people)]
    return load_engine(folder / "services.jsonl", semantic=False), people


def test_the_sample_towns_lists_are_those_of_the_plain_engine():
    people = read_consultations(data_path("sample", "consultations.jsonl"))
    assert differing(load_engine(semantic=False), people, SAMPLE_DATE) == []


def test_lists_over_many_places_are_those_of_the_plain_engine(tmp_path):
    engine, people = generated(tmp_path, 1_500, 40)
    assert differing(engine, people, date(2026, 11, 1)) == []


@pytest.mark.reliability
def test_a_thousand_lists_at_ten_thousand_services_are_those_of_the_plain_engine(tmp_path):
    engine, people = generated(tmp_path, 10_000, 1_000)
    assert differing(engine, people, date(2026, 11, 1)) == []


def test_a_list_that_differs_is_noticed():
    engine = load_engine(semantic=False)
    people = read_consultations(data_path("sample", "consultations.jsonl"))[:3]
    other = load_engine(semantic=False)
    other.index.fusion.tags.affinity[:] //= 2
    plain = PlainEngine(engine)
    shown = [[s.service.id for s in other.suggest(person, as_of=SAMPLE_DATE).suggestions] for person in people]
    assert shown != [[service_id for service_id, _ in plain.suggest(person, SAMPLE_DATE)] for person in people]


def test_no_score_is_above_its_bound():
    engine = load_engine(semantic=False)
    for person in read_consultations(data_path("sample", "consultations.jsonl")):
        request = engine.understand(person, SAMPLE_DATE)
        admitted = admit(engine._case(request, np.arange(0)), Spans.of(0, len(engine.catalogue)))
        prospects_of = engine.index.fusion.prospects_of(request.profile, engine.settings)
        prospects = prospects_of(admitted.case, admitted.near_miss)
        parts, _ = prospects.parts(np.arange(len(admitted.case.rows)))
        assert (parts.base() <= prospects.bounds).all()


@pytest.mark.parametrize("cores", [2, 3])
def test_an_answer_is_the_same_however_many_threads_share_the_work(monkeypatch, cores):
    engine, people = load_engine(semantic=False), read_consultations(data_path("sample", "consultations.jsonl"))
    alone = [engine.suggest(person, as_of=SAMPLE_DATE) for person in people]
    begun = []
    monkeypatch.setattr("matcher.ranking.FIRST_LOOK", 8)
    monkeypatch.setattr("matcher.fusion.ROWS_A_THREAD", 10)
    monkeypatch.setattr("matcher.processes.cores", lambda: cores)
    monkeypatch.setattr("matcher.fusion.admit", lambda case, spans: begun.append(get_ident()) or admit(case, spans))
    assert [engine.suggest(person, as_of=SAMPLE_DATE) for person in people] == alone
    assert len(begun) > len(people)
    assert len(set(begun)) > 1
