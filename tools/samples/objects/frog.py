"""Frogs: a flat body with eyes on top and folded hind legs."""

from __future__ import annotations

import numpy as np

from tools.samples.objects.colors import Coat, random_coat, tinted
from tools.samples.objects.sculpture import SIDES, Sculpture, turned


def frog(model: Sculpture) -> None:
    """Build a frog."""
    g, model.gloss = model.generator, 0.45
    coat = random_coat(g, belly=-0.08, vivid=0.3)
    rise = g.uniform(0.15, 0.55)
    body = model.at((0, 0, 0), turned(pitch=rise))
    body.ball((-0.1, 0, 0), (0.68, 0.3, 0.46), coat)
    body.ball((0.48, 0.02, 0), (0.4, 0.24, 0.42), coat)
    lip = [(0.3, -0.02, 0.41), (0.62, -0.04, 0.36), (0.83, -0.05, 0.2), (0.89, -0.05, 0), (0.83, -0.05, -0.2)]
    body.limb([*lip, (0.62, -0.04, -0.36), (0.3, -0.02, -0.41)], 0.022, coat.colors[0] * 0.35)
    iris = tinted(g, (220, 180, 60), (200, 110, 50), (190, 200, 120))
    for side in SIDES:
        body.ball((0.42, 0.24, side * 0.27), 0.15, coat)
        body.ball((0.46, 0.26, side * 0.32), 0.12, iris)
        body.ball((0.49, 0.27, side * 0.37), (0.09, 0.06, 0.08), (14, 12, 12))
    ground = -0.36 - 0.25 * rise
    for side in SIDES:
        _add_hind_leg(model, side, ground + 0.05, coat)
        _add_front_leg(model, side, ground + 0.05, rise, coat)
    model.ground, model.focus = ground, (np.array([0.45, 0.15, 0.0]), 0.62)


def _add_hind_leg(model: Sculpture, side: int, low: float, coat: Coat) -> None:
    """Add a folded leg whose foot is at the height ``low``, with three toes."""
    g = model.generator
    knee = (g.uniform(0.0, 0.2), low + g.uniform(0.12, 0.25), side * 0.68)
    heel, toe = (-0.5, low + 0.05, side * 0.6), (g.uniform(-0.1, 0.1), low, side * 0.85)
    model.limb([(-0.5, -0.12, side * 0.3), knee], (0.22, 0.15), coat)
    model.limb([knee, heel, toe], (0.12, 0.08, 0.05), coat)
    for spread in (-0.14, 0.0, 0.14):
        model.limb([toe, (toe[0] + 0.22, low, toe[2] + spread)], 0.025, coat)


def _add_front_leg(model: Sculpture, side: int, low: float, rise: float, coat: Coat) -> None:
    """Add a leg from the shoulder, which is higher the more the frog sits up, to a hand with three fingers."""
    shoulder = (0.38, -0.02 + 0.3 * rise, side * 0.34)
    elbow, hand = (
        (0.42, 0.5 * (low - 0.02), side * 0.52),
        (model.generator.uniform(0.5, 0.66), low, side * 0.5),
    )
    model.limb([shoulder, elbow, hand], (0.13, 0.09, 0.06), coat)
    for spread in (-0.12, 0.0, 0.12):
        model.limb([hand, (hand[0] + 0.16, low, hand[2] + spread)], 0.025, coat)
