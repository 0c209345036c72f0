"""The tables that are made from course.toml and results/: right values, missed goals, stale pages."""

import json
import shutil

import pytest

from tools import lint, manifest, tables


@pytest.fixture
def course(root, tmp_path):
    """A copy of the pages and of what their tables are made from."""
    for name in ("README.md", "course.toml", "pyproject.toml"):
        shutil.copy(root / name, tmp_path)
    for folder in ("results", "questions", "sources/lessons"):
        shutil.copytree(root / folder, tmp_path / folder)
    for page in tables.PAGES:
        (tmp_path / page).parent.mkdir(exist_ok=True)
        shutil.copy(root / page, tmp_path / page)
    return tmp_path


def write_results(course, name, rows):
    (course / "results" / f"{name}.json").write_text(json.dumps(rows))


def test_mean_and_standard_error_as_text():
    assert tables.percent([0.9, 0.92, 0.94]) == "92.0 % ± 1.2 %"  # 0.02 / √3 = 0.01155
    assert tables.percent([0.5]) == "50.0 %"


def test_a_claim_follows_its_rows(course):
    claim = {"what": "x", "file": "new", "experiment": "mine"}
    rows = [{"experiment": "mine", "accuracy": value} for value in (0.9, 0.92, 0.94)]
    write_results(course, "new", [*rows, {"experiment": "other", "accuracy": 0.1}])
    value, text = tables.measured(claim, course)
    assert (round(value, 9), text) == (0.92, "92.0 % ± 1.2 %")
    waiting = [{"experiment": "cache", "epoch": epoch, "waiting_share": share}
               for epoch, share in ((1, 0.5), (2, 0.02), (3, 0.031))]  # fmt: skip
    write_results(course, "waits", [*waiting, {"experiment": "no cache", "epoch": 2, "waiting_share": 0.9}])
    assert tables.measured({"what": "x", "file": "waits", "kind": "waiting"}, course) == (
        0.031,
        "3.1 % of an epoch",
    )
    write_results(course, "speed", {"rows": [{"value": 4.56}, {"value": 9.0}]})
    value, text = tables.measured({"what": "x", "file": "speed", "kind": "speed"}, course)
    assert (value, text.split(" `")[0]) == (4.56, "4.6 times as fast as")
    with pytest.raises(ValueError, match=r"results/new\.json has no row for: x"):
        tables.measured(claim | {"experiment": "unknown"}, course)


@pytest.mark.parametrize(
    ("goal", "missed"), [({"at_least": 0.92}, 0), ({"at_least": 0.93}, 1), ({"at_most": 0.91}, 1)]
)
def test_a_missed_goal_is_reported(course, goal, missed, monkeypatch):
    write_results(course, "new", [{"experiment": "mine", "accuracy": 0.92}])
    claim = {"what": "x", "file": "new", "experiment": "mine", **goal}
    monkeypatch.setattr(tables, "claims", lambda _root: [claim])
    assert len(tables.missed_goals(course)) == missed


def rows_of_a_set(linear=0.5, plain=(0.7, 0.7, 0.7), augmented=(0.8, 0.8, 0.8), vgg16=0.9):
    pairs = [("linear on pixels", linear), ("linear on VGG16 features", vgg16)]
    pairs += [("network", value) for value in plain]
    pairs += [("network with augmentation", value) for value in augmented]
    return [{"set": "things", "experiment": name, "accuracy": value} for name, value in pairs]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "yes"),
        ({"linear": 0.61}, "the linear model does too well"),
        ({"plain": (0.54, 0.54, 0.54)}, "hardly ahead of the linear model"),
        ({"augmented": (0.7, 0.7, 0.7)}, "augmentation gains too little"),
        ({"plain": (0.6, 0.7, 0.8), "augmented": (0.7, 0.8, 0.9)}, "augmentation gains too little"),  # 10 ± 8
        ({"vgg16": 0.79}, "VGG16's features are behind"),
    ],
)
def test_each_step_of_a_drawn_set_must_hold(changes, words):
    assert words in tables.ladder(rows_of_a_set(**changes), "things")


def test_only_cats_and_dogs_may_be_easier_for_a_linear_model():
    rows = [row | {"set": "cats_vs_dogs"} for row in rows_of_a_set(linear=0.64)]
    assert tables.ladder(rows, "cats_vs_dogs") == "yes"


def test_pages_are_up_to_date_and_an_old_one_is_found(course):
    assert tables.stale(course) == []
    page = course / "README.md"
    page.write_text(
        page.read_text(encoding="utf-8").replace("96.9 % ± 0.1 %", "97.0 % ± 0.1 %"), encoding="utf-8"
    )
    assert tables.stale(course) == ["README.md: a table is out of date; run `make tables`"]


def test_a_renamed_lesson_is_renamed_everywhere(course):
    text = (course / "course.toml").read_text(encoding="utf-8")
    (course / "course.toml").write_text(text.replace('"Sobel filters"', '"Edges"'), encoding="utf-8")
    pages = ("README.md", "notebooks/START_HERE.md", "site/instructors.md", "site/questions.md")
    assert {line.split(":")[0] for line in tables.stale(course)} == set(pages)
    for page in pages:
        assert "Edges" in tables.filled(page, course)


def test_a_page_without_a_place_for_its_table_is_refused(course):
    page = course / "notebooks/START_HERE.md"
    page.write_text(page.read_text(encoding="utf-8").replace("<!-- END lessons -->", ""), encoding="utf-8")
    with pytest.raises(ValueError, match=r"START_HERE\.md: the lines .* must occur once"):
        tables.stale(course)


def test_planned_lessons_are_named_and_have_no_row(course):
    assert "12 Scaling out" in tables.planned(course)
    assert "Scaling out" not in tables.lesson_table(course)


ENTRY = '[[lesson]]\nnumber = "01"\ntitle = "T"\nstatus = "planned"\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (ENTRY + 'color = "red"\n', "there is no field color"),
        (ENTRY.replace('title = "T"\n', ""), "title is missing"),
        (ENTRY.replace("planned", "done"), 'status is "ready" or "planned"'),
        (ENTRY.replace("planned", "ready"), "name, aim, do, .* is missing, but the lesson is ready"),
        (ENTRY + ENTRY, "each may occur once"),
        (ENTRY.replace("01", "02") + ENTRY, "must rise"),
    ],
)
def test_a_wrong_manifest_is_refused(tmp_path, text, words):
    (tmp_path / "course.toml").write_text(text)
    with pytest.raises(ValueError, match=words):
        manifest.lessons(tmp_path)


def test_the_manifest_s_titles_are_those_of_the_notebooks(root):
    for lesson in manifest.ready(root):
        source = root / "sources/lessons" / f"{lesson.stem}.py"
        assert f"# # {lesson.number} · {lesson.title}\n" in source.read_text(encoding="utf-8")


def test_lint_measures_the_size_of_modules():
    body = "".join(f"    x = {n}\n" for n in range(40))
    fine = f'"""A module."""\n\n\ndef f():\n    """A long\n    docstring."""\n\n    # a comment\n{body[:-11]}'
    assert list(lint.thickness(fine)) == []
    assert list(lint.thickness(f"def f():\n{body}")) == ["f has 41 lines of code, at most 40"]
    assert list(lint.thickness("x = 1\n" * 300)) == []
    assert list(lint.thickness("x = 1\n" * 301)) == ["301 lines of code, at most 300"]
