"""The two exercises of lab 03 that send a gradient backward."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from helpers.checks.engine import Exercise
from helpers.convolution import correlate2d

_RANDOM = np.random.default_rng(3)


def _probabilities(
    logits, subtract: Callable = lambda z: z.max(1, keepdims=True), axis: Any = 1, keepdims=True
):
    exponentials = np.exp(logits - subtract(logits))
    return exponentials / exponentials.sum(axis=axis, keepdims=keepdims)


def _targets(
    labels,
    classes,
    smoothing,
    right: Callable = lambda s, n: 1 - s + s / n,
    rest: Callable = lambda s, n: s / n,
):
    targets = np.full((len(labels), classes), float(rest(smoothing, classes)))
    targets[np.arange(len(labels)), labels] = right(smoothing, classes)
    return targets


def _gradient(logits, labels, smoothing, probabilities: Callable = _probabilities, **targets: Callable):
    return (probabilities(logits) - _targets(labels, logits.shape[1], smoothing, **targets)) / len(logits)


def _with(**changes: Any) -> Callable:
    return partial(_gradient, probabilities=partial(_probabilities, **changes))


_OVERFLOW = "logits of 1000 overflow in exp. Subtract each row's largest logit first; the probabilities stay the same."

logit_gradient = Exercise(
    3,
    "logit_gradient",
    "A softer target",
    solution=_gradient,
    cases=[
        (_RANDOM.normal(size=(4, 4)) * 3, np.array([2, 0, 3, 3]), 0.2),
        (_RANDOM.normal(size=(2, 5)), np.array([4, 1]), 0.0),
        (np.array([[1000.0, 999, 0], [-1000, -1001, -1000], [1, 0, -1000]]), np.array([1, 0, 2]), 0.1),
    ],
    tolerance=1e-5,
    nan_hint=_OVERFLOW,
    mistakes={
        _OVERFLOW: (
            _with(subtract=lambda z: 0),
            _with(subtract=np.max),
            _with(subtract=np.mean),
            _with(subtract=lambda z: 1000),
        ),
        "it is p − y, not y − p: a step downhill must raise the right logit.": lambda z, t, s: (
            -_gradient(z, t, s)
        ),
        "the loss is the *mean* over the batch: divide by the number of rows.": (
            lambda z, t, s: _gradient(z, t, s) * len(z),
            lambda z, t, s: _gradient(z, t, s) / z.shape[1],
            lambda z, t, s: _gradient(z, t, s) * len(z) / z.size,
        ),
        "the target is no longer a single 1: use the smoothing.": lambda z, t, s: _gradient(z, t, 0),
        "the right class gets its share of the smoothing as well: 1 − smoothing + smoothing / classes.": (
            partial(_gradient, right=lambda s, n: 1 - s)
        ),
        "every class gets smoothing / classes, the right one, too.": (
            partial(_gradient, right=lambda s, n: 1 - s, rest=lambda s, n: s / (n - 1)),
            partial(_gradient, right=lambda s, n: 1 - s, rest=lambda s, n: s),
            partial(_gradient, right=lambda s, n: 1.0),
        ),
        "each *row* of probabilities must add up to 1, not each column or the whole table.": (
            _with(subtract=lambda z: z.max(0, keepdims=True), axis=0),
            _with(subtract=np.max, axis=None),
        ),
        "subtract the target from the probabilities, not from the logits.": partial(
            _gradient, probabilities=lambda z: z
        ),
        "divide each row by its own sum: `keepdims=True` keeps the sums in a column.": (
            _with(keepdims=False),
            _with(subtract=lambda z: z.max(1), keepdims=False),
            _with(subtract=lambda z: z.max(1)),
        ),
        "that is the gradient of p, without the target.": lambda z, t, s: _probabilities(z) / len(z),
    },
    right={
        "float32": lambda z, t, s: _gradient(z.astype("float32"), t, s),
        "with one-hot labels": lambda z, t, s: (
            (_probabilities(z) - (1 - s) * np.eye(z.shape[1])[t] - s / z.shape[1]) / len(z)
        ),
    },
)


def _kernel_gradient(image, g, size, stride, flip=False):
    windows = sliding_window_view(image, (size, size))[::stride, ::stride][: len(g), : g.shape[1]]
    gradient = np.einsum("rcij,rc->ij", windows, g)
    return gradient[::-1, ::-1] if flip else gradient


def _spread(g, stride):
    wide = np.zeros([stride * (side - 1) + 1 for side in g.shape])
    wide[::stride, ::stride] = g
    return wide


def _case(height, width, size, stride):
    shape = ((height - size) // stride + 1, (width - size) // stride + 1)
    return _RANDOM.normal(size=(height, width)), _RANDOM.normal(size=shape), size, stride


kernel_gradient = Exercise(
    4,
    "kernel_gradient",
    "Backward, with a stride",
    solution=_kernel_gradient,
    cases=[_case(7, 10, 3, 2), _case(6, 5, 2, 1), _case(12, 8, 3, 3)],
    mistakes={
        "with a stride, neighboring outputs read windows that lie `stride` pixels apart.": (
            lambda x, g, size, stride: _kernel_gradient(x, g, size, 1),
            lambda x, g, size, stride: correlate2d(x, g),
        ),
        "the result has the size of the kernel: where the stride leaves pixels over, cut them off.": (
            lambda x, g, size, stride: correlate2d(x, _spread(g, stride))
        ),
        "no flip: the kernel's gradient is a correlation.": partial(_kernel_gradient, flip=True),
        "add up over all positions; do not average.": (
            lambda x, g, size, stride: _kernel_gradient(x, g, size, stride) / g.size,
            lambda x, g, size, stride: _kernel_gradient(x, g, size, stride) / size**2,
        ),
        "add up over all positions, not only the first.": lambda x, g, size, stride: g[0, 0] * x[:size, :size],
        "add up over all positions, not only the last: use `+=`.": lambda x, g, size, stride: (
            g[-1, -1] * sliding_window_view(x, (size, size))[::stride, ::stride][len(g) - 1, g.shape[1] - 1]
        ),
        "multiply each window by its output gradient.": lambda x, g, size, stride: _kernel_gradient(
            x, np.ones_like(g), size, stride
        ),
    },
    right={
        "zeros between": lambda x, g, size, stride: correlate2d(x, _spread(g, stride))[:size, :size],
        "one weight at a time": lambda x, g, size, stride: np.array(
            [
                [
                    np.sum(g * x[i::stride, j::stride][: len(g), : g.shape[1]])
                    for j in range(size)
                ]
                for i in range(size)
            ]
        ),
    },
)  # fmt: skip
