"""helpers.datasets: the built-in digits, the full set, and what goes wrong on the way to it."""

import hashlib
import re
import zipfile

import h5py
import numpy as np
import pytest

from helpers import datasets
from helpers.datasets.__main__ import main as command_line


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty data folder, and no network."""
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COURSE_DATA", "auto")
    monkeypatch.setattr("helpers.datasets.automatic.why_silent", lambda _url: "there is no network")
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


def test_printing_a_set_does_not_print_its_arrays(folder):
    assert len(repr(datasets.mnist())) < 500


def test_the_data_folder_is_where_the_environment_says(monkeypatch, tmp_path, root):
    monkeypatch.setenv("COURSE_DATA_DIR", "")
    assert datasets.data_dir() == root / "data"  # empty is as good as not set
    monkeypatch.delenv("COURSE_DATA_DIR")
    assert datasets.data_dir() == root / "data"
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("COURSE_DATA_DIR", "~/pictures")
    assert datasets.data_dir() == tmp_path / "pictures"


@pytest.mark.parametrize(
    "name", [*datasets.REGISTRY, "PetImages", "flower_photos", "fruits-360", "train_signs.h5", "cifar10.npz"]
)
def test_whatever_is_there_is_named(folder, name):
    assert datasets.real_sets() == []
    folder.mkdir()
    (folder / name).write_bytes(b"")
    assert datasets.real_sets() == [name]


def test_download_then_use_without_asking(folder, full_set, serve, monkeypatch):
    server = serve(full_set)
    monkeypatch.setitem(datasets.REGISTRY, "mnist.npz", server.remote)
    assert datasets.mnist(download=True).x_train.shape == (60000, 28, 28)
    assert datasets.mnist().x_test.shape == (10000, 28, 28)
    assert datasets.mnist(download=True).x_test.max() == 1
    assert server.requests == 1
    assert datasets.real_sets() == ["mnist.npz"]


def test_a_full_set_of_your_own_is_used_and_stays(folder, full_set, serve, monkeypatch):
    """It may come from elsewhere, with the same arrays and another digest."""
    server = serve(b"the published file")
    monkeypatch.setitem(datasets.REGISTRY, "mnist.npz", server.remote)
    folder.mkdir()
    (folder / "mnist.npz").write_bytes(full_set)
    assert datasets.mnist(download=True).x_train.shape == (60000, 28, 28)
    assert server.requests == 0


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
        status = command_line(list(arguments))
        return status, capsys.readouterr().out

    assert run("where") == (0, f"{folder}\n")
    assert "not fetched" in run("list")[1]
    assert run("verify") == (0, "")
    status, text = run("fetch", "mnist.npz")
    assert status == 1
    assert "error 404" in text
    assert run("fetch", "mnist.npz")[0] == 0
    assert "here" in run("list")[1]
    assert re.fullmatch(r"mnist.npz +as published\n", run("verify")[1])
    assert run("fetch", "mnist.npz") == (0, "")  # nothing to do, nothing asked
    (folder / "mnist.npz").write_bytes(b"spoiled")
    status, text = run("verify")
    assert status == 1
    assert "DIFFERS" in text
    status, text = run("fetch", "unknown")
    assert (status, text.splitlines()[0]) == (2, "There is no unknown.")
    assert run("feed")[1].startswith("There is no 'feed'.")
    assert run("where", "mnist.npz")[0] == 2
    status, text = run()
    assert status == 2
    assert "list | fetch NAME … | verify | where" in text


def test_one_file_that_differs_makes_the_check_fail(folder, full_set, serve, monkeypatch, capsys):
    monkeypatch.setitem(datasets.REGISTRY, "mnist.npz", serve(full_set).remote)
    folder.mkdir()
    (folder / "mnist.npz").write_bytes(full_set)
    (folder / "flower_photos.tgz").write_bytes(b"spoiled")
    (folder / "fruits-360-100x100.zip").write_bytes(b"packed anew")
    assert command_line(["verify"]) == 1
    lines = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    assert lines["mnist.npz"] == "as published"
    assert lines["flower_photos.tgz"].startswith("DIFFERS")
    assert "has no digest" in lines["fruits-360-100x100.zip"]
    assert command_line(["verify", "mnist.npz", "fruits-360-100x100.zip"]) == 0
    assert command_line(["list", "mnist.npz", "fruits-360-100x100.zip"]) == 0
    first, second = capsys.readouterr().out.splitlines()[-2:]
    assert re.fullmatch(r"mnist\.npz +\d+ MB +here", first)
    assert re.fullmatch(r"fruits-360-100x100\.zip +≤ *2000 MB +here", second)  # the most that is accepted


class Trap:
    """Something that, when it is unpickled, leaves a trace."""

    def __init__(self, trace):
        self.trace = trace

    def __reduce__(self):
        return (open, (str(self.trace), "w"))


@pytest.mark.parametrize(("file", "load"), [("mnist.npz", datasets.mnist), ("cifar10.npz", datasets.cifar10)])
def test_nothing_in_a_file_is_executed(folder, tmp_path, file, load):
    folder.mkdir()
    np.savez(folder / file, x_train=np.array([Trap(tmp_path / "trace")], dtype=object))
    with pytest.raises(ValueError, match="move it away"):
        load()
    assert not (tmp_path / "trace").exists()


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
    for name, remote in datasets.REGISTRY.items():
        assert remote.url.startswith("https://")
        assert remote.size > 0
        if "github.com" in remote.url:  # packed anew each time: the commit is fixed, the bytes are not
            assert re.search(r"/zip/[0-9a-f]{40}$", remote.url), name
            assert remote.sha256 is None
        elif name == "cats_and_dogs_filtered.zip":  # its sha256 is recorded nowhere; its pictures are checked
            assert remote.sha256 is None
            assert remote.exact
        else:
            assert len(bytes.fromhex(remote.sha256)) == 32


def test_registered_digest_is_the_one_keras_uses():
    import inspect

    from keras.datasets import mnist

    remote = datasets.REGISTRY["mnist.npz"]
    assert remote.sha256 in inspect.getsource(mnist.load_data)


def names_below(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_drawn_cats_and_dogs_have_the_real_layout_and_damage(folder):
    before = {path: path.stat().st_mtime_ns for path in datasets.SAMPLES.rglob("*")}
    pets = datasets.cats_vs_dogs()
    assert (pets.source, pets.classes) == ("sample", ("Cat", "Dog"))
    assert {name.split(":")[0] for name in pets.report.rejected} == {
        f"{kind}/{name}" for kind in ("Cat", "Dog") for name in ("600.jpg", "601.jpg", "602.jpg", "Thumbs.db")
    }
    parts = [names_below(path) for path in (pets.path, pets.validation_path, pets.test_path)]
    assert [len(part) for part in parts] == [800, 202, 200]
    assert set(pets.report.kept) == set().union(*parts)
    assert len(pets.report.kept) == 2 * 601 == sum(map(len, parts))
    assert {path: path.stat().st_mtime_ns for path in datasets.SAMPLES.rglob("*")} == before
    assert datasets.cats_vs_dogs() == pets


def petimages(path, photo, prefix="PetImages"):
    """Write a small archive with the official layout: three photographs and a damaged one for each class."""
    with zipfile.ZipFile(path, "w") as archive:
        for kind in ("Cat", "Dog"):
            for number in range(3):
                archive.writestr(f"{prefix}/{kind}/{number}.jpg", photo)
            archive.writestr(f"{prefix}/{kind}/3.jpg", b"")
    return path


@pytest.fixture
def photo():
    return (datasets.SAMPLES / "cats_vs_dogs/PetImages/Cat/0.jpg").read_bytes()


@pytest.mark.parametrize("form", ["folder", "archive", "download"])
def test_real_cats_and_dogs_are_used_where_they_are(folder, photo, form, tmp_path, serve, monkeypatch):
    folder.mkdir()
    name = "kagglecatsanddogs_5340.zip"
    archive = petimages(tmp_path / name, photo)
    if form == "folder":
        zipfile.ZipFile(archive).extractall(folder)
    elif form == "archive":
        archive.rename(folder / name)
    else:
        server = serve(archive.read_bytes())
        monkeypatch.setitem(datasets.REGISTRY, name, server.remote)
    pets = datasets.cats_vs_dogs(download=form == "download")
    assert pets.source == "real"
    assert set(pets.report.rejected) == {"Cat/3.jpg", "Dog/3.jpg"}
    parts = (pets.path, pets.validation_path, pets.test_path)
    assert names_below(parts[0]) == {f"{kind}/{number}.jpg" for kind in ("Cat", "Dog") for number in (0, 1)}
    assert names_below(parts[1]) == {"Cat/2.jpg", "Dog/2.jpg"}
    assert datasets.cats_vs_dogs() == pets
    if form == "download":
        assert server.requests == 1
    assert datasets.real_sets() == (["PetImages"] if form == "folder" else [name])


def test_a_wrong_archive_is_refused_and_mending_it_recovers(folder, photo):
    folder.mkdir()
    archive = folder / "kagglecatsanddogs_5340.zip"
    archive.write_bytes(b"<html>Log in</html>")
    with pytest.raises(RuntimeError, match="cannot be unpacked"):
        datasets.cats_vs_dogs()
    petimages(archive, photo)
    assert datasets.cats_vs_dogs().source == "real"


def test_samples_are_small_enough():
    assert sum(path.stat().st_size for path in datasets.SAMPLES.rglob("*") if path.is_file()) < 17_500_000


@pytest.mark.parametrize("name", ["pets", "fruits", "flowers"])
def test_drawn_files_are_bit_for_bit_the_same(name):
    from tools.samples.__main__ import FRUIT_FOLDERS, MODULES, picture

    for kind in MODULES[name][0].CLASSES:
        for number in (0, 77):
            part = "Training" if number < 60 else "Test"
            path = {
                "pets": f"cats_vs_dogs/PetImages/{kind}/{number}.jpg",
                "fruits": f"fruits/fruits-360/{part}/{FRUIT_FOLDERS.get(kind)}/r_{number}_100.jpg",
                "flowers": f"flowers/flower_photos/{kind}/{number}.jpg",
            }[name]
            assert picture(name, (kind, number)) == (datasets.SAMPLES / path).read_bytes()


def test_drawn_signs_are_the_same_and_like_the_real_files(folder):
    from tools.samples.__main__ import picture

    signs = datasets.sign_language()
    assert (signs.source, signs.classes) == ("sample", tuple("012345"))
    with h5py.File(signs.train_path) as train, h5py.File(signs.test_path) as test:
        assert set(train) == {"train_set_x", "train_set_y", "list_classes"}
        assert set(test) == {"test_set_x", "test_set_y", "list_classes"}
        images, labels = train["train_set_x"][:], train["train_set_y"][:]
        assert (images.shape, images.dtype) == ((1080, 64, 64, 3), np.uint8)
        assert test["test_set_x"].shape == (120, 64, 64, 3)
        assert np.array_equal(np.bincount(labels), [180] * 6)
        assert np.array_equal(np.bincount(test["test_set_y"]), [20] * 6)
    for kind in signs.classes:
        same = (images == picture("signs", (kind, 5))).all(axis=(1, 2, 3))
        assert list(labels[same]) == [int(kind)]
    assert not folder.exists()


def test_drawn_things_are_the_same_and_like_cifar10(folder):
    from PIL import Image

    from tools.samples.__main__ import picture

    things = datasets.cifar10()
    assert things.source == "sample"
    assert (things.x_train.shape, things.x_test.shape) == ((4000, 32, 32, 3), (1000, 32, 32, 3))
    assert things.x_train.dtype == things.y_train.dtype == np.uint8
    assert np.array_equal(np.bincount(things.y_train), [400] * 10)
    assert np.array_equal(np.bincount(things.y_test), [100] * 10)
    sheet = np.asarray(Image.open(datasets.SAMPLES / "cifar10" / "train.jpg")).astype(float)
    for row, kind in enumerate(things.classes):
        tile = sheet[32 * row : 32 * row + 32, 96:128]
        assert np.abs(tile - picture("objects", (kind, 3))).mean() < 8  # what JPEG costs
        found = (things.x_train == tile.astype(np.uint8)).all(axis=(1, 2, 3))
        assert list(things.y_train[found]) == [row]


def test_drawn_fruits_and_flowers_have_the_real_layout(folder):
    fruits, flowers = datasets.fruits(), datasets.flowers()
    assert {fruits.source, flowers.source} == {"sample"}
    for path, count in ((fruits.path, 60), (fruits.test_path, 20), (flowers.path, 150)):
        counts = {each.name: len(list(each.iterdir())) for each in path.iterdir()}
        assert set(counts.values()) == {count}
    assert list(flowers.report.rejected) == ["LICENSE.txt"]
    assert sorted(each.name for each in flowers.path.iterdir()) == list(flowers.classes)
    assert fruits.classes[0] == "Apple"
    assert (fruits.path / "Apple Braeburn 1" / "r_0_100.jpg").is_file()
