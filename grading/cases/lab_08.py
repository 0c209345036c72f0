"""Hidden cases of lab 08, a deeper network."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from grading.cases.draw import size


def network_size(rng: Generator) -> list[tuple]:
    """Networks with both kinds of convolution, odd sides, one pooling and several, and two dense layers."""
    a, b, c = (int(n) for n in rng.permutation(np.arange(4, 12))[:3])
    odd = 2 * size(rng, 8, 12) + 1
    return [
        ([("conv", a, "valid"), ("pool",), ("dense", b)], 2 * size(rng, 5, 8), 3),
        (
            [
                ("conv", a, "same"),
                ("conv", b, "valid"),
                ("pool",),
                ("conv", c, "same"),
                ("dense", a),
                ("dense", b),
            ],
            odd,
            2,
        ),
        (
            [("conv", a, "valid"), ("conv", b, "same"), ("pool",), ("pool",), ("dense", c), ("dense", a)],
            odd + 2,
            1,
        ),
    ]


def drop_maps(rng: Generator) -> list[tuple]:
    """Rates below and above one half; draws on both sides of each rate."""
    cases = []
    for rate, shape in ((0.3, (3, 4, 5, 4)), (0.6, (4, 3, 3, 5)), (0.25, (2, 5, 4, 6))):
        count = shape[0] * shape[3]
        draws = (rng.permutation(count) + 0.5) / count
        cases.append((rng.normal(size=shape), rate, draws.reshape(shape[0], shape[3])))
    return cases


def projection_block(rng: Generator) -> list[tuple]:
    """More filters than channels, and as many; even sides."""
    cases = []
    for side, channels, filters in ((8, 3, 4), (6, 2, 5), (2 * size(rng, 3, 4), 4, 4)):
        shapes = [
            (2, side, side, channels),
            (3, 3, channels, filters),
            (3, 3, filters, filters),
            (1, 1, channels, filters),
        ]
        cases.append(tuple(rng.normal(size=shape) for shape in shapes))
    return cases


def smoothed_loss(rng: Generator) -> list[tuple]:
    """Small scores, and scores of a thousand."""
    top = float(size(rng, 900, 1100))
    huge = np.array([[top, 0.0, -top], [0.0, top, top]])
    return [
        (rng.normal(size=(3, 3)) * 2, rng.integers(0, 3, 3), 0.1),
        (rng.normal(size=(5, 4)), rng.permutation([3, 0, 1, 1, 2]), 0.3),
        (huge, np.array([0, 1]), 0.2),
    ]


def best_lead(rng: Generator) -> list[tuple]:
    """Few kinds and many, little smoothing and much."""
    return [
        (3, 0.1),
        (size(rng, 8, 30), float(rng.uniform(0.05, 0.15))),
        (size(rng, 4, 6), float(rng.uniform(0.3, 0.5))),
    ]


def warm_up_cosine(rng: Generator) -> list[tuple]:
    """All steps of a training, and some."""
    steps, warm_up = size(rng, 60, 120), size(rng, 6, 15)
    some = np.sort(rng.choice(61, 8, replace=False))
    return [
        (np.arange(steps + 1), steps, warm_up, float(rng.uniform(0.2, 0.8))),
        (np.arange(41), 40, size(rng, 12, 17), 2.0),
        (np.unique([0, 5, 9, 39, 60, *some]), 60, 20, float(rng.uniform(1.2, 1.8))),
    ]
