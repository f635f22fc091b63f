# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""What each rule says of one service for one person: compiled, since a list asks it of up to a million services.

Limits that the service sets are hard; the person's own limits on distance and cost have a margin in which a service is
a near miss; what the directory does not say (NaN, 0, no entry) is something to check and never excludes. What callers
see is told in ``verdicts.pyi``.
"""

cimport cython
from libc.math cimport asin, exp2, sqrt
from libc.string cimport memset

import numpy as np

from matcher import geography
from matcher.catalogue import columns as a_catalogue
from matcher.domain import CatalogueError
from matcher.eligibility import limits as a_limit, person as a_person
from matcher.times import SLOTS

ctypedef signed char int8
ctypedef unsigned char uint8
ctypedef unsigned short uint16

CODES = (
    *("distance", "closed", "duplicate", "age", "sex", "modes", "contact", "cost", "access", "restricted", "full"),
    *("already_tried", "availability", "declined"),
)
cdef enum:
    DISTANCE, CLOSED, DUPLICATE, AGE, SEX, MODES, CONTACT, COST, ACCESS, RESTRICTED, FULL, TRIED, AVAILABILITY, DECLINED
    RULES
cdef enum:
    RULED_OUT, NEAR_MISS, CHECK, FITS
cdef enum:
    NOBODY = -1  # rules the row out
    MISSED = -2  # nobody either, but one is a near miss
    UNKNOWN = -3

cdef int IN_PERSON = a_catalogue.IN_PERSON, REMOTE = a_catalogue.REMOTE, ALL_MODES = a_catalogue.ALL_MODES
cdef int NO_DAY = a_catalogue.NO_DAY, CHILDREN_BELOW = a_person.CHILDREN_BELOW
cdef int ANYONE = a_limit.ANYONE, TENANTS = a_limit.TENANTS, PRIVATE = a_limit.PRIVATE
cdef int EDGES = SLOTS + 1
cdef double EARTH_RADIUS_KM = geography.EARTH_RADIUS_KM


@cython.final
cdef class Columns:
    cdef readonly object catalogue, limits
    cdef const double[:, ::1] vectors
    cdef const double[::1] precision_km, cost, min_age, max_age
    cdef const uint8[::1] mode_bits, closed, full, step_free, has_steps
    cdef const int[::1] ends_day, duplicate_of, kind
    cdef const long long[::1] session_starts
    cdef const int8[::1] session_day, session_begin, session_end, sex, restriction
    cdef int kinds

    def __init__(self, catalogue, limits):
        check(catalogue, limits)
        self.catalogue, self.limits = catalogue, limits
        self.vectors, self.precision_km, self.cost = catalogue.vectors, catalogue.precision_km, catalogue.cost
        self.min_age, self.max_age = limits.min_age, limits.max_age
        self.mode_bits = catalogue.mode_bits
        self.closed, self.full = limits.closed.view(np.uint8), limits.full.view(np.uint8)
        self.step_free, self.has_steps = limits.step_free.view(np.uint8), limits.has_steps.view(np.uint8)
        self.ends_day, self.duplicate_of, self.kind = catalogue.ends_day, catalogue.duplicate_of, limits.kind
        self.session_starts, self.kinds = catalogue.session_starts, limits.kind.max(initial=-1) + 1
        self.session_day, self.session_begin = catalogue.session_day, catalogue.session_begin
        self.session_end, self.sex, self.restriction = catalogue.session_end, limits.sex, limits.restriction

    def __reduce__(self):
        return Columns, (self.catalogue, self.limits)


def check(catalogue, limits):
    """Whether no look at a row can lead outside of a column: nothing below asks again."""
    rows, sessions, starts = len(catalogue), len(catalogue.session_day), catalogue.session_starts
    of_rows = (
        *(catalogue.vectors, catalogue.precision_km, catalogue.cost, catalogue.mode_bits, catalogue.ends_day),
        *(catalogue.duplicate_of, limits.closed, limits.full, limits.step_free, limits.has_steps, limits.min_age),
        *(limits.max_age, limits.sex, limits.restriction, limits.kind, starts[1:]),
    )
    of_sessions = (catalogue.session_begin, catalogue.session_end)
    bounds = (
        (limits.kind, 0, rows - 1),
        (catalogue.session_day, 0, 6),
        *((hour, 0, SLOTS) for hour in of_sessions),
        (starts, 0, sessions),
        (np.diff(starts), 0, sessions),
    )
    if {len(column) for column in of_rows} != {rows} or {len(column) for column in of_sessions} != {sessions}:
        raise CatalogueError("the columns of this directory are not of one length; make its index anew")
    if any(column.size and not least <= column.min() <= column.max() <= most for column, least, most in bounds):
        raise CatalogueError("a session or a limit of this directory is outside of what there is; make its index anew")


@cython.final
cdef class Declined:
    cdef object strength
    cdef const long long[::1] starts
    cdef const uint16[::1] concepts
    cdef const float[::1] values, weights

    def __init__(self, strength, weights):
        self.strength, self.starts = strength, strength.starts
        self.concepts, self.values, self.weights = strength.columns.astype(np.uint16, copy=False), strength.values, weights

    def __reduce__(self):
        return Declined, (self.strength, np.asarray(self.weights))

    @property
    def anything(self):
        cdef Py_ssize_t concept
        for concept in range(self.weights.shape[0]):
            if self.weights[concept] > 0:
                return True
        return False

    cdef inline double _of(self, Py_ssize_t row) noexcept nogil:
        """How much a service is something that the person declined, in [0, 1]."""
        cdef long long at, end = min(self.concepts.shape[0], self.values.shape[0], self.starts[row + 1])
        cdef double most = 0
        for at in range(max(0, self.starts[row]), end):
            if self.concepts[at] < self.weights.shape[0]:
                most = max(most, <double>self.weights[self.concepts[at]] * self.values[at])
        return most


@cython.final
cdef class Verdicts:
    cdef Columns of
    cdef Declined declined
    cdef double too_disliked
    cdef int rules[RULES]
    cdef int first_limit, last_limit, count
    cdef double[3] place
    cdef double limit, furthest, reach
    cdef double most_cost, near_cost
    cdef const double[::1] ages
    cdef const short[::1] free
    cdef const long long[::1] tried
    cdef int today, gender, wanted, unsafe, overlap
    cdef bint has_limit, for_a_child, own_sex_only, no_tenant, week_is_stated

    def __init__(
        self, Columns columns, *, codes, place, limit, furthest, reach, most_cost, near_cost, ages, for_a_child, today,
        gender, own_sex_only, no_tenant, wanted, unsafe, free, week_is_stated, overlap, tried,
        Declined declined, too_disliked,
    ):
        self.of, self.count = columns, len(codes)
        for place_of, number in enumerate(sorted(CODES.index(code) for code in codes)):
            self.rules[place_of] = number
            self.first_limit += number < CLOSED
            self.last_limit += number <= FULL
        self.place = place
        self.has_limit, self.limit = limit is not None, limit or 0.0
        self.furthest, self.reach = furthest, reach
        self.most_cost, self.near_cost = most_cost, near_cost
        self.ages, self.for_a_child, self.today = ages, for_a_child, today
        self.gender, self.own_sex_only, self.no_tenant = gender, own_sex_only, no_tenant
        self.wanted, self.unsafe = wanted, unsafe
        self.free, self.week_is_stated, self.overlap = free, week_is_stated, overlap
        self.tried = tried
        self.declined, self.too_disliked = declined, too_disliked

    def of_all(self, const long long[:] rows):
        verdicts = np.empty((self.count, rows.shape[0]), dtype=np.int8)
        cdef int8[:, ::1] out = verdicts
        cdef Py_ssize_t place, at
        for place in range(self.count):
            for at in range(rows.shape[0]):
                out[place, at] = self._verdict(self.rules[place], rows[at])
        return verdicts

    def admit(self, const long long[::1] starts, const long long[::1] ends):
        cdef Py_ssize_t most = np.subtract(ends, starts).sum(), left = 0, row, first, span
        kept, missed = np.empty(most, dtype=np.int64), np.empty(most, dtype=bool)
        cdef long long[::1] rows = kept
        cdef uint8[::1] near = missed.view(np.uint8)
        cdef int[::1] of_kind = np.full(self.of.kinds, UNKNOWN, dtype=np.int32)
        cdef long long[RULES + 2] outcomes
        cdef bint by_distance = self.first_limit > 0, by_more = self.last_limit < self.count
        cdef int found, kind
        with nogil:
            memset(outcomes, 0, sizeof(outcomes))
            for span in range(starts.shape[0]):
                row = starts[span]
                while row < ends[span]:
                    found = outcome(DISTANCE, self._distance(row)) if by_distance else NOBODY
                    if found < 0:
                        kind = self.of.kind[row]
                        if of_kind[kind] == UNKNOWN:
                            of_kind[kind] = self._outcome(row, self.first_limit, self.last_limit)
                        found = both(found, of_kind[kind])
                        if found >= 0 and self._reaches(row):
                            first, row = row, self._next_kind(row, ends[span])
                            outcomes[2 + found] += row - first
                            continue
                    if by_more and found < 0:
                        found = both(found, self._outcome(row, self.last_limit, self.count))
                    outcomes[2 + found] += 1
                    rows[left], near[left] = row, found == MISSED
                    left += found < 0
                    row += 1
        counts = {code: number for rule, code in enumerate(CODES) if (number := outcomes[2 + rule])}
        return kept[:left], missed[:left], counts

    def mark_down(
        self, const long long[:] rows, double[::1] scores, const uint8[::1] near_miss, const float[::1] not_support, *,
        double far_chord, double far, double missed, double business, double unsure, double near, double implied,
    ):
        # looked up rather than branched on, but for what is far: neighbours are mostly alike in how they are reached
        cdef double[2] added = [implied + near, implied + near / 2], of_far = [1, far], of_missed = [1, missed], of_unsure = [1, unsure]
        cdef Py_ssize_t at, row
        cdef double score
        cdef bint is_far
        with nogil:
            for at in range(rows.shape[0]):
                row = rows[at]
                is_far = self._visited(row) and self.of.precision_km[row] == 0 and self._apart(row) > far_chord
                score = scores[at] + added[self.of.mode_bits[row] > IN_PERSON]
                score *= of_far[is_far] * of_missed[near_miss[at]] * of_unsure[self.of.restriction[row] > 0]
                scores[at] = score * (1 - (1 - business) * not_support[row])

    cdef inline Py_ssize_t _next_kind(self, Py_ssize_t row, Py_ssize_t end) noexcept nogil:
        """The first row after one that sets other limits, or the end."""
        cdef int kind = self.of.kind[row]
        while row < end and self.of.kind[row] == kind:
            row += 1
        return row

    def marks(
        self, const long long[:] rows, const uint8[::1] near_miss, const float[::1] not_support, *, double half_km,
        double middling, double far_km, double far, double missed, double business, double unsure, double disliked,
    ):
        cdef Py_ssize_t at, row
        cdef double km
        found = np.empty((6, rows.shape[0]))
        cdef double[:, ::1] out = found
        with nogil:
            for at in range(rows.shape[0]):
                row, km = rows[at], km_of_chord(self._apart(rows[at]))
                out[0, at] = exp2(-km / half_km) if self.of.mode_bits[row] <= IN_PERSON and km == km else middling
                out[1, at] = far if self._visited(row) and km - self.of.precision_km[row] > far_km else 1
                out[2, at] = missed if near_miss[at] else 1
                out[3, at] = 1 - (1 - business) * not_support[row]
                out[4, at] = unsure if self.of.restriction[row] > 0 else 1
                out[5, at] = 1 - (1 - disliked) * self.declined._of(row)
        return found

    cdef int _outcome(self, Py_ssize_t row, int begin, int end) noexcept nogil:
        """The first of some rules that rules a row out, else ``NOBODY`` or ``MISSED``."""
        cdef int place, found = NOBODY
        cdef int8 verdict
        for place in range(begin, end):
            verdict = self._verdict(self.rules[place], row)
            if verdict == RULED_OUT:
                return self.rules[place]
            if verdict == NEAR_MISS:
                found = MISSED
        return found

    cdef int8 _verdict(self, int rule, Py_ssize_t row) noexcept nogil:
        if rule == DISTANCE:
            return self._distance(row)
        if rule == CLOSED:
            return RULED_OUT if self.of.closed[row] or self._ended(row) else FITS
        if rule == DUPLICATE:
            return RULED_OUT if self.of.duplicate_of[row] >= 0 else FITS
        if rule == AGE:
            return self._age(row)
        if rule == SEX:
            return self._sex(row)
        if rule == MODES:
            return FITS if self._accepted(row) else RULED_OUT
        if rule == CONTACT:
            return RULED_OUT if self._unsafe(row) else FITS
        if rule == COST:
            return self._cost(row)
        if rule == ACCESS:
            return self._access(row)
        if rule == RESTRICTED:
            return self._restricted(row)
        if rule == FULL:
            return RULED_OUT if self.of.full[row] else FITS
        if rule == TRIED:
            return self._tried(row)
        if rule == AVAILABILITY:
            return self._availability(row)
        return RULED_OUT if self.declined._of(row) >= self.too_disliked else FITS

    cdef inline int _accepted(self, Py_ssize_t row) noexcept nogil:
        """Modes that both sides accept; a side that names none accepts all."""
        cdef int bits = self.of.mode_bits[row]
        return (bits if bits else ALL_MODES) & self.wanted

    cdef inline bint _visited(self, Py_ssize_t row) noexcept nogil:
        cdef int bits = self.of.mode_bits[row]
        return (bits == 0) | ((bits & IN_PERSON) != 0)

    cdef inline double _apart(self, Py_ssize_t row) noexcept nogil:
        """The square of the straight line between the two on a sphere of radius 1; NaN where a place is unknown."""
        cdef double x = self.of.vectors[row, 0] - self.place[0]
        cdef double y = self.of.vectors[row, 1] - self.place[1]
        cdef double z = self.of.vectors[row, 2] - self.place[2]
        return x * x + y * y + z * z

    cdef inline bint _reaches(self, Py_ssize_t row) noexcept nogil:
        """Whether the person would reach it online or by phone: then it is all the same where it is."""
        return self.of.mode_bits[row] & REMOTE & self.wanted

    cdef inline int8 _distance(self, Py_ssize_t row) noexcept nogil:
        cdef int bits = self.of.mode_bits[row]
        if self._reaches(row):
            return FITS
        cdef double apart = self._apart(row)
        cdef bint vague = self.of.precision_km[row] > 0
        cdef bint too_far = bits and not bits & REMOTE and apart > self.reach
        if not self.has_limit:
            return RULED_OUT if too_far and not vague else FITS
        cdef bint attending = bits == IN_PERSON or self._accepted(row) == IN_PERSON
        cdef bint over = apart > self.limit
        if not vague and (too_far or (attending and apart > self.furthest)):
            return RULED_OUT
        if attending:
            if over:
                return CHECK if vague else NEAR_MISS
            return CHECK if apart != apart else FITS
        return CHECK if over and bits == 0 else FITS

    cdef inline bint _ended(self, Py_ssize_t row) noexcept nogil:
        cdef int ends = self.of.ends_day[row]
        return ends != NO_DAY and ends < self.today

    cdef inline int8 _age(self, Py_ssize_t row) noexcept nogil:
        cdef double low = self.of.min_age[row], high = self.of.max_age[row]
        cdef Py_ssize_t at
        if low != low and high != high:
            return FITS
        if self.ages.shape[0] == 0:
            return CHECK
        for at in range(self.ages.shape[0]):
            if not (self.ages[at] < low or <long long>self.ages[at] > high):
                return FITS
        return CHECK if self.for_a_child and high < CHILDREN_BELOW else RULED_OUT

    cdef inline int8 _sex(self, Py_ssize_t row) noexcept nogil:
        cdef int sex = self.of.sex[row]
        if self.gender == ANYONE:
            return FITS if sex == ANYONE else CHECK
        if sex != ANYONE:
            return FITS if sex == self.gender else RULED_OUT
        return NEAR_MISS if self.own_sex_only and self.of.mode_bits[row] == IN_PERSON else FITS

    cdef inline bint _unsafe(self, Py_ssize_t row) noexcept nogil:
        """Whether it reaches people in no other than unsafe ways."""
        cdef int bits = self.of.mode_bits[row]
        return bits and not bits & ~self.unsafe

    cdef inline int8 _cost(self, Py_ssize_t row) noexcept nogil:
        cdef double cost = self.of.cost[row]
        if cost != cost:
            return CHECK
        if cost <= self.most_cost:
            return FITS
        return RULED_OUT if cost > self.near_cost else NEAR_MISS

    cdef inline int8 _access(self, Py_ssize_t row) noexcept nogil:
        if self._accepted(row) != IN_PERSON:
            return FITS
        if self.of.has_steps[row]:
            return RULED_OUT
        return FITS if self.of.step_free[row] else CHECK

    cdef inline int8 _restricted(self, Py_ssize_t row) noexcept nogil:
        cdef int restriction = self.of.restriction[row]
        if restriction == PRIVATE or (restriction == TENANTS and self.no_tenant):
            return RULED_OUT
        return CHECK if restriction > 0 else FITS

    cdef inline int8 _tried(self, Py_ssize_t row) noexcept nogil:
        cdef Py_ssize_t at
        for at in range(self.tried.shape[0]):
            if self.tried[at] == row:
                return RULED_OUT
        return FITS

    cdef inline int8 _availability(self, Py_ssize_t row) noexcept nogil:
        """Whether any session lies in the person's free time for long enough."""
        cdef long long at, first = self.of.session_starts[row], last = self.of.session_starts[row + 1]
        cdef int begin, end, day
        if first == last:
            return CHECK if self.week_is_stated and self.of.mode_bits[row] & IN_PERSON else FITS
        for at in range(first, last):
            begin, end, day = self.of.session_begin[at], self.of.session_end[at], self.of.session_day[at] * EDGES
            if self.free[day + end] - self.free[day + begin] >= max(1, min(end - begin, self.overlap)):
                return FITS
        return RULED_OUT if self.week_is_stated else NEAR_MISS


cdef inline double km_of_chord(double squared) noexcept nogil:
    """As :func:`matcher.geography.km_of_chords`, of one."""
    return 2 * EARTH_RADIUS_KM * asin(min(sqrt(squared) / 2, 1.0)) if squared == squared else squared


cdef inline int outcome(int rule, int8 verdict) noexcept nogil:
    """A rule that rules a row out, else ``NOBODY`` or ``MISSED``."""
    return rule if verdict == RULED_OUT else MISSED if verdict == NEAR_MISS else NOBODY


cdef inline int both(int one, int other) noexcept nogil:
    """What comes of two groups of rules, the first of which rules nobody out."""
    return other if other >= 0 else min(one, other)
