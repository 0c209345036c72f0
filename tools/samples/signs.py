"""Drawn hands that show the numbers 0–5: the built-in stand-in for the Sign Language Digits photographs.

A hand is built in space from tapered capsules, one per finger bone, and posed joint by joint; it is then turned,
seen from the front as a map of heights, and lit. So folded fingers, foreshortening and the thumb's shadow on the
palm come out by themselves. Only the pose depends on the number; skin, wall, light, sleeve, side of the hand, place
and size are drawn for all numbers from the same distributions.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from tools.samples.canvas import Canvas, noise, unit

SIZE = 64
CLASSES = ("0", "1", "2", "3", "4", "5")
FAR = -9.0  # the height where there is no hand
ROUNDING = 4  # pixel values are multiples of this: the files are to stay small, and gzip needs repetitions

# The unit is the length of the palm. x points away from the thumb, y to the fingertips, z out of the palm.
KNUCKLES = np.array([(-0.31, 0.96, 0.0), (-0.10, 1.01, 0.02), (0.11, 0.97, 0.01), (0.30, 0.87, 0.0)])
BONES = np.array([(0.48, 0.30, 0.22), (0.53, 0.34, 0.23), (0.49, 0.32, 0.23), (0.38, 0.23, 0.21)])
WIDTHS = np.array([0.112, 0.115, 0.108, 0.096])  # at the finger's root
TAPER = np.array([1.0, 0.92, 0.85, 0.68])
SPREAD = np.array([-0.15, -0.03, 0.09, 0.24])  # of straight fingers, in radians
RAISED = {"0": (), "1": (0,), "2": (0, 1), "3": (0, 1), "4": (0, 1, 2, 3), "5": (0, 1, 2, 3)}
THUMB_ROOT = np.array((-0.22, 0.16, 0.04))
THUMBS = {  # the three further joints, and where the nail looks
    "out": (((-0.50, 0.48, 0.10), (-0.74, 0.74, 0.12), (-0.90, 0.98, 0.08)), (-0.6, 0.2, -0.5)),
    "fist": (((-0.47, 0.50, 0.28), (-0.29, 0.68, 0.55), (-0.01, 0.64, 0.63)), (-0.1, 0.5, 0.85)),
    "across": (((-0.43, 0.46, 0.22), (-0.16, 0.65, 0.30), (0.12, 0.68, 0.27)), (-0.1, 0.5, 0.85)),
    "ring": (((-0.42, 0.40, 0.36), (-0.37, 0.55, 0.66), (-0.22, 0.74, 0.80)), (-0.6, -0.3, 0.6)),
}
SKINS = [  # the back of the hand, the palm
    ((240, 205, 182), (246, 202, 184)),
    ((228, 184, 154), (238, 190, 166)),
    ((214, 164, 128), (228, 178, 148)),
    ((192, 140, 102), (214, 164, 132)),
    ((160, 108, 74), (196, 146, 114)),
    ((122, 78, 52), (176, 126, 98)),
    ((88, 56, 40), (152, 106, 84)),
    ((64, 42, 33), (132, 92, 74)),
]


@dataclass(frozen=True)
class Capsule:
    """A bone with its flesh: two balls and the cone between them."""

    start: np.ndarray
    end: np.ndarray
    radii: tuple[float, float]
    back: np.ndarray  # the direction away from the palm
    part: str  # "arm", "palm", "root", "middle" or "tip" of a finger
    softness: float = 0.02  # how far it melts into what it touches


def draw(kind: str, generator: np.random.Generator) -> np.ndarray:
    """Return a picture, uint8 of shape (64, 64, 3), of a hand that shows the number ``kind``."""
    canvas = Canvas(SIZE, generator)
    bones, opening = _pose(kind, generator)
    bones = _turned(bones, _rotation(generator, opening))
    x, y, scale = _placed(canvas, bones)
    height, owner = _surface(bones, x, y)
    covered = height > FAR / 2
    light = generator.normal(0, (0.55, 0.3, 0)) + (0, 0.35, 1)
    light = light / np.linalg.norm(light)
    _wall(canvas, covered, light, scale)
    normal = _normals(height, scale)
    skin = _skin(generator, bones, x, y, height, owner, normal)
    shaded = skin * _shade(generator, height, normal, light, scale)
    canvas.paint(_softened(covered.astype("float32"), 0.8), np.clip(shaded, 0, 255))
    return _photographed(canvas)


def _softened(picture: np.ndarray, radius: float) -> np.ndarray:
    """Return a blurred map of numbers."""
    image = Image.fromarray(np.ascontiguousarray(picture, dtype="float32"))
    # PIL blurs no maps of float numbers with a Gaussian; shrinking and enlarging them does as well.
    side = max(2, round(picture.shape[0] / max(1.0, radius)))
    small = image.resize((side, side), Image.Resampling.BILINEAR)
    return np.asarray(small.resize(image.size, Image.Resampling.BICUBIC))


def _pose(kind: str, g: np.random.Generator) -> tuple[list[Capsule], bool]:
    """Return the hand in its own coordinates, and whether thumb and fingers form an open ring."""
    ring = kind == "0" and g.random() < 0.5
    build = g.normal(1, (0.06, 0.05, 0.08))  # broad, long, thick
    size = np.array([build[0], 1, 1])
    wide = g.uniform(0.35, 1.35) if kind != "2" else g.uniform(0.7, 1.8)
    fold = g.normal(0, 0.07)
    bones: list[Capsule] = []
    for finger in range(4):
        if finger in RAISED[kind]:
            turns = np.cumsum(np.abs(g.normal(0, (0.12, 0.14, 0.1)))) - 0.05
        elif ring:
            turns = np.array([1.02, 2.15, 2.85]) + fold + g.normal(0, 0.05) - 0.05 * finger
        else:
            turns = np.array([1.42, 3.1, 3.95]) + fold * 2 + g.normal(0, (0.06, 0.08, 0.12))
        angle = SPREAD[finger] * wide * (1 if finger in RAISED[kind] else 0.25) + g.normal(0, 0.03)
        lengths = BONES[finger] * build[1] * g.normal(1, 0.03)
        radii = WIDTHS[finger] * build[2] * TAPER
        bones += _finger(KNUCKLES[finger] * size, angle, turns, lengths, radii)
    style = "ring" if ring else {"3": "out", "5": "out", "4": "across"}.get(kind, "fist")
    bones += _thumb(style, size, build[2], g)
    return _palm(size, build[2], g) + bones, ring


def _finger(knuckle: np.ndarray, angle: float, turns, lengths, radii) -> list[Capsule]:
    """Return the three bones of a finger that bends by ``turns`` (radians, from straight up) to the palm."""
    up, out = np.array([np.sin(angle), np.cos(angle), 0]), np.array([0, 0, 1.0])
    bones, start = [], knuckle
    for number, part in enumerate(("root", "middle", "tip")):
        direction = np.cos(turns[number]) * up + np.sin(turns[number]) * out
        back = np.sin(turns[number]) * up - np.cos(turns[number]) * out
        end = start + lengths[number] * direction
        softness = 0.06 if number == 0 else 0.015
        bones.append(Capsule(start, end, (radii[number], radii[number + 1]), back, part, softness))
        start = end
    return bones


def _thumb(style: str, size: np.ndarray, thick: float, g: np.random.Generator) -> list[Capsule]:
    joints, back = THUMBS[style]
    points = np.array([THUMB_ROOT, *joints]) * size
    if style == "out":
        turn = g.normal(0, 0.16)
        c, s = np.cos(turn), np.sin(turn)
        points[1:] = points[0] + (points[1:] - points[0]) @ np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]])
    points[2:] += np.cumsum(g.normal(0, (0.03, 0.03, 0.015), (2, 3)), axis=0)
    radii = np.array([0.19, 0.135, 0.115, 0.085]) * thick
    return [
        Capsule(a, b, (r, s), unit(back), part, softness)
        for a, b, r, s, part, softness in zip(
            points[:-1], points[1:], radii[:-1], radii[1:], ("palm", "middle", "tip"), (0.12, 0.06, 0.015),
            strict=True)
    ]  # fmt: skip


def _palm(size: np.ndarray, thick: float, g: np.random.Generator) -> list[Capsule]:
    """Return the forearm, the bones of the palm, the ball of the little finger and the webs."""
    back = np.array([0, 0, -1.0])
    bend = g.normal(0, 0.16)
    elbow = np.array([np.sin(bend), -np.cos(bend), g.normal(0, 0.1)]) * 3.2
    slim = g.uniform(0.9, 1.1)
    bones = [
        Capsule(np.array([u, 0.02, 0]), elbow + [2.0 * u, 0, 0], (0.17 * slim, 0.34 * slim), back, "arm", 0.2)
        for u in (-0.11, 0.11)
    ]
    roots = np.array([(-0.16, 0.06, 0), (-0.06, 0.04, 0), (0.06, 0.04, 0), (0.16, 0.06, 0)])
    for root, knuckle in zip(roots, KNUCKLES, strict=True):
        bones.append(Capsule(root, knuckle * size, (0.18 * thick, 0.135 * thick), back, "palm", 0.14))
    start, end = np.array([(0.2, 0.24, 0.05), (0.3, 0.62, 0.03)]) * size
    bones.append(Capsule(start, end, (0.17 * thick, 0.14 * thick), back, "palm", 0.14))
    for a, b in pairwise(KNUCKLES):
        bones.append(Capsule(a * size, b * size, (0.12 * thick, 0.12 * thick), back, "palm", 0.1))
    return bones


def _rotation(g: np.random.Generator, opening: bool) -> np.ndarray:
    """Return how the hand is held; now and then its back is seen. An open ring is shown from the thumb's side."""
    yaw = g.normal(0, 0.3)
    pitch, roll = g.normal(0.05, 0.2), g.normal(0, 0.24)
    if opening:
        yaw += g.uniform(0.5, 1.3)
    elif g.random() < 0.2:
        yaw += np.pi
    (a, b, c), (p, q, r) = np.cos([yaw, pitch, roll]), np.sin([yaw, pitch, roll])
    around_y = np.array([[a, 0, p], [0, 1, 0], [-p, 0, a]])
    around_x = np.array([[1, 0, 0], [0, b, -q], [0, q, b]])
    around_z = np.array([[c, -r, 0], [r, c, 0], [0, 0, 1]])
    mirror = np.diag([g.choice([-1.0, 1.0]), 1, 1])
    return mirror @ around_z @ around_x @ around_y


def _turned(bones: list[Capsule], rotation: np.ndarray) -> list[Capsule]:
    return [
        Capsule(rotation @ b.start, rotation @ b.end, b.radii, rotation @ b.back, b.part, b.softness)
        for b in bones
    ]


def _placed(canvas: Canvas, bones: list[Capsule]) -> tuple[np.ndarray, np.ndarray, float]:
    """Choose size and place; return the hand's x and y for every pixel, and the pixels per unit."""
    g, side = canvas.generator, canvas.side
    points = np.array([b.end for b in bones if b.part != "arm"])
    low, high = points.min(axis=0), points.max(axis=0)
    scale = side * g.uniform(0.23, 0.4)
    center = (low + high) / 2 + g.normal(0, 0.12, 3)
    place = side * np.array([g.uniform(0.34, 0.66), g.uniform(0.36, 0.62)])
    return (canvas.x - place[0]) / scale + center[0], (place[1] - canvas.y) / scale + center[1], scale


def _capsule_height(bone: Capsule, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the height of the capsule's front surface, seen along z."""
    length = np.linalg.norm(bone.end - bone.start)
    direction = (bone.end - bone.start) / length
    height = np.full(x.shape, FAR, dtype="float32")
    for center, radius in zip((bone.start, bone.end), bone.radii, strict=True):
        inside = radius**2 - (x - center[0]) ** 2 - (y - center[1]) ** 2
        height = np.maximum(height, np.where(inside > 0, center[2] + np.sqrt(np.maximum(inside, 0)), FAR))
    # The cone: |w|² − t² = (r + k·t)², where w is the way from the start and t its part along the bone.
    u, v = x - bone.start[0], y - bone.start[1]
    radius, slope = bone.radii[0], (bone.radii[1] - bone.radii[0]) / length
    flat, deep, wide = u * direction[0] + v * direction[1], direction[2], 1 + slope**2
    a = max(1e-3, 1 - deep**2 * wide)
    b = deep * (flat * wide + radius * slope)
    c = u**2 + v**2 - flat**2 * wide - 2 * radius * slope * flat - radius**2
    root = b**2 - a * c
    s = (b + np.sqrt(np.maximum(root, 0))) / a
    along = flat + s * deep
    cone = (root > 0) & (along > 0) & (along < length)
    return np.maximum(height, np.where(cone, bone.start[2] + s, FAR))


def _surface(bones: list[Capsule], x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the hand's height at every pixel and the number of the bone seen there."""
    height = np.full(x.shape, FAR, dtype="float32")
    owner = np.zeros(x.shape, dtype=int)
    columns, rows = x[0], -y[:, 0]
    for number, bone in enumerate(bones):
        reach = max(bone.radii)
        low, high = np.minimum(bone.start, bone.end) - reach, np.maximum(bone.start, bone.end) + reach
        box = (
            slice(*np.searchsorted(rows, [-high[1], -low[1]])),
            slice(*np.searchsorted(columns, [low[0], high[0]])),
        )
        new, old = _capsule_height(bone, x[box], y[box]), height[box]
        owner[box] = np.where(new > old, number, owner[box])
        near = np.maximum(bone.softness - np.abs(new - old), 0) * (new > FAR / 2)
        height[box] = np.maximum(new, old) + near**2 / (4 * bone.softness)
    return height, owner


def _normals(height: np.ndarray, scale: float) -> np.ndarray:
    """Return the directions of the surface, shape (side, side, 3)."""
    down, right = np.gradient(height * scale)
    steep = [np.clip(slope, -3, 3) for slope in (-right, down)]
    normal = np.stack([*steep, np.ones_like(height)], axis=-1)
    return normal / np.linalg.norm(normal, axis=-1, keepdims=True)


def _skin(g: np.random.Generator, bones, x, y, height, owner, normal) -> np.ndarray:
    """Return the colors of the hand before it is lit: skin, creases, nails and, on some arms, a sleeve."""
    back, palm = (np.array(color, dtype="float32") for color in SKINS[g.integers(len(SKINS))])
    tint = g.normal(0, 5, 3)
    facing = (np.array([b.back for b in bones])[owner] * normal).sum(axis=-1)
    colors = palm + np.clip(0.5 + 1.2 * facing, 0, 1)[..., None] * (back - palm) + tint
    colors = colors + (noise(g, x.shape, 7) * 5 + noise(g, x.shape, 20) * 4)[..., None]
    red = np.array([4, -10, -9]) * g.uniform(0.4, 1.6)
    nail = palm * 0.6 + np.array([100, 78, 76]) + g.normal(0, 6, 3)
    for number, bone in enumerate(bones):
        seen = np.nonzero(owner == number)
        if bone.part in ("arm", "palm") or not len(seen[0]):
            continue
        way = np.stack([x[seen], y[seen], height[seen]], axis=-1) - bone.start
        axis, length = unit(bone.end - bone.start), np.linalg.norm(bone.end - bone.start)
        along = way @ axis
        crease = np.exp(-((along / 0.022) ** 2)) + (np.exp(-(((along - 0.05) / 0.016) ** 2)) * 0.6)
        part = colors[seen] * (1 - 0.2 * crease[:, None])
        part += np.exp(-((along / 0.1) ** 2))[:, None] * red * 0.6
        if bone.part == "tip":
            part += np.clip(along / length, 0, 1)[:, None] * red
            away = unit(bone.back - (bone.back @ axis) * axis)
            across, top = way @ np.cross(axis, away), way @ away
            radius = bone.radii[1]
            oval = (across / (0.8 * radius)) ** 2 + ((along - 0.95 * length) / (1.15 * radius)) ** 2
            weight = np.clip((1 - oval) * 4, 0, 1) * (top > 0.35 * radius) * 0.85
            part += weight[:, None] * (nail - part)
            part *= 1 - 0.25 * (np.exp(-(((oval - 1.05) / 0.2) ** 2)) * (top > 0.3 * radius))[:, None]
        colors[seen] = part
    _palm_lines(g, bones, x, y, owner, colors)
    return _sleeve(g, bones, x, y, owner, colors)


def _palm_lines(g: np.random.Generator, bones, x, y, owner, colors) -> None:
    """Darken the three lines of the palm where it looks at the camera."""
    palm = np.isin(owner, [n for n, b in enumerate(bones) if b.part == "palm"])
    if bones[2].back[2] > -0.3:
        return
    # Bones 2–5 are those of the palm: two directions that follow it, however it is turned.
    root, up = bones[3].start, bones[3].end - bones[3].start
    right = bones[5].end - bones[2].end
    lines = [[(0.62, 0.62), (0.2, 0.66), (-0.12, 0.86)], [(-0.52, 0.7), (-0.1, 0.6), (0.45, 0.42)]]
    lines += [[(-0.5, 0.66), (-0.22, 0.45), (-0.12, 0.12)]]
    scale = 1 / float(x[0, 1] - x[0, 0])
    layer = Image.new("L", x.shape)
    for line in lines:
        points = np.array(line) + g.normal(0, 0.03, (3, 2))
        t = np.linspace(0, 1, 9)[:, None]
        curve = (1 - t) ** 2 * points[0] + 2 * t * (1 - t) * points[1] + t**2 * points[2]
        path = root + curve[:, :1] * right + curve[:, 1:] * up
        pixels = [(float((p[0] - x[0, 0]) * scale), float((y[0, 0] - p[1]) * scale)) for p in path]
        ImageDraw.Draw(layer).line(pixels, fill=255, width=max(1, round(0.035 * scale)))
    mask = np.asarray(layer.filter(ImageFilter.GaussianBlur(1.2)), dtype="float32") / 255 * palm
    colors *= 1 - g.uniform(0.12, 0.3) * mask[..., None]


def _sleeve(g: np.random.Generator, bones, x, y, owner, colors) -> np.ndarray:
    """Dress the forearm, more or less of it, in a plain or striped sleeve; a third of all arms are bare."""
    bare = g.random() < 0.35
    begin = g.uniform(0.05, 0.6)
    axis = unit((bones[0].end - bones[0].start)[:2])
    along = (x - bones[0].start[0]) * axis[0] + (y - bones[0].start[1]) * axis[1]
    cloth = np.clip(g.uniform(25, 225) + g.normal(0, 32, 3), 8, 245)
    other = np.clip(cloth + g.choice([-1, 1]) * g.uniform(0, 60), 0, 255)
    stripe = np.sin(along * g.uniform(18, 40)) > g.uniform(-0.5, 1.5)
    fabric = (
        np.where(stripe[..., None], other, cloth)
        * (1 - 0.35 * np.exp(-(((along - begin) / 0.03) ** 2)))[..., None]
    )
    if bare:
        return colors
    return np.where(((owner < 2) & (along > begin))[..., None], fabric, colors)


def _shade(g: np.random.Generator, height, normal, light, scale) -> np.ndarray:
    """Return the light on the hand: from the lamp, less where fingers cast shadows or lie close together."""
    lamp, around = g.uniform(0.5, 0.85), g.uniform(0.3, 0.5)
    facing = np.clip(normal @ light * 0.85 + 0.15, 0, None)
    # A shadow falls where, going to the lamp, the surface rises faster than the ray of light.
    slope = light[:2] / light[2]
    step = 0.05
    shadow = np.zeros_like(height)
    for number in range(1, 8):
        shift = np.round(np.array([slope[1], -slope[0]]) * step * number * scale).astype(int)
        toward = np.roll(height, tuple(shift), axis=(0, 1))
        shadow = np.maximum(shadow, np.clip((toward - height - step * number) * 14, 0, 1))
    shadow = _softened(np.where(height > FAR / 2, shadow, 0), 3)
    solid = np.maximum(height, height[height > FAR / 2].min() if (height > FAR / 2).any() else FAR)
    hollow = np.clip(_softened(solid, 0.09 * scale) - solid, 0, 0.3) * 2.2
    half = unit(light + [0, 0, 1])
    gloss = np.clip(normal @ half, 0, 1) ** 24 * g.uniform(0, 0.14)
    bright = (around + lamp * facing * (1 - 0.6 * shadow)) * (1 - hollow) + gloss
    # Light that has gone through skin is red: shaded parts lose less of it.
    return bright[..., None] ** np.array([0.88, 1.05, 1.08])


def _wall(canvas: Canvas, covered: np.ndarray, light: np.ndarray, scale: float) -> None:
    """Paint a plain wall, brighter toward the lamp, with the hand's shadow."""
    g, side = canvas.generator, canvas.side
    color = np.clip(g.uniform(150, 240) + g.normal(0, 9, 3) + [4, 0, -6], 90, 250)
    angle = g.uniform(0, 2 * np.pi)
    canvas.pixels[:] = color * (1 + g.uniform(0, 0.35) * canvas.across(angle))[..., None]
    away = g.uniform(0.15, 0.9) * scale
    shift = np.round([away * light[1] / light[2], -away * light[0] / light[2]]).astype(int)
    shade = np.pad(covered, side // 2, mode="edge")
    shade = np.roll(shade, tuple(shift), axis=(0, 1))[side // 2 : -(side // 2), side // 2 : -(side // 2)]
    blurred = _softened(shade.astype("float32"), max(2.0, away * g.uniform(0.15, 0.4)))
    canvas.pixels *= (1 - g.uniform(0.1, 0.45) * blurred)[..., None]


def _photographed(canvas: Canvas) -> np.ndarray:
    """Apply exposure and tint, shrink, blur a little, add faint noise, and round."""
    g = canvas.generator
    exposure = g.uniform(0.6, 1.12) * (1 + g.normal(0, 0.04, 3))
    pixels = np.clip(canvas.pixels * exposure + g.uniform(-8, 14), 0, 255).astype("uint8")
    picture = Image.fromarray(pixels).resize((SIZE, SIZE), Image.Resampling.LANCZOS)
    picture = picture.filter(ImageFilter.GaussianBlur(float(g.choice([0, g.uniform(0.3, 0.8)]))))
    grainy = np.asarray(picture, dtype="float32") + g.normal(0, g.uniform(0.2, 0.9), (SIZE, SIZE, 1))
    return np.clip(np.round(grainy / ROUNDING) * ROUNDING, 0, 255).astype("uint8")
