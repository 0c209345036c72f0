"""A fourteenth lesson for a copy of the course: nothing but its files and its entry in the manifest."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NUMBER, STEM = "13", "13_extra"
ENTRY = """
[[lesson]]
number = "13"
name = "extra"
title = "An extra lesson"
aim = "See that a lesson costs its files and one entry."
do = "add two numbers"
minutes = "5"
lab_minutes = 5
data = "none"
lab = true
slides = true
status = "ready"
in_45 = "1"
in_90 = "all"
skip = "nothing"
misconceptions = [{ think = "Adding a lesson takes days.", ask = "Which files does it need?" }]
"""
MARKED = '# %% tags=["nbval-check-output"]\nprint({n})\n\n'
LESSON = (
    """# %% [markdown]
# # 13 · An extra lesson
#
# **What you will do:** add two numbers.

# %%
from helpers import course, plots

course.start("Lesson 13")

# %% [markdown]
# ## 1 · A section
#
# A sum is a number.

# %% tags=["recipe"]
ONE = 1

# %% tags=["cover"]
plots.number_grid([[ONE, 2]])
plots.show("Two squares with the numbers one and two.")

"""
    + "".join(MARKED.format(n=n) for n in range(5))
    + """# %% [markdown]
# **Next:** [lab 13](labs/lab_13_extra.ipynb).
"""
)
GRADE = (
    '# %% nbgrader={{"grade": {grade}, "grade_id": "{name}", "locked": {grade}, "points": 1, "schema_version": 3, '
    '"solution": {solution}, "task": false}}\n'
)
LAB = (
    """# %% [markdown]
# # Lab 13 · A sum

# %%
from helpers import course
from helpers.checks import lab_13 as checks

course.start("Lab 13")


"""
    + GRADE.format(grade="false", name="add", solution="true")
    + """def add(a, b):
    \"\"\"Return the sum.\"\"\"
    ### BEGIN SOLUTION
    return a + b
    ### END SOLUTION


"""
    + GRADE.format(grade="true", name="check_add", solution="false")
    + """result = checks.add(add)
### BEGIN HIDDEN TESTS
assert result.passed, result.message
### END HIDDEN TESTS
"""
)
CHECKS = '''"""Self-checks of lab 13."""

import numpy as np

from helpers.checks.engine import Exercise, score_of

add = Exercise(
    1,
    "add",
    "A sum",
    solution=lambda a, b: a + b,
    cases=[(np.array([[1, 2], [3, 5]]), 3), (np.array([[1, 2, 9]]), -1)],
    mistakes={
        "that is the difference.": lambda a, b: a - b,
        "that is the product.": lambda a, b: a * b,
        "only the first number counts in your sum.": lambda a, b: a,
    },
)
EXERCISES = (add,)
score = score_of("13", EXERCISES)
'''


def run(folder: Path, *command: str) -> str:
    """Run Python in the copy and return what it prints; it must succeed."""
    environment = {**os.environ, "PYTHONPATH": str(folder), "COURSE_BUDGET": "full"}
    done = subprocess.run(
        [sys.executable, *command], cwd=folder, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def copy_with_a_fourteenth_lesson(root: Path, folder: Path) -> Path:
    """Copy the course, add the lesson, make its notebooks and the tables."""
    left_out = (".git", ".venv*", "build", "samples", "my-notebooks", "__pycache__", "*.egg-info", ".*_cache")
    names = shutil.ignore_patterns(*left_out)
    shutil.copytree(root, folder, ignore=names, symlinks=True)
    shutil.copytree(root / "tools/samples", folder / "tools/samples", ignore=names)
    (folder / "data/samples").symlink_to(root / "data/samples", target_is_directory=True)
    with open(folder / "course.toml", "a", encoding="utf-8") as file:
        file.write(ENTRY)
    (folder / f"sources/lessons/{STEM}.py").write_text(LESSON, encoding="utf-8")
    (folder / f"sources/labs/{STEM}.py").write_text(LAB, encoding="utf-8")
    (folder / f"helpers/checks/lab_{NUMBER}.py").write_text(CHECKS, encoding="utf-8")
    run(folder, "-m", "tools.build", "notebooks", NUMBER)
    run(folder, "-m", "tools.tables")
    return folder
