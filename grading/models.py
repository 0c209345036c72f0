"""Keras models as data: layers, weights, what may learn. Used beside the student's code, and where answers are judged.

A model that comes from a student is rebuilt only from layers and operations of Keras: a configuration can name any
Python function, and nothing that is not on the list below is ever looked up.
"""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np

LONGEST = 2_000_000  # characters of a configuration
MOST_WEIGHTS = 3_000_000
MODULES = re.compile(
    r"keras(\.(layers|models|initializers|regularizers|constraints|activations|src\.models\.(functional|sequential)"
    r"|src\.ops\.(numpy|nn|math|core|image)))?"
)
SPECIAL = {"__tensor__", "__keras_tensor__", "__numpy__", "__slice__", "__ellipsis__", "__tuple__"}
NAMED = {"preprocess_input"}  # a function that a lab asks for by name
PROBE = (-12.0, 12.0, 50, (5, 10))  # where `same_function` of the checks compares two activations


class NotRebuilt(ValueError):
    """A model that is not made of Keras' own parts alone."""


def _inner(model: Any) -> list[Any]:
    """Return all layers, those of models inside as well, in order."""
    found = []
    for layer in model.layers:
        found.append(layer)
        if hasattr(layer, "layers"):
            found += _inner(layer)
    return found


def encode_model(model: Any) -> dict:
    """Return a model as data that JSON can hold."""
    from wire import encode

    tables: dict[str, Any] = {}
    for layer in _inner(model):
        activation = getattr(layer, "activation", None)
        if callable(activation) and _is_own(activation):
            tables[layer.name] = encode(_table(activation))
    with _quiet():
        config = json.loads(model.to_json())
    _replace_activations(config, tables)
    weights = model.get_weights()
    if sum(weight.size for weight in weights) > MOST_WEIGHTS:
        raise NotRebuilt("too many weights")
    return {
        "config": config,
        "weights": [encode(weight) for weight in weights],
        "trainable": [bool(model.trainable), *(bool(layer.trainable) for layer in _inner(model))],
        "tables": tables,
        "built": bool(getattr(model, "built", True)),
    }


def _quiet() -> Any:
    import warnings

    return warnings.catch_warnings(action="ignore")


def _is_own(activation: Any) -> bool:
    """Return whether an activation is a function that is not one of Keras'."""
    return not str(getattr(activation, "__module__", "")).startswith("keras.") and not hasattr(
        activation, "weights"
    )


def _table(activation: Any) -> np.ndarray:
    import keras

    start, stop, count, shape = PROBE
    x = keras.ops.reshape(keras.ops.linspace(start, stop, count), shape)
    return keras.ops.convert_to_numpy(activation(x)).astype("float32")


def _replace_activations(node: Any, tables: dict[str, Any]) -> None:
    """Put a linear activation where a table says what the student's own function computes."""
    if isinstance(node, dict):
        config = node.get("config")
        if isinstance(config, dict) and config.get("name") in tables and "activation" in config:
            config["activation"] = "linear"
        for value in node.values():
            _replace_activations(value, tables)
    elif isinstance(node, list):
        for value in node:
            _replace_activations(value, tables)


def _allowed(node: Any, depth: int = 0) -> None:
    """Raise ``NotRebuilt`` if a configuration names anything but Keras' own parts."""
    if depth > 60:
        raise NotRebuilt("too deep")
    if isinstance(node, dict):
        if "class_name" in node:
            _allowed_class(node)
        for key, value in node.items():
            if key == "module" and value is not None and "class_name" not in node:
                raise NotRebuilt("a module without a class")
            _allowed(value, depth + 1)
    elif isinstance(node, list):
        for value in node:
            _allowed(value, depth + 1)


def _allowed_class(node: dict) -> None:
    module, name = node.get("module"), node["class_name"]
    if module is None and name in SPECIAL:
        return
    if module == "builtins" and name == "function" and str(node.get("config")) in NAMED:
        return
    known = (
        isinstance(module, str)
        and MODULES.fullmatch(module)
        and isinstance(name, str)
        and name.isidentifier()
    )
    own_function = name in ("Lambda", "TorchModuleWrapper", "JaxLayer", "FlaxLayer", "TFSMLayer")
    if own_function and name == "Lambda":
        config = node.get("config")
        function = config.get("function") if isinstance(config, dict) else None
        own_function = not (isinstance(function, dict) and str(function.get("config")) in NAMED)
    if not known or own_function:
        raise NotRebuilt(f"{module}.{name}"[:200])


def _without_lambda(node: Any) -> Any:
    """Return a configuration in which a layer of ours stands for each Lambda layer that is allowed."""
    if isinstance(node, dict):
        if node.get("class_name") == "Lambda":
            own = {"module": None, "class_name": "Prepared", "registered_name": "Prepared"}
            return {**node, **own, "config": {"name": node["config"].get("name")}}
        return {key: _without_lambda(value) for key, value in node.items()}
    return [_without_lambda(value) for value in node] if isinstance(node, list) else node


def _prepared_layer() -> Any:
    import keras

    class Prepared(keras.layers.Layer):
        def call(self, inputs: Any) -> Any:
            return keras.applications.vgg16.preprocess_input(inputs)

        def compute_output_shape(self, shape: Any) -> Any:
            return shape

    return Prepared


def rebuilt(data: Any) -> Any:
    """Return the Keras model that ``encode_model`` has described; anything else as it is.

    Raises:
        NotRebuilt: if it cannot be made again from Keras' own parts.
    """
    if not (isinstance(data, dict) and "model" in data):
        return data
    import keras
    from wire import decode

    record = data["model"]
    config = record["config"]
    text = json.dumps(config)
    if len(text) > LONGEST:
        raise NotRebuilt("too large")
    _allowed(config)
    try:
        text = json.dumps(_without_lambda(config))
        model = keras.models.model_from_json(text, custom_objects={"Prepared": _prepared_layer()})
        weights = [decode(weight) for weight in record["weights"]]
        if weights:
            model.set_weights(weights)
    except Exception as error:
        raise NotRebuilt(f"{type(error).__name__}: {error}"[:300]) from error
    _set_trainable(model, record["trainable"])
    for layer in _inner(model):
        if layer.name in record["tables"]:
            layer.activation = _lookup(decode(record["tables"][layer.name]))
    return model


def _set_trainable(model: Any, flags: list) -> None:
    layers = _inner(model)
    if len(flags) != len(layers) + 1:
        raise NotRebuilt("the layers do not fit")
    for layer, flag in zip([model, *layers], flags, strict=True):
        if layer.trainable != bool(flag):
            layer.trainable = bool(flag)


def _lookup(table: np.ndarray) -> Any:
    """Return an activation that answers as the student's did at the places where the checks look."""

    def activation(x: Any) -> Any:
        import keras

        return keras.ops.convert_to_tensor(table) if tuple(x.shape) == PROBE[3] else x

    return activation
