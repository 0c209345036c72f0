"""Small pictures of ten kinds of things: CIFAR-10, or drawn ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from helpers.datasets.automatic import only_built_in
from helpers.datasets.kinds import ArrayData, Arrays, Source, four
from helpers.datasets.registry import SAMPLES, data_dir, rights, unpacked
from helpers.transfer import MEGABYTE


def cifar10(download: bool = False) -> ArrayData:
    """Return small pictures of ten kinds of things: drawn ones, or CIFAR-10.

    CIFAR-10 is used without asking if ``data_dir()`` holds its archive ``cifar-10-binary.tar.gz``, or a file
    ``cifar10.npz`` with the arrays that ``keras.datasets.cifar10.load_data`` returns.

    Args:
        download: fetch CIFAR-10 (170 MB) if nothing real is there.

    Returns:
        ``x_train`` of shape (50000, 32, 32, 3), or (4000, 32, 32, 3) for the drawn ones, in mixed order.

    Raises:
        DownloadFailed, UnpackFailed: if the real set cannot be had; nothing half-done is left.
        ValueError: if a file that is there is not what it should be.
    """
    path = data_dir() / "cifar10.npz"
    kind: Source = "real"
    wanted = download or not only_built_in()
    if wanted and path.is_file():
        arrays = _cifar_arrays(path)
    elif wanted and (records := unpacked("cifar-10-binary.tar.gz", download, largest=400 * MEGABYTE)):
        arrays = _cifar_records(records)
    else:
        arrays, kind = _cifar_sheets(SAMPLES / "cifar10"), "sample"
    names = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
    return ArrayData(
        name="CIFAR-10",
        source=kind,
        classes=names,
        **rights(
            kind,
            "none stated by its authors; free for research use",
            "A. Krizhevsky: Learning multiple layers of features from tiny images (2009).",
        ),
        **arrays,
    )


def _cifar_records(folder: Path) -> Arrays:
    """Read CIFAR-10's binary version: records of one byte for the label and 3 × 32 × 32 for the colors."""
    parts = {"train": [f"data_batch_{n}.bin" for n in range(1, 6)], "test": ["test_batch.bin"]}
    arrays: dict[str, NDArray[np.uint8]] = {}
    for part, names in parts.items():
        try:
            content = b"".join([next(folder.rglob(name)).read_bytes() for name in names])
            records = np.frombuffer(content, np.uint8).reshape(-1, 1 + 3 * 32 * 32)
        except (StopIteration, ValueError) as error:
            raise ValueError(
                f"{folder.name}/ is not CIFAR-10's binary version. Delete it and its archive, then fetch it again."
            ) from error
        arrays[f"x_{part}"] = records[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1).copy()
        arrays[f"y_{part}"] = records[:, 0].copy()
    return four(arrays)


def _cifar_sheets(folder: Path) -> Arrays:
    """Cut the drawn pictures out of their sheets, one row for each class, and mix them in a fixed order."""
    from PIL import Image

    arrays: dict[str, NDArray[np.uint8]] = {}
    for part in ("train", "test"):
        sheet = np.asarray(Image.open(folder / f"{part}.jpg"))
        count = sheet.shape[1] // 32
        tiles = sheet.reshape(10, 32, count, 32, 3).swapaxes(1, 2).reshape(-1, 32, 32, 3)
        order = np.random.default_rng(0).permutation(len(tiles))
        arrays[f"x_{part}"] = tiles[order]
        arrays[f"y_{part}"] = np.repeat(np.arange(10, dtype=np.uint8), count)[order]
    return four(arrays)


def _cifar_arrays(path: Path) -> Arrays:
    """Read the four arrays of ``keras.datasets.cifar10.load_data`` from a file."""
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in ("x_train", "y_train", "x_test", "y_test")}
    except (OSError, ValueError, KeyError) as error:
        raise ValueError(
            f"{path.name} does not hold x_train, y_train, x_test and y_test: move it away."
        ) from error
    for part in ("train", "test"):
        images, labels = arrays[f"x_{part}"], arrays[f"y_{part}"].ravel().astype(np.uint8)
        if images.shape[1:] != (32, 32, 3) or images.dtype != np.uint8 or len(images) != len(labels):
            raise ValueError(
                f"{path.name} holds x_{part} of shape {images.shape}, type {images.dtype}, and {len(labels)} labels "
                "instead of uint8 pictures (…, 32, 32, 3) with one label each: move it away."
            )
        arrays[f"y_{part}"] = labels
    return four(arrays)
