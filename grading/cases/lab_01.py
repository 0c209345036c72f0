"""Hidden cases of lab 01, convolution by hand."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from grading.cases.draw import asymmetric, sides, size, whole


def output_shape(rng: Generator) -> list[tuple]:
    """Sides, kernels, strides and paddings where rounding, brackets and each term matter."""
    cases = []
    for stride, padding in (
        (1, 0),
        (1, size(rng, 1, 3)),
        (2, 0),
        (2, size(rng, 1, 2)),
        (3, 1),
        (size(rng, 2, 4), 2),
    ):
        for _ in range(2):
            cases.append((sides(rng, 9, 60), sides(rng, 2, 7), stride, padding))
    return cases


def _image(rng: Generator, low: int = 8, high: int = 12) -> np.ndarray:
    return whole(rng, -9, 9, *sides(rng, low, high))


def _kernel(rng: Generator) -> np.ndarray:
    return asymmetric(rng, -4, 4, *((3, 2), (2, 3), (3, 3))[size(rng, 0, 2)])


def dilated_correlate(rng: Generator) -> list[tuple]:
    """Dilations 1 to 3, kernels that are not square, and weights that are no whole numbers."""
    shapes = (((3, 3), 1, 1), ((3, 2), 2, 8), ((2, 3), 3, 1), ((3, 3), 2, 1))
    return [(_image(rng, 9, 12), asymmetric(rng, -4, 4, *shape) / parts, d) for shape, d, parts in shapes]


def strided_correlate(rng: Generator) -> list[tuple]:
    """Strides and paddings, images and kernels that are not square."""
    return [
        (_image(rng), _kernel(rng), stride, padding)
        for stride, padding in ((1, 0), (2, 1), (3, 2), (2, 0), (1, 2))
    ]


def max_pool(rng: Generator) -> list[tuple]:
    """Rows and columns are left over; in one image everything is negative."""
    cases = []
    for tile in (2, 3, 2, 4):
        rows, columns = tile * size(rng, 2, 4) + tile - 1, tile * size(rng, 3, 5) + 1
        cases.append((whole(rng, -9, 9, rows, columns) - (10 if tile == 3 else 0), tile))
    return cases


def convolution_layer(rng: Generator) -> list[tuple]:
    """One, two and three channels, biases of both signs."""
    cases = []
    for channels, filters, shape in ((3, 2, (3, 2)), (1, 4, (2, 3)), (2, 3, (3, 3))):
        kernels = np.stack([asymmetric(rng, -3, 3, *shape) for _ in range(channels * filters)], axis=-1)
        image = whole(rng, -5, 5, *sides(rng, 6, 10), channels)
        cases.append(
            (image, kernels.reshape(*shape, channels, filters), rng.permutation([2.0, -3, 5, -1])[:filters])
        )
    return cases


def scatter(rng: Generator) -> list[tuple]:
    """Strides 1 to 3, overlapping windows and gaps."""
    return [
        (whole(rng, -9, 9, *sides(rng, 3, 6)), asymmetric(rng, -4, 4, *shape), stride)
        for shape, stride in (((3, 3), 1), ((3, 2), 2), ((3, 3), 2), ((2, 3), 3))
    ]
