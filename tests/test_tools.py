"""Cases of tools.copies, proven and installer that their own tests lack: `make mutants` has found them."""

import json
import subprocess

import pytest

from tools import copies, environment, installer, proven


def notebook(outputs, **metadata):
    cell = {"cell_type": "code", "source": ["x = 1"], "outputs": outputs, "metadata": {}}
    return json.dumps({"cells": [cell], "metadata": metadata})


def test_outputs_of_a_copy_are_a_student_s_work(tmp_path):
    """Who has run a notebook for an hour does not want to lose what it printed."""
    course, own = tmp_path / "notebooks", tmp_path / "my-notebooks"
    course.mkdir()
    (course / "01.ipynb").write_text(notebook([]))
    copies.update(course, own)
    mine = notebook([{"output_type": "stream", "name": "stdout", "text": ["an hour later\n"]}], kernel="mine")
    (own / "01.ipynb").write_text(mine)
    (course / "01.ipynb").write_text(notebook([]).replace("x = 1", "x = 2"))
    copies.update(course, own)
    assert (own / "01.ipynb").read_text() == mine
    assert "x = 2" in (own / "01 (new version).ipynb").read_text()


@pytest.mark.parametrize("kind", ["failure", "error"])
def test_one_failing_cell_makes_the_lesson_fail_in_the_report(tmp_path, kind):
    cases = [f"<testcase classname='notebooks.03_x.ipynb' name='{n}'>{fault}</testcase>"
             for n, fault in enumerate(("", f"<{kind} message='x'/>", ""))]  # fmt: skip
    (tmp_path / "junit.xml").write_text(f"<testsuites><testsuite>{''.join(cases)}</testsuite></testsuites>")
    counts, lessons = proven.read_junit(tmp_path / "junit.xml")
    assert counts == {"passed": 2, "failed": 1, "skipped": 0}
    assert lessons == {"03": "failed"}


@pytest.mark.parametrize(("status", "fits"), [(0, True), (1, False)])
def test_a_program_that_fails_is_no_uv_whatever_it_prints(monkeypatch, status, fits):
    done = subprocess.CompletedProcess([], status, "uv 9.9.9", "")
    monkeypatch.setattr(installer, "run", lambda _command: done)
    assert installer.fits("uv", (0, 5)) is fits


@pytest.mark.parametrize("rest", ["# why it is there", "\\\n    --hash=sha256:12", "\\\n    # via beta"])
def test_what_stands_behind_a_version_does_not_make_another_environment(tmp_path, rest):
    digests = set()
    for end in ("\\\n    --hash=sha256:ab", rest):
        (tmp_path / "some.lock").write_text(f"alpha==1.0 {end}\n")
        digests.add(environment.digest(tmp_path / "some.lock"))
    assert len(digests) == 1
    (tmp_path / "some.lock").write_text(f"alpha==1.1 {rest}\n")
    assert environment.digest(tmp_path / "some.lock") not in digests
