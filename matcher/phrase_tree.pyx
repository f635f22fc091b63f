# cython: language_level=3, boundscheck=False, wraparound=False
"""The labels of one voice as a tree of words that texts are walked along. What callers see is told in the ``.pyi``."""

cimport cython

from operator import itemgetter
from typing import NamedTuple

from matcher.taxonomy import entries_of
from matcher.text import root

cdef enum:
    MOST_WORDS = 200_000  # so many words are kept as looked up

RANK = itemgetter(0, 1, 2)  # of a match: the longest first, then the leftmost


class Hit(NamedTuple):
    first: int
    last: int
    label: str
    meanings: tuple


@cython.final
cdef class Node:
    """One step of the tree: what a phrase that ends here means, and how others go on."""

    cdef dict children
    cdef str label
    cdef tuple meanings
    cdef frozenset not_meant


@cython.final
cdef class Word:
    """What a word may begin: by its stem, which a small word has not, and word for word."""

    cdef str stem
    cdef dict seconds  # by the second stem a node, or the labels that it is grown of when a text has both
    cdef Node whole


@cython.final
cdef class PhraseTree:
    cdef object lexicon
    cdef dict seconds, words

    def __init__(self, lexicon):
        self.lexicon = lexicon
        self.seconds, self.words = {}, {}
        for pair, entries in lexicon.pairs.items():
            first, second = pair.split(" ")
            of_first = self.seconds.get(first)
            if of_first is None:
                of_first = self.seconds[first] = {}
            of_first[second] = entries

    def __reduce__(self):
        return PhraseTree, (self.lexicon,)

    def find(self, words):
        cdef list found = [], content = [], places = []
        cdef Py_ssize_t place = 0, begin, reach
        cdef bint may_begin = False
        cdef Word word
        cdef Node node
        cdef list given = list(words)
        for place in range(len(given)):
            word = self.words.get(given[place])
            if word is None:
                word = self.met(given[place])
            if word.whole is not None:
                whole_matches(word.whole, given, place, found)
            if word.stem:
                content.append(word)
                places.append(place)
                may_begin |= word.seconds is not None
        if may_begin:
            for begin in range(len(content) - 1):
                word = content[begin]
                if word.seconds is not None:
                    for reach in range(1, min(3, len(content) - begin)):
                        node = second(word.seconds, (<Word>content[begin + reach]).stem)
                        if node is not None:
                            if node.label and reach == 1:
                                found.append((-2, places[begin], node.label, places[begin + 1] + 1, node))
                            go_on(node, content, places, begin, begin + reach + 1, reach > 1, found)
        return settled(found, len(given)) if found else found

    cdef Word met(self, str text):
        cdef Word word = Word()
        whole = self.lexicon.whole
        word.stem = root(text)
        word.seconds = self.seconds.get(word.stem)
        word.whole = grown(entries_of(whole, text)) if text in whole else None
        if len(self.words) >= MOST_WORDS:
            self.words.clear()
        self.words[text] = word
        return word


cdef Node grown(entries):
    """The tree of some labels by their further steps; of several that end alike the first gives its name."""
    cdef Node top = Node(), node, child
    for steps, text, concept, strength, lookalike in entries:
        node = top
        for step in steps.split() if steps else ():
            if node.children is None:
                node.children = {}
            child = node.children.get(step)
            if child is None:
                child = node.children[step] = Node()
            node = child
        if node.label is None:
            node.label, node.meanings = text, ()
        if lookalike:
            node.not_meant = (node.not_meant or frozenset()) | {concept}
        elif not node.meanings:
            node.meanings = ((concept, strength),)
        else:
            meanings = dict(node.meanings)
            meanings[concept] = max(strength, meanings.get(concept, 0.0))
            node.meanings = tuple(sorted(meanings.items()))
    return top


cdef Node second(dict seconds, str stem):
    """The node of two stems."""
    there = seconds.get(stem)
    if there is None or type(there) is Node:
        return there
    node = seconds[stem] = grown(entries_of(seconds, stem))
    return node


cdef void whole_matches(Node node, list words, Py_ssize_t first, list found):
    """Add the phrases that match word for word from a word on; each counts as one word long."""
    cdef Py_ssize_t place = first + 1
    while node is not None:
        if node.label:
            found.append((-1, first, node.label, place, node))
        node = node.children.get(words[place]) if node.children is not None and place < len(words) else None
        place += 1


cdef void go_on(Node node, list content, list places, Py_ssize_t begin, Py_ssize_t at, bint skipped, list found):
    """Add the phrases that go on from a node; one foreign word may be skipped, ``skipped`` tells that it was."""
    cdef Py_ssize_t place
    cdef Node child
    if node.children is None:
        return
    for place in range(at, min(at + (1 if skipped else 2), len(content))):
        child = node.children.get((<Word>content[place]).stem)
        if child is not None:
            if child.label:
                found.append((begin - place - 1, places[begin], child.label, places[place] + 1, child))
            go_on(child, content, places, begin, place + 1, skipped or place > at, found)


cdef list settled(list found, Py_ssize_t words):
    """Of matches that overlap the longest, each without what a look-alike around it takes away, in order."""
    cdef list kept = [], blocks
    cdef bytearray taken
    cdef Py_ssize_t first, last
    cdef tuple match, meanings
    if len(found) == 1 and (<Node>(<tuple>found[0])[4]).not_meant is None:
        match = found[0]
        meanings = (<Node>match[4]).meanings
        return [Hit(match[1], match[3], match[2], meanings)] if meanings else kept
    blocks = [match for match in found if (<Node>match[4]).not_meant is not None]
    taken = bytearray(words)
    found.sort(key=RANK)
    for match in found:
        first, last = match[1], match[3]
        meanings = meant(match, blocks)
        if meanings and 1 not in taken[first:last]:
            taken[first:last] = b"\x01" * (last - first)
            kept.append(Hit(first, last, match[2], meanings))
    kept.sort()
    return kept


cdef tuple meant(tuple match, list blocks):
    """What a phrase means without the concepts that a look-alike around it takes away."""
    cdef tuple meanings = (<Node>match[4]).meanings
    if not blocks or not meanings:
        return meanings
    around = [block for block in blocks if block[1] <= match[1] and match[3] <= block[3]]
    gone = {concept for block in around for concept in (<Node>block[4]).not_meant}
    return tuple([meaning for meaning in meanings if meaning[0] not in gone]) if gone else meanings
