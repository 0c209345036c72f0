"""Drawn cats and dogs: the built-in stand-in for the cats-vs-dogs photographs.

What tells them apart is what tells real ones apart: a cat has pointed ears on top of a short round face, slit
pupils, a tiny nose and whiskers; a dog has a muzzle, a large nose, round dark eyes, hanging or folded ears and
often its tongue out. Everything else is drawn for both from the same distributions: coat colors, pose, size, place,
light, background, things in front, blur, noise.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from tools.samples.canvas import Canvas, Frame, ellipse, noise, smooth

SIZE = 128
CLASSES = ("Cat", "Dog")
COATS = [  # light, dark
    ((226, 160, 90), (168, 96, 40)),
    ((150, 148, 145), (88, 86, 84)),
    ((62, 58, 56), (28, 26, 26)),
    ((238, 232, 222), (196, 186, 170)),
    ((150, 104, 66), (92, 58, 34)),
    ((222, 196, 152), (170, 138, 92)),
    ((120, 112, 104), (60, 50, 44)),
    ((196, 120, 70), (120, 66, 34)),
]
PINKS = [(214, 160, 150), (120, 90, 84), (60, 50, 48)]  # inside of the ears


def draw(kind: str, generator: np.random.Generator) -> bytes:
    """Return one JPEG file of a ``"Cat"`` or a ``"Dog"``."""
    canvas = Canvas(SIZE, generator)
    _background(canvas)
    head_only = generator.random() < 0.45
    scale = canvas.side * (generator.uniform(0.24, 0.44) if head_only else generator.uniform(0.12, 0.22))
    x = canvas.side * generator.uniform(0.22, 0.78)
    y = canvas.side * (generator.uniform(0.35, 0.65) if head_only else generator.uniform(0.24, 0.45))
    frame = Frame(x, y, scale, generator.normal(0, 0.25), bool(generator.random() < 0.5))
    coat = _coat(canvas, frame, kind)
    if not head_only or generator.random() < 0.5:
        _body(canvas, frame, coat, kind)
    (_cat_head if kind == "Cat" else _dog_head)(canvas, frame.moved(0, 0, generator.normal(0, 0.2)), coat)
    _things_in_front(canvas)
    _light(canvas)
    return canvas.finish(
        quality=int(generator.integers(45, 92)),
        blur=generator.choice([0, generator.uniform(0.3, 1.3)]),
        grain=generator.uniform(2, 10),
    )


def _muted(g: np.random.Generator, saturation: float = 0.25) -> np.ndarray:
    """Return a color as rooms and gardens have them: a gray, a little tinted."""
    return np.clip(g.uniform(45, 215) + g.normal(0, 60, 3) * saturation * 1.6, 10, 245)


def _background(canvas: Canvas) -> None:
    g, side = canvas.generator, canvas.side
    wall, floor = (_muted(g) for _ in range(2))
    horizon = g.uniform(0.35, 1.2) * side + noise(g, (side, side), 3) * 0.03 * side
    canvas.pixels[:] = np.where((canvas.y > horizon)[..., None], floor, wall)
    for cells, strength in ((4, 34), (12, 20), (60, 16)):
        canvas.pixels += noise(g, (side, side), cells)[..., None] * g.uniform(0.3, 1) * strength
    for _ in range(g.integers(3, 10)):  # furniture, plants, cushions, people's legs
        color = _muted(g, 0.45)
        x, y = g.uniform(0, side, 2)
        place = Frame(x, y, g.uniform(0.06, 0.3) * side, g.uniform(0, np.pi))
        outline = _thing(g)
        canvas.shape(place, outline, color, blur=g.choice([0, 0.05, 0.15]), opacity=g.uniform(0.5, 1))
    if g.random() < 0.35:  # a fence, a blanket's stripes, blinds
        period, angle = g.uniform(0.05, 0.2) * side, g.uniform(0, np.pi)
        wave = np.sin((canvas.x * np.cos(angle) + canvas.y * np.sin(angle)) * 2 * np.pi / period)
        canvas.pixels += (wave > g.uniform(-0.3, 0.8))[..., None] * g.uniform(-45, 45)


def _thing(g: np.random.Generator) -> np.ndarray:
    kind = g.integers(4)
    if kind == 0:
        return ellipse(0, 0, 1, g.uniform(0.3, 1))
    if kind == 1:
        return np.array([(-1, -0.5), (1, -0.5), (1, 0.5), (-1, 0.5)]) * [1, g.uniform(0.3, 1.6)]
    if kind == 2:  # a triangle, so that a point alone is no sign of an ear
        return np.array([(-0.6, 0.6), (0.6, 0.6), (g.uniform(-0.4, 0.4), -0.9)])
    angles = np.sort(g.uniform(0, 2 * np.pi, 7))
    radii = g.uniform(0.5, 1.1, 7)
    return smooth(np.stack([radii * np.cos(angles), radii * np.sin(angles)], axis=1))


def _coat(canvas: Canvas, frame: Frame, kind: str) -> np.ndarray:
    """Return a picture of the coat, in the animal's own coordinates."""
    g, shape = canvas.generator, (canvas.side, canvas.side)
    light, dark = (np.array(c, dtype="float32") for c in COATS[g.integers(len(COATS))])
    light, dark = light + g.normal(0, 10, 3), dark + g.normal(0, 10, 3)
    u, v = frame.to_local(canvas.x, canvas.y)
    mix = 0.25 + 0.2 * noise(g, shape, 10)
    pattern = g.choice(
        ["plain", "stripes", "patches", "saddle"],
        p=[0.3, *([0.4, 0.2, 0.1] if kind == "Cat" else [0.1, 0.3, 0.3])],
    )
    if pattern == "stripes":
        mix = mix + 0.6 * (np.sin(v * 13 + 2.2 * np.abs(u) + 1.5 * noise(g, shape, 6)) > 0.35)
    elif pattern == "saddle":
        mix = mix + 0.8 * (np.abs(u) > 0.45 + 0.2 * noise(g, shape, 5)) * (v < 0.5)
    coat = light + np.clip(mix, 0, 1)[..., None] * (dark - light)
    if pattern == "patches":
        other = np.array(COATS[g.integers(len(COATS))][g.integers(2)], dtype="float32")
        coat = np.where((noise(g, shape, int(g.integers(3, 7))) > 0.15)[..., None], other, coat)
    hairs = noise(g, shape, canvas.side // 4) * 11 + noise(g, shape, canvas.side // 9) * 9
    return coat + hairs[..., None]


def _body(canvas: Canvas, frame: Frame, coat: np.ndarray, kind: str) -> None:
    g = canvas.generator
    lean, wide = g.uniform(-0.7, 0.7), g.uniform(0.85, 1.15) * (0.95 if kind == "Cat" else 1.05)
    long = g.uniform(2.2, 3.2)
    bend = g.uniform(-0.35, 0.1)
    path = np.cumsum([(np.cos(a), np.sin(a)) for a in np.linspace(0.1, bend * 7, 9)], axis=0) * 0.24
    path = path + [lean + wide * 0.5, long - 0.15]
    thick = np.linspace(0.13, 0.11, 9) if kind == "Cat" else np.linspace(0.2, 0.12, 9)
    normal = np.stack([-np.gradient(path[:, 1]), np.gradient(path[:, 0])], axis=1) / 0.24
    left, right = path - normal * thick[:, None], path + normal * thick[:, None]
    canvas.fur(frame, smooth(np.concatenate([left, right[::-1]]), 4), coat, ragged=0.005)
    canvas.fur(
        frame,
        smooth(
            [
                (-0.5, 0.4),
                (0.5, 0.4),
                (0.72 * wide + lean * 0.5, 0.5 * long),
                (lean + wide, long),
                (lean, long + 0.25),
                (lean - wide, long),
                (-0.72 * wide + lean * 0.5, 0.5 * long),
            ]
        ),
        coat,
    )
    for side in (-1, 1):  # front legs and paws
        u = lean * 0.8 + side * 0.33 * wide
        canvas.fur(frame, ellipse(u, 0.75 * long, 0.2 if kind == "Cat" else 0.24, 0.34 * long), coat)
        canvas.fur(frame, ellipse(u, 1.08 * long, 0.28 if kind == "Cat" else 0.33, 0.17), coat)
    if g.random() < 0.3:
        canvas.line(frame, [(-0.5, 0.82), (0, 0.98), (0.5, 0.82)], 0.13, g.uniform(20, 230, 3))


def _face(half: list[tuple[float, float]]) -> np.ndarray:
    """Return the outline of a face from the points of its right half, the first of them in the middle."""
    return smooth(half + [(-u, v) for u, v in reversed(half[1:])])


def _eye(
    canvas: Canvas, frame: Frame, u: float, iris: ArrayLike, size: float, slit: bool, almond: float
) -> None:
    g = canvas.generator
    canvas.shape(frame, ellipse(u, -0.12, size * 1.22, size * 1.05 * almond), (25, 20, 18))
    canvas.shape(frame, ellipse(u, -0.12, size * 1.05, size * 0.92 * almond), iris)
    pupil = (size * g.uniform(0.2, 0.5), size * 0.88 * almond) if slit else (size * 0.72, size * 0.72)
    canvas.shape(frame, ellipse(u, -0.12, *pupil), (10, 8, 8))
    canvas.shape(frame, ellipse(u + 0.3 * size, -0.12 - 0.35 * size, size * 0.2, size * 0.2), (250, 250, 250))


def _cat_head(canvas: Canvas, frame: Frame, coat: np.ndarray) -> None:
    g = canvas.generator
    turn = g.normal(0, 0.2)  # looking aside moves the middle of the face
    tall, spread = g.uniform(0.35, 1.0), g.uniform(0.45, 0.75)
    pink = PINKS[g.integers(3)]
    for side in (-1, 1):
        tip = (side * (spread + g.uniform(0.05, 0.25)), -0.72 - 0.62 * tall)
        ear = np.array([(side * 0.16, -0.66), tip, (side * 0.92, -0.3), (side * 0.5, -0.2)])
        dense = np.concatenate(
            [np.linspace(a, b, 8, endpoint=False) for a, b in zip(ear, np.roll(ear, -1, 0), strict=True)]
        )
        canvas.fur(frame, dense, coat, ragged=0.015)
        inner = ear[:3] * 0.72 + np.mean(ear[:3], axis=0) * 0.28
        canvas.shape(frame, inner, pink, blur=0.02, opacity=0.6)
    face = _face([(0, -0.8), (0.55, -0.68), (0.92, -0.15), (0.98, 0.22), (0.62, 0.62), (0.22, 0.8)])
    canvas.fur(frame, face * [g.uniform(0.95, 1.1), g.uniform(0.92, 1.02)], coat)
    pale = coat * 0.45 + 140
    for side in (-1, 1):
        canvas.paint(canvas.mask(frame, ellipse(turn + side * 0.19, 0.38, 0.25, 0.2), blur=0.03) * 0.7, pale)
    iris = [(150, 150, 70), (175, 140, 60), (90, 120, 90), (120, 84, 40), (100, 125, 140)][g.integers(5)]
    size, almond = g.uniform(0.13, 0.19), g.uniform(0.45, 1.0)
    slit = bool(g.random() < 0.75)  # in the dark a cat's pupils are wide, too
    for side in (-1, 1):
        _eye(canvas, frame, turn * 0.8 + side * 0.38, iris, size, slit, almond)
    whiskers = g.random() < 0.85
    nose = np.array([(-0.1, 0.15), (0.1, 0.15), (0, 0.27)]) + [turn * 1.15, 0]
    canvas.shape(frame, nose, [(205, 120, 115), (70, 50, 48)][g.integers(2)])
    for side in (-1, 1):
        mouth = [(turn * 1.15, 0.27), (turn * 1.15 + side * 0.05, 0.4), (turn * 1.15 + side * 0.2, 0.42)]
        canvas.line(frame, mouth, 0.03, (50, 36, 34))
        for n in range(3 if whiskers else 0):
            start = np.array([turn + side * 0.28, 0.34 + 0.05 * n])
            end = start + [side * g.uniform(0.7, 0.95), -0.16 + 0.15 * n + g.normal(0, 0.05)]
            canvas.line(frame, [start, (start + end) / 2 + [0, -0.03], end], 0.014, (240, 238, 232))


def _dog_ear(g: np.random.Generator, kind: str, side: int) -> np.ndarray:
    """Return the outline of the ear at one side."""
    if kind == "hanging":
        drop = g.uniform(0.5, 0.95)
        points = [(0.52, -0.72), (0.9, -0.62), (1.12 + 0.1 * drop, 0.1), (1.02, drop), (0.76, 0.75 * drop),
                  (0.66, -0.1)]  # fmt: skip
    elif kind == "folded":
        points = [(0.3, -0.72), (0.62, -1.0), (1.0, -0.78), (1.08, -0.3), (0.88, -0.28), (0.66, -0.5)]
    else:
        points = [(0.2, -0.66), (0.42, -1.25), (0.58, -1.3), (0.82, -0.8), (0.8, -0.3), (0.5, -0.3)]
    return smooth([(side * u, v) for u, v in points])


def _dog_ears(canvas: Canvas, frame: Frame, kind: str, coat: np.ndarray, pink: ArrayLike) -> None:
    for side in (-1, 1):
        outline = _dog_ear(canvas.generator, kind, side)
        canvas.fur(frame, outline, coat, ragged=0.02)
        if kind == "upright":
            inner = outline * 0.62 + outline.mean(axis=0) * 0.38
            canvas.shape(frame, inner, pink, blur=0.02, opacity=0.6)


def _muzzle(canvas: Canvas, frame: Frame, middle: float, coat: np.ndarray) -> None:
    """Paint the muzzle, and below it, nearly every other time, the tongue."""
    g = canvas.generator
    long = g.uniform(0.36, 0.52)
    if g.random() < 0.45:
        canvas.shape(frame, ellipse(middle + g.normal(0, 0.05), 0.98, 0.15, 0.28), (220, 110, 120))
    muzzle_coat = coat * 0.5 + 120 if g.random() < 0.5 else coat * g.uniform(0.75, 1.05)
    corners = [(-0.36, 0.3), (-0.22, 0.02), (0.22, 0.02), (0.36, 0.3), (0.38, 0.45 + long * 0.6)]
    corners += [(0, 0.55 + long), (-0.38, 0.45 + long * 0.6)]
    canvas.fur(frame, smooth(np.array(corners) + [middle, 0]), muzzle_coat, ragged=0.02)


def _dog_nose_and_mouth(canvas: Canvas, frame: Frame, middle: float) -> None:
    canvas.shape(frame, ellipse(middle, 0.36, 0.21, 0.15), (30, 26, 26))
    canvas.shape(frame, ellipse(middle - 0.06, 0.31, 0.07, 0.03), (120, 116, 116), opacity=0.8)
    canvas.line(frame, [(middle, 0.5), (middle, 0.68)], 0.03, (40, 30, 28))
    for side in (-1, 1):
        mouth = [(middle, 0.68), (middle + side * 0.16, 0.76), (middle + side * 0.3, 0.66)]
        canvas.line(frame, mouth, 0.03, (40, 30, 28))


def _dog_head(canvas: Canvas, frame: Frame, coat: np.ndarray) -> None:
    g = canvas.generator
    turn = g.normal(0, 0.2)
    kind = g.choice(["hanging", "folded", "upright"], p=[0.42, 0.26, 0.32])
    darker = coat * g.uniform(0.6, 1.0)
    pink = PINKS[g.integers(3)]
    face = _face([(0, -0.86), (0.5, -0.74), (0.78, -0.25), (0.72, 0.2), (0.52, 0.7), (0.24, 1.0)])
    if kind != "hanging":  # behind the head
        _dog_ears(canvas, frame, kind, darker, pink)
    canvas.fur(frame, face * [g.uniform(0.9, 1.1), g.uniform(0.95, 1.1)], coat)
    if kind == "hanging":  # before it
        _dog_ears(canvas, frame, kind, darker, pink)
    middle = turn * 1.5
    _muzzle(canvas, frame, middle, coat)
    iris = [(92, 56, 28), (60, 38, 24), (120, 84, 40), (175, 140, 60), (100, 125, 140)][g.integers(5)]
    size, open_wide = g.uniform(0.11, 0.17), g.uniform(0.5, 1)
    for side in (-1, 1):
        _eye(canvas, frame, turn * 0.8 + side * 0.34, iris, size, False, open_wide)
    _dog_nose_and_mouth(canvas, frame, middle)


def _things_in_front(canvas: Canvas) -> None:
    g, side = canvas.generator, canvas.side
    if g.random() < 0.5:
        for _ in range(g.integers(1, 4)):
            edge = g.uniform(0, side, 2)
            if g.random() < 0.8:
                edge[g.integers(2)] = g.choice([0, side]) + g.normal(0, 0.08 * side)
            place = Frame(edge[0], edge[1], g.uniform(0.08, 0.22) * side, g.uniform(0, np.pi))
            canvas.shape(place, _thing(g), _muted(g, 0.4), blur=g.choice([0, 0.08]))


def _light(canvas: Canvas) -> None:
    g, side = canvas.generator, canvas.side
    angle = g.uniform(0, 2 * np.pi)
    across = canvas.across(angle)
    brightness = g.uniform(0.6, 1.25) * (1 + g.uniform(0, 0.7) * across)
    if g.random() < 0.25:  # a shadow's edge
        brightness = brightness * np.where(
            across + 0.1 * noise(g, (side, side), 4) > g.uniform(-0.2, 0.3), 1, 0.65
        )
    tint = 1 + g.normal(0, 0.07, 3)
    canvas.pixels = np.clip(canvas.pixels, 0, 255) * brightness[..., None] * tint + g.uniform(-12, 18)
