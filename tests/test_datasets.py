"""helpers.datasets: the built-in digits, the full set, and what goes wrong on the way to it."""

import hashlib
import http.server
import threading

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


@pytest.fixture
def server(monkeypatch):
    """A server on this machine that answers from a list of (status, body), the last one forever."""
    answers, requests = [], []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            status, body = answers.pop(0) if len(answers) > 1 else answers[0]
            requests.append(self.path)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()

        def register(body):
            remote = datasets.RemoteFile(
                f"http://127.0.0.1:{running.server_port}/mnist.npz",
                hashlib.sha256(body).hexdigest(),
                len(body),
            )
            monkeypatch.setitem(datasets.REGISTRY, "mnist.npz", remote)

        yield answers, requests, register
        running.shutdown()


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


def test_download_then_use_without_asking(folder, full_set, server, capsys):
    answers, requests, register = server
    answers.append((200, full_set))
    register(full_set)
    assert datasets.mnist(download=True).x_train.shape == (60000, 28, 28)
    assert datasets.mnist().x_test.shape == (10000, 28, 28)
    assert datasets.mnist(download=True).x_test.max() == 1
    assert len(requests) == 1
    assert datasets.real_sets() == ["mnist.npz"]
    assert "MB" in capsys.readouterr().out


@pytest.mark.parametrize(
    "answer",
    [(404, b"no"), (500, b"broken"), (200, b"<html>Please log in</html>")],
    ids=["404", "500", "html"],
)
def test_failed_download_leaves_nothing_and_recovers(folder, full_set, server, answer, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    answers, _requests, register = server
    register(full_set)
    answers.append(answer)
    with pytest.raises(datasets.DownloadFailed, match=r"built-in data.*try again.*browser"):
        datasets.mnist(download=True)
    assert list(folder.iterdir()) == []
    assert datasets.mnist().x_train.shape == (4000, 28, 28)
    answers[:] = [(200, full_set)]
    assert datasets.mnist(download=True).x_train.shape == (60000, 28, 28)


def test_refused_connection(folder, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    remote = datasets.RemoteFile("http://127.0.0.1:9/mnist.npz", "0" * 64, 1)
    monkeypatch.setitem(datasets.REGISTRY, "mnist.npz", remote)
    with pytest.raises(datasets.DownloadFailed, match="could not be fetched"):
        datasets.mnist(download=True)


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
