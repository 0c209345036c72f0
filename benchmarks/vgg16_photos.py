"""Measure lesson 06's three ways on photographs: write results/vgg16_photos.json and results/vgg16_precision.json.

    COURSE_DATA_DIR=… python benchmarks/vgg16_photos.py SEED …
    COURSE_DATA_DIR=… python benchmarks/vgg16_photos.py precision

The same 2,000 photographs for training, 500 for validation and 500 for the test as in benchmarks/cats_vs_dogs.py. The
networks and settings are those of the lesson. Each seed trains a head on features, continues with augmentation on the
frozen base, and then releases the last four layers; the test photographs are seen at the end of each way.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
from cats_vs_dogs import augmentation, photographs

from helpers import course, pretrained

with course.quiet():
    import keras
    from keras import layers

RESULTS = Path(__file__).resolve().parent.parent / "results"
SIDE = 180
EPOCHS = {"head": 8, "frozen": 5, "tuning": 4}
preprocess = keras.applications.vgg16.preprocess_input


def features(base: keras.Model, pictures: np.ndarray) -> np.ndarray:
    """Return VGG16's features in float32, computed in portions."""
    portions = [
        base.predict(preprocess(pictures[start : start + 64].astype("float32")), batch_size=16, verbose=0)
        for start in range(0, len(pictures), 64)
    ]
    return np.concatenate(portions).astype("float32")


def build_head() -> keras.Model:
    """Return lesson 06's head."""
    inputs = keras.Input((5, 5, 512))
    x = layers.Dense(256, activation="relu")(layers.Flatten()(inputs))
    x = layers.Dropout(0.5)(x)
    return keras.Model(inputs, layers.Dense(1, activation="sigmoid", dtype="float32")(x))


def fit(model: keras.Model, rate: float, epochs: int, training, validation) -> float:
    """Compile and train as the lesson does; return the seconds."""
    schedule = keras.optimizers.schedules.CosineDecay(rate, epochs * -(-len(training[1]) // 32))
    model.compile(keras.optimizers.Adam(schedule), loss="binary_crossentropy", metrics=["accuracy"])
    start = time.perf_counter()
    history = model.fit(*training, epochs=epochs, validation_data=validation, verbose=2).history
    if not np.isfinite(history["loss"]).all():
        raise FloatingPointError("the loss is not a number")
    return time.perf_counter() - start


def save(name: str, rows: list[dict], key: str) -> None:
    """Add rows to a record; rows with the same experiment and ``key`` are replaced."""
    path = RESULTS / f"{name}.json"
    old = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []
    new = {(row["experiment"], row[key]) for row in rows}
    rows = [row for row in old if (row["experiment"], row[key]) not in new] + rows
    rows.sort(key=lambda row: (EXPERIMENTS.index(row["experiment"]), row[key]))
    path.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


EXPERIMENTS = ["VGG16, features", "VGG16, frozen with augmentation", "VGG16, fine-tuned", "precision"]


def measure(seed: int, parts: list, described: list, base: keras.Model) -> list[dict]:
    """Go through the three ways with one seed; return three rows."""
    (x, y), validation, test = parts
    rows = []

    def record(model: keras.Model, tested: tuple, epochs: int, seconds: float) -> None:
        row = course.ledger_row(
            experiment=EXPERIMENTS[len(rows)],
            seed=seed,
            accuracy=round(model.evaluate(*tested, verbose=0)[1], 4),
            test_size=len(test[1]),
            training_size=len(y),
            epochs=epochs,
            seconds=round(seconds),
            parameters=base.count_params() + head.count_params(),
            image_size=SIDE,
            data=[x, y, *validation, *test],
        )
        print({name: row[name] for name in ("experiment", "seed", "accuracy", "seconds")}, flush=True)
        rows.append(row)

    keras.utils.set_random_seed(seed)
    head = build_head()
    f_training, f_validation, f_test, feature_seconds = described
    seconds = fit(head, 1e-3, EPOCHS["head"], (f_training, y), (f_validation, validation[1]))
    record(head, (f_test, test[1]), EPOCHS["head"], feature_seconds + seconds)

    inputs = keras.Input((SIDE, SIDE, 3))
    x_in = inputs
    for layer in augmentation():
        x_in = layer(x_in)
    network = keras.Model(inputs, head(base(preprocess(x_in))))
    base.trainable = False
    keras.utils.set_random_seed(seed)
    record(network, test, EPOCHS["frozen"], fit(network, 2e-4, EPOCHS["frozen"], (x, y), validation))

    base.trainable = True
    for layer in base.layers[:-4]:
        layer.trainable = False
    keras.utils.set_random_seed(seed)
    record(network, test, EPOCHS["tuning"], fit(network, 1e-5, EPOCHS["tuning"], (x, y), validation))
    return rows


def precision(parts: list, pictures: int = 1000) -> list[dict]:
    """Time the features of photographs in both precisions, in one run, and train a head on each."""
    (x, y), _validation, test = parts
    x, y = x[:pictures], y[:pictures]
    rows = []
    chosen = course.use_fast_precision()
    for policy in ["float32", chosen] if chosen != "float32" else ["float32"]:
        keras.config.set_dtype_policy(policy)
        base = pretrained.vgg16_base((SIDE, SIDE, 3))
        features(base, x[:64])  # warm up
        start = time.perf_counter()
        f_training = features(base, x)
        seconds = time.perf_counter() - start
        f_test = features(base, test[0])
        keras.config.set_dtype_policy("float32")  # the heads differ in nothing but their features
        values = []
        for seed in range(3):
            keras.utils.set_random_seed(seed)
            head = build_head()
            fit(head, 1e-3, EPOCHS["head"], (f_training, y), None)
            values.append(head.evaluate(f_test, test[1], verbose=0)[1])
        keras.config.set_dtype_policy(policy)
        row = course.ledger_row(
            experiment="precision",
            pictures=len(x),
            seconds=round(seconds, 1),
            accuracy=round(float(np.mean(values)), 4),
            test_size=len(test[1]),
            data=[x, y, *test],
        )
        print({name: row[name] for name in ("precision", "seconds", "accuracy")}, flush=True)
        rows.append(row)
    return rows


def main(*words: str) -> None:
    """Measure, print, save after each seed."""
    keras.utils.set_random_seed(0)  # the order in which the training photographs are read depends on it
    parts = photographs(SIDE)
    if words == ("precision",):
        save("vgg16_precision", precision(parts), "precision")
        return
    course.use_fast_precision()
    base = pretrained.vgg16_base((SIDE, SIDE, 3))
    start = time.perf_counter()
    described = [features(base, pictures) for pictures, _labels in parts]
    described.append(time.perf_counter() - start)
    for seed in map(int, words):
        base = pretrained.vgg16_base((SIDE, SIDE, 3))
        save("vgg16_photos", measure(seed, parts, described, base), "seed")


if __name__ == "__main__":
    main(*sys.argv[1:])
