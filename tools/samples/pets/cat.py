"""The head of a cat: short and round, pointed ears, large eyes that look ahead, a tiny nose, whiskers."""

from __future__ import annotations

import numpy as np

from tools.samples.pets.faces import Face
from tools.samples.pets.shapes import SIDES, Builder

IRISES = (
    (150, 150, 80),
    (172, 138, 68),
    (112, 136, 92),
    (120, 148, 170),
    (148, 106, 58),
    (134, 142, 98),
    (112, 88, 54),
    (96, 92, 66),
)
LEATHERS = ((212, 134, 126), (196, 112, 104), (168, 92, 84), (70, 50, 48), (40, 34, 34))


def cat_head(g: np.random.Generator, head: Builder) -> Face:
    """Build the head; the unit is half its width."""
    flat = g.choice([0.0, g.uniform(-0.12, 0.1), 0.22], p=[0.3, 0.6, 0.1])  # Persian cats have flat faces
    cheeks, muzzle = g.uniform(0.85, 1.15), 1.08 - flat
    head.ball((-0.05, 0.05, 0), (0.92, 0.84, 0.94), "head")
    head.ball((0.02, -0.2, 0), (0.72, 0.6, 0.98 * cheeks), "head", (-0.6, -0.5, 0))
    head.limb([(0.45, 0.34, 0), (muzzle - 0.08, -0.14, 0)], (0.42, 0.19), "head", (-1, 0.6, 0), 0.2, 0.5)
    for side in SIDES:
        head.ball((0.3, -0.32, side * 0.46), 0.44 * cheeks, "head", (-0.4, -0.7, side * 0.7), 0.3)
        pad = (muzzle - 0.16, -0.42, side * 0.18)
        head.ball(pad, (0.28, 0.21, 0.25), "muzzle", (-0.3, -0.6, side * 0.8), 0.12, 0.35)
        head.ball((0.5, 0.3, side * 0.36), (0.26, 0.14, 0.24), "head", (-0.5, 0.9, side * 0.3), 0.2, 0.5)
    _add_chin(g, head, muzzle)
    _add_ears(g, head)
    size = g.uniform(0.175, 0.23)
    slit = (g.uniform(0.13, 0.3), 0.86) if g.random() < 0.55 else (g.uniform(0.4, 0.68), 0.74)
    y = -0.23
    mouth = [[(0, y - 0.1), (0, -0.46), (0.08, -0.54), (0.2, -0.56)]]
    return Face(
        head.place,
        eye=(0.68, 0.06, g.uniform(0.4, 0.45)),
        gaze=(1.0, 0.05, g.uniform(0.25, 0.4)),
        eye_size=size,
        lids=g.uniform(0.55, 0.9) if g.random() < 0.82 else g.uniform(0.15, 0.5),
        tilt=g.uniform(0.12, 0.3),
        iris=np.array(IRISES[g.integers(len(IRISES))]) * g.uniform(0.75, 1.1),
        pupil=slit,
        nose=(muzzle + 0.06, y, 0),
        nose_size=g.uniform(0.13, 0.16),
        leather=np.array(LEATHERS[g.integers(len(LEATHERS))]) * g.uniform(0.85, 1.1),
        mouth=mouth,
        whiskers=g.choice([0, g.uniform(0.7, 1.35)], p=[0.12, 0.88]),
        pads=(muzzle - 0.02, -0.4, 0.24),
    )


def _add_chin(g: np.random.Generator, head: Builder, muzzle: float) -> None:
    """Add the chin; when the cat meows, it is lower, and the mouth is seen."""
    gap = g.uniform(0.08, 0.22) if g.random() < 0.1 else 0.0
    if gap:
        mouth = (muzzle - 0.22, -0.6 - 0.4 * gap, 0)
        head.ball(mouth, (0.2, 0.12 + 0.6 * gap, 0.17), "mouth", blend=0.01)
        head.ball((muzzle - 0.2, -0.68 - gap, 0), (0.16, 0.06, 0.11), "tongue", blend=0.01)
    chin = (muzzle - 0.28, -0.62 - gap * 1.3, 0)
    head.ball(chin, (0.25, 0.19, 0.25), "muzzle", (-0.5, -0.9, 0), 0.1, 0.5)


def _add_ears(g: np.random.Generator, head: Builder) -> None:
    """Add two ears, each of two faces that open ahead."""
    high, wide = g.uniform(1.12, 1.5), g.uniform(0.66, 1.0)
    swivel = g.normal(0, 0.12)
    for side in SIDES:
        inner = (0.12, 0.68, side * 0.2)
        outer = (0.0 + swivel, 0.3, side * 0.94)
        back = (-0.42, 0.55, side * 0.6)
        tip = (-0.08 + swivel, high, side * wide)
        head.flap([inner, back, tip], 0.045, hair=0.45)
        head.flap([back, outer, tip], 0.045, hair=0.45)
