"""Self-checks of lab 05, data augmentation."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from helpers.checks.engine import Result, check, report

_RANDOM = np.random.default_rng(5)


def mirror(function: Callable) -> Result:
    """Exercise 1: mirror a batch left to right."""
    cases = [(_RANDOM.integers(0, 256, (2, 4, 6, 3)).astype(float),), (_RANDOM.normal(size=(3, 5, 4, 1)),)]
    mistakes = {
        "that is upside down; left and right are to be swapped (the axis of columns).": lambda x: x[:, ::-1],
        "the channels are swapped as well; red stays red.": lambda x: x[:, :, ::-1, ::-1],
        "the pictures come out in another order.": lambda x: x[::-1],
        "that is half a turn; rows stay in their order.": lambda x: x[:, ::-1, ::-1],
        "nothing is mirrored.": lambda x: x,
    }
    return check("Exercise 1", function, cases, lambda x: x[:, :, ::-1], mistakes)


def shift_nearest(function: Callable) -> Result:
    """Exercise 2: shift to the right and repeat the edge."""
    images = _RANDOM.integers(0, 256, (2, 4, 7, 3)).astype(float)
    cases = [(images, 2), (images[:, :, :5], 1), (images, 0)]

    def shift(images, pixels, mode="edge"):
        return np.pad(images, ((0, 0), (0, 0), (pixels, 0), (0, 0)), mode=mode)[:, :, : images.shape[2]]

    mistakes = {
        "what leaves on the right must not come back on the left.": lambda x, p: np.roll(x, p, 2),
        "fill with the first column of the picture, not with black.": lambda x, p: shift(x, p, "constant"),
        "the pictures move to the left.": lambda x, p: shift(x[:, :, ::-1], p)[:, :, ::-1],
        "the pictures move down: columns are axis 2.": lambda x, p: np.pad(
            x, ((0, 0), (p, 0), (0, 0), (0, 0)), mode="edge"
        )[:, : x.shape[1]],
        "the pictures move one pixel too far.": lambda x, p: shift(x, p + 1),
        "that is a mirror at the edge; repeat the first column.": lambda x, p: (
            shift(x, p, "symmetric") if p else x + 1
        ),
    }
    return check("Exercise 2", function, cases, shift, mistakes)


def change_contrast(function: Callable) -> Result:
    """Exercise 3: contrast around the mean of each channel."""
    images = _RANDOM.uniform(60, 190, (2, 5, 4, 3)) + [0, 20, 40]
    cases = [(images, 0.5), (images, 1.2), (_RANDOM.uniform(0, 255, (2, 4, 6, 3)), 3.0)]

    def change(images, factor, axis=(1, 2)):
        mean = images.mean(axis=axis, keepdims=True)
        return np.clip(mean + factor * (images - mean), 0, 255)

    mistakes = {
        "each *picture* has its own mean, not the batch.": lambda x, f: change(x, f, (0, 1, 2)),
        "each *channel* has its own mean: average over rows and columns only.": lambda x, f: change(
            x, f, (1, 2, 3)
        ),
        "that changes the brightness; the mean must stay.": lambda x, f: np.clip(f * x, 0, 255),
        "values outside 0–255 must be cut off.": lambda x, f: (
            x.mean((1, 2), keepdims=True) + f * (x - x.mean((1, 2), keepdims=True))
        ),
        "add the mean again at the end.": lambda x, f: f * (x - x.mean((1, 2), keepdims=True)),
    }
    return check("Exercise 3", function, cases, change, mistakes, tolerance=1e-5)


def keras_factors(function: Callable) -> Result:
    """Exercise 4: old settings in Keras 3's units."""

    def factors(degrees, shift_x, shift_y):
        return np.array([degrees / 360, shift_y, shift_x])

    mistakes = {
        "Keras 3 measures rotation in full turns of 360°.": lambda d, x, y: np.array([d / 180, y, x]),
        "Keras 3 measures rotation in full turns, neither in degrees nor in radians.": lambda d, x, y: (
            np.array([np.radians(d), y, x])
        ),
        "convert the degrees into shares of a full turn.": lambda d, x, y: np.array([d, y, x]),
        "RandomTranslation takes the height first: vertical, then horizontal.": lambda d, x, y: np.array(
            [d / 360, x, y]
        ),
    }
    return check("Exercise 4", function, [(36, 0.1, 0.2), (90, 0.05, 0.0)], factors, mistakes)


def gain_in_errors(function: Callable) -> Result:
    """Exercise 5: how many standard errors a gain is."""
    cases = [
        ([0.70, 0.72, 0.71], [0.80, 0.83, 0.81]),
        ([0.9, 0.8, 0.85, 0.87], [0.86, 0.9, 0.91]),
        (list(_RANDOM.uniform(0.6, 0.8, 5)), list(_RANDOM.uniform(0.6, 0.8, 5))),
    ]

    def ratio(before, after, ddof=1, root=np.sqrt, combine=np.hypot):
        errors = [np.std(values, ddof=ddof) / root(len(values)) for values in (before, after)]
        return (np.mean(after) - np.mean(before)) / combine(*errors)

    mistakes = {
        "use the sample standard deviation: np.std(values, ddof=1).": lambda a, b: ratio(a, b, ddof=0),
        "divide each standard deviation by the square root of the number of seeds.": lambda a, b: ratio(
            a, b, root=lambda n: 1
        ),
        "divide by the *square root* of the number of seeds.": lambda a, b: ratio(a, b, root=lambda n: n),
        "errors add up as squares: √(e₁² + e₂²), not e₁ + e₂.": lambda a, b: ratio(
            a, b, combine=lambda x, y: x + y
        ),
        "the two are swapped: the gain is after − before.": lambda a, b: ratio(b, a),
        "divide the gain by its standard error.": lambda a, b: np.mean(b) - np.mean(a),
    }
    return check("Exercise 5", function, cases, ratio, mistakes)


def augmenter(function: Callable) -> Result:
    """Exercise 6: three Keras layers in a row."""
    try:
        model = function()
    except NotImplementedError:
        return report("Exercise 6", "not done yet. Replace the line `raise NotImplementedError()`.")
    except Exception as error:
        return report("Exercise 6", f"your code stops with {type(error).__name__}: {error}")
    try:
        return report("Exercise 6", _augmenter_problem(model))
    except Exception as error:  # layers can be almost anything
        return report("Exercise 6", f"the model cannot be examined ({type(error).__name__}: {error}).")


def _augmenter_problem(model) -> str | None:
    if model is None:
        return "the function returns None. Does it end with `return …`?"
    if not hasattr(model, "layers"):
        return f"return `keras.Sequential([…])`, not {type(model).__name__}."
    kinds = [type(layer).__name__ for layer in model.layers if type(layer).__name__ != "InputLayer"]
    wanted = ["RandomFlip", "RandomTranslation", "RandomRotation"]
    if kinds != wanted:
        if sorted(kinds) == sorted(wanted):
            return "the three layers are in another order than in the task."
        return f"the layers are {', '.join(kinds) or 'none'}; flip, translation and rotation are asked for."
    flip, translation, rotation = (layer.get_config() for layer in model.layers[-3:])
    if flip["mode"] != "horizontal":
        return "the flip must be left to right only; by default it also turns pictures upside down."

    def most(factor) -> float:
        return max(np.abs(np.ravel(factor)))

    height, width = most(translation["height_factor"]), most(translation["width_factor"])
    if (height, width) == (0.2, 0.1):
        return "height and width are swapped in the translation: the height comes first."
    if not height and not width:
        return "a factor is zero, so nothing moves."
    if not (np.isclose(height, 0.1) and np.isclose(width, 0.2)):
        return "the translation has other factors than the task: shares of the height and of the width."
    if not np.isclose(most(rotation["factor"]), 20 / 360):
        return "the rotation is not 20°. Its factor is a share of a full turn."
    if translation["fill_mode"] != "nearest" or rotation["fill_mode"] != "nearest":
        return 'empty places must be filled with `fill_mode="nearest"` in both layers that move the picture.'
    return None
