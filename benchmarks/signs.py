"""Measure lesson 07's recipes on real photographs of hands: add rows to results/signs_photos.json.

    COURSE_DATA_DIR=… python -m benchmarks.signs SEED …

All 1,080 training pictures of the open set; its 120 test pictures are seen once for each trained network. The
improved recipe was chosen with 120 of the training pictures put aside (``choose``, with 60 epochs; 40 were kept to save
time), not with the test pictures.

    COURSE_DATA_DIR=… python -m benchmarks.signs choose SEED …
"""

import sys

import h5py
import numpy as np

from benchmarks import ledger
from helpers import course, datasets
from tools import recipes

EXPERIMENTS = {
    "the source's network": "07 build_network train",
    "improved": "07 build_better falling_rate train BETTER_EPOCHS",
}


def read() -> list[np.ndarray]:
    """Return x and y for training and test."""
    signs = datasets.sign_language()
    assert signs.source == "real", "Set COURSE_DATA_DIR to a folder that holds the open set."
    with h5py.File(signs.train_path) as train, h5py.File(signs.test_path) as test:
        return [
            train["train_set_x"][:], train["train_set_y"][:], test["test_set_x"][:], test["test_set_y"][:],
        ]  # fmt: skip


def measure(experiment: str, seed: int, data: list[np.ndarray]) -> dict[str, object]:
    """Train once; return the ledger row."""
    x, y, x_test, y_test = data
    inputs, exam = x / np.float32(255), x_test / np.float32(255)
    recipe = recipes.load(
        "07", x_fit=inputs, y_fit=np.eye(6)[y], x_validation=inputs[:64], y_validation=np.eye(6)[y[:64]]
    )
    if experiment == "improved":
        epochs, settings = recipe.BETTER_EPOCHS, {"learning_rate": recipe.falling_rate(len(x))}
    else:
        epochs, settings = recipe.EPOCHS, {}
    build = recipe.build_better if experiment == "improved" else recipe.build_network
    model, history, seconds = recipe.train(build, seed, epochs, **settings)
    return course.ledger_row(
        experiment=experiment,
        seed=seed,
        accuracy=round(model.evaluate(exam, np.eye(6)[y_test], verbose=0)[1], 4),
        training_accuracy=round(history["accuracy"][-1], 4),
        test_size=len(y_test),
        training_size=len(y),
        epochs=epochs,
        seconds=round(seconds),
        parameters=model.count_params(),
        data=data,
        **recipes.mark(EXPERIMENTS[experiment]),
    )


def main(*words: str) -> None:
    """Measure, print, save after each run; with ``choose`` judge on training pictures put aside and save nothing."""
    course.use_fast_precision()
    data = read()
    choosing = words[0] == "choose"
    if choosing:
        aside = np.argsort(data[1], kind="stable")[::9]
        data = [np.delete(a, aside, axis=0) for a in data[:2]] + [a[aside] for a in data[:2]]
    for seed in map(int, words[choosing:]):
        for experiment in EXPERIMENTS:
            row = measure(experiment, seed, data)
            ledger.show(row, "experiment", "seed", "accuracy", "seconds")
            if not choosing:
                ledger.add("signs_photos", [row], ("experiment", "seed"), list(EXPERIMENTS))


if __name__ == "__main__":
    main(*sys.argv[1:])
