import numpy as np
import pytest

from matcher.adapter import Adapter, Reader, plain_adapter, read_adapter
from matcher.data_files import taxonomy_folder
from matcher.encoder import DIMENSIONS, load_encoder
from matcher.offers import Decision
from matcher.profile import ProfileConfig
from matcher.scorers.semantic import SemanticScorer, SemanticScorerConfig, service_texts
from matcher.taxonomy import read_taxonomy
from tests.factories import a_catalogue, a_consultation, a_profile, a_service
from tests.matcher.scorers.contract import ScorerContract, small_catalogue, small_taxonomy

CONFIG = SemanticScorerConfig()
NOTE = ProfileConfig().note_text


@pytest.fixture(autouse=True, scope="module")
def own_cache(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MATCHER_CACHE", str(folder))
        yield folder


def a_semantic_scorer(catalogue, taxonomy=None, config=CONFIG):
    return SemanticScorer(catalogue, load_encoder(), plain_adapter(), taxonomy, config)


def a_scorer_that_reads_topics(catalogue, taxonomy, config=CONFIG):
    adapter = read_adapter(taxonomy_folder() / "adapter.npz")
    return SemanticScorer(catalogue, load_encoder(), adapter, read_taxonomy(taxonomy_folder()), config)


class TestSemanticScorer(ScorerContract):
    make = staticmethod(a_semantic_scorer)


class TestSemanticScorerWithTopics(ScorerContract):
    make = staticmethod(a_scorer_that_reads_topics)


@pytest.fixture(scope="module")
def taxonomy(tmp_path_factory):
    return small_taxonomy(tmp_path_factory.mktemp("taxonomy"))


@pytest.fixture(scope="module")
def scorer(own_cache):
    return a_semantic_scorer(small_catalogue())


def segments(scorer, taxonomy, **consultation):
    texts, weights = scorer.segments(a_profile(taxonomy, a_consultation(**consultation)))
    return texts, weights.tolist()


def test_meaning_counts_without_a_shared_word(scorer, taxonomy):
    profile = a_profile(taxonomy, a_consultation(note="He cannot pay what he owes on his credit cards."))
    assert int(scorer.score(profile, np.arange(5)).argmax()) == 2  # money advice


def test_short_sentences_are_compared_together(scorer, taxonomy):
    assert segments(scorer, taxonomy, note="Lonely. Sad. Tired.") == (["Lonely. Sad. Tired."], [NOTE])


def test_a_long_note_is_compared_in_pieces_that_share_its_weight(scorer, taxonomy):
    long = " ".join(["word"] * CONFIG.segment_words) + "."
    texts, weights = segments(scorer, taxonomy, note=f"{long} {long} End.")
    assert texts == [long, f"{long}", "End."]
    assert weights == pytest.approx([NOTE / 3] * 3)


def test_the_work_for_one_text_is_bounded(scorer, taxonomy):
    long = " ".join(["word"] * CONFIG.segment_words) + "."
    texts, _ = segments(scorer, taxonomy, note=" ".join([long] * 40))
    assert len(texts) == CONFIG.most_segments
    assert sum(text.count("word") for text in texts) == 40 * CONFIG.segment_words


def test_entries_weigh_like_their_source(scorer, taxonomy):
    texts, weights = segments(scorer, taxonomy, note="Lonely.", interests=("crib",))
    assert texts == ["crib", "Lonely."]
    assert weights == pytest.approx([0.6, NOTE])


def test_a_contribution_quotes_the_text_that_came_close(scorer, taxonomy):
    profile = a_profile(taxonomy, a_consultation(note="", interests=("a choir to sing in", "help with debts")))
    assert scorer.contributions(profile, 0)[0].quote == "a choir to sing in"
    assert scorer.contributions(profile, 2)[0].quote == "help with debts"


def test_a_label_holds_none_of_the_persons_words(scorer, taxonomy):
    profile = a_profile(taxonomy, a_consultation(note="Lonely since Maureen moved."))
    assert all("Maureen" not in part.label for part in scorer.contributions(profile, 1))


def test_cosines_become_values_between_the_two_ends(taxonomy):
    profile = a_profile(taxonomy, a_consultation(note="Lonely and would like company."))
    plain = a_semantic_scorer(small_catalogue(), config=SemanticScorerConfig(lowest=-1.0, highest=1.0))
    cosines = plain.score(profile, np.arange(5)) * 2 - 1
    low, high = float(np.sort(cosines)[1]), float(np.sort(cosines)[3])
    narrow = a_semantic_scorer(small_catalogue(), config=SemanticScorerConfig(lowest=low, highest=high))
    expected = np.clip((cosines - low) / (high - low), 0, 1)
    assert narrow.score(profile, np.arange(5)).tolist() == pytest.approx(expected.tolist(), abs=1e-5)


def test_a_service_is_read_by_its_name_and_what_it_opens_with():
    catalogue = a_catalogue(a_service(name="Crib", description="one two three four"))
    assert service_texts(catalogue, 2) == ["Crib. one two"]
    assert service_texts(catalogue, 9) == ["Crib. one two three four"]


def test_only_services_are_kept_on_disk(scorer, taxonomy, own_cache):
    before = {path.name: path.read_bytes() for path in own_cache.iterdir()}
    scorer.score(a_profile(taxonomy, a_consultation(note="Lonely since Maureen moved.")), np.arange(5))
    assert {path.name: path.read_bytes() for path in own_cache.iterdir()} == before


def test_a_curators_decision_replaces_the_topics_that_were_read(taxonomy):
    catalogue, town = small_catalogue(), read_taxonomy(taxonomy_folder())
    adapter, only_topics = read_adapter(taxonomy_folder() / "adapter.npz"), SemanticScorerConfig(topics=1.0)
    decided = {0: Decision({"debt": 1.0}, {}), 2: Decision({}, {})}  # a choir, and money advice
    guessed, corrected = (
        SemanticScorer(catalogue, load_encoder(), adapter, town, only_topics, decisions) for decisions in ({}, decided)
    )
    profile = a_profile(town, a_consultation(note="He cannot pay what he owes on his credit cards."))
    before, after = guessed.score(profile, np.arange(5)), corrected.score(profile, np.arange(5))
    assert after[0] > before[0] + 0.3
    assert before[2] > 0.3
    assert after[2] == 0.0
    assert after[[1, 3, 4]].tolist() == before[[1, 3, 4]].tolist()


def test_what_speaks_of_no_topic_is_left_out_of_a_decision():
    town = read_taxonomy(taxonomy_folder())
    debt = town.index["debt"]
    bias = np.zeros((DIMENSIONS + 1, len(town.concepts)), dtype=np.float32)
    bias[-1, debt] = 30.0  # every text is about debt
    reader = Reader(tuple(concept.id for concept in town.concepts), bias)
    same = np.eye(DIMENSIONS, dtype=np.float32)
    adapter = Adapter(same, same, "test", reader, reader)
    setting = next(concept.id for concept in town.concepts if concept.kind == "setting")
    scorer = SemanticScorer(
        small_catalogue(),
        load_encoder(),
        adapter,
        town,
        SemanticScorerConfig(topics=1.0),
        {0: Decision({"debt": 0.5, setting: 1.0}, {})},
    )
    profile = a_profile(town, a_consultation(note="Debts."))
    straight = float(town.link_matrix[debt, debt]) ** 2
    assert scorer.score(profile, np.arange(2)).tolist() == pytest.approx([straight, straight], abs=1e-4)
