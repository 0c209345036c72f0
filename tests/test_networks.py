"""The networks that the course ships: read as they were written, refused when they are not."""

import json

import keras
import numpy as np
import pytest

from benchmarks import mnist
from benchmarks import networks as writing
from helpers import course, networks
from tools import recipes


def small(units=3, random=False):
    inputs = keras.Input((8, 8, 3))
    x = keras.layers.RandomFlip("horizontal")(inputs) if random else inputs
    x = keras.layers.Conv2D(units, 3)(x)
    x = keras.layers.BatchNormalization()(x)
    x = keras.layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, keras.layers.Dense(1, activation="sigmoid")(x), name="small")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(networks, "FOLDER", tmp_path)
    return tmp_path


@pytest.mark.parametrize("random", [False, True])
def test_what_is_written_is_read(folder, random):
    keras.utils.set_random_seed(0)
    trained, fresh = small(random=random), small()
    path = writing.save("small", trained, side=8)
    pictures = np.random.default_rng(0).random((5, 8, 8, 3), dtype="float32")
    before = fresh.predict(pictures, verbose=0)
    networks.load("small", fresh)
    after, wanted = fresh.predict(pictures, verbose=0), trained.predict(pictures, verbose=0)
    assert np.abs(before - wanted).max() > 0.01
    assert np.abs(after - wanted).max() < 0.002  # 16 bits round a little
    assert networks.about("small")["side"] == 8
    with np.load(path) as file:
        assert {array.dtype.name for array in map(file.get, file.files)} == {"float16", "float32"}


def test_a_second_network_leaves_the_first_in_the_index(folder):
    writing.save("one", small())
    writing.save("two", small())
    assert set(json.loads((folder / "index.json").read_text())) == {"one", "two"}


@pytest.mark.parametrize("other", [small(4), keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])])
def test_another_network_is_refused_and_unchanged(folder, other):
    writing.save("small", small())
    before = other.get_weights()
    with pytest.raises(ValueError, match="arrays of weights with other shapes"):
        networks.load("small", other)
    assert all(np.array_equal(old, new) for old, new in zip(before, other.get_weights(), strict=True))


def test_an_altered_file_is_refused(folder):
    path = writing.save("small", small())
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    with pytest.raises(ValueError, match="not the file that the course ships"):
        networks.load("small", small())


def test_an_unknown_name_is_answered_with_the_known_ones(folder):
    writing.save("small", small())
    with pytest.raises(ValueError, match=r"no network 'large'. There are: small"):
        networks.about("large")


SHIPPED = json.loads((networks.FOLDER / "index.json").read_text(encoding="utf-8"))


def test_numbers_of_eight_bits_get_their_factor_back(folder):
    network = small()
    arrays = {f"{number:03}": weight for number, weight in enumerate(network.get_weights())}
    factor = np.array([0.5, 0.25, 2], "float32")
    arrays["000"] = np.arange(-40, 41, dtype="int8").reshape(3, 3, 3, 3)
    arrays["000" + networks.SCALE] = factor
    writing.write("small", arrays, {})
    networks.load("small", network)
    assert np.array_equal(network.get_weights()[0], arrays["000"] * factor)
    assert np.array_equal(network.get_weights()[1], arrays["001"])


@pytest.mark.parametrize("name", [name for name in SHIPPED if name != "vgg16"])
def test_the_shipped_networks_are_small_known_and_of_the_present_recipe(name):
    facts = networks.about(name)
    assert (networks.FOLDER / f"{name}.npz").stat().st_size < 3_000_000
    assert facts["licence"]
    assert facts["trained_on"]
    assert recipes.mark(facts["recipe"])["recipe_sha256"] == facts["recipe_sha256"]


def test_the_cat_is_a_cat_from_a_step_back():
    """Without any photograph at hand, the network that the course ships knows one, as lesson 04 shows it."""
    from skimage import data

    facts = networks.about("cats_vs_dogs")
    network = recipes.load("04").build_tuned_network(facts["side"])
    networks.load("cats_vs_dogs", network)
    surrounded = np.pad(data.chelsea(), ((64, 64), (97, 97), (0, 0)), mode="reflect").astype("float32")
    photo = keras.ops.image.resize(surrounded, (facts["side"],) * 2)
    assert float(network.predict(np.asarray(photo)[None], verbose=0)[0, 0]) < 0.5


def test_the_digits_are_read_as_the_record_says():
    images, labels = mnist.built_in_digits()[2:]
    network = recipes.load("03").build_model()
    networks.load("digits", network)
    wrong = np.flatnonzero(network.predict(images, verbose=0).argmax(axis=1) != labels)
    (row,) = (
        row
        for row in course.recorded("mnist_ablation")
        if (row["experiment"], row["seed"]) == ("all three, longer", 0)
    )
    assert len(set(wrong) ^ set(row["wrong"])) <= 2
