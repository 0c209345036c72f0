"""Measure what temperature scaling does: write results/calibration.json.

    COURSE_DATA=builtin python -m benchmarks.calibration EXPERIMENT SEED …
    COURSE_DATA_DIR=… python -m benchmarks.calibration photographs SEED …

EXPERIMENT is "plain", "augmented" or "vgg16": lesson 10's networks on the 640 built-in fruits. Five folds, dealt anew
for each seed: a network is trained on three of them, its temperature is fitted to the fourth, and the fifth judges
both. The answers on the five judging folds are pooled, so that every picture is judged once, by a network and a
temperature that have not seen it.

"photographs" takes lesson 06's heads on VGG16's features and lesson 05's networks (whose weights are in
build/networks) on the standard cats and dogs: the temperature is fitted to the 500 validation photographs and judged
on the 500 test photographs, then the other way round, and the 1,000 answers are pooled. The heads have seen neither;
lesson 05's networks have chosen their best epoch on the validation photographs.

Each row holds the expected calibration error before and after, and for both the error that a perfectly calibrated
network of the same confidence would show on so many pictures: no measured error can be expected below that.
"""

import sys
import time
from types import ModuleType
from typing import Any

import numpy as np

from benchmarks import ledger
from helpers import course, datasets, pretrained
from helpers.quiet import quiet
from tools import recipes

with quiet():
    import keras

FOLDS = 5
BINS = 10
COMMON = "10 softmax in_bins calibration_error ruler loss_of fit_temperature"
NETWORK = f"{COMMON} train_network"
USED = {"plain": NETWORK, "augmented": NETWORK, "vgg16": f"{COMMON} train_head"}
NAMES = {
    "plain": "fruits: own network",
    "augmented": "fruits: own network, augmentation",
    "vgg16": "fruits: VGG16's features",
    "head": "cats and dogs: VGG16's features",
    "network": "cats and dogs: lesson 05's network",
}
Labeled = tuple[np.ndarray, np.ndarray]


def pictures() -> Labeled:
    """Return all built-in fruits as bytes, Training before Test, each in the order of classes and names."""
    data = datasets.fruits()
    parts, labels = [], []
    for path in (data.path, data.test_path):
        for number, folder in enumerate(sorted(each for each in path.iterdir() if each.is_dir())):
            files = sorted(folder.iterdir())
            parts += [np.asarray(keras.utils.load_img(file, target_size=(100, 100))) for file in files]
            labels += [number] * len(files)
    return np.stack(parts).astype("uint8"), np.array(labels)


def small(x: np.ndarray, side: int) -> np.ndarray:
    """Return the pictures in the size that the lesson's own network sees."""
    return keras.ops.convert_to_numpy(keras.ops.image.resize(x.astype("float32"), (side, side)))


def features(x: np.ndarray) -> np.ndarray:
    """Return VGG16's features, shape (pictures, 3, 3, 512)."""
    base = pretrained.vgg16_base((*x.shape[1:3], 3))
    prepare = keras.applications.vgg16.preprocess_input
    portions = [
        base.predict(prepare(x[start : start + 64].astype("float32")), batch_size=16, verbose=0)
        for start in range(0, len(x), 64)
    ]
    return np.concatenate(portions)


def dealt(y: np.ndarray, seed: int) -> np.ndarray:
    """Return the fold of each picture, 0 to 4: as many of each class in each."""
    random, fold = np.random.default_rng(seed), np.empty(len(y), dtype=int)
    for each in np.unique(y):
        fold[y == each] = random.permutation(np.arange(np.sum(y == each)) % FOLDS)
    return fold


def judged(
    recipe: ModuleType, parts: list[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]
) -> dict[str, Any]:
    """Return the figures of answers before and after temperature scaling.

    Args:
        recipe: lesson 10's functions.
        parts: (logits, labels) to fit a temperature to, then (logits, labels) to judge it on; the latter are pooled.
    """
    temperatures = [recipe.fit_temperature(logits, y) for logits, y, _, _ in parts]
    y = np.concatenate([part[3] for part in parts])
    before = np.concatenate([recipe.softmax(part[2]) for part in parts])
    after = np.concatenate([recipe.softmax(part[2], t) for part, t in zip(parts, temperatures, strict=True)])
    figures: dict[str, Any] = {
        "accuracy": round(float(np.mean(before.argmax(axis=1) == y)), 4),
        "test_size": len(y),
        "temperatures": [round(float(t), 3) for t in temperatures],
    }
    for name, p in (("before", before), ("after", after)):
        bins = recipe.in_bins(p, y, BINS)
        figures[name] = {
            "confidence": round(float(p.max(axis=1).mean()), 4),
            "calibration_error": round(float(recipe.calibration_error(p, y, BINS)), 4),
            "if_calibrated": round(float(recipe.ruler(p, BINS)), 4),
            "loss": round(float(-np.log(p[np.arange(len(y)), y].clip(1e-12)).mean()), 4),
            "bins": [[int(row[0]), round(float(row[1]), 4), round(float(row[2]), 4)] for row in bins],
        }
    return figures


def fruits(experiment: str, seed: int, x: np.ndarray, y: np.ndarray) -> dict[str, object]:
    """Return the row of one seed on the built-in fruits."""
    recipe = recipes.load("10")
    fold, parts, start = dealt(y, seed), [], time.perf_counter()
    for number in range(FOLDS):
        test, validation = fold == number, fold == (number + 1) % FOLDS
        train = ~test & ~validation
        if experiment == "vgg16":
            model = recipe.train_head(seed, x[train], y[train])
        else:
            model = recipe.train_network(seed, x[train], y[train], experiment == "augmented")
        logits = [model.predict(x[part], verbose=0).astype(float) for part in (validation, test)]
        parts.append((logits[0], y[validation], logits[1], y[test]))
        print(experiment, seed, number, f"{np.mean(logits[1].argmax(axis=1) == y[test]):.1%}", flush=True)
    return course.ledger_row(
        experiment=NAMES[experiment],
        seed=seed,
        **judged(recipe, parts),
        seconds=round(time.perf_counter() - start),
        data=[x, y],
        **recipes.mark(USED[experiment]),
    )


def two_logits(p: np.ndarray) -> np.ndarray:
    """Return logits for (not, yes) from probabilities of yes."""
    p = p.astype(float).clip(1e-7, 1 - 1e-7)
    return np.stack([np.zeros(len(p)), np.log(p / (1 - p))], axis=1)


def photographs(seeds: list[int]) -> list[dict[str, object]]:
    """Return the rows of cats and dogs."""
    from benchmarks.cats_vs_dogs import lesson
    from benchmarks.cats_vs_dogs import photographs as standard

    recipe, heads, nets = recipes.load("10"), recipes.load("06", SIDE=96), lesson("05")
    parts = standard(lesson("04"), 96)
    labels = [y for _, y in parts]
    maps = [features(x) for x, _ in parts]
    rows = []
    for seed in seeds:
        head, _ = heads.train_head(seed, (maps[0], labels[0]), (maps[1], labels[1]))
        answers = {"head": [head.predict(part, verbose=0)[:, 0] for part in maps[1:]]}
        kept = ledger.RESULTS.parent / "build" / "networks" / f"augmentation_{seed}.weights.h5"
        if kept.is_file():
            network = nets.build_network(True, 96)
            network.load_weights(kept)
            answers["network"] = [network.predict(x, verbose=0)[:, 0] for x, _ in parts[1:]]
        for name, (p_validation, p_test) in answers.items():
            one, other = (two_logits(p_validation), labels[1]), (two_logits(p_test), labels[2])
            used = (
                "06 train_head"
                if name == "head"
                else "05 build_network augmentation_layers compile_network EPOCHS"
            )
            row = course.ledger_row(
                experiment=NAMES[name],
                seed=seed,
                **judged(recipe, [(*one, *other), (*other, *one)]),
                data=[*parts[1], *parts[2]],
                **recipes.mark(used),
            )
            rows.append(row)
    return rows


def main(experiment: str, *seeds: str) -> None:
    """Measure, print, save after each seed."""
    keras.config.set_dtype_policy("float32")
    numbers = [int(seed) for seed in seeds]
    if experiment == "photographs":
        rows = photographs(numbers)
        ledger.add("calibration", rows, ("experiment", "seed"), list(NAMES.values()))
    else:
        x, y = pictures()
        x = features(x) if experiment == "vgg16" else small(x, recipes.load("10").SIDE)
        rows = []
        for seed in numbers:
            rows.append(fruits(experiment, seed, x, y))
            ledger.add("calibration", rows[-1:], ("experiment", "seed"), list(NAMES.values()))
    for row in rows:
        errors = [row[when]["calibration_error"] for when in ("before", "after")]
        print(row["experiment"], row["seed"], row["accuracy"], *errors, row["temperatures"], flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
