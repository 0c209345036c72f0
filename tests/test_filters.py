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
from helpers.convolution import correlate2d

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


@pytest.mark.parametrize(
    ("image", "words"),
    [
        (data.astronaut(), "one channel, but the shape is .*rgb2gray"),
        (np.ones(5), "2 dimension"),
        (np.ones((0, 3)), "empty"),
        (np.full((3, 3), np.nan), "NaN"),
    ],
)
def test_bad_images_are_refused(image, words):
    with pytest.raises(ValueError, match=words):
        filters.sobel(image)


@pytest.mark.parametrize("name", ["PREWITT", "SOBEL"])
def test_x_and_y_are_positive_where_it_becomes_brighter_to_the_right_and_downward(name):
    ramp = np.tile(np.arange(5.0), (5, 1))
    along_x, along_y = getattr(filters, f"{name}_X"), getattr(filters, f"{name}_Y")
    assert (correlate2d(ramp, along_x) > 0).all()
    assert (correlate2d(ramp.T, along_y) > 0).all()
    assert not correlate2d(ramp, along_y).any()
    assert not correlate2d(ramp.T, along_x).any()


def test_sobel_is_eight_times_the_slope():
    slope = filters.sobel(np.tile(10.0 * np.arange(6), (6, 1)))
    assert (slope.gx[:, 1:-1] == 8 * 10).all()


PHOTO = data.camera()[::8, ::8].astype(float)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("IDENTITY", PHOTO),
        ("BOX_BLUR", ndimage.uniform_filter(PHOTO, 3)),
        (
            "GAUSSIAN",
            ndimage.convolve1d(ndimage.convolve1d(PHOTO, [0.25, 0.5, 0.25], 0), [0.25, 0.5, 0.25], 1),
        ),
        ("SHARPEN", PHOTO - ndimage.laplace(PHOTO)),
        ("LAPLACIAN", ndimage.laplace(PHOTO)),
        # SciPy's kernel is positive below, or to the right: it shows where the picture becomes brighter
        ("PREWITT_X", ndimage.prewitt(PHOTO, axis=1)),
        ("PREWITT_Y", ndimage.prewitt(PHOTO, axis=0)),
        ("HORIZONTAL_LINES", -ndimage.prewitt(PHOTO, axis=0)),
        ("VERTICAL_LINES", -ndimage.prewitt(PHOTO, axis=1)),
        ("SOBEL_X", ndimage.sobel(PHOTO, axis=1)),
        ("SOBEL_Y", ndimage.sobel(PHOTO, axis=0)),
    ],
)
def test_named_kernels_do_what_scipy_does(name, expected):
    answer = correlate2d(np.pad(PHOTO, 1, mode="edge"), getattr(filters, name))[1:-1, 1:-1]
    assert np.allclose(answer, expected[1:-1, 1:-1])


def test_every_named_kernel_is_compared_and_read_only():
    named = {name: value for name, value in vars(filters).items() if name.isupper()}
    (mark,) = (m for m in test_named_kernels_do_what_scipy_does.pytestmark if m.name == "parametrize")
    assert {name for name, _expected in mark.args[1]} == set(named)
    for kernel in named.values():
        with pytest.raises(ValueError, match="read-only"):
            kernel[0, 0] = 1
