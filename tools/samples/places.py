"""Cats and dogs at two places, rooms and gardens, each with the mask of the animal: a set for networks that cheat.

The animals are those of ``tools.samples.pets``, seen from a little farther away, so that their surroundings fill half of
the picture or more. Animal and surroundings have a generator each: the same animal can be drawn at both places.
"""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from tools.samples.canvas import Canvas
from tools.samples.pets import materials
from tools.samples.pets.animals import Animal, random_animal
from tools.samples.pets.portrait import draw_animal
from tools.samples.pets.scenes import Scene, draw_grass, paint_background, random_scene
from tools.samples.pets.shapes import Ball
from tools.samples.pets.things import Things
from tools.samples.pets.tracing import Camera

SIZE = 64
CLASSES = ("Cat", "Dog")
PLACES = ("room", "garden")
USUAL = {"Cat": "room", "Dog": "garden"}
OTHER = {"Cat": "garden", "Dog": "room"}
POSES = {"standing": 0.4, "sitting": 0.6}
# what is drawn: where each kind is, the first number and how many of each kind; the same number is the same animal
PARTS = {
    "training": (USUAL, 0, 300),
    "validation": (USUAL, 300, 60),
    "usual": (USUAL, 360, 60),
    "swapped": (OTHER, 360, 60),
}
SCENES = 40  # empty rooms, and gardens
COLUMNS = 20  # pictures in a row of a sheet; a size that JPEG's blocks of 16×16 keep apart
QUALITY = 80
SEED = (2026, 9)

Job = tuple[str, str, int]  # kind, place, number


def draw(kind: str, place: str, animal: np.random.Generator, surroundings: np.random.Generator) -> np.ndarray:
    """Return a picture of an animal at a place, uint8 of shape (64, 64, 4): red, green, blue, and 255 where the animal is.

    Args:
        kind: ``"Cat"`` or ``"Dog"``; with ``""`` nobody is there.
        place: ``"room"`` or ``"garden"``.
        animal: draws the animal and the camera.
        surroundings: draws place, light, and the faults of the camera.
    """
    g = animal
    canvas = Canvas(SIZE, surroundings)
    azimuth = float(np.clip(g.normal(0, 0.5), -1.1, 1.1))
    facing = float(np.clip(azimuth + g.normal(0, 0.25), -1.3, 1.3))
    creature = random_animal(g, kind or "Cat", str(g.choice(list(POSES), p=list(POSES.values()))), facing)
    camera, target = _camera(g, creature, azimuth, canvas.side)
    scene = _scene_at(place, surroundings, camera)
    parts = creature.parts
    if not kind:  # nothing near that could throw a shadow
        parts = [replace(part, center=part.center - [0, 50, 0]) for part in parts if isinstance(part, Ball)]
    paint_background(canvas, camera, scene, parts, target)
    if scene.floor is materials.lawn:
        draw_grass(canvas, camera, scene, target, in_front=False)
    before = canvas.pixels.copy()
    if kind:
        canvas.generator = g
        draw_animal(canvas, camera, creature, Things(), scene)
    mask = (np.abs(canvas.pixels - before).max(axis=2) > 2).astype("float32")
    return _photographed(canvas, surroundings, mask)


def _scene_at(place: str, g: np.random.Generator, camera: Camera) -> Scene:
    """Return a room, or a garden with a lawn."""
    while True:
        scene = random_scene(g, camera)
        if scene.place == place and (place == "room" or scene.floor is materials.lawn):
            return scene


def _camera(g: np.random.Generator, animal: Animal, azimuth: float, side: int) -> tuple[Camera, np.ndarray]:
    """Return a camera that sees head and chest, and what it looks at."""
    size, skeleton = animal.face.place.scale, animal.skeleton
    share = g.uniform(0.55, 0.85)
    target = skeleton.head * share + skeleton.shoulder * (1 - share)
    reach = size * g.uniform(2.3, 3.2)
    distance = g.uniform(4, 8) * reach
    height = float(np.clip(g.normal(0.25, 0.15), 0, 0.6))
    shift = g.normal(0, 0.09, 2) * side
    camera = Camera.looking(target, azimuth, height, distance, side * 0.5 * distance / reach, side,
                            g.normal(0, 0.05), shift)  # fmt: skip
    return camera, target


def _photographed(canvas: Canvas, g: np.random.Generator, mask: np.ndarray) -> np.ndarray:
    """Expose, tint and shrink the picture and its mask."""
    pixels = np.clip(canvas.pixels, 0, 400)
    gain = (g.uniform(105, 150) / max(20.0, float(pixels.mean()))) ** 0.65
    pixels = pixels * (gain * (1 + g.normal(0, 0.02, 3)))
    layers = [
        Image.fromarray(np.clip(pixels, 0, 255).astype("uint8")),
        Image.fromarray(255 * mask.astype("uint8")),
    ]
    small = [np.asarray(layer.resize((SIZE, SIZE), Image.Resampling.BOX)) for layer in layers]
    noisy = np.clip(small[0] + g.normal(0, 1.5, small[0].shape), 0, 255).astype("uint8")
    return np.dstack([noisy, 255 * (small[1] > 127).astype("uint8")])


def drawn(job: Job) -> np.ndarray:
    """Draw one picture; its generators depend on nothing but the job, so that the order does not matter."""
    kind, place, number = job
    which = ("", *CLASSES).index(kind)
    animal = np.random.default_rng([*SEED, which, number])
    return draw(kind, place, animal, np.random.default_rng([*SEED, which, number, 1 + PLACES.index(place)]))


def jobs() -> dict[str, list[Job]]:
    """Return what each sheet shows: first all cats, then all dogs."""
    found = {
        part: [(kind, where[kind], number) for kind in CLASSES for number in range(first, first + count)]
        for part, (where, first, count) in PARTS.items()
    }
    return {**found, **{place: [("", place, number) for number in range(SCENES)] for place in PLACES}}


def sheet(pictures: list[np.ndarray]) -> np.ndarray:
    """Return pictures side by side, in rows."""
    rows = [np.concatenate(pictures[at : at + COLUMNS], axis=1) for at in range(0, len(pictures), COLUMNS)]
    return np.concatenate(rows)


def write(folder: Path) -> None:
    """Write PART.jpg for each part, PART_masks.png for those with animals, and a sheet to look at."""
    for part, several in jobs().items():
        with ProcessPoolExecutor() as pool:
            whole = sheet(list(pool.map(drawn, several, chunksize=10)))
        Image.fromarray(whole[..., :3]).save(folder / f"{part}.jpg", quality=QUALITY, optimize=True)
        if part in PARTS:
            mask = Image.fromarray(whole[..., 3]).convert("1", dither=Image.Dither.NONE)
            mask.save(folder / f"{part}_masks.png", optimize=True)
