"""tools.build: what a notebook is made of, which outputs stay, and what is recorded."""

import base64
import io
import json

import nbformat
import numpy as np
import pytest
from PIL import Image

from tests import small_course
from tools import build, recipes


@pytest.fixture
def course(tmp_path, monkeypatch):
    return small_course.make(tmp_path, monkeypatch)


@pytest.fixture
def kernel(monkeypatch):
    """A stand-in for Jupyter that gives each cell the outputs that ``kernel["its code"]`` holds, or fails."""
    outputs, asked = {}, []

    class Client:
        def __init__(self, notebook, **options):
            self.notebook = notebook
            asked.append(options)

        def execute(self, env):
            assert env["MALLOC_ARENA_MAX"] == "2"
            for cell in self.notebook.cells:
                if cell.cell_type == "code":
                    cell.metadata["execution"] = {"iopub.status.busy": "2026-01-01"}
                    cell.outputs = list(outputs.get(cell.source, []))
                    if cell.source == build.LEDGER_CELL:
                        rows = outputs.get("MEASURED", [])
                        cell.outputs = [printed(json.dumps({"rows": rows, "megabytes": 700}))]
                    if cell.source in outputs.get("fails", ()):
                        raise RuntimeError("ValueError: no")

    monkeypatch.setattr(build, "NotebookClient", Client)
    outputs["asked"] = asked
    return outputs


def printed(text):
    return nbformat.v4.new_output("stream", name="stdout", text=text)


def read(course, name):
    return nbformat.read(course / "notebooks" / name, 4)


# Which notebooks there are


def test_a_lesson_gives_one_notebook_and_a_lab_two(course):
    names = [product.notebook.relative_to(course).as_posix() for product in build.products()]
    assert names == [
        "notebooks/91_one.ipynb",
        "notebooks/92_two.ipynb",
        "notebooks/labs/lab_91_one.ipynb",
        "notebooks/solutions/solution_91_one.ipynb",
    ]
    assert [product.source.stem for product in build.products(["92"])] == ["92_two"]
    assert [(product.is_lesson, product.cleared) for product in build.products(["91"])] == [
        (True, False), (False, True), (False, False),
    ]  # fmt: skip


# What a source makes


def test_only_the_student_s_lab_lacks_solutions_and_hidden_tests(course):
    lab, solution = read(course, "labs/lab_91_one.ipynb"), read(course, "solutions/solution_91_one.ipynb")
    assert "2 * x" not in str(lab)
    assert "double(1) == 2" not in str(lab)
    assert "NotImplementedError" in lab.cells[1].source
    assert "2 * x" in solution.cells[1].source
    assert "double(1) == 2" in solution.cells[2].source


def test_a_cell_s_name_and_role_follow_from_its_place(course):
    lesson = read(course, "91_one.ipynb")
    assert [cell.id for cell in lesson.cells] == ["cell-000", "cell-001", "cell-002", "cell-003", "cell-004"]
    roles = [cell.metadata.slideshow.slide_type for cell in lesson.cells]
    assert roles == ["slide", "skip", "subslide", "slide", "-"]
    assert lesson.metadata.kernelspec.name == "python3"
    assert "lines_to_next_cell" not in str(lesson)


@pytest.mark.parametrize(
    ("source", "before", "role"),
    [
        ("## A section", "code", "slide"),
        ("### A step", "markdown", "subslide"),
        ("#### A small step", "markdown", "subslide"),
        ("<details><summary>Answer</summary>", "markdown", "notes"),
        ("Text.", "markdown", "-"),
        ("Text.", "code", "subslide"),
        ("#hashtag", "markdown", "-"),
    ],
)
def test_text_has_its_role_in_live_slides(source, before, role):
    assert build._slide_type(nbformat.v4.new_markdown_cell(source), before) == role


def test_code_has_its_role_in_live_slides():
    cell = nbformat.v4.new_code_cell("# a comment that looks like a heading")
    assert (build._slide_type(cell, "markdown"), build._slide_type(cell, "code")) == ("-", "subslide")
    for tag in ("setup", "ledger"):
        cell.metadata["tags"] = [tag]
        assert build._slide_type(cell, "code") == "skip"


def test_a_role_in_the_source_is_kept(course):
    path = course / "sources/lessons/91_one.py"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace('["cover"]', '["cover"] slideshow={"slide_type": "fragment"}'), encoding="utf-8"
    )
    lesson = build.generate(build.products(["91"])[0])
    assert lesson.cells[4].metadata.slideshow.slide_type == "fragment"


def test_a_notebook_is_written_whole_and_valid_or_not_at_all(tmp_path):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("ä")])
    build.write(notebook, tmp_path / "new" / "some.ipynb")
    text = (tmp_path / "new" / "some.ipynb").read_text(encoding="utf-8")
    assert text.endswith("}\n")
    assert "ä" in text  # readable differences
    notebook.cells[0].cell_type = "unknown"
    with pytest.raises(nbformat.ValidationError):
        build.write(notebook, tmp_path / "new" / "other.ipynb")
    assert not (tmp_path / "new" / "other.ipynb").exists()


# Outputs


def change(course, old, new):
    path = course / "sources/lessons/91_one.py"
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_outputs_stay_where_only_text_changed(course):
    before = read(course, "91_one.ipynb")
    change(course, "More text.", "Other text.")
    build.notebooks(["91"], run=False)
    after = read(course, "91_one.ipynb")
    assert "Other text." in after.cells[3].source
    assert [cell.get("outputs") for cell in after.cells] == [cell.get("outputs") for cell in before.cells]
    assert after.cells[2].outputs


def test_outputs_of_other_code_do_not_stay(course):
    """A number that is no longer computed must not stand below the code."""
    change(course, "x = 1", "x = 2")
    build.notebooks(["91"], run=False)
    assert not any(cell.get("outputs") for cell in read(course, "91_one.ipynb").cells)
    assert read(course, "92_two.ipynb").cells[2].outputs  # only the numbers given are made


def test_the_cell_for_colab_does_not_cost_the_outputs(course):
    (course / "pyproject.toml").write_text(
        '[project]\nname = "small"\nversion = "0.1.0"\nurls = { Repository = "https://github.com/ada/small" }\n'
    )
    build.notebooks(["91"], run=False)
    lesson = read(course, "91_one.ipynb")
    assert "urlopen" in lesson.cells[1].source
    assert "badge" in lesson.cells[0].source
    assert lesson.cells[3].outputs[0].text == "1\n"


def test_keep_outputs_says_whether_it_did():
    old = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("x", outputs=[printed("1")], execution_count=7)]
    )
    new = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x")])
    assert build.keep_outputs(new, old) is True
    assert (new.cells[0].outputs, new.cells[0].execution_count) == (old.cells[0].outputs, 7)
    for source in ("x ", "y"):
        other = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
        assert build.keep_outputs(other, old) is False
        assert other.cells[0].outputs == []


WIDGET = {build.WIDGET: {"model_id": "abc", "version_major": 2, "version_minor": 0}}


def test_a_widget_is_stored_as_the_figure_that_stands_in_for_it(kernel, tmp_path):
    figure = small_course.figure_output()
    figure.data.update(WIDGET)
    figure.metadata.update(WIDGET)
    kernel["x"] = [figure]
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("x")], metadata={"widgets": {"state": 1}}
    )
    build.execute(notebook, tmp_path)
    (output,) = notebook.cells[0].outputs
    assert set(output.data) == {"image/png"}
    assert output.metadata == {"image/png": {"alt": "A line that rises to one."}}
    assert "widgets" not in notebook.metadata
    assert "execution" not in notebook.cells[0].metadata  # times would differ in every run


def test_what_only_the_kernel_serves_is_not_stored(kernel, tmp_path):
    kernel |= {"page": [printed("served")], "x": [printed("1")]}
    live = nbformat.v4.new_code_cell("page", metadata={"tags": ["live"]})
    notebook = nbformat.v4.new_notebook(cells=[live, nbformat.v4.new_code_cell("x")])
    build.execute(notebook, tmp_path)
    assert [len(cell.outputs) for cell in notebook.cells] == [0, 1]
    assert kernel["asked"][0]["resources"] == {"metadata": {"path": str(tmp_path)}}


def test_what_is_run_after_a_lesson_leaves_no_cell(kernel, tmp_path):
    kernel["MEASURED"] = [{"accuracy": 0.5}]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x")])
    assert build.execute(notebook, tmp_path) == ([{"accuracy": 0.5}], 700)
    assert [cell.source for cell in notebook.cells] == ["x"]
    kernel["fails"] = ["x"]
    with pytest.raises(RuntimeError):
        build.execute(notebook, tmp_path)
    assert [cell.source for cell in notebook.cells] == ["x"]


# Pictures


def encoded(pixels):
    file = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def decoded(text):
    return Image.open(io.BytesIO(base64.b64decode(text)))


def test_a_figure_of_few_colors_gets_a_palette_and_looks_the_same():
    pixels = np.zeros((60, 80, 3))
    pixels[10:30, 10:30], pixels[30:50, 40:70] = (200, 30, 30), (30, 30, 200)
    small = decoded(build.smaller_png(encoded(pixels)))
    assert small.mode == "P"
    assert np.array_equal(np.asarray(small.convert("RGB")), pixels)


def test_a_photograph_keeps_its_colors():
    pixels = np.random.default_rng(0).integers(0, 256, (100, 100, 3))
    same = decoded(build.smaller_png(encoded(pixels)))
    assert same.mode == "RGB"
    assert np.array_equal(np.asarray(same), pixels)


def test_executed_figures_are_stored_small(kernel, tmp_path):
    kernel["x"] = [small_course.figure_output()]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x")])
    build.execute(notebook, tmp_path)
    assert decoded(notebook.cells[0].outputs[0].data["image/png"]).mode == "P"


# The ledger


def test_what_a_lesson_measured_is_recorded_with_its_recipe(course, kernel, monkeypatch):
    monkeypatch.setattr(recipes, "mark", lambda recipe: {"recipe": recipe, "recipe_sha256": "digest"})
    kernel["MEASURED"] = [{"experiment": "plain", "accuracy": 0.5, "recipe": "91 f"}]
    build.save_result("run_seconds", {"92_two": 7, "91_one": 600})
    build.notebooks(["91"], run=True)
    assert build.load_result("91_one") == [
        {"experiment": "plain", "accuracy": 0.5, "recipe": "91 f", "recipe_sha256": "digest"}
    ]
    seconds = build.load_result("run_seconds")
    assert list(seconds) == ["91_one", "92_two"]  # in order, and the other one is kept
    assert seconds["92_two"] == 7
    assert seconds["91_one"] < 60
    assert not (course / "results" / "solution_91_one.json").exists()


def test_the_time_recorded_is_that_of_the_lesson(course, kernel, monkeypatch):
    """Its solution runs, too, and needs another time."""
    clock = iter([0, 100, 100, 200, 202, 202, 300, 307, 307] + [400] * 20)
    monkeypatch.setattr(build.time, "perf_counter", lambda: next(clock))
    build.notebooks(["91"], run=True)
    assert build.load_result("run_seconds") == {"91_one": 100}


def test_a_lesson_that_measures_nothing_has_no_file(course, kernel):
    build.notebooks(["92"], run=True)
    written = sorted(path.name for path in (course / "results").iterdir())
    assert written == ["run_megabytes.json", "run_seconds.json"]
    assert build.load_result("run_megabytes") == {"92_two": 700}
    assert build.load_result("unknown") == {}


def test_lessons_and_solutions_are_executed_but_not_the_student_s_lab(course, kernel):
    build.notebooks([], run=True)
    assert len(kernel["asked"]) == 3
    assert list(build.load_result("run_seconds")) == ["91_one", "92_two"]


def test_a_page_keeps_what_printed_and_drew(course):
    page = build.page(read(course, "91_one.ipynb"))
    assert 'alt="A line that rises to one."' in page
    assert "<title>" in page


def test_a_failing_lesson_is_named_and_the_others_are_run(course, kernel, capsys):
    kernel["fails"] = ["x = 1\nprint(x)"]
    change(course, "x = 1", "x = 3")
    with pytest.raises(SystemExit, match=r"^1 lesson\(s\) failed: 92_two$"):
        build.run_lessons([])
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("[1/2] 91_one … done in")
    assert second.startswith("[2/2] 92_two … FAILED: ValueError: no in")
    assert {path.name for path in (course / "build").iterdir()} == {"91_one.html", "92_two.html"}
