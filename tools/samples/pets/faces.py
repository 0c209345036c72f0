"""What a face has besides fur: eyes, the leather of the nose, the lines of the mouth."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from tools.samples.canvas import unit
from tools.samples.pets.shapes import SIDES, Place


@dataclass(frozen=True)
class Face:
    """The features of a face, in coordinates of the head: x ahead, y up, z to the side."""

    place: Place
    eye: tuple[float, float, float]  # the left one; the right one is its mirror image
    gaze: tuple[float, float, float]  # where the left eye looks
    eye_size: float
    lids: float  # how far they are open
    tilt: float  # how much the outer corner is higher
    iris: np.ndarray
    pupil: tuple[float, float]  # half width and half height, in units of the eye
    nose: tuple[float, float, float]
    nose_size: float
    leather: np.ndarray  # the color of the nose
    mouth: list[list[tuple[float, float]]] = field(default_factory=list)  # lines of (z, y)
    mouth_ahead: float = 0.7  # where the front of the face begins
    whiskers: float = 0.0  # their length
    pads: tuple[float, float, float] = (0.9, -0.4, 0.25)  # where they grow at the left


@dataclass(frozen=True)
class Paint:
    """What is painted on the surface: colors, how much they cover, and how much they shine."""

    color: np.ndarray  # (n, 3)
    cover: np.ndarray
    gloss: np.ndarray


def _step(values: np.ndarray, width: float) -> np.ndarray:
    """Return 0 below zero and 1 above, with a soft step."""
    return np.clip(values / width + 0.5, 0, 1)


def _lay(paint: Paint, cover: np.ndarray, color: np.ndarray, gloss: float = 0.0) -> None:
    """Lay a color over what is painted."""
    paint.color[:] += cover[:, None] * (color - paint.color)
    paint.cover[:] = np.maximum(paint.cover, cover)
    paint.gloss[:] += cover * (gloss - paint.gloss)


def paint_face(face: Face, local: np.ndarray, light: np.ndarray, soft: float) -> Paint:
    """Return eyes, nose and mouth at points of the head, shape (3, n), in its coordinates."""
    count = local.shape[1]
    paint = Paint(np.zeros((count, 3), "float32"), np.zeros(count, "float32"), np.zeros(count, "float32"))
    for line in face.mouth:
        for side in SIDES:
            _paint_line(paint, face, local, [(side * z, y) for z, y in line], soft)
    for side in SIDES:
        _paint_eye(paint, face, local, side, light, soft)
    _paint_nose(paint, face, local, soft)
    return paint


def _paint_line(
    paint: Paint, face: Face, local: np.ndarray, line: list[tuple[float, float]], soft: float
) -> None:
    points = np.array(line, dtype="float32")
    nearest = np.full(local.shape[1], 9.0, dtype="float32")
    for start, end in zip(points[:-1], points[1:], strict=True):
        way = end - start
        away = local[[2, 1]] - start[:, None]
        away = away - way[:, None] * np.clip(way @ away / (way @ way + 1e-9), 0, 1)
        nearest = np.minimum(nearest, np.hypot(*away))
    cover = _step(0.022 - nearest, 0.03 + soft) * (local[0] > face.mouth_ahead) * 0.7
    _lay(paint, cover, np.array((42, 26, 24)))


def _paint_eye(
    paint: Paint, face: Face, local: np.ndarray, side: int, light: np.ndarray, soft: float
) -> None:
    """Paint one eye: the dark rim of the lids, the iris, the pupil and the light in it."""
    center = np.array(face.eye) * [1, 1, side]
    ahead = unit(np.array(face.gaze) * [1, 1, side])
    right = unit(np.cross([0, 1, 0], ahead)) * side
    up = unit(np.cross(ahead, right)) * side
    up = up if up[1] > 0 else -up
    outward = right if right[2] * side > 0 else -right
    away = (local - center.astype("float32")[:, None]) / face.eye_size
    u, v, depth = (np.array(axis, dtype="float32") @ away for axis in (outward, up, ahead))
    c, s = np.cos(face.tilt), np.sin(face.tilt)
    u, v = c * u + s * v, c * v - s * u
    soft = soft / face.eye_size
    front = (depth > -0.75) & (np.abs(u) < 2)
    across = np.clip(1 - np.abs(u) ** 1.7, 0, 1)
    upper, lower = face.lids * across**0.75, face.lids * 0.85 * across**0.9
    inside = np.minimum(upper - v, v + lower)
    inside = np.where(np.abs(u) < 1, inside, 1 - np.abs(u) - np.abs(v))
    _lay(paint, _step(inside + 0.17, 0.1 + soft) * front * 0.92, np.array((30, 22, 20)), 0.1)
    around = np.hypot(u, v)
    iris = face.iris * np.clip(1.18 - 0.55 * np.clip(around - 0.35, 0, 1) - 0.32 * v, 0.3, 1.5)[:, None]
    iris = iris * np.clip(0.55 + 1.4 * (upper - v), 0.45, 1)[:, None]
    _lay(paint, _step(inside, 0.08 + soft) * front, iris, 0.0)
    width, height = face.pupil
    pupil = 1 - np.hypot(u / width, v / height)
    open_eye = _step(inside, 0.08 + soft) * front
    _lay(paint, _step(pupil * width, 0.06 + soft) * open_eye, np.array((9, 8, 9)))
    spot = np.array([light @ outward, light @ up]) * 0.42
    glint = 0.2 - np.hypot(u - spot[0], v - np.clip(spot[1], 0.1, 0.4 * face.lids))
    _lay(paint, _step(glint, 0.08 + soft) * open_eye, np.array((246, 248, 250)))


def _paint_nose(paint: Paint, face: Face, local: np.ndarray, soft: float) -> None:
    """Paint the leather of the nose, wide above, and the nostrils."""
    away = (local - np.array(face.nose, dtype="float32")[:, None]) / face.nose_size
    height = np.clip((away[1] + 1.0) / 1.7, 0, 1)
    wide = 1.1 * height**0.7
    soft = soft / face.nose_size
    edge = np.minimum(wide - np.abs(away[2]), np.minimum(0.75 - away[1], away[1] + 1.0))
    front = np.abs(away[0]) < 1.6
    shade = (1 + 0.25 * away[1])[:, None]
    _lay(paint, _step(edge, 0.2 + soft) * front, face.leather * shade, 0.5)
    for side in SIDES:
        nostril = 1 - np.hypot((away[2] - side * 0.5) / 0.3, (away[1] + 0.12 + 0.2 * np.abs(away[2])) / 0.2)
        _lay(paint, _step(nostril, 0.5 + soft) * front * 0.9, face.leather * 0.18, 0.1)
