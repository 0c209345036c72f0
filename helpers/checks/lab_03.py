"""Self-checks of lab 03, the MNIST network."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from helpers.checks.engine import Result, check, report
from helpers.convolution import output_size

_RANDOM = np.random.default_rng(3)


def conv_parameters(function: Callable) -> Result:
    """Exercise 1: weights and biases of a convolution layer."""

    def count(height, width, channels, filters):
        return (height * width * channels + 1) * filters

    mistakes = {
        "the biases are missing: one for each filter.": lambda h, w, c, f: h * w * c * f,
        "there is one bias for each filter, not one for the whole layer.": lambda h, w, c, f: (
            h * w * c * f + 1
        ),
        "each filter has a kernel for *every* input channel.": lambda h, w, c, f: (h * w + 1) * f,
        "channels and filters are swapped: biases belong to filters.": lambda h, w, c, f: count(h, w, f, c),
        "the number is off by one.": lambda h, w, c, f: count(h, w, c, f) + 1,
    }
    return check("Exercise 1", function, [(3, 3, 3, 32), (5, 5, 32, 64), (1, 7, 4, 9)], count, mistakes)


def layer_sizes(function: Callable) -> Result:
    """Exercise 2: the side of the maps after each layer."""
    cases = [
        (28, [("conv", 3), ("pool", 2), ("conv", 3), ("pool", 2), ("conv", 3)]),
        (180, [("conv", 3), ("pool", 2), ("pool", 2), ("conv", 5)]),
        (33, [("pool", 3), ("conv", 4)]),
    ]

    def sizes(size, layers, step=None):
        result = []
        for kind, window in layers:
            size = output_size(size, window, stride=window if kind == "pool" else 1)
            result.append(size)
        return np.array(result)

    def rounding_up(size, layers):
        result = []
        for kind, window in layers:
            size = -(-size // window) if kind == "pool" else size - window + 1
            result.append(size)
        return np.array(result)

    mistakes = {
        "the list must hold the size *after* each layer, not the input's.": lambda n, net: np.array(
            [n, *sizes(n, net)[:-1]]
        ),
        "the sizes are in reverse order.": lambda n, net: sizes(n, net)[::-1],
        "a pooling window moves by its own size, not by 1.": lambda n, net: np.array(
            [n - sum(w - 1 for _, w in net[: k + 1]) for k in range(len(net))]
        ),
        "the list must hold the sizes after the layers only, without the input's.": lambda n, net: np.array(
            [n, *sizes(n, net)]
        ),
        "pooling rounds down: a tile that is not full is dropped.": rounding_up,
        "every size is off by one.": lambda n, net: sizes(n, net) - 1,
    }
    return check("Exercise 2", function, cases, sizes, mistakes)


def confusion_matrix(function: Callable) -> Result:
    """Exercise 3: count the answers for each true class."""
    cases = [(_RANDOM.integers(0, n, 60), _RANDOM.integers(0, n - 1, 60), n) for n in (3, 10)]

    def count(true, predicted, classes):
        matrix = np.zeros((classes, classes))
        np.add.at(matrix, (true, predicted), 1)
        return matrix

    def once(true, predicted, classes):
        return np.minimum(count(true, predicted, classes), 1)

    mistakes = {
        "every pair counts, also when it occurs again. (`matrix[true, predicted] += 1` counts it once.)": once
    }
    return check("Exercise 3", function, cases, count, mistakes)


def shift_images(function: Callable) -> Result:
    """Exercise 4: move images and fill with black."""
    images = _RANDOM.integers(1, 256, (2, 6, 8, 1)).astype(float)
    cases = [(images, 0, 3), (images, 2, 0), (images[:, :, :6], 1, 2)]

    def shift(images, down, right):
        height, width = images.shape[1:3]
        return np.pad(images, ((0, 0), (down, 0), (right, 0), (0, 0)))[:, :height, :width]

    mistakes = {
        "what leaves on one side must not come back on the other; fill with zeros.": lambda i, d, r: np.roll(
            i, (d, r), (1, 2)
        ),
        "the directions are swapped: `down` moves along the rows (axis 1).": lambda i, d, r: shift(i, r, d),
        "the images move up and left; they should move down and right.": lambda i, d, r: np.flip(
            shift(np.flip(i, (1, 2)), d, r), (1, 2)
        ),
        "the images move one pixel too far.": lambda i, d, r: shift(i, d + (d > 0), r + (r > 0)),
    }
    return check("Exercise 4", function, cases, shift, mistakes)


def softmax(function: Callable) -> Result:
    """Exercise 5: scores to probabilities, one row for each image."""
    scores = _RANDOM.normal(size=(4, 4)) * 3
    cases = [(scores,), (np.array([[1000.0, 999, 0], [-1000, -1001, -1000], [1, 0, -1000]]),)]

    def stable(scores, axis=1):
        exponentials = np.exp(scores - scores.max(axis=axis, keepdims=True))
        return exponentials / exponentials.sum(axis=axis, keepdims=True)

    mistakes = {
        "each *row* must add up to 1, not each column.": lambda s: stable(s, axis=0),
        "divide each row by its own sum: `keepdims=True` keeps the sums in a column.": lambda s: (
            np.exp(s) / np.exp(s).sum(axis=1)
        ),
        "each row must add up to 1, not the whole table.": lambda s: stable(s, axis=None),
    }
    overflow = (
        "scores of 1000 overflow in exp. Subtract each row's largest score first; the result stays the same."
    )
    with np.errstate(all="ignore"):
        return check("Exercise 5", function, cases, stable, mistakes, tolerance=1e-5, nan_hint=overflow)


def changed_model(function: Callable) -> Result:
    """Exercise 6: the specified Keras network."""
    expected = [("Conv2D", (28, 28, 16)), ("MaxPooling2D", (14, 14, 16)), ("Conv2D", (12, 12, 32)),
                ("MaxPooling2D", (6, 6, 32)), ("Flatten", (1152,)), ("Dense", (10,))]  # fmt: skip
    try:
        model = function()
    except NotImplementedError:
        return report("Exercise 6", "not done yet. Replace the line `raise NotImplementedError()`.")
    except Exception as error:
        return report("Exercise 6", f"your code stops with {type(error).__name__}: {error}")
    try:
        problem = _model_problem(model, expected)
    except Exception as error:  # layers can be almost anything
        problem = (
            f"the model cannot be examined ({type(error).__name__}: {error}). Build it as lesson 03 does."
        )
    return report("Exercise 6", problem)


def _model_problem(model, expected: list[tuple[str, tuple[int, ...]]]) -> str | None:
    if not hasattr(model, "layers"):
        return f"the function must return a Keras model, not {type(model).__name__}."
    if getattr(model, "input_shape", None) != (None, 28, 28, 1):
        return "the input must be images of shape (28, 28, 1): begin with `keras.Input(shape=(28, 28, 1))`."
    layers = [layer for layer in model.layers if type(layer).__name__ != "InputLayer"]
    if len(layers) != len(expected):
        return (
            f"the network has {len(layers)} layers besides the input; {len(expected)} are asked for. "
            "Activations are arguments, not layers."
        )
    filters = [layer.filters for layer in layers if hasattr(layer, "filters")]
    if filters == [32, 16]:
        return "the two convolutions are in the wrong order: few filters first, then more."
    for number, (layer, (kind, shape)) in enumerate(zip(layers, expected, strict=True), start=1):
        if type(layer).__name__ != kind:
            return f"layer {number} is of the kind {type(layer).__name__}; look at the task again."
        actual = tuple(layer.output.shape[1:])
        if actual != shape:
            gap = max(abs(a - b) for a, b in zip(actual, shape, strict=False))
            word = "off by one" if gap == 1 else "not the one asked for"
            return f"layer {number} ({kind}) has the output shape {actual}: {word}. Check filters, kernel and padding."
    if [layers[0].kernel_size, layers[2].kernel_size] != [(5, 5), (3, 3)]:
        return "a kernel size is not the one asked for."
    if any((layers[n].pool_size, layers[n].strides) != ((2, 2), (2, 2)) for n in (1, 3)):
        return "the pooling windows must be tiles of 2×2."
    if model.count_params() != 16_586:
        return f"{model.count_params():,} parameters is not right. Does every layer have its biases?"
    activations = [layers[n].activation for n in (0, 2, 5)]
    names = [getattr(a, "__name__", type(a).__name__.lower()) for a in activations]
    if names != ["relu", "relu", "softmax"]:
        return f"the activations are {', '.join(names)}; ReLU twice and softmax last are asked for."
    if not all(np.any(layers[n].get_weights()[0]) for n in (0, 2, 5)):
        return (
            "a layer's weights are all zero; such a network cannot learn. Leave the initial weights to Keras."
        )
    return None
