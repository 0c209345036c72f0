"""Self-checks of lab 05, data augmentation."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from helpers.checks.engine import Exercise, score_of
from helpers.checks.keras_models import Chain, layers_of

_RANDOM = np.random.default_rng(5)


def _in_place(images):
    images[:] = images[:, :, ::-1].copy()
    return images


mirror = Exercise(
    1,
    "mirror",
    "Mirror",
    solution=lambda x: x[:, :, ::-1],
    cases=[(_RANDOM.integers(0, 256, (2, 4, 6, 3)).astype(float),), (_RANDOM.normal(size=(3, 5, 4, 1)),)],
    mistakes={
        "that is upside down; left and right are to be swapped (the axis of columns).": lambda x: x[:, ::-1],
        "the channels are swapped as well; red stays red.": lambda x: x[:, :, ::-1, ::-1],
        "the channels are swapped; left and right are meant, the axis of columns.": lambda x: x[..., ::-1],
        "the pictures come out in another order.": lambda x: x[::-1],
        "that is half a turn; rows stay in their order.": lambda x: x[:, ::-1, ::-1],
        "everything is in reverse order, every axis; only the columns should be.": np.flip,
        "nothing is mirrored.": lambda x: x,
        "rows and columns are swapped; a mirror leaves the rows where they are.": lambda x: x.transpose(
            0, 2, 1, 3
        ),
    },
    right={"in place": _in_place, "with flip": lambda x: np.flip(x, axis=2)},
)

_IMAGES = _RANDOM.integers(0, 256, (2, 4, 7, 3)).astype(float)


def _shift(images, pixels, mode: Any = "edge"):
    return np.pad(images, ((0, 0), (0, 0), (pixels, 0), (0, 0)), mode=mode)[:, :, : images.shape[2]]


shift_nearest = Exercise(
    2,
    "shift_nearest",
    "Shift, and fill the gap",
    solution=_shift,
    cases=[(_IMAGES, 2), (_IMAGES[:, :, :5], 1), (_IMAGES, 0)],
    mistakes={
        "what leaves on the right must not come back on the left.": lambda x, p: np.roll(x, p, 2),
        "fill with the first column of the picture, not with black.": lambda x, p: _shift(x, p, "constant"),
        "the pictures move to the left.": lambda x, p: _shift(x[:, :, ::-1], p)[:, :, ::-1],
        "the pictures move down: columns are axis 2.": lambda x, p: np.pad(
            x, ((0, 0), (p, 0), (0, 0), (0, 0)), mode="edge"
        )[:, : x.shape[1]],
        "the pictures move one pixel too far.": lambda x, p: _shift(x, p + 1),
        "that is a mirror at the edge; repeat the first column.": lambda x, p: _shift(x, p, "symmetric"),
        "what moves out on the right is cut off: the shape stays.": lambda x, p: np.pad(
            x, ((0, 0), (0, 0), (p, 0), (0, 0)), mode="edge"
        ),
        "fill with the *first* column, not with the last.": lambda x, p: np.concatenate(
            [np.repeat(x[:, :, -1:], p, axis=2), x[:, :, : x.shape[2] - p]], axis=2
        ),
    },
    right={
        "column by column": lambda x, p: np.stack(
            [x[:, :, max(column - p, 0)] for column in range(x.shape[2])], axis=2
        )
    },
)


def _contrast(images, factor, axis: Any = (1, 2), top=255):
    mean = images.mean(axis=axis, keepdims=True)
    return np.clip(mean + factor * (images - mean), 0, top)


def _unclipped(images, factor):
    mean = images.mean(axis=(1, 2), keepdims=True)
    return mean + factor * (images - mean)


_PALE = _RANDOM.uniform(60, 190, (2, 5, 4, 3)) + [0, 20, 40]

change_contrast = Exercise(
    3,
    "change_contrast",
    "Contrast",
    solution=_contrast,
    cases=[(_PALE, 0.5), (_PALE, 1.2), (_RANDOM.uniform(0, 255, (2, 4, 6, 3)), 3.0)],
    tolerance=1e-5,
    mistakes={
        "each *picture* has its own mean, not the batch.": partial(_contrast, axis=(0, 1, 2)),
        "each *channel* has its own mean: average over rows and columns only.": partial(
            _contrast, axis=(1, 2, 3)
        ),
        "each picture and each channel has its own mean; you take one for everything.": partial(
            _contrast, axis=None
        ),
        "average over rows *and* columns, axes 1 and 2.": (
            partial(_contrast, axis=1),
            partial(_contrast, axis=2),
        ),
        "that changes the brightness; the mean must stay.": lambda x, f: np.clip(f * x, 0, 255),
        "values outside 0–255 must be cut off.": _unclipped,
        "values are cut off at 255, not at 1.": partial(_contrast, top=1),
        "outside 0–255 values are cut off; they do not wrap around.": lambda *a: _unclipped(*a) % 256,
        "add the mean again at the end.": (
            lambda x, f: f * (x - x.mean((1, 2), keepdims=True)),
            lambda x, f: np.clip(f * (x - x.mean((1, 2), keepdims=True)), 0, 255),
        ),
        "the middle is each channel's mean, not 128.": lambda x, f: np.clip(128 + f * (x - 128), 0, 255),
    },
    right={
        "weighted": lambda x, f: (f * x + (1 - f) * x.mean((1, 2))[:, None, None]).clip(0, 255),
        "float32": lambda x, f: _contrast(x.astype("float32"), f),
    },
)


def _factors(unit: Callable = lambda degrees: degrees / 360, order=(1, 0)):
    """A translation of the three settings with a unit of the angle and an order of the two shifts."""
    return lambda degrees, *shifts: np.array([unit(degrees), *(shifts[place] for place in order)])


_UNITS = (lambda d: d / 180, np.radians, lambda d: d / 100, lambda d: d / 90)

keras_factors = Exercise(
    4,
    "keras_factors",
    "Translate old settings",
    solution=_factors(),
    cases=[(18, 0.1, 0.25), (90, 0.05, 0.0), (15, 0.3, 0.2)],
    mistakes={
        "Keras 3 measures rotation in full turns of 360°.": tuple(_factors(unit) for unit in _UNITS),
        "convert the degrees into shares of a full turn.": _factors(float),
        "degrees are divided by 360, not the other way round.": _factors(lambda d: 360 / d),
        "RandomTranslation takes the height first: vertical, then horizontal.": _factors(order=(0, 1)),
        "two things are wrong: rotation is in full turns of 360°, and RandomTranslation takes the height first.": (
            tuple(_factors(unit, (0, 1)) for unit in (*_UNITS, float))
        ),
    },
    right={"a tuple": lambda d, x, y: (d / 360, y, x)},
)


def _ratio(before, after, ddof=1, root: Callable = np.sqrt, combine: Callable = np.hypot):
    errors = [np.std(values, ddof=ddof) / root(len(values)) for values in (before, after)]
    return (np.mean(after) - np.mean(before)) / combine(*errors)


gain_in_errors = Exercise(
    5,
    "gain_in_errors",
    "Is it a gain?",
    solution=_ratio,
    cases=[
        ([0.70, 0.72, 0.71], [0.80, 0.83, 0.81]),
        ([0.9, 0.8, 0.85, 0.87], [0.86, 0.9, 0.91]),
        ([0.66, 0.71, 0.69, 0.75, 0.7], [0.64, 0.6, 0.68, 0.61, 0.66]),  # a loss
    ],
    mistakes={
        "a loss is a negative gain: do not take the absolute value.": lambda a, b: abs(_ratio(a, b)),
        "use the sample standard deviation: np.std(values, ddof=1).": lambda a, b: _ratio(a, b, ddof=0),
        "divide each standard deviation by the square root of the number of seeds.": (
            lambda a, b: _ratio(a, b, root=lambda n: 1),
            lambda a, b: _ratio(a, b, ddof=0, root=lambda n: 1),
        ),
        "divide by the *square root* of the number of seeds.": lambda a, b: _ratio(a, b, root=lambda n: n),
        "errors add up as squares: √(e₁² + e₂²), not e₁ + e₂.": lambda a, b: _ratio(
            a, b, combine=lambda x, y: x + y
        ),
        "the square root over e₁² + e₂² is missing.": lambda a, b: _ratio(
            a, b, combine=lambda x, y: x**2 + y**2
        ),
        "both errors count, e₁ and e₂.": (
            lambda a, b: _ratio(a, b, combine=lambda x, y: x),
            lambda a, b: _ratio(a, b, combine=lambda x, y: y),
        ),
        "the two are swapped: the gain is after − before.": lambda a, b: _ratio(b, a),
        "divide the gain by its standard error.": lambda a, b: np.mean(b) - np.mean(a),
        "the gain is the difference of the *means*.": lambda a, b: (
            _ratio(a, b) * (np.max(b) - np.max(a)) / (np.mean(b) - np.mean(a))
        ),
    },
    wrong={"transpose": lambda a, b: _ratio(b, a)},
    right={
        "with variances": lambda a, b: (
            (np.mean(b) - np.mean(a)) / (np.var(a, ddof=1) / len(a) + np.var(b, ddof=1) / len(b)) ** 0.5
        )
    },
)

_BLOCK = Chain(
    (24, 32, 3),
    [
        ("RandomFlip", {"mode": "horizontal"}),
        ("RandomTranslation", {"height_factor": 0.1, "width_factor": 0.2, "fill_mode": "nearest"}),
        ("RandomRotation", {"factor": 20 / 360, "fill_mode": "nearest"}),
    ],
)


def _without_input() -> Any:
    import keras

    return keras.Sequential(_BLOCK.made())


def _range(factor: Any) -> tuple[float, float]:
    """Return a layer's range; one number stands for both ways."""
    return tuple(factor) if isinstance(factor, list | tuple) else (-factor, factor)


def _augmenter_problem(model: Any) -> str | None:
    layers = layers_of(model)
    kinds, wanted = [type(layer).__name__ for layer in layers], [kind for kind, _settings in _BLOCK.layers]
    if sorted(kinds) != sorted(wanted):
        return f"the layers are {', '.join(kinds) or 'none'}; flip, translation and rotation are asked for."
    if kinds != wanted:
        return "the three layers are in another order than in the task."
    flip, translation, rotation = (layer.get_config() for layer in layers)
    if flip["mode"] != "horizontal":
        return "the flip must be left to right only; by default it also turns pictures upside down."
    for place, settings in (("translation", translation), ("rotation", rotation)):
        if settings["fill_mode"] != "nearest":
            return f'the {place} must fill empty places with `fill_mode="nearest"`.'
    return _factor_problem(translation["height_factor"], translation["width_factor"], rotation["factor"])


def _factor_problem(*factors: Any) -> str | None:
    ranges = [_range(factor) for factor in factors]
    if not all(np.isclose(low, -high) for low, high in ranges):
        return "a factor goes one way only. One number, or a range such as (-0.1, 0.1), means both ways."
    height, width, turn = (high for _low, high in ranges)
    if not (height and width and turn):
        return "a factor is zero, so nothing moves."
    if np.allclose([height, width], [0.2, 0.1]):
        return "height and width are swapped in the translation: the height comes first."
    if not np.allclose([height, width], [0.1, 0.2]):
        return "the translation has other factors than the task: shares of the height and of the width."
    if abs(360 * turn - 20) > 0.1:  # 0.0556 is rounded, not wrong
        return f"the rotation is up to {360 * turn:.4g}°, not 20°. Its factor is a share of a full turn."
    return None


augmenter = Exercise(
    6,
    "augmenter",
    "An augmentation block",
    solution=_BLOCK.but(),
    judge=_augmenter_problem,
    mistakes={
        "the layers are none; flip, translation and rotation": _BLOCK.changed(lambda keras, layers: []),
        "the layers are RandomFlip, RandomTranslation; flip, translation and rotation": _BLOCK.changed(
            lambda keras, layers: layers[:2]
        ),
        "flip, translation and rotation are asked for": (
            _BLOCK.changed(lambda keras, layers: [*layers[:2], keras.layers.RandomZoom(0.1)]),
        ),
        "in another order than in the task": _BLOCK.changed(lambda keras, layers: layers[::-1]),
        "the flip must be left to right only": (
            _BLOCK.but(1, mode="horizontal_and_vertical"),
            _BLOCK.but(1, mode="vertical"),
        ),
        "the translation must fill empty places": _BLOCK.but(2, fill_mode="reflect"),
        "the rotation must fill empty places": _BLOCK.but(3, fill_mode="constant"),
        "a factor goes one way only": (
            _BLOCK.but(3, factor=(20 / 360, 20 / 360)),
            _BLOCK.but(3, factor=(0, 20 / 360)),
            _BLOCK.but(2, height_factor=(0, 0.1), width_factor=(0, 0.2)),
            _BLOCK.but(2, height_factor=(0, 0.1)),
            _BLOCK.but(2, width_factor=(-0.2, 0)),
        ),
        "a factor is zero": (
            _BLOCK.but(2, height_factor=0),
            _BLOCK.but(2, width_factor=0),
            _BLOCK.but(3, factor=0),
        ),
        "height and width are swapped": _BLOCK.but(2, height_factor=0.2, width_factor=0.1),
        "the translation has other factors": (
            _BLOCK.but(2, height_factor=0.2),
            _BLOCK.but(2, width_factor=0.1),
        ),
        "the rotation is up to 40°": _BLOCK.but(3, factor=20 / 180),
        "the rotation is up to 10°": _BLOCK.but(3, factor=10 / 360),
    },
    wrong={
        "zeros": _BLOCK.but(2, height_factor=0, width_factor=0),
        "transpose": _BLOCK.but(2, height_factor=0.2, width_factor=0.1),
        "off by one": _BLOCK.but(3, factor=21 / 360),
        "one larger": _BLOCK.changed(lambda keras, layers: [*layers, keras.layers.RandomRotation(0.1)]),
    },
    right={
        "rounded": _BLOCK.but(3, factor=0.0556),
        "ranges": _BLOCK.but(2, height_factor=(-0.1, 0.1), width_factor=[-0.2, 0.2]),
        "without an input": _without_input,
    },
)

EXERCISES = (mirror, shift_nearest, change_contrast, keras_factors, gain_in_errors, augmenter)
score = score_of("Lab 05", EXERCISES)
