"""Colors of things, paints of vehicles and coats of animals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

COATS = [  # light, dark
    ((226, 160, 90), (168, 96, 40)),
    ((150, 148, 145), (88, 86, 84)),
    ((62, 58, 56), (28, 26, 26)),
    ((238, 232, 222), (196, 186, 170)),
    ((150, 104, 66), (92, 58, 34)),
    ((222, 196, 152), (170, 138, 92)),
    ((120, 112, 104), (60, 50, 44)),
    ((196, 120, 70), (120, 66, 34)),
]
RUBBER, GLASS, STEEL, LAMP, HORN = (26, 26, 28), (46, 58, 68), (150, 152, 156), (250, 240, 205), (62, 46, 34)


def muted(g: np.random.Generator, saturation: float = 0.3) -> np.ndarray:
    """Return a color as things have them: a gray, a little tinted."""
    return np.clip(g.uniform(45, 215) + g.normal(0, 60, 3) * saturation, 10, 245)


def tinted(g: np.random.Generator, *choices: ArrayLike) -> np.ndarray:
    """Return one of the colors, varied."""
    return np.clip(
        np.array(choices[g.integers(len(choices))]) * g.uniform(0.7, 1.2) + g.normal(0, 12, 3), 5, 250
    )


@dataclass(frozen=True)
class Coat:
    """The colors of an animal's skin at places of its body: plain, with patches, stripes or spots, pale below."""

    colors: np.ndarray  # main, second
    pattern: str
    waves: np.ndarray  # (n, 3) wave vectors that make up the patches
    phases: np.ndarray
    pale: float  # how much paler the belly is
    belly: float  # at which height

    def __call__(self, place: np.ndarray) -> np.ndarray:
        """Return the colors at the places, shape (n, 3)."""
        mottle = np.sin(place @ self.waves.T + self.phases).mean(axis=1)
        if self.pattern == "stripes":
            share = 0.6 * (np.sin(place[:, 0] * 24 + 4 * mottle) > 0.3)
        elif self.pattern in ("patches", "spots"):
            share = mottle > 0.22
        else:
            share = 0.3 * mottle + 0.2
        colors = self.colors[0] + np.asarray(share, dtype=float)[:, None] * (self.colors[1] - self.colors[0])
        below = np.clip((self.belly - place[:, 1]) * 6, 0, 1) * self.pale
        return colors + below[:, None] * (0.35 * colors + 150 - colors)


def random_coat(g: np.random.Generator, belly: float = -0.2, vivid: float = 0.02) -> Coat:
    """Return a coat; every animal can have each of them, birds and frogs have the vivid ones more often."""
    main, second = (np.array(c, dtype=float) for c in COATS[g.integers(len(COATS))])
    if g.random() < 0.3:
        second = np.array(COATS[g.integers(len(COATS))][g.integers(2)], dtype=float)
    if g.random() < vivid:  # green, bluish, reddish
        main = main * 0.5 + np.array([(70, 110, 30), (50, 70, 110), (120, 50, 40)][g.integers(3)])
    pattern = str(g.choice(["plain", "patches", "spots", "stripes"], p=[0.6, 0.18, 0.12, 0.1]))
    waves = g.normal(0, 14 if pattern == "spots" else 5, (5, 3))
    colors = np.clip(np.stack([main, second]) + g.normal(0, 10, (1, 3)), 8, 250)
    return Coat(colors, pattern, waves, g.uniform(0, 2 * np.pi, 5), g.choice([0, 0.7]), belly)


def random_paint(g: np.random.Generator) -> np.ndarray:
    """Return a color as vehicles have them."""
    if g.random() < 0.5:
        return np.clip(g.choice([235, 225, 170, 110, 45]) + g.normal(0, 8, 3), 15, 250)
    vivid = [
        (185, 36, 34),
        (36, 72, 150),
        (226, 178, 40),
        (40, 104, 66),
        (220, 110, 40),
        (70, 140, 175),
        (120, 50, 60),
    ]
    return tinted(g, *vivid)
