"""Automobiles: sedans, hatchbacks, vans and open roadsters."""

from __future__ import annotations

import numpy as np

from tools.samples.canvas import ellipse
from tools.samples.objects.colors import GLASS, LAMP, STEEL, muted, random_paint, tinted
from tools.samples.objects.sculpture import SIDES, Sculpture
from tools.samples.objects.vehicle_parts import add_cabin, add_lamps, add_wheels

CLEARANCE = 0.13
AXLES = (-0.62, 0.62)
CABINS = {  # x of the feet, rear and front, and of the roof
    "sedan": ((-0.66, 0.46), (-0.42, 0.14)),
    "hatchback": ((-0.95, 0.48), (-0.72, 0.16)),
    "van": ((-0.97, 0.66), (-0.9, 0.3)),
}


def automobile(model: Sculpture) -> None:
    """Build an automobile."""
    g, model.gloss = model.generator, 1.0
    paint = random_paint(g)
    wide, wheel, belt = g.uniform(0.36, 0.44), g.uniform(0.16, 0.2), g.uniform(0.4, 0.48)
    nose = belt - g.uniform(0.05, 0.12)
    kind = g.choice([*CABINS, "roadster"], p=[0.4, 0.3, 0.15, 0.15])
    tail = belt - (0.03 if kind in ("sedan", "roadster") else 0)
    body = [(-0.97, CLEARANCE), (0.96, CLEARANCE), (1.0, 0.5 * (nose + CLEARANCE)), (0.95, nose), (0.42, belt),
            (-0.7, belt), (-0.98, tail), (-1.0, 0.6 * tail)]  # fmt: skip
    model.extrude(body, np.array([0.94, 0.94, 0.9, 0.88, 1, 1, 0.92, 0.94]) * wide, paint)
    top = belt + g.uniform(0.27, 0.36)
    if kind == "roadster":
        _add_open_seats(model, wide, belt, top)
    else:
        (rear, front), (roof_rear, roof_front) = CABINS[kind]
        profile = [(rear, belt), (front, belt), (roof_front, top), (roof_rear, top)]
        add_cabin(model, profile, [0.95 * wide, 0.95 * wide, 0.76 * wide, 0.76 * wide], paint)
    add_wheels(model, AXLES, wheel, wide - 0.02)
    for x in AXLES:  # the dark of the wheel arches
        disc = ellipse(x, wheel + 0.01, 1.18 * wheel, 1.18 * wheel)
        model.faces_on_sides([(u, max(v, CLEARANCE), wide * 0.985) for u, v in disc], (20, 20, 22))
    add_lamps(model, 0.97, nose - 0.06, 0.7 * wide, LAMP)
    add_lamps(model, -0.98, 0.75 * tail, 0.75 * wide, (170, 26, 26))
    _add_plate_bumper_and_doors(model, wide, belt, paint)
    model.ground = 0.0
    model.focus = (np.array([0.55, 0.35, 0.0]), 0.66)


def _add_open_seats(model: Sculpture, wide: float, belt: float, top: float) -> None:
    """Add what an open car shows: a windshield, two seats and a driver."""
    high, narrow = top - 0.12, 0.85 * wide
    model.face([(0.38, belt, -wide), (0.38, belt, wide), (0.2, high, narrow), (0.2, high, -narrow)], GLASS)
    for side in SIDES:
        model.ball((-0.2, belt, side * 0.17), (0.09, 0.16, 0.13), muted(model.generator))
    model.ball((-0.12, belt + 0.16, 0.17), 0.09, (196, 150, 120))


def _add_plate_bumper_and_doors(model: Sculpture, wide: float, belt: float, paint: np.ndarray) -> None:
    plate = [(1.01, 0.2, -0.13), (1.01, 0.2, 0.13), (1.0, 0.27, 0.13), (1.0, 0.27, -0.13)]
    model.face(plate, (225, 225, 215))
    steel = tinted(model.generator, STEEL, (40, 40, 42))
    model.limb([(1.0, 0.18, -0.85 * wide), (1.0, 0.18, 0.85 * wide)], 0.035, steel)
    gap = [(0.06, 0.2), (0.075, 0.2), (0.075, belt), (0.06, belt)]  # between the doors
    model.faces_on_sides([(x, y, wide + 0.01) for x, y in gap], paint * 0.5)
