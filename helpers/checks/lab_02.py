"""Self-checks of lab 02, Sobel filters."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from helpers.checks.engine import Exercise, score_of
from helpers.convolution import convolve2d, correlate2d
from helpers.filters import GAUSSIAN, SOBEL_X, SOBEL_Y

_RANDOM = np.random.default_rng(2)
_IMAGE = _RANDOM.integers(0, 256, (7, 10)).astype(float)
_TALL = _RANDOM.integers(0, 256, (9, 6)).astype(float)
_KERNEL = _RANDOM.normal(size=(3, 3))
_GRADIENT = _RANDOM.normal(size=(2, 4, 6))
_GRADIENT[0, 0, 0] = 0.0  # an edge whose direction arctan(gy / gx) cannot compute
_BLOCKS = np.kron(_RANDOM.integers(0, 256, (3, 4)), np.ones((7, 7)))
_FLIPPED = "all signs are wrong: the kernel is flipped, or its minus and plus sides are exchanged."


def _steered(degrees, to_angle=np.radians):
    return np.cos(to_angle(degrees)) * SOBEL_X + np.sin(to_angle(degrees)) * SOBEL_Y


steered_kernel = Exercise(
    1,
    "steered_kernel",
    "Sobel in any direction",
    solution=_steered,
    cases=[(20,), (0,), (90,), (200,)],
    mistakes={
        "cosine and sine expect radians: convert with `np.radians`.": (
            lambda d: _steered(d, float),
            lambda d: _steered(d, lambda x: x / 180),
            lambda d: _steered(d, np.degrees),
        ),
        "the kernel is transposed. 0° is to the right: which of the two belongs to the cosine?": lambda d: (
            _steered(90 - d)
        ),
        "90° points downward, as the rows are counted.": lambda d: _steered(-d),
        "the two kernels are added, not subtracted, and their sum is not divided.": (
            lambda d: _steered(180 - d),
            lambda d: _steered(d) / 2,
        ),
    },
    right={"in complex numbers": lambda d: ((SOBEL_X - 1j * SOBEL_Y) * np.exp(1j * np.radians(d))).real},
)


def _both(image):
    return correlate2d(image, SOBEL_X), correlate2d(image, SOBEL_Y)


gradients = Exercise(
    2,
    "gradients",
    "Both gradients of a photograph",
    solution=_both,
    cases=[(_IMAGE,), (_TALL.astype(np.uint8),)],
    mistakes={
        "gx and gy are swapped. gx is the change to the right.": lambda i: _both(i)[::-1],
        _FLIPPED: lambda i: (convolve2d(i, SOBEL_X), convolve2d(i, SOBEL_Y)),
        "8-bit numbers have wrapped around: convert the image to float first.": lambda i: tuple(
            g % 256 if i.dtype == np.uint8 else g for g in _both(i)
        ),
        "a dark and a bright side differ in their sign: do not take the absolute value.": lambda i: tuple(
            map(np.abs, _both(i))
        ),
        "no padding: the results are two pixels smaller than the image.": lambda i: tuple(
            correlate2d(i, kernel, padding=1) for kernel in (SOBEL_X, SOBEL_Y)
        ),
        "use Sobel's kernels as they are; they are not divided by 8.": lambda i: tuple(
            g / 8 for g in _both(i)
        ),
    },
    right={"one array of two": lambda i: np.stack(_both(i)), "a list": lambda i: list(_both(i))},
)


def _half_circle(gx, gy):
    with np.errstate(divide="ignore"):
        return np.hypot(gx, gy), np.arctan(gy / gx)


magnitude_and_angle = Exercise(
    3,
    "magnitude_and_angle",
    "Magnitude and angle",
    solution=lambda x, y: (np.hypot(x, y), np.arctan2(y, x)),
    cases=[tuple(_GRADIENT)],
    mistakes={
        "`arctan` cannot tell opposite directions apart. Use `arctan2`.": _half_circle,
        "the angle's arguments are swapped: `arctan2` takes the vertical part first.": lambda x, y: (
            np.hypot(x, y),
            np.arctan2(x, y),
        ),
        "the magnitude lacks its square root.": lambda x, y: (x**2 + y**2, np.arctan2(y, x)),
        "the magnitude is not the sum of the two absolute values.": lambda x, y: (
            abs(x) + abs(y),
            np.arctan2(y, x),
        ),
        "square the two parts before you add them.": lambda x, y: (np.sqrt(np.abs(x + y)), np.arctan2(y, x)),
        "the angle is in degrees; leave it in radians.": lambda x, y: (
            np.hypot(x, y),
            np.degrees(np.arctan2(y, x)),
        ),
        "the angle runs from −π to π: do not add anything to negative ones.": lambda x, y: (
            np.hypot(x, y),
            np.arctan2(y, x) % (2 * np.pi),
        ),
        "return the magnitude first, then the angle.": lambda x, y: (np.arctan2(y, x), np.hypot(x, y)),
    },
    right={"a list": lambda x, y: [(x**2 + y**2) ** 0.5, np.angle(x + 1j * y)]},
)


def _magnitude(image):
    return np.hypot(*_both(image))


def _edges(image, threshold, strength: Callable = np.hypot):
    return strength(*_both(correlate2d(image, GAUSSIAN))) > threshold


edge_map = Exercise(
    4,
    "edge_map",
    "An edge detector",
    solution=_edges,
    cases=[(_BLOCKS, 100.0), (_BLOCKS[:15], 250.0)],
    mistakes={
        "everything is False, not one edge is found. Compare the magnitude itself, in the image's units.": (
            lambda i, t: np.zeros_like(_edges(i, t)),
            lambda i, t: _edges(i / 255, t),
        ),
        "everything is True. Compare the magnitude with the threshold.": lambda i, t: np.ones_like(
            _edges(i, t)
        ),
        "that is True where there is *no* edge.": lambda i, t: ~_edges(i, t),
        "the image is not smoothed before Sobel (the result should be 4 pixels smaller than the image).": (
            lambda i, t: _magnitude(i) > t
        ),
        "smooth the image, before Sobel, not the magnitude.": lambda i, t: (
            correlate2d(_magnitude(i), GAUSSIAN) > t
        ),
        "use both directions, gx and gy.": (
            lambda i, t: _edges(i, t, lambda x, y: abs(x)),
            lambda i, t: _edges(i, t, lambda x, y: abs(y)),
        ),
        "the magnitude is √(gx² + gy²); only then compare.": (
            lambda i, t: _edges(i, t, lambda x, y: x**2 + y**2),
            lambda i, t: _edges(i, t, lambda x, y: abs(x) + abs(y)),
            lambda i, t: _edges(i, t, lambda x, y: abs(x + y)),
            lambda i, t: _edges(i, t, lambda x, y: x + y),
        ),
    },
    right={
        "both gradients smoothed": lambda i, t: (
            np.hypot(*(correlate2d(gradient, GAUSSIAN) for gradient in _both(i))) > t
        ),
        "without the root": lambda i, t: _edges(i, t * t, lambda x, y: x**2 + y**2),
    },
)


def _outer(image, column, row):
    return correlate2d(image, np.outer(column, row))


def _by_window(image, column, row):
    """One pass, each window times the whole kernel."""
    kernel = np.outer(column, row)
    windows = sliding_window_view(image, kernel.shape)
    return (windows * kernel).sum((2, 3))


def _two_passes(image, column, row):
    return correlate2d(correlate2d(image, column[:, None]), row[None, :])


# Two passes and one pass with the whole kernel give the same values. So the third case has tiny pixels and huge
# weights: pixel × weight × weight is an everyday number, but weight × weight is too large for any.
_HUGE = (1e-200 * (1 + _TALL), 1e200 * np.array([1.0, 2, 1]), 1e200 * np.array([1.0, 3]))

separable = Exercise(
    5,
    "separable",
    "Two passes instead of one",
    solution=_two_passes,
    cases=[
        (_IMAGE, np.array([1.0, 2, 1]), np.array([-1.0, 0, 1])),
        (_TALL, np.array([1.0, 3]), _KERNEL[0]),
        _HUGE,
    ],
    mistakes={
        "that is one pass, with all products of `column` and `row` (here they are too large for a number). Slide the "
        "column over the image, then the row over the result.": (_outer, _by_window),
        "the column and the row are swapped.": lambda i, c, r: _two_passes(i, r, c),
        "both passes are flipped; slide the column and the row as they are.": lambda i, c, r: _two_passes(
            i, c[::-1], r[::-1]
        ),
        "only the column is applied; a second pass is missing.": lambda i, c, r: correlate2d(i, c[:, None]),
        "only the row is applied; a second pass is missing.": lambda i, c, r: correlate2d(i, r[None, :]),
        "the row slides over the result of the column, not over the image again; nothing is added.": (
            lambda i, c, r: (
                correlate2d(i, c[:, None])[:, : i.shape[1] - len(r) + 1]
                + correlate2d(i, r[None, :])[: i.shape[0] - len(c) + 1]
            )
        ),
    },
    right={
        "the row first": lambda i, c, r: correlate2d(correlate2d(i, r[None, :]), c[:, None]),
        "line by line": lambda i, c, r: np.apply_along_axis(
            np.correlate, 1, np.apply_along_axis(np.correlate, 0, i, c), r
        ),
    },
)


def _gradient(image, kernel, target, change: Callable = lambda error: error):
    error = change(correlate2d(image, kernel) - target)
    return 2 * correlate2d(image, error) / error.size


kernel_gradient = Exercise(
    6,
    "kernel_gradient",
    "The gradient that learns a filter",
    solution=_gradient,
    cases=[(image, _KERNEL, correlate2d(image, SOBEL_X)) for image in (_IMAGE / 100, _TALL / 100)],
    mistakes={
        "the factor 2 from the square is missing.": lambda *a: _gradient(*a) / 2,
        "divide by the number of results: the loss is a mean.": lambda i, k, t: _gradient(i, k, t) * t.size,
        "n is the number of *results*, not of the image's pixels.": lambda i, k, t: (
            _gradient(i, k, t) * t.size / i.size
        ),
        "n is the number of *results*, not of the kernel's weights.": lambda i, k, t: (
            _gradient(i, k, t) * t.size / k.size
        ),
        "n is the number of all results, not of their rows.": lambda i, k, t: (
            _gradient(i, k, t) * t.size / len(t)
        ),
        "the error is result minus target, not the other way round.": lambda *a: -_gradient(*a),
        "the gradient is flipped; slide the error over the image without a flip.": lambda *a: np.flip(
            _gradient(*a)
        ),
        "slide the error itself over the image, not its square.": partial(_gradient, change=np.square),
        "the error is result minus *target*; you slide the result itself.": lambda i, k, t: _gradient(
            i, k, 0 * t
        ),
    },
    right={
        "weight by weight": lambda i, k, t: np.einsum(
            "ijyx,yx->ij", sliding_window_view(i, t.shape), 2 / t.size * (correlate2d(i, k) - t)
        )
    },
)

EXERCISES = (steered_kernel, gradients, magnitude_and_angle, edge_map, separable, kernel_gradient)
score = score_of("Lab 02", EXERCISES)
