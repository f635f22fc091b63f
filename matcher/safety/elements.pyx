# cython: language_level=3
"""What each element of a phrase finds in the words of a sentence. What callers see is told in the ``.pyi``."""

cimport cython

import re

NUMBER = "#"
COMMA = ","

cdef object is_number = re.compile(r"[0-9][0-9.,]{0,12}").fullmatch
cdef tuple DIGITS = tuple("0123456789")


def spans(tuple elements, list words):
    cdef list found = []
    cdef Py_ssize_t place, end, free = 0
    for place in range(len(words)):
        if place >= free:
            end = end_of_row(elements, 0, words, place)
            if end >= 0:
                found.append((place, end))
                free = end
    return found


cdef Py_ssize_t end_of_row(tuple elements, Py_ssize_t step, list words, Py_ssize_t place):
    """Where the elements from one on end, if they stand in a row from a place on, else -1."""
    cdef Py_ssize_t after, end
    if step == len(elements):
        return place
    for after in (<Element>elements[step]).ends(words, place):
        end = end_of_row(elements, step + 1, words, after)
        if end >= 0:
            return end
    return -1


cdef class Element:
    cdef tuple ends(self, list words, Py_ssize_t place):
        """Where it may end, exclusive, when it begins at a place; the first to try comes first."""
        raise NotImplementedError


@cython.final
cdef class OneOf(Element):
    cdef readonly tuple alternatives
    cdef readonly bint needed
    cdef bint missing, closing
    cdef frozenset spelt  # to find those in that are one word spelt out
    cdef tuple others  # the ranks of all others
    cdef dict by_first_word  # of those others the ranks and the further words
    cdef tuple beginnings  # how a word may begin for which one of those first words stands

    def __init__(self, tuple alternatives, *, bint missing=False, bint closing=False, bint needed=True):
        self.alternatives = alternatives
        self.missing, self.closing, self.needed = missing, closing, needed

    @property
    def first_words(self):
        return [alternative.partition(" ")[0] for alternative in self.alternatives]

    @property
    def telling(self):
        self.sort_out()
        return frozenset([first_two(one) for one in self.alternatives]) if self.others else self.spelt

    cdef tuple ends(self, list words, Py_ssize_t place):
        cdef tuple found = self.alternative_ends(words, place)
        if found:
            found = with_commas(found, words)
        if self.closing and clause_ends(words, place):
            found += (place,)
        return found + (place,) if self.missing else found

    cdef tuple alternative_ends(self, list words, Py_ssize_t place):
        """Where those of its alternatives end that stand at a place, before any comma."""
        cdef str word
        if place == len(words):
            return ()
        self.sort_out()
        word = words[place]
        if self.others:
            if self.by_first_word is None:
                self.prepare()
            if word in self.by_first_word or word.startswith(self.beginnings):
                return self.ends_of_any(words, place)
        return (place + 1,) if word in self.spelt else ()

    cdef void sort_out(self):
        cdef str alternative
        if self.spelt is None:
            self.others = tuple([n for n, alternative in enumerate(self.alternatives) if not alternative.isalnum()])
            self.spelt = frozenset(self.alternatives)

    cdef void prepare(self):
        cdef dict found = {}
        cdef list parts
        cdef str first
        self.beginnings = ()
        for rank in self.others:
            parts = self.alternatives[rank].split(" ")
            first = parts[0]
            if first not in found:
                found[first] = []
                self.beginnings += DIGITS if first == "#" else (first[:-1],) if first.endswith("*") else ()
            found[first].append((rank, parts[1:]))
        self.by_first_word = found

    cdef tuple ends_of_any(self, list words, Py_ssize_t place):
        """The same where not only an alternative of one word may stand."""
        cdef str word = words[place]
        found = [(self.alternatives.index(word), place + 1)] if word in self.spelt else []
        for first, others in self.by_first_word.items():
            if is_number(word) if first == "#" else stands(first, word):
                for rank, rest in others:
                    if stand(rest, words, place + 1):
                        found.append((rank, place + 1 + len(rest)))
        return tuple([end for rank, end in sorted(found)])


@cython.final
cdef class NoneOf(Element):
    cdef OneOf refused

    def __init__(self, tuple alternatives):
        self.refused = OneOf(alternatives)

    cdef tuple ends(self, list words, Py_ssize_t place):
        return () if self.refused.alternative_ends(words, place) else (place,)


@cython.final
cdef class AnyWord(Element):
    cdef tuple ends(self, list words, Py_ssize_t place):
        return () if clause_ends(words, place) else with_commas((place + 1,), words)


@cython.final
cdef class Gap(Element):
    cdef Py_ssize_t most
    cdef frozenset stops

    def __init__(self, Py_ssize_t most, frozenset stops):
        self.most, self.stops = most, stops

    cdef tuple ends(self, list words, Py_ssize_t place):
        cdef Py_ssize_t end = place, last = min(place + self.most, len(words))
        while end < last and words[end] not in self.stops:
            end += 1
        return tuple(range(place, end + 1))


@cython.final
cdef class ClauseEnd(Element):
    cdef tuple ends(self, list words, Py_ssize_t place):
        return (place,) if clause_ends(words, place) else ()


cdef bint clause_ends(list words, Py_ssize_t place):
    return place == len(words) or words[place] == ","


cdef tuple with_commas(tuple ends, list words):
    """Some ends, each with the one after a comma that follows."""
    cdef Py_ssize_t end
    cdef list found = []
    for end in ends:
        found.append(end)
        if end < len(words) and words[end] == ",":
            found.append(end + 1)
    return tuple(found)


cdef bint stand(list expected, list words, Py_ssize_t place):
    """Whether words stand in a row from a place on."""
    cdef Py_ssize_t further
    if place + len(expected) > len(words):
        return False
    for further in range(len(expected)):
        if not stands(expected[further], words[place + further]):
            return False
    return True


cdef bint stands(str expected, str word):
    return word.startswith(expected[:-1]) if expected.endswith("*") else word == expected


cdef str first_two(str alternative):
    """Of an alternative of several words the first two, if they are spelt out, else the first."""
    if " " not in alternative:
        return alternative
    first, second = alternative.split(" ", 2)[:2]
    return first if "*" in first + second else f"{first} {second}"
