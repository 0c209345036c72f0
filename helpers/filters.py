"""Named 3×3 kernels and the Sobel gradient (NumPy only).

All kernels are written as they are *slid* (cross-correlation, no flip). They are read-only; copy one
to change it. One convention for signs: x runs to the right and y downward, as columns and rows are counted, and a
kernel named X or Y gives a positive number where the image becomes brighter in that direction.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers.convolution import correlate2d


def _kernel(rows: ArrayLike, divisor: float = 1.0) -> NDArray[np.float64]:
    kernel = np.array(rows, dtype=np.float64) / divisor
    kernel.setflags(write=False)
    return kernel


IDENTITY = _kernel([[0, 0, 0], [0, 1, 0], [0, 0, 0]])
BOX_BLUR = _kernel([[1, 1, 1], [1, 1, 1], [1, 1, 1]], 9)
GAUSSIAN = _kernel([[1, 2, 1], [2, 4, 2], [1, 2, 1]], 16)
SHARPEN = _kernel([[0, -1, 0], [-1, 5, -1], [0, -1, 0]])
LAPLACIAN = _kernel([[0, 1, 0], [1, -4, 1], [0, 1, 0]])
PREWITT_X = _kernel([[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]])
PREWITT_Y = _kernel([[-1, -1, -1], [0, 0, 0], [1, 1, 1]])
# Prewitt's kernels with the opposite sign, under the names that a published lecture gives them
HORIZONTAL_LINES = _kernel([[1, 1, 1], [0, 0, 0], [-1, -1, -1]])
VERTICAL_LINES = _kernel(HORIZONTAL_LINES.T)
SOBEL_X = _kernel([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
SOBEL_Y = _kernel([[-1, -2, -1], [0, 0, 0], [1, 2, 1]])


class Gradient(NamedTuple):
    """The Sobel gradient of an image; every array has the image's shape."""

    gx: NDArray[np.floating]  # change toward the right, signed
    gy: NDArray[np.floating]  # change toward the bottom, signed
    magnitude: NDArray[np.floating]  # sqrt(gx² + gy²), at least 0
    angle: NDArray[np.floating]  # arctan2(gy, gx) in radians, from −π to π


def sobel(image: ArrayLike) -> Gradient:
    """Return the Sobel gradient of a gray image, border included.

    Args:
        image: shape (height, width), in any range. Integers are converted, never wrapped.

    Returns:
        A ``Gradient`` of four floating-point arrays of the image's shape, in the image's units × 8
        (the kernel is not normalized, as in the textbook form).

    Raises:
        TypeError, ValueError: as ``helpers.convolution.correlate2d``; a color image is refused.

    The border repeats the edge pixels, so that the frame of the photograph is not an edge. Equal to
    ``scipy.ndimage.sobel``.
    """
    image = np.asarray(image)
    if image.ndim == 3:
        raise ValueError(
            f"sobel expects one channel, but the shape is {image.shape}: convert the photograph first, "
            "for example with skimage.color.rgb2gray."
        )
    padded = np.pad(image, 1, mode="edge") if image.ndim == 2 and image.size else image
    gx, gy = correlate2d(padded, SOBEL_X), correlate2d(padded, SOBEL_Y)
    return Gradient(gx, gy, np.hypot(gx, gy), np.arctan2(gy, gx))
