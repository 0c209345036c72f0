"""What a fruit is made of: a solid, the look of its skin and flesh, stems and sepals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from tools.samples.canvas import noise

TEXTURE = 256  # side of a picture of noise that is wrapped around a fruit
TEXTURE_SPAN = 5.0  # the local units that it covers
# From points (their x, y and h) to the skin; negative inside.
Distance = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Surface:
    """What the camera sees of a fruit, one entry for each pixel, in the fruit's coordinates."""

    generator: np.random.Generator
    x: np.ndarray
    y: np.ndarray
    h: np.ndarray
    depth: np.ndarray  # below the skin; 0 but on a cut
    texture: tuple[np.ndarray, np.ndarray]

    @property
    def longitude(self) -> np.ndarray:
        """The angle around the core."""
        return np.arctan2(self.y, self.x)

    @property
    def polar(self) -> np.ndarray:
        """The angle from the top, 0 to π."""
        return np.arctan2(np.hypot(self.x, self.y), self.h)

    def noise(self, frequency: float) -> np.ndarray:
        """Return smooth noise on the surface, −1 to 1, with so many cells to a unit."""
        cells = max(2, round(frequency * TEXTURE_SPAN))
        return noise(self.generator, (TEXTURE, TEXTURE), cells)[self.texture]


@dataclass(frozen=True)
class Look:
    """Color of each pixel, height of the relief, and strength and sharpness of the highlight."""

    color: np.ndarray
    bump: np.ndarray | float = 0.0
    gloss: float = 0.3
    sharpness: float = 20.0


@dataclass(frozen=True)
class Tube:
    """A stem or a sepal: a path in local coordinates with a radius at each point; ``flat`` presses it to a leaf."""

    path: np.ndarray
    radii: np.ndarray
    color: np.ndarray
    flat: float = 1.0


@dataclass(frozen=True)
class Fruit:
    """A solid and what it looks like outside and, where it is cut, inside."""

    distance: Distance
    reach: float  # no point is farther from the origin
    skin: Callable[[Surface], Look]
    flesh: Callable[[Surface], Look]
    cut: tuple[float, float, float]  # the way that the cut faces
    tubes: list[Tube] = field(default_factory=list)
    facing: tuple[float, float, float] = (0, 0, 1)  # this direction is turned to the camera by so much:
    facing_range: tuple[float, float] = (-0.55, 0.85)
    cut_range: tuple[float, float] = (0.55, 1.0)


@dataclass(frozen=True)
class Pose:
    """Where a fruit is: ``turn`` takes local coordinates to those of the camera (right, down, toward it)."""

    x: float
    y: float
    scale: float
    turn: np.ndarray


@dataclass(frozen=True)
class Moment:
    """What differs between two frames of a film: everything else, the fruit and its table, is the same."""

    turn: (
        np.ndarray
    )  # from the first frame's position of the fruit to this one's, in the camera's coordinates
    shift: np.ndarray  # of the fruit in the picture, as a part of the side
    light: np.ndarray  # added to the direction of the light
    brightness: np.ndarray  # a factor for each of red, green and blue
    generator: np.random.Generator  # for the grain
