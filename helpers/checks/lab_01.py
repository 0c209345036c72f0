"""Self-checks of lab 01, convolution by hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from helpers.checks.engine import Exercise, score_of
from helpers.convolution import conv2d, convolve2d, correlate2d, max_pool2d, output_size

_RANDOM = np.random.default_rng(1)
_IMAGE = _RANDOM.integers(-9, 10, (7, 5)).astype(float)
_WIDE = _RANDOM.integers(-9, 10, (6, 9)).astype(float)
_KERNEL = _RANDOM.integers(-4, 5, (3, 3)).astype(float)
_TALL_KERNEL = _RANDOM.integers(-4, 5, (3, 2)).astype(float)
_COLOR_IMAGE = _RANDOM.integers(-5, 6, (6, 8, 3)).astype(float)
_COLOR_KERNELS = _RANDOM.integers(-3, 4, (3, 2, 3, 2)).astype(float)
_VERTICAL = np.array([[1, 0, -1]] * 3)
_DIGIT = np.array(
    [[0, 0, 0, 0], [0, 219, 253, 247], [0, 0, 190, 0], [0, 0, 0, 93], [0, 0, 221, 253], [136, 212, 0, 0]],
    float,
)
_FLIPPED = "you flip the kernel. Deep-learning libraries do not: the first weight meets the first pixel."

complete_matrix = Exercise(
    1,
    "complete_matrix",
    "Fill in the matrix",
    solution=lambda: correlate2d(_DIGIT, _VERTICAL),
    mistakes={
        _FLIPPED: lambda: convolve2d(_DIGIT, _VERTICAL),
        "the right column of the window is added; it must be subtracted.": lambda: correlate2d(
            _DIGIT, np.abs(_VERTICAL)
        ),
        "the right column of the window is left out; it must be subtracted.": lambda: correlate2d(
            _DIGIT, _VERTICAL == 1
        ),
        "there is no padding: the window stays inside the scrap, which gives 4×2 numbers.": lambda: (
            correlate2d(_DIGIT, _VERTICAL, padding=1)
        ),
    },
    right={"a list of lists": lambda: correlate2d(_DIGIT, _VERTICAL).astype(int).tolist()},
)


def _shape(image, kernel, stride, padding):
    return tuple(output_size(n, f, stride, padding) for n, f in zip(image, kernel, strict=True))


def _sides(formula: Callable, sides: tuple[int, int] = (0, 1)) -> Callable:
    """A formula (image side, kernel side, stride, padding) for both sides of the result."""
    return lambda image, kernel, stride, padding: tuple(
        formula(image[n], kernel[n], stride, padding) for n in sides
    )


output_shape = Exercise(
    2,
    "output_shape",
    "The shape of the result",
    solution=_shape,
    cases=[
        ((28, 20), (3, 5), 1, 0),
        ((28, 20), (3, 5), 1, 2),
        ((180, 90), (7, 3), 2, 0),
        ((11, 6), (3, 2), 3, 1),
    ],
    mistakes={
        "the padding is ignored.": _sides(lambda n, f, s, p: (n - f) // s + 1),
        "padding is added on both sides of the image, not on one.": _sides(
            lambda n, f, s, p: (n - f + p) // s + 1
        ),
        "padding makes the image larger: add it.": _sides(lambda n, f, s, p: (n - f - 2 * p) // s + 1),
        "the stride is ignored.": _sides(lambda n, f, s, p: n - f + 2 * p + 1),
        "the numbers are off by one: a window that fits exactly once has one position, not zero.": _sides(
            lambda n, f, s, p: (n - f + 2 * p) // s
        ),
        "brackets are missing: the whole way, n − f + 2p, is divided by the stride.": (
            _sides(lambda n, f, s, p: n - f + 2 * p // s + 1),
            _sides(lambda n, f, s, p: (n - f) // s + 2 * p + 1),
            _sides(lambda n, f, s, p: n - f // s + 2 * p + 1),
            _sides(lambda n, f, s, p: (n - f + 2 * p + 1) // s),
        ),
        "the result has fractions: `/` divides, `//` divides and rounds down.": _sides(
            lambda n, f, s, p: (n - f + 2 * p) / s + 1
        ),
        "round down: a window that would hang over the end has no position.": (
            _sides(lambda n, f, s, p: -(-(n - f + 2 * p) // s) + 1),
            _sides(lambda n, f, s, p: round((n - f + 2 * p) / s) + 1),
        ),
        "both numbers are computed from the heights; the second needs the widths, `[1]`.": _sides(
            lambda *a: output_size(*a), (0, 0)
        ),
        "both numbers are computed from the widths; the first needs the heights, `[0]`.": _sides(
            lambda *a: output_size(*a), (1, 1)
        ),
        "rows and columns are swapped: the shape is (height, width).": _sides(
            lambda *a: output_size(*a), (1, 0)
        ),
    },
    right={
        "an array of floats": lambda *a: np.array(_shape(*a), float),
        "rounded up": _sides(lambda n, f, s, p: -(-(n - f + 2 * p + 1) // s)),
    },
)


def _stretched(kernel, dilation, size=None):
    """The kernel with gaps of zeros between its weights."""
    span = size or (lambda n: dilation * (n - 1) + 1)
    result = np.zeros([span(n) for n in kernel.shape])
    result[::dilation, ::dilation] = kernel
    return result


dilated_correlate = Exercise(
    3,
    "dilated_correlate",
    "A window with gaps",
    solution=lambda i, k, d: correlate2d(i, _stretched(k, d)),
    cases=[(_IMAGE, _KERNEL, 1), (_WIDE, _TALL_KERNEL / 8, 2), (_WIDE, _KERNEL, 2)],
    mistakes={
        _FLIPPED: lambda i, k, d: convolve2d(i, _stretched(k, d)),
        "the dilation is ignored: with 2, every second pixel of the window is skipped.": lambda i, k, d: (
            correlate2d(i, k)
        ),
        "that is a stride. The window moves by one pixel; its weights lie apart.": lambda i, k, d: (
            correlate2d(i, k, d)
        ),
        "the gaps hold zeros; you repeat the weights.": lambda i, k, d: correlate2d(
            i, np.kron(k, np.ones((d, d)))
        ),
        "a window spans D·(F − 1) + 1 pixels: there is no gap after the last weight.": lambda i, k, d: (
            correlate2d(i, _stretched(k, d, lambda n: n * d))
        ),
        "the kernel plays no part: multiply each pixel of the window by its weight.": lambda i, k, d: (
            correlate2d(i, _stretched(np.ones(k.shape), d))
        ),
        "add the products up; you take their mean.": lambda i, k, d: (
            correlate2d(i, _stretched(k, d)) / k.size
        ),
        "the gaps must be in both directions.": (
            lambda i, k, d: correlate2d(i, _stretched(k, d)[::d]),
            lambda i, k, d: correlate2d(i, _stretched(k, d)[:, ::d]),
        ),
        "the last row or column of positions is missing: `range(n)` ends at n − 1.": (
            lambda i, k, d: correlate2d(i, _stretched(k, d))[:-1, :-1],
            lambda i, k, d: np.pad(correlate2d(i, _stretched(k, d))[:-1, :-1], (0, 1)),
        ),
        "there is no padding: the result is smaller than the image.": lambda i, k, d: correlate2d(
            i, _stretched(k, d), padding="same"
        ),
        "fractions are cut off: `np.zeros(shape)` holds them, an array of whole numbers does not.": (
            lambda i, k, d: np.trunc(correlate2d(i, _stretched(k, d)))
        ),
    },
    right={
        "in one step": lambda i, k, d: np.einsum(
            "yxij,ij->yx", sliding_window_view(i, _stretched(k, d).shape)[..., ::d, ::d], k
        ),
        "float32": lambda i, k, d: correlate2d(i.astype("float32"), _stretched(k, d)),
    },
)

strided_correlate = Exercise(
    4,
    "strided_correlate",
    "Stride and padding",
    solution=correlate2d,
    cases=[(_WIDE, _KERNEL, 1, 0), (_WIDE, _KERNEL, 2, 1), (_IMAGE, _TALL_KERNEL, 3, 2)],
    mistakes={
        _FLIPPED: convolve2d,
        "the padding must be zeros, on all four sides.": lambda i, k, s, p: correlate2d(
            np.pad(i, p, "edge"), k, s
        ),
        "the padding is ignored.": lambda i, k, s, p: correlate2d(i, k, s),
        "the stride is ignored.": lambda i, k, s, p: correlate2d(i, k, 1, p),
        "the padding goes on all four sides, also at the bottom and on the right.": lambda i, k, s, p: (
            correlate2d(np.pad(i, ((p, 0), (p, 0))), k, s)
        ),
        "the padding goes on all four sides, also at the top and on the left.": lambda i, k, s, p: (
            correlate2d(np.pad(i, ((0, p), (0, p))), k, s)
        ),
        "the stride must be used in both directions.": (
            lambda i, k, s, p: correlate2d(i, k, (s, 1), p),
            lambda i, k, s, p: correlate2d(i, k, (1, s), p),
        ),
        "each window must start `stride` pixels after the one before: at `row * stride`, `column * stride`.": (
            lambda i, k, s, p: correlate2d(i, k, 1, p)[: -(-(i.shape[0] + 2 * p - k.shape[0] + 1) // s)][
                :, : -(-(i.shape[1] + 2 * p - k.shape[1] + 1) // s)
            ]
        ),
        "that is a dilation: the window has gaps. A stride moves a window without gaps by several pixels.": (
            lambda i, k, s, p: correlate2d(np.pad(i, p), _stretched(k, s))
        ),
    },
    right={"padded first": lambda i, k, s, p: correlate2d(np.pad(i, p), k)[::s, ::s]},
)


def _tiles(image, size):
    rows, columns = (n // size for n in image.shape)
    return image[: rows * size, : columns * size].reshape(rows, size, columns, size)


max_pool = Exercise(
    5,
    "max_pool",
    "Max pooling",
    solution=max_pool2d,
    cases=[(_IMAGE, 2), (_WIDE - 10, 3), (_DIGIT, 2)],
    mistakes={
        "that is the average of each tile; keep the largest value.": lambda i, n: _tiles(i, n).mean((1, 3)),
        "that is the smallest value of each tile; keep the largest.": lambda i, n: _tiles(i, n).min((1, 3)),
        "rows and columns that do not fill a tile at the end are dropped.": lambda i, n: max_pool2d(
            np.pad(i, [(0, -side % n) for side in i.shape], constant_values=-99), n
        ),
        "the windows overlap. Move by the size of a tile each time.": (
            lambda i, n: max_pool2d(i, n, 1),
            lambda i, n: max_pool2d(i, n, 1)[: i.shape[0] // n, : i.shape[1] // n],
        ),
        "`[::size, ::size]` keeps the first value of each tile; keep the largest.": (
            lambda i, n: i[::n, ::n],
            lambda i, n: _tiles(i, n)[:, 0, :, 0],
        ),
        "a tile of negative values must give a negative number: do not start from zero.": lambda i, n: (
            np.maximum(max_pool2d(i, n), 0)
        ),
        "`reshape` goes along the rows: the axes are (rows, size, columns, size), and the maximum is over 1 and 3.": (
            lambda i, n: np.reshape(_tiles(i, n), (i.shape[0] // n, i.shape[1] // n, n, n)).max((2, 3))
        ),
    },
    right={"window by window": lambda i, n: sliding_window_view(i, (n, n))[::n, ::n].max((2, 3))},
)


def _linear(image, kernels, bias=None):
    return conv2d(image[None], kernels, bias)[0]


def _channels(image, kernels):
    """The maps of each channel alone, before they are added up."""
    return [_linear(image[..., c : c + 1], kernels[:, :, c : c + 1]) for c in range(image.shape[2])]


def _relu(x):
    return np.maximum(x, 0)


convolution_layer = Exercise(
    6,
    "convolution_layer",
    "A whole convolution layer",
    solution=lambda i, k, b: _relu(_linear(i, k, b)),
    cases=[
        (_COLOR_IMAGE, _COLOR_KERNELS, np.array([1.0, -2.0])),
        (_COLOR_IMAGE[:, :5, :1], np.concatenate([_COLOR_KERNELS[:2, :, :1]] * 2, axis=3), np.zeros(4)),
    ],
    mistakes={
        "the negative values are still there: apply ReLU last.": _linear,
        "the bias is missing.": lambda i, k, b: _relu(_linear(i, k)),
        "add the bias before ReLU, not after.": lambda i, k, b: _relu(_linear(i, k)) + b,
        "add the channels up first; ReLU comes once, at the end.": (
            lambda i, k, b: sum(_relu(channel + b) for channel in _channels(i, k)),
            lambda i, k, b: sum(_relu(channel) for channel in _channels(i, k)) + b,
            lambda i, k, b: _relu(sum(_relu(channel) for channel in _channels(i, k)) + b),
        ),
        "the bias is added once for each filter, not once for each channel.": lambda i, k, b: _relu(
            sum(channel + b for channel in _channels(i, k))
        ),
        "only one channel counts: add up the maps of all channels.": (
            lambda i, k, b: _relu(_channels(i, k)[0] + b),
            lambda i, k, b: _relu(_channels(i, k)[-1] + b),
        ),
        "the filters are the last axis: `np.stack(maps, axis=-1)`.": lambda i, k, b: np.moveaxis(
            _relu(_linear(i, k, b)), -1, 0
        ),
        _FLIPPED: lambda i, k, b: _relu(_linear(i, k[::-1, ::-1], b)),
    },
    right={"channels added one by one": lambda i, k, b: _relu(sum(_channels(i, k)) + b)},
)


def _scatter(maps, kernel, stride):
    """A full convolution of the map whose numbers lie ``stride`` apart."""
    apart = _stretched(maps, stride)
    height, width = kernel.shape
    return convolve2d(np.pad(apart, ((height - 1,) * 2, (width - 1,) * 2)), kernel)


def _overwritten(maps, kernel, stride):
    (rows, columns), (height, width) = maps.shape, kernel.shape
    result = np.zeros(((rows - 1) * stride + height, (columns - 1) * stride + width))
    for (row, column), value in np.ndenumerate(maps):
        result[row * stride :, column * stride :][:height, :width] = value * kernel
    return result


scatter = Exercise(
    7,
    "scatter",
    "The way back",
    solution=_scatter,
    cases=[(_IMAGE[:4], _KERNEL, 1), (_WIDE[:3, :4], _TALL_KERNEL, 2), (_IMAGE[:3, :3], _KERNEL, 2)],
    mistakes={
        "here the kernel is added as it is, not turned around.": lambda m, k, s: _scatter(
            m, k[::-1, ::-1], s
        ),
        "where windows overlap, contributions add up: `+=`, not `=`.": _overwritten,
        "the stride is ignored: the window of (row, column) starts at (row · stride, column · stride).": (
            lambda m, k, s: _scatter(m, k, 1)
        ),
        "the kernel plays no part: each number adds itself times the kernel.": lambda m, k, s: _scatter(
            m, np.ones(k.shape), s
        ),
        "that gathers, as a convolution does. Here each number of the map adds to a whole window.": (
            lambda m, k, s: correlate2d(m, k),
            lambda m, k, s: correlate2d(m, k, padding="same"),
        ),
        "the last row and column are cut off: the result ends with the last window.": lambda m, k, s: (
            _scatter(m, k, s)[:-1, :-1]
        ),
        "the result is just large enough for all windows: (rows − 1) · stride + height.": lambda m, k, s: (
            np.pad(_scatter(m, k, s), ((0, s), (0, s)))
        ),
    },
    right={"float32": lambda m, k, s: _scatter(m.astype("float32"), k, s)},
)

EXERCISES = (
    complete_matrix, output_shape, dilated_correlate, strided_correlate, max_pool, convolution_layer, scatter,
)  # fmt: skip
score = score_of("Lab 01", EXERCISES)
