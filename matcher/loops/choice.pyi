"""What callers see of ``choice.pyx``."""

import numpy as np
from numpy.typing import NDArray

Choice = tuple[int, float, tuple[float, ...], float]

def highest(bounds: NDArray[np.float64], size: int) -> tuple[NDArray[np.int64], float]:
    """The rows with the highest bounds, ascending: as many as asked, or a few more; and the highest of the others.

    The latter is 0 where there are no others, or none above 0.
    """

def choose(
    facets: NDArray[np.float64],
    rest: NDArray[np.float64],
    factors: NDArray[np.float64],
    met: NDArray[np.float64],
    kinds: NDArray[np.int32],
    ties: NDArray[np.int64],
    *,
    coverage: float,
    alike: float,
    top: int,
    bound: float,
) -> list[Choice]:
    """The best rows, one after another, as :func:`matcher.ranking.order` says, as long as they are above a bound.

    Args:
        facets: what each facet adds to each row's score. Shape (facets, rows).
        rest: what else adds to it. Shape (rows,).
        factors: what the sum is multiplied with. Shape (rows,).
        met: how far each row meets each facet, in [0, 1]. Shape (facets, rows).
        kinds: what each row mainly is, negative where that is not sure. Shape (rows,).
        ties: of equal scores the one with the lower number comes first. Shape (rows,).
        coverage: see :class:`matcher.ranking.RankingConfig`.
        alike: see there.
        top: how many at most.
        bound: what none of the rows left out can be above.

    Returns:
        Of each choice the row, its score, what each facet still counted, and what was left for its kind.
    """
