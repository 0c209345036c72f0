"""Fur: some ten thousand hairs that grow from the visible surface, each a line of pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tools.samples.canvas import Canvas
from tools.samples.pets.surface import Surface
from tools.samples.pets.tracing import Camera

LAYERS = 4.5  # how many hairs lie over a pixel
LONGEST = 44  # pixels


@dataclass(frozen=True)
class Fur:
    """What hair is like."""

    length: float
    lift: float  # how far it stands off
    curls: float
    clumps: float  # how much neighbors hold together
    gloss: float


@dataclass(frozen=True)
class Light:
    """A light from one direction and light from all around."""

    direction: np.ndarray  # in the world
    color: np.ndarray
    sky: np.ndarray
    ground: np.ndarray

    def on(self, normals: np.ndarray, reaches: np.ndarray, openness: np.ndarray) -> np.ndarray:
        """Return the brightness of white surfaces, shape (n, 3)."""
        facing = np.clip((self.direction.astype("float32") @ normals + 0.22) / 1.22, 0, 1) * reaches
        above = (0.5 + 0.5 * normals[1]) * openness
        below = (0.5 - 0.5 * normals[1]) * openness
        return facing[:, None] * self.color + above[:, None] * self.sky + below[:, None] * self.ground


def _tangential(flow: np.ndarray, normals: np.ndarray) -> np.ndarray:
    """Return directions within the surface, length 1."""
    flow = flow - normals * (flow * normals).sum(axis=0)
    return flow / (np.sqrt((flow**2).sum(axis=0)) + 1e-6)


def _waves(g: np.random.Generator, points: np.ndarray, size: float, count: int = 5) -> np.ndarray:
    """Return smooth noise at the points, one value for each axis."""
    waves = g.normal(0, 1, (3, count, 3)).astype("float32") * np.float32(2.2 / size)
    phases = g.uniform(0, 2 * np.pi, (3, count, 1)).astype("float32")
    return np.stack(
        [np.sin(wave @ points + phase).mean(axis=0) for wave, phase in zip(waves, phases, strict=True)]
    )


def grow(
    canvas: Canvas,
    camera: Camera,
    surface: Surface,
    colors: np.ndarray,
    shine: np.ndarray,
    fur: Fur,
    light: Light,
) -> None:
    """Draw the hairs; ``shine`` is the light at each point of the surface, shape (n, 3)."""
    g = canvas.generator
    depth = float(np.median(camera.project(surface.points)[2]))
    pixel = depth / camera.focal
    lengths = fur.length * surface.hair
    typical = float(np.clip(np.median(lengths) / pixel * 0.8, 2.5, LONGEST))
    count = int(len(surface.pixels) * 4 * LAYERS / typical)
    chosen = g.integers(0, len(surface.pixels), count)
    chosen = chosen[surface.hair[chosen] > 0.08]
    count = len(chosen)
    roots, normals = surface.points[:, chosen], surface.normals[:, chosen]
    length = lengths[chosen] * g.uniform(0.55, 1.35, count)
    clump = _waves(g, roots, fur.clumps) * 1.3
    way = _tangential(surface.flow[:, chosen], normals)
    loose = 0.1 + 0.5 * fur.length + fur.curls
    way = _tangential(
        way + (0.2 + 2.5 * fur.length) * clump + g.normal(0, loose, (3, count)), normals
    ).astype("float32")
    aside = g.uniform(-1, 1, (2, count)).astype("float32") * np.float32(pixel)
    roots = roots + way * aside[0] + np.cross(way.T, normals.T).T * aside[1]
    hairs = np.stack([roots, way, normals])
    order = np.argsort(-(camera.project(roots)[2] - 0.25 * length * g.uniform(0, 1, count)))
    number = chosen[order]
    facing = 0.5 * np.clip(normals + 0.5 * clump, -1, 1)[:, order] + 0.5 * normals[:, order]
    bright = _brightness(light, facing, way[:, order], shine[number], fur.gloss, camera)
    bright *= g.normal(1, 0.12, (count, 1)) * (1 + 0.16 * clump[0, order])[:, None]
    _draw(canvas, camera, hairs[..., order], length[order], colors[number], bright, fur, pixel)


def _brightness(
    light: Light, normals: np.ndarray, ways: np.ndarray, shine: np.ndarray, gloss: float, camera: Camera
) -> np.ndarray:
    """Return the light on hairs: most where they cross its direction."""
    along = light.direction.astype("float32") @ ways
    across = np.sqrt(np.clip(1 - along**2, 0, 1))
    half = light.direction - camera.turn[2]
    half = (half / (np.linalg.norm(half) + 1e-9)).astype("float32")
    glint = np.clip(1 - (half @ ways) ** 2, 0, 1) ** 12 * np.clip(
        light.direction.astype("float32") @ normals, 0, 1
    )
    tilt = 0.75 + 0.25 * across + 0.35 * np.clip(light.direction.astype("float32") @ normals, -1, 1)
    return shine * (tilt * 0.95)[:, None] + gloss * glint[:, None] * light.color * shine.mean(
        axis=1, keepdims=True
    )


def _draw(canvas: Canvas, camera: Camera, hairs: np.ndarray, length: np.ndarray, colors: np.ndarray, bright: np.ndarray,
          fur: Fur, pixel: float) -> None:  # fmt: skip
    """Write the pixels of the hairs, far ones first."""
    g, side = canvas.generator, canvas.side
    count = len(length)
    steps = int(np.clip(np.quantile(length, 0.95) / pixel, 3, LONGEST))
    roots, ways, normals = hairs
    share = ((np.arange(steps) + g.uniform(0, 0.5)) / steps).astype("float32")
    lift = fur.lift * g.uniform(0.6, 1.4, count)
    along, rise = np.cos(lift), np.sin(lift)
    path = share[None, None] * (ways * along)[..., None]
    path = path + (share * (1 - 0.45 * share))[None, None] * (normals * rise)[..., None]
    if fur.curls:
        turn = share[None] * 7 + g.uniform(0, 6.3, (count, 1)).astype("float32")
        aside = np.cross(ways.T, normals.T).T
        path = path + 0.3 * fur.curls * (
            np.sin(turn)[None] * aside[..., None] + np.cos(turn)[None] * normals[..., None]
        )
    path *= length[None, :, None]
    path[1] -= 2.2 * length[:, None] ** 2 * share**2  # its weight
    path += roots[..., None]
    x, y, _ = camera.project(path.astype("float32"))
    x, y = np.rint(x).astype(int), np.rint(y).astype(int)
    inside = (x >= 0) & (x < side) & (y >= 0) & (y < side)
    tone = 0.7 + 0.48 * share
    lit = (colors * bright)[:, None, :] * tone[None, :, None]
    lit += (9 * bright)[:, None, :] * share[None, :, None]
    pixels = canvas.pixels.reshape(-1, 3)
    pixels[(y * side + x)[inside]] = lit[inside]
