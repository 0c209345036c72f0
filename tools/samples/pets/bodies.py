"""Trunk, legs, neck and tail in five poses, with the proportions of a cat or of a kind of dog."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tools.samples.pets.shapes import SIDES, Builder, Part, Place, turned


@dataclass(frozen=True)
class Build:
    """The proportions of an animal; the unit is its trunk from hip to shoulder."""

    head: float  # half its width
    chest: float  # half its depth
    hip: float
    width: float  # of the trunk, in units of its depth
    legs: float  # height of the shoulder
    leg: float  # radius of a leg
    neck: float  # length
    tail: float  # length
    tail_radii: tuple[float, float]
    curl: float = 0.0  # how much the tail curls up


@dataclass(frozen=True)
class Skeleton:
    """Where the trunk ends and how high its joints are."""

    hip: np.ndarray
    shoulder: np.ndarray
    neck: np.ndarray  # where a collar is
    head: np.ndarray
    turn: np.ndarray  # of the trunk


def body(g: np.random.Generator, build: Build, pose: str, parts: list[Part]) -> Skeleton:
    """Add everything but the head to the parts; the ground is at height 0, the animal looks along x."""
    hip, shoulder, rise = {
        "standing": ((-0.5, build.legs * 0.96, 0), (0.48, build.legs, 0), g.uniform(0.4, 1.0)),
        "crouching": ((-0.46, build.legs * 0.62, 0), (0.46, build.legs * 0.56, 0), g.uniform(0.0, 0.7)),
        "sitting": (
            (-0.3, build.hip * 1.05, 0),
            (0.14, build.hip + 0.12 + 0.5 * build.legs, 0),
            g.uniform(1.0, 1.4),
        ),
        "lying": ((-0.48, build.hip * 0.95, 0), (0.42, build.chest * 1.12, 0), g.uniform(0.7, 1.1)),
        "on its side": ((-0.47, build.legs * 0.92, 0), (0.46, build.legs, 0), g.uniform(0.1, 0.5)),
    }[pose]
    start, end = np.array(hip), np.array(shoulder)
    place = Place()
    if pose == "on its side":
        turn = turned(roll=g.choice([-1, 1]) * g.uniform(1.3, 1.5))
        height = build.chest * build.width * 0.98
        place = Place(np.array([0, height, 0]) - turn @ (start + end) / 2, turn)
    world = Builder(parts, place)
    pitch = float(np.arctan2(end[1] - start[1], end[0] - start[0]))
    _add_trunk(
        world.at((start + end) / 2, turned(pitch=pitch), 1.0), build, float(np.linalg.norm(end - start)) / 2
    )
    add_legs = {"sitting": _sitting_legs, "lying": _lying_legs}.get(pose, _standing_legs)
    add_legs(g, world, build, start, end)
    _add_tail(g, world, build, start, pose in ("standing", "on its side"))
    start, end = place.to_world(start), place.to_world(end)
    direction = np.array([np.cos(rise), np.sin(rise), 0])
    root = end + [0.02, 0.35 * build.chest, 0]
    head = root + direction * (build.neck + 0.75 * build.head)
    head[1] = max(head[1], 0.8 * build.head)
    width = 0.78 * build.head
    path = [end - [0.05, 0.0, 0], root + direction * 0.25 * build.neck, head - direction * 0.3 * build.head]
    Builder(parts, Place()).limb(
        path, (build.chest * 0.86, width * 1.15, width * 0.95), "neck", (-0.5, -0.9, 0), 0.2, 1.4
    )
    return Skeleton(start, end, path[1], head, place.turn @ turned(pitch=pitch))


def _add_trunk(trunk: Builder, build: Build, half: float) -> None:
    chest, hip, width = build.chest, build.hip, build.width
    flow = (-1, -0.35, 0)
    trunk.limb(
        [(-half, 0, 0), (0, -0.01, 0), (half, 0, 0)],
        (hip * 0.85, min(hip, chest) * 0.86, chest * 0.9),
        "trunk",
        flow,
    )
    trunk.ball((half - 0.06, -0.04, 0), (0.28, chest, chest * width), "trunk", flow)
    trunk.ball((-half + 0.02, 0, 0), (0.24, hip, hip * width), "trunk", flow)
    trunk.ball(
        (0, -0.02, 0), (half + 0.05, 0.9 * (chest + hip) / 2, 0.46 * (chest + hip) * width), "trunk", flow
    )


def _paw(world: Builder, x: float, z: float, thick: float, y: float = 0.0) -> None:
    world.ball(
        (x + 0.45 * thick, y + 0.62 * thick, z),
        (1.5 * thick, 0.66 * thick, 1.12 * thick),
        "paw",
        (1, 0, 0),
        0.04,
        0.2,
    )
    for place in (-0.6, 0, 0.6):  # toes
        toe = (x + 1.5 * thick, y + 0.5 * thick, z + place * thick)
        world.ball(toe, (0.55 * thick, 0.45 * thick, 0.36 * thick), "paw", (1, 0, 0), 0.012, 0.15)


def _standing_legs(
    g: np.random.Generator, world: Builder, build: Build, hip: np.ndarray, shoulder: np.ndarray
) -> None:
    stride = g.choice([0.04, g.uniform(0.1, 0.24)]) * build.legs
    phase = g.choice([-1, 1])
    thick = build.leg
    for side in SIDES:
        z = side * 0.56 * build.chest * build.width
        step = phase * side * stride + g.normal(0, 0.02)
        x, y = shoulder[0] - 0.04, shoulder[1]
        path = [
            (x, y - 0.02, z * 1.1),
            (x - 0.05 + 0.3 * step, 0.56 * y, z),
            (x + 0.8 * step, 0.2 * y, z),
            (x + 0.02 + step, 0.6 * thick, z),
        ]
        world.limb(path, (thick * 2.3, thick * 1.35, thick * 0.95, thick), "leg", (0, -1, 0), 0.12, 0.35)
        _paw(world, x + 0.02 + step, z, thick)
        step = -phase * side * stride + g.normal(0, 0.02)
        x, y = hip[0], hip[1]
        path = [
            (x, y - 0.02, z * 1.1),
            (x + 0.12 + 0.5 * step, 0.56 * y, z * 1.05),
            (x - 0.12 + step, 0.27 * y, z),
            (x - 0.07 + step, 0.6 * thick, z),
        ]
        world.limb(
            path, (thick * 2.6, thick * 1.7, thick * 0.9, thick * 0.95), "leg", (-0.2, -1, 0), 0.12, 0.38
        )
        _paw(world, x - 0.06 + step, z, thick)


def _sitting_legs(
    g: np.random.Generator, world: Builder, build: Build, hip: np.ndarray, shoulder: np.ndarray
) -> None:
    thick = build.leg
    for side in SIDES:
        z = side * (0.42 * build.chest * build.width + 0.02)
        x, y = shoulder[0] + 0.04, shoulder[1] - 0.06
        foot = x + 0.1 + g.normal(0, 0.02)
        path = [
            (x - 0.02, y, z * 1.25),
            (x + 0.03, 0.5 * y, z * 1.1),
            (foot - 0.01, 0.18 * y, z),
            (foot, 0.6 * thick, z),
        ]
        world.limb(path, (thick * 2.2, thick * 1.45, thick * 0.98, thick), "leg", (0, -1, 0), 0.1, 0.5)
        _paw(world, foot, z, thick)
        out = side * (build.hip * build.width * 0.92)
        world.ball(
            (hip[0] + 0.17, hip[1] * 0.98, out * 0.85),
            (0.27, build.hip * 0.92, 0.6 * build.hip),
            "trunk",
            (-0.3, -1, 0),
            0.12,
        )
        world.limb(
            [(hip[0] + 0.1, 0.8 * thick, out * 1.15), (hip[0] + 0.38, 0.75 * thick, out * 1.2)],
            (thick * 1.1, thick),
            "leg",
            (1, 0, 0),
            0.08,
            0.4,
            (0.6, 1),
        )
        _paw(world, hip[0] + 0.4, out * 1.2, thick * 1.05)


def _lying_legs(
    g: np.random.Generator, world: Builder, build: Build, hip: np.ndarray, shoulder: np.ndarray
) -> None:
    thick = build.leg
    tucked = g.random() < 0.25
    for side in SIDES:
        z = side * 0.62 * build.chest * build.width
        x = shoulder[0]
        reach = x + (0.2 if tucked else g.uniform(0.34, 0.46))
        inward = z * (0.5 if tucked else g.uniform(0.85, 1.2))
        path = [(x, shoulder[1] * 0.8, z), (x - 0.08, thick * 1.3, z * 1.15), (reach, thick * 0.9, inward)]
        world.limb(path, (thick * 2.2, thick * 1.45, thick), "leg", (0.6, -0.8, 0), 0.1, 0.5)
        _paw(world, reach, inward, thick)
        out = side * build.hip * build.width
        world.ball(
            (hip[0] + 0.13, hip[1] * 0.85, out * 0.85),
            (0.3, build.hip * 0.85, 0.5 * build.hip),
            "trunk",
            (-0.5, -0.8, 0),
            0.12,
        )
        world.limb(
            [(hip[0] + 0.0, thick, out * 1.25), (hip[0] + 0.34, thick, out * 1.35)],
            (thick * 1.15, thick),
            "leg",
            (1, 0, 0),
            0.08,
            0.4,
            (0.6, 1),
        )
        _paw(world, hip[0] + 0.36, out * 1.35, thick * 1.05)


def _add_tail(g: np.random.Generator, world: Builder, build: Build, hip: np.ndarray, is_free: bool) -> None:
    """Add a tail: up, down or curled where it is free, along the ground else."""
    steps, start = 9, hip + [-0.85 * build.hip, 0.45 * build.hip if is_free else 0.0, 0]
    length = build.tail / steps
    angle = g.uniform(-0.9, 1.1) if is_free else -0.5
    bend = g.uniform(-0.12, 0.12) + build.curl
    heading, turn = g.normal(0, 0.25), g.choice([-1, 1]) * g.uniform(0.1, 0.35)
    path = [hip + [-0.4 * build.hip, 0.2 * build.hip, 0], start]
    for _ in range(steps):
        flat = np.cos(angle)
        step = np.array([-flat * np.cos(heading), np.sin(angle), flat * np.sin(heading)])
        path.append(path[-1] + step * length)
        if is_free:
            angle += bend
        else:
            path[-1][1] = max(path[-1][1], build.tail_radii[0])
            angle, heading = angle * 0.6, heading + turn
    radii = np.interp(
        np.linspace(0, 1, len(path)), [0, 0.85, 1], [*build.tail_radii, 0.6 * build.tail_radii[1]]
    )
    world.limb(path, radii, "tail", blend=0.03, hair=1.3)
