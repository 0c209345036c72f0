"""Hidden cases of lab 00, neural networks from zero."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from grading.cases.draw import size


def tempered_softmax(rng: Generator) -> list[tuple]:
    """Temperatures above and below 1; scores of a thousand in rows that lie far apart."""
    huge = rng.integers(-3, 4, (3, 4)) + np.array(
        [[1000.0], [-1000.0], [0.0]]
    )  # whole numbers, exact in float32
    huge[0, 0] = -1000.0
    scores = rng.normal(size=(size(rng, 3, 5), 4)) * 2
    return [
        (scores, 1.0),
        (scores[:, :3], float(rng.uniform(1.5, 3))),
        (huge, 0.5),
        (huge, float(rng.uniform(1.5, 4))),
    ]


def loss_from_scores(rng: Generator) -> list[tuple]:
    """Small scores, and scores of a thousand with right and wrong labels."""
    cases = []
    for rows, classes in ((3, 4), (5, 3)):
        scores = rng.normal(size=(rows, classes)) * 3
        labels = rng.integers(0, classes, rows)
        labels[0] = 1 + (scores[0].argmax() + 1) % (classes - 1)
        labels[1] = (scores[1].argmax() + 1) % classes
        cases.append((scores, labels))
    top = float(size(rng, 900, 1100))
    cases.append((np.array([[top, 0.0], [0.0, top], [-top, -top]]), np.array([1, 1, 0])))
    return cases


def tanh_gradient(rng: Generator) -> list[tuple]:
    """Neurons that are neither saturated nor right."""
    cases = []
    for count in (3, 2, 4):
        x, w = rng.uniform(0.4, 1.5, count) * rng.choice([-1, 1], count), rng.uniform(0.2, 0.6, count)
        cases.append((x, w, float(rng.uniform(0.2, 0.6)), float(rng.choice([-1.5, 1.5]))))
    return cases


def descent_step(rng: Generator) -> list[tuple]:
    """Different numbers of examples and inputs, and of rates."""
    return [
        (
            rng.normal(size=(rows, n)) + 0.5,
            rng.normal(size=rows),
            rng.normal(size=n),
            float(rng.uniform(0.3, 1)),
            rate,
        )
        for rows, n, rate in ((6, 2, 0.1), (4, 3, 0.05), (7, 1, 0.2))
    ]


def fold(rng: Generator) -> list[tuple]:
    """Counts that k divides and counts that it does not; the first fold, the last one and those between."""
    cases = []
    for k in (3, 4, 5):
        rest = size(rng, 2, k - 1)
        count = k * size(rng, 2, 4) + rest
        cases += [(count, k, number) for number in range(k)]
    k = size(rng, 3, 5)
    return [*cases, (k * size(rng, 2, 4), k, size(rng, 0, k - 1)), (5, 5, size(rng, 0, 4))]
