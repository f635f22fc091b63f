# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""What many services get of a request: sums over concepts and words. What callers see is told in ``sums.pyi``."""

cimport cython
from libc.string cimport memset

import numpy as np

ctypedef unsigned char uint8
ctypedef unsigned short uint16

ctypedef fused place:
    uint8
    uint16
    int
    long long

cdef enum:
    GAP = 2048  # more services than this between two of those asked about are passed over
    BLOCK = 32768  # so many services are added up at a time, whose sums stay close by

cdef const float[::1] number_of = np.arange(1 << 16, dtype=np.uint16).view(np.float16).astype(np.float32)
# the number that each pattern of 16 bits stands for


def weighted_max(
    const long long[::1] starts, const place[::1] columns, const float[::1] values, const float[::1] weights,
    const long long[:] rows,
):
    result = np.empty(rows.shape[0])
    cdef double[::1] out = result
    cdef double best, value
    cdef long long at, end = min(columns.shape[0], values.shape[0])
    cdef Py_ssize_t number, row
    with nogil:
        for number in range(rows.shape[0]):
            row, best = rows[number], 0
            for at in range(max(0, starts[row]), min(end, starts[row + 1])):
                if columns[at] < weights.shape[0]:
                    value = <double>weights[columns[at]] * values[at]
                    best = max(best, value)
            out[number] = best
    return result


def facet_totals(
    const long long[:] rows, const uint8[:, ::1] affinity, const long long[::1] concepts, const double[::1] weights,
    const long long[::1] facets, double support, double scale,
):
    result = np.zeros(rows.shape[0])
    cdef double[::1] out = result
    cdef Py_ssize_t first = 0, last
    with nogil:
        while first < facets.shape[0]:
            last = after(facets, first)
            add_facet(affinity, concepts[first:last], weights[first:last], support, scale, rows, out)
            first = last
    return result


cdef inline Py_ssize_t after(const long long[::1] values, Py_ssize_t first) noexcept nogil:
    """The first place after one that has another value."""
    cdef Py_ssize_t last = first + 1
    while last < values.shape[0] and values[last] == values[first]:
        last += 1
    return last


cdef void add_facet(
    const uint8[:, ::1] affinity, const long long[::1] concepts, const double[::1] weights, double support,
    double scale, const long long[:] rows, double[::1] out,
) noexcept nogil:
    """Add what one facet gets from each row: its best want and a little of the others, 1 at most; times a scale."""
    cdef double part, best, total
    cdef Py_ssize_t want, number
    cdef const uint8* one = &affinity[concepts[0], 0]
    if concepts.shape[0] == 1:
        for number in range(rows.shape[0]):
            out[number] += scale * min(1.0, one[rows[number]] * weights[0])
        return
    for number in range(rows.shape[0]):
        best = total = 0
        for want in range(concepts.shape[0]):
            part = affinity[concepts[want], rows[number]] * weights[want]
            total += part
            best = max(best, part)
        out[number] += scale * min(1.0, best + support * (total - best) * (1 - best))


def facet_values(
    Py_ssize_t count, const long long[:] rows, const uint8[:, ::1] affinity, const long long[::1] concepts,
    const double[::1] weights, const long long[::1] facets, double support,
):
    result = np.zeros((count, rows.shape[0]))
    cdef double[:, ::1] out = result
    cdef Py_ssize_t first = 0, last
    with nogil:
        while first < facets.shape[0]:
            last = after(facets, first)
            add_facet(affinity, concepts[first:last], weights[first:last], support, 1, rows, out[facets[first]])
            first = last
    return result


def best_answers(
    Py_ssize_t count, const long long[:] rows, const uint8[:, ::1] affinity, const long long[::1] concepts,
    const double[::1] weights, const long long[::1] facets, const float[:, ::1] links, const long long[::1] starts,
    const place[::1] columns, const float[::1] values,
):
    wants, offers = np.full((rows.shape[0], count), -1), np.full((rows.shape[0], count), -1)
    cdef long long[:, ::1] best = wants, answer = offers
    cdef Py_ssize_t number, want, facet
    cdef double part, most = 0
    with nogil:
        for number in range(rows.shape[0]):
            for want in range(concepts.shape[0]):
                facet = facets[want]
                part = affinity[concepts[want], rows[number]] * weights[want]
                if part > 0 and (best[number, facet] < 0 or part >= most):
                    best[number, facet], most = want, part
            for facet in range(count):
                if best[number, facet] >= 0:
                    want = concepts[best[number, facet]]
                    answer[number, facet] = answering(links[want], rows[number], starts, columns, values)
    return wants, offers


cdef inline long long answering(
    const float[::1] links, Py_ssize_t row, const long long[::1] starts, const place[::1] columns,
    const float[::1] values,
) noexcept nogil:
    """The column of a row whose ``link x value`` is greatest; of equals the first, -1 where none is above 0."""
    cdef long long at, found = -1
    cdef double most = 0, value
    for at in range(max(0, starts[row]), min(columns.shape[0], values.shape[0], starts[row + 1])):
        if columns[at] < links.shape[0]:
            value = <double>links[columns[at]] * values[at]
            if value > most:
                found, most = columns[at], value
    return found


def looked_up(dict weights, dict place_of, const long long[::1] starts):
    cdef Py_ssize_t place, found = 0, most = len(weights)
    begins, ends, counts = np.empty(most, np.int64), np.empty(most, np.int64), np.empty(most, np.float32)
    cdef long long[::1] first = begins, last = ends
    cdef float[::1] given = counts
    cdef list words = []
    for word, weight in weights.items():
        known = place_of.get(word)
        if known is None:
            continue
        place = known
        if not 0 <= place < starts.shape[0] - 1:
            raise IndexError("a word has no entries")
        first[found], last[found], given[found] = starts[place], starts[place + 1], weight
        words.append(word)
        found += 1
    return words, begins[:found], ends[:found], counts[:found]


@cython.final
cdef class Entries:
    cdef object given
    cdef const int[::1] having
    cdef const uint16[::1] impacts

    def __init__(self, having, impacts):
        self.given = having, impacts
        self.having, self.impacts = having, impacts.view(np.uint16)

    def __reduce__(self):
        return Entries, self.given

    def values(
        self, const long long[::1] starts, const long long[::1] ends, const float[::1] weights, const long long[:] rows,
        double half,
    ):
        result = np.empty(rows.shape[0])
        cdef double[::1] out = result
        cdef double[BLOCK] sums
        cdef Py_ssize_t first = 0, last, word, number
        cdef long long at, low, high
        with nogil:
            while first < rows.shape[0]:
                last = first + 1
                while last < rows.shape[0] and 0 <= rows[last] - rows[last - 1] <= GAP and rows[last] - rows[first] < BLOCK:
                    last += 1
                low, high = rows[first], rows[last - 1]
                memset(sums, 0, (high - low + 1) * sizeof(double))
                for word in range(starts.shape[0]):
                    at = lower_bound(self.having, starts[word], ends[word], low)
                    while at < ends[word] and low <= self.having[at] <= high:
                        sums[self.having[at] - low] += weights[word] * number_of[self.impacts[at]]
                        at += 1
                for number in range(first, last):
                    out[number] = sums[rows[number] - low] / (sums[rows[number] - low] + half)
                first = last
        return result

    def each(
        self, const long long[::1] starts, const long long[::1] ends, const float[::1] weights, const long long[:] rows,
    ):
        result = np.zeros((rows.shape[0], starts.shape[0]), dtype=np.float32)
        cdef float[:, ::1] out = result
        cdef Py_ssize_t word, number
        cdef long long at
        with nogil:
            for number in range(rows.shape[0]):
                for word in range(starts.shape[0]):
                    at = lower_bound(self.having, starts[word], ends[word], rows[number])
                    if at < ends[word] and self.having[at] == rows[number]:
                        out[number, word] = weights[word] * number_of[self.impacts[at]]
        return result

    def strongest(
        self, const long long[::1] starts, const long long[::1] ends, const float[::1] weights, const long long[:] rows,
        Py_ssize_t most,
    ):
        cdef float[:, ::1] given = self.each(starts, ends, weights, rows)
        cdef Py_ssize_t number, word, best, words = given.shape[1]
        cdef list found = [], of_row
        for number in range(given.shape[0]):
            of_row = []
            found.append(of_row)
            while words and len(of_row) < most:
                best = 0
                for word in range(1, words):
                    if given[number, word] > given[number, best]:
                        best = word
                if given[number, best] <= 0:
                    break
                of_row.append(best)
                given[number, best] = 0
        return found


cdef inline long long lower_bound(const int[::1] ascending, long long begin, long long end, long long least) noexcept nogil:
    """The first place of a stretch whose value is ``least`` or more."""
    cdef long long middle
    while begin < end:
        middle = (begin + end) // 2
        if ascending[middle] < least:
            begin = middle + 1
        else:
            end = middle
    return begin
