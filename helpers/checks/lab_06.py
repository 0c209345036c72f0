"""Self-checks of lab 06, pretrained networks."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from helpers.checks.engine import Result, check, report

_RANDOM = np.random.default_rng(6)
_MEAN_BGR = np.array([103.939, 116.779, 123.68])


def vgg_input(function: Callable) -> Result:
    """Exercise 1: prepare pictures as VGG16 was trained."""
    cases = [
        (_RANDOM.integers(0, 256, (2, 4, 6, 3)).astype("uint8"),),
        (_RANDOM.integers(0, 256, (1, 5, 3, 3)).astype("uint8"),),
    ]
    mistakes = {
        "blue comes first: the channels must be exchanged before the means are subtracted.": lambda x: (
            x - _MEAN_BGR
        ),
        "the means belong to blue, green, red, in this order: subtract them after the exchange.": lambda x: (
            x - _MEAN_BGR
        )[..., ::-1],
        "the means must be subtracted, too.": lambda x: x[..., ::-1].astype(float),
        "VGG16's pictures are not divided by anything.": lambda x: (x[..., ::-1] - _MEAN_BGR) / 255,
        "the values wrap around, as uint8 knows no negative numbers: convert to float first.": lambda x: (
            x[..., ::-1] - _MEAN_BGR.astype("uint8")
        ).astype(float),
        "columns are exchanged instead of channels, which are the last axis.": lambda x: (
            x[:, :, ::-1] - _MEAN_BGR
        ),
    }
    return check("Exercise 1", function, cases, lambda x: x[..., ::-1] - _MEAN_BGR, mistakes, tolerance=1e-5)


def stack_parameters(function: Callable) -> Result:
    """Exercise 2: parameters of a stack of 3×3 convolutions."""

    def count(channels, side=3, bias=1):
        return sum((side * side * a + bias) * b for a, b in pairwise(channels))

    mistakes = {
        "each filter has a bias, too.": lambda channels: count(channels, bias=0),
        "a kernel covers 3·3 places of each channel.": lambda channels: count(channels, side=1),
        "in and out are swapped: the list is in the order from the picture to the output.": lambda channels: (
            count(channels[::-1])
        ),
        "the last convolution is missing.": lambda channels: count(channels[:-1]),
        "the first convolution is missing; it sees the picture's channels.": lambda channels: count(
            channels[1:]
        ),
    }
    cases = [([3, 8, 16],), ([3, 64, 64, 128],), ([1, 5, 7, 9, 4],)]
    return check("Exercise 2", function, cases, count, mistakes)


def feature_shape(function: Callable) -> Result:
    """Exercise 3: the shape of VGG16's features."""

    def shape(height, width, halvings=5):
        return np.array([height // 2**halvings, width // 2**halvings, 512])

    mistakes = {
        "that is one pooling too few: VGG16 halves five times.": lambda h, w: shape(h, w, 4),
        "that is one pooling too many: VGG16 halves five times.": lambda h, w: shape(h, w, 6),
        "each pooling rounds down.": lambda h, w: np.array([-(-h // 32), -(-w // 32), 512]),
        "height and width are swapped.": lambda h, w: shape(w, h),
        "there are as many channels as the last convolution has filters.": lambda h, w: np.array(
            [h // 32, w // 32, 3]
        ),
    }
    return check("Exercise 3", function, [(180, 260), (75, 130), (300, 224)], shape, mistakes)


def relative_changes(function: Callable) -> Result:
    """Exercise 4: how far arrays moved, each relative to its own size."""

    def changes(before, after, root=np.sqrt, by=0):
        pairs = zip(before, after, strict=True)
        squares = [(np.sum((b - a) ** 2), np.sum((a, b)[by] ** 2)) for a, b in pairs]
        return np.array([root(difference / size) for difference, size in squares])

    mistakes = {
        "divide by the length of the array *before*.": lambda a, b: changes(a, b, by=1),
        "take the square root: lengths, not their squares.": lambda a, b: changes(a, b, root=lambda x: x),
        "divide each length by that of the array before: a *relative* change.": lambda a, b: np.array(
            [np.linalg.norm(y - x) for x, y in zip(a, b, strict=True)]
        ),
        "subtract before you take the length: an array that only turns has moved.": lambda a, b: np.array(
            [
                abs(np.linalg.norm(y) - np.linalg.norm(x)) / np.linalg.norm(x)
                for x, y in zip(a, b, strict=True)
            ]
        ),
    }
    cases = []
    for shapes in [[(3, 3, 2, 4), (4,)], [(5, 2), (2,), (3, 3, 1, 1)]]:
        before = [_RANDOM.normal(size=shape) for shape in shapes]
        after = [array + 0.1 * (n + 1) * _RANDOM.normal(size=array.shape) for n, array in enumerate(before)]
        cases.append((before, after))
    return check("Exercise 4", function, cases, changes, mistakes)


def _small_base() -> Any:
    import keras
    from keras import layers

    inputs = keras.Input((32, 32, 3))
    x = inputs
    for number in range(4):
        x = layers.Conv2D(4, 3, padding="same", name=f"conv_{number}")(x)
    return keras.Model(inputs, layers.MaxPooling2D(name="pool")(x), name="base")


def _examined(exercise: str, function: Callable, problem: Callable, *arguments: Any) -> Result:
    """Call the student's function and report what ``problem`` finds in the model it returns."""
    try:
        model = function(*arguments)
    except NotImplementedError:
        return report(exercise, "not done yet. Replace the line `raise NotImplementedError()`.")
    except Exception as error:
        return report(exercise, f"your code stops with {type(error).__name__}: {error}")
    if model is None:
        return report(exercise, "the function returns None. Does it end with `return …`?")
    if not hasattr(model, "layers"):
        return report(exercise, f"return a Keras model, not {type(model).__name__}.")
    try:
        return report(exercise, problem(model))
    except Exception as error:  # a model can be almost anything
        return report(exercise, f"the model cannot be examined ({type(error).__name__}: {error}).")


def release_last(function: Callable) -> Result:
    """Exercise 5: only the last layers may learn."""
    base, count = _small_base(), 3
    base.trainable = False

    def problem(model: Any) -> str | None:
        if model is not base:
            return "return the same model that came in."
        can_learn = [bool(layer.trainable) for layer in base.layers[1:]]
        wanted = [False, False, True, True, True]
        if not base.trainable_weights:
            return "zero layers can learn: as long as `base.trainable` is False, none of its layers learns."
        if can_learn == wanted:
            return None
        if can_learn == wanted[::-1]:
            return (
                "the first layers are released; `base.layers` is in the order from the picture to the output."
            )
        if all(can_learn):
            return "all layers can learn: after `base.trainable = True`, freeze the others one by one."
        return f"{sum(can_learn)} layers can learn, {count} were asked for. `base.layers[-count:]` are the last ones."

    return _examined("Exercise 5", function, problem, base, count)


def whole_network(function: Callable) -> Result:
    """Exercise 6: preprocessing, a frozen base and a small head in one model."""
    base = _small_base()

    def problem(model: Any) -> str | None:
        if tuple(model.input_shape) != (None, 32, 32, 3):
            return "the input must have the shape of the base's input, `base.input_shape[1:]`."
        if not any(layer is base for layer in model.layers):
            return "the base is not one layer of the model: call it, as in `x = base(x)`."
        if base.trainable_weights:
            return "the base is not frozen."
        after = model.layers[[layer is base for layer in model.layers].index(True) + 1 :]
        kinds = [type(layer).__name__ for layer in after]
        wanted = ["GlobalAveragePooling2D", "Dropout", "Dense"]
        if kinds != wanted:
            if sorted(kinds) == sorted(wanted):
                return "the three layers after the base are in another order than in the task."
            found = ", ".join(kinds) or "no layers"
            return f"after the base come {found}; pooling, dropout and one dense layer are asked for."
        if not after[1].rate:
            return "the dropout is zero, so nothing is dropped."
        if not np.isclose(after[1].rate, 0.5):
            return "the dropout drops another share than one half."
        if after[2].units != 1:
            return f"the last layer has {after[2].units} units; one probability needs a single one."
        if after[2].activation.__name__ != "sigmoid":
            return "the last layer does not give a probability: two classes need a sigmoid."
        picture = _RANDOM.integers(0, 256, (1, 32, 32, 3)).astype("float32")
        expected = base(picture[..., ::-1] - _MEAN_BGR)
        described = type(model)(model.input, after[0].input)(picture)
        if not np.allclose(
            np.asarray(described, "float32"), np.asarray(expected, "float32"), rtol=0.05, atol=1
        ):
            return "the base does not get pictures prepared for VGG16: call `preprocess_input` before it."
        return None

    return _examined("Exercise 6", function, problem, base)
