"""Measure whether the drawn samples teach what photographs teach: write results/samples.json.

    python -m benchmarks.samples [NAME …]
    python -m benchmarks.samples features [NAME …]     VGG16's features only, minutes

Wanted for each set: a linear model on pixels does poorly, a convolutional network clearly better, augmentation
clearly better again, and a linear model on VGG16's features best. Always the same split; three seeds. The network below
is a measuring instrument, the same for all sets: four convolutions for small pictures.

A further figure is the realism of the sets of which photographs are at hand: a linear model on VGG16's features of the
*drawn* pictures, everything about it chosen on drawn ones, judged on photographs.

    COURSE_DATA_DIR=… python -m benchmarks.samples realism [NAME …]
"""

import os
import sys
import time
from pathlib import Path

import h5py
import numpy as np

from benchmarks import ledger
from helpers import course, datasets, pretrained
from helpers.quiet import quiet

with quiet():
    import keras
    from keras import layers
from sklearn.linear_model import LogisticRegression, LogisticRegressionCV
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

SETS = ["cats_vs_dogs", "sign_language", "cifar10", "fruits", "flowers"]
PHOTOGRAPHED = ["cats_vs_dogs", "sign_language", "cifar10", "flowers"]
SEEDS = (0, 1, 2)
EPOCHS, STEPS = (
    {False: 20, True: 35},
    {False: 800, True: 1800},
)  # without augmentation, with it: at least both
Split = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]  # x, y, x_test, y_test


def fruit_augmentation() -> list[keras.Layer]:
    """Return more random changes than lesson 05 has: a fruit's label survives any turn and any light."""
    return [
        layers.RandomFlip("horizontal_and_vertical"),
        layers.RandomRotation(0.5),
        layers.RandomZoom((-0.3, 0.3)),
        layers.RandomTranslation(0.12, 0.12),
        layers.RandomBrightness(0.15),
        layers.RandomContrast((0.3, 0.3)),
        layers.RandomHue(0.04, value_range=(0, 255)),
    ]


def augmentation() -> list[keras.Layer]:
    """Return the random changes for all other sets."""
    return [layers.RandomFlip("horizontal"), layers.RandomRotation(0.1), layers.RandomZoom(0.2)]


def network(side: int, classes: int, augmented: bool, of_fruits: bool) -> keras.Model:
    """Return four convolutions for small pictures, with or without augmentation and dropout."""
    inputs = keras.Input((side, side, 3))
    x = inputs
    for layer in (fruit_augmentation() if of_fruits else augmentation()) if augmented else []:
        x = layer(x)
    x = layers.Rescaling(1 / 255)(x)
    for filters in (32, 64, 128, 256):
        x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
        x = layers.MaxPooling2D(2)(x)
        x = layers.BatchNormalization(momentum=0.9)(x)
        x = layers.ReLU()(x)
    x = layers.Flatten()(x)
    if augmented:
        x = layers.Dropout(0.5)(x)
    return keras.Model(inputs, layers.Dense(classes, activation="softmax", dtype="float32")(x))


def linear_accuracy(split: Split) -> float:
    """Return the best test accuracy of a regularized linear model on pixels, over three sizes of the picture."""
    x, y, x_test, y_test = split
    best = 0.0
    for side in (16, 32, x.shape[1]):
        step = x.shape[1] // side
        small = [
            a.reshape(len(a), side, step, side, step, 3).mean((2, 4), dtype="float32") for a in (x, x_test)
        ]
        train, test = (a.reshape(len(a), -1) / 64 - 2 for a in small)
        model = LogisticRegression(C=1e-3, max_iter=200).fit(train, y)
        best = max(best, float(model.score(test, y_test)))
    return best


def features_accuracy(split: Split, base: keras.Model) -> float:
    """Return the test accuracy of a linear model on VGG16: maxima and means of the last three blocks' maps."""
    x, y, x_test, y_test = split
    pooled = []
    for name in ("block3_pool", "block4_pool", "block5_pool"):
        maps = base.get_layer(name).output
        pooled += [layers.GlobalMaxPooling2D()(maps), layers.GlobalAveragePooling2D()(maps)]
    extractor = keras.Model(base.input, pooled)
    prepare = keras.applications.vgg16.preprocess_input

    def features(pictures: np.ndarray) -> list[np.ndarray]:
        parts = []
        for start in range(0, len(pictures), 500):
            part = pictures[start : start + 500].astype("float32")
            large = keras.ops.convert_to_numpy(keras.ops.image.resize(part, base.input_shape[1:3]))
            parts.append(extractor.predict(prepare(large), verbose=0))
        return [np.concatenate(column).astype("float32") for column in zip(*parts, strict=True)]

    train, test = features(x), features(x_test)
    sizes = [part.std() for part in train]
    train, test = (
        np.concatenate([part / size for part, size in zip(parts, sizes, strict=True)], axis=1)
        for parts in (train, test)
    )
    fitted, held_out, y_fitted, y_held_out = train_test_split(
        train, y, test_size=0.2, random_state=0, stratify=y
    )

    def validation_accuracy(strength: float) -> float:
        return LogisticRegression(C=strength, max_iter=300).fit(fitted, y_fitted).score(held_out, y_held_out)

    model = LogisticRegression(C=max((0.003, 0.03, 0.3), key=validation_accuracy), max_iter=300).fit(train, y)
    return float(model.score(test, y_test))


def trained(
    split: Split, augmented: bool, seed: int, epochs: int, of_fruits: bool
) -> tuple[float, float, int]:
    """Train once; return test accuracy, seconds and the number of parameters."""
    x, y, x_test, y_test = split
    keras.utils.set_random_seed(seed)
    model = network(x.shape[1], int(y.max()) + 1, augmented, of_fruits)
    schedule = keras.optimizers.schedules.CosineDecay(1e-3, epochs * -(-len(x) // 32))
    model.compile(keras.optimizers.Adam(schedule), "sparse_categorical_crossentropy", metrics=["accuracy"])
    start = time.perf_counter()
    model.fit(x, y, batch_size=32, epochs=epochs, verbose=0)
    seconds = time.perf_counter() - start
    return model.evaluate(x_test, y_test, verbose=0)[1], seconds, model.count_params()


def measure(
    name: str, split: Split, large: Split, base: keras.Model, only_features: bool
) -> list[dict[str, object]]:
    """Return the rows of one set; ``large`` holds the same pictures for VGG16, larger if they are."""
    common = {"set": name, "test_size": len(split[3]), "training_size": len(split[1]), "data": split}
    rows = []
    linear = {"linear on VGG16 features": lambda: features_accuracy(large, base)}
    if not only_features:
        linear = {"linear on pixels": lambda: linear_accuracy(split)} | linear
    for experiment, accuracy in linear.items():
        rows.append(course.ledger_row(experiment=experiment, accuracy=round(accuracy(), 4), **common))
        print(name, experiment, rows[-1]["accuracy"], flush=True)
    if only_features:
        return rows
    for augmented, experiment in ((False, "network"), (True, "network with augmentation")):
        epochs = max(EPOCHS[augmented], STEPS[augmented] * 32 // len(split[1]))
        epochs = 200 if augmented and name == "fruits" else epochs  # stronger augmentation takes longer
        for seed in SEEDS:
            accuracy, seconds, parameters = trained(split, augmented, seed, epochs, name == "fruits")
            figures = {"accuracy": round(accuracy, 4), "epochs": epochs, "parameters": parameters}
            rows.append(
                course.ledger_row(
                    experiment=experiment, seed=seed, seconds=round(seconds), **figures, **common
                )
            )
            print(name, experiment, seed, rows[-1]["accuracy"], f"{seconds:.0f} s", flush=True)
    return rows


def in_folder(path: Path, size: int, **options) -> tuple[np.ndarray, np.ndarray]:
    """Return the pictures of a folder as bytes, and the labels."""
    pictures = keras.utils.image_dataset_from_directory(
        path, image_size=(size, size), batch_size=None, seed=course.SEED, **options
    )
    images, labels = zip(*pictures.as_numpy_iterator(), strict=True)
    return np.stack(images).astype("uint8"), np.array(labels)


def load(name: str, size: int) -> Split:
    """Return one drawn set; pictures in folders are brought to ``size``, the others stay as they are."""
    if name == "cats_vs_dogs":
        pets = datasets.cats_vs_dogs()
        held_out = [in_folder(path, size) for path in (pets.validation_path, pets.test_path)]
        x_test, y_test = (np.concatenate(parts) for parts in zip(*held_out, strict=True))
        return *in_folder(pets.path, size), x_test, y_test
    if name == "flowers":
        options = {"path": datasets.flowers().path, "size": size, "validation_split": 0.2}
        return *in_folder(subset="training", **options), *in_folder(subset="validation", **options)
    if name == "fruits":
        data = datasets.fruits()
        return *in_folder(data.path, size), *in_folder(data.test_path, size)
    if name == "sign_language":
        signs = datasets.sign_language()
        with h5py.File(signs.train_path) as train, h5py.File(signs.test_path) as test:
            return (
                train["train_set_x"][:],
                train["train_set_y"][:],
                test["test_set_x"][:],
                test["test_set_y"][:],
            )
    data = datasets.cifar10()
    return data.x_train, data.y_train, data.x_test, data.y_test


def described(pictures: np.ndarray, base: keras.Model) -> np.ndarray:
    """Return the maxima of VGG16's last maps, 512 numbers for each picture, squeezed to 128×128."""
    portions = []
    for start in range(0, len(pictures), 200):
        part = pictures[start : start + 200].astype("float32")
        large = keras.ops.convert_to_numpy(keras.ops.image.resize(part, base.input_shape[1:3]))
        prepared = keras.applications.vgg16.preprocess_input(large)
        portions.append(base.predict(prepared, verbose=0).max(axis=(1, 2)))
    return np.concatenate(portions).astype("float32")


def realism(name: str, base: keras.Model) -> list[dict[str, object]]:
    """Return the row on one set: trained on all drawn pictures, tested on all photographs for testing."""
    os.environ["COURSE_DATA"] = "builtin"
    drawn = load(name, 128)
    os.environ["COURSE_DATA"] = "auto"
    *_training, photographs, labels = load(name, 128)
    x, y = np.concatenate(drawn[::2]), np.concatenate(drawn[1::2])
    model = make_pipeline(
        StandardScaler(), LogisticRegressionCV(Cs=[1e-4, 1e-3, 1e-2, 1e-1], cv=5, max_iter=500)
    )
    model.fit(described(x, base), y)
    accuracy = float(model.score(described(photographs, base), labels))
    print(name, "realism", round(accuracy, 4), flush=True)
    return [
        course.ledger_row(
            experiment="linear on VGG16 features of drawings, tested on photographs",
            set=name, accuracy=round(accuracy, 4), test_size=len(labels), training_size=len(y),
            data=[x, photographs],
        )
    ]  # fmt: skip


def main(names: list[str]) -> None:
    """Measure, print, save after each set."""
    keras.config.disable_interactive_logging()
    keras.config.set_dtype_policy("float32")
    if names[:1] == ["realism"]:
        small = pretrained.vgg16_base((128, 128, 3))
        for name in names[1:] or PHOTOGRAPHED:
            ledger.add("samples", realism(name, small), ("set", "experiment", "seed"))
        return
    base = pretrained.vgg16_base((180, 180, 3))
    only_features = names[:1] == ["features"]
    order = ["linear on pixels", "linear on VGG16 features", "network", "network with augmentation"]
    for name in names[only_features:] or SETS:
        rows = measure(name, load(name, 64), load(name, 180), base, only_features)
        ledger.add("samples", rows, ("set", "experiment", "seed"), order)


if __name__ == "__main__":
    main(sys.argv[1:])
