"""Parts that several flowers are built of: long and broad petals, discs of florets, bracts."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tools.samples.flowers.mesh import Mesh, sheet

GOLDEN_ANGLE = np.pi * (3 - 5**0.5)


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


def rays(
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
    away = np.concatenate([zero, np.cumsum(np.cos(slope[:, 1:]) * step, 1)], 1)
    risen = np.concatenate([zero, np.cumsum(np.sin(slope[:, 1:]) * step, 1)], 1)
    out = np.broadcast_to(start, number)[:, None] + away
    up = np.broadcast_to(height, number)[:, None] + risen
    half = width * outline(t) * g.normal(1, 0.08, (number, 1))
    aside = half[..., None] * s
    lift = cup * half[..., None] * s**2
    out = out[..., None] - np.sin(slope)[..., None] * lift
    up = up[..., None] + np.cos(slope)[..., None] * lift
    c, d = np.cos(azimuth)[:, None, None], np.sin(azimuth)[:, None, None]
    points = np.stack([out * c - aside * d, out * d + aside * c, up], -1)
    return sheet(points, _petal_colors(g, (number, rows, columns), *colors, dark, 0.06))


def bowls(
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
    # The rim is lower at both sides.
    inside = t * (1 - depth * np.abs(s) ** power) + 0 * azimuth[:, None, None]
    out, up = profile(inside)
    wave = 0.02 * np.sin(s * 5 + g.uniform(0, 6, (number, 1, 1))) * inside
    angle = azimuth[:, None, None] + half_angle[:, None, None] * s
    points = np.stack([(out + wave) * np.cos(angle), (out + wave) * np.sin(angle), up + wave], -1)
    return sheet(points, _petal_colors(g, (number, rows, columns), *colors, dark, streaks))


def disc_of_florets(
    g: np.random.Generator, radius: float, dome: float, number: int, inner: np.ndarray, outer: np.ndarray
) -> Mesh:
    """Return a domed disc of florets in the spirals of the golden angle."""
    index = np.arange(number) + 0.5
    part, angle = np.sqrt(index / number), index * GOLDEN_ANGLE
    center = np.stack(
        [radius * part * np.cos(angle), radius * part * np.sin(angle), dome * (1 - part**2)], -1
    )
    outward = np.stack([np.cos(angle), np.sin(angle), -2 * dome / radius * part], -1)
    sideways = np.stack([-np.sin(angle), np.cos(angle), 0 * angle], -1)
    size = radius / np.sqrt(number)
    color = inner + (outer - inner) * np.clip((part[:, None] - 0.35) * 2, 0, 1)
    color = color * g.normal(1, 0.13, (number, 1))
    ways = [a * outward + b * sideways for a, b in ((-1, 0), (0, -1), (1, 0), (0, 1))]
    below = np.stack([center + 1.6 * size * way for way in ways], 1)
    above = np.stack([center + 0.8 * size * way for way in ways], 1)
    return Mesh(below, color * 0.5) + Mesh(above + [0, 0, 0.6 * size], color * 1.12)


def around(g: np.random.Generator, number: int, jitter: float = 0.2) -> np.ndarray:
    """Return directions around the axis, nearly evenly."""
    return (np.arange(number) + g.uniform(0, 1) + g.normal(0, jitter, number)) * 2 * np.pi / number


def bracts(
    g: np.random.Generator, green: np.ndarray, number: int, length: float, radius: float, rise: float
) -> Mesh:
    """Return the green cup and the pointed leaflets under a flower."""
    t = np.linspace(0, 1, 5)[:, None]
    angle = np.linspace(0, 2 * np.pi, 13)
    out = radius * (0.25 + 0.75 * t**0.6)
    cup = np.stack([out * np.cos(angle), out * np.sin(angle), -0.28 + 0.26 * t + 0 * angle], -1)
    leaflets = rays(
        g,
        azimuth=around(g, number),
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
    return sheet(cup, np.broadcast_to(green * 0.85, (4, 12, 3))) + leaflets
