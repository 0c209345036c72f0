"""What is known about the visible surface: regions, directions of the hair, coordinates for patterns."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tools.samples.pets.shapes import BARE, Part, Place
from tools.samples.pets.tracing import Camera, Seen


@dataclass(frozen=True)
class Surface:
    """The visible points of an animal; arrays have one column for each of them."""

    pixels: np.ndarray
    points: np.ndarray
    normals: np.ndarray
    trunk_place: Place
    head_place: Place
    flow: np.ndarray
    hair: np.ndarray
    along: np.ndarray
    regions: dict[str, np.ndarray]
    normals_ahead: np.ndarray

    @property
    def body(self) -> np.ndarray:
        """Return the points in coordinates of the trunk."""
        return self.trunk_place.to_local(self.points)

    @property
    def head(self) -> np.ndarray:
        """Return the points in coordinates of the head."""
        return self.head_place.to_local(self.points)

    def share(self, region: str) -> np.ndarray:
        """Return how much a region counts at the points, 0–1."""
        return self.regions.get(region, np.zeros(len(self.pixels), dtype="float32"))

    def taken(self, chosen: np.ndarray) -> Surface:
        """Return the surface at some of its points only."""
        regions = {name: share[chosen] for name, share in self.regions.items()}
        arrays = {
            name: getattr(self, name)[..., chosen]
            for name in ("pixels", "points", "normals", "flow", "hair", "along", "normals_ahead")
        }
        return replace(self, regions=regions, **arrays)


def surface_of(seen: Seen, parts: list[Part], trunk: Place, head: Place, nose: np.ndarray) -> Surface:
    """Return what is known about the points; hair on the head points away from the nose."""
    weights = seen.weights
    regions: dict[str, np.ndarray] = {}
    for part, share in zip(parts, weights, strict=True):
        regions[part.region] = regions.get(part.region, np.zeros_like(share)) + share
    flows = np.stack([part.flow / (np.linalg.norm(part.flow) + 1e-9) for part in parts]).astype("float32")
    flow = flows.T @ weights
    on_head = regions.get("head", 0) + regions.get("muzzle", 0)
    away = seen.points - nose.astype("float32")[:, None]
    away /= np.sqrt((away**2).sum(axis=0)) + 1e-9
    flow += 1.6 * np.asarray(on_head, dtype="float32") * away
    hair = np.array([0 if part.region in BARE else part.hair for part in parts], dtype="float32") @ weights
    along = sum(weights[n] * part.along(seen.points) for n, part in enumerate(parts))
    ahead = trunk.turn[:, 0].astype("float32") @ seen.normals
    return Surface(
        seen.pixels, seen.points, seen.normals, trunk, head, flow, hair, np.asarray(along), regions, ahead,
    )  # fmt: skip


def finer(surface: Surface, coarse: Camera, fine: Camera) -> Surface:
    """Return the surface for a camera with twice as many pixels: each point becomes four on its plane."""
    rows, columns = np.divmod(surface.pixels, coarse.side)
    number = np.arange(len(rows)).repeat(4)
    row = (2 * rows[:, None] + [0, 0, 1, 1]).ravel()
    column = (2 * columns[:, None] + [0, 1, 0, 1]).ravel()
    many = surface.taken(number)
    rays = fine.rays(column.astype("float32"), row.astype("float32"))
    origin = fine.position.astype("float32")[:, None]
    slope = (rays * many.normals).sum(axis=0)
    way = ((many.points - origin) * many.normals).sum(axis=0) / np.minimum(slope, -0.15)
    old = np.sqrt(((many.points - origin) ** 2).sum(axis=0))
    points = origin + rays * np.clip(way, 0.98 * old, 1.02 * old)
    return replace(many, pixels=row * fine.side + column, points=points)
