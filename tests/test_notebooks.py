"""The notebooks as a product: comparisons that can fail, labs that do not stop, grading, linting, Colab."""

import copy
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import jupytext
import nbformat
import pytest

from tools import address, build, lint, manifest

LESSONS = [product for product in build.products() if product.is_lesson]
(LESSON_01,) = (product for product in LESSONS if product.source.stem.startswith("01_"))
LABS = [product for product in build.products() if product.cleared]
SOLUTIONS = [product for product in build.products() if not product.cleared and not product.is_lesson]


def nbval(path, folder, **environment):
    """Run nbval as `make test` does and return its exit status and output."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-x", "-q", "--rootdir", str(folder),
               "--nbval-lax", "--nbval-current-env", "--nbval-cell-timeout=600", str(path)]  # fmt: skip
    variables = {**os.environ, "COURSE_BUDGET": "reduced", **environment}
    done = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def first_sections(tmp_path):
    """Lesson 01 up to its third marked cell, in a folder of its own: enough to compare, and quick."""
    notebook = nbformat.read(LESSON_01.notebook, 4)
    marked = [number for number, cell in enumerate(notebook.cells) if lint.is_marked(cell)]
    notebook.cells = notebook.cells[: marked[2] + 1]
    path = tmp_path / "lesson.ipynb"
    nbformat.write(notebook, path)
    return notebook, path


def test_unchanged_notebook_passes(first_sections):
    _notebook, path = first_sections
    status, output = nbval(path, path.parent)
    assert status == 0, output


def test_changed_output_turns_the_run_red(first_sections):
    notebook, path = first_sections
    cell = next(cell for cell in notebook.cells if lint.is_marked(cell))
    cell.outputs[0]["text"] = cell.outputs[0]["text"].replace("120,000", "288")
    nbformat.write(notebook, path)
    status, output = nbval(path, path.parent)
    assert status == 1
    assert "mismatch" in output


def test_broken_helper_turns_the_run_red(first_sections, root, tmp_path):
    _notebook, path = first_sections
    shutil.copytree(root / "helpers", tmp_path / "broken" / "helpers")
    module = tmp_path / "broken" / "helpers" / "convolution.py"
    text = module.read_text(encoding="utf-8")
    broken = text.replace("// stride + 1", "// stride")
    assert broken != text
    module.write_text(broken, encoding="utf-8")
    status, output = nbval(path, path.parent, PYTHONPATH=str(tmp_path / "broken"))
    assert status == 1, output


@pytest.mark.parametrize(
    "product", build.products(), ids=lambda p: f"{p.notebook.parent.name}/{p.source.stem}"
)
def test_generated_notebooks_are_fresh_and_clean(product):
    stored = nbformat.read(product.notebook, 4)
    assert list(lint.differences(build.generate(product), stored)) == []
    assert list(lint.findings(stored, product.is_lesson)) == []


@pytest.mark.parametrize("product", LESSONS, ids=lambda p: p.source.stem)
def test_lessons_have_their_parts(product):
    notebook = nbformat.read(product.notebook, 4)
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    for part in (
        "**What you will do:**",
        "**What you will learn**",
        "**What you need:**",
        "**Time:**",
        "## Summary",
    ):
        assert part in text, part
    assert (
        text.count("<details><summary>Answer</summary>")
        == text.count("**Question ") - text.count("**Question for you")
        == 5
    )
    assert len(re.findall(r"^- ", text.split("## Summary")[1], re.M)) == 5
    assert "](labs/" in notebook.cells[-1].source
    assert all("slide_type" in cell.metadata.slideshow for cell in notebook.cells)
    assert 40 <= len(notebook.cells) <= 90
    figures = sum(
        "image/png" in output.get("data", {}) for cell in notebook.cells for output in cell.get("outputs", [])
    )
    assert figures >= 8


@pytest.mark.parametrize("product", LESSONS, ids=lambda p: p.source.stem)
def test_stated_running_time_is_the_measured_one(product):
    text = nbformat.read(product.notebook, 4).cells[0].source
    number, unit = re.search(r"takes about (\d+) (s|min) on 2 CPU cores", text).groups()
    stated = int(number) * (60 if unit == "min" else 1)
    measured = build.load_result("run_seconds")[product.source.stem]
    assert 0.6 * stated <= measured <= 1.5 * stated


@pytest.mark.parametrize("product", LESSONS, ids=lambda p: p.source.stem)
def test_a_lesson_without_tensorflow_in_its_banner_imports_it_only_for_its_end(product):
    code = build.code_of(nbformat.read(product.notebook, 4))
    if "tensorflow=True" in code[0]:
        return
    imports = [
        place
        for place, text in enumerate(code)
        if re.search(r"import (tensorflow|keras)|tensorflow=True", text)
    ]
    assert len(imports) == 1
    assert imports[0] > 0.7 * len(code)


@pytest.mark.parametrize("product", LABS, ids=lambda p: p.source.stem)
def test_untouched_lab_reports_every_exercise_and_goes_on(product):
    notebook = nbformat.read(product.notebook, 4)
    solved = sum("### BEGIN SOLUTION" in cell.source for cell in jupytext.read(product.source).cells)
    assert 4 <= solved <= 7  # an experiment has no check, but says so, too
    assert "BEGIN" not in "".join(build.code_of(notebook))
    build.execute(notebook, product.notebook.parent)
    text = "".join(part for cell in notebook.cells for part in lint.texts(cell.get("outputs", [])))
    assert text.count("not done yet") == solved
    assert "✔" not in text
    assert not any(
        output.get("name") == "stderr" for cell in notebook.cells for output in cell.get("outputs", [])
    )


@pytest.mark.parametrize("product", SOLUTIONS, ids=lambda p: p.source.stem)
def test_stored_solutions_pass_every_check(product):
    notebook = nbformat.read(product.notebook, 4)
    text = "".join(part for cell in notebook.cells for part in lint.texts(cell.get("outputs", [])))
    exercises = [cell for cell in build.code_cells(notebook) if "### BEGIN SOLUTION" in cell.source]
    experiments = [cell for cell in exercises if cell.metadata.nbgrader.grade_id == "experiment"]
    assert text.count("✔") == len(exercises) - len(experiments)
    assert "✘" not in text


def test_nbgrader_gives_full_marks_to_the_solution_and_none_to_the_stub(tmp_path):
    """The instructor's round: make an assignment, hand in two copies, grade them."""
    product = SOLUTIONS[0]
    name = product.notebook.stem
    for folder in ("source/lab01", "submitted/solved/lab01", "submitted/untouched/lab01"):
        (tmp_path / folder).mkdir(parents=True)
    shutil.copy(product.notebook, tmp_path / "source/lab01")

    def nbgrader(*arguments):
        command = [sys.executable, "-m", "nbgrader", *arguments, "--course", "cnn"]
        # as in an activated environment: nbgrader calls the program `alembic`
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        environment = {**os.environ, "PATH": path}
        return subprocess.run(
            command, cwd=tmp_path, env=environment, check=True, capture_output=True, text=True
        )

    nbgrader("generate_assignment", "lab01", "--create")
    released = tmp_path / "release/lab01" / f"{name}.ipynb"
    assert "BEGIN SOLUTION" not in released.read_text(encoding="utf-8")
    shutil.copy(released, tmp_path / "submitted/untouched/lab01")
    shutil.copy(product.notebook, tmp_path / "submitted/solved/lab01")
    nbgrader("autograde", "lab01")

    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{tmp_path / 'gradebook.db'}") as gradebook:
        scores = {s: gradebook.find_submission("lab01", s).score for s in ("solved", "untouched")}
        assert gradebook.find_assignment("lab01").max_score == 6
    assert scores == {"solved": 6, "untouched": 0}


def good_notebook():
    """A notebook with one marked cell that breaks no rule."""
    cell = nbformat.v4.new_code_cell("print(1)", metadata={"tags": ["nbval-check-output"]})
    cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text="1\n")]
    return nbformat.v4.new_notebook(cells=[cell, nbformat.v4.new_markdown_cell("Text.")])


def spoil_error(notebook):
    notebook.cells[0].outputs.append(nbformat.v4.new_output("error", ename="E", evalue="", traceback=[]))


def spoil_stderr(notebook):
    notebook.cells[0].outputs.append(nbformat.v4.new_output("stream", name="stderr", text="warning"))


def spoil_no_output(notebook):
    notebook.cells[0].outputs = []


def spoil_alt_text(notebook):
    notebook.cells[1].source = "![](picture.png)"


def spoil_html_alt_text(notebook):
    notebook.cells[1].source = '<img src="picture.png" alt="short">'


def spoil_figure(notebook):
    notebook.cells[0].outputs.append(nbformat.v4.new_output("display_data", data={"image/png": "AA=="}))


def spoil_length(notebook):
    notebook.cells[0].source += "\nx = 1" * 25


def spoil_path(notebook):
    notebook.cells[0].outputs[0]["text"] = "saved to /home/" + "ada/course/model.keras"


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (spoil_error, "stored error"),
        (spoil_stderr, "stderr"),
        (spoil_no_output, "nothing is compared"),
        (spoil_alt_text, "alt text"),
        (spoil_html_alt_text, "alt text"),
        (spoil_figure, "figure without a description"),
        (spoil_length, "at most 25"),
        (spoil_path, "path of somebody's machine"),
    ],
)
def test_lint_sees_each_fault(spoil, words):
    notebook = good_notebook()
    assert list(lint.findings(notebook, is_lesson=False)) == []
    spoil(notebook)
    assert any(words in finding for finding in lint.findings(notebook, is_lesson=False))


def test_lint_wants_five_compared_cells_in_a_lesson():
    assert any("at least 5" in finding for finding in lint.findings(good_notebook(), is_lesson=True))


def test_lint_sees_a_stale_notebook():
    fresh = good_notebook()
    for change in ("source", "missing"):
        stored = copy.deepcopy(fresh)
        if change == "source":
            stored.cells[1].source = "Other text."
        else:
            stored.cells.pop()
        assert any("stale" in finding for finding in lint.differences(fresh, stored))
    stored = copy.deepcopy(fresh)
    stored.cells[0].outputs = []
    assert list(lint.differences(fresh, stored)) == []  # outputs may differ


def test_exported_page_keeps_descriptions():
    html = build.page(nbformat.read(LESSON_01.notebook, 4))
    assert "No description has been provided" not in html
    assert 'alt="Three panels: the kernel 1, 2, 1 lies below the signal' in html


def test_run_goes_on_after_a_failing_lesson(tmp_path, monkeypatch, capsys):
    """`make run` reports a failure, writes the page up to it, runs the rest, and fails at the end."""
    for folder in ("sources/lessons", "notebooks"):
        (tmp_path / folder).mkdir(parents=True)
    for number, (name, code) in {"91": ("bad", "1 / 0"), "92": ("good", "print('fine')")}.items():
        text = f"# %% [markdown]\n# # Title\n\n# %%\n{code}\n"
        (tmp_path / f"sources/lessons/{number}_{name}.py").write_text(text)
    lessons = [manifest.Lesson("91", "Bad", "ready", "bad"), manifest.Lesson("92", "Good", "ready", "good")]
    monkeypatch.setattr(manifest, "ready", lambda _root: lessons)
    monkeypatch.setattr(address, "address", lambda _root: None)
    monkeypatch.setenv("COURSE_BUDGET", "full")
    monkeypatch.setattr(build, "page", lambda notebook: str(notebook))
    monkeypatch.setattr(build, "ROOT", tmp_path)
    with pytest.raises(SystemExit, match=r"1 lesson.*91_bad"):
        build.run_lessons([])
    lines = capsys.readouterr().out.splitlines()
    assert re.match(r"\[1/2\] 91_bad … FAILED: .*ZeroDivisionError.* s → build/91_bad.html", lines[0])
    assert re.match(r"\[2/2\] 92_good … done in \d+ s → build/92_good.html", lines[1])
    assert "fine" in (tmp_path / "build/92_good.html").read_text()
    assert "MEASURED" not in (tmp_path / "build/91_bad.html").read_text()  # nothing of ours is on the page


def test_what_a_cell_serves_live_is_not_stored(tmp_path):
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [nbformat.v4.new_code_cell("print(1)"), nbformat.v4.new_code_cell("print(2)")]
    notebook.cells[1].metadata["tags"] = ["live"]
    build.execute(notebook, tmp_path)
    assert [len(cell.outputs) for cell in notebook.cells] == [1, 0]
