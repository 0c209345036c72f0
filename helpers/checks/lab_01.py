"""Self-checks of lab 01, convolution by hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from helpers.checks.engine import Result, check
from helpers.convolution import conv2d, convolve2d, correlate2d, max_pool2d, output_size

_RANDOM = np.random.default_rng(1)
_IMAGE = _RANDOM.integers(-9, 10, (7, 5)).astype(float)
_WIDE = _RANDOM.integers(-9, 10, (6, 9)).astype(float)
_KERNEL = _RANDOM.integers(-4, 5, (3, 3)).astype(float)
_TALL_KERNEL = _RANDOM.integers(-4, 5, (3, 2)).astype(float)
_COLOR_IMAGE = _RANDOM.integers(-5, 6, (6, 8, 3)).astype(float)
_COLOR_KERNELS = _RANDOM.integers(-3, 4, (3, 2, 3, 2)).astype(float)
_DIGIT = np.array(
    [[0, 0, 0, 0], [0, 219, 253, 247], [0, 0, 190, 0], [0, 0, 0, 93], [0, 0, 221, 253], [136, 212, 0, 0]],
    float,
)
_FLIPPED = "you flip the kernel. Deep-learning libraries do not: the first weight meets the first pixel."


def complete_matrix(function: Callable) -> Result:
    """Exercise 1: the 4×2 map of the digit with the vertical-line kernel."""
    kernel = np.array([[1, 0, -1]] * 3)
    return check(
        "Exercise 1",
        function,
        [()],
        lambda: correlate2d(_DIGIT, kernel),
        {_FLIPPED: lambda: convolve2d(_DIGIT, kernel)},
    )


def output_shape(function: Callable) -> Result:
    """Exercise 2: rows and columns of the output."""
    cases = [
        ((28, 20), (3, 5), 1, 0),
        ((28, 20), (3, 5), 1, 2),
        ((180, 90), (7, 3), 2, 0),
        ((11, 6), (3, 2), 3, 1),
    ]

    def shape(image, kernel, stride, padding):
        return tuple(output_size(n, f, stride, padding) for n, f in zip(image, kernel, strict=True))

    def one_side(image, kernel, stride, padding):
        return tuple((n - f + padding) // stride + 1 for n, f in zip(image, kernel, strict=True))

    def no_padding(image, kernel, stride, padding):
        return shape(image, kernel, stride, 0)

    def no_stride(image, kernel, stride, padding):
        return shape(image, kernel, 1, padding)

    def missing_one(image, kernel, stride, padding):
        return tuple(n - 1 for n in shape(image, kernel, stride, padding))

    mistakes = {
        "the padding is ignored.": no_padding,
        "padding is added on both sides of the image, not on one.": one_side,
        "the stride is ignored.": no_stride,
        "the numbers are off by one: a window that fits exactly once has one position, not zero.": missing_one,
        "rows and columns are swapped: the shape is (height, width).": lambda *a: shape(*a)[::-1],
    }
    return check("Exercise 2", function, cases, shape, mistakes)


def correlate(function: Callable) -> Result:
    """Exercise 3: the sliding window with loops."""
    cases = [(_IMAGE, _KERNEL), (_WIDE, _TALL_KERNEL)]
    return check("Exercise 3", function, cases, correlate2d, {_FLIPPED: convolve2d})


def strided_correlate(function: Callable) -> Result:
    """Exercise 4: stride and zero padding."""
    cases = [(_WIDE, _KERNEL, 1, 0), (_WIDE, _KERNEL, 2, 1), (_IMAGE, _TALL_KERNEL, 3, 2)]
    mistakes = {
        _FLIPPED: convolve2d,
        "the padding must be zeros, on all four sides.": lambda i, k, s, p: correlate2d(
            np.pad(i, p, "edge"), k, s
        ),
        "the padding is ignored.": lambda i, k, s, p: correlate2d(i, k, s),
        "the stride is ignored.": lambda i, k, s, p: correlate2d(i, k, 1, p),
        "the padding goes on all four sides, also at the bottom and on the right.": lambda i, k, s, p: (
            correlate2d(np.pad(i, ((p, 0), (p, 0))), k, s)
        ),
        "the stride must be used in both directions.": lambda i, k, s, p: correlate2d(i, k, (s, 1), p),
    }
    return check("Exercise 4", function, cases, correlate2d, mistakes)


def max_pool(function: Callable) -> Result:
    """Exercise 5: the largest value of each tile."""
    cases = [(_DIGIT, 2), (_WIDE - 10, 3), (_IMAGE, 2)]

    def average(image, size):
        rows, columns = (n // size for n in image.shape)
        return image[: rows * size, : columns * size].reshape(rows, size, columns, size).mean((1, 3))

    mistakes = {
        "that is the average of each tile; keep the largest value.": average,
        "rows and columns that do not fill a tile at the end are dropped.": lambda i, n: max_pool2d(
            np.pad(i, [(0, -side % n) for side in i.shape], constant_values=-99), n
        ),
        "the windows overlap. Move by the size of a tile each time.": lambda i, n: max_pool2d(i, n, 1),
        "a tile of negative values must give a negative number: do not start from zero.": lambda i, n: (
            np.maximum(max_pool2d(i, n), 0)
        ),
    }
    return check("Exercise 5", function, cases, max_pool2d, mistakes)


def convolution_layer(function: Callable) -> Result:
    """Exercise 6: several channels in, several filters out, with bias and ReLU."""
    cases = [
        (_COLOR_IMAGE, _COLOR_KERNELS, np.array([1.0, -2.0])),
        (_COLOR_IMAGE[:, :5, :1], np.concatenate([_COLOR_KERNELS[:2, :, :1]] * 2, axis=3), np.zeros(4)),
    ]

    def linear(image, kernels, bias):
        return conv2d(image[None], kernels, bias)[0]

    mistakes = {
        "the negative values are still there: apply ReLU last.": linear,
        "the bias is missing.": lambda i, k, b: np.maximum(linear(i, k, None), 0),
        "add the bias before ReLU, not after.": lambda i, k, b: np.maximum(linear(i, k, None), 0) + b,
        "add the channels up first; ReLU comes once, at the end.": lambda i, k, b: sum(
            np.maximum(linear(i[..., c : c + 1], k[:, :, c : c + 1], b), 0) for c in range(i.shape[2])
        ),
    }
    return check("Exercise 6", function, cases, lambda *a: np.maximum(linear(*a), 0), mistakes)
