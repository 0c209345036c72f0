"""Drawn cats and dogs: the built-in stand-in for the cats-vs-dogs photographs.

Each animal is a body in space, of balls and limbs that melt into each other; it stands, sits or lies, is seen by a
camera, and is covered with some ten thousand hairs. What tells the kinds apart is what tells real ones apart: a cat
has a short round face with pointed ears, large eyes, mostly with slit pupils, a tiny nose and whiskers, a slender
body and a long tail; a dog has a muzzle with a large dark nose, rounder dark eyes, ears that hang, fold or stand up,
often its tongue out, and one of many builds. Colors of the coat, pose, size, place, light, background, collars,
things in front and faults of the camera are drawn for both from the same distributions.

``shapes`` holds what bodies are built of; ``bodies``, ``cat``, ``dog`` and ``animals`` build them. ``tracing`` finds
what the camera sees, ``surface`` and ``coats`` say what it looks like, ``fur`` and ``faces`` draw it, and ``portrait``
puts it all together. ``materials``, ``scenes`` and ``things`` are for everything else.
"""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageFilter

from tools.samples.canvas import Canvas
from tools.samples.pets import materials
from tools.samples.pets.animals import POSES, Animal, random_animal
from tools.samples.pets.portrait import draw_animal
from tools.samples.pets.scenes import draw_grass, paint_background, paint_things_in_front, random_scene
from tools.samples.pets.things import random_things
from tools.samples.pets.tracing import Camera

SIZE = 128
CLASSES = ("Cat", "Dog")


def draw(kind: str, generator: np.random.Generator) -> bytes:
    """Return one JPEG file of a ``"Cat"`` or a ``"Dog"``."""
    g = generator
    canvas = Canvas(SIZE, g)
    pose = str(g.choice(list(POSES), p=list(POSES.values())))
    azimuth = g.uniform(-1.6, 1.6) if g.random() < 0.88 else g.uniform(-np.pi, np.pi)
    aside = g.normal(0, 0.28) if g.random() < 0.72 else g.choice([-1, 1]) * g.uniform(0.4, 1.3)
    style = str(g.choice(["head", "front", "whole"], p=[0.42, 0.25, 0.33]))
    if style != "whole":  # the trunk must not hide the head
        azimuth = float(np.clip(azimuth, -1.5, 1.5))
    facing = float(np.clip(azimuth + aside, -1.6, 1.6))
    animal = random_animal(g, kind, pose, facing)
    camera, target = _camera(g, animal, style, azimuth, canvas.side)
    scene = random_scene(g, camera)
    things = random_things(g, animal.trunk.origin, camera.turn[2])
    paint_background(canvas, camera, scene, animal.parts + things.parts, target)
    is_lawn = scene.floor is materials.lawn
    if is_lawn:
        draw_grass(canvas, camera, scene, target, in_front=False)
    draw_animal(canvas, camera, animal, things, scene)
    if is_lawn:
        draw_grass(canvas, camera, scene, target, in_front=True)
    paint_things_in_front(canvas, scene)
    return _photographed(canvas)


def _camera(
    g: np.random.Generator, animal: Animal, style: str, azimuth: float, side: int
) -> tuple[Camera, np.ndarray]:
    """Return a camera that shows the head, the front or the whole animal, and what it looks at."""
    size, skeleton = animal.face.place.scale, animal.skeleton
    height = float(np.clip(g.normal(0.27, 0.24), -0.12, 1.0))
    ahead = animal.face.place.turn[:, 0]
    if style == "head":
        target, reach = skeleton.head + 0.25 * size * ahead, size * g.uniform(1.5, 2.4)
    elif style == "front":
        target, reach = skeleton.head * 0.65 + skeleton.shoulder * 0.35, size * g.uniform(2.4, 3.6)
    else:
        points = np.concatenate([part.points for part in animal.parts if part.region != "tail"])
        target, reach = (points.min(axis=0) + points.max(axis=0)) / 2, 0.0
    distance = g.uniform(4, 9) * (reach or 0.9)
    shift = g.normal(0, 0.07, 2) * side
    camera = Camera.looking(target, azimuth, height, distance, side * 0.5 * distance / (reach or 1.0), side,
                            g.normal(0, 0.06), shift)  # fmt: skip
    if reach:
        return camera, target
    x, y, _ = camera.project(points.T.astype("float32"))
    extent = max(float(np.ptp(x)), float(np.ptp(y))) + 0.2 * camera.focal / distance
    fill = g.uniform(0.7, 1.1) if g.random() < 0.88 else g.uniform(0.4, 0.7)
    middle = np.array([(x.max() + x.min()) / 2, (y.max() + y.min()) / 2]) - camera.shift - side / 2
    zoom = fill * side / extent
    camera = Camera(camera.position, camera.turn, camera.focal * zoom, side, shift - middle * zoom)
    return camera, target


def _photographed(canvas: Canvas) -> bytes:
    """Expose, tint, shrink and blur the picture, add noise, and return the JPEG file."""
    g, side = canvas.generator, canvas.side
    middle = canvas.pixels[side // 5 : -side // 5, side // 5 : -side // 5]
    gain = (g.uniform(100, 155) / max(20.0, float(middle.mean()))) ** 0.65  # automatic exposure
    pixels = np.clip(canvas.pixels, 0, 400) * (gain * (1 + g.normal(0, 0.022, 3)))
    pixels = 120 + (pixels - 120) * g.uniform(0.98, 1.25)
    pixels *= (1 + g.uniform(-0.15, 0.15) * canvas.across(g.uniform(0, 2 * np.pi)))[..., None]
    edge = ((canvas.x - side / 2) ** 2 + (canvas.y - side / 2) ** 2) / side**2
    pixels *= (1 - g.uniform(0, 0.35) * edge)[..., None]
    pixels = 255 * (np.clip(pixels, 0, 255) / 255) ** g.uniform(0.85, 1.15) + g.uniform(-6, 14)
    picture = Image.fromarray(np.clip(pixels, 0, 255).astype("uint8"))
    least = [
        g.choice([0, g.uniform(0, 0.1)], p=[0.5, 0.5]) * side for _ in range(2)
    ]  # photographs are not square
    box = (least[0], least[1], side - least[0], side - least[1])
    picture = picture.resize((SIZE, SIZE), Image.Resampling.LANCZOS, box)
    if g.random() < 0.2:
        picture = picture.filter(ImageFilter.GaussianBlur(float(g.uniform(0.3, 0.8))))
    noisy = np.asarray(picture, dtype="float32")
    noisy = noisy + g.normal(0, g.uniform(0, 2.2), noisy.shape)
    file = io.BytesIO()
    picture = Image.fromarray(np.clip(noisy, 0, 255).astype("uint8"))
    picture.save(file, "JPEG", quality=int(g.integers(68, 87)), optimize=True)
    return file.getvalue()
