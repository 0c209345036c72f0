"""Make the networks that the course ships in data/networks from runs that are in the ledger.

    COURSE_DATA_DIR=… python -m benchmarks.networks cats_vs_dogs        (or: signs, cifar10, vgg16)
    COURSE_DATA=builtin python -m benchmarks.networks digits

The run is the first seed of its experiment, not the best one. Its weights were kept in build/networks by
``benchmarks.cats_vs_dogs``, ``benchmarks.signs`` or ``benchmarks.cifar10``; the digits' network is trained again, which
takes two minutes. They are stored as 16-bit numbers, read back, and judged again on the same test pictures: the
answers must be those of the run, give or take a few that lie at the threshold.

VGG16 is not the course's own: its published weights are rounded to 8 bits, for those who have no network connection.
"""

import hashlib
import json
import sys
from pathlib import Path

import numpy as np

from benchmarks import cats_vs_dogs, cifar10, ledger, mnist, signs
from helpers import course, datasets, networks, pretrained
from helpers.quiet import quiet
from tools import recipes

with quiet():
    import keras
from skimage import data

EXPERIMENT = "augmentation"


def save(name: str, network: keras.Model, **facts: object) -> Path:
    """Write a network's weights as 16-bit numbers, the few of one dimension as 32 bits, and what is known of it."""
    weights = [weight for weight in network.weights if "seed_generator" not in weight.path]
    arrays = {
        f"{number:03}": np.asarray(weight, dtype="float16" if len(weight.shape) > 1 else "float32")
        for number, weight in enumerate(weights)
    }
    return write(name, arrays, facts)


def write(name: str, arrays: dict[str, np.ndarray], facts: dict[str, object]) -> Path:
    """Write the file of a network and its entry in the index."""
    networks.FOLDER.mkdir(parents=True, exist_ok=True)
    path, index = networks.FOLDER / f"{name}.npz", networks.FOLDER / "index.json"
    np.savez_compressed(path, **arrays)
    known = json.loads(index.read_text(encoding="utf-8")) if index.is_file() else {}
    known[name] = {**facts, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    index.write_text(json.dumps(known, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def pets() -> None:
    """Ship lesson 05's network, trained on 2,000 photographs."""
    (row,) = (
        row
        for row in course.recorded("cats_vs_dogs_photos")
        if (row["experiment"], row["seed"]) == (EXPERIMENT, 0)
    )
    recipe = cats_vs_dogs.lesson("05")
    trained = recipe.build_network(True, row["image_size"])
    name = f"{EXPERIMENT}_0.weights.h5"
    trained.load_weights(ledger.RESULTS.parent / "build" / "networks" / name)
    path = save(
        "cats_vs_dogs",
        trained,
        side=row["image_size"],
        classes=["Cat", "Dog"],
        trained_on="2,000 photographs of cats and dogs, with augmentation",
        test_accuracy=row["accuracy"],
        test_size=row["test_size"],
        seed=row["seed"],
        recipe=row["recipe"],
        recipe_sha256=row["recipe_sha256"],
        licence="CC BY 4.0",
    )
    network = recipe.build_network(False, row["image_size"])
    networks.load("cats_vs_dogs", network)
    x_test, y_test = cats_vs_dogs.photographs(recipe, row["image_size"])[2]
    right = np.sum((network.predict(x_test, verbose=0)[:, 0] >= 0.5) == y_test)
    expected = round(row["accuracy"] * row["test_size"])
    assert abs(right - expected) <= 2, f"{right} right from the file, {expected} in the ledger"
    print(f"{path.name}: {path.stat().st_size / 1e6:.2f} MB, {right} of {len(y_test)} right")


def hands() -> None:
    """Ship lesson 07's better network, trained on photographs and drawings of hands."""
    (row,) = (
        row for row in course.recorded("signs_photos") if (row["experiment"], row["seed"]) == ("both", 0)
    )
    network = recipes.load("07").build_better()
    network.load_weights(ledger.RESULTS.parent / "build" / "networks" / "signs_both_0.weights.h5")
    path = save(
        "signs",
        network,
        side=64,
        classes=list("012345"),
        trained_on="1,080 photographs and 1,080 drawings of hands that show 0 to 5, with augmentation",
        test_accuracy=row["accuracy"],
        test_size=row["test_size"],
        seed=row["seed"],
        recipe=row["recipe"],
        recipe_sha256=row["recipe_sha256"],
        licence="CC BY-SA 4.0, as the photographs",
    )
    networks.load("signs", network)
    network.compile(metrics=["accuracy"], loss="categorical_crossentropy")
    accuracy = network.evaluate(*signs.read("photographs")[2:], verbose=0)[1]
    assert abs(accuracy - row["accuracy"]) < 0.017, (
        f"{accuracy} from the file, {row['accuracy']} in the ledger"
    )
    print(f"{path.name}: {path.stat().st_size / 1e6:.2f} MB, {accuracy:.1%} right")


def things() -> None:
    """Ship lesson 08's modern network, trained on 9,000 photographs of CIFAR-10."""
    name, epochs = "momentum", 40
    (row,) = (
        row
        for row in course.recorded("cifar10")
        if (row["experiment"], row["epochs"], row["seed"]) == (name, epochs, 0)
    )
    network = recipes.load("08").build_deep()
    file = f"cifar10_{name}_{epochs}_0.weights.h5"
    network.load_weights(ledger.RESULTS.parent / "build" / "networks" / file)
    path = save(
        "cifar10",
        network,
        side=32,
        classes=list(datasets.cifar10().classes),
        trained_on=f"{row['training_size']:,} photographs of CIFAR-10, with augmentation",
        test_accuracy=row["accuracy"],
        test_size=row["test_size"],
        seed=0,
        recipe=row["recipe"],
        recipe_sha256=row["recipe_sha256"],
        licence="this course claims no rights; the authors of CIFAR-10 state no license for their photographs",
    )
    networks.load("cifar10", network)
    pictures, labels = cifar10.photographs()["test"]
    answers = network.predict(pictures, verbose=0).argmax(axis=1)
    others = int(np.sum(answers != np.array(list(map(int, row["answers"])))))
    assert others <= 4, f"{others} photographs are named differently from the ledger"
    print(
        f"{path.name}: {path.stat().st_size / 1e6:.2f} MB, {np.sum(answers == labels)} of {len(labels)} right"
    )


def digits() -> None:
    """Ship lesson 03's network with all three remedies, trained on 4,000 digits for 40 epochs."""
    name = "all three, longer"
    (row,) = (
        row for row in course.recorded("mnist_ablation") if (row["experiment"], row["seed"]) == (name, 0)
    )
    images, labels, x_test, y_test = mnist.built_in_digits()
    recipe = recipes.load("03", images=images, labels=labels)
    vars(recipe).update(EPOCHS=recipe.LONG_EPOCHS)
    path = save(
        "digits",
        recipe.train_recipe(mnist.LONGER[name], 0),
        side=28,
        classes=list("0123456789"),
        trained_on="4,000 handwritten digits of MNIST, with augmentation",
        test_accuracy=row["accuracy"],
        test_size=row["test_size"],
        seed=0,
        recipe=row["recipe"],
        recipe_sha256=row["recipe_sha256"],
        licence="CC BY-SA 3.0, as the digits",
    )
    network = recipe.build_model()
    networks.load("digits", network)
    wrong = np.flatnonzero(network.predict(x_test, verbose=0).argmax(axis=1) != y_test)
    others = set(wrong) ^ set(row["wrong"])
    assert len(others) <= 2, f"digits {sorted(others)} are read differently from the ledger"
    print(
        f"{path.name}: {path.stat().st_size / 1e6:.2f} MB, {len(y_test) - len(wrong)} of {len(y_test)} right"
    )


def vgg16() -> None:
    """Ship VGG16's kernels as 8-bit numbers with one factor for each filter."""
    base = pretrained.vgg16_base((96, 96, 3))
    arrays = {}
    for number, weight in enumerate(base.get_weights()):
        name = f"{number:03}"
        arrays[name] = weight
        if weight.ndim > 1:
            scale = np.abs(weight).max(axis=(0, 1, 2)) / 127
            arrays[name], arrays[name + networks.SCALE] = np.round(weight / scale).astype("int8"), scale
    facts = {
        "side": 96,
        "trained_on": "ImageNet, by its authors; kernels rounded to 8 bits by this course",
        "source": "K. Simonyan, A. Zisserman: Very Deep Convolutional Networks for Large-Scale Image Recognition, 2015",
        "licence": "CC BY 4.0",
    }
    photo = keras.ops.image.resize(data.chelsea()[None].astype("float32"), (96, 96))
    photo = keras.applications.vgg16.preprocess_input(np.array(photo))
    exact = base.predict(photo, verbose=0)
    path = write("vgg16", arrays, facts)
    networks.load("vgg16", base)
    change = np.linalg.norm(base.predict(photo, verbose=0) - exact) / np.linalg.norm(exact)
    assert change < 0.05, change
    print(
        f"{path.name}: {path.stat().st_size / 1e6:.2f} MB, the features of a photograph change by {change:.1%}"
    )


if __name__ == "__main__":
    keras.config.disable_interactive_logging()
    {"cats_vs_dogs": pets, "signs": hands, "cifar10": things, "digits": digits, "vgg16": vgg16}[sys.argv[1]]()
