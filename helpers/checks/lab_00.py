"""Self-checks of lab 00, neural networks from zero."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from helpers.checks.engine import Exercise, score_of
from helpers.checks.lab_00_weights import exactly_one

_RANDOM = np.random.default_rng(0)
_SCORES = np.array([[2.0, 1.0, 0.1, -3.0], [0.0, 4.0, 4.0, 1.0], [-1.0, -2.0, 5.0, 0.5]])
_HUGE = np.array([[1000.0, 999.0, -1000.0], [-1000.0, -1001.0, -1003.0], [0.0, 1.0, 2.0]])
_OVERFLOW = "scores of 1000 overflow in exp. Subtract each row's largest score first; the probabilities stay the same."


def _largest(scores):
    return scores.max(axis=1, keepdims=True)


def _softmax(scores, temperature, largest: Callable = _largest, axis: Any = 1):
    exponentials = np.exp((scores - largest(scores)) / temperature)
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


tempered_softmax = Exercise(
    1,
    "tempered_softmax",
    "Softmax with a temperature",
    solution=_softmax,
    cases=[(_SCORES, 1.0), (_SCORES, 2.5), (_HUGE, 0.5), (_HUGE, 1.0)],
    nan_hint=_OVERFLOW,
    mistakes={
        _OVERFLOW: (
            partial(_softmax, largest=lambda s: 0),
            partial(_softmax, largest=np.max),
            partial(_softmax, largest=np.mean),
        ),
        "the temperature plays no part: divide the scores by it.": lambda s, t: _softmax(s, 1),
        "*divide* the scores by the temperature: a high one makes them more equal.": lambda s, t: _softmax(
            s, 1 / t
        ),
        "divide the scores by the temperature, not the probabilities: those must add up to 1.": lambda s, t: (
            _softmax(s, 1) / t
        ),
        "each *row* must add up to 1, not each column.": partial(
            _softmax, largest=lambda s: s.max(axis=0, keepdims=True), axis=0
        ),
        "all numbers together add up to 1; each *row* must: `axis=1`, in the maximum and in the sum.": partial(
            _softmax, largest=np.max, axis=None
        ),
        "that is e to the power of the scores; now divide each row by its sum.": lambda s, t: np.exp(
            (s - _largest(s)) / t
        ),
    },
    right={
        "divided first": lambda s, t: _softmax(s / t, 1),
        "row by row": lambda s, t: np.array([_softmax(row[None], t)[0] for row in s]),
        "float32": lambda s, t: _softmax(s.astype("float32"), t),
    },
)


def _losses(scores, labels):
    shifted = scores - _largest(scores)
    return np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(labels)), labels]


def _loss(scores, labels):
    return _losses(scores, labels).mean()


def _log_of_softmax(scores, labels, largest: Callable = _largest):
    return -np.log(_softmax(scores, 1, largest)[np.arange(len(labels)), labels]).mean()


_UNDERFLOW = "the logarithm of a probability that became 0 is infinite. Use the form of the loss without probabilities."

_TOO_LARGE = "scores of 1000 overflow in exp. Subtract each row's largest score from all of its scores first."

loss_from_scores = Exercise(
    2,
    "loss_from_scores",
    "The loss, straight from the scores",
    solution=_loss,
    cases=[
        (_SCORES, np.array([0, 2, 3])),
        (_SCORES[:, :3], np.array([1, 0, 2])),
        (np.array([[1000.0, 0.0], [0.0, 1000.0], [-1000.0, -1000.0]]), np.array([1, 1, 0])),
    ],
    nan_hint=_TOO_LARGE,
    mistakes={
        _UNDERFLOW: _log_of_softmax,
        _TOO_LARGE: (
            lambda s, t: (np.log(np.exp(s).sum(axis=1)) - s[np.arange(len(t)), t]).mean(),
            partial(_log_of_softmax, largest=lambda s: 0),
        ),
        "a probability cut off at 1e-300 caps the loss at 691. Use the form of the loss without probabilities.": (
            lambda s, t: -np.log(np.maximum(_softmax(s, 1)[np.arange(len(t)), t], 1e-300)).mean()
        ),
        "each *row* has its own largest score: `max(axis=1, keepdims=True)`.": (
            lambda s, t: (
                np.log(np.exp(s - s.max()).sum(axis=1)) - (s - s.max())[np.arange(len(t)), t]
            ).mean(),
        ),
        "`scores[:, labels]` takes these columns from *every* row; `scores[np.arange(len(labels)), labels]` takes one "
        "score from each row.": lambda s, t: (
            np.log(np.exp(s - _largest(s)).sum(axis=1))[:, None] - (s - _largest(s))[:, t]
        ).mean(),
        "add up first, then take the logarithm.": lambda s, t: (
            np.log(np.exp(s - _largest(s))).sum(axis=1) - (s - _largest(s))[np.arange(len(t)), t]
        ).mean(),
        "take the mean over the examples, not their sum.": lambda s, t: _losses(s, t).sum(),
        "the sign is wrong: a loss is never negative.": lambda s, t: -_loss(s, t),
        "the logarithm of the sum is missing.": lambda s, t: -s[np.arange(len(t)), t].mean(),
        "subtract the largest score from the right score, too, or add it again at the end.": lambda s, t: (
            np.log(np.exp(s - _largest(s)).sum(axis=1)) - s[np.arange(len(t)), t]
        ).mean(),
        "only the score of the right class counts in front; `labels` says which it is.": (
            lambda s, t: _loss(s, s.argmax(axis=1)),
            lambda s, t: _loss(s, np.zeros_like(t)),
        ),
        "return one number: the mean over the examples.": _losses,
    },
    wrong={"transpose": lambda s, t: (np.log(np.exp(s - s.max()).sum(axis=0)) - s.max()).mean()},
    right={
        "example by example": lambda s, t: np.mean(
            [np.logaddexp.reduce(row) - row[c] for row, c in zip(s, t, strict=True)]
        )
    },
)


def _tanh_gradient(x, w, b, y, outer: float = 2, inner: Callable = lambda a: 1 - a**2):
    a = np.tanh(x @ w + b)
    slope_z = outer * (a - y) * inner(a)
    return x * slope_z, np.asarray(slope_z)


_NEURON = (np.array([0.5, -1.0, 2.0]), np.array([0.3, 0.8, 0.1]), 0.2, 1.0)

tanh_gradient = Exercise(
    3,
    "tanh_gradient",
    "A gradient by hand",
    solution=_tanh_gradient,
    cases=[_NEURON, (np.array([1.0, 3.0]), np.array([-0.2, 0.4]), -0.5, -1.0), (*_NEURON[:3], -0.25)],
    mistakes={
        "the slope of tanh is missing: 1 − a².": partial(_tanh_gradient, inner=lambda a: 1),
        "the slope of tanh is 1 − a², where a is tanh(z), not z.": lambda x, w, b, y: _tanh_gradient(
            x, w, b, y, inner=lambda a: 1 - np.arctanh(a) ** 2
        ),
        "a (1 − a) is the slope of sigmoid; tanh has another.": partial(
            _tanh_gradient, inner=lambda a: a * (1 - a)
        ),
        "a square has the slope 2 · (what is squared).": partial(_tanh_gradient, outer=1),
        "the sign is wrong: the loss rises where a lies *above* y and grows.": partial(
            _tanh_gradient, outer=-2
        ),
        "the bias has no input: its slope is that of z alone.": lambda x, w, b, y: (
            _tanh_gradient(x, w, b, y)[0],
            _tanh_gradient(x, w, b, y)[1] * b,
        ),
        "multiply by the inputs x, not by the weights.": lambda x, w, b, y: (
            w * _tanh_gradient(x, w, b, y)[1],
            _tanh_gradient(x, w, b, y)[1],
        ),
        "the bias is missing in z.": lambda x, w, b, y: _tanh_gradient(x, w, 0, y),
        "swapped: first the slopes of the weights, then that of the bias.": lambda *a: _tanh_gradient(*a)[
            ::-1
        ],
        "these are the new weights; return the slopes.": lambda x, w, b, y: (
            w - _tanh_gradient(x, w, b, y)[0],
            b - _tanh_gradient(x, w, b, y)[1],
        ),
    },
    right={
        "with cosh": lambda x, w, b, y: (
            2 * (np.tanh(x @ w + b) - y) / np.cosh(x @ w + b) ** 2 * x,
            2 * (np.tanh(x @ w + b) - y) / np.cosh(x @ w + b) ** 2,
        )
    },
)


def _slopes(x, y, w, b):
    error = x @ w + b - y
    return 2 * x.T @ error / len(x), 2 * error.mean()


def _step(x, y, w, b, rate, factor: float = 1):
    slope_w, slope_b = _slopes(x, y, w, b)
    return w - factor * rate * slope_w, np.asarray(b - factor * rate * slope_b)


def _one_after_the_other(x, y, w, b, rate):
    new_w = _step(x, y, w, b, rate)[0]
    return new_w, _step(x, y, new_w, b, rate)[1]


def _bias_first(x, y, w, b, rate):
    new_b = _step(x, y, w, b, rate)[1]
    return _step(x, y, w, new_b, rate)[0], new_b


descent_step = Exercise(
    4,
    "descent_step",
    "One step downhill",
    solution=_step,
    cases=[
        (_RANDOM.normal(size=(6, 2)), _RANDOM.normal(size=6), np.array([0.5, -1.0]), 0.3, 0.1),
        (_RANDOM.normal(size=(4, 3)), _RANDOM.normal(size=4), np.zeros(3), 0.0, 0.05),
    ],
    mistakes={
        "that is a step uphill: *subtract* the slope.": partial(_step, factor=-1),
        "compute both slopes first. Your bias is moved with the *new* weights.": _one_after_the_other,
        "compute both slopes first. Your weights are moved with the *new* bias.": _bias_first,
        "a square has the slope 2 · (what is squared).": partial(_step, factor=0.5),
        "the loss is the *mean* over the examples: divide by their number.": lambda x, y, w, b, rate: _step(
            x, y, w, b, rate * len(x)
        ),
        "multiply by the learning rate.": lambda x, y, w, b, rate: _step(x, y, w, b, 1),
        "the bias moves, too.": lambda x, y, w, b, rate: (_step(x, y, w, b, rate)[0], np.asarray(b)),
        "these are the slopes; return the new weights and the new bias.": lambda x, y, w, b, rate: _slopes(
            x, y, w, b
        ),
        "the error is what the neuron says *minus* the truth; the bias belongs to what it says.": (
            lambda x, y, w, b, rate: (
                w - rate * 2 * x.T @ (x @ w - y) / len(x),
                b - rate * 2 * (x @ w - y).mean(),
            )
        ),
    },
    right={
        "example by example": lambda x, y, w, b, rate: (
            w - rate * np.mean([2 * (r @ w + b - t) * r for r, t in zip(x, y, strict=True)], axis=0),
            b - rate * np.mean([2 * (r @ w + b - t) for r, t in zip(x, y, strict=True)]),
        )
    },
)


def _split(count, begin, end):
    indices = np.arange(count)
    inside = (indices >= begin) & (indices < end)
    return indices[~inside], indices[inside]


def _begin(count, k, number):
    return number * (count // k) + min(number, count % k)


def _fold(count, k, number):
    return _split(count, _begin(count, k, number), _begin(count, k, number + 1))


fold = Exercise(
    5,
    "fold",
    "Cut into folds",
    solution=_fold,
    cases=[(12, 3, 1), (11, 4, 0), (11, 4, 2), (11, 4, 3), (10, 4, 2), (5, 5, 4)],
    mistakes={
        "swapped: the training indices come first, then those of the fold.": lambda n, k, i: _fold(n, k, i)[
            ::-1
        ],
        "some examples are in no fold: the rest of the division must go somewhere.": (
            lambda n, k, i: _split(n // k * k, i * (n // k), (i + 1) * (n // k)),
            lambda n, k, i: _split(n, i * (n // k), (i + 1) * (n // k)),
        ),
        "the rest goes to the first folds, one more for each, not all of it to the last.": lambda n, k, i: (
            _split(n, i * (n // k), n if i == k - 1 else (i + 1) * (n // k))
        ),
        "the first folds have one more, so the later ones begin further on.": lambda n, k, i: _split(
            n, i * (n // k), (i + 1) * (n // k) + (i < n % k)
        ),
        "the folds are counted from 0.": lambda n, k, i: _fold(n, k, i - 1),
        "an example of the fold must not be trained on.": lambda n, k, i: (np.arange(n), _fold(n, k, i)[1]),
        "a fold is a block of neighbors, not every k-th example.": lambda n, k, i: (
            np.array([j for j in range(n) if j % k != i]),
            np.arange(i, n, k),
        ),
        "train on *all* other folds, not only on those before this one.": lambda n, k, i: (
            np.arange(_begin(n, k, i)),
            _fold(n, k, i)[1],
        ),
    },
    right={
        "array_split": lambda n, k, i: (
            np.setdiff1d(np.arange(n), np.array_split(np.arange(n), k)[i]),
            np.array_split(np.arange(n), k)[i],
        ),
        "lists": lambda n, k, i: tuple(part.tolist() for part in _fold(n, k, i)),
    },
)

EXERCISES = (tempered_softmax, loss_from_scores, tanh_gradient, descent_step, fold, exactly_one)
score = score_of("Lab 00", EXERCISES)
