"""Create .venv from requirements.lock, then do what the Makefile asked for.

Runs with whatever Python the machine calls ``python3`` (or ``py`` on Windows), so it must start
even on a version that is too old for the course and say so. Only the standard library is used.

    python3 tools/bootstrap.py            make .venv, or bring it up to date
    python3 tools/bootstrap.py lab        ... and open JupyterLab in notebooks/
"""

import hashlib
import json
import os
import subprocess
import sys

OLDEST = (3, 11)
NEWEST = (3, 13)
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ENVIRONMENT = os.path.join(ROOT, ".venv")
LAB_SETTINGS = os.path.join(ENVIRONMENT, "share", "jupyter", "lab", "settings")
LAB_WORKSPACES = os.path.join(ENVIRONMENT, "share", "jupyter", "lab", "workspaces")
STAMP = os.path.join(ENVIRONMENT, "installed-from")
INPUTS = ("requirements.lock", "pyproject.toml")


def complain(message):
    """Print ``message`` to stderr and stop with exit status 2."""
    sys.stderr.write("\n" + message + "\n\n")
    sys.exit(2)


def check_python(version=None):
    """Stop with a clear message unless this Python can run the course."""
    found = tuple(version or sys.version_info)[:2]
    if not OLDEST <= found <= NEWEST:
        complain(
            "This course needs Python {}.{} to {}.{}; this is Python {}.{} ({}).\n"
            "Install a fitting version from https://www.python.org/downloads/ and name it, for example:\n"
            "    make lab PYTHON=python3.12".format(*(OLDEST + NEWEST + found), sys.executable)
        )
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        complain(
            "This Python has no working 'venv' module, which the course needs to make its own environment.\n"
            "On Debian or Ubuntu:  sudo apt-get install python3-venv\n"
            "Elsewhere: install Python from https://www.python.org/downloads/."
        )


def python_of_environment():
    """Return the path of the environment's interpreter on this operating system."""
    folder, name = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")
    return os.path.join(ENVIRONMENT, folder, name)


def fingerprint():
    """Return a digest of everything the environment is made from."""
    digest = hashlib.sha256(repr(sys.version_info[:2]).encode())
    for name in INPUTS:
        with open(os.path.join(ROOT, name), "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()


def install():
    """Create or update .venv; does nothing when it already matches the lock file."""
    wanted = fingerprint()
    if os.path.exists(STAMP):
        with open(STAMP) as file:
            if file.read() == wanted:
                return
    check_python()
    print(
        "Preparing .venv from requirements.lock (about 3.3 GB on disk, once; a few minutes) ...", flush=True
    )
    pip = [python_of_environment(), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    steps = [
        [sys.executable, "-m", "venv", "--clear", ENVIRONMENT],
        [*pip, "--require-hashes", "--requirement", os.path.join(ROOT, "requirements.lock")],
        [*pip, "--no-deps", "--no-build-isolation", "--editable", ROOT],
    ]
    for step in steps:
        if subprocess.call(step) != 0:
            complain(
                "Preparing .venv failed at: {}\nThe lines above say why. Without a network nothing can be "
                "installed; otherwise run the same command again: it starts afresh.".format(" ".join(step))
            )
    write_lab_settings()
    with open(STAMP, "w") as file:
        file.write(wanted)


def write_lab_settings():
    """Make JupyterLab start on the page START_HERE, with a table of contents, and never ask a network for news."""
    contents = "@jupyterlab/toc:plugin"  # the name of the panel
    overrides = {
        "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
        "@jupyterlab/docmanager-extension:plugin": {"defaultViewers": {"markdown": "Markdown Preview"}},
        "@jupyterlab/filebrowser-extension:browser": {"showLastModifiedColumn": False},
        "@jupyterlab/application-extension:shell": {
            "layout": {"single": {}, "multiple": {"Table of Contents": {"area": "right"}}}
        },
    }
    workspace = {
        "data": {
            "layout-restorer:data": {
                "main": {"dock": {"type": "tab-area", "currentIndex": 0, "widgets": []}, "current": ""},
                "left": {
                    "collapsed": False,
                    "visible": True,
                    "current": "filebrowser",
                    "widgets": ["filebrowser"],
                },
                "right": {"collapsed": False, "visible": True, "current": contents, "widgets": [contents]},
                "relativeSizes": [0.18, 0.64, 0.18],
            }
        },
        "metadata": {"id": "default"},
    }
    # The name that JupyterLab gives to the file of its default workspace.
    for folder, name, content in (
        (LAB_SETTINGS, "overrides.json", overrides),
        (LAB_WORKSPACES, "default-37a8.jupyterlab-workspace", workspace),
    ):
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, name), "w") as file:
            json.dump(content, file)


def main(arguments):
    """Install, then open JupyterLab if ``lab`` is the first argument."""
    install()
    if arguments[:1] == ["lab"]:
        os.environ.setdefault("JUPYTERLAB_WORKSPACES_DIR", LAB_WORKSPACES)
        start = "--LabApp.default_url=/lab/tree/START_HERE.md"
        command = [python_of_environment(), "-m", "jupyter", "lab", start, *arguments[1:]]
        try:
            return subprocess.call(command, cwd=os.path.join(ROOT, "notebooks"))
        except KeyboardInterrupt:
            return 0
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
