"""Pears: a neck, speckles, russet round the stem, a core with two seeds."""

from __future__ import annotations

import numpy as np

from tools.samples.fruits.geometry import revolve
from tools.samples.fruits.model import Fruit, Look, Surface
from tools.samples.fruits.parts import Kinds, mixed, ripe, stem

COLORS: Kinds = [((186, 196, 90), (206, 206, 110)), ((228, 206, 96), (236, 190, 90)), ((140, 166, 66), (166, 186, 84)),
                 ((190, 146, 80), (160, 116, 66)), ((150, 52, 50), (190, 100, 66)), ((214, 190, 90), (206, 84, 66))]  # fmt: skip


def pear(g: np.random.Generator, variety: float) -> Fruit:
    """Return a pear; ``variety``, 0 to 1, chooses its colors."""
    ground, blush = ripe(g, COLORS, variety)
    neck = g.uniform(0.8, 1.2)
    outline = [(0, 1.4), (0.17 * neck, 1.35), (0.3 * neck, 1.12), (0.37 * neck, 0.82), (0.57, 0.45), (0.82, 0.05),
               (0.9, -0.33), (0.72, -0.74), (0.36, -0.94), (0.13, -0.9), (0, -0.82)]  # fmt: skip
    speckled, russet = g.uniform(0.45, 0.75), g.uniform(0, 0.6)

    def skin(s: Surface) -> Look:
        color = mixed(ground, blush, 0.3 + 0.5 * s.x + 0.35 * s.noise(1.1))
        speckles = (s.noise(16) > speckled)[:, None] * 0.4
        color = color + speckles * (np.array([128, 96, 56]) - color)
        polar = s.polar
        brown = np.clip((0.22 - polar) / 0.12 + 0.5 * s.noise(4), 0, 1)[:, None] * russet
        color = color + brown * (np.array([150, 108, 60]) - color)
        eye = np.clip((polar - np.pi + 0.17) / 0.07, 0, 1)[:, None]
        return Look(color * (1 - 0.75 * eye), 0.008 * s.noise(7), gloss=0.25, sharpness=14)

    def flesh(s: Surface) -> Look:
        color = mixed((226, 220, 160), (244, 238, 210), s.depth * 6)
        core = np.hypot(s.y * 1.1, (s.h + 0.3) * 0.85) < 0.3
        color[core] = color[core] * (0.95, 0.94, 0.86)
        color[(np.abs(s.y) < 0.03) & (s.h > -0.05)] = (214, 206, 150)
        color[np.hypot((np.abs(s.y) - 0.11) / 0.06, (s.h + 0.3) / 0.14) < 1] = (70, 42, 26)
        return Look(color + 6 * s.noise(12)[:, None], gloss=0.15)

    tubes = [stem(g, 1.3, g.uniform(1.6, 2.0), 0.06, 0.35, (96, 72, 44))] if g.random() < 0.9 else []
    return Fruit(revolve(g, outline, 0.1), 1.55, skin, flesh, (1, 0, 0), tubes, facing_range=(-0.5, 0.7))
