"""Measure lesson 07's recipes on real photographs of hands: add rows to results/signs_photos.json.

    COURSE_DATA_DIR=… python benchmarks/signs.py SEED …

All 1,080 training pictures of the open set; its 120 test pictures are seen once for each trained network. The
improved recipe was chosen with 120 of the training pictures put aside (``choose``, with 60 epochs; 40 were kept to save
time), not with the test pictures.

    COURSE_DATA_DIR=… python benchmarks/signs.py choose SEED …
"""

import json
import sys
import time
from pathlib import Path

import h5py
import numpy as np

from helpers import course, datasets

with course.quiet():
    import keras
    from keras import layers

RESULTS = Path(__file__).resolve().parent.parent / "results" / "signs_photos.json"
EXPERIMENTS = {"the source's network": 25, "improved": 40}  # epochs


def build(improved: bool) -> keras.Model:
    """Return the source's network, or lesson 07's improved one."""
    inputs = keras.Input((64, 64, 3))
    x = inputs
    if improved:
        x = layers.RandomFlip("horizontal")(x)
        x = layers.RandomRotation(0.05, fill_mode="nearest")(x)
        x = layers.RandomTranslation(0.1, 0.1, fill_mode="nearest")(x)
        x = layers.RandomZoom(0.15, fill_mode="nearest")(x)
    x = layers.ZeroPadding2D(3)(x)
    for filters in (32, 64):
        x = layers.Conv2D(filters, 7)(x)
        x = layers.BatchNormalization(momentum=0.9 if improved else 0.99)(x)
        x = layers.ReLU()(x)
        x = layers.MaxPooling2D(2)(x)
    x = layers.Flatten()(x)
    if improved:
        x = layers.Dropout(0.5)(x)
    return keras.Model(inputs, layers.Dense(6, activation="softmax", dtype="float32")(x))


def read() -> list[np.ndarray]:
    """Return x and y for training and test."""
    signs = datasets.sign_language()
    assert signs.source == "real", "Set COURSE_DATA_DIR to a folder that holds the open set."
    with h5py.File(signs.train_path) as train, h5py.File(signs.test_path) as test:
        return [
            train["train_set_x"][:],
            train["train_set_y"][:],
            test["test_set_x"][:],
            test["test_set_y"][:],
        ]


def measure(experiment: str, seed: int, data: list[np.ndarray]) -> dict[str, object]:
    """Train once; return the ledger row."""
    x, y, x_test, y_test = data
    epochs, improved = EXPERIMENTS[experiment], experiment == "improved"
    keras.utils.set_random_seed(seed)
    model = build(improved)
    rate = keras.optimizers.schedules.CosineDecay(2e-3, epochs * -(-len(x) // 64)) if improved else 1e-3
    model.compile(keras.optimizers.Adam(rate), "categorical_crossentropy", metrics=["accuracy"])
    start = time.perf_counter()
    history = model.fit(x / np.float32(255), np.eye(6)[y], batch_size=64, epochs=epochs, verbose=0).history
    seconds = time.perf_counter() - start
    if not np.isfinite(history["loss"]).all():
        raise SystemExit("the loss is not a number")
    return course.ledger_row(
        experiment=experiment,
        seed=seed,
        accuracy=round(model.evaluate(x_test / np.float32(255), np.eye(6)[y_test], verbose=0)[1], 4),
        training_accuracy=round(history["accuracy"][-1], 4),
        test_size=len(y_test),
        training_size=len(y),
        epochs=epochs,
        seconds=round(seconds),
        parameters=model.count_params(),
        data=data,
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
            print({name: row[name] for name in ("experiment", "seed", "accuracy", "seconds")}, flush=True)
            if choosing:
                continue
            rows = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.is_file() else []
            rows = [old for old in rows if (old["experiment"], old["seed"]) != (experiment, seed)] + [row]
            rows.sort(key=lambda each: (list(EXPERIMENTS).index(each["experiment"]), each["seed"]))
            RESULTS.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
