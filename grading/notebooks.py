"""A student's notebook: read whatever it is, find the answers, and put them into a fresh copy of the lab."""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import nbformat
from nbformat import NotebookNode

from grading.labs import Lab

LARGEST = 30_000_000  # bytes
MOST_CELLS = 2000
LONGEST_CELL = 100_000  # characters


class Unreadable(ValueError):
    """Not a notebook."""


@dataclass(frozen=True)
class Cell:
    """What counts of a cell."""

    kind: str
    source: str
    grade_id: str = ""
    grade: bool = False


def read(content: bytes) -> list[Cell]:
    """Return the cells of a notebook.

    Raises:
        Unreadable: if it is none.
    """
    if len(content) > LARGEST:
        raise Unreadable(
            f"the file has {len(content) // 1_000_000} MB; at most {LARGEST // 1_000_000} are read"
        )
    try:
        data = json.loads(content.decode("utf-8-sig", errors="replace"))
        cells = data["cells"]
        return [_cell(cell) for cell in cells[:MOST_CELLS] if isinstance(cell, dict)]
    except (ValueError, RecursionError, KeyError, TypeError) as error:
        raise Unreadable("the file is not a notebook, or damaged, or very large") from error


def slim(content: bytes) -> bytes:
    """Return a notebook without outputs: what is kept of each of hundreds. What is no notebook is cut off."""
    try:
        cells = [vars(cell) for cell in read(content)]
    except Unreadable:
        return content[:1000]
    data = [
        {
            "cell_type": cell["kind"],
            "source": cell["source"],
            "metadata": {"nbgrader": {"grade_id": cell["grade_id"], "grade": cell["grade"]}},
        }
        for cell in cells
    ]
    return json.dumps({"cells": data}).encode()


def _cell(cell: dict[str, Any]) -> Cell:
    source = cell.get("source", "")
    text = (
        "".join(part for part in source if isinstance(part, str)) if isinstance(source, list) else str(source)
    )
    metadata = cell.get("metadata")
    data = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    data = data if isinstance(data, dict) else {}
    text = "".join(c for c in text if c.isprintable() or c in "\n\t")[:LONGEST_CELL]
    return Cell(
        str(cell.get("cell_type", "")), text, str(data.get("grade_id", "")), data.get("grade") is True
    )


def likeness(cells: Sequence[Cell], lab: Lab) -> int:
    """Return how much a notebook looks like the lab: answers by their id, or else functions by their name."""
    ids = {cell.grade_id for cell in cells} & lab.answers
    text = "\n".join(cell.source for cell in cells if cell.kind == "code")
    return max(len(ids), sum(f"def {task.name}(" in text for task in lab.tasks if task.name))


def to_run(cells: Sequence[Cell], lab: Lab) -> list[dict[str, Any]]:
    """Return the student's code cells without the checks, for the worker."""
    checks = {task.grade_id for task in lab.tasks if task.name}
    given = {
        cell.source.strip() for cell in lab.notebook.cells if cell.metadata.get("nbgrader", {}).get("grade")
    }
    return [
        {"number": number, "source": cell.source, "whole": cell.grade_id in lab.answers}
        for number, cell in enumerate(cells)
        if cell.kind == "code" and not (cell.grade or cell.grade_id in checks or cell.source.strip() in given)
    ]


def restored(cells: Sequence[Cell], lab: Lab, release: NotebookNode) -> NotebookNode:
    """Return the released lab with the student's answers in it.

    Every other cell of the lab is as it was released, whatever the student has done to it; further cells of the
    student's stand behind the one that they followed. No output of theirs is kept.
    """
    notebook = copy.deepcopy(release)
    places = {cell.metadata.get("nbgrader", {}).get("grade_id"): n for n, cell in enumerate(notebook.cells)}
    places.pop(None, None)
    texts = {cell.source.strip(): n for n, cell in enumerate(notebook.cells)}
    mine = {cell.grade_id: cell for cell in cells if cell.grade_id in places}  # of several, the last one
    added: dict[int, list[NotebookNode]] = {}
    last = 0
    for cell in cells:
        if cell.grade_id in places:
            last = places[cell.grade_id]
            if cell is mine[cell.grade_id] or cell.grade:
                continue
        elif cell.source.strip() in texts:
            last = texts[cell.source.strip()]
            continue
        if cell.kind == "code":
            added.setdefault(last, []).append(nbformat.v4.new_code_cell(cell.source))
    for grade_id, cell in mine.items():
        target = notebook.cells[places[grade_id]]
        if target.metadata.nbgrader.get("solution") and target.cell_type == cell.kind:
            target.source = cell.source
    notebook.cells = [one for n, cell in enumerate(notebook.cells) for one in (cell, *added.get(n, []))]
    return notebook


def with_outcome(notebook: NotebookNode, results: dict[str, dict[str, Any]]) -> NotebookNode:
    """Write the outcome of each check into the output of its cell, where nbgrader looks for points."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        result = results.get(cell.metadata.get("nbgrader", {}).get("grade_id", ""))
        if result is None or cell.cell_type != "code" or cell.metadata.nbgrader.get("solution"):
            continue
        text = result["message"]
        if result["passed"]:
            cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text=f"✔ {text}\n")]
        else:
            cell.outputs = [
                nbformat.v4.new_output("error", ename="Check", evalue="", traceback=[f"✘ {text}"])
            ]
    return notebook
