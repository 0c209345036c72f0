"""Self-checks of lab 06, pretrained networks."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from helpers.checks.engine import Exercise, score_of
from helpers.checks.lab_06_models import MEAN_BGR, release_last, whole_network

_RANDOM = np.random.default_rng(6)


vgg_input = Exercise(
    1,
    "vgg_input",
    "Prepare pictures by hand",
    solution=lambda x: x[..., ::-1] - MEAN_BGR,
    cases=[
        (_RANDOM.integers(0, 256, (2, 4, 6, 3)).astype("uint8"),),
        (_RANDOM.integers(0, 256, (1, 5, 3, 3)).astype("uint8"),),
    ],
    tolerance=1e-5,
    mistakes={
        "blue comes first: the channels must be exchanged before the means are subtracted.": lambda x: (
            x - MEAN_BGR
        ),
        "the means belong to blue, green, red, in this order: subtract them after the exchange.": (
            lambda x: (x - MEAN_BGR)[..., ::-1],
            lambda x: x[..., ::-1] - MEAN_BGR[::-1],
        ),
        "the means must be subtracted, too.": lambda x: x[..., ::-1].astype(float),
        "subtract the means; do not add them.": lambda x: x[..., ::-1] + MEAN_BGR,
        "subtract the means of ImageNet, not those of the pictures.": lambda x: (
            x[..., ::-1] - x[..., ::-1].mean((0, 1, 2))
        ),
        "VGG16's pictures are not divided by anything.": (
            lambda x: (x[..., ::-1] - MEAN_BGR) / 255,
            lambda x: x[..., ::-1] / 255 - MEAN_BGR,
        ),
        "the values wrap around, as uint8 knows no negative numbers: convert to float first.": (
            lambda x: (x[..., ::-1] - MEAN_BGR.astype("uint8")).astype(float),
            lambda x: (x[..., ::-1] - MEAN_BGR).astype("int64").astype("uint8"),
        ),
        "columns are exchanged instead of channels, which are the last axis.": lambda x: (
            x[:, :, ::-1] - MEAN_BGR
        ),
        "rows are exchanged instead of channels, which are the last axis.": lambda x: x[:, ::-1] - MEAN_BGR,
    },
    right={"float32": lambda x: x[..., [2, 1, 0]].astype("float32") - MEAN_BGR.astype("float32")},
)


def _stack(channels, side=3, bias=1):
    return sum((side * side * a + bias) * b for a, b in pairwise(channels))


stack_parameters = Exercise(
    2,
    "stack_parameters",
    "Count a stack",
    solution=_stack,
    cases=[([3, 8, 16],), ([3, 64, 64, 128],), ([1, 5, 7, 9, 4],)],
    mistakes={
        "each filter has a bias, too.": lambda c: _stack(c, bias=0),
        "there is one bias for each filter, not one for each convolution.": lambda c: (
            _stack(c, bias=0) + len(c) - 1
        ),
        "a kernel covers 3·3 places of each channel.": (
            lambda c: _stack(c, side=1),
            lambda c: sum((3 * a + 1) * b for a, b in pairwise(c)),
        ),
        "in and out are swapped: the list is in the order from the picture to the output.": lambda c: _stack(
            c[::-1]
        ),
        "the last convolution is missing.": lambda c: _stack(c[:-1]),
        "the first convolution is missing; it sees the picture's channels.": lambda c: _stack(c[1:]),
        "a convolution sees all channels of the one before it.": (
            lambda c: sum(10 * b for b in c[1:]),
            lambda c: sum((9 * c[0] + 1) * b for b in c[1:]),
            lambda c: sum((9 * b + 1) * b for b in c[1:]),
        ),
    },
    wrong={"transpose": lambda c: _stack(c[::-1])},
    right={"a float": lambda c: 9.0 * np.dot(c[1:], c[:-1]) + sum(c[1:])},
)


def _shape(height, width, halvings=5, channels=512):
    return np.array([height // 2**halvings, width // 2**halvings, channels])


feature_shape = Exercise(
    3,
    "feature_shape",
    "What comes out",
    solution=_shape,
    cases=[(180, 260), (75, 130), (300, 224)],
    mistakes={
        "that is one pooling too few: VGG16 halves five times.": lambda h, w: _shape(h, w, 4),
        "that is one pooling too many: VGG16 halves five times.": lambda h, w: _shape(h, w, 6),
        "the height and the width are divided by 2 five times, that is by 32.": (
            lambda h, w: _shape(h, w, 0),
            lambda h, w: _shape(h, w, 1),
            lambda h, w: np.array([h // 10, w // 10, 512]),
        ),
        "each pooling rounds down.": lambda h, w: np.array([-(-h // 32), -(-w // 32), 512]),
        "sizes are whole numbers: `/` divides, `//` divides and rounds down.": lambda h, w: np.array(
            [h / 32, w / 32, 512]
        ),
        "height and width are swapped.": lambda h, w: _shape(w, h),
        "channels come last in Keras.": lambda h, w: _shape(h, w)[[2, 0, 1]],
        "the shape of *one* picture has no batch axis: height, width, channels.": (
            lambda h, w: np.array([1, *_shape(h, w)])
        ),
        "there are as many channels as the last convolution has filters.": (
            lambda h, w: _shape(h, w, channels=3),
            lambda h, w: _shape(h, w, channels=256),
        ),
    },
    wrong={"with None": lambda h, w: [None, *_shape(h, w)]},
    right={
        "a tuple": lambda h, w: tuple(_shape(h, w)),
        "step by step": lambda h, w: [*(n // 2 // 2 // 2 // 2 // 2 for n in (h, w)), 512],
    },
)


def _length(array):
    return np.sqrt(np.sum(array**2))


def _changes(before, after, length: Callable = _length):
    return np.array([length(b - a) / length(a) for a, b in zip(before, after, strict=True)])


def _two_trainings() -> list[tuple[list[np.ndarray], list[np.ndarray]]]:
    random = np.random.default_rng(66)
    cases = []
    for shapes in [[(3, 3, 2, 4), (4,)], [(5, 2), (2,), (3, 3, 1, 1)]]:
        before = [random.normal(size=shape) for shape in shapes]
        after = [array + 0.1 * (n + 1) * random.normal(size=array.shape) for n, array in enumerate(before)]
        cases.append((before, after))
    return cases


relative_changes = Exercise(
    4,
    "relative_changes",
    "What moved?",
    solution=_changes,
    cases=_two_trainings(),
    mistakes={
        "divide by the length of the array *before*.": (lambda a, b: _changes(b, a)),
        "take the square root: lengths, not their squares.": (
            lambda a, b: _changes(a, b) ** 2,
            lambda a, b: np.array([_length(y - x) ** 2 / _length(x) for x, y in zip(a, b, strict=True)]),
        ),
        "the length is the root of the sum of *squares*.": (
            lambda a, b: _changes(a, b, lambda x: np.abs(x).sum()),
            lambda a, b: _changes(a, b, lambda x: np.abs(x).max()),
            lambda a, b: _changes(a, b, np.sum),
        ),
        "divide each length by that of the array before: a *relative* change.": (
            lambda a, b: np.array([_length(y - x) for x, y in zip(a, b, strict=True)]),
            lambda a, b: np.array([_length(y - x) / x.size for x, y in zip(a, b, strict=True)]),
        ),
        "subtract before you take the length: an array that only turns has moved.": (
            lambda a, b: np.array(
                [abs(_length(y) - _length(x)) / _length(x) for x, y in zip(a, b, strict=True)]
            ),
            lambda a, b: np.array(
                [(_length(y) - _length(x)) / _length(x) for x, y in zip(a, b, strict=True)]
            ),
        ),
        "return one number for each array, not one for all together.": (
            lambda a, b: np.mean(_changes(a, b)),
            lambda a, b: np.sqrt(
                sum(_length(y - x) ** 2 for x, y in zip(a, b, strict=True)) / sum(_length(x) ** 2 for x in a)
            ),
        ),
    },
    right={
        "a list": lambda a, b: [np.linalg.norm(y - x) / np.linalg.norm(x) for x, y in zip(a, b, strict=True)],
        "root mean square": lambda a, b: _changes(a, b, lambda x: np.sqrt(np.mean(x**2))),
    },
)


EXERCISES = (vgg_input, stack_parameters, feature_shape, relative_changes, release_last, whole_network)
score = score_of("Lab 06", EXERCISES)
