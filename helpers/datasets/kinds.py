"""What a set of data is made of, in three forms: arrays, a folder of photographs, HDF5 files."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypedDict

import numpy as np
from numpy.typing import NDArray

from helpers.photos import PhotoReport

Source = Literal["real", "sample"]


class Rights(TypedDict):
    """What a set may be used for, and what to cite."""

    licence: str
    citation: str


class Arrays(TypedDict):
    """The four arrays of a set that fits into memory, as ``ArrayData`` describes them."""

    x_train: NDArray[np.uint8]
    y_train: NDArray[np.uint8]
    x_test: NDArray[np.uint8]
    y_test: NDArray[np.uint8]


def four(arrays: dict[str, NDArray[np.uint8]]) -> Arrays:
    """Return the arrays by their four names."""
    return Arrays(
        x_train=arrays["x_train"], y_train=arrays["y_train"], x_test=arrays["x_test"], y_test=arrays["y_test"]
    )


@dataclass(frozen=True)
class ArrayData:
    """A set of images that fits into memory.

    ``x_…`` has the shape (images, height, width) or (images, height, width, channels), dtype uint8, range
    0–255; ``y_…`` has the shape (images,) and holds class numbers.
    """

    name: str
    source: Source
    classes: tuple[str, ...]
    licence: str
    citation: str
    x_train: NDArray[np.uint8] = field(repr=False)
    y_train: NDArray[np.uint8] = field(repr=False)
    x_test: NDArray[np.uint8] = field(repr=False)
    y_test: NDArray[np.uint8] = field(repr=False)


@dataclass(frozen=True)
class FolderData:
    """A set of photographs on disk, one subfolder for each class.

    ``path`` is what ``keras.utils.image_dataset_from_directory`` reads: it holds only photographs that can be
    decoded, for training. ``report`` names every file of the original folder that cannot, with the reason.
    ``validation_path`` and ``test_path`` hold the photographs for validation and testing where the set is divided
    already (cats and dogs; fruits, for testing only), and are None elsewhere.
    """

    name: str
    source: Source
    classes: tuple[str, ...]
    licence: str
    citation: str
    path: Path
    report: PhotoReport = field(repr=False)
    test_path: Path | None = None
    validation_path: Path | None = None


@dataclass(frozen=True)
class FileData:
    """A set in two HDF5 files, to be read with ``h5py.File``.

    ``train_path`` holds the keys ``train_set_x`` (images, 64, 64, 3), uint8, ``train_set_y`` (images,) and
    ``list_classes``; ``test_path`` holds ``test_set_x``, ``test_set_y`` and ``list_classes``.
    """

    name: str
    source: Source
    classes: tuple[str, ...]
    licence: str
    citation: str
    train_path: Path
    test_path: Path
