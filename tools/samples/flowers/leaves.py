"""Leaves, blades of grass and stems."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw

from tools.samples.flowers.colors import random_green, to_ink
from tools.samples.flowers.mesh import Light, Pose, sheet

# Half the width of a leaf along its length t, as a part of its greatest half width.
LEAVES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "lance": lambda t: np.sin(np.pi * t**0.75) ** 0.8,
    "spoon": lambda t: 0.15 + 0.85 * np.sin(np.pi * t**2.2) ** 0.9,
    "saw": lambda t: np.sin(np.pi * t**0.8) ** 0.7 * (1 - 0.16 * (np.arange(len(t)) % 2)),
    "toothed": lambda t: (0.2 + 0.8 * np.sin(np.pi * t**1.6)) * (1 - 0.65 * (t * 5 % 1)),
    "heart": lambda t: np.sin(np.pi * t**0.45) ** 0.8,
}
# The greatest half width of a leaf with the length 1.
LEAF_WIDTH = {"lance": 0.15, "spoon": 0.16, "saw": 0.3, "toothed": 0.22, "heart": 0.45}
OWN_LEAF = {
    "daisy": "spoon",
    "dandelion": "toothed",
    "roses": "saw",
    "sunflowers": "heart",
    "tulips": "lance",
}
# For a flower with the radius 1.
STEM_WIDTH = {"daisy": 0.07, "dandelion": 0.1, "roses": 0.09, "sunflowers": 0.13, "tulips": 0.11}


def blade(
    g: np.random.Generator, start: np.ndarray, end: np.ndarray, width: float
) -> list[tuple[list[float], float]]:
    """Return the outlines and shades of a bent blade of grass or a stalk: all of it, then its lighter part."""
    along = end - start
    bend = np.array([-along[1], along[0]]) * g.normal(0, 0.15)
    t = np.linspace(0, 1, 9)[:, None]
    path = start + along * t + bend * t**2
    across = np.array([-along[1], along[0]]) / (np.hypot(*along) + 1e-6) * width * (1 - 0.9 * t)
    return [
        (np.concatenate([path - across, (path + part * across)[::-1]]).ravel().tolist(), shade)
        for part, shade in ((1.0, 0.8), (0.3, 1.15))
    ]


def draw_grass(g: np.random.Generator, pen: ImageDraw.ImageDraw, start: np.ndarray, side: int) -> None:
    """Draw a blade of grass that grows from ``start``."""
    end = start + [g.normal(0, 0.12) * side, -g.uniform(0.2, 0.6) * side]
    color = random_green(g) * g.uniform(0.5, 1.3)
    for outline, shade in blade(g, start, end, side * g.uniform(0.006, 0.02)):
        pen.polygon(outline, fill=to_ink(color * shade))


def draw_leaf(
    g: np.random.Generator,
    pen: ImageDraw.ImageDraw,
    kind: str,
    start: np.ndarray,
    end: np.ndarray,
    width: float,
    color: np.ndarray,
    light: Light,
) -> None:
    """Draw a leaf with a rib and veins from ``start`` to ``end``."""
    t, s = np.linspace(0, 1, 21), np.linspace(-1, 1, 5)
    along = end - start
    across = np.array([-along[1], along[0]])
    path = start + along * t[:, None] + across * g.normal(0, 0.2) * (t**2 - t)[:, None] * 2
    half = width * LEAVES[kind](t)
    unit = across / (np.hypot(*across) + 1e-6)
    points = path[:, None] + half[:, None, None] * s[:, None] * unit
    tilt = 0.25 * np.sign(unit @ light.direction[:2]) * np.array([-1, -1, 1, 1])
    veins = 0.08 * np.sign(np.cos(t[:-1, None] * 34 - np.abs(s[:-1] + 0.25) * 5))
    rib = 0.2 * np.array([0, 1, 1, 0]) * (np.abs(g.normal(0, 0.7)))
    shade = np.clip(0.9 + tilt + veins * (kind != "lance") + rib + 0.2 * (t[:-1, None] - 0.5), 0.3, 1.6)
    mesh = sheet(np.concatenate([points, np.zeros((21, 5, 1))], -1), shade[..., None] * color)
    for quad, shaded in zip(mesh.quads[..., :2].reshape(-1, 8).tolist(), mesh.colors, strict=True):
        pen.polygon(quad, fill=to_ink(shaded))


def draw_stem(
    g: np.random.Generator, picture: Image.Image, kind: str, pose: Pose, light: Light, vase: float | None
) -> None:
    """Draw the stem with its leaves down to the vase (the x of its middle) or out of the picture."""
    pen = ImageDraw.Draw(picture)
    path = _stem_path(g, picture.width, pose, vase)
    width = max(STEM_WIDTH[kind] * pose.scale * g.uniform(0.7, 1.2), 2.5)
    green = random_green(g) * g.uniform(0.7, 1.1)
    if kind == "dandelion" and g.random() < 0.5:
        green = green * 0.6 + np.array((170, 120, 90)) * 0.4
    _draw_leaves_along(g, pen, kind, path, pose, light)
    toward = np.sign(light.direction[0]) * width * 0.25
    for part, shade, shift in ((1.0, 0.65, 0.0), (0.62, 1.0, 0.5), (0.25, 1.3, 1.0)):
        line = [(x + shift * toward, y) for x, y in path.tolist()]
        pen.line(line, fill=to_ink(green * shade), width=max(1, round(width * part)), joint="curve")
    if kind == "roses":  # thorns
        for x, y in path[g.integers(4, 14, 4)]:
            thorn = [x, y - width, x, y + width, x + g.choice([-1, 1]) * 1.6 * width, y]
            pen.polygon(thorn, fill=to_ink(green * 0.8))


def _stem_path(g: np.random.Generator, side: int, pose: Pose, vase: float | None) -> np.ndarray:
    """Return the curve of a stem, from the flower down."""
    top = np.array([pose.x, pose.y])
    axis = np.array([np.sin(pose.roll), -np.cos(pose.roll)])
    # The flower stands on its stem; seen from the front, the stem is behind it and turns away downward.
    bottom = top - axis * side * 1.2 + [g.normal(0, 0.15) * side, 0]
    if vase is not None:
        bottom = np.array([vase + g.normal(0, 0.03) * side, side * 0.8])
    bend = top - axis * np.sin(pose.tilt) * side * 0.35 + g.normal(0, 0.03, 2) * side
    t = np.linspace(0, 1, 16)[:, None]
    return top * (1 - t) ** 2 + 2 * bend * t * (1 - t) + bottom * t**2


def _draw_leaves_along(
    g: np.random.Generator, pen: ImageDraw.ImageDraw, kind: str, path: np.ndarray, pose: Pose, light: Light
) -> None:
    """Draw leaves along a stem; one time in four they belong to another plant."""
    green = random_green(g)
    for _ in range(g.integers(0, 5)):
        shape = OWN_LEAF[kind] if g.random() < 0.75 else list(LEAVES)[g.integers(len(LEAVES))]
        start = path[g.integers(3, 12)]
        length = pose.scale * g.uniform(0.8, 1.7) * (1.7 if shape == "lance" else 1)
        angle = g.uniform(0.2, 1.2) * g.choice([-1, 1]) * (0.5 if shape == "lance" else 1)
        end = start + length * np.array([np.sin(angle), -np.cos(angle)])
        width = length * LEAF_WIDTH[shape] * g.uniform(0.7, 1.1)
        draw_leaf(g, pen, shape, start, end, width, green * g.uniform(0.75, 1.15), light)
