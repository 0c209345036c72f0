"""Parts that several vehicles have: wheels, lamps and a cabin of glass."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from tools.samples.objects.colors import GLASS, RUBBER, STEEL, tinted
from tools.samples.objects.sculpture import SIDES, Color, Sculpture


def add_wheels(model: Sculpture, places: Sequence[float], radius: float, half_width: float) -> None:
    """Add wheels at both sides; places are their x."""
    hub = tinted(model.generator, STEEL, (205, 205, 208), (70, 70, 74))
    body_gloss, model.gloss = model.gloss, 0.1
    for x in places:
        for side in SIDES:
            model.ball((x, radius, side * half_width), (radius, radius, 0.07), RUBBER)
            model.ball((x, radius, side * (half_width + 0.02)), (0.55 * radius, 0.55 * radius, 0.07), hub)
    model.gloss = body_gloss


def add_lamps(
    model: Sculpture, x: float, y: float, half_width: float, color: Color, size: float = 0.055
) -> None:
    """Add a lamp at each side."""
    for side in SIDES:
        model.ball((x, y, side * half_width), (0.03, size, size * 1.3), color)


def add_cabin(model: Sculpture, profile: ArrayLike, widths: ArrayLike, paint: Color) -> None:
    """Add a cabin of glass with a painted roof and pillars; corners: rear foot, front foot, front top, rear top."""
    profile, widths = np.asarray(profile, dtype=float), np.asarray(widths, dtype=float)
    model.extrude(profile, widths, GLASS)
    back, front = np.column_stack([profile[[3, 2]], widths[[3, 2]]])
    mirror = [1, 1, -1]
    ceiling = np.array([back * mirror, front * mirror, front, back])
    model.loft(ceiling, ceiling + [0, 0.035, 0], paint)
    for side in SIDES:
        corners = np.column_stack([profile, widths * side])
        model.limb([corners[0], corners[3], corners[2], corners[1]], 0.026, paint)
        model.limb([(corners[0] + corners[1]) / 2, (corners[2] + corners[3]) / 2], 0.024, paint)
