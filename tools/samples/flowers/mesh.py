"""Surfaces of small quadrilaterals: how they are turned, lit and drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw


@dataclass(frozen=True)
class Mesh:
    """A surface of small quadrilaterals, in units of the flower's radius; the third axis points out of it."""

    quads: np.ndarray  # (n, 4, 3)
    colors: np.ndarray  # (n, 3)

    def __add__(self, other: Mesh) -> Mesh:
        return Mesh(np.concatenate([self.quads, other.quads]), np.concatenate([self.colors, other.colors]))


@dataclass(frozen=True)
class Pose:
    """Where a flower is on the canvas, and how it is turned: tilt 0 faces the viewer, π/2 is the side view."""

    x: float
    y: float
    scale: float
    tilt: float
    roll: float

    def to_canvas(self, points: np.ndarray) -> np.ndarray:
        """Map points of the model, shape (..., 3), to canvas pixels and depth (greater is nearer)."""
        c, s = np.cos(self.tilt), np.sin(self.tilt)
        x, y = points[..., 0], points[..., 1] * c - points[..., 2] * s
        depth = points[..., 1] * s + points[..., 2] * c
        c, s = np.cos(self.roll), np.sin(self.roll)
        right, down = self.x + self.scale * (c * x - s * y), self.y + self.scale * (s * x + c * y)
        return np.stack([right, down, self.scale * depth], -1)


@dataclass(frozen=True)
class Light:
    """The direction that the light comes from, and how much of it comes from everywhere."""

    direction: np.ndarray
    ambient: float
    gloss: float


def sheet(points: np.ndarray, colors: np.ndarray) -> Mesh:
    """Cut grids of points, shape (..., rows + 1, columns + 1, 3), into quadrilaterals."""
    upper, lower = points[..., :-1, :, :], points[..., 1:, :, :]
    corners = [upper[..., :-1, :], upper[..., 1:, :], lower[..., 1:, :], lower[..., :-1, :]]
    return Mesh(np.stack(corners, -2).reshape(-1, 4, 3), colors.reshape(-1, 3))


def show(picture: Image.Image, mesh: Mesh, pose: Pose, light: Light) -> None:
    """Shade the mesh and draw it, the nearest parts last."""
    corners = pose.to_canvas(mesh.quads)
    normal = np.cross(corners[:, 2] - corners[:, 0], corners[:, 3] - corners[:, 1])
    normal /= np.linalg.norm(normal, axis=1, keepdims=True) + 1e-6
    normal *= np.where(normal[:, 2:] < 0, -1, 1)  # the side that is seen
    facing = normal @ light.direction
    through = np.clip(-facing, 0, 1) * 0.45  # petals let light through
    shade = light.ambient + (1.15 - light.ambient) * (np.clip(facing, 0, 1) + through)
    middle = light.direction + [0, 0, 1]
    shine = np.clip(normal @ (middle / np.linalg.norm(middle)), 0, 1) ** 16 * light.gloss
    colors = np.clip(mesh.colors * shade[:, None] + 255 * shine[:, None], 0, 255).astype(int)
    pen = ImageDraw.Draw(picture)
    order = np.argsort(corners[..., 2].mean(1), kind="stable")
    outlines = corners[order, :, :2].reshape(-1, 8).tolist()
    for outline, color in zip(outlines, colors[order].tolist(), strict=True):
        pen.polygon(outline, fill=tuple(color))
