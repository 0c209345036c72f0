"""Handwritten digits: MNIST, or 5,000 of its digits that the course ships."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from helpers.datasets.automatic import fetched_unasked, only_built_in
from helpers.datasets.kinds import ArrayData, Arrays, four
from helpers.datasets.registry import REGISTRY, SAMPLES, data_dir
from helpers.transfer import fetch


def mnist(download: bool | None = None) -> ArrayData:
    """Return handwritten digits: the full set of 70,000, or 5,000 built-in ones.

    Where there is a network, the full set is fetched once (11 MB), after one line that says so; if it is there
    already, it is used without asking. Elsewhere, or with ``COURSE_DATA=builtin``, you get the built-in digits. They
    are real MNIST digits (500 of each class) that the course ships; 4,000 are for training and 1,000 for testing,
    equally many of each class, always the same ones.

    Args:
        download: True fetches the full set or says why it cannot; False fetches nothing.

    Returns:
        ``x_train`` of shape (4000, 28, 28), or (60000, 28, 28) for the full set; ``source`` is ``"real"``
        for both.

    Raises:
        DownloadFailed: if the transfer fails or the file is not the expected one.
        ValueError: if the file in ``data_dir()`` is not MNIST's.
    """
    arrays = _full(download) or _builtin_mnist()
    return ArrayData(
        name="MNIST",
        source="real",
        classes=tuple("0123456789"),
        licence="CC BY-SA 3.0",
        citation="Y. LeCun, L. Bottou, Y. Bengio, P. Haffner: Gradient-based learning applied to document "
        "recognition. Proceedings of the IEEE 86 (1998), 2278–2324.",
        **arrays,
    )


def _full(download: bool | None) -> Arrays | None:
    """Return the full set, or None where it is not to be used or cannot be had."""
    path = data_dir() / "mnist.npz"
    if only_built_in() and not download:
        return None
    if path.is_file():
        return _full_mnist(path)
    if download is None:
        return fetched_unasked(path.name, "all 70,000 MNIST digits", lambda: _full_mnist(path))
    return _full_mnist(fetch(REGISTRY[path.name], path)) if download else None


def _builtin_mnist() -> Arrays:
    with np.load(SAMPLES / "mnist" / "digits.npz", allow_pickle=False) as file:
        images, labels = file["images"], file["labels"]
    generator = np.random.default_rng(0)
    order = generator.permutation(len(labels))
    images, labels = images[order], labels[order]
    test = np.zeros(len(labels), dtype=bool)
    for digit in range(10):
        test[np.flatnonzero(labels == digit)[:100]] = True
    return {
        "x_train": images[~test],
        "y_train": labels[~test],
        "x_test": images[test],
        "y_test": labels[test],
    }


def _full_mnist(path: Path) -> Arrays:
    names = ("x_train", "y_train", "x_test", "y_test")
    shapes = ((60000, 28, 28), (60000,), (10000, 28, 28), (10000,))
    advice = f"{path.name} in the data folder is not the MNIST file: move it away, then use download=True."
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in names}
    except (OSError, ValueError, KeyError) as error:
        raise ValueError(advice) from error
    if tuple(array.shape for array in arrays.values()) != shapes:
        raise ValueError(advice)
    return four(arrays)
