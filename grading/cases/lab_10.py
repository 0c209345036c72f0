"""Hidden cases of lab 10, fruits."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from grading.cases.draw import size


def average_hash(rng: Generator) -> list[tuple]:
    """Slopes and noise, wide and square, with sides that 8 divides."""
    slope = np.add.outer(np.linspace(0, size(rng, 60, 120), 16), np.linspace(0, 160, 24) ** 1.2)
    photo = rng.uniform(0, 255, (32, 40)) + np.linspace(0, 400, 40) ** 1.1
    return [(slope,), (photo,), (rng.uniform(0, 255, (16, 16)) ** 2,)]


def leaks(rng: Generator) -> list[tuple]:
    """Groups on one side, on both, and of one picture."""
    cases = []
    for _ in range(3):
        names = rng.permutation(20)[:5]
        group = np.array([names[n] for n in (0, 0, 0, 1, 1, 2, 2, 3, 4)])
        in_test = np.array([True, False, True, True, True, False, False, True, False])
        order = rng.permutation(9)
        cases.append((group[order], in_test[order]))
    return cases


def _answers(rng: Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    confidence = rng.uniform(0.3, 1, count) ** 0.4
    return confidence, rng.random(count) < confidence - 0.05


def even_calibration_error(rng: Generator) -> list[tuple]:
    """Numbers of answers that the bins divide and numbers that they do not; too sure in one bin, not in another."""
    cases = []
    for count, bins in ((40, 4), (size(rng, 51, 54), 5), (30, 3)):
        while True:
            confidence, right = _answers(rng, count)
            order = np.argsort(confidence)
            gaps = [confidence[part].mean() - right[part].mean() for part in np.array_split(order, bins)]
            if min(gaps) < -0.03 and max(gaps) > 0.06:
                break
        cases.append((confidence, right, bins))
    return cases


def temperature_by_halving(rng: Generator) -> list[tuple]:
    """Networks that are too sure, not sure enough, and logits of hundreds."""
    cases = []
    for count, factor in ((60, float(rng.uniform(2.5, 4))), (80, float(rng.uniform(0.4, 0.6)))):
        logits = rng.normal(size=(count, 4)) * 1.5
        p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        cases.append((logits * factor, np.array([rng.choice(4, p=row) for row in p])))
    huge = np.array([[900.0, 0, -50], [0, 700, 650], [100, 900, 0], [400, 0, 390]])
    return [*cases, (huge, np.array([0, 1, 0, 2]))]


def answer(rng: Generator) -> list[tuple]:
    """Familiarities below, above and exactly at the threshold; temperatures below and above 1."""
    logits = rng.normal(size=(6, 3)) * 3
    logits[0] = [-9, -2, -8]
    logits[1], logits[2] = [4, 1, 0], [0.5, 2, 1.5]
    familiar = rng.permutation([0.8, 0.6, 0.3, 0.59, 0.95, 0.7])
    familiar[:3] = [0.3, 0.6, 0.95]
    return [
        (logits, familiar, 1.0, 0.6),
        (logits, familiar, float(rng.uniform(2, 3)), 0.6),
        (logits, familiar, 0.5, 0.1),
    ]


def coverage_curve(rng: Generator) -> list[tuple]:
    """Short lists and a long one, with right and wrong answers that are sure and unsure."""
    short = rng.permutation([0.9, 0.5, 0.99, 0.7, 0.35])
    right = np.isin(np.argsort(np.argsort(-short)), [0, 2, 3])
    return [
        (short, right),
        _answers(rng, size(rng, 20, 30)),
        (short[:4], ~right[:4] if right[:4].all() else right[:4]),
    ]
