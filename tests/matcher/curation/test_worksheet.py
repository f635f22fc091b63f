"""A worksheet there and back, and what stands first in it."""

from __future__ import annotations

import csv

import pytest

from matcher.curation import (
    decided_rows,
    demand_of,
    match_decisions,
    merge_worksheet,
    proposals,
    read_decisions,
    write_worksheet,
)
from matcher.curation.cells import USUAL
from matcher.domain import InputError, Service
from matcher.offers import OffersConfig
from matcher.taxonomy import Taxonomy
from tests.curated import choir, kept, worksheet_of, write_decided
from tests.factories import a_catalogue, a_consultation


def test_a_confirmed_worksheet_becomes_decisions_that_hold(tmp_path, taxonomy):
    catalogue = a_catalogue(choir(name="Veterans' Choir", description="Evenings. Also some chess."))
    sheet = worksheet_of(tmp_path / "sheet.csv", catalogue, taxonomy, confirmed="yes")
    assert merge_worksheet(sheet, tmp_path / "d.csv", taxonomy) == (1, 1)
    decided = decided_rows(tmp_path / "d.csv", catalogue, taxonomy)
    assert decided[0].dedication == {"veterans": USUAL["only_for"]}
    assert decided[0].strength["choir"] == USUAL["main"]
    assert decided[0].strength["evening"] == USUAL["setting"]


def test_a_worksheet_that_nobody_confirmed_is_not_taken_for_decisions(tmp_path, taxonomy):
    sheet = worksheet_of(tmp_path / "sheet.csv", a_catalogue(choir()), taxonomy)
    with pytest.raises(InputError, match=r"sheet\.csv: is a worksheet"):
        read_decisions(sheet, taxonomy)


def test_what_a_curator_changed_is_what_is_kept(tmp_path, taxonomy):
    catalogue = a_catalogue(choir())
    change = {"confirmed": "Yes", "main": "Chess 2.0 0.8", "mentioned": "choir", "not_support": "Shop"}
    sheet = worksheet_of(tmp_path / "sheet.csv", catalogue, taxonomy, **change)
    merge_worksheet(sheet, tmp_path / "d.csv", taxonomy)
    (decision,) = read_decisions(tmp_path / "d.csv", taxonomy)
    assert decision.decision().strength == {"chess": 0.8, "choir": USUAL["mentioned"], "shop": USUAL["not_support"]}


def test_merging_keeps_earlier_decisions_and_replaces_those_made_again(tmp_path, taxonomy):
    both = a_catalogue(choir(id="a"), choir(id="b"))
    merge_worksheet(worksheet_of(tmp_path / "1.csv", both, taxonomy, confirmed="y"), tmp_path / "d.csv", taxonomy)
    again = worksheet_of(tmp_path / "2.csv", a_catalogue(choir(id="b")), taxonomy, confirmed="x", main="chess")
    assert merge_worksheet(again, tmp_path / "d.csv", taxonomy) == (1, 2)
    first, second = read_decisions(tmp_path / "d.csv", taxonomy)
    assert (first.service_id, set(first.concepts["main"])) == ("a", {"choir"})
    assert (second.service_id, set(second.concepts["main"])) == ("b", {"chess"})


def test_decided_services_come_last_in_the_next_worksheet(tmp_path, taxonomy):
    catalogue = a_catalogue(choir(id="a", description=""), choir(id="b"))
    found = match_decisions([kept(catalogue[0], main={"choir": 1.0})], catalogue)
    listed = proposals(catalogue, taxonomy, OffersConfig(), demand_of(taxonomy), found)
    assert [(p.kept.service_id, p.status) for p in listed] == [("b", ""), ("a", "decided")]


def test_a_worksheet_says_why_with_the_phrase_and_its_field(tmp_path, taxonomy):
    sheet = worksheet_of(tmp_path / "s.csv", a_catalogue(choir(name="Mill Hall Singers")), taxonomy)
    with sheet.open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["main"] == "Choirs"
    assert '"choir" (opening)' in row["evidence"]
    assert '"singers" (name)' in row["evidence"]


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1", "|x"])
def test_no_cell_of_a_worksheet_can_start_a_formula(tmp_path, taxonomy, start):
    catalogue = a_catalogue(choir(name=f"{start} Choir", organization=start, description=start, eligibility=start))
    sheet = worksheet_of(tmp_path / "s.csv", catalogue, taxonomy)
    write_worksheet(proposals(catalogue, taxonomy, OffersConfig(), demand_of(taxonomy)), catalogue, taxonomy, sheet)
    with sheet.open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert [cell for cell in cells if cell.lstrip().startswith(("=", "+", "-", "@", "＝", "|"))] == []


def test_a_name_that_looks_like_a_formula_is_kept_as_it_is(tmp_path, taxonomy):
    catalogue = a_catalogue(choir(name="=Choir"))
    sheet = worksheet_of(tmp_path / "s.csv", catalogue, taxonomy, confirmed="yes", service="'=Choir")
    merge_worksheet(sheet, tmp_path / "d.csv", taxonomy)
    assert "'=Choir" in (tmp_path / "d.csv").read_text(encoding="utf-8")
    assert read_decisions(tmp_path / "d.csv", taxonomy)[0].service == "=Choir"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_worksheet_is_read_however_a_spreadsheet_saved_it(tmp_path, taxonomy, encoding, separator):
    catalogue = a_catalogue(choir(name="Café Choir – £2; all welcome"))
    sheet = worksheet_of(tmp_path / "s.csv", catalogue, taxonomy, confirmed="yes")
    with sheet.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    with sheet.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=separator).writerows(rows)
    merge_worksheet(sheet, tmp_path / "d.csv", taxonomy)
    assert list(decided_rows(tmp_path / "d.csv", catalogue, taxonomy)) == [0]
    assert read_decisions(tmp_path / "d.csv", taxonomy)[0].service == "Café Choir – £2; all welcome"


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({}, "no row is confirmed yet"),
        ({"confirmed": "perhaps"}, "line 2: confirmed must be yes, or empty"),
        ({"confirmed": "yes", "main": "sining"}, "line 2: main: 'sining' is no concept"),
    ],
)
def test_a_worksheet_with_a_fault_changes_no_decision(tmp_path, taxonomy, change, fault):
    sheet = worksheet_of(tmp_path / "s.csv", a_catalogue(choir()), taxonomy, **change)
    held = write_decided(tmp_path / "d.csv", ["a", "Choir", "sha256:0123", "choir", "", "", "", ""]).read_bytes()
    with pytest.raises(InputError, match=fault):
        merge_worksheet(sheet, tmp_path / "d.csv", taxonomy)
    assert (tmp_path / "d.csv").read_bytes() == held


def usefulness(taxonomy: Taxonomy, *services: Service) -> dict[str, float]:
    catalogue = a_catalogue(*services)
    return {
        p.kept.service_id: p.usefulness for p in proposals(catalogue, taxonomy, OffersConfig(), demand_of(taxonomy))
    }


def test_without_a_caseload_demand_is_how_many_needs_a_concept_answers(taxonomy):
    demand = demand_of(taxonomy)
    needs = 3  # loneliness, money and veterans: needs, interests and circumstances
    assert demand[taxonomy.index["choir"]] == pytest.approx(0.6 / needs)
    assert demand[taxonomy.index["loneliness"]] == pytest.approx(1 / needs)
    assert demand[taxonomy.index["shop"]] == 0


def test_demand_follows_a_caseload(taxonomy):
    asked = [a_consultation(note="Lonely."), a_consultation(note="Would love some chess."), a_consultation(note="?")]
    demand = demand_of(taxonomy, asked)
    assert demand[taxonomy.index["chess"]] == pytest.approx((0.2 + 1) / 3)
    assert demand[taxonomy.index["choir"]] == pytest.approx(0.6 / 3)


def test_usefulness_is_uncertainty_times_demand(taxonomy):
    found = usefulness(taxonomy, choir(id="a", description="A choir."))
    strength = OffersConfig().opening
    demand = 0.6 / 3
    expected = 4 * strength * (1 - strength) * demand + (1 - strength) * strength * demand
    assert found["a"] == pytest.approx(expected, abs=1e-4)


def test_what_is_asked_for_more_is_confirmed_before_what_is_as_unsure(taxonomy):
    weak = {"description": "", "organization": "x"}
    found = usefulness(
        taxonomy,
        choir(id="sure", name="Choir", description="A choir."),
        choir(id="unsure", name="m", categories=("Choir",), **weak),
        choir(id="rare", name="m", categories=("Chess",), **weak),
    )
    assert found["unsure"] > found["rare"] > 0
    assert found["unsure"] > found["sure"]


def test_closed_and_duplicate_entries_come_last(taxonomy):
    found = usefulness(taxonomy, choir(id="a", status="inactive", description=""), choir(id="b"))
    assert found["a"] == 0 < found["b"]


def test_an_entry_about_which_nothing_is_known_is_worth_a_look(taxonomy):
    found = usefulness(taxonomy, choir(id="empty", name="x", description="", organization="x"), choir(id="b"))
    assert found["empty"] > found["b"]
