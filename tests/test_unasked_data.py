"""Real data without being asked for: fetched where there is a network, built-in data wherever anything goes wrong."""

import io
import time
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from helpers import datasets
from helpers.datasets import automatic, pets

NAME = "cats_and_dogs_filtered.zip"
NAMES = [
    f"cats_and_dogs_filtered/{part}/{kind}s/{kind}.{number}.jpg"
    for part, numbers in (("train", range(1000)), ("validation", range(2000, 2500)))
    for kind in ("cat", "dog")
    for number in numbers
]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """An empty data folder, the usual setting, and nothing refused yet."""
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COURSE_DATA", "auto")
    monkeypatch.setattr(automatic, "_refused", set())
    return tmp_path / "data"


def archive(names, extra=()):
    """Return the bytes of an archive with one tiny picture under each name."""
    pictures = []
    for gray in (40, 200):
        file = io.BytesIO()
        Image.fromarray(np.full((8, 8, 3), gray, np.uint8)).save(file, "JPEG")
        pictures.append(file.getvalue())
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as content:
        for name in names:
            content.writestr(name, pictures["dog." in name])
        for name in extra:
            content.writestr(name, b"")
    return file.getvalue()


@pytest.fixture(scope="module")
def standard():
    """An archive as published: the 3,000 names, and a script that is none."""
    return archive(NAMES, ["cats_and_dogs_filtered/vectorize.py"])


@pytest.fixture
def published(serve, monkeypatch):
    """Let the registry's address be a server here that gives ``body`` in some manner."""

    def start(body, *manners, name=NAME, **changes):
        server = serve(body, *manners)
        remote = replace(datasets.REGISTRY[name], url=server.remote.url, **{"size": len(body), **changes})
        monkeypatch.setitem(datasets.REGISTRY, name, remote)
        return server

    return start


def names(path):
    """Return the numbers of the pictures in the two subfolders of a part."""
    return {
        kind.name: sorted(int(file.stem.split(".")[-1]) for file in kind.iterdir()) for kind in path.iterdir()
    }


def test_with_a_network_the_photographs_come_after_one_line(folder, standard, published, capsys, monkeypatch):
    server = published(standard)
    monkeypatch.setattr(pets, "PETS_DIGEST", _digest_of(standard))
    found = datasets.cats_vs_dogs()
    (line,) = capsys.readouterr().out.splitlines()
    assert found.source == "real"
    assert line.startswith("Fetching the 3,000 standard photographs of cats and dogs")
    assert all(words in line for words in (NAME, " MB", "into data/", "COURSE_DATA=builtin"))
    assert names(found.path) == {"cats": list(range(1000)), "dogs": list(range(1000))}
    assert names(found.validation_path) == {kind: list(range(2000, 2250)) for kind in ("cats", "dogs")}
    assert names(found.test_path) == {kind: list(range(2250, 2500)) for kind in ("cats", "dogs")}
    assert len(found.report.kept) == 3000
    asked = server.requests
    assert datasets.cats_vs_dogs() == found
    assert server.requests == asked
    assert capsys.readouterr().out == ""


def _digest_of(body):
    import hashlib

    content = zipfile.ZipFile(io.BytesIO(body))
    lines = [
        f"{name}\0{hashlib.sha256(content.read(name)).hexdigest()}\n"
        for name in sorted(content.namelist())
        if name.endswith(".jpg")
    ]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def test_other_contents_are_said_in_one_line_and_used(standard, published, capsys):
    published(standard)
    assert datasets.cats_vs_dogs().source == "real"
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("Note")]
    assert "not byte for byte" in line


@pytest.mark.parametrize(
    ("manners", "reason"),
    [
        (("403",), "error 403"),
        (("404",), "error 404"),
        (("whole", "cut", "cut"), "the connection failed"),
        (("whole", "500", "500"), "error 500"),
        (("html",), "bytes (type text/html) instead of"),
        (("whole", "longer"), "sends more than"),
    ],
)
def test_whatever_goes_wrong_the_drawn_ones_serve(folder, standard, published, capsys, manners, reason):
    published(standard, *manners)
    found = datasets.cats_vs_dogs()
    assert found.source == "sample"
    line = capsys.readouterr().out.splitlines()[-1]
    assert line.startswith(
        "You work with the course's built-in data instead of the 3,000 standard photographs"
    )
    assert reason in line
    assert "Traceback" not in line
    assert [path.name for path in folder.iterdir()] == ["checked"]


def test_half_a_download_is_tried_once_more(standard, published):
    server = published(standard, "whole", "cut", "whole")
    assert datasets.cats_vs_dogs().source == "real"
    assert server.requests == 3


def test_without_a_network_nothing_waits_and_nobody_asks_again(
    folder, published, standard, capsys, monkeypatch
):
    monkeypatch.setitem(
        datasets.REGISTRY, NAME, replace(datasets.REGISTRY[NAME], url="http://127.0.0.1:9/file")
    )
    start = time.monotonic()
    assert datasets.cats_vs_dogs().source == "sample"
    assert "127.0.0.1 cannot be reached" in capsys.readouterr().out
    assert datasets.cats_vs_dogs().source == "sample"
    assert capsys.readouterr().out == ""
    assert time.monotonic() - start < 30  # decoding the drawn ones takes most of it


def test_a_host_that_never_answers_is_left_after_seconds(published, standard, monkeypatch):
    published(standard, "mute")
    start = time.monotonic()
    reason = automatic.why_silent(datasets.REGISTRY[NAME].url, patience=0.5)
    assert reason in ("no answer from 127.0.0.1 within 0.5 seconds", "127.0.0.1 cannot be reached")
    assert time.monotonic() - start < 2


def test_a_name_that_takes_long_to_find_is_left_too(monkeypatch):
    """Where there is no network, finding a host's name can take half a minute."""
    monkeypatch.setattr("socket.getaddrinfo", lambda *_arguments, **_more: time.sleep(20))
    start = time.monotonic()
    assert "no answer from photographs.example" in automatic.why_silent("http://photographs.example/a", 0.5)
    assert time.monotonic() - start < 5


def test_an_archive_that_lacks_a_photograph_is_not_kept(folder, published, capsys):
    published(archive(NAMES[:-1]))
    assert datasets.cats_vs_dogs().source == "sample"
    assert "not the published set" in capsys.readouterr().out
    assert not (folder / NAME).exists()
    assert not (folder / "unpacked" / "cats_and_dogs_filtered").exists()


def test_an_archive_with_a_wrong_checksum_is_not_kept(folder, standard, published, capsys):
    place = standard.index(b"\xff\xd8\xff") + 30
    published(standard[:place] + bytes([standard[place] ^ 1]) + standard[place + 1 :])
    assert datasets.cats_vs_dogs().source == "sample"
    assert "not the published set" in capsys.readouterr().out
    assert not (folder / NAME).exists()


def test_the_answer_no_is_heeded_before_anything_is_asked(folder, standard, published, capsys, monkeypatch):
    server = published(standard)
    folder.mkdir()
    (folder / NAME).write_bytes(standard)  # and even where it is there already
    monkeypatch.setenv("COURSE_DATA", "builtin")
    assert datasets.cats_vs_dogs().source == "sample"
    assert datasets.mnist().x_train.shape == (4000, 28, 28)
    assert datasets.sign_language().source == "sample"
    assert datasets.cifar10().source == datasets.flowers().source == "sample"
    assert (server.requests, capsys.readouterr().out) == (0, "")


def test_another_word_is_refused(monkeypatch):
    monkeypatch.setenv("COURSE_DATA", "none")
    with pytest.raises(ValueError, match='"auto" or "builtin"'):
        datasets.cats_vs_dogs()


def test_an_empty_word_is_no_word(monkeypatch):
    monkeypatch.setenv("COURSE_DATA", "")
    assert not datasets.only_built_in()


@pytest.mark.parametrize("unpacked", [False, True])
def test_an_archive_or_folder_of_your_own_is_used_unasked(folder, standard, published, unpacked, capsys):
    server = published(standard)
    folder.mkdir()
    if unpacked:
        zipfile.ZipFile(io.BytesIO(standard)).extractall(folder)
    else:
        (folder / NAME).write_bytes(standard)
    assert datasets.cats_vs_dogs(download=False).source == "real"
    assert server.requests == 0
    assert datasets.real_sets() == ["cats_and_dogs_filtered" if unpacked else NAME]


def test_an_archive_of_your_own_that_lacks_photographs_is_named_and_kept(folder):
    folder.mkdir()
    (folder / NAME).write_bytes(archive(NAMES[:10]))
    with pytest.raises(ValueError, match=r"lacks 2,990 of the 3,000 photographs"):
        datasets.cats_vs_dogs()
    assert (folder / NAME).is_file()
    assert not (folder / "unpacked" / "cats_and_dogs_filtered").exists()


def test_nothing_is_fetched_where_no_is_the_argument(standard, published):
    server = published(standard)
    assert datasets.cats_vs_dogs(download=False).source == "sample"
    assert datasets.sign_language(download=False).source == "sample"
    assert datasets.mnist(download=False).x_train.shape == (4000, 28, 28)
    assert server.requests == 0


def test_large_sets_are_not_fetched_unasked(published):
    server = published(b"", name="cifar-10-binary.tar.gz", size=170_052_171)
    assert datasets.cifar10().source == "sample"
    assert automatic.fetched_unasked("cifar-10-binary.tar.gz", "things", lambda: "prepared") is None
    assert server.requests == 0
    unasked = {name for name, remote in datasets.REGISTRY.items() if remote.size <= automatic.LARGEST}
    assert unasked == {NAME, "mnist.npz", "sign-language-digits.zip"}


def test_digits_come_unasked(folder, published, capsys):
    shapes = {"x_train": (60000, 28, 28), "y_train": 60000, "x_test": (10000, 28, 28), "y_test": 10000}
    file = io.BytesIO()
    np.savez_compressed(file, **{name: np.zeros(shape, np.uint8) for name, shape in shapes.items()})
    body = file.getvalue()
    import hashlib

    published(body, name="mnist.npz", sha256=hashlib.sha256(body).hexdigest())
    assert datasets.mnist().x_train.shape == (60000, 28, 28)
    assert "all 70,000 MNIST digits" in capsys.readouterr().out


def test_digits_with_another_digest_are_not_taken(folder, published, capsys):
    published(b"not these digits", name="mnist.npz")
    assert datasets.mnist().x_train.shape == (4000, 28, 28)
    assert "its digest is different" in capsys.readouterr().out
    assert not (folder / "mnist.npz").exists()


def test_hands_that_are_not_the_published_ones_are_not_kept(folder, published, capsys):
    published(archive(["set/Dataset/0/a.JPG"]), name="sign-language-digits.zip", size=60_000_000)
    assert datasets.sign_language().source == "sample"
    assert "not the published set" in capsys.readouterr().out
    assert not (folder / "sign-language-digits.zip").exists()


def test_the_standard_photographs_of_the_large_set_are_the_same_numbers(folder):
    """Of 2,500 or more of a kind the standard ones are taken, of fewer the first two thirds are for training."""
    for count, training, validation, test in ((2600, 1000, 250, 250), (601, 400, 101, 100), (6, 4, 1, 1)):
        kept = tuple(f"{kind}/{number}.jpg" for number in range(count) for kind in ("Cat", "Dog"))
        parts = pets._divided(datasets.cats_vs_dogs(download=False).report.__class__(kept, {}))
        assert [len(part.kept) for part in parts.values()] == [2 * training, 2 * validation, 2 * test]
        everything = [name for part in parts.values() for name in part.kept]
        assert len(set(everything)) == len(everything)
