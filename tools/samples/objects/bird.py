"""Birds: perched, flying or wading."""

from __future__ import annotations

import numpy as np

from tools.samples.objects.colors import Coat, random_coat, tinted
from tools.samples.objects.heads import add_eyes
from tools.samples.objects.sculpture import SIDES, Color, Sculpture, turned


def bird(model: Sculpture) -> None:
    """Build a bird."""
    g = model.generator
    coat, second = random_coat(g, vivid=0.3), random_coat(g, vivid=0.3)
    kind = g.choice(["perched", "flying", "wader"], p=[0.5, 0.27, 0.23])
    model.hairy = g.uniform(0.4, 1.3)
    lean = g.uniform(0.1, 0.8) if kind == "perched" else g.uniform(-0.1, 0.3)
    pose = turned(pitch=lean, roll=g.normal(0, 0.35) if kind == "flying" else 0)
    body = model.at((0, 0, 0), pose)
    fat = g.uniform(0.26, 0.36) if kind == "perched" else g.uniform(0.2, 0.27)
    _add_trunk(body, fat, coat, second)
    neck, horn = _add_neck_and_head(model, kind, pose @ [0.4, 0.1, 0], coat, second)
    if kind == "flying":
        _spread_wings(body, coat, second)
        return
    for side in SIDES:  # folded wings
        body.ball((-0.15, 0.04, side * fat * 0.72), (0.52, fat * 0.62, 0.12), second, turned(pitch=-0.12))
    model.ground = -fat - (g.uniform(0.5, 0.8) if kind == "wader" else g.uniform(0.15, 0.3))
    _add_legs(model, model.ground, horn)
    model.focus = (neck + [0.08, -0.1, 0], 0.55)


def _add_trunk(body: Sculpture, fat: float, coat: Coat, second: Coat) -> None:
    """Add the trunk and the fan of the tail."""
    body.ball((0, 0, 0), (0.55, fat, fat * 0.95), coat)
    body.limb([(-0.4, 0.02, 0), (-0.6, 0.03, 0)], (0.12, 0.06), coat)
    fan = body.generator.uniform(0.08, 0.22)
    above = [(-0.45, 0.04, -0.08), (-0.45, 0.04, 0.08), (-0.98, 0.0, fan), (-0.98, 0.0, -fan)]
    below = [(-0.45, 0, -0.08), (-0.45, 0, 0.08), (-0.98, -0.04, fan), (-0.98, -0.04, -fan)]
    body.loft(above, below, second)


def _add_neck_and_head(
    model: Sculpture, kind: str, base: np.ndarray, coat: Coat, second: Coat
) -> tuple[np.ndarray, np.ndarray]:
    """Add neck, head, beak and eyes; return where the neck ends, and the color of beak and legs."""
    g = model.generator
    reach = g.uniform(0.4, 0.8) if kind == "wader" else 0.12
    bend = base + [0.08, 0.5 * reach, 0] if kind == "wader" else base
    size = {"perched": g.uniform(0.19, 0.25), "flying": 0.16, "wader": 0.13}[kind]
    neck = base + ([0.36, 0.05, 0] if kind == "flying" else [0.06, reach, 0])
    model.limb([base - [0.1, 0, 0], bend, neck], (0.16, 0.08, 0.08), coat)
    head = model.at(neck, model.toward_viewer(g.uniform(0, 0.5)), size)
    head.ball((0, 0, 0), (1.0, 0.95, 0.9), coat if g.random() < 0.6 else second)
    horn = tinted(g, (226, 150, 50), (60, 54, 50), (200, 180, 120), (200, 70, 50))
    beak = g.uniform(1.7, 2.8) if kind == "wader" else g.uniform(1.4, 2.2)
    head.limb([(0.7, -0.08, 0), (beak, -0.25, 0)], (0.36, 0.05), horn)
    add_eyes(head, 0.45, 0.25, 0.72, 0.26, (232, 220, 190), 0.8)
    return neck, horn


def _spread_wings(body: Sculpture, coat: Coat, second: Coat) -> None:
    """Add two wings of an inner and an outer part, each raised or lowered."""
    for side in SIDES:
        up = body.generator.uniform(-0.25, 0.75)
        shoulder, back = (0.3, 0.1, side * 0.1), (-0.25, 0.08, side * 0.1)
        elbow, fold = (0.12, 0.1 + 0.45 * up, side * 0.5), (-0.42, 0.1 + 0.45 * up, side * 0.52)
        tip, trailing = (-0.25, 0.1 + 0.95 * up, side * 1.1), (-0.5, 0.1 + 0.8 * up, side * 0.85)
        body.face([shoulder, elbow, fold, back], coat)
        body.face([elbow, tip, trailing, fold], second)
        body.limb([shoulder, elbow, tip], (0.06, 0.05, 0.02), coat)


def _add_legs(model: Sculpture, ground: float, horn: Color) -> None:
    """Add two thin legs, each with a foot that points ahead."""
    for side in SIDES:
        x, z = model.generator.normal(0, 0.06), side * 0.1
        model.limb([(0, -0.1, z), (x, ground, z)], 0.024, horn)
        model.limb([(x - 0.06, ground, z), (x + 0.14, ground, z + 0.04)], 0.022, horn)
