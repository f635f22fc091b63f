"""Where a refuge is must never be shown: the rule, and that no face of a catalogue gives the place away."""

from __future__ import annotations

import json

import pytest

from matcher import read_catalogue
from matcher.catalogue.withheld import WITHHELD, is_refuge
from matcher.domain import Point
from matcher.presentation import service_json
from tests.factories import a_catalogue, a_feed_service, a_service, at_location, write_json

REFUGES = [
    # a refuge by name, and nothing else is known
    ("Haven Refuge", ""),
    # by name and what it is for
    ("Rowan House Refuge", "For women and children fleeing violence."),
    # by name and that people live there
    ("The Refuge", "Emergency accommodation, six rooms."),
    # only the text says so
    ("Harbour", "Refuge, outreach and IDVA for anyone living with domestic abuse."),
    ("Rowan House", "A safe house for people who were trafficked."),
]
NO_REFUGES = [
    # a pub
    ("The Refuge", "A refuge from the everyday. Craft ales; women go free on Thursday."),
    # birds
    ("Refuge Counts, Wending Marsh", "Counts of waders at the high tide refuge."),
    # abuse, but nobody is housed
    ("Freedom Course", "Twelve weeks about domestic abuse."),
]


@pytest.mark.parametrize(("name", "description"), REFUGES)
def test_a_refuge_keeps_neither_place_nor_postcode(name, description):
    service = a_service(name=name, description=description, place_name="1 Mill Lane", postcode="ZZ9 9AA")
    (kept,) = [a_catalogue(service)[0]]
    assert (kept.place, kept.place_name, kept.postcode) == (None, "", "")
    assert kept.name == name


@pytest.mark.parametrize(("name", "description"), NO_REFUGES)
def test_what_only_sounds_like_a_refuge_keeps_its_place(name, description):
    assert not is_refuge(a_service(name=name, description=description))
    assert a_catalogue(a_service(name=name, description=description))[0].place == Point(53.5, -2.5)


def test_an_address_in_the_words_of_a_refuge_is_taken_out_and_its_phone_stays():
    words = "A refuge for women fleeing abuse at 14 Orchard Lane, ZZ9 9AA. Ring first."
    service = a_service(name="Rowan House", description=words, phones=("01632 960000",))
    shown = service_json(a_catalogue(service)[0])
    assert shown["description"] == f"A refuge for women fleeing abuse at {WITHHELD}, {WITHHELD}. Ring first."
    assert shown["phones"] == ["01632 960000"]
    assert "ZZ9" not in json.dumps(shown)


def test_a_refuge_read_from_a_feed_has_no_place_either(tmp_path):
    record = a_feed_service(name="Haven Refuge", **at_location(name="Orchard House"))
    catalogue = read_catalogue(write_json(tmp_path / "feed.json", {"contents": [record]}))
    assert catalogue[0].place is None
    assert "Orchard" not in repr(catalogue.table.to_pylist())
