"""What fired in a text and why, and which services are known poorly."""

from __future__ import annotations

import io

from rich.console import Console

from matcher import read_consultation
from matcher.curation import (
    doubtful_services,
    print_doubtful,
    print_review,
    review,
)
from matcher.offers import Decision, OffersConfig
from matcher.understanding import UnderstandingConfig
from tests.curated import choir
from tests.factories import a_catalogue


def test_a_review_lists_phrases_with_voice_strength_polarity_and_mending(taxonomy):
    note = "Lonely. No chess, thanks. Would like the chior."
    found = review(read_consultation({"note": note}), taxonomy, UnderstandingConfig(), OffersConfig())
    said = {fired.concept: fired for fired in found.fired if fired.voice == "person"}
    assert {concept: (fired.label, fired.strength, fired.meant) for concept, fired in said.items()} == {
        "loneliness": ("lonely", 1.0, "wanted"),
        "chess": ("chess", 0.8, "declined"),
        "choir": ("choir", 1.0, "wanted"),
    }
    provided = {fired.concept: fired.meant for fired in found.fired if fired.voice == "provider"}
    assert provided == {"chess": "not offered"}, "a service's words are read as written"
    assert found.mended == (("chior", "choir"),)


def test_hints_too_weak_to_count_are_shown_as_such(taxonomy):
    config = UnderstandingConfig(unknown_hint=0.6)
    found = review(read_consultation({"note": "Sat at a chess board."}), taxonomy, config, OffersConfig())
    assert [(fired.concept, fired.weight) for fired in found.fired if fired.voice == "person"] == [("chess", 0.0)]


def test_services_with_no_or_weak_concepts_are_listed_most_doubtful_first(taxonomy):
    catalogue = a_catalogue(
        choir(id="sure", name="Choir"),
        choir(id="weak", description="", categories=("Choir",)),
        choir(id="nothing", description="We meet in the evenings."),
        choir(id="closed", description="", status="inactive"),
    )
    found = doubtful_services(catalogue, taxonomy, OffersConfig())
    assert [service.service_id for service in found] == ["nothing", "weak", "sure"]
    assert [service.main for service in found] == [0, 0, 1]
    assert found[0].doubt == 1.0
    decided = doubtful_services(catalogue, taxonomy, OffersConfig(), {1: Decision({"choir": 1.0}, {})})
    assert [service.service_id for service in decided] == ["weak", "sure", "nothing"]


def test_reviews_print_markup_and_control_characters_as_text(taxonomy):
    console = Console(record=True, width=100, file=io.StringIO())
    shown = review(
        read_consultation({"note": "[bold]choir[/bold] [/]"}), taxonomy, UnderstandingConfig(), OffersConfig()
    )
    print_review(shown, taxonomy, console)
    catalogue = a_catalogue(choir(name="[red]Choir [/x]"))
    print_doubtful(doubtful_services(catalogue, taxonomy, OffersConfig()), taxonomy, 5, console)
    assert "[red]Choir [/x]" in console.export_text()
