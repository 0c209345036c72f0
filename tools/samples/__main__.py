"""Draw the built-in samples into data/samples (run by ``make samples``)."""

import io
import shutil
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image

from samples import pets

SAMPLES = Path(__file__).resolve().parents[2] / "data" / "samples"
PETS = 600  # of each kind
# The kinds of damage that the real archive has, under the numbers after the last picture.
DAMAGE = {0: b"", 2: b"<html><body>404 Not Found</body></html>"}


def pet(job: tuple[str, int]) -> bytes:
    """Draw one animal; every picture has a generator of its own, so that the order does not matter."""
    kind, number = job
    return pets.draw(kind, np.random.default_rng([2026, ["Cat", "Dog"].index(kind), number]))


def cats_vs_dogs(folder: Path) -> None:
    """Write PetImages/{Cat,Dog}/N.jpg, damaged files included, and a sheet to look at."""
    jobs = [(kind, number) for kind in ("Cat", "Dog") for number in range(PETS)]
    with ProcessPoolExecutor() as pool:
        files = dict(zip(jobs, pool.map(pet, jobs, chunksize=10), strict=True))
    shutil.rmtree(folder, ignore_errors=True)
    for kind in ("Cat", "Dog"):
        place = folder / "PetImages" / kind
        place.mkdir(parents=True)
        for number in range(PETS):
            (place / f"{number}.jpg").write_bytes(files[kind, number])
        for offset, content in {**DAMAGE, 1: files[kind, 0][:1500]}.items():
            (place / f"{PETS + offset}.jpg").write_bytes(content)
        whole = Image.open(io.BytesIO(pet((kind, PETS + 3)))).resize((64, 64))
        whole.save(place / f"{PETS + 3}.jpg", "BMP")  # readable in spite of its name
        (place / "Thumbs.db").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(56))
    sheet = Image.new("RGB", (12 * pets.SIZE, 6 * pets.SIZE))
    for place, job in enumerate([(kind, n) for n in range(36) for kind in ("Cat", "Dog")]):
        picture = Image.open(io.BytesIO(files[job]))
        sheet.paste(picture, (place % 12 * pets.SIZE, place // 12 * pets.SIZE))
    sheet.save(folder / "contact_sheet.jpg", quality=80)


if __name__ == "__main__":
    cats_vs_dogs(SAMPLES / "cats_vs_dogs")
