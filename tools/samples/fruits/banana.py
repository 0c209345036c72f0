"""Bananas: bent tubes with five ridges, the only fruits that are no surfaces of revolution."""

from __future__ import annotations

import numpy as np

from tools.samples.fruits.model import Fruit, Look, Surface
from tools.samples.fruits.parts import Kinds, mixed, ripe

COLORS: Kinds = [((226, 196, 70), (240, 216, 110)), ((160, 182, 76), (196, 200, 90)), ((232, 200, 84), (210, 170, 60)),
                 ((170, 110, 56), (120, 74, 40)), ((150, 66, 52), (110, 44, 44)), ((120, 164, 66), (140, 180, 80))]  # fmt: skip


def banana(g: np.random.Generator, variety: float) -> Fruit:
    """Return a banana; ``variety``, 0 to 1, chooses its colors."""
    light, dark = ripe(g, COLORS, variety)
    radius, span, thick = g.uniform(1.3, 2.0), g.uniform(1.15, 1.4), g.uniform(0.85, 1.1)
    half = span / radius
    knots = [0, 0.09, 0.17, 0.28, 0.5, 0.74, 0.9, 0.965, 1]
    width = np.array([0.08, 0.075, 0.1, 0.25, 0.315, 0.29, 0.18, 0.085, 0.06]) * thick
    ridges, spots, green = g.uniform(0.03, 0.08), g.choice([0.95, g.uniform(0.3, 0.7)]), g.random() < 0.4

    def parts(x: np.ndarray, y: np.ndarray, h: np.ndarray) -> tuple[np.ndarray, ...]:
        x = x + radius - 0.25
        angle = np.arctan2(h, x)
        along = np.clip(angle, -half, half)
        return along, (angle - along) * radius, np.hypot(x, h) - radius

    def distance(x: np.ndarray, y: np.ndarray, h: np.ndarray) -> np.ndarray:
        along, beyond, out = parts(x, y, h)
        thickness = np.interp(along, (0.5 - np.array(knots))[::-1] * 2 * half, width[::-1])
        thickness = thickness * (1 + ridges * np.cos(5 * np.arctan2(y, out)))
        return (np.sqrt(out * out + y * y + beyond * beyond) - thickness).astype("float32")

    def skin(s: Surface) -> Look:
        along, _, out = parts(s.x, s.y, s.h)
        t = 0.5 - along / (2 * half)
        color = mixed(light, dark, 0.5 + 0.5 * s.noise(2))
        ridge = np.cos(5 * np.arctan2(s.y, out))
        color = color * (1 - 0.14 * (ridge > 0.86))[:, None]
        end = np.clip(np.abs(t - 0.5) * 5 - 1.6, 0, 1)[:, None] * (0.7 if green else 0.25)
        color = color + end * (np.array([132, 158, 66]) - color)
        brown = (s.noise(7) + 0.4 * s.noise(14) > spots)[:, None] * 0.75
        color = color + brown * (np.array([92, 58, 34]) - color)
        tip = np.clip((np.abs(t - 0.5) - 0.475) / 0.01, 0, 1)[:, None]
        return Look(color + 0.85 * tip * (np.array([52, 40, 30]) - color), 0.006 * s.noise(6), 0.22, 14)

    def flesh(s: Surface) -> Look:
        _, _, out = parts(s.x, s.y, s.h)
        away, angle = np.hypot(out, s.y), np.arctan2(s.y, out)
        color = mixed((236, 216, 150), (246, 234, 196), s.depth * 8)
        color[(np.cos(3 * angle) > 0.8) & (away < 0.16)] = (206, 180, 112)
        color[(np.cos(3 * angle) > 0.9) & (np.abs(away - 0.07) < 0.03)] = (110, 84, 52)
        return Look(color + 5 * s.noise(9)[:, None], gloss=0.1)

    return Fruit(distance, 1.45, skin, flesh, (0, 0, -1), facing=(0, 1, 0), facing_range=(0.6, 1.0),
                 cut_range=(0.3, 0.6))  # fmt: skip
