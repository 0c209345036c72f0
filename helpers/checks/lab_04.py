"""Self-checks of lab 04, the cats-vs-dogs network."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from helpers.checks.engine import Result, check

_RANDOM = np.random.default_rng(4)


def split_counts(function: Callable) -> Result:
    """Exercise 1: files and batches of the two parts."""

    def count(files, share, batch_size, batch=lambda n, size: -(-n // size), validation=None):
        held_out = int(share * files) if validation is None else validation(share * files)
        parts = (files - held_out, held_out)
        return np.array([*parts, *(batch(part, batch_size) for part in parts)])

    def swapped(files, share, batch_size):
        return count(files, share, batch_size)[[1, 0, 3, 2]]

    mistakes = {
        "the last batch counts, too, even if it is not full: round the number of batches up.": lambda n, s, b: (
            count(n, s, b, batch=lambda n, size: n // size)
        ),
        "Keras rounds the number of validation files down.": lambda n, s, b: count(
            n, s, b, validation=lambda x: int(np.ceil(x))
        ),
        "training and validation are swapped: the share is what is *held out*.": swapped,
    }
    cases = [(23_410, 0.2, 128), (1_203, 0.25, 32), (640, 0.5, 32)]
    return check("Exercise 1", function, cases, count, mistakes)


def leaked_share(function: Callable) -> Result:
    """Exercise 2: how much of the validation set is also in training."""
    names = [f"Cat/{n}.jpg" for n in range(40)]
    pairs = [(names[:30], names[24:36]), (names[:20], names[20:25]), (names[:7], names[2:9])]

    def share(training, validation):
        return len(set(training) & set(validation)) / len(validation)

    mistakes = {
        "the two are swapped: divide by the number of *validation* files.": lambda t, v: (
            len(set(t) & set(v)) / len(t)
        ),
        "return a share between 0 and 1, not the number of files.": lambda t, v: len(set(t) & set(v)),
        "that is the share of *clean* files; the leaked ones are asked for.": lambda t, v: 1 - share(t, v),
    }
    return check("Exercise 2", function, pairs, share, mistakes)


def cross_entropy(function: Callable) -> Result:
    """Exercise 3: binary cross-entropy, mean over the pictures."""
    labels = np.array([0, 1, 1, 0, 1])
    cases = [
        (labels, _RANDOM.uniform(0.05, 0.95, 5)),
        (np.array([1, 0]), np.array([0.9, 0.8])),
        (np.array([1, 0, 1]), np.array([1.0, 0.0, 0.25])),
    ]

    def each(labels, p):
        p = np.clip(p, 1e-7, 1 - 1e-7)
        return -(labels * np.log(p) + (1 - labels) * np.log(1 - p))

    mistakes = {
        "return the *mean* over all pictures, not the sum.": lambda y, p: each(y, p).sum(),
        "the sign is missing: a loss is positive.": lambda y, p: -each(y, p).mean(),
        "cats (label 0) count, too, with −log(1 − p).": lambda y, p: np.mean(each(y, p) * y),
        "labels are swapped: p is the probability of label 1.": lambda y, p: each(1 - y, p).mean(),
        "use the natural logarithm, np.log.": lambda y, p: each(y, p).mean() / np.log(10),
        "labels and probabilities are swapped: the logarithm is taken of the probabilities.": lambda y, p: (
            each(p, y).mean()
        ),
    }
    nan = "a probability of exactly 0 or 1 gives 0 · log 0. Clip p first: np.clip(p, 1e-7, 1 - 1e-7)."
    with np.errstate(all="ignore"):
        return check(
            "Exercise 3",
            function,
            cases,
            lambda y, p: each(y, p).mean(),
            mistakes,
            tolerance=1e-5,
            nan_hint=nan,
        )


def decide(function: Callable) -> Result:
    """Exercise 4: probabilities to class numbers, with a threshold."""
    column = _RANDOM.permutation(np.linspace(0.01, 0.99, 12))
    column[3] = 0.5
    cases = [(column[:, None], 0.5), (column[:, None], 0.8), (np.array([[0.25], [0.75]]), 0.25)]

    def classes(probabilities, threshold):
        return (probabilities[:, 0] >= threshold).astype(int)

    mistakes = {
        "a probability of exactly the threshold is a dog: use >=.": lambda p, t: (p[:, 0] > t).astype(int),
        "dogs are class 1, cats class 0; it is the other way round here.": lambda p, t: 1 - classes(p, t),
        "use the threshold that is given, not always 0.5.": lambda p, t: classes(p, 0.5),
        "return one number for each picture: the shape (n,), not (n, 1). Take column 0.": lambda p, t: (
            p >= t
        ).astype(int),
    }
    return check("Exercise 4", function, cases, classes, mistakes)


def best_epoch(function: Callable) -> Result:
    """Exercise 5: which epoch the checkpoint keeps."""
    losses = np.array([0.69, 0.93, 0.61, 0.52, 0.58, 0.47, 0.66, 0.74])
    cases = [(losses,), (np.array([0.7, 0.5, 0.6, 0.5, 0.8, 0.9]),), (np.array([0.9, 0.8, 0.7]),)]

    def epoch(losses):
        return int(np.argmin(losses)) + 1

    mistakes = {
        "epochs are counted from 1, as Keras prints them.": lambda x: int(np.argmin(x)),
        "that is the epoch with the *largest* loss.": lambda x: int(np.argmax(x)) + 1,
        "return the number of the epoch, not its loss.": lambda x: float(np.min(x)),
        "a checkpoint is replaced only by a *lower* loss: of two equal ones the first stays.": lambda x: (
            len(x) - int(np.argmin(x[::-1]))
        ),
        "that is the last epoch; the best one is asked for.": lambda x: len(x),
        "epochs are counted from the first one, not in reverse.": lambda x: len(x) - int(np.argmin(x)),
    }
    return check("Exercise 5", function, cases, epoch, mistakes)


def accuracy_interval(function: Callable) -> Result:
    """Exercise 6: accuracy with the interval of two standard errors."""

    def interval(right, total, factor=2.0):
        accuracy = right / total
        error = np.sqrt(accuracy * (1 - accuracy) / total)
        return np.array([accuracy - factor * error, accuracy + factor * error])

    mistakes = {
        "take *two* standard errors to each side.": lambda r, n: interval(r, n, 1.0),
        "the square root is missing in the standard error.": lambda r, n: (
            r / n + np.array([-2, 2]) * (r / n) * (1 - r / n) / n
        ),
        "divide by the number of pictures under the square root.": lambda r, n: (
            r / n + np.array([-2, 2]) * np.sqrt((r / n) * (1 - r / n))
        ),
        "the order is wrong: the lower end comes first.": lambda r, n: interval(r, n)[::-1],
    }
    return check("Exercise 6", function, [(400, 500), (97, 120), (9, 16)], interval, mistakes)
