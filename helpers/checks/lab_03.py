"""Self-checks of lab 03, the MNIST network."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from helpers.checks.engine import Exercise, score_of
from helpers.checks.lab_03_gradients import kernel_gradient, logit_gradient
from helpers.checks.lab_03_models import changed_model

_RANDOM = np.random.default_rng(3)


def _weights(kernel, channels, filters):
    return (kernel * kernel * channels + 1) * filters


def _parameters(
    size,
    channels,
    network,
    weights: Callable = _weights,
    conv: Callable = lambda n, w: n - w + 1,
    pool: Callable = lambda n, w: n // w,
    flat: Callable = lambda side, channels: side * side * channels,
    follow=True,
    flattened=True,
):
    total = 0
    for kind, *settings in network:
        if kind == "pool":
            size = pool(size, settings[0])
            continue
        if kind == "conv":
            size = conv(size, settings[0])
            total += weights(settings[0], channels, settings[1])
        else:
            total += weights(1, flat(size, channels), settings[0])
            size = 1 if flattened else size
        channels = settings[-1] if follow or kind == "dense" else channels
    return total


def _variant(**changes: Any) -> Callable:
    return partial(_parameters, **changes)


count_parameters = Exercise(
    1,
    "count_parameters",
    "Count a whole network",
    solution=_parameters,
    cases=[
        (28, 1, [("conv", 5, 16), ("pool", 2), ("conv", 3, 24), ("pool", 2), ("dense", 10)]),
        (33, 3, [("conv", 3, 8), ("conv", 3, 8), ("pool", 3), ("dense", 64), ("dense", 10)]),
        (20, 4, [("pool", 2), ("dense", 7)]),
    ],
    mistakes={
        "the biases are missing: one for each filter, and one for each unit of a dense layer.": _variant(
            weights=lambda k, c, f: k * k * c * f
        ),
        "there is one bias for each filter, not one for the whole layer.": _variant(
            weights=lambda k, c, f: k * k * c * f + 1
        ),
        "there is one bias for each filter, not one for each channel, too.": _variant(
            weights=lambda k, c, f: (k * k + 1) * c * f
        ),
        "each filter has a kernel for *every* input channel.": _variant(
            weights=lambda k, c, f: (k * k * (c if k == 1 else 1) + 1) * f
        ),
        "channels and filters are swapped: biases belong to filters.": _variant(
            weights=lambda k, c, f: _weights(k, f, c)
        ),
        "each layer reads the maps of the one before, not the input's channels.": _variant(follow=False),
        "a dense layer is connected to every number of the maps: side × side × channels.": (
            _variant(flat=lambda side, channels: channels),
            _variant(flat=lambda side, channels: side * channels),
            _variant(flat=lambda side, channels: side * side),
        ),
        "after the first dense layer there are no maps any more: the next one reads that layer's units.": _variant(
            flattened=False
        ),
        "without padding, a convolution takes `kernel - 1` off the side.": (
            _variant(conv=lambda n, w: n),
            _variant(conv=lambda n, w: n - w),
            _variant(conv=lambda n, w: n - w // 2),
        ),
        "pooling divides the side by its window and rounds down.": (
            _variant(pool=lambda n, w: n),
            _variant(pool=lambda n, w: n - w + 1),
            _variant(pool=lambda n, w: -(-n // w)),
            _variant(pool=lambda n, w: n / w),
            _variant(pool=lambda n, w: n // 2),
        ),
        "the dense layer counts, too.": lambda n, c, net: _parameters(
            n, c, [layer for layer in net if layer[0] != "dense"]
        ),
    },
    wrong={"transpose": _variant(weights=lambda k, c, f: _weights(k, f, c))},
    right={"a float": lambda n, c, net: float(_parameters(n, c, net))},
)


def _fields(
    layers,
    reach: Callable = lambda kernel, dilation: (kernel - 1) * dilation,
    jump_after: Callable = lambda jump, stride: jump * stride,
    stride_first=False,
):
    field, jump, fields = 1, 1, []
    for kernel, stride, dilation in layers:
        after = jump_after(jump, stride)
        field += reach(kernel, dilation) * (after if stride_first else jump)
        jump = after
        fields.append(field)
    return np.array(fields)


receptive_field = Exercise(
    2,
    "receptive_field",
    "How far it sees",
    solution=_fields,
    cases=[
        ([(3, 1, 2), (2, 2, 1), (3, 1, 1), (2, 2, 1), (3, 1, 3)],),
        ([(3, 1, 1), (3, 1, 2), (3, 1, 4)],),
        ([(5, 2, 1), (3, 3, 1), (4, 1, 2)],),
    ],
    mistakes={
        "`kernel` weights that lie `dilation` apart reach `(kernel - 1) · dilation` further.": (
            lambda layers: _fields(layers, lambda k, d: k - 1),
            lambda layers: _fields(layers, lambda k, d: k * d - 1),
            lambda layers: _fields(layers, lambda k, d: k + d - 2),
        ),
        "a kernel of 3 reaches 2 further, not 3: the first weight lies on the unit itself.": lambda layers: (
            _fields(layers, lambda k, d: k * d)
        ),
        "after a stride, neighbors lie further apart: one step is as wide as the product of all strides before it.": (
            lambda layers: _fields(layers, jump_after=lambda jump, stride: 1),
            lambda layers: _fields(layers, jump_after=lambda jump, stride: stride),
            lambda layers: _fields(layers, jump_after=lambda jump, stride: jump + stride - 1),
        ),
        "a layer's own stride counts from the *next* layer on.": lambda layers: _fields(
            layers, stride_first=True
        ),
        "dilation does not change the step to the next unit; only strides do.": lambda layers: _fields(
            [(k, s * d, d) for k, s, d in layers]
        ),
        "return the field after every layer, not after the last one only.": (
            lambda layers: _fields(layers)[-1],
            lambda layers: _fields(layers)[-1:],
        ),
        "return the field after each layer; the 1 of a single pixel does not belong in the list.": (
            lambda layers: np.array([1, *_fields(layers)])
        ),
    },
    right={"a list": lambda layers: _fields(layers).tolist()},
)


def _count(true, predicted, classes):
    matrix = np.zeros((classes, classes))
    np.add.at(matrix, (true, predicted), 1)
    return matrix


def _shares(matrix, empty: float = 0):
    hits, rows, columns = np.diag(matrix), matrix.sum(axis=1), matrix.sum(axis=0)
    return tuple(np.where(total > 0, hits / np.maximum(total, 1), empty) for total in (rows, columns))


def _rates(true, predicted, classes):
    return _shares(_count(true, predicted, classes))


recall_and_precision = Exercise(
    5,
    "recall_and_precision",
    "Recall and precision",
    solution=_rates,
    cases=[
        (_RANDOM.integers(0, 3, 60), _RANDOM.integers(0, 2, 60), 3),
        (_RANDOM.integers(0, 10, 60), _RANDOM.integers(0, 9, 60), 10),
        (np.array([0, 2, 2, 5, 5]), np.array([0, 2, 5, 5, 0]), 8),  # classes that do not occur
    ],
    nan_hint="a class that never occurs, or is never answered, has nothing to divide by: its share is 0.",
    mistakes={
        "there is one share for each of the `classes`, also for those that do not occur.": (
            lambda t, p, n: _rates(t, np.minimum(p, t.max()), t.max() + 1),
            lambda t, p, n: _rates(t, p, max(t.max(), p.max()) + 1),
            lambda t, p, n: _shares(_count(t, p, n)[np.ix_(*[np.union1d(t, p)] * 2)]),
        ),
        "recall and precision are swapped: recall divides by how often a class is *true*.": lambda t, p, n: (
            _rates(p, t, n)
        ),
        "divide by the number of examples of each class, not of all.": lambda t, p, n: (
            (np.diag(_count(t, p, n)) / len(t),) * 2
        ),
        "the two differ: recall divides by the true counts, precision by the predicted ones.": (
            lambda t, p, n: (_rates(t, p, n)[0],) * 2,
            lambda t, p, n: (_rates(t, p, n)[1],) * 2,
        ),
        "return shares, not counts.": lambda t, p, n: (np.diag(_count(t, p, n)),) * 2,
        "every pair counts, also when it occurs again. (`matrix[true, predicted] += 1` counts it once.)": (
            lambda t, p, n: _shares(np.minimum(_count(t, p, n), 1))
        ),
        "return one share for each class, not the average over them.": lambda t, p, n: tuple(
            np.array([share.mean()]) for share in _rates(t, p, n)
        ),
        "a class that never occurs, or is never answered, gets the share 0.": lambda t, p, n: _shares(
            _count(t, p, n), empty=1
        ),
    },
    right={
        "one array of two": lambda t, p, n: np.stack(_rates(t, p, n)),
        "class by class": lambda t, p, n: tuple(
            np.array([np.sum((t == c) & (p == c)) / max(np.sum(who == c), 1) for c in range(n)])
            for who in (t, p)
        ),
        "as scikit-learn does with all labels": lambda t, p, n: _shares(
            np.bincount(n * t + p, minlength=n * n).reshape(n, n)
        ),
    },
)

EXERCISES = (
    count_parameters,
    receptive_field,
    logit_gradient,
    kernel_gradient,
    recall_and_precision,
    changed_model,
)
score = score_of("Lab 03", EXERCISES)
