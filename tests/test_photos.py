"""helpers.photos: exactly the decodable photographs stay, every other file is named, nothing is touched."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from helpers import course, photos

with course.quiet():
    import keras

GOOD = {
    "Cat/plain.jpg": ("JPEG", "RGB"),
    "Cat/gray.jpg": ("JPEG", "L"),
    "Cat/cmyk.jpg": ("JPEG", "CMYK"),
    "Cat/png_named.jpg": ("PNG", "RGB"),
    "Cat/bmp_named.jpg": ("BMP", "RGB"),
    "Cat/upper.JPG": ("JPEG", "RGB"),
    "Dog/transparent.png": ("PNG", "RGBA"),
    "Dog/palette.png": ("PNG", "P"),
    "Dog/sixteen_bits.png": ("PNG", "I;16"),
    "Dog/still.gif": ("GIF", "P"),
    "Dog/animated.gif": ("GIF", "animated"),
    "Dog/turned.jpg": ("JPEG", "EXIF"),
}


def save(path, kind, mode):
    """Write a small picture of noise in the given format."""
    pixels = np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8)
    picture, options = Image.fromarray(pixels), {}
    if mode == "animated":
        options = {"save_all": True, "append_images": [picture.rotate(90).convert("P")]}
        picture = picture.convert("P")
    elif mode == "EXIF":
        exif = Image.Exif()
        exif[0x0112] = 6  # turned by a quarter
        options = {"exif": exif}
    elif mode == "I;16":
        picture = Image.fromarray(pixels[..., 0].astype(np.uint16) * 257)
    else:
        picture = picture.convert(mode)
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path, kind, **options)


@pytest.fixture
def folder(tmp_path):
    """Twelve readable pictures of many kinds, and eight files that are not."""
    folder = tmp_path / "PetImages"
    for name, (kind, mode) in GOOD.items():
        save(folder / name, kind, mode)
    jpeg, png = ((folder / name).read_bytes() for name in ("Cat/plain.jpg", "Dog/transparent.png"))
    bad = {
        "Cat/empty.jpg": b"",
        "Cat/cut.jpg": jpeg[: len(jpeg) // 2],
        "Cat/head_only.jpg": jpeg[:3],
        "Cat/page.jpg": b"<html>404 Not found</html>",
        "Dog/cut.png": png[: len(png) // 2],
        "Dog/Thumbs.db": b"\xd0\xcf\x11\xe0",
        "Dog/photo.webp": b"RIFF\x00\x00\x00\x00WEBP",
        "Dog/cut.gif": (folder / "Dog/still.gif").read_bytes()[:200],
    }
    for name, content in bad.items():
        (folder / name).write_bytes(content)
    return folder


def test_every_file_is_kept_or_named_with_a_reason(folder, tmp_path):
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.rglob("*.*")}
    report = photos.check_photos(folder, tmp_path / "verdicts.json")
    assert set(report.kept) == set(GOOD)
    words = {
        "Cat/empty.jpg": "empty",
        "Cat/cut.jpg": "damaged JPEG",
        "Cat/head_only.jpg": "damaged JPEG",
        "Cat/page.jpg": "not a JPEG, PNG, GIF or BMP",
        "Dog/cut.png": "damaged PNG",
        "Dog/Thumbs.db": "not a picture file by its name",
        "Dog/photo.webp": "not a picture file by its name",
        "Dog/cut.gif": "damaged GIF",
    }
    assert set(report.rejected) == set(words)
    for name, word in words.items():
        assert word in report.rejected[name]
        assert name in str(report)
        assert str(tmp_path) not in str(report)
    assert "12 photographs can be read, 8 files cannot" in str(report)
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.rglob("*.*")} == before


def test_keras_reads_the_whole_view_and_stumbles_over_the_original(folder, tmp_path):
    report = photos.check_photos(folder, tmp_path / "verdicts.json")
    view = photos.link_photos(report, folder, tmp_path / "view")
    options = {"image_size": (32, 32), "batch_size": 5, "verbose": False}
    dataset = keras.utils.image_dataset_from_directory(view, **options)
    shapes = [images.shape for images, _labels in dataset]
    assert sum(shape[0] for shape in shapes) == len(GOOD)
    assert {tuple(shape[1:]) for shape in shapes} == {(32, 32, 3)}
    with course.quiet(), pytest.raises(Exception, match=r"(?i)jpeg|png|gif|image|empty"):
        list(keras.utils.image_dataset_from_directory(folder, **options))


def test_verdicts_are_remembered_until_a_file_changes(folder, tmp_path, monkeypatch):
    verdicts = tmp_path / "cache" / "verdicts.json"
    first = photos.check_photos(folder, verdicts)
    decoded = []
    original = photos._problem
    monkeypatch.setattr(photos, "_problem", lambda path, tf: decoded.append(path.name) or original(path, tf))
    assert photos.check_photos(folder, verdicts) == first
    assert decoded == []

    shutil.copy(folder / "Cat/plain.jpg", folder / "Cat/cut.jpg")  # the damaged file was replaced
    (folder / "Dog/still.gif").unlink()
    second = photos.check_photos(folder, verdicts)
    assert decoded == ["cut.jpg"]
    assert set(second.kept) == set(first.kept) - {"Dog/still.gif"} | {"Cat/cut.jpg"}
    assert "Dog/still.gif" not in json.loads(verdicts.read_text())


def test_a_removed_file_is_forgotten(folder, tmp_path):
    verdicts = tmp_path / "verdicts.json"
    photos.check_photos(folder, verdicts)
    (folder / "Dog/still.gif").unlink()
    photos.check_photos(folder, verdicts)
    assert "Dog/still.gif" not in json.loads(verdicts.read_text())


def replaced(path, content, seconds=None):
    """Put other content into a file and set its time: by default that which it had."""
    before = path.stat().st_mtime_ns
    path.write_bytes(content)
    os.utime(path, ns=(before, before) if seconds is None else (seconds * 10**9,) * 2)


@pytest.mark.parametrize("change", ["time", "size"])
def test_a_replaced_photo_is_decoded_again(tmp_path, change):
    """Each of the two is enough: a tool may keep the time, or a picture happen to have the same size."""
    folder, verdicts = tmp_path / "mine", tmp_path / "verdicts.json"
    for name in ("Cat/a.jpg", "Dog/a.jpg", "Dog/b.jpg"):
        save(folder / name, "JPEG", "RGB")
    photo = folder / "Dog/b.jpg"
    size = photo.stat().st_size
    first = photos.check_photos(folder, verdicts)
    view = photos.link_photos(first, folder, tmp_path / "view")
    shutil.copy2(view / "Dog/b.jpg", tmp_path / "old")  # a copy, as on a disk without links
    os.replace(tmp_path / "old", view / "Dog/b.jpg")
    content = photo.read_bytes()[:-2] + b"\xff\xd9" + b"?" * (0 if change == "time" else 5)
    content = content[:300] + b"?" + content[301:]
    assert (len(content) == size) == (change == "time")
    replaced(photo, content, 10**9 if change == "time" else None)
    report = photos.check_photos(folder, verdicts)
    photos.link_photos(report, folder, view)
    assert (view / "Dog/b.jpg").read_bytes() == content
    replaced(photo, b"?" * len(content), 2 * 10**9 if change == "time" else None)
    if change == "size":
        replaced(photo, b"?" * (len(content) + 1))
    assert list(photos.check_photos(folder, verdicts).rejected) == ["Dog/b.jpg"]


def test_verdicts_stay_whole_when_the_disk_is_full(folder, tmp_path, monkeypatch):
    verdicts = tmp_path / "verdicts.json"
    photos.check_photos(folder, verdicts)
    before = verdicts.read_text()
    (folder / "Dog/still.gif").unlink()
    write_text = Path.write_text

    def half(path, text, **options):
        write_text(path, text[: len(text) // 2], **options)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", half)
    with pytest.raises(OSError, match="No space left"):
        photos.check_photos(folder, verdicts)
    assert verdicts.read_text() == before


def test_another_process_makes_the_same_links(folder, tmp_path, monkeypatch):
    report = photos.check_photos(folder, tmp_path / "verdicts.json")
    real_link = os.link

    def too_late(source, target):
        real_link(source, target)
        raise FileExistsError(17, "File exists")

    monkeypatch.setattr(os, "link", too_late)
    view = photos.link_photos(report, folder, tmp_path / "view")
    assert sum(path.is_file() for path in view.rglob("*")) == len(report.kept)


def test_links_take_no_space(folder, tmp_path):
    report = photos.check_photos(folder, tmp_path / "verdicts.json")
    view = photos.link_photos(report, folder, tmp_path / "view")
    assert all(os.path.samefile(folder / name, view / name) for name in report.kept)


def test_half_written_verdicts_are_not_trusted(folder, tmp_path):
    verdicts = tmp_path / "verdicts.json"
    expected = photos.check_photos(folder, verdicts)
    verdicts.write_text(verdicts.read_text()[:50])
    assert photos.check_photos(folder, verdicts) == expected


@pytest.mark.parametrize("links", [True, False])
def test_view_follows_the_folder(folder, tmp_path, monkeypatch, links):
    if not links:

        def refuse(*_arguments):
            raise OSError("this disk has no hard links")

        monkeypatch.setattr(os, "link", refuse)
    verdicts, view = tmp_path / "verdicts.json", tmp_path / "view"
    photos.link_photos(photos.check_photos(folder, verdicts), folder, view)
    (folder / "Dog/still.gif").unlink()
    save(folder / "Cat/cut.jpg", "JPEG", "RGB")
    save(folder / "Cat/new.png", "PNG", "L")
    os.replace(folder / "Cat/new.png", folder / "Cat/png_named.jpg")
    report = photos.check_photos(folder, verdicts)
    photos.link_photos(report, folder, view)
    found = {
        path.relative_to(view).as_posix(): path.read_bytes() for path in view.rglob("*") if path.is_file()
    }
    assert found == {name: (folder / name).read_bytes() for name in report.kept}


@pytest.mark.parametrize(
    "names", [[], ["Cat/one.jpg"], ["one.jpg", "two.jpg"], ["Cat/one.jpg", "Dog/page.jpg"]]
)
def test_a_folder_without_two_classes_is_refused(tmp_path, names):
    folder = tmp_path / "mine"
    folder.mkdir()
    for name in names:
        save(folder / name, "JPEG", "RGB")
        if "page" in name:
            (folder / name).write_text("<html>")
    with pytest.raises(ValueError, match=r"mine/ needs at least two subfolders"):
        photos.check_photos(folder, tmp_path / "verdicts.json")


def test_a_full_disk_leaves_the_old_verdicts_and_nothing_else(folder, tmp_path, monkeypatch):
    verdicts = tmp_path / "cache" / "verdicts.json"
    photos.check_photos(folder, verdicts)
    before = verdicts.read_bytes()

    def full(_source, _target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    (folder / "Dog/still.gif").unlink()
    with pytest.raises(OSError, match="No space left"):
        photos.check_photos(folder, verdicts)
    assert [path.name for path in verdicts.parent.iterdir()] == [verdicts.name]
    assert verdicts.read_bytes() == before
