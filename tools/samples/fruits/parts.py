"""What several fruits share: mixed colors, streaks, stems and sepals."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from tools.samples.fruits.model import Tube

RGB = tuple[int, int, int]
Kinds = list[tuple[RGB, RGB]]  # the two colors of each kind of a fruit, the best known kind first


def mixed(low: ArrayLike, high: ArrayLike, share: np.ndarray) -> np.ndarray:
    """Return colors between two, for shares from 0 to 1, shape (n, 3)."""
    low, high = np.asarray(low, dtype="float32"), np.asarray(high, dtype="float32")
    return low + np.clip(share, 0, 1)[:, None] * (high - low)


def ripe(g: np.random.Generator, kinds: Kinds, variety: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the two colors of one of a fruit's kinds, a little varied."""
    pair = np.array(kinds[int(variety * len(kinds))], dtype="float32")
    return tuple(np.clip(pair + g.normal(0, 9, (1, 3)) + g.normal(0, 6, (2, 3)), 8, 250))


def stripes(g: np.random.Generator, angle: np.ndarray, fine: int) -> np.ndarray:
    """Return streaks that run from pole to pole: noise of the longitude, without a seam, about −1 to 1."""
    waves = [(g.integers(fine // 3, fine + 1), g.uniform(0, 2 * np.pi)) for _ in range(4)]
    return sum(np.sin(k * angle + phase) for k, phase in waves) / 2.2


def stem(
    g: np.random.Generator, low: float, high: float, radius: float, bend: float, color: ArrayLike
) -> Tube:
    """Return a stem along the core, bent to one side and a little thicker at its end."""
    t = np.linspace(0, 1, 9)[:, None]
    way = g.normal(0, bend, 2)
    path = np.concatenate([way * t**2 * (high - low), low + t * (high - low)], axis=1)
    radii = radius * (1 + 0.6 * np.maximum(t[:, 0] - 0.8, 0) / 0.2)
    return Tube(path, radii, np.array(color, dtype="float32") + g.normal(0, 12, 3))


def sepals(g: np.random.Generator, height: float, length: float, color: ArrayLike) -> list[Tube]:
    """Return a star of small leaves around the top that lie on the fruit or turn up at their ends."""
    tubes = []
    number, lift = int(g.integers(6, 10)), g.uniform(-0.35, 0.3)
    t = np.linspace(0, 1, 7)
    for place in range(number):
        angle = 2 * np.pi * place / number + g.normal(0, 0.15)
        out = length * g.uniform(0.75, 1.15) * t
        up = height + 0.06 + (lift + g.normal(0, 0.1)) * t**2 * length
        path = np.stack([out * np.cos(angle), out * np.sin(angle), up], axis=1)
        radii = 0.17 * np.sin(np.pi * np.clip(0.15 + 0.83 * t, 0, 1))
        tubes.append(Tube(path, radii, np.array(color, dtype="float32") * g.uniform(0.8, 1.15), flat=0.35))
    return tubes
