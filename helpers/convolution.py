"""Convolution and pooling in NumPy, with the conventions of deep-learning libraries.

Every function slides a kernel over the last spatial axes and, like TensorFlow, does *not* flip it
(cross-correlation); ``convolve2d`` is the one that flips. Images are channels-last.

Numbers: integer and boolean input is converted to float64 first, so nothing wraps around; float32
and float64 keep their precision; float16 is computed in float32. Complex numbers, text, NaN and
infinite values, and empty arrays are refused.
"""

from __future__ import annotations

import operator
from typing import Literal

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray

Padding = int | Literal["valid", "same"]


def output_size(size: int, kernel: int, stride: int = 1, padding: Padding = 0) -> int:
    """Return how many positions a kernel takes along one axis: ``(size - kernel + 2 padding) // stride + 1``.

    Args:
        size: length of the input along the axis, at least 1.
        kernel: length of the kernel along the axis, at least 1.
        stride: step between two positions, at least 1.
        padding: zeros added on *each* side, or ``"valid"`` (none), or ``"same"`` (as many as it takes
            for ``ceil(size / stride)`` outputs).

    Raises:
        TypeError: if a length is not an integer.
        ValueError: if a length is out of range, or the kernel does not fit into the padded input.

    Source: Keras' ``compute_conv_output_shape``.
    """
    size, kernel = _whole("size", size, 1), _whole("kernel", kernel, 1)
    stride = _whole("stride", stride, 1)
    before, after = _pad_widths(size, kernel, stride, padding)
    room = size + before + after - kernel
    if room < 0:
        raise ValueError(
            f"A kernel of length {kernel} does not fit into an input of length {size} with "
            f"{before} + {after} zeros of padding: use a smaller kernel or more padding."
        )
    return room // stride + 1


def correlate1d(
    signal: ArrayLike, kernel: ArrayLike, stride: int = 1, padding: Padding = 0
) -> NDArray[np.floating]:
    """Slide a kernel along a signal: ``out[i] = sum_j kernel[j] * padded[i * stride + j]``.

    Args:
        signal: shape (n,).
        kernel: shape (k,).
        stride: step between two positions, at least 1.
        padding: an integer (zeros on each side), ``"valid"`` or ``"same"``.

    Returns:
        Shape ``(output_size(n, k, stride, padding),)``.

    Raises:
        TypeError, ValueError: as described at the top of the module.
    """
    signal, kernel = _floats("signal", signal, (1,)), _floats("kernel", kernel, (1,))
    return correlate2d(signal[None, :], kernel[None, :], (1, stride), (0, padding))[0]


def correlate2d(
    image: ArrayLike,
    kernel: ArrayLike,
    stride: int | tuple[int, int] = 1,
    padding: Padding | tuple[Padding, Padding] = 0,
) -> NDArray[np.floating]:
    """Slide a kernel over one channel, as a convolution *layer* does (no flip).

    ``out[y, x] = sum_ij kernel[i, j] * padded[y * stride + i, x * stride + j]``, computed by shifting
    the whole image once per kernel entry and adding.

    Args:
        image: shape (height, width).
        kernel: shape (kernel height, kernel width), odd or even.
        stride: step between two positions, at least 1; or a pair (vertical, horizontal).
        padding: an integer (zeros on each side), ``"valid"``, ``"same"``; or such a pair.

    Returns:
        Shape (output height, output width), each from ``output_size``.

    Raises:
        TypeError, ValueError: as described at the top of the module, and if the kernel does not fit.
    """
    image, kernel = _floats("image", image, (2,)), _floats("kernel", kernel, (2,))
    image, kernel = _same_dtype(image, kernel)
    strides = [_whole("stride", s, 1) for s in (stride if isinstance(stride, tuple) else (stride,) * 2)]
    paddings = padding if isinstance(padding, tuple) else (padding,) * 2
    rows, columns = (
        output_size(*args) for args in zip(image.shape, kernel.shape, strides, paddings, strict=True)
    )
    image = _zero_pad(image, kernel.shape, strides, paddings)
    result = np.zeros((rows, columns), image.dtype)
    strip = max(1, 65_536 // columns)  # so many rows at a time stay in the processor's cache
    product = np.empty((strip, columns), image.dtype)
    for top in range(0, rows, strip):
        output = result[top : top + strip]
        start, stop = top * strides[0], (top + len(output) - 1) * strides[0] + 1
        for (i, j), weight in np.ndenumerate(kernel):
            if weight:  # kernels such as Sobel's are full of zeros
                shifted = image[start + i : stop + i : strides[0], j:][:, : columns * strides[1] : strides[1]]
                output += np.multiply(shifted, weight, out=product[: len(output)])
    return result


def convolve2d(
    image: ArrayLike,
    kernel: ArrayLike,
    stride: int | tuple[int, int] = 1,
    padding: Padding | tuple[Padding, Padding] = 0,
) -> NDArray[np.floating]:
    """Convolve in the mathematician's sense: ``correlate2d`` with the kernel flipped along both axes.

    Arguments, result and errors are those of ``correlate2d``. With ``padding="same"`` and an even
    kernel the extra zero goes after the image, as in TensorFlow (SciPy centers the other way).
    """
    return correlate2d(image, np.flip(_floats("kernel", kernel, (2,))), stride, padding)


def conv2d(
    images: ArrayLike,
    kernels: ArrayLike,
    bias: ArrayLike | None = None,
    stride: int = 1,
    padding: Padding = "valid",
) -> NDArray[np.floating]:
    """Compute what a ``keras.layers.Conv2D`` layer computes before its activation.

    Args:
        images: shape (batch, height, width, channels).
        kernels: shape (kernel height, kernel width, channels, filters).
        bias: shape (filters,), or None for zeros.
        stride: step between two positions in both directions, at least 1.
        padding: ``"valid"``, ``"same"`` (as TensorFlow pads), or an integer.

    Returns:
        Shape (batch, output height, output width, filters).

    Raises:
        TypeError, ValueError: as described at the top of the module, and if channels or filters disagree.
    """
    images, kernels = _floats("images", images, (4,)), _floats("kernels", kernels, (4,))
    images, kernels = _same_dtype(images, kernels)
    if images.shape[3] != kernels.shape[2]:
        raise ValueError(
            f"The images have {images.shape[3]} channel(s) but the kernels expect {kernels.shape[2]}: "
            "kernels have the shape (kernel height, kernel width, channels, filters)."
        )
    stride = _whole("stride", stride, 1)
    height, width, channels, filters = kernels.shape
    rows, columns = (output_size(images.shape[a + 1], kernels.shape[a], stride, padding) for a in (0, 1))
    images = _zero_pad(images, kernels.shape[:2], [stride] * 2, [padding] * 2)
    result = np.zeros((len(images), rows * columns, filters), images.dtype)
    # One image at a time keeps its patches in the processor's cache; the patches of all
    # positions are laid out as rows, so that one matrix product does all filters at once.
    weights = kernels.reshape(-1, filters)
    patches = np.empty((rows, columns, height, width, channels), images.dtype)
    for image, output in zip(images, result, strict=True):
        windows = sliding_window_view(image, (height, width), axis=(0, 1))[::stride, ::stride]
        patches[...] = windows.transpose(0, 1, 3, 4, 2)
        np.matmul(patches.reshape(rows * columns, -1), weights, out=output)
    if bias is not None:
        bias = _floats("bias", bias, (1,))
        if bias.shape != (filters,):
            raise ValueError(
                f"There are {filters} filter(s) but {bias.size} bias value(s): give one per filter."
            )
        result += bias.astype(result.dtype)
    return result.reshape(len(images), rows, columns, filters)


def max_pool2d(images: ArrayLike, size: int = 2, stride: int | None = None) -> NDArray[np.floating]:
    """Keep the largest value of each ``size`` × ``size`` window (no padding).

    Args:
        images: shape (height, width), (height, width, channels) or (batch, height, width, channels).
        size: side of the window, at least 1.
        stride: step between two windows; ``size`` if None, so that the windows tile the image.

    Returns:
        The same rank, with height and width replaced by ``output_size(…, size, stride)``.

    Raises:
        TypeError, ValueError: as described at the top of the module, and if the window does not fit.
    """
    return _pool(images, size, stride, np.maximum)


def average_pool2d(images: ArrayLike, size: int = 2, stride: int | None = None) -> NDArray[np.floating]:
    """Average each ``size`` × ``size`` window; arguments, result and errors as ``max_pool2d``."""
    return _pool(images, size, stride, np.add) / size**2


def _pool(images: ArrayLike, size: int, stride: int | None, combine: np.ufunc) -> NDArray[np.floating]:
    images = _floats("images", images, (2, 3, 4))
    size = _whole("size", size, 1)
    stride = size if stride is None else _whole("stride", stride, 1)
    vertical = 1 if images.ndim == 4 else 0
    for axis in (vertical, vertical + 1):  # a square window is a column of rows: one axis after the other
        count = output_size(images.shape[axis], size, stride)
        windows = np.moveaxis(images, axis, 0)
        slices = [windows[start : start + (count - 1) * stride + 1 : stride] for start in range(size)]
        pooled = slices[0].copy()
        for other in slices[1:]:
            combine(pooled, other, out=pooled)
        images = np.moveaxis(pooled, 0, axis)
    return np.ascontiguousarray(images)


def _whole(name: str, value: int, least: int) -> int:
    """Return ``value`` as an int, or say what is wrong with it."""
    if isinstance(value, bool | np.bool_):
        raise TypeError(f"{name} must be a whole number, not {value!r}.")
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{name} must be a whole number, not {value!r}.") from None
    if number < least:
        raise ValueError(f"{name} must be at least {least}, not {number}.")
    return number


def _floats(name: str, values: ArrayLike, ranks: tuple[int, ...]) -> NDArray[np.floating]:
    """Return ``values`` as a finite, non-empty floating-point array of an allowed rank."""
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise ValueError(f"{name} is not a regular array: every row needs the same length.") from error
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{name} must hold real numbers, not {array.dtype}.")
    if array.ndim not in ranks:
        wanted = " or ".join(map(str, ranks))
        raise ValueError(f"{name} must have {wanted} dimension(s), but its shape is {array.shape}.")
    if array.size == 0:
        raise ValueError(f"{name} is empty: its shape is {array.shape}.")
    if array.dtype.kind != "f":
        return array.astype(np.float64)
    if array.dtype.itemsize == 2:
        array = array.astype(np.float32)
    if not np.isfinite(array).all():
        raise ValueError(
            f"{name} holds NaN or infinite values: replace them first, for example with numpy.nan_to_num."
        )
    return array


def _same_dtype(image: NDArray, kernel: NDArray) -> tuple[NDArray, NDArray]:
    """Return both arrays in the image's precision, so that a list as kernel does not slow a float32 image."""
    return image, kernel.astype(image.dtype, copy=False)


def _pad_widths(size: int, kernel: int, stride: int, padding: Padding) -> tuple[int, int]:
    """Return the zeros before and after one axis."""
    if isinstance(padding, str):
        if padding == "valid":
            return 0, 0
        if padding == "same":
            total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
            return total // 2, total - total // 2
        raise ValueError(f'padding must be a whole number, "valid" or "same", not {padding!r}.')
    padding = _whole("padding", padding, 0)
    return padding, padding


def _zero_pad(images, kernel_shape, strides, paddings) -> NDArray[np.floating]:
    """Return ``images`` (two or four dimensions) with zeros around height and width."""
    first = 1 if images.ndim == 4 else 0
    widths = [(0, 0)] * images.ndim
    for axis in (0, 1):
        size = images.shape[first + axis]
        widths[first + axis] = _pad_widths(size, kernel_shape[axis], strides[axis], paddings[axis])
    return np.pad(images, widths) if any(map(any, widths)) else images
