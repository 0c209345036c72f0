"""What is behind the objects and in front of them: backdrops, grounds, things, and the light on all of it."""

from __future__ import annotations

import numpy as np

from tools.samples.canvas import Canvas, Frame, ellipse, noise, smooth
from tools.samples.objects.colors import muted, tinted


def paint_scene(canvas: Canvas, preferences: dict[str, float]) -> None:
    """Paint a backdrop above the horizon and a ground below; sometimes one of them fills the picture."""
    g, side = canvas.generator, canvas.side
    chosen = []
    for kinds in (BACKDROPS, GROUNDS):
        weights = np.array([preferences.get(kind, 1.0) for kind in kinds])
        chosen.append(kinds[list(kinds)[g.choice(len(kinds), p=weights / weights.sum())]])
    horizon = g.choice([-0.3, g.uniform(0.25, 0.75), 1.2], p=[0.15, 0.7, 0.15])
    line = (horizon + 0.02 * noise(g, (side, side), 3)) * side
    chosen[0](canvas, horizon * side)
    above = canvas.pixels.copy()
    chosen[1](canvas, horizon * side)
    canvas.pixels = np.where((canvas.y > line)[..., None], canvas.pixels, above)
    canvas.pixels += noise(g, (side, side), side // 2)[..., None] * g.uniform(2, 9)
    for _ in range(g.integers(0, 5)):  # parcels, bushes, people, stones: on the ground rather than in the air
        y = np.clip(horizon + g.normal(0.1, 0.16), 0.1, 1) * side
        place = Frame(g.uniform(0, side), y, g.uniform(0.03, 0.14) * side, g.normal(0, 0.3))
        color = muted(g, 0.45) + 25 * noise(g, (side, side), 30)[..., None]
        canvas.shape(place, _thing(g), color, blur=g.choice([0.05, 0.2]), opacity=g.uniform(0.5, 1))


def _sky(canvas: Canvas, horizon: float) -> None:
    g, side = canvas.generator, canvas.side
    top = tinted(
        g, (90, 140, 205), (150, 180, 215), (140, 145, 150), (190, 195, 200), (70, 95, 140), (205, 160, 140)
    )
    rise = (canvas.y / side)[..., None]
    canvas.pixels[:] = top + rise * (tinted(g, (205, 220, 232), (225, 205, 185)) - top) * g.uniform(0.2, 1)
    clouds = noise(g, (side, side), int(g.integers(3, 7))) + 0.5 * noise(g, (side, side), 14)
    cover = np.clip((clouds - g.uniform(-0.3, 0.9)) * 1.5, 0, 1) * g.uniform(0.4, 1)
    canvas.paint(cover, g.uniform(170, 250) + g.normal(0, 5, 3))


def _forest(canvas: Canvas, horizon: float) -> None:
    g, side = canvas.generator, canvas.side
    leaves = tinted(g, (52, 82, 40), (84, 104, 52), (110, 92, 48), (40, 60, 46))
    dapple = noise(g, (side, side), 11) + 0.8 * noise(g, (side, side), 28)
    canvas.pixels[:] = leaves * (1 + 0.4 * dapple)[..., None]
    for _ in range(g.integers(0, 9)):
        x, lean = g.uniform(0, side), g.normal(0, 0.06) * side
        color = tinted(g, (60, 46, 36), (110, 98, 84), (180, 176, 168))
        canvas.line(Frame(0, 0, 1), [(x, -5), (x + lean, side)], g.uniform(0.02, 0.09) * side, color)
    canvas.paint(np.clip(dapple - 0.7, 0, 1), leaves * 1.6)


def _hills(canvas: Canvas, horizon: float) -> None:
    g, side = canvas.generator, canvas.side
    _sky(canvas, horizon)
    for n in range(int(g.integers(1, 4))):
        color = tinted(g, (90, 105, 120), (96, 110, 72), (130, 112, 88)) * (1 - 0.12 * n)
        crest = horizon - side * (0.28 - 0.1 * n) * (1 + noise(g, (side, side), 5)[:1])
        canvas.paint((canvas.y > crest).astype("float32"), color + 14 * noise(g, (side, side), 24)[..., None])


def _city(canvas: Canvas, horizon: float) -> None:
    g, side = canvas.generator, canvas.side
    _sky(canvas, horizon)
    base = horizon if 0 < horizon < side else side
    for _ in range(g.integers(2, 7)):
        wide, tall = g.uniform(0.12, 0.45) * side, g.uniform(0.2, 1.0) * base
        left = g.uniform(-0.5 * wide, side)
        house = (canvas.x > left) & (canvas.x < left + wide) & (canvas.y > base - tall)
        wall, period = muted(g, 0.2), g.uniform(0.06, 0.13) * side
        window = ((canvas.x - left) % period > 0.5 * period) & (
            (canvas.y - base + tall) % (1.3 * period) > 0.6 * period
        )
        canvas.paint(house.astype("float32"), wall)
        canvas.paint((house & window) * g.uniform(0.3, 0.9), tinted(g, (60, 70, 84), (220, 215, 190)))


def _wall(canvas: Canvas, horizon: float) -> None:
    g, side = canvas.generator, canvas.side
    canvas.pixels[:] = muted(g, 0.2) + 16 * noise(g, (side, side), 5)[..., None]
    if g.random() < 0.5:  # bricks, boards, curtains, wallpaper
        high, wide = g.uniform(0.05, 0.16) * side, g.choice([0.12, 0.25, 5]) * side
        if g.random() < 0.4:
            high, wide = 5 * side, high
        row = np.floor(canvas.y / high)
        joint = (canvas.y % high < 1.6) | ((canvas.x + row % 2 * wide / 2) % wide < 1.6)
        canvas.pixels += joint[..., None] * g.uniform(-60, 40)
    if g.random() < 0.5:  # a window, a picture, a door, a sofa's back
        x, y = g.uniform(0, side, 2)
        place = Frame(x, y, g.uniform(0.15, 0.4) * side)
        canvas.shape(
            place, np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * [g.uniform(0.5, 1.2), 1], muted(g, 0.4)
        )


def _grass(canvas: Canvas, horizon: float) -> None:
    g, side = canvas.generator, canvas.side
    color = tinted(g, (88, 120, 52), (120, 138, 70), (150, 140, 82), (64, 92, 48))
    blades = noise(g, (side, side), 40) + 0.7 * noise(g, (side, side), 9)
    canvas.pixels[:] = color * (1 + g.uniform(0.1, 0.25) * blades)[..., None]
    canvas.paint(np.clip(noise(g, (side, side), 30) - 0.8, 0, 1) * 2, muted(g, 0.6))  # flowers, leaves


def _road(canvas: Canvas, horizon: float) -> None:
    g, side = canvas.generator, canvas.side
    canvas.pixels[:] = (
        tinted(g, (96, 96, 98), (130, 126, 122), (70, 72, 78)) + 7 * noise(g, (side, side), 30)[..., None]
    )
    for _ in range(g.integers(0, 3)):
        y, slope = g.uniform(0.4, 1.0) * side, g.uniform(-0.25, 0.25) * side
        color = g.choice([(225, 222, 210), (215, 180, 70), (60, 60, 62)])
        canvas.line(Frame(0, 0, 1), [(0, y), (side, y + slope)], g.uniform(0.012, 0.035) * side, color)


def _water(canvas: Canvas, horizon: float) -> None:
    g, side = canvas.generator, canvas.side
    color = tinted(g, (60, 96, 130), (84, 120, 128), (96, 110, 100), (130, 150, 165), (40, 62, 84))
    nearness = np.clip((canvas.y - horizon) / side, 0.01, None)
    waves = np.sin(g.uniform(50, 110) * np.sqrt(nearness) + 3 * noise(g, (side, side), 9))
    waves = waves + 0.8 * noise(g, (side, side), 22)
    canvas.pixels[:] = color * (1 + g.uniform(0.04, 0.17) * waves)[..., None]
    canvas.paint(np.clip(waves - 1.3, 0, 1) * g.uniform(0, 1), 235)


def _sand(canvas: Canvas, horizon: float) -> None:
    g, side = canvas.generator, canvas.side
    color = tinted(g, (196, 176, 136), (150, 120, 88), (215, 218, 222), (120, 110, 98))
    grains = 0.5 * noise(g, (side, side), 45) + noise(g, (side, side), 8)
    canvas.pixels[:] = color * (1 + g.uniform(0.04, 0.14) * grains)[..., None]


def _floor(canvas: Canvas, horizon: float) -> None:
    g, side = canvas.generator, canvas.side
    canvas.pixels[:] = tinted(g, (150, 110, 74), (180, 172, 160), (110, 70, 62), (90, 100, 120))
    canvas.pixels += 9 * noise(g, (side, side), 12)[..., None]
    angle, period = g.uniform(-0.4, 0.4), g.uniform(0.07, 0.2) * side
    joint = (canvas.y * np.cos(angle) + canvas.x * np.sin(angle)) % period < 1.5
    canvas.pixels += joint[..., None] * g.uniform(-50, 25)


BACKDROPS = {"sky": _sky, "forest": _forest, "hills": _hills, "city": _city, "wall": _wall}
GROUNDS = {"grass": _grass, "road": _road, "water": _water, "sand": _sand, "floor": _floor}


def _thing(g: np.random.Generator) -> np.ndarray:
    kind = g.integers(3)
    if kind == 0:
        return ellipse(0, 0, 1, g.uniform(0.3, 1))
    if kind == 1:
        return np.array([(-1, -0.5), (1, -0.5), (1, 0.5), (-1, 0.5)]) * [1, g.uniform(0.3, 1.6)]
    angles, radii = np.sort(g.uniform(0, 2 * np.pi, 7)), g.uniform(0.5, 1.1, 7)
    return smooth(np.stack([radii * np.cos(angles), radii * np.sin(angles)], axis=1))


def paint_things_in_front(canvas: Canvas) -> None:
    """Paint what stands between camera and object: grass, a pole or a branch, something at the edge."""
    g, side = canvas.generator, canvas.side
    flat = Frame(0, 0, 1)
    kind = g.choice(["nothing", "blades", "pole", "edge"], p=[0.55, 0.15, 0.1, 0.2])
    if kind == "blades":
        color = tinted(g, (88, 120, 52), (150, 140, 82), (64, 92, 48))
        for _ in range(g.integers(6, 25)):
            x, tall = g.uniform(0, side), g.uniform(0.05, 0.3) * side
            blade = [(x, side), (x + g.normal(0, 3), side - tall)]
            canvas.line(flat, blade, g.uniform(0.01, 0.025) * side, color * g.uniform(0.7, 1.3))
    elif kind == "pole":
        x, lean = g.uniform(0, side), g.normal(0, 0.15) * side
        path = np.array([(x - lean, 0), (x + lean, side)])
        path = path[:, ::-1] if g.random() < 0.3 else path
        canvas.line(flat, path, g.uniform(0.02, 0.05) * side, muted(g))
    elif kind == "edge":
        edge = g.uniform(0, side, 2)
        edge[g.integers(2)] = g.choice([0, side])
        place = Frame(edge[0], edge[1], g.uniform(0.1, 0.24) * side, g.uniform(0, np.pi))
        canvas.shape(place, _thing(g), muted(g, 0.4), blur=g.choice([0, 0.1]))


def paint_light(canvas: Canvas) -> None:
    """Brighten one side, throw a shadow's edge at times, tint the whole and change the exposure."""
    g, side = canvas.generator, canvas.side
    angle = g.uniform(0, 2 * np.pi)
    across = canvas.across(angle)
    brightness = g.uniform(0.8, 1.25) * (1 + g.uniform(0, 0.5) * across)
    if g.random() < 0.2:
        edge = across + 0.1 * noise(g, (side, side), 4) > g.uniform(-0.2, 0.3)
        brightness = brightness * np.where(edge, 1, 0.65)
    tint = 1 + g.normal(0, 0.045, 3)
    canvas.pixels = np.clip(canvas.pixels, 0, 255) * brightness[..., None] * tint + g.uniform(-10, 20)
