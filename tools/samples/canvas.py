"""A small drawing kit for the samples: smooth shapes in local coordinates, light, and camera faults.

A ``Canvas`` is larger than the final picture by ``OVERSAMPLING`` in each direction; shrinking it at the end
smooths all edges. Shapes are given in local units and placed by a ``Frame`` (shift, rotation, scale), so that what
is drawn can be placed as a whole.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike
from PIL import Image, ImageDraw, ImageFilter

OVERSAMPLING = 3


@dataclass(frozen=True)
class Frame:
    """Where local coordinates lie on the canvas: ``canvas = center + scale * R(angle) @ local``."""

    x: float
    y: float
    scale: float
    angle: float = 0.0
    mirror: bool = False

    def to_canvas(self, points: ArrayLike) -> np.ndarray:
        """Map local points, shape (n, 2), to canvas pixels."""
        local = np.asarray(points, dtype=float) * ([-1, 1] if self.mirror else [1, 1])
        c, s = np.cos(self.angle), np.sin(self.angle)
        return local @ np.array([[c, s], [-s, c]]) * self.scale + [self.x, self.y]

    def moved(self, u: float, v: float, angle: float = 0.0, scale: float = 1.0) -> Frame:
        """Return a frame whose origin is the local point (u, v), turned and scaled further."""
        ((x, y),) = self.to_canvas([(u, v)])
        turn = -angle if self.mirror else angle
        return replace(self, x=x, y=y, scale=self.scale * scale, angle=self.angle + turn)


def smooth(points: ArrayLike, steps: int = 12) -> np.ndarray:
    """Return a closed curve through the points (Catmull-Rom), shape (n * steps, 2)."""
    p = np.asarray(points, dtype=float)
    before, after, later = np.roll(p, 1, 0), np.roll(p, -1, 0), np.roll(p, -2, 0)
    t = np.linspace(0, 1, steps, endpoint=False)[None, :, None]
    a, b, c, d = (q[:, None, :] for q in (before, p, after, later))
    curve = 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
    return curve.reshape(-1, 2)


def ellipse(u: float, v: float, width: float, height: float, angle: float = 0.0) -> np.ndarray:
    """Return the outline of an ellipse with the given half axes."""
    t = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    c, s = np.cos(angle), np.sin(angle)
    x, y = width * np.cos(t), height * np.sin(t)
    return np.stack([u + c * x - s * y, v + s * x + c * y], axis=1)


def unit(vector: ArrayLike) -> np.ndarray:
    """Return the vector with length 1; one without a length stays as it is."""
    vector = np.asarray(vector, dtype=float)
    return vector / max(1e-9, float(np.linalg.norm(vector)))


def noise(generator: np.random.Generator, shape: tuple[int, int], cells: int) -> np.ndarray:
    """Return smooth noise from −1 to 1: random values on a coarse grid, enlarged."""
    coarse = generator.uniform(-1, 1, (cells, cells)).astype("float32")
    return np.asarray(Image.fromarray(coarse).resize(shape[::-1], Image.Resampling.BICUBIC))


class Canvas:
    """An RGB picture (float, 0–255) that shapes are painted on."""

    def __init__(self, size: int, generator: np.random.Generator):
        self.generator = generator
        self.size = size
        self.side = size * OVERSAMPLING
        self.pixels = np.zeros((self.side, self.side, 3), dtype="float32")
        self.y, self.x = np.mgrid[: self.side, : self.side].astype("float32")

    def across(self, angle: float) -> np.ndarray:
        """Return how far each pixel is in a direction from the middle, as a part of the side."""
        x, y = self.x - self.side / 2, self.y - self.side / 2
        return (x * np.cos(angle) + y * np.sin(angle)) / self.side

    def mask(self, frame: Frame, outline: np.ndarray, blur: float = 0.0) -> np.ndarray:
        """Return the coverage of a closed outline in local coordinates, 0–1."""
        layer = Image.new("L", (self.side, self.side))
        ImageDraw.Draw(layer).polygon([tuple(p) for p in frame.to_canvas(outline)], fill=255)
        if blur:
            layer = layer.filter(ImageFilter.GaussianBlur(float(blur * frame.scale)))
        return np.asarray(layer, dtype="float32") / 255

    def paint(self, mask: np.ndarray, color: ArrayLike) -> None:
        """Lay a color, or a picture of colors, over the canvas where the mask covers it."""
        weight = mask[..., None]
        self.pixels += weight * (np.asarray(color, dtype="float32") - self.pixels)

    def shape(
        self, frame: Frame, outline: np.ndarray, color: ArrayLike, blur: float = 0.0, opacity: float = 1.0
    ) -> None:
        """Fill an outline with one color."""
        self.paint(self.mask(frame, outline, blur) * opacity, color)

    def line(self, frame: Frame, points: ArrayLike, width: float, color: ArrayLike) -> None:
        """Draw a line through local points; ``width`` in local units."""
        layer = Image.new("L", (self.side, self.side))
        path = [tuple(p) for p in frame.to_canvas(np.asarray(points))]
        ImageDraw.Draw(layer).line(path, fill=255, width=max(1, round(width * frame.scale)), joint="curve")
        self.paint(np.asarray(layer, dtype="float32") / 255, color)

    def finish(self, quality: int, blur: float, grain: float) -> bytes:
        """Shrink, blur, add camera noise, and return the JPEG file."""
        picture = Image.fromarray(np.clip(self.pixels, 0, 255).astype("uint8"))
        picture = picture.resize((self.size, self.size), Image.Resampling.LANCZOS)
        if blur > 0.2:
            picture = picture.filter(ImageFilter.GaussianBlur(float(blur)))
        pixels = np.asarray(picture, dtype="float32")
        pixels = pixels + self.generator.normal(0, grain, pixels.shape)
        file = io.BytesIO()
        Image.fromarray(np.clip(pixels, 0, 255).astype("uint8")).save(file, "JPEG", quality=quality)
        return file.getvalue()
