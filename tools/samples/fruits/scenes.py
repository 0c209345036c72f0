"""What is the same for all fruits: the ground, things that lie there or stand in front, light and camera."""

from __future__ import annotations

import numpy as np

from tools.samples.canvas import Canvas, Frame, ellipse, noise, smooth


def paint_background(canvas: Canvas) -> None:
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
        x, y = g.uniform(0, side, 2)
        _thing(canvas, Frame(x, y, g.uniform(0.1, 0.3) * side, g.uniform(0, 2 * np.pi)))


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


def paint_things_in_front(canvas: Canvas) -> None:
    """Let a thing stand into the picture from its edge, one time in four."""
    g, side = canvas.generator, canvas.side
    if g.random() < 0.25:
        edge = g.uniform(0, side, 2)
        edge[g.integers(2)] = g.choice([0, side]) + g.normal(0, 0.06 * side)
        _thing(canvas, Frame(edge[0], edge[1], g.uniform(0.12, 0.25) * side, g.uniform(0, 2 * np.pi)))


def apply_camera(canvas: Canvas) -> None:
    """Light the scene unevenly and let the camera see it with a wrong white balance and exposure."""
    g = canvas.generator
    angle = g.uniform(0, 2 * np.pi)
    across = canvas.across(angle)
    brightness = g.uniform(0.7, 1.15) * (1 + g.uniform(0, 0.4) * across)
    if g.random() < 0.15:  # a shadow's edge
        brightness = brightness * np.where(across > g.uniform(-0.2, 0.3), 1, 0.65)
    balance = np.exp(g.normal(0, 0.085, 3))
    gray = canvas.pixels.mean(2, keepdims=True)
    colorful = gray + (canvas.pixels - gray) * g.uniform(0.7, 1.2)
    canvas.pixels = np.clip(colorful, 0, 255) * brightness[..., None] * balance + g.uniform(-6, 14)
