"""Settings of nbgrader for this course, for ``make release`` and ``make grade``, and for ``nbgrader`` if started here.

nbgrader keeps the books: points, gradebook, feedback. It never runs a notebook here; ``grading/`` does, in a sandbox,
and writes the outcome into the notebooks in ``my-class/submitted``. Put no others there: nbgrader would believe them.
"""

import os
from pathlib import Path

c = get_config()  # noqa: F821 - given by traitlets
_course = Path(__file__).resolve().parent

c.CourseDirectory.course_id = "convolutional-networks"
# Gradebook, submissions and feedback: the instructor's, never committed, not touched by `make clean`.
c.CourseDirectory.root = os.environ.get("COURSE_CLASS_DIR") or str(_course / "my-class")
c.CourseDirectory.release_directory = os.environ.get("COURSE_RELEASE_DIR") or str(
    _course / "build/grading/release"
)
c.Execute.enabled = False
c.ClearOutput.enabled = False  # the outputs of the checks are written by grading/
c.OverwriteCells.add_missing_cells = True
c.HTMLExporter.sanitize_html = True  # of what students write, nothing runs in the instructor's browser
