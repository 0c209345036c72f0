"""Apples: a pit at each end, streaks from pole to pole, a core with seeds that is a star when cut across."""

from __future__ import annotations

import numpy as np

from tools.samples.fruits.geometry import revolve
from tools.samples.fruits.model import Fruit, Look, Surface
from tools.samples.fruits.parts import Kinds, mixed, ripe, stem, stripes

COLORS: Kinds = [((222, 196, 92), (186, 34, 38)), ((150, 40, 42), (96, 16, 28)), ((170, 190, 70), (206, 70, 52)),
                 ((140, 180, 62), (168, 196, 84)), ((232, 208, 100), (222, 150, 76)), ((206, 176, 92), (150, 110, 62))]  # fmt: skip


def apple(g: np.random.Generator, variety: float) -> Fruit:
    """Return an apple; ``variety``, 0 to 1, chooses its colors."""
    ground, blush = ripe(g, COLORS, variety)
    tall = g.uniform(0.9, 1.08)
    outline = [(0, 0.52), (0.1, 0.66), (0.36, 0.87), (0.72, 0.74), (0.95, 0.3), (0.92, -0.22), (0.7, -0.66),
               (0.38, -0.86), (0.15, -0.78), (0, -0.66)]  # fmt: skip
    outline = [(r, h * tall) for r, h in outline]
    striped, covered = g.uniform(0, 0.7), g.uniform(-0.1, 0.8)
    star = bool(g.random() < 0.35)

    def skin(s: Surface) -> Look:
        polar = s.polar
        streaks = stripes(g, s.longitude + 0.08 * s.noise(3), 34) * np.sin(polar)
        share = covered + 0.45 * s.x + 0.35 * s.noise(1) + striped * streaks
        color = mixed(ground, blush, share)
        dots = (s.noise(16) > 0.62)[:, None] * np.sin(polar)[:, None]
        color = color + dots * 0.3 * (np.array([225, 205, 160]) - color)
        pit = np.clip((0.42 - polar) / 0.3 + 0.3 * stripes(g, s.longitude, 12), 0, 1)
        color = color * (1 - 0.75 * pit[:, None]) + 0.75 * pit[:, None] * np.array([120, 108, 52])
        eye = np.clip((polar - np.pi + 0.2) / 0.1, 0, 1)[:, None]
        return Look(color * (1 - 0.75 * eye), 0.01 * s.noise(5), gloss=0.5, sharpness=28)

    def flesh(s: Surface) -> Look:
        color = mixed((226, 214, 150), (242, 232, 196), s.depth * 5)
        if star:
            angle, away = s.longitude, np.hypot(s.x, s.y)
            seeds = (np.cos(5 * angle) > 0.75) & (np.abs(away - 0.2) < 0.09)
            core = np.abs(away - 0.3 - 0.08 * np.cos(5 * angle)) < 0.03
        else:
            core = np.abs(np.hypot(s.y * 1.2, s.h) - 0.42) < 0.025
            seeds = np.hypot((np.abs(s.y) - 0.14) / 0.07, (s.h + 0.05) / 0.16) < 1
            core |= (np.abs(s.y) < 0.025) & (np.abs(s.h) > 0.3)
        color[core] = (196, 190, 120)
        color[seeds] = (84, 48, 26)
        return Look(color + 5 * s.noise(9)[:, None], gloss=0.12)

    tubes = [stem(g, 0.5, g.uniform(0.95, 1.35), 0.055, 0.3, (92, 70, 40))] if g.random() < 0.8 else []
    cut = (0, 0, -1) if star else (1, 0, 0)
    return Fruit(revolve(g, outline), 1.1, skin, flesh, cut, [] if star else tubes)
