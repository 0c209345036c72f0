"""Drawn cats and dogs whose surroundings tell the kinds apart, for a network that may cheat."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from helpers.datasets.registry import SAMPLES

SIDE = 64
FOLDER = SAMPLES / "pets_in_places"


class Animals(NamedTuple):
    """Pictures (n, 64, 64, 3) of uint8, labels (n,) with 0 for a cat, and masks (n, 64, 64): where the animal is."""

    pictures: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    masks: NDArray[np.bool_]


@dataclass(frozen=True)
class PetsInPlaces:
    """Cats and dogs at two places. In the first three parts each cat is in a room and each dog in a garden.

    ``usual`` and ``swapped`` are for testing and show the same animals: in ``swapped`` each cat is in a garden and each
    dog in a room. ``rooms`` and ``gardens``, (n, 64, 64, 3), are places with nobody in them.
    """

    classes: tuple[str, str]
    licence: str
    citation: str
    training: Animals = field(repr=False)
    validation: Animals = field(repr=False)
    usual: Animals = field(repr=False)
    swapped: Animals = field(repr=False)
    rooms: NDArray[np.uint8] = field(repr=False)
    gardens: NDArray[np.uint8] = field(repr=False)


def pets_in_places() -> PetsInPlaces:
    """Return the drawn cats and dogs, in mixed order: 600 for training, 120 for validation, 120 twice for testing."""
    return PetsInPlaces(
        classes=("Cat", "Dog"),
        licence="CC BY 4.0",
        citation="Drawn by this course's tools/samples.",
        **{part: _animals(part) for part in ("training", "validation", "usual", "swapped")},
        rooms=_tiles(FOLDER / "room.jpg"),
        gardens=_tiles(FOLDER / "garden.jpg"),
    )


def _animals(part: str) -> Animals:
    """Return one part; ``usual`` and ``swapped`` have the same order."""
    pictures, masks = _tiles(FOLDER / f"{part}.jpg"), _tiles(FOLDER / f"{part}_masks.png")
    labels = np.repeat(np.arange(2, dtype=np.uint8), len(pictures) // 2)
    order = np.random.default_rng(0).permutation(len(pictures))
    return Animals(pictures[order], labels[order], masks[order].astype(bool))


def _tiles(path: Path) -> NDArray:
    """Return the pictures of a sheet, row by row."""
    from PIL import Image

    sheet = np.asarray(Image.open(path))
    rows, columns = sheet.shape[0] // SIDE, sheet.shape[1] // SIDE
    tiles = sheet.reshape(rows, SIDE, columns, SIDE, *sheet.shape[2:]).swapaxes(1, 2)
    return tiles.reshape(rows * columns, SIDE, SIDE, *sheet.shape[2:])
