"""What callers see of ``verdicts.pyx``."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from matcher.catalogue.columns import Catalogue
from matcher.eligibility.limits import ServiceLimits
from matcher.sparse import SparseRows

CODES: tuple[str, ...]
"""The rules, in the order in which a service is counted under the first that rules it out."""

class Columns:
    """The columns of one catalogue that rules look at, ready to be looked at many times."""

    def __init__(self, catalogue: Catalogue, limits: ServiceLimits) -> None:
        """Check that they belong together.

        Raises:
            CatalogueError: a column has another length, or a value that leads outside of another.
        """
    @property
    def catalogue(self) -> Catalogue: ...
    @property
    def limits(self) -> ServiceLimits: ...

class Declined:
    """What one person declined, against what services are."""

    def __init__(self, strength: SparseRows, weights: NDArray[np.float32]) -> None:
        """Get ready.

        Args:
            strength: what each service is: services by concepts.
            weights: how much each concept is meant, in [0, 1]. Shape (concepts,).
        """
    @property
    def anything(self) -> bool:
        """Whether anything was declined."""

class Verdicts:
    """One person before one catalogue.

    Args:
        columns: the catalogue.
        codes: the rules that have something to say of this person.
        place: the person's place on a sphere of radius 1, NaN where unknown.
        limit: squared chord of the person's own limit on distance, ``None`` where they named none.
        furthest, reach: squared chords of how far they go at most, and from how far off a service may come.
        most_cost, near_cost: pounds, the person's limit and up to where a price over it is a near miss.
        ages: years of all whom a need may be for.
        for_a_child: a service for children may be right although no age says so.
        today: days since 1970.
        gender: as ``ServiceLimits.sex``, ``ANYONE`` where it is neither or not known.
        own_sex_only: they would rather not be in a mixed group.
        no_tenant: they are known to be nobody's social tenant.
        wanted, unsafe: modes that they accept, and in which they must not be reached, as bits of ``MODES``.
        free: free half hours of the week up to each half hour, day by day. Shape (7 * 49,).
        week_is_stated: the week comes from the form.
        overlap: how many half hours of a session must be free.
        tried: rows that they tried before.
        declined: what they declined.
        too_disliked: from how much of it on a service is ruled out.
    """

    def __init__(
        self,
        columns: Columns,
        *,
        codes: Iterable[str],
        place: tuple[float, float, float],
        limit: float | None,
        furthest: float,
        reach: float,
        most_cost: float,
        near_cost: float,
        ages: NDArray[np.float64],
        for_a_child: bool,
        today: int,
        gender: int,
        own_sex_only: bool,
        no_tenant: bool,
        wanted: int,
        unsafe: int,
        free: NDArray[np.int16],
        week_is_stated: bool,
        overlap: int,
        tried: NDArray[np.int64],
        declined: Declined,
        too_disliked: float,
    ) -> None: ...
    def of_all(self, rows: NDArray[np.int64]) -> NDArray[np.int8]:
        """Every rule's verdict on each row, a ``Standing``; rules in the order of ``CODES``. Shape (rules, rows)."""

    def admit(
        self, starts: NDArray[np.int64], ends: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.bool_], dict[str, int]]:
        """Of the rows in some spans those that no rule rules out.

        Returns:
            The rows; which of them are a near miss of any rule; how many each rule was the first to rule out.
        """

    def mark_down(
        self,
        rows: NDArray[np.int64],
        scores: NDArray[np.float64],
        near_miss: NDArray[np.uint8],
        not_support: NDArray[np.float32],
        *,
        far_chord: float,
        far: float,
        missed: float,
        business: float,
        unsure: float,
        near: float,
        implied: float,
    ) -> None:
        """Add to scores what likeness and being near may, and take off what is sure to be taken off, in place.

        Args:
            rows: which services. Shape (rows,).
            scores: their scores. Shape (rows,).
            near_miss: which are a near miss. Shape (rows,).
            not_support: how surely each service is a business. Shape (services,).
            far_chord: from which squared chord on a place is far, where it is known exactly.
            far: what is then left.
            missed: what is left of a near miss.
            business: what is left of a business.
            unsure: what is left where there is a condition to check.
            near: what is added next door; half of it where nobody has to travel.
            implied: what is added everywhere.
        """

    def marks(
        self,
        rows: NDArray[np.int64],
        near_miss: NDArray[np.uint8],
        not_support: NDArray[np.float32],
        *,
        half_km: float,
        middling: float,
        far_km: float,
        far: float,
        missed: float,
        business: float,
        unsure: float,
        disliked: float,
    ) -> NDArray[np.float64]:
        """How near some rows are, and what is left of their scores for being far and so on. Shape (6, rows).

        The latter in the order of what is given for each. All in [0, 1].

        Args:
            rows: which services.
            near_miss: which of them are one. Shape (rows,).
            not_support: how surely each service is a business and no support. Shape (services,).
            half_km: nearness is 1 at the door and halved so often.
            middling: nearness where nobody has to travel or the place is unknown.
            far_km: from where on it is far.
            far: what is left of a score far away.
            missed: of a near miss.
            business: of a business.
            unsure: where a further condition may not be met.
            disliked: of what the person does not want at all.
        """
