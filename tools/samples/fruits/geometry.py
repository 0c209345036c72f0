"""Directions and solids in space: how a fruit is turned, its surface of revolution, and where rays meet it."""

from __future__ import annotations

import numpy as np

from tools.samples.canvas import smooth
from tools.samples.fruits.model import Distance, Fruit, Pose

STEPS = 26  # of a ray toward the surface


def light_direction(g: np.random.Generator) -> np.ndarray:
    """Return the way to the light: from above more often than from below, and always from the camera's side."""
    angle, height = g.normal(-np.pi / 2, 1.1), g.uniform(0.35, 0.85)
    flat = np.sqrt(1 - height**2)
    return np.array([flat * np.cos(angle), flat * np.sin(angle), height], dtype="float32")


def _basis(third: np.ndarray, angle: float) -> np.ndarray:
    """Return a rotation whose last column is a unit vector; the others are turned around it by an angle."""
    helper = np.eye(3)[np.argmin(np.abs(third))]
    first = np.cross(helper, third)
    first /= np.linalg.norm(first)
    second = np.cross(third, first)
    c, s = np.cos(angle), np.sin(angle)
    return np.stack([c * first + s * second, c * second - s * first, third], axis=1)


def orientation(g: np.random.Generator, local: np.ndarray, toward: float) -> np.ndarray:
    """Return a random rotation that turns a local direction to the camera by ``toward``, −1 to 1."""
    angle = g.uniform(0, 2 * np.pi)
    flat = np.sqrt(1 - toward**2)
    seen = np.array([flat * np.cos(angle), flat * np.sin(angle), toward])
    return (_basis(seen, g.uniform(0, 2 * np.pi)) @ _basis(local, 0.0).T).astype("float32")


def revolve(g: np.random.Generator, outline: list[tuple[float, float]], bend: float = 0.05) -> Distance:
    """Return the distance to the solid that an outline (radius, h), from top to bottom, makes around the core."""
    half = np.array(outline) * [g.uniform(0.92, 1.08), g.uniform(0.94, 1.06)]
    half[1:-1] *= g.normal(1, 0.012, (len(half) - 2, 1))
    other = half[-2:0:-1] * [-1, 1]
    curve = smooth(np.concatenate([half, other]), 16)
    curve = curve[curve[:, 0] >= -1e-6]
    polar = np.arctan2(np.maximum(curve[:, 0], 0), curve[:, 1])
    order = np.argsort(polar)
    angles, radii = polar[order], np.hypot(*curve[order].T)
    oval, bend = g.uniform(0.95, 1.05), g.normal(0, bend)
    lump, ways = g.uniform(0, 0.025), g.uniform(-2.4, 2.4, 8)

    def distance(x: np.ndarray, y: np.ndarray, h: np.ndarray) -> np.ndarray:
        x = x * oval + bend * h * h
        radius = np.hypot(x, y)
        rough = np.sin(ways[0] * x + ways[1] * y + ways[2] * h + ways[6])
        rough *= lump * np.sin(ways[3] * x + ways[4] * y + ways[5] * h + ways[7])
        edge = np.interp(np.arctan2(radius, h), angles, radii)
        return (np.hypot(radius, h) - edge + rough).astype("float32")

    return distance


def trace(
    fruit: Fruit, pose: Pose, columns: np.ndarray, rows: np.ndarray, is_cut: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Follow the camera's rays to the fruit; return which arrive, and how far toward the camera that is."""
    u, v = (columns - pose.x) / pose.scale, (rows - pose.y) / pose.scale
    z = np.sqrt(np.maximum(fruit.reach**2 - u * u - v * v, 0)).astype("float32")
    left = np.full(len(u), 9, dtype="float32")
    active = np.flatnonzero(u * u + v * v < fruit.reach**2)
    for _ in range(STEPS):
        x, y, h = pose.turn.T @ np.stack([u[active], v[active], z[active]])
        d = fruit.distance(x, y, h)
        if is_cut:
            d = np.maximum(d, fruit.cut[0] * x + fruit.cut[1] * y + fruit.cut[2] * h)
        z[active] -= 0.62 * d
        left[active] = d
        active = active[(d > 0.004) & (z[active] > -fruit.reach)]
    return left < 0.03, z


def normals(distance: Distance, local: np.ndarray) -> np.ndarray:
    """Return the directions in which the distance grows, shape (3, n)."""
    here = distance(*local)
    moved = [distance(*(local + 0.012 * np.eye(3, dtype="float32")[:, [axis]])) for axis in range(3)]
    slope = np.stack([there - here for there in moved])
    return slope / (np.linalg.norm(slope, axis=0) + 1e-9)
