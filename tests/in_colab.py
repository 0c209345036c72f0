"""Lessons as they run in Colab: a bare folder, Colab's versions, and a repository on this machine.

Two lists hold those versions: colab-versions.txt those of the current runtime, colab-versions-previous.txt those of the
one before. ``COLAB_VERSIONS`` chooses: COLAB_VERSIONS=colab-versions-previous.txt make test-colab. The first line of a
list names Colab's Python; any other that the course supports will do here.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools import build

VERSIONS = Path(__file__).parent / os.environ.get("COLAB_VERSIONS", "colab-versions.txt")
ENVIRONMENT = build.ROOT / "build" / "colab" / VERSIONS.stem
PYTHON = ENVIRONMENT / "bin" / "python"
LESSONS = ("01", "03", "06")
MISSING = ("pooch", "graphviz-pure")  # Colab lacks one of them, and so the first cell must install it
HOME = "https://github.com/somebody/course"  # stands in for the repository's address
RAW = "https://raw.githubusercontent.com/somebody/course"
NEVER_TOUCHED = (
    "import keras, numpy, tensorflow; print(keras.__version__, numpy.__version__, tensorflow.__version__)"
)
EXECUTE = """
import sys, nbformat
from nbclient import NotebookClient
notebook = nbformat.read(sys.argv[1], 4)
NotebookClient(notebook, timeout=900, kernel_name="python3", resources={"metadata": {"path": "."}}).execute()
print("".join(o.get("text", "") for c in notebook.cells for o in c.get("outputs", [])))
"""


@pytest.fixture(scope="module")
def environment():
    """An environment with Colab's packages, made anew when the list changes or another test has added to it."""
    stamp, wanted = ENVIRONMENT / "stamp", VERSIONS.read_text(encoding="utf-8")
    if not stamp.is_file() or stamp.read_text(encoding="utf-8") != wanted:
        shutil.rmtree(ENVIRONMENT, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", ENVIRONMENT], check=True)
        pip = [PYTHON, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "-r", VERSIONS]
        subprocess.run(pip, check=True)
        stamp.write_text(wanted, encoding="utf-8")
    added = [PYTHON, "-m", "pip", "uninstall", "--quiet", "--yes", *MISSING]
    subprocess.run(added, check=True, capture_output=True)
    return PYTHON


@pytest.fixture(scope="module")
def origin(tmp_path_factory):
    """The course as it stands here, stamped with an address, as a repository on this machine with a release.

    Where that address would lead to a server, a path of this machine is put in its place.
    """
    folder = tmp_path_factory.mktemp("origin") / "course"
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=build.ROOT, check=True, capture_output=True, text=True).stdout.split(
        "\0"
    )
    for name in filter(None, names):
        if (build.ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(build.ROOT / name, folder / name)

    def run(*command):
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    run("git", "init", "-q")
    run("git", "remote", "add", "origin", HOME)
    run(sys.executable, "-m", "tools.address")
    run(sys.executable, "-m", "tools.build", "generate", *LESSONS)
    fetcher = folder / "tools" / "colab.py"
    text = fetcher.read_text(encoding="utf-8")
    (tag,) = re.findall(rf'^REPOSITORY, TAG = "{HOME}", "(v[\d.]+)"$', text, flags=re.M)
    fetcher.write_text(text.replace(HOME, str(folder)), encoding="utf-8")
    for lesson in (folder / "notebooks").glob("*.ipynb"):
        text = lesson.read_text(encoding="utf-8")
        lesson.write_text(text.replace(f"{RAW}/{tag}/", f"{folder.as_uri()}/"), encoding="utf-8")
    run("git", "add", ".")
    run("git", "-c", "user.name=Test", "-c", "user.email=test@example.org", "commit", "-qm", "Release")
    run("git", "tag", tag)
    return folder


@pytest.fixture(scope="module")
def weights():
    """VGG16's weights, as tests store them: fetched once."""
    path = build.ROOT / "build/no-data/vgg16_imagenet_notop.weights.h5"
    if not path.is_file():
        fetch = "from helpers import pretrained; pretrained.vgg16_base((32, 32, 3))"
        settings = {**os.environ, "COURSE_DATA": "builtin", "COURSE_DATA_DIR": str(path.parent)}
        subprocess.run([sys.executable, "-c", fetch], cwd=build.ROOT, env=settings, check=True)
    return path


@pytest.fixture
def data(number, request, tmp_path):
    """What a student has who fetched the data: here the drawn animals in place of the photographs, and VGG16."""
    folder = tmp_path / "data"
    shutil.copytree(build.ROOT / "data/samples/cats_vs_dogs", folder)
    if number == "06":
        path = request.getfixturevalue("weights")
        (folder / path.name).symlink_to(path)
    return folder


@pytest.mark.parametrize("number", LESSONS)
def test_lesson_runs_in_a_bare_folder_with_colabs_versions(number, environment, origin, data, tmp_path):
    (lesson,) = (product for product in build.products([number]) if product.is_lesson)
    shutil.copy(origin / lesson.notebook.relative_to(build.ROOT), tmp_path / "lesson.ipynb")
    pretend = tmp_path / "pretend" / "google" / "colab"
    pretend.mkdir(parents=True)
    (pretend / "__init__.py").touch()
    (tmp_path / "pretend" / "sitecustomize.py").write_text("import google.colab\n")
    settings = {
        name: value for name, value in os.environ.items() if not name.startswith(("COURSE_", "PYTHON"))
    }
    settings |= {
        "COURSE_BUDGET": "reduced",
        "COURSE_DATA": "builtin",
        "COURSE_DATA_DIR": str(data),
        "PYTHONPATH": str(tmp_path / "pretend"),
        "PATH": f"{environment.parent}{os.pathsep}{os.environ['PATH']}",
    }

    def run(*command):
        done = subprocess.run(
            [environment, *command], cwd=tmp_path, env=settings, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    before = run("-c", NEVER_TOUCHED)
    printed = run("-c", EXECUTE, "lesson.ipynb")
    assert f"Lesson {number}" in printed
    assert (tmp_path / "course" / "helpers" / "course.py").is_file()
    assert run("-c", NEVER_TOUCHED) == before
