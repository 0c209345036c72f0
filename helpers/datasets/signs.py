"""Digits shown with hands: the two HDF5 files of the sign-language set."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from helpers.datasets.automatic import fetched_unasked, only_built_in
from helpers.datasets.kinds import FileData, Source
from helpers.datasets.registry import SAMPLES, contents_digest, data_dir, rights, unpacked
from helpers.transfer import MEGABYTE

ARCHIVE = "sign-language-digits.zip"
# contents_digest() of the 2,062 pictures of the commit that the registry names
SIGNS_DIGEST = "c2f92fe1c000e2d67fb86a0ee351530395796e8a46be7fdd50eb3652323a7860"


def sign_language(download: bool | None = None) -> FileData:
    """Return hands that show the digits 0–5: real photographs, or drawn ones, 1,080 for training, 120 for testing.

    Where there is a network, the open set is fetched once (25 MB), after one line that says so; elsewhere, or with
    ``COURSE_DATA=builtin``, you get drawn ones. Real ones that are there are used without asking, in this order:
    ``train_signs.h5`` and ``test_signs.h5`` in ``data_dir()`` (the files of the notebook after which lesson 07 is
    made, if you have them), or the open set ``sign-language-digits.zip``, whose digits 0–5 are reduced to 64×64
    pixels, 180 + 20 of each class, and written to two such files once.

    Args:
        download: True fetches the open set or says why it cannot; False fetches nothing.

    Raises:
        DownloadFailed, UnpackFailed: if the real set cannot be had; nothing half-done is left.
        ValueError: if a file that is there lacks a key or has another shape or type of numbers.
    """
    kind: Source = "real"
    licence, citation = "not stated", "Sign-language digits of deeplearning.ai"
    folder = None if only_built_in() and not download else _own()
    if folder is None:
        licence = "CC BY-SA 4.0"
        citation = "A. Mavi: A new dataset and proposed convolutional neural network architecture for "
        citation += "classification of American Sign Language digits. arXiv:2011.08927 (2020)."
        folder = _open_set(download)
    if folder is None:
        folder, kind = SAMPLES / "signs", "sample"
    for part in ("train", "test"):
        _check_signs(folder / f"{part}_signs.h5", part)
    return FileData(
        name="Sign language",
        source=kind,
        classes=tuple("012345"),
        **rights(kind, licence, citation),
        train_path=folder / "train_signs.h5",
        test_path=folder / "test_signs.h5",
    )


def _own() -> Path | None:
    """Return the data folder if one of the two files that only a student can put there is in it."""
    there = any((data_dir() / f"{part}_signs.h5").is_file() for part in ("train", "test"))
    return data_dir() if there else None


def _open_set(download: bool | None) -> Path | None:
    """Return the folder with the two files made from the open set, or None where it is not to be had."""
    if only_built_in() and not download:
        return None
    folder = data_dir() / "checked" / "signs_real"

    def prepare() -> Path | None:
        photos = unpacked(ARCHIVE, download is True, largest=100 * MEGABYTE)
        if photos and not (folder / "test_signs.h5").is_file():
            write_signs(photos, folder)
        return folder if photos else None

    return prepare() or (
        fetched_unasked(ARCHIVE, "2,062 photographs of hands", prepare) if download is None else None
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
    chosen: dict[Literal["train", "test"], list[tuple[Path, int]]] = {"train": [], "test": []}
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
            np.asarray(Image.open(file).convert("RGB").resize((64, 64), Image.Resampling.BOX))
            for file, _ in pairs
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


def _check_signs(path: Path, part: str) -> None:
    """Refuse a file that is not made like ``train_signs.h5``, in a sentence that says what is wrong."""
    import h5py

    try:
        with h5py.File(path, "r") as file:
            shapes = {key: (file[key].shape, file[key].dtype) for key in file}
    except OSError as error:
        fault = "is missing" if not path.is_file() else "is not an HDF5 file"
        raise ValueError(f"{path.name} {fault}. Put both files there, or move both away.") from error
    images, labels = f"{part}_set_x", f"{part}_set_y"
    problem: str | None = None
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
