"""The steps together: what an answer carries, and what it never does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from matcher.catalogue import build_catalogue
from matcher.catalogue.duplicates import find_duplicates
from matcher.domain import CatalogueError, Need, Point, Standing
from matcher.encoder import NO_MODEL
from matcher.engine import Engine, engine_version
from matcher.settings import Settings
from matcher.taxonomy import Taxonomy
from tests.factories import AS_OF, a_catalogue, a_consultation, a_service, a_taxonomy

HOME = Point(53.5, -2.5)


@pytest.fixture(scope="module")
def taxonomy(tmp_path_factory) -> Taxonomy:
    return a_taxonomy(tmp_path_factory.mktemp("taxonomy"))


@pytest.fixture
def engine_of(taxonomy):
    def fit(*services, **settings):
        return Engine.fit(a_catalogue(*services), taxonomy, Settings().changed(**settings))

    return fit


def test_an_answer_carries_its_versions_and_its_day(engine_of, taxonomy):
    engine = engine_of()
    answer = engine.suggest(a_consultation(id="con-7"), as_of=AS_OF)
    assert answer.consultation_id == "con-7"
    assert answer.as_of == AS_OF
    assert answer.stamp.engine == engine_version()
    assert answer.stamp.taxonomy == taxonomy.version
    assert answer.stamp.catalogue == engine.catalogue.version
    assert answer.stamp.settings == Settings().fingerprint


def test_an_engine_without_an_encoder_says_so(engine_of):
    assert engine_of().stamp.model == NO_MODEL


@pytest.mark.parametrize(
    ("part", "services", "settings"),
    [
        ("catalogue", [a_service(description="Another choir.")], {}),
        ("settings", [a_service()], {"ranking__near": 0.01}),
    ],
)
def test_only_the_version_of_what_changed_differs(engine_of, part, services, settings):
    before, after = engine_of(a_service()).stamp, engine_of(*services, **settings).stamp
    assert replace(before, **{part: getattr(after, part)}) == after
    assert getattr(before, part) != getattr(after, part)


def test_a_list_is_as_long_as_asked_or_as_the_settings_say(engine_of):
    engine = engine_of(*(a_service(id=f"s{place}") for place in range(8)), top=5)
    assert len(engine.suggest(a_consultation(), as_of=AS_OF).suggestions) == 5
    assert len(engine.suggest(a_consultation(), as_of=AS_OF, top=3).suggestions) == 3


def test_reasons_quote_the_person_only_in_one_of_their_two_forms(engine_of):
    (suggestion,) = engine_of().suggest(a_consultation(note="Lonely, singing zanily."), as_of=AS_OF).suggestions
    assert any("“lonely”" in reason.quoting for reason in suggestion.reasons)
    assert not any("lonely" in reason.by_label for reason in suggestion.reasons)
    assert any("loneliness" in reason.by_label for reason in suggestion.reasons)


def test_shared_words_are_shown_as_the_person_wrote_them(engine_of):
    engine = engine_of(a_service(description="For people who feel they cannot manage."), scorers=("lexical",))
    (suggestion,) = engine.suggest(a_consultation(note="Feels she is managing badly."), as_of=AS_OF).suggestions
    assert "managing" in " ".join(reason.quoting for reason in suggestion.reasons)


def test_a_need_that_no_service_meets_is_named(engine_of):
    person = a_consultation(note="", needs=(Need("lonely"), Need("walking")))
    assert engine_of().suggest(person, as_of=AS_OF).unmet_needs == ("Walking",)


def test_a_need_that_no_phrase_places_is_told_and_is_not_among_the_unmet(engine_of):
    person = a_consultation(note="", needs=(Need("lonely"), Need("zorbing")), avoid=("marmots",))
    answer = engine_of().suggest(person, as_of=AS_OF)
    assert answer.not_avoided == ("marmots",)
    assert (answer.not_understood, answer.unmet_needs) == (("zorbing",), ())


def test_where_nothing_fits_the_answer_is_empty_and_says_what_was_kept_aside(engine_of):
    answer = engine_of(a_service(status="inactive"), a_service(id="adults", min_age=18.0)).suggest(
        a_consultation(age=15.0), as_of=AS_OF
    )
    assert answer.suggestions == ()
    assert answer.screened_out == {"closed": 1, "age": 1}
    assert answer.unmet_needs == ("Loneliness",)


def test_a_person_of_whom_nothing_can_be_understood_gets_no_made_up_reasons(engine_of):
    answer = engine_of().suggest(a_consultation(note="Xyzzy."), as_of=AS_OF)
    assert all(reason.part != "tags" for s in answer.suggestions for reason in s.reasons)


def test_a_red_flag_raises_an_alert_and_changes_no_place_in_the_list(engine_of):
    engine = engine_of(a_service(), a_service(id="walks", name="Walking group", description="Walking."))
    calm = a_consultation(note="", needs=(Need("lonely"), Need("walking")))
    alarming = replace(calm, note="Says he will kill himself tonight, has the tablets.")
    answer = engine.suggest(alarming, as_of=AS_OF)
    assert "suicide_self_harm" in [alert.category for alert in answer.alerts]
    assert [s.service.id for s in answer.suggestions] == [
        s.service.id for s in engine.suggest(calm, as_of=AS_OF).suggestions
    ]


def test_an_alert_repeats_none_of_the_persons_words(engine_of):
    answer = engine_of().suggest(a_consultation(note="Says zebedee he will kill himself tonight."), as_of=AS_OF)
    assert answer.alerts
    assert "zebedee" not in repr(answer.alerts)


def test_why_tells_every_rule_that_rules_a_service_out(engine_of):
    engine = engine_of(a_service(status="inactive", min_age=18.0, cost=20.0))
    suggestion, ruled_out = engine.why(a_consultation(age=15.0, max_cost=0.0), "svc-choir", as_of=AS_OF)
    assert suggestion.standing is Standing.ruled_out
    assert len(ruled_out) == 3
    assert suggestion.score > 0


def test_why_of_a_service_that_does_not_exist_is_an_error(engine_of):
    with pytest.raises(CatalogueError, match="no service with this id"):
        engine_of().why(a_consultation(), "svc-nowhere", as_of=AS_OF)


def test_the_day_decides_what_has_ended(engine_of):
    engine = engine_of(a_service(ends_on=AS_OF))
    assert engine.suggest(a_consultation(), as_of=AS_OF).suggestions
    assert not engine.suggest(a_consultation(), as_of=AS_OF + timedelta(days=1)).suggestions


def test_a_postcode_that_the_directory_uses_places_the_person(engine_of):
    engine = engine_of(a_service(postcode="ZZ9 9AA", place=HOME))
    (suggestion,) = engine.suggest(a_consultation(postcode="zz99aa"), as_of=AS_OF).suggestions
    assert suggestion.distance_km == 0


def test_a_postcode_that_nobody_knows_leaves_the_distance_open(engine_of):
    (suggestion,) = engine_of().suggest(a_consultation(postcode="QQ1 1QQ"), as_of=AS_OF).suggestions
    assert suggestion.distance_km is None


def test_a_second_service_for_the_same_need_counts_less_than_it_would_alone(engine_of):
    engine = engine_of(a_service(id="a"), a_service(id="b"))
    first, second = engine.suggest(a_consultation(), as_of=AS_OF).suggestions
    alone, _ = engine.why(a_consultation(), "b", as_of=AS_OF)
    assert alone.score == first.score
    assert second.score < alone.score


def test_a_list_covers_the_quieter_need_before_it_repeats_the_loud_one(engine_of):
    choirs = [a_service(id=f"choir-{place}") for place in range(5)]
    walks = a_service(id="walks", name="Walking group", description="Walking.", categories=())
    person = a_consultation(note="", needs=(Need("singing", 3), Need("walking", 2)))
    found = engine_of(*choirs, walks).suggest(person, as_of=AS_OF).suggestions
    assert "walks" in [suggestion.service.id for suggestion in found[:3]]


ASK = """
import dataclasses, json
from matcher import load_engine, read_consultation
from matcher.batch import recommend_all
from matcher.data_files import SAMPLE_DATE, data_path
lines = data_path("sample", "consultations.jsonl").read_text(encoding="utf-8").splitlines()[:12]
engine = load_engine(data_path("national", "services.json"), semantic=False)
answers = recommend_all(engine, map(read_consultation, lines), as_of=SAMPLE_DATE, top=10)
print(json.dumps([dataclasses.asdict(answer) for answer in answers], default=str))
"""


def test_no_hash_seed_changes_an_answer():
    outputs = []
    for seed in ("0", "1", "4242"):
        run = subprocess.run(
            [sys.executable, "-c", ASK],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            check=True,
        )
        outputs.append(run.stdout)
    assert len(json.loads(outputs[0])) == 12
    assert outputs[0] == outputs[1] == outputs[2]


def test_a_catalogue_without_services_gives_lists_without_suggestions(tmp_path):
    catalogue = build_catalogue([])
    assert find_duplicates(catalogue.table, []) == []
    answer = Engine.fit(catalogue, a_taxonomy(tmp_path)).suggest(a_consultation(), as_of=AS_OF)
    assert answer.suggestions == ()
    assert answer.screened_out == {}
