"""What the objects are built of: ellipsoids, tapering limbs and flat faces in space.

In a sculpture x points forward, y up and z sideways; in a view x points right, y down and z to the viewer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from tools.samples.canvas import unit

SIDES = (-1, 1)
Points = Sequence[ArrayLike] | np.ndarray  # one after the other, shape (n, 3), or (n, 2) for a profile
# One color, or a function that returns the colors at places of the sculpture, shape (n, 3).
Color = tuple[float, float, float] | np.ndarray | Callable[[np.ndarray], np.ndarray]


def direction_of_view(g: np.random.Generator) -> np.ndarray:
    """Return the matrix from sculpture to view: mostly from the side or three quarters, from a little above."""
    turn = g.uniform(-0.5, 1.15) if g.random() < 0.88 else g.uniform(1.15, 1.6)
    turn = -turn if g.random() < 0.5 else np.pi + turn
    raise_ = g.uniform(0.02, 0.5)
    c, s = np.cos(turn), np.sin(turn)
    yaw = np.array([(c, 0, s), (0, 1, 0), (-s, 0, c)])
    c, s = np.cos(raise_), np.sin(raise_)
    pitch = np.array([(1, 0, 0), (0, -c, s), (0, s, c)])
    c, s = np.cos(roll := g.normal(0, 0.09)), np.sin(roll)
    return np.array([(c, -s, 0), (s, c, 0), (0, 0, 1)]) @ pitch @ yaw


def turned(yaw: float = 0.0, pitch: float = 0.0, roll: float = 0.0) -> np.ndarray:
    """Return the matrix of a part that is turned about y (yaw), z (nose up: pitch) and x (roll)."""
    c, s = np.cos(yaw), np.sin(yaw)
    about_y = np.array([(c, 0, -s), (0, 1, 0), (s, 0, c)])
    c, s = np.cos(pitch), np.sin(pitch)
    about_z = np.array([(c, -s, 0), (s, c, 0), (0, 0, 1)])
    c, s = np.cos(roll), np.sin(roll)
    return about_y @ about_z @ np.array([(1, 0, 0), (0, c, -s), (0, s, c)])


@dataclass(frozen=True)
class Part:
    """One solid in the sculpture's coordinates: an ellipsoid, a tapering limb, or a flat face."""

    kind: str
    points: np.ndarray  # center; both ends; corners
    color: Color
    radii: np.ndarray  # half axes; radius at both ends; unused
    axes: np.ndarray  # of an ellipsoid, as columns
    gloss: float

    def reach(self) -> np.ndarray:
        """Return the radius of a ball about each point that holds the part."""
        return np.full(len(self.points), self.radii.max()) if self.kind == "ellipsoid" else self.radii


@dataclass
class Sculpture:
    """A list of parts, and a place (matrix, origin, size) where the next ones go."""

    generator: np.random.Generator
    view: np.ndarray
    matrix: np.ndarray = field(default_factory=lambda: np.eye(3))
    origin: np.ndarray = field(default_factory=lambda: np.zeros(3))
    size: float = 1.0
    parts: list[Part] = field(default_factory=list)
    gloss: float = 0.0
    focus: tuple[np.ndarray, float] | None = None  # a head, or another part that may fill the picture
    ground: float | None = None  # the height of what it stands on
    waterline: float | None = None  # what is below is under water
    hairy: float = 0.0
    portraits: float = 0.25  # how often the focus fills the picture

    def at(self, center: ArrayLike, matrix: np.ndarray | None = None, size: float = 1.0) -> Sculpture:
        """Return a sculpture that adds to the same parts, in coordinates of its own."""
        matrix = np.eye(3) if matrix is None else matrix
        origin = self.origin + self.size * self.matrix @ np.asarray(center, dtype=float)
        inner = Sculpture(self.generator, self.view, self.matrix @ matrix, origin, self.size * size)
        inner.parts, inner.gloss = self.parts, self.gloss
        return inner

    def _add(
        self, kind: str, points: Points, color: Color, radii: ArrayLike, axes: np.ndarray | None = None
    ) -> None:
        place = np.asarray(points, dtype=float) @ self.matrix.T * self.size + self.origin
        axes = self.matrix if axes is None else self.matrix @ axes
        sizes = np.asarray(radii, dtype=float) * self.size
        self.parts.append(Part(kind, place, color, sizes, axes, self.gloss))

    def ball(self, center: ArrayLike, radii: ArrayLike, color: Color, axes: np.ndarray | None = None) -> None:
        """Add an ellipsoid; one radius makes a ball."""
        self._add("ellipsoid", [center], color, np.broadcast_to(radii, 3), axes)

    def limb(self, path: Points, radii: ArrayLike, color: Color) -> None:
        """Add a chain of tapering limbs through the points."""
        radii = np.broadcast_to(radii, len(path))
        for n in range(len(path) - 1):
            self._add("limb", path[n : n + 2], color, radii[n : n + 2])

    def face(self, points: Points, color: Color) -> None:
        """Add a flat face, visible from both sides."""
        self._add("face", points, color, np.zeros(len(points)))

    def faces_on_sides(self, points: Points, color: Color) -> None:
        """Add a face and its mirror image on the other side."""
        for side in SIDES:
            self.face(np.asarray(points, dtype=float) * [1, 1, side], color)

    def loft(self, first: Points, second: Points, color: Color, cap: Color | None = None) -> None:
        """Add the solid between two outlines with the same number of points."""
        first, second = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
        for n in range(len(first)):
            after = (n + 1) % len(first)
            self.face([first[n], first[after], second[after], second[n]], color)
        for outline in (first, second):
            self.face(outline, color if cap is None else cap)

    def extrude(self, profile: Points, half_width: ArrayLike, color: Color) -> None:
        """Add the solid with a profile in x and y; the half width can differ from corner to corner."""
        profile = np.asarray(profile, dtype=float)
        z = np.broadcast_to(half_width, len(profile))
        self.loft(np.column_stack([profile, -z]), np.column_stack([profile, z]), color)

    def box(self, low: tuple[float, float], high: tuple[float, float, float], color: Color) -> None:
        """Add a box between two corners, the same to both sides: (x, y), (x, y, half width)."""
        (left, bottom), (right, top, width) = low, high
        self.extrude([(left, bottom), (right, bottom), (right, top), (left, top)], width, color)

    def toward_viewer(self, share: float) -> np.ndarray:
        """Return the matrix of a head that looks ahead (0) or at the viewer (1)."""
        viewer = self.matrix.T @ self.view.T @ [0, 0, 1]
        ahead = unit(
            (1 - share) * np.array([1, 0, 0]) + share * np.array([viewer[0], 0.4 * viewer[1], viewer[2]])
        )
        aside = unit(np.cross(ahead, [0, 1, 0]))
        return np.column_stack([ahead, np.cross(aside, ahead), aside])
