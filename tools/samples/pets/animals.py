"""A whole animal: body, head, coat and hair of a random cat or dog, built in a pose."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tools.samples.pets.bodies import Build, Skeleton, body
from tools.samples.pets.cat import cat_head
from tools.samples.pets.coats import Coat, random_coat
from tools.samples.pets.dog import dog_head
from tools.samples.pets.faces import Face
from tools.samples.pets.fur import Fur
from tools.samples.pets.shapes import Builder, Part, Place, turned

POSES = {"standing": 0.25, "sitting": 0.38, "lying": 0.24, "crouching": 0.06, "on its side": 0.07}


@dataclass(frozen=True)
class Animal:
    """Everything that the camera can see of an animal."""

    parts: list[Part]
    skeleton: Skeleton
    face: Face
    trunk: Place
    coat: Coat
    fur: Fur
    collar: np.ndarray | None


CATS = {  # build and how long the hair is
    "adult": (Build(0.174, 0.172, 0.164, 0.8, 0.78, 0.044, 0.12, 0.85, (0.045, 0.036)), 0.03),
    "slim": (Build(0.163, 0.152, 0.144, 0.78, 0.84, 0.039, 0.16, 0.95, (0.038, 0.024)), 0.024),
    "stout": (Build(0.186, 0.205, 0.2, 0.88, 0.73, 0.05, 0.07, 0.75, (0.055, 0.045)), 0.04),
    "long-haired": (Build(0.18, 0.172, 0.168, 0.86, 0.74, 0.046, 0.1, 0.8, (0.06, 0.06)), 0.085),
    "kitten": (Build(0.25, 0.17, 0.165, 0.88, 0.62, 0.056, 0.05, 0.6, (0.045, 0.025)), 0.045),
}
DOGS = {  # build, how long and how curly the hair is
    "retriever": (Build(0.16, 0.235, 0.2, 0.76, 0.96, 0.058, 0.26, 0.6, (0.06, 0.04)), 0.045, 0),
    "hound": (Build(0.17, 0.22, 0.19, 0.76, 0.78, 0.058, 0.24, 0.55, (0.05, 0.03)), 0.022, 0),
    "shepherd": (Build(0.15, 0.23, 0.19, 0.74, 1.0, 0.055, 0.3, 0.65, (0.06, 0.055)), 0.05, 0),
    "spitz": (Build(0.18, 0.21, 0.2, 0.86, 0.8, 0.05, 0.2, 0.6, (0.06, 0.055)), 0.08, 0),
    "terrier": (Build(0.19, 0.2, 0.185, 0.82, 0.78, 0.055, 0.2, 0.35, (0.045, 0.03)), 0.075, 0.25),
    "collie": (Build(0.145, 0.21, 0.185, 0.78, 0.92, 0.05, 0.28, 0.65, (0.065, 0.06)), 0.095, 0),
    "pug": (Build(0.23, 0.225, 0.2, 0.92, 0.66, 0.06, 0.12, 0.4, (0.05, 0.035)), 0.02, 0),
    "boxer": (Build(0.17, 0.235, 0.19, 0.8, 0.94, 0.06, 0.28, 0.45, (0.05, 0.028)), 0.018, 0),
    "poodle": (Build(0.17, 0.19, 0.175, 0.84, 0.9, 0.06, 0.28, 0.4, (0.06, 0.07)), 0.07, 1.0),
    "spaniel": (Build(0.175, 0.205, 0.185, 0.8, 0.76, 0.055, 0.22, 0.4, (0.05, 0.04)), 0.075, 0.3),
}
COLLARS = (
    (160, 40, 44),
    (44, 70, 140),
    (40, 38, 38),
    (110, 72, 48),
    (200, 110, 130),
    (70, 130, 90),
    (190, 186, 180),
)
SHAGGY = ("terrier", "poodle", "spitz")
CURLED_TAILS = ("spitz", "pug")


def _varied(g: np.random.Generator, build: Build) -> Build:
    """Return the build a little changed; young animals have larger heads."""
    young = g.uniform(1.1, 1.35) if g.random() < 0.15 else 1.0
    return replace(
        build,
        head=build.head * young * g.uniform(0.93, 1.07),
        chest=build.chest * g.uniform(0.93, 1.08),
        hip=build.hip * g.uniform(0.93, 1.08),
        legs=build.legs * g.uniform(0.94, 1.06) / young**0.5,
        leg=build.leg * g.uniform(0.92, 1.1),
        tail=build.tail * g.uniform(0.85, 1.1),
    )


def random_animal(g: np.random.Generator, kind: str, pose: str, facing: float) -> Animal:
    """Return an animal in a pose; ``facing`` is where its head is turned to."""
    is_cat = kind == "Cat"
    breeds = CATS if is_cat else DOGS
    breed = str(g.choice(list(breeds)))
    build, length, *curls = breeds[breed]
    build = replace(_varied(g, build), curl=0.35 if breed in CURLED_TAILS else 0.0)
    parts: list[Part] = []
    skeleton = body(g, build, pose, parts)
    turn = turned(facing, g.normal(-0.08, 0.14), g.normal(0, 0.12))
    hair = 1.0 if breed in SHAGGY else g.uniform(0.4, 0.75)
    head = Builder(parts, Place(), hair).at(skeleton.head, turn, build.head)
    face = cat_head(g, head) if is_cat else dog_head(g, head, breed)
    trunk = Place((skeleton.hip + skeleton.shoulder) / 2, skeleton.turn)
    length = length * g.uniform(0.8, 1.3)
    fur = Fur(length, g.uniform(0.22, 0.45), float(*curls or [0]), 0.03 + 0.5 * length, g.uniform(0.05, 0.4))
    collar = np.array(COLLARS[g.integers(len(COLLARS))]) * g.uniform(0.7, 1.2) if g.random() < 0.3 else None
    return Animal(parts, skeleton, face, trunk, random_coat(g, is_cat), fur, collar)
