"""Roses: a spiral of broad petals."""

from __future__ import annotations

import numpy as np

from tools.samples.flowers.colors import Variety
from tools.samples.flowers.mesh import Mesh
from tools.samples.flowers.petals import GOLDEN_ANGLE, bowls, bracts


def rose(g: np.random.Generator, variety: Variety) -> Mesh:
    """Return broad petals around each other: the inner ones closed, the outer ones open, with their rims curled."""
    number = int(g.integers(14, 26))
    u = ((np.arange(number) + 0.5) / number)[:, None, None]
    opened, tall, curl = g.uniform(0.55, 0.88), g.uniform(0.75, 1.1), g.uniform(0.05, 0.16)

    def profile(t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        rim = 0.07 + opened * u**0.95
        out = 0.05 + 0.2 * u + (rim - 0.05 - 0.2 * u) * t**1.3
        lip = np.clip(t - 0.82, 0, 1) / 0.18
        up = (tall - 0.55 * tall * opened * u**1.8) * np.sin(t * np.pi / 2)
        return out + curl * u * lip, up - 0.5 * curl * u * lip**2

    petals = bowls(
        g,
        azimuth=np.arange(number) * GOLDEN_ANGLE + g.normal(0, 0.15, number),
        half_angle=1.35 - 0.55 * u[:, 0, 0],
        profile=profile,
        pointed=(g.uniform(0.12, 0.3), g.uniform(2.5, 5)),
        colors=(variety.base, variety.tip),
        dark=0.85,
        streaks=0.03,
        steps=(8, 9),
    )
    return petals + bracts(g, variety.green, 5, 0.55, 0.22, g.uniform(-0.6, 0.3))
