"""Hidden cases of lab 02, Sobel filters."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from grading.cases.draw import sides, size
from helpers.convolution import correlate2d
from helpers.filters import SOBEL_X


def _image(rng: Generator, low: int = 7, high: int = 12) -> np.ndarray:
    return rng.integers(0, 256, sides(rng, low, high)).astype(float)


def steered_kernel(rng: Generator) -> list[tuple]:
    """An angle in each quarter, and right angles."""
    return [
        (size(rng, 5, 40),),
        (0,),
        (90,),
        (size(rng, 100, 170),),
        (size(rng, 190, 260),),
        (size(rng, 280, 350),),
    ]


def compass(rng: Generator) -> list[tuple]:
    """Floats and 8-bit numbers; in one corner the gradient points exactly to the left."""
    tall = _image(rng)
    tall[:3, :3] = np.add.outer(np.zeros(3), np.sort(rng.integers(0, 200, 3) + [0, 20, 40])[::-1])
    return [(_image(rng),), (tall.astype(np.uint8),)]


def lost_kernel(rng: Generator) -> list[tuple]:
    """Kernels that are square and kernels that are not, with a bias."""
    cases = []
    for shape in ((3, 3), (2, 4), (3, 2)):
        image, kernel = rng.uniform(0, 3, sides(rng, 9, 12)), rng.normal(size=shape)
        cases.append((image, correlate2d(image, kernel) + float(rng.choice([-4.0, 3.0, 5.5])), shape))
    return cases


def thin_edges(rng: Generator) -> list[tuple]:
    """Rows with plateaus, with peaks at both ends, with valleys."""
    rows = rng.integers(0, 9, (size(rng, 5, 7), size(rng, 8, 11))).astype(float)
    rows[0, :4] = [1, 7, 7, 2]
    rows[1, :2], rows[1, -2:] = [9, 3], [4, 8]
    rows[2, -3:], rows[3, :3], rows[4, -2:] = [2, 6, 6], [5, 5, 1], [8, 3]
    return [(rows,), (rng.uniform(0, 50, (4, 7)),)]


def zero_crossings(rng: Generator) -> list[tuple]:
    """Noise, and blocks with uniform areas."""
    blocks = np.kron(rng.integers(0, 256, (3, 4)), np.ones((4, 4)))
    return [(_image(rng),), (blocks,)]


def kernel_gradient(rng: Generator) -> list[tuple]:
    """Outputs of both signs, and outputs that are exactly 0."""
    cases = []
    for exponent in (1, 1, 0):
        image = _image(rng) / 100
        kernel = rng.normal(size=(3, 3)) * exponent
        while exponent and not 0.3 < (correlate2d(image, kernel) > 0).mean() < 0.7:
            kernel = rng.normal(size=(3, 3))
        cases.append((image, kernel, np.maximum(correlate2d(image, SOBEL_X), 0)))
    return cases
