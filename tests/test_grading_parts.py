"""What grading is made of: messages, cells that run, rosters, downloads, tables, packages."""

import csv
import io
import json
import os
import re
import subprocess
import sys
import zipfile

import nbformat
import numpy as np
import pytest

from grading import exports, intake, labs, notebooks, packages, secret, slices, wire
from grading.intake import Student

# --- Messages -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [
        1, 2.5, True, None, float("inf"), 10**40, "text", [1, (2, 3)], (np.arange(6).reshape(2, 3), 2),
        np.zeros((0, 3)), np.array(5), np.array([True, False]), np.array([1 + 2j]), [[1.5, 2], [3]], {1, 2},
    ],
)  # fmt: skip
def test_values_survive_the_way(value):
    back = wire.decode(wire.loads(wire.dumps({"value": wire.encode(value)}))["value"])
    assert type(back) is type(value) or isinstance(value, np.generic)
    assert repr(back) == repr(value) or np.array_equal(back, value) or float(back) == float(value)


def test_whatever_is_no_number_becomes_the_name_of_its_type():
    class Strange:
        pass

    for value in (Strange(), np.array(["a"]), np.array([{}], dtype=object), print):
        back = wire.decode(wire.encode(value))
        assert np.asarray(back).dtype == object
    assert type(wire.decode(wire.encode(Strange()))).__name__ == "Strange"


@pytest.mark.parametrize(
    "forged",
    [
        {"array": "AAAA", "dtype": "|O8", "shape": [1]},
        {"array": "AAAA", "dtype": "<f8", "shape": [-1]},
        {"array": "AAAA", "dtype": "<f8", "shape": [10**12]},
        {"array": "not base64", "dtype": "<f8", "shape": [1]},
        {"array": 5, "dtype": "<f8", "shape": [1]},
        {"array": "AAAA"},
        {"tuple": [[]]},
        [],
    ],
)
def test_forged_messages_are_refused(forged):
    with pytest.raises(wire.BadMessage):
        wire.decode(forged)


def test_deep_or_broken_lines_are_refused():
    for line in (b"[" * 100_000, b"{", b"\xff", b"[]"):
        with pytest.raises(wire.BadMessage):
            wire.loads(line)
    deep: dict = {"list": []}
    for _ in range(60):
        deep = {"list": [deep]}
    with pytest.raises(wire.BadMessage):
        wire.decode(deep)
    loop: list = []
    loop.append(loop)
    assert "other" in json.dumps(wire.encode(loop))


# --- Cells that run -----------------------------------------------------------------------------------------------


def _chosen(*cells):
    return slices.chosen([{"number": n, "source": s, "whole": whole} for n, (s, whole) in enumerate(cells)])


def test_only_what_an_answer_needs_is_run():
    chosen = _chosen(
        ("import numpy as np\nimport matplotlib.pyplot as plt\n%matplotlib inline\n!pip install x", False),
        ("SIZE = 3\nOTHER = train_for_hours()", False),
        ("table = []\ntable.append(SIZE)\nnp.random.seed(1)", False),
        ("def helper(x):\n    return np.sum(x) + table[0]", False),
        ("def answer(x):\n    return helper(x)\nprint('seen')", True),
        ("plt.plot(answer(1))", False),
    )
    assert chosen[0] == "import numpy as np"
    assert chosen[1] == "SIZE = 3"
    assert chosen[2] == "table = []\ntable.append(SIZE)"
    assert "def helper" in chosen[3]
    assert chosen[4].endswith("print('seen')")
    assert 5 not in chosen


def test_names_inside_a_function_are_its_own():
    chosen = _chosen(
        ("image = train_for_hours()\nwindow = 3\ntotal = 1\nSCALE = 2\ncount = 0\nrow = window", False),
        (
            "def answer(image, *rest, size=1):\n    global count\n    total = [row + window for row in image]\n"
            "    count = count + 1\n    return sorted(total, key=lambda image: image * SCALE)",
            True,
        ),
    )
    assert chosen[0].split("\n") == ["window = 3", "SCALE = 2", "count = 0"]
    assert (
        _chosen(("size = 3", False), ("def answer(x, size=size):\n    return x * size", True))[0]
        == "size = 3"
    )


def test_a_function_in_another_cell_is_found():
    cells = [("def answer(x):\n    return x", False), ("def other(): pass", True)]
    assert 0 not in _chosen(*cells)
    found = slices.chosen(
        [{"number": n, "source": s, "whole": w} for n, (s, w) in enumerate(cells)], ["answer"]
    )
    assert 0 in found


def test_broken_cells_do_not_hide_the_others():
    chosen = _chosen(
        ("def (", False), ("def answer(:", True), ("x = 1", False), ("def second():\n    return x", True)
    )
    assert set(chosen) == {1, 2, 3}
    assert slices.plain("%%bash\nls") == ""
    assert slices.modules({0: "import a.b\nfrom c.d import e", 1: "def ("}) == ["a.b", "c.d"]


# --- Notebooks ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def lab():
    return labs.find("01")


def test_every_lab_is_understood():
    for lab in labs.all_labs():
        assert [task for task in lab.tasks if task.name], lab.id
        assert all(task.points > 0 and task.title.startswith("Exercise") for task in lab.tasks)
        assert len(lab.answers) == len(lab.tasks)
    with pytest.raises(LookupError, match="There are 0"):
        labs.find("77")


def test_checks_are_restored_and_answers_kept(lab):
    release = nbformat.from_dict(lab.notebook)
    student = nbformat.from_dict(json.loads(nbformat.writes(lab.notebook)))
    for cell in student.cells:
        if cell.metadata.get("nbgrader", {}).get("grade"):
            cell.source = "assert True"
    student.cells = [
        c for c in student.cells if c.metadata.get("nbgrader", {}).get("grade_id") != "check_scatter"
    ]
    student.cells.insert(3, nbformat.v4.new_code_cell("mine = 1"))
    student.cells.append(nbformat.v4.new_markdown_cell("<script>alert(1)</script>"))
    cells = notebooks.read(nbformat.writes(student).encode())
    back = notebooks.restored(cells, lab, release)
    texts = [cell.source for cell in back.cells]
    assert [text for text in texts if text != "mine = 1"] == [cell.source for cell in release.cells]
    assert "mine = 1" in texts
    assert not [cell for cell in notebooks.to_run(cells, lab) if "assert True" in cell["source"]]


def test_anything_may_be_handed_in(lab):
    for content in (
        b"",
        b"null",
        b"[]",
        b'{"cells": 5}',
        b'{"cells": [[' + b"[" * 10_000,
        b"\xff\xfe",
        b'{"worksheets": []}',
    ):
        with pytest.raises(notebooks.Unreadable):
            notebooks.read(content)
    odd = {"cells": [5, {}, {"cell_type": "code", "source": ["a", 5], "metadata": {"nbgrader": []}}]}
    assert [cell.source for cell in notebooks.read(json.dumps(odd).encode())] == ["", "a"]
    assert notebooks.likeness(notebooks.read(json.dumps(odd).encode()), lab) == 0


# --- Who handed in what -------------------------------------------------------------------------------------------


def _put(folder, *paths):
    for path in paths:
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(f'{{"cells": [], "path": "{path}"}}')


def _zip(path, *names):
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, f'{{"cells": [], "path": "{name}"}}')


def test_plain_notebooks_and_folders(tmp_path):
    _put(
        tmp_path,
        "ada.ipynb",
        "ben/lab.ipynb",
        "ben/.ipynb_checkpoints/lab-checkpoint.ipynb",
        "cy/deep/in/x.ipynb",
    )
    _zip(tmp_path / "dana.zip", "work/x.ipynb", "__MACOSX/._x.ipynb", "../../evil.ipynb", "notes.txt")
    found = intake.collect(tmp_path, [])
    assert set(found) == {"ada", "ben", "cy", "dana"}
    assert len(found["ben"]) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ada.ipynb", "ben", "cy", "dana.zip"]
    with pytest.raises(FileNotFoundError, match="no notebook"):
        intake.collect(_empty(tmp_path), [])


def _empty(tmp_path):
    (tmp_path / "empty").mkdir()
    return tmp_path / "empty"


MOODLE = (
    "Ada Lovelace_4711_assignsubmission_file_/lab.ipynb",
    "García Ana_4712_assignsubmission_file_/a.ipynb",
)


@pytest.mark.parametrize("zipped", [False, True])
def test_moodle_s_download(tmp_path, zipped):
    place = tmp_path / "class.zip" if zipped else tmp_path
    if zipped:
        _zip(place, *MOODLE, "Ben Bo_4713_assignsubmission_file_lab.ipynb")
    else:
        _put(place, *MOODLE, "Ben Bo_4713_assignsubmission_file_lab.ipynb")
    (tmp_path / "roster.csv").write_text(
        "First name,Last name,ID number,Email address\nAda,Lovelace,m1,ada@x.org\nAna,García,m2,ana@x.org\n"
    )
    found = intake.collect(place, intake.read_roster(tmp_path / "roster.csv"))
    assert set(found) == {"m1", "m2", "Ben-Bo"}
    assert found["m1"][0].student.participant == "4711"
    assert found["m2"][0].student.email == "ana@x.org"


def test_canvas_download(tmp_path):
    _put(
        tmp_path, "lovelaceada_101_55501_lab_01.ipynb", "lovelaceada_101_55502_lab_01-1.ipynb",
        "bobben_LATE_102_55503_lab_01.ipynb",
    )  # fmt: skip
    (tmp_path / "roster.csv").write_text(
        "Student,ID,SIS User ID,SIS Login ID,Section\n    Points Possible,,,,\n"
        '"Lovelace, Ada",101,s1,ada,A\n"Bob, Ben",102,s2,ben,B\n'
    )
    found = intake.collect(tmp_path, intake.read_roster(tmp_path / "roster.csv"))
    assert set(found) == {"ada", "ben"}
    assert found["ada"][0].path.endswith("-1.ipynb")
    assert found["ben"][0].late
    assert (found["ada"][0].student.canvas, found["ada"][0].student.number) == ("101", "s1")


def test_two_students_of_one_name_stay_two(tmp_path):
    _put(tmp_path, "Kim Lee_1_assignsubmission_file_/a.ipynb", "Kim Lee_2_assignsubmission_file_/a.ipynb")
    found = intake.collect(tmp_path, [])
    assert sorted(found) == ["Kim-Lee", "Kim-Lee-2"]
    roster = [Student("k1", "Kim Lee", listed=True), Student("k2", "Kim Lee", listed=True)]
    assert not {"k1", "k2"} & set(intake.collect(tmp_path, roster))  # by the name alone nobody can tell


def test_names_become_harmless_folders():
    for name in ("../../etc", "a/b", "", "..", "x" * 500, "a+b;rm -rf", "名前"):
        assert re.fullmatch(r"[\w@-][\w.@-]{0,59}", intake.safe(name), re.ASCII), name


def test_a_roster_must_say_who_is_who(tmp_path):
    (tmp_path / "roster.csv").write_text("color,taste\nred,sweet\n")
    with pytest.raises(ValueError, match="who is who"):
        intake.read_roster(tmp_path / "roster.csv")
    (tmp_path / "roster.csv").write_text("\ufeffUsername;Full name\nada;Ada L\n", encoding="utf-8")
    assert intake.read_roster(tmp_path / "roster.csv")[0].id == "ada"


# --- Tables -------------------------------------------------------------------------------------------------------


@pytest.fixture
def rows(lab):
    student = Student("ada", "Lovelace, Ada", "ada@x.org", "m1", "ada", "101", "4711", "A", True)
    results = {t.grade_id: {"name": t.name, "how": "hidden", "review": False} for t in lab.tasks}
    points = {task.name: 1.0 for task in lab.tasks} | {"max_pool": 0.5}
    row = {
        "student": student,
        "results": results,
        "points": points,
        "total": 6.5,
        "of": 7.0,
        "file": "a",
        "note": "=1+1",
    }
    return [row]


def test_moodle_can_import_it(tmp_path, lab, rows):
    exports.moodle_table(tmp_path / "m.csv", lab, rows)
    (row,) = csv.DictReader(io.StringIO((tmp_path / "m.csv").read_text()))
    assert list(row) == [
        "Identifier", "Full name", "Username", "ID number", "Email address", "Lab 01", "Feedback comments",
    ]  # fmt: skip
    assert (row["Email address"], row["Lab 01"], row["Identifier"]) == (
        "ada@x.org",
        "6.5",
        "Participant 4711",
    )
    assert row["Feedback comments"] == "'=1+1"  # no spreadsheet runs it


def test_canvas_can_import_it(tmp_path, lab, rows):
    exports.canvas_table(tmp_path / "c.csv", lab, rows, "9001")
    head, possible, row = csv.reader(io.StringIO((tmp_path / "c.csv").read_text()))
    assert head == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Lab 01 (9001)"]
    assert possible == ["    Points Possible", "", "", "", "", "7"]
    assert row == ["Lovelace, Ada", "101", "m1", "ada", "A", "6.5"]


# --- The secret, packages, commands -------------------------------------------------------------------------------


def test_the_secret_is_made_once_and_kept_to_its_owner(tmp_path, monkeypatch, root):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert not secret.default_path().is_relative_to(root)
    first = secret.load()
    assert first == secret.load() == secret.load(secret.default_path())
    assert secret.default_path().stat().st_mode & 0o077 == 0
    assert secret.seed(first, "lab_01", "a") != secret.seed(first, "lab_01", "b")
    assert secret.seed(first, "lab_01", "a") != secret.seed(b"another secret of length", "lab_01", "a")
    (tmp_path / "short").write_text("1234")
    with pytest.raises(ValueError, match="at least 16"):
        secret.load(tmp_path / "short")


def test_packages_hold_no_solution(tmp_path, lab):
    made = {path.name: path for path in packages.make(tmp_path, [lab])}
    assert {"lab_01.zip", "course.zip"} <= set(made)
    for path in made.values():
        names = zipfile.ZipFile(path).namelist()
        assert not [
            name for name in names if re.search(r"/(solutions|sources|grading|tests|my-class)/", name)
        ], path.name
    names = zipfile.ZipFile(made["lab_01.zip"]).namelist()
    assert [name for name in names if name.endswith(".ipynb")] == [
        "lab_01/notebooks/labs/lab_01_convolution_by_hand.ipynb"
    ]
    text = zipfile.ZipFile(made["course.zip"]).read(
        "convolutional-networks-course/notebooks/labs/lab_01_convolution_by_hand.ipynb"
    )
    assert b"YOUR CODE HERE" in text
    assert b"BEGIN SOLUTION" not in text
    assert b"-443, -28" not in text


def test_the_package_is_imported_by_nobody(root):
    places = ("helpers", "notebooks", "sources", "tools", "benchmarks")
    command = ["git", "grep", "-lE", r"(from|import) grading", "--", *places]
    found = subprocess.run(command, cwd=root, capture_output=True, text=True)
    assert found.stdout == ""


def test_mistakes_on_the_command_line_are_told(tmp_path, root):
    for words, said in (
        (["grade", "77", str(tmp_path)], "There is no lab 77"),
        (["grade", "01", str(tmp_path / "nowhere"), "--secret", str(tmp_path / "secret")], "There is no "),
    ):
        command = [sys.executable, "-m", "grading", *words]
        environment = {**os.environ, "COURSE_CLASS_DIR": str(tmp_path / "class")}
        done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True)
        assert (done.returncode, said in done.stderr) == (2, True), done.stderr


# --- Models -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "part",
    [
        {"module": "os", "class_name": "system"},
        {"module": "builtins", "class_name": "function", "config": "eval"},
        {
            "module": "keras.layers",
            "class_name": "Lambda",
            "config": {"function": {"class_name": "__lambda__", "config": "x"}},
        },
        {"module": "keras.src.utils.file_utils", "class_name": "get_file"},
        {"module": "keras.layers", "class_name": "TFSMLayer", "config": {}},
        {"module": "keras.layers", "class_name": "a.b", "config": {}},
        {"class_name": "__lambda__", "config": {}},
    ],
)
def test_models_name_nothing_but_keras_parts(part):
    from grading import models

    with pytest.raises(models.NotRebuilt):
        models._allowed({"module": "keras", "class_name": "Sequential", "config": {"layers": [part]}})
