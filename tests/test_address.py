"""The repository's address: nothing leads anywhere before it is set, and one command sets it everywhere."""

import re
import shutil
import subprocess
import sys
import types
from pathlib import Path

import pytest

from tools import address, build, colab, lint, tables

HOME = "https://github.com/ada/cnn-course"


@pytest.fixture
def course(root, tmp_path):
    """A copy of the repository without data, as a git repository without a remote."""
    names = ("README.md", "course.toml", "pyproject.toml", "CITATION.cff", "requirements.txt")
    for name in names:
        shutil.copy(root / name, tmp_path)
    for name in ("sources", "tools", "results", "site", "helpers", "questions"):
        shutil.copytree(root / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "notebooks").mkdir()
    shutil.copy(root / "notebooks/START_HERE.md", tmp_path / "notebooks")
    (tmp_path / "data").mkdir()
    shutil.copy(root / "data/README.md", tmp_path / "data")
    git(tmp_path, "init", "-q")
    return tmp_path


def git(folder, *arguments):
    names = ["-c", "user.name=Test", "-c", "user.email=test@example.org"]
    subprocess.run(["git", *names, "-C", str(folder), *arguments], check=True, capture_output=True)


@pytest.mark.parametrize(
    ("remote", "expected"),
    [
        ("https://github.com/ada/cnn-course.git", HOME),
        ("https://github.com/ada/cnn-course", HOME),
        ("git@github.com:ada/cnn-course.git", HOME),
        ("ssh://git@github.com/ada/cnn-course.git", HOME),
        ("https://example.org/ada/cnn-course.git", None),
        ("../elsewhere", None),
    ],
)
def test_address_comes_from_the_remote(course, remote, expected):
    git(course, "remote", "add", "origin", remote)
    assert address.from_remote(course) == expected


def test_without_an_address_nothing_leads_to_one(root):
    assert address.address(root) is None, "the address is set now: this test and the next can go"
    assert address.badges("notebooks/x.ipynb", root) == ""
    assert address.setup_cell(root) is None
    command = ["git", "grep", "-lE", r"github\.com/OWNER|OWNER/convolutional"]
    found = subprocess.run([*command, "--", ":!tests"], cwd=root, capture_output=True, text=True).stdout
    assert found == ""
    for product in build.products():
        text = product.notebook.read_text(encoding="utf-8")
        assert "colab-badge" not in text
        assert "mybinder.org" not in text


def test_stamp_without_a_remote_changes_nothing(course):
    before = (course / "pyproject.toml").read_text()
    assert address.stamp(course) is None
    assert (course / "pyproject.toml").read_text() == before


def test_stamp_writes_the_address_everywhere_and_can_be_repeated(course, monkeypatch):
    git(course, "remote", "add", "origin", "git@github.com:ada/cnn-course.git")
    assert address.stamp(course) == HOME
    once = {
        name: (course / name).read_text() for name in ("pyproject.toml", "CITATION.cff", "tools/colab.py")
    }
    assert address.address(course) == HOME
    assert f"repository-code: {HOME}" in once["CITATION.cff"]
    assert f'REPOSITORY, TAG = "{HOME}", "v0.1.0"' in once["tools/colab.py"]
    assert address.stamp(course) == HOME
    assert {name: (course / name).read_text() for name in once} == once
    assert f"git clone {HOME}" in tables.filled("README.md", course)
    assert "button for **Colab**" in tables.filled("README.md", course)
    monkeypatch.setattr(build, "ROOT", course)
    lesson = build.generate(build.products(["03"])[0])
    assert (
        "colab.research.google.com/github/ada/cnn-course/blob/v0.1.0/notebooks/03_mnist_cnn.ipynb"
        in lesson.cells[0].source
    )
    assert "mybinder.org/v2/gh/ada/cnn-course/v0.1.0?urlpath=lab/tree/notebooks/03" in lesson.cells[0].source
    assert lesson.cells[0].source.startswith("# 03 · ")
    assert lint.missing_alt_text(lesson.cells[0].source) is False
    setup = lesson.cells[1]
    assert setup.metadata.tags == ["setup"]
    assert len(setup.source.splitlines()) == 2
    assert f"{HOME.replace('github.com', 'raw.githubusercontent.com')}/v0.1.0/tools/colab.py" in setup.source


def test_a_new_address_replaces_the_old_one(course):
    git(course, "remote", "add", "origin", "git@github.com:ada/old.git")
    address.stamp(course)
    git(course, "remote", "set-url", "origin", HOME)
    assert address.stamp(course) == HOME
    for name in ("pyproject.toml", "CITATION.cff", "tools/colab.py"):
        text = (course / name).read_text()
        assert "ada/old" not in text
        assert text.count(HOME) == 1


def test_colab_s_two_lines_do_nothing_elsewhere(course, monkeypatch, tmp_path):
    git(course, "remote", "add", "origin", HOME)
    address.stamp(course)
    code = address.setup_cell(course)
    monkeypatch.setitem(sys.modules, "urllib.request", types.SimpleNamespace())  # fetching would fail
    exec(code, {})


@pytest.fixture
def in_colab(course, serve, tmp_path, monkeypatch):
    """Stand-ins for Colab, for the page that gives the file, and for the repository: all on this machine."""
    origin, folder = tmp_path / "origin", tmp_path / "content"
    shutil.copytree(course / "helpers", origin / "helpers")
    shutil.copy(course / "requirements.txt", origin)
    git(tmp_path, "init", "-q", str(origin))
    git(origin, "add", ".")
    git(origin, "commit", "-qm", "x")
    git(origin, "tag", address.tag(course))
    git(course, "remote", "add", "origin", HOME)
    address.stamp(course)
    file = (course / "tools/colab.py").read_text(encoding="utf-8").replace(HOME, str(origin))
    drive = types.SimpleNamespace(mount=lambda place: mounted.append(place))
    mounted = []
    server = serve(file.replace("/content/drive", str(tmp_path / "drive")).encode())
    monkeypatch.setitem(sys.modules, "google.colab", types.SimpleNamespace(drive=drive))
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setenv("COURSE_FOLDER", "")
    monkeypatch.delenv("COURSE_FOLDER")
    folder.mkdir()
    monkeypatch.chdir(folder)
    code = re.sub(r'urlopen\(".*?"\)', f'urlopen("{server.remote.url}")', address.setup_cell(course))
    return types.SimpleNamespace(code=code, folder=folder, mounted=mounted, drive=tmp_path / "drive")


def test_the_course_arrives_in_colab_and_survives_a_restart(in_colab):
    exec(in_colab.code, {})
    place = str(in_colab.folder / "course")
    assert sys.path[0] == place
    assert (in_colab.folder / "course/helpers/course.py").exists()
    exec(in_colab.code, {})  # run once more: nothing breaks, nothing is there twice
    assert sys.path.count(place) == 1
    sys.path.remove(place)
    exec(in_colab.code, {})  # as after a restart of the runtime: the folder is there, the path is not
    assert sys.path[0] == place
    assert Path.cwd() == in_colab.folder
    assert in_colab.mounted == []  # nothing goes to Google Drive unless the student says so


def test_files_go_to_drive_if_the_student_says_so(in_colab):
    exec(in_colab.code, {"SAVE_TO_DRIVE": True})
    assert in_colab.mounted == [str(in_colab.drive)]
    assert Path.cwd() == in_colab.drive / "MyDrive" / "convolutional-networks"


def test_colab_installs_only_what_is_missing(root):
    requirements = (root / "requirements.txt").read_text()
    assert "surely-not-installed>=1" in colab.missing(requirements + "surely-not-installed>=1\nnumpy>=99\n")
    assert not any(
        line.startswith(("numpy", "tensorflow", "keras", "jupyterlab"))
        for line in colab.missing("numpy>=99\n")
    )


def test_an_old_version_in_the_file_for_colab_is_found(root, monkeypatch):
    monkeypatch.setattr(colab, "TAG", "v9.9.9")
    assert "tools/colab.py: old address or version; run `make stamp`" in list(lint.other_problems())
