"""Where the real sets come from, where they are kept, and which are there."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from helpers.archives import unpack
from helpers.datasets.kinds import Rights, Source
from helpers.photos import SUFFIXES
from helpers.transfer import RemoteFile, fetch

COURSE = Path(__file__).resolve().parents[2]
SAMPLES = COURSE / "data" / "samples"


REGISTRY = {
    "cats_and_dogs_filtered.zip": RemoteFile(  # its pictures are checked with PETS_DIGEST after unpacking
        url="https://storage.googleapis.com/mledu-datasets/cats_and_dogs_filtered.zip",
        sha256=None,
        size=68_606_236,
        exact=True,
    ),
    "cifar-10-binary.tar.gz": RemoteFile(  # the version without pickles of what keras.datasets.cifar10 fetches
        url="https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
        sha256="c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
        size=170_052_171,
    ),
    "flower_photos.tgz": RemoteFile(
        url="https://storage.googleapis.com/download.tensorflow.org/example_images/flower_photos.tgz",
        sha256="4c54ace7911aaffe13a365c34f650e71dd5bf1be0a58b464e5a7183e3e595d9c",
        size=228_813_984,
    ),
    "fruits-360-100x100.zip": RemoteFile(  # not checked against a digest: see data/README.md
        url="https://codeload.github.com/fruits-360/fruits-360-100x100/zip/2f981c83e352a9d4c15fb8c886034c817052c80b",
        sha256=None,
        size=2_000_000_000,
    ),
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
    "sign-language-digits.zip": RemoteFile(  # its pictures are checked with SIGNS_DIGEST after unpacking
        url="https://codeload.github.com/ardamavi/Sign-Language-Digits-Dataset/zip/"
        "4b09433ef9d5c60602e8805bb54b8aa2428527f8",
        sha256=None,
        size=60_000_000,
    ),
}


def data_dir() -> Path:
    """Return the folder for real data: ``COURSE_DATA_DIR``, or ``data/`` beside the package."""
    return Path(os.environ.get("COURSE_DATA_DIR") or COURSE / "data").expanduser()


def real_sets() -> list[str]:
    """Return the names of the real sets (files or unpacked folders) that are present in ``data_dir()``."""
    folders = (
        "PetImages", "cats_and_dogs_filtered", "flower_photos", "fruits-360", "train_signs.h5", "cifar10.npz",
    )  # fmt: skip
    return [name for name in (*REGISTRY, *folders) if (data_dir() / name).exists()]


def unpacked(
    archive_name: str,
    download: bool,
    largest: int,
    wanted: Callable[[PurePosixPath], bool] = lambda path: True,
) -> Path | None:
    """Return the folder with the archive's content, fetching and unpacking as needed, or None."""
    archive = data_dir() / archive_name
    folder = data_dir() / "unpacked" / archive_name.split(".")[0]
    if folder.is_dir():
        return folder
    if not archive.is_file():
        if not download:
            return None
        fetch(REGISTRY[archive_name], archive)
    return unpack(archive, folder, largest, wanted)


def contents_digest(folder: Path, above: Path | None = None) -> str:
    """Return a sha256 over the names and contents of all pictures below ``folder``, in sorted order.

    A name is the path from ``above``, or else the last two parts of the path.
    """
    digest = hashlib.sha256()
    pictures = [path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES]
    files = {path.relative_to(above or path.parents[1]).as_posix(): path for path in pictures}
    for name, path in sorted(files.items()):
        digest.update(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def rights(kind: Source, licence: str, citation: str) -> Rights:
    """Return the license and the source of a set, which is the course's own where it is drawn."""
    if kind == "sample":
        return {"licence": "CC BY 4.0", "citation": "Drawn by this course's tools/samples."}
    return {"licence": licence, "citation": citation}
