"""Strawberries: seeds in dimples, a star of sepals, a pale heart."""

from __future__ import annotations

import numpy as np

from tools.samples.fruits.geometry import revolve
from tools.samples.fruits.model import Fruit, Look, Surface
from tools.samples.fruits.parts import Kinds, mixed, ripe, sepals, stem, stripes

COLORS: Kinds = [((204, 30, 38), (220, 50, 46)), ((150, 18, 32), (176, 28, 40)), ((226, 80, 60), (240, 190, 150)),
                 ((238, 222, 180), (226, 140, 110)), ((206, 210, 140), (232, 224, 170)), ((216, 44, 44), (236, 130, 90))]  # fmt: skip


def strawberry(g: np.random.Generator, variety: float) -> Fruit:
    """Return a strawberry; ``variety``, 0 to 1, chooses its colors."""
    ground, shoulder = ripe(g, COLORS, variety)
    long, wide = g.uniform(0.8, 1.12), g.uniform(0.9, 1.12)
    outline = [(0, 0.7), (0.3, 0.77), (0.64, 0.62), (0.82, 0.25), (0.7, -0.25), (0.46, -0.72), (0.18, -1.05),
               (0, -1.12)]  # fmt: skip
    outline = [(r * wide, h * long) for r, h in outline]
    rows, pale = g.uniform(10, 14), g.uniform(0.5, 1)
    seed = np.array([(226, 190, 90), (190, 150, 60), (150, 160, 70)][g.integers(3)])

    def skin(s: Surface) -> Look:
        polar, longitude = s.polar, s.longitude
        row = np.floor(polar / np.pi * rows)
        in_row = np.maximum(np.round(2 * np.pi * np.sin((row + 0.5) * np.pi / rows) / np.pi * rows * 0.8), 1)
        a = ((longitude / (2 * np.pi) + 0.5) * in_row + 0.5 * (row % 2)) % 1 - 0.5
        b = (polar / np.pi * rows) % 1 - 0.5
        away = np.hypot(a * 1.1, b)
        color = mixed(ground, shoulder, (1.0 - polar) * pale * 2 + 0.25 * s.noise(1.5))
        color = color * (1 - 0.3 * np.clip(1 - away / 0.38, 0, 1))[:, None]
        color[np.hypot(a * 1.7, b) < 0.2] = seed
        return Look(color, 0.07 * np.clip(away / 0.4, 0, 1) ** 2, gloss=0.6, sharpness=30)

    def flesh(s: Surface) -> Look:
        pink = ground * 0.4 + np.array([148, 84, 80])
        color = mixed(ground, pink, s.depth * 4 + 0.2 * stripes(g, np.arctan2(s.y, s.h), 26))
        core = np.hypot(s.y * 1.9, (s.h - 0.1) * 0.9)
        heart = np.clip(1.5 - core * 3, 0, 0.9)[:, None]
        color = np.array([246.0, 226.0, 206.0]) * heart + color * (1 - heart)
        return Look(color + 5 * s.noise(9)[:, None], gloss=0.25)

    green = [(84, 132, 52), (110, 150, 66), (66, 108, 50)][g.integers(3)]
    tubes = sepals(g, 0.68 * long, g.uniform(0.5, 0.8), green)
    tubes.append(stem(g, 0.68 * long, g.uniform(0.85, 1.5), 0.05, 0.3, green))
    return Fruit(revolve(g, outline, 0.06), 1.3, skin, flesh, (1, 0, 0), tubes, facing_range=(-0.6, 0.75))
