"""Ships: freighters, liners, warships, motor boats and sailing boats."""

from __future__ import annotations

import numpy as np

from tools.samples.objects.colors import GLASS, STEEL, random_paint, tinted
from tools.samples.objects.sculpture import Color, Sculpture
from tools.samples.objects.vehicle_parts import add_cabin

HULLS = {  # height, half width
    "freighter": (0.3, 0.17),
    "liner": (0.32, 0.17),
    "boat": (0.27, 0.28),
    "sail": (0.27, 0.28),
    "warship": (0.24, 0.17),
}


def ship(model: Sculpture) -> None:
    """Build a ship."""
    g, model.gloss = model.generator, 0.5
    paint = random_paint(g)
    house = tinted(g, (235, 235, 230), (225, 222, 205), (200, 205, 210), (150, 130, 100))
    keel, line = random_paint(g), g.uniform(0.1, 0.16)
    kind = g.choice(list(HULLS), p=[0.27, 0.22, 0.19, 0.2, 0.12])
    height, wide = HULLS[kind]
    wood = tinted(g, (150, 116, 80), (110, 112, 112), (140, 70, 56))

    def hull(place: np.ndarray) -> np.ndarray:
        return np.where((place[:, 1] < line + 0.05)[:, None], keel, paint)

    _add_hull(model, wide, height, hull, wood)
    funnel = random_paint(g)
    if kind == "freighter":
        _load_freighter(model, wide, height, house, funnel)
    elif kind == "liner":
        _add_decks(model, 3, (-0.8, 0.6), (0.1, -0.16), wide, height, house)
        _add_funnels(model, (-0.35, 0.0), height, funnel)
    elif kind == "warship":
        _add_decks(model, 2, (-0.35, 0.3), (0.12, -0.1), wide, height, paint)
        _add_funnels(model, (-0.05,), height, funnel)
        model.box((0.42, height), (0.6, height + 0.09, 0.5 * wide), paint * 0.9)
        model.limb([(0.55, height + 0.07, 0), (0.85, height + 0.12, 0)], 0.018, STEEL)
    elif kind == "boat":
        profile = [(-0.35, height), (0.3, height), (0.2, height + 0.25), (-0.35, height + 0.25)]
        add_cabin(model, profile, np.array([0.7, 0.7, 0.6, 0.6]) * wide, house)
        model.limb([(-0.2, height + 0.2, 0), (-0.2, height + 0.65, 0)], 0.018, wood)
        model.limb([(-0.2, height + 0.6, 0), (0.95, height + 0.1, 0)], 0.008, STEEL)
    else:
        _set_sails(model, height, wood)
    model.waterline = line


def _add_hull(model: Sculpture, wide: float, height: float, color: Color, deck: Color) -> None:
    """Add a hull from the keel (y = 0) to the deck, sharp and raked at the bow."""
    plan = [(-0.95, 0.75), (-0.4, 1.0), (0.35, 0.95), (0.7, 0.6), (1.0, 0.02)]
    outline = np.array(plan + [(x, -z) for x, z in reversed(plan)])
    sheer = height + 0.1 * np.clip(outline[:, 0], 0, 1) ** 2 + 0.03 * (outline[:, 0] < -0.6)
    upper = np.column_stack([outline[:, 0], sheer, outline[:, 1] * wide])
    lower = np.column_stack([outline[:, 0] * 0.88 - 0.02, np.zeros(len(outline)), outline[:, 1] * wide * 0.6])
    model.loft(lower, upper, color)
    model.face(upper + [0, 0.004, 0], deck)


def _load_freighter(model: Sculpture, wide: float, height: float, house: Color, funnel: Color) -> None:
    """Add the bridge at the stern, a funnel, stacks of containers, and a mast."""
    g = model.generator
    model.box((-0.85, height), (-0.55, height + g.uniform(0.28, 0.42), 0.8 * wide), house)
    model.box((-0.56, height + 0.2), (-0.545, height + 0.25, 0.7 * wide), GLASS)
    model.limb([(-0.78, height + 0.3, 0), (-0.8, height + 0.5, 0)], 0.055, funnel)
    for x in np.arange(-0.45, 0.6, 0.21):
        for z, y in ((-0.5, 0), (0.5, 0), (-0.5, 0.12), (0.5, 0.12)):
            if g.random() < 0.75:
                container = model.at((x, height + y, z * wide))
                container.box((0, 0), (0.19, 0.11, 0.44 * wide), random_paint(g))
    model.limb([(0.75, height, 0), (0.75, height + 0.3, 0)], 0.016, STEEL)


def _add_decks(
    model: Sculpture,
    number: int,
    ends: tuple[float, float],
    steps: tuple[float, float],
    wide: float,
    height: float,
    color: Color,
) -> None:
    """Add decks on top of each other, with a band of windows on both sides.

    ``ends`` are the rear and the front of the lowest deck; ``steps`` is how far those of the next one are from them.
    """
    for n in range(number):
        rear, front = ends[0] + steps[0] * n, ends[1] + steps[1] * n
        y, half_width = height + 0.11 * n, (0.88 - 0.1 * n) * wide
        model.box((rear, y), (front, y + 0.11, half_width), color)
        windows = [(rear + 0.04, y + 0.04), (front - 0.04, y + 0.04), (front - 0.04, y + 0.075),
                   (rear + 0.04, y + 0.075)]  # fmt: skip
        model.faces_on_sides([(u, v, half_width + 0.012) for u, v in windows], GLASS)


def _add_funnels(model: Sculpture, places: tuple[float, ...], height: float, color: Color) -> None:
    """Add black-topped funnels, and a mast before them."""
    for x in places:
        model.limb([(x, height + 0.2, 0), (x - 0.03, height + 0.48, 0)], 0.07, color)
        model.ball((x - 0.033, height + 0.52, 0), (0.07, 0.04, 0.07), (30, 30, 32))
    model.limb([(0.2, height + 0.2, 0), (0.2, height + 0.65, 0)], 0.015, STEEL)


def _set_sails(model: Sculpture, height: float, wood: Color) -> None:
    """Add a mast with a mainsail and a jib."""
    g = model.generator
    mast, cloth = g.uniform(1.2, 1.6), tinted(g, (238, 236, 228), (225, 215, 190), (190, 60, 50))
    swing = g.uniform(-0.3, 0.3)
    top = height + mast
    model.limb([(0.1, height, 0), (0.1, top, 0)], 0.02, wood)
    model.face([(0.08, height + 0.12, 0), (-0.75, height + 0.14, swing), (0.08, top, 0)], cloth)
    jib = [(0.12, height + 0.85 * mast, 0), (0.95, height + 0.12, 0), (0.15, height + 0.14, swing)]
    model.face(jib, cloth * 0.93)
