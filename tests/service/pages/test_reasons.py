"""Which reasons a card gives, and in what order."""

from matcher.domain import Reason
from service.presenters import reasons_of

CLOSE = Reason("Reads as close in meaning", "Reads as close in meaning", 0.4, "semantic")
MET = Reason("Because of “quiet”: offers company", "Because of loneliness: offers company", 0.1, "tags", "loneliness")
MORE = Reason("Because of “walks”: offers walking", "Because of walking: offers walking", 0.2, "tags", "walking")
AGAINST = Reason("Marked down", "Marked down", -0.3, "far")


def test_what_was_said_and_is_met_comes_before_how_close_the_texts_are():
    assert reasons_of([CLOSE, MORE, MET, AGAINST]) == [MORE.quoting, MET.quoting, CLOSE.by_label]


def test_a_card_without_a_met_wish_still_says_why():
    assert reasons_of([CLOSE, AGAINST]) == [CLOSE.by_label]
