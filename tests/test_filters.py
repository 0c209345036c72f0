"""helpers.filters against SciPy and scikit-image."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import ndimage
from skimage import data
from skimage import filters as skimage_filters

from helpers import filters

IMAGES = hnp.arrays("uint8", st.tuples(st.integers(1, 12), st.integers(1, 12)))


@given(IMAGES)
def test_sobel_equals_scipy_border_included(image):
    gradient, exact = filters.sobel(image), image.astype(float)
    assert np.array_equal(gradient.gx, ndimage.sobel(exact, axis=1))
    assert np.array_equal(gradient.gy, ndimage.sobel(exact, axis=0))
    assert np.allclose(gradient.magnitude * np.cos(gradient.angle), gradient.gx)
    assert np.allclose(gradient.magnitude * np.sin(gradient.angle), gradient.gy)


def test_sobel_equals_scikit_image_on_a_photograph():
    photo = data.camera() / 255
    gradient = filters.sobel(photo)
    assert np.allclose(gradient.gy / 4, skimage_filters.sobel_h(photo))
    assert np.allclose(gradient.magnitude / np.sqrt(2) / 4, skimage_filters.sobel(photo))


def test_angle_points_to_the_brighter_side():
    ramp = np.tile(np.arange(8.0), (8, 1))
    for image, degrees in ((ramp, 0), (ramp.T, 90), (ramp[:, ::-1], 180), (ramp.T[::-1], -90)):
        assert np.allclose(np.degrees(filters.sobel(image).angle[4, 4]), degrees)


@pytest.mark.parametrize("image", [data.astronaut(), np.ones(5), np.ones((0, 3)), np.full((3, 3), np.nan)])
def test_bad_images_are_refused(image):
    with pytest.raises(ValueError, match=r"one channel|2 dimension|empty|NaN"):
        filters.sobel(image)


def test_named_kernels():
    sums = {"IDENTITY": 1, "BOX_BLUR": 1, "GAUSSIAN": 1, "SHARPEN": 1}
    sums |= {"HORIZONTAL_LINES": 0, "VERTICAL_LINES": 0, "SOBEL_X": 0, "SOBEL_Y": 0}
    named = {name: value for name, value in vars(filters).items() if name.isupper()}
    assert {name: round(float(kernel.sum()), 9) for name, kernel in named.items()} == sums
    with pytest.raises(ValueError, match="read-only"):
        filters.SOBEL_X[0, 0] = 1
