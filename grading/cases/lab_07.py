"""Hidden cases of lab 07, batch normalization."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from grading.cases.draw import size


def one_hot(rng: Generator) -> list[tuple]:
    """Classes that do not occur, classes that occur twice, as many labels as classes."""
    cases = []
    for labels, classes in ((5, 5), (size(rng, 3, 6), 7), (3, 4)):
        drawn = rng.integers(0, classes - 1, labels)
        drawn[0] = drawn[1] = classes - 2
        cases.append((rng.permutation(drawn), classes))
    return [*cases, (np.array([0, 1, 1, 3]), 6)]


def _batch(rng: Generator, *shape: int) -> np.ndarray:
    return rng.normal(size=shape) * rng.uniform(0.2, 3, shape[-1]) + rng.uniform(0.3, 2, shape[-1])


def _averages(rng: Generator, channels: int, rows: int) -> list[np.ndarray]:
    return list(rng.uniform(0.3, 1.5, (rows, channels)) * rng.choice([-1, 1], (rows, channels)))


def batch_norm(rng: Generator) -> list[tuple]:
    """Small and large ε; one channel, three and four."""
    cases = []
    for shape, epsilon in (
        ((4, 5, 6, 3), 1e-3),
        ((2, 3, 7, 4), float(rng.uniform(0.05, 0.2))),
        ((3, 4, 2, 1), 1e-3),
    ):
        (beta,) = _averages(rng, shape[-1], 1)
        cases.append((_batch(rng, *shape), rng.uniform(1.2, 2, shape[-1]), beta, epsilon))
    return cases


def moving_average(rng: Generator) -> list[tuple]:
    """From zeros, from ones, from anywhere; momentum near 1 and not."""
    return [
        (np.zeros(3), rng.normal(size=(size(rng, 4, 6), 3)), 0.9),
        (np.ones(2), rng.uniform(1, 3, (size(rng, 5, 7), 2)), 0.99),
        (rng.normal(size=5), rng.normal(size=(3, 5)), float(rng.uniform(0.55, 0.7))),
    ]


def batch_norm_in_use(rng: Generator) -> list[tuple]:
    """One picture and two."""
    cases = []
    for shape, epsilon in (((1, 5, 4, 3), 1e-3), ((2, 3, 6, 2), float(rng.uniform(0.04, 0.1)))):
        mean, beta = _averages(rng, shape[-1], 2)
        variance, gamma = rng.uniform(0.2, 0.7, shape[-1]), rng.uniform(1.2, 2, shape[-1])
        cases.append((_batch(rng, *shape), mean, variance, gamma, beta, epsilon))
    return cases


def fold(rng: Generator) -> list[tuple]:
    """Fewer channels than filters, and as many."""
    cases = []
    for channels, filters in ((3, 4), (2, 5), (4, 4)):
        mean, beta, bias = _averages(rng, filters, 3)
        variance, gamma = rng.uniform(0.2, 0.7, filters), rng.uniform(1.2, 2, filters)
        cases.append((rng.normal(size=(3, 3, channels, filters)), bias, mean, variance, gamma, beta, 1e-3))
    return cases


def center_square(rng: Generator) -> list[tuple]:
    """Upright, wide and square pictures, with even and odd margins."""
    short = size(rng, 4, 7)
    shapes = [
        (short, short + 4),
        (short + 4, short),
        (short, short),
        (short, short + 3),
        (short + 3, short),
        (short + 5, short),
    ]
    return [(rng.integers(0, 256, (*shape, 3)).astype("uint8"),) for shape in shapes]
