"""Measure lesson 06's three ways on photographs: write results/vgg16_photos.json and results/vgg16_precision.json.

    COURSE_DATA_DIR=… python -m benchmarks.vgg16_photos SEED …
    COURSE_DATA_DIR=… python -m benchmarks.vgg16_photos precision

The same 2,000 photographs for training, 500 for validation and 500 for the test as in benchmarks/cats_vs_dogs.py. The
networks and settings are the recipe cells of the lesson. Each seed trains a head on features, continues with
augmentation on the frozen base, and then releases the last four layers; the test photographs are seen at the end of
each way.
"""

import sys
import time
from types import ModuleType

import numpy as np

from benchmarks import ledger
from benchmarks.cats_vs_dogs import Parts, lesson, photographs
from helpers import course, pretrained
from helpers.quiet import quiet
from tools import recipes

with quiet():
    import keras

SIDE = 180
HEAD = "06 build_head train_head"
WHOLE = "06 build_head build_whole compile_with FROZEN_EPOCHS FROZEN_RATE"
WAYS = {
    "VGG16, features": HEAD,
    "VGG16, frozen with augmentation": WHOLE,
    "VGG16, fine-tuned": f"{WHOLE} TUNING_EPOCHS TUNING_RATE",
}
preprocess = keras.applications.vgg16.preprocess_input


def features(base: keras.Model, pictures: np.ndarray) -> np.ndarray:
    """Return VGG16's features in float32, computed in portions."""
    portions = [
        base.predict(preprocess(pictures[start : start + 64].astype("float32")), batch_size=16, verbose=0)
        for start in range(0, len(pictures), 64)
    ]
    return np.concatenate(portions).astype("float32")


def lesson_06(parts: Parts, base: keras.Model | None = None) -> ModuleType:
    """Return the recipes of lesson 06 for these photographs."""
    (x, y), (_, y_validation), _test = parts
    names = {"x_train": x, "y_train": y, "y_validation": y_validation}
    return recipes.load("06", **names, base=base, preprocess=preprocess, SIDE=SIDE)


def fit(model: keras.Model, epochs: int, training: tuple, validation: tuple) -> float:
    """Train as the lesson does; return the seconds."""
    start = time.perf_counter()
    history = model.fit(*training, epochs=epochs, validation_data=validation, verbose=2).history
    if not np.isfinite(history["loss"]).all():
        raise FloatingPointError("the loss is not a number")
    return time.perf_counter() - start


def measure(seed: int, parts: Parts, described: list, base: keras.Model) -> list[dict]:
    """Go through the three ways with one seed; return three rows."""
    training, validation, test = parts
    f_training, f_validation, f_test, feature_seconds = described
    recipe = lesson_06(parts, base)
    start = time.perf_counter()
    head, _history = recipe.train_head(seed, f_training, f_validation)
    seconds = feature_seconds + time.perf_counter() - start

    def row(name: str, model: keras.Model, tested: np.ndarray, epochs: int, seconds: float) -> dict:
        result = course.ledger_row(
            experiment=name,
            seed=seed,
            accuracy=round(model.evaluate(tested, test[1], verbose=0)[1], 4),
            test_size=len(test[1]),
            training_size=len(training[1]),
            epochs=epochs,
            seconds=round(seconds),
            parameters=base.count_params() + head.count_params(),
            image_size=SIDE,
            data=[*training, *validation, *test],
            **recipes.mark(WAYS[name]),
        )
        ledger.show(result, "experiment", "seed", "accuracy", "seconds")
        return result

    rows = [row("VGG16, features", head, f_test, recipe.HEAD_EPOCHS, seconds)]
    base.trainable = False
    network = recipe.build_whole(head)
    for name, rate, epochs in (
        ("VGG16, frozen with augmentation", recipe.FROZEN_RATE, recipe.FROZEN_EPOCHS),
        ("VGG16, fine-tuned", recipe.TUNING_RATE, recipe.TUNING_EPOCHS),
    ):
        if name.endswith("tuned"):
            base.trainable = True
            for layer in base.layers[:-4]:
                layer.trainable = False
        keras.utils.set_random_seed(seed)
        recipe.compile_with(network, rate, epochs)
        rows.append(row(name, network, test[0], epochs, fit(network, epochs, training, validation)))
    return rows


def precision(parts: Parts, pictures: int = 1000) -> list[dict]:
    """Time the features of photographs in both precisions, in one run, and train heads on each."""
    (x, y), validation, test = parts
    x, y = x[:pictures], y[:pictures]
    recipe = lesson_06([(x, y), validation, test])
    rows = []
    chosen = course.use_fast_precision()
    for policy in ["float32", chosen] if chosen != "float32" else ["float32"]:
        keras.config.set_dtype_policy(policy)
        base = pretrained.vgg16_base((SIDE, SIDE, 3))
        features(base, x[:64])  # warm up
        start = time.perf_counter()
        f_training = features(base, x)
        seconds = time.perf_counter() - start
        f_validation, f_test = features(base, validation[0]), features(base, test[0])
        keras.config.set_dtype_policy("float32")  # the heads differ in nothing but their features
        heads = [recipe.train_head(seed, f_training, f_validation)[0] for seed in range(3)]
        accuracy = np.mean([head.evaluate(f_test, test[1], verbose=0)[1] for head in heads])
        keras.config.set_dtype_policy(policy)
        rows.append(
            course.ledger_row(
                experiment="precision",
                pictures=len(x),
                seconds=round(seconds, 1),
                accuracy=round(float(accuracy), 4),
                test_size=len(test[1]),
                data=[x, y, *test],
                **recipes.mark(HEAD),
            )
        )
        ledger.show(rows[-1], "precision", "seconds", "accuracy")
    return rows


def main(*words: str) -> None:
    """Measure, print, save after each seed."""
    parts = photographs(lesson("04"), SIDE)
    if words == ("precision",):
        ledger.add("vgg16_precision", precision(parts), ("precision",))
        return
    course.use_fast_precision()
    base = pretrained.vgg16_base((SIDE, SIDE, 3))
    start = time.perf_counter()
    described: list = [features(base, pictures) for pictures, _labels in parts]
    described.append(time.perf_counter() - start)
    for seed in map(int, words):
        base = pretrained.vgg16_base((SIDE, SIDE, 3))
        rows = measure(seed, parts, described, base)
        ledger.add("vgg16_photos", rows, ("experiment", "seed"), list(WAYS))


if __name__ == "__main__":
    main(*sys.argv[1:])
