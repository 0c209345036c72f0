"""Self-checks of lab 07, batch normalization."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from helpers.checks.engine import Exercise, score_of

_RANDOM = np.random.default_rng(7)


one_hot = Exercise(
    1,
    "one_hot",
    "One-hot",
    solution=lambda y, n: np.eye(n)[y],
    cases=[(np.array([2, 0, 1, 2, 3]), 5), (np.array([0, 0, 5, 1]), 6), (np.array([1, 3, 0]), 4)],
    mistakes={
        "classes are counted from 0: label 0 has its one in the first column.": (
            lambda y, n: np.roll(np.eye(n)[y], -1, axis=1),
            lambda y, n: np.roll(np.eye(n)[y], 1, axis=1),
        ),
        "exchange the values: one at the label, zero everywhere else.": lambda y, n: 1 - np.eye(n)[y],
        "there is one row for each label and one column for each *class*, also for classes that do not occur.": (
            lambda y, n: np.eye(y.max() + 1)[y],
            lambda y, n: np.eye(n)[:, np.unique(y)][y],
        ),
        "there is one row for each label, not one for each class.": lambda y, n: np.eye(n)[:, y],
        "put a one at the label, not the label itself.": lambda y, n: np.eye(n)[y] * y[:, None],
        "each row has a single one; `matrix[:, labels] = 1` fills whole columns.": lambda y, n: (
            np.eye(n)[y].max(0) * np.ones((len(y), 1))
        ),
    },
    right={
        "label by label": lambda y, n: [[int(label == column) for column in range(n)] for label in y],
        "compared": lambda y, n: (y[:, None] == np.arange(n)).astype("float32"),
    },
)


def _normalize(x, gamma, beta, epsilon, axis: Any = (0, 1, 2), ddof=0, spread: Callable | None = None):
    mean, variance = x.mean(axis=axis, keepdims=True), x.var(axis=axis, ddof=ddof, keepdims=True)
    width = spread(variance, epsilon) if spread else np.sqrt(variance + epsilon)
    return gamma * (x - mean) / width + beta


def _batch(*shape):
    return _RANDOM.normal(size=shape) * _RANDOM.uniform(0.2, 3, shape[-1]) + _RANDOM.normal(size=shape[-1])


def _with_scale(batch, epsilon):
    channels = batch.shape[-1]
    return batch, _RANDOM.uniform(0.5, 2, channels), _RANDOM.normal(size=channels), epsilon


_SQUARE_ROOT = "divide by the square root of the variance."
_OUTSIDE = "ε is added to the variance, under the root."
_FORGOTTEN = "γ and β are missing at the end: multiply by γ and add β."

batch_norm = Exercise(
    2,
    "batch_norm",
    "Batch normalization in training",
    solution=_normalize,
    cases=[
        _with_scale(_batch(4, 5, 6, 3), 1e-3),
        _with_scale(_batch(2, 3, 7, 4), 0.1),
        _with_scale(_batch(3, 4, 2, 1), 1e-3),
    ],
    mistakes={
        "each channel has one mean for the whole batch; you take one for each picture.": partial(
            _normalize, axis=(1, 2)
        ),
        "each channel has its own mean; you take one for everything.": partial(_normalize, axis=None),
        "average over height and width, too; you take one mean for each place.": partial(_normalize, axis=0),
        "channels are the last axis; average over all others.": (
            partial(_normalize, axis=(0, 2, 3)),
            partial(_normalize, axis=(1, 2, 3)),
            partial(_normalize, axis=3),
        ),
        _SQUARE_ROOT: partial(_normalize, spread=lambda variance, e: variance + e),
        _OUTSIDE: partial(_normalize, spread=lambda variance, e: np.sqrt(variance) + e),
        "ε is missing under the root.": partial(_normalize, spread=lambda variance, e: np.sqrt(variance)),
        "the variance is the plain mean of the squares (ddof=0).": partial(_normalize, ddof=1),
        "subtract the mean before you divide.": lambda x, g, b, e: (
            g * (x / np.sqrt(x.var((0, 1, 2)) + e) - x.mean((0, 1, 2))) + b
        ),
        _FORGOTTEN: (
            lambda x, g, b, e: _normalize(x, 1, 0, e),
            lambda x, g, b, e: _normalize(x, g, 0, e),
            lambda x, g, b, e: _normalize(x, 1, b, e),
        ),
        "γ multiplies, β is added; they are exchanged.": lambda x, g, b, e: _normalize(x, b, g, e),
        "β is added after everything else; it is not multiplied by γ.": lambda x, g, b, e: (
            g * (_normalize(x, 1, 0, e) + b)
        ),
    },
    right={
        "by moments": lambda x, g, b, e: (
            (x - x.mean((0, 1, 2))) * (g / np.sqrt((x**2).mean((0, 1, 2)) - x.mean((0, 1, 2)) ** 2 + e)) + b
        ),
        "channel by channel": lambda x, g, b, e: np.stack(
            [
                g[c] * (x[..., c] - x[..., c].mean()) / np.sqrt(x[..., c].var() + e) + b[c]
                for c in range(x.shape[3])
            ],
            axis=3,
        ),
    },
)


def _follow(start, batches, momentum, share: Callable = lambda momentum: 1 - momentum):
    average = np.array(start, dtype=float)
    for value in batches:
        average = momentum * average + share(momentum) * np.asarray(value)
    return average


moving_average = Exercise(
    3,
    "moving_average",
    "Moving averages",
    solution=_follow,
    cases=[
        (np.zeros(3), _RANDOM.normal(size=(4, 3)), 0.9),
        (np.ones(2), _RANDOM.uniform(1, 3, (6, 2)), 0.99),
        (_RANDOM.normal(size=5), _RANDOM.normal(size=(3, 5)), 0.5),
    ],
    mistakes={
        "momentum is the share of the *old* average; you have swapped the two shares.": lambda s, b, m: (
            _follow(s, b, 1 - m)
        ),
        "only the last batch counts in your answer: go on from the average before.": lambda s, b, m: (
            m * s + (1 - m) * b[-1]
        ),
        "only the first batch counts in your answer: does the loop end too early?": lambda s, b, m: (
            m * s + (1 - m) * b[0]
        ),
        "the two shares must add up to 1.": lambda s, b, m: _follow(s, b, m, lambda m: 1),
        "that is the plain mean of the batches.": lambda s, b, m: np.mean(b, axis=0),
        "begin with `start`, not with zeros or with the first batch.": (
            lambda s, b, m: _follow(0 * s, b, m),
            lambda s, b, m: _follow(b[0], b[1:], m),
            lambda s, b, m: _follow(b[0], b, m),
        ),
        "the first batch is left out.": lambda s, b, m: _follow(s, b[1:], m),
        "the last batch is left out.": lambda s, b, m: _follow(s, b[:-1], m),
        "the batches come in the order of training; you go through them in reverse order.": lambda s, b, m: (
            _follow(s, b[::-1], m)
        ),
        "return the last averages only, not those after each batch.": lambda s, b, m: np.array(
            [_follow(s, b[: n + 1], m) for n in range(len(b))]
        ),
    },
    wrong={"transpose": lambda s, b, m: _follow(s, b, 1 - m)},
    right={
        "with weights": lambda s, b, m: (
            m ** len(b) * s + (1 - m) * sum(m ** (len(b) - 1 - n) * value for n, value in enumerate(b))
        )
    },
)


def _in_use(x, mean, variance, gamma, beta, epsilon):
    return gamma * (x - mean) / np.sqrt(variance + epsilon) + beta


def _averages(several, rows=2):
    """Means, biases and the like, and positive variances and scales, of several channels."""
    return _RANDOM.normal(size=(rows, several)), _RANDOM.uniform(0.2, 2, (2, several))


def _use_case(shape, epsilon):
    (mean, beta), (variance, gamma) = _averages(shape[-1])
    return _batch(*shape), mean, variance, gamma, beta, epsilon


batch_norm_in_use = Exercise(
    4,
    "batch_norm_in_use",
    "Batch normalization at inference",
    solution=_in_use,
    cases=[_use_case((1, 5, 4, 3), 1e-3), _use_case((2, 3, 6, 2), 0.05)],
    mistakes={
        "at inference, the batch's own mean plays no part: take the averages that come in.": (
            lambda x, m, v, g, b, e: _normalize(x, g, b, e),
            lambda x, m, v, g, b, e: _in_use(x, x.mean((0, 1, 2)), v, g, b, e),
            lambda x, m, v, g, b, e: _in_use(x, m, x.var((0, 1, 2)), g, b, e),
        ),
        _SQUARE_ROOT: lambda x, m, v, g, b, e: g * (x - m) / (v + e) + b,
        _OUTSIDE: lambda x, m, v, g, b, e: g * (x - m) / (np.sqrt(v) + e) + b,
        "ε is missing under the root.": lambda x, m, v, g, b, e: g * (x - m) / np.sqrt(v) + b,
        _FORGOTTEN: (
            lambda x, m, v, g, b, e: (x - m) / np.sqrt(v + e),
            lambda x, m, v, g, b, e: g * (x - m) / np.sqrt(v + e),
            lambda x, m, v, g, b, e: (x - m) / np.sqrt(v + e) + b,
        ),
        "γ and β are swapped.": lambda x, m, v, g, b, e: _in_use(x, m, v, b, g, e),
        "subtract the mean before you divide.": lambda x, m, v, g, b, e: g * x / np.sqrt(v + e) - m + b,
    },
    right={
        "one factor, one summand": lambda x, m, v, g, b, e: (
            x * (g / np.sqrt(v + e)) + (b - m * g / np.sqrt(v + e))
        )
    },
)


def _scale(variance, gamma, epsilon):
    return gamma / np.sqrt(variance + epsilon)


def _folded(kernel, bias, mean, variance, gamma, beta, epsilon):
    scale = _scale(variance, gamma, epsilon)
    return kernel * scale, (bias - mean) * scale + beta


def _fold_case(channels, filters):
    (mean, beta, bias), (variance, gamma) = _averages(filters, 3)
    kernel = _RANDOM.normal(size=(3, 3, channels, filters))
    return kernel, bias, mean, variance, gamma, beta, 1e-3


fold = Exercise(
    5,
    "fold",
    "Make it disappear",
    solution=_folded,
    cases=[_fold_case(3, 4), _fold_case(2, 5), _fold_case(4, 4)],
    mistakes={
        "β must be added to the new bias.": lambda k, b, m, v, g, a, e: _folded(k, b, m, v, g, 0, e),
        "β is added at the end; it is not scaled.": lambda k, b, m, v, g, a, e: (
            k * _scale(v, g, e),
            (b - m + a) * _scale(v, g, e),
        ),
        "the old bias is scaled, too.": lambda k, b, m, v, g, a, e: (
            k * _scale(v, g, e),
            b - m * _scale(v, g, e) + a,
        ),
        "the old bias counts, too.": lambda k, b, m, v, g, a, e: _folded(k, 0 * b, m, v, g, a, e),
        "the mean is scaled, too.": lambda k, b, m, v, g, a, e: (
            k * _scale(v, g, e),
            b * _scale(v, g, e) - m + a,
        ),
        "the mean is subtracted from the convolution's result, so it belongs into the bias.": (
            lambda k, b, m, v, g, a, e: _folded(k, b, 0, v, g, a, e),
            lambda k, b, m, v, g, a, e: _folded(k, b, -m, v, g, a, e),
        ),
        "the mean belongs into the bias only; the kernel is scaled.": lambda k, b, m, v, g, a, e: (
            (k - m) * _scale(v, g, e),
            (b - m) * _scale(v, g, e) + a,
        ),
        "the kernel must be scaled, too.": lambda k, b, m, v, g, a, e: (k, (b - m) * _scale(v, g, e) + a),
        "each filter has its own scale: filters are the kernel's last axis.": lambda k, b, m, v, g, a, e: (
            k * _scale(v, g, e)[:, None] if k.shape[2] == k.shape[3] else k * _scale(v, g, e),
            (b - m) * _scale(v, g, e) + a,
        ),
        "γ is missing.": lambda k, b, m, v, g, a, e: _folded(k, b, m, v, 1, a, e),
        _SQUARE_ROOT: lambda k, b, m, v, g, a, e: (k * g / (v + e), (b - m) * g / (v + e) + a),
        "ε is missing under the root.": lambda k, b, m, v, g, a, e: _folded(k, b, m, v, g, a, 0),
        "return the kernel first, then the bias.": lambda *a: _folded(*a)[::-1],
    },
    right={"a list": lambda *a: list(_folded(*a))},
)


def _square(image, top: Callable = lambda margin: margin // 2, less=0):
    height, width = image.shape[:2]
    side = min(height, width) - less
    row, column = top(height - side), top(width - side)
    return image[row : row + side, column : column + side]


def _equal_margins(image):
    """What cuts the same margin off on both sides: one pixel too much is left if the margin is odd."""
    height, width = image.shape[:2]
    side = min(height, width)
    row, column = (height - side) // 2, (width - side) // 2
    return image[row : height - row, column : width - column]


center_square = Exercise(
    6,
    "center_square",
    "The square in the middle",
    solution=_square,
    cases=[
        (_RANDOM.integers(0, 256, shape).astype("uint8"),)
        for shape in [(6, 10, 3), (9, 5, 3), (4, 4, 3), (7, 10, 3), (8, 5, 3)]
    ],
    mistakes={
        "the square must lie in the middle, not at the top left.": lambda i: _square(i, lambda margin: 0),
        "the square must lie in the middle, not at the bottom right.": lambda i: _square(i, int),
        "the square can be one pixel larger.": (lambda i: _square(i)[:-1, :-1], lambda i: _square(i, less=1)),
        "with an odd margin that is no square: end at `top + side`, not at `height - top`.": _equal_margins,
        "of an odd margin, the extra pixel stays at the bottom or right: round down.": lambda i: _square(
            i, lambda margin: -(-margin // 2)
        ),
        "rows and columns are swapped.": lambda i: _square(i.transpose(1, 0, 2)),
        "cut a square out; nothing is squeezed.": lambda i: i[
            np.ix_(*[np.arange(min(i.shape[:2])) * n // min(i.shape[:2]) for n in i.shape[:2]])
        ],
        "cut the longer side in the middle; you cut a margin off the other side as well.": lambda i: i[
            abs(i.shape[0] - i.shape[1]) // 2 :, abs(i.shape[0] - i.shape[1]) // 2 :
        ][: min(i.shape[:2]), : min(i.shape[:2])],
        "the color channels stay as they are.": lambda i: _square(i)[..., ::-1],
    },
    right={
        "the longer side only": lambda i: (
            i[(i.shape[0] - i.shape[1]) // 2 :][: i.shape[1]]
            if i.shape[0] > i.shape[1]
            else i[:, (i.shape[1] - i.shape[0]) // 2 :][:, : i.shape[0]]
        )
    },
)

EXERCISES = (one_hot, batch_norm, moving_average, batch_norm_in_use, fold, center_square)
score = score_of("Lab 07", EXERCISES)
