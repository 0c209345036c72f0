"""Setting up: a good environment is never lost, and a student's notebooks are never overwritten.

Most tests run the real program in a small course of its own. The packages are empty modules, and a stand-in for uv
"installs" them, so nothing is fetched and each takes a second or less.
"""

import ast
import contextlib
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import tomllib
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.requirements import Requirement

from tools import bootstrap, commands, copies, environment, files, installer, lab
from tools.environment import GROUPS

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = ("__init__", "bootstrap", "commands", "copies", "environment", "files", "installer", "lab", "locks")
HASH = "--hash=sha256:" + 64 * "0"
posix = pytest.mark.skipif(os.name == "nt", reason="the stand-in for uv is a shell script")

# Options and paths are as for uv; $FAKE says what goes wrong, and $REACHED is touched where something takes long.
FAKE_UV = """#!/bin/sh
linger() { case "$FAKE" in *$1*) touch "$REACHED"; exec sleep 30;; esac; }
for folder; do :; done
case "$*" in
--version) echo "uv 99.0.0";;
"cache dir") echo "${TMPDIR:-/tmp}";;
venv*)
    linger create
    version=$("$5" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    mkdir -p "$folder/bin" "$folder/lib/python$version/site-packages"
    ln -s "$5" "$folder/bin/python"
    echo "version = $version" > "$folder/pyvenv.cfg"
    echo "home = ${5%/*}" >> "$folder/pyvenv.cfg";;
*--dry-run*)
    linger check
    if [ "$FAKE" = offline ]; then echo "cause: no network" >&2; exit 1; fi;;
*)
    while [ "$1" != --python ]; do shift; done
    packages=$(echo "${2%/bin/python}"/lib/python3*/site-packages)
    for option; do case "$option" in --requirement=*)
        for pin in $(grep -oE '^[a-z]+==[0-9]+' "${option#*=}"); do
            if [ "$FAKE" = full ]; then echo "No space left on device" >&2; exit 1; fi
            mkdir -p "$packages/${pin%==*}"
            echo "version = ${pin#*==}" > "$packages/${pin%==*}/__init__.py"
        done;;
    esac; done
    linger install
    case "$FAKE" in *broken*) echo "1 / 0" > "$packages/tensorflow/__init__.py";; esac
    case "$FAKE" in *prove*) printf "import time, os\\nopen(os.environ['REACHED'], 'w').close()\\ntime.sleep(30)" \\
        > "$packages/tensorflow/__init__.py";; esac
    echo "import alpha, helpers, os, sys
print('JupyterLab', alpha.version, os.getcwd(), helpers.__file__, *sys.version_info[:2], *sys.argv[1:], sep='|')" \\
        > "$packages/jupyterlab/__main__.py";;
esac
"""


def lock(*pins: str) -> str:
    """Return a lock file."""
    return "".join(f"{pin} \\\n    {HASH}\n    # via somebody\n" for pin in pins)


class Course:
    """A small course with the real set-up program."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tools = folder.parent / "bin"
        self.reached = folder.parent / "reached"
        for name in PROGRAM:
            self.write(f"tools/{name}.py", (ROOT / f"tools/{name}.py").read_text(encoding="utf-8"))
        self.write("helpers/__init__.py", "")
        self.write("notebooks/START_HERE.md", "# Start here")
        self.write("requirements.lock", lock("jupyterlab==1", "tensorflow==1", "alpha==1"))
        for group in ("tests", "grading", "site"):
            proof = GROUPS[group].proof
            self.write(GROUPS[group].lock, lock(f"{proof}==1"))
        self.write("locks/uv.lock", lock("uv==0.1"))
        self.write("../bin/uv", FAKE_UV)
        (self.tools / "uv").chmod(0o755)

    def write(self, name: str, text: str) -> None:
        """Write a file of the course."""
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_text(text, encoding="utf-8")

    def start(self, *command: object, fake: str = "", **options) -> subprocess.Popen:
        """Start a program in the course, as from a terminal of its own."""
        variables = {
            **{name: value for name, value in os.environ.items() if not name.startswith("COURSE_")},
            "PATH": f"{self.tools}{os.pathsep}{os.environ['PATH']}",
            "PYTHONDONTWRITEBYTECODE": "1",
            "UV_DEFAULT_INDEX": "http://127.0.0.1:9",  # so that pip is not asked for its own
            "FAKE": fake,
            "REACHED": str(self.reached),
            **options,
        }
        return subprocess.Popen(
            [str(word) for word in command],
            cwd=self.folder,
            env=variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str, python: str = sys.executable, **options) -> subprocess.CompletedProcess:
        """Run bootstrap.py to its end."""
        process = self.start(python, "tools/bootstrap.py", *arguments, **options)
        printed, problems = process.communicate(timeout=60)
        return subprocess.CompletedProcess(process.args, process.returncode, printed, problems)

    def lab(self, *arguments: str, **options) -> tuple[str, ...]:
        """Start JupyterLab; return alpha's version, its folder, where it finds ``helpers``, and its Python."""
        done = self.run(*arguments, "lab", "--an-option", **options)
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        self.printed = done.stdout.splitlines()[:-1]
        name, version, folder, helpers, *python, start, option = done.stdout.splitlines()[-1].split("|")
        assert (name, folder, option) == ("JupyterLab", str(self.folder / "my-notebooks"), "--an-option")
        assert start == "--LabApp.default_url=/lab/tree/START_HERE.md"
        assert helpers == str(self.folder / "helpers/__init__.py")
        return version, ".".join(python)

    def reach(self, moment: str, *arguments: str) -> subprocess.Popen:
        """Start bootstrap.py and return it as soon as it is busy with ``moment``."""
        process = self.start(sys.executable, "-u", "tools/bootstrap.py", *arguments, fake=moment)
        while not self.reached.exists():
            assert process.poll() is None, process.communicate()
            time.sleep(0.02)
        return process

    def tidy(self) -> bool:
        """Return whether nothing is left of what was made on the way."""
        return not [
            path.name
            for path in self.folder.glob(".venv*")
            if not path.name.endswith(("venv", "dev", ".lock"))
        ]

    def marker(self) -> Path:
        """Leave a file in the environment and return it: it is there as long as the environment is not made anew."""
        path = self.folder / ".venv/marker"
        path.touch()
        return path


@pytest.fixture
def course(tmp_path):
    """A course, nothing installed yet."""
    return Course(tmp_path / "course")


@pytest.fixture
def ready(course):
    """A course in which JupyterLab was started once."""
    course.lab()
    return course


# --- Which environment is used, and when it is made anew ----------------------------------------------------------


@posix
def test_first_start_makes_an_environment_and_later_ones_use_it(course):
    course.lab()
    assert "at most 490 MB to fetch, 2.0 GB on disk" in "\n".join(course.printed)
    marker = course.marker()
    course.lab(fake="offline")
    assert course.printed == []
    assert marker.exists()
    assert course.tidy()


@posix
def test_a_changed_comment_or_hash_changes_nothing(ready):
    marker = ready.marker()
    ready.write(
        "requirements.lock", "# new\n" + lock("jupyterlab==1", "tensorflow==1", "alpha==1").replace("0", "1")
    )
    ready.write("pyproject.toml", "# new")
    ready.lab(fake="offline")
    assert marker.exists()
    assert ready.printed == []


@posix
def test_a_changed_version_is_installed(ready):
    marker = ready.marker()
    ready.write("requirements.lock", lock("jupyterlab==1", "tensorflow==1", "alpha==2"))
    assert ready.lab()[0] == "2"
    assert not marker.exists()
    assert ready.tidy()


@posix
@pytest.mark.parametrize("trouble", ["offline", "full", "broken"])
def test_what_cannot_be_installed_leaves_the_old_environment_in_use(ready, trouble):
    marker = ready.marker()
    ready.write("requirements.lock", lock("jupyterlab==1", "tensorflow==1", "alpha==2"))
    process = ready.start(sys.executable, "tools/bootstrap.py", "lab", "--an-option", fake=trouble)
    printed, problems = process.communicate()
    assert process.returncode == 0
    assert "JupyterLab|1|" in printed
    assert marker.exists()
    assert ready.tidy()
    (warning,) = (line for line in printed.splitlines() if "stays as it is and is used" in line)
    if trouble == "offline":
        assert problems == ""
        assert warning.startswith("New packages cannot be fetched (no network).")


@posix
def test_without_an_old_environment_a_failure_is_explained(course):
    done = course.run("lab", fake="offline")
    assert done.returncode == 2
    assert "New packages cannot be fetched (no network)." in done.stderr
    assert "Traceback" not in done.stderr
    assert course.tidy()


@posix
def test_tests_do_not_run_with_old_versions(ready):
    assert ready.run("tests").returncode == 0
    ready.write("requirements.lock", lock("jupyterlab==1", "tensorflow==1", "alpha==2"))
    assert ready.run("tests", fake="offline").returncode == 2


@posix
def test_groups_are_added_in_place_and_stay(ready):
    def installed() -> set[str]:
        return {path.parent.name for path in ready.folder.glob(".venv-dev/lib/*/site-packages/*/__init__.py")}

    assert ready.run("tests").returncode == 0
    marker = ready.folder / ".venv-dev/marker"
    marker.touch()
    assert "sphinx" not in installed()
    ready.reach("install", "tests", "site").kill()
    assert ready.run("tests", "site").returncode == 0
    assert marker.exists()
    assert {"jupyterlab", "tensorflow", "alpha", "pytest", "sphinx"} <= installed()
    ready.write("locks/tests.lock", lock("pytest==2"))  # a real change: all is made anew
    assert ready.run("tests").returncode == 0
    assert not marker.exists()
    assert "sphinx" in installed()


@posix
def test_authors_work_in_the_notebooks_themselves(ready):
    done = ready.run("edit")
    assert f"JupyterLab|1|{ready.folder}|" in done.stdout
    assert done.stdout.endswith("|--LabApp.default_url=/lab/tree/notebooks/START_HERE.md\n")


def test_unknown_groups_are_named(capsys):
    with pytest.raises(SystemExit) as stop:
        commands.run(["test"], explicit=False)
    assert stop.value.code == 2
    assert (
        "There is no test. There are: lab, edit, lock, student, grading, tests, site."
        in capsys.readouterr().err
    )


# --- Which Python -------------------------------------------------------------------------------------------------


def other_pythons(*minors: int) -> list[str]:
    """Return other Pythons of this machine."""
    found = []
    for minor in minors:
        command = [f"python3.{minor}", "-c", "import sys; print(sys.executable)"]
        if minor != sys.version_info.minor and shutil.which(command[0]):
            found.append(subprocess.run(command, capture_output=True, text=True).stdout.strip())
    return [path for path in found if path]


@posix
@pytest.mark.parametrize("python", other_pythons(6, 7, 8, 9, 10, 14, 15) or ["none"])
def test_a_good_environment_is_used_whatever_python_is_called(ready, python):
    if python == "none":
        pytest.skip("there is no unsupported Python here")
    marker = ready.marker()
    assert ready.lab(python=python, fake="offline")[1] == f"3.{sys.version_info.minor}"
    assert marker.exists()
    shutil.rmtree(ready.folder / ".venv")
    done = ready.run("lab", python=python)
    assert done.returncode == 2
    assert "needs Python 3.11 to 3.13" in done.stderr


@posix
def test_a_python_that_is_too_old_hands_over(ready):
    """The same as above on a machine that has no such Python."""
    marker = ready.marker()
    pretend = "import runpy, sys; sys.version_info, sys.executable = (3, 6), '/bin/sh'; sys.argv[1:] = ['lab', '-x']"
    process = ready.start(
        sys.executable, "-c", f"{pretend}; runpy.run_path('tools/bootstrap.py', run_name='__main__')"
    )
    assert "JupyterLab|1|" in process.communicate()[0]
    assert marker.exists()


@posix
@pytest.mark.skipif(not other_pythons(11, 12, 13), reason="there is no other supported Python here")
def test_another_python_is_used_when_asked_for_and_then_kept(ready):
    other = other_pythons(11, 12, 13)[0]
    assert ready.lab(python=other)[1] == f"3.{sys.version_info.minor}"  # only found, not asked for
    version = ready.lab("--with-this-python", python=other)[1]
    assert version != f"3.{sys.version_info.minor}"
    marker = ready.marker()
    assert ready.lab("--with-this-python", python=other)[1] == version
    assert ready.lab(fake="offline")[1] == version
    assert marker.exists()
    ready.write("requirements.lock", lock("jupyterlab==1", "tensorflow==1", "alpha==2"))
    assert ready.lab() == ("2", version)


@posix
@pytest.mark.skipif(not other_pythons(11, 12, 13), reason="there is no other supported Python here")
def test_a_python_that_was_asked_for_and_cannot_be_had_is_an_error(ready):
    done = ready.run("--with-this-python", "lab", python=other_pythons(11, 12, 13)[0], fake="offline")
    assert done.returncode == 2
    ready.lab(fake="offline")


@posix
def test_a_python_that_is_gone_is_replaced(ready):
    python = ready.folder / ".venv/bin/python"
    python.unlink()
    python.symlink_to("/no/such/python")
    ready.lab()
    assert any("Preparing" in line for line in ready.printed)


@posix
def test_a_moved_folder_works_without_a_network(ready):
    marker = ready.marker()
    shutil.copytree(ready.folder, ready.folder.parent / "elsewhere", symlinks=True)
    ready.folder = ready.folder.parent / "elsewhere"  # while the old place is still there
    ready.lab(fake="offline")  # compares where `helpers` is found
    assert ready.printed == []
    assert (ready.folder / ".venv" / marker.name).exists()


@pytest.mark.parametrize("version", [(3, 10), (3, 14), (2, 7)])
def test_unsupported_python_is_refused_clearly(version, capsys):
    with pytest.raises(SystemExit) as stop:
        bootstrap.check_python(version)
    assert stop.value.code == 2
    message = capsys.readouterr().err
    assert "needs Python 3.11 to 3.13" in message
    assert "PYTHON=python3.12" in message


def test_an_old_python_can_read_the_program():
    ast.parse((ROOT / "tools/bootstrap.py").read_text(encoding="utf-8"), feature_version=(3, 6))


def test_missing_venv_is_explained(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    with pytest.raises(installer.Failure, match="apt-get install python3-venv"):
        installer.make_with_venv(tmp_path)


def test_missing_python_is_explained():
    command = ["make", "environment", "PYTHON=no-such-python"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode != 0
    assert "Install Python 3.11 to 3.13" in done.stderr


# --- Ended on the way ---------------------------------------------------------------------------------------------


@posix
@pytest.mark.parametrize("moment", ["create", "check", "install", "prove"])
def test_ctrl_c_leaves_the_old_environment_and_no_traceback(ready, moment):
    marker = ready.marker()
    ready.write("requirements.lock", lock("jupyterlab==1", "tensorflow==1", "alpha==2"))
    process = ready.reach(moment, "lab")
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: every program of the group
    printed, problems = process.communicate(timeout=20)
    assert process.returncode == 130
    assert problems.split("\n")[-2:] == ["Stopped. What was installed before is as it was.", ""]
    assert "Traceback" not in printed + problems
    assert marker.exists()
    assert ready.tidy()
    assert ready.lab()[0] == "2"


# Runs a program and kills it at its n-th step: a file or folder about to be made, renamed, removed, a program started.
KILLED_AT = """
import os, runpy, signal, sys
steps_left, script = int(sys.argv[1]), sys.argv[2]
STEPS = {"os.rename", "os.mkdir", "shutil.rmtree", "subprocess.Popen"}
def count(event, details):
    global steps_left
    if event in STEPS or event == "open" and isinstance(details[2], int) and details[2] & (os.O_WRONLY | os.O_RDWR):
        steps_left -= 1
        if not steps_left:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(count)
sys.argv = sys.argv[2:]
runpy.run_path(script, run_name="__main__")
"""


@posix
@pytest.mark.parametrize("steps", [range(first, first + 4) for first in range(1, 41, 4)], ids=str)
def test_killed_at_any_step_the_next_start_recovers(ready, steps):
    present = "1"
    for step in steps:
        newest = str(step + 1)
        ready.write("requirements.lock", lock("jupyterlab==1", "tensorflow==1", f"alpha=={newest}"))
        process = ready.start(sys.executable, "-c", KILLED_AT, step, "tools/bootstrap.py", "student")
        process.communicate()
        assert process.returncode in (0, -signal.SIGKILL)
        found = ready.lab(fake="offline")[0]
        assert found in (present, newest)
        assert ready.tidy()
        present = found
    assert ready.lab()[0] == newest
    if steps.stop > 40:
        assert process.returncode == 0  # so no step was left out


@posix
def test_one_start_waits_for_the_other(course):
    first = course.reach("install", "student")
    second = course.start(sys.executable, "-u", "tools/bootstrap.py", "lab")
    assert second.stdout.readline().startswith("Another start is working on .venv")
    first.kill()
    printed, problems = second.communicate(timeout=20)
    assert "JupyterLab|1|" in printed
    assert problems == ""


def test_a_full_disk_is_noticed_before_anything_is_fetched(monkeypatch, tmp_path):
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: shutil._ntuple_diskusage(0, 0, 1_500_000_000))
    with pytest.raises(installer.Failure, match=r"2000 MB are needed in .*, 1500 MB are free"):
        environment.check_space([tmp_path / "not/yet/there"], 2000)


# --- The installers themselves ------------------------------------------------------------------------------------


@pytest.fixture
def wheels(course):
    """A folder with one tiny package, which has a program, and the course's lock naming it."""
    name = "demo-1-py3-none-any.whl"
    folder = course.folder.parent / "wheels"
    folder.mkdir()
    contents = {
        "alpha/__init__.py": "version = 1\ndef main():\n    import helpers\n    print(helpers.__file__)\n",
        "jupyterlab/__init__.py": "",
        "tensorflow/__init__.py": "",
        "demo-1.dist-info/METADATA": "Metadata-Version: 2.1\nName: demo\nVersion: 1\n",
        "demo-1.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "demo-1.dist-info/entry_points.txt": "[console_scripts]\ndemo = alpha:main\n",
    }
    with zipfile.ZipFile(folder / name, "w") as wheel:
        for path, text in contents.items():
            wheel.writestr(path, text)
        wheel.writestr("demo-1.dist-info/RECORD", "".join(f"{path},,\n" for path in contents))
    digest = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    course.write("requirements.lock", f"demo==1 \\\n    --hash=sha256:{digest}\n")
    return {
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(folder),
        "UV_OFFLINE": "1",
        "UV_FIND_LINKS": str(folder),
    }


def real_uv() -> str | None:
    """Return a uv of this machine that fits."""
    wanted = installer.version_in((ROOT / "locks/uv.lock").read_text(encoding="utf-8"))
    candidates = [shutil.which("uv"), str(installer.python_in(ROOT / ".venv-uv").with_name("uv"))]
    return next((program for program in candidates if program and installer.fits(program, wanted)), None)


@posix
@pytest.mark.parametrize("tool", ["pip", "uv"])
def test_programs_work_after_the_renaming_and_after_a_move(course, wheels, tool):
    if tool == "uv":
        if not (uv := real_uv()):
            pytest.skip("there is no uv here")
        shutil.copy(uv, course.tools / "uv")
    done = course.run("student", COURSE_INSTALLER=tool, **wheels)
    assert done.returncode == 0, done.stdout + done.stderr
    assert course.tidy()
    for folder in (course.folder, course.folder.with_name("elsewhere")):
        if not folder.exists():
            course.folder.rename(folder)
            course.folder = folder
            assert course.run("student").returncode == 0
        printed = subprocess.run(
            [folder / ".venv/bin/demo"], capture_output=True, text=True, check=True
        ).stdout
        assert printed.strip() == str(folder / "helpers/__init__.py")


def test_pip_installs_where_uv_cannot_be_had(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("COURSE_INSTALLER", raising=False)
    monkeypatch.setattr(installer, "fetch", lambda _folder, _lock: False)
    (tmp_path / "locks").mkdir()
    (tmp_path / "locks/uv.lock").write_text(lock("uv==1.0"))
    assert isinstance(installer.choose(tmp_path), installer.Pip)
    assert "pip installs" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("printed", "fits"), [("uv 1.2.3 (x86_64)", True), ("uv 1.2.10", True), ("uv 1.2.2", False), ("", False)]
)
def test_a_uv_that_is_too_old_is_not_used(monkeypatch, printed, fits):
    done = subprocess.CompletedProcess([], 0, printed)
    monkeypatch.setattr(installer, "run", lambda _command: done)
    assert installer.fits("uv", (1, 2, 3)) == fits


def test_what_is_configured_for_pip_counts_for_uv(monkeypatch, tmp_path):
    for name in list(os.environ):
        if name.startswith("UV_") or name in ("SSL_CERT_FILE", "ALL_PROXY"):
            monkeypatch.delenv(name)
    printed = """
:env:.extra-index-url='https://example.org/a\\nhttps://example.org/b'
:env:.index-url='https://example.org/mine'
global.cert='my certificate.pem'
global.find-links='one two'
global.index-url='https://example.org/ours'
install.no-compile='true'
"""
    monkeypatch.setattr(installer, "run", lambda _command: subprocess.CompletedProcess([], 0, printed))
    assert installer.pip_settings(tmp_path) == {
        "UV_DEFAULT_INDEX": "https://example.org/mine",
        "UV_INDEX": "https://example.org/a https://example.org/b",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_FIND_LINKS": "one,two",
        "SSL_CERT_FILE": "my certificate.pem",
    }
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://example.org/own")
    assert installer.pip_settings(tmp_path) == {}


def test_settings_of_jupyterlab_are_written(tmp_path):
    lab.write_settings(tmp_path)
    settings_file = tmp_path / "share/jupyter/lab/settings/overrides.json"
    assert '"fetchNews": "false"' in settings_file.read_text()
    (workspace,) = lab.workspaces(tmp_path).iterdir()
    assert json.loads(workspace.read_text())["metadata"] == {"id": "default"}


# --- The student's notebooks --------------------------------------------------------------------------------------

LESSON = "01_lesson.ipynb"


def notebook(text: str, kernel: str = "python3") -> str:
    """Return a notebook with one cell."""
    cell = {"cell_type": "code", "source": [text], "outputs": [], "execution_count": None, "metadata": {}}
    return json.dumps({"cells": [cell], "metadata": {"kernelspec": {"name": kernel}}, "nbformat": 4})


@pytest.fixture
def folders(tmp_path):
    """The course's notebooks and the student's, after a first start."""
    own = tmp_path / "my-notebooks"
    course = tmp_path / "notebooks"
    for folder in ("labs/.ipynb_checkpoints", "files/01"):
        (course / folder).mkdir(parents=True)
        (course / folder / "written.ipynb").write_text(notebook("by a run"))
    (course / "START_HERE.md").write_text("# Start")
    for name in (LESSON, f"labs/{LESSON}"):
        (course / name).write_text(notebook("one"))
    copies.update(course, own)
    return course, own


def contents(own: Path) -> dict[str, str]:
    """Return the student's files that one sees."""
    found = (path for path in own.rglob("*") if path.is_file() and not path.name.startswith("."))
    return {path.relative_to(own).as_posix(): path.read_text() for path in found}


def test_notebooks_are_copied_and_followed(folders, capsys):
    course, own = folders
    assert set(contents(own)) == {"START_HERE.md", LESSON, f"labs/{LESSON}"}
    (course / LESSON).write_text(notebook("two"))
    (course / "02_new.ipynb").write_text(notebook("new"))
    (own / "START_HERE.md").unlink()  # comes back
    copies.update(course, own)
    expected = {
        LESSON: notebook("two"),
        "02_new.ipynb": notebook("new"),
        f"labs/{LESSON}": notebook("one"),
        "START_HERE.md": "# Start",
    }
    assert contents(own) == expected
    assert capsys.readouterr().out.splitlines() == [
        "Files copied to my-notebooks: 2. Work there; the course itself stays as it is.",
        "Files updated in my-notebooks, none of which you had changed: 1.",
    ]
    copies.update(course, own)
    assert capsys.readouterr().out == ""


def test_a_changed_copy_is_not_touched_and_a_newer_version_put_beside_it(folders, capsys):
    course, own = folders
    beside = own / "01_lesson (new version).ipynb"
    (own / LESSON).write_text(notebook("mine"))
    copies.update(course, own)
    assert not beside.exists()  # the course has nothing newer
    capsys.readouterr()
    (course / LESSON).write_text(notebook("two"))
    copies.update(course, own)
    assert (own / LESSON).read_text() == notebook("mine")
    assert beside.read_text() == notebook("two")
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith(
        "You have changed 01_lesson.ipynb. The course has a newer version: see '01_lesson (new"
    )
    beside.unlink()  # seen, not wanted
    copies.update(course, own)
    assert not beside.exists()
    assert capsys.readouterr().out == ""


def test_a_newer_version_that_was_worked_in_is_a_student_s_work_too(folders):
    course, own = folders
    (own / LESSON).write_text(notebook("mine"))
    for version in ("two", "three"):
        (course / LESSON).write_text(notebook(version))
        copies.update(course, own)
        assert (own / "01_lesson (new version).ipynb").read_text() == notebook(version)
    (own / "01_lesson (new version).ipynb").write_text(notebook("also mine"))
    (course / LESSON).write_text(notebook("four"))
    copies.update(course, own)
    assert (own / LESSON).read_text() == notebook("mine")
    assert (own / "01_lesson (new version).ipynb").read_text() == notebook("also mine")
    assert (own / "01_lesson (new version 2).ipynb").read_text() == notebook("four")


def test_what_jupyterlab_notes_about_the_kernel_is_no_change(folders):
    course, own = folders
    (own / LESSON).write_text(notebook("one", kernel="another"))
    (course / LESSON).write_text(notebook("two"))
    copies.update(course, own)
    assert (own / LESSON).read_text() == notebook("two")


def test_without_its_notes_nothing_is_overwritten(folders):
    course, own = folders
    (own / copies.NOTES).write_text("{")
    (own / LESSON).write_text(notebook("mine"))
    (course / f"labs/{LESSON}").write_text(notebook("two"))
    copies.update(course, own)
    assert (own / LESSON).read_text() == notebook("mine")
    assert (own / f"labs/{LESSON}").read_text() == notebook("one")
    assert (own / "labs/01_lesson (new version).ipynb").read_text() == notebook("two")


class Killed(BaseException):
    """The program is no more."""


@given(st.lists(st.tuples(st.sampled_from(["course", "student", "both"]), st.integers(0, 6)), max_size=6))
@settings(max_examples=40)
def test_work_survives_whatever_happens_in_whatever_order(tmp_path_factory, events):
    """Course and student write again and again, and each update may be killed after some writes or none."""
    course, own = (tmp_path_factory.mktemp("course") / name for name in ("notebooks", "my-notebooks"))
    course.mkdir(), own.parent.mkdir(exist_ok=True)
    names = ["a.ipynb", "b.ipynb", "c.md"]
    written: dict[str, str] = {}
    with pytest.MonkeyPatch.context() as patch:
        for number, (who, writes_left) in enumerate([("course", 99), *events, ("course", 99)]):
            for name in names:
                if who in ("course", "both"):
                    (course / name).write_text(notebook(f"course {number}"))
                if who in ("student", "both") and name != "b.ipynb" and (own / name).exists():
                    written[name] = notebook(f"student {number}")
                    (own / name).write_text(written[name])
            left = iter([True] * writes_left)

            def write(path, content, left=left):
                if not next(left, False):
                    raise Killed
                write_really(path, content)

            patch.setattr(copies.files, "write", write)
            with contextlib.suppress(Killed):
                copies.update(course, own)
    for name in names:
        newest = (course / name).read_text()
        if name in written:
            assert (own / name).read_text() == written[name]
            stem, suffix = name.split(".")
            assert newest in {path.read_text() for path in own.glob(f"{stem} (new version*).{suffix}")}
        else:
            assert (own / name).read_text() == newest
            assert not list(own.glob(f"{name[0]} (new*"))


write_really = files.write


# --- What is installed --------------------------------------------------------------------------------------------


def pins(text: str) -> dict[str, str]:
    """Return the version of each package in a lock; two where systems differ are joined."""
    found = re.findall(r"^([\w.-]+)==([\w.+!-]+)", text, re.MULTILINE)
    return {name.lower(): " ".join(version for other, version in found if other == name) for name, _ in found}


LOCKS = {name: (ROOT / group.lock).read_text(encoding="utf-8") for name, group in GROUPS.items()}


@pytest.fixture(scope="module")
def extras():
    """What pyproject.toml says that each group needs."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = {
        name: [Requirement(line) for line in lines]
        for name, lines in project["optional-dependencies"].items()
    }
    lines = (ROOT / "requirements.txt").read_text() + (ROOT / "locks/student.txt").read_text()
    student = [Requirement(line) for line in lines.splitlines() if line and not line.startswith("#")]
    return {"student": student, **needed}


def test_each_group_has_a_lock(extras):
    assert set(extras) == set(GROUPS)


@pytest.mark.parametrize("group", GROUPS)
def test_locks_are_complete_hashed_and_name_no_index(group, extras):
    assert not re.search(r"https?:|--index|--find-links|file:|build/together", LOCKS[group])
    for block in re.findall(r"^\S.*\n(?:\s.*\n)*", LOCKS[group], re.MULTILINE):
        assert re.match(r"[\w.-]+==[^\n]+\\\n    --hash=sha256:[0-9a-f]{64}", block), block[:60]
    available = pins(LOCKS[group]) if GROUPS[group].alone else pins(LOCKS["student"]) | pins(LOCKS[group])
    for requirement in extras[group]:
        assert available[requirement.name.lower()] in requirement.specifier, requirement


def test_locks_name_the_same_versions_and_serve_every_system():
    everything = {}
    for text in LOCKS.values():
        for name, version in pins(text).items():
            assert everything.setdefault(name, version) == version, name
    assert everything["tensorflow"] == everything["tensorflow-cpu"]
    for system in ("win32", "darwin"):
        assert f"sys_platform == '{system}'" in LOCKS["student"]
    for name in ("grading", "tests"):  # these are installed together with the student's
        heads = re.findall(r"^\S.*", LOCKS[name], re.MULTILINE)
        assert not set(heads) & set(re.findall(r"^\S.*", LOCKS["student"], re.MULTILINE))


def test_locks_hold_the_files_of_every_system_and_python():
    """A lock made from a partial index has hashes of one system only."""
    for block in re.findall(r"^\S.*\n(?:\s.*\n)*", "".join(LOCKS.values()), re.MULTILINE):
        name = block.partition("==")[0]
        if name in (
            "charset-normalizer",
            "h5py",
            "matplotlib",
            "numpy",
            "pillow",
            "pyzmq",
            "scikit-learn",
            "scipy",
        ):
            assert block.count("--hash=") >= 12, name


def test_conda_and_binder_make_the_course_importable_in_the_same_way():
    hook = ROOT / "postBuild"
    (options,) = re.findall(r"pip install --quiet (.*)", hook.read_text(encoding="utf-8"))
    assert f"`pip install {options}`" in (ROOT / "INSTALL.md").read_text(encoding="utf-8")
    assert os.name == "nt" or os.access(hook, os.X_OK)


def test_binder_starts_jupyterlab_with_few_pools_of_memory():
    command = [ROOT / "start", sys.executable, "-c", f"import os; print(os.environ[{lab.FEW_POOLS[0]!r}])"]
    assert subprocess.run(command, capture_output=True, text=True).stdout.strip() == lab.FEW_POOLS[1]


def test_students_get_no_tools_of_contributors():
    assert not {
        "nbgrader",
        "jupyterlab-rise",
        "jupytext",
        "sphinx",
        "pytest",
        "pandas",
        "scikit-learn",
    } & set(pins(LOCKS["student"]))


def test_students_have_what_lessons_and_helpers_import():
    student = pins(LOCKS["student"])
    own = {"helpers", "google", *sys.stdlib_module_names}  # Colab has google.colab
    packages = packages_distributions()
    for path in [*(ROOT / "helpers").rglob("*.py"), *(ROOT / "sources").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            modules += (
                [node.module] if isinstance(node, ast.ImportFrom) and node.module and not node.level else []
            )
            for module in {module.split(".")[0] for module in modules} - own:
                names = {name.lower().replace("_", "-") for name in packages.get(module, [])}
                assert names & set(student), f"{path.name}: {module}"
