"""Adding a lesson costs its files and one entry: lint, tests and slides find it (the site: browser_site.py)."""

import pytest

from tests import fourteenth


@pytest.fixture(scope="module")
def course(root, tmp_path_factory):
    return fourteenth.copy_with_a_fourteenth_lesson(root, tmp_path_factory.mktemp("fourteenth") / "course")


def test_lint_is_content_and_finds_it_when_it_is_stale(course):
    fourteenth.run(course, "-m", "tools.lint")
    notebook = course / "notebooks" / f"{fourteenth.STEM}.ipynb"
    text = notebook.read_text(encoding="utf-8")
    notebook.write_text(text.replace("A sum is a number.", "A sum is a word."), encoding="utf-8")
    with pytest.raises(AssertionError, match=r"13_extra\.ipynb: stale"):
        fourteenth.run(course, "-m", "tools.lint")
    notebook.write_text(text, encoding="utf-8")


def test_it_stands_in_every_table(course):
    for page in ("README.md", "notebooks/START_HERE.md", "site/instructors.md"):
        assert "An extra lesson" in (course / page).read_text(encoding="utf-8"), page


def test_tests_and_nbval_collect_it(course):
    paths = [f"tests/test_{name}.py" for name in ("checks", "notebooks", "slides")]
    paths.append(f"notebooks/{fourteenth.STEM}.ipynb")
    collected = fourteenth.run(course, "-m", "pytest", "--collect-only", "-q", "--nbval-lax", *paths)
    for name in (
        "test_lessons_have_their_parts[13_extra]",
        "test_generated_notebooks_are_fresh_and_clean[labs/13_extra]",
        "test_untouched_lab_reports_every_exercise_and_goes_on[13_extra]",
        "test_deck_begins_with_the_title_and_has_the_length_of_a_class[13_extra]",
        "notebooks/13_extra.ipynb::Cell 0",
    ):
        assert name in collected, name
    checks = [
        line for line in collected.splitlines() if "test_checks.py" in line and "13" in line and "add" in line
    ]
    assert checks


def test_its_checks_are_tested(course):
    fourteenth.run(course, "-m", "pytest", "-q", "-k", "13 and add", "tests/test_checks.py")


def test_it_has_slides(course):
    fourteenth.run(course, "-m", "tools.slides", fourteenth.NUMBER)
    page = (course / f"build/slides/{fourteenth.STEM}.html").read_text(encoding="utf-8")
    assert "13 · An extra lesson" in page
    assert "A sum is a number." in page
