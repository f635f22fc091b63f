"""The compiled search for phrases, against every label tried at every place."""

from itertools import pairwise, product

from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.phrases import PhraseFinder
from matcher.taxonomy import Label
from matcher.text import STOP_WORDS, stem

SMALL, CONTENT = ["the", "and", "my"], ["walks", "walking", "group", "groups", "bus", "tea", "debt"]
texts = st.lists(st.sampled_from([*SMALL, *CONTENT, "elsewhere"]), max_size=14)
phrases = st.lists(st.sampled_from([*SMALL, *CONTENT]), min_size=1, max_size=4).map(" ".join)
labels = st.lists(
    st.builds(
        Label, phrases, st.sampled_from("abc"), st.just("both"), st.sampled_from([0.3, 0.8]), lookalike=st.booleans()
    ),
    min_size=1,
    max_size=8,
)


def places_of(label, words):
    """Where a label stands: first word, the word after its last, and how many content words it covers."""
    wanted = [word for word in label.text.split() if word not in STOP_WORDS]
    if len(wanted) < 2:
        return whole_places(label, words)
    content = [place for place, word in enumerate(words) if word not in STOP_WORDS]
    found = []
    for steps in product((1, 2), repeat=len(wanted) - 1):
        for begin in range(len(content)):
            reached = [begin]
            for step in steps:
                reached.append(reached[-1] + step)
            foreign = sum(steps) - len(steps)
            if reached[-1] < len(content) and foreign <= (1 if len(wanted) > 2 else 0):
                said = [stem(words[content[at]]) for at in reached]
                if said == [stem(word) for word in wanted]:
                    found.append((content[begin], content[reached[-1]] + 1, reached[-1] - begin + 1))
    return found


def whole_places(label, words):
    forms = {label.text}
    if " " not in label.text and len(label.text) > 2 and label.strength > 0.3:
        forms.add(f"{label.text}es" if label.text.endswith("s") else f"{label.text}s")
    length = len(label.text.split())
    return [(at, at + length, 1) for at in range(len(words)) if " ".join(words[at : at + length]) in forms]


def by_hand(listed, words):
    """Longest first, then leftmost; a look-alike takes its concept from what lies inside it."""
    matches = [(-covered, first, last, label) for label in listed for first, last, covered in places_of(label, words)]
    spans = sorted({(minus, first, last) for minus, first, last, _ in matches})
    taken, kept = set(), []
    for minus, first, last in spans:
        gone = {m[3].concept for m in matches if m[3].lookalike and m[1] <= first and last <= m[2]}
        here = [label for *span, label in matches if tuple(span) == (minus, first, last) and not label.lookalike]
        meanings = {label.concept: 0.0 for label in here if label.concept not in gone}
        for label in here:
            if label.concept in meanings:
                meanings[label.concept] = max(meanings[label.concept], label.strength)
        if meanings and taken.isdisjoint(range(first, last)):
            taken.update(range(first, last))
            kept.append((first, last, tuple(sorted(meanings.items()))))
    return sorted(kept)


@given(labels, texts)
@settings(deadline=None, max_examples=400)
def test_what_is_found_is_what_trying_every_label_everywhere_finds(listed, words):
    found = PhraseFinder(listed, "person").find_in_words(words)
    assert [(hit.first, hit.last, hit.meanings) for hit in found] == by_hand(listed, words)
    assert all(one.last <= other.first for one, other in pairwise(found))
