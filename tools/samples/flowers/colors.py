"""The colors of petals, discs and leaves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

COLORS = {
    "white": (240, 238, 232),
    "cream": (244, 230, 200),
    "pale yellow": (246, 230, 140),
    "yellow": (246, 208, 36),
    "golden": (244, 178, 22),
    "orange": (236, 124, 32),
    "coral": (242, 118, 100),
    "rust": (164, 66, 26),
    "red": (204, 26, 36),
    "dark red": (132, 16, 32),
    "pink": (236, 138, 168),
    "pale pink": (244, 200, 206),
    "magenta": (202, 52, 132),
    "purple": (126, 60, 150),
}
# How often a kind has a color; no color belongs to one kind alone.
VARIETIES: dict[str, dict[str, float]] = {
    "daisy": {"white": 4, "cream": 1, "pale pink": 1.5, "pink": 1.2, "pale yellow": 1.4, "yellow": 1.2,
              "magenta": 0.7, "purple": 0.5, "red": 0.4, "orange": 0.4, "rust": 0.3},
    "dandelion": {"yellow": 4, "golden": 3, "pale yellow": 1, "orange": 1},
    "roses": {"red": 2, "dark red": 0.8, "pink": 1.5, "pale pink": 1, "white": 1.5, "cream": 1, "yellow": 1.7,
              "golden": 0.5, "orange": 0.8, "coral": 0.8, "magenta": 0.5, "pale yellow": 0.7},
    "sunflowers": {"yellow": 3, "golden": 2.5, "orange": 1.3, "rust": 1, "pale yellow": 1.2, "cream": 0.6,
                   "dark red": 0.5},
    "tulips": {"red": 1.6, "pink": 1.3, "yellow": 1.8, "white": 1.4, "orange": 1.2, "purple": 0.9,
               "magenta": 0.7, "dark red": 0.5, "golden": 0.6, "pale pink": 0.7, "cream": 0.5, "coral": 0.6},
}  # fmt: skip
DISCS = [(240, 190, 30), (226, 150, 20), (200, 176, 50), (120, 74, 30)]
DISC_SHARES = [0.5, 0.25, 0.15, 0.1]  # how often the other kinds have each of the discs
SUNFLOWER_DISCS = [(70, 42, 22), (44, 28, 20), (120, 76, 26), (176, 120, 30), (110, 104, 40)]
GREENS = [(70, 110, 44), (98, 130, 70), (52, 86, 44), (120, 146, 62), (92, 122, 92)]


@dataclass(frozen=True)
class Variety:
    """The colors of a plant."""

    tip: np.ndarray  # of the petals
    base: np.ndarray
    disc: np.ndarray  # in the middle of the flower
    green: np.ndarray  # of what is under the flower


def random_variety(g: np.random.Generator, kind: str) -> Variety:
    """Return the colors of a plant of a kind."""
    names = VARIETIES[kind]
    weights = np.array(list(names.values()))
    tip = np.array(COLORS[g.choice(list(names), p=weights / weights.sum())]) + g.normal(0, 9, 3)
    other = np.array(list(COLORS.values())[g.integers(len(COLORS))])
    base = tip * g.uniform(0.75, 1) if g.random() < 0.65 else tip * 0.6 + other * 0.4
    disc = SUNFLOWER_DISCS[g.integers(5)] if kind == "sunflowers" else DISCS[g.choice(4, p=DISC_SHARES)]
    return Variety(tip, base, np.array(disc) + g.normal(0, 8, 3), random_green(g))


def random_green(g: np.random.Generator) -> np.ndarray:
    """Return a color as leaves have it."""
    return np.array(GREENS[g.integers(5)]) + g.normal(0, 9, 3)


def to_ink(color: np.ndarray) -> tuple[int, int, int]:
    """Return a color as Pillow wants it."""
    red, green, blue = np.clip(color, 0, 255)
    return int(red), int(green), int(blue)
