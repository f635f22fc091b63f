# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Which services come into a list, one after another. What callers see is told in ``choice.pyi``."""

from libc.math cimport rint
from libc.string cimport memset

import numpy as np

cdef enum:
    STEPS = 4096


def highest(const double[::1] bounds, Py_ssize_t size):
    cdef Py_ssize_t rows = bounds.shape[0], row, found = 0
    if size >= rows:
        return np.arange(rows), 0.0
    cdef double most = np.max(bounds), edge
    cdef double scale = (STEPS - 1) / most if most > 0 else 0.0
    cdef int[STEPS] reached
    cdef int step = STEPS
    with nogil:
        memset(reached, 0, sizeof(reached))
        for row in range(rows):
            reached[step_of(bounds[row], scale)] += 1
        while found < size:
            step -= 1
            found += reached[step]
    if step == 0:
        return np.arange(rows), 0.0
    chosen = np.empty(found, dtype=np.int64)
    cdef long long[::1] out = chosen
    with nogil:
        found, edge = 0, 0
        for row in range(rows):
            if bounds[row] * scale >= step:
                out[found] = row
                found += 1
            else:
                edge = max(edge, bounds[row])
    return chosen, edge


cdef inline int step_of(double bound, double scale) noexcept nogil:
    """In which of the steps a bound is; in the lowest what is below 0 or no number."""
    cdef double step = bound * scale
    return <int>step if 0 < step < STEPS else 0


def choose(
    const double[:, :] facets, const double[::1] rest, const double[::1] factors, const double[:, :] met,
    const int[::1] kinds, const long long[::1] ties, *, double coverage, double alike, Py_ssize_t top, double bound,
):
    cdef Py_ssize_t count = facets.shape[0], rows = rest.shape[0], place, facet, best
    cdef double[::1] score = np.full(rows, np.inf)
    cdef double[::1] left = np.ones(count)
    cdef double[::1] of_kind = np.ones(1 + max(-1, np.max(kinds, initial=-1)))
    cdef double most
    cdef int kind
    chosen = []
    while len(chosen) < top:
        best, most = -1, bound
        with nogil:
            for place in range(rows):
                if score[place] < most:
                    continue
                kind = kinds[place]
                score[place] = rest[place]
                for facet in range(count):
                    score[place] += left[facet] * facets[facet, place]
                score[place] *= factors[place] * (of_kind[kind] if kind >= 0 else 1.0)
                score[place] = rint(score[place] * 1e6) / 1e6  # to DIGITS of matcher.ranking
                if score[place] > most or (score[place] == most and best >= 0 and ties[place] < ties[best]):
                    best, most = place, score[place]
        if best < 0:
            break
        kind = kinds[best]
        chosen.append((best, most, tuple(left), of_kind[kind] if kind >= 0 else 1.0))
        score[best] = -1
        for facet in range(count):
            left[facet] *= 1 - (1 - coverage) * met[facet, best]
        if kind >= 0:
            of_kind[kind] *= alike
    return chosen
