"""Self-checks of lab 07, batch normalization."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from helpers.checks.engine import Result, check

_RANDOM = np.random.default_rng(7)


def one_hot(function: Callable) -> Result:
    """Exercise 1: labels to one-hot rows."""
    mistakes = {
        "classes are counted from 0: label 0 has its one in the first column.": lambda y, n: np.roll(
            np.eye(n)[y], -1, axis=1
        ),
        "exchange the values: one at the label, zero everywhere else.": lambda y, n: 1 - np.eye(n)[y],
        "there is one row for each label and one column for each *class*, also for classes that do not occur.": (
            lambda y, n: np.eye(y.max() + 1)[y]
        ),
    }
    cases = [(np.array([2, 0, 1, 2, 3]), 5), (np.array([0, 0, 5, 1]), 6), (np.array([1, 3, 0]), 4)]
    return check("Exercise 1", function, cases, lambda y, n: np.eye(n)[y], mistakes)


def _normalize(x, gamma, beta, epsilon, axis=(0, 1, 2), ddof=0, inside=True):
    mean, variance = x.mean(axis=axis, keepdims=True), x.var(axis=axis, ddof=ddof, keepdims=True)
    spread = np.sqrt(variance + epsilon) if inside else np.sqrt(variance) + epsilon
    return gamma * (x - mean) / spread + beta


def _batch(*shape):
    return _RANDOM.normal(size=shape) * _RANDOM.uniform(0.2, 3, shape[-1]) + _RANDOM.normal(size=shape[-1])


def batch_norm(function: Callable) -> Result:
    """Exercise 2: batch normalization in training."""
    cases = []
    for shape, epsilon in [((4, 5, 6, 3), 1e-3), ((2, 3, 7, 4), 0.1), ((3, 4, 2, 1), 1e-3)]:
        gamma, beta = _RANDOM.uniform(0.5, 2, shape[-1]), _RANDOM.normal(size=shape[-1])
        cases.append((_batch(*shape), gamma, beta, epsilon))
    mistakes = {
        "each channel has one mean for the whole batch; you take one for each picture.": lambda *a: (
            _normalize(*a, axis=(1, 2))
        ),
        "each channel has its own mean; you take one for everything.": lambda *a: _normalize(
            *a, axis=(0, 1, 2, 3)
        ),
        "average over height and width, too; you take one mean for each place.": lambda *a: _normalize(
            *a, axis=0
        ),
        "divide by the square root of the variance.": lambda x, g, b, e: (
            g * (x - x.mean((0, 1, 2))) / (x.var((0, 1, 2)) + e) + b
        ),
        "ε is added to the variance, under the root.": lambda *a: _normalize(*a, inside=False),
        "the variance is the plain mean of the squares (ddof=0).": lambda *a: _normalize(*a, ddof=1),
        "γ and β are missing at the end.": lambda x, g, b, e: _normalize(x, 1, 0, e),
        "β is added after everything else; it is not multiplied by γ.": lambda x, g, b, e: (
            g * (_normalize(x, 1, 0, e) + b)
        ),
    }
    return check("Exercise 2", function, cases, _normalize, mistakes)


def moving_average(function: Callable) -> Result:
    """Exercise 3: the averages after several batches."""

    def follow(start, batches, momentum):
        average = np.array(start, dtype=float)
        for value in batches:
            average = momentum * average + (1 - momentum) * np.asarray(value)
        return average

    mistakes = {
        "momentum is the share of the *old* average; you have swapped the two shares, as in reverse order.": (
            lambda s, b, m: follow(s, b, 1 - m)
        ),
        "only the last batch counts in your answer: go on from the average before.": lambda s, b, m: (
            m * np.asarray(s) + (1 - m) * np.asarray(b)[-1]
        ),
        "the two shares must add up to 1.": _sum_up,
        "that is the plain mean of the batches.": lambda s, b, m: np.mean(b, axis=0),
        "the first batch is left out.": lambda s, b, m: follow(s, b[1:], m),
        "the batches come in the order of training; you go through them in reverse order.": lambda s, b, m: (
            follow(s, b[::-1], m)
        ),
    }
    cases = [
        (np.zeros(3), _RANDOM.normal(size=(4, 3)), 0.9),
        (np.ones(2), _RANDOM.uniform(1, 3, (6, 2)), 0.99),
        (_RANDOM.normal(size=5), _RANDOM.normal(size=(3, 5)), 0.5),
    ]
    return check("Exercise 3", function, cases, follow, mistakes)


def _sum_up(start, batches, momentum):
    average = np.array(start, dtype=float)
    for value in batches:
        average = momentum * average + value
    return average


def batch_norm_in_use(function: Callable) -> Result:
    """Exercise 4: batch normalization in use."""

    def normalize(x, mean, variance, gamma, beta, epsilon):
        return gamma * (x - mean) / np.sqrt(variance + epsilon) + beta

    mistakes = {
        "in use, the batch's own mean plays no part: take the averages that come in.": lambda x, m, v, g, b, e: (
            _normalize(x, g, b, e)
        ),
        "divide by the square root of the variance.": lambda x, m, v, g, b, e: g * (x - m) / (v + e) + b,
        "ε is missing under the root.": lambda x, m, v, g, b, e: g * (x - m) / np.sqrt(v) + b,
        "γ and β are missing.": lambda x, m, v, g, b, e: (x - m) / np.sqrt(v + e),
        "γ and β are swapped.": lambda x, m, v, g, b, e: b * (x - m) / np.sqrt(v + e) + g,
    }
    cases = []
    for shape, epsilon in [((1, 5, 4, 3), 1e-3), ((2, 3, 6, 2), 0.05)]:
        several = shape[-1]
        mean, beta = _RANDOM.normal(size=(2, several))
        variance, gamma = _RANDOM.uniform(0.2, 2, (2, several))
        cases.append((_batch(*shape), mean, variance, gamma, beta, epsilon))
    return check("Exercise 4", function, cases, normalize, mistakes)


def fold(function: Callable) -> Result:
    """Exercise 5: a convolution that has swallowed its normalization."""

    def folded(kernel, bias, mean, variance, gamma, beta, epsilon):
        scale = gamma / np.sqrt(variance + epsilon)
        return kernel * scale, (bias - mean) * scale + beta

    def scale(variance, gamma, epsilon):
        return gamma / np.sqrt(variance + epsilon)

    mistakes = {
        "β must be added to the new bias.": lambda k, b, m, v, g, a, e: (
            k * scale(v, g, e),
            (b - m) * scale(v, g, e),
        ),
        "the old bias is scaled, too.": lambda k, b, m, v, g, a, e: (
            k * scale(v, g, e),
            b - m * scale(v, g, e) + a,
        ),
        "the mean is subtracted from the convolution's result, so it belongs into the bias.": (
            lambda k, b, m, v, g, a, e: (k * scale(v, g, e), b * scale(v, g, e) + a)
        ),
        "the kernel must be scaled, too.": lambda k, b, m, v, g, a, e: (k, (b - m) * scale(v, g, e) + a),
        "γ is missing.": lambda k, b, m, v, g, a, e: (k * scale(v, 1, e), (b - m) * scale(v, 1, e) + a),
        "divide by the square root of the variance.": lambda k, b, m, v, g, a, e: (
            k * g / (v + e),
            (b - m) * g / (v + e) + a,
        ),
    }
    cases = []
    for channels, filters in [(3, 4), (2, 5)]:
        mean, beta, bias = _RANDOM.normal(size=(3, filters))
        variance, gamma = _RANDOM.uniform(0.2, 2, (2, filters))
        kernel = _RANDOM.normal(size=(3, 3, channels, filters))
        cases.append((kernel, bias, mean, variance, gamma, beta, 1e-3))
    return check("Exercise 5", function, cases, folded, mistakes)


def center_square(function: Callable) -> Result:
    """Exercise 6: the largest square in the middle of a photograph."""

    def crop(image, top=0.5, left=0.5):
        height, width = image.shape[:2]
        side = min(height, width)
        row, column = int((height - side) * top), int((width - side) * left)
        return image[row : row + side, column : column + side]

    def smaller(image):
        side = min(image.shape[:2])
        return crop(image)[: side - 1, : side - 1]

    mistakes = {
        "the square must lie in the middle, not at the top left.": lambda image: crop(image, 0, 0),
        "the square must lie in the middle, not at the bottom right.": lambda image: crop(image, 1, 1),
        "the square can be one pixel larger.": smaller,
        "rows and columns are swapped.": lambda image: crop(image.transpose(1, 0, 2)),
    }
    cases = [
        (_RANDOM.integers(0, 256, shape).astype("uint8"),) for shape in [(6, 10, 3), (9, 5, 3), (4, 4, 3)]
    ]
    return check("Exercise 6", function, cases, crop, mistakes)
