"""The heads of dogs: a muzzle with a large dark nose, round dark eyes, ears that hang, fold or stand up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tools.samples.pets.faces import Face
from tools.samples.pets.shapes import SIDES, Builder, turned

IRISES = ((70, 44, 26), (50, 33, 22), (92, 60, 32), (78, 50, 28), (140, 175, 200))


@dataclass(frozen=True)
class Head:
    """What kinds of dogs differ in; lengths in units of half the head's width."""

    muzzle: float  # its length
    depth: float  # of the muzzle, at its root
    width: float  # of the muzzle
    ears: str
    skull: float = 1.0  # its height
    beard: float = 0.0  # hair at the muzzle


HEADS = {
    "retriever": Head(1.0, 0.46, 0.46, "hanging"),
    "hound": Head(1.15, 0.46, 0.42, "long"),
    "shepherd": Head(1.4, 0.46, 0.42, "pricked"),
    "spitz": Head(1.0, 0.4, 0.38, "pricked"),
    "terrier": Head(0.95, 0.46, 0.46, "folded", beard=0.8),
    "collie": Head(1.25, 0.4, 0.36, "folded"),
    "pug": Head(0.42, 0.5, 0.6, "folded"),
    "boxer": Head(0.7, 0.54, 0.58, "hanging"),
    "poodle": Head(1.1, 0.36, 0.36, "long", 1.15, 0.8),
    "spaniel": Head(0.9, 0.46, 0.44, "long", 1.08),
}


def dog_head(g: np.random.Generator, head: Builder, kind: str) -> Face:
    """Build the head; the unit is half its width."""
    look = HEADS[kind]
    choices = ["hanging", "long", "folded", "pricked" if look.muzzle > 0.9 else "hanging"]
    ears = look.ears if g.random() < 0.75 else str(g.choice(choices))
    long = look.muzzle * g.uniform(0.92, 1.18)
    deep, wide = look.depth * g.uniform(0.92, 1.1), look.width * g.uniform(0.92, 1.08)
    head.ball((-0.08, 0.1, 0), (0.95, 0.82 * look.skull, 0.9), "head")
    head.ball((0.12, -0.14, 0), (0.72, 0.6, 0.84), "head", (-0.8, -0.4, 0))
    end = 0.62 + long
    slope = 0.12 if long > 0.7 else 0.02
    upper = -0.14
    _add_muzzle(head, look, (end, upper, slope), deep, wide)
    nose = (end + 0.06, upper - slope + 0.12, 0)
    lips = upper - slope - 0.34
    head.ball(nose, (0.17, 0.17, 0.23), "nose", blend=0.05)
    is_open = g.random() < 0.5
    _add_jaw(g, head, look, end, is_open)
    _add_ears(g, head, ears)
    iris = np.array(IRISES[g.choice(5, p=[0.3, 0.3, 0.12, 0.25, 0.03])]) * g.uniform(0.8, 1.2)
    return Face(
        head.place,
        eye=(0.66, 0.19, g.uniform(0.4, 0.46)),
        gaze=(1.0, 0.08, g.uniform(0.35, 0.55)),
        eye_size=g.uniform(0.145, 0.19) * (1.3 if kind == "pug" else 1),
        lids=g.uniform(0.6, 0.95),
        tilt=g.uniform(-0.12, 0.12),
        iris=iris,
        pupil=(0.64, 0.64),
        nose=(nose[0] + 0.1, nose[1], 0),
        nose_size=0.22,
        leather=np.array((38, 34, 35)) if g.random() < 0.9 else np.array((110, 66, 56)),
        mouth=[[(0, nose[1] - 0.16), (0, lips), (0.35 * wide, lips - 0.08)]],
        mouth_ahead=end - 0.25,
        whiskers=g.choice([0, 0.3], p=[0.7, 0.3]),
        pads=(end - 0.2, upper - slope - 0.15, wide * 0.55),
    )


def _add_muzzle(
    head: Builder, look: Head, line: tuple[float, float, float], deep: float, wide: float
) -> None:
    """Add the upper jaw with its lips, and the brows; ``line`` is where it ends, how high it is, how far it falls."""
    end, upper, slope = line
    for side in SIDES:
        z = side * wide * 0.36
        path = [(0.35, upper - 0.02, z), (end - 0.18, upper - slope - 0.06, z * 0.8)]
        head.limb(path, (deep * 0.95, deep * 0.7), "muzzle", (-1, 0, side * 0.2), 0.2, 0.45 + look.beard)
        lip = [(0.5, upper - 0.3, z * 1.25), (end - 0.2, upper - slope - 0.24, z * 1.1)]
        radii = (0.27 * deep / 0.44, 0.24 * deep / 0.44)
        head.limb(lip, radii, "muzzle", (-0.8, -0.5, 0), 0.15, 0.5 + 1.5 * look.beard)
        brow = (0.52, 0.42, side * 0.36)
        head.ball(brow, (0.28, 0.16, 0.24), "head", (-0.5, 0.9, side * 0.2), 0.22, 0.5 + look.beard)


def _add_jaw(g: np.random.Generator, head: Builder, look: Head, end: float, is_open: bool) -> None:
    """Add the lower jaw, closed, or open with the tongue in it."""
    jaw = head.at((0.15, -0.36, 0), turned(pitch=-(g.uniform(0.25, 0.5) if is_open else 0.06)), 1.0)
    long = end - 0.42
    width = look.width / 0.44
    jaw.limb(
        [(0.1, -0.12, 0), (long, -0.1, 0)], (0.3, 0.19 * width), "jaw", (-1, -0.4, 0), 0.1, 0.5 + look.beard
    )
    if not is_open:
        return
    jaw.ball((0.55 * long, 0.08, 0), (0.5 * long, 0.1, 0.26 * width), "mouth", blend=0.03)
    drop = g.choice([0, g.uniform(0.2, 0.75)])
    jaw.ball((0.62 * long, 0.16, 0), (0.5 * long, 0.08, 0.24 * width), "tongue", blend=0.05)
    if drop:
        tip = jaw.at(
            (long + 0.08, 0.14, 0), turned(pitch=-1.2 - g.uniform(0, 0.3), yaw=g.normal(0, 0.2)), 1.0
        )
        tip.ball((0.4 * drop, 0.05, 0), (0.25 + 0.5 * drop, 0.07, 0.22 * width), "tongue", blend=0.05)


def _add_ears(g: np.random.Generator, head: Builder, kind: str) -> None:
    """Add ears: flaps that stand up, or balls in a chain that hang."""
    vary = g.normal(0, 0.06)
    for side in SIDES:
        if kind == "pricked":
            inner, outer = (0.05, 0.74, side * 0.26), (-0.14, 0.5, side * 0.78)
            back, tip = (-0.42, 0.6, side * 0.54), (0.0, 1.72 + vary, side * (0.56 + vary))
            head.flap([inner, back, tip], 0.1, hair=0.5)
            head.flap([back, outer, tip], 0.1, hair=0.5)
        elif kind == "folded":
            inner, outer = (0.0, 0.72, side * 0.3), (-0.2, 0.42, side * 0.86)
            crease, aside = (0.05, 1.08 + vary, side * 0.48), (-0.1, 0.9 + vary, side * 0.98)
            tip = (0.42, 0.42 + vary, side * (0.92 + vary))
            head.flap([inner, outer, crease], 0.09, hair=0.6)
            head.flap([outer, aside, crease], 0.09, hair=0.6)
            head.flap([crease, aside, tip], 0.08, hair=0.6)
        else:
            drop = (1.75 if kind == "long" else 1.15) + 3 * vary
            root, knee = (-0.12, 0.62, side * 0.66), (-0.06, 0.48, side * 0.98)
            front, rear = (0.22, 0.42 - 0.55 * drop, side * 1.04), (-0.5, 0.5 - 0.6 * drop, side * 1.04)
            tip = (0.0, 0.5 - drop, side * 1.0)
            head.flap([root, (-0.5, 0.42, side * 0.86), knee], 0.1, hair=0.8)
            head.flap([(-0.5, 0.42, side * 0.9), (0.2, 0.4, side * 0.94), front], 0.1, hair=0.8)
            head.flap([(-0.5, 0.42, side * 0.9), front, rear], 0.1, hair=0.8)
            head.flap([front, rear, tip], 0.1, hair=0.9)
