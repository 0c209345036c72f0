"""Self-checks of lab 08, a deeper network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from helpers.checks.engine import Exercise, score_of
from helpers.checks.lab_08_training import best_lead, smoothed_loss, warm_up_cosine
from helpers.convolution import conv2d

_RANDOM = np.random.default_rng(8)

Stack = list[tuple]


def _size(
    stack: Stack,
    side: int,
    channels: int,
    bias: Callable[[int], int] = lambda outputs: outputs,
    places: Callable[[int, int], int] = lambda before, after: after**2,
    valid: int = 2,
    forget: str = "",
    halved: Callable[[int], int] = lambda side: side // 2,
) -> np.ndarray:
    """Return parameters and multiplications of a stack, or make one of several mistakes."""
    parameters = products = 0
    for kind, *settings in stack:
        if kind == "pool":
            side = halved(side)
            continue
        outputs, before = settings[0], side
        if kind == "conv":
            side -= valid * (settings[1] == "valid")
            weights = 9 * channels * outputs if forget != "channels" else 9 * outputs
            products += weights * places(before, side)
        else:
            weights = outputs * channels * (side**2 if forget != "flatten" else 1)
            products += weights if forget != "dense" else 0
            side = 1
        parameters += weights + bias(outputs)
        channels = outputs
    return np.array([parameters, products])


def _with(**mistake: Any) -> Callable[[Stack, int, int], np.ndarray]:
    return lambda stack, side, channels: _size(stack, side, channels, **mistake)


_SOURCE: Stack = [("conv", 32, "same"), ("conv", 32, "valid"), ("pool",), ("conv", 64, "same")]
_SOURCE += [("conv", 64, "valid"), ("pool",), ("conv", 64, "same"), ("conv", 64, "valid"), ("pool",)]
_SOURCE += [("dense", 512), ("dense", 10)]


def _layer_by_layer(stack: Stack, side: int, channels: int) -> tuple[int, int]:
    """What a student may write: the shape is carried along."""
    shape, numbers, work = (side, side, channels), 0, 0
    for layer in stack:
        if layer[0] == "pool":
            shape = (shape[0] // 2, shape[1] // 2, shape[2])
        elif layer[0] == "conv":
            cut = 0 if layer[2] == "same" else 2
            numbers += (9 * shape[2] + 1) * layer[1]
            work += 9 * shape[2] * layer[1] * (shape[0] - cut) * (shape[1] - cut)
            shape = (shape[0] - cut, shape[1] - cut, layer[1])
        else:
            inputs = shape[0] * shape[1] * shape[2]
            numbers, work, shape = (
                numbers + (inputs + 1) * layer[1],
                work + inputs * layer[1],
                (1, 1, layer[1]),
            )
    return numbers, work


network_size = Exercise(
    1,
    "network_size",
    "How large is a network?",
    solution=_size,
    cases=[
        ([("conv", 8, "valid"), ("pool",), ("dense", 5)], 12, 3),
        (_SOURCE, 32, 3),
        (
            [("conv", 4, "valid"), ("conv", 6, "same"), ("pool",), ("pool",), ("dense", 7), ("dense", 3)],
            21,
            1,
        ),
    ],
    tolerance=1e-9,
    mistakes={
        "each filter and each dense unit has a bias, which is a parameter, too.": _with(
            bias=lambda outputs: 0
        ),
        "a filter has one bias, however many places it runs at; a layer has as many as it has outputs.": _with(
            bias=lambda outputs: 1
        ),
        "a filter is used at every place of its *output*; a valid convolution has fewer than its input.": _with(
            places=lambda before, after: before**2
        ),
        "count the multiplications at every place of the map, not for one window only.": _with(
            places=lambda before, after: 1
        ),
        "the map has rows *and* columns: side × side places.": _with(places=lambda before, after: after),
        "a valid convolution of 3×3 makes the map smaller by 2.": (_with(valid=0), _with(valid=1)),
        "a filter looks at all channels that come in: 3 × 3 × channels weights.": _with(forget="channels"),
        "a dense layer sees all numbers of the map: side × side × channels.": _with(forget="flatten"),
        "dense layers multiply as well: once for each weight.": _with(forget="dense"),
        "a pooling of an odd side rounds down.": _with(halved=lambda side: -(-side // 2)),
        "a pooling halves the side of the map.": _with(halved=lambda side: side),
        "parameters first, then multiplications.": lambda *a: _size(*a)[::-1],
    },
    right={"layer by layer": _layer_by_layer},
)


def _dropped(
    x: np.ndarray,
    rate: float,
    draws: np.ndarray,
    scale: Callable[[float], float] = lambda rate: 1 / (1 - rate),
    keep: Callable = np.greater_equal,
) -> np.ndarray:
    return x * keep(draws, rate)[:, None, None, :] * scale(rate)


def _maps(rate: float, *shape: int) -> tuple:
    draws = (_RANDOM.permutation(shape[0] * shape[3]) + 0.5) / (shape[0] * shape[3])  # some of each kind
    return _RANDOM.normal(size=shape), rate, draws.reshape(shape[0], shape[3])


drop_maps = Exercise(
    2,
    "drop_maps",
    "Drop whole maps",
    solution=_dropped,
    cases=[_maps(0.3, 3, 4, 5, 4), _maps(0.6, 4, 3, 3, 5), _maps(0.25, 2, 5, 4, 6)],
    mistakes={
        "scale up what is kept, so that the mean stays: divide by the share that is kept.": lambda x, r, d: (
            _dropped(x, r, d, lambda rate: 1)
        ),
        "divide by the share that is *kept*, 1 − rate.": lambda x, r, d: _dropped(
            x, r, d, lambda rate: 1 / rate
        ),
        "divide by the share that is kept; you multiply by it.": lambda x, r, d: _dropped(
            x, r, d, lambda rate: 1 - rate
        ),
        "divide by 1 − rate, the share that is kept on average, not by the share of these draws.": (
            lambda x, r, d: x * (d >= r)[:, None, None, :] / (d >= r).mean()
        ),
        "a map is kept where its draw is *at least* the rate; you keep the others.": (
            lambda x, r, d: _dropped(x, r, d, keep=np.less),
            lambda x, r, d: _dropped(x, r, d, lambda rate: 1 / rate, keep=np.less),
        ),
        "a map is kept where its draw is at least the rate, not where it is at least 1 − rate.": lambda x, r, d: (
            x * (d >= 1 - r)[:, None, None, :] / (1 - r)
        ),
        "every picture has its own draws; you use those of the first for all.": lambda x, r, d: _dropped(
            x, r, np.repeat(d[:1], len(d), axis=0)
        ),
        "what is kept is multiplied by 1/(1 − rate), not by its draw.": lambda x, r, d: (
            x * ((d >= r) * d)[:, None, None, :] / (1 - r)
        ),
    },
    right={
        "map by map": lambda x, r, d: np.stack(
            [
                np.stack(
                    [x[n, ..., c] / (1 - r) if d[n, c] >= r else 0 * x[n, ..., c] for c in range(x.shape[3])],
                    -1,
                )
                for n in range(len(x))
            ]
        ),
        "with where": lambda x, r, d: np.where((d < r)[:, None, None], 0, x / (1 - r)),
    },
)


def _relu(x: np.ndarray) -> np.ndarray:
    return np.maximum(x, 0)


def _change(x: np.ndarray, kernel1: np.ndarray, kernel2: np.ndarray, inner: Callable = _relu) -> np.ndarray:
    return conv2d(inner(conv2d(x, kernel1, stride=2, padding="same")), kernel2, padding="same")


def _block(x: np.ndarray, kernel1: np.ndarray, kernel2: np.ndarray, projection: np.ndarray) -> np.ndarray:
    return _relu(_change(x, kernel1, kernel2) + conv2d(x, projection, stride=2))


def _block_case(side: int, channels: int, filters: int) -> tuple:
    shapes = [
        (2, side, side, channels),
        (3, 3, channels, filters),
        (3, 3, filters, filters),
        (1, 1, channels, filters),
    ]
    return tuple(_RANDOM.normal(size=shape) for shape in shapes)


projection_block = Exercise(
    3,
    "projection_block",
    "A shortcut that changes shape",
    solution=_block,
    cases=[_block_case(8, 3, 4), _block_case(6, 2, 5), _block_case(6, 4, 4)],
    mistakes={
        "the shortcut is missing: add the projection of x.": lambda x, a, b, p: _relu(_change(x, a, b)),
        "the last ReLU comes *after* the sum.": (
            lambda x, a, b, p: _relu(_change(x, a, b)) + conv2d(x, p, stride=2),
            lambda x, a, b, p: _relu(_change(x, a, b)) + _relu(conv2d(x, p, stride=2)),
        ),
        "the last ReLU is missing.": lambda x, a, b, p: _change(x, a, b) + conv2d(x, p, stride=2),
        "the ReLU between the two convolutions is missing.": lambda x, a, b, p: _relu(
            _change(x, a, b, lambda y: y) + conv2d(x, p, stride=2)
        ),
        "no ReLU on the shortcut: it hands on x as it is.": lambda x, a, b, p: _relu(
            _change(x, a, b) + _relu(conv2d(x, p, stride=2))
        ),
        "no ReLU after the second convolution: the sum comes first.": lambda x, a, b, p: _relu(
            _relu(_change(x, a, b)) + conv2d(x, p, stride=2)
        ),
        "the projection starts at x, not at what the first convolution made of it.": lambda x, a, b, p: (
            _relu(_change(x, a, b) + conv2d(x, p, stride=2, padding="same")[:, ::-1])
            if p.shape[2] != p.shape[3]
            else _relu(_change(x, a, b) + conv2d(_relu(conv2d(x, a, stride=2, padding="same")), p))
        ),
        "the shortcut is added, not subtracted.": lambda x, a, b, p: _relu(
            _change(x, a, b) - conv2d(x, p, stride=2)
        ),
        "the first convolution has stride 2, so that the map is halved; so has the projection.": lambda x, a, b, p: (
            _relu(conv2d(_relu(conv2d(x, a, padding="same")), b, padding="same") + conv2d(x, p))
        ),
        "the projection keeps every second row and column, counted from the *first*.": lambda x, a, b, p: (
            _relu(_change(x, a, b) + conv2d(x[:, 1:, 1:], p, stride=2))
        ),
    },
    right={
        "the projection as a matrix": lambda x, a, b, p: _relu(_change(x, a, b) + x[:, ::2, ::2] @ p[0, 0])
    },
)


EXERCISES = (network_size, drop_maps, projection_block, smoothed_loss, best_lead, warm_up_cosine)
score = score_of("Lab 08", EXERCISES)
