"""What there is to grade in a lab: its cells, its exercises, its points."""

from __future__ import annotations

import ast
import hashlib
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from tools import manifest

ROOT = manifest.ROOT
CALL = re.compile(r"\bchecks\.(\w+)\(\s*(\w+)")


@dataclass(frozen=True)
class Task:
    """One graded cell.

    Args:
        grade_id: of the cell.
        name: of the check and of the student's function; empty if a person grades it.
        points: at most.
        parameters: of the function, as the lab gives them.
    """

    grade_id: str
    name: str
    points: float
    parameters: tuple[str, ...] = ()
    title: str = ""


@dataclass(frozen=True)
class Lab:
    """A lab of the course."""

    number: str
    stem: str
    source: Path

    @property
    def id(self) -> str:
        return f"lab_{self.number}"

    @property
    def title(self) -> str:
        return f"Lab {self.number}"

    @property
    def notebook_name(self) -> str:
        return f"lab_{self.stem}"

    @cached_property
    def notebook(self) -> NotebookNode:
        """The instructor's version, with solutions, without outputs: from the source, or the stored solution."""
        stored = ROOT / "notebooks/solutions" / f"solution_{self.stem}.ipynb"
        try:
            from tools import build
        except ImportError:  # what makes notebooks is not installed where one only grades
            notebook = nbformat.read(stored, 4)
            for cell in notebook.cells:
                if cell.cell_type == "code":
                    cell.outputs, cell.execution_count = [], None
            return notebook
        return build.generate(build.Product(self.source, stored))

    @cached_property
    def tasks(self) -> list[Task]:
        """Return the graded cells in order."""
        found: list[Task] = []
        parameters: dict[str, tuple[str, ...]] = {}
        title = ""
        for cell in self.notebook.cells:
            data = cell.metadata.get("nbgrader", {})
            if cell.cell_type == "markdown":
                heading = re.match(r"## (Exercise .+)", cell.source)
                title = heading[1] if heading else title
            if data.get("solution") and cell.cell_type == "code":
                parameters |= _parameters(cell.source)
            if data.get("grade"):
                call = None if data.get("solution") else CALL.search(cell.source)
                name = call[1] if call else ""
                found.append(
                    Task(data["grade_id"], name, float(data["points"]), parameters.get(name, ()), title)
                )
        return found

    @cached_property
    def answers(self) -> set[str]:
        """Return the ids of the cells that hold the answers to graded exercises."""
        found, before = set(), ""
        for cell in self.notebook.cells:
            data = cell.metadata.get("nbgrader", {})
            if data.get("solution") and not data.get("grade"):
                before = data["grade_id"]
            elif data.get("grade") and before:
                found.add(before)
        return found

    @property
    def uses_tensorflow(self) -> bool:
        return (
            re.search(r"^import (keras|tensorflow)", self.source.read_text(encoding="utf-8"), re.MULTILINE)
            is not None
        )

    def digest(self) -> str:
        """Return a digest of all that decides about points: the lab, its checks, the cases, this package."""
        files = [
            self.source,
            *sorted((ROOT / "helpers/checks").glob("*.py")),
            *sorted((ROOT / "grading").rglob("*.py")),
        ]
        content = hashlib.sha256()
        for path in files:
            if path.parent.name != "cases" or path.stem in (self.id, "__init__", "draw"):
                content.update(path.read_bytes())
        return content.hexdigest()[:16]


def _parameters(source: str) -> dict[str, tuple[str, ...]]:
    """Return the parameters of each function that a cell defines."""
    return {
        node.name: tuple(argument.arg for argument in node.args.args)
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef)
    }


def find(number: str) -> Lab:
    """Return the lab with that number, ``5`` or ``05``.

    Raises:
        LookupError: if there is none.
    """
    labs = all_labs()
    for lab in labs:
        if lab.number == number.zfill(2):
            return lab
    raise LookupError(f"There is no lab {number}. There are {', '.join(lab.number for lab in labs)}.")


def all_labs() -> list[Lab]:
    """Return the labs of the lessons that are ready."""
    ready = [lesson for lesson in manifest.ready(ROOT) if lesson.lab]
    return [Lab(lesson.number, lesson.stem, ROOT / "sources/labs" / f"{lesson.stem}.py") for lesson in ready]
