"""Measure what each of lesson 03's three remedies gives by itself: add rows to results/mnist_ablation.json.

    COURSE_DATA=builtin python -m benchmarks.mnist                        everything; 20 minutes of one core
    COURSE_DATA=builtin python -m benchmarks.mnist EXPERIMENT SEED …

The recipes are the cells of the lesson: the same network, digits, epochs and optimizer; only the remedies differ. Two
of them are measured with twice the epochs, too. Everybody has the built-in digits, so everybody can repeat it. Each row
names the test digits that were misread: recipes can be compared digit by digit. A row that is there is replaced.
"""

import sys
import time

import numpy as np

from benchmarks import ledger
from helpers import course, datasets
from tools import recipes

SEEDS = range(5)
USED = "03 RECIPES train_recipe"
LONGER = {f"{name}, longer": name for name in ("plain", "all three")}  # with LONG_EPOCHS
EXPERIMENTS = ("plain", "augmentation", "dropout", "falling rate", "all three", *LONGER)


def measure(experiment: str, seed: int, parts: list[np.ndarray]) -> dict[str, object]:
    """Train once; return the ledger row.

    Args:
        experiment: one of EXPERIMENTS.
        seed: of the weights, the order of the digits, and all random changes.
        parts: images and labels for training, images and labels for the test.
    """
    images, labels, test_images, test_labels = parts
    recipe = recipes.load("03", images=images, labels=labels)
    if experiment in LONGER:
        vars(recipe).update(EPOCHS=recipe.LONG_EPOCHS)
    start, start_cpu = time.perf_counter(), time.process_time()
    network = recipe.train_recipe(LONGER.get(experiment, experiment), seed)
    seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - start_cpu
    wrong = np.flatnonzero(network.predict(test_images, verbose=0).argmax(axis=1) != test_labels)
    return course.ledger_row(
        experiment=experiment,
        seed=seed,
        accuracy=round(1 - len(wrong) / len(test_labels), 4),
        wrong=wrong.tolist(),
        test_size=len(test_labels),
        training_size=len(labels),
        epochs=recipe.EPOCHS,
        seconds=round(seconds),
        processor_seconds=round(cpu_seconds),
        parameters=network.count_params(),
        data=parts,
        **recipes.mark(f"{USED} LONG_EPOCHS" if experiment in LONGER else USED),
    )


def built_in_digits() -> list[np.ndarray]:
    """Return images (count, 28, 28, 1) from 0 to 1 and labels, for training and test."""
    digits = datasets.mnist()
    assert len(digits.y_test) == 1000, "Set COURSE_DATA=builtin: the record is about the built-in digits."
    images, test_images = (x[..., None].astype("float32") / 255 for x in (digits.x_train, digits.x_test))
    return [images, digits.y_train, test_images, digits.y_test]


def main(*arguments: str) -> None:
    """Measure one experiment with the named seeds, or everything; print, save after each run."""
    parts = built_in_digits()
    if arguments:
        runs = [(arguments[0], int(seed)) for seed in arguments[1:]]
    else:
        runs = [(experiment, seed) for seed in SEEDS for experiment in EXPERIMENTS]
    for experiment, seed in runs:
        row = measure(experiment, seed, parts)
        ledger.add("mnist_ablation", [row], ("experiment", "seed"), EXPERIMENTS)
        ledger.show(row, "experiment", "seed", "accuracy", "seconds", "processor_seconds")


if __name__ == "__main__":
    main(*sys.argv[1:])
