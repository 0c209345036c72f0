"""Floors, lawns, walls, hedges: colors at places of a plane, in units of the animal's trunk."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tools.samples.canvas import noise

TILE = 256
Material = Callable[[np.random.Generator, np.ndarray, np.ndarray], np.ndarray]


def grain(
    g: np.random.Generator, x: np.ndarray, y: np.ndarray, size: float, finest: float = 0.0
) -> np.ndarray:
    """Return noise, about −1 to 1, whose largest spots have the size; it has three octaves."""
    total = np.zeros(x.shape, dtype="float32")
    for octave in range(3):
        cells = 32
        tile = noise(g, (TILE, TILE), cells)
        step = TILE / cells / size * 2**octave
        rows = (y * step + g.integers(TILE)).astype(int) % TILE
        columns = (x * step + g.integers(TILE)).astype(int) % TILE
        total += tile[rows, columns] * np.float32(0.6**octave)
    return total


def muted(g: np.random.Generator, low: float = 45, high: float = 215, tint: float = 12) -> np.ndarray:
    """Return a color as rooms have them: a gray, tinted a little."""
    return np.clip(g.uniform(low, high) + g.normal(0, tint, 3), 12, 245)


def tinted(g: np.random.Generator, *choices: tuple[float, float, float]) -> np.ndarray:
    """Return one of the colors, varied."""
    color = np.array(choices[g.integers(len(choices))], dtype=float)
    return np.clip(color * g.uniform(0.75, 1.2) + g.normal(0, 6, 3), 8, 245)


def _dyed(g: np.random.Generator) -> np.ndarray:
    """Return a color as fabrics have them."""
    if g.random() < 0.65:
        return muted(g, tint=9)
    colors = (
        (140, 64, 60),
        (70, 86, 124),
        (84, 108, 84),
        (182, 160, 112),
        (124, 100, 122),
        (120, 148, 162),
        (184, 140, 128),
    )
    return tinted(g, *colors)


def _hashed(number: np.ndarray) -> np.ndarray:
    """Return a pseudo-random number from 0 to 1 for each whole number."""
    return np.modf(np.abs(np.sin(number * 12.9898 + 4.1) * 43758.55))[0]


def _rotated(g: np.random.Generator, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    angle = g.uniform(0, np.pi)
    c, s = np.cos(angle), np.sin(angle)
    return c * x + s * y, c * y - s * x


def planks(g: np.random.Generator, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return wooden boards."""
    x, y = _rotated(g, x, y)
    wide = g.uniform(0.16, 0.4)
    row = np.floor(y / wide)
    place = x / g.uniform(1.2, 3) + _hashed(row) * 7
    tone = 0.86 + 0.28 * _hashed(row * 3.7 + np.floor(place) * 1.3)
    color = tinted(g, (160, 118, 78), (120, 80, 52), (190, 156, 116), (96, 66, 48), (150, 140, 128))
    edge = np.minimum(y / wide - row, 1 - (y / wide - row)) * wide
    joint = np.clip(edge / 0.012, 0.45, 1) * np.clip(np.abs(np.modf(place)[0]) / 0.01, 0.6, 1)
    return color * (tone * joint * (1 + 0.13 * grain(g, x * 0.12, y, 0.05)))[..., None]


def tiles(g: np.random.Generator, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return square tiles of stone."""
    x, y = _rotated(g, x, y)
    wide = g.uniform(0.35, 0.9)
    row, column = np.floor(y / wide), np.floor(x / wide)
    tone = 0.93 + 0.14 * _hashed(row * 5.1 + column * 2.3)
    edge = np.minimum(
        np.minimum(y / wide - row, 1 - y / wide + row), np.minimum(x / wide - column, 1 - x / wide + column)
    )
    color = tinted(g, (200, 192, 180), (150, 140, 128), (184, 150, 122), (120, 118, 116), (215, 212, 206))
    joint = np.clip(edge * wide / 0.015, g.uniform(0.55, 0.9), 1)
    return color * (tone * joint * (1 + 0.06 * grain(g, x, y, 0.4)))[..., None]


def carpet(g: np.random.Generator, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return a carpet, at times with stripes or a border."""
    color = _dyed(g)
    shade = 1 + 0.1 * grain(g, x, y, 0.02) + 0.06 * grain(g, x, y, 0.6)
    if g.random() < 0.35:
        along, _ = _rotated(g, x, y)
        stripes = np.clip(np.sin(along * g.uniform(6, 16)) * 4 + g.uniform(-1, 1), 0, 1)
        color = color + stripes[..., None] * (_dyed(g) - color) * g.uniform(0.3, 0.9)
    return color * shade[..., None]


def cloth(g: np.random.Generator, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return a blanket or a sofa's seat, with folds; at times checked."""
    color = np.broadcast_to(_dyed(g), (*x.shape, 3))
    u, v = _rotated(g, x + 0.05 * grain(g, x, y, 0.9), y + 0.05 * grain(g, x, y, 0.9))
    if g.random() < 0.3:
        wide, other = g.uniform(8, 20), _dyed(g)
        for axis in (u, v):
            color = color + (np.clip(np.sin(axis * wide) * 5, 0, 1) * 0.45)[..., None] * (other - color)
    folds = np.sin(u * g.uniform(2, 6) + 2.5 * grain(g, x, y, 1.2)) * g.uniform(0.02, 0.16)
    return color * (1 + folds + 0.05 * grain(g, x, y, 0.03) + 0.06 * grain(g, x, y, 0.5))[..., None]


def lawn(g: np.random.Generator, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return grass seen from afar; blades are drawn besides."""
    green = tinted(g, (84, 112, 50), (110, 124, 62), (70, 92, 44), (136, 128, 76))
    dry = tinted(g, (150, 140, 90), (120, 104, 70))
    spots = np.clip(grain(g, x, y, 0.8) * 0.6 + g.uniform(-0.2, 0.35), 0, 0.8)
    color = green + spots[..., None] * (dry - green)
    return color * (0.9 + 0.3 * grain(g, x, y, 0.04) + 0.1 * grain(g, x, y, 0.3))[..., None]


def ground(g: np.random.Generator, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return asphalt, concrete, sand, soil or snow."""
    color = tinted(g, (116, 114, 112), (160, 156, 150), (178, 156, 122), (112, 90, 68), (215, 218, 224))
    shade = 1 + 0.09 * grain(g, x, y, 0.03) + 0.1 * grain(g, x, y, 0.5)
    if g.random() < 0.35:  # slabs
        u, v = _rotated(g, x, y)
        wide = g.uniform(0.6, 1.6)
        edge = np.minimum(
            np.abs(np.modf(np.abs(u) / wide)[0] - 0.5), np.abs(np.modf(np.abs(v) / wide)[0] - 0.5)
        )
        shade = shade * np.clip(edge * wide / 0.02, 0.6, 1)
    return color * shade[..., None]


def plaster(g: np.random.Generator, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return a painted wall with a baseboard."""
    color = muted(g, 70, 225, 9)
    picture = color * (1 + 0.03 * grain(g, x, y, 1.2) + 0.1 * np.tanh(x * 0.4 * g.normal()))[..., None]
    if g.random() < 0.3:
        bands = np.clip(np.sin(x * g.uniform(8, 22)) * 3, -1, 1) * g.uniform(0.02, 0.12)
        picture = picture * (1 + bands)[..., None]
    high = g.uniform(0.12, 0.25)
    base = (y < high) & (y > 0)
    picture[base] = muted(g, 120, 235, 8) * np.clip(1.05 - 0.4 * (y[base] > 0.9 * high), 0, 2)[:, None]
    return picture


def curtain(g: np.random.Generator, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return a curtain's folds."""
    bend = grain(g, x, y * 0.15, 0.9)
    folds = np.sin(x * g.uniform(9, 16) + 1.6 * bend) + 0.4 * np.sin(x * 31 + bend)
    return _dyed(g) * (0.95 + 0.2 * folds)[..., None]


def window(g: np.random.Generator, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return a wall with a window: bright, with blurred trees behind it."""
    picture = plaster(g, x, y)
    wide, left, sill = g.uniform(1.0, 2.2), g.uniform(-1.8, 0.2), g.uniform(0.3, 1.0)
    inside = (x > left) & (x < left + wide) & (y > sill)
    trees = np.clip(0.5 + 0.7 * grain(g, x, y, 0.7) + (sill + 0.6 - y), 0, 1)
    outside = np.array((228, 236, 244)) + trees[..., None] * (
        tinted(g, (96, 120, 78), (150, 160, 150)) - (228, 236, 244)
    )
    frame = (
        np.minimum(np.abs(np.modf((x - left) / wide * 2)[0]), 1 - np.abs(np.modf((x - left) / wide * 2)[0]))
        < 0.07
    )
    frame |= (y < sill + 0.07) | (np.abs(np.modf((y - sill) / 0.9)[0]) < 0.06)
    outside[frame] = muted(g, 150, 240, 6)
    picture[inside] = outside[inside]
    return picture


def bricks(g: np.random.Generator, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return a wall of bricks."""
    high = g.uniform(0.1, 0.2)
    row = np.floor(y / high)
    place = x / (high * 2.6) + 0.5 * (row % 2)
    tone = 0.85 + 0.3 * _hashed(row * 3.1 + np.floor(place) * 1.7)
    edge = np.minimum(np.abs(y / high - row), np.abs(np.modf(np.abs(place))[0]) * 2.6)
    color = tinted(g, (150, 84, 66), (176, 130, 100), (196, 188, 178), (120, 96, 84))
    picture = color * (tone * (1 + 0.08 * grain(g, x, y, 0.08)))[..., None]
    picture[edge < 0.12] = muted(g, 120, 190, 6)
    return picture


def boards(g: np.random.Generator, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return a fence or the doors of a cupboard: upright boards."""
    wide = g.choice([g.uniform(0.2, 0.4), g.uniform(0.7, 1.2)])
    column = np.floor(x / wide)
    edge = np.abs(x / wide - column - 0.5) * 2
    color = tinted(g, (150, 112, 76), (112, 84, 62), (215, 210, 200), (110, 116, 118), (172, 140, 104))
    tone = (0.9 + 0.2 * _hashed(column * 2.9)) * np.clip((1 - edge) * wide / 0.02, 0.35, 1)
    return color * (tone * (1 + 0.1 * grain(g, x, y * 0.12, 0.06)))[..., None]


def sofa(g: np.random.Generator, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the back of a sofa or an armchair: cushions with seams, and the wall above."""
    wide, high = g.uniform(1.3, 2.4), g.uniform(0.8, 1.7)
    place = np.abs(np.modf(np.abs(x + 40 + g.uniform(0, wide)) / wide)[0] - 0.5) * 2
    round_edge = np.sqrt(np.clip(1 - place**6, 0.03, 1)) * np.sqrt(np.clip(1 - (y / high) ** 8, 0.05, 1))
    fabric = (
        _dyed(g)
        * ((0.55 + 0.5 * round_edge) * (1 + 0.06 * grain(g, x, y, 0.03) + 0.08 * grain(g, x, y, 0.7)))[
            ..., None
        ]
    )
    return np.where((y > high)[..., None], plaster(g, x, y), fabric)


def shelf(g: np.random.Generator, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return a shelf of books, or things on it."""
    high = g.uniform(0.6, 0.9)
    row = np.floor(y / high)
    wide = 0.11
    column = np.floor(x / wide + _hashed(row) * 5)
    tone = _hashed(column * 3.3 + row * 7.7)
    top = (y / high - row) < 0.62 + 0.3 * _hashed(column * 1.9 + row)
    colors = np.stack([_dyed(g) for _ in range(6)])[(tone * 5.99).astype(int)] * 0.8
    picture = np.where(top[..., None], colors, tinted(g, (60, 48, 40), (110, 96, 84)) * 0.6)
    picture[(y / high - row) < 0.09] = tinted(g, (150, 112, 76), (210, 205, 195), (90, 64, 48))
    return picture


def hedge(g: np.random.Generator, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return leaves, dark in the gaps; above it, perhaps the sky."""
    color = tinted(g, (62, 88, 44), (84, 104, 56), (48, 70, 44), (104, 96, 52))
    leaves = grain(g, x, y, 0.12) + 0.8 * grain(g, x, y, 0.6)
    picture = color * np.clip(0.85 + 0.45 * leaves, 0.15, 1.9)[..., None]
    high = g.choice([g.uniform(1.2, 3), 9.0])
    top = np.clip((y - high - 0.25 * grain(g, x, y, 0.7)) * 8, 0, 1)[..., None]
    return picture + top * (_sky_color(g, y) - picture)


def _sky_color(g: np.random.Generator, y: np.ndarray) -> np.ndarray:
    low = tinted(g, (205, 218, 232), (190, 192, 196), (226, 216, 204))
    return low + np.clip(y / 7, 0, 1)[..., None] * (tinted(g, (110, 155, 210), (170, 180, 195)) - low)


def distance(g: np.random.Generator, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return trees or houses far away, below the sky."""
    picture = _sky_color(g, y)
    crest = g.uniform(0.7, 2.2) + 0.5 * grain(g, x, 0 * y, 1.8) + 0.2 * grain(g, x, y, 0.5)
    trees = (
        tinted(g, (78, 98, 66), (104, 112, 96), (90, 84, 70)) * (1 + 0.25 * grain(g, x, y, 0.35))[..., None]
    )
    return picture + np.clip((crest - y) * 6, 0, 1)[..., None] * (trees - picture)


def house(g: np.random.Generator, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the side of a house, or a parked car's worth of dark and bright bands in the street."""
    picture = (bricks if g.random() < 0.5 else plaster)(g, x, y)
    wide = g.uniform(0.8, 1.5)
    inside = (np.abs(np.modf(np.abs(x + 30 + g.uniform(0, 3)) / (wide * 2.2))[0] - 0.5) < 0.23) & (
        y > g.uniform(0.2, 0.9)
    )
    glass = (
        tinted(g, (62, 72, 84), (120, 130, 140), (84, 60, 44)) * (1 + 0.25 * grain(g, x, y, 0.8))[..., None]
    )
    picture[inside] = glass[inside]
    return picture


def dark(g: np.random.Generator, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return a room behind that the light does not reach."""
    return muted(g, 20, 80, 6) * (1 + 0.25 * grain(g, x, y, 0.9))[..., None]


ROOM_FLOORS: tuple[Material, ...] = (planks, tiles, carpet, cloth, cloth)
ROOM_WALLS: tuple[Material, ...] = (plaster, plaster, curtain, window, sofa, sofa, shelf, boards, dark)
GARDEN_FLOORS: tuple[Material, ...] = (lawn, lawn, lawn, ground)
GARDEN_WALLS: tuple[Material, ...] = (hedge, hedge, distance, boards, bricks)
STREET_FLOORS: tuple[Material, ...] = (ground, ground, tiles)
STREET_WALLS: tuple[Material, ...] = (house, house, distance, bricks, hedge)
