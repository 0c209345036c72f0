"""tools.website: what the pages are gathered from; what a browser shows of them is tested in browser_site.py."""

import json
import re

import nbformat
import pytest

from tests import small_course
from tools import tables, website

TERMS = ["kernel", "stride", "feature map"]


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A course whose pages are gathered in a folder of its own."""
    small_course.make(tmp_path, monkeypatch)
    (tmp_path / "site").mkdir()
    (tmp_path / "site/glossary.md").write_text("# Words\n\nkernel\n  A small matrix.\n\nother\ntext\n")
    (tmp_path / "site/index.md").write_text("# Course\n\n<!-- lessons -->\n\n<!-- navigation -->\n")
    for name in ("INSTALL.md", "CONTRIBUTING.md", "LICENSE", "LICENSE-TEXT", "CITATION.cff"):
        (tmp_path / name).write_text("x")
    (tmp_path / "README.md").write_text("[all](notebooks/solutions) ![p](site/_static/course.png)")
    (tmp_path / "data/samples/things").mkdir(parents=True)
    (tmp_path / "data/README.md").write_text("data")
    (tmp_path / "data/samples/things/contact_sheet.jpg").write_bytes(b"jpg")
    (tmp_path / "data/samples/things/0.jpg").write_bytes(b"jpg")
    (tmp_path / "build/slides").mkdir(parents=True)
    (tmp_path / "build/slides/91_one.html").write_text("deck")
    (tmp_path / "build/slides/91_one.pdf").write_bytes(b"pdf")
    monkeypatch.setattr(website, "SOURCE", tmp_path / "build/site-source")
    monkeypatch.setattr(website, "TARGET", tmp_path / "build/site")
    monkeypatch.setattr(tables, "claim_table", lambda _root: "| claims |")
    return tmp_path


# Notebooks


def test_words_of_the_glossary_become_links_where_they_are_bold():
    assert website.link_terms("A **Feature Map**, a **thing**, a kernel.", TERMS) == (
        "A {term}`Feature Map <feature map>`, a **thing**, a kernel."
    )


def test_the_glossary_s_words_are_those_with_an_explanation(course):
    assert website.glossary_terms() == ["kernel"]


def test_a_notebook_is_made_fit_for_reading():
    badge = "# Title\n\n[![Open in Colab badge](x.svg)](y)\n[![Binder badge](x.svg)](y)\n\nA **stride**."
    drawing = "figure, axis = plt.subplots()\naxis.plot(x)"
    figure, other = small_course.figure_output(), small_course.figure_output("It falls again after that.")
    cells = [
        nbformat.v4.new_markdown_cell(badge),
        nbformat.v4.new_code_cell("import x", metadata={"tags": ["setup"]}),
        nbformat.v4.new_code_cell(drawing, outputs=[figure, other], metadata={"tags": ["cover"]}),
        nbformat.v4.new_code_cell("x = 1\nprint(x)"),
    ]
    read = website.for_reading(nbformat.v4.new_notebook(cells=cells), TERMS)
    assert read.cells[0].source == "# Title\n\n\nA {term}`stride <stride>`."
    assert [cell.metadata.get("tags") for cell in read.cells[1:]] == [["remove-cell"], ["hide-input"], None]
    alt = "A line that rises to one. It falls again after that."
    assert read.cells[2].metadata["mystnb"] == {"image": {"alt": alt}}
    assert "mystnb" not in read.cells[3].metadata


def test_pictures_come_with_their_descriptions():
    blue = small_course.png("blue")
    outputs = [
        nbformat.v4.new_output("stream", name="stdout", text="1"),
        small_course.figure_output(data=blue),
        small_course.figure_output("", blue),
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x", outputs=outputs)])
    (first, alt), (second, none) = website.pictures(notebook)
    assert (first, alt, none) == (second, "A line that rises to one.", "")
    assert first.startswith(b"\x89PNG")


# Pages


def test_each_lesson_has_a_card_with_its_picture(course):
    cards = website.lesson_cards()
    assert re.findall(r":link: (\S+)", cards) == ["notebooks/91_one", "notebooks/92_two"]
    first = cards.split(":::{grid-item-card}")[1]
    assert first.splitlines() == [
        " 91 · One", ":link: notebooks/91_one", ":link-type: doc", ":img-top: _static/lessons/91_one.png",
        ":img-alt: A line that rises to one.", "", "Know one.", ":::", "",
    ]  # fmt: skip
    for name in ("91_one", "92_two"):
        assert (website.SOURCE / f"_static/lessons/{name}.png").read_bytes().startswith(b"\x89PNG")


def test_what_a_lesson_does_not_have_is_not_linked(course):
    rows = website.material_table().splitlines()[2:]
    assert rows == [
        "| 91 · One | [lab](notebooks/labs/lab_91_one.ipynb) "
        "| [solution](notebooks/solutions/solution_91_one.ipynb) "
        '| <a href="slides/91_one.html">slides</a> |',
        "| 92 · Two |  |  |  |",
    ]


def test_a_lab_follows_its_lesson_and_solutions_come_last(course):
    pages = [line for line in website.navigation().splitlines() if line.startswith(("notebooks", ":caption"))]
    assert pages == [
        ":caption: Lessons and labs", "notebooks/91_one", "notebooks/labs/lab_91_one", "notebooks/92_two",
        ":caption: Solutions", "notebooks/solutions/solution_91_one",
    ]  # fmt: skip


def row(experiment, accuracy, size=1000, **more):
    return {"experiment": experiment, "accuracy": accuracy, "test_size": size, **more}


def test_runs_are_averaged_over_their_seeds_only():
    rows = [row("plain", value) for value in (0.9, 0.92, 0.94)]
    rows += [row("plain", 0.5, 2000), row("linear", 0.4, set="cats"), row("linear", 0.6, set="dogs")]
    assert website.runs_table(rows).splitlines()[2:] == [
        "| plain | 92.0 % ± 1.2 % | 3 | 1,000 |",  # 0.02 / √3 = 0.0115
        "| plain | 50.0 % | 1 | 2,000 |",
        "| cats: linear | 40.0 % | 1 | 1,000 |",
        "| dogs: linear | 60.0 % | 1 | 1,000 |",
    ]


def test_the_page_of_results_shows_files_with_accuracies(course):
    files = {"b": [row("x", 0.5)], "a": [row("y", 0.25)], "speed": [{"value": 1}], "seconds": {"accuracy": 1}}
    for name, content in files.items():
        (course / "results" / f"{name}.json").write_text(json.dumps(content))
    page = website.results_page()
    assert "| claims |" in page
    assert re.findall(r"### `results/(\w+)", page) == ["a", "b"]
    assert "| y | 25.0 % | 1 | 1,000 |" in page


def test_everything_is_gathered_anew(course):
    (website.SOURCE / "notebooks").mkdir(parents=True)
    (website.SOURCE / "notebooks/old.ipynb").write_text("from a run before")
    website.gather()
    found = {
        path.relative_to(website.SOURCE).as_posix() for path in website.SOURCE.rglob("*") if path.is_file()
    }
    assert found >= {
        "notebooks/91_one.ipynb", "notebooks/92_two.ipynb", "notebooks/labs/lab_91_one.ipynb",
        "notebooks/solutions/solution_91_one.ipynb", "_static/lessons/91_one.png", "_static/mathjax/tex-svg.js",
        "extra/slides/91_one.html", "results.md", "LICENSE-TEXT", "data/README.md",
        "data/samples/things/contact_sheet.jpg",
    }  # fmt: skip
    assert not found & {"notebooks/old.ipynb", "extra/slides/91_one.pdf", "data/samples/things/0.jpg"}
    index = (website.SOURCE / "index.md").read_text(encoding="utf-8")
    assert "grid-item-card" in index
    assert "toctree" in index
    assert "<!--" not in index
    # links of the README lead somewhere in the site, too
    readme = (website.SOURCE / "README.md").read_text(encoding="utf-8")
    assert readme == "[all](notebooks/solutions/solution_91_one.ipynb) ![p](_static/course.png)"


def test_labs_say_how_to_do_them_and_solutions_that_they_are(course):
    website.gather()
    titles = {
        name: nbformat.read(website.SOURCE / "notebooks" / name, 4).cells[0].source
        for name in ("91_one.ipynb", "labs/lab_91_one.ipynb", "solutions/solution_91_one.ipynb")
    }
    assert "{term}`kernel <kernel>`" in titles["91_one.ipynb"]
    assert "To do it" not in titles["91_one.ipynb"]
    assert titles["labs/lab_91_one.ipynb"] == (
        "# Lab 91 · One\n\n**To do it,** open the notebook in JupyterLab."
    )
    assert titles["solutions/solution_91_one.ipynb"] == "# Solution 91 · One"


def test_without_slides_there_is_no_site(course, monkeypatch):
    monkeypatch.setattr(website.sys, "argv", ["website"])
    (course / "build/slides/91_one.html").unlink()
    with pytest.raises(SystemExit, match="run `make slides site`"):
        website.main()
    assert not website.SOURCE.exists()


def test_a_warning_of_sphinx_fails_and_old_pages_go(course, monkeypatch, capsys):
    called = []
    monkeypatch.setattr(website.sys, "argv", ["website"])
    monkeypatch.setattr("sphinx.cmd.build.build_main", lambda arguments: called.append(arguments) or 1)
    website.TARGET.mkdir()
    (website.TARGET / "old.html").write_text("x")
    assert website.main() == 1
    assert "-W" in called[0]
    assert called[0][-2:] == [str(website.SOURCE), str(website.TARGET)]
    assert not (website.TARGET / "old.html").exists()
