"""Measure the recipes of lessons 04 and 05 on photographs: add rows to results/cats_vs_dogs_photos.json.

    COURSE_DATA_DIR=… python -m benchmarks.cats_vs_dogs EXPERIMENT SEED …

EXPERIMENT is one of the names below; the networks and the settings are the recipe cells of the two lessons. 2,000
photographs for training, 500 to choose the best epoch, 500 others, seen once, for the figure that is reported; the same
ones for each seed. A row that is there already is replaced. A run whose loss is no number is recorded as such, with no
accuracy: nothing is repeated until it succeeds.

Two things to know about the rows of November 2026. The one of "source" was computed in bfloat16, the others in float32.
And the test photographs were looked at once before lesson 05's recipe was final: source C's three changes, 30 epochs,
seed 0, gave 80.2 % (84.0 % of validation); gentler changes, compared on validation, took their place.
"""

import sys
import tempfile
import time
from pathlib import Path
from types import ModuleType

import numpy as np

from benchmarks import ledger
from helpers import course, datasets
from helpers.quiet import quiet
from tools import recipes

with quiet():
    import keras
    import tensorflow as tf

SOURCE_SIZE = 180
TUNED = "04 load build_tuned_network compile_tuned"
AUGMENTED = "05 load build_network augmentation_layers compile_network"
LARGER = "05 load build_larger_network compile_network LARGER_SIDE LARGER_EPOCHS"
# name → recipe, size of the pictures and epochs where they are not the recipe's
EXPERIMENTS: dict[str, tuple[str, dict[str, int]]] = {
    "source": ("04 load build_source_network compile_source SOURCE_EPOCHS", {}),
    "tuned": (f"{TUNED} TUNED_EPOCHS", {}),
    "tuned, longer": (TUNED, {"epochs": 24}),
    "augmentation": (f"{AUGMENTED} EPOCHS", {}),
    "larger": (LARGER, {}),
    "larger, augmentation": (f"{LARGER} mixed pasted", {}),
}
Parts = list[tuple[np.ndarray, np.ndarray]]  # pictures and labels for training, validation and test


def lesson(number: str) -> ModuleType:
    """Return the recipes of a lesson, for real photographs."""
    data = datasets.cats_vs_dogs()
    assert data.source == "real", "Set COURSE_DATA_DIR to a folder that holds the photographs."
    return recipes.load(number, pets=data)


def photographs(recipe: ModuleType, size: int) -> Parts:
    """Return the three parts, exactly as the lesson reads them, as bytes."""
    keras.utils.set_random_seed(0)  # the order in which the training photographs are read depends on it
    return [
        (np.stack([x for x, _ in pairs]).astype("uint8"), np.array([y for _, y in pairs]))
        for pairs in (list(part.as_numpy_iterator()) for part in recipe.load(size))
    ]


def prepared(recipe: ModuleType, experiment: str, size: int, epochs: int, batches: int) -> keras.Model:
    """Return the compiled network of an experiment."""
    if experiment == "source":
        network = recipe.build_source_network()
        recipe.compile_source(network)
    elif experiment.startswith("tuned"):
        network = recipe.build_tuned_network(size)
        recipe.compile_tuned(network, batches, epochs)
    elif experiment.startswith("larger"):
        network = recipe.build_larger_network("augmentation" in experiment, size)
        recipe.compile_network(network, batches, epochs)
    else:
        network = recipe.build_network(augmented=True, side=size)
        recipe.compile_network(network, batches, epochs)
    return network


def settings(recipe: ModuleType, experiment: str) -> tuple[int, int]:
    """Return the size of the pictures and the epochs."""
    changes = EXPERIMENTS[experiment][1]
    if experiment == "source":
        return SOURCE_SIZE, recipe.SOURCE_EPOCHS
    if experiment.startswith("larger"):
        return recipe.LARGER_SIDE, recipe.LARGER_EPOCHS["augmentation" in experiment]
    epochs = recipe.TUNED_EPOCHS if experiment.startswith("tuned") else recipe.EPOCHS
    return changes.get("size", recipe.SIDE), changes.get("epochs", epochs)


def measure(experiment: str, seed: int, keep: Path | None = None) -> dict[str, object]:
    """Train once; return the ledger row, and keep the best epoch's weights in a file if one is named."""
    used = EXPERIMENTS[experiment][0]
    recipe = lesson(used[:2])
    size, epochs = settings(recipe, experiment)
    (x, y), validation, test = photographs(recipe, size)
    keras.utils.set_random_seed(seed)
    model = prepared(recipe, experiment, size, epochs, -(-len(x) // recipe.BATCH))
    with tempfile.TemporaryDirectory() as folder:
        best = Path(folder) / "best.weights.h5"
        checkpoint = keras.callbacks.ModelCheckpoint(
            best, monitor="val_loss", save_best_only=True, save_weights_only=True
        )
        start, start_cpu = time.perf_counter(), time.process_time()
        batches = tf.data.Dataset.from_tensor_slices((x, y.astype("float32")[:, None]))
        batches = batches.shuffle(len(x), seed=seed).batch(recipe.BATCH)
        if experiment == "larger, augmentation":
            batches = batches.map(lambda x, y: recipe.pasted(*recipe.mixed(tf.cast(x, "float32"), y)))
        history = model.fit(
            batches.prefetch(2), epochs=epochs, validation_data=validation,
            callbacks=[checkpoint, keras.callbacks.TerminateOnNaN()], verbose=2,
        ).history  # fmt: skip
        seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - start_cpu
        finite = bool(np.isfinite(history["loss"]).all())
        if finite:
            model.load_weights(best)
        if keep:
            model.save_weights(keep)
    return course.ledger_row(
        experiment=experiment,
        seed=seed,
        accuracy=round(model.evaluate(*test, verbose=0)[1], 4) if finite else None,
        validation_accuracy=round(model.evaluate(*validation, verbose=0)[1], 4) if finite else None,
        best_epoch=int(np.argmin(history["val_loss"])) + 1 if finite else None,
        test_size=len(test[1]),
        training_size=len(y),
        epochs=epochs,
        seconds=round(seconds),
        processor_seconds=round(cpu_seconds),
        parameters=model.count_params(),
        image_size=size,
        history={name: [round(float(value), 3) for value in values] for name, values in history.items()},
        data=[x, y, *validation, *test],
        **recipes.mark(used),
    )


def main(experiment: str, *seeds: str) -> None:
    """Measure, print, save after each run; the weights stay in build/ under the names of experiment and seed."""
    keras.config.set_dtype_policy("float32")
    folder = ledger.RESULTS.parent / "build" / "networks"
    folder.mkdir(parents=True, exist_ok=True)
    for seed in map(int, seeds):
        row = measure(experiment, seed, folder / f"{experiment.replace(' ', '_')}_{seed}.weights.h5")
        ledger.add("cats_vs_dogs_photos", [row], ("experiment", "seed"), list(EXPERIMENTS))
        ledger.show(row, "experiment", "seed", "accuracy", "validation_accuracy", "best_epoch", "seconds")


if __name__ == "__main__":
    main(*sys.argv[1:])
