"""nbgrader's part: the students' version of a lab, the gradebook, and the feedback."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from grading.labs import ROOT, Lab
from tools import files


@contextlib.contextmanager
def _environment(**variables: str) -> Iterator[None]:
    """Let nbgrader find its programs, whether or not the environment is activated, and come back to this folder."""
    programs = str(Path(sys.executable).parent)
    variables = {**variables, "PATH": f"{programs}{os.pathsep}{os.environ.get('PATH', '')}"}
    before, folder = dict(os.environ), os.getcwd()
    os.environ.update(variables)
    try:
        yield
    finally:
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(before)


class Book:
    """The books of a class: one folder with the gradebook, the submissions as they were graded, and the feedback."""

    def __init__(self, folder: Path, released: Path) -> None:
        self.folder, self.released = folder.resolve(), released.resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        self._converters: dict[tuple[str, str], Any] = {}

    def _api(self, lab: Lab) -> Any:
        """Return nbgrader's course folder and configuration."""
        logging.getLogger("traitlets").setLevel(logging.ERROR)
        from nbgrader.coursedir import CourseDirectory
        from traitlets.config import Config, PyFileConfigLoader

        config = Config(PyFileConfigLoader("nbgrader_config.py", str(ROOT)).load_config())
        config.BaseConverter.force = True
        course = CourseDirectory(config=config)
        course.assignment_id = lab.id
        return course, config

    def _converter(self, kind: str, lab: Lab) -> Any:
        """Return one of nbgrader's converters, ready to be used for many students: its templates are read once."""
        from nbconvert.writers import FilesWriter
        from nbgrader import converters

        if (kind, lab.id) not in self._converters:
            course, config = self._api(lab)
            made = getattr(converters, kind)(coursedir=course, config=config)
            made.writer = FilesWriter(parent=made, config=made.config)
            made.exporter = made.exporter_class(parent=made, config=made.config)
            for preprocessor in made.preprocessors:
                made.exporter.register_preprocessor(preprocessor)
            self._converters[kind, lab.id] = made
        return self._converters[kind, lab.id]

    def _run(self, kind: str, lab: Lab, student: str) -> None:
        """Do what ``start`` of a converter does, for one student."""
        places = {"COURSE_CLASS_DIR": str(self.folder), "COURSE_RELEASE_DIR": str(self.released)}
        with _environment(**places), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of SQLAlchemy, about nbgrader
            converter = self._converter(kind, lab)
            converter.coursedir.student_id = student
            converter.init_notebooks()
            os.chdir(self.folder)
            converter.convert_notebooks()

    def release(self, lab: Lab) -> Path:
        """Write the students' version of a lab and enter the lab into the gradebook; return the notebook."""
        source = self.folder / "source" / lab.id / f"{lab.notebook_name}.ipynb"
        source.parent.mkdir(parents=True, exist_ok=True)
        files.write(source, nbformat.writes(lab.notebook).encode())
        self._run("GenerateAssignment", lab, ".")
        files.write(self._released_mark(lab), lab.digest().encode())
        return self.released_notebook(lab)

    def is_released(self, lab: Lab) -> bool:
        """Return whether the students' version and the gradebook have the lab as it is now."""
        try:
            same = self._released_mark(lab).read_text(encoding="utf-8") == lab.digest()
        except OSError:
            return False
        return same and self.released_notebook(lab).exists()

    def _released_mark(self, lab: Lab) -> Path:
        return self.folder / "source" / f"{lab.id}.released"

    def released_notebook(self, lab: Lab) -> Path:
        """Return where the students' version of a lab lies."""
        return self.released / lab.id / f"{lab.notebook_name}.ipynb"

    def enter(self, lab: Lab, student: str, notebook: NotebookNode) -> Path:
        """Enter a graded notebook: nbgrader computes the points from its outputs. Return the feedback page."""
        place = self.folder / "submitted" / student / lab.id / f"{lab.notebook_name}.ipynb"
        place.parent.mkdir(parents=True, exist_ok=True)
        files.write(place, nbformat.writes(notebook).encode())
        self._run("Autograde", lab, student)
        self._run("GenerateFeedback", lab, student)
        return self.folder / "feedback" / student / lab.id / f"{lab.notebook_name}.html"

    def names(self, students: dict[str, dict[str, str]]) -> None:
        """Write the names of students into the gradebook."""
        with _environment(COURSE_CLASS_DIR=str(self.folder)), self._gradebook() as book:
            for student, data in students.items():
                book.update_or_create_student(student, **{k: v for k, v in data.items() if v})

    def points(self, lab: Lab) -> dict[str, dict[str, float]]:
        """Return the points of each student by cell, as the gradebook has them, changes by hand included."""
        with _environment(COURSE_CLASS_DIR=str(self.folder)), self._gradebook() as book:
            found: dict[str, dict[str, float]] = {}
            for submission in book.assignment_submissions(lab.id):
                grades = [grade for notebook in submission.notebooks for grade in notebook.grades]
                found[submission.student.id] = {grade.name: float(grade.score or 0) for grade in grades}
            return found

    def _gradebook(self) -> Any:
        from nbgrader.api import Gradebook

        return Gradebook(f"sqlite:///{self.folder / 'gradebook.db'}")
