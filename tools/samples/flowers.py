"""Drawn flowers: the built-in stand-in for the flower photographs of five kinds.

Each flower is a small model in three dimensions, built of curved petals, and turned before it is drawn, so that
it may be seen from the front, tilted or from the side, and is shaded by the light as a whole. What tells the
kinds apart is what tells real ones apart: a daisy has many narrow petals round a small domed disc; a dandelion
is a dense head of narrow florets, or the clock of its seeds; a rose is a spiral of broad petals around each
other; a sunflower has a large disc with a spiral pattern and pointed petals; a tulip is a cup of six petals,
mostly seen from the side. Backgrounds, places, sizes, light, things in front and faults of the camera are drawn
for all from the same distributions, and each color of petals occurs with several kinds.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from tools.samples.canvas import Canvas, Frame, ellipse, noise

SIZE = 96
CLASSES = ("daisy", "dandelion", "roses", "sunflowers", "tulips")
GOLDEN_ANGLE = np.pi * (3 - 5**0.5)
COLORS = {
    "white": (240, 238, 232),
    "cream": (244, 230, 200),
    "pale yellow": (246, 230, 140),
    "yellow": (246, 208, 36),
    "golden": (244, 178, 22),
    "orange": (236, 124, 32),
    "coral": (242, 118, 100),
    "rust": (164, 66, 26),
    "red": (204, 26, 36),
    "dark red": (132, 16, 32),
    "pink": (236, 138, 168),
    "pale pink": (244, 200, 206),
    "magenta": (202, 52, 132),
    "purple": (126, 60, 150),
}
# How often a kind has a color; no color belongs to one kind alone.
VARIETIES = {
    "daisy": {"white": 4, "cream": 1, "pale pink": 1.5, "pink": 1.2, "pale yellow": 1.4, "yellow": 1.2,
              "magenta": 0.7, "purple": 0.5, "red": 0.4, "orange": 0.4, "rust": 0.3},
    "dandelion": {"yellow": 4, "golden": 3, "pale yellow": 1, "orange": 1},
    "roses": {"red": 2, "dark red": 0.8, "pink": 1.5, "pale pink": 1, "white": 1.5, "cream": 1, "yellow": 1.7,
              "golden": 0.5, "orange": 0.8, "coral": 0.8, "magenta": 0.5, "pale yellow": 0.7},
    "sunflowers": {"yellow": 3, "golden": 2.5, "orange": 1.3, "rust": 1, "pale yellow": 1.2, "cream": 0.6,
                   "dark red": 0.5},
    "tulips": {"red": 1.6, "pink": 1.3, "yellow": 1.8, "white": 1.4, "orange": 1.2, "purple": 0.9,
               "magenta": 0.7, "dark red": 0.5, "golden": 0.6, "pale pink": 0.7, "cream": 0.5, "coral": 0.6},
}  # fmt: skip
# Half the width of a leaf along its length t, as a part of its greatest half width.
LEAVES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "lance": lambda t: np.sin(np.pi * t**0.75) ** 0.8,
    "spoon": lambda t: 0.15 + 0.85 * np.sin(np.pi * t**2.2) ** 0.9,
    "saw": lambda t: np.sin(np.pi * t**0.8) ** 0.7 * (1 - 0.16 * (np.arange(len(t)) % 2)),
    "toothed": lambda t: (0.2 + 0.8 * np.sin(np.pi * t**1.6)) * (1 - 0.65 * (t * 5 % 1)),
    "heart": lambda t: np.sin(np.pi * t**0.45) ** 0.8,
}
OWN_LEAF = {
    "daisy": "spoon",
    "dandelion": "toothed",
    "roses": "saw",
    "sunflowers": "heart",
    "tulips": "lance",
}
STEM_WIDTH = {"daisy": 0.07, "dandelion": 0.1, "roses": 0.09, "sunflowers": 0.13, "tulips": 0.11}


@dataclass(frozen=True)
class Mesh:
    """A surface of small quadrilaterals, in units of the flower's radius; the third axis points out of it."""

    quads: np.ndarray  # (n, 4, 3)
    colors: np.ndarray  # (n, 3)

    def __add__(self, other: Mesh) -> Mesh:
        return Mesh(*(np.concatenate(pair) for pair in zip(self.parts(), other.parts(), strict=True)))

    def parts(self) -> tuple[np.ndarray, np.ndarray]:
        """Return corners and colors."""
        return self.quads, self.colors


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
        return np.stack(
            [
                self.x + self.scale * (c * x - s * y),
                self.y + self.scale * (s * x + c * y),
                self.scale * depth,
            ],
            -1,
        )


@dataclass(frozen=True)
class Light:
    """The direction that the light comes from, and how much of it comes from everywhere."""

    direction: np.ndarray
    ambient: float
    gloss: float


def draw(kind: str, generator: np.random.Generator) -> bytes:
    """Return one JPEG file of a picture of flowers of one of the ``CLASSES``."""
    g = generator
    canvas = Canvas(SIZE, g)
    light = _light(g)
    picture, in_room = _background(canvas, light)
    variety = _variety(g, kind)
    poses = _poses(g, canvas.side, kind)
    if len(poses) < 4 and g.random() < 0.4:  # more of them, farther away and out of focus
        for pose in poses * int(g.integers(1, 3)):
            x, y = g.uniform(0, canvas.side, 2)
            small = replace(pose, x=x, y=y, scale=pose.scale * g.uniform(0.35, 0.7))
            picture = _flower(g, picture, kind, variety, small, light)
    picture = picture.filter(ImageFilter.GaussianBlur(float(2.5 + 7 * g.uniform(0, 1))))
    vase = canvas.side * g.uniform(0.25, 0.75) if in_room and g.random() < 0.6 else None
    mixed = g.random() < 0.25
    for pose in poses:
        picture = _stem(g, picture, kind, pose, light, vase)
    if vase is not None:
        picture = _vase(g, picture, vase)
    for pose in poses:
        variety = _variety(g, kind) if mixed else variety
        picture = _flower(g, picture, kind, variety, pose, light)
    canvas.pixels = np.asarray(picture, dtype="float32").copy()
    if g.random() < 0.2:
        _bee(canvas, poses[-1])
    _things_in_front(canvas)
    _illuminate(canvas)
    return _finish(canvas)


# --- Pictures as a whole ------------------------------------------------------------------------------------


def _light(g: np.random.Generator) -> Light:
    angle, height = g.uniform(0, 2 * np.pi), g.uniform(0.4, 1.3)
    # Mostly from above: canvas coordinates point down.
    direction = np.array([np.cos(angle), -abs(np.sin(angle)) * g.choice([1, 1, 1, -1]), np.tan(height)])
    return Light(
        direction / np.linalg.norm(direction), g.uniform(0.45, 0.75), g.choice([0, g.uniform(0, 0.3)])
    )


def _variety(g: np.random.Generator, kind: str) -> dict[str, np.ndarray]:
    """Return the colors of a plant: petals at their tips and their base, disc, and green parts."""
    names = VARIETIES[kind]
    weights = np.array(list(names.values()))
    tip = np.array(COLORS[g.choice(list(names), p=weights / weights.sum())]) + g.normal(0, 9, 3)
    other = np.array(list(COLORS.values())[g.integers(len(COLORS))])
    base = tip * g.uniform(0.75, 1) if g.random() < 0.65 else tip * 0.6 + other * 0.4
    if kind == "sunflowers":
        disc = np.array(
            [(70, 42, 22), (44, 28, 20), (120, 76, 26), (176, 120, 30), (110, 104, 40)][g.integers(5)]
        )
    else:
        disc = np.array(
            [(240, 190, 30), (226, 150, 20), (200, 176, 50), (120, 74, 30)][
                g.choice(4, p=[0.5, 0.25, 0.15, 0.1])
            ]
        )
    return {"tip": tip, "base": base, "disc": disc + g.normal(0, 8, 3), "green": _green(g)}


def _green(g: np.random.Generator) -> np.ndarray:
    return np.array(
        [(70, 110, 44), (98, 130, 70), (52, 86, 44), (120, 146, 62), (92, 122, 92)][g.integers(5)]
    ) + g.normal(0, 9, 3)


def _poses(g: np.random.Generator, side: int, kind: str) -> list[Pose]:
    """Return where the flowers are, the farthest first."""
    number, least, most = [
        (1, 0.36, 0.5),
        (int(g.integers(2, 4)), 0.25, 0.33),
        (int(g.integers(4, 6)), 0.19, 0.23),
    ][g.choice(3, p=[0.74, 0.19, 0.07])]
    scale = side * g.uniform(least, most)
    margin = 0.36 if number == 1 else 0.15
    places: list[np.ndarray] = []
    while len(places) < number:  # some overlap, but none hides another
        tries = g.uniform(margin * side, (1 - margin) * side, (8, 2))
        apart = [min((np.hypot(*(place - one)) for one in places), default=0) for place in tries]
        places.append(tries[int(np.argmax(apart))])
    common = _tilt(g, kind)
    roll = g.normal(0, 0.3) if g.random() < 0.9 else g.uniform(-np.pi, np.pi)
    poses = []
    for x, y in sorted(places, key=lambda place: place[1]):
        tilt = common + g.normal(0, 0.2) if g.random() < 0.6 else _tilt(g, kind)
        poses.append(Pose(x, y, scale * g.uniform(0.85, 1.15), tilt, roll + g.normal(0, 0.2)))
    return poses


def _tilt(g: np.random.Generator, kind: str) -> float:
    """Tulips are mostly seen from the side, the others mostly from the front."""
    if kind == "tulips":
        return g.uniform(1.0, 1.6) if g.random() < 0.85 else g.uniform(0.5, 1.0)
    return abs(g.normal(0, 0.4)) if g.random() < 0.85 else g.uniform(0.6, 1.2)


def _background(canvas: Canvas, light: Light) -> tuple[Image.Image, bool]:
    """Return a meadow, a bed, the ground, the sky or a room, and whether it is a room."""
    g, side = canvas.generator, canvas.side
    scene = g.choice(["meadow", "leaves", "soil", "sky", "room"], p=[0.24, 0.26, 0.14, 0.14, 0.22])
    green = _green(g) * g.uniform(0.35, 1.0)
    upper, lower = {
        "meadow": (green, green * 0.8),
        "leaves": (green * 0.6, green * 0.5),
        "soil": (np.array((112, 84, 60)) * g.uniform(0.5, 1.2), np.array((96, 72, 52)) * g.uniform(0.5, 1.2)),
        "sky": (
            np.array((110, 160, 220)) + g.normal(0, 25, 3),
            np.array((205, 220, 232)) + g.normal(0, 15, 3),
        ),
        "room": (g.uniform(40, 220) + g.normal(0, 22, 3), g.uniform(40, 220) + g.normal(0, 22, 3)),
    }[scene]
    down = np.clip(canvas.y / side + 0.15 * noise(g, (side, side), 4), 0, 1)
    if scene == "room" or g.random() < 0.2:
        down = (down > g.uniform(0.4, 0.9)) * 1.0
    canvas.pixels[:] = upper + (lower - upper) * down[..., None]
    for cells, strength in ((4, 26), (12, 22), (50, 16)):
        canvas.pixels += noise(g, (side, side), cells)[..., None] * g.uniform(0.3, 1) * strength
    picture = Image.fromarray(np.clip(canvas.pixels, 0, 255).astype("uint8"))
    pen = ImageDraw.Draw(picture)
    plants = {"meadow": 34, "leaves": 22, "soil": 5, "sky": 6, "room": 2}[scene]
    for _ in range(int(plants * g.uniform(0.4, 1.2))):
        start = np.array([g.uniform(-0.1, 1.1), g.uniform(0.3, 1.2)]) * side
        if scene == "meadow":
            _grass(g, pen, start, side)
        else:
            kind = list(LEAVES)[g.integers(len(LEAVES))]
            end = start + g.normal(0, 0.25, 2) * side - [0, 0.1 * side]
            _leaf(
                g, pen, kind, start, end, side * g.uniform(0.03, 0.09), _green(g) * g.uniform(0.4, 1.0), light
            )
    for _ in range(g.integers(0, 7)):  # other flowers, lamps, gaps in the foliage: spots in all colors
        x, y = g.uniform(0, side, 2)
        radius = side * g.uniform(0.015, 0.09)
        color = np.array(list(COLORS.values())[g.integers(len(COLORS))]) * g.uniform(0.5, 1)
        pen.ellipse([x - radius, y - radius, x + radius, y + radius], fill=_ink(color))
    return picture, scene == "room"


def _things_in_front(canvas: Canvas) -> None:
    """Lay leaves, blades and stalks over the picture, mostly out of focus."""
    g, side = canvas.generator, canvas.side
    if g.random() < 0.65:
        return
    picture = Image.fromarray(np.clip(canvas.pixels, 0, 255).astype("uint8"))
    cover = Image.new("L", picture.size)
    pen, cover_pen = ImageDraw.Draw(picture), ImageDraw.Draw(cover)
    for _ in range(g.integers(1, 5)):
        start = np.array([g.uniform(0, 1), g.uniform(0.7, 1.1)]) * side
        end = start + [g.normal(0, 0.2) * side, -g.uniform(0.2, 0.8) * side]
        color = _green(g) * g.uniform(0.5, 1.2)
        for outline, shade in _blade(g, start, end, side * g.uniform(0.008, 0.03)):
            pen.polygon(outline, fill=_ink(color * shade))
            cover_pen.polygon(outline, fill=255)
    blur = ImageFilter.GaussianBlur(float(g.choice([0.5, 2, 4])))
    weight = np.asarray(cover.filter(blur), dtype="float32")[..., None] / 255
    canvas.pixels += weight * (np.asarray(picture.filter(blur), dtype="float32") - canvas.pixels)


def _illuminate(canvas: Canvas) -> None:
    """Make one side brighter, lay shadows of things not seen over the picture, and tint it."""
    g, side = canvas.generator, canvas.side
    angle = g.uniform(0, 2 * np.pi)
    across = ((canvas.x - side / 2) * np.cos(angle) + (canvas.y - side / 2) * np.sin(angle)) / side
    brightness = g.uniform(0.85, 1.25) * (1 + g.uniform(0, 0.6) * across)
    if g.random() < 0.3:  # the shadow of a wall, or of leaves
        edge = across + noise(g, (side, side), int(g.integers(3, 7))) * g.choice([0.08, 0.5])
        brightness = brightness * (
            1 - g.uniform(0.25, 0.45) * np.clip((edge - g.uniform(-0.2, 0.3)) * 12, 0, 1)
        )
    tint = 1 + g.normal(0, 0.08, 3)
    canvas.pixels = np.clip(canvas.pixels, 0, 255) * brightness[..., None] * tint + g.uniform(-10, 22)


def _finish(canvas: Canvas) -> bytes:
    """Do what ``Canvas.finish`` does, with blurred grain and short tables: these files must be small."""
    g = canvas.generator
    picture = Image.fromarray(np.clip(canvas.pixels, 0, 255).astype("uint8"))
    picture = picture.resize((SIZE, SIZE), Image.Resampling.LANCZOS)
    if g.random() < 0.35:
        picture = picture.filter(ImageFilter.GaussianBlur(float(g.uniform(0.3, 1.0))))
    pixels = np.asarray(picture, dtype="float32")
    pixels = pixels + g.normal(0, g.uniform(0, 5), pixels.shape)
    file = io.BytesIO()
    picture = Image.fromarray(np.clip(pixels, 0, 255).astype("uint8"))
    picture.save(file, "JPEG", quality=int(g.integers(45, 72)), optimize=True)
    return file.getvalue()


# --- Surfaces -----------------------------------------------------------------------------------------------


def _ink(color: np.ndarray) -> tuple[int, int, int]:
    return tuple(int(c) for c in np.clip(color, 0, 255))


def _sheet(points: np.ndarray, colors: np.ndarray) -> Mesh:
    """Cut grids of points, shape (..., rows + 1, columns + 1, 3), into quadrilaterals."""
    corners = [
        points[..., :-1, :-1, :],
        points[..., :-1, 1:, :],
        points[..., 1:, 1:, :],
        points[..., 1:, :-1, :],
    ]
    return Mesh(np.stack(corners, -2).reshape(-1, 4, 3), colors.reshape(-1, 3))


def _petal_colors(
    g: np.random.Generator,
    shape: tuple[int, int, int],
    base: np.ndarray,
    tip: np.ndarray,
    dark: float,
    streaks: float,
) -> np.ndarray:
    """Return the colors of petals along and across: from base to tip, streaked, darker where hidden."""
    number, rows, columns = shape
    t = (np.arange(rows) + 0.5)[None, :, None, None] / rows
    s = np.linspace(-1, 1, columns)[None, None, :, None]
    color = base + (tip - base) * np.clip(t * 1.6, 0, 1)
    single = g.normal(1, 0.05, (number, 1, 1, 1))
    lines = 1 + streaks * np.cos(s * np.pi * 3 + g.uniform(0, 6, (number, 1, 1, 1)) * 0.3)
    spots = g.normal(1, 0.025, (number, rows, columns, 1))
    return color * single * lines * spots * (1 - dark * (1 - t) ** 1.5)


def _rays(
    g: np.random.Generator,
    *,
    azimuth: np.ndarray,
    length: np.ndarray,
    width: float,
    outline: Callable[[np.ndarray], np.ndarray],
    colors: tuple[np.ndarray, np.ndarray],
    start: np.ndarray | float,
    height: np.ndarray | float,
    rise: np.ndarray,
    bend: np.ndarray | float,
    cup: float = 0.3,
    dark: float = 0.4,
    steps: tuple[int, int] = (6, 3),
) -> Mesh:
    """Return long petals around the axis: ``rise`` is the slope at their base, ``bend`` its change."""
    number, (rows, columns) = len(azimuth), steps
    t, s = np.linspace(0, 1, rows + 1), np.linspace(-1, 1, columns + 1)
    slope = np.asarray(rise)[:, None] + np.broadcast_to(bend, number)[:, None] * t
    step = (length / rows)[:, None]
    zero = np.zeros((number, 1))
    out = np.broadcast_to(start, number)[:, None] + np.concatenate(
        [zero, np.cumsum(np.cos(slope[:, 1:]) * step, 1)], 1
    )
    up = np.broadcast_to(height, number)[:, None] + np.concatenate(
        [zero, np.cumsum(np.sin(slope[:, 1:]) * step, 1)], 1
    )
    half = width * outline(t) * g.normal(1, 0.08, (number, 1))
    aside = half[..., None] * s
    lift = cup * half[..., None] * s**2
    out, up = (
        out[..., None] - np.sin(slope)[..., None] * lift,
        up[..., None] + np.cos(slope)[..., None] * lift,
    )
    c, d = np.cos(azimuth)[:, None, None], np.sin(azimuth)[:, None, None]
    points = np.stack([out * c - aside * d, out * d + aside * c, up], -1)
    return _sheet(points, _petal_colors(g, (number, rows, columns), *colors, dark, 0.06))


def _bowls(
    g: np.random.Generator,
    *,
    azimuth: np.ndarray,
    half_angle: np.ndarray,
    profile: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]],
    pointed: tuple[float, float],
    colors: tuple[np.ndarray, np.ndarray],
    dark: float,
    streaks: float,
    steps: tuple[int, int],
) -> Mesh:
    """Return broad petals around the axis; ``profile`` gives their distance from it and their height."""
    number, (rows, columns) = len(azimuth), steps
    t = np.linspace(0, 1, rows + 1)[None, :, None]
    s = np.linspace(-1, 1, columns + 1)[None, None, :]
    depth, power = pointed
    inside = (
        t * (1 - depth * np.abs(s) ** power) + 0 * azimuth[:, None, None]
    )  # the rim is lower at both sides
    out, up = profile(inside)
    wave = 0.02 * np.sin(s * 5 + g.uniform(0, 6, (number, 1, 1))) * inside
    angle = azimuth[:, None, None] + half_angle[:, None, None] * s
    points = np.stack([(out + wave) * np.cos(angle), (out + wave) * np.sin(angle), up + wave], -1)
    return _sheet(points, _petal_colors(g, (number, rows, columns), *colors, dark, streaks))


def _disc(
    g: np.random.Generator, radius: float, dome: float, number: int, inner: np.ndarray, outer: np.ndarray
) -> Mesh:
    """Return a domed disc of florets in the spirals of the golden angle."""
    index = np.arange(number) + 0.5
    part, angle = np.sqrt(index / number), index * GOLDEN_ANGLE
    center = np.stack(
        [radius * part * np.cos(angle), radius * part * np.sin(angle), dome * (1 - part**2)], -1
    )
    outward = np.stack([np.cos(angle), np.sin(angle), -2 * dome / radius * part], -1)
    around = np.stack([-np.sin(angle), np.cos(angle), 0 * angle], -1)
    size = radius / np.sqrt(number)
    color = inner + (outer - inner) * np.clip((part[:, None] - 0.35) * 2, 0, 1)
    color = color * g.normal(1, 0.13, (number, 1))
    below = np.stack(
        [center + 1.6 * size * (a * outward + b * around) for a, b in ((-1, 0), (0, -1), (1, 0), (0, 1))], 1
    )
    above = np.stack(
        [center + 0.8 * size * (a * outward + b * around) for a, b in ((-1, 0), (0, -1), (1, 0), (0, 1))], 1
    )
    return Mesh(below, color * 0.5) + Mesh(above + [0, 0, 0.6 * size], color * 1.12)


def _show(picture: Image.Image, mesh: Mesh, pose: Pose, light: Light) -> None:
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


# --- Leaves and stems ---------------------------------------------------------------------------------------


def _blade(
    g: np.random.Generator, start: np.ndarray, end: np.ndarray, width: float
) -> list[tuple[list[float], float]]:
    """Return the outlines and shades of a bent blade of grass or a stalk: all of it, then its lighter part."""
    along = end - start
    bend = np.array([-along[1], along[0]]) * g.normal(0, 0.15)
    t = np.linspace(0, 1, 9)[:, None]
    path = start + along * t + bend * t**2
    across = np.array([-along[1], along[0]]) / (np.hypot(*along) + 1e-6) * width * (1 - 0.9 * t)
    return [
        (np.concatenate([path - across, (path + part * across)[::-1]]).ravel().tolist(), shade)
        for part, shade in ((1.0, 0.8), (0.3, 1.15))
    ]


def _grass(g: np.random.Generator, pen: ImageDraw.ImageDraw, start: np.ndarray, side: int) -> None:
    end = start + [g.normal(0, 0.12) * side, -g.uniform(0.2, 0.6) * side]
    color = _green(g) * g.uniform(0.5, 1.3)
    for outline, shade in _blade(g, start, end, side * g.uniform(0.006, 0.02)):
        pen.polygon(outline, fill=_ink(color * shade))


def _leaf(
    g: np.random.Generator,
    pen: ImageDraw.ImageDraw,
    kind: str,
    start: np.ndarray,
    end: np.ndarray,
    width: float,
    color: np.ndarray,
    light: Light,
) -> None:
    """Draw a leaf with a rib and veins from ``start`` to ``end``."""
    t, s = np.linspace(0, 1, 21), np.linspace(-1, 1, 5)
    along = end - start
    across = np.array([-along[1], along[0]])
    path = start + along * t[:, None] + across * g.normal(0, 0.2) * (t**2 - t)[:, None] * 2
    half = width * LEAVES[kind](t)
    unit = across / (np.hypot(*across) + 1e-6)
    points = path[:, None] + half[:, None, None] * s[:, None] * unit
    tilt = 0.25 * np.sign(unit @ light.direction[:2]) * np.array([-1, -1, 1, 1])
    veins = 0.08 * np.sign(np.cos(t[:-1, None] * 34 - np.abs(s[:-1] + 0.25) * 5))
    rib = 0.2 * np.array([0, 1, 1, 0]) * (np.abs(g.normal(0, 0.7)))
    shade = np.clip(0.9 + tilt + veins * (kind != "lance") + rib + 0.2 * (t[:-1, None] - 0.5), 0.3, 1.6)
    mesh = _sheet(np.concatenate([points, np.zeros((21, 5, 1))], -1), shade[..., None] * color)
    for quad, ink in zip(mesh.quads[..., :2].reshape(-1, 8).tolist(), mesh.colors, strict=True):
        pen.polygon(quad, fill=_ink(ink))


def _stem(
    g: np.random.Generator, picture: Image.Image, kind: str, pose: Pose, light: Light, vase: float | None
) -> Image.Image:
    """Draw the stem with its leaves down to the vase or out of the picture."""
    side = picture.width
    pen = ImageDraw.Draw(picture)
    top = np.array([pose.x, pose.y])
    axis = np.array([np.sin(pose.roll), -np.cos(pose.roll)])
    # The flower stands on its stem; seen from the front, the stem is behind it and turns away downward.
    bottom = top - axis * side * 1.2 + [g.normal(0, 0.15) * side, 0]
    if vase is not None:
        bottom = np.array([vase + g.normal(0, 0.03) * side, side * 0.8])
    bend = top - axis * np.sin(pose.tilt) * side * 0.35 + g.normal(0, 0.03, 2) * side
    t = np.linspace(0, 1, 16)[:, None]
    path = top * (1 - t) ** 2 + 2 * bend * t * (1 - t) + bottom * t**2
    width = max(STEM_WIDTH[kind] * pose.scale * g.uniform(0.7, 1.2), 2.5)
    green = _green(g) * g.uniform(0.7, 1.1)
    if kind == "dandelion" and g.random() < 0.5:
        green = green * 0.6 + np.array((170, 120, 90)) * 0.4
    _leaves_of(g, pen, kind, path, pose, light)
    toward = np.sign(light.direction[0]) * width * 0.25
    for part, shade, shift in ((1.0, 0.65, 0.0), (0.62, 1.0, 0.5), (0.25, 1.3, 1.0)):
        line = [(x + shift * toward, y) for x, y in path.tolist()]
        pen.line(line, fill=_ink(green * shade), width=max(1, round(width * part)), joint="curve")
    if kind == "roses":  # thorns
        for n in g.integers(4, 14, 4):
            x, y = path[n]
            pen.polygon(
                [x, y - width, x, y + width, x + g.choice([-1, 1]) * 1.6 * width, y], fill=_ink(green * 0.8)
            )
    return picture


def _leaves_of(
    g: np.random.Generator, pen: ImageDraw.ImageDraw, kind: str, path: np.ndarray, pose: Pose, light: Light
) -> None:
    """Draw leaves along a stem; one time in four they belong to another plant."""
    green = _green(g)
    for _ in range(g.integers(0, 5)):
        shape = OWN_LEAF[kind] if g.random() < 0.75 else list(LEAVES)[g.integers(len(LEAVES))]
        start = path[g.integers(3, 12)]
        length = pose.scale * g.uniform(0.8, 1.7) * (1.7 if shape == "lance" else 1)
        angle = g.uniform(0.2, 1.2) * g.choice([-1, 1]) * (0.5 if shape == "lance" else 1)
        end = start + length * np.array([np.sin(angle), -np.cos(angle)])
        wide = {"lance": 0.15, "spoon": 0.16, "saw": 0.3, "toothed": 0.22, "heart": 0.45}[shape]
        _leaf(
            g,
            pen,
            shape,
            start,
            end,
            length * wide * g.uniform(0.7, 1.1),
            green * g.uniform(0.75, 1.15),
            light,
        )


def _vase(g: np.random.Generator, picture: Image.Image, x: float) -> Image.Image:
    side = picture.width
    width, top = side * g.uniform(0.07, 0.15), side * g.uniform(0.68, 0.8)
    color = g.uniform(50, 220) + g.normal(0, 30, 3)
    pen = ImageDraw.Draw(picture)
    t = np.linspace(0, 1, 12)
    half = width * (1 + g.uniform(0, 0.6) * np.sin(t * np.pi))
    y = top + t * side * 0.4
    for a, b, shade in ((-1, 1, 0.75), (-0.75, 0.6, 0.95), (-0.5, 0.1, 1.1), (-0.4, -0.25, 1.35)):
        outline = np.concatenate([np.stack([x + a * half, y], 1), np.stack([x + b * half, y], 1)[::-1]])
        pen.polygon(outline.ravel().tolist(), fill=_ink(color * shade))
    return picture


def _bee(canvas: Canvas, pose: Pose) -> None:
    """Set a bee on the flower."""
    g = canvas.generator
    x, y = np.array([pose.x, pose.y]) + g.normal(0, 0.35, 2) * pose.scale
    frame = Frame(x, y, canvas.side * g.uniform(0.025, 0.05), g.uniform(0, 2 * np.pi))
    canvas.shape(frame, ellipse(0, 0, 1, 0.55), (176, 116, 30))
    for u in (-0.7, -0.2, 0.3):
        canvas.shape(frame, ellipse(u, 0, 0.13, 0.5), (34, 24, 18))
    canvas.shape(frame, ellipse(1, 0, 0.4, 0.4), (40, 30, 22))
    for v in (-0.6, 0.6):
        canvas.shape(frame, ellipse(-0.1, v, 0.75, 0.28, v * 0.8), (220, 224, 228), opacity=0.6)


# --- The five flowers ---------------------------------------------------------------------------------------


def _flower(
    g: np.random.Generator,
    picture: Image.Image,
    kind: str,
    variety: dict[str, np.ndarray],
    pose: Pose,
    light: Light,
) -> Image.Image:
    """Draw one flower and the shadow that it throws on what is behind it."""
    side = picture.width
    small = Image.new("L", (side // 4, side // 4))
    x, y = (np.array([pose.x, pose.y]) - light.direction[:2] * pose.scale * 0.35) / 4
    radius = pose.scale * 0.75 / 4
    ImageDraw.Draw(small).ellipse([x - radius, y - radius, x + radius, y + radius], fill=110)
    shadow = small.filter(ImageFilter.GaussianBlur(float(radius * 0.3 + 0.5))).resize((side, side))
    picture.paste((12, 16, 12), mask=shadow)
    if kind == "dandelion" and g.random() < 0.38:
        _clock(g, picture, pose, light)
        return picture
    build = {
        "daisy": _daisy,
        "dandelion": _dandelion,
        "roses": _rose,
        "sunflowers": _sunflower,
        "tulips": _tulip,
    }[kind]
    _show(picture, build(g, variety), pose, light)
    return picture


def _around(g: np.random.Generator, number: int, jitter: float = 0.2) -> np.ndarray:
    """Return directions around the axis, nearly evenly."""
    return (np.arange(number) + g.uniform(0, 1) + g.normal(0, jitter, number)) * 2 * np.pi / number


def _bracts(
    g: np.random.Generator, green: np.ndarray, number: int, length: float, radius: float, rise: float
) -> Mesh:
    """Return the green cup and the pointed leaflets under a flower."""
    t = np.linspace(0, 1, 5)[:, None]
    angle = np.linspace(0, 2 * np.pi, 13)
    out = radius * (0.25 + 0.75 * t**0.6)
    cup = np.stack([out * np.cos(angle), out * np.sin(angle), -0.28 + 0.26 * t + 0 * angle], -1)
    leaflets = _rays(
        g,
        azimuth=_around(g, number),
        length=np.full(number, length),
        width=length * 0.24,
        outline=lambda t: np.sin(np.pi * (0.25 + 0.75 * t)) + 0.02,
        colors=(green * 0.8, green),
        start=radius * 0.7,
        height=-0.12,
        rise=g.normal(rise, 0.1, number),
        bend=-0.2,
        steps=(4, 2),
    )
    return _sheet(cup, np.broadcast_to(green * 0.85, (4, 12, 3))) + leaflets


def _daisy(g: np.random.Generator, variety: dict[str, np.ndarray]) -> Mesh:
    """Many narrow, blunt petals round a small domed disc."""
    disc = g.uniform(0.2, 0.3)
    mesh = _disc(
        g, disc, disc * g.uniform(0.3, 0.75), 70, variety["disc"] * g.uniform(0.8, 1), variety["disc"]
    )
    mesh += _bracts(g, variety["green"], 12, 0.28, disc, 0.1)
    number, width = int(g.integers(15, 30)), g.uniform(0.8, 1.1)
    rise, bend = g.uniform(-0.15, 0.5), g.normal(-0.25, 0.25)
    for ring in range(g.integers(1, 3)):
        mesh += _rays(
            g,
            azimuth=_around(g, number),
            length=(1 - disc * 0.8) * g.normal(1 - 0.05 * ring, 0.05, number),
            width=width * 1.9 / number,
            outline=lambda t: 0.45 + 0.55 * np.sin(np.pi * np.clip(t, 0, 0.93) ** 1.4) ** 0.5,
            colors=(variety["base"], variety["tip"]),
            start=disc * 0.8,
            height=-0.04 * ring,
            rise=g.normal(rise, 0.09, number),
            bend=g.normal(bend, 0.12, number),
        )
    return mesh


def _sunflower(g: np.random.Generator, variety: dict[str, np.ndarray]) -> Mesh:
    """Pointed petals in two or three rings round a large disc in spirals."""
    disc = g.uniform(0.4, 0.58)
    outer = variety["disc"] * g.uniform(1.1, 1.9) + [25, 12, 0]
    mesh = _disc(g, disc, disc * g.uniform(0.05, 0.3), 170, variety["disc"] * g.uniform(0.7, 1.2), outer)
    mesh += _bracts(g, variety["green"], 14, 0.5, disc, 0.25)
    rise, bend = g.uniform(-0.1, 0.5), g.normal(-0.2, 0.3)
    for ring in range(g.integers(2, 4)):
        number = int(g.integers(14, 22))
        mesh += _rays(
            g,
            azimuth=_around(g, number, 0.3),
            length=(1.05 - disc * 0.9) * g.normal(1 + 0.08 * ring, 0.09, number),
            width=g.uniform(0.1, 0.14),
            outline=lambda t: np.sin(np.pi * (0.2 + 0.8 * t)) ** 0.9 + 0.02,
            colors=(variety["base"], variety["tip"]),
            start=disc * 0.9,
            height=-0.05 * ring,
            rise=g.normal(rise - 0.08 * ring, 0.15, number),
            bend=g.normal(bend, 0.25, number),
            cup=0.5,
        )
    return mesh


def _dandelion(g: np.random.Generator, variety: dict[str, np.ndarray]) -> Mesh:
    """A dense head of narrow florets, the outer ones long and flat, the inner ones short and upright."""
    number = int(g.integers(110, 170))
    part = np.sqrt((np.arange(number) + 0.5) / number)
    azimuth = np.arange(number) * GOLDEN_ANGLE + g.normal(0, 0.1, number)
    opened = g.uniform(-0.2, 0.35)
    colors = variety["base"] * 0.9, variety["tip"]
    florets = _rays(
        g,
        azimuth=azimuth,
        length=(0.28 + 0.62 * part) * g.normal(1, 0.07, number),
        width=g.uniform(0.03, 0.042),
        outline=lambda t: 0.6 + 0.4 * t,
        colors=colors,
        start=0.12 * part,
        height=0.1 * (1 - part),
        rise=1.45 - (1.45 - opened) * part**1.3 + g.normal(0, 0.1, number),
        bend=g.normal(-0.2, 0.2, number),
        dark=0.75,
        steps=(4, 1),
    )
    return florets + _bracts(g, variety["green"], 14, 0.45, 0.25, g.choice([0.6, -0.6]))


def _clock(g: np.random.Generator, picture: Image.Image, pose: Pose, light: Light) -> None:
    """Draw the ball of seeds: each has a beak from the middle and an umbrella of hairs."""
    number = int(g.integers(90, 130))
    index = np.arange(number) + 0.5
    height = 1 - 1.85 * index / number
    angle = index * GOLDEN_ANGLE
    flat = np.sqrt(1 - height**2)
    outward = np.stack([flat * np.cos(angle), flat * np.sin(angle), height], -1)
    kept = outward @ _direction(g) < g.choice([1.1, 1.1, g.uniform(0.5, 0.9)])  # the wind has taken some
    outward = outward[kept]
    tips = pose.to_canvas(outward * 0.78)
    seeds = pose.to_canvas(outward * 0.2)
    hairs = outward[:, None] * 0.95 + _spread(outward, 9) * 0.26
    ends = pose.to_canvas(hairs)
    pen = ImageDraw.Draw(picture, "RGBA")
    x, y, radius = pose.x, pose.y, pose.scale * 0.9
    # The many hairs too fine to draw: without this veil the ball would be lost before a bright sky.
    pen.ellipse([x - radius, y - radius, x + radius, y + radius], fill=(96, 100, 92, 80))
    color = np.array((238, 236, 228)) * g.uniform(0.8, 1)
    thin = max(1, round(pose.scale * 0.012))
    for n in np.argsort(tips[:, 2]):
        near = 0.5 + 0.5 * tips[n, 2] / pose.scale
        lit = 0.65 + 0.4 * np.clip(outward[n] @ light.direction, 0, 1) + 0.1 * near
        ink = (*_ink(color * lit), int(90 + 130 * near))
        pen.line([*seeds[n, :2], *tips[n, :2]], fill=(150, 140, 120, 150), width=thin)
        for end in ends[n, :, :2].tolist():
            pen.line([*tips[n, :2], *end], fill=ink, width=thin)
    radius = pose.scale * 0.17
    pen.ellipse(
        [x - radius, y - radius, x + radius, y + radius],
        fill=(*_ink(np.array((120, 96, 60)) * light.ambient * 2), 190),
    )


def _direction(g: np.random.Generator) -> np.ndarray:
    vector = g.normal(0, 1, 3)
    return vector / np.linalg.norm(vector)


def _spread(outward: np.ndarray, number: int) -> np.ndarray:
    """Return unit vectors at right angles to each given one, evenly around it: shape (n, number, 3)."""
    first = np.cross(outward, [0.3, 0.5, 0.8])
    first /= np.linalg.norm(first, axis=1, keepdims=True)
    second = np.cross(outward, first)
    turn = np.linspace(0, 2 * np.pi, number, endpoint=False)[:, None]
    return first[:, None] * np.cos(turn) + second[:, None] * np.sin(turn)


def _rose(g: np.random.Generator, variety: dict[str, np.ndarray]) -> Mesh:
    """Broad petals around each other: the inner ones closed, the outer ones open, with their rims curled."""
    number = int(g.integers(14, 26))
    u = ((np.arange(number) + 0.5) / number)[:, None, None]
    opened, tall, curl = g.uniform(0.55, 0.88), g.uniform(0.75, 1.1), g.uniform(0.05, 0.16)

    def profile(t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        rim = 0.07 + opened * u**0.95
        out = 0.05 + 0.2 * u + (rim - 0.05 - 0.2 * u) * t**1.3
        lip = np.clip(t - 0.82, 0, 1) / 0.18
        up = (tall - 0.55 * tall * opened * u**1.8) * np.sin(t * np.pi / 2)
        return out + curl * u * lip, up - 0.5 * curl * u * lip**2

    petals = _bowls(
        g,
        azimuth=np.arange(number) * GOLDEN_ANGLE + g.normal(0, 0.15, number),
        half_angle=1.35 - 0.55 * u[:, 0, 0],
        profile=profile,
        pointed=(g.uniform(0.12, 0.3), g.uniform(2.5, 5)),
        colors=(variety["base"], variety["tip"]),
        dark=0.85,
        streaks=0.03,
        steps=(8, 9),
    )
    return petals + _bracts(g, variety["green"], 5, 0.55, 0.22, g.uniform(-0.6, 0.3))


def _tulip(g: np.random.Generator, variety: dict[str, np.ndarray]) -> Mesh:
    """Six broad petals in two whorls that form a cup."""
    belly, mouth, tall = g.uniform(0.42, 0.56), g.uniform(0.12, 0.6), g.uniform(1.2, 1.6)
    colors = variety["base"], variety["tip"]
    mesh: Mesh | None = None
    turn = g.uniform(0, 2 * np.pi)
    for whorl in range(2):

        def profile(t: np.ndarray, size: float = 1 - 0.1 * whorl) -> tuple[np.ndarray, np.ndarray]:
            out = belly * np.sin(np.pi / 2 * np.clip(t / 0.5, 0, 1)) ** 0.7
            out = out + (mouth - belly) * np.clip((t - 0.4) / 0.6, 0, 1) ** 1.7
            return 0.04 + out * size, tall * (t - 0.45)

        petals = _bowls(
            g,
            azimuth=turn + whorl * np.pi / 3 + np.arange(3) * 2 * np.pi / 3 + g.normal(0, 0.12, 3),
            half_angle=g.normal(1.0, 0.07, 3),
            profile=profile,
            pointed=(g.uniform(0.3, 0.5), g.uniform(1.6, 2.6)),
            colors=colors,
            dark=0.35,
            streaks=0.09,
            steps=(13, 13),
        )
        mesh = petals if mesh is None else mesh + petals
    stamens = _rays(
        g,
        azimuth=_around(g, 6),
        length=np.full(6, 0.5),
        width=0.05,
        outline=lambda t: 0.4 + 1.0 * (t > 0.6),
        colors=(np.array((200, 190, 90)), np.array((40, 30, 40))),
        start=0.08,
        height=-0.4 * tall,
        rise=np.full(6, 1.35),
        bend=0.0,
        steps=(4, 1),
    )
    return mesh + stamens
