"""Tulips: a cup of six petals."""

from __future__ import annotations

import numpy as np

from tools.samples.flowers.colors import Variety
from tools.samples.flowers.mesh import Mesh
from tools.samples.flowers.petals import around, bowls, rays


def tulip(g: np.random.Generator, variety: Variety) -> Mesh:
    """Return six broad petals in two whorls that form a cup."""
    belly, mouth, tall = g.uniform(0.42, 0.56), g.uniform(0.12, 0.6), g.uniform(1.2, 1.6)
    turn = g.uniform(0, 2 * np.pi)
    outer, inner = (_whorl(g, variety, number, (belly, mouth, tall), turn) for number in range(2))
    stamens = rays(
        g,
        azimuth=around(g, 6),
        length=np.full(6, 0.5),
        width=0.05,
        outline=lambda t: 0.4 + 1.0 * (t > 0.6),
        colors=(np.array((200, 190, 90)), np.array((40, 30, 40))),
        start=0.08,
        height=-0.4 * tall,
        rise=np.full(6, 1.35),
        bend=0.0,
        steps=(4, 1),
    )
    return outer + inner + stamens


def _whorl(
    g: np.random.Generator, variety: Variety, number: int, form: tuple[float, float, float], turn: float
) -> Mesh:
    """Return the three petals of a whorl; the second is smaller and stands in the gaps of the first."""
    belly, mouth, tall = form
    size = 1 - 0.1 * number

    def profile(t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        out = belly * np.sin(np.pi / 2 * np.clip(t / 0.5, 0, 1)) ** 0.7
        out = out + (mouth - belly) * np.clip((t - 0.4) / 0.6, 0, 1) ** 1.7
        return 0.04 + out * size, tall * (t - 0.45)

    return bowls(
        g,
        azimuth=turn + number * np.pi / 3 + np.arange(3) * 2 * np.pi / 3 + g.normal(0, 0.12, 3),
        half_angle=g.normal(1.0, 0.07, 3),
        profile=profile,
        pointed=(g.uniform(0.3, 0.5), g.uniform(1.6, 2.6)),
        colors=(variety.base, variety.tip),
        dark=0.35,
        streaks=0.09,
        steps=(13, 13),
    )
