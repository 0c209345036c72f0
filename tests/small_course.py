"""A course of two short lessons and a lab, for tests of the tools: quick to make, and free to be broken."""

import base64
import io
import shutil

import nbformat
from PIL import Image

from tools import build, manifest

ENTRY = """
[[lesson]]
number = "{number}"
name = "{name}"
title = "{title}"
status = "ready"
aim = "Know {name}."
do = "try {name}"
minutes = "60"
lab_minutes = 60
data = "none"
lab = {lab}
slides = {lab}
in_45 = "1"
in_90 = "all"
skip = "2"
misconceptions = [{{ think = "{title} is hard.", ask = "Is it?" }}]
"""
PLANNED = '[[lesson]]\nnumber = "90"\ntitle = "Zero"\nstatus = "planned"\n'
LESSON = """\
# %% [markdown]
# # {number} · {title}
#
# Text with a **kernel** in it.

# %% tags=["setup"]
import this

# %%
x = 1
print(x)

# %% [markdown]
# ## A section
#
# More text.

# %% tags=["cover"]
figure = x
plots.show("A line that rises to one.")
"""
LAB = """\
# %% [markdown]
# # Lab 91 · One

# %% nbgrader={"grade": false, "grade_id": "double", "locked": false, "schema_version": 3, "solution": true}
def double(x):
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check", "locked": true, "points": 1, "schema_version": 3, "solution": false}
assert double
### BEGIN HIDDEN TESTS
assert double(1) == 2
### END HIDDEN TESTS
"""


def png(color="red", size=(8, 4)):
    """Return a picture of one color, as it is stored in a notebook."""
    file = io.BytesIO()
    Image.new("RGB", size, color).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def figure_output(alt="A line that rises to one.", data=None):
    """Return the stored output of a cell that draws."""
    metadata = {"image/png": {"alt": alt}} if alt else {}
    return nbformat.v4.new_output("display_data", {"image/png": data or png()}, metadata=metadata)


def make(folder, monkeypatch):
    """Write the course and let the tools work on it; its notebooks are stored, the lessons with outputs."""
    for name in ("sources/lessons", "sources/labs", "notebooks", "results", "helpers"):
        (folder / name).mkdir(parents=True)
    shutil.copytree(manifest.ROOT / "tools/templates", folder / "tools/templates")
    entries = [ENTRY.format(number="91", name="one", title="One", lab="true")]
    entries.append(ENTRY.format(number="92", name="two", title="Two", lab="false"))
    (folder / "course.toml").write_text(PLANNED + "".join(entries), encoding="utf-8")
    (folder / "pyproject.toml").write_text('[project]\nname = "small"\nversion = "0.1.0"\n')
    for number, title in (("91", "One"), ("92", "Two")):
        text = LESSON.format(number=number, title=title)
        (folder / f"sources/lessons/{number}_{title.lower()}.py").write_text(text, encoding="utf-8")
    (folder / "sources/labs/91_one.py").write_text(LAB, encoding="utf-8")
    monkeypatch.setattr(build, "ROOT", folder)
    assert manifest.ready(folder)
    for product in build.products():
        notebook = build.generate(product)
        if product.is_lesson:
            notebook.cells[2].outputs = [nbformat.v4.new_output("stream", name="stdout", text="1\n")]
            notebook.cells[4].outputs = [figure_output()]
        build.write(notebook, product.notebook)
    return folder
