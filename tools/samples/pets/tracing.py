"""The camera, and what it sees of an animal: for each pixel the point of the surface, its normal and its parts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tools.samples.canvas import unit
from tools.samples.pets.shapes import BARE, Part, distances

BLOCK = 48  # pixels; side of the squares that are looked at one by one
COARSE = 6  # the first look takes every sixth pixel of a row and of a column


@dataclass(frozen=True)
class Camera:
    """A camera that looks at a target; ``focal`` is in pixels, ``shift`` moves the target from the middle."""

    position: np.ndarray
    turn: np.ndarray  # rows: right, down, ahead
    focal: float
    side: int
    shift: np.ndarray

    @staticmethod
    def looking(
        target: np.ndarray,
        azimuth: float,
        height: float,
        distance: float,
        focal: float,
        side: int,
        roll: float = 0,
        shift: tuple[float, float] | np.ndarray = (0, 0),
    ) -> Camera:
        """Return a camera around the target; azimuth 0 is ahead of the animal."""
        toward = [np.cos(azimuth) * np.cos(height), np.sin(height), np.sin(azimuth) * np.cos(height)]
        ahead = -np.array(toward)
        right = unit(np.cross(ahead, [0, 1, 0]))
        down = np.cross(ahead, right)
        c, s = np.cos(roll), np.sin(roll)
        turn = np.stack([c * right + s * down, c * down - s * right, ahead])
        return Camera(target + distance * np.array(toward), turn, focal, side, np.asarray(shift, dtype=float))

    def rays(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return the directions, shape (3, n), that pixels look into."""
        middle = self.side / 2 + self.shift
        local = np.stack([(x - middle[0]) / self.focal, (y - middle[1]) / self.focal, np.ones_like(x)])
        local /= np.sqrt((local**2).sum(axis=0))
        return (self.turn.T @ local).astype("float32")

    def project(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return column, row and depth of points of the world, shape (3, ...)."""
        moved = points - self.position.astype("float32").reshape(3, *[1] * (points.ndim - 1))
        x, y, depth = np.tensordot(self.turn.astype("float32"), moved, 1)
        depth = np.maximum(depth, 1e-3)
        middle = self.side / 2 + self.shift
        return self.focal * x / depth + middle[0], self.focal * y / depth + middle[1], depth


@dataclass(frozen=True)
class Seen:
    """The visible surface: the pixels' numbers, then one column per pixel."""

    pixels: np.ndarray
    points: np.ndarray
    normals: np.ndarray
    weights: np.ndarray  # (parts, n): how much each part counts at a point


def _march(parts: list[Part], origin: np.ndarray, rays: np.ndarray, start: np.ndarray, end: float, steps: int,
           near: float) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Go along the rays to the surface; return where each ray came closest to it, and how close."""
    way, close = start.copy(), np.full(len(start), 1e9, dtype="float32")
    nearest = start.copy()
    active = np.arange(len(start))
    for _ in range(steps):
        distance = distances(parts, origin[:, None] + rays[:, active] * way[active])
        closer = active[distance < close[active]]
        close[active] = np.minimum(close[active], distance)
        nearest[closer] = way[closer]
        way[active] += 0.93 * distance
        active = active[(distance > near) & (way[active] < end)]
        if len(active) == 0:
            break
    return nearest, close


def boxes(camera: Camera, parts: list[Part]) -> np.ndarray:
    """Return for each part the box of pixels that it may influence: left, top, right, bottom."""
    result = []
    for part in parts:
        x, y, depth = camera.project(part.points.T.astype("float32"))
        margin = camera.focal * (part.reach + part.blend + 0.03) / max(float(depth.min()), 0.05)
        result.append((x.min() - margin, y.min() - margin, x.max() + margin, y.max() + margin))
    return np.array(result)


def within(box: np.ndarray, left: float, top: float, right: float, bottom: float) -> np.ndarray:
    """Return which of the boxes meet a rectangle."""
    return (box[:, 0] < right) & (box[:, 2] > left) & (box[:, 1] < bottom) & (box[:, 3] > top)


def visible(camera: Camera, parts: list[Part]) -> list[Part]:
    """Return the parts that may be in the picture."""
    chosen = within(boxes(camera, parts), 0, 0, camera.side, camera.side)
    return [part for part, is_in in zip(parts, chosen, strict=True) if is_in]


def trace(camera: Camera, parts: list[Part]) -> Seen | None:
    """Return what the camera sees of the parts; None if it sees nothing."""
    points = np.concatenate([part.points for part in parts])
    reach = np.concatenate([np.full(len(part.points), part.reach) for part in parts])
    depth = (points - camera.position) @ camera.turn[2]
    first, last = float((depth - reach).min()) * 0.95, float((depth + reach).max()) * 1.15
    origin, side = camera.position.astype("float32"), camera.side
    count = side // COARSE
    y, x = (np.mgrid[:count, :count].reshape(2, -1) * COARSE + COARSE / 2 - 0.5).astype("float32")
    pixel = float(np.median(depth)) / camera.focal
    start = np.full(count * count, max(first, 1e-2), dtype="float32")
    way, close = _march(parts, origin, camera.rays(x, y), start, last, 24, 0.5 * pixel)
    begin = _least(np.where(close < 2.2 * COARSE * pixel, way, np.float32(last)).reshape(count, count))
    begin = np.maximum(begin - 1.5 * COARSE * pixel, 1e-2).repeat(COARSE, 0).repeat(COARSE, 1)
    box = boxes(camera, parts)
    found = []
    for top in range(0, side, BLOCK):
        for left in range(0, side, BLOCK):
            chosen = np.flatnonzero(within(box, left, top, left + BLOCK, top + BLOCK))
            rows, columns = np.nonzero(begin[top : top + BLOCK, left : left + BLOCK] < 0.98 * last)
            if len(chosen) and len(rows):
                pixels = (rows + top) * side + columns + left
                found.append(_block(camera, parts, chosen, pixels, begin.ravel()[pixels], last, pixel))
    seen = [one for one in found if len(one.pixels)]
    if not seen:
        return None
    return Seen(*(np.concatenate([getattr(one, name) for one in seen], axis=-1)
                  for name in ("pixels", "points", "normals", "weights")))  # fmt: skip


def _block(
    camera: Camera,
    parts: list[Part],
    chosen: np.ndarray,
    pixels: np.ndarray,
    start: np.ndarray,
    last: float,
    pixel: float,
) -> Seen:
    """Return what is seen at some pixels, where only the chosen parts may be."""
    few = [parts[n] for n in chosen]
    origin = camera.position.astype("float32")
    rays = camera.rays((pixels % camera.side).astype("float32"), (pixels // camera.side).astype("float32"))
    way, close = _march(few, origin, rays, start.astype("float32"), last, 16, 0.3 * pixel)
    hit = (close < 0.6 * pixel) & (way < last)
    surface = origin[:, None] + rays[:, hit] * way[hit]
    weights = np.zeros((len(parts), surface.shape[1]), dtype="float32")
    if hit.any():
        weights[chosen] = _weights(few, surface, pixel)
    return Seen(pixels[hit], surface, _normals(few, surface, pixel), weights)


def _least(grid: np.ndarray) -> np.ndarray:
    """Return the least value among each place and its neighbors."""
    padded = np.pad(grid, 1, mode="edge")
    rows = np.minimum(np.minimum(padded[:-2], padded[1:-1]), padded[2:])
    return np.minimum(np.minimum(rows[:, :-2], rows[:, 1:-1]), rows[:, 2:])


def _normals(parts: list[Part], points: np.ndarray, pixel: float) -> np.ndarray:
    corners = np.array([(1, -1, -1), (-1, -1, 1), (-1, 1, -1), (1, 1, 1)], dtype="float32")
    total = np.zeros_like(points)
    for corner in corners:
        total += corner[:, None] * distances(parts, points + corner[:, None] * np.float32(pixel))
    return total / (np.sqrt((total**2).sum(axis=0)) + 1e-9)


def _weights(parts: list[Part], points: np.ndarray, pixel: float) -> np.ndarray:
    """Return how much each part counts at the points."""
    apart = np.stack([part.distance(points) for part in parts])
    bare = np.array([part.region in BARE for part in parts])
    if not bare.all():  # where parts melt into each other, the surface is outside all of them
        apart[~bare] -= apart[~bare].min(axis=0)
    soft = [0.005 if part.region in BARE else 0.25 * part.blend for part in parts]
    blend = np.maximum(np.array(soft, dtype="float32"), np.float32(0.3 * pixel))
    weights = np.exp(-np.maximum(apart, 0) / blend[:, None]) + np.float32(1e-6)
    weights[bare] *= 12
    return weights / weights.sum(axis=0)


def shadow(
    parts: list[Part], points: np.ndarray, light: np.ndarray, size: float, softness: float
) -> np.ndarray:
    """Return how much of the light reaches the points, 0–1, with soft edges."""
    reaches = np.ones(points.shape[1], dtype="float32")
    way = np.full(points.shape[1], 0.06 * size, dtype="float32")
    direction = light.astype("float32")[:, None]
    active = np.arange(points.shape[1])
    for _ in range(10):
        distance = distances(parts, points[:, active] + direction * way[active])
        reaches[active] = np.minimum(
            reaches[active], np.clip(0.5 + distance / (softness * way[active]), 0, 1)
        )
        way[active] += np.clip(distance, 0.05 * size, 2 * size)
        active = active[(reaches[active] > 0) & (way[active] < 10 * size)]
        if len(active) == 0:
            break
    return reaches


def openness(parts: list[Part], points: np.ndarray, normals: np.ndarray, size: float) -> np.ndarray:
    """Return how open the surroundings of the points are, 0–1: corners are dark."""
    closed = np.zeros(points.shape[1], dtype="float32")
    for far, weight in ((0.05, 0.5), (0.12, 0.3), (0.3, 0.2)):
        step = np.float32(far * size)
        closed += weight * np.clip(1 - distances(parts, points + normals * step) / step, 0, 1)
    return 1 - closed
