"""Unpack an archive from the net without trusting it."""

from __future__ import annotations

import os
import re
import shutil
import stat
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO


class UnpackFailed(RuntimeError):
    """An archive was refused or could not be unpacked; the message says what to do next."""


def unpack(
    archive: Path, folder: Path, largest: int, wanted: Callable[[PurePosixPath], bool] = lambda path: True
) -> Path:
    """Unpack a zip or tar archive into ``folder``, which appears only when everything is in it.

    Every member is checked before the first is written. Refused are paths that lead outside (absolute, with
    ``..`` or with a drive letter), links, devices, encrypted members, and more than ``largest`` bytes in all,
    declared or actual.

    Args:
        archive: a ``.zip``, ``.tar``, ``.tar.gz`` or ``.tgz`` file; its content decides, not its name.
        folder: where to unpack; must not exist. If another process makes it meanwhile, that one's is kept.
        largest: bytes that all files together may have.
        wanted: says for each member whether to unpack it; refused is an archive with any bad member.

    Returns:
        ``folder``.

    Raises:
        UnpackFailed: with one paragraph that says what happened and what to do. The archive is unchanged and
            nothing of it is left behind.
    """
    if folder.exists():
        raise UnpackFailed(f"{folder.name}/ exists already. Move it away to unpack {archive.name} again.")
    scratch = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=".unpacking-", dir=folder.parent))
        if zipfile.is_zipfile(archive):
            with zipfile.ZipFile(archive) as file:
                _write(_zip_members(file, largest), scratch, largest, wanted)
        else:
            with tarfile.open(archive) as file:
                _write(_tar_members(file, largest), scratch, largest, wanted)
        scratch.chmod(0o755)
        _rename(scratch, folder)
    except UnpackFailed:
        raise
    except (OSError, EOFError, RuntimeError, zipfile.BadZipFile, tarfile.TarError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or str(error) or "unreadable").splitlines()[0]
        raise UnpackFailed(
            f"{archive.name} cannot be unpacked ({type(error).__name__}: {reason}). Nothing was kept. If the disk is "
            "full, make room; otherwise delete the archive and fetch it again."
        ) from error
    finally:
        if scratch is not None:
            shutil.rmtree(scratch, ignore_errors=True)
    return folder


def _rename(scratch: Path, folder: Path) -> None:
    try:
        os.rename(scratch, folder)
    except OSError:
        if not folder.is_dir():  # else another process was faster, and its folder is complete
            raise


def _refuse(name: str, problem: str) -> UnpackFailed:
    return UnpackFailed(
        f"The archive is refused: its member {name!r} {problem}. Nothing was unpacked. This is not the published "
        "archive; delete it and fetch it again from its official address."
    )


def _check_name(name: str) -> PurePosixPath:
    """Return the member's path, or refuse it."""
    path = PurePosixPath(name)
    if (
        path.is_absolute()
        or ".." in path.parts
        or "\\" in name
        or re.match(r"[A-Za-z]:", name)
        or "\0" in name
    ):
        raise _refuse(name, "leads outside the folder")
    return path


def _check_total(total: int, largest: int, name: str) -> None:
    if total > largest:
        raise _refuse(name, f"makes the content larger than the {largest:,} bytes expected")


def _zip_members(file: zipfile.ZipFile, largest: int) -> Iterator[tuple[PurePosixPath, IO[bytes]]]:
    members, total = [], 0
    for info in file.infolist():
        path, mode = _check_name(info.filename), info.external_attr >> 16
        if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise _refuse(info.filename, "is a link or a device")
        if info.flag_bits & 1:
            raise _refuse(info.filename, "is encrypted")
        total += info.file_size
        _check_total(total, largest, info.filename)
        if not info.is_dir():
            members.append((path, info))
    for path, info in members:
        with file.open(info) as content:
            yield path, content


def _tar_members(file: tarfile.TarFile, largest: int) -> Iterator[tuple[PurePosixPath, IO[bytes]]]:
    members, total = [], 0
    for info in file:
        path = _check_name(info.name)
        if not (info.isreg() or info.isdir()):
            raise _refuse(info.name, "is a link or a device")
        total += info.size
        _check_total(total, largest, info.name)
        if info.isreg():
            members.append((path, info))
    while file.fileobj.read(1 << 20):
        pass  # to the very end, where gzip keeps its checksum
    for path, info in members:
        content = file.extractfile(info)
        assert content is not None  # a regular file always has content
        yield path, content


def _write(
    members: Iterator[tuple[PurePosixPath, IO[bytes]]],
    folder: Path,
    largest: int,
    wanted: Callable[[PurePosixPath], bool],
) -> None:
    """Copy the members, counting what really comes out: declared sizes can lie."""
    total = 0
    for path, content in members:
        if not wanted(path):
            continue
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with open(target, "xb") as file:
            while block := content.read(1 << 20):
                total += len(block)
                _check_total(total, largest, str(path))
                file.write(block)
