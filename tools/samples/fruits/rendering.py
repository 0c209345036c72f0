"""From a solid to pixels: the part of the canvas that a fruit takes, its light and its shadow."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageFilter

from tools.samples.canvas import Canvas
from tools.samples.fruits.geometry import normals, trace
from tools.samples.fruits.model import TEXTURE, TEXTURE_SPAN, Fruit, Look, Pose, Surface, Tube

NOWHERE = -9  # the height where no part of a fruit is


class Layer:
    """The part of the canvas that one fruit takes: for each pixel color, normal, height and highlight."""

    def __init__(self, canvas: Canvas, fruit: Fruit, pose: Pose):
        far = [np.zeros((1, 3))] + [tube.path for tube in fruit.tubes]
        points = (np.concatenate(far) @ pose.turn.T)[:, :2] * pose.scale + [pose.x, pose.y]
        low, high = points.min(0) - 6, points.max(0) + 6
        body = fruit.reach * pose.scale + 2
        low = np.minimum(low, [pose.x - body, pose.y - body])
        high = np.maximum(high, [pose.x + body, pose.y + body])
        (left, top), (right, bottom) = np.clip([low, high], 0, canvas.side).astype(int)
        self.part = (slice(top, bottom), slice(left, right))
        self.rows, self.columns = canvas.y[self.part], canvas.x[self.part]
        self.pose = pose
        shape = self.rows.shape
        self.height = np.full(shape, NOWHERE, dtype="float32")
        self.color = np.zeros((*shape, 3), dtype="float32")
        self.normal = np.zeros((3, *shape), dtype="float32")
        self.gloss, self.sharpness = np.zeros(shape, "float32"), np.full(shape, 20, "float32")

    def put_fruit(self, fruit: Fruit, g: np.random.Generator, is_cut: bool) -> None:
        """Enter the body of a fruit, skin and cut."""
        columns, rows = self.columns.ravel(), self.rows.ravel()
        arrived, z = trace(fruit, self.pose, columns, rows, is_cut)
        found = np.flatnonzero(arrived)
        if len(found) == 0:
            return
        z = z[found]
        u = (columns[found] - self.pose.x) / self.pose.scale
        v = (rows[found] - self.pose.y) / self.pose.scale
        local = self.pose.turn.T @ np.stack([u, v, z])
        normal = self.pose.turn @ normals(fruit.distance, local)
        texture_rows, texture_columns = _texture_place(v, normal[1]), _texture_place(u, normal[0])
        depth = -fruit.distance(*local)
        inside = (depth > 0.035) if is_cut else np.zeros(len(found), dtype=bool)
        for part, look in ((~inside, fruit.skin), (inside, fruit.flesh)):
            if not part.any():
                continue
            x, y, h = local[:, part]
            texture = texture_rows[part], texture_columns[part]
            facing = normal[:, part].copy()
            if look is fruit.flesh:
                facing[:] = (self.pose.turn @ np.array(fruit.cut))[:, None]
            self._enter(found[part], look(Surface(g, x, y, h, depth[part], texture)), facing, z[part])

    def _enter(self, where: np.ndarray, look: Look, facing: np.ndarray, z: np.ndarray) -> None:
        """Enter what some pixels show; the relief turns the directions that the surface faces."""
        bump = np.zeros(self.height.size, dtype="float32")
        bump[where] = look.bump
        slopes = np.gradient(bump.reshape(self.height.shape) * self.pose.scale)
        facing[0] -= slopes[1].ravel()[where]
        facing[1] -= slopes[0].ravel()[where]
        self.normal.reshape(3, -1)[:, where] = facing / np.linalg.norm(facing, axis=0)
        self.color.reshape(-1, 3)[where] = look.color
        self.gloss.ravel()[where] = look.gloss
        self.sharpness.ravel()[where] = look.sharpness
        self.height.ravel()[where] = z

    def put_tube(self, tube: Tube) -> None:
        """Enter a stem or a sepal where it is in front of what is there."""
        points = (tube.path @ self.pose.turn.T) * self.pose.scale + [self.pose.x, self.pose.y, 0]
        radii = tube.radii * self.pose.scale
        for start, end, first, last in zip(points[:-1], points[1:], radii[:-1], radii[1:], strict=True):
            margin = max(first, last) + 1
            low = np.minimum(start, end)[:2] - margin - [self.part[1].start, self.part[0].start]
            high = np.maximum(start, end)[:2] + margin - [self.part[1].start, self.part[0].start]
            box = (slice(max(0, int(low[1])), max(0, int(high[1]) + 1)),
                   slice(max(0, int(low[0])), max(0, int(high[0]) + 1)))  # fmt: skip
            dx, dy = self.columns[box] - start[0], self.rows[box] - start[1]
            if dx.size == 0:
                continue
            way = (end - start)[:2]
            along = np.clip((dx * way[0] + dy * way[1]) / (way @ way + 1e-6), 0, 1)
            dx, dy = dx - along * way[0], dy - along * way[1]
            radius = np.maximum(first + along * (last - first), 1e-3)
            rise = np.sqrt(np.maximum(radius**2 - dx * dx - dy * dy, 0))
            z = (start[2] + along * (end[2] - start[2]) + tube.flat * rise) / self.pose.scale
            shown = (rise > 0) & (z > self.height[box])
            normal = np.stack([dx * tube.flat, dy * tube.flat, rise + 0.2 * radius])
            normal /= np.linalg.norm(normal, axis=0) + 1e-6
            self.normal[:, box[0], box[1]][:, shown] = normal[:, shown]
            vein = 1 - 0.25 * (rise > 0.93 * radius) * (tube.flat < 1)
            self.color[box][shown] = (tube.color * vein[..., None])[shown]
            self.gloss[box][shown] = 0.1
            self.height[box][shown] = z[shown]

    def lit(self, light: np.ndarray, ambient: float, bounce: np.ndarray) -> np.ndarray:
        """Return the picture of colors under a light."""
        toward = np.tensordot(light, self.normal, 1)
        half = light + [0, 0, 1]
        half = (half / np.linalg.norm(half)).astype("float32")
        shine = self.gloss * np.maximum(np.tensordot(half, self.normal, 1), 0) ** self.sharpness
        wrapped = np.clip((toward + 0.25) / 1.25, 0, 1)
        diffuse = ambient * (0.6 + 0.4 * self.normal[2]) + (1.3 - ambient) * wrapped
        picture = self.color * diffuse[..., None]
        edge = (1 - self.normal[2]) ** 2 * 0.22  # the surroundings are mirrored where the skin turns away
        picture += edge[..., None] * (bounce * (0.4 + 0.6 * wrapped[..., None]) - picture)
        return picture + shine[..., None] * (255 - 0.3 * picture)


def _texture_place(offset: np.ndarray, normal: np.ndarray) -> np.ndarray:
    """Return the rows (or columns) of the texture for points of the skin.

    The normal stretches the texture toward the fruit's edge, as foreshortening does.
    """
    place = (offset + 0.6 * normal) * (TEXTURE / TEXTURE_SPAN) + TEXTURE / 2
    return np.clip(place, 0, TEXTURE - 1).astype(int)


def render(canvas: Canvas, fruit: Fruit, pose: Pose, light: np.ndarray, is_cut: bool) -> None:
    """Draw a fruit and its shadow onto the canvas."""
    g = canvas.generator
    layer = Layer(canvas, fruit, pose)
    layer.put_fruit(fruit, g, is_cut)
    for tube in fruit.tubes:
        if not is_cut or tube.path[len(tube.path) // 2] @ fruit.cut < 0.2:
            layer.put_tube(tube)
    covered = np.zeros((canvas.side, canvas.side), dtype="float32")
    covered[layer.part] = layer.height > NOWHERE
    _shadow(canvas, covered, pose.scale * fruit.reach, light)
    bounce = canvas.pixels[layer.part].mean((0, 1)) if covered.any() else np.zeros(3)
    picture = canvas.pixels[layer.part]
    shown = covered[layer.part] > 0
    picture[shown] = layer.lit(light, g.uniform(0.35, 0.7), bounce)[shown]


def _shadow(canvas: Canvas, covered: np.ndarray, size: float, light: np.ndarray) -> None:
    """Darken the ground away from the light, sharply where the fruit touches it and softly around."""
    g = canvas.generator
    small = Image.fromarray((covered * 255).astype("uint8")).resize((canvas.side // 4,) * 2)
    for far, soft, dark in (
        (0.12, 0.05, 0.3),
        (g.uniform(0.2, 0.5), g.uniform(0.1, 0.3), g.uniform(0.1, 0.45)),
    ):
        shift = -light[:2] / light[2] * far * size / 4
        moved = small.transform(small.size, Image.Transform.AFFINE, (1, 0, -shift[0], 0, 1, -shift[1]))
        moved = moved.filter(ImageFilter.GaussianBlur(float(soft * size / 4)))
        shade = np.asarray(moved.resize((canvas.side,) * 2, Image.Resampling.BILINEAR), dtype="float32") / 255
        canvas.pixels *= 1 - dark * shade[..., None]
