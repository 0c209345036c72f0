"""Find the damaged files in a folder of photographs, without moving or deleting any."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from helpers.quiet import quiet

# What keras.utils.image_dataset_from_directory reads; it skips all other names silently.
SUFFIXES = (".bmp", ".gif", ".jpeg", ".jpg", ".png")
_SIGNATURES = {b"\xff\xd8\xff": "JPEG", b"\x89PNG": "PNG", b"GIF8": "GIF", b"BM": "BMP"}


@dataclass(frozen=True)
class PhotoReport:
    """Which files of a folder can be decoded; names are relative to the folder, with ``/``."""

    kept: tuple[str, ...]
    rejected: dict[str, str]  # name → reason

    def __str__(self) -> str:
        lines = [f"{len(self.kept)} photographs can be read, {len(self.rejected)} files cannot:"]
        return "\n".join([*lines, *(f"  {name}: {reason}" for name, reason in self.rejected.items())])


def check_photos(folder: Path, verdicts: Path) -> PhotoReport:
    """Decode every file below ``folder`` completely, exactly as TensorFlow will do in training.

    The content decides, not the name: a PNG that is called ``.jpg`` is kept, because it can be decoded.
    Gray, 16-bit, CMYK and transparent pictures become three channels of 8 bits; of an animation the first
    frame counts; the rotation that a camera notes in EXIF is ignored by TensorFlow.

    Args:
        folder: with one subfolder for each class.
        verdicts: a JSON file that keeps the verdicts; files that have not changed are not decoded again.

    Returns:
        A report that names every file, kept or rejected with its reason. Nothing is moved or deleted.

    Raises:
        ValueError: if the folder does not hold at least two subfolders with a readable photograph each.
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    known = _read(verdicts)
    reasons: dict[str, str | None] = {}
    marks: dict[str, list] = {}
    unknown = []
    for path in files:
        name, status = path.relative_to(folder).as_posix(), path.stat()
        mark = [status.st_size, status.st_mtime_ns]
        if name in known and known[name][:2] == mark:
            reasons[name] = known[name][2]
        else:
            unknown.append(name)
        marks[name] = mark
    reasons.update(zip(unknown, _decode_all(folder / name for name in unknown), strict=True))
    if unknown or len(known) != len(marks):
        _write(verdicts, {name: [*mark, reasons[name]] for name, mark in marks.items()})
    report = PhotoReport(
        tuple(name for name in marks if reasons[name] is None),
        {name: reason for name in marks if (reason := reasons[name]) is not None},
    )
    classes = {name.split("/")[0] for name in report.kept if "/" in name}
    if len(classes) < 2:
        raise ValueError(
            f"{folder.name}/ needs at least two subfolders with photographs, one for each class, but only "
            f"{len(classes)} has a readable one: {', '.join(sorted(classes)) or 'none'}. Put each class into a "
            "subfolder of its own."
        )
    return report


def link_photos(report: PhotoReport, folder: Path, view: Path) -> Path:
    """Make a folder ``view`` with the same subfolders that holds the readable photographs only.

    The files are hard links where the disk can do that, so they take no space, and copies elsewhere. A view
    that is already there is brought up to date; ``folder`` stays as it is.

    Returns:
        ``view``, to be given to ``keras.utils.image_dataset_from_directory``.
    """
    wanted = set(report.kept)
    for path in [path for path in view.rglob("*") if path.is_file()]:
        original = folder / path.relative_to(view)
        if path.relative_to(view).as_posix() not in wanted or not _same(path, original):
            path.unlink(missing_ok=True)
    for name in report.kept:
        target = view / name
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                os.link(folder / name, target)
            except FileExistsError:
                pass  # another process made the same link just now
            except OSError:
                shutil.copy2(folder / name, target)
    return view


def _same(path: Path, original: Path) -> bool:
    a, b = path.stat(), original.stat()
    return (a.st_size, a.st_mtime_ns) == (b.st_size, b.st_mtime_ns)


def _decode_all(paths: Iterable[Path]) -> list[str | None]:
    paths = list(paths)
    if not paths:
        return []
    with quiet():
        import tensorflow as tf
    # libjpeg reports damage it can repair straight to stderr; the verdicts are what counts
    with quiet(), ThreadPoolExecutor() as pool:
        return list(pool.map(lambda path: _problem(path, tf), paths))


def _problem(path: Path, tf) -> str | None:
    """Return why a file cannot be used, or None."""
    if path.suffix.lower() not in SUFFIXES:
        return "not a picture file by its name, so Keras skips it"
    try:
        content = path.read_bytes()
    except OSError as error:
        return f"cannot be opened ({error.strerror})"
    if not content:
        return "empty (0 bytes)"
    kind = next((kind for start, kind in _SIGNATURES.items() if content.startswith(start)), None)
    if kind is None:
        return "not a JPEG, PNG, GIF or BMP file, whatever its name says"
    try:
        tf.io.decode_image(content, channels=3, expand_animations=False)
    except (tf.errors.OpError, ValueError) as error:
        detail = str(error).split("}")[-1].split(" [Op:")[0].strip(" .")
        return f"damaged {kind}: {detail or 'cannot be decoded'}"
    return None


def _read(verdicts: Path) -> dict[str, list]:
    try:
        return json.loads(verdicts.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}  # none yet, or half-written by a process that was killed: decode again


def _write(verdicts: Path, content: dict[str, list]) -> None:
    verdicts.parent.mkdir(parents=True, exist_ok=True)
    temporary = verdicts.with_name(f"{verdicts.name}.{os.getpid()}")
    try:
        temporary.write_text(json.dumps(content), encoding="utf-8")
        os.replace(temporary, verdicts)
    finally:
        temporary.unlink(missing_ok=True)  # it is still there only if the disk is full
