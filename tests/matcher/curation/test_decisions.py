"""When a decision holds, what it does, and what is said about a bad file of decisions."""

from __future__ import annotations

from dataclasses import replace

import pytest

from matcher.curation import (
    content_hash,
    decided_rows,
    demand_of,
    match_decisions,
    proposals,
    read_decisions,
)
from matcher.curation.decisions import COLUMNS as DECISION_COLUMNS
from matcher.curation.worksheet import OUTDATED
from matcher.domain import InputError
from matcher.engine import Engine
from matcher.estimator import fitted_engine
from matcher.offers import Decision, OffersConfig
from matcher.settings import Settings
from tests.curated import WITHOUT_ENCODER, choir, kept, write_decided
from tests.factories import AS_OF, a_catalogue, a_consultation, a_service


@pytest.mark.parametrize("changed", ["name", "description", "eligibility", "organization"])
def test_the_hash_changes_with_every_text_that_a_decision_was_made_on(changed):
    assert content_hash(choir()) != content_hash(choir(**{changed: "Something else"}))


@pytest.mark.parametrize("changed", [{"phones": ("01632 1",)}, {"cost": 3.0}, {"status": "inactive"}, {"id": "b"}])
def test_the_hash_does_not_change_with_the_rest_of_an_entry(changed):
    assert content_hash(choir()) == content_hash(choir(**changed))


def test_texts_that_only_move_from_one_field_to_the_next_are_another_content():
    one = choir(description="ab", eligibility="c")
    assert content_hash(one) != content_hash(replace(one, description="a", eligibility="bc"))


def test_a_decision_survives_a_new_delivery_that_says_the_same():
    decision = kept(choir(), main={"chess": 1.0})
    delivered = a_catalogue(a_service(id="0"), choir(phones=("01632 960000",), cost=2.0))
    found = match_decisions([decision], delivered)
    assert (dict(found.by_row), dict(found.outdated), found.elsewhere) == ({delivered.row_of("a"): decision}, {}, ())


def test_a_decision_on_an_older_text_is_kept_as_a_proposal_and_not_applied(tmp_path, taxonomy):
    decision = kept(choir(), main={"chess": 1.0})
    delivered = a_catalogue(choir(description="A choir, also online."))
    found = match_decisions([decision], delivered)
    assert (dict(found.by_row), dict(found.outdated)) == ({}, {0: decision})
    (proposal,) = proposals(delivered, taxonomy, OffersConfig(), demand_of(taxonomy), found)
    assert proposal.status == OUTDATED == "was decided on an older text"
    assert proposal.kept.concepts["main"] == {"chess": 1.0}
    assert proposal.kept.content_hash == content_hash(delivered[0]), "confirming it decides the new text"


def test_decisions_about_services_that_are_gone_are_named():
    assert match_decisions([kept(choir())], a_catalogue(a_service(id="other"))).elsewhere == ("a",)


def test_a_decision_follows_its_service_when_ids_clash_between_directories():
    here, there = choir(source="one"), choir(source="two", description="A chess club.")
    both = a_catalogue(here, there)
    assert both.texts("id") == ["one:a", "two:a"]
    assert list(match_decisions([kept(there)], both).by_row) == [1]


def test_decisions_of_which_none_holds_are_warned_of_by_count(tmp_path, taxonomy, caplog):
    path = write_decided(tmp_path / "d.csv", ["a", "x", content_hash(choir()), "choir", "", "", "", ""])
    assert list(decided_rows(path, a_catalogue(choir()), taxonomy)) == [0]
    assert caplog.messages == []
    assert decided_rows(path, a_catalogue(a_service(id="other")), taxonomy) == {}
    assert caplog.messages == ["0 of 1 decisions hold for this directory; matcher curate tells more"]


def test_a_decision_outranks_the_guess_in_what_a_service_offers_and_for_whom(tmp_path, taxonomy):
    catalogue = a_catalogue(choir(name="Veterans' Choir"))
    row = ["a", "x", content_hash(catalogue[0]), "chess 0.9", "", "", "evening 0.4", ""]
    decided = decided_rows(write_decided(tmp_path / "d.csv", row), catalogue, taxonomy)
    guess, curated = (Engine.fit(catalogue, taxonomy, WITHOUT_ENCODER, decisions=d) for d in (None, decided))
    assert set(guess.offers.of(0)) == {"choir", "veterans"}
    assert set(guess.offers.groups(0)) == {"veterans"}
    assert curated.offers.of(0) == pytest.approx({"chess": 0.9, "evening": 0.4})
    assert curated.offers.groups(0) == {}


def test_a_decided_service_comes_first_for_what_was_decided(taxonomy):
    catalogue = a_catalogue(choir(id="a"), choir(id="b"))
    engine = Engine.fit(catalogue, taxonomy, WITHOUT_ENCODER, decisions={1: Decision({"chess": 1.0}, {})})
    answer = engine.suggest(a_consultation(note="Wants to play chess."), as_of=AS_OF)
    assert answer.suggestions[0].service.id == "b"


def test_a_group_that_a_service_is_only_for_is_also_what_it_is_about():
    decision = kept(choir(), main={"choir": 0.9}, only_for={"veterans": 1.0}).decision()
    assert (decision.strength, decision.dedication) == ({"choir": 0.9, "veterans": 1.0}, {"veterans": 1.0})


def test_a_decision_that_a_service_is_nothing_of_all_that_leaves_nothing(taxonomy):
    engine = Engine.fit(a_catalogue(choir()), taxonomy, WITHOUT_ENCODER, decisions={0: kept(choir()).decision()})
    assert engine.offers.of(0) == {}


def test_decisions_are_part_of_the_catalogues_version(taxonomy):
    catalogue = a_catalogue(choir())
    versions = [
        Engine.fit(catalogue, taxonomy, WITHOUT_ENCODER, decisions=decisions).stamp.catalogue
        for decisions in (None, {}, {0: Decision({"chess": 1.0}, {})}, {0: Decision({"chess": 0.9}, {})})
    ]
    assert versions[0] == versions[1] == catalogue.version
    assert len({*versions}) == 3
    assert all(len(version) == 12 for version in versions)


def test_engines_that_are_kept_are_told_apart_by_their_decisions():
    catalogue = a_catalogue(choir())
    decisions = {0: Decision({"board_games": 1.0}, {})}
    plain = fitted_engine(catalogue, Settings(), semantic=False)
    curated = fitted_engine(catalogue, Settings(), semantic=False, decisions=decisions)
    assert curated.offers.of(0) == {"board_games": 1.0} != plain.offers.of(0)
    assert curated.stamp.catalogue != plain.stamp.catalogue
    assert curated is not plain


GOOD = ["a", "Choir", "sha256:0123456789abcdef", "choir", "", "", "", ""]
HEADER = ",".join(DECISION_COLUMNS)
HOSTILE = {
    "empty": b"",
    "no text": b"\0\0\0\0",
    "a spreadsheet": b"PK\x03\x04 and more",
    "other columns": b"a,b\n1,2\n",
    "ragged": f"{HEADER}\n{','.join(GOOD)},more,and more\n".encode(),
    "an open quotation mark": f'{HEADER}\n"a,Choir\n'.encode(),
    "no id": f"{HEADER}\n,x,sha256:0,,,,,\n".encode(),
    "no hash": f"{HEADER}\na,x,,,,,,\n".encode(),
    "a hash that a spreadsheet made a number": f"{HEADER}\na,x,1.23E+15,,,,,\n".encode(),
    "twice": f"{HEADER}\n{','.join(GOOD)}\n{','.join(GOOD)}\n".encode(),
    "main and mentioned": f"{HEADER}\na,x,sha256:0,choir,Choirs,,,\n".encode(),
    "no concept": f"{HEADER}\na,x,sha256:0,\x1b[2Jsinging,,,,\n".encode(),
    "a cell without end": f"{HEADER}\na,x,sha256:0,{'choir;' * 40_000_00},,,,\n".encode(),
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_bad_file_of_decisions_is_told_in_one_line(tmp_path, taxonomy, content):
    path = tmp_path / "decisions.csv"
    path.write_bytes(content)
    with pytest.raises(InputError) as refused:
        read_decisions(path, taxonomy)
    message = str(refused.value)
    assert message.startswith("decisions.csv")
    assert message.isprintable()
    assert len(message) < 250
    assert str(tmp_path) not in message


def test_a_missing_file_and_a_folder_are_told_in_one_line(tmp_path, taxonomy):
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(InputError, match="no such file"):
            read_decisions(path, taxonomy)
