"""Measure lesson 07's recipes on hands: add rows to results/signs_photos.json.

    COURSE_DATA_DIR=… python -m benchmarks.signs EXPERIMENT SEED …

Photographs are those of the open set, 1,080 for training and 120 for testing; drawings are the built-in hands, as many.
``accuracy`` is that on the test photographs, ``tested_on`` says it for both kinds. The curves of the source's recipe
show the test photographs after each epoch; no choice is made by them. The better recipe was chosen with training
pictures put aside. Its last weights are kept in build/networks.
"""

import os
import sys
import time
from types import ModuleType

import h5py
import numpy as np

from benchmarks import ledger
from helpers import course, datasets
from helpers.quiet import quiet
from tools import recipes

with quiet():
    import keras

SOURCE, BETTER = (
    "07 build_network compile_source EPOCHS BATCH",
    "07 build_better compile_better BETTER_EPOCHS",
)
EXPERIMENTS = {  # name → recipe, what the network is trained on
    "without normalization": (SOURCE, ("photographs",)),
    "the source's network": (SOURCE, ("photographs",)),
    "momentum 0.9": (SOURCE, ("photographs",)),
    "improved": (BETTER, ("photographs",)),
    "drawings": (BETTER, ("drawings",)),
    "both": (BETTER, ("photographs", "drawings")),
}
CHANGES = {"without normalization": {"normalized": False}, "momentum 0.9": {"momentum": 0.9}}
Hands = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]  # x and y for training and testing


def read(kind: str) -> Hands:
    """Return one kind of hands, values 0–1 and one-hot labels."""
    os.environ["COURSE_DATA"] = "auto" if kind == "photographs" else "builtin"
    signs = datasets.sign_language(download=False)
    wanted = "real" if kind == "photographs" else "sample"
    assert signs.source == wanted, "Set COURSE_DATA_DIR to a folder that holds the open set."
    with h5py.File(signs.train_path) as train, h5py.File(signs.test_path) as test:
        return (
            train["train_set_x"][:] / np.float32(255), np.eye(6)[train["train_set_y"][:]],
            test["test_set_x"][:] / np.float32(255), np.eye(6)[test["test_set_y"][:]],
        )  # fmt: skip


def prepared(recipe: ModuleType, experiment: str, pictures: int) -> tuple[keras.Model, int, int]:
    """Return the compiled network, its batch size and its epochs."""
    if EXPERIMENTS[experiment][0] == SOURCE:
        model = recipe.build_network(**CHANGES.get(experiment, {}))
        recipe.compile_source(model)
        return model, recipe.BATCH, recipe.EPOCHS
    model = recipe.build_better()
    recipe.compile_better(model, pictures)
    return model, 32, recipe.BETTER_EPOCHS


def measure(experiment: str, seed: int, hands: dict[str, Hands]) -> dict[str, object]:
    """Train once; return the ledger row."""
    used, kinds = EXPERIMENTS[experiment]
    x, y = (np.concatenate([hands[kind][place] for kind in kinds]) for place in (0, 1))
    keras.utils.set_random_seed(seed)
    model, batch, epochs = prepared(recipes.load("07"), experiment, len(x))
    curves = {"validation_data": hands["photographs"][2:]} if used == SOURCE else {}
    start = time.perf_counter()
    history = model.fit(x, y, batch_size=batch, epochs=epochs, verbose=2, **curves).history
    seconds = time.perf_counter() - start
    assert np.isfinite(history["loss"]).all()
    folder = ledger.RESULTS.parent / "build" / "networks"
    folder.mkdir(parents=True, exist_ok=True)
    model.save_weights(folder / f"signs_{experiment.replace(' ', '_')}_{seed}.weights.h5")
    tested = {kind: model.evaluate(*hands[kind][2:], verbose=0)[1] for kind in hands}
    return course.ledger_row(
        experiment=experiment,
        seed=seed,
        accuracy=round(tested["photographs"], 4),
        tested_on={kind: round(value, 4) for kind, value in tested.items()},
        training_accuracy=round(history["accuracy"][-1], 4),
        test_size=len(hands["photographs"][3]),
        training_size=len(y),
        epochs=epochs,
        seconds=round(seconds),
        parameters=model.count_params(),
        history={name: [round(float(value), 4) for value in values] for name, values in history.items()},
        data=[x, y, *hands["photographs"][2:], *hands["drawings"][2:]],
        **recipes.mark(used),
    )


def main(experiment: str, *seeds: str) -> None:
    """Measure, print, save after each run."""
    keras.config.set_dtype_policy("float32")
    hands = {kind: read(kind) for kind in ("photographs", "drawings")}
    for seed in map(int, seeds):
        row = measure(experiment, seed, hands)
        ledger.add("signs_photos", [row], ("experiment", "seed"), list(EXPERIMENTS))
        ledger.show(row, "experiment", "seed", "accuracy", "tested_on", "seconds")


if __name__ == "__main__":
    main(*sys.argv[1:])
