"""From an animal to pixels: its surface, its fur, then eyes, nose, tongue and whiskers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PIL import Image, ImageDraw

from tools.samples.canvas import Canvas
from tools.samples.pets.animals import Animal
from tools.samples.pets.faces import Face, paint_face
from tools.samples.pets.fur import grow
from tools.samples.pets.scenes import Scene
from tools.samples.pets.shapes import SIDES, Part
from tools.samples.pets.surface import Surface, finer, surface_of
from tools.samples.pets.things import Things
from tools.samples.pets.tracing import Camera, openness, shadow, trace, visible

PINK = np.array((204, 150, 140))


def draw_animal(canvas: Canvas, camera: Camera, animal: Animal, things: Things, scene: Scene) -> None:
    """Draw the animal over the background."""
    coarse = Camera(camera.position, camera.turn, camera.focal / 2, camera.side // 2, camera.shift / 2)
    parts = visible(coarse, animal.parts + things.parts)
    seen = trace(coarse, parts) if parts else None
    if seen is None:
        return
    face = animal.face
    surface = surface_of(seen, parts, animal.trunk, face.place, face.place.to_world(face.nose))
    shine = _shine(surface, animal.parts + things.parts, 2 * face.place.scale, scene)
    colors = np.clip(animal.coat(surface), 8, 250)
    colors += _inner_ear(surface)[:, None] * (PINK * colors.mean(axis=1, keepdims=True) / 170 - colors) * 0.75
    fine = finer(surface, coarse, camera)
    pixels = canvas.pixels.reshape(-1, 3)
    many = shine.repeat(4, axis=0)
    pixels[fine.pixels] = (colors * shine * 0.72).repeat(4, axis=0)
    if animal.collar is not None:
        _paint_collar(pixels, fine, animal, many)
        surface = replace(surface, hair=surface.hair * (1 - np.maximum(*_collar(surface, animal)[::2])))
    grow(canvas, camera, surface, colors, shine, animal.fur, scene.light)
    _paint_bare(pixels, fine, animal, things, many)
    unit_pixels = face.place.scale * camera.focal / float(np.median(camera.project(surface.points)[2]))
    on_face = fine.share("head") + fine.share("muzzle") + fine.share("nose") > 0.3
    light = face.place.turn.T @ scene.light.direction
    paint = paint_face(face, fine.head, light, 1.3 / unit_pixels)
    bright = np.clip(many, 0.3, 1.15)
    cover = (paint.cover * on_face)[:, None]
    half = scene.light.direction - camera.turn[2]
    half = half / (np.linalg.norm(half) + 1e-9)
    glint = np.clip(half.astype("float32") @ fine.normals, 0, 1) ** 30 * paint.gloss * 190
    pixels[fine.pixels] += cover * (paint.color * bright + glint[:, None] - pixels[fine.pixels])
    if face.whiskers:
        _whiskers(canvas, camera, face, scene)


def _shine(surface: Surface, parts: list[Part], size: float, scene: Scene) -> np.ndarray:
    """Return the light at each point, shape (n, 3)."""
    start = surface.points + surface.normals * np.float32(0.05 * size)
    parts = [part for part in parts if part.region != "paw"]
    few = slice(None, None, 6)
    number = np.minimum(np.arange(len(surface.pixels)) // 6, len(surface.pixels[few]) - 1)
    reaches = shadow(parts, start[:, few], scene.light.direction, size, scene.softness + 0.15)[number]
    open_sky = openness(parts, surface.points[:, few], surface.normals[:, few], size)[number]
    return scene.light.on(surface.normals, reaches, open_sky)


def _inner_ear(surface: Surface) -> np.ndarray:
    """Return where the skin inside an upright ear is seen."""
    height = surface.head[1]
    local = surface.head_place.turn.T.astype("float32") @ surface.normals
    ahead = np.clip((local[0] - 0.25) * 3, 0, 1)
    return surface.share("ear") * ahead * np.clip((height - 0.55) * 4, 0, 1)


def _paint_bare(pixels: np.ndarray, fine: Surface, animal: Animal, things: Things, shine: np.ndarray) -> None:
    """Paint what has no hair: nose, tongue and mouth."""
    colors = {"nose": animal.face.leather, "tongue": (212, 110, 118), "mouth": (74, 32, 34), **things.colors}
    for region, color in colors.items():
        share = fine.share(region)
        if share.any():
            cover = np.clip(share * 3 - 1, 0, 1)[:, None]
            pixels[fine.pixels] += cover * (np.asarray(color) * shine - pixels[fine.pixels])


def _collar(surface: Surface, animal: Animal) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return how much a band around the neck covers the points, where along the neck they are, and the tag."""
    skeleton, size = animal.skeleton, animal.face.place.scale
    way = skeleton.head - skeleton.neck
    middle = skeleton.neck + 0.35 * way
    way = (way / np.linalg.norm(way)).astype("float32")
    away = (surface.points - middle.astype("float32")[:, None]) / np.float32(size)
    along = way @ away
    around = np.sqrt(np.clip((away**2).sum(axis=0) - along**2, 0, None))
    hidden = surface.share("ear") + surface.share("head") + surface.share("jaw") + surface.share("muzzle")
    near = np.clip((1.35 - around) * 5, 0, 1) * np.clip(1.5 - 2 * hidden, 0, 1)
    side = animal.face.place.turn[:, 2].astype("float32") @ away
    tag = np.clip((0.12 - np.hypot(along + 0.2, side)) * 25, 0, 1) * near * (surface.normals_ahead > 0.2)
    return np.clip((0.13 - np.abs(along)) * 25, 0, 1) * near, along, tag


def _paint_collar(pixels: np.ndarray, fine: Surface, animal: Animal, shine: np.ndarray) -> None:
    """Paint a band around the neck, and a tag below the throat."""
    band, along, tag = _collar(fine, animal)
    shade = (1 - 0.5 * np.abs(along / 0.13) ** 3) * (0.9 + 0.1 * np.sign(np.sin(along * 90)))
    color = np.asarray(animal.collar) * shade[:, None] * shine
    pixels[fine.pixels] += band[:, None] * (color - pixels[fine.pixels])
    pixels[fine.pixels] += tag[:, None] * (np.array((196, 190, 170)) * shine - pixels[fine.pixels])


def _whiskers(canvas: Canvas, camera: Camera, face: Face, scene: Scene) -> None:
    """Draw whiskers at both sides that the camera sees."""
    g = canvas.generator
    layer = Image.new("L", (canvas.side, canvas.side))
    pen = ImageDraw.Draw(layer)
    color = np.clip(np.array((236, 234, 228)) * (scene.light.sky + scene.light.color), 60, 255)
    x, y, z = face.pads
    ahead = camera.turn[2]
    for side in SIDES:
        outward = face.place.turn @ np.array([0.6, 0, side])
        if outward @ ahead > 0.55:
            continue
        for n in range(int(g.integers(4, 7))):
            start = np.array([x - 0.03 * n, y + 0.1 - 0.06 * (n % 4), side * (z + 0.03 * (n % 3))])
            way = np.array([g.uniform(-0.25, 0.2), 0.28 - 0.16 * n + g.normal(0, 0.06), side * 1.0])
            share = np.linspace(0, 1, 6)[:, None]
            path = start + face.whiskers * g.uniform(0.7, 1.1) * (way * share - [0, 0.2, 0] * share**2)
            column, row, _ = camera.project(face.place.to_world(path).T.astype("float32"))
            pen.line(np.stack([column, row], axis=1).ravel().tolist(), fill=int(g.integers(35, 150)))
    canvas.paint(np.asarray(layer, dtype="float32") / 255, color)
