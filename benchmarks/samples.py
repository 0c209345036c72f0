"""Measure whether the drawn cats and dogs teach what photographs teach: write results/samples_cats_vs_dogs.json.

    python benchmarks/samples.py

Wanted: a linear model on pixels fails, a convolutional network does clearly better, and augmentation helps again.
1,000 training and 200 test pictures, always the same split; three seeds for the networks.
"""

import json
import platform
import statistics
import time
from pathlib import Path

import numpy as np

from helpers import course, datasets

with course.quiet():
    import keras
    from keras import layers
from sklearn.linear_model import LogisticRegression

RESULTS = Path(__file__).resolve().parent.parent / "results" / "samples_cats_vs_dogs.json"
SIZE, TRAINING = 128, 1000


def network(augmented: bool) -> keras.Model:
    """Return lesson 04's kind of network: five convolutions; with augmentation and dropout, lesson 05's."""
    inputs = keras.Input((SIZE, SIZE, 3))
    x = inputs
    if augmented:
        x = layers.RandomFlip("horizontal")(x)
        x = layers.RandomRotation(0.1)(x)
        x = layers.RandomZoom(0.2)(x)
    x = layers.Rescaling(1 / 255)(x)
    for filters in (32, 64, 128, 256):
        x = layers.Conv2D(filters, 3, activation="relu")(x)
        x = layers.MaxPooling2D(2)(x)
    x = layers.Conv2D(256, 3, activation="relu")(x)
    x = layers.Flatten()(x)
    if augmented:
        x = layers.Dropout(0.5)(x)
    return keras.Model(inputs, layers.Dense(1, activation="sigmoid", dtype="float32")(x))


def linear_accuracy(x, y, x_test, y_test) -> float:
    """Return the best test accuracy of a regularized linear model on pixels, over three sizes of the picture."""
    best = 0.0
    for side in (16, 32, 64):
        small = [
            a.reshape(len(a), side, SIZE // side, side, SIZE // side, 3).mean((2, 4)) for a in (x, x_test)
        ]
        train, test = (a.reshape(len(a), -1) / 64 - 2 for a in small)
        model = LogisticRegression(C=1e-3, max_iter=300).fit(train, y)
        best = max(best, float(model.score(test, y_test)))
    return best


def main() -> None:
    """Measure, print, save."""
    data = datasets.cats_vs_dogs()
    options = {"image_size": (SIZE, SIZE), "batch_size": None, "shuffle": False, "verbose": False}
    pairs = list(keras.utils.image_dataset_from_directory(data.path, **options))
    order = np.random.default_rng(0).permutation(len(pairs))[: TRAINING + 200]
    images = np.stack([np.asarray(pairs[n][0]) for n in order])
    labels = np.array([int(pairs[n][1]) for n in order])
    split = images[:TRAINING], labels[:TRAINING], images[TRAINING:], labels[TRAINING:]
    rows = [
        course.ledger_row(experiment="linear model on pixels", accuracy=linear_accuracy(*split), data=split)
    ]
    keras.config.set_dtype_policy("mixed_bfloat16")
    for augmented, epochs in ((False, 40), (True, 60)):
        for seed in range(3):
            keras.utils.set_random_seed(seed)
            model = network(augmented)
            model.compile(
                optimizer=keras.optimizers.Adam(5e-4), loss="binary_crossentropy", metrics=["accuracy"]
            )
            start = time.perf_counter()
            model.fit(*split[:2], batch_size=32, epochs=epochs, verbose=0)
            row = course.ledger_row(
                experiment="network with augmentation" if augmented else "network",
                seed=seed,
                accuracy=round(model.evaluate(*split[2:], verbose=0)[1], 4),
                test_size=len(split[3]),
                training_size=TRAINING,
                epochs=epochs,
                seconds=round(time.perf_counter() - start),
                parameters=model.count_params(),
                data=split,
            )
            rows.append(row)
            print(row["experiment"], seed, row["accuracy"], f"{row['seconds']} s", flush=True)
    for name in dict.fromkeys(row["experiment"] for row in rows):
        mean = statistics.mean(row["accuracy"] for row in rows if row["experiment"] == name)
        print(f"{name:28} {mean:.3f}   ({platform.machine()})")
    RESULTS.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
