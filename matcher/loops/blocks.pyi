"""What callers see of ``blocks.pyx``."""

import numpy as np
from numpy.typing import NDArray

def blocks_near(
    middles: NDArray[np.float64],
    cosines: NDArray[np.float64],
    sines: NDArray[np.float64],
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
    place: tuple[float, float, float],
    limit: float,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The rows of the blocks that are not out of reach as a whole, as spans; blocks that adjoin are one.

    Args:
        middles: of the blocks, on a sphere of radius 1. Shape (blocks, 3).
        cosines: of how far each block reaches from its middle, as an angle. Shape (blocks,).
        sines: of the same. Shape (blocks,).
        starts: the first row of each block. Shape (blocks,).
        ends: the row after its last. Shape (blocks,).
        place: on a sphere of radius 1.
        limit: how far is within reach, in radians.
    """
