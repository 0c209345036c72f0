"""Hidden cases of lab 05, data augmentation."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from grading.cases.draw import size


def _pictures(rng: Generator, count: int = 2, channels: int = 3) -> np.ndarray:
    height = size(rng, 4, 6)
    return rng.integers(0, 256, (count, height, height + size(rng, 2, 4), channels)).astype(float)


def mirror(rng: Generator) -> list[tuple]:
    """Color and gray, negative values as well."""
    return [(_pictures(rng),), (rng.normal(size=(3, 5, 4, 1)),)]


def shift_nearest(rng: Generator) -> list[tuple]:
    """By one pixel, by several, by none."""
    return [(_pictures(rng), size(rng, 2, 3)), (_pictures(rng, 3, 1), 1), (_pictures(rng), 0)]


def change_contrast(rng: Generator) -> list[tuple]:
    """Less and more; values that leave 0–255."""
    pale = rng.uniform(60, 190, (2, 5, 4, 3)) + rng.permutation([0, 20, 40])
    wild = rng.uniform(0, 255, (2, 4, 6, 3)) * rng.uniform(0.7, 1, (2, 1, 1, 3))
    return [
        (pale, float(rng.uniform(0.4, 0.7))),
        (pale, float(rng.uniform(1.1, 1.3))),
        (wild, float(rng.uniform(2.5, 3.5))),
    ]


def keras_factors(rng: Generator) -> list[tuple]:
    """Angles, and shifts that differ."""
    return [
        (size(rng, 5, 90), x, y) for x, y in ((0.1, 0.25), (0.05, 0.0), (float(rng.uniform(0.3, 0.4)), 0.2))
    ]


def gain_in_errors(rng: Generator) -> list[tuple]:
    """Gains and a loss, with different numbers of seeds."""
    cases = []
    for before, after, gain in ((3, 3, 0.1), (4, 3, 0.03), (5, 4, -0.05)):
        low = rng.uniform(0.6, 0.75)
        cases.append(
            tuple(
                (low + shift + rng.normal(0, 0.02, n)).round(3).tolist()
                for n, shift in ((before, 0), (after, gain))
            )
        )
    return cases
