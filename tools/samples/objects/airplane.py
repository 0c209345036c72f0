"""Airplanes, flying or on the ground: airliners, propeller airplanes, fighters and biplanes."""

from __future__ import annotations

import numpy as np

from tools.samples.objects.colors import GLASS, RUBBER, STEEL, random_paint
from tools.samples.objects.sculpture import SIDES, Color, Sculpture, turned


def airplane(whole: Sculpture) -> None:
    """Build an airplane."""
    g = whole.generator
    flying = g.random() < 0.65
    model = whole.at((0, 0.3, 0), _pose(g, flying))
    model.gloss = 0.8
    paint, second = random_paint(g), random_paint(g)
    kind = g.choice(["airliner", "propeller", "fighter", "biplane"], p=[0.5, 0.25, 0.15, 0.1])
    thick = {"airliner": g.uniform(0.11, 0.14), "fighter": 0.11}.get(kind, 0.15)
    model.limb([(-0.45, 0, 0), (0.68, 0, 0)], thick, paint)
    model.limb([(-0.45, 0, 0), (-1.0, 0.07, 0)], (thick, 0.03), paint)
    model.ball((0.68, 0, 0), (0.3, thick, thick), paint)
    _add_fin(model, -0.92, g.uniform(0.32, 0.45), second)
    _add_wings(model, -0.72, 0.2, g.uniform(0.28, 0.4), 0.18, 0.02, 0.06, paint)  # of the tail
    if kind == "airliner":
        _finish_airliner(model, thick, paint, second)
    elif kind == "fighter":
        _finish_fighter(model, thick, paint)
    elif kind == "propeller":
        _finish_propeller_airplane(model, (0.13,), paint * 0.92)
    else:
        _finish_propeller_airplane(model, (0.26, -0.1), second)
    if not flying:
        below = -0.2 if kind in ("airliner", "fighter") else -0.38
        for x, z in ((0.7, 0), (-0.05, 0.16), (-0.05, -0.16)):
            model.limb([(x, -0.06, z), (x, below, z)], 0.02, STEEL)
            model.ball((x, below, z), (0.05, 0.05, 0.025), RUBBER)
        whole.ground = 0.3 + below - 0.05


def _pose(g: np.random.Generator, flying: bool) -> np.ndarray:
    """Return how the airplane is turned; every other one that flies is seen from below."""
    if not flying:
        return turned(0, 0, 0)
    pose = turned(0, g.uniform(-0.3, 0.35), g.normal(0, 0.5))
    if g.random() < 0.5:
        pose = turned(0, 0, g.choice(SIDES) * g.uniform(0.5, 1.0)) @ pose
    return pose


def _add_fin(model: Sculpture, base: float, height: float, color: Color) -> None:
    corners = [(base + 0.3, 0.08, 0), (base + 0.05, height, 0), (base - 0.1, height, 0), (base, 0.04, 0)]
    model.face(corners, color)


def _add_wings(
    model: Sculpture,
    root: float,
    chord: float,
    span: float,
    sweep: float,
    rise: float,
    y: float,
    color: Color,
) -> None:
    """Add a pair of wings: root is the x of the leading edge."""
    tip = root - sweep
    front, back = (tip, y + rise, span), (tip - 0.45 * chord, y + rise, span)
    model.faces_on_sides([(root, y, 0.06), front, back, (root - chord, y, 0.06)], color)
    for side in SIDES:  # the thick leading edge is seen even from the front
        model.limb([(root, y, side * 0.06), (tip, y + rise, side * span)], (0.028, 0.012), color)


def _finish_airliner(model: Sculpture, thick: float, paint: np.ndarray, second: Color) -> None:
    """Add swept wings with a jet each, rows of windows, and the cockpit."""
    g = model.generator
    _add_wings(model, 0.3, 0.42, g.uniform(0.85, 1.05), g.uniform(0.35, 0.6), 0.12, -0.06, paint * 0.9)
    for side in SIDES:
        model.limb([(0.24, -0.14, side * 0.36), (0.02, -0.14, side * 0.36)], (0.065, 0.045), second)
        z = side * thick * 0.93
        model.limb([(-0.5, 0.03, z), (0.7, 0.03, z)], 0.018, (50, 56, 66))
    model.ball((0.86, 0.05, 0), (0.06, 0.04, 0.07), GLASS)


def _finish_fighter(model: Sculpture, thick: float, paint: np.ndarray) -> None:
    """Add a pointed nose, triangular wings and a canopy."""
    model.limb([(0.7, 0, 0), (1.1, -0.01, 0)], (thick, 0.01), paint)
    _add_wings(model, 0.25, 0.75, model.generator.uniform(0.5, 0.7), 0.6, 0, -0.02, paint * 0.85)
    model.ball((0.42, 0.09, 0), (0.22, 0.07, 0.06), GLASS)


def _finish_propeller_airplane(model: Sculpture, heights: tuple[float, ...], color: Color) -> None:
    """Add straight wings at the heights, struts, landing gear, a turning propeller and a canopy."""
    g = model.generator
    for y in heights:
        _add_wings(model, 0.4, 0.34, g.uniform(0.9, 1.05), 0.03, 0.04, y, color)
    for side in SIDES:
        model.limb([(0.28, -0.1, side * 0.07), (0.24, 0.25, side * 0.55)], 0.014, STEEL)
        model.limb([(0.3, -0.1, side * 0.05), (0.32, -0.28, side * 0.18)], 0.016, STEEL)
        model.ball((0.32, -0.3, side * 0.2), (0.08, 0.08, 0.03), RUBBER)
    spin = g.uniform(0, np.pi)
    blade = np.array([0, np.cos(spin), np.sin(spin)]) * 0.3
    model.limb([blade + [1.0, 0, 0], -blade + [1.0, 0, 0]], 0.018, (40, 38, 38))
    model.ball((0.42, 0.08, 0), (0.2, 0.1, 0.1), GLASS)
