import pickle

import pytest

from matcher.text import (
    NEGATIONS,
    STOP_WORDS,
    Remembered,
    content_words,
    normalise,
    places_of,
    sentences,
    stem,
    tokenise,
    words_of,
)

NORMAL = [
    ("Men's Shed", "mens shed"),
    ("Men’s Shed", "mens shed"),  # a typographer's apostrophe is an apostrophe
    ("T'ai-Chi", "tai chi"),
    ("Arts & Crafts", "arts  and  crafts"),
    ("Café Zoë", "cafe zoe"),
    ("ＴＥＡ", "tea"),  # full-width letters of another keyboard
    ("lone\u200bly", "lonely"),  # a zero-width space hides in copied web text
    ("\u202elonely", "lonely"),
    ("fit\u00adness", "fitness"),  # a soft hyphen
    ("straße", "strasse"),
    ("tea–dance", "tea dance"),
]


@pytest.mark.parametrize(("text", "expected"), NORMAL)
def test_texts_that_look_alike_normalise_alike(text, expected):
    assert normalise(text) == expected


def test_a_thousand_accents_on_one_letter_are_one_letter():
    assert normalise("e" + "\u0301" * 1000) == "e"


def test_tokens_say_where_they_stand_in_the_normalised_text():
    plain = normalise("Tai-Chi, £3.50!")
    assert [(t.word, plain[t.start : t.end]) for t in tokenise("Tai-Chi, £3.50!")] == [
        ("tai", "tai"),
        ("chi", "chi"),
        ("£3.50", "£3.50"),
    ]


WORDS = [
    ("the choirs rehearsals, tuesdays at 7", ["the", "choirs", "rehearsals", "tuesdays", "at", "7"]),
    ("£3.50\tor 2.5 km", ["£3.50", "or", "2.5", "km"]),
    ("v.2.5 a.b 1.x end.2", ["v.2", "5", "a", "b", "1", "x", "end.2"]),
    ("at a tea, a", ["at", "a", "tea", "a"]),
    ("жук x", ["x"]),
    ("", []),
]


@pytest.mark.parametrize(("plain", "words"), WORDS)
def test_words_are_letters_digits_and_pounds_with_decimals(plain, words):
    assert words_of(plain) == words
    assert [token.word for token in tokenise(plain, normalised=True)] == words


@pytest.mark.parametrize(("plain", "words"), WORDS)
def test_each_word_stands_after_the_one_before_it(plain, words):
    places = places_of(words, plain)
    assert [plain[start:end] for start, end in places] == words
    assert places == sorted(set(places))


STEMS = [("singing", "sing"), ("singers", "singer"), ("bus", "bus"), ("gas", "gas")]


@pytest.mark.parametrize(("word", "expected"), STEMS)
def test_stems_leave_short_words_alone(word, expected):
    assert stem(word) == expected


@pytest.mark.parametrize("word", ["alone", "no", "not", "never", "without", "bill", "call", "cry"])
def test_words_that_matter_to_a_link_worker_are_no_stop_words(word):
    assert word not in STOP_WORDS


def test_a_negation_is_never_a_stop_word():
    assert not NEGATIONS & STOP_WORDS


def test_content_words_leave_out_only_small_words():
    assert content_words("She is not sleeping at all and that's that") == ["not", "sleep", "all"]


def test_sentences_end_at_stops_line_ends_and_bullets():
    assert sentences("Lonely. Wants tea!\nNo car; bus ok • likes dogs") == [
        "Lonely.",
        "Wants tea!",
        "No car;",
        "bus ok",
        "likes dogs",
    ]


ENDS = [
    ('He said "stop." Then left', ['He said "stop.', "Then left"]),  # the closing quotation mark goes with the stop
    ("Fine?! (really.)\nYes", ["Fine?!", "(really.", "Yes"]),
    ("3.5 miles e.g.this", ["3.5 miles e.g.this"]),
    ("one <BR/>two<br>three", ["one", "two", "three"]),
    ("a. • b", ["a.", "• b"]),  # nothing but the bullet is left between two ends
]


@pytest.mark.parametrize(("text", "expected"), ENDS)
def test_where_sentences_end(text, expected):
    assert sentences(text) == expected


def lengths(most: int) -> tuple[Remembered[int], list[str]]:
    """A memory for the lengths of words, and the words for which it had to work."""
    asked: list[str] = []
    return Remembered(lambda word: asked.append(word) or len(word), most), asked


def test_what_is_known_of_a_word_is_worked_out_once():
    known, asked = lengths(10)
    assert [known["tea"], known["cake"], known["tea"]] == [3, 4, 3]
    assert asked == ["tea", "cake"]


def test_no_more_words_are_remembered_than_was_said():
    known, _ = lengths(2)
    assert [known[word] for word in ("a", "bc", "def", "bc")] == [1, 2, 3, 2]
    assert len(known) == 2


def test_remembered_words_are_pickled_with_nothing():
    known = Remembered(normalise)
    assert known["zanily"] == "zanily"
    copy = pickle.loads(pickle.dumps(known))  # noqa: S301  our own
    assert len(copy) == 0
    assert (copy["Tea"], copy.most) == ("tea", known.most)


def test_an_empty_text_has_no_words_and_no_sentences():
    assert tokenise("") == []
    assert sentences(" \n ") == []
