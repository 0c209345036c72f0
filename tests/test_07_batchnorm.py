"""The batch normalization that lab 07 asks for equals Keras', whatever the batch looks like."""

import re

import jupytext
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from helpers import course

with course.quiet():
    import keras
    from keras import layers

EPSILON = 1e-3


@pytest.fixture(scope="session")
def lab(root):
    """The solutions of lab 07."""
    (source,) = (root / "sources/labs").glob("07_*.py")
    namespace = {"np": np}
    for cell in jupytext.read(source).cells:
        if cell.cell_type == "code" and re.match(r"def \w+\(", cell.source):
            exec(cell.source, namespace)
    return namespace


batches = hnp.arrays(
    np.float64, st.tuples(*[st.integers(1, 5)] * 4), elements=st.floats(-100, 100, allow_nan=False, width=32)
)


def layer_for(x, seed=0):
    """A float64 layer with some scale and shift."""
    random = np.random.default_rng(seed)
    layer = layers.BatchNormalization(epsilon=EPSILON, dtype="float64")
    layer.build(x.shape)
    gamma, beta = random.uniform(-2, 2, x.shape[-1]), random.normal(size=x.shape[-1])
    layer.gamma.assign(gamma)
    layer.beta.assign(beta)
    return layer, gamma, beta


def number(tensor):
    return keras.ops.convert_to_numpy(tensor)


@given(x=batches)
def test_in_training(lab, x):
    layer, gamma, beta = layer_for(x)
    expected = number(layer(x, training=True))
    assert np.allclose(lab["batch_norm"](x, gamma, beta, EPSILON), expected, atol=1e-5)


@given(x=batches, momentum=st.sampled_from([0.0, 0.5, 0.9, 0.99]))
def test_moving_averages_and_in_use(lab, x, momentum):
    layer, gamma, beta = layer_for(x)
    layer.momentum = momentum
    several = [x, x[::-1] + 3, 2 * x]
    for batch in several:
        layer(batch, training=True)
    channels = x.shape[-1]
    mean = lab["moving_average"](np.zeros(channels), np.array([b.mean((0, 1, 2)) for b in several]), momentum)
    variance = lab["moving_average"](
        np.ones(channels), np.array([b.var((0, 1, 2)) for b in several]), momentum
    )
    assert np.allclose(mean, number(layer.moving_mean), rtol=1e-5, atol=1e-5)
    assert np.allclose(variance, number(layer.moving_variance), rtol=1e-5, atol=1e-5)
    by_hand = lab["batch_norm_in_use"](x, mean, variance, gamma, beta, EPSILON)
    assert np.allclose(by_hand, number(layer(x, training=False)), rtol=1e-5, atol=1e-5)


@given(x=batches, filters=st.integers(1, 4), side=st.integers(1, 3), seed=st.integers(0, 99))
def test_folding_leaves_the_result(lab, x, filters, side, seed):
    random = np.random.default_rng(seed)
    convolution = layers.Conv2D(filters, side, padding="same", dtype="float64")
    convolution.build(x.shape)
    convolution.bias.assign(random.normal(size=filters))
    before = convolution(x)
    layer, gamma, beta = layer_for(number(before), seed)
    mean, variance = random.normal(size=filters), random.uniform(0.1, 2, filters)
    layer.moving_mean.assign(mean)
    layer.moving_variance.assign(variance)
    expected = number(layer(before, training=False))
    convolution.set_weights(
        lab["fold"](
            number(convolution.kernel), number(convolution.bias), mean, variance, gamma, beta, EPSILON
        )
    )
    assert np.allclose(number(convolution(x)), expected, atol=1e-3)


def test_one_hot_is_keras(lab):
    labels = np.array([3, 0, 5, 5, 1])
    assert np.array_equal(lab["one_hot"](labels, 6), keras.utils.to_categorical(labels, 6))


@given(height=st.integers(1, 12), width=st.integers(1, 12))
def test_the_square_lies_in_the_middle(lab, height, width):
    rows, columns = np.mgrid[:height, :width]
    square = lab["center_square"](np.stack([rows, columns, rows], axis=2))
    side = min(height, width)
    assert square.shape == (side, side, 3)
    for axis, whole in enumerate((height, width)):
        before, after = square[0, 0, axis], whole - 1 - square[-1, -1, axis]
        assert after - before in (0, 1)  # an odd pixel stays at the bottom or right
