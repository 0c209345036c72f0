"""Coats: colors and patterns of the fur, the same for cats and dogs but for how often a pattern occurs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tools.samples.pets.surface import Surface

WHITE = (236, 232, 225)
COLORS = (  # light or main, dark or second
    ((36, 34, 35), (22, 21, 22)),
    ((76, 74, 74), (45, 43, 43)),
    ((130, 128, 127), (78, 76, 76)),
    ((172, 168, 162), (96, 92, 88)),
    ((232, 226, 216), (196, 186, 172)),
    ((222, 208, 184), (178, 150, 118)),
    ((208, 168, 116), (150, 108, 68)),
    ((206, 146, 92), (164, 102, 58)),
    ((140, 92, 62), (88, 56, 38)),
    ((92, 66, 50), (50, 38, 31)),
    ((184, 152, 118), (104, 78, 58)),
    ((146, 128, 106), (62, 54, 46)),
)
PATTERNS = {  # how often, for a cat and for a dog
    "plain": (0.24, 0.36),
    "stripes": (0.4, 0.04),
    "patches": (0.14, 0.16),
    "points": (0.1, 0.1),
    "saddle": (0.04, 0.2),
    "spots": (0.08, 0.1),
    "tan": (0.02, 0.1),
}


@dataclass(frozen=True)
class Coat:
    """The colors of the fur at the points of a surface."""

    main: np.ndarray
    second: np.ndarray
    third: np.ndarray
    pattern: str
    white: float  # how far white markings reach: 0 none, 1 nearly all
    blaze: float  # half the width of a white stripe between the eyes
    waves: np.ndarray
    phases: np.ndarray
    stripes: float
    pale: float  # how much paler the mouth is

    def _mottle(self, points: np.ndarray, size: float) -> np.ndarray:
        """Return smooth noise, about −1 to 1, with waves of about the size."""
        turned = self.waves.astype("float32") @ points / np.float32(size)
        return np.sin(turned + self.phases[:, None].astype("float32")).mean(axis=0) * 2.2

    def __call__(self, surface: Surface) -> np.ndarray:
        """Return the colors, shape (n, 3)."""
        share = surface.share
        head = np.clip(share("head") + share("muzzle") + share("jaw") + share("ear") + share("nose"), 0, 1)
        second = head * self._on_head(surface) + (1 - head) * self._on_body(surface)
        colors = self.main + np.clip(second, 0, 1)[:, None] * (self.second - self.main)
        if self.pattern == "patches":
            third = np.clip((self._mottle(surface.body + 3.7, 0.32) - 0.1) * 8, 0, 1)
            colors += third[:, None] * (self.third - colors)
        colors *= (1 + 0.1 * self._mottle(surface.body, 0.22))[:, None]
        colors *= (
            1 - 0.75 * np.clip(4 * share("jaw") * share("muzzle"), 0, 1)[:, None]
        )  # the seam of the lips
        below = np.clip(-surface.normals[1] * 0.8, 0, 1) * (1 - head) * 0.4
        colors += below[:, None] * (0.5 * colors + 90 - colors) * (self.pattern != "plain")
        pale = np.clip((-0.3 - surface.head[1]) * 7, 0, 1) * (share("muzzle") + share("jaw")) * self.pale
        pale = np.asarray(pale)[:, None]
        colors += pale * (0.45 * colors + 128 - colors)
        if self.white:
            white = head * self._white_on_head(surface) + (1 - head) * self._white_on_body(surface)
            colors += np.clip(white, 0, 1)[:, None] * (np.array(WHITE) - colors)
        return colors

    def _on_body(self, surface: Surface) -> np.ndarray:
        """Return how much of the second color there is on trunk, legs and tail."""
        x, y, _ = surface.body
        limb = np.clip(surface.share("leg") + surface.share("paw"), 0, 1)
        tail = surface.share("tail")
        if self.pattern == "stripes":
            warp = self._mottle(surface.body, 0.2)
            trunk = np.sin(x * self.stripes + 1.6 * warp)
            bands = np.where(tail > 0.5, np.sin(surface.along * 30), np.sin(surface.along * 20 + warp))
            wave = trunk + np.clip(limb + tail, 0, 1) * (bands - trunk)
            back = np.clip((y - 0.13) * 12, 0, 1) * (1 - limb)
            return np.maximum(np.clip((wave - 0.1) * 2.2, 0, 1) * 0.8, back * 0.8)
        if self.pattern == "points":
            return np.clip(1.4 * limb * surface.along + tail + surface.share("paw"), 0, 1)
        if self.pattern == "saddle":
            edge = y + 0.07 + 0.05 * self._mottle(surface.body, 0.15)
            return np.clip(edge * 16, 0, 1) * (1 - 0.9 * limb)
        if self.pattern == "tan":
            chest = np.clip((surface.normals_ahead - 0.5) * 4, 0, 1) * (1 - limb)
            return np.clip((surface.along - 0.35) * 5, 0, 1) * limb + 0.8 * chest + surface.share("paw")
        if self.pattern == "spots":
            return np.clip((self._mottle(surface.body, 0.075) - 0.55) * 7, 0, 1)
        if self.pattern == "patches":
            return np.clip((self._mottle(surface.body, 0.28) - 0.05) * 9, 0, 1)
        return 0.25 + 0.25 * np.clip(y * 4, 0, 1)

    def _on_head(self, surface: Surface) -> np.ndarray:
        """Return how much of the second color there is on the head."""
        x, y, z = surface.head
        ear = surface.share("ear")
        if self.pattern == "stripes":
            warp = 0.5 * self._mottle(surface.head, 0.8)
            brow = np.sin(np.abs(z) * 17 + 1.2) * np.clip((y - 0.28) * 6, 0, 1) * np.clip(x + 0.6, 0, 1)
            cheek = np.sin((y + 0.45 * np.abs(z)) * 15 + warp) * np.clip((np.abs(z) - 0.55) * 5, 0, 1)
            rear = np.sin(x * 12 + warp) * np.clip(-x * 3, 0, 1)
            corner = 1 - np.abs(y + 0.16 * (np.abs(z) - 0.6)) / 0.07  # a dark line behind the eye
            corner = np.clip(corner, 0, 1) * np.clip((np.abs(z) - 0.6) * 9, 0, 1)
            bridge = np.clip((0.12 - np.abs(z)) * 8, 0, 1) * (y > -0.2) * (x > 0.4) * 0.5
            dark = np.clip((brow + cheek + rear - 0.1) * 1.8, 0, 1) * 0.8
            return np.maximum(np.maximum(dark, corner), bridge) + 0.25 * ear
        if self.pattern == "points":
            mask = np.clip(1.25 - np.sqrt((x - 1.0) ** 2 + (y + 0.2) ** 2 + z**2) / 0.75, 0, 1)
            return np.clip(1.5 * mask + 1.2 * ear, 0, 1)
        if self.pattern == "saddle":
            top = np.clip((y - 0.3 - 0.35 * x + 0.1 * self._mottle(surface.head, 0.7)) * 4, 0, 1)
            return np.clip(0.75 * top * (x < 0.6) + ear * 0.9, 0, 1)
        if self.pattern == "tan":
            spot = 1 - np.hypot((np.abs(z) - 0.36) / 0.17, (y - 0.46) / 0.13)
            low = np.clip((-0.12 - y) * 8, 0, 1) * np.clip((x - 0.1) * 4, 0, 1)
            return np.clip(spot * 4, 0, 1) * (x > 0.3) + low
        if self.pattern == "spots":
            return np.clip((self._mottle(surface.head, 0.5) - 0.55) * 6, 0, 1) + 0.6 * ear
        if self.pattern == "patches":
            return np.clip((self._mottle(surface.head + 2, 1.2) + 0.1) * 9, 0, 1)
        return 0.2 + 0.3 * ear

    def _white_on_body(self, surface: Surface) -> np.ndarray:
        y = surface.body[1]
        limb = np.clip(surface.share("leg") + surface.share("paw"), 0, 1)
        edge = self.white * 0.5 - 0.27 - y + 0.06 * self._mottle(surface.body, 0.2)
        front = np.clip(surface.share("neck"), 0, 1) * surface.normals_ahead
        trunk = np.clip(edge * 22, 0, 1) + np.clip((front - 0.45 + 0.3 * self.white) * 6, 0, 1)
        paws = np.clip((surface.along - 1.0 + 1.1 * self.white) * 8, 0, 1)
        tip = surface.share("tail") * np.clip((surface.along - 0.85) * 20, 0, 1) * (self.white > 0.4)
        return np.clip(trunk, 0, 1) * (1 - limb) * (1 - surface.share("tail")) + limb * paws + tip

    def _white_on_head(self, surface: Surface) -> np.ndarray:
        x, y, z = surface.head
        wide = self.blaze * np.clip(1.1 - 0.55 * y, 0.5, 3) + 0.06 * self._mottle(surface.head, 0.6)
        stripe = np.clip((wide - np.abs(z)) * 14, 0, 1) * (x > 0.2)
        low = np.clip((self.white * 0.55 - 0.55 - y + 0.06 * self._mottle(surface.head, 0.5)) * 12, 0, 1)
        return np.maximum(stripe * (self.blaze > 0), low) * (1 - surface.share("ear"))


def random_coat(g: np.random.Generator, is_cat: bool) -> Coat:
    """Return a coat; the colors do not depend on the kind."""
    odds = np.array([pair[0 if is_cat else 1] for pair in PATTERNS.values()])
    pattern = str(g.choice(list(PATTERNS), p=odds / odds.sum()))
    main, second = (np.array(color, dtype=float) for color in COLORS[g.integers(len(COLORS))])
    third = np.array(COLORS[g.integers(len(COLORS))][0], dtype=float)
    if pattern in ("spots", "patches", "saddle", "points") and g.random() < 0.75:
        main, second = third, np.array(COLORS[g.choice([0, 1, 7, 8, 9, 11])][0], dtype=float)
        if main.mean() < second.mean() + 30:
            main = np.array(COLORS[g.choice([4, 5, 6, 10])][0], dtype=float)
        third = np.array(COLORS[g.choice([0, 4, 7])][0], dtype=float)
    elif pattern == "stripes":
        second = second * 0.62
    elif pattern == "tan":
        main, second = (
            np.array(COLORS[n][0], dtype=float) for n in (g.choice([0, 0, 1, 9]), g.choice([6, 7, 10]))
        )
    white = float(g.choice([0, g.uniform(0.15, 0.8)], p=[0.52, 0.48]))
    vary = g.normal(0, 0.016, 3) * main.mean()
    return Coat(
        np.clip(main * g.uniform(0.88, 1.1) + vary, 16, 246),
        np.clip(second * g.uniform(0.85, 1.1) + vary, 14, 240),
        np.clip(third + vary, 16, 246),
        pattern,
        white,
        float(g.choice([0, g.uniform(0.08, 0.32)])) if white else 0.0,
        g.normal(0, 1, (6, 3)) * 1.5,
        g.uniform(0, 2 * np.pi, 6),
        float(g.uniform(20, 34)),
        float(g.choice([0, g.uniform(0.4, 1)], p=[0.35, 0.65])) * (pattern not in ("points", "tan")),
    )
