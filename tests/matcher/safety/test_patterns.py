"""The pattern files are read and checked; reading a note takes time in line with its length."""

from __future__ import annotations

import shutil
from time import process_time

import pytest

from matcher.data_files import safety_folder
from matcher.domain import SettingsError
from matcher.safety.patterns import read_patterns
from matcher.safety.screen import Screen, packaged_screen
from matcher.safety.tokens import Speller

HEAD = "category,kind,pattern,note\n"

FAULTS = [
    # a kind that nobody knows
    ("suicide_self_harm,flagg,ends it,x", "kind"),
    # a category that nobody knows
    ("sadness,flag,ends it,x", "unknown category"),
    # a flag has to say of what
    ("any,flag,ends it,x", "category of its own"),
    # parts make sense only where something is looked for
    ("any,past,ends + it,x", "joined by"),
    # too many gaps would cost too much
    ("suicide_self_harm,flag,a .. b .. c .. d .. e,x", "gaps"),
    # a class of words that is not there
    ("suicide_self_harm,flag,{nonsense},x", "word class"),
    # nothing to look for
    ("suicide_self_harm,flag,maybe?,x", "at least one word"),
    # only the beginning of a word can be left open
    ("suicide_self_harm,flag,b*ge,x", "cannot read"),
    # no regular expressions
    ("suicide_self_harm,flag,(a+)+,x", "cannot read"),
]


@pytest.fixture
def folder(tmp_path):
    for name in ("words.csv", "spellings.csv"):
        shutil.copy(safety_folder() / name, tmp_path / name)
    (tmp_path / "patterns").mkdir()
    return tmp_path


@pytest.mark.parametrize(("row", "said"), FAULTS)
def test_a_faulty_row_is_refused_by_file_and_line(folder, row, said):
    (folder / "patterns" / "mine.csv").write_text(HEAD + row + "\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=rf"mine\.csv line 2: .*{said}"):
        read_patterns(folder)


def test_parts_of_a_row_may_stand_two_sentences_apart_and_no_further(folder):
    row = "suicide_self_harm,flag,bridge + goodbye,x\n"
    (folder / "patterns" / "mine.csv").write_text(HEAD + row, encoding="utf-8")
    screen = Screen(read_patterns(folder))
    assert screen.read("The bridge. One. Said goodbye.") == {"suicide_self_harm"}
    assert screen.read("The bridge. One. Two. Said goodbye.") == set()


def test_two_hints_make_a_finding_and_one_does_not(folder):
    rows = "suicide_self_harm,hint,bridge,x\nsuicide_self_harm,hint,goodbye,x\n"
    (folder / "patterns" / "mine.csv").write_text(HEAD + rows, encoding="utf-8")
    screen = Screen(read_patterns(folder))
    assert screen.read("Said goodbye.") == set()
    assert screen.read("Said goodbye on the bridge.") == {"suicide_self_harm"}


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("girl of 9", "small"),
        ("she's four", "small"),
        ("15, Vietnamese", "minor"),
        ("aged 13", "minor"),
        # not ages of a child
        ("she is 3 weeks late", "3"),
        ("son came 4 times", "4"),
        ("45, married", "45"),
    ],
)
def test_the_age_of_a_child_is_heard(said, heard):
    (words,) = Speller({}).words([said])
    assert heard in words


def test_sentences_are_cut_into_words_and_clause_marks_each_for_itself():
    said = ["He's 15,000 short (again); ok.", "Pain: 7.5/10, isn't \u201cold\u201d...", "", "Wi me - not 3kg, 2,"]
    assert Speller({"wi": ("with",)}).words(said) == [
        ["hes", "15000", "short", ",", "again", ",", ",", "ok"],
        ["pain", ",", "7.5", "10", ",", "isnt", "old", ","],
        [],
        ["with", "me", ",", "not", "3", "kg", ",", "2", ","],
    ]


def seconds(screen: Screen, note: str) -> float:
    """Processor time for one note, the best of three."""
    taken = []
    for _ in range(3):
        start = process_time()
        screen.read(note)
        taken.append(process_time() - start)
    return min(taken)


@pytest.mark.parametrize("piece", ["he said she hit her and the baby ", "not he hits her ", "no suicidal, ", "a", "! "])
def test_the_time_for_a_note_grows_with_its_length_and_no_faster(piece):
    """Eight times the note: eight times the time if linear, sixty-four if quadratic."""
    screen = packaged_screen()
    short, long = (seconds(screen, piece * (letters // len(piece))) for letters in (3_000, 24_000))
    assert long <= 20 * short + 0.02


FOUND = [
    # every element of a phrase, alone and among alternatives
    ("bridge", "The bridge."),
    ("bridge .. tonight|tomorrow", "On the bridge again tomorrow."),
    # more elements than are compared before a phrase is tried
    ("he went over the bridge alone", "Says he went over the bridge alone."),
    # beginnings of words, as long as the word or shorter
    ("goodby*", "Goodbye letters."),
    ("goodbyes*", "His goodbyes."),
    ("jumping* wa*", "Jumping walls."),
    # a word that one phrase spells out and of which another has the beginning
    ("said bridge + bridg* tonight", "Said bridge tonight."),
    # several words as one alternative, with and without a beginning in it
    ("high_bridge", "From the high bridge."),
    ("tall_rock*|high_bridg*", "From the high bridges."),
    ("climb*_up|jumped", "He climbed up."),
    ("{whom} gone", "All of them gone."),
    # missing, other and any words
    ("last? goodbye", "Said goodbye."),
    ("said _ goodbye", "Said his goodbye."),
    ("bridge !too", "The bridge now."),
    # a spelling variant counts as the word
    ("with_pills", "w/ pills"),
]
NOT_FOUND = [
    ("bridge .. tonight", "Tonight."),
    ("bridge .. tonight", "Tonight over the bridge."),
    ("high_bridge", "Bridge. High."),
    ("goodbyes*", "Goodbye."),
    ("bridge !too", "The bridge too."),
]


def found(folder, pattern, note):
    (folder / "patterns" / "mine.csv").write_text(f"{HEAD}suicide_self_harm,flag,{pattern},x\n", encoding="utf-8")
    return Screen(read_patterns(folder)).read(note)


@pytest.mark.parametrize(("pattern", "note"), FOUND)
def test_a_phrase_that_stands_in_a_note_is_found(folder, pattern, note):
    assert found(folder, pattern, note) == {"suicide_self_harm"}


@pytest.mark.parametrize(("pattern", "note"), NOT_FOUND)
def test_a_phrase_that_does_not_stand_in_a_note_is_not_found(folder, pattern, note):
    assert found(folder, pattern, note) == set()
