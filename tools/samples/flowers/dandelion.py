"""Dandelions: the flower, a dense head of florets, and the clock, a ball of seeds."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from tools.samples.canvas import unit
from tools.samples.flowers.colors import Variety, to_ink
from tools.samples.flowers.mesh import Light, Mesh, Pose
from tools.samples.flowers.petals import GOLDEN_ANGLE, bracts, rays


def dandelion(g: np.random.Generator, variety: Variety) -> Mesh:
    """Return a dense head of narrow florets, the outer ones long and flat, the inner ones short and upright."""
    number = int(g.integers(110, 170))
    part = np.sqrt((np.arange(number) + 0.5) / number)
    azimuth = np.arange(number) * GOLDEN_ANGLE + g.normal(0, 0.1, number)
    opened = g.uniform(-0.2, 0.35)
    florets = rays(
        g,
        azimuth=azimuth,
        length=(0.28 + 0.62 * part) * g.normal(1, 0.07, number),
        width=g.uniform(0.03, 0.042),
        outline=lambda t: 0.6 + 0.4 * t,
        colors=(variety.base * 0.9, variety.tip),
        start=0.12 * part,
        height=0.1 * (1 - part),
        rise=1.45 - (1.45 - opened) * part**1.3 + g.normal(0, 0.1, number),
        bend=g.normal(-0.2, 0.2, number),
        dark=0.75,
        steps=(4, 1),
    )
    return florets + bracts(g, variety.green, 14, 0.45, 0.25, g.choice([0.6, -0.6]))


def draw_clock(g: np.random.Generator, picture: Image.Image, pose: Pose, light: Light) -> None:
    """Draw the ball of seeds: each has a beak from the middle and an umbrella of hairs."""
    number = int(g.integers(90, 130))
    index = np.arange(number) + 0.5
    height = 1 - 1.85 * index / number
    angle = index * GOLDEN_ANGLE
    flat = np.sqrt(1 - height**2)
    outward = np.stack([flat * np.cos(angle), flat * np.sin(angle), height], -1)
    kept = outward @ unit(g.normal(0, 1, 3)) < g.choice(
        [1.1, 1.1, g.uniform(0.5, 0.9)]
    )  # the wind has taken some
    outward = outward[kept]
    tips = pose.to_canvas(outward * 0.78)
    seeds = pose.to_canvas(outward * 0.2)
    hairs = outward[:, None] * 0.95 + _spread(outward, 9) * 0.26
    ends = pose.to_canvas(hairs)
    pen = ImageDraw.Draw(picture, "RGBA")
    x, y, radius = pose.x, pose.y, pose.scale * 0.9
    # The many hairs too fine to draw: without this veil the ball would be lost before a bright sky.
    pen.ellipse([x - radius, y - radius, x + radius, y + radius], fill=(96, 100, 92, 80))
    color = np.array((238, 236, 228)) * g.uniform(0.8, 1)
    thin = max(1, round(pose.scale * 0.012))
    for n in np.argsort(tips[:, 2]):
        near = 0.5 + 0.5 * tips[n, 2] / pose.scale
        lit = 0.65 + 0.4 * np.clip(outward[n] @ light.direction, 0, 1) + 0.1 * near
        ink = (*to_ink(color * lit), int(90 + 130 * near))
        pen.line([*seeds[n, :2], *tips[n, :2]], fill=(150, 140, 120, 150), width=thin)
        for end in ends[n, :, :2].tolist():
            pen.line([*tips[n, :2], *end], fill=ink, width=thin)
    radius = pose.scale * 0.17
    heart = (*to_ink(np.array((120, 96, 60)) * light.ambient * 2), 190)
    pen.ellipse([x - radius, y - radius, x + radius, y + radius], fill=heart)


def _spread(outward: np.ndarray, number: int) -> np.ndarray:
    """Return unit vectors at right angles to each given one, evenly around it: shape (n, number, 3)."""
    first = np.cross(outward, [0.3, 0.5, 0.8])
    first /= np.linalg.norm(first, axis=1, keepdims=True)
    second = np.cross(outward, first)
    turn = np.linspace(0, 2 * np.pi, number, endpoint=False)[:, None]
    return first[:, None] * np.cos(turn) + second[:, None] * np.sin(turn)
