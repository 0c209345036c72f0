"""Avocados: a neck, a pebbled skin, and a large stone or the hollow that it leaves."""

from __future__ import annotations

import numpy as np

from tools.samples.fruits.geometry import revolve
from tools.samples.fruits.model import Fruit, Look, Surface
from tools.samples.fruits.parts import Kinds, mixed, ripe

COLORS: Kinds = [((70, 88, 42), (34, 40, 26)), ((56, 46, 42), (28, 24, 26)), ((112, 140, 58), (70, 100, 40)),
                 ((92, 66, 56), (50, 34, 38)), ((138, 160, 72), (96, 120, 52))]  # fmt: skip


def avocado(g: np.random.Generator, variety: float) -> Fruit:
    """Return an avocado; ``variety``, 0 to 1, chooses its colors."""
    light, dark = ripe(g, COLORS, variety)
    neck = g.uniform(0.85, 1.15)
    outline = [(0, 1.22), (0.24 * neck, 1.15), (0.44 * neck, 0.88), (0.6, 0.5), (0.77, 0.05), (0.8, -0.38),
               (0.62, -0.78), (0.3, -0.98), (0, -1.03)]  # fmt: skip
    rough = g.uniform(0.015, 0.04)
    stone = bool(g.random() < 0.6)

    def skin(s: Surface) -> Look:
        pebbles = s.noise(11) + 0.5 * s.noise(20)
        color = mixed(dark, light, 0.45 + 0.5 * pebbles + 0.25 * s.noise(1.2))
        button = np.clip((0.1 - s.polar) / 0.03, 0, 1)[:, None]
        color = color + button * (np.array([132, 104, 62]) - color)
        return Look(color, rough * pebbles, gloss=0.28, sharpness=12)

    def flesh(s: Surface) -> Look:
        color = mixed((120, 150, 56), (226, 212, 120), s.depth * 4.5) + 5 * s.noise(7)[:, None]
        away = np.hypot(s.y, (s.h + 0.3) * 0.95)
        round_ = np.sqrt(np.clip(1 - (away / 0.42) ** 2, 0, 1))
        pit = away < 0.42
        wood = np.array((150, 92, 50)) if stone else np.array((186, 170, 96))
        color[pit] = wood * (0.75 + 0.3 * s.noise(6)[pit, None])
        return Look(color, (0.4 if stone else -0.3) * round_, gloss=0.3, sharpness=20)

    return Fruit(revolve(g, outline, 0.08), 1.35, skin, flesh, (1, 0, 0), cut_range=(0.6, 1.0))
