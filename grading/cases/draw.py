"""What several labs draw."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator


def whole(rng: Generator, low: int, high: int, *shape: int) -> np.ndarray:
    """Return whole numbers, as floats, without too many zeros."""
    return rng.integers(low, high + 1, shape).astype(float)


def asymmetric(rng: Generator, low: int, high: int, *shape: int) -> np.ndarray:
    """Return a kernel of whole numbers that is not its own mirror image, and whose weights differ."""
    while True:
        kernel = whole(rng, low, high, *shape)
        if np.abs(kernel - kernel[::-1, ::-1]).sum() > 3 and np.abs(kernel).min() > 0 and kernel.std() > 0.5:
            return kernel


def sides(rng: Generator, low: int, high: int) -> tuple[int, int]:
    """Return a height and a width that differ by two at least."""
    while True:
        height, width = (int(n) for n in rng.integers(low, high + 1, 2))
        if abs(height - width) > 1:
            return height, width


def size(rng: Generator, low: int, high: int) -> int:
    """Return a whole number, both ends included."""
    return int(rng.integers(low, high + 1))
