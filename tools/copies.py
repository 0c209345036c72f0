"""The student's own copy of the notebooks: it follows the course, and what a student has changed is not touched.

The file ``.versions.json`` notes, for each notebook, which versions of the course were put into the student's
folder. A copy that is one of these has not been changed, so a newer version may take its place.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Iterator
from pathlib import Path

from tools import files

NOTES = ".versions.json"
NOT_COPIED = {"files", ".ipynb_checkpoints"}  # folders that notebooks and JupyterLab write


def update(course: Path, own: Path) -> None:
    """Bring the student's folder ``own`` up to date with the folder ``course``, and say what was done.

    Missing copies are made and unchanged ones replaced. Beside a changed copy the newer version is put, once. If
    this is ended on its way, the next call does the rest.
    """
    own.mkdir(exist_ok=True)
    for partial in own.rglob(".*.partial"):
        partial.unlink()
    notes = read_notes(own)
    missing, outdated, changed = [], [], []
    for name in names(course):
        newest, known = digest(course / name), notes.setdefault(name, [])
        if not (own / name).exists():
            missing.append(name)
        elif (present := digest(own / name)) in known and present != newest:
            outdated.append(name)
        elif present != newest and newest not in known:
            changed.append(name)
    copy(course, own, missing + outdated, notes)
    beside = [put_beside(course / name, own / name, notes[name]) for name in changed]
    note(course, own, changed, notes)
    report(own.name, missing, outdated, beside)


def copy(course: Path, own: Path, chosen: list[str], notes: dict[str, list[str]]) -> None:
    """Copy the ``chosen`` files; note them first, so that a copy is never taken for a student's work."""
    note(course, own, chosen, notes)
    for name in chosen:
        (own / name).parent.mkdir(parents=True, exist_ok=True)
        files.write(own / name, (course / name).read_bytes())


def put_beside(newest: Path, changed: Path, known: list[str]) -> tuple[str, str]:
    """Put ``newest`` beside the student's ``changed`` copy; return the names of both."""
    for number in itertools.count(1):
        words = "new version" if number == 1 else f"new version {number}"
        target = changed.with_stem(f"{changed.stem} ({words})")
        # an earlier newer version gives way, unless the student has worked in that one, too
        if not target.exists() or digest(target) in [*known, digest(newest)]:
            files.write(target, newest.read_bytes())
            break
    return changed.name, target.name


def note(course: Path, own: Path, chosen: list[str], notes: dict[str, list[str]]) -> None:
    """Note that the newest versions of the ``chosen`` files are in the student's folder."""
    for name in chosen:
        notes[name].append(digest(course / name))
    if chosen:
        files.write(own / NOTES, json.dumps(notes, indent=1).encode())


def report(folder: str, missing: list[str], outdated: list[str], beside: list[tuple[str, str]]) -> None:
    """Say what was done, in one line for each kind."""
    if missing:
        print(f"Files copied to {folder}: {len(missing)}. Work there; the course itself stays as it is.")
    if outdated:
        print(f"Files updated in {folder}, none of which you had changed: {len(outdated)}.")
    for changed, newest in beside:
        print(f"You have changed {changed}. The course has a newer version: see '{newest}' beside it.")


def names(course: Path) -> Iterator[str]:
    """Return the names of the files to copy, folders included."""
    for path in sorted(course.rglob("*")):
        name = path.relative_to(course)
        if path.is_file() and not NOT_COPIED.intersection(name.parts):
            yield name.as_posix()


def read_notes(own: Path) -> dict[str, list[str]]:
    """Return the digests of the versions that were put into ``own``; nothing if the notes are lost."""
    try:
        notes: dict[str, list[str]] = json.loads((own / NOTES).read_text(encoding="utf-8"))
        return notes
    except (OSError, ValueError):
        return {}


def digest(path: Path) -> str:
    """Return a digest of a file; of a notebook only its cells count, not what JupyterLab notes about the kernel."""
    content = path.read_bytes()
    if path.suffix == ".ipynb":
        try:
            cells = [
                (cell["cell_type"], "".join(cell["source"]), cell.get("outputs"))
                for cell in json.loads(content)["cells"]
            ]
            content = json.dumps(cells).encode()
        except (ValueError, KeyError, TypeError):  # not a whole notebook
            pass
    return hashlib.sha256(content).hexdigest()
