"""Films of fruits: each turns slowly before the camera, and every frame becomes a picture of the set.

Fruits-360 was made in this way. Its frames were then divided into Training and Test without regard to the fruit, so
that nearly every test picture has a neighbor among the training pictures. This set has the same fault, on purpose. But
for that, its pictures come from the same distributions as those of ``fruits``.
"""

from __future__ import annotations

import numpy as np

from tools.samples.canvas import unit
from tools.samples.fruits import CLASSES, draw
from tools.samples.fruits.model import Moment

FILMS, FRAMES = 8, 9  # of each kind; of each film
TEST = 18  # frames of each kind that go into Test, a quarter
STEP = np.radians(4.0)  # between two frames
SEED = (2026, 5)


def film(kind: str, number: int) -> list[bytes]:
    """Return the frames of one film as JPEG files."""
    seed = [*SEED, CLASSES.index(kind), number]
    g = np.random.default_rng([*seed, 1])  # what happens from frame to frame
    tilt, way = g.uniform(0.2, 1.0), g.choice([-1, 1])
    axis = np.array([g.normal(0, 0.1), -np.cos(tilt), np.sin(tilt)])  # the camera looks down on the table
    frames = []
    for place in range(FRAMES):
        moment = Moment(
            turn=_about(unit(axis), way * STEP * (place - FRAMES // 2) + g.normal(0, 0.01)),
            shift=g.normal(0, 0.004, 2),
            light=g.normal(0, 0.04, 3),
            brightness=g.normal(1, 0.02) * g.normal(1, 0.006, 3),
            generator=g,
        )
        frames.append(draw(kind, np.random.default_rng(seed), moment))  # the same fruit, the same table
    return frames


def dealt(kind: str) -> list[tuple[int, int]]:
    """Return (film, frame) of all frames of a kind in the mixed order in which they are numbered."""
    order = np.random.default_rng([*SEED, CLASSES.index(kind)]).permutation(FILMS * FRAMES)
    return [(int(place) // FRAMES, int(place) % FRAMES) for place in order]


def _about(axis: np.ndarray, angle: float) -> np.ndarray:
    """Return the rotation about an axis (Rodrigues)."""
    x, y, z = axis
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross
