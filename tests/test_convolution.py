"""helpers.convolution against SciPy, TensorFlow and Keras, and its answers to bad input."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import signal as scipy_signal

from helpers import course
from helpers.convolution import (
    average_pool2d,
    conv2d,
    convolve2d,
    correlate1d,
    correlate2d,
    max_pool2d,
    output_size,
)

with course.quiet():
    import keras
    import tensorflow as tf

DTYPES = st.sampled_from(["float32", "float64", "uint8", "int16", "bool"])


def arrays(shape, dtype):
    """Arrays of moderate numbers, so that 1e-5 is a fair tolerance in float32."""
    elements = {"uint8": st.integers(0, 255), "int16": st.integers(-300, 300), "bool": st.booleans()}
    floats = st.floats(-10, 10, width=32 if dtype == "float32" else 64, allow_subnormal=False)
    return hnp.arrays(dtype, shape, elements=elements.get(dtype, floats))


@st.composite
def image_and_kernel(draw):
    kernel_shape = draw(st.tuples(st.integers(1, 6), st.integers(1, 6)))
    shape = tuple(draw(st.integers(k, k + 9)) for k in kernel_shape)
    return draw(arrays(shape, draw(DTYPES))), draw(arrays(kernel_shape, draw(DTYPES)))


def close(ours, theirs):
    ours, theirs = np.asarray(ours, float), np.asarray(theirs, float)
    scale = max(1.0, np.abs(theirs).max(initial=0))
    return ours.shape == theirs.shape and np.abs(ours - theirs).max(initial=0) <= 1e-5 * scale


@given(image_and_kernel(), st.integers(0, 3), st.integers(1, 4))
def test_correlate2d_equals_scipy(pair, padding, stride):
    image, kernel = pair
    wide = np.pad(image.astype(float), padding)
    expected = scipy_signal.correlate2d(wide, kernel.astype(float), mode="valid")[::stride, ::stride]
    assert close(correlate2d(image, kernel, stride, padding), expected)


@pytest.mark.parametrize("shape", [(700, 300), (130, 70_000)])
def test_large_images_are_computed_in_strips(shape):
    image = np.random.default_rng(0).normal(size=shape)
    kernel = np.arange(12.0).reshape(4, 3)
    expected = scipy_signal.correlate2d(np.pad(image, 1), kernel, mode="valid")[::2, ::3]
    assert close(correlate2d(image, kernel, stride=(2, 3), padding=1), expected)


@given(image_and_kernel(), st.integers(0, 3))
def test_convolve2d_equals_scipy(pair, padding):
    image, kernel = pair
    wide = np.pad(image.astype(float), padding)
    assert close(
        convolve2d(image, kernel, padding=padding),
        scipy_signal.convolve2d(wide, kernel.astype(float), mode="valid"),
    )


@given(image_and_kernel())
def test_full_convolution_commutes(pair):
    image, kernel = (array.astype(float) for array in pair)
    rows, columns = kernel.shape
    wide = np.pad(image, ((rows - 1,) * 2, (columns - 1,) * 2))
    swapped = np.pad(kernel, ((image.shape[0] - 1,) * 2, (image.shape[1] - 1,) * 2))
    assert close(convolve2d(wide, kernel), convolve2d(swapped, image))


@given(st.data(), st.sampled_from(["valid", "same"]), st.integers(1, 4))
def test_correlate1d_equals_keras(data, padding, stride):
    length = data.draw(st.integers(1, 6))
    signal = data.draw(arrays((data.draw(st.integers(length, 20)),), "float64"))
    kernel = data.draw(arrays((length,), "float64"))
    expected = keras.ops.conv(signal[None, :, None], kernel[:, None, None], strides=stride, padding=padding)
    assert close(correlate1d(signal, kernel, stride, padding), np.asarray(expected)[0, :, 0])


@st.composite
def layer_input(draw):
    batch, channels, filters = (draw(st.integers(1, 3)) for _ in range(3))
    kernel = (draw(st.integers(1, 5)), draw(st.integers(1, 5)))
    size = tuple(draw(st.integers(k, k + 8)) for k in kernel)
    dtype = draw(st.sampled_from(["float32", "float64"]))
    return (
        draw(arrays((batch, *size, channels), dtype)),
        draw(arrays((*kernel, channels, filters), dtype)),
        draw(arrays((filters,), dtype)),
    )


@given(layer_input(), st.sampled_from(["valid", "same", 0, 1, 2]), st.integers(1, 4))
def test_conv2d_equals_tensorflow(arguments, padding, stride):
    images, kernels, bias = arguments
    explicit = [[0, 0], [padding] * 2, [padding] * 2, [0, 0]] if isinstance(padding, int) else padding.upper()
    expected = tf.nn.conv2d(images, kernels, stride, explicit) + bias
    ours = conv2d(images, kernels, bias, stride, padding)
    assert ours.dtype == images.dtype
    assert close(ours, expected)


@given(layer_input(), st.sampled_from(["valid", "same"]), st.integers(1, 4))
def test_correlate2d_equals_tensorflow_padding(arguments, padding, stride):
    image, kernel = arguments[0][0, :, :, 0], arguments[1][:, :, 0, 0]
    expected = tf.nn.conv2d(image[None, :, :, None], kernel[:, :, None, None], stride, padding.upper())
    assert close(correlate2d(image, kernel, stride, padding), np.asarray(expected)[0, :, :, 0])


@given(st.data(), st.integers(1, 4), st.integers(1, 4))
def test_pooling_equals_tensorflow(data, size, stride):
    shape = (2, data.draw(st.integers(size, 12)), data.draw(st.integers(size, 12)), 3)
    images = data.draw(arrays(shape, "float64"))
    assert close(max_pool2d(images, size, stride), tf.nn.max_pool2d(images, size, stride, "VALID"))
    assert close(average_pool2d(images, size, stride), tf.nn.avg_pool2d(images, size, stride, "VALID"))
    assert close(max_pool2d(images[0], size, stride), max_pool2d(images, size, stride)[0])
    assert close(max_pool2d(images[0, :, :, 0], size, stride), max_pool2d(images, size, stride)[0, :, :, 0])


@given(
    st.integers(1, 40),
    st.integers(1, 9),
    st.integers(1, 5),
    st.one_of(st.integers(0, 4), st.sampled_from(["valid", "same"])),
)
def test_output_size_equals_the_number_of_results(size, kernel, stride, padding):
    try:
        expected = output_size(size, kernel, stride, padding)
    except ValueError:
        assert padding != "same"
        assert size + 2 * (0 if padding == "valid" else padding) < kernel
        return
    assert len(correlate1d(np.ones(size), np.ones(kernel), stride, padding)) == expected
    if isinstance(padding, str):
        layer = keras.layers.Conv1D(1, kernel, strides=stride, padding=padding)
        assert layer.compute_output_shape((None, size, 1))[1] == expected


def test_integers_do_not_wrap():
    image = np.array([[200, 100, 0]], dtype=np.uint8)
    kernel = np.array([[-1, 0, 1]], dtype=np.int8)
    assert correlate2d(image, kernel) == -200
    assert correlate2d(np.full((3, 3), 255, np.uint8), np.full((3, 3), 255, np.uint8)) == 9 * 255**2
    assert correlate2d(np.full((3, 3), True), np.full((3, 3), True)) == 9
    assert average_pool2d(np.full((2, 2), 255, np.uint8)) == 255


def test_sixteen_bits_are_computed_in_thirty_two():
    """The largest number of float16 is 65,504, and above 2,048 it leaves numbers out."""
    large = np.full((3, 3), 60_000, np.float16)
    for answer in (
        correlate2d(large, np.ones((3, 3))),
        conv2d(large[None, :, :, None], np.ones((3, 3, 1, 1))),
    ):
        assert answer.dtype == np.float32
        assert answer.item() == 9 * float(large[0, 0])
    mean = average_pool2d(large, 3)
    assert (mean.dtype, mean.item()) == (np.float32, float(large[0, 0]))
    steps = np.array([2048, 1, 1], np.float16)
    assert correlate1d(steps, np.ones(3, np.float16)).item() == 2050


@given(st.sampled_from(["float32", "float64"]), st.sampled_from(["float32", "float64", "uint8"]))
def test_the_image_decides_the_precision(image_type, kernel_type):
    image, kernel = np.ones((5, 5), image_type), np.ones((3, 3), kernel_type)
    assert correlate2d(image, kernel).dtype == convolve2d(image, kernel).dtype == image.dtype
    assert conv2d(image[None, :, :, None], kernel[..., None, None], bias=[1.0]).dtype == image.dtype
    assert correlate2d(image, [[1, 2]]).dtype == image.dtype  # a list does not slow a float32 image down


def test_each_direction_has_its_own_step_and_padding():
    image, kernel = np.arange(30.0).reshape(5, 6), np.arange(6.0).reshape(3, 2)
    expected = scipy_signal.correlate2d(np.pad(image, ((2, 2), (0, 0))), kernel, mode="valid")[::3, ::2]
    assert close(correlate2d(image, kernel, stride=(3, 2), padding=(2, "valid")), expected)
    assert correlate2d(image, kernel, padding=("same", 0)).shape == (5, 5)


def test_results_lie_in_memory_row_by_row():
    images = np.zeros((2, 6, 6, 3))
    for answer in (max_pool2d(images), average_pool2d(images), conv2d(images, np.ones((2, 2, 3, 1)))):
        assert answer.flags.c_contiguous


def test_input_is_left_alone():
    image, kernel = np.arange(16.0).reshape(4, 4), np.ones((2, 2))
    for function in (correlate2d, convolve2d):
        function(image, kernel, padding=1)
    max_pool2d(image)[0, 0] = -1
    max_pool2d(image, 1)[0, 0] = -1
    conv2d(image[None, :, :, None], kernel[:, :, None, None])
    assert np.array_equal(image, np.arange(16.0).reshape(4, 4))


IMAGE, KERNEL = np.ones((5, 5)), np.ones((3, 3))
BATCH, KERNELS = np.ones((1, 5, 5, 2)), np.ones((3, 3, 2, 4))


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: correlate2d(IMAGE, np.ones((6, 2))), ValueError, "does not fit.*smaller kernel"),
        (lambda: correlate2d(IMAGE, KERNEL, stride=0), ValueError, "stride must be at least 1"),
        (lambda: correlate2d(IMAGE, KERNEL, stride=-2), ValueError, "stride must be at least 1"),
        (lambda: correlate2d(IMAGE, KERNEL, stride=1.5), TypeError, "stride must be a whole number"),
        (lambda: correlate2d(IMAGE, KERNEL, stride=True), TypeError, "stride must be a whole number"),
        (lambda: correlate2d(IMAGE, KERNEL, padding=-1), ValueError, "padding must be at least 0"),
        (lambda: correlate2d(IMAGE, KERNEL, padding="full"), ValueError, '"valid" or "same"'),
        (lambda: correlate2d(IMAGE[0], KERNEL), ValueError, r"image must have 2 dimension.*\(5,\)"),
        (lambda: correlate2d(BATCH, KERNEL), ValueError, "image must have 2 dimension"),
        (lambda: correlate2d(IMAGE, KERNEL[0]), ValueError, "kernel must have 2 dimension"),
        (lambda: correlate2d(np.full((5, 5), np.nan), KERNEL), ValueError, "image holds NaN.*nan_to_num"),
        (lambda: correlate2d(IMAGE, np.full((3, 3), np.inf)), ValueError, "kernel holds NaN or infinite"),
        (lambda: correlate2d(np.ones((0, 5)), KERNEL), ValueError, "image is empty"),
        (lambda: correlate2d(IMAGE, np.ones((3, 0))), ValueError, "kernel is empty"),
        (lambda: correlate2d([[1, 2], [3]], KERNEL), ValueError, "every row needs the same length"),
        (lambda: correlate2d([["a"]], KERNEL), TypeError, "real numbers"),
        (lambda: correlate2d(IMAGE * 1j, KERNEL), TypeError, "real numbers, not complex"),
        (lambda: correlate1d(IMAGE, KERNEL[0]), ValueError, "signal must have 1 dimension"),
        (lambda: conv2d(IMAGE, KERNELS), ValueError, "images must have 4 dimension"),
        (lambda: conv2d(BATCH, KERNEL), ValueError, "kernels must have 4 dimension"),
        (lambda: conv2d(BATCH[..., :1], KERNELS), ValueError, r"1 channel\(s\) but the kernels expect 2"),
        (lambda: conv2d(BATCH, KERNELS, bias=np.ones(3)), ValueError, r"4 filter\(s\) but 3 bias"),
        (lambda: conv2d(BATCH, KERNELS, bias=[np.nan] * 4), ValueError, "bias holds NaN"),
        (lambda: conv2d(BATCH, np.ones((6, 1, 2, 4))), ValueError, "does not fit"),
        (lambda: conv2d(BATCH[:0], KERNELS), ValueError, "images is empty"),
        (lambda: max_pool2d(IMAGE, 6), ValueError, "does not fit"),
        (lambda: max_pool2d(IMAGE, 0), ValueError, "size must be at least 1"),
        (lambda: max_pool2d(IMAGE[0]), ValueError, "2 or 3 or 4 dimension"),
        (lambda: output_size(0, 3), ValueError, "size must be at least 1"),
        (lambda: output_size(5, 3.0), TypeError, "kernel must be a whole number"),
    ],
)
def test_bad_input_says_what_to_change(call, error, words):
    with pytest.raises(error, match=words):
        call()
