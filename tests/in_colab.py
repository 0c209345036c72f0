"""Lessons as they run in Colab: a bare folder, Colab's versions, and a repository on this machine."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools import build

FOLDER = build.ROOT / "build" / "colab"
VERSIONS = Path(__file__).parent / "colab-versions.txt"
PYTHON = FOLDER / "environment" / "bin" / "python"
NEVER_TOUCHED = (
    "import keras, numpy, tensorflow; print(keras.__version__, numpy.__version__, tensorflow.__version__)"
)
EXECUTE = """
import sys, nbformat
from nbclient import NotebookClient
notebook = nbformat.read(sys.argv[1], 4)
for cell in notebook.cells:
    cell.source = cell.source.replace(sys.argv[2], sys.argv[3])
NotebookClient(notebook, timeout=900, kernel_name="python3", resources={"metadata": {"path": "."}}).execute()
print("".join(o.get("text", "") for c in notebook.cells for o in c.get("outputs", [])))
"""


@pytest.fixture(scope="module")
def environment():
    """An environment with Colab's packages, made anew when the list changes or another test has added to it."""
    stamp, wanted = FOLDER / "stamp", VERSIONS.read_text(encoding="utf-8")
    if not stamp.is_file() or stamp.read_text(encoding="utf-8") != wanted:
        shutil.rmtree(FOLDER, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", PYTHON.parent.parent], check=True)
        pip = [PYTHON, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "-r", VERSIONS]
        subprocess.run(pip, check=True)
        stamp.write_text(wanted, encoding="utf-8")
    added = [PYTHON, "-m", "pip", "uninstall", "--quiet", "--yes", "mlxtend", "pooch", "graphviz-pure"]
    subprocess.run(added, check=True, capture_output=True)
    return PYTHON


@pytest.fixture(scope="module")
def origin(tmp_path_factory):
    """A clone of the repository as it stands, with the tag that the notebooks ask for."""
    folder = tmp_path_factory.mktemp("origin") / "course"
    subprocess.run(["git", "clone", "-q", build.ROOT, folder], check=True)
    tag = re.search(
        r'"(v[\d.]+)"', (build.ROOT / "sources/lessons/01_convolution_by_hand.py").read_text()
    ).group(1)
    subprocess.run(["git", "-C", folder, "tag", "-f", tag], check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """What a student has who fetched the data: here the drawn animals in place of the photographs, and VGG16."""
    folder = tmp_path_factory.mktemp("data")
    shutil.copytree(build.ROOT / "data/samples/cats_vs_dogs", folder, dirs_exist_ok=True)
    weights = build.ROOT / "build/no-data/vgg16_imagenet_notop.weights.h5"
    if not weights.is_file():
        fetch = "from helpers import pretrained; pretrained.vgg16_base((32, 32, 3))"
        settings = {**os.environ, "COURSE_DATA_DIR": str(weights.parent)}
        subprocess.run([sys.executable, "-c", fetch], cwd=build.ROOT, env=settings, check=True)
    (folder / weights.name).symlink_to(weights)
    return folder


@pytest.mark.parametrize("number", ["01", "03", "06"])
def test_lesson_runs_in_a_bare_folder_with_colabs_versions(number, environment, origin, data, tmp_path):
    (lesson,) = (product for product in build.products([number]) if product.is_lesson)
    shutil.copy(origin / lesson.notebook.relative_to(build.ROOT), tmp_path / "lesson.ipynb")
    pretend = tmp_path / "pretend" / "google" / "colab"
    pretend.mkdir(parents=True)
    (pretend / "__init__.py").touch()
    (tmp_path / "pretend" / "sitecustomize.py").write_text("import google.colab\n")
    address = re.search(
        r'REPOSITORY, TAG = "(.*?)"', (tmp_path / "lesson.ipynb").read_text().replace("\\", "")
    )[1]
    settings = {
        name: value for name, value in os.environ.items() if not name.startswith(("COURSE_", "PYTHON"))
    }
    settings |= {
        "COURSE_BUDGET": "reduced",
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
    printed = run("-c", EXECUTE, "lesson.ipynb", address, str(origin))
    assert f"Lesson {number}" in printed
    assert (tmp_path / "course" / "helpers" / "course.py").is_file()
    assert run("-c", NEVER_TOUCHED) == before
