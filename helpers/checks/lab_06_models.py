"""Exercises 5 and 6 of lab 06, whose answers are Keras models."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from helpers.checks.engine import Exercise
from helpers.checks.keras_models import Chain, layers_of

MEAN_BGR = np.array([103.939, 116.779, 123.68])


def _base() -> Any:
    """A small base: six layers, of which four have weights."""
    import keras

    x = inputs = keras.Input((32, 32, 3))
    for number in range(4):
        start = keras.initializers.GlorotUniform(seed=number)
        x = keras.layers.Conv2D(4, 3, padding="same", kernel_initializer=start, name=f"conv_{number}")(x)
    return keras.Model(inputs, keras.layers.MaxPooling2D(name="pool")(x), name="base")


def _bases() -> list[tuple[Any, int]]:
    """Two bases, of which nothing and everything could learn before.

    Not one of which some layers could: there, `model.trainable = True` changes nothing, as Keras on TensorFlow skips
    an assignment of the value that is already there, and the layers that are frozen stay so.
    """
    frozen, free = _base(), _base()
    frozen.trainable = False
    return [(frozen, 2), (free, 4)]


def _releasing(chosen: Callable[[list[Any], int], list[Any]]) -> Callable:
    """Release the layers that ``chosen`` returns, and freeze the others."""

    def release(model: Any, count: int) -> Any:
        model.trainable = True
        for layer in model.layers:
            layer.trainable = layer in chosen(model.layers, count)
        return model

    return release


def _with_weights(layers: list[Any]) -> list[Any]:
    return [layer for layer in layers if layer.weights]


def _not_switched_on(model: Any, count: int) -> Any:
    for layer in model.layers[-count:]:
        layer.trainable = True
    return model


def _switched_on_if_off(model: Any, count: int) -> Any:
    if not model.trainable:
        model.trainable = True
    for layer in model.layers[:-count]:
        layer.trainable = False
    return model


def _nothing_frozen(model: Any, count: int) -> Any:
    model.trainable = True
    return model


def _copy(model: Any, count: int) -> Any:
    import keras

    return _releasing(lambda layers, count: layers[-count:])(keras.models.clone_model(model), count)


def _release_problem(model: Any, base: Any, count: int) -> str | None:
    if model is not base:
        return "return the same model that came in."
    can_learn = {id(weights) for weights in model.trainable_weights}
    released = [layer for layer in model.layers if any(id(weights) in can_learn for weights in layer.weights)]
    if released == _with_weights(model.layers[-count:]):
        return None
    if not model.trainable:
        return "zero layers can learn: as long as `model.trainable` is False, none of its layers learns."
    if released == _with_weights(model.layers):
        return "all layers can learn: after `model.trainable = True`, freeze the others one by one."
    if released == _with_weights(model.layers[:count]):
        return "the first layers are released; `model.layers` is in the order from the picture to the output."
    if released == _with_weights(model.layers)[-count:]:
        return "layers without parameters, such as pooling, count, too: `model.layers[-count:]`."
    names = ", ".join(layer.name for layer in released) or "none"
    return f"of the layers with weights, {names} can learn. `model.layers[-count:]` are the last ones."


release_last = Exercise(
    5,
    "release_last",
    "Release the last layers",
    solution=_releasing(lambda layers, count: layers[-count:]),
    cases=_bases,
    judge=_release_problem,
    mistakes={
        "return the same model that came in": _copy,
        "zero layers can learn": _not_switched_on,
        "all layers can learn": _nothing_frozen,
        "the first layers are released": _releasing(lambda layers, count: layers[:count]),
        "layers without parameters, such as pooling, count, too": _releasing(
            lambda layers, count: _with_weights(layers)[-count:]
        ),
        "conv_1, conv_2, conv_3 can learn": (
            _releasing(lambda layers, count: layers[count:]),  # only as many are frozen as should be released
            _releasing(lambda layers, count: layers[2:]),
        ),
    },
    wrong={
        "always two": _releasing(lambda layers, count: layers[-2:]),
        "zeros": _releasing(lambda layers, count: []),
        "transpose": _releasing(lambda layers, count: layers[:count]),
        "off by one": _releasing(lambda layers, count: layers[-count - 1 :]),
        "one larger": _releasing(lambda layers, count: layers[-count - 2 :]),
    },
    right={
        "only layers with weights": _releasing(lambda layers, count: _with_weights(layers[-count:])),
        "switched on only if off": _switched_on_if_off,
    },
)


def _prepared(x: Any) -> Any:
    import keras

    return keras.applications.vgg16.preprocess_input(x)


_HEAD = Chain(
    (16, 16, 4),
    [
        ("GlobalAveragePooling2D", {}),
        ("Dropout", {"rate": 0.5}),
        ("Dense", {"units": 1, "activation": "sigmoid"}),
    ],
)


def _network(
    head: Callable[[], list[Any]] = _HEAD.made,
    prepare: Callable = _prepared,
    use: Callable = lambda base: base,
    finish: Callable = lambda model, base: None,
) -> Callable:
    """Build the network with another head or preparation, with something else for the base, or change it at the end."""

    def build(base: Any) -> Any:
        import keras

        base.trainable = False
        x = inputs = keras.Input(base.input_shape[1:])
        for layer in [prepare, use(base), *head()]:
            x = layer(x)
        model = keras.Model(inputs, x)
        finish(model, base)
        return model

    return build


def _but(place: int, **changes: Any) -> Callable:
    """The network with other settings of a layer of the head, counted from 1."""
    return _network(lambda: _HEAD.made(place, **changes))


def _no_weights(model: Any, base: Any) -> None:
    model.layers[-1].set_weights([np.zeros((4, 1)), np.zeros(1)])


def _thawed(model: Any, base: Any) -> None:
    base.trainable = True


def _all_frozen(model: Any, base: Any) -> None:
    model.trainable = False


def _clone(base: Any) -> Any:
    import keras

    clone = keras.models.clone_model(base)
    clone.trainable = False
    return clone


def _row(base: Any, side: int = 32, *before: Any) -> Any:
    import keras

    base.trainable = False
    prepare = keras.layers.Lambda(keras.applications.vgg16.preprocess_input)
    return keras.Sequential([keras.Input((side, side, 3)), *before, prepare, base, *_HEAD.made()])


def _larger_input(base: Any) -> Any:
    import keras

    return _row(base, 64, keras.layers.Resizing(32, 32))


def _network_problem(model: Any, base: Any) -> str | None:
    import keras

    if getattr(model, "input_shape", None) != base.input_shape:
        return "the input must have the shape of the base's input, `base.input_shape[1:]`."
    layers = layers_of(model)
    if not any(layer is base for layer in layers):
        return "the base is not one layer of the model: call it, as in `x = base(x)`."
    if base.trainable_weights:
        return "the base is not frozen."
    after = layers[[layer is base for layer in layers].index(True) + 1 :]
    if problem := _HEAD.problem_in(after):
        return f"after the base: {problem}"
    if not model.trainable_weights:
        return "nothing can learn: freeze the base only, not the whole model."
    picture = np.random.default_rng(0).integers(0, 256, (1, 32, 32, 3)).astype("float32")
    expected = keras.ops.convert_to_numpy(base(picture[..., ::-1] - MEAN_BGR))
    given = keras.ops.convert_to_numpy(keras.Model(model.inputs[0], after[0].input)(picture))
    if np.abs(given - expected).mean() > 0.05 * np.abs(expected).mean():
        return "the base does not get pictures prepared for VGG16: call `preprocess_input` before it."
    return None


whole_network = Exercise(
    6,
    "whole_network",
    "The whole network",
    solution=_network(),
    cases=lambda: [(_base(),)],
    judge=_network_problem,
    mistakes={
        "the input must have the shape of the base's input": _larger_input,
        "the base is not one layer of the model": _network(use=_clone),
        "the base is not frozen": _network(finish=_thawed),
        "after the base: there are 4 layers": _network(lambda: [*_HEAD.made(), *_HEAD.made()[2:]]),
        "after the base: layer 1 is of the kind Dropout": _network(
            lambda: [_HEAD.made()[n] for n in (1, 0, 2)]
        ),
        "after the base: layer 1 is of the kind Flatten": _network(
            lambda: [*Chain((), [("Flatten", {})]).made(), *_HEAD.made()[1:]]
        ),
        "after the base: layer 2 (Dropout) has `rate=0.3`": _but(2, rate=0.3),
        "after the base: layer 3 (Dense) has `units=2`": _but(3, units=2),
        "after the base: layer 3 (Dense) does not compute the activation": (
            _but(3, activation=None),
            _but(3, activation="softmax"),
        ),
        "nothing can learn": _network(finish=_all_frozen),
        "the base does not get pictures prepared for VGG16": (
            _network(prepare=lambda x: x / 255),
            _network(prepare=lambda x: x[..., ::-1]),
            _network(prepare=lambda x: x - MEAN_BGR),
            _network(prepare=lambda x: x[..., ::-1] - MEAN_BGR[::-1]),
            _network(prepare=lambda x: _prepared(_prepared(x))),
        ),
    },
    wrong={
        "zeros": _network(finish=_no_weights),
        "transpose": _network(lambda: [_HEAD.made()[n] for n in (0, 2, 1)]),
        "off by one": _but(3, units=2, activation="softmax"),
        "one larger": _network(lambda: [*_HEAD.made()[:2], *_HEAD.made()[1:]]),
    },
    right={
        "in a row, with a Lambda": _row,
        "prepared by hand": _network(prepare=lambda x: x[..., ::-1] - MEAN_BGR),
        "another name for the sigmoid": _but(3, activation=lambda z: 1 / (1 + 2.718281828459045**-z)),
    },
)
