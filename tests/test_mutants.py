"""The list of edits fits the code, and tools.mutants counts right on a small project."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from tools import mutants

EDITS = mutants.edits()


def test_every_recorded_edit_can_still_be_made(root):
    """Whoever changes a line that an edit names is told to change the edit, too."""
    assert len(EDITS) >= 150
    for edit in EDITS:
        text = edit.apply(root)
        compile(text, edit.file, "exec")  # else any test would notice


def test_the_tests_that_edits_name_exist(root):
    for edit in EDITS:
        for part in edit.tests.split(" -k ")[0].split():
            path, _, name = part.partition("::")
            assert (root / path).is_file(), edit.name
            assert (
                f"def {name.partition('[')[0]}(" in (root / path).read_text(encoding="utf-8") or not name
            ), edit.name


CODE = "def double(x):\n    return 2 * x\n\n\ndef half(x):\n    return x / 2\n"
TESTS = "from code_of import double\n\n\ndef test_double():\n    assert double(3) == 6\n"
LIST = """
["code_of.py"]
tests = "test_code.py"
edits = [
    { what = "a wrong factor", old = "2 * x", new = "3 * x" },
    { what = "a wrong divisor", old = "x / 2", new = "x / 3" },
]
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A git repository with two functions, one of them tested, and one wrong edit for each."""
    monkeypatch.setattr(mutants, "HEAVY", ["pytest"])
    (tmp_path / "tests").mkdir()
    for name, text in {"code_of.py": CODE, "test_code.py": TESTS, "tests/mutants.toml": LIST}.items():
        (tmp_path / name).write_text(text)
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    return tmp_path


def write_list(project, old, new):
    assert old in LIST
    (project / "tests/mutants.toml").write_text(LIST.replace(old, new))


def test_an_edit_that_tests_notice_is_killed_and_the_other_survives(project, capsys, monkeypatch):
    assert mutants.main([], project) == 1  # a survivor without a reason
    lines = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"\[1/2\] killed    code_of\.py: a wrong factor  \(about \d+ min left\)", lines[0])
    assert lines[-1] == "survived: code_of.py: a wrong divisor"
    assert (project / "code_of.py").read_text() == CODE
    result = json.loads((project / mutants.RESULT).read_text())
    assert (result["edits"], result["noticed"], result["score"]) == (2, 1, 0.5)
    assert result["survivors"] == [{"edit": "code_of.py: a wrong divisor", "reason": ""}]
    assert result["modules"] == {"code_of.py": {"edits": 2, "noticed": 1}}

    # a second call has nothing left to run; a reason makes the survivor acceptable
    write_list(project, '"x / 3" }', '"x / 3", reason = "nobody calls it" }')
    monkeypatch.setattr(mutants, "passes", None)
    assert mutants.main([], project) == 0
    assert "survived: code_of.py: a wrong divisor — nobody calls it" in capsys.readouterr().out


def test_a_stopped_run_goes_on_where_it_was(project, monkeypatch):
    really, seen = mutants.verdict, []

    def stop_at_second(copy, edit):
        seen.append(edit.what)
        if len(seen) == 2:
            raise KeyboardInterrupt
        return really(copy, edit)

    monkeypatch.setattr(mutants, "verdict", stop_at_second)
    monkeypatch.setattr(mutants.threading, "excepthook", lambda _arguments: None)
    mutants.main([], project)
    assert not (project / mutants.RESULT).exists()  # no score of half a run
    mutants.main([], project)
    assert seen == ["a wrong factor", "a wrong divisor", "a wrong divisor"]
    assert json.loads((project / mutants.RESULT).read_text())["edits"] == 2


def test_what_a_verdict_depends_on_is_run_again_when_it_changes(project, monkeypatch):
    mutants.main([], project)
    run = mutants.Run(project, [])
    assert run.todo == []
    with (project / "test_code.py").open("a") as file:
        file.write("\n\ndef test_half():\n    from code_of import half\n\n    assert half(4) == 2\n")
    assert mutants.main([], project) == 0
    assert json.loads((project / mutants.RESULT).read_text())["score"] == 1


def test_names_choose_edits(project, capsys):
    assert mutants.main(["divisor"], project) == 1
    assert "[1/1] survived  code_of.py: a wrong divisor" in capsys.readouterr().out
    assert not (project / mutants.RESULT).exists()
    assert mutants.main(["unknown"], project) == 2
    assert "No edit's name holds: unknown" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('old = "2 * x"', 'old = "4 * x"', "occurs 0 times"),
        ('old = "2 * x"', 'old = "return"', "occurs 2 times"),
        ('new = "3 * x"', 'new = "2 * x"', "the new text is the old one"),
        ("a wrong divisor", "a wrong factor", "occurs twice"),
    ],
)
def test_a_list_that_does_not_fit_is_refused_before_anything_is_run(
    project, monkeypatch, capsys, old, new, words
):
    monkeypatch.setattr(mutants, "passes", None)
    write_list(project, old, new)
    assert mutants.main([], project) == 2
    assert words in capsys.readouterr().out


def test_tests_that_fail_without_an_edit_count_for_nothing(project, capsys):
    (project / "test_code.py").write_text(TESTS.replace("6", "7"))
    assert mutants.main([], project) == 1
    assert "These tests fail without any edit: test_code.py" in capsys.readouterr().out
    assert not (project / mutants.RESULT).exists()


def test_tests_that_never_end_notice_the_edit(project, monkeypatch):
    monkeypatch.setattr(mutants, "PATIENCE", 1.0)
    (project / "test_code.py").write_text("import time\n\n\ndef test():\n    time.sleep(60)\n")
    assert mutants.passes(project, "test_code.py") is False


def test_a_copy_holds_what_git_knows_or_would_take(project, tmp_path_factory):
    (project / ".gitignore").write_text("*.h5\n")
    (project / "large.h5").write_bytes(b"x")
    (project / "new.py").write_text("x = 1\n")
    copy = mutants.copy_of(project, tmp_path_factory.mktemp("copy"))
    names = {path.name for path in Path(copy).iterdir()}
    assert names == {".git", ".gitignore", "code_of.py", "new.py", "test_code.py", "tests"}
