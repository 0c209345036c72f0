"""Heads of the four-legged animals, in coordinates of their own: the unit is about half the head."""

from __future__ import annotations

import numpy as np

from tools.samples.objects.colors import Coat, tinted
from tools.samples.objects.sculpture import SIDES, Color, Sculpture, turned


def add_eyes(
    head: Sculpture, x: float, y: float, z: float, size: float, iris: Color, pupil: float = 0.6
) -> None:
    """Add an eye with its pupil at each side."""
    for side in SIDES:
        head.ball((x, y, side * z), (0.6 * size, size, size), iris)
        front = (x + 0.3 * size, y, side * (z + 0.12 * size))
        head.ball(front, (0.5 * size, 0.8 * size, pupil * size), (14, 12, 12))


def cat_head(head: Sculpture, coat: Coat) -> None:
    """Build a short face with pointed ears and slit pupils."""
    g = head.generator
    head.ball((0, 0, 0), (0.85, 0.84, 1.0), coat)
    for side in SIDES:
        head.ball((0.3, -0.3, side * 0.45), (0.5, 0.42, 0.5), coat)
        tip = (-0.1, g.uniform(1.25, 1.5), side * 0.78)
        head.limb([(-0.05, 0.5, side * 0.56), tip], (0.42, 0.05), coat)
        inside = [(0.34, 0.62, side * 0.36), (0.3, 0.55, side * 0.82), (0.02, tip[1] - 0.2, side * 0.74)]
        head.face(inside, (206, 150, 140))
        head.ball((0.78, -0.36, side * 0.17), (0.2, 0.18, 0.22), coat.colors[0] * 0.4 + 140)
    iris = [(176, 180, 70), (190, 150, 50), (110, 160, 110), (120, 160, 190)][g.integers(4)]
    add_eyes(head, 0.72, 0.1, 0.4, 0.21, iris, 0.3)
    head.ball((0.97, -0.2, 0), (0.08, 0.08, 0.12), (190, 110, 105))


def dog_head(head: Sculpture, coat: Coat) -> None:
    """Build a muzzle with a large nose, at times the tongue, and ears of three kinds."""
    g = head.generator
    ears = coat.colors[1] * g.uniform(0.6, 1.0)
    head.ball((0, 0, 0), (0.85, 0.8, 0.8), coat)
    muzzle = coat if g.random() < 0.5 else coat.colors[0] * 0.5 + 110
    long = g.uniform(0.35, 0.75)
    head.limb([(0.45, -0.25, 0), (0.8 + long, -0.38, 0)], (0.52, 0.36), muzzle)
    head.ball((1.12 + long, -0.24, 0), (0.16, 0.18, 0.22), (24, 20, 20))
    if g.random() < 0.4:
        head.ball((0.9 + long, -0.8, 0), (0.16, 0.34, 0.2), (220, 100, 110))
    kind = g.choice(["hanging", "folded", "upright"], p=[0.5, 0.25, 0.25])
    for side in SIDES:
        if kind == "hanging":
            head.ball((-0.12, -0.2, side * 0.86), (0.34, 0.8, 0.16), ears, turned(roll=side * 0.15))
        elif kind == "folded":
            path = [(0, 0.62, side * 0.5), (0.1, 0.85, side * 0.85), (0.3, 0.5, side * 1.0)]
            head.limb(path, (0.25, 0.22, 0.1), ears)
        else:
            head.limb([(-0.05, 0.5, side * 0.45), (0, 1.35, side * 0.62)], (0.32, 0.08), ears)
    add_eyes(head, 0.72, 0.16, 0.36, 0.14, (50, 32, 22))


def deer_head(head: Sculpture, coat: Coat) -> None:
    """Build a slender muzzle, ears to both sides and, mostly, antlers."""
    g = head.generator
    head.ball((0, 0, 0), (0.75, 0.62, 0.6), coat)
    head.limb([(0.3, -0.1, 0), (1.35, -0.5, 0)], (0.5, 0.24), coat)
    head.ball((1.52, -0.52, 0), (0.16, 0.17, 0.2), (26, 22, 22))
    for side in SIDES:
        head.ball((-0.35, 0.5, side * 1.0), (0.3, 0.3, 0.62), coat, turned(roll=-side * 0.5))
    add_eyes(head, 0.45, 0.16, 0.46, 0.16, (22, 16, 14))
    if g.random() < 0.8:
        _add_antlers(head)


def _add_antlers(head: Sculpture) -> None:
    """Add two beams with three tines each."""
    g = head.generator
    beam, bone = g.uniform(0.9, 1.5), tinted(g, (150, 120, 84), (110, 84, 60), (200, 180, 150))
    for side in SIDES:
        mirror = [1, 1, side]
        path = np.array([(-0.1, 0.5, 0.25), (-0.45, 1.3, 0.9), (-0.2, 2.2, 1.25), (0.25, 2.8, 1.1)]) * mirror
        path = path[0] + (path - path[0]) * beam
        head.limb(path, (0.15, 0.13, 0.11, 0.06), bone)
        for n, tine in ((1, (0.6, 0.7, 0)), (2, (-0.5, 0.8, 0.15)), (2, (0.45, 0.5, -0.1))):
            head.limb([path[n], path[n] + np.array(tine) * mirror * beam], (0.11, 0.05), bone)


def horse_head(head: Sculpture, coat: Coat) -> None:
    """Build a long muzzle, half of them with a blaze, and small upright ears."""
    g = head.generator
    head.ball((0, 0, 0), (0.7, 0.66, 0.52), coat)
    head.limb([(0.1, -0.1, 0), (1.75, -0.75, 0)], (0.6, 0.38), coat)
    head.ball((1.95, -0.85, 0), (0.34, 0.34, 0.34), coat.colors[1] * 0.55)
    if g.random() < 0.5:
        head.limb([(0.45, 0.42, 0), (1.7, -0.38, 0)], 0.14, (236, 232, 226))
    for side in SIDES:
        head.limb([(-0.25, 0.5, side * 0.3), (-0.2, 1.1, side * 0.38)], (0.2, 0.05), coat)
    add_eyes(head, 0.45, 0.14, 0.46, 0.14, (20, 14, 12))
