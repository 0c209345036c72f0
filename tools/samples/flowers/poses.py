"""Where the flowers of a picture are, and how they are turned."""

from __future__ import annotations

import numpy as np

from tools.samples.flowers.mesh import Pose


def random_poses(g: np.random.Generator, side: int, kind: str) -> list[Pose]:
    """Return where the flowers are, the farthest first."""
    choices = [(1, 0.36, 0.5), (int(g.integers(2, 4)), 0.25, 0.33), (int(g.integers(4, 6)), 0.19, 0.23)]
    number, least, most = choices[g.choice(3, p=[0.74, 0.19, 0.07])]
    scale = side * g.uniform(least, most)
    margin = 0.36 if number == 1 else 0.15
    places: list[np.ndarray] = []
    while len(places) < number:  # some overlap, but none hides another
        tries = g.uniform(margin * side, (1 - margin) * side, (8, 2))
        apart = [min((np.hypot(*(place - one)) for one in places), default=0) for place in tries]
        places.append(tries[int(np.argmax(apart))])
    common = _tilt(g, kind)
    roll = g.normal(0, 0.3) if g.random() < 0.9 else g.uniform(-np.pi, np.pi)
    poses = []
    for x, y in sorted(places, key=lambda place: place[1]):
        tilt = common + g.normal(0, 0.2) if g.random() < 0.6 else _tilt(g, kind)
        poses.append(Pose(x, y, scale * g.uniform(0.85, 1.15), tilt, roll + g.normal(0, 0.2)))
    return poses


def _tilt(g: np.random.Generator, kind: str) -> float:
    """Return how far a flower is tilted: tulips are mostly seen from the side, the others mostly from the front."""
    if kind == "tulips":
        return g.uniform(1.0, 1.6) if g.random() < 0.85 else g.uniform(0.5, 1.0)
    return abs(g.normal(0, 0.4)) if g.random() < 0.85 else g.uniform(0.6, 1.2)
