"""Hidden cases of lab 09, seeing inside a CNN."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from grading.cases.draw import size
from grading.wire import Code

SCORE = """
def score(pictures):
    total = np.sum(weights * pictures, axis=tuple(range(1, np.ndim(pictures))))
    return total + bend * total**2
"""
SLOPE = """
def gradient(picture):
    return weights * (1 + 2 * bend * np.sum(weights * picture))
"""


def falls(rng: Generator) -> list[tuple]:
    """Scores that are linear and that are not, fillings that change from place to place, squares that overlap."""
    cases = []
    for bend, side, black in ((0.0, 3, False), (0.02, 2, True)):
        shape = (size(rng, 7, 9), size(rng, 8, 10), 3)
        picture, fill = rng.uniform(0, 9, shape), rng.uniform(0, 9, shape) * (not black)
        corners = [(0, 0), (0, 4), (1, 1), (2, 1), (size(rng, 3, 4), 5), (3, 3)]
        order = [corners[n] for n in rng.permutation(len(corners))]
        cases.append(
            (
                Code("score", SCORE, {"weights": rng.normal(size=shape), "bend": bend}),
                picture,
                fill,
                order,
                side,
            )
        )
    return cases


def integrated_gradients(rng: Generator) -> list[tuple]:
    """One step and several; a baseline that is not black, and one that is."""
    cases = []
    for bend, steps, black in ((0.3, 4, False), (-0.2, 1, True), (0.5, size(rng, 5, 8), False)):
        weights, picture = rng.normal(size=(3, 4, 2)), rng.uniform(0, 2, (3, 4, 2))
        baseline = rng.uniform(0, 1, (3, 4, 2)) * (not black)
        cases.append((Code("gradient", SLOPE, {"weights": weights, "bend": bend}), picture, baseline, steps))
    return cases


def evidence(rng: Generator) -> list[tuple]:
    """Places for and places against."""
    cases = []
    for shape in ((4, 5, 6), (3, 4, 5)):
        while True:
            maps, slopes = rng.normal(1, 1, shape), rng.normal(size=shape)
            total = (maps * slopes.mean((0, 1))).sum(-1)
            if total.max() > 0.1 and total.min() < -0.1:
                break
        cases.append((maps, slopes))
    return cases


def rank_correlation(rng: Generator) -> list[tuple]:
    """Alike, opposite, neither; orders that agree where values do not."""
    one = rng.permutation(30).reshape(5, 6) ** 2.0
    other = rng.permutation(30).reshape(5, 6) + 1.5 * one**0.5
    return [(one, other), (one, np.exp(one / 300)), (other[:3], -one[:3]), (one, rng.normal(size=(5, 6)))]


def deletion_gain(rng: Generator) -> list[tuple]:
    """Curves that fall, with five, three and four random orders."""
    curves = np.sort(rng.normal(size=(5, 9)), axis=1)[:, ::-1]
    fast = np.linspace(1, 0, 5) ** float(rng.uniform(1.5, 3))
    return [(curves[0] - 1, curves), (fast, curves[:3, :5]), (curves[1], curves[2:])]


def excess_on_animal(rng: Generator) -> list[tuple]:
    """Maps of both signs, one with nothing positive, animals of different sizes."""
    maps = rng.normal(size=(4, 5, 6))
    maps[2] = -np.abs(maps[2])
    flat = np.zeros((4, 30), bool)
    for mask, count in zip(flat, rng.permutation([6, 12, 15, 21]), strict=True):
        mask[rng.permutation(30)[:count]] = True
    masks = flat.reshape(4, 5, 6)
    return [(maps, masks), (maps[:2] + 0.3, masks[1:3])]
