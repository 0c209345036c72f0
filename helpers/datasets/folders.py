"""The sets that are folders of photographs: flowers, fruits, and what cats and dogs share with them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from helpers.datasets.automatic import only_built_in
from helpers.datasets.kinds import FolderData, Source
from helpers.datasets.registry import SAMPLES, data_dir, rights, unpacked
from helpers.photos import PhotoReport, check_photos, link_photos
from helpers.transfer import MEGABYTE

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
_FRUIT_FOLDERS = re.compile(rf"(Training|Test)/({'|'.join(FRUITS.values())})/")


@dataclass(frozen=True)
class Photos:
    """One set: the names of its folder and its archive, and what may be taken out of them."""

    short: str  # the drawn sample's folder in data/samples, and the name under which verdicts are kept
    folder: str
    archive: str
    largest: int  # bytes that the archive's content may have
    only: re.Pattern[str] | None = None  # what the paths of wanted photographs hold

    def find(self, download: bool) -> tuple[Path, Source]:
        """Return the folder with the photographs, real or drawn; unpack or fetch the archive if need be."""
        drawn: tuple[Path, Source] = (SAMPLES / self.short / self.folder, "sample")
        if only_built_in() and not download:
            return drawn
        own = data_dir() / self.folder
        if own.is_dir():
            return own, "real"
        only = self.only
        wanted = (lambda path: bool(only.search(path.as_posix()))) if only else (lambda path: True)
        content = unpacked(self.archive, download, self.largest, wanted)
        if content is None:
            return drawn
        # GitHub puts everything into one more folder, named after the commit
        inside = (
            content / self.folder
            if not only
            else next(content.glob("*/Training"), content / "Training").parent
        )
        return inside, "real"

    def check(
        self, folder: Path, kind: Source, classes: tuple[str, ...], part: str = ""
    ) -> tuple[PhotoReport, Path]:
        """Return the report on the photographs in ``folder``, and a folder with the readable ones only.

        Args:
            folder: one subfolder for each class.
            kind: whether the photographs are real; both kinds are remembered side by side.
            classes: regular expressions for the names of the subfolders that must be there.
            part: "Training" or "Test" where a set comes divided.
        """
        record = "_".join(filter(None, (self.short, kind, part.lower())))
        report = check_photos(folder, data_dir() / "checked" / f"{record}.json")
        if self.only:
            kept = tuple(file for file in report.kept if self.only.search(f"{folder.name}/{file}"))
            report = PhotoReport(kept, report.rejected)
        found = {file.split("/")[0] for file in report.kept}
        missing = [each for each in classes if not any(re.fullmatch(each, one) for one in found)]
        if missing:
            raise ValueError(
                f"{folder.name}/ lacks a readable photograph for: {', '.join(missing)}. Put each class into a "
                "subfolder of this name, or move the folder away to use the built-in pictures."
            )
        return report, link_photos(report, folder, data_dir() / "checked" / record)


_FLOWERS = Photos("flowers", "flower_photos", "flower_photos.tgz", 1_000 * MEGABYTE)
_FRUITS = Photos("fruits", "fruits-360", "fruits-360-100x100.zip", 4_000 * MEGABYTE, _FRUIT_FOLDERS)
_TURNTABLE = Photos("fruits_turntable", "fruits-360", "", 0, _FRUIT_FOLDERS)  # there is no archive of it


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
    classes = ("daisy", "dandelion", "roses", "sunflowers", "tulips")
    folder, kind = _FLOWERS.find(download)
    report, path = _FLOWERS.check(folder, kind, classes)
    return FolderData(
        name="Flowers",
        source=kind,
        classes=classes,
        **rights(
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
    folder, kind = _FRUITS.find(download)
    return _divided(_FRUITS, "Fruits", folder, kind)


def turntable_fruits() -> FolderData:
    """Return frames of films of turning fruits, divided badly: always drawn, with the fault that fruits-360 has.

    Of each of eight kinds, eight fruits were filmed while they turned, nine frames of each. These 576 frames were
    divided at random into Training (432) and Test (144), so that most frames of Test have a neighbor in Training. The
    names of the files do not tell which frames belong together. The kinds, the names of the folders and what one
    picture looks like are those of the drawn ``fruits()``.

    Returns:
        ``path`` is for training, ``test_path`` for testing; ``classes`` is in the order of Keras' labels.
    """
    return _divided(
        _TURNTABLE, "Fruits on a turntable", SAMPLES / _TURNTABLE.short / _TURNTABLE.folder, "sample"
    )


def films() -> dict[str, int]:
    """Return of which fruit each picture of ``turntable_fruits()`` is: ``"Test/Pear 1/r_0_100.jpg"`` → 0 to 63."""
    lines = (SAMPLES / _TURNTABLE.short / "films.csv").read_text(encoding="utf-8").splitlines()[1:]
    rows = [line.split(",") for line in lines]
    fruits_seen = {
        each: n for n, each in enumerate(sorted({(name.split("/")[1], film) for name, film, _ in rows}))
    }
    return {name: fruits_seen[name.split("/")[1], film] for name, film, _ in rows}


def _divided(photos: Photos, name: str, folder: Path, kind: Source) -> FolderData:
    """Return a set of fruits with its folders Training and Test checked."""
    patterns = tuple(FRUITS.values())
    (report, path), (_, test_path) = (
        photos.check(folder / part, kind, patterns, part) for part in ("Training", "Test")
    )
    return FolderData(
        name=name,
        source=kind,
        classes=tuple(FRUITS),
        **rights(
            kind, "CC BY-SA 4.0", "M. Oltean: Fruits-360 dataset (2017–), https://github.com/fruits-360"
        ),
        path=path,
        report=report,
        test_path=test_path,
    )
