"""helpers.datasets: the built-in digits, the full set, and what goes wrong on the way to it."""

import hashlib

import numpy as np
import pytest

from helpers import datasets


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty data folder."""
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def full_set(tmp_path):
    """The bytes of a file with MNIST's layout."""
    arrays = {
        "x_train": np.zeros((60000, 28, 28), np.uint8),
        "y_train": np.zeros(60000, np.uint8),
        "x_test": np.ones((10000, 28, 28), np.uint8),
        "y_test": np.ones(10000, np.uint8),
    }
    np.savez_compressed(tmp_path / "full.npz", **arrays)
    return (tmp_path / "full.npz").read_bytes()


def test_builtin_digits(folder):
    digits = datasets.mnist()
    assert (digits.x_train.shape, digits.x_test.shape) == ((4000, 28, 28), (1000, 28, 28))
    assert digits.x_train.dtype == digits.y_train.dtype == np.uint8
    assert np.array_equal(np.bincount(digits.y_train), [400] * 10)
    assert np.array_equal(np.bincount(digits.y_test), [100] * 10)
    assert digits.x_train.max() == 255
    assert digits.source == "real"
    assert len(digits.classes) == 10
    assert digits.licence
    assert digits.citation
    together = np.concatenate([digits.x_train, digits.x_test]).reshape(5000, -1)
    assert len(np.unique(together, axis=0)) == 5000  # no digit is both in training and test
    assert not folder.exists()  # nothing was fetched or written


def test_builtin_digits_are_always_the_same(folder):
    first, second = datasets.mnist(), datasets.mnist()
    assert np.array_equal(first.x_train, second.x_train)
    assert hashlib.sha256(first.x_test.tobytes()).hexdigest().startswith("f4a1f0e0452e0c97")


def test_download_then_use_without_asking(folder, full_set, serve, monkeypatch):
    server = serve(full_set)
    monkeypatch.setitem(datasets.REGISTRY, "mnist.npz", server.remote)
    assert datasets.mnist(download=True).x_train.shape == (60000, 28, 28)
    assert datasets.mnist().x_test.shape == (10000, 28, 28)
    assert datasets.mnist(download=True).x_test.max() == 1
    assert server.requests == 1
    assert datasets.real_sets() == ["mnist.npz"]


def test_failed_download_leaves_the_built_in_digits(folder, full_set, serve, monkeypatch):
    server = serve(full_set, "404")
    monkeypatch.setitem(datasets.REGISTRY, "mnist.npz", server.remote)
    with pytest.raises(datasets.DownloadFailed, match=r"mnist\.npz could not be fetched"):
        datasets.mnist(download=True)
    assert datasets.mnist().x_train.shape == (4000, 28, 28)


def test_command_line(folder, full_set, serve, monkeypatch, capsys):
    server = serve(full_set, "404", "whole")
    monkeypatch.setitem(datasets.REGISTRY, "mnist.npz", server.remote)

    def run(*arguments):
        status = datasets._main(list(arguments))
        return status, capsys.readouterr().out

    assert run("where") == (0, f"{folder}\n")
    assert "not fetched" in run("list")[1]
    assert run("verify") == (0, "")
    status, text = run("fetch", "mnist.npz")
    assert status == 1
    assert "error 404" in text
    assert run("fetch")[0] == 0
    assert "here" in run("list")[1]
    assert run("verify") == (0, "mnist.npz    as published\n")
    assert run("fetch") == (0, "")  # nothing to do, nothing asked
    (folder / "mnist.npz").write_bytes(b"spoiled")
    status, text = run("verify")
    assert status == 1
    assert "DIFFERS" in text
    assert run("fetch", "unknown")[0] == 2
    assert run()[0] == 2


@pytest.mark.parametrize("kind", ["text", "keys", "shape", "pickle"])
def test_a_wrong_file_is_refused_and_kept(folder, kind):
    folder.mkdir()
    path = folder / "mnist.npz"
    if kind == "text":
        path.write_text("not a zip")
    else:
        names = ("x_train", "y_train", "x_test", "y_test")
        content = {"keys": {"other": np.zeros(3)}, "shape": {name: np.zeros(3) for name in names},
                   "pickle": {name: np.array([{}], dtype=object) for name in names}}[kind]  # fmt: skip
        np.savez(path, **content)
    before = path.read_bytes()
    with pytest.raises(ValueError, match=r"mnist\.npz .* move it away"):
        datasets.mnist()
    assert path.read_bytes() == before


def test_registry_names_https_addresses_and_digests():
    for remote in datasets.REGISTRY.values():
        assert remote.url.startswith("https://")
        assert len(bytes.fromhex(remote.sha256)) == 32
        assert remote.size > 0


def test_registered_digest_is_the_one_keras_uses():
    import inspect

    from keras.datasets import mnist

    remote = datasets.REGISTRY["mnist.npz"]
    assert remote.sha256 in inspect.getsource(mnist.load_data)
