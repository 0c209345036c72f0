"""Measure how accuracy falls when digits are off-center: add rows to results/mnist_shift.json.

    COURSE_DATA=builtin python -m benchmarks.mnist_shift              everything; about 10 minutes
    COURSE_DATA=builtin python -m benchmarks.mnist_shift MLP 0 1 2    one kind of network, the named seeds

The recipes are the cells of the lessons: the dense network of lesson 00 and the convolutional network of lesson 03,
plain, with augmentation, and with all three remedies, each trained on the 4,000 built-in digits. Lessons draw the
curves.
"""

import sys
import time
from collections.abc import Callable

import numpy as np

from benchmarks import ledger
from benchmarks.mnist import built_in_digits
from helpers import course
from tools import recipes

SHIFTS = range(9)
SEEDS = range(5)
CNNS = {"CNN": "plain", "CNN, augmentation": "augmentation", "CNN, all three": "all three"}  # lesson 03
USED = {"MLP": "00 train_mlp", **dict.fromkeys(CNNS, "03 RECIPES train_recipe")}


def shift_right(images: np.ndarray, pixels: int) -> np.ndarray:
    """Return images (count, 28, 28, 1) moved to the right; black comes in from the left."""
    return np.pad(images, ((0, 0), (0, 0), (pixels, 0), (0, 0)))[:, :, : images.shape[2]]


def train(kind: str, seed: int, images: np.ndarray, labels: np.ndarray) -> tuple[object, Callable]:
    """Train once; return the network and the function from images (count, 28, 28, 1) to its answers."""
    if kind == "MLP":
        recipe = recipes.load("00")
        network = recipe.train_mlp(images.reshape(len(images), -1), np.eye(10, dtype="float32")[labels], seed)
        return network, lambda x: network.predict(x.reshape(len(x), -1), verbose=0).argmax(axis=1)
    network = recipes.load("03", images=images, labels=labels).train_recipe(CNNS[kind], seed)
    return network, lambda x: network.predict(x, verbose=0).argmax(axis=1)


def measure(kind: str, seed: int, parts: list[np.ndarray]) -> dict[str, object]:
    """Train once; return the ledger row.

    Args:
        kind: one of USED.
        seed: of the weights and the order of the digits.
        parts: images and labels for training, images and labels for the test.
    """
    images, labels, test_images, test_labels = parts
    start = time.perf_counter()
    network, answers = train(kind, seed, images, labels)
    by_shift = [round(float(np.mean(answers(shift_right(test_images, s)) == test_labels)), 4) for s in SHIFTS]
    return course.ledger_row(
        experiment=kind,
        seed=seed,
        accuracy=by_shift[0],
        by_shift=by_shift,
        test_size=len(test_labels),
        training_size=len(labels),
        seconds=round(time.perf_counter() - start),
        parameters=network.count_params(),
        data=parts,
        **recipes.mark(USED[kind]),
    )


def main(*arguments: str) -> None:
    """Measure one kind with the named seeds, or everything; print, save after each run."""
    parts = built_in_digits()
    runs = [(kind, seed) for kind in USED for seed in SEEDS]
    if arguments:
        runs = [(arguments[0], int(seed)) for seed in arguments[1:]]
    for kind, seed in runs:
        row = measure(kind, seed, parts)
        ledger.add("mnist_shift", [row], ("experiment", "seed"), tuple(USED))
        ledger.show(row, "experiment", "seed", "by_shift", "seconds")


if __name__ == "__main__":
    main(*sys.argv[1:])
