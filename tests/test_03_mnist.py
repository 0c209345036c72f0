"""Lesson and lab 03: gradients equal TensorFlow's for any shape; what the lesson says of its record holds."""

import ast
import json
from types import SimpleNamespace

import jupytext
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from helpers import convolution, course
from tools import recipes

with course.quiet():
    import keras
    import tensorflow as tf

REMEDIES = ("augmentation", "dropout", "falling rate", "all three")
LONGER = ("plain, longer", "all three, longer")


def functions(path):
    """Return the functions of a source, from the only place where they stand."""
    notebook = jupytext.read(path)
    namespace = {
        "np": np,
        "convolution": convolution,
        "course": course,
        "keras": keras,
        "layers": keras.layers,
    }
    for cell in notebook.cells:
        for node in ast.parse(cell.source).body if cell.cell_type == "code" else []:
            if isinstance(node, ast.FunctionDef):
                exec(compile(ast.Module([node], []), "<lesson 03>", "exec"), namespace)
    return SimpleNamespace(**namespace)


@pytest.fixture(scope="module")
def lesson(root):
    """The lesson's functions."""
    return functions(root / "sources/lessons/03_mnist_cnn.py")


@pytest.fixture(scope="module")
def lab(root):
    """The lab's functions with their solutions."""
    return functions(root / "sources/labs/03_mnist_cnn.py")


@pytest.fixture(scope="module")
def record(root):
    """Experiment → seeds × test digits, True where a digit was read."""
    tables = {}
    for row in json.loads((root / "results/mnist_ablation.json").read_text(encoding="utf-8")):
        table = tables.setdefault(row["experiment"], np.ones((5, row["test_size"]), bool))
        table[row["seed"], row["wrong"]] = False
    return tables


def gradients(inputs, compute):
    """Return TensorFlow's gradients of a number by some arrays, in float64."""
    variables = [tf.Variable(array) for array in inputs]
    with tf.GradientTape() as tape:
        result = compute(*variables)
    return [gradient.numpy() for gradient in tape.gradient(result, variables)]


# The backward pass


@given(st.data())
def test_the_two_gradients_of_a_convolution(lesson, data):
    height, width = data.draw(st.tuples(st.integers(1, 9), st.integers(1, 9)))
    rows, columns = data.draw(st.tuples(st.integers(1, height), st.integers(1, width)))
    random = np.random.default_rng(data.draw(st.integers(0, 99)))
    image, kernel = random.normal(size=(height, width)), random.normal(size=(rows, columns))
    g = random.normal(size=(height - rows + 1, width - columns + 1))

    def loss(x, k):
        z = tf.nn.conv2d(x[None, :, :, None], k[:, :, None, None], 1, "VALID")
        return tf.reduce_sum(z[0, :, :, 0] * g)

    for_image, for_kernel = gradients((image, kernel), loss)
    assert np.allclose(lesson.gradient_by_kernel(image, g), for_kernel, atol=1e-6)
    assert np.allclose(lesson.gradient_by_image(g, kernel), for_image, atol=1e-6)


@given(st.data())
def test_a_layer_with_channels_and_filters(lesson, data):
    count, channels, filters, size = (data.draw(st.integers(1, 4)) for _ in range(4))
    height, width = (size + data.draw(st.integers(0, 5)) for _ in range(2))
    random = np.random.default_rng(data.draw(st.integers(0, 99)))
    x, k = (
        random.normal(size=(count, height, width, channels)),
        random.normal(size=(size, size, channels, filters)),
    )
    g = random.normal(size=(count, height - size + 1, width - size + 1, filters))
    expected = gradients((x, k), lambda x, k: tf.reduce_sum(tf.nn.conv2d(x, k, 1, "VALID") * g))
    for_kernels, for_bias, for_x = lesson.conv_backward(x, k, g)
    assert np.allclose(for_x, expected[0], atol=1e-6)
    assert np.allclose(for_kernels, expected[1], atol=1e-6)
    assert np.allclose(for_bias, g.sum(axis=(0, 1, 2)), atol=1e-6)


@given(st.integers(2, 9), st.integers(2, 9), st.integers(1, 3), st.integers(0, 99))
def test_pooling_hands_the_gradient_to_the_largest(lesson, height, width, channels, seed):
    random = np.random.default_rng(seed)
    x = random.integers(1, 4, (2, height, width, channels)).astype(float)  # many are equal
    g = random.normal(size=(2, height // 2, width // 2, channels))
    expected = gradients((x,), lambda x: tf.reduce_sum(tf.nn.max_pool2d(x, 2, 2, "VALID") * g))
    assert np.allclose(lesson.pool_backward(x, g), expected[0], atol=1e-6)


@given(st.integers(2, 9), st.integers(0, 99))
def test_softmax_and_cross_entropy(lesson, classes, seed):
    random = np.random.default_rng(seed)
    logits, label = random.normal(size=classes) * 5, random.integers(classes)
    expected = gradients((logits,), lambda s: -tf.math.log_softmax(s)[label])
    assert np.allclose(lesson.softmax(logits) - np.eye(classes)[label], expected[0], atol=1e-6)


def test_the_whole_network(lesson):
    digits = np.random.default_rng(0).random((3, 28, 28, 1)).astype("float32")
    digits[:, 5:15, 5:15] = 1  # strokes are white: neighbors are equal
    y = np.eye(10, dtype="float32")[[3, 1, 4]]
    keras.utils.set_random_seed(0)
    network = lesson.build_model()
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(keras.losses.categorical_crossentropy(y, network(digits)))
    for ours, theirs in zip(
        lesson.backward(digits, y, network), tape.gradient(loss, network.trainable_weights), strict=True
    ):
        assert np.abs(ours - theirs).max() < 1e-4 * np.abs(theirs).max()


@given(st.data())
def test_the_labs_kernel_gradient_with_a_stride(lab, data):
    size, stride = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 4))
    height, width = (size + data.draw(st.integers(0, 8)) for _ in range(2))
    random = np.random.default_rng(data.draw(st.integers(0, 99)))
    image, kernel = random.normal(size=(height, width)), random.normal(size=(size, size))
    g = random.normal(size=((height - size) // stride + 1, (width - size) // stride + 1))

    def loss(k):
        z = tf.nn.conv2d(image[None, :, :, None], k[:, :, None, None], stride, "VALID")
        return tf.reduce_sum(z[0, :, :, 0] * g)

    (expected,) = gradients((kernel,), loss)
    assert np.allclose(lab.kernel_gradient(image, g, size, stride), expected, atol=1e-6)


@given(st.integers(1, 5), st.integers(2, 9), st.sampled_from([0.0, 0.1, 0.5]), st.integers(0, 99))
def test_the_labs_smoothed_gradient(lab, count, classes, smoothing, seed):
    random = np.random.default_rng(seed)
    logits, labels = random.normal(size=(count, classes)) * 5, random.integers(classes, size=count)
    loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=smoothing, dtype="float64")
    (expected,) = gradients((logits,), lambda s: loss(np.eye(classes)[labels], s))
    assert np.allclose(lab.logit_gradient(logits, labels, smoothing), expected, atol=1e-6)


# The record


def test_the_record_is_complete(root, record):
    rows = json.loads((root / "results/mnist_ablation.json").read_text(encoding="utf-8"))
    assert set(record) == {"plain", *REMEDIES, *LONGER}
    assert len(rows) == len({(row["experiment"], row["seed"]) for row in rows}) == 5 * len(record)
    for row in rows:
        assert row["wrong"] == sorted(set(row["wrong"]))
        assert row["accuracy"] == round(1 - len(row["wrong"]) / row["test_size"], 4)
        assert row["recipe_sha256"] == recipes.mark(row["recipe"])["recipe_sha256"]
        assert row["epochs"] == (40 if row["experiment"] in LONGER else 20)
    assert len({row["data_sha256"] for row in rows}) == 1


def gain(record, name, baseline):
    """Return the gain in points and its standard errors over seeds and, paired, over digits."""
    tables = [100 * record[experiment] for experiment in (name, baseline)]
    by_digit = tables[0].mean(axis=0) - tables[1].mean(axis=0)
    seeds = np.hypot(*(table.mean(axis=1).std(ddof=1) / np.sqrt(5) for table in tables))
    return by_digit.mean(), seeds, by_digit.std(ddof=1) / np.sqrt(1000)


def test_what_the_lesson_says_of_the_ablation(record):
    assert record["augmentation"].mean(axis=1).min() > record["plain"].mean(axis=1).max()
    assert max(REMEDIES, key=lambda name: record[name].mean()) == "augmentation"
    points, seeds, digits = gain(record, "augmentation", "plain")
    assert points > 2 * seeds
    assert points > 2 * digits
    points, seeds, digits = gain(record, "all three", "plain")
    assert round(points / seeds) == 3  # "three errors"
    assert round(points / digits) == 1  # "one error"
    for name in ("dropout", "falling rate"):
        points, seeds, digits = gain(record, name, "plain")
        assert abs(points) < 2 * min(seeds, digits)
    for baseline in ("plain, longer", "all three"):
        points, seeds, digits = gain(record, "all three, longer", baseline)
        assert points > 2 * max(seeds, digits)
    assert round(gain(record, "all three, longer", "plain, longer")[0]) == 1  # "about a point"
    points, _seeds, digits = gain(record, "all three, longer", "augmentation")
    assert points < 2 * digits


def test_chance_goes_beyond_two_errors_as_often_as_the_lesson_says():
    """Section 7: once in twenty when the error is known, once in twelve with five seeds against five."""
    assert round(1 / (2 * stats.norm.sf(2)), -1) == 20
    assert round(1 / (2 * stats.t.sf(2, df=8))) == 12
