"""The other sets as a student may have them: official layouts, wrong files, downloads that have no fixed digest."""

import io
import tarfile
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest
from PIL import Image

from helpers import datasets, transfer
from helpers.datasets import signs as signs_module
from helpers.datasets.folders import FRUITS


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty data folder, and no network."""
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COURSE_DATA", "auto")
    monkeypatch.setattr("helpers.datasets.automatic.why_silent", lambda _url: "there is no network")
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


def jpeg(seed, size=(8, 8)):
    """Return the bytes of a small JPEG that differs for each seed."""
    pixels = np.random.default_rng(seed).integers(0, 256, (*size, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=90)
    return file.getvalue()


def write_zip(path, members):
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def write_tgz(path, members):
    with tarfile.open(path, "w:gz") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def sign_arrays(part, count):
    generator = np.random.default_rng(0)
    return {
        f"{part}_set_x": generator.integers(0, 256, (count, 64, 64, 3), dtype=np.uint8),
        f"{part}_set_y": generator.integers(0, 6, count),
        "list_classes": np.arange(6),
    }


def write_signs(folder, **changes):
    """Write both HDF5 files; a change of None removes the key."""
    for part, count in (("train", 12), ("test", 6)):
        with h5py.File(folder / f"{part}_signs.h5", "w") as file:
            for key, value in (sign_arrays(part, count) | changes).items():
                if value is not None and key in sign_arrays(part, 1):
                    file[key] = value


def test_own_sign_files_are_used(folder):
    write_signs(folder)
    signs = datasets.sign_language()
    assert (signs.source, signs.classes) == ("real", tuple("012345"))
    with h5py.File(signs.train_path) as file:
        assert np.array_equal(file["train_set_x"], sign_arrays("train", 12)["train_set_x"])
    assert datasets.real_sets() == ["train_signs.h5"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"train_set_x": None}, "train_signs.h5 lacks the key train_set_x; it has list_classes, train_set_y"),
        ({"list_classes": None}, "lacks the key list_classes"),
        ({"test_set_y": None}, "test_signs.h5 lacks the key test_set_y"),
        ({"train_set_x": np.zeros((12, 32, 32, 3), np.uint8)}, r"shape \(12, 32, 32, 3\)"),
        ({"train_set_x": np.zeros((12, 64, 64), np.uint8)}, r"shape \(12, 64, 64\)"),
        ({"test_set_x": np.zeros((6, 64, 64, 3), np.float32)}, "type float32 instead of uint8"),
        ({"train_set_y": np.zeros((12, 1), int)}, r"12 pictures but labels of shape \(12, 1\)"),
        ({"train_set_y": np.zeros(11, int)}, "12 pictures but labels"),
        ({"test_set_y": np.zeros(6)}, "labels of type float64"),
    ],
)
def test_sign_files_that_differ_are_refused_and_kept(folder, changes, words):
    write_signs(folder, **changes)
    before = {path: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(ValueError, match=words):
        datasets.sign_language()
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_half_a_pair_or_another_kind_of_file_is_refused(folder):
    write_signs(folder)
    (folder / "test_signs.h5").write_text("<html>Log in</html>")
    with pytest.raises(ValueError, match=r"test_signs\.h5 is not an HDF5 file"):
        datasets.sign_language()
    (folder / "test_signs.h5").unlink()
    with pytest.raises(ValueError, match=r"test_signs\.h5 is missing"):
        datasets.sign_language()


def open_signs(path, digits=10):
    """Write an archive like GitHub's of the open set: 205 pictures of each digit and other files."""
    top = "Sign-Language-Digits-Dataset-abc"
    members = {
        f"{top}/Dataset/{digit}/IMG_{n}.JPG": jpeg(1000 * digit + n, (100, 100) if digit == 3 else (8, 8))
        for digit in range(digits)
        for n in range(205)
    }
    return write_zip(
        path, {f"{top}/README.md": b"read me", f"{top}/Examples/example_0.JPG": jpeg(0)} | members
    )


def test_the_open_set_becomes_the_two_files(folder, tmp_path, monkeypatch):
    archive = open_signs(folder / "sign-language-digits.zip")
    zipfile.ZipFile(archive).extractall(tmp_path / "look")
    dataset = next((tmp_path / "look").glob("*/Dataset"))
    with pytest.raises(ValueError, match="not those of the published set"):
        datasets.sign_language()
    monkeypatch.setattr(signs_module, "SIGNS_DIGEST", datasets.contents_digest(dataset))
    signs = datasets.sign_language()
    with h5py.File(signs.train_path) as train, h5py.File(signs.test_path) as test:
        x, y, x_test, y_test = (
            train["train_set_x"][:],
            train["train_set_y"][:],
            test["test_set_x"][:],
            test["test_set_y"][:],
        )
        assert list(train["list_classes"]) == list(range(6))
    assert (x.shape, x_test.shape) == ((1080, 64, 64, 3), (120, 64, 64, 3))
    assert x.dtype == np.uint8
    assert np.array_equal(np.bincount(y), [180] * 6)
    assert np.array_equal(np.bincount(y_test), [20] * 6)
    together = np.concatenate([x, x_test]).reshape(1200, -1)
    assert len(np.unique(together, axis=0)) == 1200  # no photograph is in both
    labels = np.concatenate([y, y_test])
    found = 0
    for n in range(
        205
    ):  # every picture is the average of the photograph's pixels, with the label of its folder
        picture = Image.open(dataset / "3" / f"IMG_{n}.JPG").resize((64, 64), Image.Resampling.BOX)
        same = (together == np.asarray(picture).ravel()).all(1)
        assert list(labels[same]) in ([], [3])
        found += same.sum()
    assert found == 200
    assert not np.array_equal(y, np.sort(y))  # mixed
    changed = {path.name: path.stat().st_mtime_ns for path in signs.train_path.parent.iterdir()}
    monkeypatch.setattr(signs_module, "write_signs", None)
    assert datasets.sign_language() == signs  # and is not made again
    assert {path.name: path.stat().st_mtime_ns for path in signs.train_path.parent.iterdir()} == changed


def test_the_choice_of_photographs_does_not_depend_on_the_disk(folder, tmp_path, monkeypatch):
    """No disk promises an order of its files."""
    archive = open_signs(tmp_path / "signs.zip", digits=6)
    zipfile.ZipFile(archive).extractall(tmp_path / "look")
    dataset = next((tmp_path / "look").glob("*/Dataset"))
    monkeypatch.setattr(signs_module, "SIGNS_DIGEST", datasets.contents_digest(dataset))
    really, chosen = Path.glob, []
    for step in (1, -1):
        monkeypatch.setattr(
            Path, "glob", lambda path, pattern, step=step: iter([*really(path, pattern)][::step])
        )
        datasets.write_signs(tmp_path / "look", tmp_path / f"made{step}")
        with h5py.File(tmp_path / f"made{step}" / "test_signs.h5") as file:
            chosen.append(file["test_set_x"][:])
    assert np.array_equal(*chosen)


def test_one_of_the_two_own_files_is_enough_to_mean_them(folder):
    """A student who has put one of them there hears that the other is missing."""
    write_signs(folder)
    (folder / "train_signs.h5").unlink()
    with pytest.raises(ValueError, match=r"train_signs\.h5 is missing"):
        datasets.sign_language()


def test_the_digest_of_contents_sees_every_change(tmp_path):
    for name, seed in (("0/a.JPG", 1), ("1/b.JPG", 2)):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_bytes(jpeg(seed))
    first = datasets.contents_digest(tmp_path)
    (tmp_path / "notes.txt").write_text("not a picture")
    assert datasets.contents_digest(tmp_path) == first
    (tmp_path / "1/b.JPG").rename(tmp_path / "1/c.JPG")
    renamed = datasets.contents_digest(tmp_path)
    (tmp_path / "1/c.JPG").write_bytes(jpeg(3))
    assert len({first, renamed, datasets.contents_digest(tmp_path)}) == 3


def test_the_digest_of_contents_is_the_same_on_every_disk(tmp_path, monkeypatch):
    """No disk promises an order of its files; names count with their folder, as the class is in there."""
    digests = set()
    for place, names in enumerate((("0/a.JPG", "1/b.PNG"), ("1/b.PNG", "0/a.JPG"), ("1/a.JPG", "0/b.PNG"))):
        for name in names:
            path = tmp_path / str(place) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(name[-5:].encode())
        digests.add(datasets.contents_digest(tmp_path / str(place)))
    assert len(digests) == 2
    really = Path.rglob
    monkeypatch.setattr(Path, "rglob", lambda path, pattern: iter([*really(path, pattern)][::-1]))
    assert datasets.contents_digest(tmp_path / "0") in digests


@pytest.mark.parametrize("names", [("Cats", "Dog"), ("Cat", "Dog lost"), ("Hot Cat", "Dog")])
def test_a_folder_with_almost_the_right_name_is_not_the_class(folder, names):
    for name in names:
        (folder / "PetImages" / name).mkdir(parents=True)
        (folder / "PetImages" / name / "0.jpg").write_bytes(jpeg(0))
    with pytest.raises(ValueError, match=r"lacks a readable photograph for: (Cat|Dog)\."):
        datasets.cats_vs_dogs()


def test_real_and_drawn_photographs_are_remembered_side_by_side(folder):
    drawn = datasets.cats_vs_dogs()
    for name in ("Cat", "Dog"):
        (folder / "PetImages" / name).mkdir(parents=True)
        (folder / "PetImages" / name / "0.jpg").write_bytes(jpeg(0))
    real = datasets.cats_vs_dogs()
    assert (drawn.source, real.source) == ("sample", "real")
    assert len(list(real.path.rglob("*.jpg"))) == 2
    assert len(list(drawn.path.rglob("*.jpg"))) == 800
    assert drawn.licence == "CC BY 4.0"
    assert "Asirra" in real.citation
    assert "tools/samples" in drawn.citation


FLOWERS = ("daisy", "dandelion", "roses", "sunflowers", "tulips")


def flower_photos(names=FLOWERS):
    members = {f"flower_photos/{name}/{n}.jpg": jpeg(n) for name in names for n in range(2)}
    return members | {"flower_photos/LICENSE.txt": b"by their authors"}


@pytest.mark.parametrize("form", ["archive", "folder", "download"])
def test_real_flowers_are_used_where_they_are(folder, form, tmp_path, serve, monkeypatch):
    archive = write_tgz(tmp_path / "flower_photos.tgz", flower_photos())
    if form == "archive":
        archive.rename(folder / archive.name)
    elif form == "folder":
        with tarfile.open(archive) as file:
            file.extractall(folder, filter="data")
    else:
        monkeypatch.setitem(datasets.REGISTRY, archive.name, serve(archive.read_bytes()).remote)
    first = datasets.flowers(download=form == "download")
    assert first.source == "real"
    assert first.classes == FLOWERS
    assert sorted(path.name for path in first.path.iterdir()) == list(FLOWERS)
    assert list(first.report.rejected) == ["LICENSE.txt"]
    assert datasets.flowers() == first


def test_a_folder_that_lacks_a_kind_is_refused(folder):
    write_tgz(folder / "flower_photos.tgz", flower_photos(FLOWERS[:4]))
    with pytest.raises(ValueError, match="lacks a readable photograph for: tulips"):
        datasets.flowers()


def fruits_360(numbered=True):
    names = ["Apple Braeburn", "Avocado", "Banana", "Cherry", "Lemon", "Orange", "Pear", "Strawberry"]
    names = [f"{name} 1" if numbered or name == "Cherry" else name for name in names]
    more = ["Almonds 1", "Avocado Black 1", "Banana Lady Finger 1", "Cherry 2", "Pear Abate 1"]
    return {
        f"fruits-360-100x100-abc/{part}/{name}/r_{n}_100.jpg": jpeg(n)
        for part in ("Training", "Test")
        for name in names + more
        for n in range(3 if part == "Training" else 2)
    }


@pytest.mark.parametrize("numbered", [True, False])
def test_only_the_eight_fruits_are_unpacked(folder, numbered):
    write_zip(folder / "fruits-360-100x100.zip", fruits_360(numbered))
    found = datasets.fruits()
    assert found.source == "real"
    assert found.classes == tuple(FRUITS)
    for path, count in ((found.path, 24), (found.test_path, 16)):
        assert len(list(path.rglob("*.jpg"))) == count
        names = sorted(each.name for each in path.iterdir())
        assert [name.split()[0] for name in names] == list(FRUITS)
        assert "Cherry 1" in names
    assert not list((folder / "unpacked").rglob("Almonds*"))
    assert datasets.fruits() == found


def lie(path, name, size):
    """Let an archive's directory declare another size for one member."""
    content = path.read_bytes()
    place = content.index(b"PK\x01\x02")
    while name not in content[place + 46 : place + 46 + len(name)]:
        place = content.index(b"PK\x01\x02", place + 1)
    path.write_bytes(content[: place + 24] + size.to_bytes(4, "little") + content[place + 28 :])


@pytest.mark.parametrize(("size", "fits"), [(3_900_000_000, True), (4_100_000_000, False)])
def test_an_archive_of_fruits_has_room_for_all_kinds_and_no_more(folder, size, fits):
    archive = write_zip(folder / "fruits-360-100x100.zip", fruits_360())
    lie(archive, b"fruits-360-100x100-abc/Test/Almonds 1/r_0_100.jpg", size)  # not one that is unpacked
    if fits:
        assert datasets.fruits().source == "real"
    else:
        with pytest.raises(RuntimeError, match="larger than the 4,000,000,000 bytes"):
            datasets.fruits()


@pytest.mark.parametrize(
    ("load", "name", "member", "limit"),
    [
        (datasets.cats_vs_dogs, "kagglecatsanddogs_5340.zip", "PetImages/Cat/0.jpg", "2,000,000,000"),
        (datasets.sign_language, "sign-language-digits.zip", "abc/Dataset/0/0.JPG", "100,000,000"),
    ],
)
def test_an_archive_that_would_fill_the_disk_is_refused(folder, load, name, member, limit):
    write_zip(folder / name, {member: jpeg(0)})
    lie(folder / name, member.encode(), int(limit.replace(",", "")) + 1)
    with pytest.raises(RuntimeError, match=f"larger than the {limit} bytes"):
        load()
    assert [path.name for path in folder.rglob("*") if path.is_file()] == [name]


def test_fruits_in_a_folder_of_all_kinds(folder):
    archive = write_zip(folder / "some.zip", fruits_360())
    zipfile.ZipFile(archive).extractall(folder)
    (folder / "fruits-360-100x100-abc").rename(folder / "fruits-360")
    assert len(list(datasets.fruits().path.iterdir())) == 8


def cifar_records(count, seed):
    generator = np.random.default_rng(seed)
    images = generator.integers(0, 256, (count, 32, 32, 3), dtype=np.uint8)
    labels = generator.integers(0, 10, count, dtype=np.uint8)
    records = np.concatenate([labels[:, None], images.transpose(0, 3, 1, 2).reshape(count, -1)], axis=1)
    return images, labels, records.tobytes()


def test_the_binary_cifar10_is_read_in_its_order(folder):
    parts = {f"data_batch_{n}.bin": cifar_records(3, n) for n in range(1, 6)} | {
        "test_batch.bin": cifar_records(4, 9)
    }
    members = {f"cifar-10-batches-bin/{name}": content for name, (_x, _y, content) in parts.items()}
    write_tgz(folder / "cifar-10-binary.tar.gz", members)
    cifar = datasets.cifar10()
    assert cifar.source == "real"
    assert np.array_equal(
        cifar.x_train, np.concatenate([parts[f"data_batch_{n}.bin"][0] for n in range(1, 6)])
    )
    assert np.array_equal(
        cifar.y_train, np.concatenate([parts[f"data_batch_{n}.bin"][1] for n in range(1, 6)])
    )
    assert np.array_equal(cifar.x_test, parts["test_batch.bin"][0])


def test_a_cut_cifar10_is_refused(folder):
    write_tgz(folder / "cifar-10-binary.tar.gz", {"cifar-10-batches-bin/data_batch_1.bin": b"\0" * 100})
    with pytest.raises(ValueError, match="not CIFAR-10's binary version"):
        datasets.cifar10()


def test_keras_arrays_are_used_and_others_refused(folder):
    images, labels, _ = cifar_records(5, 0)
    arrays = {"x_train": images, "y_train": labels[:, None], "x_test": images[:2], "y_test": labels[:2, None]}
    np.savez(folder / "cifar10.npz", **arrays)
    cifar = datasets.cifar10()
    assert cifar.source == "real"
    assert np.array_equal(cifar.y_train, labels)
    for key, value in {"x_test": images[:2] / 255, "y_train": labels[:3], "x_train": images[:, :16]}.items():
        np.savez(folder / "cifar10.npz", **(arrays | {key: value}))
        with pytest.raises(ValueError, match=r"cifar10\.npz holds x_(train|test) of shape .* move it away"):
            datasets.cifar10()
    np.savez(folder / "cifar10.npz", x_train=images)
    with pytest.raises(ValueError, match="does not hold x_train, y_train"):
        datasets.cifar10()


def test_an_archive_without_a_digest_arrives_or_leaves_nothing(tmp_path, serve, monkeypatch):
    """GitHub packs archives anew: the size is a bound, and what cuts the transfer is noticed all the same."""
    monkeypatch.setattr(transfer, "sleep", lambda seconds: None)
    body = write_zip(tmp_path / "a.zip", {"x/1.jpg": jpeg(1)}).read_bytes()

    def remote(server, size):
        return transfer.RemoteFile(server.remote.url, None, size)

    path = tmp_path / "data" / "archive.zip"
    transfer.fetch(remote(serve(body, "500", "whole"), 10 * len(body)), path)
    assert path.read_bytes() == body
    path.unlink()
    for server, size in (
        (serve(body), len(body) - 1),
        (serve(body, "longer"), len(body) + 1),
        (serve(body, "cut"), 10**6),
    ):
        with pytest.raises(transfer.DownloadFailed):
            transfer.fetch(remote(server, size), path, timeout=1, attempts=2)
        assert list(path.parent.iterdir()) == []
