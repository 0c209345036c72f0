"""From a sculpture to the picture: depth, direction and color of what is seen at each pixel, then its light."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from tools.samples.canvas import Canvas, noise, unit
from tools.samples.objects.sculpture import Part, Sculpture

NOWHERE = -1e9  # the depth where nothing is
# Of each pixel: whether a part is there, its depth there, and the direction of its surface.
Seen = tuple[np.ndarray, np.ndarray, np.ndarray]


class Renderer:
    """Depth, direction and color of the surface at each pixel of the canvas."""

    def __init__(self, canvas: Canvas, view: np.ndarray, scale: float, shift: np.ndarray):
        self.canvas, self.view, self.scale, self.shift = canvas, view, scale, shift
        side = canvas.side
        self.depth = np.full((side, side), NOWHERE)
        self.normal = np.zeros((side, side, 3))
        self.color = np.zeros((side, side, 3))
        self.gloss = np.zeros((side, side))

    def add(self, part: Part) -> None:
        """Draw a part where it is nearer than what is already there."""
        points = part.points @ self.view.T * self.scale + self.shift
        reach = part.reach()[:, None] * self.scale + 1
        low = np.clip(np.floor((points[:, :2] - reach).min(axis=0)), 0, self.canvas.side).astype(int)
        high = np.clip(np.ceil((points[:, :2] + reach).max(axis=0)) + 1, 0, self.canvas.side).astype(int)
        if (high <= low).any():
            return
        box = np.s_[low[1] : high[1], low[0] : high[0]]
        x, y = self.canvas.x[box].astype(float), self.canvas.y[box].astype(float)
        surface = {"ellipsoid": self._ellipsoid, "limb": self._limb, "face": self._face}[part.kind]
        inside, depth, normal = surface(part, points, x, y)
        seen = inside & (depth > self.depth[box])
        if not seen.any():
            return
        color = part.color
        if callable(color):
            place = np.stack([x[seen], y[seen], depth[seen]], axis=1)
            color = color((place - self.shift) / self.scale @ self.view)
        self.depth[box][seen] = depth[seen]
        self.normal[box][seen] = normal[seen]
        self.color[box][seen] = color
        self.gloss[box][seen] = part.gloss

    def _ellipsoid(self, part: Part, points: np.ndarray, x: np.ndarray, y: np.ndarray) -> Seen:
        axes = self.view @ part.axes
        radii = part.radii * self.scale
        flat = np.stack([x - points[0, 0], y - points[0, 1], np.zeros_like(x)], axis=-1)
        start, step = flat @ axes / radii, axes[2] / radii
        half, square = start @ step, step @ step
        root = half**2 - square * ((start**2).sum(axis=-1) - 1)
        z = (-half + np.sqrt(np.maximum(root, 0))) / square
        normal = (start + z[..., None] * step) / radii @ axes.T
        normal /= np.maximum(np.linalg.norm(normal, axis=-1, keepdims=True), 1e-9)
        return root > 0, z + points[0, 2], normal

    def _limb(self, part: Part, points: np.ndarray, x: np.ndarray, y: np.ndarray) -> Seen:
        radii = np.maximum(part.radii * self.scale, 0.6)
        (ax, ay, az), along = points[0], points[1] - points[0]
        t = ((x - ax) * along[0] + (y - ay) * along[1]) / max(1e-6, along[0] ** 2 + along[1] ** 2)
        t = np.clip(t, 0, 1)
        radius = radii[0] + t * (radii[1] - radii[0])
        dx, dy = x - ax - t * along[0], y - ay - t * along[1]
        rise = np.sqrt(np.maximum(radius**2 - dx**2 - dy**2, 0))
        normal = np.stack([dx, dy, rise], axis=-1) / radius[..., None]
        return rise > 0, az + t * along[2] + rise, normal

    def _face(self, part: Part, points: np.ndarray, x: np.ndarray, y: np.ndarray) -> Seen:
        normal = unit(np.cross(points, np.roll(points, -1, axis=0)).sum(axis=0))
        normal = -normal if normal[2] < 0 else normal
        layer = Image.new("1", (x.shape[1], x.shape[0]))
        ImageDraw.Draw(layer).polygon([(u - x[0, 0], v - y[0, 0]) for u, v, _ in points], fill=1)
        middle = points.mean(axis=0)
        slope = max(normal[2], 0.02)
        depth = middle[2] - ((x - middle[0]) * normal[0] + (y - middle[1]) * normal[1]) / slope
        depth = np.clip(depth, points[:, 2].min() - 0.5, points[:, 2].max() + 0.5)
        return np.asarray(layer), depth, np.broadcast_to(normal, (*x.shape, 3))

    def lit(self, sun: np.ndarray, sky: float) -> np.ndarray:
        """Return the colors in the light of the sun and of the sky."""
        up = self.normal @ (self.view @ [0, 1, 0])
        direct = np.clip(self.normal @ sun, 0, None)
        light = sky * (0.75 + 0.35 * up) + (1.15 - sky) * direct
        half = unit(sun + [0, 0, 1])
        glint = np.clip(self.normal @ half, 0, None) ** 24 * 190 + np.clip(up, 0, 1) ** 2 * 38
        return self.color * light[..., None] + (glint * self.gloss)[..., None]

    def shadow(self, sun: np.ndarray, ground: float) -> np.ndarray:
        """Return where the visible surface throws its shadow on the ground, 0–1."""
        up = self.view @ [0, 1, 0]
        rows, columns = np.nonzero(self.depth > NOWHERE)
        place = np.stack([columns, rows, self.depth[rows, columns]], axis=1)
        height = (place - self.shift) @ up - ground * self.scale
        down = place - np.clip(height, 0, None)[:, None] / max(0.35, float(sun @ up)) * sun
        layer = np.zeros_like(self.depth, dtype="uint8")
        x, y = (np.clip(down[:, n].round(), 0, self.canvas.side - 1).astype(int) for n in (0, 1))
        layer[y, x] = 255
        picture = Image.fromarray(layer).filter(ImageFilter.MaxFilter(5)).filter(ImageFilter.GaussianBlur(2))
        return np.asarray(picture, dtype="float32") / 255


def _placed(canvas: Canvas, sculpture: Sculpture) -> tuple[float, np.ndarray]:
    """Return scale and shift that place the sculpture in the picture, mostly whole."""
    g, side = canvas.generator, canvas.side
    points = np.concatenate([part.points for part in sculpture.parts]) @ sculpture.view.T
    reach = np.concatenate([part.reach() for part in sculpture.parts])[:, None]
    low, high = (points - reach).min(axis=0), (points + reach).max(axis=0)
    fill = g.uniform(0.75, 1.12)
    if sculpture.focus is not None and g.random() < sculpture.portraits:  # a portrait
        center, radius = sculpture.focus
        center = sculpture.view @ center
        low, high = center - radius, center + radius
        fill = g.uniform(0.75, 1.1)
    extent = max(float((high - low)[:2].max()), 0.75 * float((high - low)[:2].sum()) / 1.3)
    scale = fill * side / extent
    room = np.abs(side - (high - low)[:2] * scale) / 2 * 0.8 + 0.04 * side
    place = np.append(side / 2 + g.uniform(-1, 1, 2) * room, 0)
    return scale, place - (low + high) / 2 * scale


def _above_water(canvas: Canvas, sculpture: Sculpture, renderer: Renderer, line: float) -> np.ndarray:
    """Return where the surface is above the waterline, and paint foam along it."""
    g = canvas.generator
    height = np.stack([canvas.x, canvas.y, renderer.depth], axis=-1) - renderer.shift
    height = height @ (sculpture.view @ [0, 1, 0]) / renderer.scale
    height = height + 0.02 * noise(g, (canvas.side, canvas.side), 16)
    foam = (np.abs(height - line) < 0.025) * (renderer.depth > NOWHERE) * g.uniform(0, 0.8)
    canvas.paint(foam.astype("float32"), g.uniform(170, 240))
    return height > line


def _ragged(canvas: Canvas, length: float) -> tuple[np.ndarray, np.ndarray]:
    """Return for each pixel the row and the column, a little aside, that it takes its color from."""
    shape = (canvas.side, canvas.side)
    down, right = (np.rint(noise(canvas.generator, shape, canvas.side // 2) * length) for _ in range(2))
    rows = np.clip(canvas.y + down, 0, canvas.side - 1).astype(int)
    columns = np.clip(canvas.x + right, 0, canvas.side - 1).astype(int)
    return rows, columns


def show(canvas: Canvas, sculpture: Sculpture) -> None:
    """Draw the sculpture, in the light of a sun, with its shadow or in the water."""
    g = canvas.generator
    scale, shift = _placed(canvas, sculpture)
    renderer = Renderer(canvas, sculpture.view, scale, shift)
    for part in sculpture.parts:
        renderer.add(part)
    sun = unit([g.uniform(-1, 1), -g.uniform(0.35, 1.2), g.uniform(-0.1, 0.9)])
    if sculpture.ground is not None:
        darkness = g.uniform(0.25, 0.65)
        canvas.pixels *= 1 - darkness * renderer.shadow(sun, sculpture.ground)[..., None]
    colors = renderer.lit(sun, g.uniform(0.4, 0.75))
    shape, strength = (canvas.side, canvas.side), 0.05 + 0.13 * bool(sculpture.hairy)
    colors *= (1 + strength * (noise(g, shape, canvas.side // 2) + 0.6 * noise(g, shape, 20)))[..., None]
    mask = (renderer.depth > NOWHERE).astype("float32")
    if sculpture.waterline is not None:
        mask *= _above_water(canvas, sculpture, renderer, sculpture.waterline)
    if sculpture.hairy:  # the outline of fur or feathers is ragged
        aside = _ragged(canvas, sculpture.hairy)
        mask, colors = mask[aside], colors[aside]
    canvas.paint(mask, np.clip(colors, 0, 255))
