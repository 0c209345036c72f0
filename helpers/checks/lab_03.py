"""Self-checks of lab 03, the MNIST network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from helpers.checks.engine import Exercise, score_of
from helpers.checks.keras_models import Chain

_RANDOM = np.random.default_rng(3)


def _parameters(height, width, channels, filters):
    return (height * width * channels + 1) * filters


conv_parameters = Exercise(
    1,
    "conv_parameters",
    "Count the parameters",
    solution=_parameters,
    cases=[(3, 3, 3, 32), (5, 5, 32, 64), (1, 7, 4, 9)],
    mistakes={
        "the biases are missing: one for each filter.": lambda h, w, c, f: h * w * c * f,
        "there is one bias for each filter, not one for the whole layer.": lambda h, w, c, f: (
            h * w * c * f + 1
        ),
        "there is one bias for each filter, not one for each channel, too.": lambda h, w, c, f: (
            (h * w + 1) * c * f
        ),
        "each filter has a kernel for *every* input channel.": lambda h, w, c, f: (h * w + 1) * f,
        "a kernel is `height` × `width`; it need not be square.": (
            lambda h, w, c, f: _parameters(h, h, c, f),
            lambda h, w, c, f: _parameters(w, w, c, f),
        ),
        "channels and filters are swapped: biases belong to filters.": lambda h, w, c, f: _parameters(
            h, w, f, c
        ),
    },
    wrong={"transpose": lambda h, w, c, f: _parameters(h, w, f, c)},
    right={"a float": lambda h, w, c, f: float(h * w * c * f + f)},
)


def _sizes(size, network, conv: Callable = lambda n, w: n - w + 1, pool: Callable = lambda n, w: n // w):
    sizes = []
    for kind, window in network:
        size = conv(size, window) if kind == "conv" else pool(size, window)
        sizes.append(size)
    return np.array(sizes)


layer_sizes = Exercise(
    2,
    "layer_sizes",
    "Follow the sizes",
    solution=_sizes,
    cases=[
        (28, [("conv", 3), ("pool", 2), ("conv", 3), ("pool", 2), ("conv", 3)]),
        (180, [("conv", 3), ("pool", 2), ("pool", 2), ("conv", 5)]),
        (33, [("pool", 3), ("conv", 4)]),
        (50, [("conv", 4), ("pool", 3)]),
    ],
    mistakes={
        "the list must hold the size *after* each layer, not the input's.": lambda n, net: np.array(
            [n, *_sizes(n, net)[:-1]]
        ),
        "the list must hold the sizes after the layers only, without the input's.": lambda n, net: np.array(
            [n, *_sizes(n, net)]
        ),
        "the sizes are in reverse order.": lambda n, net: _sizes(n, net)[::-1],
        "the list must hold the size after every layer, not after the last one only.": (
            lambda n, net: _sizes(n, net)[-1],
            lambda n, net: _sizes(n, net)[-1:],
        ),
        "each layer begins with the size that the one before has left, not with the input's.": lambda n, net: (
            np.array([_sizes(n, [layer])[0] for layer in net])
        ),
        "a pooling window moves by its own size, not by 1.": lambda n, net: _sizes(
            n, net, pool=lambda n, w: n - w + 1
        ),
        "a convolution moves by 1: it takes `window - 1` off the size.": (
            lambda n, net: _sizes(n, net, conv=lambda n, w: n // w),
            lambda n, net: _sizes(n, net, conv=lambda n, w: n - w),
            lambda n, net: _sizes(n, net, conv=lambda n, w: n - w // 2),
        ),
        "without padding, a convolution takes `window - 1` off the size.": lambda n, net: _sizes(
            n, net, conv=lambda n, w: n
        ),
        "tiles need not have the side 2: pooling divides by its window.": lambda n, net: _sizes(
            n, net, pool=lambda n, w: n // 2
        ),
        "pooling rounds down: a tile that is not full is dropped.": lambda n, net: _sizes(
            n, net, pool=lambda n, w: -(-n // w)
        ),
        "sizes are whole numbers: `/` divides, `//` divides and rounds down.": lambda n, net: _sizes(
            n, net, pool=lambda n, w: n / w
        ),
    },
    right={"a list": lambda n, net: _sizes(n, net).tolist()},
)


def _count(true, predicted, classes):
    matrix = np.zeros((classes, classes))
    np.add.at(matrix, (true, predicted), 1)
    return matrix


confusion_matrix = Exercise(
    3,
    "confusion_matrix",
    "Confusion matrix",
    solution=_count,
    cases=[
        (_RANDOM.integers(0, 3, 60), _RANDOM.integers(0, 2, 60), 3),
        (_RANDOM.integers(0, 10, 60), _RANDOM.integers(0, 9, 60), 10),
        (np.array([0, 2, 2, 5, 5]), np.array([0, 2, 5, 5, 0]), 8),  # classes that do not occur
    ],
    mistakes={
        "every pair counts, also when it occurs again. (`matrix[true, predicted] += 1` counts it once.)": (
            lambda t, p, n: np.minimum(_count(t, p, n), 1)
        ),
        "the matrix has a row and a column for each of the `classes`, also for those that do not occur.": (
            lambda t, p, n: _count(t, p, t.max() + 1),
            lambda t, p, n: _count(t, p, max(t.max(), p.max()) + 1),
            lambda t, p, n: _count(t, p, n)[np.ix_(*[np.union1d(t, p)] * 2)],
        ),
        "rows are true classes, columns predicted ones: they are swapped.": lambda t, p, n: _count(p, t, n),
        "return the counts themselves, not shares.": (
            lambda t, p, n: _count(t, p, n) / len(t),
            lambda t, p, n: _count(t, p, n) / np.maximum(_count(t, p, n).sum(1, keepdims=True), 1),
        ),
        "wrong answers count, too, beside the diagonal.": lambda t, p, n: np.diag(np.diag(_count(t, p, n))),
    },
    right={
        "counted in one line": lambda t, p, n: np.bincount(n * t + p, minlength=n * n).reshape(n, n),
        "as scikit-learn does with all labels": lambda t, p, n: np.array(
            [[np.sum((t == row) & (p == column)) for column in range(n)] for row in range(n)]
        ),
    },
)

_IMAGES = _RANDOM.integers(1, 256, (2, 6, 8, 1)).astype(float)


def _shift(images, down, right, mode: Any = "constant"):
    height, width = images.shape[1:3]
    return np.pad(images, ((0, 0), (down, 0), (right, 0), (0, 0)), mode=mode)[:, :height, :width]


def _in_place(images, down, right):
    height, width = images.shape[1:3]
    images[:, down:, right:] = images[:, : height - down, : width - right].copy()
    images[:, :down], images[:, :, :right] = 0, 0
    return images


shift_images = Exercise(
    4,
    "shift_images",
    "Move the digits",
    solution=_shift,
    cases=[(_IMAGES, 0, 3), (_IMAGES, 2, 0), (_IMAGES[:, :, :6], 1, 2)],
    mistakes={
        "what leaves on one side must not come back on the other; fill with zeros.": lambda i, d, r: np.roll(
            i, (d, r), (1, 2)
        ),
        "fill with zeros, not with the pixels at the edge.": lambda i, d, r: _shift(i, d, r, "edge"),
        "the directions are swapped: `down` moves along the rows (axis 1).": lambda i, d, r: _shift(i, r, d),
        "the images move up and left; they should move down and right.": lambda i, d, r: np.flip(
            _shift(np.flip(i, (1, 2)), d, r), (1, 2)
        ),
        "the images move one pixel too far.": lambda i, d, r: _shift(i, d + (d > 0), r + (r > 0)),
        "the images only move to the right; `down` counts, too.": lambda i, d, r: _shift(i, 0, r),
        "the images only move down; `right` counts, too.": lambda i, d, r: _shift(i, d, 0),
        "the images themselves must move, not only their edges turn black.": lambda i, d, r: (
            i * _shift(np.ones_like(i), d, r)
        ),
    },
    right={"in place": _in_place},
)


def _softmax(scores, axis=1):
    exponentials = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


def _naive(scores, subtract: Callable = lambda scores: 0, keepdims=True):
    exponentials = np.exp(scores - subtract(scores))
    return exponentials / exponentials.sum(axis=1, keepdims=keepdims)


_OVERFLOW = (
    "scores of 1000 overflow in exp. Subtract each row's largest score first; the result stays the same."
)

softmax = Exercise(
    5,
    "softmax",
    "Softmax",
    solution=_softmax,
    cases=[
        (_RANDOM.normal(size=(4, 4)) * 3,),
        (np.array([[1000.0, 999, 0], [-1000, -1001, -1000], [1, 0, -1000]]),),
    ],
    tolerance=1e-5,
    nan_hint=_OVERFLOW,
    mistakes={
        _OVERFLOW: (
            _naive,
            lambda s: _naive(s, np.max),
            lambda s: _naive(s, np.mean),
            lambda s: _naive(s, lambda s: 1000),
        ),
        "each *row* must add up to 1, not each column.": (
            lambda s: _softmax(s, axis=0),
            lambda s: np.exp(s) / np.exp(s).sum(axis=0),
        ),
        "divide each row by its own sum: `keepdims=True` keeps the sums in a column.": (
            lambda s: _naive(s, keepdims=False),
            lambda s: _naive(s, lambda s: s.max(axis=1, keepdims=True), keepdims=False),
        ),
        "subtract from each row its own maximum: `keepdims=True` keeps the maxima in a column.": (
            lambda s: _naive(s, lambda s: s.max(axis=1)),
            lambda s: _naive(s, lambda s: s.max(axis=1), keepdims=False),
        ),
        "each row must add up to 1, not the whole table.": (
            lambda s: _softmax(s, axis=None),
            lambda s: np.exp(s) / np.exp(s).sum(),
        ),
        "divide by the sum of the row, so that it adds up to 1.": lambda s: np.exp(
            s - s.max(axis=1, keepdims=True)
        ),
        "take the exponentials before you divide.": lambda s: s / s.sum(axis=1, keepdims=True),
    },
    right={"float32": lambda s: _softmax(s.astype("float32"))},
)

_NETWORK = Chain(
    (28, 28, 1),
    [
        ("Conv2D", {"filters": 16, "kernel_size": 5, "padding": "same", "activation": "relu"}),
        ("MaxPooling2D", {"pool_size": 2}),
        ("Conv2D", {"filters": 32, "kernel_size": 3, "activation": "relu"}),
        ("MaxPooling2D", {"pool_size": 2}),
        ("Flatten", {}),
        ("Dense", {"units": 10, "activation": "softmax"}),
    ],
)


def _graph() -> Any:
    import keras

    x = inputs = keras.Input((28, 28, 1))
    for layer in _NETWORK.made():
        x = layer(x)
    return keras.Model(inputs, x)


def _relu_as_layer() -> Any:
    import keras

    return _NETWORK.but(1, activation=keras.layers.ReLU())()


def _maximum(z: Any) -> Any:
    import keras

    return keras.ops.maximum(z, 0)


def _tf_softmax() -> Any:
    import tensorflow as tf

    return _NETWORK.but(6, activation=tf.nn.softmax)()  # its name is softmax_v2


changed_model = Exercise(
    6,
    "changed_model",
    "Change the network",
    solution=_NETWORK.but(),
    judge=_NETWORK.problem,
    mistakes={
        "begin with `keras.Input(shape=(28, 28, 1))`": _NETWORK.changed(
            lambda keras, layers: layers, (32, 32, 1)
        ),
        "there are 5 layers": _NETWORK.changed(lambda keras, layers: layers[:-1]),
        "Activations are arguments, not layers": _NETWORK.changed(
            lambda keras, layers: [*layers, keras.layers.Softmax()]
        ),
        "layer 4 is of the kind AveragePooling2D": _NETWORK.changed(
            lambda keras, layers: [*layers[:3], keras.layers.AveragePooling2D(2), *layers[4:]]
        ),
        "layer 1 (Conv2D) has `kernel_size=(3, 3)`": _NETWORK.but(1, kernel_size=3),
        "layer 1 (Conv2D) has `strides=(2, 2)`": _NETWORK.but(1, strides=2),
        "layer 1 (Conv2D) has `padding=valid`": _NETWORK.but(1, padding="valid"),
        "layer 1 (Conv2D) has `dilation_rate=(2, 2)`": _NETWORK.but(1, dilation_rate=2),
        "layer 3 (Conv2D) has `groups=2`": _NETWORK.but(3, groups=2),
        "layer 3 (Conv2D) has `use_bias=False`": _NETWORK.but(3, use_bias=False),
        "layer 2 (MaxPooling2D) has `pool_size=(3, 3)`": _NETWORK.but(
            2, pool_size=3, strides=2, padding="same"
        ),
        "layer 4 (MaxPooling2D) has `strides=(1, 1)`": _NETWORK.but(4, strides=1),
        "layer 6 (Dense) has `units=9`": _NETWORK.but(6, units=9),
        "layer 1 (Conv2D) does not compute the activation": (
            _NETWORK.but(1, activation=None),
            _NETWORK.but(1, activation="relu6"),
            _NETWORK.but(1, activation="leaky_relu"),
        ),
        "layer 3 (Conv2D) does not compute the activation": _NETWORK.but(3, activation="softplus"),
        "layer 6 (Dense) does not compute the activation": _NETWORK.but(6, activation="sigmoid"),
        "layer 3 (Conv2D) has weights that are all zero": _NETWORK.with_zeros(3),
        "layer 6 (Dense) has weights that are all zero": _NETWORK.with_zeros(6),
    },
    wrong={
        "zeros": _NETWORK.with_zeros(1),
        "transpose": _NETWORK.changed(lambda keras, layers: [layers[n] for n in (2, 1, 0, 3, 4, 5)]),
        "off by one": _NETWORK.but(1, filters=17),
        "one larger": _NETWORK.but(3, filters=33),
    },
    right={
        "as a graph": _graph,
        "ReLU as a layer": _relu_as_layer,
        "ReLU as a function": _NETWORK.but(3, activation=_maximum),
        "softmax of TensorFlow": _tf_softmax,
        "the same in other words": _NETWORK.but(4, pool_size=(2, 2), strides=2, padding="same"),
    },
)

EXERCISES = (conv_parameters, layer_sizes, confusion_matrix, shift_images, softmax, changed_model)
score = score_of("Lab 03", EXERCISES)
