from __future__ import annotations

from starlette.testclient import TestClient

from tests.service.pages.conftest import HOME, UNSAFE_NOTE, Served
from tests.service.pages.forms import ask, visit

AT_HOME = f"{HOME.lat}, {HOME.lon}"


def test_the_empty_form_asks_what_matters(town: TestClient):
    page = visit(town)
    assert page.status == 200
    assert page.heading() == "What matters to this person?"
    assert page.all("legend")[:2] == ["Needs", "Interests"]


def test_asking_with_nothing_says_what_is_missing_and_where(town: TestClient):
    page = ask(town)
    assert page.status == 422
    assert page.all(".nhsuk-error-summary a") == ["Write a note, or give at least one need or interest"]
    link = page.tree.css_first(".nhsuk-error-summary a")
    assert link is not None
    assert page.tree.css_first(link.attributes["href"] or "") is not None, "the link leads to the field"
    assert page.tree.css_first("title").text().startswith("Error: ")


def test_what_was_typed_stays_when_something_is_wrong(town: TestClient):
    page = ask(town, note="Lonely.", need=["company"], age="old", free="Monday morning")
    assert page.status == 422
    assert page.value("note") == ["Lonely."]
    assert page.value("need")[0] == "company"
    assert page.value("free") == ["Monday morning"]


def test_a_card_gives_reasons_before_cautions_and_facts(town: TestClient):
    page = ask(town, interest=["singing"], place="Lock Cottage")
    card = page.tree.css_first(".app-card")
    assert card is not None
    said = " ".join(card.text(separator=" ").split())
    order = ["Mill Hall Singers", "Why", "singing", "Check first", "Where", "When", "Cost", "How to refer", "Entry"]
    places = [said.index(word) for word in order]
    assert places == sorted(places)
    assert "Tuesdays, 10am to noon" in said
    assert "£2" in said
    assert "01632 960001" in said


def test_the_parts_of_a_card_add_up_to_its_score(town: TestClient):
    page = ask(town, interest=["singing"])
    for card in page.tree.css(".app-card"):
        *parts, total = [float(node.text()) for node in card.css(".app-number")]
        assert abs(sum(parts) - total) <= 0.0005 * (len(parts) + 1), "each is rounded to three places"


def test_what_was_not_recognised_is_told_above_the_cards(town: TestClient):
    page = ask(town, interest=["singing", "zorbing"])
    said = "“zorbing” was not recognised as a need or interest: suggestions use its words only."
    assert page.all("form .nhsuk-inset-text") == [said]
    assert page.all("form .nhsuk-inset-text") != ask(town, interest=["singing"]).all("form .nhsuk-inset-text") == []


def test_a_place_name_gives_distances(town: TestClient):
    page = ask(town, interest=["singing"], place="mill hall")
    assert "Very near" in page.text
    assert page.tree.css_first("svg[aria-labelledby^=map]") is not None


def test_an_unknown_place_is_told_and_stops_nothing(town: TestClient):
    page = ask(town, interest=["singing"], place="Nowhere Upon Sea")
    assert page.status == 200
    assert "We do not know the postcode or place" in page.text
    assert "Mill Hall Singers" in page.text
    assert page.tree.css_first("svg[aria-labelledby^=map]") is None


def test_setting_aside_takes_a_service_out_and_putting_back_returns_it(town: TestClient):
    page = ask(town, interest=["singing"])
    assert page.all(".app-card h2")[0].endswith("Mill Hall Singers")
    without = page.press("Not this one: Mill Hall Singers")
    assert not any("Mill Hall Singers" in text for text in without.all(".app-card h2"))
    assert without.all(".app-aside li") == ["Mill Hall Singers Put back Mill Hall Singers"]
    again = without.press("Put back")
    assert again.all(".app-card h2") == page.all(".app-card h2")


def test_nothing_like_this_adds_its_kind_to_what_is_not_wanted(town: TestClient):
    page = ask(town, interest=["singing"])
    less = page.press("Nothing like this (singing and choirs): Mill Hall Singers")
    assert less.value("avoid") == ["Singing and choirs"]
    assert not any("Mill Hall Singers" in text for text in less.all(".app-card h2"))


def test_why_not_tells_what_rules_a_service_out(town: TestClient):
    page = ask(town, interest=["singing"]).press("Say why", why="Closed Choir")
    assert page.all("#accounts h3") == ["Closed Choir"]
    assert "closed or has ended" in page.all("#accounts")[0]


def test_why_not_finds_a_name_with_a_typo(town: TestClient):
    page = ask(town, interest=["singing"]).press("Say why", why="Canal Wakers")
    assert page.all("#accounts h3") == ["Canal Walkers"]


def test_why_not_says_when_no_service_is_called_that(town: TestClient):
    page = ask(town, interest=["singing"]).press("Say why", why="zzzz qqqq")
    assert "No service in the directory is called that" in page.text


def test_why_tells_of_a_service_that_was_set_aside(town: TestClient):
    page = ask(town, interest=["singing"]).press("Not this one: Mill Hall").press("Say why", why="Mill Hall Singers")
    assert "You set it aside" in page.all("#accounts")[0]
    assert "has tried it" not in page.all("#accounts")[0]


def test_an_alert_stands_above_everything_with_its_pathway(town: TestClient):
    page = ask(town, note="Lonely. Says she has a plan to end her life tonight, has the tablets.")
    assert page.text.index("suicide or self-harm") < page.text.index("suggestion")
    alert = page.tree.css_first(".app-alert")
    assert alert is not None
    assert "Samaritans" in alert.text()
    assert not alert.css("button, summary, a"), "nothing dismisses it"


def test_unsafe_contact_is_told_and_phone_offers_say_stop_and_check(town: TestClient):
    page = ask(town, note=UNSAFE_NOTE)
    assert "Contact with this person is not safe" in page.text
    cards = {node.css_first("h2").text(): node.text() for node in page.tree.css(".app-card")}
    voices = next(text for name, text in cards.items() if "Friendly Voices" in name)
    singers = next(text for name, text in cards.items() if "Mill Hall" in name)
    assert "Stop and check" in voices
    assert "Stop and check" not in singers


def test_nothing_fits_is_said_with_what_to_do(town: TestClient):
    page = ask(town, interest=["singing"], mode="online")
    assert page.status == 200
    assert page.heading() == "No suggestions"
    assert "Loosen a limit" in page.text


def test_changing_what_was_written_brings_the_form_back_as_it_was(town: TestClient):
    page = ask(town, note="Lonely.", need=["company"], importance=["3"], interest=["singing"], age="67", avoid="groups")
    form = page.press("Change what you wrote")
    assert form.value("note") == ["Lonely."]
    assert (form.value("need")[0], form.value("importance")[0]) == ("company", "3")
    assert (form.value("interest")[0], form.value("age"), form.value("avoid")) == ("singing", ["67"], ["groups"])


def test_more_rows_can_be_had_without_javascript(town: TestClient):
    page = visit(town)
    needs = ["one", "two", "three"]
    more = page.press("Add more rows", need=needs)
    assert more.value("need")[:3] == needs
    assert len(more.value("need")) > len(page.value("need"))


def test_tried_services_are_named_and_can_be_allowed_again(town: TestClient):
    page = ask(town, interest=["singing"])
    sent = [("interest", "singing"), ("tried", "choir")]
    tried = page.send("/suggestions", sent)
    assert not any("Mill Hall Singers" in text for text in tried.all(".app-card h2"))
    form = tried.press("Change what you wrote")
    assert "Mill Hall Singers" in form.text
    allowed = form.press("Find services", tried=[])
    assert any("Mill Hall Singers" in text for text in allowed.all(".app-card h2"))


def test_an_id_that_is_not_in_the_directory_does_no_harm(town: TestClient):
    sent = [
        ("interest", "singing"),
        ("shortlist", "gone"),
        ("set_aside", "gone"),
        ("avoid_like", "gone"),
        ("tried", "x"),
    ]
    assert visit(town).send("/suggestions", sent).status == 200


def test_when_too_much_is_asked_the_form_keeps_what_was_typed(served: Served, town_engine: object):
    with served(town_engine, max_in_flight=1) as client:
        client.app.state.admission.in_flight = 1  # type: ignore[attr-defined]  as if another answer were under way
        page = ask(client, note="Lonely.")
        assert page.status == 503
        assert page.value("note") == ["Lonely."]
        assert "still here" in page.text
