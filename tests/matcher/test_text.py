import pytest

from matcher.text import NEGATIONS, STOP_WORDS, content_words, normalise, sentences, stem, tokenise, words_of

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


@pytest.mark.parametrize(
    "said", ["The choir's rehearsals, Tuesdays at 7", "tea and cake", "£3.50\tor 2.5 km", "жук x", ""]
)
def test_words_of_are_the_tokens_words(said):
    text = normalise(said)
    assert words_of(text) == [token.word for token in tokenise(text, normalised=True)]


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


def test_an_empty_text_has_no_words_and_no_sentences():
    assert tokenise("") == []
    assert sentences(" \n ") == []
