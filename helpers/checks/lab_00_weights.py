"""The last exercise of lab 00: weights by thought."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from helpers.checks.engine import Exercise, Outcome

_INPUTS = np.array([[a, b, c] for a in (0, 1) for b in (0, 1) for c in (0, 1)], dtype=float)
_SHAPES = {"W1": (3, 2), "b1": (2,), "W2": (2,), "b2": ()}


def _parts(answer) -> dict[str, np.ndarray] | None:
    """Return the four arrays by name, a column or a list of one taken for what it holds; None if they are not four."""
    try:
        parts = [np.asarray(part, dtype=float) for part in answer]
    except (TypeError, ValueError):
        return None
    if len(parts) != len(_SHAPES):
        return None
    lower = [part.reshape(part.shape[:1]) if part.shape == (2, 1) else part for part in parts]
    lower[3] = lower[3].reshape(()) if lower[3].size == 1 else lower[3]
    return dict(zip(_SHAPES, lower, strict=True))


def _says(answer) -> np.ndarray | None:
    """Return what the network says to the eight inputs, 0 or 1; None if the weights do not fit together."""
    parts = _parts(answer)
    if parts is None or any(parts[name].shape != shape for name, shape in _SHAPES.items()):
        return None
    return (_outputs(parts) > 0.5).astype(int)


def _outputs(parts: dict[str, np.ndarray]) -> np.ndarray:
    """Return the network's outputs for the eight inputs."""
    hidden = np.maximum(_INPUTS @ parts["W1"] + parts["b1"], 0)
    return hidden @ parts["W2"] + parts["b2"]


class Weights(Exercise):
    """An exercise whose answer is the weights of a small network: what counts is what the network says."""

    def _problem_of(self, outcome: Outcome, arguments: tuple) -> str | None:
        if outcome.error or outcome.answer is None:
            return super()._problem_of(outcome, arguments)
        parts = _parts(outcome.answer)
        if parts is None:
            return "return four things, separated by commas: W1, b1, W2, b2."
        for name, shape in _SHAPES.items():
            if parts[name].shape != shape:
                return f"{name} has the shape {parts[name].shape}; it must be {shape}."
        outputs = _outputs(parts)
        said = outputs > 0.5
        wrong = np.flatnonzero(said != _says(self.solution(*arguments)))
        if not len(wrong):
            return None
        if not said.any():
            return "your network says yes to none of the eight inputs; to (1, 0, 0) its output must be above 0.5."
        inputs = ", ".join(f"{value:.0f}" for value in _INPUTS[wrong[0]])
        word = "yes" if said[wrong[0]] else "no"
        value = outputs[wrong[0]]
        return f"your network says {word} to ({inputs}): its output there is {value:.3g}, and yes begins above 0.5."

    def _alike(self, outcome: Outcome, other: Outcome) -> bool:
        said, others = _says(outcome.answer), _says(other.answer)
        return said is not None and others is not None and bool(np.array_equal(said, others))


def _network(W2: tuple[float, float], b2: float = 0.0, weights: tuple[int, ...] = (1, 1, 1)) -> Callable:
    """A network that adds up its inputs (or some of them): one neuron counts them, one counts from the second on."""
    W1 = np.array(weights, dtype=float)[:, None] * np.ones(2)
    return lambda: (W1, np.array([0.0, -1.0]), np.array(W2, dtype=float), np.asarray(b2))


exactly_one = Weights(
    6,
    "exactly_one",
    "Weights by thought",
    solution=_network((1, -2)),
    mistakes={
        "your network says yes to two or three ones as well.": _network((1, -1)),
        "your network says yes where *no* input is 1.": (_network((-1, 1), 1), _network((0, 0), 1)),
        "your network says yes to exactly two, not to exactly one.": lambda: (
            np.ones((3, 2)),
            np.array([-1.0, -2.0]),
            np.array([1.0, -2.0]),
            np.asarray(0.0),
        ),
        "every input counts alike. Does one of them have the weight 0?": (
            _network((1, -2), weights=(1, 1, 0)),
            _network((1, -2), weights=(1, 0, 0)),
            _network((1, -2), weights=(0, 1, 1)),
        ),
        "it is the other way round: your network says no to exactly one.": _network((-1, 2), 1),
    },
    right={
        "other weights": lambda: (2 * np.ones((3, 2)), np.array([-2.0, 0.0]), np.array([-1.0, 0.5]), 0.0),
        "a column and a list": lambda: (
            np.ones((3, 2)).tolist(),
            [0, -1],
            np.array([[1.0], [-2.0]]),
            np.zeros(1),
        ),
    },
)
