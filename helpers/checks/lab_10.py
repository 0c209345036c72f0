"""Self-checks of lab 10, fruits: from data to a model."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from helpers.checks.engine import Exercise, score_of

_RANDOM = np.random.default_rng(10)


def _blocks(picture, rows, columns):
    bands = [band.mean(axis=0) for band in np.array_split(picture, rows, axis=0)]
    return np.stack([[part.mean() for part in np.array_split(band, columns)] for band in bands])


def _hash(picture, size: int = 8, middle: Callable = np.mean):
    small = _blocks(picture, size, size)
    return (small > middle(small)).ravel()


_SLOPE = np.add.outer(np.linspace(0, 90, 16), np.linspace(0, 160, 24) ** 1.2)
_PHOTO = _RANDOM.uniform(0, 255, (32, 40)) + _SLOPE[:1, :1] + np.linspace(0, 400, 40) ** 1.1

average_hash = Exercise(
    1,
    "average_hash",
    "Another fingerprint",
    solution=_hash,
    cases=[(_SLOPE,), (_PHOTO,), (_RANDOM.uniform(0, 255, (16, 16)) ** 2,)],
    mistakes={
        "compare with the *mean* of the blocks, not with their median.": partial(_hash, middle=np.median),
        "compare with the mean of the picture's own blocks, not with the middle of the scale.": partial(
            _hash, middle=lambda small: 127.5
        ),
        "one list of 64 answers, row by row: use `.ravel()` at the end.": lambda picture: _hash(
            picture
        ).reshape(8, 8),
        "an answer is True where a block is *brighter* than the mean.": lambda picture: ~_hash(picture),
        "row by row, not column by column.": lambda picture: _hash(picture).reshape(8, 8).T.ravel(),
        "that compares neighbors, as the lesson's hash does; compare with the mean.": lambda picture: (
            np.diff(_blocks(picture, 8, 9), axis=1).ravel() > 0
        ),
        "these are the blocks; compare them with their mean.": lambda picture: _blocks(picture, 8, 8).ravel(),
        "return True and False, not 1 and 0.": lambda picture: _hash(picture).astype(int),
    },
    right={
        "reshape where it fits": lambda picture: (
            _hash(picture)
            if picture.shape[0] % 8 or picture.shape[1] % 8
            else (lambda b: (b > b.mean()).ravel())(
                picture.reshape(8, picture.shape[0] // 8, 8, picture.shape[1] // 8).mean(axis=(1, 3))
            )
        )
    },
)


def _leaks(group, in_test):
    return np.isin(group, np.intersect1d(group[in_test], group[~in_test]))


leaks = Exercise(
    2,
    "leaks",
    "Where does it leak?",
    solution=_leaks,
    cases=[
        (np.array([0, 0, 1, 1, 2, 2, 3]), np.array([True, False, True, True, False, False, False])),
        (np.array([4, 2, 4, 2, 7, 7, 4, 9]), np.array([True, False, False, False, True, True, True, False])),
        (np.array([1, 1, 2]), np.array([False, False, True])),
    ],
    mistakes={
        "these are the test pictures with kin in the training set. Mark their kin, too.": lambda g, t: (
            _leaks(g, t) & t
        ),
        "these are the training pictures with kin in the test. Mark their kin, too.": lambda g, t: (
            _leaks(g, t) & ~t
        ),
        "that marks the pictures that do *not* leak.": lambda g, t: ~_leaks(g, t),
        "a group of several pictures leaks only if it is on *both* sides.": lambda g, t: np.array(
            [np.sum(g == each) > 1 for each in g]
        ),
        "that marks every group in the test. It leaks only if it is in the training set as well.": lambda g, t: (
            np.isin(g, g[t])
        ),
        "return one answer for each picture, not the list of the groups.": lambda g, t: np.intersect1d(
            g[t], g[~t]
        ),
    },
    right={
        "group by group": lambda g, t: np.array([t[g == each].any() and not t[g == each].all() for each in g])
    },
)


def _equal_bins(confidence, right, bins, weigh: bool = True, distance: Callable = np.abs, order: bool = True):
    ranks = np.argsort(confidence, kind="stable") if order else np.arange(len(confidence))
    total = 0.0
    for part in np.array_split(ranks, bins):
        gap = distance(confidence[part].mean() - right[part].mean())
        total += gap * (len(part) / len(confidence) if weigh else 1)
    return np.asarray(total)


def _equal_widths(confidence, right, bins):
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [np.abs(np.sum(confidence[place == n] - right[place == n])) for n in range(bins)]
    return np.asarray(np.sum(gaps) / len(confidence))


def _answers(count: int) -> tuple[np.ndarray, np.ndarray]:
    confidence = _RANDOM.uniform(0.3, 1, count) ** 0.4
    return confidence, _RANDOM.random(count) < confidence - 0.1


even_calibration_error = Exercise(
    3,
    "even_calibration_error",
    "Bins that are equally full",
    solution=_equal_bins,
    cases=[(*_answers(40), 4), (*_answers(53), 5), (*_answers(30), 3)],
    mistakes={
        "sort the answers by their confidence first.": partial(_equal_bins, order=False),
        "these bins are equally *wide*. Sort, and give each bin the same *number* of answers.": _equal_widths,
        "the gap is an absolute value; too sure and not sure enough must not cancel.": partial(
            _equal_bins, distance=lambda gap: gap
        ),
        "that is the sum of the gaps; weigh each by its bin's share of the answers.": partial(
            _equal_bins, weigh=False
        ),
        "the gaps are absolute values, not squares.": partial(_equal_bins, distance=np.square),
        "sort the shares together with the confidences: `right[order]`.": lambda c, r, bins: _equal_bins(
            np.sort(c), r, bins
        ),
    },
    wrong={
        "transpose": lambda c, r, bins: _equal_bins(c[::-1], r, bins),
        "the largest gap": lambda c, r, bins: np.max([_equal_bins(c, r, bins) * bins, 0.9]),
    },
    right={
        "sorted first": lambda c, r, bins: (
            sum(
                abs(np.sum(part[:, 0] - part[:, 1]))
                for part in np.array_split(np.stack([c, r], axis=1)[np.argsort(c)], bins)
            )
            / len(c)
        )
    },
)


def _slope(logits, labels, temperature, shift: bool = True):
    scaled = logits / temperature
    exponentials = np.exp(scaled - (scaled.max(axis=1, keepdims=True) if shift else 0))
    p = exponentials / exponentials.sum(axis=1, keepdims=True)
    return np.mean((p * logits).sum(axis=1) - logits[np.arange(len(labels)), labels])


def _bisection(
    logits, labels, low: float = 0.05, high: float = 20.0, sign: int = 1, steps: int = 60, shift: bool = True
):
    for _step in range(steps):
        middle = np.sqrt(low * high)
        if sign * _slope(logits, labels, middle, shift) > 0:  # it expects too much: hotter
            low = middle
        else:
            high = middle
    return np.asarray(np.sqrt(low * high))


def _loud(count: int, factor: float) -> tuple[np.ndarray, np.ndarray]:
    """Logits that are too far apart by a factor, and labels drawn from what they should have said."""
    logits = _RANDOM.normal(size=(count, 4)) * 1.5
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return logits * factor, np.array([_RANDOM.choice(4, p=row) for row in p])


_HUGE = np.array([[900.0, 0, -50], [0, 700, 650], [100, 900, 0], [400, 0, 390]])

temperature_by_halving = Exercise(
    4,
    "temperature_by_halving",
    "The temperature, by halving",
    solution=_bisection,
    cases=[(*_loud(60, 3.0),), (*_loud(80, 0.5),), (_HUGE, np.array([0, 1, 0, 2]))],
    tolerance=1e-3,
    nan_hint="logits of 900 overflow in exp. Subtract each row's largest value first, after dividing by T.",
    mistakes={
        "it runs to one end of the interval: where the network expects too much, the temperature must *rise*.": partial(
            _bisection, sign=-1
        ),
        "you return β = 1/T; the temperature is its inverse.": lambda logits, labels: (
            1 / _bisection(logits, labels)
        ),
        "halve more often: after forty halvings the interval is tiny.": partial(_bisection, steps=6),
        "divide the logits by the temperature before softmax, or nothing depends on it.": lambda logits, labels: (
            np.asarray(20.0 if _slope(logits, labels, 1) > 0 else 0.05)
        ),
    },
    wrong={
        "transpose": lambda logits, labels: np.asarray(2.0),
        "one": lambda logits, labels: np.asarray(1.0),
        "overflow": partial(_bisection, shift=False),
    },
    right={
        "a fine grid": lambda logits, labels: np.asarray(
            min(np.geomspace(0.05, 20, 20_001), key=lambda t: abs(_slope(logits, labels, t)))
        )
    },
)


def _answer(logits, familiarity, temperature, least, refused: int = -1):
    scaled = logits / temperature
    p = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    known = familiarity >= least
    return np.where(known, p.argmax(axis=1), refused), np.where(known, p.max(axis=1), 0.0)


_ASKED = np.array([[4.0, 1, 0], [0.5, 2, 1.5], [-9, -2, -8], [0, 0.2, 3], [1, 5, 0]])
_FAMILIAR = np.array([0.8, 0.6, 0.3, 0.59, 0.95])

answer = Exercise(
    5,
    "answer",
    "Name it, or refuse",
    solution=_answer,
    cases=[(_ASKED, _FAMILIAR, 1.0, 0.6), (_ASKED, _FAMILIAR, 2.5, 0.6), (_ASKED, _FAMILIAR, 0.5, 0.1)],
    mistakes={
        "the temperature plays no part: divide the logits by it.": lambda z, f, t, least: _answer(
            z, f, 1, least
        ),
        "*divide* the logits by the temperature.": lambda z, f, t, least: _answer(z, f, 1 / t, least),
        "refuse where the familiarity is *below* the threshold, not above it.": lambda z, f, t, least: (
            _answer(z, -f, t, -least)
        ),
        "a familiarity that equals the threshold is enough.": lambda z, f, t, least: _answer(
            z, f - 1e-9, t, least
        ),
        "a refusal has the probability 0.": lambda z, f, t, least: (
            _answer(z, f, t, least)[0],
            _answer(z, f, t, -9)[1],
        ),
        "nothing is ever refused: compare the familiarity with `least`.": lambda z, f, t, least: _answer(
            z, f, t, -9
        ),
        "a refusal is the number −1; 0 is a kind of fruit.": partial(_answer, refused=0),
        "refuse by *familiarity*. The probability can be high for things that are no fruit.": lambda z, f, t, least: (
            _answer(z, _answer(z, f, t, -9)[1], t, least)
        ),
        "return the class numbers first, then the probabilities.": lambda z, f, t, least: _answer(
            z, f, t, least
        )[::-1],
    },
    right={
        "picture by picture": lambda z, f, t, least: tuple(
            np.array(column)
            for column in zip(
                *[[part[0] for part in _answer(z[[n]], f[[n]], t, least)] for n in range(len(z))], strict=True
            )
        )
    },
)


def _coverage(confidence, right, order: Callable = lambda c: np.argsort(-c, kind="stable")):
    sorted_right = right[order(confidence)].astype(float)
    count = np.arange(1, len(right) + 1)
    return count / len(right), np.cumsum(sorted_right) / count


coverage_curve = Exercise(
    6,
    "coverage_curve",
    "What a refusal is worth",
    solution=_coverage,
    cases=[
        (np.array([0.9, 0.5, 0.99, 0.7]), np.array([True, False, True, False])),
        _answers(25),
        (np.array([0.3, 0.8, 0.6, 0.4, 0.95]), np.array([False, True, False, True, True])),
    ],
    mistakes={
        "the surest answers come *first*.": partial(_coverage, order=np.argsort),
        "sort the answers by their confidence first.": partial(_coverage, order=lambda c: np.arange(len(c))),
        "divide the number of right answers by the number of answers *given*, not by that of all.": lambda c, r: (
            _coverage(c, r)[0],
            np.cumsum(r[np.argsort(-c)]) / len(r),
        ),
        "the first point is one answer given, not none.": lambda c, r: (
            np.arange(len(r)) / len(r),
            _coverage(c, r)[1],
        ),
        "that is the share of *mistakes* among the answers given.": lambda c, r: (
            _coverage(c, r)[0],
            1 - _coverage(c, r)[1],
        ),
        "that counts answers; return their share of all.": lambda c, r: (
            np.arange(1, len(r) + 1),
            _coverage(c, r)[1],
        ),
        "the shares given come first, then the accuracies.": lambda c, r: _coverage(c, r)[::-1],
    },
    right={
        "point by point": lambda c, r: (
            np.array([k / len(r) for k in range(1, len(r) + 1)]),
            np.array([r[np.argsort(-c)[:k]].mean() for k in range(1, len(r) + 1)]),
        )
    },
)

EXERCISES = (average_hash, leaks, even_calibration_error, temperature_by_halving, answer, coverage_curve)
score = score_of("Lab 10", EXERCISES)
