"""Self-checks of lab 09, seeing inside a CNN."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from helpers.checks.engine import Exercise, score_of

_RANDOM = np.random.default_rng(9)


@dataclass(frozen=True)
class _Score:
    """A score of pictures that can be worked out with a pencil: weighted sum, plus a square of one."""

    weights: NDArray = field(repr=False)
    bend: float = 0.0

    def __call__(self, pictures: NDArray) -> NDArray:
        total = np.sum(self.weights * pictures, axis=tuple(range(1, np.ndim(pictures))))
        return total + self.bend * total**2


@dataclass(frozen=True)
class _Slope:
    """The gradient of such a score, for one picture."""

    weights: NDArray = field(repr=False)
    bend: float = 0.0

    def __call__(self, picture: NDArray) -> NDArray:
        return self.weights * (1 + 2 * self.bend * np.sum(self.weights * picture))


def _falls(score, picture, fill, corners, size, height: int | None = None, sign: float = 1):
    covered = np.stack([picture] * len(corners))
    for number, (row, column) in enumerate(corners):
        place = (number, slice(row, row + (height or size)), slice(column, column + size))
        covered[place] = np.broadcast_to(fill, picture.shape)[place[1:]]
    return sign * (score(picture[None]) - score(covered))


def _added_up(score, picture, fill, corners, size):
    falls, covered = [], picture.copy()
    for row, column in corners:
        covered[row : row + size, column : column + size] = fill[row : row + size, column : column + size]
        falls.append((score(picture[None]) - score(covered[None]))[0])
    return np.array(falls)


_PICTURE, _FILL = _RANDOM.uniform(0, 9, (7, 8, 3)), _RANDOM.uniform(0, 9, (7, 8, 3))
_WEIGHTS = _RANDOM.normal(size=(7, 8, 3))
_CORNERS = [(0, 0), (0, 4), (2, 1), (4, 5), (3, 3)]

falls = Exercise(
    1,
    "falls",
    "Occlusion with any filling",
    solution=_falls,
    cases=[
        (_Score(_WEIGHTS), _PICTURE, _FILL, _CORNERS, 3),
        (_Score(_WEIGHTS, 0.02), _PICTURE, np.zeros((7, 8, 3)), _CORNERS[::-1], 2),
    ],
    mistakes={
        "the sign is wrong: a *fall* is the score before minus the score after.": partial(_falls, sign=-1),
        "these are the scores after covering; subtract them from the score before.": lambda s, p, f, c, n: (
            s(p[None]) - _falls(s, p, f, c, n)
        ),
        "start from the whole picture for each square; yours are still covered by the squares before.": _added_up,
        "rows and columns are swapped: a corner is (row, column).": lambda s, p, f, c, n: _falls(
            s, p, f, [corner[::-1] for corner in c], n
        ),
        "the filling is the same at each place; it should show what `fill` has *there*.": lambda s, p, f, c, n: (
            _falls(s, p, f[0, 0], c, n)
        ),
        "the square is black; it should show what `fill` has there.": lambda s, p, f, c, n: _falls(
            s, p, np.zeros_like(p), c, n
        ),
        "the square has one row too many.": lambda s, p, f, c, n: _falls(s, p, f, c, n, height=n + 1),
        "the square is one pixel too small.": lambda s, p, f, c, n: _falls(s, p, f, c, n - 1),
    },
    right={
        "one at a time": lambda s, p, f, c, n: np.array([_falls(s, p, f, [corner], n)[0] for corner in c])
    },
)


def _integrated(gradient, picture, baseline, steps, first: float = 0.5, factor: Any = None):
    shares = (np.arange(steps) + first) / steps
    mean = np.mean([gradient(baseline + share * (picture - baseline)) for share in shares], axis=0)
    return mean * (picture - baseline if factor is None else factor)


_SMALL, _BASE = _RANDOM.uniform(0, 2, (3, 4, 2)), _RANDOM.uniform(0, 1, (3, 4, 2))
_W = _RANDOM.normal(size=(3, 4, 2))

integrated_gradients = Exercise(
    2,
    "integrated_gradients",
    "Integrated gradients",
    solution=_integrated,
    cases=[
        (_Slope(_W, 0.3), _SMALL, _BASE, 4),
        (_Slope(_W, -0.2), _SMALL, np.zeros_like(_SMALL), 1),
        (_Slope(_W, 0.5), _SMALL, _BASE[::-1], 7),
    ],
    mistakes={
        "the gradient is taken at the picture only; walk from the baseline to the picture.": lambda g, p, b, n: (
            g(p) * (p - b)
        ),
        "the path is right; multiply the mean gradient by (picture − baseline).": partial(
            _integrated, factor=1
        ),
        "multiply by the way, picture − baseline, not by the picture.": lambda g, p, b, n: _integrated(
            g, p, b, n, factor=p
        ),
        "the path begins at the baseline, not at black.": lambda g, p, b, n: _integrated(
            g, p, np.zeros_like(p), n, factor=p - b
        ),
        "take the middle of each step: (k + ½)/steps, not its beginning.": partial(_integrated, first=0),
        "take the middle of each step: (k + ½)/steps, not its end.": partial(_integrated, first=1),
        "take the *mean* of the gradients, not their sum.": lambda g, p, b, n: n * _integrated(g, p, b, n),
        "the sign is wrong: the way goes *from* the baseline *to* the picture.": lambda g, p, b, n: (
            -_integrated(g, p, b, n)
        ),
    },
    right={
        "step by step": lambda g, p, b, n: sum(g(b + (k + 0.5) / n * (p - b)) * (p - b) / n for k in range(n))
    },
)


def _evidence(maps, slopes, mean: Callable = lambda s: s.mean(axis=(0, 1))):
    total = (maps * mean(slopes)).sum(axis=-1)
    return np.maximum(total, 0), np.maximum(-total, 0)


_MAPS, _SLOPES = _RANDOM.uniform(0, 2, (4, 5, 6)), _RANDOM.normal(size=(4, 5, 6))

evidence = Exercise(
    3,
    "evidence",
    "Grad-CAM for both answers",
    solution=_evidence,
    cases=[(_MAPS, _SLOPES), (_MAPS[:3, :3], -_SLOPES[:3, :3])],
    mistakes={
        "result 2: what speaks against is cut off, too: it must not be negative.": lambda m, s: (
            _evidence(m, s)[0],
            np.minimum((m * s.mean((0, 1))).sum(-1), 0),
        ),
        "average the slopes over the places first: one weight for each map.": lambda m, s: _evidence(
            m, s, lambda slopes: slopes
        ),
        "the two are in the wrong order: first what speaks *for* the answer.": lambda m, s: _evidence(m, s)[::-1],
        "add the maps up first, then cut off. You cut off each map.": lambda m, s: (
            np.maximum(m * s.mean((0, 1)), 0).sum(-1),
            np.maximum(-m * s.mean((0, 1)), 0).sum(-1),
        ),
        "take the mean of the slopes, not their sum.": lambda m, s: _evidence(
            m, s, lambda slopes: slopes.sum(axis=(0, 1))
        ),
        "nothing is cut off: that is the weighted sum and its negative.": lambda m, s: (
            (m * s.mean((0, 1))).sum(-1),
            -(m * s.mean((0, 1))).sum(-1),
        ),
        "average over places, not over maps.": lambda m, s: _evidence(
            m, s, lambda slopes: slopes.mean(axis=-1, keepdims=True)
        ),
    },
    right={"with einsum": lambda m, s: (
        np.einsum("ijk,k->ij", m, s.mean((0, 1))).clip(0), (-np.einsum("ijk,k->ij", m, s.mean((0, 1)))).clip(0)
    )},
)  # fmt: skip


def _ranks(values):
    return np.argsort(np.argsort(values.ravel()))


def _rank_correlation(one, other, ranks: Callable = _ranks):
    return np.corrcoef(ranks(one), ranks(other))[0, 1]


_ONE = _RANDOM.permutation(30).reshape(5, 6) ** 2.0
_OTHER = _RANDOM.permutation(30).reshape(5, 6) + 0.3 * _ONE**0.5

rank_correlation = Exercise(
    4,
    "rank_correlation",
    "How alike are two maps?",
    solution=_rank_correlation,
    cases=[
        (_ONE, _OTHER),
        (_ONE, np.exp(_ONE / 300)),
        (_OTHER[:3], -_ONE[:3]),
        (_ONE, _RANDOM.normal(size=(5, 6))),
    ],
    mistakes={
        "that is the correlation of the values; replace them by their ranks first.": partial(
            _rank_correlation, ranks=np.ravel
        ),
        "`argsort` once gives the *places* in order, not the ranks. Take `argsort` of that again.": partial(
            _rank_correlation, ranks=lambda values: np.argsort(values.ravel())
        ),
        "that is a matrix; return its off-diagonal number.": lambda a, b: np.corrcoef(_ranks(a), _ranks(b)),
        "the sign is lost: opposite orders have the correlation −1.": lambda a, b: abs(
            _rank_correlation(a, b)
        ),
        "that is its square.": lambda a, b: _rank_correlation(a, b) ** 2,
        "rank all pixels together, not each row by itself.": lambda a, b: _rank_correlation(
            a, b, lambda values: np.argsort(np.argsort(values, axis=1), axis=1).ravel()
        ),
    },
    wrong={"transpose": lambda a, b: _rank_correlation(a[::-1], b)},
    right={
        "by the sum of squared differences": lambda a, b: (
            1 - 6 * np.sum((_ranks(a) - _ranks(b)) ** 2.0) / (a.size * (a.size**2 - 1))
        )
    },
)


def _area(curve):
    curve = np.asarray(curve)
    return ((curve[..., 1:] + curve[..., :-1]) / 2).mean(axis=-1)


def _gain(own, by_chance, area: Callable = _area, ddof=1, root: bool = True):
    areas = area(by_chance)
    error = areas.std(ddof=ddof) / (np.sqrt(len(areas)) if root else 1)
    return np.array([areas.mean() - area(own), error])


_CURVES = np.sort(_RANDOM.normal(size=(5, 9)), axis=1)[:, ::-1]

deletion_gain = Exercise(
    5,
    "deletion_gain",
    "The area under a deletion curve",
    solution=_gain,
    cases=[(_CURVES[0] - 1, _CURVES), (np.linspace(1, 0, 5) ** 2, _CURVES[:3, :5]), (_CURVES[1], _CURVES[2:])],
    mistakes={
        "the ends count half: the area consists of trapezoids, not of bars.": partial(
            _gain, area=lambda c: np.mean(c, axis=-1)
        ),
        "each trapezoid takes both of its sides; yours are bars of the left one.": partial(
            _gain, area=lambda c: c[..., :-1].mean(axis=-1)
        ),
        "each trapezoid takes both of its sides; yours are bars of the right one.": partial(
            _gain, area=lambda c: c[..., 1:].mean(axis=-1)
        ),
        "the whole way counts as 1: each trapezoid is 1/n wide.": partial(
            _gain, area=lambda c: ((c[..., 1:] + c[..., :-1]) / 2).sum(axis=-1)
        ),
        "the sign is wrong: a method that lets the score fall fast has a *positive* gain.": lambda a, b: (
            _gain(a, b) * [-1, 1]
        ),
        "that is the standard deviation; divide it by the root of the number of curves.": partial(_gain, root=False),
        "the standard deviation of a sample divides by n − 1: ddof=1.": partial(_gain, ddof=0),
    },
    right={"with trapezoid": partial(_gain, area=lambda c: np.trapezoid(c, dx=1 / (c.shape[-1] - 1), axis=-1))
           if hasattr(np, "trapezoid") else _gain},
)  # fmt: skip


def _excess(maps, masks, positive: Callable = lambda m: np.maximum(m, 0), empty: bool = True):
    found = []
    for values, mask in zip(positive(maps), masks, strict=True):
        share = values[mask].sum() / values.sum() if values.sum() or not empty else mask.mean()
        found.append(share - mask.mean())
    return np.array(found)


_MANY = _RANDOM.normal(size=(4, 5, 6))
_MANY[2] = -np.abs(_MANY[2])
_MASKS = _RANDOM.random((4, 5, 6)) < np.array([0.2, 0.5, 0.4, 0.7])[:, None, None]
_NOTHING = "a map with nothing positive prefers no place: its excess is 0. Where do you divide by its sum?"

excess_on_animal = Exercise(
    6,
    "excess_on_animal",
    "Is it on the animal?",
    solution=_excess,
    cases=[(_MANY, _MASKS), (_MANY[:2] + 0.3, _MASKS[1:3])],
    nan_hint=_NOTHING,
    mistakes={
        "only the positive part counts; yours adds negative values, too.": partial(
            _excess, positive=lambda m: m
        ),
        "only the positive part counts; yours takes the sizes of negative values, too.": partial(
            _excess, positive=np.abs
        ),
        "that is the share on the animal; subtract the share of the *area* that the animal has.": lambda m, k: (
            _excess(m, k) + k.mean(axis=(1, 2))
        ),
        "each picture has its own animal: subtract that one's share of the area, not the mean of all.": (
            lambda m, k: _excess(m, k) + k.mean(axis=(1, 2)) - k.mean()
        ),
        "return one number for each picture, not their mean.": lambda m, k: _excess(m, k).mean(),
        "that is the share *beside* the animal.": lambda m, k: _excess(m, ~k),
        _NOTHING: partial(_excess, empty=False),
    },
    right={
        "all at once": lambda m, k: (
            np.nan_to_num(
                (m.clip(0) * k).sum((1, 2)) / np.maximum(m.clip(0).sum((1, 2)), 1e-300) - k.mean((1, 2))
            )
            * (m.max((1, 2)) > 0)
        )
    },
)

EXERCISES = [falls, integrated_gradients, evidence, rank_correlation, deletion_gain, excess_on_animal]
score = score_of("Lab 09", EXERCISES)
