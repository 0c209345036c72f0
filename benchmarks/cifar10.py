"""Measure lesson 08's recipes on photographs: add rows to results/cifar10.json.

    COURSE_DATA_DIR=… python -m benchmarks.cifar10 EXPERIMENT EPOCHS SEED …

The data are 12,000 photographs of CIFAR-10: 10,000 for training, of which 1,000 are put aside for validation (choices
are made with them, and the curves show them), and 2,000 for the test, which each run sees once, at its end. A row that
is there is kept: delete it to measure again. ``answers`` and ``labels`` hold one digit for each test photograph, so two
recipes can be compared picture by picture. The last weights are kept in build/networks.
"""

import json
import re
import sys
import time

import numpy as np

from benchmarks import ledger
from helpers import course, datasets
from helpers.quiet import quiet
from tools import recipes

with quiet():
    import keras

LADDER = (
    "deeper",
    "batch normalization",
    "residual connections",
    "falling rate",
    "label smoothing",
    "momentum",
)
EXPERIMENTS = ("plain", "augmented", *LADDER)
RECIPES = dict.fromkeys(("plain", "augmented"), "08 build_source compile_source BATCH")
RECIPES |= dict.fromkeys(LADDER, "08 build_deep compile_deep LADDER BATCH")
VALIDATION = 1000
Part = tuple[np.ndarray, np.ndarray]


def photographs() -> dict[str, Part]:
    """Return pictures (count, 32, 32, 3) of 0–255 and labels, for training, validation and test."""
    things = datasets.cifar10()
    assert things.source == "real", "Set COURSE_DATA_DIR to a folder that holds cifar10.npz."
    order = np.random.default_rng(0).permutation(len(things.x_train))
    held_out, kept = order[:VALIDATION], order[VALIDATION:]
    return {
        "training": (things.x_train[kept], things.y_train[kept]),
        "validation": (things.x_train[held_out], things.y_train[held_out]),
        "test": (things.x_test, things.y_test),
    }


def measure(experiment: str, epochs: int, seed: int, parts: dict[str, Part]) -> dict[str, object]:
    """Train once; return the ledger row.

    Args:
        experiment: one of EXPERIMENTS.
        epochs: how often the training photographs are seen.
        seed: of the weights, the order of the photographs, and all random changes.
        parts: what ``photographs`` returns.
    """
    one_hot = {name: (x, np.eye(10, dtype="float32")[y]) for name, (x, y) in parts.items()}
    keras.utils.set_random_seed(seed)
    recipe = recipes.load("08")
    network = recipe.prepare(experiment, len(parts["training"][1]), epochs)
    start, start_cpu = time.perf_counter(), time.process_time()
    history = network.fit(
        *one_hot["training"],
        batch_size=recipe.BATCH,
        epochs=epochs,
        validation_data=one_hot["validation"],
        verbose=2,
    ).history
    seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - start_cpu
    assert np.isfinite(history["loss"]).all()
    folder = ledger.RESULTS.parent / "build" / "networks"
    folder.mkdir(parents=True, exist_ok=True)
    name = re.sub(r"\W+", "_", f"cifar10 {experiment} {epochs} {seed}")
    network.save_weights(folder / f"{name}.weights.h5")
    answers = network.predict(parts["test"][0], verbose=0).argmax(axis=1)
    return course.ledger_row(
        experiment=experiment,
        epochs=epochs,
        seed=seed,
        accuracy=round(float(np.mean(answers == parts["test"][1])), 4),
        validation_accuracy=round(history["val_accuracy"][-1], 4),
        test_size=len(answers),
        training_size=len(parts["training"][1]),
        validation_size=VALIDATION,
        seconds=round(seconds),
        processor_seconds=round(cpu_seconds),
        parameters=network.count_params(),
        answers="".join(map(str, answers)),
        labels="".join(map(str, parts["test"][1])),
        history={name: [round(float(value), 4) for value in values] for name, values in history.items()},
        data=[array for part in parts.values() for array in part],
        **recipes.mark(RECIPES[experiment]),
    )


def measured() -> set[tuple]:
    """Return which rows there are."""
    path = ledger.RESULTS / "cifar10.json"
    rows = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []
    return {(row["experiment"], row["epochs"], row["seed"]) for row in rows}


def main(experiment: str, epochs: str, *seeds: str) -> None:
    """Measure what is not there yet; print, save after each run."""
    keras.config.set_dtype_policy("float32")
    parts = photographs()
    for seed in map(int, seeds):
        if (experiment, int(epochs), seed) in measured():
            print(f"{experiment}, {epochs} epochs, seed {seed}: is there", flush=True)
            continue
        row = measure(experiment, int(epochs), seed, parts)
        ledger.add("cifar10", [row], ("experiment", "epochs", "seed"), EXPERIMENTS)
        ledger.show(
            row, "experiment", "epochs", "seed", "accuracy", "validation_accuracy", "processor_seconds"
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
