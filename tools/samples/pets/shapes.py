"""What an animal is built of: balls, limbs and flaps in space that melt into each other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

SIDES = (-1, 1)  # right and left
THINGS = ("thing 0", "thing 1", "thing 2")
BARE = ("nose", "tongue", "mouth", *THINGS)  # regions without hair


def turned(yaw: float = 0.0, pitch: float = 0.0, roll: float = 0.0) -> np.ndarray:
    """Return a rotation: x looks ahead, y up, z to the side; yaw turns to z, pitch lifts the front."""
    (a, b, c), (p, q, r) = np.cos([yaw, pitch, roll]), np.sin([yaw, pitch, roll])
    around_y = np.array([[a, 0, -p], [0, 1, 0], [p, 0, a]])
    around_z = np.array([[b, -q, 0], [q, b, 0], [0, 0, 1]])
    around_x = np.array([[1, 0, 0], [0, c, -r], [0, r, c]])
    return around_y @ around_z @ around_x


def _single(values: np.ndarray) -> np.ndarray:
    """Return the numbers in single precision."""
    return values.astype("float32")


def _length(vectors: np.ndarray) -> np.ndarray:
    """Return the lengths of vectors, shape (3, n)."""
    x, y, z = vectors
    return np.sqrt(x * x + y * y + z * z)


@dataclass(frozen=True)
class Place:
    """A system of coordinates: where its origin is, how it is turned, and its unit."""

    origin: np.ndarray = field(default_factory=lambda: np.zeros(3))
    turn: np.ndarray = field(default_factory=lambda: np.eye(3))
    scale: float = 1.0

    def to_world(self, points: ArrayLike) -> np.ndarray:
        """Map local points, shape (..., 3), to the world."""
        return np.asarray(points, dtype=float) @ self.turn.T * self.scale + self.origin

    def to_local(self, points: np.ndarray) -> np.ndarray:
        """Map points of the world, shape (3, n), to local ones."""
        moved = points - self.origin.astype("float32")[:, None]
        return (self.turn.T / self.scale).astype("float32") @ moved


@dataclass(frozen=True)
class Part:
    """One piece of the surface; ``flow`` is where its hair points to, in the world."""

    region: str  # "trunk", "neck", "leg", "tail", "head", "muzzle", "ear", or a thing without hair
    place: Place  # where patterns of the coat are measured
    blend: float  # how far it melts into the parts before it
    flow: np.ndarray
    hair: float  # length of its hair, in units of the coat's

    @property
    def points(self) -> np.ndarray:
        """Return points that the part contains."""
        raise NotImplementedError

    @property
    def reach(self) -> float:
        """Return how far it reaches around them."""
        raise NotImplementedError

    def distance(self, points: np.ndarray) -> np.ndarray:
        """Return the distances of points, shape (3, n), from the surface; negative inside."""
        raise NotImplementedError

    def along(self, points: np.ndarray) -> np.ndarray:
        """Return how far along the part the points are, 0–1."""
        return np.zeros(points.shape[1], dtype="float32")


@dataclass(frozen=True)
class Ball(Part):
    """An ellipsoid."""

    center: np.ndarray
    radii: np.ndarray
    turn: np.ndarray

    @property
    def points(self) -> np.ndarray:
        return self.center[None]

    @property
    def reach(self) -> float:
        return float(self.radii.max())

    @cached_property
    def _unscaled(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        matrix = self.turn.T / self.radii[:, None]
        return _single(matrix), _single(matrix @ self.center)[:, None], _single(1 / self.radii)[:, None]

    def distance(self, points: np.ndarray) -> np.ndarray:
        matrix, offset, shrink = self._unscaled
        scaled = matrix @ points
        scaled -= offset
        far = _length(scaled)
        scaled *= shrink
        return far * (far - 1) / np.maximum(_length(scaled), 1e-4)


@dataclass(frozen=True)
class Limb(Part):
    """Two balls and the cone between them; ``span`` is what part of a longer limb it is."""

    start: np.ndarray
    end: np.ndarray
    radii: tuple[float, float]
    span: tuple[float, float] = (0.0, 1.0)

    @property
    def points(self) -> np.ndarray:
        return np.stack([self.start, self.end])

    @property
    def reach(self) -> float:
        return max(self.radii)

    @cached_property
    def _way(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.float32]:
        way = self.end - self.start
        slope = way / (way @ way + 1e-9)
        return (
            _single(way)[:, None],
            _single(slope),
            _single(self.start)[:, None],
            np.float32(self.start @ slope),
        )

    def _share(self, points: np.ndarray) -> np.ndarray:
        _, slope, _, offset = self._way
        share = slope @ points
        share -= offset
        return np.minimum(np.maximum(share, 0), 1)

    def distance(self, points: np.ndarray) -> np.ndarray:
        share = self._share(points)
        way, _, start, _ = self._way
        away = points - start
        away -= way * share
        first, last = np.float32(self.radii[0]), np.float32(self.radii[1])
        return _length(away) - (first + (last - first) * share)

    def along(self, points: np.ndarray) -> np.ndarray:
        return np.float32(self.span[0]) + np.float32(self.span[1] - self.span[0]) * self._share(points)


@dataclass(frozen=True)
class Flap(Part):
    """A triangle with a thickness: a piece of an ear. The last corner is the tip."""

    corners: np.ndarray
    thickness: float

    @property
    def points(self) -> np.ndarray:
        return self.corners

    @property
    def reach(self) -> float:
        return self.thickness

    @cached_property
    def _edges(
        self,
    ) -> tuple[list[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]], np.ndarray, np.float32]:
        edges = np.roll(self.corners, -1, axis=0) - self.corners
        normal = np.cross(edges[0], edges[1])
        normal /= np.linalg.norm(normal) + 1e-9
        lines = [
            (
                _single(corner)[:, None],
                _single(edge),
                _single(edge / (edge @ edge + 1e-9)),
                _single(np.cross(normal, edge)),
            )
            for corner, edge in zip(self.corners, edges, strict=True)
        ]
        return lines, _single(normal), np.float32(normal @ self.corners[0])

    def distance(self, points: np.ndarray) -> np.ndarray:
        lines, normal, offset = self._edges
        height = np.abs(normal @ points - offset)
        inside, nearest = np.ones(points.shape[1], dtype=bool), np.full(points.shape[1], 1e3, dtype="float32")
        for corner, edge, slope, inward in lines:
            away = points - corner
            inside &= inward @ away > 0
            away -= edge[:, None] * np.minimum(np.maximum(slope @ away, 0), 1)
            nearest = np.minimum(nearest, _length(away))
        return np.where(inside, height, nearest) - np.float32(self.thickness)

    def along(self, points: np.ndarray) -> np.ndarray:
        base = self.corners[:2].mean(axis=0)
        way = (self.corners[2] - base).astype("float32")
        return np.clip((way @ points - np.float32(base @ way)) / np.float32(way @ way), 0, 1)


class Builder:
    """Adds parts in local coordinates to a list that all builders of an animal share."""

    def __init__(self, parts: list[Part], place: Place, hair: float = 1.0):
        self.parts, self.place, self.hair = parts, place, hair

    def at(self, origin: ArrayLike, turn: np.ndarray, scale: float) -> Builder:
        """Return a builder with coordinates of its own."""
        place = Place(self.place.to_world(origin), self.place.turn @ turn, self.place.scale * scale)
        return Builder(self.parts, place, self.hair)

    def _common(
        self, region: str, blend: float, flow: ArrayLike, hair: float
    ) -> tuple[str, Place, float, np.ndarray, float]:
        direction = self.place.turn @ np.asarray(flow, dtype=float)
        return (region, self.place, blend * self.place.scale, direction, hair * self.hair)

    def ball(
        self,
        center: ArrayLike,
        radii: ArrayLike,
        region: str,
        flow: ArrayLike = (-1, -0.3, 0),
        blend: float = 0.25,
        hair: float = 1.0,
        turn: np.ndarray | None = None,
    ) -> None:
        """Add an ellipsoid."""
        turn = self.place.turn @ (np.eye(3) if turn is None else turn)
        radii = np.broadcast_to(np.asarray(radii, dtype=float), 3) * self.place.scale
        common = self._common(region, blend, flow, hair)
        self.parts.append(Ball(*common, self.place.to_world(center), radii, turn))

    def limb(
        self,
        path: Iterable[ArrayLike],
        radii: Sequence[float] | np.ndarray,
        region: str,
        flow: ArrayLike | None = None,
        blend: float = 0.2,
        hair: float = 1.0,
        span: tuple[float, float] = (0.0, 1.0),
    ) -> None:
        """Add a chain of cones through the points of a path; its hair points along it."""
        points = np.array([np.asarray(point, dtype=float) for point in path])
        steps = np.linspace(*span, len(points))
        for n in range(len(points) - 1):
            way = points[n + 1] - points[n] if flow is None else flow
            common = self._common(region, blend, way, hair)
            pair = (float(radii[n]) * self.place.scale, float(radii[n + 1]) * self.place.scale)
            start, end = self.place.to_world(points[n : n + 2])
            self.parts.append(Limb(*common, start, end, pair, (steps[n], steps[n + 1])))

    def flap(
        self,
        corners: ArrayLike,
        thickness: float,
        region: str = "ear",
        blend: float = 0.12,
        hair: float = 1.0,
    ) -> None:
        """Add a triangle; its hair points to the last corner."""
        corners = np.asarray(corners, dtype=float)
        flow = corners[2] - corners[:2].mean(axis=0)
        common = self._common(region, blend, flow, hair)
        self.parts.append(Flap(*common, self.place.to_world(corners), thickness * self.place.scale))


def distances(parts: list[Part], points: np.ndarray) -> np.ndarray:
    """Return the distance of each point, shape (3, n), from the smooth union of all parts."""
    union = parts[0].distance(points)
    for part in parts[1:]:
        other = part.distance(points)
        near = np.float32(max(part.blend, 1e-4))
        overlap = np.abs(union - other)
        np.subtract(near, overlap, out=overlap)
        np.maximum(overlap, 0, out=overlap)
        overlap *= overlap
        overlap /= 4 * near
        union = np.minimum(union, other)
        union -= overlap
    return union
