"""Measure lesson 06's three ways on photographs: write results/vgg16_photos.json and results/vgg16_precision.json.

    COURSE_DATA_DIR=… python -m benchmarks.vgg16_photos SIDE SEED …
    COURSE_DATA_DIR=… python -m benchmarks.vgg16_photos precision

SIDE is 96, as in the lesson, or 180, as in the source. The same 2,000 photographs for training, 500 for validation and
500 for the test as in benchmarks/cats_vs_dogs.py. The networks and settings are the recipe cells of the lesson. Each
seed trains a head on features; from there one way goes on with augmentation on the frozen base, the other with block 5.
The test photographs are seen at the end of each way.
"""

import sys
import time

import numpy as np

from benchmarks import ledger
from benchmarks.cats_vs_dogs import Parts, lesson, photographs
from helpers import course, pretrained
from helpers.quiet import quiet
from tools import recipes

with quiet():
    import keras

PRECISION_SIDE = 96
HEAD = "06 build_head compile_with train_head HEAD_EPOCHS HEAD_RATE"
WAYS = {
    "features": HEAD,
    "frozen with augmentation": f"{HEAD} build_whole FROZEN_EPOCHS FROZEN_RATE",
    "fine-tuned": f"{HEAD} build_last_block TUNING_EPOCHS TUNING_RATE",
}
SIDES = (96, 180)
NAMES = [f"VGG16 at {side}×{side}, {way}" for side in SIDES for way in WAYS]
Labeled = tuple[np.ndarray, np.ndarray]
preprocess = keras.applications.vgg16.preprocess_input


def halves(base: keras.Model) -> tuple[keras.Model, keras.Model]:
    """Return blocks 1 to 4 and block 5 as two models with the layers of the base."""
    lower = keras.Model(base.input, base.get_layer("block4_pool").output)
    return lower, keras.Model(lower.output, base.output)


def answers(model: keras.Model, pictures: np.ndarray) -> np.ndarray:
    """Return what VGG16 or its lower half gives for pictures in float32, computed in portions."""
    portions = [
        model.predict(preprocess(pictures[start : start + 64].astype("float32")), batch_size=16, verbose=0)
        for start in range(0, len(pictures), 64)
    ]
    return np.concatenate(portions).astype("float32")


def fit(model: keras.Model, epochs: int, training: Labeled, validation: Labeled) -> tuple[float, float]:
    """Train as the lesson does; return the seconds and the last validation accuracy."""
    start = time.perf_counter()
    history = model.fit(*training, epochs=epochs, validation_data=validation, verbose=2).history
    if not np.isfinite(history["loss"]).all():
        raise FloatingPointError("the loss is not a number")
    return time.perf_counter() - start, history["val_accuracy"][-1]


def measure(seed: int, parts: Parts, maps: list[np.ndarray], maps_seconds: float) -> list[dict]:
    """Go the three ways with one seed; return three rows."""
    training, validation, test = parts
    y, y_validation, y_test = (labels for _, labels in parts)
    side = training[0].shape[1]
    base = fresh_base(side)  # fine-tuning changes it
    _, upper = halves(base)
    recipe = recipes.load("06", base=base, preprocess=preprocess, SIDE=side)
    start = time.perf_counter()
    f_train, f_validation, f_test = (upper.predict(part, batch_size=64, verbose=0) for part in maps)
    head, history = recipe.train_head(seed, (f_train, y), (f_validation, y_validation))
    spent = maps_seconds + time.perf_counter() - start
    rows = []

    def add(
        way: str, model: keras.Model, tested: np.ndarray, epochs: int, seconds: float, checked: float
    ) -> None:
        row = course.ledger_row(
            experiment=f"VGG16 at {side}×{side}, {way}",
            seed=seed,
            accuracy=round(model.evaluate(tested, y_test, verbose=0)[1], 4),
            validation_accuracy=round(checked, 4),
            test_size=len(y_test),
            training_size=len(y),
            epochs=epochs,
            seconds=round(seconds),
            parameters=base.count_params() + head.count_params(),
            image_size=side,
            data=[*training, *validation, *test],
            **recipes.mark(WAYS[way]),
        )
        ledger.show(row, "experiment", "seed", "accuracy", "validation_accuracy", "seconds")
        rows.append({**row, "precision": base.dtype_policy.name})

    add("features", head, f_test, recipe.HEAD_EPOCHS, spent, history["val_accuracy"][-1])
    base.trainable = False
    network = recipe.build_whole(head)
    keras.utils.set_random_seed(seed)
    recipe.compile_with(network, recipe.FROZEN_RATE, recipe.FROZEN_EPOCHS, len(y))
    result = fit(network, recipe.FROZEN_EPOCHS, training, validation)
    add("frozen with augmentation", network.layers[-1], f_test, recipe.FROZEN_EPOCHS, *result)
    base.trainable = True
    for layer in base.layers[:-4]:
        layer.trainable = False
    keras.utils.set_random_seed(seed)
    last_block = recipe.build_last_block(upper, head)
    recipe.compile_with(last_block, recipe.TUNING_RATE, recipe.TUNING_EPOCHS, len(y))
    result = fit(last_block, recipe.TUNING_EPOCHS, (maps[0], y), (maps[1], y_validation))
    add("fine-tuned", last_block, maps[2], recipe.TUNING_EPOCHS, *result)
    return rows


def fresh_base(side: int) -> keras.Model:
    """Return VGG16 in the arithmetic that is fast here; all other layers are made in float32."""
    course.use_fast_precision()
    base = pretrained.vgg16_base((side, side, 3))
    keras.config.set_dtype_policy("float32")
    return base


def precision(parts: Parts, pictures: int = 1000) -> list[dict]:
    """Time the features of photographs in both precisions, in one run, and train heads on each."""
    (x, y), (x_validation, y_validation), (x_test, y_test) = parts
    x, y = x[:pictures], y[:pictures]
    side = x.shape[1]
    recipe = recipes.load("06", SIDE=side)
    rows = []
    chosen = course.use_fast_precision()
    for policy in ["float32", chosen] if chosen != "float32" else ["float32"]:
        keras.config.set_dtype_policy(policy)
        base = pretrained.vgg16_base((side, side, 3))
        answers(base, x[:64])  # warm up
        start = time.perf_counter()
        f_training = answers(base, x)
        seconds = time.perf_counter() - start
        f_validation, f_test = answers(base, x_validation), answers(base, x_test)
        keras.config.set_dtype_policy("float32")  # the heads differ in nothing but their features
        heads = [
            recipe.train_head(seed, (f_training, y), (f_validation, y_validation))[0] for seed in range(3)
        ]
        accuracy = np.mean([head.evaluate(f_test, y_test, verbose=0)[1] for head in heads])
        row = course.ledger_row(
            experiment="precision",
            pictures=len(x),
            seconds=round(seconds, 1),
            accuracy=round(float(accuracy), 4),
            test_size=len(y_test),
            data=[x, y, x_test, y_test],
            **recipes.mark(HEAD),
        )
        rows.append({**row, "precision": policy})
        ledger.show(rows[-1], "precision", "seconds", "accuracy")
    return rows


def main(side: str, *seeds: str) -> None:
    """Measure, print, save after each seed."""
    if side == "precision":
        ledger.add("vgg16_precision", precision(photographs(lesson("04"), PRECISION_SIDE)), ("precision",))
        return
    parts = photographs(lesson("04"), int(side))
    lower, _ = halves(fresh_base(int(side)))
    start = time.perf_counter()
    maps = [answers(lower, pictures) for pictures, _labels in parts]
    seconds = time.perf_counter() - start
    for seed in map(int, seeds):
        ledger.add("vgg16_photos", measure(seed, parts, maps, seconds), ("experiment", "seed"), NAMES)


if __name__ == "__main__":
    main(*sys.argv[1:])
