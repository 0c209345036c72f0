"""Trucks, with or without a hood, that carry a box, a tank, earth or logs."""

from __future__ import annotations

import numpy as np

from tools.samples.objects.colors import GLASS, LAMP, STEEL, random_paint, tinted
from tools.samples.objects.sculpture import Color, Sculpture
from tools.samples.objects.vehicle_parts import add_lamps, add_wheels

FLOOR = 0.22  # the height of what the load stands on


def truck(model: Sculpture) -> None:
    """Build a truck."""
    g, model.gloss = model.generator, 0.7
    paint, cargo = random_paint(g), random_paint(g)
    wide, wheel = g.uniform(0.26, 0.32), g.uniform(0.11, 0.14)
    top, back = g.uniform(0.62, 0.78), g.uniform(0.52, 0.62)  # of the cab
    model.box((-1.0, 0.15), (0.9, FLOOR, 0.8 * wide), (48, 48, 52))  # the chassis
    hooded = g.random() < 0.35
    front, hood = (0.82, 0.45) if hooded else (1.0, 0.3)
    if hooded:
        model.extrude([(0.8, 0.14), (1.05, 0.14), (1.05, hood - 0.04), (0.8, hood)], 0.9 * wide, paint)
    _add_cab(model, (back, front), (hood, top), wide, paint)
    _add_load(model, back - 0.06, wide, cargo)
    axles = [0.76, *([-0.35, -0.62, -0.88] if g.random() < 0.5 else [-0.5, -0.8])]
    add_wheels(model, axles, wheel, wide - 0.03)
    add_lamps(model, (1.06 if hooded else front) + 0.01, 0.24, 0.75 * wide, LAMP, 0.04)
    bumper = [(front + 0.02, 0.15, -wide), (front + 0.02, 0.15, wide)]
    model.limb(bumper, 0.035, tinted(g, STEEL, (40, 40, 42)))
    model.ground = 0.0
    model.focus = (np.array([0.45, 0.42, 0.0]), 0.72)


def _add_cab(
    model: Sculpture, ends: tuple[float, float], heights: tuple[float, float], wide: float, paint: Color
) -> None:
    """Add the cab, from back to front, with a windshield that begins at the height of the hood, and doors."""
    (back, front), (hood, top) = ends, heights
    cab = [(back, 0.14), (front, 0.14), (front, hood + 0.04), (front - 0.07, top), (back, top)]
    model.extrude(cab, wide, paint)
    low, high = hood + 0.1, top - 0.06
    foot, head = (front - 0.07 * (y - hood) / (top - hood) + 0.012 for y in (low, high))
    windshield = [(foot, low, -0.88 * wide), (foot, low, 0.88 * wide), (head, high, 0.85 * wide),
                  (head, high, -0.85 * wide)]  # fmt: skip
    model.face(windshield, GLASS)
    door = [(back + 0.08, low), (foot - 0.06, low), (head - 0.06, high), (back + 0.08, high)]
    model.faces_on_sides([(x, y, wide + 0.012) for x, y in door], GLASS)


def _add_load(model: Sculpture, front: float, wide: float, cargo: Color) -> None:
    """Add what the truck carries, from its rear to ``front``."""
    g = model.generator
    kind = g.choice(["box", "tank", "dump", "logs"], p=[0.5, 0.17, 0.18, 0.15])
    top = g.uniform(0.75, 1.0)
    if kind == "box":
        model.box((-1.0, FLOOR), (front, top, wide * 1.06), cargo)
        if g.random() < 0.7:
            _add_lettering(model, front, wide * 1.06 + 0.012)
    elif kind == "tank":
        radius = g.uniform(0.2, 0.26)
        model.limb([(-0.8, FLOOR + radius, 0), (front - 0.22, FLOOR + radius, 0)], radius, cargo)
    elif kind == "dump":
        model.extrude([(-0.85, FLOOR), (front, FLOOR), (front, 0.6), (-1.05, 0.55)], wide * 1.05, cargo)
        model.ball((-0.3, 0.52, 0), (0.55, 0.2, 0.9 * wide), tinted(g, (110, 84, 60), (150, 140, 130)))
    else:
        for z, y in ((-0.17, 0.1), (0.17, 0.1), (0, 0.12), (-0.1, 0.27), (0.1, 0.27), (0, 0.42)):
            log = [(-1.05, FLOOR + y, z), (front - 0.08, FLOOR + y, z)]
            model.limb(log, 0.1, tinted(g, (120, 88, 58)))


def _add_lettering(model: Sculpture, front: float, half_width: float) -> None:
    """Add a stripe to the sides of a box."""
    g = model.generator
    y, tall = g.uniform(0.35, 0.65), g.uniform(0.05, 0.16)
    left, right = np.sort(g.uniform(-0.95, front - 0.1, 2))
    stripe = [(left, y), (right, y), (right, y + tall), (left, y + tall)]
    model.faces_on_sides([(u, v, half_width) for u, v in stripe], random_paint(g))
