"""Hidden cases of lab 04, the cats-vs-dogs network."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from grading.cases.draw import size


def split_counts(rng: Generator) -> list[tuple]:
    """Batches that are filled exactly and batches that are not; numbers of files that the share does not divide."""
    batch = size(rng, 3, 9) * 8
    return [
        (size(rng, 1000, 9000) * 2 + 1, 0.25, batch),
        (size(rng, 500, 900) * 4 + 3, 0.5, 32),
        (2 * batch * size(rng, 5, 9), 0.5, batch),
        (size(rng, 200, 900) * 5 + 4, 0.2, size(rng, 30, 60)),
        (size(rng, 200, 900) * 8 + 2, 0.125, size(rng, 3, 9) * 10),
    ]


def leaked_share(rng: Generator) -> list[tuple]:
    """Some are leaked, none, all."""
    names = [f"{'Cat' if n % 2 else 'Dog'}/{n}.jpg" for n in rng.permutation(90).tolist()]
    cut = size(rng, 30, 40)
    return [
        (names[:cut], names[cut - 7 : cut + 9]),
        (names[:20], names[20:25]),
        (names[:9], names[3:8]),
        (names[:50], names[11:61]),
    ]


def cross_entropy(rng: Generator) -> list[tuple]:
    """Probabilities between, and exactly 0 and 1, right and wrong."""
    n = size(rng, 5, 9)
    labels = rng.permutation(np.arange(n) % 2)
    return [
        (labels, rng.uniform(0.05, 0.95, n)),
        (np.array([1, 0, 1]), np.array([1.0, 0.0, float(rng.uniform(0.2, 0.8))])),
        (np.array([1, 0]), np.array([0.0, float(rng.uniform(0.2, 0.8))])),
        (np.array([0, 0, 1]), rng.uniform(0.6, 0.95, 3)),
    ]


def decide(rng: Generator) -> list[tuple]:
    """Some probability is exactly the threshold."""
    column = rng.permutation(np.linspace(0.02, 0.98, size(rng, 11, 17)))[:, None]
    cases = []
    for threshold in (0.5, 0.8, float(rng.choice([0.25, 0.375, 0.625]))):
        column = column.copy()
        column[size(rng, 0, len(column) - 1)] = threshold
        cases.append((column, threshold))
    return cases


def best_epoch(rng: Generator) -> list[tuple]:
    """The best one early, late, twice, and in a run that went wrong for an epoch."""

    def losses(count: int) -> list[float]:
        return (rng.permutation(count) / 50 + 0.5).round(2).tolist()

    early, late = losses(7), losses(8)
    early[2], late[0], late[-2], late[3] = 0.31, 0.9, 0.22, 0.4
    twice = [0.8, 0.6, 0.42, 0.7, 0.42, 0.9, 0.95]
    wrong = [0.7, 0.6, float("nan"), 0.5, 0.65, 0.55]
    place = size(rng, 1, 3)
    return [
        (early,),
        (late,),
        (twice[place - 1 :],),
        (wrong,),
        ([0.9, 0.8, 0.7],),
        ([0.7, 0.9, 0.6, 0.5, 0.58, 0.41, 0.66],),
    ]


def accuracy_interval(rng: Generator) -> list[tuple]:
    """Small and large test sets."""
    return [
        (int(n * share), n)
        for n, share in ((size(rng, 300, 900), 0.8), (size(rng, 90, 140), 0.75), (size(rng, 14, 20), 0.6))
    ]
