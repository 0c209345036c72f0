"""Collect what students have handed in: notebooks, folders, and what Moodle and Canvas download, zipped or not."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from grading.notebooks import LARGEST, slim

MOST_MEMBERS = 20_000
MOODLE = re.compile(r"(?P<name>.+)_(?P<id>\d+)_assignsubmission_[a-z]+_?(?P<rest>.*)")
CANVAS = re.compile(
    r"(?P<name>[^_]+)_(?P<late>LATE_)?(?P<id>\d+)_(?P<upload>\d+)_(?P<rest>.+?)(?:-(?P<again>\d+))?\.ipynb"
)


@dataclass(frozen=True)
class Student:
    """Whom we know of: by the roster, or by the name of what was handed in."""

    id: str
    name: str = ""
    email: str = ""
    number: str = ""  # "ID number" in Moodle, "SIS User ID" in Canvas
    login: str = ""  # "Username" in Moodle, "SIS Login ID" in Canvas
    canvas: str = ""  # "ID" in Canvas
    participant: str = ""  # the number in Moodle's "Participant 4711"
    section: str = ""
    listed: bool = False


@dataclass(frozen=True)
class Submission:
    """One notebook that was handed in."""

    student: Student
    path: str
    content: bytes
    order: tuple[int, float] = (0, 0.0)
    late: bool = False


# --- The roster ---------------------------------------------------------------------------------------------------

COLUMNS = {
    "id": ("student", "student id", "id", "studentid"),
    "name": ("name", "full name", "student name"),
    "first": ("first name", "first_name", "firstname", "given name"),
    "last": ("last name", "last_name", "surname", "lastname", "family name"),
    "email": ("email", "email address", "e-mail"),
    "number": ("id number", "sis user id", "matriculation number"),
    "login": ("username", "sis login id", "login"),
    "participant": ("identifier", "participant"),
    "section": ("section", "group", "groups"),
}


def read_roster(path: Path) -> list[Student]:
    """Return the students of a list: Moodle's participants, Canvas' gradebook, or any with an id, a name or an address.

    Raises:
        ValueError: if no column of the list says who is who.
    """
    text = path.read_text(encoding="utf-8-sig")
    dialect = ";" if text.split("\n")[0].count(";") > text.split("\n")[0].count(",") else ","
    rows = list(csv.DictReader(io.StringIO(text), delimiter=dialect))
    heads = {head.strip().lower(): head for head in (rows[0] if rows else {}) if head}
    canvas = "student" in heads and "id" in heads
    found = [student for row in rows if (student := _entry(row, heads, canvas))]
    if not found:
        raise ValueError(
            f"{path.name}: no column says who is who. One of id, name, email, ID number, Student is needed."
        )
    return found


def _entry(row: dict[str, str], heads: dict[str, str], canvas: bool) -> Student | None:
    """Return the student that a row of a list names, if it names one."""
    cell = {
        key: next((row[heads[name]].strip() for name in names if name in heads and row[heads[name]]), "")
        for key, names in COLUMNS.items()
    }
    own_id, canvas_id = cell["id"], ""
    if canvas:
        cell["name"], canvas_id, own_id = row[heads["student"]].strip(), row[heads["id"]].strip(), ""
        if cell["name"] in ("Points Possible", "Student, Test") or not canvas_id:
            return None
    name = cell["name"] or f"{cell['first']} {cell['last']}".strip()
    own = own_id or cell["login"] or cell["number"] or cell["email"].split("@")[0] or canvas_id or name
    fields = {key: cell[key] for key in ("email", "number", "login", "section")}
    participant = re.sub(r"\D", "", cell["participant"])
    if not own:
        return None
    return Student(safe(own), name, canvas=canvas_id, participant=participant, listed=True, **fields)


def safe(text: str) -> str:
    """Return a name for a folder: letters, digits, and ``. _ -``."""
    text = re.sub(r"[^\w.@-]+", "-", text.strip(), flags=re.ASCII).strip(".-")[:60]
    return text or "unnamed"


def _words(name: str) -> str:
    """Return a name such that its writing does not matter: ``García, Ana`` and ``ana garcía``."""
    return "".join(sorted(re.findall(r"\w+", name.casefold())))


# --- Folders and zips ---------------------------------------------------------------------------------------------


def _found(place: Path) -> Iterator[tuple[str, bytes, float]]:
    """Yield the path, content and time of each notebook in a folder or zip, however deep."""
    if place.is_file() and zipfile.is_zipfile(place):
        yield from _in_zip(place.read_bytes(), "")
        return
    for path in sorted(place.rglob("*")):
        relative = path.relative_to(place).as_posix()
        if path.is_symlink() or not path.is_file() or _ignored(relative):
            continue
        if path.suffix.lower() == ".ipynb":
            content = path.read_bytes() if path.stat().st_size <= LARGEST else b""
            yield relative, content, path.stat().st_mtime
        elif path.suffix.lower() == ".zip" and path.stat().st_size < 2**31:
            around = (
                ""
                if MOODLE.fullmatch(path.stem) is None and "/" not in relative and _is_bundle(path)
                else relative[:-4]
            )
            yield from _in_zip(path.read_bytes(), around)


def _is_bundle(path: Path) -> bool:
    """Return whether a zip holds a class, not one student's files: names as Moodle and Canvas write them."""
    try:
        names = zipfile.ZipFile(path).namelist()[:200]
    except (zipfile.BadZipFile, OSError):
        return False
    return any(MOODLE.fullmatch(name.split("/")[0]) or CANVAS.fullmatch(name) for name in names)


def _in_zip(content: bytes, around: str, depth: int = 0) -> Iterator[tuple[str, bytes, float]]:
    """Yield the notebooks of a zip. Nothing is unpacked to disk, and nothing larger than a notebook is unpacked."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        members = archive.infolist()[:MOST_MEMBERS]
    except (zipfile.BadZipFile, ValueError, OSError):
        yield f"{around}/broken.ipynb".lstrip("/"), b"", 0.0
        return
    for member in members:
        path = f"{around}/{member.filename}".lstrip("/")
        if member.is_dir() or _ignored(path) or not path.lower().endswith((".ipynb", ".zip")):
            continue
        try:
            with archive.open(member) as file:
                data = file.read(LARGEST + 1)
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, ValueError, EOFError):
            data = b""  # damaged, or with a password
        if path.lower().endswith(".ipynb"):
            yield path, data, float(sum(n * 100 ** (5 - i) for i, n in enumerate(member.date_time)))
        elif depth < 2 and len(data) <= LARGEST:
            yield from _in_zip(data, path[:-4], depth + 1)


def _ignored(path: str) -> bool:
    return any(
        part in (".ipynb_checkpoints", "__MACOSX") or part.startswith("._")
        for part in PurePosixPath(path).parts
    )


# --- Who is it? ---------------------------------------------------------------------------------------------------


def _named(path: str) -> tuple[Student, int, bool]:
    """Return whom the path of a notebook names, which attempt it is, and whether it was late."""
    parts = PurePosixPath(path).parts
    if match := MOODLE.fullmatch(parts[0]):
        return Student(safe(match["name"]), match["name"], participant=match["id"]), 0, False
    if match := CANVAS.fullmatch(parts[-1]):
        one = Student(safe(f"{match['name']}-{match['id']}"), match["name"], canvas=match["id"])
        return one, int(match["again"] or 0), bool(match["late"])
    stem = parts[0] if len(parts) > 1 else PurePosixPath(parts[0]).stem
    return Student(safe(stem), stem), 0, False


def _listed(student: Student, roster: list[Student]) -> Student:
    """Return a student's entry in the roster, or the student as named."""
    for key in ("canvas", "participant"):
        value = getattr(student, key)
        same = [entry for entry in roster if value and getattr(entry, key) == value]
        if len(same) == 1:
            return same[0]
    mine = student.name.casefold()
    for entry in roster:
        known = {entry.id, entry.number, entry.login, entry.email, entry.email.split("@")[0]} - {""}
        if mine in {text.casefold() for text in known} or student.id.casefold() in {
            safe(text).casefold() for text in known
        }:
            return replace(
                entry,
                canvas=entry.canvas or student.canvas,
                participant=entry.participant or student.participant,
            )
    same = [entry for entry in roster if entry.name and _alike(entry.name, student.name)]
    if len(same) == 1:
        return replace(
            same[0],
            canvas=same[0].canvas or student.canvas,
            participant=same[0].participant or student.participant,
        )
    return student


def _alike(listed: str, given: str) -> bool:
    """Return whether a name is that of the list: the same words, or Canvas' ``lastnamefirst``."""
    last_first = re.sub(r"\W", "", listed.casefold()) if "," in listed else None
    words = re.findall(r"\w+", listed.casefold())
    joined = {"".join(words[n:] + words[:n]) for n in range(len(words))} | (
        {last_first} if last_first else set()
    )
    return _words(listed) == _words(given) or re.sub(r"[\W_]", "", given.casefold()) in joined


def collect(place: Path, roster: list[Student]) -> dict[str, list[Submission]]:
    """Return the notebooks of each student, by id; the last attempt first.

    Raises:
        FileNotFoundError: if there is no such folder or zip, or no notebook in it.
    """
    if not place.exists():
        raise FileNotFoundError(f"There is no {place}.")
    found: dict[str, list[Submission]] = {}
    for path, content, changed in _found(place):
        named, attempt, late = _named(path)
        student = _listed(named, roster)
        if not student.listed:
            student = _apart(student, found)
        found.setdefault(student.id, []).append(
            Submission(student, path, slim(content), (attempt, changed), late)
        )
    if not found:
        raise FileNotFoundError(f"There is no notebook (.ipynb) in {place}.")
    return {
        key: sorted(several, key=lambda one: one.order, reverse=True)
        for key, several in sorted(found.items())
    }


def _apart(student: Student, found: dict[str, list[Submission]]) -> Student:
    """Give two students of the same name different ids."""
    others = found.get(student.id, [])
    mine = (student.participant, student.canvas)
    if not others or (others[0].student.participant, others[0].student.canvas) == mine:
        return student
    return replace(student, id=f"{student.id}-{student.participant or student.canvas or len(found)}")
