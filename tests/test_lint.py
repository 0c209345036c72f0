"""tools.lint: each rule is broken once and kept once, on its edge."""

import subprocess

import nbformat
import pytest

from tests import small_course
from tools import address, build, colab, lint, tables

HOME = "/home/" + "ada"


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A course in order; its tables and the address in the file for Colab are not its own and do not count."""
    small_course.make(tmp_path, monkeypatch)
    monkeypatch.setattr(tables, "stale", lambda _root: [])
    monkeypatch.setattr(tables, "missed_goals", lambda _root: [])
    monkeypatch.setattr(colab, "TAG", address.tag(tmp_path))
    monkeypatch.setattr(lint, "FEWEST_MARKED", 0)
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    return tmp_path


def track(course):
    subprocess.run(["git", "add", "-A"], cwd=course, check=True)


# The whole


def test_a_course_in_order_passes(course, capsys):
    track(course)
    assert lint.main() == 0
    assert capsys.readouterr().out == "The notebooks, results and modules are in order.\n"


@pytest.mark.parametrize("kind", ["notebook", "result", "size", "table", "goal", "path", "colab"])
def test_one_finding_of_any_kind_fails(course, kind, monkeypatch, capsys):
    if kind == "notebook":
        (course / "notebooks/92_two.ipynb").unlink()
    elif kind == "result":
        rows = '[{"experiment": "x", "recipe": "03 build_model", "recipe_sha256": "old"}]'
        (course / "results/91_one.json").write_text(rows)
    elif kind == "size":
        (course / "helpers/long.py").write_text("x = 1\n" * 301)
    elif kind in ("table", "goal"):
        name = {"table": "stale", "goal": "missed_goals"}[kind]
        monkeypatch.setattr(tables, name, lambda _root: ["README.md: out of date"])
    elif kind == "path":
        (course / "notes.md").write_text(f"It is in {HOME}/course.")
    else:
        monkeypatch.setattr(colab, "REPOSITORY", "https://github.com/ada/other")
    track(course)
    assert lint.main() == 1
    (line,) = capsys.readouterr().out.splitlines()
    assert ": " in line


# Files


def test_notebooks_and_sources_belong_together(course):
    (course / "notebooks/92_two.ipynb").unlink()
    for name in ("notebooks/old.ipynb", "notebooks/.ipynb_checkpoints/91_one.ipynb"):
        (course / name).parent.mkdir(exist_ok=True)
        (course / name).write_text("{}")
    (course / "sources/labs/92_two.py").write_text("# %%\n")
    assert list(lint.notebook_problems()) == [
        "notebooks/92_two.ipynb: missing; run `make notebooks`",
        "notebooks/old.ipynb: no source makes this notebook",
        "sources/labs/92_two.py: course.toml does not name it",
    ]


def test_a_notebook_that_differs_from_its_source_is_named(course):
    path = course / "sources/lessons/91_one.py"
    path.write_text(path.read_text(encoding="utf-8").replace("More text.", "Other text."), encoding="utf-8")
    (problem,) = lint.notebook_problems()
    assert problem == "notebooks/91_one.ipynb: stale: cell 3 differs from its source; run `make notebooks`"


@pytest.mark.parametrize("change", ["source", "kind", "metadata", "fewer", "more"])
def test_every_difference_but_outputs_is_seen(course, change):
    fresh = build.generate(build.products(["91"])[0])
    stored = nbformat.reads(nbformat.writes(fresh), 4)
    stored.cells[2].outputs = [nbformat.v4.new_output("stream", name="stdout", text="1\n")]
    assert list(lint.differences(fresh, stored)) == []
    if change == "source":
        stored.cells[2].source += " "
    elif change == "kind":
        stored.cells[3] = nbformat.v4.new_raw_cell(stored.cells[3].source, metadata=stored.cells[3].metadata)
    elif change == "metadata":
        stored.cells[2].metadata["tags"] = ["setup"]
    elif change == "fewer":
        stored.cells.pop()
    else:
        stored.cells.append(stored.cells[0])
    assert [text.split(":")[0] for text in lint.differences(fresh, stored)] == ["stale"]


def test_paths_are_looked_for_in_tracked_files_only_and_not_in_tests(course):
    for name in ("tests/test_x.py", "notes.md", "ignored/notes.md"):
        (course / name).parent.mkdir(exist_ok=True)
        (course / name).write_text(f"open('{HOME}/x')")
    (course / ".gitignore").write_text("ignored/\n")
    track(course)
    assert list(lint.other_problems()) == ["notes.md: a path of somebody's machine"]


# Cells


def code(source="x = 1", outputs=(), tags=()):
    return nbformat.v4.new_code_cell(source, outputs=list(outputs), metadata={"tags": list(tags)})


def printed(text="1\n", name="stdout"):
    return nbformat.v4.new_output("stream", name=name, text=text)


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        (code("x = 1\n" * 25), None),
        (code("x = 1\n" * 26), "26 lines, at most 25"),
        (code(outputs=[printed()], tags=["nbval-check-output"]), None),
        (code(tags=["nbval-check-output"]), "has no stored output"),
        (code(tags=["other"]), None),
        (code(f"open('{HOME}/x')"), "a path of somebody's machine"),
        (code(outputs=[printed(f"saved to {HOME}/x")]), "a path of somebody's machine"),
        (
            code(outputs=[nbformat.v4.new_output("execute_result", {"text/html": f"<b>{HOME}/x</b>"})]),
            "a path of somebody's machine",
        ),
        (code("RATE = 1\ndef f():\n    pass", tags=["recipe"]), None),
        (
            code("RATE = 1\nmodel = f()", tags=["recipe"]),
            "a recipe cell holds definitions only, but: model = f()",
        ),
        (code("model = f()"), None),
        (code(outputs=[printed("warning", "stderr")]), "a stored message on stderr"),
        (
            code(outputs=[nbformat.v4.new_output("error", ename="KeyError", evalue="")]),
            "stored error (KeyError)",
        ),
        (code(outputs=[small_course.figure_output()]), None),
        (code(outputs=[small_course.figure_output("")]), "a figure without a description"),
        (code(outputs=[small_course.figure_output("A line")]), "a figure without a description"),
        (nbformat.v4.new_markdown_cell("Fine: ![A line that rises.](a.png)"), None),
        (nbformat.v4.new_markdown_cell("![](a.png)"), "alt text"),
        (nbformat.v4.new_markdown_cell(f"See {HOME}/x."), "a path of somebody's machine"),
    ],
)
def test_each_rule_for_cells(cell, words):
    found = list(lint.findings(nbformat.v4.new_notebook(cells=[code(), cell]), is_lesson=False))
    if words is None:
        assert found == []
    else:
        (text,) = found
        assert text.startswith("cell 1: ")
        assert words in text


@pytest.mark.parametrize(("count", "is_lesson", "problems"), [(5, True, 0), (4, True, 1), (0, False, 0)])
def test_a_lesson_has_five_compared_cells(count, is_lesson, problems):
    cells = [code(outputs=[printed()], tags=["nbval-check-output"]) for _ in range(count)]
    notebook = nbformat.v4.new_notebook(cells=[*cells, nbformat.v4.new_markdown_cell("Text.")])
    assert len(list(lint.findings(notebook, is_lesson))) == problems


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A line that rises.", True),
        ("Does the line rise?", True),
        ("A line rises.", False),
        ("A line that rises", False),
        ("A line that rises. \n", True),
        ("", False),
    ],
)
def test_a_description_is_a_sentence(text, expected):
    assert lint.is_sentence(text) is expected


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("![Open in Colab](https://x.org/colab-badge.svg)", False),  # of a badge a word will do
        ("![ ](https://x.org/colab-badge.svg)", True),
        ("![A line](a.png)", True),
        ("![A line that rises.](a.png) and ![](b.png)", True),
        ('<img src="a.png" alt="A line that rises.">', False),
        ('<img src="a.png">', True),
        ('<img src="badge.svg" alt="">', True),
        ("[a link](a.png)", False),
    ],
)
def test_images_in_text_have_a_description(markdown, expected):
    assert lint.missing_alt_text(markdown) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (HOME + "/course", True),
        ("/Use" + "rs/ada", True),
        ("(/ro" + "ot/x)", True),
        ("/tm" + "p/x", True),
        ("/va" + "r/x", True),
        ("C:\\Use" + "rs\\ada", True),
        ("https://example.org/ho" + "me/ada", False),
        ("../ho" + "me/ada", False),
        ("and/or, home/work", False),
        ("data/samples", False),
    ],
)
def test_a_path_of_a_machine_is_told_from_others(text, expected):
    assert bool(lint.MACHINE_PATH.search(text)) is expected


# Size


def test_only_code_counts():
    text = (
        '"""A module\nof two lines."""\n\n# comment\n\n\nclass A:\n    """A class."""\n\n    def f(self):\n'
    )
    text += '        """A method."""\n        return """a text\n        of two lines"""\n'
    assert len(lint.lines_of_code(text, lint.ast.parse(text))) == 4


def test_a_method_and_a_function_inside_are_measured_as_well():
    body = "".join(f"        x = {n}\n" for n in range(40))
    assert list(lint.thickness(f"class A:\n    def f(self):\n{body}")) == [
        "f has 41 lines of code, at most 40"
    ]
    assert list(lint.thickness(f"def outer():\n    def inner():\n{body}")) == [
        "outer has 42 lines of code, at most 40", "inner has 41 lines of code, at most 40",
    ]  # fmt: skip


def test_modules_in_subfolders_are_measured_as_well(course):
    (course / "helpers/deep").mkdir()
    (course / "helpers/deep/long.py").write_text("x = 1\n" * 301)
    (course / "helpers/short.py").write_text("x = 1\n" * 300)
    assert list(lint.size_problems()) == ["helpers/deep/long.py: 301 lines of code, at most 300"]
