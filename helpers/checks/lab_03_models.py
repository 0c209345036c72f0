"""The exercise of lab 03 whose answer is a Keras model."""

from __future__ import annotations

from typing import Any

from helpers.checks.engine import Exercise
from helpers.checks.keras_models import Chain

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
