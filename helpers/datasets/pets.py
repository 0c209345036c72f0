"""Cats and dogs: 25,000 photographs, the standard choice of 3,000 of them, or drawn ones."""

from __future__ import annotations

import shutil
from pathlib import Path, PurePosixPath

from helpers.archives import unpack
from helpers.datasets.automatic import fetched_unasked, only_built_in
from helpers.datasets.folders import Photos
from helpers.datasets.kinds import FolderData
from helpers.datasets.registry import contents_digest, data_dir, rights
from helpers.photos import PhotoReport, link_photos
from helpers.transfer import MEGABYTE

CLASSES = ("Cat", "Dog")
ARCHIVE = "cats_and_dogs_filtered.zip"
# contents_digest() of the 3,000 pictures of a public copy: a difference is said, not refused
PETS_DIGEST = "d01273101cbd5491b2462a3cfa01019a7e247f73c71b235afb11016e806f3470"
# which numbers of each kind are for training, validation and testing: those of published recipes, validation halved
PARTS = {"training": range(1000), "validation": range(2000, 2250), "test": range(2250, 2500)}
_ALL = Photos("cats_vs_dogs", "PetImages", "kagglecatsanddogs_5340.zip", 2_000 * MEGABYTE)
_STANDARD = Photos("cats_vs_dogs", "cats_and_dogs_filtered", ARCHIVE, 200 * MEGABYTE)


def cats_vs_dogs(download: bool | None = None) -> FolderData:
    """Return photographs of cats and dogs for training, validation and testing, damaged files sorted out.

    Where there is a network, the standard 3,000 photographs are fetched once (69 MB), after one line that says so;
    elsewhere, or with ``COURSE_DATA=builtin``, you get drawn ones. Real photographs that lie in ``data_dir()`` are
    used without asking, in this order: the folder ``PetImages`` or its official archive (25,000 photographs), the
    folder ``cats_and_dogs_filtered`` or its archive. The first call decodes every file (all 25,000: some minutes);
    later calls decode only what has changed.

    Args:
        download: True fetches the official archive of all 25,000 (825 MB) if it is not there; False fetches nothing.

    Returns:
        ``classes`` is ``("Cat", "Dog")``, in the order of Keras' labels 0 and 1. Real photographs: 1,000, 250 and 250
        of each kind are for training, validation and testing, always the same ones. Drawn ones: two thirds for
        training, the rest halved.

    Raises:
        DownloadFailed, UnpackFailed: if the set that you ask for cannot be had; nothing half-done is left.
        ValueError: if the folder that is there does not hold what it should.
    """
    folder, kind = _ALL.find(download is True)
    standard = _standard(download) if kind == "sample" else None
    if standard:
        kind = "real"
        report, parts = _checked_standard(standard)
    else:
        report, view = _ALL.check(folder, kind, CLASSES)
        parts = {
            part: link_photos(some, folder, view.with_name(f"{view.name}_{part}"))
            for part, some in _divided(report).items()
        }
    return FolderData(
        name="Cats vs dogs",
        source=kind,
        classes=CLASSES,
        **rights(
            kind,
            "stated on Microsoft's download page; not redistributed by this course",
            "J. Elson, J. Douceur, J. Howell, J. Saul: Asirra: a CAPTCHA that exploits interest-aligned manual "
            "image categorization. ACM CCS 2007.",
        ),
        path=parts["training"],
        validation_path=parts["validation"],
        test_path=parts["test"],
        report=report,
    )


def _divided(report: PhotoReport) -> dict[str, PhotoReport]:
    """Return the report on each part of a folder in which each class has one subfolder."""
    chosen: dict[str, list[str]] = {part: [] for part in PARTS}
    for kind in CLASSES:
        names = sorted((name for name in report.kept if name.startswith(f"{kind}/")), key=_number)
        most = max(1, len(names) * 2 // 3)
        ends = {"training": most, "validation": (len(names) + most + 1) // 2, "test": len(names)}
        start = 0
        for part, end in ends.items():
            standard = [name for name in names if _number(name) in PARTS[part]]
            chosen[part] += standard if _number(names[-1]) >= 2499 else names[start:end]
            start = end
    return {part: PhotoReport(tuple(names), {}) for part, names in chosen.items()}


def _number(name: str) -> int:
    """Return the number in a name such as ``Cat/12.jpg`` or ``train/cats/cat.12.jpg``, 0 where there is none."""
    last = PurePosixPath(name).stem.split(".")[-1]
    return int(last) if last.isdecimal() else 0


def _standard(download: bool | None) -> Path | None:
    """Return the folder with the standard 3,000 photographs, fetched if that may be, or None."""
    if only_built_in():
        return None
    own, unpacked = data_dir() / _STANDARD.folder, data_dir() / "unpacked" / _STANDARD.folder
    for folder in (own, unpacked / _STANDARD.folder):
        if folder.is_dir():
            return folder

    def prepare() -> Path:
        unpack(data_dir() / ARCHIVE, unpacked, _STANDARD.largest)
        try:
            _verify(unpacked)
        except ValueError:
            shutil.rmtree(unpacked)
            raise
        return unpacked / _STANDARD.folder

    if (data_dir() / ARCHIVE).is_file():
        return prepare()
    what = "the 3,000 standard photographs of cats and dogs"
    return fetched_unasked(ARCHIVE, what, prepare) if download is None else None


def _verify(unpacked: Path) -> None:
    """Refuse a folder that lacks one of the 3,000 names; say in one line if the contents are others."""
    paths = [
        f"{part}/{kind}s/{kind}.{number}.jpg"
        for part, numbers in (("train", range(1000)), ("validation", range(2000, 2500)))
        for kind in ("cat", "dog")
        for number in numbers
    ]
    missing = [path for path in paths if not (unpacked / _STANDARD.folder / path).is_file()]
    if missing:
        raise ValueError(
            f"{ARCHIVE} lacks {len(missing):,} of the 3,000 photographs, for example {missing[0]}. Delete it in the "
            "data folder; the next start fetches it again."
        )
    if contents_digest(unpacked, above=unpacked) != PETS_DIGEST:
        print(
            f"Note: the photographs in {ARCHIVE} are not byte for byte those that the course was tested with."
        )


def _checked_standard(folder: Path) -> tuple[PhotoReport, dict[str, Path]]:
    """Return the report on the standard photographs, and one folder of readable ones for each part."""
    kept: list[str] = []
    rejected: dict[str, str] = {}
    parts = {}
    for name, wanted in (("train", ["training"]), ("validation", ["validation", "test"])):
        report, view = _STANDARD.check(folder / name, "real", ("cats", "dogs"), f"standard_{name}")
        for part in wanted:
            some = tuple(file for file in report.kept if _number(file) in PARTS[part])
            parts[part] = link_photos(
                PhotoReport(some, {}), folder / name, view.with_name(f"cats_vs_dogs_standard_{part}")
            )
        kept += [f"{name}/{file}" for file in report.kept]
        rejected |= {f"{name}/{file}": reason for file, reason in report.rejected.items()}
    return PhotoReport(tuple(kept), rejected), parts
