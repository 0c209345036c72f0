"""Things near an animal: toys, bowls, a pillow, someone's arm or legs. They are alike for cats and dogs."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from tools.samples.pets.materials import muted, tinted
from tools.samples.pets.shapes import THINGS, Builder, Part, Place, turned

SKINS = ((226, 180, 150), (206, 156, 122), (160, 112, 82), (112, 76, 56))
CLOTHES = (
    (58, 66, 92),
    (120, 54, 56),
    (96, 98, 102),
    (214, 212, 206),
    (70, 96, 84),
    (44, 44, 48),
    (110, 130, 156),
)
TOYS = ((150, 60, 56), (70, 92, 140), (96, 132, 84), (196, 176, 96), (176, 116, 136), (190, 186, 178))


@dataclass
class Things:
    """Parts of things, and the color of each region that they take."""

    parts: list[Part] = field(default_factory=list)
    colors: dict[str, np.ndarray] = field(default_factory=dict)

    def region(self, color: np.ndarray) -> str:
        """Return a region of the color."""
        name = THINGS[len(self.colors)]
        self.colors[name] = color
        return name


def random_things(g: np.random.Generator, middle: np.ndarray, ahead: np.ndarray) -> Things:
    """Return things around the middle of an animal; ``ahead`` is where the camera looks."""
    things = Things()
    back = np.array([ahead[0], 0, ahead[2]]) / (np.hypot(ahead[0], ahead[2]) + 1e-9)
    turn = turned(yaw=float(np.arctan2(back[2], back[0])))
    builder = Builder(things.parts, Place(np.array([middle[0], 0, middle[2]]), turn), 0)
    kind = g.choice(["nothing", "toy", "pillow", "person", "legs"], p=[0.64, 0.13, 0.07, 0.08, 0.08])
    side = g.choice([-1, 1])
    if kind == "toy":
        _toys(g, builder, things)
    elif kind == "pillow":
        region = things.region(muted(g))
        place = (g.uniform(0.35, 0.7), 0.07, side * g.uniform(0.1, 0.8))
        builder.ball(
            place, (g.uniform(0.2, 0.35), g.uniform(0.09, 0.14), g.uniform(0.4, 0.7)), region, blend=0.01
        )
    elif kind == "person":
        _person(g, builder, things, float(side), float(middle[1]))
    elif kind == "legs":
        region = things.region(tinted(g, (66, 80, 110), (50, 50, 54), (150, 130, 104), (110, 116, 120)))
        z, x = side * g.uniform(0.1, 0.9), g.uniform(0.5, 1.2)
        for apart in (0, 0.5):
            path = [(x, -0.05, z + apart), (x + 0.05, 1.0, z + apart), (x, 2.2, z + 0.8 * apart)]
            builder.limb(path, (0.12, 0.16, 0.24), region, blend=0.008)
    return things


def _toys(g: np.random.Generator, builder: Builder, things: Things) -> None:
    """Add a ball or a bowl, or two of them."""
    for _ in range(g.integers(1, 3)):
        region = things.region(tinted(g, *TOYS))
        x, z = g.uniform(-0.7, 0.9), g.choice([-1, 1]) * g.uniform(0.4, 1.1)
        radius = g.uniform(0.05, 0.12)
        flat = g.choice([1.0, 0.45])
        wide = radius * (1 if flat == 1 else 1.7)
        builder.ball((x, radius * flat, z), (wide, radius * flat, wide), region, blend=0.005)


def _person(g: np.random.Generator, builder: Builder, things: Things, side: float, height: float) -> None:
    """Add someone who sits behind the animal with an arm around it."""
    sleeve = things.region(tinted(g, *CLOTHES))
    skin = things.region(np.array(SKINS[g.integers(len(SKINS))]) * g.uniform(0.9, 1.1))
    x, z, size = g.uniform(0.6, 0.9), side * g.uniform(0.1, 0.7), g.uniform(0.8, 1.3)
    builder.limb([(x, 0, z), (x + 0.1, 2.8 * size, z)], (0.36 * size, 0.3 * size), sleeve, blend=0.008)
    shoulder, elbow = (x - 0.1, 2.0 * size, z + side * 0.28), (x - 0.3, 0.9 * size, z + side * 0.4)
    hand = np.array([g.uniform(-0.12, 0.05), height + g.uniform(-0.1, 0.1), side * g.uniform(0.16, 0.3)])
    bare = np.array(elbow) + g.uniform(0.3, 0.75) * (hand - elbow)
    builder.limb([shoulder, elbow, bare], (0.15 * size, 0.12 * size, 0.1 * size), sleeve, blend=0.008)
    builder.limb([bare, hand], (0.075 * size, 0.06 * size), skin, blend=0.01)
    builder.ball(hand, (0.08 * size, 0.055 * size, 0.075 * size), skin, blend=0.008)
    for n in range(4):
        tip = hand + size * np.array([-0.13 + 0.02 * abs(n - 1.5), -0.05, (n - 1.5) * 0.045])
        builder.limb(
            [hand + [-0.03, 0, (n - 1.5) * 0.035], tip], (0.026 * size, 0.02 * size), skin, blend=0.01
        )
