"""Cherries: small and glossy, with a long stem and a stone."""

from __future__ import annotations

import numpy as np

from tools.samples.fruits.geometry import revolve
from tools.samples.fruits.model import Fruit, Look, Surface
from tools.samples.fruits.parts import Kinds, mixed, ripe, stem, stripes

COLORS: Kinds = [((150, 20, 34), (110, 12, 28)), ((74, 14, 28), (44, 10, 22)), ((236, 196, 96), (220, 90, 70)),
                 ((206, 40, 40), (180, 24, 34)), ((228, 200, 110), (232, 186, 90)), ((170, 190, 92), (214, 160, 80))]  # fmt: skip


def cherry(g: np.random.Generator, variety: float) -> Fruit:
    """Return a cherry; ``variety``, 0 to 1, chooses its colors."""
    ground, blush = ripe(g, COLORS, variety)
    outline = [(0, 0.6), (0.12, 0.7), (0.42, 0.86), (0.8, 0.6), (0.95, 0.12), (0.82, -0.4), (0.46, -0.78),
               (0.15, -0.88), (0, -0.87)]  # fmt: skip
    covered = g.uniform(0.1, 0.8)

    def skin(s: Surface) -> Look:
        color = mixed(ground, blush, covered + 0.5 * s.x + 0.25 * s.noise(1.3))
        color = color + (s.noise(18) > 0.7)[:, None] * 12
        color = color * (1 - 0.5 * np.clip((0.3 - s.polar) / 0.25, 0, 1))[:, None]
        scar = np.clip((s.polar - np.pi + 0.09) / 0.03, 0, 1)[:, None]
        return Look(color + 0.6 * scar * (np.array([120, 80, 60]) - color), gloss=0.95, sharpness=70)

    def flesh(s: Surface) -> Look:
        color = mixed(ground * 0.9, ground * 0.55 + np.array([100, 40, 40]), s.depth * 2.5)
        color = color + 10 * stripes(g, np.arctan2(s.y, s.h), 30)[:, None]
        away = np.hypot(s.y, s.h * 0.85)
        stone = away < 0.4
        color[stone] = np.array([190, 142, 96]) * (0.85 + 0.2 * s.noise(5)[stone, None])
        return Look(color, 0.3 * np.sqrt(np.clip(1 - (away / 0.4) ** 2, 0, 1)), gloss=0.4, sharpness=25)

    color = [(110, 128, 56), (132, 110, 60), (150, 150, 80)][g.integers(3)]
    tubes = [stem(g, 0.58, g.uniform(1.8, 3.2), 0.06, 0.28, color)] if g.random() < 0.9 else []
    return Fruit(revolve(g, outline, 0.03), 1.05, skin, flesh, (1, 0, 0), tubes)
