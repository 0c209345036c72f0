"""helpers.archives: honest archives come out whole, dishonest ones not at all."""

import io
import os
import shutil
import stat
import subprocess
import sys
import tarfile
import zipfile

import pytest

from helpers.archives import UnpackFailed, unpack

FILES = {"PetImages/Cat/0.jpg": b"cat" * 1000, "PetImages/Dog/1.jpg": b"dog", "PetImages/Cat/empty.jpg": b""}
LIMIT = 100_000


def write_zip(path, files=FILES, **infos):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("PetImages/", "")
        for name, content in files.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = infos.get("mode", 0o644 | stat.S_IFREG) << 16
            archive.writestr(info, content)
    return path


def write_tar(path, files=FILES, kind=tarfile.REGTYPE, link=""):
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, link
            info.size = len(content) if kind == tarfile.REGTYPE else 0
            archive.addfile(info, io.BytesIO(content))
    return path


WRITERS = {"zip": write_zip, "tgz": write_tar}


@pytest.fixture(params=WRITERS)
def write(request, tmp_path):
    """Write an archive of one of the two kinds, in a folder that must otherwise stay empty."""
    return lambda files=FILES: WRITERS[request.param](tmp_path / f"archive.{request.param}", files)


def refused(archive, words, largest=LIMIT):
    """Unpack, expect a refusal, and check that nothing changed on disk, outside included."""
    folder = archive.parent / "inside" / "out"
    content = archive.read_bytes()
    with pytest.raises(UnpackFailed, match=words) as caught:
        unpack(archive, folder, largest)
    assert "\n" not in str(caught.value)
    assert archive.read_bytes() == content
    assert sorted(p.name for p in archive.parent.rglob("*")) == sorted([archive.name, "inside"])


def test_everything_comes_out(write, tmp_path):
    folder = unpack(write(), tmp_path / "new" / "pets", LIMIT)
    found = {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    assert found == FILES
    assert os.listdir(tmp_path / "new") == ["pets"]


@pytest.mark.parametrize(
    "name", ["../evil", "a/../../evil", "/etc/evil", "C:/evil", "C:evil", "..\\evil", "\\\\host\\evil"]
)
def test_paths_that_lead_outside_are_refused(write, name):
    refused(write({**FILES, name: b"evil"}), "leads outside")


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_in_a_tar_are_refused(tmp_path, kind):
    refused(write_tar(tmp_path / "a.tgz", {"link": b""}, kind, "/etc/passwd"), "link or a device")


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO])
def test_links_and_devices_in_a_zip_are_refused(tmp_path, kind):
    refused(write_zip(tmp_path / "a.zip", {"link": b"/etc/passwd"}, mode=kind | 0o777), "link or a device")


def test_a_bomb_is_refused(write):
    refused(write({**FILES, "PetImages/Cat/big.jpg": bytes(LIMIT)}), "larger than")


def test_a_bomb_that_lies_about_its_size_is_refused(tmp_path):
    archive = write_zip(tmp_path / "a.zip", {"big": bytes(10 * LIMIT)})
    true, false = ((10 * LIMIT).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    content = archive.read_bytes()
    assert content.count(true) >= 1
    archive.write_bytes(content.replace(true, false))
    refused(archive, "larger than|cannot be unpacked")


def test_what_really_comes_out_is_counted(tmp_path, monkeypatch):
    """Python's zipfile stops at the declared size; if it ever did not, the disk would still be safe."""
    archive = write_zip(tmp_path / "a.zip", {"one": b"x", "two": b"y"})
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda _file, _info: io.BytesIO(bytes(60_000)))
    refused(archive, "'two' makes the content larger than the 100,000 bytes")


def test_the_limit_is_for_all_files_together_and_may_be_reached(write, tmp_path):
    halves = {"one": bytes(LIMIT // 2), "two": bytes(LIMIT - LIMIT // 2)}
    folder = unpack(write(halves), tmp_path / "whole", LIMIT)
    assert {path.name: path.stat().st_size for path in folder.iterdir()} == {"one": 50_000, "two": 50_000}
    shutil.rmtree(folder)
    refused(write({**halves, "three": b"x"}), "'three' makes the content larger than the 100,000 bytes")


def test_only_what_is_wanted_comes_out_but_everything_is_checked(write, tmp_path):
    def wanted(path):
        return path.suffix == ".jpg"

    archive = write({"a/1.jpg": b"1", "a/2.txt": b"2"})
    folder = unpack(archive, tmp_path / "some", LIMIT, wanted)
    assert [path.name for path in folder.rglob("*.*")] == ["1.jpg"]
    for bad in ({"../3.txt": b"3"}, {"big.txt": bytes(LIMIT)}):
        with pytest.raises(UnpackFailed, match="is refused: its member"):
            unpack(write({"a/1.jpg": b"1", **bad}), tmp_path / "none", LIMIT, wanted)
        assert not (tmp_path / "none").exists()


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_member_that_occurs_twice_is_refused(tmp_path):
    """Which of the two would be the real one?"""
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("one.jpg", b"first")
        archive.writestr("one.jpg", b"second")
    refused(tmp_path / "a.zip", "cannot be unpacked .*FileExistsError")


@pytest.mark.skipif(os.name == "nt", reason="permissions of Unix")
def test_others_may_read_the_folder(write, tmp_path):
    folder = unpack(write(), tmp_path / "pets", LIMIT)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o755


def test_another_process_that_is_faster_keeps_its_folder(write, tmp_path, monkeypatch):
    def too_late(_scratch, folder):
        (folder / "theirs").mkdir(parents=True)
        raise OSError(39, "Directory not empty")

    archive = write()
    monkeypatch.setattr(os, "rename", too_late)
    assert os.listdir(unpack(archive, tmp_path / "out", LIMIT)) == ["theirs"]
    assert sorted(os.listdir(tmp_path)) == sorted([archive.name, "out"])


def test_a_folder_that_cannot_be_put_in_place_is_no_success(write, tmp_path, monkeypatch):
    def refuse(*_arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "rename", refuse)
    refused(write(), "cannot be unpacked .*No space left.*make room")


def test_an_encrypted_member_is_refused(tmp_path):
    archive = write_zip(tmp_path / "a.zip", {"secret": b"x"})
    content = bytearray(archive.read_bytes())
    place = content.rindex(b"PK\x01\x02")  # the last entry of the directory: set its first flag
    content[place + 8] |= 1
    archive.write_bytes(bytes(content))
    refused(archive, "member 'secret' is encrypted. Nothing was unpacked")


@pytest.mark.parametrize("damage", ["cut", "html", "empty", "flipped"])
def test_a_damaged_archive_is_refused_and_a_good_one_then_works(write, tmp_path, damage):
    archive = write({"a.bin": os.urandom(50_000), **FILES})
    whole = archive.read_bytes()
    middle = len(whole) // 2
    flipped = whole[:middle] + bytes([whole[middle] ^ 255]) + whole[middle + 1 :]
    broken = {"cut": whole[:middle], "html": b"<html>Log in</html>", "empty": b"", "flipped": flipped}
    archive.write_bytes(broken[damage])
    refused(archive, "cannot be unpacked.*fetch it again")
    archive.write_bytes(whole)
    assert (unpack(archive, tmp_path / "inside" / "out", LIMIT) / "PetImages/Cat/0.jpg").exists()


def test_an_existing_folder_is_left_alone(write, tmp_path):
    folder = tmp_path / "pets"
    folder.mkdir()
    (folder / "mine.txt").write_text("mine")
    with pytest.raises(UnpackFailed, match="pets/ exists already"):
        unpack(write(), folder, LIMIT)
    assert os.listdir(folder) == ["mine.txt"]


def test_two_processes_at_once(write, tmp_path):
    archive = write({f"{n}.jpg": os.urandom(2000) for n in range(40)})
    code = (
        "import sys; from pathlib import Path; from helpers.archives import *\n"
        "try:\n    unpack(Path(sys.argv[1]), Path(sys.argv[2]), 100_000)\n"
        "except UnpackFailed as error:\n    assert 'exists already' in str(error)"
    )
    command = [sys.executable, "-c", code, str(archive), str(tmp_path / "out")]
    both = [subprocess.Popen(command, stderr=subprocess.PIPE) for _ in range(2)]
    for process in both:
        assert (process.wait(timeout=60), process.stderr.read()) == (0, b"")
    assert len(os.listdir(tmp_path / "out")) == 40
    assert sorted(os.listdir(tmp_path)) == sorted([archive.name, "out"])


@pytest.mark.skipif(os.name == "nt", reason="limits of a process exist on Unix only")
def test_disk_that_fills_up(write, tmp_path):
    archive = write({"big.bin": os.urandom(90_000)})
    code = (
        "import resource, signal, sys; from pathlib import Path; from helpers.archives import *\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))\n"
        "try:\n    unpack(Path(sys.argv[1]), Path(sys.argv[2]), 100_000)\n"
        "except UnpackFailed as error:\n    print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(archive), str(tmp_path / "out")], capture_output=True, text=True
    )
    assert "make room" in done.stdout, done.stderr
    assert os.listdir(tmp_path) == [archive.name]
