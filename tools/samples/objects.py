"""Drawn objects of ten kinds at 32 × 32: the built-in stand-in for the small photographs of CIFAR-10.

Each object is a small sculpture of ellipsoids, tapering limbs and flat faces, turned and lit like a real thing, so
that side and three-quarter views, self-occlusion, shading and the shadow on the ground come by themselves. What
tells the kinds apart is their build: wings and a fin, wheels and a cabin, antlers, a mane, a hull, a cargo box.
Backgrounds, light, size, place, things in front and camera faults come from distributions that all kinds share, with
mild preferences only (a ship is on water more often than on a road); so do the coats of the animals and the paints
of the vehicles.

In a sculpture x points forward, y up and z sideways; in a view x points right, y down and z to the viewer.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from tools.samples.canvas import Canvas, Frame, ellipse, noise, smooth
from tools.samples.pets import COATS

SIZE = 32
CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
PREFERENCES = {  # how many times as often as the others; everything else occurs as well
    "airplane": {"sky": 2.5, "road": 1.5},
    "automobile": {"city": 1.5, "road": 1.5},
    "bird": {"sky": 1.5, "sand": 1.5},
    "cat": {"wall": 1.5, "floor": 1.5},
    "deer": {"forest": 1.5, "grass": 1.5},
    "dog": {"wall": 1.5, "grass": 1.5},
    "frog": {"forest": 1.5, "water": 1.5},
    "horse": {"hills": 1.5, "sand": 1.5},
    "ship": {"sky": 1.5, "water": 3},
    "truck": {"hills": 1.5, "road": 1.5},
}
RUBBER, GLASS, STEEL, LAMP, HORN = (26, 26, 28), (46, 58, 68), (150, 152, 156), (250, 240, 205), (62, 46, 34)
SIDES = (-1, 1)
Color = tuple[float, float, float] | np.ndarray | Callable[[np.ndarray], np.ndarray]


def draw(kind: str, generator: np.random.Generator) -> np.ndarray:
    """Return one picture of the kind, shape (32, 32, 3), uint8."""
    canvas = Canvas(SIZE, generator)
    _scene(canvas, PREFERENCES[kind])
    sculpture = Sculpture(generator, _direction_of_view(generator))
    BUILDERS[kind](sculpture)
    _show(canvas, sculpture)
    _things_in_front(canvas)
    _light(canvas)
    file = canvas.finish(
        quality=int(generator.integers(60, 90)),
        blur=generator.choice([0, generator.uniform(0.2, 0.6)]),
        grain=generator.uniform(0.5, 4),
    )
    return np.asarray(Image.open(io.BytesIO(file)))


# Geometry


def _unit(vector) -> np.ndarray:
    vector = np.asarray(vector, dtype=float)
    return vector / max(1e-9, float(np.linalg.norm(vector)))


def _direction_of_view(g: np.random.Generator) -> np.ndarray:
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

    def at(self, center, matrix: np.ndarray | None = None, size: float = 1.0) -> Sculpture:
        """Return a sculpture that adds to the same parts, in coordinates of its own."""
        matrix = np.eye(3) if matrix is None else matrix
        origin = self.origin + self.size * self.matrix @ np.asarray(center, dtype=float)
        inner = Sculpture(self.generator, self.view, self.matrix @ matrix, origin, self.size * size)
        inner.parts, inner.gloss = self.parts, self.gloss
        return inner

    def _add(self, kind: str, points, color: Color, radii, axes: np.ndarray | None = None) -> None:
        points = np.asarray(points, dtype=float) @ self.matrix.T * self.size + self.origin
        radii = np.asarray(radii, dtype=float) * self.size
        axes = self.matrix if axes is None else self.matrix @ axes
        self.parts.append(Part(kind, points, color, radii, axes, self.gloss))

    def ball(self, center, radii, color: Color, axes: np.ndarray | None = None) -> None:
        """Add an ellipsoid; one radius makes a ball."""
        self._add("ellipsoid", [center], color, np.broadcast_to(radii, 3), axes)

    def limb(self, path, radii, color: Color) -> None:
        """Add a chain of tapering limbs through the points."""
        radii = np.broadcast_to(radii, len(path))
        for n in range(len(path) - 1):
            self._add("limb", path[n : n + 2], color, radii[n : n + 2])

    def face(self, points, color: Color) -> None:
        """Add a flat face, visible from both sides."""
        self._add("face", points, color, np.zeros(len(points)))

    def faces_on_sides(self, points, color: Color) -> None:
        """Add a face and its mirror image on the other side."""
        for side in SIDES:
            self.face(np.asarray(points, dtype=float) * [1, 1, side], color)

    def loft(self, first, second, color: Color, cap: Color | None = None) -> None:
        """Add the solid between two outlines with the same number of points."""
        first, second = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
        for n in range(len(first)):
            after = (n + 1) % len(first)
            self.face([first[n], first[after], second[after], second[n]], color)
        for outline in (first, second):
            self.face(outline, color if cap is None else cap)

    def extrude(self, profile, half_width, color: Color) -> None:
        """Add the solid with a profile in x and y; the half width can differ from corner to corner."""
        profile = np.asarray(profile, dtype=float)
        z = np.broadcast_to(half_width, len(profile))
        self.loft(np.column_stack([profile, -z]), np.column_stack([profile, z]), color)

    def box(self, low, high, color: Color) -> None:
        """Add a box between two corners, the same to both sides: (x, y), (x, y, half width)."""
        (left, bottom), (right, top, width) = low, high
        self.extrude([(left, bottom), (right, bottom), (right, top), (left, top)], width, color)

    def toward_viewer(self, share: float) -> np.ndarray:
        """Return the matrix of a head that looks ahead (0) or at the viewer (1)."""
        viewer = self.matrix.T @ self.view.T @ [0, 0, 1]
        ahead = _unit(
            (1 - share) * np.array([1, 0, 0]) + share * np.array([viewer[0], 0.4 * viewer[1], viewer[2]])
        )
        aside = _unit(np.cross(ahead, [0, 1, 0]))
        return np.column_stack([ahead, np.cross(aside, ahead), aside])


# From the sculpture to the picture


class Renderer:
    """Depth, direction and color of the surface at each pixel of the canvas."""

    def __init__(self, canvas: Canvas, view: np.ndarray, scale: float, shift: np.ndarray):
        self.canvas, self.view, self.scale, self.shift = canvas, view, scale, shift
        side = canvas.side
        self.depth = np.full((side, side), -1e9)
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

    def _ellipsoid(self, part: Part, points: np.ndarray, x: np.ndarray, y: np.ndarray):
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

    def _limb(self, part: Part, points: np.ndarray, x: np.ndarray, y: np.ndarray):
        radii = np.maximum(part.radii * self.scale, 0.6)
        (ax, ay, az), along = points[0], points[1] - points[0]
        t = ((x - ax) * along[0] + (y - ay) * along[1]) / max(1e-6, along[0] ** 2 + along[1] ** 2)
        t = np.clip(t, 0, 1)
        radius = radii[0] + t * (radii[1] - radii[0])
        dx, dy = x - ax - t * along[0], y - ay - t * along[1]
        rise = np.sqrt(np.maximum(radius**2 - dx**2 - dy**2, 0))
        normal = np.stack([dx, dy, rise], axis=-1) / radius[..., None]
        return rise > 0, az + t * along[2] + rise, normal

    def _face(self, part: Part, points: np.ndarray, x: np.ndarray, y: np.ndarray):
        normal = _unit(np.cross(points, np.roll(points, -1, axis=0)).sum(axis=0))
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
        half = _unit(sun + [0, 0, 1])
        glint = np.clip(self.normal @ half, 0, None) ** 24 * 190 + np.clip(up, 0, 1) ** 2 * 38
        return self.color * light[..., None] + (glint * self.gloss)[..., None]

    def shadow(self, sun: np.ndarray, ground: float) -> np.ndarray:
        """Return where the visible surface throws its shadow on the ground, 0–1."""
        up = self.view @ [0, 1, 0]
        rows, columns = np.nonzero(self.depth > -1e8)
        place = np.stack([columns, rows, self.depth[rows, columns]], axis=1)
        height = (place - self.shift) @ up - ground * self.scale
        down = place - np.clip(height, 0, None)[:, None] / max(0.35, float(sun @ up)) * sun
        layer = np.zeros_like(self.depth, dtype="uint8")
        x, y = (np.clip(down[:, n].round(), 0, self.canvas.side - 1).astype(int) for n in (0, 1))
        layer[y, x] = 255
        picture = Image.fromarray(layer).filter(ImageFilter.MaxFilter(5)).filter(ImageFilter.GaussianBlur(2))
        return np.asarray(picture, dtype="float32") / 255


def _frame(canvas: Canvas, sculpture: Sculpture) -> tuple[float, np.ndarray]:
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


def _show(canvas: Canvas, sculpture: Sculpture) -> None:
    g = canvas.generator
    scale, shift = _frame(canvas, sculpture)
    renderer = Renderer(canvas, sculpture.view, scale, shift)
    for part in sculpture.parts:
        renderer.add(part)
    sun = _unit([g.uniform(-1, 1), -g.uniform(0.35, 1.2), g.uniform(-0.1, 0.9)])
    if sculpture.ground is not None:
        darkness = g.uniform(0.25, 0.65)
        canvas.pixels *= 1 - darkness * renderer.shadow(sun, sculpture.ground)[..., None]
    colors = renderer.lit(sun, g.uniform(0.4, 0.75))
    shape, strength = (canvas.side, canvas.side), 0.05 + 0.13 * bool(sculpture.hairy)
    colors *= (1 + strength * (noise(g, shape, canvas.side // 2) + 0.6 * noise(g, shape, 20)))[..., None]
    mask = (renderer.depth > -1e8).astype("float32")
    if sculpture.waterline is not None:
        height = np.stack([canvas.x, canvas.y, renderer.depth], axis=-1) - shift
        height = height @ (sculpture.view @ [0, 1, 0]) / scale + 0.02 * noise(g, shape, 16)
        mask *= height > sculpture.waterline
        foam = (np.abs(height - sculpture.waterline) < 0.025) * (renderer.depth > -1e8) * g.uniform(0, 0.8)
        canvas.paint(foam.astype("float32"), g.uniform(170, 240))
    if sculpture.hairy:  # the outline of fur or feathers is ragged: fetch each pixel from a little aside
        away = [np.rint(noise(g, shape, canvas.side // 2) * sculpture.hairy) for _ in range(2)]
        rows = np.clip(canvas.y + away[0], 0, canvas.side - 1).astype(int)
        columns = np.clip(canvas.x + away[1], 0, canvas.side - 1).astype(int)
        mask, colors = mask[rows, columns], colors[rows, columns]
    canvas.paint(mask, np.clip(colors, 0, 255))


# Backgrounds, things in front, light


def _muted(g: np.random.Generator, saturation: float = 0.3) -> np.ndarray:
    return np.clip(g.uniform(45, 215) + g.normal(0, 60, 3) * saturation, 10, 245)


def _tinted(g: np.random.Generator, *choices) -> np.ndarray:
    """Return one of the colors, varied."""
    return np.clip(
        np.array(choices[g.integers(len(choices))]) * g.uniform(0.7, 1.2) + g.normal(0, 12, 3), 5, 250
    )


def _scene(canvas: Canvas, preferences: dict[str, float]) -> None:
    """Paint a backdrop above the horizon and a ground below; sometimes one of them fills the picture."""
    g, side = canvas.generator, canvas.side
    chosen = []
    for kinds in (BACKDROPS, GROUNDS):
        weights = np.array([preferences.get(kind, 1.0) for kind in kinds])
        chosen.append(kinds[list(kinds)[g.choice(len(kinds), p=weights / weights.sum())]])
    horizon = g.choice([-0.3, g.uniform(0.25, 0.75), 1.2], p=[0.15, 0.7, 0.15])
    line = (horizon + 0.02 * noise(g, (side, side), 3)) * side
    chosen[0](canvas, horizon * side)
    above = canvas.pixels.copy()
    chosen[1](canvas, horizon * side)
    canvas.pixels = np.where((canvas.y > line)[..., None], canvas.pixels, above)
    canvas.pixels += noise(g, (side, side), side // 2)[..., None] * g.uniform(2, 9)
    for _ in range(g.integers(0, 5)):  # parcels, bushes, people, stones: on the ground rather than in the air
        y = np.clip(horizon + g.normal(0.1, 0.16), 0.1, 1) * side
        place = Frame(g.uniform(0, side), y, g.uniform(0.03, 0.14) * side, g.normal(0, 0.3))
        color = _muted(g, 0.45) + 25 * noise(g, (side, side), 30)[..., None]
        canvas.shape(place, _thing(g), color, blur=g.choice([0.05, 0.2]), opacity=g.uniform(0.5, 1))


def _sky(canvas: Canvas, horizon: float) -> None:
    g, side = canvas.generator, canvas.side
    top = _tinted(
        g, (90, 140, 205), (150, 180, 215), (140, 145, 150), (190, 195, 200), (70, 95, 140), (205, 160, 140)
    )
    rise = (canvas.y / side)[..., None]
    canvas.pixels[:] = top + rise * (_tinted(g, (205, 220, 232), (225, 205, 185)) - top) * g.uniform(0.2, 1)
    clouds = noise(g, (side, side), int(g.integers(3, 7))) + 0.5 * noise(g, (side, side), 14)
    cover = np.clip((clouds - g.uniform(-0.3, 0.9)) * 1.5, 0, 1) * g.uniform(0.4, 1)
    canvas.paint(cover, g.uniform(170, 250) + g.normal(0, 5, 3))


def _forest(canvas: Canvas, horizon: float) -> None:
    g, side = canvas.generator, canvas.side
    leaves = _tinted(g, (52, 82, 40), (84, 104, 52), (110, 92, 48), (40, 60, 46))
    dapple = noise(g, (side, side), 11) + 0.8 * noise(g, (side, side), 28)
    canvas.pixels[:] = leaves * (1 + 0.4 * dapple)[..., None]
    for _ in range(g.integers(0, 9)):
        x, lean = g.uniform(0, side), g.normal(0, 0.06) * side
        color = _tinted(g, (60, 46, 36), (110, 98, 84), (180, 176, 168))
        canvas.line(Frame(0, 0, 1), [(x, -5), (x + lean, side)], g.uniform(0.02, 0.09) * side, color)
    canvas.paint(np.clip(dapple - 0.7, 0, 1), leaves * 1.6)


def _hills(canvas: Canvas, horizon: float) -> None:
    g, side = canvas.generator, canvas.side
    _sky(canvas, horizon)
    for n in range(int(g.integers(1, 4))):
        color = _tinted(g, (90, 105, 120), (96, 110, 72), (130, 112, 88)) * (1 - 0.12 * n)
        crest = horizon - side * (0.28 - 0.1 * n) * (1 + noise(g, (side, side), 5)[:1])
        canvas.paint((canvas.y > crest).astype("float32"), color + 14 * noise(g, (side, side), 24)[..., None])


def _city(canvas: Canvas, horizon: float) -> None:
    g, side = canvas.generator, canvas.side
    _sky(canvas, horizon)
    base = horizon if 0 < horizon < side else side
    for _ in range(g.integers(2, 7)):
        wide, tall = g.uniform(0.12, 0.45) * side, g.uniform(0.2, 1.0) * base
        left = g.uniform(-0.5 * wide, side)
        house = (canvas.x > left) & (canvas.x < left + wide) & (canvas.y > base - tall)
        wall, period = _muted(g, 0.2), g.uniform(0.06, 0.13) * side
        window = ((canvas.x - left) % period > 0.5 * period) & (
            (canvas.y - base + tall) % (1.3 * period) > 0.6 * period
        )
        canvas.paint(house.astype("float32"), wall)
        canvas.paint((house & window) * g.uniform(0.3, 0.9), _tinted(g, (60, 70, 84), (220, 215, 190)))


def _wall(canvas: Canvas, horizon: float) -> None:
    g, side = canvas.generator, canvas.side
    canvas.pixels[:] = _muted(g, 0.2) + 16 * noise(g, (side, side), 5)[..., None]
    if g.random() < 0.5:  # bricks, boards, curtains, wallpaper
        high, wide = g.uniform(0.05, 0.16) * side, g.choice([0.12, 0.25, 5]) * side
        if g.random() < 0.4:
            high, wide = 5 * side, high
        row = np.floor(canvas.y / high)
        joint = (canvas.y % high < 1.6) | ((canvas.x + row % 2 * wide / 2) % wide < 1.6)
        canvas.pixels += joint[..., None] * g.uniform(-60, 40)
    if g.random() < 0.5:  # a window, a picture, a door, a sofa's back
        place = Frame(*g.uniform(0, side, 2), g.uniform(0.15, 0.4) * side)
        canvas.shape(
            place, np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * [g.uniform(0.5, 1.2), 1], _muted(g, 0.4)
        )


def _grass(canvas: Canvas, horizon: float) -> None:
    g, side = canvas.generator, canvas.side
    color = _tinted(g, (88, 120, 52), (120, 138, 70), (150, 140, 82), (64, 92, 48))
    blades = noise(g, (side, side), 40) + 0.7 * noise(g, (side, side), 9)
    canvas.pixels[:] = color * (1 + g.uniform(0.1, 0.25) * blades)[..., None]
    canvas.paint(np.clip(noise(g, (side, side), 30) - 0.8, 0, 1) * 2, _muted(g, 0.6))  # flowers, leaves


def _road(canvas: Canvas, horizon: float) -> None:
    g, side = canvas.generator, canvas.side
    canvas.pixels[:] = (
        _tinted(g, (96, 96, 98), (130, 126, 122), (70, 72, 78)) + 7 * noise(g, (side, side), 30)[..., None]
    )
    for _ in range(g.integers(0, 3)):
        y, slope = g.uniform(0.4, 1.0) * side, g.uniform(-0.25, 0.25) * side
        color = g.choice([(225, 222, 210), (215, 180, 70), (60, 60, 62)])
        canvas.line(Frame(0, 0, 1), [(0, y), (side, y + slope)], g.uniform(0.012, 0.035) * side, color)


def _water(canvas: Canvas, horizon: float) -> None:
    g, side = canvas.generator, canvas.side
    color = _tinted(g, (60, 96, 130), (84, 120, 128), (96, 110, 100), (130, 150, 165), (40, 62, 84))
    nearness = np.clip((canvas.y - horizon) / side, 0.01, None)
    waves = np.sin(g.uniform(50, 110) * np.sqrt(nearness) + 3 * noise(g, (side, side), 9))
    waves = waves + 0.8 * noise(g, (side, side), 22)
    canvas.pixels[:] = color * (1 + g.uniform(0.04, 0.17) * waves)[..., None]
    canvas.paint(np.clip(waves - 1.3, 0, 1) * g.uniform(0, 1), 235)


def _sand(canvas: Canvas, horizon: float) -> None:
    g, side = canvas.generator, canvas.side
    color = _tinted(g, (196, 176, 136), (150, 120, 88), (215, 218, 222), (120, 110, 98))
    grains = 0.5 * noise(g, (side, side), 45) + noise(g, (side, side), 8)
    canvas.pixels[:] = color * (1 + g.uniform(0.04, 0.14) * grains)[..., None]


def _floor(canvas: Canvas, horizon: float) -> None:
    g, side = canvas.generator, canvas.side
    canvas.pixels[:] = _tinted(g, (150, 110, 74), (180, 172, 160), (110, 70, 62), (90, 100, 120))
    canvas.pixels += 9 * noise(g, (side, side), 12)[..., None]
    angle, period = g.uniform(-0.4, 0.4), g.uniform(0.07, 0.2) * side
    joint = (canvas.y * np.cos(angle) + canvas.x * np.sin(angle)) % period < 1.5
    canvas.pixels += joint[..., None] * g.uniform(-50, 25)


BACKDROPS = {"sky": _sky, "forest": _forest, "hills": _hills, "city": _city, "wall": _wall}
GROUNDS = {"grass": _grass, "road": _road, "water": _water, "sand": _sand, "floor": _floor}


def _thing(g: np.random.Generator) -> np.ndarray:
    kind = g.integers(3)
    if kind == 0:
        return ellipse(0, 0, 1, g.uniform(0.3, 1))
    if kind == 1:
        return np.array([(-1, -0.5), (1, -0.5), (1, 0.5), (-1, 0.5)]) * [1, g.uniform(0.3, 1.6)]
    angles, radii = np.sort(g.uniform(0, 2 * np.pi, 7)), g.uniform(0.5, 1.1, 7)
    return smooth(np.stack([radii * np.cos(angles), radii * np.sin(angles)], axis=1))


def _things_in_front(canvas: Canvas) -> None:
    """Paint what stands between camera and object: grass, a pole or a branch, something at the edge."""
    g, side = canvas.generator, canvas.side
    flat = Frame(0, 0, 1)
    kind = g.choice(["nothing", "blades", "pole", "edge"], p=[0.55, 0.15, 0.1, 0.2])
    if kind == "blades":
        color = _tinted(g, (88, 120, 52), (150, 140, 82), (64, 92, 48))
        for _ in range(g.integers(6, 25)):
            x, tall = g.uniform(0, side), g.uniform(0.05, 0.3) * side
            path = [(x, side), (x + g.normal(0, 3), side - tall)]
            canvas.line(flat, path, g.uniform(0.01, 0.025) * side, color * g.uniform(0.7, 1.3))
    elif kind == "pole":
        x, lean = g.uniform(0, side), g.normal(0, 0.15) * side
        path = np.array([(x - lean, 0), (x + lean, side)])
        path = path[:, ::-1] if g.random() < 0.3 else path
        canvas.line(flat, path, g.uniform(0.02, 0.05) * side, _muted(g))
    elif kind == "edge":
        edge = g.uniform(0, side, 2)
        edge[g.integers(2)] = g.choice([0, side])
        place = Frame(*edge, g.uniform(0.1, 0.24) * side, g.uniform(0, np.pi))
        canvas.shape(place, _thing(g), _muted(g, 0.4), blur=g.choice([0, 0.1]))


def _light(canvas: Canvas) -> None:
    """Brighten one side, throw a shadow's edge at times, tint the whole and change the exposure."""
    g, side = canvas.generator, canvas.side
    angle = g.uniform(0, 2 * np.pi)
    across = ((canvas.x - side / 2) * np.cos(angle) + (canvas.y - side / 2) * np.sin(angle)) / side
    brightness = g.uniform(0.8, 1.25) * (1 + g.uniform(0, 0.5) * across)
    if g.random() < 0.2:
        edge = across + 0.1 * noise(g, (side, side), 4) > g.uniform(-0.2, 0.3)
        brightness = brightness * np.where(edge, 1, 0.65)
    tint = 1 + g.normal(0, 0.045, 3)
    canvas.pixels = np.clip(canvas.pixels, 0, 255) * brightness[..., None] * tint + g.uniform(-10, 20)


# Coats and paints


@dataclass(frozen=True)
class Coat:
    """The colors of an animal's skin at places of its body: plain, with patches, stripes or spots, pale below."""

    colors: np.ndarray  # main, second
    pattern: str
    waves: np.ndarray  # (n, 3) wave vectors that make up the patches
    phases: np.ndarray
    pale: float  # how much paler the belly is
    belly: float  # at which height

    def __call__(self, place: np.ndarray) -> np.ndarray:
        """Return the colors at the places, shape (n, 3)."""
        mottle = np.sin(place @ self.waves.T + self.phases).mean(axis=1)
        if self.pattern == "stripes":
            share = 0.6 * (np.sin(place[:, 0] * 24 + 4 * mottle) > 0.3)
        elif self.pattern in ("patches", "spots"):
            share = mottle > 0.22
        else:
            share = 0.3 * mottle + 0.2
        colors = self.colors[0] + np.asarray(share, dtype=float)[:, None] * (self.colors[1] - self.colors[0])
        below = np.clip((self.belly - place[:, 1]) * 6, 0, 1) * self.pale
        return colors + below[:, None] * (0.35 * colors + 150 - colors)


def _coat(g: np.random.Generator, belly: float = -0.2, vivid: float = 0.02) -> Coat:
    """Return a coat; every animal can have each of them, birds and frogs have the vivid ones more often."""
    main, second = (np.array(c, dtype=float) for c in COATS[g.integers(len(COATS))])
    if g.random() < 0.3:
        second = np.array(COATS[g.integers(len(COATS))][g.integers(2)], dtype=float)
    if g.random() < vivid:  # green, bluish, reddish
        main = main * 0.5 + np.array([(70, 110, 30), (50, 70, 110), (120, 50, 40)][g.integers(3)])
    pattern = str(g.choice(["plain", "patches", "spots", "stripes"], p=[0.6, 0.18, 0.12, 0.1]))
    waves = g.normal(0, 14 if pattern == "spots" else 5, (5, 3))
    colors = np.clip(np.stack([main, second]) + g.normal(0, 10, (1, 3)), 8, 250)
    return Coat(colors, pattern, waves, g.uniform(0, 2 * np.pi, 5), g.choice([0, 0.7]), belly)


def _paint(g: np.random.Generator) -> np.ndarray:
    """Return a color as vehicles have them."""
    if g.random() < 0.5:
        return np.clip(g.choice([235, 225, 170, 110, 45]) + g.normal(0, 8, 3), 15, 250)
    vivid = [
        (185, 36, 34),
        (36, 72, 150),
        (226, 178, 40),
        (40, 104, 66),
        (220, 110, 40),
        (70, 140, 175),
        (120, 50, 60),
    ]
    return _tinted(g, *vivid)


# Vehicles


def _wheels(model: Sculpture, places, radius: float, half_width: float) -> None:
    """Add wheels at both sides; places are their x."""
    hub = _tinted(model.generator, STEEL, (205, 205, 208), (70, 70, 74))
    body_gloss, model.gloss = model.gloss, 0.1
    for x in places:
        for side in SIDES:
            model.ball((x, radius, side * half_width), (radius, radius, 0.07), RUBBER)
            model.ball((x, radius, side * (half_width + 0.02)), (0.55 * radius, 0.55 * radius, 0.07), hub)
    model.gloss = body_gloss


def _lamps(model: Sculpture, x: float, y: float, half_width: float, color, size: float = 0.055) -> None:
    for side in SIDES:
        model.ball((x, y, side * half_width), (0.03, size, size * 1.3), color)


def _cabin(model: Sculpture, profile, widths, paint: Color) -> None:
    """Add a cabin of glass with a painted roof and pillars; the profile is rear foot, front foot, front, rear top."""
    profile, widths = np.asarray(profile, dtype=float), np.asarray(widths, dtype=float)
    model.extrude(profile, widths, GLASS)
    roof = np.column_stack([profile[[3, 2]], widths[[3, 2]]])
    (back, front) = roof
    model.loft(
        [(back[0], back[1], -back[2]), (front[0], front[1], -front[2]), (front[0], front[1], front[2]), back],
        [
            (p[0], p[1] + 0.035, z)
            for p, z in ((back, -back[2]), (front, -front[2]), (front, front[2]), (back, back[2]))
        ],
        paint,
    )
    for side in SIDES:
        corners = np.column_stack([profile, widths * side])
        model.limb([corners[0], corners[3], corners[2], corners[1]], 0.026, paint)
        model.limb([(corners[0] + corners[1]) / 2, (corners[2] + corners[3]) / 2], 0.024, paint)


def _automobile(model: Sculpture) -> None:
    g, model.gloss = model.generator, 1.0
    paint = _paint(g)
    wide, wheel, belt, clear = g.uniform(0.36, 0.44), g.uniform(0.16, 0.2), g.uniform(0.4, 0.48), 0.13
    nose = belt - g.uniform(0.05, 0.12)
    kind = g.choice(["sedan", "hatchback", "van", "roadster"], p=[0.4, 0.3, 0.15, 0.15])
    tail = belt - (0.03 if kind in ("sedan", "roadster") else 0)
    body = [(-0.97, clear), (0.96, clear), (1.0, 0.5 * (nose + clear)), (0.95, nose), (0.42, belt), (-0.7, belt),
            (-0.98, tail), (-1.0, 0.6 * tail)]  # fmt: skip
    model.extrude(body, np.array([0.94, 0.94, 0.9, 0.88, 1, 1, 0.92, 0.94]) * wide, paint)
    top = belt + g.uniform(0.27, 0.36)
    feet = {
        "sedan": (-0.66, 0.46),
        "hatchback": (-0.95, 0.48),
        "van": (-0.97, 0.66),
        "roadster": (-0.3, 0.38),
    }[kind]
    roof = {"sedan": (-0.42, 0.14), "hatchback": (-0.72, 0.16), "van": (-0.9, 0.3), "roadster": (-0.2, 0.1)}[
        kind
    ]
    if kind == "roadster":  # open: a windshield, seats, perhaps a driver
        low, high = (0.38, belt, wide), (0.2, top - 0.12, 0.85 * wide)
        model.face([(*low[:2], -wide), low, high, (*high[:2], -high[2])], GLASS)
        for side in SIDES:
            model.ball((-0.2, belt, side * 0.17), (0.09, 0.16, 0.13), _muted(g))
        model.ball((-0.12, belt + 0.16, 0.17), 0.09, (196, 150, 120))
    else:
        profile = [(feet[0], belt), (feet[1], belt), (roof[1], top), (roof[0], top)]
        _cabin(model, profile, [0.95 * wide, 0.95 * wide, 0.76 * wide, 0.76 * wide], paint)
    _wheels(model, (-0.62, 0.62), wheel, wide - 0.02)
    for x in (-0.62, 0.62):  # the dark of the wheel arches
        disc = ellipse(x, wheel + 0.01, 1.18 * wheel, 1.18 * wheel)
        model.faces_on_sides([(u, max(v, clear), wide * 0.985) for u, v in disc], (20, 20, 22))
    _lamps(model, 0.97, nose - 0.06, 0.7 * wide, LAMP)
    _lamps(model, -0.98, 0.75 * tail, 0.75 * wide, (170, 26, 26))
    model.face(
        [(1.01, 0.2, -0.13), (1.01, 0.2, 0.13), (1.0, 0.27, 0.13), (1.0, 0.27, -0.13)], (225, 225, 215)
    )
    model.limb([(1.0, 0.18, -0.85 * wide), (1.0, 0.18, 0.85 * wide)], 0.035, _tinted(g, STEEL, (40, 40, 42)))
    model.faces_on_sides([(0.06, 0.2, wide + 0.01), (0.075, 0.2, wide + 0.01), (0.075, belt, wide + 0.01),
                          (0.06, belt, wide + 0.01)], paint * 0.5)  # fmt: skip
    model.ground = 0.0
    model.focus = (np.array([0.55, 0.35, 0.0]), 0.66)


def _truck(model: Sculpture) -> None:
    g, model.gloss = model.generator, 0.7
    paint, cargo = _paint(g), _paint(g)
    wide, wheel = g.uniform(0.26, 0.32), g.uniform(0.11, 0.14)
    floor, cab_top, cab_back = 0.22, g.uniform(0.62, 0.78), g.uniform(0.52, 0.62)
    model.box((-1.0, 0.15), (0.9, 0.22, 0.8 * wide), (48, 48, 52))  # the chassis
    if g.random() < 0.35:  # a hood in front of the cab
        front, hood = 0.82, 0.45
        model.extrude([(0.8, 0.14), (1.05, 0.14), (1.05, hood - 0.04), (0.8, hood)], 0.9 * wide, paint)
    else:
        front, hood = 1.0, 0.3
    cab = [
        (cab_back, 0.14),
        (front, 0.14),
        (front, hood + 0.04),
        (front - 0.07, cab_top),
        (cab_back, cab_top),
    ]
    model.extrude(cab, wide, paint)
    low, high = hood + 0.1, cab_top - 0.06
    slant = [front - 0.07 * (y - hood) / (cab_top - hood) + 0.012 for y in (low, high)]
    model.face([(slant[0], low, -0.88 * wide), (slant[0], low, 0.88 * wide), (slant[1], high, 0.85 * wide),
                (slant[1], high, -0.85 * wide)], GLASS)  # fmt: skip
    door = [(cab_back + 0.08, low), (slant[0] - 0.06, low), (slant[1] - 0.06, high), (cab_back + 0.08, high)]
    model.faces_on_sides([(x, y, wide + 0.012) for x, y in door], GLASS)
    kind, back = g.choice(["box", "tank", "dump", "logs"], p=[0.5, 0.17, 0.18, 0.15]), cab_back - 0.06
    top = g.uniform(0.75, 1.0)
    if kind == "box":
        model.box((-1.0, floor), (back, top, wide * 1.06), cargo)
        if g.random() < 0.7:  # lettering, a stripe
            y, tall = g.uniform(0.35, 0.65), g.uniform(0.05, 0.16)
            ends = np.sort(g.uniform(-0.95, back - 0.1, 2))
            stripe = [(ends[0], y), (ends[1], y), (ends[1], y + tall), (ends[0], y + tall)]
            model.faces_on_sides([(u, v, wide * 1.06 + 0.012) for u, v in stripe], _paint(g))
    elif kind == "tank":
        radius = g.uniform(0.2, 0.26)
        model.limb([(-0.8, floor + radius, 0), (back - 0.22, floor + radius, 0)], radius, cargo)
    elif kind == "dump":
        bed = [(-0.85, floor), (back, floor), (back, 0.6), (-1.05, 0.55)]
        model.extrude(bed, wide * 1.05, cargo)
        model.ball((-0.3, 0.52, 0), (0.55, 0.2, 0.9 * wide), _tinted(g, (110, 84, 60), (150, 140, 130)))
    else:
        for z, y in ((-0.17, 0.1), (0.17, 0.1), (0, 0.12), (-0.1, 0.27), (0.1, 0.27), (0, 0.42)):
            model.limb([(-1.05, floor + y, z), (back - 0.08, floor + y, z)], 0.1, _tinted(g, (120, 88, 58)))
    axles = [0.76, *([-0.35, -0.62, -0.88] if g.random() < 0.5 else [-0.5, -0.8])]
    _wheels(model, axles, wheel, wide - 0.03)
    _lamps(model, (1.06 if hood > 0.4 else front) + 0.01, 0.24, 0.75 * wide, LAMP, 0.04)
    model.limb(
        [(front + 0.02, 0.15, -wide), (front + 0.02, 0.15, wide)], 0.035, _tinted(g, STEEL, (40, 40, 42))
    )
    model.ground = 0.0
    model.focus = (np.array([0.45, 0.42, 0.0]), 0.72)


def _fin(model: Sculpture, base: float, height: float, color: Color) -> None:
    model.face(
        [(base + 0.3, 0.08, 0), (base + 0.05, height, 0), (base - 0.1, height, 0), (base, 0.04, 0)], color
    )


def _wing(
    model: Sculpture, root: float, chord: float, span: float, sweep: float, rise: float, y: float, color
) -> None:
    """Add a pair of wings: root is the x of the leading edge."""
    tip = root - sweep
    front, back = (tip, y + rise, span), (tip - 0.45 * chord, y + rise, span)
    model.faces_on_sides([(root, y, 0.06), front, back, (root - chord, y, 0.06)], color)
    for side in SIDES:  # the thick leading edge is seen even from the front
        model.limb([(root, y, side * 0.06), (tip, y + rise, side * span)], (0.028, 0.012), color)


def _airplane(whole: Sculpture) -> None:
    g = whole.generator
    flying = g.random() < 0.65
    pose = turned(0, g.uniform(-0.3, 0.35), g.normal(0, 0.5)) if flying else turned(0, 0, 0)
    if flying and g.random() < 0.5:  # seen from below
        pose = turned(0, 0, g.choice(SIDES) * g.uniform(0.5, 1.0)) @ pose
    model = whole.at((0, 0.3, 0), pose)
    model.gloss = 0.8
    paint, second = _paint(g), _paint(g)
    kind = g.choice(["airliner", "propeller", "fighter", "biplane"], p=[0.5, 0.25, 0.15, 0.1])
    thick = {"airliner": g.uniform(0.11, 0.14), "fighter": 0.11}.get(kind, 0.15)
    model.limb([(-0.45, 0, 0), (0.68, 0, 0)], thick, paint)
    model.limb([(-0.45, 0, 0), (-1.0, 0.07, 0)], (thick, 0.03), paint)
    model.ball((0.68, 0, 0), (0.3, thick, thick), paint)
    _fin(model, -0.92, g.uniform(0.32, 0.45), second)
    _wing(model, -0.72, 0.2, g.uniform(0.28, 0.4), 0.18, 0.02, 0.06, paint)
    below = -0.2
    if kind == "airliner":
        _wing(model, 0.3, 0.42, g.uniform(0.85, 1.05), g.uniform(0.35, 0.6), 0.12, -0.06, paint * 0.9)
        for side in SIDES:
            model.limb([(0.24, -0.14, side * 0.36), (0.02, -0.14, side * 0.36)], (0.065, 0.045), second)
            model.limb(
                [(-0.5, 0.03, side * thick * 0.93), (0.7, 0.03, side * thick * 0.93)], 0.018, (50, 56, 66)
            )
        model.ball((0.86, 0.05, 0), (0.06, 0.04, 0.07), GLASS)
    elif kind == "fighter":
        model.limb([(0.7, 0, 0), (1.1, -0.01, 0)], (thick, 0.01), paint)
        _wing(model, 0.25, 0.75, g.uniform(0.5, 0.7), 0.6, 0, -0.02, paint * 0.85)
        model.ball((0.42, 0.09, 0), (0.22, 0.07, 0.06), GLASS)
    else:
        for y in (0.13,) if kind == "propeller" else (0.26, -0.1):
            _wing(
                model,
                0.4,
                0.34,
                g.uniform(0.9, 1.05),
                0.03,
                0.04,
                y,
                second if kind == "biplane" else paint * 0.92,
            )
        for side in SIDES:  # struts and landing gear
            model.limb([(0.28, -0.1, side * 0.07), (0.24, 0.25, side * 0.55)], 0.014, STEEL)
            model.limb([(0.3, -0.1, side * 0.05), (0.32, -0.28, side * 0.18)], 0.016, STEEL)
            model.ball((0.32, -0.3, side * 0.2), (0.08, 0.08, 0.03), RUBBER)
        spin, below = g.uniform(0, np.pi), -0.38
        blade = np.array([0, np.cos(spin), np.sin(spin)]) * 0.3
        model.limb([blade + [1.0, 0, 0], -blade + [1.0, 0, 0]], 0.018, (40, 38, 38))
        model.ball((0.42, 0.08, 0), (0.2, 0.1, 0.1), GLASS)
    if not flying:
        for x, z in ((0.7, 0), (-0.05, 0.16), (-0.05, -0.16)):
            model.limb([(x, -0.06, z), (x, below, z)], 0.02, STEEL)
            model.ball((x, below, z), (0.05, 0.05, 0.025), RUBBER)
        whole.ground = 0.3 + below - 0.05


def _hull(model: Sculpture, wide: float, height: float, color: Color, deck: Color) -> None:
    """Add a hull from the keel (y = 0) to the deck, sharp and raked at the bow."""
    plan = [(-0.95, 0.75), (-0.4, 1.0), (0.35, 0.95), (0.7, 0.6), (1.0, 0.02)]
    outline = np.array(plan + [(x, -z) for x, z in reversed(plan)])
    sheer = height + 0.1 * np.clip(outline[:, 0], 0, 1) ** 2 + 0.03 * (outline[:, 0] < -0.6)
    upper = np.column_stack([outline[:, 0], sheer, outline[:, 1] * wide])
    lower = np.column_stack([outline[:, 0] * 0.88 - 0.02, np.zeros(len(outline)), outline[:, 1] * wide * 0.6])
    model.loft(lower, upper, color)
    model.face(upper + [0, 0.004, 0], deck)


def _ship(model: Sculpture) -> None:
    g, model.gloss = model.generator, 0.5
    paint, house = _paint(g), _tinted(g, (235, 235, 230), (225, 222, 205), (200, 205, 210), (150, 130, 100))
    keel, line = _paint(g), g.uniform(0.1, 0.16)
    kind = g.choice(["freighter", "liner", "boat", "sail", "warship"], p=[0.27, 0.22, 0.19, 0.2, 0.12])
    height = {"freighter": 0.3, "liner": 0.32, "warship": 0.24}.get(kind, 0.27)
    wide = 0.17 if kind in ("freighter", "liner", "warship") else 0.28
    wood = _tinted(g, (150, 116, 80), (110, 112, 112), (140, 70, 56))
    _hull(
        model, wide, height, lambda place: np.where((place[:, 1] < line + 0.05)[:, None], keel, paint), wood
    )
    funnel = _paint(g)
    if kind == "freighter":
        model.box((-0.85, height), (-0.55, height + g.uniform(0.28, 0.42), 0.8 * wide), house)
        model.box((-0.56, height + 0.2), (-0.545, height + 0.25, 0.7 * wide), GLASS)
        model.limb([(-0.78, height + 0.3, 0), (-0.8, height + 0.5, 0)], 0.055, funnel)
        for x in np.arange(-0.45, 0.6, 0.21):
            for z, y in ((-0.5, 0), (0.5, 0), (-0.5, 0.12), (0.5, 0.12)):
                if g.random() < 0.75:
                    model.at((x, height + y, z * wide)).box((0, 0), (0.19, 0.11, 0.44 * wide), _paint(g))
        model.limb([(0.75, height, 0), (0.75, height + 0.3, 0)], 0.016, STEEL)
    elif kind in ("liner", "warship"):
        for n in range(3 if kind == "liner" else 2):
            ends = (-0.8 + 0.1 * n, 0.6 - 0.16 * n) if kind == "liner" else (-0.35 + 0.12 * n, 0.3 - 0.1 * n)
            y = height + 0.11 * n
            model.box(
                (ends[0], y),
                (ends[1], y + 0.11, (0.88 - 0.1 * n) * wide),
                house if kind == "liner" else paint,
            )
            model.faces_on_sides([(u, v, (0.88 - 0.1 * n) * wide + 0.012) for u, v in
                                  ((ends[0] + 0.04, y + 0.04), (ends[1] - 0.04, y + 0.04), (ends[1] - 0.04, y + 0.075),
                                   (ends[0] + 0.04, y + 0.075))], GLASS)  # fmt: skip
        for x in (-0.35, 0.0) if kind == "liner" else (-0.05,):
            model.limb([(x, height + 0.2, 0), (x - 0.03, height + 0.48, 0)], 0.07, funnel)
            model.ball((x - 0.033, height + 0.52, 0), (0.07, 0.04, 0.07), (30, 30, 32))
        model.limb([(0.2, height + 0.2, 0), (0.2, height + 0.65, 0)], 0.015, STEEL)
        if kind == "warship":
            model.box((0.42, height), (0.6, height + 0.09, 0.5 * wide), paint * 0.9)
            model.limb([(0.55, height + 0.07, 0), (0.85, height + 0.12, 0)], 0.018, STEEL)
    elif kind == "boat":
        _cabin(model, [(-0.35, height), (0.3, height), (0.2, height + 0.25), (-0.35, height + 0.25)],
               np.array([0.7, 0.7, 0.6, 0.6]) * wide, house)  # fmt: skip
        model.limb([(-0.2, height + 0.2, 0), (-0.2, height + 0.65, 0)], 0.018, wood)
        model.limb([(-0.2, height + 0.6, 0), (0.95, height + 0.1, 0)], 0.008, STEEL)
    else:
        mast, cloth = g.uniform(1.2, 1.6), _tinted(g, (238, 236, 228), (225, 215, 190), (190, 60, 50))
        swing = g.uniform(-0.3, 0.3)
        model.limb([(0.1, height, 0), (0.1, height + mast, 0)], 0.02, wood)
        model.face([(0.08, height + 0.12, 0), (-0.75, height + 0.14, swing), (0.08, height + mast, 0)], cloth)
        model.face(
            [(0.12, height + 0.85 * mast, 0), (0.95, height + 0.12, 0), (0.15, height + 0.14, swing)],
            cloth * 0.93,
        )
    model.waterline = line
    model.focus = None


# Animals


def _eyes(head: Sculpture, x: float, y: float, z: float, size: float, iris, pupil: float = 0.6) -> None:
    for side in SIDES:
        head.ball((x, y, side * z), (0.6 * size, size, size), iris)
        head.ball(
            (x + 0.3 * size, y, side * (z + 0.12 * size)),
            (0.5 * size, 0.8 * size, pupil * size),
            (14, 12, 12),
        )


def _cat_head(head: Sculpture, coat: Coat) -> None:
    g = head.generator
    head.ball((0, 0, 0), (0.85, 0.84, 1.0), coat)
    for side in SIDES:
        head.ball((0.3, -0.3, side * 0.45), (0.5, 0.42, 0.5), coat)
        tip = (-0.1, g.uniform(1.25, 1.5), side * 0.78)
        head.limb([(-0.05, 0.5, side * 0.56), tip], (0.42, 0.05), coat)
        head.face(
            [(0.34, 0.62, side * 0.36), (0.3, 0.55, side * 0.82), (0.02, tip[1] - 0.2, side * 0.74)],
            (206, 150, 140),
        )
        head.ball((0.78, -0.36, side * 0.17), (0.2, 0.18, 0.22), coat.colors[0] * 0.4 + 140)
    iris = [(176, 180, 70), (190, 150, 50), (110, 160, 110), (120, 160, 190)][g.integers(4)]
    _eyes(head, 0.72, 0.1, 0.4, 0.21, iris, 0.3)
    head.ball((0.97, -0.2, 0), (0.08, 0.08, 0.12), (190, 110, 105))


def _dog_head(head: Sculpture, coat: Coat) -> None:
    g = head.generator
    ears = coat.colors[1] * g.uniform(0.6, 1.0)
    head.ball((0, 0, 0), (0.85, 0.8, 0.8), coat)
    muzzle = coat if g.random() < 0.5 else coat.colors[0] * 0.5 + 110
    long = g.uniform(0.35, 0.75)
    head.limb([(0.45, -0.25, 0), (0.8 + long, -0.38, 0)], (0.52, 0.36), muzzle)
    head.ball((1.12 + long, -0.24, 0), (0.16, 0.18, 0.22), (24, 20, 20))
    if g.random() < 0.4:
        head.ball((0.9 + long, -0.8, 0), (0.16, 0.34, 0.2), (220, 100, 110))
    kind = g.choice(["hanging", "folded", "upright"], p=[0.5, 0.25, 0.25])
    for side in SIDES:
        if kind == "hanging":
            head.ball((-0.12, -0.2, side * 0.86), (0.34, 0.8, 0.16), ears, turned(roll=side * 0.15))
        elif kind == "folded":
            head.limb(
                [(0, 0.62, side * 0.5), (0.1, 0.85, side * 0.85), (0.3, 0.5, side * 1.0)],
                (0.25, 0.22, 0.1),
                ears,
            )
        else:
            head.limb([(-0.05, 0.5, side * 0.45), (0, 1.35, side * 0.62)], (0.32, 0.08), ears)
    _eyes(head, 0.72, 0.16, 0.36, 0.14, (50, 32, 22))


def _deer_head(head: Sculpture, coat: Coat) -> None:
    g = head.generator
    head.ball((0, 0, 0), (0.75, 0.62, 0.6), coat)
    head.limb([(0.3, -0.1, 0), (1.35, -0.5, 0)], (0.5, 0.24), coat)
    head.ball((1.52, -0.52, 0), (0.16, 0.17, 0.2), (26, 22, 22))
    for side in SIDES:
        head.ball((-0.35, 0.5, side * 1.0), (0.3, 0.3, 0.62), coat, turned(roll=-side * 0.5))
    _eyes(head, 0.45, 0.16, 0.46, 0.16, (22, 16, 14))
    if g.random() < 0.8:
        beam, bone = g.uniform(0.9, 1.5), _tinted(g, (150, 120, 84), (110, 84, 60), (200, 180, 150))
        for side in SIDES:
            path = np.array([(-0.1, 0.5, 0.25), (-0.45, 1.3, 0.9), (-0.2, 2.2, 1.25), (0.25, 2.8, 1.1)]) * [
                1,
                1,
                side,
            ]
            path = path[0] + (path - path[0]) * beam
            head.limb(path, (0.15, 0.13, 0.11, 0.06), bone)
            for n, tine in ((1, (0.6, 0.7, 0)), (2, (-0.5, 0.8, 0.15)), (2, (0.45, 0.5, -0.1))):
                head.limb([path[n], path[n] + np.array(tine) * [1, 1, side] * beam], (0.11, 0.05), bone)


def _horse_head(head: Sculpture, coat: Coat) -> None:
    g = head.generator
    head.ball((0, 0, 0), (0.7, 0.66, 0.52), coat)
    head.limb([(0.1, -0.1, 0), (1.75, -0.75, 0)], (0.6, 0.38), coat)
    head.ball((1.95, -0.85, 0), (0.34, 0.34, 0.34), coat.colors[1] * 0.55)
    if g.random() < 0.5:
        head.limb([(0.45, 0.42, 0), (1.7, -0.38, 0)], 0.14, (236, 232, 226))
    for side in SIDES:
        head.limb([(-0.25, 0.5, side * 0.3), (-0.2, 1.1, side * 0.38)], (0.2, 0.05), coat)
    _eyes(head, 0.45, 0.14, 0.46, 0.14, (20, 14, 12))


@dataclass(frozen=True)
class Build:
    """The proportions of a four-legged animal; lengths in units of half its body."""

    head: Callable[[Sculpture, Coat], None]
    head_size: float
    depth: float  # of the chest
    legs: float
    leg_radius: float
    neck: tuple[float, float]  # length, thickness
    neck_angle: tuple[float, float]  # the range, 0 is ahead
    feet: tuple[float, float, float] | None = None


BUILDS = {
    "cat": Build(_cat_head, 0.31, 0.24, 0.5, 0.085, (0.3, 0.17), (0.3, 0.9)),
    "deer": Build(_deer_head, 0.18, 0.28, 1.0, 0.06, (0.72, 0.12), (0.6, 1.25), HORN),
    "dog": Build(_dog_head, 0.28, 0.28, 0.62, 0.095, (0.38, 0.18), (0.4, 1.0)),
    "horse": Build(_horse_head, 0.22, 0.36, 0.98, 0.09, (0.78, 0.22), (0.45, 1.05), HORN),
}


def _legs(model: Sculpture, build: Build, coat: Coat, hips: list[tuple[float, float]], ground: float) -> None:
    """Add four legs with a joint; hips are x and y of the hind and the front pair."""
    g = model.generator
    stride = abs(g.normal(0, 0.22))
    dark = coat.colors[1] * 0.6 if g.random() < 0.4 else coat
    for place, (x, y) in enumerate(hips):
        for side in SIDES:
            swing = g.choice(SIDES) * stride + g.normal(0, 0.05)
            long = y - ground
            bend = 0.09 * (-1 if place == 0 else 1) * long
            z = side * 0.55 * build.depth
            knee = (x + 0.5 * swing * long + bend, y - 0.5 * long, z)
            foot = (x + swing * long, ground + build.leg_radius * 0.7, z)
            thick = build.leg_radius
            model.limb([(x, y, z), knee], (thick * 1.9, thick), coat)
            model.limb([knee, foot], (thick, thick * 0.75), dark)
            end = coat if build.feet is None else build.feet
            model.ball((foot[0] + 0.4 * thick, foot[1], z), (thick * 1.4, thick * 0.7, thick), end)


def _tail(model: Sculpture, kind: str, coat: Coat, x: float, y: float) -> None:
    g = model.generator
    if kind == "deer":
        model.ball((x - 0.06, y, 0), (0.08, 0.14, 0.09), (232, 226, 216))
    elif kind == "horse":
        color, lift = coat.colors[1] * g.uniform(0.3, 1.0), g.uniform(0, 0.25)
        path = [
            (x, y + 0.1, 0),
            (x - 0.2 - lift, y + 0.02, 0),
            (x - 0.27 - 1.5 * lift, y - 0.4, 0),
            (x - 0.2 - 2 * lift, y - 0.8, 0),
        ]
        model.limb(path, (0.07, 0.12, 0.13, 0.05), color)
    else:
        angle, curl = g.uniform(-0.9, 1.0), g.uniform(-0.2, 0.6)
        steps = np.cumsum(
            [(-np.cos(angle + curl * n), np.sin(angle + curl * n), 0) for n in range(5)], axis=0
        )
        length = 0.22 if kind == "cat" else g.uniform(0.11, 0.18)
        radii = np.full(6, 0.06) if kind == "cat" else np.linspace(0.1, 0.05, 6)
        model.limb([(x, y, 0), *(steps * length + [x, y, 0])], radii, coat)


def _four_legged(model: Sculpture, kind: str) -> None:
    g, build = model.generator, BUILDS[kind]
    model.hairy = g.uniform(0.6, 1.6) if kind in ("cat", "dog") else g.uniform(0.3, 1.0)
    coat, depth = _coat(g), build.depth * g.uniform(0.9, 1.12)
    sitting = kind in ("cat", "dog") and g.random() < 0.4
    slope = g.uniform(0.75, 1.05) if sitting else g.normal(0.02, 0.05)
    chest = np.array([0.5 * np.cos(slope), np.sin(slope) * 0.5, 0]) * (0.8 if sitting else 1)
    hip = -chest
    model.limb([hip, chest], (depth * 0.92, depth), coat)
    model.ball(hip, (depth * 1.15, depth * 1.02, depth * 0.9), coat)
    model.ball(chest, (depth * 1.1, depth * 1.12, depth * 0.9), coat)
    ground = (hip[1] - depth * 1.02) if sitting else -build.legs * g.uniform(0.88, 1.08)
    if sitting:
        front = chest + [0.08, -0.1, 0]
        for side in SIDES:
            z = side * 0.5 * depth
            model.limb(
                [front + [0, 0, z], (front[0] + 0.06, ground + 0.05, z)],
                (1.4 * build.leg_radius, build.leg_radius),
                coat,
            )
            model.ball((front[0] + 0.12, ground + 0.05, z), (0.13, 0.06, 0.08), coat)
            model.ball((hip[0] + 0.12, hip[1], side * 0.75 * depth), (0.26, 0.22, 0.13), coat)
            model.ball((hip[0] + 0.34, ground + 0.05, side * 0.9 * depth), (0.18, 0.06, 0.08), coat)
    else:
        _legs(model, build, coat, [(hip[0], hip[1] - 0.05), (chest[0] + 0.02, chest[1] - 0.12)], ground)
    _tail(model, kind, coat, hip[0] - 0.95 * depth, hip[1] + (-0.1 if sitting else 0.4 * depth))
    angle = g.uniform(*build.neck_angle)
    if kind in ("deer", "horse") and g.random() < 0.15:
        angle = -0.85  # grazing
    start = chest + [0.35 * depth, 0.45 * depth, 0]
    neck = start + np.array([np.cos(angle), np.sin(angle), 0]) * build.neck[0]
    model.limb([start - [0.1, 0.1, 0], neck], (build.neck[1] * 1.55, build.neck[1]), coat)
    if kind == "horse":  # the mane
        mane = coat.colors[1] * g.uniform(0.25, 1.0)
        back = np.array([-np.sin(angle), np.cos(angle), 0]) * build.neck[1]
        model.limb(
            [start + back * 1.15, (start + neck) / 2 + back * 1.15, neck + back * 1.2],
            (0.07, 0.1, 0.09),
            mane,
        )
    if kind == "dog" and g.random() < 0.35:
        middle = start + 0.6 * (neck - start)
        model.ball(middle, (0.05, 0.25, 0.24), _paint(g), turned(pitch=angle))
    share = g.uniform(0.2, 1.0) if kind in ("cat", "dog") else g.uniform(0, 0.6)
    nod = turned(pitch=g.uniform(-0.45, 0.1) if angle > 0 else -0.7)
    size = build.head_size * g.uniform(0.92, 1.12)
    build.head(model.at(neck, model.toward_viewer(share) @ nod, size), coat)
    portrait = (1.75 if build.feet is None else 2.3) * size
    model.ground, model.focus = ground, (neck + [0.05, 0.3 * size, 0], portrait)
    model.portraits = 0.45 if build.feet is None else 0.25


def _bird(model: Sculpture) -> None:
    g = model.generator
    coat, second = _coat(g, vivid=0.3), _coat(g, vivid=0.3)
    kind = g.choice(["perched", "flying", "wader"], p=[0.5, 0.27, 0.23])
    model.hairy = g.uniform(0.4, 1.3)
    lean = g.uniform(0.1, 0.8) if kind == "perched" else g.uniform(-0.1, 0.3)
    pose = turned(pitch=lean, roll=g.normal(0, 0.35) if kind == "flying" else 0)
    body = model.at((0, 0, 0), pose)
    fat = g.uniform(0.26, 0.36) if kind == "perched" else g.uniform(0.2, 0.27)
    body.ball((0, 0, 0), (0.55, fat, fat * 0.95), coat)
    body.limb([(-0.4, 0.02, 0), (-0.6, 0.03, 0)], (0.12, 0.06), coat)
    fan = g.uniform(0.08, 0.22)
    body.loft([(-0.45, 0.04, -0.08), (-0.45, 0.04, 0.08), (-0.98, 0.0, fan), (-0.98, 0.0, -fan)],
              [(-0.45, 0, -0.08), (-0.45, 0, 0.08), (-0.98, -0.04, fan), (-0.98, -0.04, -fan)], second)  # fmt: skip
    reach = g.uniform(0.4, 0.8) if kind == "wader" else 0.12
    base = pose @ [0.4, 0.1, 0]
    bend = base + [0.08, 0.5 * reach, 0]
    head_size = {"perched": g.uniform(0.19, 0.25), "flying": 0.16, "wader": 0.13}[kind]
    neck = base + np.array([0.06 + 0.3 * (kind == "flying"), reach if kind != "flying" else 0.05, 0])
    model.limb([base - [0.1, 0, 0], bend if kind == "wader" else base, neck], (0.16, 0.08, 0.08), coat)
    head = model.at(neck, model.toward_viewer(g.uniform(0, 0.5)), head_size)
    head.ball((0, 0, 0), (1.0, 0.95, 0.9), coat if g.random() < 0.6 else second)
    horn = _tinted(g, (226, 150, 50), (60, 54, 50), (200, 180, 120), (200, 70, 50))
    head.limb(
        [(0.7, -0.08, 0), (g.uniform(1.7, 2.8) if kind == "wader" else g.uniform(1.4, 2.2), -0.25, 0)],
        (0.36, 0.05),
        horn,
    )
    _eyes(head, 0.45, 0.25, 0.72, 0.26, (232, 220, 190), 0.8)
    if kind == "flying":
        for side in SIDES:
            up = g.uniform(-0.25, 0.75)
            elbow, tip = (0.12, 0.1 + 0.45 * up, side * 0.5), (-0.25, 0.1 + 0.95 * up, side * 1.1)
            body.face(
                [
                    (0.3, 0.1, side * 0.1),
                    elbow,
                    (-0.42, 0.1 + 0.45 * up, side * 0.52),
                    (-0.25, 0.08, side * 0.1),
                ],
                coat,
            )
            body.face(
                [elbow, tip, (-0.5, 0.1 + 0.8 * up, side * 0.85), (-0.42, 0.1 + 0.45 * up, side * 0.52)],
                second,
            )
            body.limb([(0.3, 0.1, side * 0.1), elbow, tip], (0.06, 0.05, 0.02), coat)
    else:
        for side in SIDES:
            body.ball((-0.15, 0.04, side * fat * 0.72), (0.52, fat * 0.62, 0.12), second, turned(pitch=-0.12))
        ground = -fat - (g.uniform(0.5, 0.8) if kind == "wader" else g.uniform(0.15, 0.3))
        for side in SIDES:
            x, z = g.normal(0, 0.06), side * 0.1
            model.limb([(0, -0.1, z), (x, ground, z)], 0.024, horn)
            model.limb([(x - 0.06, ground, z), (x + 0.14, ground, z + 0.04)], 0.022, horn)
        model.ground = ground
        model.focus = (neck + [0.08, -0.1, 0], 0.55)


def _frog(model: Sculpture) -> None:
    g, model.gloss = model.generator, 0.45
    coat = _coat(g, belly=-0.08, vivid=0.3)
    rise = g.uniform(0.15, 0.55)
    body = model.at((0, 0, 0), turned(pitch=rise))
    body.ball((-0.1, 0, 0), (0.68, 0.3, 0.46), coat)
    body.ball((0.48, 0.02, 0), (0.4, 0.24, 0.42), coat)
    lip = [(0.3, -0.02, 0.41), (0.62, -0.04, 0.36), (0.83, -0.05, 0.2), (0.89, -0.05, 0), (0.83, -0.05, -0.2)]
    body.limb([*lip, (0.62, -0.04, -0.36), (0.3, -0.02, -0.41)], 0.022, coat.colors[0] * 0.35)
    iris = _tinted(g, (220, 180, 60), (200, 110, 50), (190, 200, 120))
    for side in SIDES:
        body.ball((0.42, 0.24, side * 0.27), 0.15, coat)
        body.ball((0.46, 0.26, side * 0.32), 0.12, iris)
        body.ball((0.49, 0.27, side * 0.37), (0.09, 0.06, 0.08), (14, 12, 12))
    ground = -0.36 - 0.25 * rise
    low = ground + 0.05
    for side in SIDES:
        knee = (g.uniform(0.0, 0.2), low + g.uniform(0.12, 0.25), side * 0.68)
        heel, toe = (-0.5, low + 0.05, side * 0.6), (g.uniform(-0.1, 0.1), low, side * 0.85)
        model.limb([(-0.5, -0.12, side * 0.3), knee], (0.22, 0.15), coat)
        model.limb([knee, heel, toe], (0.12, 0.08, 0.05), coat)
        for spread in (-0.14, 0.0, 0.14):
            model.limb([toe, (toe[0] + 0.22, low, toe[2] + spread)], 0.025, coat)
        shoulder, hand = (0.38, -0.02 + 0.3 * rise, side * 0.34), (g.uniform(0.5, 0.66), low, side * 0.5)
        model.limb([shoulder, (0.42, 0.5 * (low - 0.02), side * 0.52), hand], (0.13, 0.09, 0.06), coat)
        for spread in (-0.12, 0.0, 0.12):
            model.limb([hand, (hand[0] + 0.16, low, hand[2] + spread)], 0.025, coat)
    model.ground, model.focus = ground, (np.array([0.45, 0.15, 0.0]), 0.62)


BUILDERS: dict[str, Callable[[Sculpture], None]] = {
    "airplane": _airplane,
    "automobile": _automobile,
    "bird": _bird,
    "frog": _frog,
    "ship": _ship,
    "truck": _truck,
    **{kind: (lambda model, kind=kind: _four_legged(model, kind)) for kind in BUILDS},
}
