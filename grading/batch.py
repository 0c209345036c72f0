"""Grade a whole class: two notebooks at a time, each outcome kept at once, so that an interrupted batch goes on."""

from __future__ import annotations

import hashlib
import json
import queue
import threading
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import nbformat

from grading import exports, marking, notebooks, sandbox
from grading import secret as secrets
from grading.book import Book
from grading.intake import Student, Submission, collect, read_roster
from grading.labs import Lab
from tools import files

AT_A_TIME = 2


@dataclass
class Batch:
    """The grading of one lab of one class.

    Args:
        lab: which lab.
        submissions: the folder or zip.
        book: the class' books.
        secret: the instructor's.
        roster: the list of the class, if there is one.
        say: where a line of progress goes.
    """

    lab: Lab
    submissions: Path
    book: Book
    secret: bytes
    roster: Path | None = None
    say: Any = print
    assignment: str = ""
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> list[exports.Row]:
        """Grade everything, write all tables, and return their rows."""
        with files.only_one(self.book.folder / "gradebook"):
            return self._run()

    def _run(self) -> list[exports.Row]:
        listed = read_roster(self.roster) if self.roster else []
        handed_in = collect(self.submissions, listed)
        self.protection = sandbox.protection([self.book.folder, self.submissions.resolve()])
        for line in self.protection.sentences():
            self.say(line)
        if not self.book.is_released(self.lab):
            self.book.release(self.lab)
        self.kept.mkdir(parents=True, exist_ok=True)
        self.key = f"{self.lab.digest()} {secrets.fingerprint(self.secret)}"
        chosen = {student: self._choose(several) for student, several in handed_in.items()}
        waiting = {student: one for student, one in chosen.items() if self._verdict(student, one) is None}
        if len(waiting) < len(chosen):
            self.say(
                f"{len(chosen) - len(waiting)} of {len(chosen)} were graded before and stay as they are."
            )
        self._grade(waiting)
        rows = self._enter(chosen, handed_in) + [self._missing(one) for one in listed if one.id not in chosen]
        self._write(sorted(rows, key=lambda row: row["student"].id))
        return rows

    @property
    def folder(self) -> Path:
        return self.book.folder / "results" / self.lab.id

    @property
    def kept(self) -> Path:
        return self.folder / "verdicts"

    # --- Running notebooks ---

    def _choose(self, several: list[Submission]) -> Submission:
        """Return the notebook that is this lab: the last attempt of those that look most like it."""

        def likeness(one: Submission) -> int:
            try:
                return notebooks.likeness(notebooks.read(one.content), self.lab)
            except notebooks.Unreadable:
                return -1

        return max(several, key=lambda one: (likeness(one) > 0, one.order))

    def _digest(self, one: Submission) -> str:
        return f"{hashlib.sha256(one.content).hexdigest()} {self.key}"

    def _verdict(self, student: str, one: Submission) -> dict[str, Any] | None:
        """Return what was found out before about this very notebook, with this secret, by this package."""
        try:
            verdict: dict[str, Any] = json.loads((self.kept / f"{student}.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return verdict if verdict.get("digest") == self._digest(one) else None

    def _grade(self, waiting: dict[str, Submission]) -> None:
        """Grade the notebooks that wait, a few at a time."""
        line: queue.SimpleQueue = queue.SimpleQueue()
        for item in waiting.items():
            line.put(item)
        progress = Progress(len(waiting), self.say)
        with (
            sandbox.course_of(self.lab.source) as course,
            sandbox.course_of_judge() as judges,
            sandbox.all_ended(),
        ):
            threads = [
                threading.Thread(target=self._work, args=(line, progress, course, judges), daemon=True)
                for _ in range(min(AT_A_TIME, len(waiting)))
            ]
            for thread in threads:
                thread.start()
            try:
                while any(thread.is_alive() for thread in threads):
                    time.sleep(0.05)
            finally:
                self.stop.set()

    def _work(self, line: queue.SimpleQueue, progress: Progress, course: Path, judges: Path) -> None:
        judge = marking.Judge(judges, self.protection.mode)
        try:
            while not self.stop.is_set():
                try:
                    student, one = line.get_nowait()
                except queue.Empty:
                    return
                started = time.monotonic()
                verdict = self._one(one, course, judge)
                verdict |= {"digest": self._digest(one), "seconds": round(time.monotonic() - started, 1)}
                if not self.stop.is_set():
                    files.write(self.kept / f"{student}.json", json.dumps(verdict, indent=1).encode())
                    progress.one_more(student, verdict)
        finally:
            judge.close()

    def _one(self, one: Submission, course: Path, judge: marking.Judge) -> dict[str, Any]:
        """Return the verdict on one notebook, whatever it is."""
        try:
            cells = notebooks.read(one.content)
            if not notebooks.likeness(cells, self.lab):
                raise notebooks.Unreadable(f"this is not the notebook of {self.lab.title}")
        except notebooks.Unreadable as error:
            return {"note": f"{error}.", "results": marking.nothing(self.lab, f"{error}.")}
        try:
            task = marking.Marking(self.lab, cells, course, judge, self.secret, self.protection.mode)
            return {"note": "", "results": task.run()}
        except Exception as error:  # ours, not the student's: say so, and go on with the others
            note = f"could not be graded ({type(error).__name__}: {error}); look at it yourself"
            results = marking.nothing(self.lab, "could not be graded.")
            return {"note": note[:300], "results": {k: {**r, "review": True} for k, r in results.items()}}

    # --- Keeping the books ---

    def _enter(
        self, chosen: dict[str, Submission], handed_in: dict[str, list[Submission]]
    ) -> list[exports.Row]:
        """Enter all verdicts into the gradebook, write the feedback, and return the rows of the tables."""
        released = nbformat.read(self.book.released_notebook(self.lab), 4)
        verdicts = {student: self._verdict(student, one) for student, one in chosen.items()}
        complete = {student: verdict for student, verdict in verdicts.items() if verdict}
        entered = [
            student for student, verdict in complete.items() if self._entered(student) == verdict["digest"]
        ]
        progress = Progress(len(complete) - len(entered), self.say, "entered")
        for student, verdict in complete.items():
            if student not in entered:
                self._enter_one(student, chosen[student], verdict, released)
                progress.one_more(student, verdict)
        self.book.names({student: _names(chosen[student].student) for student in complete})
        points = self.book.points(self.lab)
        return [
            self._row(chosen[student], verdict, points.get(student, {}), len(handed_in[student]))
            for student, verdict in complete.items()
        ]

    def _entered(self, student: str) -> str:
        try:
            return (self.kept / f"{student}.entered").read_text(encoding="utf-8")
        except OSError:
            return ""

    def _enter_one(self, student: str, one: Submission, verdict: dict[str, Any], released: Any) -> None:
        try:
            cells = notebooks.read(one.content)
        except notebooks.Unreadable:
            cells = []
        filled = notebooks.with_outcome(notebooks.restored(cells, self.lab, released), verdict["results"])
        try:
            page = self.book.enter(self.lab, student, filled)
        except Exception as error:
            self.say(f"{student}: nbgrader could not take it ({error}); the points are in points.csv")
            return
        target = self.folder / "feedback" / f"{student}.html"
        target.parent.mkdir(parents=True, exist_ok=True)
        files.write(target, page.read_bytes())
        files.write(self.kept / f"{student}.entered", verdict["digest"].encode())

    def _row(
        self, one: Submission, verdict: dict[str, Any], booked: dict[str, float], count: int
    ) -> exports.Row:
        points = {
            result["name"]: booked.get(grade_id, result["points"])
            for grade_id, result in verdict["results"].items()
        }
        notes = [
            verdict["note"],
            "late" if one.late else "",
            f"{count} notebooks, this one counts" if count > 1 else "",
        ]
        notes += [] if one.student.listed or not self.roster else ["not on the roster"]
        of = sum(result["of"] for result in verdict["results"].values())
        note = "; ".join(note for note in notes if note)
        return {
            "student": one.student, "results": verdict["results"], "points": points, "total": sum(points.values()),
            "of": of, "file": one.path, "note": note,
        }  # fmt: skip

    def _missing(self, student: Student) -> exports.Row:
        results = marking.nothing(self.lab, "nothing was handed in.")
        points = {result["name"]: 0.0 for result in results.values()}
        of = sum(result["of"] for result in results.values())
        note = "nothing was handed in"
        return {
            "student": student,
            "results": results,
            "points": points,
            "total": 0.0,
            "of": of,
            "file": "",
            "note": note,
        }

    def _write(self, rows: list[exports.Row]) -> None:
        exports.points_table(self.folder / "points.csv", self.lab, rows)
        exports.moodle_table(self.folder / "moodle.csv", self.lab, rows)
        exports.canvas_table(self.folder / "canvas.csv", self.lab, rows, self.assignment)
        report = {
            "lab": self.lab.id,
            "protection": asdict(self.protection),
            "graded": len(rows),
            "key": self.key,
        }
        files.write(self.folder / "report.json", json.dumps(report, indent=1).encode())
        look = [
            f"  {row['student'].id}: {name['name']}"
            for row in rows
            for name in row["results"].values()
            if name["review"]
        ]
        if look:
            self.say("\n".join(["These need your own look (nbgrader formgrader, or the notebook):", *look]))
        self.say(f"Points, feedback and tables: {self.folder}")


class Progress:
    """A line for each notebook, with the time that is left."""

    def __init__(self, count: int, say: Any, what: str = "graded") -> None:
        self.count, self.say, self.what = count, say, what
        self.done, self.start, self.lock = 0, time.monotonic(), threading.Lock()

    def one_more(self, student: str, verdict: dict[str, Any]) -> None:
        """Say that one more is done."""
        with self.lock:
            self.done += 1
            left = (time.monotonic() - self.start) / self.done * (self.count - self.done)
            points = sum(result["points"] for result in verdict["results"].values())
            place = f"{self.what} {self.done} of {self.count}"
            self.say(f"{place}: {student}, {exports.number(points)} points; {_clock(left)} left")


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def _names(student: Student) -> dict[str, str]:
    first, _, last = student.name.rpartition(" ")
    return {"first_name": first, "last_name": last, "email": student.email}
