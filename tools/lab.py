"""JupyterLab: how it looks at first, and how it is started."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

from tools.bootstrap import become

CONTENTS = "@jupyterlab/toc:plugin"  # JupyterLab's name of the table of contents
SETTINGS = {  # never ask a network for news
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/docmanager-extension:plugin": {"defaultViewers": {"markdown": "Markdown Preview"}},
    "@jupyterlab/filebrowser-extension:browser": {"showLastModifiedColumn": False},
    "@jupyterlab/application-extension:shell": {
        "layout": {"single": {}, "multiple": {"Table of Contents": {"area": "right"}}}
    },
}
WORKSPACE = {
    "data": {
        "layout-restorer:data": {
            "main": {"dock": {"type": "tab-area", "currentIndex": 0, "widgets": []}, "current": ""},
            "left": {
                "collapsed": False,
                "visible": True,
                "current": "filebrowser",
                "widgets": ["filebrowser"],
            },
            "right": {"collapsed": False, "visible": True, "current": CONTENTS, "widgets": [CONTENTS]},
            "relativeSizes": [0.18, 0.64, 0.18],
        }
    },
    "metadata": {"id": "default"},
}


# glibc keeps a pool of memory for each thread, and TensorFlow has many: with two pools kernels stay smaller
FEW_POOLS = ("MALLOC_ARENA_MAX", "2")


def workspaces(environment: Path) -> Path:
    """Return the folder in which JupyterLab keeps what is open and where."""
    return environment / "share/jupyter/lab/workspaces"


def write_settings(environment: Path) -> None:
    """Make JupyterLab start with a table of contents, show pages rather than their source, and ask for no news."""
    for path, content in (
        (environment / "share/jupyter/lab/settings/overrides.json", SETTINGS),
        # the name that JupyterLab gives to the file of its default workspace
        (workspaces(environment) / "default-37a8.jupyterlab-workspace", WORKSPACE),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content), encoding="utf-8")


def open_lab(environment: Path, python: Path, folder: Path, page: str, arguments: Sequence[str]) -> int:
    """Open JupyterLab in ``folder`` on ``page`` and give it ``arguments``."""
    os.environ.setdefault("JUPYTERLAB_WORKSPACES_DIR", str(workspaces(environment)))
    os.environ.setdefault(*FEW_POOLS)
    os.chdir(folder)
    return become([str(python), "-m", "jupyterlab", f"--LabApp.default_url=/lab/tree/{page}", *arguments])
