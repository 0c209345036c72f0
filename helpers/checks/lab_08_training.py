"""Exercises 4 to 6 of lab 08: softened labels and a rate that rises and falls."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from helpers.checks.engine import Exercise

_RANDOM = np.random.default_rng(84)


def _log_softmax(scores: np.ndarray) -> np.ndarray:
    shifted = scores - scores.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def _targets(scores: np.ndarray, labels: np.ndarray, alpha: float) -> np.ndarray:
    classes = scores.shape[1]
    return (1 - alpha) * np.eye(classes)[labels] + alpha / classes


def _smoothed(scores: np.ndarray, labels: np.ndarray, alpha: float, targets: Callable = _targets) -> float:
    return float(-np.mean(np.sum(targets(scores, labels, alpha) * _log_softmax(scores), axis=1)))


def _spread_over_others(scores: np.ndarray, labels: np.ndarray, alpha: float) -> np.ndarray:
    classes = scores.shape[1]
    one_hot = np.eye(classes)[labels]
    return (1 - alpha) * one_hot + alpha / (classes - 1) * (1 - one_hot)


def _unsafe(scores: np.ndarray, labels: np.ndarray, alpha: float) -> float:
    p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    return float(-np.mean(np.sum(_targets(scores, labels, alpha) * np.log(p), axis=1)))


smoothed_loss = Exercise(
    4,
    "smoothed_loss",
    "Smoothed cross-entropy from scores",
    solution=_smoothed,
    cases=[
        (np.array([[2.0, 1.0, 0.1], [0.5, 2.5, -1.0]]), np.array([0, 2]), 0.1),
        (_RANDOM.normal(size=(5, 4)), np.array([3, 0, 1, 1, 2]), 0.3),
        (np.array([[1000.0, 0.0, -1000.0], [0.0, 1000.0, 1000.0]]), np.array([0, 1]), 0.2),
    ],
    nan_hint="the answer is not a number: `np.exp(1000)` is infinite. Subtract the largest score of each row first.",
    mistakes={
        "that is the loss without smoothing.": lambda s, y, a: _smoothed(s, y, 0),
        "the share α is spread over *all* kinds, the true one included: α/K each.": lambda s, y, a: _smoothed(
            s, y, a, _spread_over_others
        ),
        "the true kind gets α/K, too: 1 − α + α/K.": lambda s, y, a: _smoothed(
            s, y, a, lambda s, y, a: np.where(np.eye(s.shape[1])[y] > 0, 1 - a, a / s.shape[1])
        ),
        "the other kinds get α/K each, not α.": lambda s, y, a: _smoothed(
            s, y, a, lambda s, y, a: np.where(np.eye(s.shape[1])[y] > 0, 1 - a, a)
        ),
        "the smoothed labels must add up to 1: the true kind gets less than 1.": lambda s, y, a: _smoothed(
            s, y, a, lambda s, y, a: np.eye(s.shape[1])[y] + a / s.shape[1]
        ),
        "average over the pictures; you add them up.": lambda s, y, a: len(s) * _smoothed(s, y, a),
        "add up over the kinds, and average over the pictures only.": lambda s, y, a: (
            _smoothed(s, y, a) / s.shape[1]
        ),
        "the sign: a loss is positive.": lambda s, y, a: -_smoothed(s, y, a),
    },
    wrong={"unstable": _unsafe, "transpose": lambda s, y, a: _smoothed(s, y, 1 - a)},
    right={"two parts": lambda s, y, a: (1 - a) * _smoothed(s, y, 0) - a * float(_log_softmax(s).mean())},
)


def _best(classes: int, alpha: float) -> np.ndarray:
    other = alpha / classes
    true = 1 - alpha + other
    return np.array([np.log(true / other), -true * np.log(true) - (classes - 1) * other * np.log(other)])


def _lead(ratio: Callable[[int, float], float]) -> Callable[[int, float], np.ndarray]:
    return lambda classes, alpha: np.array([np.log(ratio(classes, alpha)), _best(classes, alpha)[1]])


best_lead = Exercise(
    5,
    "best_lead",
    "The lowest point",
    solution=_best,
    cases=[(3, 0.1), (10, 0.1), (4, 0.4)],
    mistakes={
        "the lowest loss is not zero: put the best probabilities into the smoothed loss.": lambda k, a: (
            _best(k, a) * [1, 0]
        ),
        "the other kinds contribute to the lowest loss, too, K − 1 of them.": (
            lambda k, a: np.array([_best(k, a)[0], -(1 - a + a / k) * np.log(1 - a + a / k)]),
            lambda k, a: np.array(
                [_best(k, a)[0], -(1 - a + a / k) * np.log(1 - a + a / k) - a / k * np.log(a / k)]
            ),
        ),
        "there are K − 1 other kinds, not K.": lambda k, a: np.array(
            [_best(k, a)[0], -(1 - a + a / k) * np.log(1 - a + a / k) - a * np.log(a / k)]
        ),
        "a lead is a difference of scores: the logarithm of the ratio of two probabilities.": (
            lambda k, a: np.array([np.exp(_best(k, a)[0]), _best(k, a)[1]]),
            lambda k, a: np.array([1 - a, _best(k, a)[1]]),
        ),
        "the ratio is that of the true kind to *one* other: (1 − α + α/K) to α/K.": (
            _lead(lambda k, a: (1 - a) / a),
            _lead(lambda k, a: (1 - a + a / k) / a),
            _lead(lambda k, a: (1 - a) / (a / k)),
            _lead(lambda k, a: (1 - a) / (a / (k - 1))),
            _lead(lambda k, a: 1 - a + a / k),
        ),
        "the lead is that of the true kind, a positive number.": lambda k, a: _best(k, a) * [-1, 1],
        "the sign of the loss.": lambda k, a: _best(k, a) * [1, -1],
        "the lead first, then the loss.": lambda k, a: _best(k, a)[::-1],
    },
    right={"a tuple": lambda k, a: tuple(_best(k, a))},
)


def _warm(
    step: np.ndarray,
    steps: int,
    warm_up: int,
    peak: float,
    fall: Callable[[np.ndarray], np.ndarray] = lambda share: (1 + np.cos(np.pi * share)) / 2,
    share: Callable = lambda step, steps, warm_up: (step - warm_up) / (steps - warm_up),
) -> np.ndarray:
    return peak * np.where(step < warm_up, step / warm_up, fall(share(step, steps, warm_up)))


_STEPS = np.arange(101)

warm_up_cosine = Exercise(
    6,
    "warm_up_cosine",
    "Warm up, then fall",
    solution=_warm,
    cases=[
        (_STEPS, 100, 10, 0.5),
        (_STEPS[:41], 40, 16, 2.0),
        (np.array([0, 5, 9, 20, 39, 60]), 60, 20, 1.0),
    ],
    mistakes={
        "the warm-up is missing.": (
            lambda s, t, w, p: p * (1 + np.cos(np.pi * s / t)) / 2,
            lambda s, t, w, p: np.where(s < w, p, _warm(s, t, w, p)),
        ),
        "the rate jumps: the cosine begins at the end of the warm-up, with its peak.": (
            lambda s, t, w, p: _warm(s, t, w, p, share=lambda step, steps, warm: step / steps)
        ),
        "the rate must be 0 at the last step: divide by the steps that are left after the warm-up.": (
            lambda s, t, w, p: _warm(s, t, w, p, share=lambda step, steps, warm: (step - warm) / steps)
        ),
        "half of (1 + cos): it begins at 1, not at 2.": lambda s, t, w, p: _warm(
            s, t, w, p, lambda share: 1 + np.cos(np.pi * share)
        ),
        "*half* a cosine, an angle from 0 to π; yours comes up again.": lambda s, t, w, p: _warm(
            s, t, w, p, lambda share: (1 + np.cos(2 * np.pi * share)) / 2
        ),
        "add 1 to the cosine, and halve: a rate is never negative.": lambda s, t, w, p: _warm(
            s, t, w, p, lambda share: np.cos(np.pi * share)
        ),
        "that falls along a line; the angle of the cosine is π times the share that is done.": lambda s, t, w, p: (
            _warm(s, t, w, p, lambda share: 1 - share)
        ),
        "that is a quarter of a cosine.": lambda s, t, w, p: _warm(
            s, t, w, p, lambda share: np.cos(np.pi * share / 2)
        ),
        "step 0 has the rate 0: steps are counted from 0.": lambda s, t, w, p: (
            _warm(s, t, w, p) + p / w * (s < w)
        ),
        "multiply by the peak.": lambda s, t, w, p: _warm(s, t, w, 1),
        "NumPy's cosine takes radians: π, not 180.": lambda s, t, w, p: _warm(
            s, t, w, p, lambda share: (1 + np.cos(180 * share)) / 2
        ),
    },
    right={
        "step by step": lambda s, t, w, p: np.array(
            [p * n / w if n <= w else p * np.cos(np.pi / 2 * (n - w) / (t - w)) ** 2 for n in s]
        )
    },
)
