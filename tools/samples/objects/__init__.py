"""Drawn objects of ten kinds at 32 × 32: the built-in stand-in for the small photographs of CIFAR-10.

Each object is a small sculpture of ellipsoids, tapering limbs and flat faces, turned and lit like a real thing, so
that side and three-quarter views, self-occlusion, shading and the shadow on the ground come by themselves. What
tells the kinds apart is their build: wings and a fin, wheels and a cabin, antlers, a mane, a hull, a cargo box.
Backgrounds, light, size, place, things in front and camera faults come from distributions that all kinds share, with
mild preferences only (a ship is on water more often than on a road); so do the coats of the animals and the paints
of the vehicles.

``sculpture`` holds what the objects are built of, and one module each builds them; ``rendering`` turns a sculpture
into pixels, and ``scenes`` paints what is behind it and in front of it.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import partial

import numpy as np
from PIL import Image

from tools.samples.canvas import Canvas
from tools.samples.objects.airplane import airplane
from tools.samples.objects.automobile import automobile
from tools.samples.objects.bird import bird
from tools.samples.objects.four_legged import BUILDS, four_legged
from tools.samples.objects.frog import frog
from tools.samples.objects.rendering import show
from tools.samples.objects.scenes import paint_light, paint_scene, paint_things_in_front
from tools.samples.objects.sculpture import Sculpture, direction_of_view
from tools.samples.objects.ship import ship
from tools.samples.objects.truck import truck

SIZE = 32
CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
PREFERENCES: dict[
    str, dict[str, float]
] = {  # how many times as often as the other scenes, which occur as well
    "airplane": {"sky": 2.5, "road": 1.5},
    "automobile": {"city": 1.5, "road": 1.5},
    "bird": {"sky": 1.5, "sand": 1.5},
    "cat": {"wall": 1.5, "floor": 1.5},
    "deer": {"forest": 1.5, "grass": 1.5},
    "dog": {"wall": 1.5, "grass": 1.5},
    "frog": {"forest": 1.5, "water": 1.5},
    "horse": {"hills": 1.5, "sand": 1.5},
    "ship": {"sky": 1.5, "water": 3},
    "truck": {"hills": 1.5, "road": 1.5},
}
BUILDERS: dict[str, Callable[[Sculpture], None]] = {
    "airplane": airplane,
    "automobile": automobile,
    "bird": bird,
    "frog": frog,
    "ship": ship,
    "truck": truck,
    **{kind: partial(four_legged, kind=kind) for kind in BUILDS},
}


def draw(kind: str, generator: np.random.Generator) -> np.ndarray:
    """Return one picture of the kind, shape (32, 32, 3), uint8."""
    canvas = Canvas(SIZE, generator)
    paint_scene(canvas, PREFERENCES[kind])
    sculpture = Sculpture(generator, direction_of_view(generator))
    BUILDERS[kind](sculpture)
    show(canvas, sculpture)
    paint_things_in_front(canvas)
    paint_light(canvas)
    file = canvas.finish(
        quality=int(generator.integers(60, 90)),
        blur=generator.choice([0, generator.uniform(0.2, 0.6)]),
        grain=generator.uniform(0.5, 4),
    )
    return np.asarray(Image.open(io.BytesIO(file)))
