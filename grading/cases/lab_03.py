"""Hidden cases of lab 03, the MNIST network."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from grading.cases.draw import size


def count_parameters(rng: Generator) -> list[tuple]:
    """Networks with and without convolutions, with sides that pooling does not divide."""
    first, second = size(rng, 5, 20), size(rng, 21, 40)
    return [
        (
            size(rng, 12, 16) * 2,
            1,
            [("conv", 5, first), ("pool", 2), ("conv", 3, second), ("pool", 2), ("dense", 10)],
        ),
        (
            33,
            3,
            [
                ("conv", 3, first),
                ("conv", 3, first),
                ("pool", 3),
                ("dense", second),
                ("dense", size(rng, 3, 9)),
            ],
        ),
        (2 * size(rng, 8, 12), 4, [("pool", 2), ("dense", size(rng, 5, 9))]),
        (size(rng, 10, 14) * 3 + 1, 2, [("conv", 4, first), ("pool", 3), ("dense", second)]),
    ]


def receptive_field(rng: Generator) -> list[tuple]:
    """Strides, dilations and kernels of all kinds, in several orders."""
    fixed = [(3, 1, 2), (2, 2, 1), (size(rng, 3, 5), 1, 1), (2, 2, 1), (3, 1, 3)]
    drawn = [
        tuple(int(n) for n in (rng.integers(2, 6), rng.integers(1, 4), rng.integers(1, 3))) for _ in range(4)
    ]
    return [(fixed,), ([(3, 1, d) for d in (1, 2, 4, 8)],), ([(5, 2, 1), (3, 3, 1), *drawn],)]


def logit_gradient(rng: Generator) -> list[tuple]:
    """With smoothing and without; as many rows as classes, and logits of a thousand."""
    hard = size(rng, 900, 1100)
    huge = np.array([[hard, hard - 1, 0], [-hard, -hard - 1, -hard], [1, 0, -hard]], float)
    return [
        (rng.normal(size=(4, 4)) * 3, rng.integers(0, 4, 4), float(rng.uniform(0.15, 0.3))),
        (rng.normal(size=(2, 5)), rng.integers(0, 5, 2), 0.0),
        (rng.normal(size=(6, 3)), rng.integers(0, 3, 6), float(rng.uniform(0.15, 0.3))),
        (huge, np.array([1, 0, 2]), 0.1),
    ]


def kernel_gradient(rng: Generator) -> list[tuple]:
    """Strides that leave pixels over and strides that do not."""
    cases = []
    for kernel, stride in ((3, 2), (2, 1), (3, 3), (2, 2)):
        height, width = (kernel + stride * size(rng, 1, 3) + extra for extra in (0, stride - 1))
        image = rng.normal(size=(height, width + stride * 2))
        shape = tuple((side - kernel) // stride + 1 for side in image.shape)
        cases.append((image, rng.normal(size=shape), kernel, stride))
    return cases


def recall_and_precision(rng: Generator) -> list[tuple]:
    """Classes that are never answered, that never occur, and neither."""
    true = rng.permutation(np.repeat(np.arange(4), [3, 5, 7, 9]))
    predicted = np.where(rng.random(24) < 0.6, true, rng.integers(0, 3, 24))
    return [
        (rng.integers(0, 3, 60), rng.integers(0, 2, 60), 3),
        (rng.integers(0, 10, 60), rng.integers(0, 9, 60), 10),
        (true, predicted, 4),
        (np.array([0, 2, 2, 5, 5]), rng.permutation([0, 2, 5, 5, 0]), size(rng, 7, 9)),
    ]
