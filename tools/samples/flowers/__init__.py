"""Drawn flowers: the built-in stand-in for the flower photographs of five kinds.

Each flower is a small model in three dimensions, built of curved petals, and turned before it is drawn, so that
it may be seen from the front, tilted or from the side, and is shaded by the light as a whole. What tells the
kinds apart is what tells real ones apart: a daisy has many narrow petals round a small domed disc; a dandelion
is a dense head of narrow florets, or the clock of its seeds; a rose is a spiral of broad petals around each
other; a sunflower has a large disc with a spiral pattern and pointed petals; a tulip is a cup of six petals,
mostly seen from the side. Backgrounds, places, sizes, light, things in front and faults of the camera are drawn
for all from the same distributions, and each color of petals occurs with several kinds.

One module for each kind builds it of the parts in ``petals``; ``mesh`` turns, lights and draws it. ``leaves`` draws
stems and leaves, ``poses`` says where the flowers are, and ``scenes`` paints everything else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from tools.samples.canvas import Canvas
from tools.samples.flowers.colors import Variety, random_variety
from tools.samples.flowers.daisy import daisy
from tools.samples.flowers.dandelion import dandelion, draw_clock
from tools.samples.flowers.leaves import draw_stem
from tools.samples.flowers.mesh import Light, Mesh, Pose, show
from tools.samples.flowers.poses import random_poses
from tools.samples.flowers.rose import rose
from tools.samples.flowers.scenes import (
    draw_vase,
    finish,
    illuminate,
    paint_background,
    paint_things_in_front,
    random_light,
    set_bee,
)
from tools.samples.flowers.sunflower import sunflower
from tools.samples.flowers.tulip import tulip

SIZE = 96
FLOWERS: dict[str, Callable[[np.random.Generator, Variety], Mesh]] = {
    "daisy": daisy,
    "dandelion": dandelion,
    "roses": rose,
    "sunflowers": sunflower,
    "tulips": tulip,
}
CLASSES = tuple(FLOWERS)


def draw(kind: str, generator: np.random.Generator) -> bytes:
    """Return one JPEG file of a picture of flowers of one of the ``CLASSES``."""
    g = generator
    canvas = Canvas(SIZE, g)
    light = random_light(g)
    picture, in_room = paint_background(canvas, light)
    variety = random_variety(g, kind)
    poses = random_poses(g, canvas.side, kind)
    if len(poses) < 4 and g.random() < 0.4:  # more of them, farther away and out of focus
        for pose in poses * int(g.integers(1, 3)):
            x, y = g.uniform(0, canvas.side, 2)
            small = replace(pose, x=x, y=y, scale=pose.scale * g.uniform(0.35, 0.7))
            _draw_flower(g, picture, kind, variety, small, light)
    picture = picture.filter(ImageFilter.GaussianBlur(float(2.5 + 7 * g.uniform(0, 1))))
    vase = canvas.side * g.uniform(0.25, 0.75) if in_room and g.random() < 0.6 else None
    mixed = g.random() < 0.25
    for pose in poses:
        draw_stem(g, picture, kind, pose, light, vase)
    if vase is not None:
        draw_vase(g, picture, vase)
    for pose in poses:
        variety = random_variety(g, kind) if mixed else variety
        _draw_flower(g, picture, kind, variety, pose, light)
    canvas.pixels = np.asarray(picture, dtype="float32").copy()
    if g.random() < 0.2:
        set_bee(canvas, poses[-1])
    paint_things_in_front(canvas)
    illuminate(canvas)
    return finish(canvas)


def _draw_flower(
    g: np.random.Generator, picture: Image.Image, kind: str, variety: Variety, pose: Pose, light: Light
) -> None:
    """Draw one flower and the shadow that it throws on what is behind it."""
    side = picture.width
    small = Image.new("L", (side // 4, side // 4))
    x, y = (np.array([pose.x, pose.y]) - light.direction[:2] * pose.scale * 0.35) / 4
    radius = pose.scale * 0.75 / 4
    ImageDraw.Draw(small).ellipse([x - radius, y - radius, x + radius, y + radius], fill=110)
    shadow = small.filter(ImageFilter.GaussianBlur(float(radius * 0.3 + 0.5))).resize((side, side))
    picture.paste((12, 16, 12), mask=shadow)
    if kind == "dandelion" and g.random() < 0.38:
        draw_clock(g, picture, pose, light)
    else:
        show(picture, FLOWERS[kind](g, variety), pose, light)
