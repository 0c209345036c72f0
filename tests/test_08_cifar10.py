"""Lesson 08: the networks are what the lesson says, the lab's answers equal Keras', and the record is sound."""

import re

import jupytext
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import cifar10
from helpers import course
from tools import recipes

with course.quiet():
    import keras
    from keras import layers

ROWS = course.recorded("cifar10")
NAMES = [f"{row['experiment']}-{row['epochs']}-{row['seed']}" for row in ROWS]


@pytest.fixture(scope="session")
def recipe():
    """The networks and recipes of lesson 08."""
    return recipes.load("08")


@pytest.fixture(scope="session")
def lab(root):
    """The solutions of lab 08."""
    from helpers.convolution import conv2d

    (source,) = (root / "sources/labs").glob("08_*.py")
    namespace = {"np": np, "conv2d": conv2d}
    for cell in jupytext.read(source).cells:
        if cell.cell_type == "code" and re.match(r"def \w+\(", cell.source):
            exec(cell.source, namespace)
    return namespace


# The networks


def test_the_modern_network_has_no_more_parameters(recipe):
    sizes = {name: recipe.prepare(name, 9000, 1).count_params() for name in cifar10.EXPERIMENTS}
    assert sizes["plain"] == sizes["augmented"] == 276_138
    assert sizes["momentum"] == 272_578
    assert max(sizes.values()) == 276_138


def test_each_step_of_the_ladder_changes_one_thing(recipe):
    assert tuple(recipe.LADDER) == cifar10.LADDER
    usual = {"normalized": True, "shortcut": True, "falling": True, "smoothing": 0, "momentum": False}
    steps = [{**usual, **build, **training} for build, training in recipe.LADDER.values()]
    for before, after in zip(steps, steps[1:], strict=False):
        assert sum(before[name] != after[name] for name in usual) == 1
    assert steps[-1] == {**dict.fromkeys(usual, True), "smoothing": 0.1}  # what compile_deep does by default


def test_only_the_source_s_network_may_go_without_augmentation(recipe):
    for name in cifar10.EXPERIMENTS:
        kinds = [type(layer).__name__ for layer in recipe.prepare(name, 9000, 1).layers]
        assert ("RandomFlip" in kinds and "RandomTranslation" in kinds) == (name != "plain"), name


def test_a_block_with_nothing_to_change_hands_on_its_input(recipe):
    inputs = keras.Input((6, 6, 4))
    block = keras.Model(inputs, recipe.block(inputs))
    weights = block.get_weights()
    weights[6][:] = 0  # γ of the second normalization
    block.set_weights(weights)
    x = np.abs(np.random.default_rng(0).normal(size=(2, 6, 6, 4))).astype("float32")
    assert np.array_equal(block.predict(x, verbose=0), x)


# The lab's answers and Keras

stacks = st.lists(
    st.one_of(
        st.tuples(st.just("conv"), st.integers(1, 5), st.sampled_from(["same", "valid"])),
        st.tuples(st.just("pool")),
    ),
    max_size=3,
)


@settings(max_examples=15, deadline=None)
@given(stack=stacks, units=st.lists(st.integers(1, 6), min_size=1, max_size=2), side=st.integers(20, 33))
def test_parameters_are_keras(lab, stack, units, side):
    parts = [keras.Input((side, side, 3))]
    for kind, *rest in stack:
        convolution = kind == "conv"
        parts.append(layers.Conv2D(rest[0], 3, padding=rest[1]) if convolution else layers.MaxPooling2D(2))
    network = keras.Sequential([*parts, layers.Flatten(), *map(layers.Dense, units)])
    products = 0
    for layer in network.layers:
        if layer.weights:
            products += int(np.prod(layer.kernel.shape)) * int(np.prod(layer.output.shape[1:-1]))
    found = lab["network_size"]([*stack, *(("dense", n) for n in units)], side, 3)
    assert tuple(found) == (network.count_params(), products)


@pytest.mark.parametrize("side", [8, 7])
def test_the_block_with_a_projection_is_keras(lab, side):
    random = np.random.default_rng(side)
    shapes = [(2, side, side, 3), (3, 3, 3, 5), (3, 3, 5, 5), (1, 1, 3, 5)]
    x, *kernels = (random.normal(size=shape).astype("float32") for shape in shapes)
    inputs = keras.Input(x.shape[1:])
    kind = {"use_bias": False}
    y = layers.Conv2D(5, 3, strides=2, padding="same", activation="relu", name="one", **kind)(inputs)
    y = layers.Conv2D(5, 3, padding="same", name="two", **kind)(y)
    y = layers.ReLU()(layers.Add()([y, layers.Conv2D(5, 1, strides=2, name="three", **kind)(inputs)]))
    network = keras.Model(inputs, y)
    for name, kernel in zip(("one", "two", "three"), kernels, strict=True):
        network.get_layer(name).set_weights([kernel])
    assert np.abs(network.predict(x, verbose=0) - lab["projection_block"](x, *kernels)).max() < 1e-4


@given(seed=st.integers(0, 99), kinds=st.integers(2, 12), alpha=st.floats(0.01, 0.5))
def test_the_smoothed_loss_and_its_lowest_point(lab, seed, kinds, alpha):
    random = np.random.default_rng(seed)
    scores, labels = random.normal(size=(4, kinds)), random.integers(0, kinds, 4)
    loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=alpha)
    found = lab["smoothed_loss"](scores, labels, alpha)
    assert np.isclose(found, float(loss(np.eye(kinds)[labels], scores)), atol=1e-5)
    lead, lowest = lab["best_lead"](kinds, alpha)
    best = lead * np.eye(kinds)[labels]
    assert np.isclose(lab["smoothed_loss"](best, labels, alpha), lowest)
    assert found >= lowest - 1e-9
    for change in (-0.01, 0.01):
        assert lab["smoothed_loss"]((lead + change) * np.eye(kinds)[labels], labels, alpha) > lowest


@given(warm_up=st.integers(1, 50), rest=st.integers(1, 100), peak=st.floats(1e-4, 1))
def test_the_schedule_has_no_jump(lab, warm_up, rest, peak):
    steps = warm_up + rest
    rates = lab["warm_up_cosine"](np.arange(steps + 1), steps, warm_up, peak)
    assert (rates[0], rates[-1]) == (0, pytest.approx(0, abs=1e-12))
    assert rates.argmax() == warm_up
    assert rates[warm_up] == pytest.approx(peak)


# The record


@pytest.mark.parametrize("row", ROWS, ids=NAMES)
def test_a_row_agrees_with_its_answers(row):
    answers, labels = (np.array(list(row[name])) for name in ("answers", "labels"))
    assert len(answers) == len(labels) == row["test_size"] == 2000
    assert row["accuracy"] == pytest.approx(np.mean(answers == labels), abs=1e-4)
    assert row["validation_accuracy"] == row["history"]["val_accuracy"][-1]
    assert all(len(values) == row["epochs"] for values in row["history"].values())
    assert row["precision"] == "float32"
    assert row["training_size"] + row["validation_size"] == 10_000


def test_all_rows_are_about_the_same_photographs():
    assert len({row["data_sha256"] for row in ROWS}) == 1
    assert len({row["labels"] for row in ROWS}) == 1
    assert len({(row["experiment"], row["epochs"], row["seed"]) for row in ROWS}) == len(ROWS)


def test_three_seeds_of_the_modern_network_are_far_ahead_of_the_source_s():
    reached = {
        name: [row["accuracy"] for row in ROWS if (row["experiment"], row["epochs"]) == (name, 40)]
        for name in ("plain", "augmented", "momentum")
    }
    assert all(len(values) == 3 for values in reached.values())
    assert min(reached["momentum"]) > max(reached["plain"] + reached["augmented"]) + 0.08
    assert np.mean(reached["momentum"]) > 0.775


def test_every_step_of_the_ladder_has_two_seeds_and_the_same_epochs():
    steps = ("augmented", *cifar10.LADDER)
    seeds = [[row["seed"] for row in ROWS if (row["experiment"], row["epochs"]) == (s, 15)] for s in steps]
    assert seeds == [[0, 1]] * len(steps)


def test_a_row_that_is_there_is_not_measured_again(monkeypatch, capsys):
    monkeypatch.setattr(cifar10, "photographs", dict)
    monkeypatch.setattr(cifar10, "measure", lambda *_arguments: pytest.fail("it is there"))
    row = ROWS[0]
    cifar10.main(row["experiment"], str(row["epochs"]), str(row["seed"]))
    assert "is there" in capsys.readouterr().out
