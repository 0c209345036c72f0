"""Self-checks of lab 02, Sobel filters."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from helpers.checks.engine import Result, check
from helpers.convolution import convolve2d, correlate2d
from helpers.filters import GAUSSIAN, SOBEL_X, SOBEL_Y

_RANDOM = np.random.default_rng(2)
_IMAGE = _RANDOM.integers(0, 256, (7, 10)).astype(float)
_TALL = _RANDOM.integers(0, 256, (9, 6)).astype(float)
_KERNEL = _RANDOM.normal(size=(3, 3))
_GRADIENT = _RANDOM.normal(size=(2, 4, 6))
_GRADIENT[0, 0, 0] = 0.0  # an edge whose direction arctan(gy / gx) cannot compute
_BLOCKS = np.kron(_RANDOM.integers(0, 256, (4, 5)), np.ones((4, 4)))
_FLIPPED = "all signs are wrong: the kernel is flipped, or its minus and plus sides are exchanged."


def steered_kernel(function: Callable) -> Result:
    """Exercise 1: Sobel in any direction."""

    def steered(degrees):
        return np.cos(np.radians(degrees)) * SOBEL_X + np.sin(np.radians(degrees)) * SOBEL_Y

    mistakes = {
        "cosine and sine expect radians: convert with `np.radians`.": lambda d: steered(np.degrees(d)),
        "the kernel is transposed. 0° is to the right: which of the two belongs to the cosine?": lambda d: (
            steered(90 - d)
        ),
        "90° points downward, as the rows are counted.": lambda d: steered(-d),
    }
    return check("Exercise 1", function, [(20,), (0,), (90,), (200,)], steered, mistakes)


def gradients(function: Callable) -> Result:
    """Exercise 2: gx and gy of an image."""

    def both(image):
        return correlate2d(image, SOBEL_X), correlate2d(image, SOBEL_Y)

    mistakes = {
        "gx and gy are swapped. gx is the change to the right.": lambda i: both(i)[::-1],
        _FLIPPED: lambda i: (convolve2d(i, SOBEL_X), convolve2d(i, SOBEL_Y)),
        "8-bit numbers have wrapped around: convert the image to float first.": lambda i: tuple(
            (g.astype(np.int64) % 256).astype(float) for g in both(i)
        ),
    }
    return check("Exercise 2", function, [(_IMAGE,), (_TALL.astype(np.uint8),)], both, mistakes)


def magnitude_and_angle(function: Callable) -> Result:
    """Exercise 3: length and direction of the gradient."""

    def polar(gx, gy):
        return np.hypot(gx, gy), np.arctan2(gy, gx)

    def half_circle(gx, gy):
        with np.errstate(divide="ignore"):
            return np.hypot(gx, gy), np.arctan(gy / gx)

    mistakes = {
        "`arctan` cannot tell opposite directions apart. Use `arctan2`.": half_circle,
        "the angle's arguments are swapped: `arctan2` takes the vertical part first.": lambda x, y: polar(
            y, x
        ),
        "the magnitude lacks its square root.": lambda x, y: (x**2 + y**2, np.arctan2(y, x)),
        "the magnitude is not the sum of the two absolute values.": lambda x, y: (
            abs(x) + abs(y),
            np.arctan2(y, x),
        ),
        "the angle is in degrees; leave it in radians.": lambda x, y: (
            np.hypot(x, y),
            np.degrees(np.arctan2(y, x)),
        ),
    }
    return check("Exercise 3", function, [tuple(_GRADIENT)], polar, mistakes)


def edge_map(function: Callable) -> Result:
    """Exercise 4: smooth, differentiate, threshold."""

    def magnitude(image):
        return np.hypot(correlate2d(image, SOBEL_X), correlate2d(image, SOBEL_Y))

    def edges(image, threshold):
        return magnitude(correlate2d(image, GAUSSIAN)) > threshold

    mistakes = {
        "that is True where there is *no* edge.": lambda i, t: ~edges(i, t),
        "the image is not smoothed before Sobel (the result should be 4 pixels smaller than the image).": (
            lambda i, t: magnitude(i) > t
        ),
        "use both directions, gx and gy.": lambda i, t: (
            abs(correlate2d(correlate2d(i, GAUSSIAN), SOBEL_X)) > t
        ),
    }
    return check("Exercise 4", function, [(_BLOCKS, 100.0), (_BLOCKS[:12], 250.0)], edges, mistakes)


def separable(function: Callable) -> Result:
    """Exercise 5: two one-dimensional passes."""
    cases = [(_IMAGE, np.array([1.0, 2, 1]), np.array([-1.0, 0, 1])), (_TALL, np.array([1.0, 3]), _KERNEL[0])]

    def outer(image, column, row):
        return correlate2d(image, np.outer(column, row))

    mistakes = {
        "the column and the row are swapped.": lambda i, c, r: outer(i, r, c),
        "both passes are flipped; slide the column and the row as they are.": lambda i, c, r: outer(
            i, c[::-1], r[::-1]
        ),
        "only the column is applied; a second pass is missing.": lambda i, c, r: correlate2d(i, c[:, None]),
        "only the row is applied; a second pass is missing.": lambda i, c, r: correlate2d(i, r[None, :]),
    }
    return check("Exercise 5", function, cases, outer, mistakes)


def kernel_gradient(function: Callable) -> Result:
    """Exercise 6: the derivative of the mean squared error by each weight."""
    cases = [(image, _KERNEL, correlate2d(image, SOBEL_X)) for image in (_IMAGE / 100, _TALL / 100)]

    def gradient(image, kernel, target):
        error = correlate2d(image, kernel) - target
        return 2 * correlate2d(image, error) / error.size

    mistakes = {
        "the factor 2 from the square is missing.": lambda *a: gradient(*a) / 2,
        "divide by the number of results: the loss is a mean.": lambda i, k, t: gradient(i, k, t) * t.size,
        "the error is result minus target, not the other way round.": lambda *a: -gradient(*a),
        "the gradient is flipped; slide the error over the image without a flip.": lambda *a: np.flip(
            gradient(*a)
        ),
    }
    return check("Exercise 6", function, cases, gradient, mistakes)
