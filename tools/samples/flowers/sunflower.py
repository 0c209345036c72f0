"""Sunflowers: pointed petals round a large disc."""

from __future__ import annotations

import numpy as np

from tools.samples.flowers.colors import Variety
from tools.samples.flowers.mesh import Mesh
from tools.samples.flowers.petals import around, bracts, disc_of_florets, rays


def sunflower(g: np.random.Generator, variety: Variety) -> Mesh:
    """Return pointed petals in two or three rings round a large disc in spirals."""
    disc = g.uniform(0.4, 0.58)
    outer = variety.disc * g.uniform(1.1, 1.9) + [25, 12, 0]
    mesh = disc_of_florets(
        g, disc, disc * g.uniform(0.05, 0.3), 170, variety.disc * g.uniform(0.7, 1.2), outer
    )
    mesh += bracts(g, variety.green, 14, 0.5, disc, 0.25)
    rise, bend = g.uniform(-0.1, 0.5), g.normal(-0.2, 0.3)
    for ring in range(g.integers(2, 4)):
        number = int(g.integers(14, 22))
        mesh += rays(
            g,
            azimuth=around(g, number, 0.3),
            length=(1.05 - disc * 0.9) * g.normal(1 + 0.08 * ring, 0.09, number),
            width=g.uniform(0.1, 0.14),
            outline=lambda t: np.sin(np.pi * (0.2 + 0.8 * t)) ** 0.9 + 0.02,
            colors=(variety.base, variety.tip),
            start=disc * 0.9,
            height=-0.05 * ring,
            rise=g.normal(rise - 0.08 * ring, 0.15, number),
            bend=g.normal(bend, 0.25, number),
            cup=0.5,
        )
    return mesh
