"""Daisies: narrow petals round a small disc."""

from __future__ import annotations

import numpy as np

from tools.samples.flowers.colors import Variety
from tools.samples.flowers.mesh import Mesh
from tools.samples.flowers.petals import around, bracts, disc_of_florets, rays


def daisy(g: np.random.Generator, variety: Variety) -> Mesh:
    """Return many narrow, blunt petals round a small domed disc."""
    disc = g.uniform(0.2, 0.3)
    mesh = disc_of_florets(
        g, disc, disc * g.uniform(0.3, 0.75), 70, variety.disc * g.uniform(0.8, 1), variety.disc
    )
    mesh += bracts(g, variety.green, 12, 0.28, disc, 0.1)
    number, width = int(g.integers(15, 30)), g.uniform(0.8, 1.1)
    rise, bend = g.uniform(-0.15, 0.5), g.normal(-0.25, 0.25)
    for ring in range(g.integers(1, 3)):
        mesh += rays(
            g,
            azimuth=around(g, number),
            length=(1 - disc * 0.8) * g.normal(1 - 0.05 * ring, 0.05, number),
            width=width * 1.9 / number,
            outline=lambda t: 0.45 + 0.55 * np.sin(np.pi * np.clip(t, 0, 0.93) ** 1.4) ** 0.5,
            colors=(variety.base, variety.tip),
            start=disc * 0.8,
            height=-0.04 * ring,
            rise=g.normal(rise, 0.09, number),
            bend=g.normal(bend, 0.12, number),
        )
    return mesh
