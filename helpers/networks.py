"""Networks that come with the course, trained on photographs you may not have; each file is checked when it is read."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import keras

SCALE = " scale"  # numbers of 8 bits come with one factor for each filter
FOLDER = Path(__file__).resolve().parents[1] / "data" / "networks"


def about(name: str) -> dict[str, Any]:
    """Return what is known of a network: what it was trained on, the size of its pictures, its accuracy, its license.

    Raises:
        ValueError: if there is no such network; the message names those that there are.
    """
    index = json.loads((FOLDER / "index.json").read_text(encoding="utf-8"))
    if name not in index:
        raise ValueError(f"There is no network {name!r}. There are: {', '.join(index)}.")
    return index[name]


def load(name: str, network: keras.Model) -> None:
    """Put trained weights into a network that was built with the same layers.

    Args:
        name: of the network, for example ``"cats_vs_dogs"``.
        network: its weights are replaced; the shapes must agree, names do not matter. Random layers have none.

    Raises:
        ValueError: if there is no such network, its file is not the one that the course ships, or ``network`` has other
            layers. ``network`` is unchanged then.
    """
    path = FOLDER / f"{name}.npz"
    if hashlib.sha256(path.read_bytes()).hexdigest() != about(name)["sha256"]:
        raise ValueError(
            f"{path.name} is not the file that the course ships. Get it again: git checkout {path.name}."
        )
    with np.load(path, allow_pickle=False) as file:
        names = sorted(key for key in file.files if not key.endswith(SCALE))
        stored = [file[key].astype("float32") * file.get(key + SCALE, np.float32(1)) for key in names]
    places = [weight for weight in network.weights if "seed_generator" not in weight.path]
    shapes, expected = [weight.shape for weight in stored], [tuple(weight.shape) for weight in places]
    if shapes != expected:
        raise ValueError(
            f"{network.name} has {len(expected)} arrays of weights with other shapes than the {len(shapes)} of {name}: "
            "build it as the lesson does whose network this is."
        )
    for place, weight in zip(places, stored, strict=True):
        place.assign(weight)
