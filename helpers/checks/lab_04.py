"""Self-checks of lab 04, the cats-vs-dogs network."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import ceil

import numpy as np

from helpers.checks.engine import Exercise, score_of

_RANDOM = np.random.default_rng(4)


def _counts(
    files, share, batch_size, batches: Callable = lambda n, size: -(-n // size), held_out: Callable = int
):
    validation = held_out(share * files)
    parts = (files - validation, validation)
    return np.array([*parts, *(batches(part, batch_size) for part in parts)])


split_counts = Exercise(
    1,
    "split_counts",
    "Count the split",
    solution=_counts,
    cases=[(23_410, 0.2, 128), (1_203, 0.25, 32), (640, 0.5, 32)],
    mistakes={
        "the last batch counts, too, even if it is not full: round the number of batches up.": (
            partial(_counts, batches=lambda n, size: n // size),
            partial(_counts, batches=lambda n, size: round(n / size)),
        ),
        "where the files fill their batches exactly, there is no further batch.": partial(
            _counts, batches=lambda n, size: n // size + 1
        ),
        "the number of batches is a whole number: round it up.": partial(
            _counts, batches=lambda n, size: n / size
        ),
        "Keras rounds the number of validation files down.": (
            partial(_counts, held_out=ceil),
            partial(_counts, held_out=round),
        ),
        "the number of validation files is a whole number: round it down.": partial(_counts, held_out=float),
        "training and validation are swapped: the share is what is *held out*.": lambda *a: _counts(*a)[
            [1, 0, 3, 2]
        ],
        "first both numbers of files, then both numbers of batches.": lambda *a: _counts(*a)[[0, 2, 1, 3]],
        "the training files are what is left without the validation files.": lambda n, share, size: np.array(
            [n, int(share * n), -(-n // size), -(-int(share * n) // size)]
        ),
    },
    wrong={"transpose": lambda *a: _counts(*a)[[1, 0, 3, 2]]},
    right={"a list of floats": lambda *a: _counts(*a).astype(float).tolist()},
)

_NAMES = [f"Cat/{n}.jpg" for n in range(40)]


def _common(training, validation):
    return len(set(training) & set(validation))


leaked_share = Exercise(
    2,
    "leaked_share",
    "Catch the leak",
    solution=lambda t, v: _common(t, v) / len(v),
    cases=[(_NAMES[:30], _NAMES[24:36]), (_NAMES[:20], _NAMES[20:25]), (_NAMES[:7], _NAMES[2:9])],
    mistakes={
        "the two are swapped: divide by the number of *validation* files.": lambda t, v: (
            _common(t, v) / len(t)
        ),
        "divide by the number of *validation* files, not of all.": (
            lambda t, v: _common(t, v) / len({*t, *v}),
            lambda t, v: _common(t, v) / (len(t) + len(v)),
        ),
        "return a share between 0 and 1, not the number of files.": _common,
        "return a share between 0 and 1, not a percentage.": lambda t, v: 100 * _common(t, v) / len(v),
        "the result is zero: `//` throws the fraction away, `/` keeps it.": lambda t, v: (
            _common(t, v) // len(v)
        ),
        "that is the share of *clean* files; the leaked ones are asked for.": lambda t, v: (
            1 - _common(t, v) / len(v)
        ),
    },
    wrong={"transpose": lambda t, v: _common(t, v) / len(t)},
    right={"with NumPy": lambda t, v: np.isin(v, t).mean()},
)


def _losses(labels, p, low=1e-7):
    p = np.clip(p, low, 1 - low)
    return -(labels * np.log(p) + (1 - labels) * np.log(1 - p))


_CLIP = "a probability of exactly 0 or 1 gives 0 · log 0. Clip p first: np.clip(p, 1e-7, 1 - 1e-7)."

cross_entropy = Exercise(
    3,
    "cross_entropy",
    "The loss by hand",
    solution=lambda y, p: _losses(y, p).mean(),
    cases=[
        (np.array([0, 1, 1, 0, 1]), _RANDOM.uniform(0.05, 0.95, 5)),
        (np.array([1, 0]), np.array([0.9, 0.8])),
        (np.array([1, 0, 1]), np.array([1.0, 0.0, 0.25])),
        (np.array([1, 0]), np.array([0.0, 0.3])),
    ],
    tolerance=1e-5,
    nan_hint=_CLIP,
    mistakes={
        _CLIP: lambda y, p: _losses(y, p, 0).mean(),
        "clip to 1e-7 … 1 − 1e-7, no further.": (
            lambda y, p: _losses(y, p, 1e-3).mean(),
            lambda y, p: _losses(y, p, 0.1).mean(),
        ),
        "return the *mean* over all pictures, not the sum.": lambda y, p: _losses(y, p).sum(),
        "return one number, the mean, not one loss for each picture.": _losses,
        "the sign is missing: a loss is positive.": lambda y, p: -_losses(y, p).mean(),
        "cats (label 0) count, too, with −log(1 − p).": (
            lambda y, p: np.mean(_losses(y, p) * y),
            lambda y, p: np.mean(_losses(1, p)),
        ),
        "labels are swapped: p is the probability of label 1.": lambda y, p: _losses(1 - y, p).mean(),
        "use the natural logarithm, np.log.": (
            lambda y, p: _losses(y, p).mean() / np.log(10),
            lambda y, p: _losses(y, p).mean() / np.log(2),
        ),
        "labels and probabilities are swapped: the logarithm is taken of the probabilities.": lambda y, p: (
            _losses(p, y).mean()
        ),
        "that is the mean squared error; cross-entropy takes logarithms.": lambda y, p: np.mean((y - p) ** 2),
    },
    wrong={"transpose": lambda y, p: _losses(p, y).mean()},
    right={
        "chosen by the label": lambda y, p: -np.log(np.where(y == 1, p, 1 - p).clip(1e-7, 1)).mean(),
        "added instead of clipped": lambda y, p: (
            -np.mean(y * np.log(p + 1e-7) + (1 - y) * np.log(1 - p + 1e-7))
        ),
    },
)

_COLUMN = _RANDOM.permutation(np.linspace(0.01, 0.99, 12))[:, None]
_COLUMN[3] = 0.5


def _classes(probabilities, threshold):
    return (probabilities[:, 0] >= threshold).astype(int)


decide = Exercise(
    4,
    "decide",
    "Decide",
    solution=_classes,
    cases=[(_COLUMN, 0.5), (_COLUMN, 0.8), (np.array([[0.25], [0.75]]), 0.25)],
    mistakes={
        "everything is zero. (With one column, `argmax` is always 0.)": lambda p, t: p.argmax(axis=1),
        "a probability of exactly the threshold is a dog: use >=.": lambda p, t: (p[:, 0] > t).astype(int),
        "dogs are class 1, cats class 0; it is the other way round here.": (
            lambda p, t: 1 - _classes(p, t),
            lambda p, t: (p[:, 0] <= t).astype(int),
        ),
        "use the threshold that is given, not always 0.5.": (
            lambda p, t: _classes(p, 0.5),
            lambda p, t: np.round(p[:, 0]),
        ),
        "return one number for each picture: the shape (n,), not (n, 1). Take column 0.": lambda p, t: (
            p >= t
        ).astype(int),
        "return classes, 0 or 1, not the probabilities.": lambda p, t: p[:, 0] * _classes(p, t),
    },
    wrong={"transpose": lambda p, t: np.greater_equal(p.T, t).astype(int)},
    right={
        "a list": lambda p, t: [1 if value >= t else 0 for value in p.ravel()],
        "floats": lambda p, t: np.where(p[:, 0] >= t, 1.0, 0.0),
    },
)


def _index_of(losses, value):
    return list(losses).index(value)


best_epoch = Exercise(
    5,
    "best_epoch",
    "Keep the best epoch",
    solution=lambda losses: int(np.nanargmin(losses)) + 1,
    cases=[
        ([0.69, 0.93, 0.61, 0.52, 0.58, 0.47, 0.66, 0.74],),
        ([0.7, 0.5, 0.6, 0.5, 0.8, 0.9],),
        ([0.9, 0.8, 0.7],),
        ([0.7, 0.6, float("nan"), 0.5, 0.65, 0.55],),  # a run that went wrong for an epoch
    ],
    mistakes={
        "NaN is not lower than anything, so it is never saved; but `np.argmin` takes it for the smallest.": (
            lambda x: int(np.argmin(x)) + 1
        ),
        "epochs are counted from 1, as Keras prints them.": (
            lambda x: int(np.argmin(x)),
            lambda x: int(np.nanargmin(x)),
            lambda x: _index_of(x, min(x)),
        ),
        "that is the epoch with the *largest* loss.": (
            lambda x: int(np.argmax(x)) + 1,
            lambda x: int(np.nanargmax(x)) + 1,
        ),
        "return the number of the epoch, not its loss.": (np.min, np.nanmin, min),
        "a checkpoint is replaced only by a *lower* loss: of two equal ones the first stays.": (
            lambda x: len(x) - int(np.nanargmin(x[::-1]))
        ),
        "that is the last epoch; the best one is asked for.": len,
        "epochs are counted from the first one, not in reverse.": lambda x: len(x) - int(np.nanargmin(x)),
        "a checkpoint goes on after the first epoch that is not better; you stop there.": lambda x: next(
            (n for n in range(1, len(x)) if not x[n] < x[n - 1]), len(x)
        ),
        "a loss must be lower than *all* before, not only than the last one.": lambda x: max(
            n + 1 for n in range(1, len(x)) if x[n] < x[n - 1]
        ),
    },
    wrong={"transpose": lambda x: len(x) - int(np.nanargmin(x))},
    right={
        "as a list": lambda x: x.index(min(x)) + 1,
        "as Keras prints it": lambda x: float(np.nanargmin(np.array(x)) + 1),
    },
)


def _interval(right, total, width: Callable = lambda a, n: 2 * np.sqrt(a * (1 - a) / n)):
    accuracy = right / total
    return accuracy + np.array([-1, 1]) * width(accuracy, total)


accuracy_interval = Exercise(
    6,
    "accuracy_interval",
    "How sure is an accuracy?",
    solution=_interval,
    cases=[(400, 500), (97, 120), (9, 16)],
    mistakes={
        "take *two* standard errors to each side.": partial(
            _interval, width=lambda a, n: np.sqrt(a * (1 - a) / n)
        ),
        "take two standard errors, not 1.96.": partial(
            _interval, width=lambda a, n: 1.96 * np.sqrt(a * (1 - a) / n)
        ),
        "the square root is missing in the standard error.": partial(
            _interval, width=lambda a, n: 2 * a * (1 - a) / n
        ),
        "divide by the number of pictures under the square root.": (
            partial(_interval, width=lambda a, n: 2 * np.sqrt(a * (1 - a))),
            partial(_interval, width=lambda a, n: 2 * np.sqrt(a * (1 - a)) / n),
            partial(_interval, width=lambda a, n: 2 * np.sqrt(a * (1 - a) / (n - 1))),
        ),
        "a(1 − a) is the accuracy times what is missing to 1.": (
            partial(_interval, width=lambda a, n: 2 * np.sqrt(a / n)),
            partial(_interval, width=lambda a, n: 2 / np.sqrt(n)),
        ),
        "the order is wrong: the lower end comes first.": lambda *a: _interval(*a)[::-1],
        "return shares between 0 and 1, not percent.": lambda *a: 100 * _interval(*a),
        "return the two ends, not the accuracy and the distance to them.": lambda r, n: np.array(
            [r / n, _interval(r, n)[1] - r / n]
        ),
    },
    right={"a tuple": lambda *a: tuple(_interval(*a))},
)

EXERCISES = (split_counts, leaked_share, cross_entropy, decide, best_epoch, accuracy_interval)
score = score_of("Lab 04", EXERCISES)
