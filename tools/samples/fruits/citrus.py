"""Lemons and oranges: a peel with pores, and segments inside."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tools.samples.fruits.geometry import revolve
from tools.samples.fruits.model import Fruit, Look, Surface
from tools.samples.fruits.parts import Kinds, mixed, ripe, stem, stripes

LEMONS: Kinds = [((238, 214, 70), (244, 226, 110)), ((224, 190, 50), (236, 206, 84)), ((106, 160, 52), (140, 180, 70)),
                 ((160, 184, 66), (206, 206, 80)), ((232, 176, 60), (240, 196, 80)), ((70, 124, 46), (110, 150, 56))]  # fmt: skip
ORANGES: Kinds = [((240, 150, 40), (246, 170, 60)), ((226, 110, 34), (236, 134, 44)), ((240, 196, 70), (244, 210, 90)),
                  ((200, 70, 44), (230, 120, 50)), ((150, 170, 60), (224, 170, 60)), ((110, 150, 56), (150, 176, 66))]  # fmt: skip


def _peel(
    g: np.random.Generator, colors: tuple[np.ndarray, np.ndarray], button: float
) -> Callable[[Surface], Look]:
    """Return the look of a peel: pores all over, a small star where the stem was."""
    low, high = colors
    pores_deep, blotch = g.uniform(0.004, 0.011), g.uniform(0.2, 0.6)

    def skin(s: Surface) -> Look:
        pores = s.noise(13) + 0.7 * s.noise(22)
        color = mixed(low, high, 0.5 + blotch * s.noise(1.2))
        color = color * (1 + 0.05 * np.clip(pores, -1.5, 0.5))[:, None]
        star = np.clip((button * (1 + 0.35 * np.cos(5 * s.longitude)) - s.polar) / 0.03, 0, 1)[:, None]
        color = color + star * (np.array([104, 112, 60]) - color)
        return Look(color, pores_deep * pores, gloss=0.42, sharpness=18)

    return skin


def _segments(g: np.random.Generator, color: np.ndarray) -> Callable[[Surface], Look]:
    """Return the look of a citrus fruit that is cut across: pith, and segments with drops of juice."""
    number, start, rind = int(g.integers(8, 12)), g.uniform(0, 2 * np.pi), g.uniform(0.08, 0.16)
    pith = np.array((244, 232, 196), dtype="float32")

    def flesh(s: Surface) -> Look:
        angle, away = s.longitude + start, np.hypot(s.x, s.y)
        across = np.abs((angle * number / (2 * np.pi)) % 1 - 0.5) * 2  # 1 on the skin between two segments
        inside = (s.depth > rind) & (away > 0.07) & ((1 - across) * away > 0.035)
        drops = stripes(g, angle + 0.1 * s.noise(5), 60)
        juicy = color * (0.92 + 0.08 * drops + 0.1 * s.noise(8))[:, None]
        rim = mixed(color * 0.8 + 40, pith, (s.depth - 0.02) * 40)
        color_seen = np.where(inside[:, None], juicy, rim)
        return Look(color_seen, 0.02 * s.noise(9) * inside, gloss=0.3, sharpness=25)

    return flesh


def lemon(g: np.random.Generator, variety: float) -> Fruit:
    """Return a lemon, long and with a nipple; ``variety``, 0 to 1, chooses its colors."""
    colors = ripe(g, LEMONS, variety)
    long, nipple = g.uniform(0.92, 1.12), g.uniform(0.7, 1.3)
    outline = [(0, 1.08 + 0.24 * nipple), (0.12, 1.05 + 0.19 * nipple), (0.2, 1.06), (0.48, 0.84), (0.76, 0.42),
               (0.83, 0), (0.76, -0.42), (0.48, -0.86), (0.24, -1.02), (0.12, -1.06 - 0.05 * nipple),
               (0, -1.08 - 0.06 * nipple)]  # fmt: skip
    outline = [(r, h * long) for r, h in outline]
    juice = np.clip(colors[1] * 0.5 + np.array([118, 112, 62]), 0, 250)
    tubes = [stem(g, -1.05 * long, -1.25 * long, 0.07, 0.1, (110, 118, 62))] if g.random() < 0.25 else []
    facing = (-0.55, 0.6)  # along the core it would be an orange
    return Fruit(revolve(g, outline, 0.06), 1.45, _peel(g, colors, 0.03), _segments(g, juice),
                 (0, 0, -1), tubes, facing_range=facing, cut_range=(0.4, 0.85))  # fmt: skip


def orange(g: np.random.Generator, variety: float) -> Fruit:
    """Return an orange, whose juice has one of three colors; ``variety``, 0 to 1, chooses those of the peel."""
    colors = ripe(g, ORANGES, variety)
    flat = g.uniform(0.86, 1.02)
    outline = [(0, 0.86), (0.14, 0.9), (0.5, 0.81), (0.84, 0.47), (0.97, 0), (0.86, -0.45), (0.5, -0.83),
               (0.14, -0.94), (0, -0.91)]  # fmt: skip
    outline = [(r, h * flat) for r, h in outline]
    juice = [colors[0], np.array((238, 150, 50.0)), np.array((170, 44, 44.0))][g.choice(3, p=[0.4, 0.4, 0.2])]
    return Fruit(revolve(g, outline, 0.02), 1.05, _peel(g, colors, g.uniform(0.07, 0.13)),
                 _segments(g, juice), (0, 0, -1), facing_range=(-0.8, 0.95))  # fmt: skip
