"""tools.address and tools.colab, what test_address.py does not see: their commands, and what they leave alone."""

import subprocess
import sys
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from tools import address, colab

HOME = "https://github.com/ada/cnn-course"


@pytest.mark.parametrize(
    ("home", "status", "words"), [(None, 1, "Nothing was changed"), (HOME, 0, f"{HOME} is written")]
)
def test_stamp_says_what_it_did(monkeypatch, capsys, home, status, words):
    monkeypatch.setattr(address, "stamp", lambda: home)
    assert address.main() == status
    assert words in capsys.readouterr().out


def test_an_address_that_is_set_stays_where_the_remote_has_none(tmp_path):
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools/colab.py").write_text('REPOSITORY, TAG = "", "v0.1.0"\n')
    (tmp_path / "CITATION.cff").write_text("title: x\n")
    text = f'[project]\nname = "x"\nversion = "2.0.0"\n\n[project.urls]\nRepository = "{HOME}"\n\n[tool.setuptools]\n'
    (tmp_path / "pyproject.toml").write_text(text)
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    assert address.stamp(tmp_path) == HOME
    assert address.address(tmp_path) == HOME
    assert (tmp_path / "tools/colab.py").read_text() == f'REPOSITORY, TAG = "{HOME}", "v2.0.0"\n'


@pytest.fixture
def colab_s_commands(monkeypatch, tmp_path):
    """A stand-in for Colab in which git makes a folder and pip nothing; returns what was called."""
    called = []

    def run(command, check):
        assert check  # a failure must be seen
        called.append(command)
        if command[0] == "git":
            Path(command[-1]).mkdir()
            Path(command[-1], "requirements.txt").write_text(
                "numpy>=1\npooch>=1\n# a comment\n\nsurely-missing>=1\n"
            )

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COURSE_FOLDER", str(tmp_path / "course"))
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(colab.subprocess, "run", run)
    monkeypatch.setattr(colab, "REPOSITORY", HOME)
    monkeypatch.setattr(colab, "TAG", "v1.2.3")
    return called


def test_colab_fetches_the_release_and_adds_packages_alone(colab_s_commands, tmp_path):
    colab.fetch_course()
    git, pip = colab_s_commands
    assert {"clone", "--depth=1", "--branch=v1.2.3", HOME} <= set(git)
    assert pip[1:] == ["-m", "pip", "install", "--quiet", "--no-deps", "surely-missing>=1"]
    assert sys.path[0] == str(tmp_path / "course")


def test_colab_s_own_packages_are_never_replaced(monkeypatch):
    def nothing(name):
        raise PackageNotFoundError(name)

    monkeypatch.setattr(colab, "version", nothing)
    wanted = "numpy>=1\ntensorflow>=2 ; sys_platform\nkeras\njupyterlab>=4\npooch>=1\n"
    assert colab.missing(wanted) == ["pooch>=1"]
