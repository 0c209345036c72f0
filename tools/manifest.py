"""The lessons of the course, as ``course.toml`` lists them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Misconception:
    """What students often think, and a question that helps."""

    think: str
    ask: str


@dataclass(frozen=True)
class Lesson:
    """One entry of the manifest; course.toml says what each field means."""

    number: str
    title: str
    status: str
    name: str = ""
    aim: str = ""
    do: str = ""
    minutes: str = ""
    lab_minutes: int = 0
    data: str = ""
    lab: bool = False
    slides: bool = False
    in_45: str = ""
    in_90: str = ""
    skip: str = ""
    misconceptions: tuple[Misconception, ...] = ()

    @property
    def stem(self) -> str:
        """The name of its files without folder and ending, for example ``03_mnist_cnn``."""
        return f"{self.number}_{self.name}"

    @property
    def is_ready(self) -> bool:
        return self.status == "ready"


REQUIRED = ("name", "aim", "do", "minutes", "data", "in_45", "in_90", "skip", "misconceptions")  # when ready


def lessons(root: Path = ROOT) -> list[Lesson]:
    """Return every lesson, planned ones included, in order.

    Raises:
        ValueError: if an entry lacks a field, has an unknown one, or repeats a number.
    """
    text = (root / "course.toml").read_text(encoding="utf-8")
    found = [_lesson(entry) for entry in tomllib.loads(text)["lesson"]]
    numbers = [lesson.number for lesson in found]
    if numbers != sorted(set(numbers)):
        raise ValueError("course.toml: the numbers must rise, and each may occur once.")
    return found


def ready(root: Path = ROOT) -> list[Lesson]:
    """Return the lessons that have their files."""
    return [lesson for lesson in lessons(root) if lesson.is_ready]


def _lesson(entry: dict) -> Lesson:
    place = f"course.toml, lesson {entry.get('number', '?')}"
    known = {field.name for field in fields(Lesson)}
    if unknown := sorted(set(entry) - known):
        raise ValueError(
            f"{place}: there is no field {', '.join(unknown)}. There are {', '.join(sorted(known))}."
        )
    if missing := [name for name in ("number", "title", "status") if not entry.get(name)]:
        raise ValueError(f"{place}: {', '.join(missing)} is missing.")
    if entry["status"] not in ("ready", "planned"):
        raise ValueError(f'{place}: status is "ready" or "planned", not {entry["status"]!r}.')
    if entry["status"] == "ready" and (missing := [name for name in REQUIRED if not entry.get(name)]):
        raise ValueError(f"{place}: {', '.join(missing)} is missing, but the lesson is ready.")
    pairs = tuple(Misconception(**pair) for pair in entry.get("misconceptions", ()))
    return Lesson(**{**entry, "misconceptions": pairs})
