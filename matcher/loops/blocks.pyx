# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Which blocks of places lie within reach. What callers see is told in ``blocks.pyi``."""

from libc.math cimport M_PI, cos, sin

import numpy as np


def blocks_near(
    const double[:, ::1] middles, const double[::1] cosines, const double[::1] sines, const long long[::1] starts,
    const long long[::1] ends, place, double limit,
):
    near = np.empty((2, starts.shape[0]), dtype=np.int64)
    cdef long long[:, ::1] out = near
    cdef double x, y, z, cosine = cos(min(limit, M_PI)), sine = sin(min(limit, M_PI))
    cdef bint there
    cdef Py_ssize_t block, found = 0
    x, y, z = place
    with nogil:
        for block in range(starts.shape[0]):
            # by the cosine of how far off the middle is, against that of limit and extent together
            there = x * middles[block, 0] + y * middles[block, 1] + z * middles[block, 2] >= (
                cosine * cosines[block] - sine * sines[block]
            )
            if not there and cosines[block] > -cosine:  # together they are less than half the way round the earth
                continue
            if found and out[1, found - 1] == starts[block]:
                out[1, found - 1] = ends[block]
            else:
                out[0, found], out[1, found] = starts[block], ends[block]
                found += 1
    return near[0, :found], near[1, :found]
