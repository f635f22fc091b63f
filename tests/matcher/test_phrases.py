import pickle
import time

import pytest

from matcher.phrases import PhraseFinder
from matcher.taxonomy import Label
from matcher.text import normalise, tokenise, words_of

LABELS = {
    "choir": "choir",
    "walking": "walking",
    "walking group": "walking",
    "walk and talk": "walk_talk",
    "tai chi": "tai_chi",
    "baby and toddler group": "toddlers",
    "lunch club": "lunch_club",
    "bus": "bus",
    "on my own": "loneliness",
    "lonely": "loneliness",
    "debts": "debt",
    "citizens advice": "advice",
    "bereavement counselling": "bereavement",
    "counselling": "counselling",
    "allotment": "allotment",
    "dementia": "dementia",
    "physiotherapy": "physio",
}


def a_label(text, concept, voice="both", strength=1.0, **changes):
    return Label(text, concept, voice, strength, **changes)


def a_finder(*more, voice="person"):
    return PhraseFinder([*(a_label(text, concept) for text, concept in LABELS.items()), *more], voice)


def meant(text, *more, voice="person"):
    return [concept for hit in a_finder(*more, voice=voice).find(text) for concept, _ in hit.meanings]


FOUND = [
    ("a walking group on Mondays", ["walking"]),  # the longest phrase wins, and only once
    ("walks in a group", ["walking"]),  # small words between them do not part two words
    ("group for walking", ["walking"]),  # they must be in order: only the single word is left
    ("walks with another group", []),  # and adjacent
    ("walking groups", ["walking"]),  # several words match by their stems
    ("the walking reading group", ["walking"]),  # a foreign word parts two words: only the single word is left
    ("tai-chi, T'ai Chi", ["tai_chi", "tai_chi"]),  # spelling variants normalise alike
    ("baby and loud toddler group", ["toddlers"]),  # three words may have one foreign word between them
    ("baby very loud wild toddler group", []),  # but not two
    ("chi tai", []),  # not in the wrong order
    ("choirs", ["choir"]),  # the plural of a single word
    ("choirmaster", []),  # not a longer word
    ("busy", []),  # "bus" is not "busy"
    ("buses", ["bus"]),
    ("walked", []),  # a single word matches its own form or plural, not any word of its stem
    ("debt", []),  # so a label in the plural does not match the singular
    ("she is on her own", []),  # a phrase of small words matches word for word
    ("I'm on my own now", ["loneliness"]),
    ("bereavement counselling, then counselling", ["bereavement", "counselling"]),
    ("", []),
    ("!!! ???", []),
]


@pytest.mark.parametrize(("text", "concepts"), FOUND)
def test_phrases_are_found_where_they_are_meant(text, concepts):
    assert meant(text) == concepts


def test_a_hit_says_which_tokens_it_covers_and_how_surely():
    (hit,) = a_finder(a_label("knit and natter", "crafts", strength=0.7)).find("come to Knit & Natter on Friday")
    assert (hit.first, hit.last, hit.label, hit.meanings) == (2, 5, "knit and natter", (("crafts", 0.7),))


def test_words_are_read_as_the_text_they_come_from_is():
    text = "Walking groups; on my own, tai-chi & the choirs"
    assert a_finder().find_in_words(words_of(normalise(text))) == a_finder().find(text)
    assert a_finder().find(tokenise(text)) == a_finder().find(text)
    assert a_finder().find_in_words([]) == []


def test_one_phrase_may_mean_several_concepts():
    assert meant("lunch club", a_label("lunch club", "company", strength=0.5)) == ["company", "lunch_club"]


def test_the_stronger_of_two_labels_with_the_same_stems_counts():
    finder = a_finder(a_label("walking groups", "walking", strength=0.4))
    assert finder.find("walking group")[0].meanings == (("walking", 1.0),)


def test_a_weak_hint_has_no_plural():
    weak = a_label("game", "sport", strength=0.3)
    assert meant("a game", weak) == ["sport"]
    assert meant("games", weak) == []
    assert meant("games", a_label("game", "sport", strength=0.31)) == ["sport"]


def test_people_and_providers_have_their_own_phrases():
    ours, theirs = a_label("natter", "company", "person"), a_label("peer support", "company", "provider")
    assert meant("natter or peer support", ours, theirs, voice="person") == ["company"]
    assert [hit.label for hit in a_finder(ours, theirs, voice="provider").find("natter or peer support")] == [
        "peer support"
    ]


WALKING_BUS = a_label("walking bus", "walking", lookalike=True)


def test_a_lookalike_takes_away_its_concept():
    assert meant("the school's walking bus", WALKING_BUS) == ["bus"]


def test_a_lookalike_takes_away_nothing_else():
    healthy = a_label("walking", "exercise")
    assert meant("a walking bus", WALKING_BUS, healthy) == ["exercise", "bus"]


def test_a_lookalike_has_no_effect_outside_its_own_words():
    assert meant("the walking bus, then walking", WALKING_BUS) == ["bus", "walking"]


def test_a_lookalike_inside_a_longer_phrase_leaves_that_phrase_alone():
    longer = a_label("walking bus volunteers", "walking")
    assert meant("walking bus volunteers", WALKING_BUS, longer) == ["walking"]


REPAIRED = [
    ("lonley", "lonely"),  # two letters swapped are one slip
    ("alotment", "allotment"),
    ("counceling", "counselling"),  # two slips in a long word
    ("physiotheropy", "physiotherapy"),
    ("bus stp", "bus stp"),  # short words are left alone
    ("busy", "busy"),
    ("colonely", "colonely"),  # the first letter must agree
    ("chior", "choir"),
    ("chzir", "choir"),  # one letter for another
    ("hhoir", "hhoir"),  # not the first
    ("walkking in 2024", "walking in 2024"),
    ("DEMENTIA", "dementia"),
]


@pytest.mark.parametrize(("text", "expected"), REPAIRED)
def test_a_slip_is_mended_where_one_word_is_nearest(text, expected):
    assert a_finder().repair(text) == expected


def test_a_word_between_two_labels_is_left_alone():
    finder = PhraseFinder([a_label("painting", "art"), a_label("pointing", "dogs")], "person")
    assert finder.repair("paintin") == "painting"
    assert finder.repair("pinting") == "pinting"  # one letter from either


def test_two_forms_of_one_word_are_no_contradiction():
    finder = PhraseFinder([a_label("painting", "art"), a_label("paintings", "art")], "person")
    assert finder.repair("paintingz") == "painting"


def test_a_word_with_many_neighbours_is_taken_for_a_word_of_its_own():
    finder = PhraseFinder([a_label(word, word) for word in ("toed", "owed", "rowed", "mowed", "sowed")], "person")
    assert finder.repair("towed") == "towed"


def test_a_longer_or_shorter_word_is_a_neighbour_too():
    labels = [a_label(word, "x") for word in ("towel", "owed", "stowed")]
    assert PhraseFinder(labels, "person").repair("towed") == "towel"
    assert PhraseFinder([*labels, a_label("rowed", "x")], "person").repair("towed") == "towed"


def test_a_word_of_the_other_voice_is_well_spelt():
    assert a_finder(a_label("lonley", "x", "provider")).repair("lonley") == "lonley"


def test_of_two_spellings_of_one_stem_the_shorter_is_taken():
    finder = PhraseFinder([a_label("paintings", "art"), a_label("painting", "art")], "person")
    assert finder.repair("paintinga") == "painting"


def test_a_finder_is_pickled_without_the_words_it_has_read():
    finder = a_finder()
    finder.find(finder.repair("zanily quaffing lonley walks in a group"))
    packed = pickle.dumps(finder)
    assert [word for word in (b"zanily", b"quaffing", b"lonley") if word in packed] == []
    copy = pickle.loads(packed)  # noqa: S301  our own
    assert [hit.label for hit in copy.find("walks and talks, lonely")] == ["walk and talk", "lonely"]


def test_the_longest_note_of_unknown_words_is_mended_within_a_second():
    note = " ".join(f"{'abcdefghij'[n % 10]}{'klmnopqrst'[n % 7]}zzq{'uvwxyz'[n % 6]}unknowable" for n in range(1_100))
    finder = a_finder(*(a_label(f"word{chr(97 + n % 26)}{chr(97 + n // 26 % 26)}", "x") for n in range(600)))
    begin = time.perf_counter()
    finder.repair(note)
    assert time.perf_counter() - begin < 1


def test_what_was_asked_before_changes_nothing():
    """Phrases are made ready when a text first needs them."""
    texts = ["a walking group", "walks and talks, tai chi", "bereavement counselling", "walk and talk"]
    used = a_finder()
    assert [used.find(text) for text in texts * 2] == [a_finder().find(text) for text in texts * 2]
