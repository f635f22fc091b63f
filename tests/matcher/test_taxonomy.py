import re

import numpy as np
import pytest

from matcher.catalogue.decoding import LONGEST_CELL
from matcher.data_files import taxonomy_folder
from matcher.domain import TaxonomyError
from matcher.phrases import PhraseFinder
from matcher.taxonomy import read_links, read_taxonomy
from tests.factories import CONCEPTS, LABELS, LINKS, LOOKALIKES, a_taxonomy, write_rows, write_taxonomy


def a_concept(**changes):
    row = {"id": "tea", "pref_label": "Tea", "kind": "offer", "broader": "", "theme": "social", "dedicated": ""}
    return tuple({**row, "note_weight": "", "exact_match": "", **changes}.values())


def faults_of(folder, **changes):
    with pytest.raises(TaxonomyError) as error:
        a_taxonomy(folder, **changes)
    return str(error.value)


CONCEPT_FAULTS = [
    (a_concept(broader="cake"), "orphan: broader concept 'cake' does not exist"),
    (a_concept(broader="tea"), "cycle: tea is broader than itself"),
    (a_concept(id="choir"), "id choir is already in row 4"),
    (a_concept(id=""), "id '' must be letters, digits and underscores"),
    (a_concept(id="tea time"), "id 'tea time' must be letters, digits and underscores"),
    (a_concept(kind="drink"), "kind 'drink' must be one of need, interest, circumstance, offer, setting, decoy"),
    (a_concept(pref_label=""), "pref_label is empty"),
    (a_concept(dedicated="maybe"), "dedicated 'maybe' must be yes or empty"),
    (a_concept(note_weight="1e309"), "note_weight '1e309' must be empty, or above 0 and at most 1"),
    ((*a_concept(), "surplus"), "has 9 cells, the header has 8"),
]


@pytest.mark.parametrize(("row", "fault"), CONCEPT_FAULTS)
def test_a_faulty_concept_is_named_with_file_and_row(tmp_path, row, fault):
    assert f"concepts.csv row 6: {fault}" in faults_of(tmp_path, concepts=(*CONCEPTS, row))


NOT_STRENGTHS = ["NaN", "nan", "-1", "0", "1e309", "", "inf", "1.01", "high", "٠.٥", "0_5", "1e-3"]


@pytest.mark.parametrize("strength", NOT_STRENGTHS)
def test_a_strength_is_a_plain_number_above_0_and_at_most_1(tmp_path, strength):
    message = faults_of(tmp_path, labels=(*LABELS, ("choir", "chorus", "both", strength)))
    assert f"all.csv row 7: strength {strength!r} must be a number above 0 and at most 1" in message


@pytest.mark.parametrize("weight", ["NaN", "-1", "1e309", "", "2", "-0.1", "yes"])
def test_a_link_weight_is_a_plain_number_from_0_to_1(tmp_path, weight):
    message = faults_of(tmp_path, links=(*LINKS, ("loneliness", "walking", weight, "")))
    assert f"links.csv row 4: weight {weight!r} must be a number from 0 to 1" in message


@pytest.mark.parametrize("weight", ["0", "0.0", "1", "1.0", ".5"])
def test_a_link_weight_may_be_0(tmp_path, weight):
    taxonomy = a_taxonomy(tmp_path, links=(("loneliness", "walking", weight, ""),))
    assert taxonomy.links["loneliness", "walking"] == float(weight)


OTHER_FAULTS = [
    ({"labels": (*LABELS, ("cake", "cake", "both", "1"))}, "all.csv row 7: concept 'cake' does not exist"),
    ({"labels": (*LABELS, ("choir", "chorus", "singer", "1"))}, "all.csv row 7: voice 'singer' must be one of"),
    ({"labels": (*LABELS, ("choir", " - ", "both", "1"))}, "all.csv row 7: label has no word"),
    (
        {"labels": (*LABELS, ("choir", "CHOIR", "both", "1"))},
        "all.csv row 7: duplicate label 'choir' of choir, first in all.csv row 5",
    ),
    ({"links": (*LINKS, ("cake", "choir", "1", ""))}, "links.csv row 4: concept 'cake' does not exist"),
    ({"links": (*LINKS, ("loneliness", "choir", "1", ""))}, "links.csv row 4: duplicate link loneliness -> choir"),
    ({"lookalikes": (*LOOKALIKES, ("cake walk", "both", "cake", ""))}, "lookalikes.csv row 3: not_concept 'cake'"),
    ({"lookalikes": (*LOOKALIKES, ("space walk", "Both", "walking", ""))}, "lookalikes.csv row 3: needs a label"),
    ({"lookalikes": (*LOOKALIKES, *LOOKALIKES)}, "lookalikes.csv row 3: duplicate look-alike 'walking bus'"),
]


@pytest.mark.parametrize(("changes", "fault"), OTHER_FAULTS)
def test_a_faulty_label_link_or_lookalike_is_named_with_file_and_row(tmp_path, changes, fault):
    assert fault in faults_of(tmp_path, **changes)


def test_each_concept_of_a_cycle_is_named_and_none_that_only_leads_into_it(tmp_path):
    ring = (a_concept(id="a", broader="b"), a_concept(id="b", broader="c"), a_concept(id="c", broader="b"))
    message = faults_of(tmp_path, concepts=(*CONCEPTS, *ring))
    assert re.findall(r"cycle: (\w+)", message) == ["b", "c"]


def test_a_chain_of_ten_thousand_concepts_is_read_at_once(tmp_path):
    chain = [a_concept(id=f"c{n}", broader=f"c{n + 1}" if n < 9_999 else "") for n in range(10_000)]
    taxonomy = a_taxonomy(tmp_path, concepts=(*CONCEPTS, *chain))
    assert len(taxonomy.concepts) == len(CONCEPTS) + 10_000


def test_all_faults_are_told_at_once_and_the_rest_are_counted(tmp_path):
    message = faults_of(tmp_path, labels=[("cake", f"cake {n}", "both", "1") for n in range(25)])
    assert message.count("does not exist") == 20
    assert message.endswith("; and 5 more")


def test_a_missing_column_is_named(tmp_path):
    write_taxonomy(tmp_path)
    write_rows(tmp_path / "links.csv", ("need", "offer"), [])
    with pytest.raises(TaxonomyError, match=r"links\.csv: column weight is missing"):
        read_taxonomy(tmp_path)


@pytest.mark.parametrize("name", ["concepts.csv", "links.csv", "lookalikes.csv"])
def test_a_missing_file_is_named(tmp_path, name):
    write_taxonomy(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(TaxonomyError, match=f"{name}: cannot be read"):
        read_taxonomy(tmp_path)


def test_a_taxonomy_without_labels_is_refused(tmp_path):
    write_taxonomy(tmp_path)
    (tmp_path / "labels" / "all.csv").unlink()
    with pytest.raises(TaxonomyError, match=r"labels: holds no \.csv file"):
        read_taxonomy(tmp_path)


@pytest.mark.parametrize(
    "content", [b"\xff\xfeid", b'id,"' + b"x" * (LONGEST_CELL + 1)], ids=["UTF-16", "endless cell"]
)
def test_a_file_that_is_no_utf_8_csv_is_named(tmp_path, content):
    write_taxonomy(tmp_path)
    (tmp_path / "concepts.csv").write_bytes(content)
    with pytest.raises(TaxonomyError, match=r"concepts\.csv: cannot be read as a UTF-8 CSV file"):
        read_taxonomy(tmp_path)


def test_a_spreadsheets_byte_order_mark_empty_rows_and_trailing_commas_do_no_harm(tmp_path):
    write_taxonomy(tmp_path)
    path = tmp_path / "links.csv"
    path.write_text("\ufeffneed,offer,weight,why\r\n\r\n,,,\r\nloneliness,choir,0.6,,,\r\n", encoding="utf-8")
    assert read_taxonomy(tmp_path).links == {("loneliness", "choir"): 0.6}


def test_the_version_changes_with_any_content_and_not_with_the_order_of_rows(tmp_path):
    usual = a_taxonomy(tmp_path / "a").version
    assert a_taxonomy(tmp_path / "b", concepts=CONCEPTS[::-1], labels=LABELS[::-1], links=LINKS[::-1]).version == usual
    assert a_taxonomy(tmp_path / "c", links=LINKS[:1]).version != usual
    assert a_taxonomy(tmp_path / "d", labels=LABELS[:-1]).version != usual


def test_the_link_matrix_holds_the_weights_and_every_concept_offers_itself(tmp_path):
    taxonomy = a_taxonomy(tmp_path)
    need, offer = taxonomy.index["loneliness"], taxonomy.index["choir"]
    assert taxonomy.link_matrix[need, offer] == np.float32(0.6)
    assert taxonomy.link_matrix[offer, need] == 0
    assert taxonomy.link_matrix.diagonal().tolist() == [1.0] * len(CONCEPTS)
    with pytest.raises(ValueError, match="read-only"):
        taxonomy.link_matrix[0, 0] = 2


def test_ancestors_come_nearest_first(tmp_path):
    deeper = a_concept(id="gospel_choir", broader="choir")
    taxonomy = a_taxonomy(tmp_path, concepts=(*CONCEPTS, deeper))
    assert taxonomy.ancestors("gospel_choir") == ["choir", "singing"]


def test_an_overlay_replaces_weights_and_changes_the_version(tmp_path):
    taxonomy = a_taxonomy(tmp_path)
    changed = taxonomy.with_links({("loneliness", "choir"): 0.9})
    assert changed.links["loneliness", "choir"] == 0.9
    assert changed.links["singing", "choir"] == 1
    assert changed.version != taxonomy.version


OVERLAY_FAULTS = [
    ({("loneliness", "cake"): 1.0}, "unknown concepts: cake"),
    ({("loneliness", "choir"): float("nan")}, "must be numbers from 0 to 1: loneliness -> choir"),
    ({("loneliness", "choir"): -1.0}, "must be numbers from 0 to 1: loneliness -> choir"),
]


@pytest.mark.parametrize(("overlay", "fault"), OVERLAY_FAULTS)
def test_an_overlay_is_checked_like_the_file(tmp_path, overlay, fault):
    with pytest.raises(TaxonomyError, match=fault):
        a_taxonomy(tmp_path).with_links(overlay)


def test_weights_read_alone_are_checked_too(tmp_path):
    path = write_rows(tmp_path / "weights.csv", ("need", "offer", "weight"), [("a", "b", "NaN")])
    with pytest.raises(TaxonomyError, match=r"weights\.csv row 2: weight 'NaN'"):
        read_links(path)


def test_the_shipped_taxonomy_is_sound_and_covers_its_themes():
    taxonomy = read_taxonomy(taxonomy_folder())
    assert len(taxonomy.concepts) >= 150
    assert len({concept.theme for concept in taxonomy.concepts}) >= 15


def test_every_need_of_the_shipped_taxonomy_leads_to_an_offer():
    taxonomy = read_taxonomy(taxonomy_folder())
    answered = {need for (need, offer), weight in taxonomy.links.items() if weight > 0 and offer != need}
    assert taxonomy.ids_of_kind("need") - answered == set()


PROVIDERS_SAY = [
    ("A support group for people with Crohn's", "watching_sport", False),
    ("Official supporters club of the football club", "watching_sport", True),
    ("Open to women, trans and non-binary people", "trans", False),
    ("A social evening for trans people", "trans", True),
    ("Counts of passage migrants on the estuary", "immigration", False),
    ("Run by and for people who live here", "community_transport", False),
    ("We run people to hospital in our own cars", "community_transport", True),
    ("For anyone who has had a heart attack", "heart", True),
    ("Advice on benefits, debt and housing", "debt", True),
    ("Warm hub in the village hall", "warm_space", True),
]


@pytest.mark.parametrize(("words", "concept", "meant"), PROVIDERS_SAY)
def test_the_shipped_labels_read_a_provider_as_a_link_worker_would(words, concept, meant):
    found = PhraseFinder(read_taxonomy(taxonomy_folder()).labels, "provider").find(words)
    assert (concept in {c for hit in found for c, _ in hit.meanings}) is meant


COMMON_WORDS = [
    # (voice, words, what they do not mean): without its small words a phrase must not be one that everybody says
    ("person", "sat in the living room to talk", "young_peoples_mental_health"),
    ("person", "he can't get up in the morning without three alarms", "mens_health"),
    ("person", "don't want to go on a coach", "suicidal_feelings"),
    ("person", "only one ring on her finger", "energy_bills"),
    ("person", "her bank card came in the post", "domestic_abuse"),
    ("person", "forty years in the same street", "retirement"),
    ("person", "only a few pounds left", "credit_union"),
    ("person", "was sick at work", "careers_advice"),
    ("provider", "we look after the building", "dementia_carers"),
    ("provider", "children in care and their carers", "young_carers"),
    ("provider", "disability support and advice", "watching_sport"),
    ("provider", "somewhere with space to talk", "astronomy_science"),
    ("provider", "trained staff on hand", "professional_training"),
]


@pytest.mark.parametrize(("voice", "words", "concept"), COMMON_WORDS)
def test_common_words_are_not_taken_for_a_phrase_that_only_shrinks_to_them(shipped_taxonomy, voice, words, concept):
    found = PhraseFinder(shipped_taxonomy.labels, voice).find(words)
    assert concept not in {c for hit in found for c, _ in hit.meanings}
