"""The tables that come out: all points, and what the gradebooks of Moodle and Canvas import."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from grading.intake import Student
from grading.labs import Lab
from tools import files

Row = dict[str, Any]
MOODLE_COLUMNS = ("Identifier", "Full name", "Username", "ID number", "Email address")
CANVAS_COLUMNS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")


def number(points: float) -> str:
    """Return points without superfluous zeros."""
    return f"{points:.4f}".rstrip("0").rstrip(".")


def _text(value: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{value}" if value[:1] in ("=", "+", "-", "@", "\t") else value


def write(path: Path, head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a CSV file."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([_text(cell) for cell in row] for row in rows)
    files.write(path, buffer.getvalue().encode("utf-8"))


def points_table(path: Path, lab: Lab, rows: list[Row]) -> None:
    """Write one row for each student: points of each exercise, their sum, how each was graded, what needs a look."""
    names = [task.name or task.grade_id for task in lab.tasks]
    head = ["student", "name", *names, "points", "of", "graded_by", "look", "file", "note"]
    body = []
    for row in rows:
        by_name = {result["name"]: result for result in row["results"].values()}
        ways = " ".join(f"{name}:{by_name[name]['how']}" for name in names if by_name[name]["how"])
        look = " ".join(name for name in names if by_name[name]["review"])
        student: Student = row["student"]
        each = [number(row["points"][name]) for name in names]
        note = row["note"].replace("\n", " ")
        body.append(
            [
                student.id,
                student.name,
                *each,
                number(row["total"]),
                number(row["of"]),
                ways,
                look,
                row["file"],
                note,
            ]
        )
    write(path, head, body)


def moodle_table(path: Path, lab: Lab, rows: list[Row]) -> None:
    """Write what Moodle imports: Grades › Import › CSV file, mapped by email address, username or ID number."""
    head = [*MOODLE_COLUMNS, lab.title, "Feedback comments"]
    body = []
    for row in rows:
        one: Student = row["student"]
        identifier = f"Participant {one.participant}" if one.participant else ""
        body.append(
            [
                identifier,
                one.name,
                one.login,
                one.number,
                one.email,
                number(row["total"]),
                row["note"].replace("\n", " "),
            ]
        )
    write(path, head, body)


def canvas_table(path: Path, lab: Lab, rows: list[Row], assignment: str = "") -> None:
    """Write what Canvas imports: students by ID, one column for the lab, the points possible below its head.

    Args:
        path: where.
        lab: which lab.
        rows: of the points table.
        assignment: the number of the assignment in Canvas; without it, Canvas asks which assignment is meant.
    """
    title = f"{lab.title} ({assignment})" if assignment else lab.title
    body = [["    Points Possible", "", "", "", "", number(sum(task.points for task in lab.tasks))]]
    for row in rows:
        one: Student = row["student"]
        body.append(
            [one.name or one.id, one.canvas, one.number, one.login, one.section, number(row["total"])]
        )
    write(path, [*CANVAS_COLUMNS, title], body)
