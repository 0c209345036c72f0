"""Grading a class of lab 01: right points, whatever they hand in, and nothing of the instructor's is touched."""

import contextlib
import csv
import hashlib
import json
import os
import socketserver
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import nbformat
import pytest

from grading import batch, labs, sandbox
from grading.book import Book
from tests import hostile

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="grading needs Linux or macOS")


class Answers(socketserver.BaseRequestHandler):
    """A server of the instructor's: whoever reaches it gets an answer."""

    asked = 0

    def handle(self):
        type(self).asked += 1
        self.request.sendall(b"[[1, 2], [3, 4]]")


def _digest(*folders):
    content = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*") if folder.is_dir() else [folder]):
            if path.is_file() and "__pycache__" not in path.parts:
                content.update(f"{path} {path.stat().st_mode}".encode() + path.read_bytes())
    return content.hexdigest()


def _processes(mark):
    found = 0
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            found += mark in path.read_bytes()
    return found


@pytest.fixture(scope="module")
def protection():
    return sandbox.protection()


@pytest.fixture(scope="module")
def lab():
    return labs.find("1")


@pytest.fixture(scope="module")
def graded(lab, protection, tmp_path_factory, root):
    """A batch of everything in hostile.py, and what was before and after."""
    place = tmp_path_factory.mktemp("class")
    home, handed_in, books = place / "home", place / "submissions", place / "books"
    for folder in (home, handed_in):
        folder.mkdir()
    (home / "answers.json").write_text("[[1, 2], [3, 4]]")
    roster = place / "roster.csv"
    roster.write_text(
        "id,name,email\nperfect,Ada Perfect,ada@example.org\nabsent,Ben Absent,ben@example.org\n"
    )
    book = Book(books, place / "release")
    released = nbformat.read(book.release(lab), 4)
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    everything = hostile.submissions(lab.notebook, released, home / "answers.json", server.server_address[1])
    if protection.mode == "plain":
        del everything["kills-others"]  # it could
    for name, (text, _points) in everything.items():
        (handed_in / f"{name}.ipynb").write_text(text)
    mine = (home, handed_in, roster, root / "grading", root / "helpers/convolution.py", place / "release")
    before, files, lines = _digest(*mine), set(os.listdir(Path(sandbox.tempfile.gettempdir()))), []
    start = time.monotonic()
    job = batch.Batch(lab, handed_in, book, b"a secret of the test's own", roster, lines.append)
    rows = {row["student"].id: row for row in job.run()}
    server.shutdown()
    after = _digest(*mine)
    left = {
        name
        for name in set(os.listdir(Path(sandbox.tempfile.gettempdir()))) - files
        if name.startswith("grading-")
    }
    return {
        "rows": rows, "everything": everything, "before": before, "after": after, "lines": lines, "job": job,
        "seconds": time.monotonic() - start, "sleepers": _processes(b"59.731"), "left": left, "place": place,
    }  # fmt: skip


def test_everybody_gets_the_right_points(graded, protection):
    expected = {name: points for name, (_text, points) in graded["everything"].items()}
    if protection.mode == "plain":  # what is then not protected is said
        for name in (
            "reads-home-and-network",
            "large-memory",
            "kills-others",
            "borrows-the-answer",
            "large-file",
        ):
            expected.pop(name, None)
    given = {name: graded["rows"][name]["total"] for name in expected}
    print("\n".join(f"{name:28} {given[name]:g} of 7" for name in given), f"\n{graded['seconds']:.0f} s")
    assert given == expected


def test_gradebook_and_tables_say_the_same(graded, lab):
    folder = graded["place"] / "books/results/lab_01"
    with open(folder / "points.csv", newline="") as file:
        table = {row["student"]: row for row in csv.DictReader(file)}
    booked = graded["job"].book.points(lab)
    for name, row in graded["rows"].items():
        assert float(table[name]["points"]) == row["total"]
        if name != "absent":
            assert sum(booked[name].values()) == row["total"]
            assert (folder / "feedback" / f"{name}.html").stat().st_size > 1000
    assert table["absent"]["note"] == "nothing was handed in"
    assert "max_pool:hidden" in table["perfect"]["graded_by"]
    assert "complete_matrix:fixed" in table["perfect"]["graded_by"]
    assert table["empty"]["note"] == "not on the roster"


def test_feedback_says_what_is_wrong_and_no_hidden_case(graded):
    folder = graded["place"] / "books/results/lab_01/feedback"
    assert "keep the largest" in (folder / "wrong.html").read_text()
    assert "called with" not in (folder / "wrong.html").read_text()
    assert "takes too long" in (folder / "endless-loop.html").read_text()
    assert "not done yet" in (folder / "empty.html").read_text()
    assert "a_module_that_nobody_has" in (folder / "import-fails.html").read_text()


def test_nothing_of_the_instructor_s_has_changed(graded):
    assert graded["before"] == graded["after"]
    assert not graded["left"]


def test_nothing_outlives_a_submission(graded):
    assert graded["sleepers"] == 0


def test_nobody_reaches_the_network(graded, protection):
    if protection.mode == "plain":
        pytest.skip("no namespaces here")
    assert Answers.asked == 0


def test_a_second_run_grades_nothing_again(graded, lab):
    job = graded["job"]
    lines = []
    again = batch.Batch(lab, job.submissions, job.book, job.secret, job.roster, lines.append)
    rows = {row["student"].id: row["total"] for row in again.run()}
    assert rows == {name: row["total"] for name, row in graded["rows"].items()}
    count = len(graded["everything"])
    assert f"{count} of {count} were graded before and stay as they are." in lines
    assert not [line for line in lines if line.startswith(("graded", "entered"))]


def test_marks_given_by_hand_stay(graded, lab):
    job = graded["job"]
    with job.book._gradebook() as gradebook:
        grade = gradebook.find_grade("check_max_pool", lab.notebook_name, lab.id, "os-exit")
        grade.manual_score = 0.5
        gradebook.db.commit()
    again = batch.Batch(lab, job.submissions, job.book, job.secret, job.roster, lambda line: None)
    rows = {row["student"].id: row for row in again.run()}
    assert rows["os-exit"]["points"]["max_pool"] == 0.5
    assert rows["os-exit"]["total"] == 6.5


def test_another_secret_grades_again(graded, lab):
    job = graded["job"]
    other = batch.Batch(lab, job.submissions, job.book, b"another secret of the test")
    other.key = f"{lab.digest()} another"
    (one,) = batch.collect(job.submissions, [])["perfect"]
    assert job._verdict("perfect", one) is not None
    assert other._verdict("perfect", one) is None


def test_interrupted_and_resumed_without_loss(lab, graded, tmp_path, root):
    handed_in = tmp_path / "submissions"
    handed_in.mkdir()
    for number in range(4):
        (handed_in / f"s{number}.ipynb").write_text(graded["everything"]["perfect"][0])
    (tmp_path / "secret").write_text("a secret of the test's own")
    command = [
        sys.executable,
        "-m",
        "grading",
        "grade",
        "01",
        str(handed_in),
        "--secret",
        str(tmp_path / "secret"),
    ]
    environment = {**os.environ, "COURSE_CLASS_DIR": str(graded["place"] / "books2"), "PATH": "/usr/bin:/bin"}
    first = subprocess.Popen(command, cwd=root, env=environment, stdout=subprocess.PIPE, text=True)
    for line in first.stdout:
        if line.startswith("graded 1"):
            first.terminate()
            break
    rest = first.communicate(timeout=60)[0]
    assert first.returncode == 130, rest
    kept = list((graded["place"] / "books2/results/lab_01/verdicts").glob("*.json"))
    assert 1 <= len(kept) < 4
    second = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, timeout=120)
    assert second.returncode == 0, second.stderr
    assert f"{len(kept)} of 4 were graded before" in second.stdout
    with open(graded["place"] / "books2/results/lab_01/points.csv", newline="") as file:
        assert [row["points"] for row in csv.DictReader(file)] == ["7"] * 4


def test_protection_is_tried_out_and_said(protection):
    text = " ".join(protection.sentences())
    if protection.mode == "namespaces":
        assert protection.files
        assert protection.network
        assert protection.processes
        assert "no network" in text
    half = sandbox.Protection("namespaces", False, True, True, "/somewhere")
    assert "NOT fully protected: a notebook reaches /somewhere" in " ".join(half.sentences())
    plain = sandbox.Protection("plain", False, False, False, "no user namespaces")
    assert "NOT protected" in " ".join(plain.sentences())


def test_without_namespaces_processes_end_too(lab):
    with (
        sandbox.course_of(lab.source) as course,
        sandbox.Process("worker.py", course, sandbox.LIGHT, "plain") as process,
    ):
        source = (
            "import os\ndef f():\n    for _ in range(6):\n        if os.fork() == 0:\n            os.setsid()\n"
            "            if os.fork() == 0:\n                os.execvp('sleep', ['sleep', '58.317'])\n"
            "            os._exit(0)\n"
            "    return 1"
        )
        process.ask({"do": "plan", "cells": [{"number": 0, "source": source, "whole": True}]}, 60)
        process.ask({"do": "cell", "number": 0, "seconds": 10}, 60)
        call = {"do": "call", "name": "f", "arguments": {"tuple": []}, "seconds": 10}
        assert process.ask(call, 60)["answer"] == 1
        end = time.monotonic() + 20
        while sys.platform == "linux" and not _processes(b"58.317"):
            assert time.monotonic() < end
            time.sleep(0.05)
    assert _processes(b"58.317") == 0


def test_no_answer_lies_beside_the_student(lab):
    with sandbox.course_of(lab.source) as course:
        names = {path.relative_to(course).as_posix() for path in course.rglob("*.py")}
        texts = "\n".join(path.read_text() for path in course.rglob("*.py"))
    assert "helpers/convolution.py" not in names
    assert "Exercise(" not in texts
    assert {name for name in names if "checks" in name} == {
        "helpers/checks/__init__.py",
        "helpers/checks/lab_01.py",
    }
    assert json.dumps("grading/cases") not in texts


def test_a_course_in_a_temporary_folder_is_protected_as_well(lab, protection, monkeypatch):
    """The jail has a /tmp of its own, which must not hide the Python of a course that lies in /tmp."""
    if protection.mode == "plain":
        pytest.skip("no namespaces here")
    shown = sandbox._shown
    with tempfile.TemporaryDirectory(dir="/tmp") as folder, sandbox.course_of(lab.source) as course:
        monkeypatch.setattr(sandbox, "_shown", lambda course: shown(course) | {folder: folder})
        with sandbox.Process("worker.py", course, sandbox.LIGHT, "namespaces") as process:
            assert process.ask({"do": "look", "paths": [folder, __file__]}, 20)["seen"] == [folder]
