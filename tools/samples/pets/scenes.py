"""Where an animal is: the light, the ground and what stands behind it, its shadow, and things in front."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

from tools.samples.canvas import Canvas, noise, unit
from tools.samples.pets import materials
from tools.samples.pets.fur import Light
from tools.samples.pets.shapes import Part
from tools.samples.pets.tracing import Camera, distances, shadow

PLACES = {"room": 0.52, "garden": 0.3, "street": 0.18}
COARSE = 8  # shadows are found for every eighth pixel of a row and of a column


@dataclass(frozen=True)
class Scene:
    """A place and its light."""

    place: str
    floor: materials.Material
    wall: materials.Material
    light: Light
    is_flash: bool
    softness: float  # of shadows


def random_scene(g: np.random.Generator, camera: Camera) -> Scene:
    """Return a place with its light."""
    place = str(g.choice(list(PLACES), p=list(PLACES.values())))
    floors, walls = {
        "room": (materials.ROOM_FLOORS, materials.ROOM_WALLS),
        "garden": (materials.GARDEN_FLOORS, materials.GARDEN_WALLS),
        "street": (materials.STREET_FLOORS, materials.STREET_WALLS),
    }[place]
    floor, wall = floors[g.integers(len(floors))], walls[g.integers(len(walls))]
    is_flash = place == "room" and g.random() < 0.4
    if is_flash:
        direction = np.array([g.normal(0, 0.12), -0.25, -1.0])
    else:
        direction = np.array([g.uniform(-1, 1), -g.uniform(0.4, 1.3), g.uniform(-0.9, 0.35)])
    direction = unit(camera.turn.T @ unit(direction))
    if direction[1] < 0.12:
        direction = unit([direction[0], 0.2, direction[2]])
    warm = g.normal(0, 0.04) * np.array([1, 0.1, -1])
    if place == "room":
        sun = g.uniform(0.6, 0.95) * np.array([1.0, 0.985, 0.96])
        sky = g.uniform(0.3, 0.5) * np.array([1.0, 0.98, 0.95])
    else:
        share = g.choice([g.uniform(0.1, 0.35), g.uniform(0.7, 1.0)])  # clouds, or the sun
        sun = share * np.array([1.04, 1.0, 0.94])
        sky = (0.85 - 0.42 * share) * np.array([0.95, 0.99, 1.05])
    bounce = sky * g.uniform(0.35, 0.75)
    light = Light(direction, sun * (1 + warm), sky * (1 + warm), bounce * (1 + warm))
    return Scene(place, floor, wall, light, is_flash, g.uniform(0.12, 0.5))


def _planes(canvas: Canvas, camera: Camera, target: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return points where the rays meet ground or wall, whether it is the wall, and places on the wall."""
    g = canvas.generator
    rays = camera.rays(canvas.x.ravel(), canvas.y.ravel())
    origin = camera.position.astype("float32")[:, None]
    down = np.minimum(rays[1], -1e-4)
    to_ground = np.where(rays[1] < -1e-4, -origin[1] / down, 1e3)
    ahead = camera.turn[2] * [1, 0, 1]
    angle = np.arctan2(ahead[2], ahead[0]) + g.normal(0, 0.35)
    facing = np.array([np.cos(angle), 0, np.sin(angle)])
    behind = g.choice([g.uniform(0.7, 1.4), g.uniform(1.4, 4)])
    away = float((target - camera.position) @ facing) + behind
    slope = facing.astype("float32") @ rays
    to_wall = np.where(slope > 1e-3, np.float32(away) / np.maximum(slope, 1e-3), 1e3)
    is_wall = to_wall < to_ground
    points = origin + rays * np.minimum(np.minimum(to_ground, to_wall), 60).astype("float32")
    sideways = np.array([-facing[2], 0, facing[0]])
    across = sideways.astype("float32") @ (points - target.astype("float32")[:, None])
    return points, is_wall, across


def paint_background(
    canvas: Canvas, camera: Camera, scene: Scene, parts: list[Part], target: np.ndarray
) -> None:
    """Paint ground and wall, the shadow on them, and blur what is out of focus."""
    g, side = canvas.generator, canvas.side
    points, is_wall, across = _planes(canvas, camera, target)
    picture = np.zeros((side * side, 3), dtype="float32")
    zoom = g.uniform(0.8, 1.5)
    on_ground = ~is_wall
    if on_ground.any():
        x, z = points[0, on_ground] * zoom, points[2, on_ground] * zoom
        picture[on_ground] = _with_rug(g, scene, scene.floor(g, x, z), x, z)
    if is_wall.any():
        x, y = across[is_wall] * zoom, points[1, is_wall] * zoom
        picture[is_wall] = _furnished(g, scene, scene.wall(g, x, y), x, y)
    near = _shaded(camera, scene, parts, points, is_wall)
    normals = np.where(is_wall, -camera.turn[2][:, None], np.array([[0], [1], [0]])).astype("float32")
    picture *= scene.light.on(normals, near[0], near[1]) * 1.05
    depth = camera.turn[2].astype("float32") @ (points - camera.position.astype("float32")[:, None])
    focus = float((target - camera.position) @ camera.turn[2])
    if scene.is_flash:
        picture *= np.clip((focus / np.maximum(depth, 0.1)) ** g.uniform(0.5, 2), 0.08, 1.25)[:, None]
    canvas.pixels[:] = _out_of_focus(g, picture.reshape(side, side, 3), (depth / focus).reshape(side, side))


def _with_rug(
    g: np.random.Generator, scene: Scene, picture: np.ndarray, x: np.ndarray, z: np.ndarray
) -> np.ndarray:
    """Return a floor, in rooms at times with a rug or a blanket, outdoors with a path or a bed."""
    if g.random() < 0.35:
        angle, wide = g.uniform(0, np.pi), g.uniform(0.5, 1.2)
        along = (
            np.cos(angle) * x
            + np.sin(angle) * z
            + g.uniform(-0.6, 0.6)
            + 0.03 * materials.grain(g, x, z, 0.5)
        )
        other = materials.carpet if scene.place == "room" else materials.ground
        inside = np.abs(along) < wide
        picture[inside] = other(g, x, z)[inside]
    return picture


def _furnished(
    g: np.random.Generator, scene: Scene, picture: np.ndarray, x: np.ndarray, y: np.ndarray
) -> np.ndarray:
    """Return a wall with doors, cupboards, curtains or shelves, framed pictures and the like before it."""
    if scene.place != "room":
        return picture
    for _ in range(g.integers(0, 4)):
        left, wide, low, high = g.uniform(-2.2, 1.8), g.uniform(0.25, 1.1), 0.0, g.uniform(0.4, 1.6)
        kinds = [materials.boards, materials.curtain, materials.shelf, materials.cloth, materials.planks]
        if g.random() < 0.4:  # it hangs on the wall
            low = g.uniform(0.5, 1.2)
            high = low + g.uniform(0.3, 0.8)
            kinds = [materials.distance, materials.hedge, materials.cloth]
        inside = (x > left) & (x < left + wide) & (y > low) & (y < high)
        edge = np.minimum(np.minimum(x - left, left + wide - x), np.minimum(y - low, high - y))[inside]
        thing = kinds[g.integers(len(kinds))](g, x[inside], y[inside])
        thing *= (0.75 + 0.3 * (x[inside] - left) / wide)[:, None]
        rim = edge < g.uniform(0.015, 0.05)
        thing[rim] = materials.muted(g, 40, 220, 8)
        picture[inside] = thing
        below = (x > left) & (x < left + wide + 0.12) & (y > low - 0.1) & (y < high - 0.08) & ~inside
        picture[below] *= 0.75  # its shadow
    return picture


def _shaded(
    camera: Camera, scene: Scene, parts: list[Part], points: np.ndarray, is_wall: np.ndarray
) -> np.ndarray:
    """Return how much direct light reaches the points, and how open their surroundings are."""
    side = camera.side
    few = points.reshape(3, side, side)[:, COARSE // 2 :: COARSE, COARSE // 2 :: COARSE]
    shape = few.shape[1:]
    few = few.reshape(3, -1)
    parts = [part for part in parts if part.region != "paw"]
    result = np.ones((2, few.shape[1]), dtype="float32")
    corners = np.concatenate([part.points for part in parts])
    middle, reach = corners.mean(axis=0), np.ptp(corners, axis=0).max() * 1.3
    close = np.flatnonzero(((few - middle.astype("float32")[:, None]) ** 2).sum(axis=0) < reach**2)
    if len(close):
        result[0, close] = shadow(
            parts, few[:, close] + np.float32(0.004), scene.light.direction, 0.3, scene.softness
        )
        gap = distances(parts, few[:, close])
        result[1, close] = 0.35 + 0.65 * np.clip(gap / 0.28, 0, 1) ** 0.6
    maps = [
        Image.fromarray(one.reshape(shape)).resize((side, side), Image.Resampling.BILINEAR) for one in result
    ]
    return np.stack([np.asarray(one).ravel() for one in maps])


def _blurred(picture: np.ndarray, radius: float) -> np.ndarray:
    image = Image.fromarray(np.clip(picture, 0, 255).astype("uint8"))
    return np.asarray(image.filter(ImageFilter.GaussianBlur(float(radius))), dtype="float32")


def _out_of_focus(g: np.random.Generator, picture: np.ndarray, depth: np.ndarray) -> np.ndarray:
    """Return the picture, the more blurred the farther it is from depth 1."""
    aperture = g.choice([g.uniform(1, 8), g.uniform(8, 45)], p=[0.6, 0.4])
    radius = np.clip(np.abs(1 - 1 / np.maximum(depth, 0.2)) * aperture, 0.5, 11)
    levels = [_blurred(picture, level) for level in (0.5, 3.3, 11)]
    share = np.clip((radius - 0.5) / 2.8, 0, 1)[..., None]
    result = levels[0] + share * (levels[1] - levels[0])
    share = np.clip((radius - 3.3) / 7.7, 0, 1)[..., None]
    return result + share * (levels[2] - result)


def draw_grass(canvas: Canvas, camera: Camera, scene: Scene, target: np.ndarray, in_front: bool) -> None:
    """Draw blades of grass behind the animal, or between it and the camera."""
    g, side = canvas.generator, canvas.side
    count = 2600 if not in_front else int(g.choice([250, 900]))
    toward = unit((camera.position - target) * [1, 0, 1])
    sideways = np.array([-toward[2], 0, toward[0]])
    reach = side / camera.focal * float(np.linalg.norm(target - camera.position))
    far = g.uniform(0.25, 1.2, count) if in_front else -g.uniform(-0.15, 2.5, count)
    roots = target * [1, 0, 1] + far[:, None] * toward + (g.uniform(-0.8, 0.8, (count, 1)) * reach) * sideways
    roots = roots[np.argsort(roots @ toward)]
    tall = g.uniform(0.06, 0.2) * g.uniform(0.4, 1.4, count)
    tips = g.normal(0, 0.45, (count, 3)) + [0, 1, 0]
    share = np.linspace(0, 1, 14, dtype="float32")
    path = (
        roots.T[..., None]
        + (tips.T * tall)[..., None] * share
        - np.array([0, 0.3, 0])[:, None, None] * (tall[:, None] * share**2)
    )
    x, y, _ = camera.project(path.astype("float32"))
    green = materials.tinted(g, (92, 124, 56), (120, 132, 70), (76, 100, 50))
    colors = green * g.uniform(0.5, 1.35, (count, 1)) * (scene.light.sky + 0.6 * scene.light.color)
    pixels = canvas.pixels.reshape(-1, 3)
    for offset in (0, 1):
        column, row = np.rint(x + offset).astype(int), np.rint(y).astype(int)
        inside = (column >= 0) & (column < side) & (row >= 0) & (row < side)
        tone = (0.65 + 0.5 * share)[None, :, None] * colors[:, None]
        pixels[(row * side + column)[inside]] = tone[inside]


def paint_things_in_front(canvas: Canvas, scene: Scene) -> None:
    """Hide a part behind a cushion, a blanket, the bars of a cage or a fence of wire; mostly behind nothing."""
    kind = canvas.generator.choice(["nothing", "cushion", "bars", "wire"], p=[0.86, 0.08, 0.03, 0.03])
    if kind == "cushion":
        _cushion(canvas, scene)
    elif kind != "nothing":
        _bars(canvas, str(kind))


def _cushion(canvas: Canvas, scene: Scene) -> None:
    """Lay something soft over a lower corner or the lower edge."""
    g, side = canvas.generator, canvas.side
    u, v = canvas.x / side, canvas.y / side
    center, wide = (
        g.choice([g.uniform(-0.1, 0.15), g.uniform(0.85, 1.1), g.uniform(0.3, 0.7)]),
        g.uniform(0.4, 1.2),
    )
    top = g.uniform(0.68, 0.9) + 0.06 * noise(g, (side, side), 4)
    inside = 1 - np.abs((u - center) / wide) ** 3 - np.clip((1.25 - v) / (1.25 - top), 0, None) ** 3
    depth = np.sqrt(np.clip(inside, 0, 1))
    material = materials.cloth if scene.place == "room" else materials.hedge
    picture = material(g, u * 3, v * 3) * (0.62 + 0.5 * depth)[..., None]
    mask = Image.fromarray((np.clip(inside * 40, 0, 1) * 255).astype("uint8"))
    mask = mask.filter(ImageFilter.GaussianBlur(float(g.uniform(1, 5))))
    picture = _blurred(
        picture * scene.light.on(np.array([[0.0], [0.7], [0.7]]), np.ones(1), np.ones(1)), g.uniform(0.8, 3)
    )
    canvas.paint(np.asarray(mask, dtype="float32") / 255, picture)


def _bars(canvas: Canvas, kind: str) -> None:
    g, side = canvas.generator, canvas.side
    u, v = canvas.x / side, canvas.y / side
    gap, angle = g.uniform(0.13, 0.3), g.normal(0, 0.08) + (np.pi / 4 if kind == "wire" else 0)
    c, s = np.cos(angle), np.sin(angle)
    lines = [np.abs(np.modf((c * u + s * v + 3) / gap)[0] - 0.5)]
    lines.append(np.abs(np.modf((c * v - s * u + 3) / (gap * (1 if kind == "wire" else 3.1)))[0] - 0.5))
    nearest = np.minimum(*lines) * gap / g.uniform(0.006, 0.014)
    color = materials.muted(g, 60, 200, 4) * np.clip(1.3 - 0.6 * nearest, 0.4, 1.3)[..., None]
    mask = Image.fromarray((np.clip(2 - 2 * nearest, 0, 1) * 255).astype("uint8"))
    mask = mask.filter(ImageFilter.GaussianBlur(float(g.uniform(0.8, 3))))
    canvas.paint(np.asarray(mask, dtype="float32") / 255, color)
