"""What checks need whose answers are Keras models. Keras itself is imported when a check runs, not before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

# What tells two layers of a kind apart. (A pooling's padding changes nothing where the tiles fit.)
_SETTINGS = (
    "filters",
    "kernel_size",
    "strides",
    "dilation_rate",
    "groups",
    "use_bias",
    "units",
    "pool_size",
    "rate",
)


def layers_of(model: Any) -> list[Any]:
    """Return a model's layers without its input."""
    return [layer for layer in model.layers if type(layer).__name__ != "InputLayer"]


def same_function(activation: Callable, other: Callable) -> bool:
    """Return whether two activations compute the same, whatever they are called."""
    import keras

    x = keras.ops.reshape(keras.ops.linspace(-12.0, 12.0, 50), (5, 10))
    values, others = (keras.ops.convert_to_numpy(function(x)) for function in (activation, other))
    return np.allclose(values, others, rtol=1e-3, atol=1e-4)


@dataclass(frozen=True)
class Chain:
    """A network that an exercise asks for: layers in a row.

    Args:
        shape: of one picture.
        layers: kind and settings of each layer, as in ``("Dense", {"units": 10})``.
    """

    shape: tuple[int, ...]
    layers: list[tuple[str, dict[str, Any]]]

    def made(self, place: int = 0, **changes: Any) -> list[Any]:
        """Return new layers, the one at ``place`` (counted from 1) with other settings."""
        import keras

        return [
            getattr(keras.layers, kind)(**(settings | (changes if number == place else {})))
            for number, (kind, settings) in enumerate(self.layers, start=1)
        ]

    def but(self, place: int = 0, **changes: Any) -> Callable[[], Any]:
        """Return a function that builds the network with other settings of one layer."""
        return self.changed(lambda keras, layers: self.made(place, **changes))

    def changed(
        self, change: Callable[[Any, list[Any]], list[Any]], shape: tuple[int, ...] = ()
    ) -> Callable[[], Any]:
        """Return a function that builds the network after a change of the list of its layers."""

        def build() -> Any:
            import keras

            return keras.Sequential([keras.Input(shape or self.shape), *change(keras, self.made())])

        return build

    def with_zeros(self, place: int) -> Callable[[], Any]:
        """Return a function that builds the network with all weights of one layer zero."""

        def build() -> Any:
            model = self.but()()
            layer = model.layers[place - 1]
            layer.set_weights([np.zeros_like(weights) for weights in layer.get_weights()])
            return model

        return build

    def problem(self, model: Any) -> str | None:
        """Return where a model differs from the network, or None."""
        if getattr(model, "input_shape", None) != (None, *self.shape):
            return (
                f"the input must have the shape {self.shape}: begin with `keras.Input(shape={self.shape})`."
            )
        return self.problem_in(layers_of(model))

    def problem_in(self, layers: list[Any]) -> str | None:
        """Return where a list of layers differs from those of the network, or None."""
        if len(layers) != len(self.layers):
            return (
                f"there are {len(layers)} layers where {len(self.layers)} are asked for (an input not counted). "
                "Activations are arguments, not layers."
            )
        for number, (layer, wanted) in enumerate(zip(layers, self.made(), strict=True), start=1):
            if problem := _layer_problem(layer, wanted):
                return f"layer {number} {problem}"
        return None


def _layer_problem(layer: Any, wanted: Any) -> str | None:
    kind = type(wanted).__name__
    if type(layer) is not type(wanted):
        return f"is of the kind {type(layer).__name__}; look at the task again."
    for key in (*_SETTINGS, *(["padding"] if hasattr(wanted, "filters") else [])):
        if getattr(layer, key, None) != getattr(wanted, key, None):
            return f"({kind}) has `{key}={getattr(layer, key)}`; look at the task again."
    if hasattr(wanted, "activation") and not same_function(layer.activation, wanted.activation):
        return f"({kind}) does not compute the activation that the task asks for."
    if any(weights.ndim > 1 and not weights.any() for weights in layer.get_weights()):
        return f"({kind}) has weights that are all zero; it cannot learn. Leave the initial weights to Keras."
    return None
