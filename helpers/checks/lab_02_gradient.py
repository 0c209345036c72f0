"""The last exercise of lab 02: the gradient behind a ReLU."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from helpers.checks.engine import Exercise
from helpers.convolution import correlate2d
from helpers.filters import SOBEL_X

_RANDOM = np.random.default_rng(2)
_IMAGE = _RANDOM.integers(0, 256, (7, 10)).astype(float)
_TALL = _RANDOM.integers(0, 256, (9, 6)).astype(float)
_KERNEL = _RANDOM.normal(size=(3, 3))


def _relu_gradient(image, kernel, target, change: Callable = lambda error, z: error * (z > 0)):
    z = correlate2d(image, kernel)
    error = np.maximum(z, 0) - target
    return 2 * correlate2d(image, change(error, z)) / error.size


kernel_gradient = Exercise(
    6,
    "kernel_gradient",
    "The gradient behind a ReLU",
    solution=_relu_gradient,
    cases=[
        *(
            (image, _KERNEL, np.maximum(correlate2d(image, SOBEL_X), 0))
            for image in (_IMAGE / 100, _TALL / 100)
        ),
        (_IMAGE / 100, np.zeros((3, 3)), np.maximum(correlate2d(_IMAGE / 100, SOBEL_X), 0)),
    ],
    mistakes={
        "where z is negative, ReLU gives 0 and the weights change nothing: the error does not count there.": (
            lambda i, k, t: _relu_gradient(i, k, t, lambda e, z: e)
        ),
        "the error is that of ReLU(z), not of z.": (
            lambda i, k, t: _relu_gradient(i, k, t, lambda e, z: z - t),
        ),
        "ReLU passes the error on where *z* is positive; whether the error is positive does not matter.": (
            lambda i, k, t: _relu_gradient(i, k, t, lambda e, z: np.maximum(e, 0))
        ),
        "where z is exactly 0, [z > 0] is 0, too.": lambda i, k, t: _relu_gradient(
            i, k, t, lambda e, z: e * (z >= 0)
        ),
        "[z > 0] is 1 or 0, not z itself.": lambda i, k, t: _relu_gradient(
            i, k, t, lambda e, z: e * np.maximum(z, 0)
        ),
        "the factor 2 from the square is missing.": lambda *a: _relu_gradient(*a) / 2,
        "divide by the number of results: the loss is a mean.": lambda i, k, t: (
            _relu_gradient(i, k, t) * t.size
        ),
        "n is the number of all *results*; neither the image's pixels nor the kernel's weights nor the rows.": (
            lambda i, k, t: _relu_gradient(i, k, t) * t.size / i.size,
            lambda i, k, t: _relu_gradient(i, k, t) * t.size / k.size,
            lambda i, k, t: _relu_gradient(i, k, t) * t.size / len(t),
        ),
        "n counts all results, also those with a negative z.": lambda i, k, t: (
            _relu_gradient(i, k, t) * t.size / np.sum(correlate2d(i, k) > 0)
        ),
        "the error is result minus target, not the other way round.": lambda *a: -_relu_gradient(*a),
        "the gradient is flipped; slide the error over the image without a flip.": lambda *a: np.flip(
            _relu_gradient(*a)
        ),
        "slide the error itself over the image, not its square.": lambda i, k, t: _relu_gradient(
            i, k, t, lambda e, z: e**2 * (z > 0)
        ),
    },
    right={
        "weight by weight": lambda i, k, t: np.einsum(
            "ijyx,yx->ij",
            sliding_window_view(i, t.shape),
            2 / t.size * (correlate2d(i, k) - t) * (correlate2d(i, k) > 0),
        )
    },
)
