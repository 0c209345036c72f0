"""Drawn fruits: the built-in stand-in for fruits-360, single fruits before a pale background.

A fruit is a solid: a surface of revolution (a bent tube for the banana) in coordinates of its own, with ``h`` along
its core and the stem at the top. The camera's rays are followed to it, so that it can be seen from any side, cut in
half, and lit. What tells the fruits apart is their form, their skin and their parts: the apple's pits and streaks,
the pear's neck, pores, seeds, ridges, stems. Colors overlap (all have green, yellow and red or dark kinds), and
background, size, place, number, light and white balance come from the same distributions for all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from PIL import Image, ImageFilter

from tools.samples.canvas import Canvas, Frame, ellipse, noise, smooth

SIZE = 100
CLASSES = ("Apple", "Avocado", "Banana", "Cherry", "Lemon", "Orange", "Pear", "Strawberry")
STEPS = 26  # of a ray toward the surface
TEXTURE = 256  # side of a picture of noise that is wrapped around a fruit, and the local units that it covers
TEXTURE_SPAN = 5.0
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


def draw(kind: str, generator: np.random.Generator) -> bytes:
    """Return one JPEG file of one to three fruits of a kind in ``CLASSES``."""
    canvas = Canvas(SIZE, generator)
    g = generator
    _background(canvas)
    light = _direction(g)
    number = int(g.choice([1, 2, 3], p=[0.74, 0.17, 0.09]))
    size = canvas.side * g.uniform(0.3, 0.48) * (1, 0.74, 0.64)[number - 1]
    around = g.uniform(0, 2 * np.pi)
    variety = g.uniform() ** 3  # the first kinds, the best known, are the most frequent
    for place in range(number):
        angle = around + 2 * np.pi * place / number + g.normal(0, 0.2)
        apart = size * g.uniform(0.65, 1.0) if number > 1 else 0
        middle = canvas.side * (0.5 + g.uniform(-0.12, 0.12, 2))
        fruit = FRUITS[kind](g, float(np.clip(variety + g.normal(0, 0.06), 0, 0.999)))
        is_cut = bool(g.random() < 0.16)
        turn = _orientation(
            g,
            np.array(fruit.cut if is_cut else fruit.facing, dtype="float32"),
            g.uniform(*(fruit.cut_range if is_cut else fruit.facing_range)),
        )
        scale = (
            size * g.uniform(0.9, 1.1) / fruit.reach**0.5
        )  # a long one may be longer than a round one is wide
        pose = Pose(middle[0] + apart * np.cos(angle), middle[1] + apart * np.sin(angle), scale, turn)
        _render(canvas, fruit, pose, light, is_cut)
    _things_in_front(canvas)
    _camera(canvas)
    return canvas.finish(
        quality=int(g.integers(45, 76)),
        blur=g.choice([0, g.uniform(0.3, 0.9)], p=[0.6, 0.4]),
        grain=g.uniform(0.5, 3.5),
    )


def _direction(g: np.random.Generator) -> np.ndarray:
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


def _orientation(g: np.random.Generator, local: np.ndarray, toward: float) -> np.ndarray:
    """Return a random rotation that turns a local direction to the camera by ``toward``, −1 to 1."""
    angle = g.uniform(0, 2 * np.pi)
    flat = np.sqrt(1 - toward**2)
    seen = np.array([flat * np.cos(angle), flat * np.sin(angle), toward])
    return (_basis(seen, g.uniform(0, 2 * np.pi)) @ _basis(local, 0.0).T).astype("float32")


# --- Solids -------------------------------------------------------------------------------------------------------


def _revolve(g: np.random.Generator, outline: list[tuple[float, float]], bend: float = 0.05) -> Distance:
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


def _trace(
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


def _normals(distance: Distance, local: np.ndarray) -> np.ndarray:
    """Return the directions in which the distance grows, shape (3, n)."""
    here = distance(*local)
    moved = [distance(*(local + 0.012 * np.eye(3, dtype="float32")[:, [axis]])) for axis in range(3)]
    slope = np.stack([there - here for there in moved])
    return slope / (np.linalg.norm(slope, axis=0) + 1e-9)


# --- From a solid to pixels ---------------------------------------------------------------------------------------


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
        self.height = np.full(shape, -9, dtype="float32")
        self.color = np.zeros((*shape, 3), dtype="float32")
        self.normal = np.zeros((3, *shape), dtype="float32")
        self.gloss, self.sharpness = np.zeros(shape, "float32"), np.full(shape, 20, "float32")

    def put_fruit(self, fruit: Fruit, g: np.random.Generator, is_cut: bool) -> None:
        """Enter the body of a fruit, skin and cut."""
        columns, rows = self.columns.ravel(), self.rows.ravel()
        arrived, z = _trace(fruit, self.pose, columns, rows, is_cut)
        found = np.flatnonzero(arrived)
        if len(found) == 0:
            return
        z = z[found]
        u = (columns[found] - self.pose.x) / self.pose.scale
        v = (rows[found] - self.pose.y) / self.pose.scale
        local = self.pose.turn.T @ np.stack([u, v, z])
        normal = self.pose.turn @ _normals(fruit.distance, local)
        # The normal stretches the texture toward the fruit's edge, as foreshortening does.
        texture = [
            (a + 0.6 * n) * (TEXTURE / TEXTURE_SPAN) + TEXTURE / 2
            for a, n in ((v, normal[1]), (u, normal[0]))
        ]
        rows_of, columns_of = (np.clip(t, 0, TEXTURE - 1).astype(int) for t in texture)
        depth = -fruit.distance(*local)
        inside = (depth > 0.035) if is_cut else np.zeros(len(found), dtype=bool)
        for part, look in ((~inside, fruit.skin), (inside, fruit.flesh)):
            if not part.any():
                continue
            where = found[part]
            x, y, h = local[:, part]
            surface = Surface(g, x, y, h, depth[part], (rows_of[part], columns_of[part]))
            seen = look(surface)
            bump = np.zeros(len(columns), dtype="float32")
            bump[where] = seen.bump
            slopes = np.gradient(bump.reshape(self.height.shape) * self.pose.scale)
            facing = normal[:, part].copy()
            if look is fruit.flesh:
                facing[:] = (self.pose.turn @ np.array(fruit.cut))[:, None]
            facing[0] -= slopes[1].ravel()[where]
            facing[1] -= slopes[0].ravel()[where]
            self.normal.reshape(3, -1)[:, where] = facing / np.linalg.norm(facing, axis=0)
            self.color.reshape(-1, 3)[where] = seen.color
            self.gloss.ravel()[where] = seen.gloss
            self.sharpness.ravel()[where] = seen.sharpness
            self.height.ravel()[where] = z[part]

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


def _render(canvas: Canvas, fruit: Fruit, pose: Pose, light: np.ndarray, is_cut: bool) -> None:
    """Draw a fruit and its shadow onto the canvas."""
    g = canvas.generator
    layer = Layer(canvas, fruit, pose)
    layer.put_fruit(fruit, g, is_cut)
    for tube in fruit.tubes:
        if not is_cut or tube.path[len(tube.path) // 2] @ fruit.cut < 0.2:
            layer.put_tube(tube)
    covered = np.zeros((canvas.side, canvas.side), dtype="float32")
    covered[layer.part] = layer.height > -9
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


# --- The fruits ---------------------------------------------------------------------------------------------------


def _mixed(low, high, share: np.ndarray) -> np.ndarray:
    """Return colors between two, for shares from 0 to 1, shape (n, 3)."""
    low, high = np.asarray(low, dtype="float32"), np.asarray(high, dtype="float32")
    return low + np.clip(share, 0, 1)[:, None] * (high - low)


def _ripe(g: np.random.Generator, kinds: list, variety: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the two colors of one of a fruit's kinds, a little varied."""
    pair = np.array(kinds[int(variety * len(kinds))], dtype="float32")
    return tuple(np.clip(pair + g.normal(0, 9, (1, 3)) + g.normal(0, 6, (2, 3)), 8, 250))


def _stripes(g: np.random.Generator, angle: np.ndarray, fine: int) -> np.ndarray:
    """Return streaks that run from pole to pole: noise of the longitude, without a seam, about −1 to 1."""
    waves = [(g.integers(fine // 3, fine + 1), g.uniform(0, 2 * np.pi)) for _ in range(4)]
    return sum(np.sin(k * angle + phase) for k, phase in waves) / 2.2


def _stem(g: np.random.Generator, low: float, high: float, radius: float, bend: float, color) -> Tube:
    """Return a stem along the core, bent to one side and a little thicker at its end."""
    t = np.linspace(0, 1, 9)[:, None]
    way = g.normal(0, bend, 2)
    path = np.concatenate([way * t**2 * (high - low), low + t * (high - low)], axis=1)
    radii = radius * (1 + 0.6 * np.maximum(t[:, 0] - 0.8, 0) / 0.2)
    return Tube(path, radii, np.array(color, dtype="float32") + g.normal(0, 12, 3))


def _sepals(g: np.random.Generator, height: float, length: float, color) -> list[Tube]:
    """Return a star of small leaves around the top that lie on the fruit or turn up at their ends."""
    tubes = []
    number, lift = int(g.integers(6, 10)), g.uniform(-0.35, 0.3)
    t = np.linspace(0, 1, 7)
    for place in range(number):
        angle = 2 * np.pi * place / number + g.normal(0, 0.15)
        out = length * g.uniform(0.75, 1.15) * t
        up = height + 0.06 + (lift + g.normal(0, 0.1)) * t**2 * length
        path = np.stack([out * np.cos(angle), out * np.sin(angle), up], axis=1)
        radii = 0.17 * np.sin(np.pi * np.clip(0.15 + 0.83 * t, 0, 1))
        tubes.append(Tube(path, radii, np.array(color, dtype="float32") * g.uniform(0.8, 1.15), flat=0.35))
    return tubes


APPLES = [((222, 196, 92), (186, 34, 38)), ((150, 40, 42), (96, 16, 28)), ((170, 190, 70), (206, 70, 52)),
          ((140, 180, 62), (168, 196, 84)), ((232, 208, 100), (222, 150, 76)), ((206, 176, 92), (150, 110, 62))]  # fmt: skip
AVOCADOS = [((70, 88, 42), (34, 40, 26)), ((56, 46, 42), (28, 24, 26)), ((112, 140, 58), (70, 100, 40)),
            ((92, 66, 56), (50, 34, 38)), ((138, 160, 72), (96, 120, 52))]  # fmt: skip
BANANAS = [((226, 196, 70), (240, 216, 110)), ((160, 182, 76), (196, 200, 90)), ((232, 200, 84), (210, 170, 60)),
           ((170, 110, 56), (120, 74, 40)), ((150, 66, 52), (110, 44, 44)), ((120, 164, 66), (140, 180, 80))]  # fmt: skip
CHERRIES = [((150, 20, 34), (110, 12, 28)), ((74, 14, 28), (44, 10, 22)), ((236, 196, 96), (220, 90, 70)),
            ((206, 40, 40), (180, 24, 34)), ((228, 200, 110), (232, 186, 90)), ((170, 190, 92), (214, 160, 80))]  # fmt: skip
LEMONS = [((238, 214, 70), (244, 226, 110)), ((224, 190, 50), (236, 206, 84)), ((106, 160, 52), (140, 180, 70)),
          ((160, 184, 66), (206, 206, 80)), ((232, 176, 60), (240, 196, 80)), ((70, 124, 46), (110, 150, 56))]  # fmt: skip
ORANGES = [((240, 150, 40), (246, 170, 60)), ((226, 110, 34), (236, 134, 44)), ((240, 196, 70), (244, 210, 90)),
           ((200, 70, 44), (230, 120, 50)), ((150, 170, 60), (224, 170, 60)), ((110, 150, 56), (150, 176, 66))]  # fmt: skip
PEARS = [((186, 196, 90), (206, 206, 110)), ((228, 206, 96), (236, 190, 90)), ((140, 166, 66), (166, 186, 84)),
         ((190, 146, 80), (160, 116, 66)), ((150, 52, 50), (190, 100, 66)), ((214, 190, 90), (206, 84, 66))]  # fmt: skip
STRAWBERRIES = [((204, 30, 38), (220, 50, 46)), ((150, 18, 32), (176, 28, 40)), ((226, 80, 60), (240, 190, 150)),
                ((238, 222, 180), (226, 140, 110)), ((206, 210, 140), (232, 224, 170)), ((216, 44, 44), (236, 130, 90))]  # fmt: skip


def _apple(g: np.random.Generator, variety: float) -> Fruit:
    ground, blush = _ripe(g, APPLES, variety)
    tall = g.uniform(0.9, 1.08)
    outline = [(0, 0.52), (0.1, 0.66), (0.36, 0.87), (0.72, 0.74), (0.95, 0.3), (0.92, -0.22), (0.7, -0.66),
               (0.38, -0.86), (0.15, -0.78), (0, -0.66)]  # fmt: skip
    outline = [(r, h * tall) for r, h in outline]
    striped, covered = g.uniform(0, 0.7), g.uniform(-0.1, 0.8)
    star = bool(g.random() < 0.35)

    def skin(s: Surface) -> Look:
        polar = s.polar
        streaks = _stripes(g, s.longitude + 0.08 * s.noise(3), 34) * np.sin(polar)
        share = covered + 0.45 * s.x + 0.35 * s.noise(1) + striped * streaks
        color = _mixed(ground, blush, share)
        dots = (s.noise(16) > 0.62)[:, None] * np.sin(polar)[:, None]
        color = color + dots * 0.3 * (np.array([225, 205, 160]) - color)
        pit = np.clip((0.42 - polar) / 0.3 + 0.3 * _stripes(g, s.longitude, 12), 0, 1)
        color = color * (1 - 0.75 * pit[:, None]) + 0.75 * pit[:, None] * np.array([120, 108, 52])
        eye = np.clip((polar - np.pi + 0.2) / 0.1, 0, 1)[:, None]
        return Look(color * (1 - 0.75 * eye), 0.01 * s.noise(5), gloss=0.5, sharpness=28)

    def flesh(s: Surface) -> Look:
        color = _mixed((226, 214, 150), (242, 232, 196), s.depth * 5)
        if star:
            angle, away = s.longitude, np.hypot(s.x, s.y)
            seeds = (np.cos(5 * angle) > 0.75) & (np.abs(away - 0.2) < 0.09)
            core = np.abs(away - 0.3 - 0.08 * np.cos(5 * angle)) < 0.03
        else:
            core = np.abs(np.hypot(s.y * 1.2, s.h) - 0.42) < 0.025
            seeds = np.hypot((np.abs(s.y) - 0.14) / 0.07, (s.h + 0.05) / 0.16) < 1
            core |= (np.abs(s.y) < 0.025) & (np.abs(s.h) > 0.3)
        color[core] = (196, 190, 120)
        color[seeds] = (84, 48, 26)
        return Look(color + 5 * s.noise(9)[:, None], gloss=0.12)

    tubes = [_stem(g, 0.5, g.uniform(0.95, 1.35), 0.055, 0.3, (92, 70, 40))] if g.random() < 0.8 else []
    cut = (0, 0, -1) if star else (1, 0, 0)
    return Fruit(_revolve(g, outline), 1.1, skin, flesh, cut, [] if star else tubes)


def _avocado(g: np.random.Generator, variety: float) -> Fruit:
    light, dark = _ripe(g, AVOCADOS, variety)
    neck = g.uniform(0.85, 1.15)
    outline = [(0, 1.22), (0.24 * neck, 1.15), (0.44 * neck, 0.88), (0.6, 0.5), (0.77, 0.05), (0.8, -0.38),
               (0.62, -0.78), (0.3, -0.98), (0, -1.03)]  # fmt: skip
    rough = g.uniform(0.015, 0.04)
    stone = bool(g.random() < 0.6)

    def skin(s: Surface) -> Look:
        pebbles = s.noise(11) + 0.5 * s.noise(20)
        color = _mixed(dark, light, 0.45 + 0.5 * pebbles + 0.25 * s.noise(1.2))
        button = np.clip((0.1 - s.polar) / 0.03, 0, 1)[:, None]
        color = color + button * (np.array([132, 104, 62]) - color)
        return Look(color, rough * pebbles, gloss=0.28, sharpness=12)

    def flesh(s: Surface) -> Look:
        color = _mixed((120, 150, 56), (226, 212, 120), s.depth * 4.5) + 5 * s.noise(7)[:, None]
        away = np.hypot(s.y, (s.h + 0.3) * 0.95)
        round_ = np.sqrt(np.clip(1 - (away / 0.42) ** 2, 0, 1))
        pit = away < 0.42
        wood = np.array((150, 92, 50)) if stone else np.array((186, 170, 96))
        color[pit] = wood * (0.75 + 0.3 * s.noise(6)[pit, None])
        return Look(color, (0.4 if stone else -0.3) * round_, gloss=0.3, sharpness=20)

    return Fruit(_revolve(g, outline, 0.08), 1.35, skin, flesh, (1, 0, 0), cut_range=(0.6, 1.0))


def _banana(g: np.random.Generator, variety: float) -> Fruit:
    light, dark = _ripe(g, BANANAS, variety)
    radius, span, thick = g.uniform(1.3, 2.0), g.uniform(1.15, 1.4), g.uniform(0.85, 1.1)
    half = span / radius
    knots = [0, 0.09, 0.17, 0.28, 0.5, 0.74, 0.9, 0.965, 1]
    width = np.array([0.08, 0.075, 0.1, 0.25, 0.315, 0.29, 0.18, 0.085, 0.06]) * thick
    ridges, spots, green = g.uniform(0.03, 0.08), g.choice([0.95, g.uniform(0.3, 0.7)]), g.random() < 0.4

    def parts(x: np.ndarray, y: np.ndarray, h: np.ndarray) -> tuple[np.ndarray, ...]:
        x = x + radius - 0.25
        angle = np.arctan2(h, x)
        along = np.clip(angle, -half, half)
        return along, (angle - along) * radius, np.hypot(x, h) - radius

    def distance(x: np.ndarray, y: np.ndarray, h: np.ndarray) -> np.ndarray:
        along, beyond, out = parts(x, y, h)
        thickness = np.interp(along, (0.5 - np.array(knots))[::-1] * 2 * half, width[::-1])
        thickness = thickness * (1 + ridges * np.cos(5 * np.arctan2(y, out)))
        return (np.sqrt(out * out + y * y + beyond * beyond) - thickness).astype("float32")

    def skin(s: Surface) -> Look:
        along, _, out = parts(s.x, s.y, s.h)
        t = 0.5 - along / (2 * half)
        color = _mixed(light, dark, 0.5 + 0.5 * s.noise(2))
        ridge = np.cos(5 * np.arctan2(s.y, out))
        color = color * (1 - 0.14 * (ridge > 0.86))[:, None]
        end = np.clip(np.abs(t - 0.5) * 5 - 1.6, 0, 1)[:, None] * (0.7 if green else 0.25)
        color = color + end * (np.array([132, 158, 66]) - color)
        brown = (s.noise(7) + 0.4 * s.noise(14) > spots)[:, None] * 0.75
        color = color + brown * (np.array([92, 58, 34]) - color)
        tip = np.clip((np.abs(t - 0.5) - 0.475) / 0.01, 0, 1)[:, None]
        return Look(color + 0.85 * tip * (np.array([52, 40, 30]) - color), 0.006 * s.noise(6), 0.22, 14)

    def flesh(s: Surface) -> Look:
        _, _, out = parts(s.x, s.y, s.h)
        away, angle = np.hypot(out, s.y), np.arctan2(s.y, out)
        color = _mixed((236, 216, 150), (246, 234, 196), s.depth * 8)
        color[(np.cos(3 * angle) > 0.8) & (away < 0.16)] = (206, 180, 112)
        color[(np.cos(3 * angle) > 0.9) & (np.abs(away - 0.07) < 0.03)] = (110, 84, 52)
        return Look(color + 5 * s.noise(9)[:, None], gloss=0.1)

    return Fruit(distance, 1.45, skin, flesh, (0, 0, -1), facing=(0, 1, 0), facing_range=(0.6, 1.0),
                 cut_range=(0.3, 0.6))  # fmt: skip


def _cherry(g: np.random.Generator, variety: float) -> Fruit:
    ground, blush = _ripe(g, CHERRIES, variety)
    outline = [(0, 0.6), (0.12, 0.7), (0.42, 0.86), (0.8, 0.6), (0.95, 0.12), (0.82, -0.4), (0.46, -0.78),
               (0.15, -0.88), (0, -0.87)]  # fmt: skip
    covered = g.uniform(0.1, 0.8)

    def skin(s: Surface) -> Look:
        color = _mixed(ground, blush, covered + 0.5 * s.x + 0.25 * s.noise(1.3))
        color = color + (s.noise(18) > 0.7)[:, None] * 12
        color = color * (1 - 0.5 * np.clip((0.3 - s.polar) / 0.25, 0, 1))[:, None]
        scar = np.clip((s.polar - np.pi + 0.09) / 0.03, 0, 1)[:, None]
        return Look(color + 0.6 * scar * (np.array([120, 80, 60]) - color), gloss=0.95, sharpness=70)

    def flesh(s: Surface) -> Look:
        color = _mixed(ground * 0.9, ground * 0.55 + np.array([100, 40, 40]), s.depth * 2.5)
        color = color + 10 * _stripes(g, np.arctan2(s.y, s.h), 30)[:, None]
        away = np.hypot(s.y, s.h * 0.85)
        stone = away < 0.4
        color[stone] = np.array([190, 142, 96]) * (0.85 + 0.2 * s.noise(5)[stone, None])
        return Look(color, 0.3 * np.sqrt(np.clip(1 - (away / 0.4) ** 2, 0, 1)), gloss=0.4, sharpness=25)

    color = [(110, 128, 56), (132, 110, 60), (150, 150, 80)][g.integers(3)]
    tubes = [_stem(g, 0.58, g.uniform(1.8, 3.2), 0.06, 0.28, color)] if g.random() < 0.9 else []
    return Fruit(_revolve(g, outline, 0.03), 1.05, skin, flesh, (1, 0, 0), tubes)


def _citrus_skin(g: np.random.Generator, colors: tuple, button: float) -> Callable[[Surface], Look]:
    """Return the look of a peel: pores all over, a small star where the stem was."""
    low, high = colors
    pores_deep, blotch = g.uniform(0.004, 0.011), g.uniform(0.2, 0.6)

    def skin(s: Surface) -> Look:
        pores = s.noise(13) + 0.7 * s.noise(22)
        color = (
            _mixed(low, high, 0.5 + blotch * s.noise(1.2)) * (1 + 0.05 * np.clip(pores, -1.5, 0.5))[:, None]
        )
        star = np.clip((button * (1 + 0.35 * np.cos(5 * s.longitude)) - s.polar) / 0.03, 0, 1)[:, None]
        color = color + star * (np.array([104, 112, 60]) - color)
        return Look(color, pores_deep * pores, gloss=0.42, sharpness=18)

    return skin


def _citrus_flesh(g: np.random.Generator, color: np.ndarray) -> Callable[[Surface], Look]:
    """Return the look of a citrus fruit that is cut across: pith, and segments with drops of juice."""
    number, start, rind = int(g.integers(8, 12)), g.uniform(0, 2 * np.pi), g.uniform(0.08, 0.16)
    pith = np.array((244, 232, 196), dtype="float32")

    def flesh(s: Surface) -> Look:
        angle, away = s.longitude + start, np.hypot(s.x, s.y)
        across = np.abs((angle * number / (2 * np.pi)) % 1 - 0.5) * 2  # 1 on the skin between two segments
        inside = (s.depth > rind) & (away > 0.07) & ((1 - across) * away > 0.035)
        drops = _stripes(g, angle + 0.1 * s.noise(5), 60)
        juicy = color * (0.92 + 0.08 * drops + 0.1 * s.noise(8))[:, None]
        rim = _mixed(color * 0.8 + 40, pith, (s.depth - 0.02) * 40)
        return Look(
            np.where(inside[:, None], juicy, rim), 0.02 * s.noise(9) * inside, gloss=0.3, sharpness=25
        )

    return flesh


def _lemon(g: np.random.Generator, variety: float) -> Fruit:
    colors = _ripe(g, LEMONS, variety)
    long, nipple = g.uniform(0.92, 1.12), g.uniform(0.7, 1.3)
    outline = [(0, 1.08 + 0.24 * nipple), (0.12, 1.05 + 0.19 * nipple), (0.2, 1.06), (0.48, 0.84), (0.76, 0.42),
               (0.83, 0), (0.76, -0.42), (0.48, -0.86), (0.24, -1.02), (0.12, -1.06 - 0.05 * nipple),
               (0, -1.08 - 0.06 * nipple)]  # fmt: skip
    outline = [(r, h * long) for r, h in outline]
    juice = np.clip(colors[1] * 0.5 + np.array([118, 112, 62]), 0, 250)
    tubes = [_stem(g, -1.05 * long, -1.25 * long, 0.07, 0.1, (110, 118, 62))] if g.random() < 0.25 else []
    facing = (-0.55, 0.6)  # along the core it would be an orange
    return Fruit(_revolve(g, outline, 0.06), 1.45, _citrus_skin(g, colors, 0.03), _citrus_flesh(g, juice),
                 (0, 0, -1), tubes, facing_range=facing, cut_range=(0.4, 0.85))  # fmt: skip


def _orange(g: np.random.Generator, variety: float) -> Fruit:
    colors = _ripe(g, ORANGES, variety)
    flat = g.uniform(0.86, 1.02)
    outline = [(0, 0.86), (0.14, 0.9), (0.5, 0.81), (0.84, 0.47), (0.97, 0), (0.86, -0.45), (0.5, -0.83),
               (0.14, -0.94), (0, -0.91)]  # fmt: skip
    outline = [(r, h * flat) for r, h in outline]
    juice = [colors[0], np.array((238, 150, 50.0)), np.array((170, 44, 44.0))][g.choice(3, p=[0.4, 0.4, 0.2])]
    return Fruit(_revolve(g, outline, 0.02), 1.05, _citrus_skin(g, colors, g.uniform(0.07, 0.13)),
                 _citrus_flesh(g, juice), (0, 0, -1), facing_range=(-0.8, 0.95))  # fmt: skip


def _pear(g: np.random.Generator, variety: float) -> Fruit:
    ground, blush = _ripe(g, PEARS, variety)
    neck = g.uniform(0.8, 1.2)
    outline = [(0, 1.4), (0.17 * neck, 1.35), (0.3 * neck, 1.12), (0.37 * neck, 0.82), (0.57, 0.45), (0.82, 0.05),
               (0.9, -0.33), (0.72, -0.74), (0.36, -0.94), (0.13, -0.9), (0, -0.82)]  # fmt: skip
    speckled, russet = g.uniform(0.45, 0.75), g.uniform(0, 0.6)

    def skin(s: Surface) -> Look:
        color = _mixed(ground, blush, 0.3 + 0.5 * s.x + 0.35 * s.noise(1.1))
        speckles = (s.noise(16) > speckled)[:, None] * 0.4
        color = color + speckles * (np.array([128, 96, 56]) - color)
        polar = s.polar
        brown = np.clip((0.22 - polar) / 0.12 + 0.5 * s.noise(4), 0, 1)[:, None] * russet
        color = color + brown * (np.array([150, 108, 60]) - color)
        eye = np.clip((polar - np.pi + 0.17) / 0.07, 0, 1)[:, None]
        return Look(color * (1 - 0.75 * eye), 0.008 * s.noise(7), gloss=0.25, sharpness=14)

    def flesh(s: Surface) -> Look:
        color = _mixed((226, 220, 160), (244, 238, 210), s.depth * 6)
        core = np.hypot(s.y * 1.1, (s.h + 0.3) * 0.85) < 0.3
        color[core] = color[core] * (0.95, 0.94, 0.86)
        color[(np.abs(s.y) < 0.03) & (s.h > -0.05)] = (214, 206, 150)
        color[np.hypot((np.abs(s.y) - 0.11) / 0.06, (s.h + 0.3) / 0.14) < 1] = (70, 42, 26)
        return Look(color + 6 * s.noise(12)[:, None], gloss=0.15)

    tubes = [_stem(g, 1.3, g.uniform(1.6, 2.0), 0.06, 0.35, (96, 72, 44))] if g.random() < 0.9 else []
    return Fruit(_revolve(g, outline, 0.1), 1.55, skin, flesh, (1, 0, 0), tubes, facing_range=(-0.5, 0.7))


def _strawberry(g: np.random.Generator, variety: float) -> Fruit:
    ground, shoulder = _ripe(g, STRAWBERRIES, variety)
    long, wide = g.uniform(0.8, 1.12), g.uniform(0.9, 1.12)
    outline = [
        (0, 0.7),
        (0.3, 0.77),
        (0.64, 0.62),
        (0.82, 0.25),
        (0.7, -0.25),
        (0.46, -0.72),
        (0.18, -1.05),
        (0, -1.12),
    ]
    outline = [(r * wide, h * long) for r, h in outline]
    rows, pale = g.uniform(10, 14), g.uniform(0.5, 1)
    seed = np.array([(226, 190, 90), (190, 150, 60), (150, 160, 70)][g.integers(3)])

    def skin(s: Surface) -> Look:
        polar, longitude = s.polar, s.longitude
        row = np.floor(polar / np.pi * rows)
        in_row = np.maximum(np.round(2 * np.pi * np.sin((row + 0.5) * np.pi / rows) / np.pi * rows * 0.8), 1)
        a = ((longitude / (2 * np.pi) + 0.5) * in_row + 0.5 * (row % 2)) % 1 - 0.5
        b = (polar / np.pi * rows) % 1 - 0.5
        away = np.hypot(a * 1.1, b)
        color = _mixed(ground, shoulder, (1.0 - polar) * pale * 2 + 0.25 * s.noise(1.5))
        color = color * (1 - 0.3 * np.clip(1 - away / 0.38, 0, 1))[:, None]
        color[np.hypot(a * 1.7, b) < 0.2] = seed
        return Look(color, 0.07 * np.clip(away / 0.4, 0, 1) ** 2, gloss=0.6, sharpness=30)

    def flesh(s: Surface) -> Look:
        pink = ground * 0.4 + np.array([148, 84, 80])
        color = _mixed(ground, pink, s.depth * 4 + 0.2 * _stripes(g, np.arctan2(s.y, s.h), 26))
        core = np.hypot(s.y * 1.9, (s.h - 0.1) * 0.9)
        color = _mixed((246, 226, 206), (0, 0, 0), np.zeros(len(core))) * (
            w := np.clip(1.5 - core * 3, 0, 0.9)[:, None]
        ) + color * (1 - w)
        return Look(color + 5 * s.noise(9)[:, None], gloss=0.25)

    green = [(84, 132, 52), (110, 150, 66), (66, 108, 50)][g.integers(3)]
    tubes = _sepals(g, 0.68 * long, g.uniform(0.5, 0.8), green)
    tubes.append(_stem(g, 0.68 * long, g.uniform(0.85, 1.5), 0.05, 0.3, green))
    return Fruit(_revolve(g, outline, 0.06), 1.3, skin, flesh, (1, 0, 0), tubes, facing_range=(-0.6, 0.75))


FRUITS: dict[str, Callable[[np.random.Generator, float], Fruit]] = dict(
    zip(CLASSES, (_apple, _avocado, _banana, _cherry, _lemon, _orange, _pear, _strawberry), strict=True)
)


# --- What is the same for all -------------------------------------------------------------------------------------


def _background(canvas: Canvas) -> None:
    """Fill the canvas: mostly a pale, empty ground; sometimes wood or cloth; sometimes a thing that lies there."""
    g, side = canvas.generator, canvas.side
    kind = g.choice(["pale", "wood", "cloth", "plain"], p=[0.7, 0.1, 0.1, 0.1])
    angle = g.uniform(0, np.pi)
    along = canvas.x * np.cos(angle) + canvas.y * np.sin(angle)
    if kind == "pale":
        canvas.pixels[:] = g.uniform(205, 252) + g.normal(0, 5, 3)
    elif kind == "wood":
        light = np.array([(196, 152, 104), (150, 104, 66), (214, 186, 146)][g.integers(3)])
        grain = np.sin(along / side * g.uniform(20, 50) + 3 * noise(g, (side, side), 4))
        canvas.pixels[:] = light * (1 + 0.09 * grain[..., None])
    else:
        canvas.pixels[:] = np.clip(g.uniform(80, 225) + g.normal(0, 20, 3), 20, 245)
    if kind == "cloth":
        width = g.uniform(0.08, 0.25) * side
        across = canvas.y * np.cos(angle) - canvas.x * np.sin(angle)
        bands = (along % width < width / 2) * 1.0
        if g.random() < 0.5:
            bands = (bands + (across % width < width / 2)) / 2
        canvas.pixels += bands[..., None] * g.normal(0, 30, 3)
    canvas.pixels += noise(g, (side, side), 3)[..., None] * g.uniform(2, 14)
    for _ in range(g.choice([0, 1, 2], p=[0.62, 0.28, 0.1])):
        place = Frame(*g.uniform(0, side, 2), g.uniform(0.1, 0.3) * side, g.uniform(0, 2 * np.pi))
        _thing(canvas, place)


def _thing(canvas: Canvas, place: Frame) -> None:
    """Draw a leaf, a dish, a spoon's handle or a crumpled paper, with its shadow."""
    g = canvas.generator
    kind = g.integers(4)
    color = np.clip(g.uniform(60, 220) + g.normal(0, 40, 3), 15, 245)
    outline = [
        smooth([(-1, 0), (-0.4, -0.38), (0.3, -0.36), (1, 0), (0.3, 0.36), (-0.4, 0.38)]),
        ellipse(0, 0, 1, g.uniform(0.6, 1)),
        np.array([(-2, -0.12), (2, -0.2), (2, 0.2), (-2, 0.12)]),
        smooth(g.uniform(0.6, 1.1, (7, 1)) * ellipse(0, 0, 1, 1)[::7][:7]),
    ][kind]
    if kind == 0:
        color = np.array([(86, 124, 56), (120, 150, 70), (150, 120, 60)][g.integers(3)]) + g.normal(0, 12, 3)
    canvas.paint(canvas.mask(place.moved(0.06, 0.08), outline, blur=0.08) * 0.3, (40, 36, 34))
    canvas.shape(place, outline, color)
    if kind == 0:
        canvas.line(place, [(-1.2, 0), (1, 0)], 0.05, color * 1.25)
    elif kind == 1:
        canvas.shape(place, outline * 0.75, np.clip(color * 1.12, 0, 250), blur=0.05)


def _things_in_front(canvas: Canvas) -> None:
    g, side = canvas.generator, canvas.side
    if g.random() < 0.25:
        edge = g.uniform(0, side, 2)
        edge[g.integers(2)] = g.choice([0, side]) + g.normal(0, 0.06 * side)
        _thing(canvas, Frame(*edge, g.uniform(0.12, 0.25) * side, g.uniform(0, 2 * np.pi)))


def _camera(canvas: Canvas) -> None:
    """Light the scene unevenly and let the camera see it with a wrong white balance and exposure."""
    g, side = canvas.generator, canvas.side
    angle = g.uniform(0, 2 * np.pi)
    across = ((canvas.x - side / 2) * np.cos(angle) + (canvas.y - side / 2) * np.sin(angle)) / side
    brightness = g.uniform(0.7, 1.15) * (1 + g.uniform(0, 0.4) * across)
    if g.random() < 0.15:  # a shadow's edge
        brightness = brightness * np.where(across > g.uniform(-0.2, 0.3), 1, 0.65)
    balance = np.exp(g.normal(0, 0.085, 3))
    gray = canvas.pixels.mean(2, keepdims=True)
    colorful = gray + (canvas.pixels - gray) * g.uniform(0.7, 1.2)
    canvas.pixels = np.clip(colorful, 0, 255) * brightness[..., None] * balance + g.uniform(-6, 14)
