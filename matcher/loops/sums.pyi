"""What callers see of ``sums.pyx``."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]

def weighted_max(
    starts: NDArray[np.int64],
    columns: NDArray[Any],
    values: NDArray[np.float32],
    weights: NDArray[np.float32],
    rows: Rows,
) -> NDArray[np.float64]:
    """Of some rows of a sparse matrix the greatest ``value x weight of its column``, 0 at least. Shape as ``rows``."""

def facet_totals(
    rows: Rows,
    affinity: NDArray[np.uint8],
    concepts: NDArray[np.int64],
    weights: NDArray[np.float64],
    facets: NDArray[np.int64],
    support: float,
    scale: float,
) -> NDArray[np.float64]:
    """What all facets together get from each row, times a scale.

    Args:
        rows: which services. Shape (rows,).
        affinity: of each concept to each service. Shape (concepts, services).
        concepts: of each want. Shape (wants,).
        weights: what an affinity of 1 gives. Shape (wants,).
        facets: of each want; those of one facet stand together. Shape (wants,).
        support: how much the second and further wants of a facet add to its best one.
        scale: what the whole is multiplied by.
    """

def facet_values(
    count: int,
    rows: Rows,
    affinity: NDArray[np.uint8],
    concepts: NDArray[np.int64],
    weights: NDArray[np.float64],
    facets: NDArray[np.int64],
    support: float,
) -> NDArray[np.float64]:
    """What each of ``count`` facets gets from each row, unscaled, else as :func:`facet_totals`. Shape (count, rows)."""

def best_answers(
    count: int,
    rows: Rows,
    affinity: NDArray[np.uint8],
    concepts: NDArray[np.int64],
    weights: NDArray[np.float64],
    facets: NDArray[np.int64],
    links: NDArray[np.float32],
    starts: NDArray[np.int64],
    columns: NDArray[Any],
    values: NDArray[np.float32],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The want by which each row meets each of ``count`` facets best, and the concept of the row that answers it.

    Of equal wants the last counts, of equal concepts the first; -1 where a facet is not met. Both of shape
    (rows, count).

    Args:
        count: how many facets.
        rows: which services. Shape (rows,).
        affinity: as for :func:`facet_totals`.
        concepts: as for :func:`facet_totals`.
        weights: as for :func:`facet_totals`.
        facets: as for :func:`facet_totals`.
        links: how well each concept (column) answers each want (row). Shape (concepts, concepts).
        starts: where the concepts of each service begin in the next two. Shape (services + 1,).
        columns: the concepts that services are. Shape (entries,).
        values: how much. Shape (entries,).
    """

def looked_up(
    weights: Mapping[str, float], place_of: Mapping[str, int], starts: NDArray[np.int64]
) -> tuple[list[str], NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """Those of some words that are known, and of each where its entries begin and end and what it counts.

    Args:
        weights: what each word counts.
        place_of: the place of each known word.
        starts: where the entries of the word at each place begin, and where the last one's end.
    """

class Entries:
    """Which services have which words."""

    def __init__(self, having: NDArray[np.int32], impacts: NDArray[np.float16]) -> None:
        """Get ready.

        Args:
            having: the services that have each word, ascending, one word after another. Shape (entries,).
            impacts: what the word says of each. Shape (entries,).
        """

    def values(
        self,
        starts: NDArray[np.int64],
        ends: NDArray[np.int64],
        weights: NDArray[np.float32],
        rows: Rows,
        half: float,
    ) -> NDArray[np.float64]:
        """``sum / (sum + half)`` of what some words give each row together, in [0, 1). Shape as ``rows``.

        Args:
            starts: where the entries of each word begin. Shape (words,).
            ends: where they end. Shape (words,).
            weights: what each word counts. Shape (words,).
            rows: which services; soonest done where they ascend. Shape (rows,).
            half: the sum that gives the value 0.5, above 0.
        """

    def each(
        self, starts: NDArray[np.int64], ends: NDArray[np.int64], weights: NDArray[np.float32], rows: Rows
    ) -> NDArray[np.float32]:
        """What each word gives each row, else as :meth:`values`. Shape (rows, words)."""

    def strongest(
        self, starts: NDArray[np.int64], ends: NDArray[np.int64], weights: NDArray[np.float32], rows: Rows, most: int
    ) -> list[list[int]]:
        """The places of the words that give each row most, strongest first, at most so many; of equals the first."""
