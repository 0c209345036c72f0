"""What is the same for all flowers: light, background, things in front, a vase, a bee, the camera."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from tools.samples.canvas import Canvas, Frame, ellipse, noise, unit
from tools.samples.flowers.colors import COLORS, random_green, to_ink
from tools.samples.flowers.leaves import LEAVES, blade, draw_grass, draw_leaf
from tools.samples.flowers.mesh import Light, Pose

# How many plants a scene has, before chance changes it.
PLANTS = {"meadow": 34, "leaves": 22, "soil": 5, "sky": 6, "room": 2}


def random_light(g: np.random.Generator) -> Light:
    """Return a light in front of the flowers."""
    angle, height = g.uniform(0, 2 * np.pi), g.uniform(0.4, 1.3)
    # Mostly from above: canvas coordinates point down.
    direction = np.array([np.cos(angle), -abs(np.sin(angle)) * g.choice([1, 1, 1, -1]), np.tan(height)])
    return Light(unit(direction), g.uniform(0.45, 0.75), g.choice([0, g.uniform(0, 0.3)]))


def paint_background(canvas: Canvas, light: Light) -> tuple[Image.Image, bool]:
    """Return a meadow, a bed, the ground, the sky or a room, and whether it is a room."""
    g, side = canvas.generator, canvas.side
    scene = g.choice(["meadow", "leaves", "soil", "sky", "room"], p=[0.24, 0.26, 0.14, 0.14, 0.22])
    green = random_green(g) * g.uniform(0.35, 1.0)
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
    _draw_plants(g, pen, scene, side, light)
    for _ in range(g.integers(0, 7)):  # other flowers, lamps, gaps in the foliage: spots in all colors
        x, y = g.uniform(0, side, 2)
        radius = side * g.uniform(0.015, 0.09)
        color = np.array(list(COLORS.values())[g.integers(len(COLORS))]) * g.uniform(0.5, 1)
        pen.ellipse([x - radius, y - radius, x + radius, y + radius], fill=to_ink(color))
    return picture, scene == "room"


def _draw_plants(
    g: np.random.Generator, pen: ImageDraw.ImageDraw, scene: str, side: int, light: Light
) -> None:
    """Draw grass in a meadow, leaves elsewhere, as many as the scene has."""
    for _ in range(int(PLANTS[scene] * g.uniform(0.4, 1.2))):
        start = np.array([g.uniform(-0.1, 1.1), g.uniform(0.3, 1.2)]) * side
        if scene == "meadow":
            draw_grass(g, pen, start, side)
        else:
            kind = list(LEAVES)[g.integers(len(LEAVES))]
            end = start + g.normal(0, 0.25, 2) * side - [0, 0.1 * side]
            width = side * g.uniform(0.03, 0.09)
            draw_leaf(g, pen, kind, start, end, width, random_green(g) * g.uniform(0.4, 1.0), light)


def paint_things_in_front(canvas: Canvas) -> None:
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
        color = random_green(g) * g.uniform(0.5, 1.2)
        for outline, shade in blade(g, start, end, side * g.uniform(0.008, 0.03)):
            pen.polygon(outline, fill=to_ink(color * shade))
            cover_pen.polygon(outline, fill=255)
    blur = ImageFilter.GaussianBlur(float(g.choice([0.5, 2, 4])))
    weight = np.asarray(cover.filter(blur), dtype="float32")[..., None] / 255
    canvas.pixels += weight * (np.asarray(picture.filter(blur), dtype="float32") - canvas.pixels)


def illuminate(canvas: Canvas) -> None:
    """Make one side brighter, lay shadows of things not seen over the picture, and tint it."""
    g, side = canvas.generator, canvas.side
    angle = g.uniform(0, 2 * np.pi)
    across = canvas.across(angle)
    brightness = g.uniform(0.85, 1.25) * (1 + g.uniform(0, 0.6) * across)
    if g.random() < 0.3:  # the shadow of a wall, or of leaves
        edge = across + noise(g, (side, side), int(g.integers(3, 7))) * g.choice([0.08, 0.5])
        shade = g.uniform(0.25, 0.45) * np.clip((edge - g.uniform(-0.2, 0.3)) * 12, 0, 1)
        brightness = brightness * (1 - shade)
    tint = 1 + g.normal(0, 0.08, 3)
    canvas.pixels = np.clip(canvas.pixels, 0, 255) * brightness[..., None] * tint + g.uniform(-10, 22)


def finish(canvas: Canvas) -> bytes:
    """Do what ``Canvas.finish`` does, with amounts of its own and with short tables: these files must be small."""
    g = canvas.generator
    picture = Image.fromarray(np.clip(canvas.pixels, 0, 255).astype("uint8"))
    picture = picture.resize((canvas.size, canvas.size), Image.Resampling.LANCZOS)
    if g.random() < 0.35:
        picture = picture.filter(ImageFilter.GaussianBlur(float(g.uniform(0.3, 1.0))))
    pixels = np.asarray(picture, dtype="float32")
    pixels = pixels + g.normal(0, g.uniform(0, 5), pixels.shape)
    file = io.BytesIO()
    picture = Image.fromarray(np.clip(pixels, 0, 255).astype("uint8"))
    picture.save(file, "JPEG", quality=int(g.integers(45, 72)), optimize=True)
    return file.getvalue()


def draw_vase(g: np.random.Generator, picture: Image.Image, x: float) -> None:
    """Draw a vase whose middle is at ``x``."""
    side = picture.width
    width, top = side * g.uniform(0.07, 0.15), side * g.uniform(0.68, 0.8)
    color = g.uniform(50, 220) + g.normal(0, 30, 3)
    pen = ImageDraw.Draw(picture)
    t = np.linspace(0, 1, 12)
    half = width * (1 + g.uniform(0, 0.6) * np.sin(t * np.pi))
    y = top + t * side * 0.4
    for a, b, shade in ((-1, 1, 0.75), (-0.75, 0.6, 0.95), (-0.5, 0.1, 1.1), (-0.4, -0.25, 1.35)):
        outline = np.concatenate([np.stack([x + a * half, y], 1), np.stack([x + b * half, y], 1)[::-1]])
        pen.polygon(outline.ravel().tolist(), fill=to_ink(color * shade))


def set_bee(canvas: Canvas, pose: Pose) -> None:
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
