"""Draw the built-in samples into data/samples (run by ``make samples``); names as arguments draw only those."""

import io
import shutil
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

import numpy as np
from PIL import Image

from helpers.datasets import save_signs
from tools.samples import flowers, fruits, objects, pets, places, signs
from tools.samples.fruits import turntable

Job = tuple[str, int]  # a class and a number: what one picture shows
SAMPLES = Path(__file__).resolve().parents[2] / "data" / "samples"
PETS = 600  # of each kind
# The kinds of damage that the real archive has, under the numbers after the last picture.
DAMAGE = {0: b"", 2: b"<html><body>404 Not Found</body></html>"}
FRUIT_FOLDERS = {name: f"{name} Braeburn 1" if name == "Apple" else f"{name} 1" for name in fruits.CLASSES}
# The module that draws a set, and what its generators' seeds begin with.
MODULES: dict[str, tuple[ModuleType, tuple[int, ...]]] = {
    "pets": (pets, (2026,)),
    "signs": (signs, (2026, 1)),
    "objects": (objects, (2026, 2)),
    "fruits": (fruits, (2026, 3)),
    "flowers": (flowers, (2026, 4)),
}


def picture(name: str, job: Job) -> bytes | np.ndarray:
    """Draw one picture of a set; each has a generator of its own, so that the order does not matter."""
    module, seed = MODULES[name]
    kind, number = job
    return module.draw(kind, np.random.default_rng([*seed, module.CLASSES.index(kind), number]))


def drawn(name: str, count: int) -> dict[Job, Any]:
    """Draw ``count`` pictures of each class on all cores: JPEG files or arrays, as the set's module makes them."""
    jobs = [(kind, number) for kind in MODULES[name][0].CLASSES for number in range(count)]
    with ProcessPoolExecutor() as pool:
        return dict(zip(jobs, pool.map(partial(picture, name), jobs, chunksize=10), strict=True))


def opened(content: bytes | np.ndarray) -> Image.Image:
    """Return the picture that a JPEG file or an array holds."""
    return Image.open(io.BytesIO(content)) if isinstance(content, bytes) else Image.fromarray(content)


def contact_sheet(
    pictures: dict[Job, Any], classes: tuple[str, ...], folder: Path, columns: int, zoom: int = 1
) -> None:
    """Write a sheet to look at, one row (or more) for each class."""
    tiles = []
    for kind in classes:
        for number in range(columns):
            image = opened(pictures[kind, number])
            tiles.append(image.resize((zoom * image.width, zoom * image.height), Image.Resampling.NEAREST))
    width, height = tiles[0].size
    sheet = Image.new("RGB", (columns * width, len(classes) * height))
    for place, tile in enumerate(tiles):
        sheet.paste(tile, (place % columns * width, place // columns * height))
    sheet.save(folder / "contact_sheet.jpg", quality=75)


def emptied(folder: Path) -> Path:
    """Return the folder, new and empty."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def draw_pets() -> None:
    """Write PetImages/{Cat,Dog}/N.jpg, damaged files included."""
    files = drawn("pets", PETS)
    folder = emptied(SAMPLES / "cats_vs_dogs")
    for kind in pets.CLASSES:
        place = folder / "PetImages" / kind
        place.mkdir(parents=True)
        for number in range(PETS):
            (place / f"{number}.jpg").write_bytes(files[kind, number])
        for offset, content in {**DAMAGE, 1: files[kind, 0][:1500]}.items():
            (place / f"{PETS + offset}.jpg").write_bytes(content)
        whole = opened(picture("pets", (kind, PETS + 3))).resize((64, 64))
        whole.save(place / f"{PETS + 3}.jpg", "BMP")  # readable in spite of its name
        (place / "Thumbs.db").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(56))
    alternating = {
        (f"row {n // 6}", n % 6 * 2 + place): files[kind, n]
        for n in range(36)
        for place, kind in enumerate(pets.CLASSES)
    }
    contact_sheet(alternating, tuple(f"row {n}" for n in range(6)), folder, columns=12)


def draw_signs() -> None:
    """Write train_signs.h5 (180 of each digit) and test_signs.h5 (20), in mixed order."""
    files = drawn("signs", 200)
    folder = emptied(SAMPLES / "signs")
    generator = np.random.default_rng(2026)
    parts: dict[Literal["train", "test"], range] = {"train": range(180), "test": range(180, 200)}
    for part, numbers in parts.items():
        jobs = [(kind, number) for kind in signs.CLASSES for number in numbers]
        jobs = [jobs[place] for place in generator.permutation(len(jobs))]
        labels = [int(kind) for kind, _number in jobs]
        save_signs(folder / f"{part}_signs.h5", part, np.stack([files[job] for job in jobs]), labels)
    contact_sheet(files, signs.CLASSES, folder, columns=12)


def draw_objects() -> None:
    """Write train.jpg and test.jpg: all pictures side by side, one row for each class.

    As arrays the pictures would take 15 MB. Without color subsampling, JPEG keeps the tiles of 32×32 apart.
    """
    files = drawn("objects", 500)
    folder = emptied(SAMPLES / "cifar10")
    for part, numbers in (("train", range(400)), ("test", range(400, 500))):
        rows = [np.concatenate([files[kind, n] for n in numbers], axis=1) for kind in objects.CLASSES]
        Image.fromarray(np.concatenate(rows)).save(folder / f"{part}.jpg", quality=90, subsampling=0)
    contact_sheet(files, objects.CLASSES, folder, columns=14, zoom=2)


def draw_fruits() -> None:
    """Write fruits-360/{Training,Test}/NAME 1/r_N_100.jpg."""
    files = drawn("fruits", 80)
    folder = emptied(SAMPLES / "fruits")
    for (kind, number), content in files.items():
        part = "Training" if number < 60 else "Test"
        path = folder / "fruits-360" / part / FRUIT_FOLDERS[kind] / f"r_{number}_100.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    contact_sheet(files, fruits.CLASSES, folder, columns=12)


def draw_turntable() -> None:
    """Write frames of films as fruits-360/{Training,Test}/NAME 1/r_N_100.jpg, divided at random frame by frame.

    The names do not tell which frames are of one film; films.csv does.
    """
    jobs = [(kind, number) for kind in fruits.CLASSES for number in range(turntable.FILMS)]
    with ProcessPoolExecutor() as pool:
        films = dict(zip(jobs, pool.map(turntable.film, *zip(*jobs, strict=True)), strict=True))
    folder = emptied(SAMPLES / "fruits_turntable")
    lines = ["picture,film,frame"]
    for kind in fruits.CLASSES:
        for number, (film, frame) in enumerate(turntable.dealt(kind)):
            part = "Test" if number < turntable.TEST else "Training"
            name = f"{part}/{FRUIT_FOLDERS[kind]}/r_{number}_100.jpg"
            path = folder / "fruits-360" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(films[kind, film][frame])
            lines.append(f"{name},{film},{frame}")
    (folder / "films.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    pictures = {
        (kind, frame): films[kind, 0][frame] for kind in fruits.CLASSES for frame in range(turntable.FRAMES)
    }
    contact_sheet(pictures, fruits.CLASSES, folder, columns=turntable.FRAMES)


def draw_flowers() -> None:
    """Write flower_photos/KIND/N.jpg and the license beside them."""
    files = drawn("flowers", 150)
    folder = emptied(SAMPLES / "flowers")
    for (kind, number), content in files.items():
        path = folder / "flower_photos" / kind / f"{number}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    text = "Drawn by this course's tools/samples. CC BY 4.0.\n"
    (folder / "flower_photos" / "LICENSE.txt").write_text(text, encoding="utf-8")
    contact_sheet(files, flowers.CLASSES, folder, columns=12)


def draw_places() -> None:
    """Write sheets of cats and dogs at two places, and masks of the animals."""
    places.write(emptied(SAMPLES / "pets_in_places"))


SETS = {
    "pets": draw_pets,
    "signs": draw_signs,
    "objects": draw_objects,
    "fruits": draw_fruits,
    "turntable": draw_turntable,
    "flowers": draw_flowers,
    "places": draw_places,
}

if __name__ == "__main__":
    for name in sys.argv[1:] or SETS:
        SETS[name]()
