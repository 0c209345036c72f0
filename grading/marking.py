"""Grade one notebook: run it in the sandbox, exercise by exercise, and have the judge compare the answers."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grading import secret as secrets
from grading.labs import Lab, Task
from grading.notebooks import Cell, to_run
from grading.sandbox import LIGHT, WITH_TENSORFLOW, Ended, Limits, Process

GRACE = 3.0  # seconds more for a process to say that it has stopped its function
SHARE = 5  # by the clock it may take so many times as long: other programs may be running
MOST_STARTS = 24

Result = dict[str, Any]


@dataclass(frozen=True)
class Patience:
    """How long we wait: processor seconds for a cell and for a call, and by the clock for a whole notebook."""

    cell: float
    call: float
    notebook: float


class Judge:
    """The process that knows the answers; started when it is first needed, and again if it has ended."""

    def __init__(self, course: Path, mode: str) -> None:
        self.course, self.mode = course, mode
        self.process: Process | None = None

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return the judge's reply.

        Raises:
            RuntimeError: if there is none, or an error.
        """
        for _attempt in range(2):
            try:
                if self.process is None:
                    limits = Limits(**{**vars(WITH_TENSORFLOW), "wall_s": 6 * 3600, "cpu_s": 6 * 3600})
                    self.process = Process("judge.py", self.course, limits, self.mode)
                reply = self.process.ask(request, 120)
                break
            except Ended as error:
                self.close()
                reply = {"failed": str(error)}
        if "failed" in reply:
            raise RuntimeError(f"the judge of {request['name']}: {reply['failed']}")
        return reply

    def close(self) -> None:
        """End it."""
        if self.process:
            self.process.close()
        self.process = None


@dataclass
class Marking:
    """The grading of one notebook.

    Args:
        lab: which lab it should be.
        cells: of the student's notebook.
        course: the folder that the student's process sees.
        judge: who knows the answers.
        secret: the instructor's.
        mode: of the jail.
    """

    lab: Lab
    cells: Sequence[Cell]
    course: Path
    judge: Judge
    secret: bytes
    mode: str
    patience: Patience = field(init=False)
    limits: Limits = field(init=False)
    results: dict[str, Result] = field(default_factory=dict)
    skipped: dict[int, str] = field(default_factory=dict)
    errors: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        heavy = self.lab.uses_tensorflow
        self.patience = Patience(40, 30, 600) if heavy else Patience(6, 2, 180)
        self.limits = WITH_TENSORFLOW if heavy else LIGHT

    def run(self) -> dict[str, Result]:
        """Return the outcome of each graded cell, by its id."""
        waiting = []
        for task in self.lab.tasks:
            if task.name:
                waiting.append(task)
            else:
                self._enter(
                    task, {"passed": False, "review": True, "message": "graded by a person."}, "person"
                )
        end = time.monotonic() + self.patience.notebook
        starts = 0
        while waiting and starts < MOST_STARTS and time.monotonic() < end:
            starts += 1
            waiting = self._attempt(waiting, end)
        for task in waiting:
            self._enter(
                task, {"passed": False, "message": "the time for the whole notebook was over before."}, ""
            )
        return self.results

    def _attempt(self, waiting: list[Task], end: float) -> list[Task]:
        """Start a process and grade as many exercises as it survives; return the others."""
        try:
            process = Process("worker.py", self.course, self.limits, self.mode)
        except Ended:
            return waiting
        with process:
            if not self._prepare(process, end):
                return waiting
            while waiting:
                if time.monotonic() > end:
                    return waiting
                task = waiting[0]
                waiting = waiting[1:]
                if not self._grade(task, process):
                    return waiting
        return waiting

    def _prepare(self, process: Process, end: float) -> bool:
        """Run the cells; return whether the process is still there."""
        try:
            names = [task.name for task in self.lab.tasks if task.name]
            plan = process.ask({"do": "plan", "cells": to_run(self.cells, self.lab), "names": names}, 120)
            numbers = [int(number) for number in plan.get("cells", [])][:500]
        except (Ended, TypeError, ValueError):
            return False
        for number in numbers:
            if number in self.skipped:
                continue
            if time.monotonic() > end:
                return False
            try:
                reply = process.ask(
                    {"do": "cell", "number": number, "seconds": self.patience.cell},
                    self.patience.cell + GRACE,
                )
            except Ended as error:
                self.skipped[number] = str(error)
                return False
            if reply.get("error"):
                self.errors[number] = _short(reply)
                if reply["error"] == "TooSlow":
                    self.skipped[number] = "takes too long"
        return True

    def _grade(self, task: Task, process: Process) -> bool:
        """Grade one exercise; return whether the process is still there."""
        about = {
            "lab": self.lab.number,
            "name": task.name,
            "seed": secrets.seed(self.secret, self.lab.id, task.name),
            "parameters": task.parameters,
        }
        try:
            drawn = self.judge.ask({"do": "cases", **about})
        except RuntimeError as error:
            self._enter(task, {"passed": False, "review": True, "message": str(error)}, "")
            return True
        replies, alive = self._calls(task, drawn, process)
        try:
            outcome = self.judge.ask({"do": "verdict", "replies": replies, **about})
        except RuntimeError as error:
            outcome = {"passed": False, "review": True, "message": str(error)}
        if replies[0].get("error") in ("Missing", "NameError") and self._why():
            outcome["message"] += f"\n  {self._why()}"
        self._enter(task, outcome, drawn["how"])
        return alive

    def _calls(
        self, task: Task, drawn: dict[str, Any], process: Process
    ) -> tuple[list[dict[str, Any]], bool]:
        """Call the student's function with each case; return the replies, and whether the process is still there."""
        replies: list[dict[str, Any]] = []
        request = {"do": "call", "name": task.name, "seconds": self.patience.call, "models": drawn["models"]}
        for arguments in drawn["cases"]:
            try:
                reply = process.ask({**request, "arguments": arguments}, SHARE * self.patience.call + GRACE)
            except Ended:
                lost = {"error": "Ended"}
                return replies + [lost] * (len(drawn["cases"]) - len(replies)), False
            replies.append(reply)
            if reply.get("error") in ("TooSlow", "TooLarge", "Missing"):
                break
        return replies + [replies[-1]] * (len(drawn["cases"]) - len(replies)), True

    def _why(self) -> str:
        """Return what went wrong in the cells before, if anything did."""
        number, text = next(iter({**self.errors, **self.skipped}.items()), (0, ""))
        return f"(cell {number + 1} of the notebook: {text})" if text else ""

    def _enter(self, task: Task, outcome: dict[str, Any], how: str) -> None:
        passed = outcome.get("passed") is True
        self.results[task.grade_id] = {
            "name": task.name or task.grade_id,
            "passed": passed,
            "points": task.points if passed else 0.0,
            "of": task.points,
            "how": how,
            "review": bool(outcome.get("review")),
            "message": f"{task.title.partition(' · ')[0] or task.grade_id}: {outcome.get('message', '')}",
        }


def _short(reply: dict[str, Any]) -> str:
    text = "takes too long" if reply["error"] == "TooSlow" else f"{reply['error']}: {reply.get('text', '')}"
    return " ".join(str(text).split())[:300]


def nothing(lab: Lab, message: str) -> dict[str, Result]:
    """Return the outcome of a submission that cannot be graded."""
    return {
        task.grade_id: {
            "name": task.name or task.grade_id, "passed": False, "points": 0.0, "of": task.points, "how": "",
            "review": False, "message": message,
        }
        for task in lab.tasks
    }  # fmt: skip
