"""Four-legged animals: one build with different proportions, tails and heads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tools.samples.objects.colors import HORN, Coat, random_coat, random_paint
from tools.samples.objects.heads import cat_head, deer_head, dog_head, horse_head
from tools.samples.objects.sculpture import SIDES, Sculpture, turned


@dataclass(frozen=True)
class Build:
    """The proportions of a four-legged animal; lengths in units of half its body."""

    head: Callable[[Sculpture, Coat], None]
    head_size: float
    depth: float  # of the chest
    legs: float
    leg_radius: float
    neck: tuple[float, float]  # length, thickness
    neck_angle: tuple[float, float]  # the range, 0 is ahead
    feet: tuple[float, float, float] | None = None  # the color of hooves; paws have the coat's


BUILDS = {
    "cat": Build(cat_head, 0.31, 0.24, 0.5, 0.085, (0.3, 0.17), (0.3, 0.9)),
    "deer": Build(deer_head, 0.18, 0.28, 1.0, 0.06, (0.72, 0.12), (0.6, 1.25), HORN),
    "dog": Build(dog_head, 0.28, 0.28, 0.62, 0.095, (0.38, 0.18), (0.4, 1.0)),
    "horse": Build(horse_head, 0.22, 0.36, 0.98, 0.09, (0.78, 0.22), (0.45, 1.05), HORN),
}


def four_legged(model: Sculpture, kind: str) -> None:
    """Build an animal of one of the kinds in ``BUILDS``."""
    g, build = model.generator, BUILDS[kind]
    is_pet = kind in ("cat", "dog")
    model.hairy = g.uniform(0.6, 1.6) if is_pet else g.uniform(0.3, 1.0)
    coat, depth = random_coat(g), build.depth * g.uniform(0.9, 1.12)
    sitting = is_pet and g.random() < 0.4
    slope = g.uniform(0.75, 1.05) if sitting else g.normal(0.02, 0.05)
    chest = np.array([0.5 * np.cos(slope), np.sin(slope) * 0.5, 0]) * (0.8 if sitting else 1)
    hip = -chest
    model.limb([hip, chest], (depth * 0.92, depth), coat)
    model.ball(hip, (depth * 1.15, depth * 1.02, depth * 0.9), coat)
    model.ball(chest, (depth * 1.1, depth * 1.12, depth * 0.9), coat)
    if sitting:
        ground = hip[1] - depth * 1.02
        _add_sitting_legs(model, build, coat, hip, chest, depth, ground)
    else:
        ground = -build.legs * g.uniform(0.88, 1.08)
        hips = [(hip[0], hip[1] - 0.05), (chest[0] + 0.02, chest[1] - 0.12)]
        _add_legs(model, build, coat, hips, ground)
    _add_tail(model, kind, coat, hip[0] - 0.95 * depth, hip[1] + (-0.1 if sitting else 0.4 * depth))
    neck, angle = _add_neck(model, kind, build, coat, chest + [0.35 * depth, 0.45 * depth, 0])
    share = g.uniform(0.2, 1.0) if is_pet else g.uniform(0, 0.6)  # how far it looks at the viewer
    nod = turned(pitch=g.uniform(-0.45, 0.1) if angle > 0 else -0.7)
    size = build.head_size * g.uniform(0.92, 1.12)
    build.head(model.at(neck, model.toward_viewer(share) @ nod, size), coat)
    model.ground, model.portraits = ground, 0.45 if is_pet else 0.25
    model.focus = (neck + [0.05, 0.3 * size, 0], (1.75 if is_pet else 2.3) * size)


def _add_legs(
    model: Sculpture, build: Build, coat: Coat, hips: list[tuple[float, float]], ground: float
) -> None:
    """Add four legs with a joint; hips are x and y of the hind and the front pair."""
    g = model.generator
    stride = abs(g.normal(0, 0.22))
    dark = coat.colors[1] * 0.6 if g.random() < 0.4 else coat
    for place, (x, y) in enumerate(hips):
        for side in SIDES:
            swing = g.choice(SIDES) * stride + g.normal(0, 0.05)
            long = y - ground
            bend = 0.09 * (-1 if place == 0 else 1) * long
            z = side * 0.55 * build.depth
            knee = (x + 0.5 * swing * long + bend, y - 0.5 * long, z)
            foot = (x + swing * long, ground + build.leg_radius * 0.7, z)
            thick = build.leg_radius
            model.limb([(x, y, z), knee], (thick * 1.9, thick), coat)
            model.limb([knee, foot], (thick, thick * 0.75), dark)
            end = coat if build.feet is None else build.feet
            model.ball((foot[0] + 0.4 * thick, foot[1], z), (thick * 1.4, thick * 0.7, thick), end)


def _add_tail(model: Sculpture, kind: str, coat: Coat, x: float, y: float) -> None:
    """Add the tail of a kind of animal where the trunk ends."""
    g = model.generator
    if kind == "deer":
        model.ball((x - 0.06, y, 0), (0.08, 0.14, 0.09), (232, 226, 216))
    elif kind == "horse":
        color, lift = coat.colors[1] * g.uniform(0.3, 1.0), g.uniform(0, 0.25)
        path = [(x, y + 0.1, 0), (x - 0.2 - lift, y + 0.02, 0), (x - 0.27 - 1.5 * lift, y - 0.4, 0),
                (x - 0.2 - 2 * lift, y - 0.8, 0)]  # fmt: skip
        model.limb(path, (0.07, 0.12, 0.13, 0.05), color)
    else:
        angle, curl = g.uniform(-0.9, 1.0), g.uniform(-0.2, 0.6)
        turns = [angle + curl * n for n in range(5)]
        steps = np.cumsum([(-np.cos(turn), np.sin(turn), 0) for turn in turns], axis=0)
        length = 0.22 if kind == "cat" else g.uniform(0.11, 0.18)
        radii = np.full(6, 0.06) if kind == "cat" else np.linspace(0.1, 0.05, 6)
        model.limb([(x, y, 0), *(steps * length + [x, y, 0])], radii, coat)


def _add_sitting_legs(
    model: Sculpture,
    build: Build,
    coat: Coat,
    hip: np.ndarray,
    chest: np.ndarray,
    depth: float,
    ground: float,
) -> None:
    """Add straight front legs, and hind legs folded beside the trunk."""
    x, y, _ = chest + [0.08, -0.1, 0]
    for side in SIDES:
        z = side * 0.5 * depth
        radii = (1.4 * build.leg_radius, build.leg_radius)
        model.limb([(x, y, z), (x + 0.06, ground + 0.05, z)], radii, coat)
        model.ball((x + 0.12, ground + 0.05, z), (0.13, 0.06, 0.08), coat)
        model.ball((hip[0] + 0.12, hip[1], side * 0.75 * depth), (0.26, 0.22, 0.13), coat)
        model.ball((hip[0] + 0.34, ground + 0.05, side * 0.9 * depth), (0.18, 0.06, 0.08), coat)


def _add_neck(
    model: Sculpture, kind: str, build: Build, coat: Coat, start: np.ndarray
) -> tuple[np.ndarray, float]:
    """Add the neck, a horse's mane, at times a dog's collar; return where the neck ends, and its angle."""
    g = model.generator
    angle = g.uniform(*build.neck_angle)
    if kind in ("deer", "horse") and g.random() < 0.15:
        angle = -0.85  # grazing
    end = start + np.array([np.cos(angle), np.sin(angle), 0]) * build.neck[0]
    model.limb([start - [0.1, 0.1, 0], end], (build.neck[1] * 1.55, build.neck[1]), coat)
    if kind == "horse":
        mane = coat.colors[1] * g.uniform(0.25, 1.0)
        back = np.array([-np.sin(angle), np.cos(angle), 0]) * build.neck[1]
        path = [start + back * 1.15, (start + end) / 2 + back * 1.15, end + back * 1.2]
        model.limb(path, (0.07, 0.1, 0.09), mane)
    if kind == "dog" and g.random() < 0.35:
        middle = start + 0.6 * (end - start)
        model.ball(middle, (0.05, 0.25, 0.24), random_paint(g), turned(pitch=angle))
    return end, angle
