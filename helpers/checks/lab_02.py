"""Self-checks of lab 02, Sobel filters."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from helpers.checks.engine import Exercise, score_of
from helpers.checks.lab_02_gradient import kernel_gradient
from helpers.convolution import correlate2d
from helpers.filters import LAPLACIAN, SOBEL_X, SOBEL_Y

_RANDOM = np.random.default_rng(2)
_IMAGE = _RANDOM.integers(0, 256, (7, 10)).astype(float)
_TALL = _RANDOM.integers(0, 256, (9, 6)).astype(float)
_TALL[:3, :3] = np.add.outer(np.zeros(3), [30, 20, 10])  # brighter to the left only: 180°
_KERNEL = _RANDOM.normal(size=(3, 3))
_WIDE_KERNEL = _RANDOM.normal(size=(2, 4))
_BLOCKS = np.kron(_RANDOM.integers(0, 256, (3, 4)), np.ones((4, 4)))
_ROWS = np.array([[3, 5, 2, 2, 4, 1], [0, 7, 7, 1, 1, 0], [9, 8, 1, 3, 6, 6], [2, 2, 2, 5, 0, 8]], float)


def _steered(degrees, to_angle=np.radians):
    return np.cos(to_angle(degrees)) * SOBEL_X + np.sin(to_angle(degrees)) * SOBEL_Y


steered_kernel = Exercise(
    1,
    "steered_kernel",
    "Sobel in any direction",
    solution=_steered,
    cases=[(20,), (0,), (90,), (200,)],
    mistakes={
        "cosine and sine expect radians: convert with `np.radians`.": (
            lambda d: _steered(d, float),
            lambda d: _steered(d, lambda x: x / 180),
            lambda d: _steered(d, np.degrees),
        ),
        "the kernel is transposed. 0° is to the right: which of the two belongs to the cosine?": lambda d: (
            _steered(90 - d)
        ),
        "90° points downward, as the rows are counted.": lambda d: _steered(-d),
        "the two kernels are added, not subtracted, and their sum is not divided.": (
            lambda d: _steered(180 - d),
            lambda d: _steered(d) / 2,
        ),
    },
    right={"in complex numbers": lambda d: ((SOBEL_X - 1j * SOBEL_Y) * np.exp(1j * np.radians(d))).real},
)


def _both(image):
    return correlate2d(image, SOBEL_X), correlate2d(image, SOBEL_Y)


def _compass(image, size: Callable = np.hypot, turn: Callable = lambda x, y: np.arctan2(-y, x), full=360):
    gx, gy = _both(image)
    with np.errstate(all="ignore"):
        angle = np.degrees(turn(gx, gy))
    return size(gx, gy), angle % full if full else angle


def _wrapped(image):
    gx, gy = (g % 256 if image.dtype == np.uint8 else g for g in _both(image))
    return np.hypot(gx, gy), np.degrees(np.arctan2(-gy, gx)) % 360


compass = Exercise(
    2,
    "compass",
    "Strength and compass",
    solution=_compass,
    cases=[(_IMAGE,), (_TALL.astype(np.uint8),)],
    mistakes={
        "the angle runs clockwise. Here up is 90°, so the sign of gy must be turned.": lambda i: _compass(
            i, turn=lambda x, y: np.arctan2(y, x)
        ),
        "the angle runs clockwise (turn the sign of gy), and it must be from 0° to 360°, without negative ones.": (
            lambda i: _compass(i, turn=lambda x, y: np.arctan2(y, x), full=0)
        ),
        "the angle must be from 0° to 360°: add a full turn to negative ones.": lambda i: _compass(i, full=0),
        "an angle runs from 0° to 360°, not to 180°: add a full turn, not half of one.": lambda i: _compass(
            i, full=180
        ),
        "`arctan` cannot tell opposite directions apart. Use `arctan2`.": (
            lambda i: _compass(i, turn=lambda x, y: np.arctan(-y / x)),
            lambda i: _compass(i, turn=lambda x, y: np.arctan(y / x)),
            lambda i: _compass(i, turn=lambda x, y: np.arctan(-y / x), full=0),
        ),
        "the arguments are swapped: `arctan2` takes the vertical part first.": lambda i: _compass(
            i, turn=lambda x, y: np.arctan2(x, -y)
        ),
        "the angle is in radians: convert with `np.degrees`.": (
            lambda i: (_compass(i)[0], np.radians(_compass(i)[1])),
            lambda i: (_compass(i)[0], np.radians(_compass(i, full=0)[1])),
        ),
        "8-bit numbers have wrapped around: convert the image to float first.": _wrapped,
        "no padding: the results are two pixels smaller than the image.": lambda i: _compass(np.pad(i, 1)),
        "`filters.sobel` pads the image. Without padding the results are two pixels smaller: use `correlate2d`.": (
            lambda i: _compass(np.pad(i, 1, "symmetric"))
        ),
        "the strength is not the sum of the two absolute values.": lambda i: _compass(
            i, lambda x, y: abs(x) + abs(y)
        ),
        "the strength lacks its square root.": lambda i: _compass(i, lambda x, y: x**2 + y**2),
        "return the strength first, then the angle.": lambda i: _compass(i)[::-1],
    },
    wrong={"flipped kernels": lambda i: _compass(i, turn=lambda x, y: np.arctan2(y, -x))},
    right={"a list, in complex numbers": lambda i: [
        abs(z := _both(i)[0] - 1j * _both(i)[1]), np.degrees(np.angle(z)) % 360
    ]},
)  # fmt: skip


def _recovered(image, result, shape, bias=True):
    windows = sliding_window_view(image, shape).reshape(-1, shape[0] * shape[1])
    columns = np.column_stack([windows, np.full(len(windows), float(bias))])
    solution = np.linalg.lstsq(columns, result.ravel(), rcond=None)[0]
    return solution[:-1].reshape(shape), solution[-1:][0]


def _kernel_and_bias(image, result, shape, change: Callable = lambda kernel: kernel):
    kernel, bias = _recovered(image, result, shape)
    return change(kernel), np.array(bias)


def _case(image, kernel, bias):
    return image, correlate2d(image, kernel) + bias, kernel.shape


lost_kernel = Exercise(
    3,
    "lost_kernel",
    "The lost kernel",
    solution=_kernel_and_bias,
    cases=[_case(_IMAGE / 100, _KERNEL, 5.0), _case(_TALL.T / 100, _WIDE_KERNEL, -2.0)],
    mistakes={
        "the bias is missing: give the matrix one more column, of ones.": (
            lambda i, r, s: (_recovered(i, r, s, bias=False)[0], np.array(0.0)),
            lambda i, r, s: (_recovered(i, r - r.mean(), s, bias=False)[0], np.array(r.mean())),
        ),
        "the kernel is flipped: the first weight belongs to the first pixel of each window.": lambda i, r, s: (
            _kernel_and_bias(i, r, s, lambda kernel: kernel[::-1, ::-1])
        ),
        "the weights come out as one row; give the kernel its shape.": lambda i, r, s: _kernel_and_bias(
            i, r, s, np.ravel
        ),
        "the weights are in the wrong order: the windows are read row by row, so reshape row by row.": (
            lambda i, r, s: _kernel_and_bias(i, r, s, lambda k: k.ravel().reshape(s, order="F"))
        ),
        "return the kernel first, then the bias.": lambda i, r, s: _kernel_and_bias(i, r, s)[::-1],
        "the kernel is not always 3×3: use `shape`.": lambda i, r, s: _kernel_and_bias(
            i[: r.shape[0] + 2, : r.shape[1] + 2], r[: i.shape[0] - 2, : i.shape[1] - 2], (3, 3)
        ),
    },
    right={
        "normal equations": lambda i, r, s: _by_normal_equations(i, r, s),
        "a list": lambda i, r, s: list(_kernel_and_bias(i, r, s)),
    },
)


def _by_normal_equations(image, result, shape):
    windows = sliding_window_view(image, shape).reshape(result.size, -1)
    columns = np.column_stack([np.ones(result.size), windows])
    solution = np.linalg.solve(columns.T @ columns, columns.T @ result.ravel())
    return solution[1:].reshape(shape), solution[0]


def _thinned(strength, left: Callable = np.greater, right: Callable = np.greater_equal, ends=(1, 1)):
    wide = np.pad(strength, ((0, 0), (1, 1)), constant_values=-np.inf)
    keep = left(strength, wide[:, :-2]) & right(strength, wide[:, 2:])
    keep[:, :1] &= bool(ends[0])
    keep[:, -1:] &= bool(ends[1])
    return np.where(keep, strength, 0.0)


thin_edges = Exercise(
    4,
    "thin_edges",
    "Thin edges",
    solution=_thinned,
    cases=[(_ROWS,), (_TALL / 7,)],
    mistakes={
        "of two equal neighbors, the left one stays: larger than the left, at least as large as the right.": (
            lambda s: _thinned(s, np.greater, np.greater),
            lambda s: _thinned(s, np.greater_equal, np.greater_equal),
            lambda s: _thinned(s, np.greater_equal, np.greater),
        ),
        "compare along the rows, with left and right; you compare with above and below.": lambda s: (
            _thinned(s.T).T
        ),
        "the first and the last column have one neighbor only; they may stay as well.": lambda s: _thinned(
            s, ends=(0, 0)
        ),
        "`np.roll` goes around: the first column is compared with the last one.": lambda s: np.where(
            (s > np.roll(s, 1, axis=1)) & (s >= np.roll(s, -1, axis=1)), s, 0
        ),
        "that is the largest value of each row only; every peak stays.": lambda s: np.where(
            s == s.max(axis=1, keepdims=True), s, 0
        ),
        "`max(axis=1)` takes away an axis: with `keepdims=True` it could be compared with the rows. "
        "But compare with the two neighbors, not with the row's maximum.": lambda s: np.where(
            s == s.max(axis=1), s, 0
        ),
        "a peak keeps its *value*; the others become 0.": lambda s: _thinned(s) > 0,
        "both conditions must hold: larger than the left *and* at least as large as the right.": lambda s: (
            np.where(
                (s > np.pad(s, ((0, 0), (1, 0)), constant_values=-1)[:, :-1])
                | (s >= np.pad(s, ((0, 0), (0, 1)), constant_values=-1)[:, 1:]),
                s,
                0,
            )
        ),
    },
    wrong={"the valleys": lambda s: np.where(_thinned(s) > 0, 0, s)},
    right={"pixel by pixel": lambda s: _pixel_by_pixel(s)},
)


def _pixel_by_pixel(strength):
    result = np.zeros_like(strength)
    for row, column in np.ndindex(strength.shape):
        value, last = strength[row, column], strength.shape[1] - 1
        above_left = column == 0 or value > strength[row, column - 1]
        if above_left and (column == last or value >= strength[row, column + 1]):
            result[row, column] = value
    return result


def _crossings(image, kernel=LAPLACIAN, join: Callable = np.logical_or, change: Callable = lambda x: x < 0):
    second = correlate2d(image, kernel)
    here = second[:-1, :-1]
    return join(change(here * second[:-1, 1:]), change(here * second[1:, :-1]))


def _signs(image):
    """The same with the signs compared."""
    sign = np.sign(correlate2d(image, LAPLACIAN))
    return (sign[:-1, :-1] * sign[:-1, 1:] == -1) | (sign[:-1, :-1] * sign[1:, :-1] == -1)


def _crossings_of_signs(image):
    sign = np.sign(correlate2d(image, LAPLACIAN))
    return (sign[:-1, :-1] != sign[:-1, 1:]) | (sign[:-1, :-1] != sign[1:, :-1])


zero_crossings = Exercise(
    5,
    "zero_crossings",
    "Zero crossings",
    solution=_crossings,
    cases=[(_IMAGE,), (_BLOCKS,)],
    mistakes={
        "everything is False. The Laplacian is seldom *exactly* 0: compare the signs of neighbors.": (
            lambda i: correlate2d(i, LAPLACIAN)[:-1, :-1] > np.inf,
            lambda i: _crossings(i, change=lambda x: x > np.inf),
        ),
        "that is where the Laplacian is 0 or nearly so; ask where its sign changes from one pixel to the next.": (
            lambda i: correlate2d(i, LAPLACIAN)[:-1, :-1] == 0,
            lambda i: np.abs(correlate2d(i, LAPLACIAN))[:-1, :-1] < 1,
        ),
        "look to the right *and* down; only one of the two directions counts.": (
            lambda i: _crossings(i, join=lambda right, down: right),
            lambda i: _crossings(i, join=lambda right, down: down),
        ),
        "a change in one of the two directions is enough: use `|`, not `&`.": lambda i: _crossings(
            i, join=np.logical_and
        ),
        "that is True where the sign does *not* change.": (
            lambda i: ~_crossings(i),
            lambda i: _crossings(i, change=lambda x: x > 0),
        ),
        "a 0 has no sign: only from + to − or from − to +. (`<= 0` takes uniform areas for edges.)": lambda i: (
            _crossings(i, change=lambda x: x <= 0)
        ),
        "a 0 has no sign of its own, yet it differs from both: ask whether the *product* is negative.": lambda i: (
            _crossings_of_signs(i)
        ),
        "no padding: the result is three pixels smaller than the image.": lambda i: _crossings(np.pad(i, 1)),
        "look for the sign changes of the *Laplacian*, not of a Sobel gradient.": (
            lambda i: _crossings(i, SOBEL_X),
            lambda i: _crossings(i, SOBEL_Y),
        ),
    },
    right={"with np.sign": _signs, "the kernel negated": lambda i: _crossings(i, -LAPLACIAN)},
)


EXERCISES = (steered_kernel, compass, lost_kernel, thin_edges, zero_crossings, kernel_gradient)
score = score_of("Lab 02", EXERCISES)
