"""Drawn fruits: the built-in stand-in for fruits-360, single fruits before a pale background.

A fruit is a solid: a surface of revolution (a bent tube for the banana) in coordinates of its own, with ``h`` along
its core and the stem at the top. The camera's rays are followed to it, so that it can be seen from any side, cut in
half, and lit. What tells the fruits apart is their form, their skin and their parts: the apple's pits and streaks,
the pear's neck, pores, seeds, ridges, stems. Colors overlap (all have green, yellow and red or dark kinds), and
background, size, place, number, light and white balance come from the same distributions for all.

``model`` says what a fruit is, and one module for each kind (one for both citrus fruits) makes them; ``geometry``
finds the surface that the camera sees, ``rendering`` turns it into pixels, and ``scenes`` paints everything else.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tools.samples.canvas import Canvas, unit
from tools.samples.fruits.apple import apple
from tools.samples.fruits.avocado import avocado
from tools.samples.fruits.banana import banana
from tools.samples.fruits.cherry import cherry
from tools.samples.fruits.citrus import lemon, orange
from tools.samples.fruits.geometry import light_direction, orientation
from tools.samples.fruits.model import Fruit, Moment, Pose
from tools.samples.fruits.pear import pear
from tools.samples.fruits.rendering import render
from tools.samples.fruits.scenes import apply_camera, paint_background, paint_things_in_front
from tools.samples.fruits.strawberry import strawberry

SIZE = 100
FRUITS: dict[str, Callable[[np.random.Generator, float], Fruit]] = {
    "Apple": apple,
    "Avocado": avocado,
    "Banana": banana,
    "Cherry": cherry,
    "Lemon": lemon,
    "Orange": orange,
    "Pear": pear,
    "Strawberry": strawberry,
}
CLASSES = tuple(FRUITS)


def draw(kind: str, generator: np.random.Generator, moment: Moment | None = None) -> bytes:
    """Return one JPEG file of one to three fruits of a kind in ``CLASSES``, or one frame of a film of them."""
    canvas = Canvas(SIZE, generator)
    g = generator
    paint_background(canvas)
    light = light_direction(g)
    if moment:
        light = (unit(light + moment.light)).astype("float32")
    number = int(g.choice([1, 2, 3], p=[0.74, 0.17, 0.09]))
    size = canvas.side * g.uniform(0.3, 0.48) * (1, 0.74, 0.64)[number - 1]
    around = g.uniform(0, 2 * np.pi)
    variety = g.uniform() ** 3  # the first kinds, the best known, are the most frequent
    for place in range(number):
        angle = around + 2 * np.pi * place / number + g.normal(0, 0.2)
        apart = size * g.uniform(0.65, 1.0) if number > 1 else 0
        middle = canvas.side * (0.5 + g.uniform(-0.12, 0.12, 2))
        fruit = FRUITS[kind](g, float(np.clip(variety + g.normal(0, 0.06), 0, 0.999)))
        x, y = middle[0] + apart * np.cos(angle), middle[1] + apart * np.sin(angle)
        _draw_one(canvas, fruit, x, y, size, light, moment)
    paint_things_in_front(canvas)
    apply_camera(canvas)
    quality = int(g.integers(45, 76))
    blur, grain = g.choice([0, g.uniform(0.3, 0.9)], p=[0.6, 0.4]), g.uniform(0.5, 3.5)
    if moment:
        canvas.pixels = canvas.pixels * moment.brightness
        canvas.generator = moment.generator  # each frame has a grain of its own
    return canvas.finish(quality, blur, grain)


def _draw_one(
    canvas: Canvas, fruit: Fruit, x: float, y: float, size: float, light: np.ndarray, moment: Moment | None
) -> None:
    """Draw a fruit, whole or cut, turned at random (and in a film further, from frame to frame)."""
    g = canvas.generator
    is_cut = bool(g.random() < 0.16)
    facing = np.array(fruit.cut if is_cut else fruit.facing, dtype="float32")
    turn = orientation(g, facing, g.uniform(*(fruit.cut_range if is_cut else fruit.facing_range)))
    if moment:
        turn = (moment.turn @ turn).astype("float32")
        x, y = x + moment.shift[0] * canvas.side, y + moment.shift[1] * canvas.side
    scale = size * g.uniform(0.9, 1.1) / fruit.reach**0.5  # a long one may be longer than a round one is wide
    render(canvas, fruit, Pose(x, y, scale, turn), light, is_cut)
